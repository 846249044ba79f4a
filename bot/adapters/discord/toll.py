"""What every request to Discord's REST pays: its turn, and a mark where Discord counts it as invalid.

A bot may ask 50 times a second, and who is refused 10,000 times within 10 minutes (401, 403, 429) loses
his whole address for a while: https://discord.com/developers/docs/topics/rate-limits. The library
retries by itself, so both are minded where each try leaves and comes back: in a trace of its session.

Requests are let go one by one, evenly. A sliding log lets 50 go at once, and where the first of those
were slow on the way and the next 50 were not, 94 arrived within a second.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from types import SimpleNamespace

import aiohttp

from bot.log import get_logger

log = get_logger(__name__)

WINDOW = 600.0  # seconds over which Discord counts what is invalid
LATE = 0.01  # seconds that a request may be late without the next ones being later too
AGAIN = 60.0  # seconds until it is told again that too much was refused
FREE = ("/interactions/", "/webhooks/")  # answers to people: outside the limit, and in a hurry
INVALID = (401, 403)


class Toll:
    """The gate of one bot's requests. Belongs to one event loop."""

    def __init__(
        self, *, most: float = 48, ban: int = 10_000, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`most` requests a second; closed from half the `ban` on."""
        self._apart = 1.0 / most
        self._half = ban // 2
        self._clock = clock
        self._gate = asyncio.Lock()
        self._next = clock()  # when one more may go
        self._bad: deque[float] = deque()  # when something invalid was asked
        self._told = clock() - AGAIN

    def trace(self) -> aiohttp.TraceConfig:
        """What a session is to be traced by, so that its requests pay."""
        found = aiohttp.TraceConfig()
        found.on_request_start.append(self._start)
        found.on_request_end.append(self._end)
        return found

    def invalid(self) -> int:
        """How many requests of the last 10 minutes Discord counts as invalid."""
        oldest = self._clock() - WINDOW
        while self._bad and self._bad[0] <= oldest:
            self._bad.popleft()
        return len(self._bad)

    def closed(self) -> float:
        """Seconds until something may be sent again that nobody waits for; 0.0 for now."""
        over = self.invalid() - self._half
        return self._bad[over] + WINDOW - self._clock() if over >= 0 else 0.0

    async def _start(
        self,
        _session: aiohttp.ClientSession,
        _context: SimpleNamespace,
        params: aiohttp.TraceRequestStartParams,
    ) -> None:
        if any(part in params.url.path for part in FREE):
            return
        async with self._gate:
            if (wait := self._next - self._clock()) > 0:
                await asyncio.sleep(wait)
            self._next = max(self._next, self._clock() - LATE) + self._apart

    async def _end(
        self,
        _session: aiohttp.ClientSession,
        _context: SimpleNamespace,
        params: aiohttp.TraceRequestEndParams,
    ) -> None:
        answer = params.response
        scope = answer.headers.get("X-RateLimit-Scope", "")
        if answer.status == 429:
            log.info(
                "request.slowed", method=params.method, path=_bare(params.url.path), scope=scope or "unknown"
            )
        if answer.status in INVALID or (answer.status == 429 and scope != "shared"):
            self._bad.append(self._clock())
            self._tell()

    def _tell(self) -> None:
        now, count = self._clock(), self.invalid()
        if count >= self._half and now - self._told >= AGAIN:
            self._told = now
            log.warning(
                "requests.refused",
                count=count,
                again=round(self.closed()),
                mend="half of what Discord bans for in 10 minutes; look at rights, channels, limits",
            )


def _bare(path: str) -> str:
    """The path of a request without the numbers of places and people."""
    return "/".join(part if part.isalpha() or len(part) < 4 else "*" for part in path.split("/"))
