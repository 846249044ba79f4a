"""The connection of a source: to addresses that were looked at first, or through a proxy."""

import ssl
from collections.abc import AsyncIterator, Iterable
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpcore
import httpx

from bot.sources import guard
from bot.sources.show import show
from bot.sources.trouble import Refused

KEPT = 4.0  # seconds that an idle connection is kept; many servers end it after 5
NEXT = 2.0  # seconds until the next address of a server is tried


class Guarded(httpcore.AsyncNetworkBackend):
    """Connects to an address that was looked at, so that a name cannot mean another one by then."""

    def __init__(self, *, private: bool) -> None:
        self._inner = httpcore.AnyIOBackend()
        self._private = private

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection to the first address that takes one; raises SourceError where none may be asked."""
        *others, last = await guard.resolve(host, port, private=self._private)
        for address in others:
            try:
                return await self._inner.connect_tcp(address, port, NEXT, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return await self._inner.connect_tcp(last, port, timeout, local_address, socket_options)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await self._inner.sleep(seconds)


class Line(httpx.AsyncBaseTransport):
    """One connection at a time, kept for a while; raises the errors of httpcore."""

    def __init__(self, proxy: str | None, *, private: bool) -> None:
        self._proxy = proxy
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=trust(),
            proxy=_proxy(proxy) if proxy else None,
            max_connections=1,
            keepalive_expiry=KEPT,
            network_backend=None if proxy else Guarded(private=private),
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer, of which only the head has been read."""
        url = request.url
        asked = httpcore.Request(
            request.method,
            httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        try:
            answer = await self._pool.handle_async_request(asked)
        except (httpcore.ConnectError, httpcore.ConnectTimeout) as exc:
            if not self._proxy or isinstance(exc.__cause__, ssl.SSLError):
                raise
            raise Refused(f"the proxy of the environment cannot be reached: {show(self._proxy)}") from exc
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_Body(answer), extensions=answer.extensions
        )

    async def aclose(self) -> None:
        """End the connection."""
        await self._pool.aclose()


class _Body(httpx.AsyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._answer.aiter_stream()

    async def aclose(self) -> None:
        await self._answer.aclose()


def open_line(proxy: str | None, *, private: bool, agent: str) -> httpx.AsyncClient:
    """What asks servers: by hand as to redirects and time, and without a memory for cookies."""
    return httpx.AsyncClient(
        transport=Line(proxy, private=private),
        headers={"User-Agent": agent, "Accept-Encoding": "gzip"},
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        timeout=None,
        trust_env=False,
    )


@cache
def trust() -> ssl.SSLContext:
    """Whose certificates are trusted; loaded once, as it takes 20 ms. SSL_CERT_FILE stands in for it."""
    return httpx.create_ssl_context()


def _proxy(address: str) -> httpcore.Proxy:
    try:
        given = httpx.Proxy(address)
    except (ValueError, httpx.InvalidURL) as exc:
        raise Refused(
            f"the proxy of the environment cannot be used: {show(address)}; write http://HOST:PORT"
        ) from exc
    return httpcore.Proxy(
        httpcore.URL(scheme=given.url.raw_scheme, host=given.url.raw_host, port=given.url.port, target=b"/"),
        auth=given.raw_auth,
        headers=given.headers.raw,
    )
