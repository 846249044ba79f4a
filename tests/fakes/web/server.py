"""The server: takes requests, remembers them, and does what the first part of the path says."""

import asyncio
import contextlib
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from urllib.parse import unquote

import trustme

from tests.fakes.web.tricks import TRICKS, Line, answer

LONGEST = 20.0  # seconds that a connection lives, whatever the test forgets
AUTHORITY = trustme.CA()
CERTIFICATE = AUTHORITY.issue_cert("blog.test")

__all__ = ["Asked", "Hostile", "answer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request as it came."""

    target: str  # as on the wire
    path: str  # decoded, without the query
    headers: Mapping[str, str]  # names in lower case
    connection: int  # the how-manieth
    at: float  # seconds of the loop


class Hostile:
    """`async with Hostile() as server`: `server.url("drip")` is an address that drips.

    `tricks.TRICKS` names what it can do. `server.says[path]` is the whole answer to give there, as
    bytes or made from the request; this comes before the tricks.
    """

    def __init__(self, *, tls: bool = False, host: str = "127.0.0.1") -> None:
        self.host = host
        self.asked: list[Asked] = []
        self.says: dict[str, bytes | Callable[[Asked], bytes]] = {}
        self.connections = 0
        self._tls = tls
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> "Hostile":
        context = None
        if self._tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            CERTIFICATE.configure_cert(context)
        self._server = await asyncio.start_server(self._meet, self.host, 0, ssl=context)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, where: TracebackType | None
    ) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    def url(self, path: str = "", *, host: str = "") -> str:
        """The address of a path, or of a trick; of the same server under another name."""
        scheme = "https" if self._tls else "http"
        return f"{scheme}://{host or self.host}:{self.port}/{path.removeprefix('/')}"

    @property
    def paths(self) -> list[str]:
        """What was asked for, in order."""
        return [asked.path for asked in self.asked]

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        self.connections += 1
        try:
            with contextlib.suppress(OSError, EOFError, TimeoutError, asyncio.CancelledError):
                async with asyncio.timeout(LONGEST):
                    await self._serve(Line(reader=reader, writer=writer), self.connections)
        finally:
            self._tasks.discard(task)
            with contextlib.suppress(OSError):
                writer.close()

    async def _serve(self, line: Line, connection: int) -> None:
        """Answer requests until an answer ends the connection."""
        kept = True
        while kept:
            start = await line.reader.readexactly(1)
            if start == b"\x16":  # how TLS begins
                await line.send(answer(b"no TLS here", status="400 Bad Request"))
                return
            head = (start + await line.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            first, *fields = head.split("\r\n")[:-2]
            target = first.split(" ")[1]
            asked = Asked(
                target=target,
                path=unquote(target.partition("?")[0]),
                headers={
                    name.lower(): value.strip() for name, _, value in (f.partition(":") for f in fields)
                },
                connection=connection,
                at=asyncio.get_running_loop().time(),
            )
            self.asked.append(asked)
            kept = await self._answer(line, asked)

    async def _answer(self, line: Line, asked: Asked) -> bool:
        """Whether the connection goes on."""
        if asked.path in self.says:
            said = self.says[asked.path]
            said = said if isinstance(said, bytes) else said(asked)
            await line.send(said)
            return b"\r\nconnection: close" not in said.lower()
        trick = TRICKS.get(asked.path.removeprefix("/").partition("/")[0])
        if trick is None:
            await line.send(answer(b"nothing here", status="404 Not Found"))
            return True
        return bool(await trick(line, asked.path))
