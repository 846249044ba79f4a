"""How long `paperboy preview` of one post takes, start included; the floor is Python starting at all."""

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

RUNS = 9
ROOT = Path(__file__).parent.parent.parent
SAMPLE = ROOT / "bot" / "samples" / "2026-11-18" / "3DGS.md"


def wall(command: list[str]) -> float:
    """Seconds that a command takes from start to end."""
    before = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=ROOT)
    return time.perf_counter() - before


def longest_post() -> Path:
    """The longest real post, where there are any; else a sample."""
    shared = os.environ.get("PAPERBOY_SHARED")
    found = list(Path(shared, "corpus", "posts").rglob("*.md")) if shared else []
    return max(found, key=lambda path: path.stat().st_size, default=SAMPLE)


def main() -> None:
    """Print the medians for every platform, and their ratio to an empty Python."""
    post = longest_post()
    size = post.stat().st_size / 1e3
    print(f"\nStart to end of `paperboy preview`, one post of {size:.0f} kB, median of {RUNS} runs")
    empty = statistics.median(wall([sys.executable, "-c", ""]) for _ in range(RUNS))
    print(f"  python -c '':          {empty:.3f} s")
    for platform in ("console", "telegram", "discord"):
        command = [sys.executable, "-m", "bot", "preview", str(post), "--platform", platform]
        wall(command)
        median = statistics.median(wall(command) for _ in range(RUNS))
        print(f"  preview, {platform + ':':<13} {median:.3f} s, {median / empty:.1f} times the empty Python")


if __name__ == "__main__":
    main()
