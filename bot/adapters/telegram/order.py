"""A request to the Bot API as it is written to a connection, and whether anything of it may have left."""

import asyncio
import io
from dataclasses import dataclass
from typing import Any

import aiohttp
from yarl import URL

FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A request as it is asked for."""

    method: str
    address: str
    fields: dict[str, str]
    files: dict[str, Any] | None
    write: float | None
    timeout: aiohttp.ClientTimeout

    @property
    def harmless(self) -> bool:
        """Whether it does not matter that it is made twice."""
        called = self.address.rpartition("/")[2]
        return called.startswith(("get", "set")) or called in ("answerCallbackQuery", "answerInlineQuery")

    def body(self) -> "Form | Upload | None":
        """What is sent: a form, with its files where there are some."""
        if self.files:
            return Upload(self.fields, self.files, self.write)
        # yarl encodes a form in C, about ten times as fast as urllib.
        return Form(URL.build(query=self.fields).raw_query_string.encode(), FORM) if self.fields else None


class Form(aiohttp.BytesPayload):
    """Fields."""

    begun = False  # something of it, and of the headers before it, may have left

    def __init__(self, data: bytes, kind: str) -> None:
        super().__init__(data, content_type=kind)

    async def write_with_length(self, writer: Any, content_length: int | None) -> None:
        """Write everything."""
        _check_open(writer)
        self.begun = True
        await super().write_with_length(writer, content_length)


class Upload(aiohttp.MultipartWriter):
    """Fields and files, each piece of which must be taken in time."""

    begun = False

    def __init__(self, fields: dict[str, str], files: dict[str, Any], seconds: float | None) -> None:
        super().__init__("form-data")
        self._seconds = seconds
        for name, value in fields.items():
            self.append(value).set_content_disposition("form-data", quote_fields=False, name=name)
        for name, (filename, content, mimetype) in files.items():
            source = io.BytesIO(content) if isinstance(content, bytes) else content
            part = self.append(source, {"Content-Type": mimetype})
            part.set_content_disposition("form-data", quote_fields=False, name=name, filename=filename)

    async def write(self, writer: Any, close_boundary: bool = True) -> None:
        """Write everything; TimeoutError where the other side takes nothing for too long."""
        _check_open(writer)
        self.begun = True
        await super().write(_Timed(writer, self._seconds), close_boundary)  # type: ignore[arg-type]


class _Timed:
    """A writer whose every write must end in time."""

    def __init__(self, writer: Any, seconds: float | None) -> None:
        self._writer = writer
        self._seconds = seconds

    async def write(self, chunk: bytes) -> None:
        async with asyncio.timeout(self._seconds):
            await self._writer.write(chunk)


def _check_open(writer: Any) -> None:
    if writer.transport is None or writer.transport.is_closing():
        raise aiohttp.ClientConnectionResetError("Cannot write to closing transport")
