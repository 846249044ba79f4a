"""Servers of a few lines on the loopback, each misbehaving in one way, and two kinds of proxies."""

import asyncio
import base64
import contextlib
import gzip
import json
import re
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

OK = json.dumps({"ok": True, "result": {"message_id": 7}}).encode()


@dataclass(slots=True, kw_only=True)
class Got:
    """A request as it came."""

    line: str
    headers: dict[str, str]
    body: bytes
    connection: int

    @property
    def fields(self) -> dict[str, str]:
        """The fields of a form."""
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    @property
    def parts(self) -> dict[str, Any]:
        """The parts of a form with files: a field's text, a file's name and content."""
        boundary = self.headers["content-type"].partition("boundary=")[2].strip('"').encode()
        found: dict[str, Any] = {}
        for part in self.body.split(b"--" + boundary)[1:-1]:
            head, _, data = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
            said = head.decode()
            name = said.partition(' name="')[2].partition('"')[0]
            data = data.removesuffix(b"\r\n")
            file = re.search(r'filename="((?:[^"\\]|\\.)*)"', said)
            found[name] = (file[1], data) if file else data.decode()
        return found


@dataclass(slots=True, kw_only=True)
class Peer:
    """Where a server listens, and what came."""

    url: str = ""
    port: int = 0
    got: list[Got] = field(default_factory=list)
    connections: int = 0
    open: int = 0
    most: int = 0  # connections at once


Serve = Callable[[Peer, Got, asyncio.StreamWriter], Awaitable[bool]]  # gives whether the connection stays


@asynccontextmanager
async def listen(serve: Serve, **options: Any) -> AsyncIterator[Peer]:
    """A server that has each request served by a function."""
    peer = Peer()
    tasks: set[asyncio.Task[Any] | None] = set()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.current_task())
        peer.connections += 1
        peer.open += 1
        peer.most = max(peer.most, peer.open)
        number = peer.connections
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while got := await read(reader, number):
                peer.got.append(got)
                if not await serve(peer, got, writer):
                    break
        peer.open -= 1
        writer.close()

    server = await asyncio.start_server(take, "127.0.0.1", 0, **options)
    peer.port = server.sockets[0].getsockname()[1]
    peer.url = f"http://127.0.0.1:{peer.port}"
    try:
        yield peer
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def read(reader: asyncio.StreamReader, connection: int = 0) -> Got | None:
    """The next request of a connection; None where it ends."""
    if not (head := await reader.readuntil(b"\r\n\r\n")):
        return None
    line, *rest = head.decode("latin-1").rstrip("\r\n").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (one.partition(":") for one in rest)}
    if "chunked" in headers.get("transfer-encoding", ""):
        body = b""
        while size := int(await reader.readline(), 16):
            body += (await reader.readexactly(size + 2))[:-2]
        await reader.readline()
    else:
        body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Got(line=line, headers=headers, body=body, connection=connection)


def answer(writer: asyncio.StreamWriter, body: bytes = OK, status: str = "200 OK", *more: str) -> None:
    """Write an answer."""
    lines = (f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Content-Type: application/json", *more)
    writer.write("".join(f"{line}\r\n" for line in lines).encode() + b"\r\n" + body)


async def well(_peer: Peer, _got: Got, writer: asyncio.StreamWriter) -> bool:
    """All goes well."""
    answer(writer)
    return True


async def never(_peer: Peer, _got: Got, _writer: asyncio.StreamWriter) -> bool:
    """No answer, ever."""
    await asyncio.sleep(3600)
    return True


async def cut(_peer: Peer, _got: Got, _writer: asyncio.StreamWriter) -> bool:
    """The connection ends once the request has come."""
    return False


async def reset(_peer: Peer, _got: Got, writer: asyncio.StreamWriter) -> bool:
    """The connection is reset once the request has come."""
    linger = b"\x01\x00\x00\x00\x00\x00\x00\x00"
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    writer.transport.abort()
    return False


async def cut_inside(_peer: Peer, _got: Got, writer: asyncio.StreamWriter) -> bool:
    """The connection ends in the middle of the answer."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + OK[:10])
    await writer.drain()
    return False


async def garbage(_peer: Peer, _got: Got, writer: asyncio.StreamWriter) -> bool:
    """What comes is not HTTP."""
    writer.write(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
    await writer.drain()
    return False


async def once(_peer: Peer, _got: Got, writer: asyncio.StreamWriter) -> bool:
    """All goes well, and then the connection ends without a word."""
    answer(writer)
    await writer.drain()
    return False


async def redirect(_peer: Peer, _got: Got, writer: asyncio.StreamWriter) -> bool:
    """Somewhere else."""
    answer(writer, b"", "302 Found", "Location: http://127.0.0.1:9/")
    return True


async def packed(_peer: Peer, _got: Got, writer: asyncio.StreamWriter) -> bool:
    """A large answer, compressed."""
    body = json.dumps({"ok": True, "result": "x" * 300_000}).encode()
    answer(writer, gzip.compress(body), "200 OK", "Content-Encoding: gzip")
    return True


def slow(seconds: float) -> Serve:
    """All goes well, after a while."""

    async def serve(_peer: Peer, _got: Got, writer: asyncio.StreamWriter) -> bool:
        await asyncio.sleep(seconds)
        answer(writer)
        return True

    return serve


@asynccontextmanager
async def deaf() -> AsyncIterator[str]:
    """A server that takes connections and reads nothing."""
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        listening.bind(("127.0.0.1", 0))
        listening.listen(8)
        yield f"127.0.0.1:{listening.getsockname()[1]}"


@asynccontextmanager
async def http_proxy(user: str, password: str) -> AsyncIterator[Peer]:
    """A proxy for plain HTTP that asks who is there."""
    wanted = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()

    async def serve(_peer: Peer, got: Got, writer: asyncio.StreamWriter) -> bool:
        if got.headers.get("proxy-authorization") != wanted:
            answer(writer, b"", "407 Proxy Authentication Required")
            return True
        method, address, version = got.line.split()
        host, _, path = address.removeprefix("http://").partition("/")
        name, _, port = host.partition(":")
        inner, outer = await asyncio.open_connection(name, int(port))
        lines = [f"{method} /{path} {version}", *(f"{k}: {v}" for k, v in got.headers.items())]
        outer.write("\r\n".join(lines).encode() + b"\r\nConnection: close\r\n\r\n" + got.body)
        writer.write(await inner.read())
        await writer.drain()
        outer.close()
        return False

    async with listen(serve) as peer:
        yield peer


@asynccontextmanager
async def socks_proxy(*, works: bool = True) -> AsyncIterator[tuple[int, list[str]]]:
    """A SOCKS5 proxy, and the names that it was asked for; one that does not work refuses all."""
    asked: list[str] = []
    tasks: set[asyncio.Task[Any]] = set()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.current_task())
        count = (await reader.readexactly(2))[1]
        await reader.readexactly(count)
        writer.write(b"\x05\x00")
        kind = (await reader.readexactly(4))[3]
        size = (await reader.readexactly(1))[0] if kind == 3 else 4
        host = await reader.readexactly(size)
        name = host.decode() if kind == 3 else socket.inet_ntoa(host)
        port = int.from_bytes(await reader.readexactly(2))
        asked.append(f"{name}:{port}")
        writer.write((b"\x05\x00" if works else b"\x05\x02") + b"\x00\x01\x00\x00\x00\x00\x00\x00")
        if works:
            inner, outer = await asyncio.open_connection(name, port)
            await asyncio.gather(_pipe(reader, outer), _pipe(inner, writer), return_exceptions=True)
        writer.close()

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], asked
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
    writer.close()
