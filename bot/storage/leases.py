"""Leases: work that one process at a time does, and that another takes over when it dies.

The clock of the PostgreSQL server is the clock of every lease: the machines that share it may disagree.
A SQLite file is of one process, whose own clock serves.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Double, cast, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.posts import upsert
from bot.storage.tables import lease


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """Who does a piece of work, and until when, in seconds since the epoch."""

    name: str
    holder: str
    until: float


async def clock(connection: AsyncConnection, now: float) -> float:
    """What the leases are timed by, in seconds since the epoch; `now` where that is this process."""
    if connection.dialect.name != "postgresql":
        return now
    server = select(cast(func.extract("epoch", func.clock_timestamp()), Double))
    return float((await connection.execute(server)).scalar_one())


async def take(connection: AsyncConnection, name: str, *, holder: str, now: float, term: float) -> bool:
    """Take a lease that is free, over, or already this holder's; False where another has it.

    One that lasts longer than any is given for is of a time before the clock stepped back.
    """
    now = await clock(connection, now)
    until = now + term
    statement = upsert(connection, lease).values(name=name, holder=holder, until=until)
    statement = statement.on_conflict_do_update(
        index_elements=["name"],
        set_={"holder": holder, "until": until},
        where=or_(lease.c.until < now, lease.c.until > now + 2 * term, lease.c.holder == holder),
    )
    return (await connection.execute(statement.returning(lease.c.name))).scalar_one_or_none() is not None


async def give_back(connection: AsyncConnection, *, holder: str | None = None) -> None:
    """End every lease of a holder, or of all."""
    ended = delete(lease)
    await connection.execute(ended.where(lease.c.holder == holder) if holder else ended)


async def held(connection: AsyncConnection) -> Sequence[Lease]:
    """Every lease that was taken and not given back, by name."""
    rows = await connection.execute(select(lease).order_by(lease.c.name))
    return [Lease(**row) for row in rows.mappings()]
