"""What the web port reads of the database: once for all who ask at the same time, and seldom."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from bot.secrecy import mask
from bot.storage import arrivals, leases, pages, totals
from bot.storage.database import Database
from bot.storage.leases import Lease
from bot.storage.pages import SourceState
from bot.storage.totals import Counts

PATIENCE = 2.0  # seconds in which the database answers, if it is well
GIVEN_UP = 20.0  # seconds after which a reading that hangs is broken off
SOON = 1.0  # seconds for which the standing holds
SELDOM = 15.0  # and the totals, which cost more

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What this process is to do."""

    holder: str  # as it signs its leases
    roles: Collection[str]  # collect, send, listen
    platforms: Collection[str]
    listens: Collection[str] = ()  # those of the platforms on which people can ask
    sources: Collection[str] = ()  # the names of all that the configuration has
    labels: Mapping[str, str] = field(init=False)  # the sources as they may be shown

    def __post_init__(self) -> None:
        object.__setattr__(self, "labels", shown(self.sources))


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Who does what, and how far behind it is."""

    now: float
    clock: float  # what leases are timed by
    leases: Mapping[str, Lease]
    sources: Mapping[str, SourceState]
    oldest: Mapping[str, float]  # by platform, when the turn was due that is due first


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What takes longer to count."""

    counts: Counts
    waiting: Mapping[str, int]  # chats whose turn is due, by platform
    news_at: Mapping[str, int]  # when a source last had something new


class Reading(Generic[T]):
    """One reading for all who ask at the same time, and for a while after."""

    def __init__(self, read: Callable[[], Awaitable[T]], *, holds: float, patience: float = PATIENCE) -> None:
        self._read = read
        self._holds = holds
        self._patience = patience
        self._known: tuple[float, T] | None = None
        self._task: asyncio.Task[T] | None = None

    async def get(self) -> T:
        """What was read last, or is read now.

        Raises:
            TimeoutError: there is no answer yet; whoever asks next waits for the same one.
            SQLAlchemyError, OSError: the database cannot be read.
        """
        if self._known and time.monotonic() - self._known[0] < self._holds:
            return self._known[1]
        if self._task is None:
            self._task = asyncio.create_task(self._go())
            self._task.add_done_callback(self._done)
        task = self._task
        await asyncio.wait({task}, timeout=self._patience)
        if not task.done():
            raise TimeoutError
        return task.result()

    async def close(self) -> None:
        """Break off what is being read."""
        if self._task:
            self._task.cancel()
            await asyncio.wait({self._task}, timeout=SOON)

    async def _go(self) -> T:
        async with asyncio.timeout(GIVEN_UP):
            return await self._read()

    def _done(self, task: asyncio.Task[T]) -> None:
        self._task = None
        if not task.cancelled() and not task.exception():
            self._known = time.monotonic(), task.result()


TROUBLES = (SQLAlchemyError, OSError)  # TimeoutError is one of the latter


class Readings:
    """All that is read for one process."""

    def __init__(self, database: Database, part: Part, clock: Callable[[], float] = time.time) -> None:
        self.part = part
        self._database = database
        self.clock = clock
        self.standing = Reading(self._standing, holds=SOON)
        self.totals = Reading(self._totals, holds=SELDOM)

    async def close(self) -> None:
        """Break off what is being read."""
        await asyncio.gather(self.standing.close(), self.totals.close())

    async def _standing(self) -> Standing:
        now = self.clock()
        if not self._database.is_there:
            raise OSError("its file was taken away or replaced while it was open; start the bot again")
        async with self._database.reading() as connection:
            return Standing(
                now=now,
                clock=await leases.clock(connection, now),
                leases={lease.name: lease for lease in await leases.held(connection)},
                sources={state.source: state for state in await pages.states(connection)},
                oldest=await totals.oldest(connection, self.part.platforms),
            )

    async def _totals(self) -> Totals:
        async with self._database.reading() as connection:
            news = {name: await arrivals.newest(connection, name) for name in self.part.sources}
            return Totals(
                counts=await totals.counts(connection),
                waiting=await totals.waiting(connection, self.part.platforms, now=self.clock()),
                news_at={name: newest.news for name, newest in news.items() if newest},
            )


def shown(names: Collection[str]) -> dict[str, str]:
    """How names of sources, which may be addresses, are shown: without secrets, and each for itself."""
    found: dict[str, str] = {}
    for name in names:
        plain = label = re.sub(r"\?[^#\s]*", "?***", mask(name))
        number = 2
        while label in found.values():
            label = f"{plain} ({number})"
            number += 1
        found[name] = label
    return found
