"""How the bot is: what the database holds, and whether the sources are looked at as they should be."""

import time
from dataclasses import asdict, dataclass
from typing import Any

from bot.config import Config
from bot.errors import StorageError
from bot.storage import outbox, pages
from bot.storage.database import open_database, parse_url
from bot.storage.pages import SourceState

LATE = 3  # intervals without a look, after which a source counts as late


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What `paperboy status` tells."""

    counts: dict[str, int]
    sources: tuple[SourceState, ...]
    now: int

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
        return {"well": self.well, **self.counts, "sources": sources}


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
            counts = await outbox.counts(connection)
            states = await pages.states(connection)
    finally:
        await database.close()
    names = {str(source.path) for source in config.sources}
    present = tuple(state for state in states if state.source in names)
    return Status(counts=counts, sources=present, now=int(time.time()))


def _exists(path: str | None) -> bool:
    from pathlib import Path

    return bool(path) and Path(str(path)).exists()


def lines(status: Status) -> list[str]:
    """The status for people."""
    counts = [f"{name.replace('delivery.', '')} {number:,}" for name, number in status.counts.items()]
    told = [", ".join(counts)]
    for source in status.sources:
        when = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(source.looked_at))
        told.append(f"{source.source}: looked at {when}: {status.fault(source) or 'well'}")
    return told or ["nothing was looked at yet"]
