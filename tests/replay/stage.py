"""Where a blog appears: over HTTP, as a feed, in a folder, in a repository, or in several at once."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Iterator
from math import ceil
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.config import Config
from tests.fakes.blog import Blog
from tests.fakes.blog.feeds import LENGTH
from tests.fakes.blog.posts import markdown
from tests.fakes.blog.server import PER_PAGE
from tests.fakes.git.repository import Repository
from tests.replay.author import Act, Joins, Rebuilt, Took, Wrote
from tests.replay.history import LAYOUT
from tests.replay.model import DAY, Eye, Shown

REST = 0.05  # seconds after which a file is taken for whole, here
LONG_AGO = 1_000_000_000.0  # when files were changed: they have rested


class Stage:
    """A blog, and the sources that read it."""

    def __init__(self, kinds: tuple[str, ...], folder: Path, *, cap: int = 12) -> None:
        self.kinds = kinds
        self.blog = self.named = Blog()  # `named`: whose address the operator has written
        self.names = {kind: kind for kind in kinds}
        self.blog.layout = LAYOUT
        self.folder = folder / "posts"
        self.folder.mkdir()
        self.reached = {kinds[0]}  # the others join in later
        self._cap = cap
        self._changes = 0
        self._repository = Repository(folder / "posts.git") if "git" in kinds else None
        self._files: dict[str, bytes] = {}  # as the last commit has them
        self._places = [(self.folder, "folder"), (folder / "posts.git", "git")]

    async def __aenter__(self) -> "Stage":
        await self.blog.start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.blog.stop()
        await self.named.stop()

    def config(self, timeout: str = "10s") -> Config:
        """What the operator has written."""
        web = {"allow_private": True, "pause": "0s"}
        said: dict[str, dict[str, Any]] = {
            "site": {"url": self.named.url, "since": "200d", **web},
            "feed": {"url": f"{self.named.url}atom.xml", **web},
            "folder": {"path": str(self.folder)},
            "git": {"url": self._repository.url if self._repository else ""},
        }
        sources = [{"kind": kind, "name": self.names[kind], **said[kind]} for kind in self.kinds]
        return Config.model_validate(
            {
                "sources": sources,
                "delivery": {"cap": self._cap, "max_age": "14d"},
                "fetch": {"timeout": timeout},
                "cache": str(self.folder.parent / "cache"),
            }
        )

    def eyes(self) -> dict[str, Eye]:
        return {kind: Eye(patience=DAY if kind == "site" else 0.0) for kind in self.kinds}

    def shown(self, kind: str) -> Shown:
        """What a source of that kind could see now: a feed has the newest posts only."""
        posts = self.blog.newest()[: LENGTH if kind == "feed" else None]
        if kind in ("site", "feed"):
            return [(self.blog.path(post), post) for post in posts]
        return [(f"{post.date}/{post.name}", post) for post in posts]

    @property
    def pages(self) -> int:
        """How many pages the lists of posts have, by month."""
        months = Counter(post.date[:7] for post in self.blog.posts.values())
        return sum(ceil(number / PER_PAGE) for number in months.values())

    def change(self, acts: tuple[Act, ...]) -> None:
        """What the author did, deployed at once."""
        for act in acts:
            if isinstance(act, Wrote):
                self.blog.posts[act.post.key] = act.post
            elif isinstance(act, Took):
                del self.blog.posts[act.key]
            elif isinstance(act, Rebuilt):
                self.blog.theme, self.blog.layout = act.theme, act.layout
            elif isinstance(act, Joins):
                self.reached |= set(self.kinds)
        self.blog.deploy()
        self._changes += 1
        if "folder" in self.kinds:
            self.blog.write(self.folder, at=LONG_AGO + self._changes)
        if self._repository is not None:
            files = {f"Paper/{post.date}/{post.name}.md": markdown(post) for post in self.blog.posts.values()}
            gone = dict.fromkeys(self._files.keys() - files.keys())
            new = {name: data for name, data in files.items() if self._files.get(name) != data}
            self._repository.commit({**gone, **new})
            self._files = files

    @contextlib.contextmanager
    def trouble(self, how: str) -> Iterator[None]:
        """Something goes wrong as long as this lasts."""
        away = set(self.kinds) - self.reached
        if how in ("away", "broken", "cut"):
            away |= {"folder", "git"}
        if how == "first away":
            away.add(self.kinds[0])
        self.blog.failing = self._failing(how)
        if "site" in away:
            self.blog.failing = {"*": 503, "atom.xml": None, "/robots.txt": None}
        if "feed" in away:
            self.blog.failing["atom.xml"] = 503
        moved = [path for path, kind in self._places if kind in away and path.exists()]
        for path in moved:
            path.rename(f"{path}.away")
        try:
            yield
        finally:
            self.blog.failing = {}
            for path in moved:
                Path(f"{path}.away").rename(path)

    def broken(self) -> set[str]:
        """Where the posts are that cannot be had when the server is broken: each third one."""
        return {self.blog.path(post) for post in self.blog.newest()[::3]}

    def _failing(self, how: str) -> dict[str, Any]:
        if how == "broken":
            return {"atom.xml": 500, **dict.fromkeys(self.broken(), 500)}
        return {"away": {"*": 503}, "cut": {"*": _cut}, "half": {"*": _slow}}.get(how, {})

    async def write_on(self) -> None:
        """Write the newest file once more, slowly, while it is looked at."""
        newest = max(self.blog.posts.values(), key=lambda post: (post.date, post.tag))
        file, whole = self.folder / f"Paper/{newest.date}/{newest.name}.md", markdown(newest)
        file.write_bytes(whole[: len(whole) // 2])
        await asyncio.sleep(REST / 2)
        file.write_bytes(whole)


async def _cut(request: web.Request) -> web.StreamResponse:
    """Half an answer, then nothing."""
    response = web.StreamResponse(headers={"Content-Type": "text/html", "Content-Length": "5000"})
    await response.prepare(request)
    await response.write(b"<html><body>")
    if request.transport is not None:
        request.transport.close()
    return response


async def _slow(_request: web.Request) -> web.StreamResponse:
    await asyncio.sleep(3600)
    raise AssertionError
