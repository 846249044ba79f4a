"""Chats: the places that papers are brought to, and how they want them."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    Table,
    and_,
    case,
    collate,
    delete,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Language, Layout, Quiet, Schedule, Style, When
from bot.storage.posts import storable, upsert
from bot.storage.tables import IS_OWED, chat, delivery, saved, subscription
from bot.storage.tables import filter as wish

ASKED = "asked"  # why a chat is paused where somebody there wanted it; any other reason is a trouble


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
    revised: bool = False  # wants new versions of papers
    follows_all: bool = False  # every tag, those to come as well
    paused_at: int | None = None
    paused_reason: str | None = None  # `ASKED`, or why it could not be reached
    title: str = ""  # as people know it: "@channel"
    manager: str = ""  # who set it up, as the platform numbers people
    layout: Layout = Layout.PLAIN
    own: frozenset[str] = frozenset()  # settings that are not those of the place above it

    @property
    def paused(self) -> bool:
        """Whether what it is owed waits until it is resumed."""
        return self.paused_at is not None


COLUMNS = (
    chat.c.id, chat.c.platform, chat.c.address, chat.c.kind, chat.c.style, chat.c.language, chat.c.schedule,
    chat.c.at, chat.c.zone, chat.c.weekdays, chat.c.quiet_start, chat.c.quiet_end, chat.c.quiet_silent,
    chat.c.due_at, chat.c.revised, chat.c.follows_all, chat.c.paused_at, chat.c.paused_reason, chat.c.title,
    chat.c.manager, chat.c.layout, chat.c.own,
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
        revised=row.revised,
        follows_all=row.follows_all,
        paused_at=row.paused_at,
        paused_reason=row.paused_reason,
        title=row.title,
        manager=row.manager,
        layout=Layout(row.layout),
        own=frozenset(row.own.split()),
    )


async def find(connection: AsyncConnection, platform: str, address: str) -> Chat | None:
    """The chat at an address; None: the bot does not know it."""
    known: Select[Any] = select(*COLUMNS).where(chat.c.platform == platform, chat.c.address == address)
    row = (await connection.execute(known)).first()
    return from_row(row) if row else None


async def within(connection: AsyncConnection, platform: str, address: str) -> list[Chat]:
    """The chat at an address and those at places in it, "ADDRESS/TOPIC", that the bot knows."""
    known = bytewise(connection, chat.c.address)
    inside = and_(known >= f"{address}/", known < f"{address}0")  # "0" stands right behind "/"
    mine: Select[Any] = select(*COLUMNS).where(chat.c.platform == platform)
    rows = await connection.execute(mine.where(or_(chat.c.address == address, inside)).order_by(chat.c.id))
    return [from_row(row) for row in rows]


async def settle_in(
    connection: AsyncConnection,
    platform: str,
    address: str,
    *,
    group: bool,
    style: Style,
    language: Language,
    title: str = "",
    manager: str = "",
    layout: Layout = Layout.PLAIN,
) -> Chat:
    """The chat at an address, made with these settings where the bot did not know it.

    One that it knew takes a new title, and a manager if it had none; a forum has posts in any case.
    """
    kind = "group" if group else "private"
    made = {
        "platform": platform, "address": address, "kind": kind, "style": style.value,
        "language": language.value, "follows_all": False, "title": title, "manager": manager,
        "layout": layout.value,
    }  # fmt: skip
    statement = upsert(connection, chat).values(storable(made))
    told = {
        "title": func.coalesce(func.nullif(statement.excluded.title, ""), chat.c.title),
        "manager": func.coalesce(func.nullif(chat.c.manager, ""), statement.excluded.manager),
        "layout": case(
            (statement.excluded.layout == Layout.POSTS.value, Layout.POSTS.value), else_=chat.c.layout
        ),
    }
    statement = statement.on_conflict_do_update(index_elements=["platform", "address"], set_=told)
    return from_row((await connection.execute(statement.returning(*COLUMNS))).one())


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


async def set_style(connection: AsyncConnection, chat_id: int, style: Style) -> None:
    """Have the chat shown so much of a digest."""
    await _set(connection, chat_id, style=style.value)


async def set_language(connection: AsyncConnection, chat_id: int, language: Language) -> None:
    """Have the bot speak this language there."""
    await _set(connection, chat_id, language=language.value)


async def set_layout(connection: AsyncConnection, chat_id: int, layout: Layout) -> None:
    """Have digests stand there so."""
    await _set(connection, chat_id, layout=layout.value)


async def set_revised(connection: AsyncConnection, chat_id: int, revised: bool) -> None:
    """Have the chat sent new versions of papers that it was sent, or not."""
    await _set(connection, chat_id, revised=revised)


async def pause(connection: AsyncConnection, chat_id: int, *, now: float, reason: str = ASKED) -> None:
    """Serve the chat no longer; everything is kept, and what comes meanwhile is owed."""
    await _set(connection, chat_id, paused_at=int(now), paused_reason=storable(reason))


async def resume(connection: AsyncConnection, chat_id: int, *, now: float) -> None:
    """Serve a paused chat again; what it is owed goes on at the next moment of its schedule."""
    more = delivery.select().where(delivery.c.chat_id == chat_id, IS_OWED).exists()
    await _set(connection, chat_id, paused_at=None, paused_reason=None)
    due = func.coalesce(chat.c.due_at, literal(now))
    await connection.execute(update(chat).where(chat.c.id == chat_id, more).values(owed_at=due))


async def waiting(connection: AsyncConnection, chat_id: int) -> int:
    """How many papers the chat is owed."""
    owed = select(func.count()).select_from(delivery).where(delivery.c.chat_id == chat_id, IS_OWED)
    return int((await connection.execute(owed)).scalar_one())


async def come_back(connection: AsyncConnection, platform: str, address: str, *, now: float) -> bool:
    """Resume a chat that can be reached again; not where somebody there wanted the pause. True: resumed."""
    known = await find(connection, platform, address)
    if known is None or not known.paused or known.paused_reason == ASKED:
        return False
    await resume(connection, known.id, now=now)
    return True


async def forget(connection: AsyncConnection, chat_id: int) -> None:
    """Know nothing of the chat any more: settings, what it follows, filters, what it was sent."""
    await connection.execute(delete(chat).where(chat.c.id == chat_id))


async def forget_person(connection: AsyncConnection, platform: str, person: str) -> None:
    """Know nothing of a person any more: the reading list."""
    await connection.execute(delete(saved).where(saved.c.platform == platform, saved.c.person == person))


async def move(connection: AsyncConnection, platform: str, old: str, new: str, *, now: float) -> bool:
    """A chat lives at another address now, with all it has; False: it was not known at the old one.

    What is known at the new one already, made by the first request there, is added to it.
    """
    known = await find(connection, platform, old)
    if known is None or old == new:
        return False
    other = await find(connection, platform, new)
    if other is not None:
        await _merge(connection, known, other)
    await _set(connection, known.id, address=new)
    if known.paused_reason != ASKED:
        await resume(connection, known.id, now=now)
    return True


async def _merge(connection: AsyncConnection, kept: Chat, other: Chat) -> None:
    """Give a chat what another follows, filters and was owed; the other is gone then."""
    theirs = select(literal(kept.id), subscription.c.tag_id).where(subscription.c.chat_id == other.id)
    await _insert(connection, subscription, ["chat_id", "tag_id"], theirs)
    words = select(literal(kept.id), wish.c.kind, wish.c.word).where(wish.c.chat_id == other.id)
    await _insert(connection, wish, ["chat_id", "kind", "word"], words.order_by(wish.c.id))
    here = delivery.alias()
    sent = select(here.c.arxiv_id).where(here.c.chat_id == other.id, here.c.state == "sent")
    unsent = and_(delivery.c.chat_id == kept.id, delivery.c.state != "sent", delivery.c.arxiv_id.in_(sent))
    await connection.execute(delete(delivery).where(unsent))
    mine = select(here.c.arxiv_id).where(here.c.chat_id == kept.id)
    moved = update(delivery).where(delivery.c.chat_id == other.id, delivery.c.arxiv_id.not_in(mine))
    await connection.execute(moved.values(chat_id=kept.id))
    await forget(connection, other.id)
    follows_all = kept.follows_all or other.follows_all
    await _set(connection, kept.id, title=other.title or kept.title, follows_all=follows_all)


async def _insert(connection: AsyncConnection, table: Table, names: list[str], rows: Select[Any]) -> None:
    await connection.execute(upsert(connection, table).from_select(names, rows).on_conflict_do_nothing())


async def _set(connection: AsyncConnection, chat_id: int, **values: Any) -> None:
    await connection.execute(update(chat).where(chat.c.id == chat_id).values(values))


def bytewise(connection: AsyncConnection, text: ColumnElement[str]) -> ColumnElement[str]:
    """A text compared by its bytes, whatever the language of the database; several times as fast, too."""
    return collate(text, "C" if connection.dialect.name == "postgresql" else "BINARY")


def _time(minutes: int | None) -> dt.time | None:
    return None if minutes is None else dt.time(minutes // 60, minutes % 60)


def _quiet(row: Row[Any]) -> Quiet | None:
    start, end = _time(row.quiet_start), _time(row.quiet_end)
    if start is None or end is None:
        return None
    return Quiet(start=start, end=end, silent=row.quiet_silent)
