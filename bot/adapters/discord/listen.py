"""Listens to Discord: keeps a client connected to the gateway, one life after another.

Pushes go over REST by a connection of their own and know nothing of this: a gateway that is away
stops no digest.
"""

import asyncio
import random
import time
from collections.abc import Callable
from typing import Any

from discord.gateway import DiscordWebSocket
from yarl import URL

from bot.adapters.discord.calm import calm
from bot.adapters.discord.client import Client
from bot.adapters.discord.errors import said
from bot.adapters.discord.gateway import Again, Budget, Deaf, verdict
from bot.errors import ConfigError
from bot.log import get_logger

log = get_logger(__name__)

SOONEST, LONGEST = 1.0, 60.0  # seconds between two lives
LAUNCH = 120.0  # seconds in which the first shard is to be heard, or else another client tries
SILENT = 120.0  # seconds without an open shard, after which it is the same: the library waits up to 17 min
LOOK = 5.0  # seconds between two looks at the shards
END = 5.0  # seconds that saying goodbye may take, with answers under way
CUT = 1.0  # seconds that the library gets after its connections are cut


class Listener:
    """Keeps a client connected until it is cancelled."""

    def __init__(self, make: Callable[[], Client], token: str, budget: Budget) -> None:
        """`make` gives a new client for each life; `budget` says when a session may begin."""
        self.ready = asyncio.Event()  # set while a client is connected
        self._make = make
        self._token = token
        self._budget = budget
        self._bugs: set[str] = set()  # whose traceback was shown

    async def once(self) -> None:
        """Nothing: Discord keeps no question for longer than three seconds."""

    async def run(self) -> None:
        """Listen until cancelled.

        Raises:
            ConfigError: Discord does not know the token, or its API is not reached as configured.
        """
        calm()
        pause, began = SOONEST, time.monotonic()
        while not isinstance(found := await self._try(), Deaf):
            if time.monotonic() - began > LONGEST:
                pause = SOONEST
            wait = max(pause, found.pause) * random.uniform(1.0, 1.2)
            log.warning("platform.unheard", platform="discord", again=round(wait), reason=found.reason)
            await asyncio.sleep(wait)
            pause, began = min(LONGEST, 2 * pause), time.monotonic()
        log.error("platform.deaf", platform="discord", reason=found.reason)
        await asyncio.Event().wait()

    async def _try(self) -> Deaf | Again:
        """Live once, and say what its end means."""
        try:
            await self._live()
        except Exception as exc:
            found = verdict(exc)
            if isinstance(found, ConfigError):
                raise found from exc
            if isinstance(found, Again) and found.bug and found.reason not in self._bugs:
                self._bugs.add(found.reason)
                log.exception("listening.failed", platform="discord")
            return found
        return Again(reason="the connection was closed")

    async def _live(self) -> None:
        """One life of a client; ends with an error, whatever ends it."""
        client = self._make()
        work: asyncio.Future[None] | None = None
        try:
            async with asyncio.timeout(LAUNCH):
                await client.login(self._token)
                shards, url, limit = await client.http.get_bot_gateway()
            self._budget.learn(limit, shards)
            await self._budget.room(shards)
            # The library asks for both by itself, but takes the address for the first connection alone.
            DiscordWebSocket.DEFAULT_GATEWAY = URL(url)
            client.shard_count = shards
            work = asyncio.ensure_future(client.connect())
            await _launch(client, work)
            self.ready.set()
            log.info("listening.begun", platform="discord", shards=shards, servers=len(client.guilds))
            await _watch(client, work)
        finally:
            self.ready.clear()
            await _end(client, work)


async def _launch(client: Client, work: asyncio.Future[None]) -> None:
    """Return once a shard is heard; else the library would try for ever, in growing pauses."""
    heard: asyncio.Future[Any] = asyncio.ensure_future(client.heard.wait())
    try:
        await asyncio.wait({work, heard}, timeout=LAUNCH, return_when=asyncio.FIRST_COMPLETED)
    finally:
        heard.cancel()
    if work.done():
        work.result()
    elif not client.heard.is_set():
        raise TimeoutError(f"the gateway was not heard within {LAUNCH:.0f} s")


async def _watch(client: Client, work: asyncio.Future[None]) -> None:
    """Return, or raise, when the work ends; raise as well when no shard is open for long."""
    opened = time.monotonic()
    while not (await asyncio.wait({work}, timeout=LOOK))[0]:
        if any(not shard.is_closed() for shard in client.shards.values()):
            opened = time.monotonic()
        elif time.monotonic() - opened > SILENT:
            raise TimeoutError(f"the gateway has been away for {SILENT:.0f} s")
    work.result()


async def _end(client: Client, work: asyncio.Future[None] | None) -> None:
    """Say goodbye, which Discord answers; where it does not, the connections are cut."""
    if work:
        work.cancel()  # which the library swallows while it takes a session up again; closing ends it then
    closing = asyncio.ensure_future(client.close())
    await asyncio.wait({closing}, timeout=END)
    closing.cancel()
    await client.http.close()
    ending: set[asyncio.Future[None]] = {closing, work} if work else {closing}
    for task in (await asyncio.wait(ending, timeout=CUT))[0]:
        if not task.cancelled() and (exc := task.exception()):
            log.debug("connection.unclosed", platform="discord", reason=said(exc))
