"""Reads things over HTTP: politely, within limits, and only once what has not changed."""

import asyncio
import contextlib
import io
import time
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from dataclasses import dataclass, field, replace

import httpx

from bot.errors import Busy
from bot.sources import answers, guard
from bot.sources.base import Limits
from bot.sources.line import open_line
from bot.sources.proxies import usual
from bot.sources.show import show
from bot.sources.trouble import Astray, Refused, told
from bot.sources.unpack import unpack

PAGES = ("text/html", "application/xhtml+xml", "text/plain", "text/markdown", "text/x-markdown")
FEEDS = ("application/atom+xml", "application/rss+xml", "application/rdf+xml", "application/xml", "text/xml")
MOVED = frozenset({301, 302, 303, 307, 308})
SMALL = 65_536  # bytes: what is read of an answer that nobody wants, to keep the connection
SLOWEST = 60.0  # seconds between two requests, whatever a server wishes
STAMP = 500  # characters of what a server recognises a thing by
PUBLIC = {"accept", "accept-language"}  # headers that another server may see too


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """What a server says a thing is recognised by, as it said it; empty: nothing."""

    etag: str = ""
    modified: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a server gave."""

    url: str  # where it was found in the end
    data: bytes  # unpacked
    stamp: Stamp
    headers: Mapping[str, str]  # names in lower case


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """What is asked for, and where by now."""

    url: httpx.URL
    headers: Mapping[str, str] = field(repr=False)  # names in lower case
    stamp: Stamp
    kinds: Collection[str]
    empty: bool
    most: int | None


class Web:
    """Asks the server of one source, one request at a time with a pause between them."""

    def __init__(self, limits: Limits, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits
        self._clock = clock
        self._pause = limits.pause
        self._ended = float("-inf")  # when the last request did
        self._closed: dict[str, float] = {}  # host, and until when it wants to be left alone
        self._turn = asyncio.Lock()
        self._lines: dict[str | None, httpx.AsyncClient] = {}  # by proxy

    async def get(
        self,
        url: str,
        *,
        stamp: Stamp | None = None,
        kinds: Collection[str] = PAGES,
        headers: Mapping[str, str] | None = None,
        empty: bool = False,
        most: int | None = None,
    ) -> Answer | None:
        """What is at an address; None where it is still what the stamp says.

        A kind is a media type, or all of one sort: `text/*`. An answer without content is an error
        unless it may be `empty`. Of what has more than `most` bytes only the start is given. Headers go
        to the server of this address only, but for Accept.

        Raises:
            Missing: there is nothing there (404, 410).
            Busy: the server asks to be left alone (429, 503 with a time); until then it is not asked.
            SourceError: it cannot be had within the limits; says what, where and how to mend it.
        """
        with told(lambda: url):
            wish = _wish(url, stamp or Stamp(), kinds, headers or {}, empty, most)
        self._heed(wish.url)
        async with self._turn:
            await asyncio.sleep(max(0.0, self._ended + self._pause - self._clock()))
            try:
                return await self._follow(wish)
            finally:
                self._ended = self._clock()

    def slow(self, seconds: float) -> None:
        """Leave at least so many seconds between two requests from now on, up to a minute."""
        self._pause = max(self._limits.pause, min(seconds, SLOWEST))

    async def close(self) -> None:
        """End the connections."""
        lines, self._lines = self._lines, {}
        for line in lines.values():
            await line.aclose()

    async def _follow(self, wish: _Wish) -> Answer | None:
        """The answer at the end of the redirects."""
        seconds, hops = self._limits.seconds, [wish]
        with told(lambda: str(hops[-1].url)):
            try:
                async with asyncio.timeout(seconds):
                    while True:
                        found = await self._ask(hops[-1])
                        if not isinstance(found, httpx.URL):
                            return found
                        if any(found == hop.url for hop in hops):
                            raise Astray("leads round in a circle; look at it with a browser")
                        if len(hops) > self._limits.redirects:
                            raise Astray(
                                f"leads on more than {self._limits.redirects} times; write where it ends up"
                            )
                        hops.append(_led(hops[-1], found))
            except TimeoutError as exc:
                raise Refused(
                    f"no whole answer within {seconds:g} s; is it up? fetch.timeout allows more"
                ) from exc

    async def _ask(self, wish: _Wish) -> Answer | httpx.URL | None:
        """One request: what came of it, or where it leads."""
        self._heed(wish.url)
        async with self._open(wish) as response:
            if wish.most is None:
                answers.check_head(response, self._limits.size)
            if response.status_code in MOVED:
                target = answers.read_target(response, wish.url)
                await _drain(response)
                return target
            if response.status_code == 304 and wish.stamp != Stamp():
                await _drain(response)
                return None
            if said := answers.refusal(response, str(wish.url)):
                if isinstance(said, Busy):
                    self._closed[wish.url.host] = self._clock() + said.seconds
                await _drain(response)
                raise said
            answers.check_kind(response, wish.kinds)
            data = await self._read(response, wish)
            return Answer(
                url=str(wish.url.copy_with(fragment=None)),
                data=data,
                stamp=_stamp(response),
                headers={name.lower(): value for name, value in response.headers.items()},
            )

    @contextlib.asynccontextmanager
    async def _open(self, wish: _Wish) -> AsyncIterator[httpx.Response]:
        """An answer of which only the head has been read."""
        aim = guard.read(str(wish.url))
        proxy = usual(aim.scheme, aim.host)
        if proxy and not self._limits.private:
            guard.check_written(aim.host)
        if not (line := self._lines.get(proxy)):
            line = open_line(proxy, private=self._limits.private, agent=self._limits.agent)
            self._lines[proxy] = line
        asked = line.build_request("GET", wish.url, headers={**wish.headers, **_conditions(wish.stamp)})
        response = await line.send(asked, stream=True)
        try:
            yield response
        finally:
            await response.aclose()

    async def _read(self, response: httpx.Response, wish: _Wish) -> bytes:
        """The unpacked body."""
        size, packed, held = self._limits.size, 0, io.BytesIO()
        unpacked = unpack(response.headers.get("content-encoding", ""))
        async for chunk in response.aiter_raw():
            if (packed := packed + len(chunk)) > size:
                raise Refused(answers.too_large(size))
            for piece in unpacked.feed(chunk):
                if not held.tell():
                    answers.check_start(response, piece, wish.kinds)
                held.write(piece)
                if wish.most is not None and held.tell() >= wish.most:
                    return held.getvalue()[: wish.most]
                if held.tell() > size:
                    raise Refused(answers.too_large(size))
                await asyncio.sleep(0)  # the time may be up, and others wait
        unpacked.finish()
        if not held.tell() and not wish.empty:
            raise Refused("answers with nothing at all; look at it with a browser")
        return held.getvalue()

    def _heed(self, url: httpx.URL) -> None:
        """Raises Busy while a host wants to be left alone."""
        left = self._closed.get(url.host, float("-inf")) - self._clock()
        if left > 0:
            raise Busy(f"{show(str(url))}: asked to be left alone for another {left:.0f} s", left)
        self._closed.pop(url.host, None)


def _wish(
    url: str,
    stamp: Stamp,
    kinds: Collection[str],
    headers: Mapping[str, str],
    empty: bool,
    most: int | None,
) -> _Wish:
    """What is asked for; a user and password of the address become a header."""
    found = httpx.URL(url)
    if not answers.is_web(found):
        raise Refused("is no address of the web; write https://HOST/PATH")
    given = {name.lower(): value for name, value in headers.items()}
    if found.userinfo:
        login = httpx.BasicAuth(found.username, found.password)
        request = next(login.auth_flow(httpx.Request("GET", found)))
        given.setdefault("authorization", request.headers["authorization"])
    bare = found.copy_with(userinfo=b"")
    return _Wish(url=bare, headers=given, stamp=stamp, kinds=kinds, empty=empty, most=most)


def _led(wish: _Wish, url: httpx.URL) -> _Wish:
    """The same wish at another address; what is meant for one server is told to no other."""
    old = wish.url
    same = _origin(old) in (_origin(url), _origin(url.copy_with(scheme="http")))  # or http became https
    if "authorization" in wish.headers and old.scheme == "https" and url.scheme == "http":
        raise Refused(
            "leads from https to http, where the token would be read by anybody; write where it ends up"
        )
    kept = {n: v for n, v in wish.headers.items() if same or n in PUBLIC}
    return replace(wish, url=url, headers=kept)


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _conditions(stamp: Stamp) -> dict[str, str]:
    given = {"if-none-match": stamp.etag, "if-modified-since": stamp.modified}
    return {name: value for name, value in given.items() if value}


def _stamp(response: httpx.Response) -> Stamp:
    """What the server recognises the thing by, where it can be said to it again."""
    etag, modified = (response.headers.get(name, "") for name in ("etag", "last-modified"))
    return Stamp(etag=_sayable(etag), modified=_sayable(modified))


def _sayable(value: str) -> str:
    return value if value.isascii() and value.isprintable() and len(value) < STAMP else ""


async def _drain(response: httpx.Response) -> None:
    """Read an answer that nobody wants where it is short, so that the connection can be kept."""
    bare = response.status_code in (204, 304)  # these have no body, whatever length they name
    if bare or int(response.headers.get("content-length", SMALL + 1)) <= SMALL:
        async for _ in response.aiter_raw():
            pass
