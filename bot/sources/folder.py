"""A folder of Markdown or HTML files, at any depth."""

import asyncio
import os
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from bot.errors import SourceError
from bot.sources.base import Given, Page, Seen, Unreadable
from bot.sources.files import read_file, spell, walk

P = ParamSpec("P")
T = TypeVar("T")
REST = 1.0  # seconds that a file has to lie untouched, so that a half-written one is not read


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    """A post file that is new or changed."""

    name: str  # as the disk knows it
    fingerprint: str
    modified: float


class Folder:
    """Reads the files below a folder; hidden files and folders are left alone."""

    def __init__(self, given: Given) -> None:
        self.path = Path(given.path)
        self.every = given.every
        self.name = given.name
        self._seconds = given.limits.seconds
        self._asked: asyncio.Future[Any] | None = None  # what the disk was asked for last

    async def fetch(self, known: Mapping[str, str]) -> AsyncGenerator[Page | Seen | Unreadable, None]:
        """The files that are new or changed against the known fingerprints, by path; see `Source`."""
        changed, closed = await self._in_time(self._changed, known)
        for address in closed:
            yield Unreadable(address=address, reason=self._closed(address))
        if any(time.time() - file.modified < REST for file in changed.values()):
            await asyncio.sleep(REST)
            rested, _ = await self._in_time(self._changed, known)
            changed = {path: rested[path] for path in changed if rested.get(path) == changed[path]}
        for address, file in changed.items():
            yield await self._in_time(self._read, address, file)

    async def probe(self) -> str:
        """How many posts lie there."""
        found, closed = await self._in_time(self._changed, {})
        if closed:
            raise SourceError(self._closed(closed[0]))
        return f"{len(found):,} files"

    async def close(self) -> None:
        """Nothing is held open."""

    async def _in_time(self, ask: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What the disk says, unless it hangs, as that of another machine may: it is asked once then."""
        if self._asked is None or self._asked.done():
            asked = asyncio.ensure_future(asyncio.to_thread(ask, *args, **kwargs))
            self._asked = asked
            if (await asyncio.wait({asked}, timeout=self._seconds))[0]:
                return asked.result()
            asked.add_done_callback(lambda asked: asked.cancelled() or asked.exception())
        raise SourceError(f"{self.path}: the disk does not answer; is it of another machine, and is that up?")

    def _changed(self, known: Mapping[str, str]) -> tuple[dict[str, _File], list[str]]:
        """The files that are not known as they are, and the folders that cannot be read, by address."""
        found: dict[str, _File] = {}
        closed = set()
        try:
            for name, status in walk(self.path):
                if status is None:
                    closed.add(spell(name))
                elif known.get(address := spell(name)) != (fingerprint := _fingerprint(status)):
                    found[address] = _File(name=name, fingerprint=fingerprint, modified=status.st_mtime)
        except OSError as exc:
            raise SourceError(
                f"{self.path}: cannot be read: {exc.strerror}; check the path and its rights"
            ) from exc
        return {address: found[address] for address in sorted(found)}, sorted(closed)

    def _closed(self, address: str) -> str:
        return f"{self.path / address}: this folder cannot be read, or not all in it; check the rights"

    def _read(self, address: str, file: _File) -> Page | Unreadable:
        try:
            raw = read_file(self.path / file.name, address)
        except SourceError as exc:
            return Unreadable(address=address, reason=spell(str(exc)))
        return Page(address=address, fingerprint=file.fingerprint, raw=raw)


def _fingerprint(status: os.stat_result) -> str:
    return f"{status.st_size}-{status.st_mtime_ns}"


make = Folder
