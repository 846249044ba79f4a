"""What each source holds, as last read, and how the sources are."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.posts import upsert
from bot.storage.tables import page, restored_source, source_state


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """How the last look at a source went; times in seconds since the epoch."""

    source: str
    looked_at: int
    read_at: int | None  # the last look that went well
    every: int  # seconds between two looks
    error: str | None
    imported_at: int | None = None  # the first look that went well
    failed_at: int | None = None  # the first of the looks that failed one after another
    failures: int = 0  # how many those are
    told: str = ""  # the trouble that the operators know of
    wanted_at: int | None = None  # when somebody asked for a look before its time


async def known(connection: AsyncConnection, source: str) -> dict[str, str]:
    """The fingerprint of every address of a source that was read."""
    rows = await connection.execute(select(page.c.address, page.c.fingerprint).where(page.c.source == source))
    return {row.address: row.fingerprint for row in rows}


async def news_since(connection: AsyncConnection, source: str) -> dt.date:
    """The day from which on the posts of a source are news; those before it go to the archive.

    Every post is once a look at the source went well, and none before: all that there is to see first
    is old. A backup tells of the last good look of another database: then what came after the day
    before it is news here, too.
    """
    read = select(source_state.c.read_at).where(source_state.c.source == source)
    if (await connection.execute(read)).scalar_one_or_none() is not None:
        return dt.date.min
    there = select(restored_source.c.read_at).where(restored_source.c.source == source)
    told = (await connection.execute(there)).scalar_one_or_none()
    if told is None:
        return dt.date.max
    return dt.datetime.fromtimestamp(told, dt.UTC).date() - dt.timedelta(days=1)


async def mark(
    connection: AsyncConnection, source: str, address: str, fingerprint: str, reason: str | None
) -> None:
    """Remember that an address was read; `reason` says why it is no digest."""
    statement = upsert(connection, page).values(
        source=source, address=address, fingerprint=fingerprint, reason=reason
    )
    changed = {"fingerprint": fingerprint, "reason": reason}
    await connection.execute(
        statement.on_conflict_do_update(index_elements=["source", "address"], set_=changed)
    )


async def note_look(
    connection: AsyncConnection, source: str, *, at: int, every: int, error: str | None
) -> None:
    """Remember how a look at a source went."""
    values = {"looked_at": at, "every": every, "error": error} | ({} if error else {"read_at": at})
    statement = upsert(connection, source_state).values(source=source, **values)
    await connection.execute(statement.on_conflict_do_update(index_elements=["source"], set_=values))


async def states(connection: AsyncConnection) -> Sequence[SourceState]:
    """Every source that was ever looked at, by name."""
    rows = await connection.execute(select(source_state).order_by(source_state.c.source))
    return [SourceState(**row) for row in rows.mappings()]
