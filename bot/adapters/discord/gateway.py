"""How often sessions with Discord's gateway may begin, and what the end of one means.

Discord lets a bot begin some 1,000 sessions a day and takes its token away when it begins more
(https://discord.com/developers/docs/events/gateway#session-start-limit-object), so nothing that goes
wrong over and over may use them up.
"""

import asyncio
import math
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import aiohttp
import discord

from bot.adapters.discord.errors import said, translate
from bot.errors import ConfigError, DeliveryError, RateLimited
from bot.log import get_logger

log = get_logger(__name__)

DAY = 86400.0  # seconds after which as many sessions may begin again
RESERVE = 20  # sessions that are left to whoever mends something and starts the bot anew
APART = (
    5.0  # seconds between two sessions; the library keeps them itself, but not from one client to the next
)
SLOWEST = 300.0  # seconds between two sessions where none lasts: 288 a day
STEADY = 3600.0  # seconds in which more sessions than there are shards make the next one wait longer
MINUTE = 60.0
LONG = 310.0  # seconds of waiting from which on it is told

# Codes after which the same again ends the same way:
# https://discord.com/developers/docs/topics/opcodes-and-status-codes#gateway-gateway-close-event-codes
CLOSE = {
    4012: "this version of discord.py speaks a gateway version that is no more; update discord.py",
    4013: "Discord does not know an intent that the bot asks for; update discord.py",
    4014: "Discord does not let this bot have an intent that it asks for, though Paperboy asks for none that "
    "needs leave; see the bot's page in the developer portal, and update Paperboy",
}
SHARDS = {
    4010: "Discord counts the parts of the connection in another way",
    4011: "Discord wants the connection in more parts",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Deaf:
    """The same again would end the same way, until somebody mends it."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """It may go well later."""

    reason: str
    pause: float = 0.0  # seconds, at least
    bug: bool = False  # of ours or the library's: worth a traceback


def verdict(exc: Exception) -> ConfigError | Deaf | Again:
    """What the end of a session, or of the try to begin one, means; a ConfigError ends the bot."""
    if isinstance(exc, discord.GatewayNotFound) and isinstance(exc.__cause__, Exception):
        exc = exc.__cause__
    match exc:
        case ConfigError():
            return exc
        case discord.PrivilegedIntentsRequired():
            return _closed(4014)
        case discord.ConnectionClosed():
            return _closed(exc.code)
        case discord.LoginFailure() | discord.HTTPException() | discord.RateLimited():
            return _refused(exc)
        case DeliveryError() | OSError() | aiohttp.ClientError() | discord.DiscordException():
            return Again(reason=said(exc) if str(exc) else str(translate(exc)))
        case _:
            return Again(reason=said(exc), bug=True)


def _refused(exc: Exception) -> ConfigError | Again:
    """What an answer over REST means, on the way to the gateway."""
    meant = translate(exc)
    if isinstance(meant, ConfigError):
        return meant
    return Again(reason=str(meant), pause=meant.seconds if isinstance(meant, RateLimited) else 0.0)


def _closed(code: int) -> ConfigError | Deaf | Again:
    if code == 4004:
        return _refused(discord.LoginFailure("4004"))
    if code in CLOSE:
        return Deaf(reason=f"the gateway closed with {code}: {CLOSE[code]}")
    return Again(
        reason=f"the gateway closed with {code}" + (f": {SHARDS[code]}" if code in SHARDS else ""),
        pause=MINUTE if code in SHARDS else 0.0,
    )


class Budget:
    """How many sessions may still begin, and how fast; shared by all clients of a process."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._total = self._left = 1000
        self._resets = clock() + DAY
        self._shards = 1
        self._begun: deque[float] = deque()  # when sessions began, those of the last hour
        self._most = self._calls = 7.0  # connections that may be opened in a row, and how many are left
        self._called = clock()

    def learn(self, limit: Mapping[str, Any], shards: int) -> None:
        """Take what Discord says: `total`, `remaining` and, in ms, `reset_after`."""
        self._total, self._left = int(limit["total"]), int(limit["remaining"])
        self._resets = self._clock() + int(limit["reset_after"]) / 1000
        self._shards = max(1, shards)
        self._most = 5.0 + 2 * self._shards

    def wait(self, sessions: int = 1) -> float:
        """Seconds until so many sessions may begin; 0.0 for now."""
        now = self._clock()
        self._renew(now)
        due = now
        if self._left < min(self._total, min(RESERVE, self._total // 10) + sessions):
            due = self._resets
        if (more := len(self._begun) - self._shards) > 0:
            due = max(due, self._begun[-1] + min(SLOWEST, APART * 2.0**more))
        return max(0.0, due - now)

    async def room(self, sessions: int) -> None:
        """Return when so many sessions may begin, the first at once."""
        if self._begun:
            await asyncio.sleep(max(0.0, self._begun[-1] + APART - self._clock()))
        while (seconds := self.wait(sessions)) > 0:
            if seconds > LONG:
                log.warning("sessions.scarce", left=self._left, total=self._total, again=round(seconds))
            await asyncio.sleep(seconds)

    async def take(self) -> None:
        """Return when one more session may begin; it counts from then on."""
        while (seconds := self.wait()) > 0:
            await asyncio.sleep(seconds)
        self._begun.append(self._clock())
        self._left -= 1

    def watch(self, trace: aiohttp.TraceConfig) -> aiohttp.TraceConfig:
        """The same trace, which from now on holds connections to the gateway back that come too fast.

        A session that was cut goes on at once and as often as it is cut, and counts as none that begins.
        """
        trace.on_request_start.append(self._call)
        return trace

    async def _call(
        self,
        _session: aiohttp.ClientSession,
        _context: SimpleNamespace,
        asked: aiohttp.TraceRequestStartParams,
    ) -> None:
        if asked.url.scheme not in {"ws", "wss"}:
            return
        now = self._clock()
        self._calls = min(self._most, self._calls + (now - self._called) * self._most / MINUTE) - 1
        self._called = now
        if self._calls < 0:
            await asyncio.sleep(-self._calls * MINUTE / self._most)

    def _renew(self, now: float) -> None:
        while self._begun and now - self._begun[0] > STEADY:
            self._begun.popleft()
        if now >= self._resets:
            self._resets += DAY * math.ceil((now - self._resets) / DAY + 1e-9)
            self._left = self._total
