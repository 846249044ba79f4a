"""How the bot is: what the database holds, and whether the sources are looked at as they should be."""

import time
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.config import Config
from bot.habit import day_of
from bot.secrecy import mask
from bot.storage import arrivals, leases, outbox, pages, watching
from bot.storage.arrivals import Newest
from bot.storage.database import open_existing
from bot.storage.pages import SourceState
from bot.storage.watching import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A role that a process has, or had and did not give back."""

    name: str  # collect, or send:PLATFORM
    holder: str  # HOST:PROCESS:NUMBER
    left: float  # seconds until another may take it; below 0: another may

    def line(self) -> str:
        """The role for people."""
        if self.left < 0:
            return f"{self.name}: nobody; {self.holder} had it until {-self.left:.0f} s ago"
        return f"{self.name}: {self.holder}, for {self.left:.0f} s more unless renewed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What `paperboy status` tells."""

    counts: dict[str, int]
    sources: tuple[SourceState, ...]
    now: int
    leases: tuple[Held, ...] = ()
    paused: int = 0  # chats that are not to be reached, or do not want to be
    queue_age: float | None = None  # seconds that the turn is due which is due longest; None: nothing is owed
    newest: Mapping[str, Newest] = field(default_factory=dict)  # by source, of those that brought any
    unseen: tuple[str, ...] = ()  # sources that were not looked at yet

    def kind(self, source: SourceState) -> Kind | None:
        """What kind of trouble a source is in, if any."""
        if source.failures:
            return Kind.FAILING
        if watching.late(source, self.now):
            return Kind.LATE
        return Kind.SILENT if watching.silent(source) else None

    def fault(self, source: SourceState) -> str | None:
        """What is wrong with a source in words, if anything is."""
        if source.failures:
            return mask(source.error or "cannot be read") + _lasting(source)
        if watching.late(source, self.now):
            return "not looked at since; is `paperboy run` running?"
        if source.error:
            return f"read, but for this: {mask(source.error)}"
        if silent := watching.silent(source):
            since = day_of(silent.since)
            return f"nothing new since {since}, longer than usual for it; perhaps it has moved, or rests"
        return None

    @property
    def well(self) -> bool:
        """Each look was in time, and at the last one each source could be read, if not every post of it.

        A source may be silent, or not looked at yet.
        """
        kinds = {self.kind(source) for source in self.sources}
        return bool(self.sources) and not kinds & {Kind.FAILING, Kind.LATE}

    def record(self) -> dict[str, Any]:
        """The status for programs; times in seconds since the epoch."""
        return {
            "well": self.well,
            **self.counts,
            "paused": self.paused,
            "queue_age": self.queue_age,
            "leases": [asdict(lease) for lease in self.leases],
            "sources": [self._record(source) for source in self.sources],
            "unseen": list(self.unseen),
        }

    def _record(self, source: SourceState) -> dict[str, Any]:
        newest = self.newest.get(source.source)
        return asdict(source) | {
            "error": mask(source.error) if source.error else None,
            "trouble": self.kind(source),
            "fault": self.fault(source),
            "last_digest": str(newest.digest) if newest else None,
            "last_news": newest.news if newest else None,
        }


def names(config: Config) -> tuple[str, ...]:
    """What the sources of a configuration are known by."""
    return tuple(source.label for source in config.sources)


async def look(config: Config) -> Status:
    """Read the status from the database.

    Raises:
        StorageError: there is no database yet, or it cannot be used.
    """
    database = await open_existing(config.database.get_secret_value())
    try:
        async with database.reading() as connection:
            return await read(connection, names(config))
    finally:
        await database.close()


async def read(connection: AsyncConnection, sources: Collection[str]) -> Status:
    """The status, for these sources."""
    now = time.time()
    states = [state for state in await pages.states(connection) if state.source in sources]
    clock = await leases.clock(connection, now)
    backlog = await outbox.backlog(connection)
    newest = {state.source: await arrivals.newest(connection, state.source) for state in states}
    return Status(
        counts=await outbox.counts(connection),
        sources=tuple(states),
        now=int(now),
        leases=tuple(
            Held(name=lease.name, holder=lease.holder, left=round(lease.until - clock, 1))
            for lease in await leases.held(connection)
        ),
        paused=backlog.paused,
        queue_age=None if backlog.oldest is None else round(max(0.0, now - backlog.oldest), 1),
        newest={name: found for name, found in newest.items() if found},
        unseen=tuple(name for name in sources if name not in newest),
    )


def _queue(age: float | None) -> str:
    if age is None:
        return "nothing is owed"
    return f"waiting for {age:.0f} s" if age else "nothing is due yet"


def lines(status: Status) -> list[str]:
    """The status for people."""
    counts = [f"{name.replace('delivery.', '')} {number:,}" for name, number in status.counts.items()]
    told = [", ".join(counts)]
    told.append(f"queue: {_queue(status.queue_age)}; paused chats: {status.paused:,}")
    told += [lease.line() for lease in status.leases] or ["nobody collects or sends now"]
    told += [_line(status, source) for source in status.sources]
    told += [f"{name}: not looked at yet" for name in status.unseen]
    return told


def _line(status: Status, source: SourceState) -> str:
    when = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(source.looked_at))
    newest = status.newest.get(source.source)
    last = f"; last digest {newest.digest}" if newest else ""
    return f"{source.source}: looked at {when}: {status.fault(source) or 'well'}{last}"


def _lasting(source: SourceState) -> str:
    """How long a source has been failing, where it is more than once."""
    if source.failed_at is None or source.failures < 2:
        return ""
    since = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(source.failed_at))
    return f" ({source.failures} times in a row, since {since})"
