"""Unpacks what comes packed, never more of it at a time than is wanted."""

import zlib
from collections.abc import Iterator
from typing import Protocol

from bot.sources.trouble import Refused

STEP = 1_000_000  # bytes unpacked at a time; 64 kB that were read can hold 64 MB
MEMBERS = 1000  # of one gzip stream; a cheap one is 20 bytes long and holds nothing
GZIP = 31  # zlib's word for a stream with gzip's head and checksum


class Unpack(Protocol):
    """Takes what was read piece by piece."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What is in the next piece; raises Refused where it is not packed as was said."""
        ...

    def finish(self) -> None:
        """Nothing more comes; raises Refused where something is missing."""
        ...


class Plain:
    """For what is not packed."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What is in the next piece."""
        yield data

    def finish(self) -> None:
        """Nothing can be missing."""


class Gunzip:
    """For gzip, of several members too."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(GZIP)
        self._members = 1
        self._begun = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What is in the next piece, in steps; raises Refused where it is not gzip."""
        while data:
            if self._member.eof and not (data := self._next(data)):
                return
            self._begun = True
            try:
                piece = self._member.decompress(data, STEP)
            except zlib.error as exc:
                raise Refused("says that it is packed with gzip, and is not, or is damaged") from exc
            data = self._member.unused_data if self._member.eof else self._member.unconsumed_tail
            if piece:
                yield piece

    def finish(self) -> None:
        """Raises Refused where the end of the stream is missing."""
        if self._begun and not self._member.eof:
            raise Refused("broke off in the middle of what is packed")

    def _next(self, data: bytes) -> bytes:
        """What is left of the piece for the next member; zeros between members are filling."""
        if data := data.lstrip(b"\0"):
            if self._members == MEMBERS:
                raise Refused(f"is packed in more than {MEMBERS:,} parts")
            self._member = zlib.decompressobj(GZIP)
            self._members += 1
        return data


def unpack(encoding: str) -> Unpack:
    """What unpacks a body of this Content-Encoding; raises Refused where nothing does."""
    match encoding.strip().lower():
        case "" | "identity":
            return Plain()
        case "gzip" | "x-gzip":
            return Gunzip()
        case _:
            raise Refused(f"is packed as {encoding[:40]!r}, though only gzip was asked for")
