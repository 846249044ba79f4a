"""Looks at sources where nothing is new, and the first import of a blog; each beside the least it takes."""

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from bot.collecting import Collecting
from bot.config import Config
from bot.digest import read
from bot.model import RawPost
from bot.sources.files import walk
from bot.storage.database import open_database
from tests.benchmarks.bench_reading import synthetic

KNOWN = 10_000
IMPORTED = 263
LOOKS = 5


async def known() -> None:
    """The time of a look at posts that are all known, beside finding the files and asking for their times."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "posts")
        for number in range(KNOWN):
            day = f"{2000 + number // 3600}-{number // 300 % 12 + 1:02}-{number // 10 % 28 + 1:02}"
            post = folder / day / f"{number}.md"
            post.parent.mkdir(parents=True, exist_ok=True)
            post.write_text(f"# {number} is no digest\n")
            os.utime(post, (1e9, 1e9))
        times, floors = await _looks(name, {"kind": "folder", "path": str(folder)}), []
        for _ in range(LOOKS):
            began = time.perf_counter()
            assert sum(1 for _ in walk(folder)) == KNOWN
            floors.append(time.perf_counter() - began)
        print(
            f"a look at {KNOWN:,} known posts in a folder: {min(times):.3f} s (slowest {max(times):.3f}), "
            f"{min(times) / min(floors):.2f} times finding the files alone"
        )
        if shutil.which("git"):
            by = ("-c", "user.name=A", "-c", "user.email=a@example.org")
            for words in (("init", "-q"), ("add", "."), (*by, "commit", "-q", "-m", "posts")):
                subprocess.run(["git", *words], cwd=folder, check=True)
            times = await _looks(name, {"kind": "git", "url": str(folder)})
            print(f"the same in a git repository: {min(times):.3f} s (slowest {max(times):.3f})")


async def _looks(name: str, source: dict[str, str]) -> list[float]:
    """The seconds of each look after the first."""
    database = await open_database(str(Path(name, f"{source['kind']}.db")))
    config = Config.model_validate({"sources": [source], "cache": str(Path(name, "cache"))})
    collecting = Collecting(config, database, _nothing)
    await collecting.once()
    assert not collecting.trouble
    times = []
    for _ in range(LOOKS):
        began = time.perf_counter()
        await collecting.once()
        times.append(time.perf_counter() - began)
    await database.close()
    return times


def posts(folder: Path) -> float:
    """Write as many posts of made-up papers as a blog has had in a year; the megabytes."""
    made = synthetic()
    total = 0
    for number in range(IMPORTED):
        nth, copy = number % len(made), number // len(made)
        day = f"2024-{copy + 1:02}-{nth % 28 + 1:02}"
        text = made[nth].data.replace(b"2410.", b"24%02d." % (copy + 1)).replace(b"2024-10-27", day.encode())
        text += b"\n<!-- " + b"x" * max(0, 72_000 - len(text)) + b" -->\n"
        file = folder / day / f"{number}.md"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text)
        os.utime(file, (1e9, 1e9))
        total += len(text)
    return total / 1e6


async def first(folder: Path) -> None:
    """Import the posts; what it took."""
    with tempfile.TemporaryDirectory() as name:
        database = await open_database(str(Path(name, "a.db")))
        collecting = Collecting(_config(folder), database, _nothing)
        began = time.perf_counter()
        await collecting.once()
        took = time.perf_counter() - began
        await database.close()
    memory = psutil.Process().memory_info()
    print(took, getattr(memory, "peak_wset", 0) or _peak())


def _peak() -> int:
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def imported() -> None:
    """The first import in a process of its own, beside reading the same posts without keeping anything."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        size = posts(folder)
        found = subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.bench_sources", str(folder)],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()
        began = time.perf_counter()
        for file in folder.rglob("*.md"):
            read(RawPost(address=str(file), data=file.read_bytes()))
        floor = time.perf_counter() - began
    print(
        f"first import of {IMPORTED} posts ({size:.0f} MB): {float(found[0]):.1f} s, "
        f"{int(found[1]) / 1e6:.0f} MB of memory; reading them alone: {floor:.1f} s"
    )


def _config(folder: Path) -> Config:
    return Config.model_validate({"sources": [{"kind": "folder", "path": str(folder)}]})


async def _nothing(*_: object) -> None:
    pass


def main() -> None:
    asyncio.run(known())
    imported()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        asyncio.run(first(Path(sys.argv[1])))
    else:
        main()
