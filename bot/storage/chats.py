"""Chats: the places that papers are brought to, and how they want them."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Language, Quiet, Schedule, Style, When
from bot.storage.posts import upsert
from bot.storage.tables import IS_OWED, chat, delivery


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """A place on a platform with its settings."""

    id: int
    platform: str
    address: str
    group: bool  # slower than a private chat
    style: Style
    language: Language
    schedule: Schedule
    due_at: int | None  # the next moment of its schedule, in seconds since the epoch


COLUMNS = (
    chat.c.id, chat.c.platform, chat.c.address, chat.c.kind, chat.c.style, chat.c.language, chat.c.schedule,
    chat.c.at, chat.c.zone, chat.c.weekdays, chat.c.quiet_start, chat.c.quiet_end, chat.c.quiet_silent,
    chat.c.due_at,
)  # fmt: skip


def from_row(row: Row[Any]) -> Chat:
    """The chat in a row of `COLUMNS`."""
    return Chat(
        id=row.id,
        platform=row.platform,
        address=row.address,
        group=row.kind == "group",
        style=Style(row.style),
        language=Language(row.language),
        schedule=Schedule(
            when=When(row.schedule),
            at=_time(row.at),
            zone=row.zone,
            weekdays=frozenset(day for day in range(7) if row.weekdays >> day & 1),
            quiet=_quiet(row),
        ),
        due_at=row.due_at,
    )


async def follow_all(
    connection: AsyncConnection,
    platform: str,
    address: str,
    *,
    style: Style,
    language: Language,
    backlog: bool = False,
    group: bool = False,
) -> int:
    """Have a chat that follows every tag, with these settings; give its number."""
    settings = {
        "kind": "group" if group else "private",
        "style": style.value,
        "language": language.value,
        "follows_all": True,
        "backlog": backlog,
    }
    statement = upsert(connection, chat).values(platform=platform, address=address, **settings)
    statement = statement.on_conflict_do_update(index_elements=["platform", "address"], set_=settings)
    return int((await connection.execute(statement.returning(chat.c.id))).scalar_one())


async def resume(connection: AsyncConnection, chat_id: int, *, now: float) -> None:
    """Serve a paused chat again; what it is owed goes on."""
    more = delivery.select().where(delivery.c.chat_id == chat_id, IS_OWED).exists()
    await connection.execute(
        update(chat).where(chat.c.id == chat_id).values(paused_at=None, paused_reason=None)
    )
    await connection.execute(update(chat).where(chat.c.id == chat_id, more).values(owed_at=now))


def _time(minutes: int | None) -> dt.time | None:
    return None if minutes is None else dt.time(minutes // 60, minutes % 60)


def _quiet(row: Row[Any]) -> Quiet | None:
    start, end = _time(row.quiet_start), _time(row.quiet_end)
    if start is None or end is None:
        return None
    return Quiet(start=start, end=end, silent=row.quiet_silent)
