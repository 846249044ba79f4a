"""Megabytes of Markdown a second, beside markdown-it-py on the same posts; and the memory it takes."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
from markdown_it import MarkdownIt

from bot.digest import read
from bot.model import RawPost

RUNS = 5
POSTS = 40
PAPERS = 9  # a post

_SENTENCE = "Small models learn to see from few pictures; we measure how much ($\\sim$1,250 scenes, 3.2x). "
_FINDING = "小模型从少量图片中学会观察世界，我们测量了它的收益，平均提升 12%，速度提高到原来的 3.2 倍。"
_FRONT = (
    "---\ntitle: NeRF\ndate: 2024-10-27 13:48:00\ncategories: Paper\ntags:\n    - NeRF\n---\n\n"
    ">仅供参考\n\n# 2024-10-27 更新\n\n"
)


def synthetic() -> list[RawPost]:
    """Posts of made-up papers, with the lengths that real ones have."""
    return [RawPost(address=f"2024-10-27/{n}.md", data=_post(n).encode()) for n in range(POSTS)]


def _post(number: int) -> str:
    return _FRONT + "\n".join(_paper(number * PAPERS + nth) for nth in range(PAPERS))


def _paper(number: int) -> str:
    takeaways = "\n".join(f"{nth}. {_FINDING[: 20 + nth]}" for nth in range(1, 8))
    note = "\n\n".join(f"{nth}. **小标题{nth}**：{_FINDING * 4}\n    - (1) {_FINDING}" for nth in range(1, 9))
    figures = "\n".join(
        f'<img src="https://pic1.example.org/v2-{number}{nth}.jpg" align="middle">' for nth in range(4)
    )
    return (
        f"## Seeing With Less: Study {number}\n\n**Authors:Ada Lovelace, Alan Turing, Grace Hopper**\n\n"
        f"{_SENTENCE * 13}\n\n"
        f"[PDF](http://arxiv.org/abs/2410.{number:05}v1) Accepted to CVPR 2024\n\n"
        f"**Summary**\n{_FINDING}\n\n"
        f"**Key Takeaways**\n{takeaways}\n\n**[Note](https://example.org)**\n\n{note}\n\n"
        f"<details>\n  <summary>图</summary>\n{figures}\n</details>\n\n"
    )


def load() -> list[RawPost]:
    """The real posts where there are any, else made-up ones."""
    shared = os.environ.get("PAPERBOY_SHARED")
    paths = sorted(Path(shared, "corpus", "posts").rglob("*.md")) if shared else []
    return [RawPost(address=str(path), data=path.read_bytes()) for path in paths] or synthetic()


def seconds(work: Callable[[RawPost], object], posts: list[RawPost]) -> float:
    """CPU time of the fastest of some runs over all posts."""
    found = []
    for _ in range(RUNS):
        before = time.process_time()
        for post in posts:
            work(post)
        found.append(time.process_time() - before)
    return min(found)


def peak() -> int:
    """Bytes of memory that a process of its own takes at most to read all posts one after another."""
    code = (
        "import tests.benchmarks.bench_reading as b\nfor post in b.load(): b.read(post)\nprint(b.highest())"
    )
    return int(
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    )


def highest() -> int:
    """Bytes of memory that this process has taken at most."""
    try:
        import resource
    except ImportError:  # Windows, which counts it by itself
        return int(psutil.Process().memory_info().peak_wset)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def main() -> None:
    """Print both speeds, their ratio and the memory."""
    posts = load()
    size = sum(len(post.data) for post in posts) / 1e6
    parser = MarkdownIt()
    ours = seconds(read, posts)
    theirs = seconds(lambda post: parser.parse(post.data.decode()), posts)
    print(f"\nReading {len(posts)} posts, {size:.1f} MB of Markdown, best of {RUNS} runs, one core")
    print(f"  paperboy, derived fields included: {size / ours:>6.1f} MB/s")
    print(f"  markdown-it-py, parsing alone:     {size / theirs:>6.1f} MB/s")
    print(f"  ratio:                             {theirs / ours:>6.1f}")
    print(f"  memory, one post after another:    {peak() / 1e6:>6.0f} MB at most")


if __name__ == "__main__":
    main()
