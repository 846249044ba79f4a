"""When chats want what they are owed: kept, given back, and moved on to the next moment."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from sqlalchemy import Select, and_, case, func, not_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Schedule, When
from bot.storage import chats
from bot.storage.tables import chat

EVERY_DAY = 127

NextDue = Callable[[Schedule, dt.datetime], dt.datetime | None]


async def load(connection: AsyncConnection, chat_id: int) -> Schedule:
    """When a chat wants what it is owed.

    Raises:
        sqlalchemy.exc.NoResultFound: there is no such chat.
    """
    settings: Select[Any] = select(*chats.COLUMNS).where(chat.c.id == chat_id)
    row = (await connection.execute(settings)).one()
    return chats.from_row(row).schedule


async def set_schedule(
    connection: AsyncConnection, chat_id: int, schedule: Schedule, *, now: int, next_due: NextDue
) -> int | None:
    """Have the chat served by this schedule from `now` on; give its next moment, None for at once.

    What it is owed already waits for that moment as well.
    """
    due = _next(schedule, now, next_due)
    quiet = schedule.quiet
    values = {
        "schedule": schedule.when.value,
        "at": _minutes(schedule.at),
        "zone": schedule.zone,
        "weekdays": sum(1 << day for day in schedule.weekdays),
        "quiet_start": _minutes(quiet.start) if quiet else None,
        "quiet_end": _minutes(quiet.end) if quiet else None,
        "quiet_silent": bool(quiet and quiet.silent),
        "due_at": due,
        "owed_at": case((chat.c.owed_at.is_not(None), now if due is None else due)),
    }
    await connection.execute(update(chat).where(chat.c.id == chat_id).values(values))
    return due


async def roll(connection: AsyncConnection, *, now: int, next_due: NextDue) -> int:
    """Move chats whose moment passed with nothing owed on to the next one; give how many.

    To be called before planning: what comes after the moment is for the next one. One UPDATE for each
    different schedule, however many chats have it.
    """
    # At once, but not every day: today may be a day to wait on.
    plain = and_(chat.c.schedule == When.INSTANT.value, chat.c.weekdays == EVERY_DAY)
    waits = and_(chat.c.due_at.is_(None), not_(plain))
    stale = and_(chat.c.owed_at.is_(None), or_(chat.c.due_at <= now, waits))
    alike = (chat.c.schedule, chat.c.at, chat.c.zone, chat.c.weekdays)
    first = select(func.min(chat.c.id)).where(stale).group_by(*alike)
    samples: Select[Any] = select(*chats.COLUMNS).where(chat.c.id.in_(first))
    moved = 0
    for row in (await connection.execute(samples)).all():
        due = _next(chats.from_row(row).schedule, now, next_due)
        same = [column.is_not_distinct_from(row._mapping[column]) for column in alike]
        changed = update(chat).where(stale, *same, chat.c.due_at.is_distinct_from(due))
        moved += (await connection.execute(changed.values(due_at=due))).rowcount
    return moved


def _next(schedule: Schedule, now: int, next_due: NextDue) -> int | None:
    due = next_due(schedule, dt.datetime.fromtimestamp(now, dt.UTC))
    return None if due is None else int(due.timestamp())


def _minutes(at: dt.time | None) -> int | None:
    return None if at is None else at.hour * 60 + at.minute
