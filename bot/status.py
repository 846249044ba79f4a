"""How the bot is: what the database holds, and whether the sources are looked at as they should be."""

import time
from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.config import Config
from bot.errors import StorageError
from bot.storage import leases, outbox, pages
from bot.storage.database import open_database, parse_url
from bot.storage.pages import SourceState

LATE = 3  # intervals without a look, after which a source counts as late


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
    queue_age: float | None = (
        None  # seconds since the turn was due that is due longest; None: nothing is owed
    )

    def fault(self, source: SourceState) -> str | None:
        """What is wrong with a source, if anything is."""
        if source.error:
            return source.error
        if self.now - source.looked_at > LATE * source.every + 60:
            return "not looked at since; is `paperboy run` running?"
        return None

    @property
    def well(self) -> bool:
        """Every source was looked at in time, and the last look went well."""
        return bool(self.sources) and not any(self.fault(source) for source in self.sources)

    def record(self) -> dict[str, Any]:
        """The status for programs; times in seconds since the epoch."""
        sources = [asdict(source) | {"fault": self.fault(source)} for source in self.sources]
        return {
            "well": self.well,
            **self.counts,
            "paused": self.paused,
            "queue_age": self.queue_age,
            "leases": [asdict(lease) for lease in self.leases],
            "sources": sources,
        }


async def look(config: Config) -> Status:
    """Read the status from the database.

    Raises:
        StorageError: there is no database yet, or it cannot be used.
    """
    address = config.database.get_secret_value()
    url = parse_url(address)
    if url.get_backend_name() == "sqlite" and not _exists(url.database):
        raise StorageError(f"database {url.database}: does not exist yet; `paperboy run` makes it")
    database = await open_database(address)
    try:
        async with database.reading() as connection:
            return await read(connection, {str(source.path) for source in config.sources})
    finally:
        await database.close()


async def read(connection: AsyncConnection, sources: Collection[str]) -> Status:
    """The status, for these sources."""
    now = time.time()
    states = await pages.states(connection)
    clock = await leases.clock(connection, now)
    backlog = await outbox.backlog(connection)
    return Status(
        counts=await outbox.counts(connection),
        sources=tuple(state for state in states if state.source in sources),
        now=int(now),
        leases=tuple(
            Held(name=lease.name, holder=lease.holder, left=round(lease.until - clock, 1))
            for lease in await leases.held(connection)
        ),
        paused=backlog.paused,
        queue_age=None if backlog.oldest is None else round(max(0.0, now - backlog.oldest), 1),
    )


def _exists(path: str | None) -> bool:
    from pathlib import Path

    return bool(path) and Path(str(path)).exists()


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
    for source in status.sources:
        when = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(source.looked_at))
        told.append(f"{source.source}: looked at {when}: {status.fault(source) or 'well'}")
    return told or ["nothing was looked at yet"]
