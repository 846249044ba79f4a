"""A folder of Markdown or HTML files, at any depth."""

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping
from pathlib import Path

from bot.errors import SourceError
from bot.sources.base import Given, Page, Seen, Unreadable
from bot.sources.files import read_file, walk

REST = 1.0  # seconds that a file has to lie untouched, so that a half-written one is not read


class Folder:
    """Reads the files below a folder; hidden files and folders are left alone."""

    def __init__(self, given: Given) -> None:
        self.path = Path(given.path)
        self.every = given.every
        self.name = given.name

    async def fetch(self, known: Mapping[str, str]) -> AsyncGenerator[Page | Seen | Unreadable, None]:
        """The files that are new or changed against the known fingerprints, by path; see `Source`."""
        changed = await asyncio.to_thread(self._changed, known)
        if any(time.time() - modified < REST for _, modified in changed.values()):
            await asyncio.sleep(REST)
            rested = await asyncio.to_thread(self._changed, known)
            changed = {path: rested[path] for path in changed if rested.get(path) == changed[path]}
        for address, (fingerprint, _) in changed.items():
            yield await asyncio.to_thread(self._read, address, fingerprint)

    async def probe(self) -> str:
        """How many posts lie there."""
        found = await asyncio.to_thread(self._changed, {})
        return f"{len(found):,} files"

    async def close(self) -> None:
        """Nothing is held open."""

    def _changed(self, known: Mapping[str, str]) -> dict[str, tuple[str, float]]:
        """The fingerprint and the time of change of every file that is not known as it is."""
        try:
            found = {
                address: (f"{status.st_size}-{status.st_mtime_ns}", status.st_mtime)
                for address, status in walk(self.path)
            }
        except OSError as exc:
            raise SourceError(
                f"{self.path}: cannot be read: {exc.strerror}; check the path and its rights"
            ) from exc
        return {
            address: found[address] for address in sorted(found) if known.get(address) != found[address][0]
        }

    def _read(self, address: str, fingerprint: str) -> Page | Unreadable:
        try:
            raw = read_file(self.path / address, address)
        except SourceError as exc:
            return Unreadable(address=address, reason=str(exc))
        return Page(address=address, fingerprint=fingerprint, raw=raw)


make = Folder
