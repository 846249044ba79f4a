"""The way to Discord's REST: where it is, and the one client that pushes go through.

Pushes have a client of their own, since the library closes the one of its gateway when that fails.
"""

import asyncio
import ipaddress
import re
import time
from typing import Any, Protocol
from urllib.parse import SplitResult, urlsplit

import discord
from discord.http import HTTPClient, Ratelimit, Route

from bot import secrecy
from bot.adapters.discord.errors import FAILURES, Misconfigured, said, translate
from bot.adapters.discord.pending import LOOK, Pending
from bot.adapters.discord.toll import Toll
from bot.errors import ConfigError, Rejected, Transient
from bot.log import get_logger

log = get_logger(__name__)

API = "https://discord.com"
VERSION = "/api/v10"  # which the library is written for
PATIENCE = 60.0  # seconds for a request, with all that the library waits and retries
WAITS = 30.0  # seconds that the library may wait for a limit; a longer wait is the engine's
REFUSED = 60.0  # seconds until a token that Discord refused is tried again
BUCKETS = 256


class Requests(Protocol):
    """What asks Discord: `Line`, or any HTTP client of the library."""

    async def request(self, route: Route, *, json: Any = ..., params: Any = ...) -> Any:
        """What Discord answers, read from JSON; raises one of `errors.FAILURES`."""
        ...


def aim(api_url: str | None) -> None:
    """Have the whole process ask there: the address of Discord, or of a proxy for its REST.

    Raises:
        ConfigError: it is no address.
    """
    given = api_url or API
    parts = _parts(given)
    if parts is None:
        raise ConfigError(
            f"discord.api_url: cannot be used: {secrecy.mask(given)}; write http://HOST:PORT, or https"
        )
    if parts.scheme == "http" and not _is_near(parts.hostname or ""):
        log.warning("token.exposed", host=parts.hostname, mend="discord.api_url: write https://")
    base = re.sub(r"/api(?:/v\d+)?$", "", given.strip().rstrip("/"))
    Route.BASE = base.rstrip("/") + VERSION


def _parts(address: str) -> SplitResult | None:
    """The parts of an address that can be asked; None where it is none."""
    try:
        parts = urlsplit(address.strip())
        sound = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        return None
    return parts if sound and not (parts.query or parts.fragment or parts.username) else None


def _is_near(host: str) -> bool:
    """Whether a host is this machine, or one of a network that is not the world's."""
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return "." not in host or host.endswith((".localhost", ".local", ".internal"))
    return found.is_loopback or found.is_private or found.is_link_local


class Line:
    """Asks Discord as one bot; logs in at first use, and again after the token was refused."""

    def __init__(self, token: str, toll: Toll, *, proxy: str | None = None) -> None:
        """`proxy` is the address of an HTTP proxy on the way to Discord."""
        secrecy.hide(token)
        self._token = token.strip()
        self._toll = toll
        self._proxy = proxy
        self._http: HTTPClient | None = None
        self._known = False  # Discord knows the token, as far as we know
        self._login = asyncio.Lock()
        self._failure: Exception | None = None  # of the last login
        self._failed = 0.0
        self._again = 0.0  # until then none is tried
        self._me = ""  # the bot's own number
        self._pending = Pending()

    async def request(self, route: Route, *, json: Any = None, params: Any = None) -> Any:
        """What Discord answers, read from JSON; raises one of `errors.FAILURES`."""
        given = {name: value for name, value in (("json", json), ("params", params)) if value is not None}
        async with asyncio.timeout(PATIENCE):
            http = await self._client()
            if isinstance(json, dict) and "nonce" in json:
                return await self._post(http, route, json)
            return await self._ask(http, route, given)

    async def close(self) -> None:
        """End every connection."""
        http, self._http, self._known = self._http, None, False
        if http:
            await http.close()

    async def _post(self, http: HTTPClient, route: Route, body: dict[str, Any]) -> Any:
        """The message as it stands in its channel, sent unless it is there already."""
        nonce = body["nonce"]
        if self._pending.is_old(nonce) and (found := await self._find(http, route, body)):
            self._pending.settle(nonce)
            return found
        try:
            answer = await self._ask(http, route, {"json": body})
        except asyncio.CancelledError:  # it takes too long
            self._pending.note(nonce)
            raise
        except FAILURES as exc:
            told = translate(exc)
            if isinstance(told, Transient):
                self._pending.note(nonce)
            elif isinstance(told, Rejected):
                self._pending.settle(nonce)
            raise
        self._pending.settle(nonce)
        return answer

    async def _ask(self, http: HTTPClient, route: Route, given: dict[str, Any]) -> Any:
        try:
            return await http.request(route, **given)
        except discord.HTTPException as exc:
            if http is self._http and isinstance(translate(exc), Misconfigured):
                self._known = False
                self._remember(exc)
            raise

    async def _find(self, http: HTTPClient, route: Route, body: dict[str, Any]) -> Any:
        """The message in its channel that was sent long ago and not confirmed; None: it is not there."""
        around = Route("GET", route.path, channel_id=route.channel_id)
        try:
            newest = await self._ask(http, around, {"params": {"limit": LOOK}})
            return self._pending.find(body, newest, self._me)
        except discord.HTTPException as exc:
            log.info("message.unseen", reason=said(exc))
            return None

    async def _client(self) -> HTTPClient:
        if self._http and self._known:
            return self._http
        asked = time.monotonic()
        async with self._login:
            if self._http and self._known:
                return self._http
            # Whoever tried while this one waited has tried for it.
            if self._failure and max(self._failed, self._again) >= asked:
                raise self._failure.with_traceback(None)
            return await self._log_in()

    async def _log_in(self) -> HTTPClient:
        await self.close()
        http = self._http = _Client(
            asyncio.get_running_loop(),
            proxy=self._proxy,
            http_trace=self._toll.trace(),
            max_ratelimit_timeout=WAITS,
        )
        try:
            self._me = str((await http.static_login(self._token))["id"])
        except FAILURES as exc:
            self._remember(exc)
            raise
        self._known, self._failure = True, None
        return http

    def _remember(self, exc: Exception) -> None:
        """Where the token is refused nothing is asked for a while: each time would count as invalid."""
        self._failure, self._failed = exc, time.monotonic()
        if isinstance(translate(exc), Misconfigured):
            self._again = self._failed + REFUSED


class _Client(HTTPClient):
    """The library's client, with a table of buckets that stays cheap for thousands of channels.

    The library looks through all of them at every new one, and keeps each for five minutes.
    """

    _full = BUCKETS

    def _try_clear_expired_ratelimits(self) -> None:
        if len(self._buckets) >= self._full:
            self._buckets = {key: bucket for key, bucket in self._buckets.items() if not _is_idle(bucket)}
            self._full = max(BUCKETS, 2 * len(self._buckets))


def _is_idle(bucket: Ratelimit) -> bool:
    """Whether a new bucket would do as well: what it knew is over, and nobody is in it."""
    empty = bucket.outgoing == 0 and not bucket._pending_requests
    return bucket.is_inactive() or (empty and bucket.is_expired())
