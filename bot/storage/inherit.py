"""Settings that a place takes from the one above it, a channel from its server, where it has none of its own.

They are written into every place, so that who reads a chat finds them there. `own` holds the names of
those that a place does not take; of a place above, the names of those that it gives.
"""

from collections.abc import Collection
from dataclasses import replace

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Layout, Schedule
from bot.storage import chats, schedules
from bot.storage.chats import Chat
from bot.storage.schedules import NextDue
from bot.storage.tables import chat

TIMING = ("when", "zone", "quiet")  # the parts of a schedule
PARTS = (*TIMING, "style", "language", "revised", "layout")


async def keep_own(connection: AsyncConnection, place: Chat, name: str) -> None:
    """Have a place keep a setting, whatever the one above it says."""
    await _write_own(connection, place, place.own | {name})


async def takers(connection: AsyncConnection, above: Chat, name: str) -> list[Chat]:
    """The places within that take a setting from above, as they have none of their own."""
    return [
        place
        for place in await chats.within(connection, above.platform, above.address)
        if place.id != above.id and name not in place.own and _suits(place, above, name)
    ]


async def spread(
    connection: AsyncConnection,
    above: Chat,
    name: str,
    *,
    now: int,
    next_due: NextDue,
    without: Collection[int] = (),
) -> None:
    """Give a setting to all places within that take it from above, but for those numbers."""
    for place in await takers(connection, above, name):
        if place.id not in without:
            await _copy(connection, place, above, {name}, now=now, next_due=next_due)


async def take(
    connection: AsyncConnection,
    place: Chat,
    above: Chat,
    names: Collection[str],
    *,
    now: int,
    next_due: NextDue,
) -> None:
    """Have a place take these settings, and all changes of them, from the one above it."""
    await _copy(connection, place, above, above.own & set(names), now=now, next_due=next_due)
    await _write_own(connection, place, place.own - set(names))


def _suits(place: Chat, above: Chat, name: str) -> bool:
    """Whether a place can have a setting: one that is a thread itself has no threads."""
    if name != "layout":
        return True
    right_below = place.address.rpartition("/")[0] == above.address
    return right_below and place.layout in (Layout.PLAIN, Layout.THREADS)


async def _copy(
    connection: AsyncConnection,
    place: Chat,
    above: Chat,
    names: Collection[str],
    *,
    now: int,
    next_due: NextDue,
) -> None:
    wanted = _timing(place.schedule, above.schedule, names)
    if wanted != place.schedule:
        await schedules.set_schedule(connection, place.id, wanted, now=now, next_due=next_due)
    plain = {name: getattr(above, name) for name in PARTS if name in names and name not in TIMING}
    if plain:
        await connection.execute(update(chat).where(chat.c.id == place.id).values(plain))


def _timing(mine: Schedule, given: Schedule, names: Collection[str]) -> Schedule:
    if "when" in names:
        mine = replace(mine, when=given.when, at=given.at, weekdays=given.weekdays)
    if "zone" in names:
        mine = replace(mine, zone=given.zone)
    return replace(mine, quiet=given.quiet) if "quiet" in names else mine


async def _write_own(connection: AsyncConnection, place: Chat, names: Collection[str]) -> None:
    own = " ".join(name for name in PARTS if name in names)
    await connection.execute(update(chat).where(chat.c.id == place.id).values(own=own))
