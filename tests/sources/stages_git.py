"""Repositories as stages: what is put there is committed, and read by git's own program or over HTTP."""

import asyncio
import shutil
from pathlib import Path
from typing import Self

import pytest

from bot.sources import make
from bot.sources.base import Given, Limits, Source
from tests.fakes.blog import Post
from tests.fakes.blog.posts import markdown
from tests.fakes.git import GIT, Repository
from tests.fakes.github import Repo, Server

ROOT = "source/_posts"


def _files(posts: tuple[Post, ...], *, there: bool = True) -> dict[str | bytes, bytes | str | None]:
    return {f"{ROOT}/Paper/{post.date}/{post.name}.md": markdown(post) if there else None for post in posts}


class GitStage:
    """A repository on this machine, copied by git's own program."""

    always = True

    def __init__(self, folder: Path) -> None:
        if not GIT:
            pytest.skip("there is no git on this machine")
        self._path = folder / "posts.git"
        self._cache = folder / "cache"

    def make(self) -> Source:
        limits = Limits(seconds=20)
        url = str(self._path)
        return make(
            "git", Given(name="stage", every=3600, url=url, path=ROOT, cache=self._cache, limits=limits)
        )

    async def __aenter__(self) -> Self:
        self._repository = await asyncio.to_thread(Repository, self._path)
        return self

    async def __aexit__(self, *exc: object) -> None: ...

    async def put(self, *posts: Post) -> None:
        await asyncio.to_thread(self._repository.commit, _files(posts))

    async def remove(self, *posts: Post) -> None:
        await asyncio.to_thread(self._repository.commit, _files(posts, there=False))

    async def leave(self) -> None:
        await asyncio.to_thread(shutil.rmtree, self._path)

    def wait(self, seconds: float) -> None:
        """What is committed is seen at once."""


class GitHubStage:
    """A repository on a GitHub, read over HTTP."""

    always = True

    def __init__(self, _folder: Path) -> None:
        self._server = Server()
        self._server.remaining = 10_000
        self._repo = self._server.repos["me/posts"] = Repo()

    def make(self) -> Source:
        limits = Limits(private=True, pause=0, seconds=5)
        url = f"{self._server.url}/me/posts"
        return make("github", Given(name="stage", every=3600, url=url, path=ROOT, limits=limits))

    async def __aenter__(self) -> Self:
        await self._server.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._server.__aexit__()

    async def put(self, *posts: Post) -> None:
        self._repo.push(_files(posts))

    async def remove(self, *posts: Post) -> None:
        self._repo.push(_files(posts, there=False))

    async def leave(self) -> None:
        await self._server.__aexit__()

    def wait(self, seconds: float) -> None:
        """What is pushed is seen at once."""
