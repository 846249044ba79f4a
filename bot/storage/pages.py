"""What each source holds, as last read, and how the sources are."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import case, func, null, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.posts import upsert
from bot.storage.tables import page, restored_source, source_state

LIST = "it lists posts"
MISSED = ""  # the fingerprint of what could not be read when all else was imported: it is as old as that


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
    told: str = ""  # what operators know: `watching.Told`
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


async def touch(connection: AsyncConnection, source: str, address: str, fingerprint: str) -> None:
    """Remember how an address is recognised that holds nothing new; one that was never read is a list."""
    statement = upsert(connection, page).values(
        source=source, address=address, fingerprint=fingerprint, reason=LIST
    )
    await connection.execute(
        statement.on_conflict_do_update(
            index_elements=["source", "address"], set_={"fingerprint": fingerprint}
        )
    )


async def note_look(
    connection: AsyncConnection,
    source: str,
    *,
    at: int,
    every: int,
    began: int | None = None,
    error: str | None = None,
    whole: bool = True,
) -> None:
    """Remember how a look at a source went: as a whole, and, if `error`, what was wrong with it or a part.

    What was wanted before it began (see `begin`) has been done; without that moment it is the same as `at`.
    """
    state = source_state.c
    values: dict[str, Any] = {"looked_at": at, "every": every, "error": error}
    if whole:
        values |= {"read_at": at, "failures": 0, "failed_at": None}
        first = {"imported_at": at}
        changed = values | {"imported_at": func.coalesce(state.imported_at, at)}
    else:
        first = {"failures": 1, "failed_at": at}
        changed = values | {
            "failures": state.failures + 1,
            "failed_at": func.coalesce(state.failed_at, at),
        }
    still = state.wanted_at >= (at if began is None else began)
    changed["wanted_at"] = case((still, state.wanted_at), else_=null())
    statement = upsert(connection, source_state).values(source=source, **(values | first))
    await connection.execute(statement.on_conflict_do_update(index_elements=["source"], set_=changed))


async def begin(connection: AsyncConnection, source: str) -> int:
    """The moment before which all asked whom a look that begins now answers, each by a clock of their own."""
    asked = select(source_state.c.wanted_at).where(source_state.c.source == source)
    wanted_at = (await connection.execute(asked)).scalar_one_or_none()
    return 0 if wanted_at is None else wanted_at + 1


async def want(connection: AsyncConnection, sources: Collection[str], *, at: int) -> None:
    """Ask for a look at these sources before its time; one that was never looked at is, anyway."""
    before = source_state.c.wanted_at
    later = case((before >= at, before + 1), else_=at)  # than all before: a look may have begun for those
    wanted = update(source_state).where(source_state.c.source.in_(sources))
    await connection.execute(wanted.values(wanted_at=later))


async def wanted(connection: AsyncConnection) -> set[str]:
    """The sources that somebody asked for a look at."""
    rows = await connection.execute(
        select(source_state.c.source).where(source_state.c.wanted_at.is_not(None))
    )
    return set(rows.scalars())


async def states(connection: AsyncConnection) -> Sequence[SourceState]:
    """Every source that was ever looked at, by name."""
    rows = await connection.execute(select(source_state).order_by(source_state.c.source))
    return [SourceState(**row) for row in rows.mappings()]
