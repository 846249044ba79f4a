"""Cards a second from parsed entries to rendered messages; the floor is escaping and joining their texts."""

import os
import time
from collections.abc import Callable
from html import escape
from pathlib import Path

from bot.adapters import renderer
from bot.digest import read
from bot.formatter import cards
from bot.model import Entry, Language, Post, RawPost, Style
from tests.conftest import SAMPLES

RUNS = 5
WORK = 500  # entries a run at least, so that a few samples measure as well as many posts


def load() -> list[Post]:
    """The real posts, where there are any; else the samples, often enough to be measured."""
    shared = os.environ.get("PAPERBOY_SHARED")
    folder = Path(shared, "corpus", "posts") if shared else SAMPLES
    read_all = (
        read(RawPost(address=str(path), data=path.read_bytes())) for path in sorted(folder.rglob("*.md"))
    )
    posts = [post for post in read_all if isinstance(post, Post)]
    return posts * -(-WORK // sum(len(post.entries) for post in posts))


def floor(entry: Entry) -> str:
    """The least that any renderer does."""
    paper = entry.paper
    links = paper.links
    texts = (paper.title, *paper.authors[:3], entry.summary or "", *entry.takeaways)
    return "\n".join(map(escape, (*texts, links.abs, links.pdf, links.html, links.cool, *links.code)))


def seconds(work: Callable[[], object]) -> float:
    """CPU time of the fastest of some runs."""
    found = []
    for _ in range(RUNS):
        before = time.process_time()
        work()
        found.append(time.process_time() - before)
    return min(found)


def show(posts: list[Post], platform: str, style: Style) -> None:
    """Builds and renders everything once."""
    render = renderer(platform)
    for post in posts:
        for card in cards(post, style=style, language=Language.ZH):
            render(card, Language.ZH)


def main() -> None:
    """Print papers a second for every platform and style, and their ratio to the floor."""
    posts = load()
    entries = [entry for post in posts for entry in post.entries]
    least = seconds(lambda: [floor(entry) for entry in entries]) / len(entries)
    print(f"\nCards from {len(entries)} parsed entries, best of {RUNS} runs, one core")
    print(f"  escape and join:   {1 / least:>9,.0f} papers/s")
    for platform in ("telegram", "discord"):
        for style in Style:
            name = f"{platform}, {style}:"
            each = seconds(lambda p=platform, s=style: show(posts, p, s)) / len(entries)  # type: ignore[misc]
            print(f"  {name:<18} {1 / each:>9,.0f} papers/s, {each / least:.0f} times the floor")


if __name__ == "__main__":
    main()
