"""A folder of Markdown or HTML files, at any depth."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path

from bot.errors import SourceError
from bot.model import RawPost
from bot.sources.base import Page, Unreadable

SUFFIXES = (".md", ".markdown", ".html", ".htm")
MAX_BYTES = 64_000_000  # the longest real post has 0.4 million
REST = 1.0  # seconds that a file has to lie untouched, so that a half-written one is not read


class Folder:
    """Reads the files below a folder; hidden files and folders are left alone."""

    def __init__(self, path: Path, *, every: float, name: str | None = None) -> None:
        self.path = path
        self.every = every
        self.name = name or str(path)

    async def fetch(self, known: Mapping[str, str]) -> AsyncIterator[Page | Unreadable]:
        """The files that are new or changed against the known fingerprints, by path; see `Source`."""
        changed = await asyncio.to_thread(self._changed, known)
        if any(time.time() - modified < REST for _, modified in changed.values()):
            await asyncio.sleep(REST)
            rested = await asyncio.to_thread(self._changed, known)
            changed = {path: rested[path] for path in changed if rested.get(path) == changed[path]}
        for address, (fingerprint, _) in changed.items():
            yield await asyncio.to_thread(self._read, address, fingerprint)

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


def walk(folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    """The path below the folder, and the status, of every post file, in no order.

    Raises:
        OSError: the folder itself cannot be listed; folders below it that cannot are passed over.
    """
    stack = [("", os.scandir(folder))]
    while stack:
        prefix, entries = stack.pop()
        with entries:
            for item in entries:
                if item.name.startswith("."):
                    continue
                try:
                    if item.is_dir(follow_symlinks=False):
                        stack.append((f"{prefix}{item.name}/", os.scandir(item.path)))
                    elif item.name.lower().endswith(SUFFIXES) and item.is_file():
                        yield prefix + item.name, item.stat()
                except OSError:  # gone since it was listed, or not ours to read
                    continue


def read_file(path: Path, address: str) -> RawPost:
    """The post in a file.

    Raises:
        SourceError: it is missing, too large, or may not be read.
    """
    try:
        if (size := path.stat().st_size) > MAX_BYTES:
            raise SourceError(f"{path}: {size:,} bytes, more than the {MAX_BYTES:,} that a post may have")
        return RawPost(address=address, data=path.read_bytes())
    except OSError as exc:
        raise SourceError(f"{path}: cannot be read: {exc.strerror}") from exc
