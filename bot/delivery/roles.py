"""Roles: work that one process at a time does, taken over by another when it dies."""

import asyncio
from collections.abc import Awaitable, Callable

from sqlalchemy.exc import SQLAlchemyError

from bot.delivery.trouble import STUCK, Trouble, brief
from bot.errors import StorageError
from bot.log import get_logger
from bot.storage import leases
from bot.storage.database import Database

log = get_logger(__name__)
TERM = 20.0  # seconds that a lease lasts; a dead holder's work goes on after that
BEAT = 5.0  # seconds between two renewals, or two tries to take over


async def hold(
    database: Database,
    name: str,
    holder: str,
    work: Callable[[], Awaitable[None]],
    clock: Callable[[], float],
    *,
    stand_by: bool = True,
) -> bool:
    """Do the work whenever this process holds the lease of that name, until it is done or cancelled.

    Work that the database broke off begins again. While nobody can tell who holds the lease it goes
    on: what it confirmed is still to be recorded, and without the database nobody takes anything new.
    Without standing by it is left to whoever holds the lease; False then, True once it is done.

    Raises:
        StorageError: without standing by, where nobody can tell who holds the lease.
    """
    trouble = Trouble("holding the lease", role=name)
    working: asyncio.Task[None] | None = None
    try:
        while True:
            held = await _take(database, name, holder, clock, trouble)
            if held and working is None:
                log.info("role.taken", role=name, holder=holder)
                working = asyncio.ensure_future(_run(work))
            elif held is False and working is not None:
                log.warning("lease.lost", role=name)
                await _end(working)
                working = None
            elif working is None and not stand_by:
                if held is None:
                    raise StorageError("database: cannot be written to now; try again later")
                return False
            if working is not None and working.done():
                if not _broke_off(name, working):
                    return True
                working = None
            await _pause(working)
    finally:
        if working is not None:
            await _end(working)


async def _run(work: Callable[[], Awaitable[None]]) -> None:
    await work()


def _broke_off(name: str, working: asyncio.Task[None]) -> bool:
    """Whether work that is over is to begin again: the database was in its way, and nothing else."""
    if (exc := working.exception()) is None:
        return False
    group = exc if isinstance(exc, BaseExceptionGroup) else BaseExceptionGroup("", [exc])
    passing, lasting = group.split((SQLAlchemyError, OSError))
    if lasting or passing is None:
        raise exc
    log.warning("role.restarted", role=name, reason=brief(_first(passing)))
    return True


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    first = group.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first


async def _take(
    database: Database, name: str, holder: str, clock: Callable[[], float], trouble: Trouble
) -> bool | None:
    """Whether the lease is held; None where the database cannot tell."""
    try:
        async with asyncio.timeout(min(STUCK, TERM / 2)), database.writing() as connection:
            held = await leases.take(connection, name, holder=holder, now=clock(), term=TERM)
    except (SQLAlchemyError, OSError) as exc:
        trouble.begin(exc)
        return None
    trouble.end()
    return held


async def _pause(working: asyncio.Task[None] | None) -> None:
    if working is None:
        await asyncio.sleep(BEAT)
    else:
        await asyncio.wait({working}, timeout=BEAT)


async def _end(working: asyncio.Task[None]) -> None:
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
