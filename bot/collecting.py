"""Looks at the sources: each at its own interval, side by side, and sooner when somebody asks."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Collection, Coroutine
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy.exc import SQLAlchemyError

from bot import __version__, scheduler, sources
from bot.config import Config
from bot.delivery.collect import Collected, Rules, collect
from bot.delivery.trouble import brief
from bot.digest.tags import named
from bot.log import get_logger
from bot.sections import SourceConfig
from bot.sources.base import Given, Limits, Source
from bot.storage import pages, schedules
from bot.storage.database import Database
from bot.when import next_due

log = get_logger(__name__)

ROLL = 30.0  # seconds between two looks at schedules whose moment has passed, and at what is wanted
SOON = 5.0  # seconds between two looks that somebody asks for

After = Callable[[Source, Collected, float], Awaitable[None]]  # and the seconds that it took


class Collecting:
    """The sources of the configuration, and the looks at them."""

    def __init__(
        self, config: Config, database: Database, after: After, *, clock: Callable[[], float] = time.time
    ) -> None:
        """Raises ConfigError where a source cannot be made of what is given; `after` follows each look."""
        wanted = config.delivery
        self.sources = [sources.make(item.kind, given(item, config, clock)) for item in config.sources]
        self.looked = asyncio.Event()  # set after the first look at every source
        self.trouble = False  # did any look at a source go wrong
        tags = named({item.name: item.aliases for item in config.tags})
        self._rules = Rules(max_age=wanted.max_age // 86400, cap=wanted.cap, tags=tags)
        self._database = database
        self._after = after
        self._clock = clock
        self._woken = asyncio.Event()
        self._busy: set[str] = set()
        self._looks: set[asyncio.Task[None]] = set()  # that no scheduler began
        self._began: dict[str, float] = {}

    async def once(self) -> None:
        """Look at every source once, side by side."""
        await asyncio.gather(*map(self._look_safely, self.sources))

    async def run(self) -> None:
        """Look at every source at its own interval, for ever."""
        clock = scheduler.schedule(self.sources, self._look_in_time)
        clock.start()
        self._start(self._first())
        rolled = time.monotonic()
        try:
            while True:
                self._woken.clear()
                patience = await self._start_wanted()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(patience):
                        await self._woken.wait()
                if time.monotonic() - rolled >= ROLL:
                    rolled = time.monotonic()
                    scheduler.bring_forward(clock)
                    await self.roll()
        finally:
            clock.shutdown(wait=False)
            for task in self._looks:
                task.cancel()
            await asyncio.gather(*self._looks, return_exceptions=True)

    async def wake(self, names: Collection[str]) -> None:
        """Ask whichever process looks at the sources to look at these now."""
        async with self._database.writing() as connection:
            await pages.want(connection, names, at=int(self._clock()))
        self._woken.set()

    async def roll(self) -> None:
        """Move schedules on whose moment has passed, so that what comes now waits for the next one."""
        async with self._database.writing() as connection:
            await schedules.roll(connection, now=int(self._clock()), next_due=next_due)

    async def close(self) -> None:
        """End what the sources hold open."""
        await asyncio.gather(*(source.close() for source in self.sources), return_exceptions=True)

    async def _first(self) -> None:
        await self.once()
        self.looked.set()

    async def _look_in_time(self, source: Source) -> None:
        """Look when the scheduler says so; it would tell an end as a bug."""
        try:
            await self._look_safely(source)
        except asyncio.CancelledError:
            log.info("look.ended", source=source.name)

    async def _look_safely(self, source: Source) -> None:
        """Look at a source; whatever goes wrong with it, the others and the next look are not concerned."""
        if source.name in self._busy:
            return
        self._busy.add(source.name)
        self._began[source.name] = time.monotonic()
        try:
            await self._look(source)
        except (SQLAlchemyError, OSError) as exc:
            self.trouble = True
            log.warning("look.failed", source=source.name, reason=brief(exc))
        except Exception as exc:
            self.trouble = True
            log.exception("look.broken", source=source.name)
            await self._note_fault(source, exc)
        finally:
            self._busy.discard(source.name)
            self._woken.set()  # perhaps it is wanted again

    async def _look(self, source: Source) -> None:
        await self.roll()
        began = time.monotonic()
        collected = await collect(source, self._database, self._clock, self._rules)
        self.trouble = self.trouble or collected.trouble is not None
        await self._after(source, collected, time.monotonic() - began)

    async def _note_fault(self, source: Source, exc: Exception) -> None:
        """Have a look that ended in a fault of this program count as one that failed."""
        reason = f"{source.name}: a fault of Paperboy's own: {type(exc).__name__}; the log says more"
        now = int(self._clock())
        try:
            async with self._database.writing() as connection:
                every = round(source.every)
                await pages.note_look(connection, source.name, at=now, every=every, error=reason, whole=False)
            await self._after(source, Collected(trouble=reason, whole=False), 0.0)
        except (SQLAlchemyError, OSError) as again:
            log.warning("look.failed", source=source.name, reason=brief(again))

    async def _start_wanted(self) -> float:
        """Begin looks that somebody asked for; the seconds after which to see whether there are more."""
        async with self._database.reading() as connection:
            names = await pages.wanted(connection)
        waiting = [each for each in self.sources if each.name in names and each.name not in self._busy]
        now = time.monotonic()
        late = [each for each in waiting if now - self._began.get(each.name, -SOON) >= SOON]
        for source in late:
            self._start(self._look_safely(source))
        return SOON if len(late) < len(waiting) else ROLL

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._looks.add(task)
        task.add_done_callback(self._looks.discard)


def given(source: SourceConfig, config: Config, clock: Callable[[], float] = time.time) -> Given:
    """What a source is made of."""
    public = source.kind == "github" and urlsplit(source.url or "").hostname == "github.com"
    token = source.token or (config.github.token if public else None)
    limits = Limits(
        agent=config.fetch.agent or f"Paperboy/{__version__}",
        size=config.fetch.size,
        seconds=config.fetch.timeout,
        pause=source.pause,
        private=source.allow_private,
    )
    return Given(
        name=source.label,
        every=source.interval,
        path=source.path or "",
        url=source.url or "",
        branch=source.branch or "",
        since=source.since,
        token=token.get_secret_value() if token else "",
        cache=config.cache or Path("cache"),
        limits=limits,
        clock=clock,
    )
