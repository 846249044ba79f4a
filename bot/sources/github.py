"""A repository on GitHub of Markdown or HTML files, read over HTTP: for machines without git."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping

from bot.errors import Busy, SourceError
from bot.model import RawPost
from bot.sources.base import Given, Page, Seen, Unreadable
from bot.sources.github_api import Api
from bot.sources.github_place import read_place
from bot.sources.http import Stamp
from bot.sources.stamps import Fingerprint, parse
from bot.sources.tree import Blob, in_order, too_large

IN_A_ROW = 3  # files that cannot be had, after which no others are asked for


class GitHub:
    """Reads the files below a folder of a branch, as `Git` does and by the same names; see `Source`."""

    def __init__(self, given: Given) -> None:
        """Raises ConfigError where that is no repository of GitHub."""
        self.name = given.name
        self.every = given.every
        self._size = given.limits.size
        self._place = read_place(given.url, branch=given.branch, path=given.path, token=given.token)
        self._api = Api(self._place, token=given.token, limits=given.limits)
        # No post has such a name, and another branch or folder is not known because this one is.
        self._head = f".commit/{self._place.branch or 'HEAD'}:{self._place.folder}"

    async def fetch(self, known: Mapping[str, str]) -> AsyncGenerator[Page | Seen | Unreadable, None]:
        """The files that are new or changed against the known blobs, by path; see `Source`.

        The commit is remembered when all of it has been read; a look that was cut short goes on where
        it ended.
        """
        before = parse(known.get(self._head, ""))
        found = await self._api.commit(before.stamp if before.digest else Stamp())
        if found is None:
            return
        commit, stamp = found
        whole = True
        if commit != before.digest:
            async for page in self._look(commit, known):
                whole = whole and not isinstance(page, Unreadable)
                yield page
        head = Fingerprint(stamp=stamp, digest=commit).write()
        if whole and head != known.get(self._head):
            yield Seen(address=self._head, fingerprint=head)

    async def probe(self) -> str:
        """Ask for the newest commit and its files; how many posts there are."""
        found = await self._api.commit(Stamp())
        if found is None:
            raise SourceError(f"{self._place.url}: says 'not changed' without having been asked")
        commit, _ = found
        return f"{len(await self._api.posts(commit)):,} posts at {commit[:10]}"

    async def close(self) -> None:
        """End the connections."""
        await self._api.close()

    async def _look(self, commit: str, known: Mapping[str, str]) -> AsyncIterator[Page | Unreadable]:
        failed = 0
        for blob in in_order(await self._api.posts(commit)):
            if known.get(blob.address) == blob.id:
                continue
            if blob.size > self._size:
                yield too_large(blob, self._size)
                continue
            try:
                yield await self._read(commit, blob)
                failed = 0
            except Busy:
                raise
            except SourceError as exc:
                if (failed := failed + 1) == IN_A_ROW:
                    raise
                yield Unreadable(address=blob.address, reason=str(exc))

    async def _read(self, commit: str, blob: Blob) -> Page:
        data = await self._api.content(commit, blob)
        raw = RawPost(address=blob.address, data=data, url=self._place.page(blob.address))
        return Page(address=blob.address, fingerprint=blob.id, raw=raw)


make = GitHub
