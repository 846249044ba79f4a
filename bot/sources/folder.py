"""A folder of Markdown or HTML files, at any depth."""

import asyncio
import os
import time
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.errors import SourceError
from bot.sources.base import Given, Page, Seen, Unreadable
from bot.sources.files import read_file, spell, walk

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

    async def fetch(self, known: Mapping[str, str]) -> AsyncGenerator[Page | Seen | Unreadable, None]:
        """The files that are new or changed against the known fingerprints, by path; see `Source`."""
        changed, closed = await asyncio.to_thread(self._changed, known)
        for address in closed:
            yield Unreadable(address=address, reason=self._closed(address))
        if any(time.time() - file.modified < REST for file in changed.values()):
            await asyncio.sleep(REST)
            rested, _ = await asyncio.to_thread(self._changed, known)
            changed = {path: rested[path] for path in changed if rested.get(path) == changed[path]}
        for address, file in changed.items():
            yield await asyncio.to_thread(self._read, address, file)

    async def probe(self) -> str:
        """How many posts lie there."""
        found, closed = await asyncio.to_thread(self._changed, {})
        if closed:
            raise SourceError(self._closed(closed[0]))
        return f"{len(found):,} files"

    async def close(self) -> None:
        """Nothing is held open."""

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
