"""HTTP to the Bot API: python-telegram-bot's requests over aiohttp, or over its own httpx.

aiohttp takes about a fifth of the processor time that httpx takes for a message. Both take the same
options and raise the same errors, with the HTTP library's own error as the cause, from which
`errors.unsent` tells whether a request has surely not left.
"""

import asyncio
import json
import ssl
from dataclasses import dataclass
from typing import Any, Literal

import aiohttp
import certifi
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, HTTPXRequest, RequestData
from yarl import URL

from bot import secrecy
from bot.adapters.telegram import proxies
from bot.adapters.telegram.order import Order

IDLE = 30.0  # seconds that an unused connection is kept; the Bot API closes them after more than a minute
POOL = (
    "Pool timeout: all connections are in use. The request was *not* sent to Telegram. "
    "Consider more connections or a longer pool timeout."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What either transport may take; seconds, None: no limit."""

    connections: int = 256
    connect: float | None = 5.0
    read: float | None = 5.0
    write: float | None = 5.0
    media_write: float | None = 20.0  # instead of `write`, where files are uploaded
    pool: float | None = 1.0  # until a connection is free
    proxy: str | None = None  # http://, https:// or socks5://; None: as the environment says


def request_for(kind: Literal["aiohttp", "httpx"], options: Options | None = None) -> BaseRequest:
    """A transport of that kind.

    Raises:
        ConfigError: the proxy cannot be used.
    """
    options = options or Options()
    if kind == "aiohttp":
        return AiohttpRequest(options)
    proxies.check(options.proxy)
    try:
        return HttpxRequest(
            connection_pool_size=options.connections,
            connect_timeout=options.connect,
            read_timeout=options.read,
            write_timeout=options.write,
            media_write_timeout=options.media_write,
            pool_timeout=options.pool,
            proxy=options.proxy,
        )
    except RuntimeError as exc:
        raise proxies.without_socks() from exc


def parse(payload: bytes) -> dict[str, Any]:
    """The object in an answer; the library would log every page of a gateway whole, as an error.

    Raises:
        TelegramError: there is none.
    """
    try:
        found = json.loads(payload.decode("utf-8", "replace"))
    except ValueError as exc:
        raise TelegramError("Invalid server response") from exc
    if not isinstance(found, dict):
        raise TelegramError("Invalid server response")
    return found


class PoolTimeout(aiohttp.ConnectionTimeoutError):
    """No connection became free in time."""


class Unsent(aiohttp.ClientConnectionError):
    """A connection was closed, or the transport shut down, before anything was written."""


class HttpxRequest(HTTPXRequest):
    """The library's own."""

    parse_json_payload = staticmethod(parse)


class AiohttpRequest(BaseRequest):
    """Requests over aiohttp, to one host; belongs to the event loop in which it is used."""

    parse_json_payload = staticmethod(parse)

    def __init__(self, options: Options | None = None) -> None:
        """Raises ConfigError where the proxy cannot be used."""
        self._options = options or Options()
        self._proxy = proxies.check(self._options.proxy)
        self._troubles: tuple[type[Exception], ...] = (aiohttp.ClientError, OSError, ValueError)
        self._session: aiohttp.ClientSession | None = None
        self._shut = False
        self._free = asyncio.Semaphore(self._options.connections)
        self._timeout = _timeout(self._options.connect, self._options.read)

    @property
    def read_timeout(self) -> float | None:
        """Seconds that an answer may take unless a request says otherwise."""
        return self._options.read

    async def initialize(self) -> None:
        """Make it ready, for the first time or again; connections open as they are needed."""
        self._shut = False

    async def shutdown(self) -> None:
        """Close every connection; nothing where that is done."""
        session, self._session, self._shut = self._session, None, True
        if session is not None:
            await session.close()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: object = BaseRequest.DEFAULT_NONE,
        write_timeout: object = BaseRequest.DEFAULT_NONE,
        connect_timeout: object = BaseRequest.DEFAULT_NONE,
        pool_timeout: object = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Status and body of the answer.

        Raises:
            TimedOut: something took longer than it may.
            NetworkError: there is no answer.
        """
        if self._shut:
            raise RuntimeError("This AiohttpRequest is not initialized!")
        options = self._options
        read, connect = _given(read_timeout, options.read), _given(connect_timeout, options.connect)
        usual = read == options.read and connect == options.connect
        files = request_data.multipart_data if request_data and request_data.contains_files else None
        order = Order(
            method=method,
            address=url,
            fields=request_data.json_parameters if request_data else {},
            files=files,
            write=_given(write_timeout, options.media_write if files else options.write),
            timeout=self._timeout if usual else _timeout(connect, read),
        )
        try:
            await self._take(_given(pool_timeout, options.pool))
            try:
                return await self._exchange(order)
            finally:
                self._free.release()
        except self._troubles as exc:
            raise _explain(exc) from _bare(exc)

    async def _take(self, seconds: float | None) -> None:
        """Wait for a free connection."""
        if not self._free.locked():
            await self._free.acquire()
            return
        try:
            async with asyncio.timeout(seconds):
                await self._free.acquire()
        except TimeoutError as exc:
            raise PoolTimeout(POOL) from exc

    async def _exchange(self, order: Order) -> tuple[int, bytes]:
        """Send a request; once more where its connection was closed and a second time does no harm."""
        try:
            return await self._once(order)
        except Unsent:
            if self._shut:
                raise
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as exc:
            if not order.harmless or isinstance(exc, aiohttp.ClientConnectorError):
                raise
        return await self._once(order)

    async def _once(self, order: Order) -> tuple[int, bytes]:
        address = URL(order.address, encoded=True)
        if self._shut:
            raise Unsent("shut down before the request was written")
        if self._session is None:
            self._session = self._open(address)
        body = order.body()
        try:
            async with self._session.request(
                order.method, address, data=body, timeout=order.timeout, allow_redirects=False
            ) as response:
                return response.status, await response.read()
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as exc:
            if body is None or body.begun or isinstance(exc, aiohttp.ClientConnectorError):
                raise
            raise Unsent("the connection was closed before the request was written") from exc

    def _open(self, address: URL) -> aiohttp.ClientSession:
        self._proxy = self._proxy or proxies.usual(address)
        settings: dict[str, Any] = {"limit": 0, "keepalive_timeout": IDLE, "ttl_dns_cache": 300}
        if address.scheme == "https":
            settings["ssl"] = _tls()
        proxy = self._proxy
        if proxy and proxy.scheme.startswith("socks"):
            connector, proxy = proxies.connector(proxy, **settings), None
            self._troubles += proxies.errors()
        else:
            connector = aiohttp.TCPConnector(**settings)
        return aiohttp.ClientSession(
            connector=connector,
            proxy=proxy,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": self.USER_AGENT},
        )


def _given(value: object, usual: float | None) -> float | None:
    """A timeout as a request gives it, or the usual one."""
    return value if value is None or isinstance(value, int | float) else usual


def _timeout(connect: float | None, read: float | None) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=None, connect=connect, sock_connect=connect, sock_read=read)


def _tls() -> ssl.SSLContext:
    """The system's certificates, and certifi's: a slim image may have none of its own."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


def _explain(exc: Exception) -> TelegramError:
    if isinstance(exc, PoolTimeout):
        return TimedOut(POOL)
    if isinstance(exc, TimeoutError):
        return TimedOut()
    return NetworkError(secrecy.mask(f"aiohttp.{type(exc).__name__}: {exc}"))


def _bare(exc: Exception) -> Exception:
    """The error, and what led to it, without the address of the request, which holds the token."""
    if isinstance(exc, aiohttp.InvalidURL):
        return aiohttp.InvalidURL(secrecy.mask(str(exc.url)))
    link: BaseException | None = exc
    while link is not None:
        _clean(link)
        link = link.__cause__ or link.__context__
    return exc


def _clean(exc: BaseException) -> None:
    if isinstance(exc, aiohttp.ClientResponseError):
        hidden = URL(secrecy.mask(str(exc.request_info.real_url)))
        exc.request_info = exc.request_info._replace(url=hidden, real_url=hidden)
        exc.args = (exc.request_info, exc.history)
    elif isinstance(exc, OSError) and exc.strerror:
        exc.strerror = secrecy.mask(exc.strerror)
    else:
        exc.args = tuple(secrecy.mask(str(arg)) if isinstance(arg, str | URL) else arg for arg in exc.args)
