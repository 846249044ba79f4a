"""Places where digests appear, made for a test: each kind of source reads the same posts from its own.

A stage is an async context: within it posts are put, changed and removed, and looked at by its sources.
A new kind adds its stage to `STAGES`.
"""

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, Self

from bot.sources import make
from bot.sources.base import Given, Limits, Source
from tests.fakes.blog import Blog, Post, post
from tests.sources.stages_git import GitHubStage, GitStage

DAY = 86_400.0
NEAR = Limits(private=True, pause=0.0, seconds=5.0)  # on this machine, and nobody to be polite to


class Stage(Protocol):
    """One place with posts in it."""

    always: bool  # does each look find what changed in a post, or only one a day?

    def make(self) -> Source:
        """A source that reads it, another one at each call."""
        ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *exc: object) -> None: ...

    async def put(self, *posts: Post) -> None:
        """Let posts appear, or change those of the same date and tag."""
        ...

    async def remove(self, *posts: Post) -> None:
        """Let posts be gone."""
        ...

    async def leave(self) -> None:
        """Let the whole place be gone: its folder, its server."""
        ...

    def wait(self, seconds: float) -> None:
        """Let time pass, by the clock that the sources were given."""
        ...


class FolderStage:
    """A folder of Markdown files."""

    always = True

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "posts"
        self._blog = Blog()
        self._now = time.time() - 30 * DAY  # so that all that is written has rested long enough

    def make(self) -> Source:
        return make("folder", Given(name="stage", every=60.0, path=str(self._folder)))

    async def __aenter__(self) -> Self:
        self._folder.mkdir()
        return self

    async def __aexit__(self, *exc: object) -> None: ...

    async def put(self, *posts: Post) -> None:
        self._blog.put(*posts)
        self._write()

    async def remove(self, *posts: Post) -> None:
        self._blog.remove(*posts)
        self._write()

    async def leave(self) -> None:
        shutil.rmtree(self._folder)

    def wait(self, seconds: float) -> None:
        self._now += seconds

    def _write(self) -> None:
        self._now += 1
        self._blog.write(self._folder, at=self._now)


class BlogStage:
    """A blog, read page by page or by its feed."""

    def __init__(self, kind: str, path: str = "") -> None:
        self.always = kind != "site"
        self.blog = Blog()
        self._kind = kind
        self._path = path
        self._now = max(post.moment for post in SAMPLE).timestamp() + 3600

    def make(self) -> Source:
        return make(
            self._kind,
            Given(
                name="stage",
                every=3600.0,
                url=self.blog.url + self._path,
                limits=NEAR,
                clock=lambda: self._now,
            ),
        )

    async def __aenter__(self) -> Self:
        await self.blog.start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.blog.stop()

    async def put(self, *posts: Post) -> None:
        self.blog.put(*posts)

    async def remove(self, *posts: Post) -> None:
        self.blog.remove(*posts)

    async def leave(self) -> None:
        await self.blog.stop()

    def wait(self, seconds: float) -> None:
        self._now += seconds


SAMPLE = (
    post("2024-12-05", "NeRF", 1, 2),
    post("2024-12-07", "医学图像", 3),
    post("2024-12-07", "Talking Head Generation", 4, 5, 6),
)

STAGES: dict[str, Callable[[Path], Stage]] = {  # by name; each is made with an empty folder to work in
    "folder": FolderStage,
    "site": lambda _: BlogStage("site"),
    "feed": lambda _: BlogStage("feed", "atom.xml"),
    "feed of RSS 2.0": lambda _: BlogStage("feed", "rss2.xml"),
    "feed of RSS 1.0": lambda _: BlogStage("feed", "rss1.xml"),
    "git": GitStage,
    "github": GitHubStage,
}
