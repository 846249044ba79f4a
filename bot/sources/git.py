"""A git repository of Markdown or HTML files, read with git's own program."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing

from bot.errors import SourceError
from bot.model import RawPost
from bot.sources.base import Given, Page, Unreadable
from bot.sources.git_copy import WHOLE, Broken, Copy
from bot.sources.git_remote import read_remote
from bot.sources.tree import in_order, read_folder, too_large

PATIENCE = 0.5  # seconds for which a look at another place at the same time is waited for


class Git:
    """Reads the files below a folder of a branch, as `Folder` reads those of a disk; see `Source`."""

    def __init__(self, given: Given) -> None:
        """Raises ConfigError where that is no repository."""
        self.name = given.name
        self.every = given.every
        self._folder = read_folder(given.path)
        self._size = given.limits.size
        self._branch = given.branch
        self._seconds = given.limits.seconds * WHOLE
        self._remote = read_remote(given.url, given.token)
        self._copy = Copy(self._remote, branch=given.branch, cache=given.cache, limits=given.limits)

    async def fetch(self, known: Mapping[str, str]) -> AsyncGenerator[Page | Unreadable, None]:
        """The files that are new or changed against the known blobs, by path; see `Source`."""
        left = dict(known)
        async with self._copy.locked(self._seconds) as free:
            if not free:
                raise SourceError(f"{self._remote.shown}: another look at it does not end")
            for again in (False, True):
                try:
                    async with aclosing(self._look(left)) as look:
                        async for found in look:
                            yield found
                    return
                except Broken as exc:
                    if again:
                        raise SourceError(
                            f"{self._remote.shown}: not even a new copy can be read: {exc}"
                        ) from exc
                    await asyncio.to_thread(self._copy.discard)

    async def probe(self) -> str:
        """Bring the copy to the newest commit, unless it is in use; how many posts there are."""
        commit = await self._copy.look_up()
        async with self._copy.locked(PATIENCE) as free:
            if not free:
                return f"is being read now, at {commit[:10]}"
            try:
                await self._copy.update()
                return f"{len(await self._copy.posts(self._folder)):,} posts at {commit[:10]}"
            except Broken:
                return f"{commit[:10]} is the newest commit; copied anew at the next look"

    async def close(self) -> None:
        """Nothing is held open between two looks."""

    async def _look(self, known: dict[str, str]) -> AsyncGenerator[Page | Unreadable, None]:
        """What is not known, which is then; raises Broken where the copy cannot be read."""
        changed = await self._copy.update()
        posts = await self._copy.posts(self._folder)
        wanted = in_order(blob for blob in posts if known.get(blob.address) != blob.id)
        for blob in wanted:
            if blob.size > self._size:
                yield too_large(blob, self._size)
        if small := [blob for blob in wanted if blob.size <= self._size]:
            async with aclosing(self._copy.contents(small)) as contents:
                async for blob, data in contents:
                    known[blob.address] = blob.id
                    path = f"{self._folder}/{blob.address}".lstrip("/")
                    url = self._remote.page(self._branch, path)
                    raw = RawPost(address=blob.address, data=data, url=url)
                    yield Page(address=blob.address, fingerprint=blob.id, raw=raw)
        if changed:
            await self._copy.tidy()


make = Git
