"""What the hostile server can do: one function each, by the name that the path begins with."""

import asyncio
import gzip
import zlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cache

PAGE = b"<html><body><p>A page like any other.</p></body></html>"
OK = b"HTTP/1.1 200 OK\r\n"
HTML = b"Content-Type: text/html; charset=utf-8\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
FEW = 10_000  # pieces of what has no end, should nobody hang up


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, data: bytes) -> None:
        """Give this, as fast as it is taken."""
        self.writer.write(data)
        await self.writer.drain()


Trick = Callable[[Line, str], Awaitable[bool | None]]  # true: the connection goes on
TRICKS: dict[str, Trick] = {}


def answer(
    body: bytes = PAGE,
    headers: Mapping[str, str] | None = None,
    *,
    status: str = "200 OK",
    kind: str | None = "text/html",
) -> bytes:
    """A proper answer."""
    fields = {"Content-Length": str(len(body)), **({"Content-Type": kind} if kind else {}), **(headers or {})}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode("latin-1") + body


def trick(name: str) -> Callable[[Trick], Trick]:
    """Has paths of this name do this."""

    def put(done: Trick) -> Trick:
        TRICKS[name] = done
        return done

    return put


def saying(name: str, said: bytes, *, kept: bool = False) -> None:
    """Has paths of this name say this, and then hang up unless the connection is kept."""

    async def say(line: Line, _path: str) -> bool:
        await line.send(said)
        return kept

    TRICKS[name] = say


saying("good", answer(headers={"ETag": '"good"'}), kept=True)
saying("empty", answer(b""), kept=True)
saying("unchanged", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 0\r\n\r\n", kept=True)
saying("charset", answer("<p>医学图像</p>".encode("gb18030"), kind="text/html; charset=utf-8"), kept=True)
saying("login", answer(b"who are you", status="401 Unauthorized"), kept=True)
saying("closed", answer(b"go away", status="403 Forbidden"), kept=True)
saying("gone", answer(b"gone", status="410 Gone"), kept=True)
saying("busy", answer(b"later", {"Retry-After": "120"}, status="429 Too Many Requests"), kept=True)
saying("broken", answer(b"oh no", status="500 Internal Server Error"), kept=True)
saying("picture", answer(b"\x89PNG\r\n\x1a\n" + bytes(100), kind="image/png"), kept=True)
saying("archive", answer(b"PK\3\4" + bytes(100), kind="application/octet-stream"), kept=True)
saying("brotli", answer(b"\x0b\x02\x80", {"Content-Encoding": "br"}), kept=True)
saying("not-gzip", answer(PAGE, {"Content-Encoding": "gzip"}), kept=True)
saying("half-gzip", answer(gzip.compress(PAGE)[:-12], {"Content-Encoding": "gzip"}), kept=True)
saying("inside", answer(b"", {"Location": "http://169.254.169.254/latest/meta-data/"}, status="302 Found"))
saying("nowhere", answer(b"", status="302 Found"))
saying("garbage", b"\x00\xff\x16\x03 220 this is something else\r\n\r\n" * 20)
saying("cut", b"")
saying("cut-head", OK + b"Content-Ty")
saying("truncated", OK + HTML + b"Content-Length: 1000\r\n\r\n" + PAGE)
saying("short", OK + HTML + b"Content-Length: 5\r\n\r\n" + PAGE)  # more comes than was said
saying("huge", OK + HTML + b"Content-Length: 1000000000000\r\n\r\n" + PAGE)
saying("length", OK + HTML + b"Content-Length: many\r\n\r\n" + PAGE)
saying("chunks", OK + HTML + CHUNKED + b"\r\nnot a number\r\n" + PAGE)
saying("cut-chunks", OK + HTML + CHUNKED + b"\r\nff\r\n" + PAGE)
saying("header", OK + b"X-Long: " + b"a" * 1_000_000 + b"\r\n\r\n" + PAGE)
saying("status", b"HTTP/1.1 99999 What\r\n\r\n")
saying("old", b"<html>an answer without a head, as in HTTP/0.9</html>")


@trick("endless")
async def _endless(line: Line, _path: str) -> None:
    """A body without an end."""
    await line.send(OK + HTML + b"\r\n")
    for _ in range(FEW):
        await line.send(b"more and more " * 1000)


@trick("endless-chunks")
async def _endless_chunks(line: Line, _path: str) -> None:
    await line.send(OK + HTML + CHUNKED + b"\r\n")
    for _ in range(FEW):
        await line.send(b"1000\r\n" + b"m" * 0x1000 + b"\r\n")


@trick("endless-head")
async def _endless_head(line: Line, _path: str) -> None:
    await line.send(OK)
    for number in range(FEW):
        await line.send(f"X-{number}: {'more' * 100}\r\n".encode())


@trick("early")
async def _early(line: Line, _path: str) -> None:
    """Hints before the answer, and never the answer."""
    for _ in range(FEW):
        await line.send(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n" * 10)


@trick("drip")
async def _drip(line: Line, _path: str) -> None:
    """A byte every 50 ms."""
    await line.send(OK + HTML + b"Content-Length: 10000\r\n\r\n")
    await _slowly(line, b"drip " * 100)


@trick("drip-head")
async def _drip_head(line: Line, _path: str) -> None:
    await _slowly(line, OK + HTML * 10)


@trick("silent")
async def _silent(line: Line, _path: str) -> None:
    """Takes the request, and says nothing."""
    await line.reader.read()


@trick("redirects")
async def _redirects(line: Line, path: str) -> bool:
    """Leads on 10,000 times."""
    number = int(path.removeprefix("/redirects").strip("/") or 0)
    if number >= FEW:
        await line.send(answer())
    else:
        await line.send(answer(b"", {"Location": f"/redirects/{number + 1}"}, status="302 Found"))
    return True


@trick("slow-redirects")
async def _slow_redirects(line: Line, path: str) -> bool:
    """Leads on without an end, and takes its time for it."""
    await asyncio.sleep(0.05)
    await line.send(answer(b"", {"Location": f"{path}/on"}, status="302 Found"))
    return True


@trick("loop")
async def _loop(line: Line, path: str) -> bool:
    """Leads round in a circle of two."""
    target = "/loop/back" if path == "/loop" else "/loop"
    await line.send(answer(b"", {"Location": target}, status="301 Moved Permanently"))
    return True


@trick("bomb")
async def _bomb(line: Line, _path: str) -> None:
    """1 GB of zeros in 1 MB of gzip."""
    await line.send(OK + HTML + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"")[:10])
    for _ in range(1000):
        await line.send(_block())


@trick("members")
async def _members(line: Line, _path: str) -> None:
    """Gzip of ever more parts, with nothing in them."""
    await line.send(OK + HTML + b"Content-Encoding: gzip\r\n\r\n")
    for _ in range(FEW):
        await line.send(gzip.compress(b"") * 100)


@trick("filling")
async def _filling(line: Line, _path: str) -> None:
    """Gzip, and zeros after it without an end."""
    await line.send(OK + HTML + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(PAGE))
    for _ in range(FEW):
        await line.send(bytes(10_000))


async def _slowly(line: Line, data: bytes) -> None:
    for byte in data:
        await line.send(bytes([byte]))
        await asyncio.sleep(0.05)


@cache
def _block() -> bytes:
    """A megabyte of zeros, packed so that such blocks can follow each other."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(bytes(1_000_000)) + packer.flush(zlib.Z_FULL_FLUSH)
