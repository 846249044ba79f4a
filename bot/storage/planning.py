"""From post to outbox: which chats are owed which papers; set-based, however many chats there are.

On PostgreSQL a turn that ends while a plan is under way does not see the plan's rows yet, and the plan
sees a chat that has a turn; `outbox.mend` finds the chats that this leaves without one.
"""

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    and_,
    case,
    exists,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    true,
    update,
)  # fmt: skip
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage import news, restored
from bot.storage.posts import upsert
from bot.storage.tables import IS_RESTORED, chat, delivery, entry, paper, post, post_tag, subscription
from bot.storage.tables import filter as wish
from bot.storage.verdicts import judge, searched


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What was read, for whom."""

    entries: ColumnElement[bool]  # of entry, paper and post
    chats: ColumnElement[bool]  # of chat
    at: int
    cap: int | None
    filtered: bool  # filters have words: what they say of the entries can be judged
    restored: bool = False  # some of the entries are owed already at this moment, by a backup


async def plan(
    connection: AsyncConnection, post_id: int, *, at: int, cap: int, oldest: dt.date, first: bool = False
) -> int:
    """Owe what a reading of a post brought to the chats that follow one of its tags; give how much.

    It brought the entries that are new `at` this moment, and new versions of papers for chats that want
    them. A paper that a chat was ever owed is not owed again. At most `cap` papers are pushed to a
    chat, the others are kept as filtered. The first import of a source and posts before `oldest` are
    owed only to chats that want what is old, and to those that a backup says were owed them.

    Raises:
        sqlalchemy.exc.NoResultFound: there is no such post.
    """
    date = (await connection.execute(select(post.c.date).where(post.c.id == post_id))).scalar_one()
    followers = select(subscription.c.chat_id).where(
        subscription.c.tag_id.in_(select(post_tag.c.tag_id).where(post_tag.c.post_id == post_id))
    )
    if (old := first or date < oldest) and not await restored.concerns_anybody(connection):
        return 0
    welcome = chat.c.backlog if old else true()
    new = entry.c.id.in_(await news.find(connection, post_id, at=at, oldest=oldest))
    newer = and_(entry.c.post_id == post_id, paper.c.version > 1)
    follows = or_(chat.c.follows_all, chat.c.id.in_(followers))
    back = await restored.owe_post(connection, post_id, follows, at=at)
    revised = await _is_there(connection, _entries(newer))
    words = select(wish)
    async with searched(connection, or_(new, newer) if revised else new, words) as filtered:
        reading = Reading(
            entries=new, chats=and_(welcome, follows), at=at, cap=cap, filtered=filtered, restored=back > 0
        )
        number = await _owe(connection, reading)
        if revised:
            wants = and_(welcome, chat.c.revised)
            number += await _owe_again(connection, replace(reading, entries=newer, chats=wants))
    return back + number


async def plan_backlog(connection: AsyncConnection, chat_id: int, *, at: int) -> int:
    """Owe a chat everything that it follows, from the beginning and without a cap; give how much."""
    followed = select(post_tag.c.post_id).join(subscription, subscription.c.tag_id == post_tag.c.tag_id)
    followed = followed.where(subscription.c.chat_id == chat_id)
    all_tags = select(chat.c.id).where(chat.c.id == chat_id, chat.c.follows_all).correlate(None).exists()
    known = select(delivery.c.arxiv_id).where(delivery.c.chat_id == chat_id)
    entries = or_(entry.c.post_id.in_(followed), all_tags)
    new = and_(entries, entry.c.arxiv_id.not_in(known))
    async with searched(connection, new, select(wish).where(wish.c.chat_id == chat_id)) as filtered:
        me = chat.c.id == chat_id
        return await _owe(connection, Reading(entries=entries, chats=me, at=at, cap=None, filtered=filtered))


async def _is_there(connection: AsyncConnection, query: Select[Any]) -> bool:
    return bool((await connection.execute(select(query.exists()))).scalar_one())


def _entries(which: ColumnElement[bool]) -> Select[Any]:
    """Entries with their paper's version and their place, oldest post first and in its order."""
    order = (post.c.date, post.c.id, entry.c.position, entry.c.id)
    place = func.row_number().over(order_by=order).label("place")
    return (
        select(entry.c.id.label("entry_id"), entry.c.post_id, entry.c.arxiv_id, paper.c.version, place)
        .join(paper, paper.c.arxiv_id == entry.c.arxiv_id)
        .join(post, post.c.id == entry.c.post_id)
        .where(which)
    )


async def _owe(connection: AsyncConnection, reading: Reading) -> int:
    """Owe the entries to the chats, then say when the chats are served; the number that is pushed."""
    counted = select(func.count()).select_from(_entries(reading.entries).subquery())
    number = int((await connection.execute(counted)).scalar_one())
    if not number:
        return 0
    picky = await _picky(connection, reading, over=number > _bound(reading))
    pushed = 0
    if picky is not None:
        pushed = await _owe_each(connection, reading, picky)
    pushed += await _owe_alike(connection, reading, None if picky is None else ~picky, number)
    await _wake(connection, chat.c.owed_at.is_(None), reading.chats, reading.at)
    return pushed


async def _picky(connection: AsyncConnection, reading: Reading, *, over: bool) -> ColumnElement[bool] | None:
    """The chats that must be counted one by one: by filters, or, where the cap binds, by what they had.

    All others get the same papers, which a plain INSERT ... SELECT can say.
    """
    kinds: list[ColumnElement[bool]] = []
    if reading.filtered:
        kinds.append(chat.c.id.in_(select(wish.c.chat_id)))
    known = _entries(reading.entries if reading.restored else and_(reading.entries, _is_known()))
    if over and await _is_there(connection, known):
        mine = delivery.alias()
        had = mine.c.arxiv_id.in_(known.with_only_columns(entry.c.arxiv_id))
        kinds.append(exists().where(mine.c.chat_id == chat.c.id, had))
    return or_(*kinds) if kinds else None


def _is_known() -> ColumnElement[bool]:
    """Of an entry: its paper stands in another post as well, or a backup tells of it."""
    other = entry.alias()
    elsewhere = exists().where(other.c.arxiv_id == entry.c.arxiv_id, other.c.id != entry.c.id)
    same = delivery.c.arxiv_id == entry.c.arxiv_id
    # One by one, as the index that serves them begins with the reason.
    had = exists().where(same, delivery.c.entry_id.is_(None), delivery.c.reason.is_(None))
    return or_(elsewhere, had, exists().where(same, IS_RESTORED))


async def _owe_alike(
    connection: AsyncConnection, reading: Reading, which: ColumnElement[bool] | None, number: int
) -> int:
    """Owe the same entries to all of these chats; the number that is pushed."""
    # LEFT, though there are entries: so SQLite goes through the chats once, and has no million rows to sort.
    new = _entries(reading.entries).subquery()
    cap = min(_bound(reading), number)
    over = new.c.place > cap
    rows = select(
        chat.c.id,
        new.c.arxiv_id,
        new.c.entry_id,
        new.c.version,
        case((over, "filtered"), else_="pending"),
        case((over, "cap")),
        literal(reading.at, BigInteger),
    ).select_from(chat.outerjoin(new, true()))
    rows = rows.where(reading.chats, true() if which is None else which)
    # Where the cap binds, these chats had none of the papers: each gets a row for every one.
    return await _insert(connection, rows.order_by(chat.c.id, new.c.place)) * cap // number


async def _owe_each(connection: AsyncConnection, reading: Reading, which: ColumnElement[bool]) -> int:
    """Owe these chats what passes their filters, each counted up to the cap; the number that is pushed."""
    new = _entries(reading.entries).subquery()
    mine = exists().where(delivery.c.chat_id == chat.c.id, delivery.c.arxiv_id == new.c.arxiv_id)
    source, reason = _judged(chat.join(new, true()), new.c.entry_id, reading)
    place = func.row_number().over(partition_by=(chat.c.id, reason.is_(None)), order_by=new.c.place)
    judged = (
        select(chat.c.id, new, reason.label("reason"), place.label("rank"))
        .select_from(source)
        .where(reading.chats, which, ~mine)
        .subquery()
    )
    rank = judged.c.rank + _restored(new, judged.c.id, reading) if reading.restored else judged.c.rank
    over = rank > _bound(reading)
    why = func.coalesce(judged.c.reason, case((over, "cap")))
    rows = select(
        judged.c.id,
        judged.c.arxiv_id,
        judged.c.entry_id,
        judged.c.version,
        case((why.is_(None), "pending"), else_="filtered"),
        why,
        literal(reading.at, BigInteger),
    )
    await _insert(connection, rows.order_by(judged.c.id, judged.c.place))
    pushed = (
        select(func.count())
        .select_from(chat.join(delivery, delivery.c.chat_id == chat.c.id))
        .where(reading.chats, which, _is_owed(delivery), delivery.c.planned_at == reading.at)
        .where(delivery.c.entry_id.in_(select(new.c.entry_id)), delivery.c.post_date.is_(None))
    )
    return int((await connection.execute(pushed)).scalar_one())


def _restored(new: FromClause, chat_id: ColumnElement[int], reading: Reading) -> ColumnElement[int]:
    """How many of the entries a chat is owed at this moment by a backup."""
    mine = delivery.alias()
    count = select(func.count()).where(mine.c.chat_id == chat_id, _is_owed(mine))
    count = count.where(mine.c.planned_at == reading.at, mine.c.post_date.is_not(None))
    return count.where(mine.c.entry_id.in_(select(new.c.entry_id))).scalar_subquery()


async def _insert(connection: AsyncConnection, rows: Select[Any]) -> int:
    names = ["chat_id", "arxiv_id", "entry_id", "version", "state", "reason", "planned_at"]
    statement = upsert(connection, delivery).from_select(names, rows)
    # With its key named: PostgreSQL looks into every unique index else.
    statement = statement.on_conflict_do_nothing(index_elements=["chat_id", "arxiv_id"])
    return int((await connection.execute(statement)).rowcount)


async def _owe_again(connection: AsyncConnection, reading: Reading) -> int:
    """Give chats that were sent an older version of a paper the row back; the number that is pushed.

    What is not sent yet will be shown in the new version anyway, and is not owed once more for it.
    """
    newer = _entries(reading.entries).subquery()
    older = and_(delivery.c.arxiv_id == newer.c.arxiv_id, delivery.c.version < newer.c.version)
    both = chat.join(delivery, delivery.c.chat_id == chat.c.id).join(newer, older)
    pending = (chat.c.revised, _is_owed(delivery))
    waiting = select(delivery.c.id, newer.c.version).select_from(both).where(*pending).subquery()
    await connection.execute(
        update(delivery).where(delivery.c.id == waiting.c.id).values(version=waiting.c.version)
    )
    due = _revised(both, newer, reading).subquery()
    changed = update(delivery).where(delivery.c.id == due.c.id)
    changed = changed.where(due.c.rank + due.c.pushed <= _bound(reading))
    back = {"state": "pending", "revised": True, "parts": 0, "tries": 0, "reason": None, "settled_at": None}
    changed = changed.values(**back, entry_id=due.c.entry_id, version=due.c.version, planned_at=reading.at)
    number = int((await connection.execute(changed)).rowcount)
    if number:
        # Chats that are owed something already are written as well: nothing else holds them here.
        await _wake(connection, true(), reading.chats, reading.at)
    return number


def _revised(both: FromClause, newer: FromClause, reading: Reading) -> Select[Any]:
    """Rows of older versions that were sent, of papers that still stand under a tag the chat follows."""
    place = entry.alias()
    follows = exists().where(
        place.c.arxiv_id == delivery.c.arxiv_id,
        post_tag.c.post_id == place.c.post_id,
        subscription.c.tag_id == post_tag.c.tag_id,
        subscription.c.chat_id == chat.c.id,
    )
    other, whole = delivery.alias(), entry.alias()
    pushed = (
        select(func.count())
        .select_from(other.join(whole, whole.c.id == other.c.entry_id))
        .where(other.c.chat_id == chat.c.id, _is_owed(other))
        .where(other.c.planned_at == reading.at, whole.c.post_id == newer.c.post_id)
        .scalar_subquery()
    )
    source, reason = _judged(both, newer.c.entry_id, reading)
    rank = func.row_number().over(partition_by=chat.c.id, order_by=newer.c.place)
    columns = (delivery.c.id, newer.c.entry_id, newer.c.version, rank.label("rank"), pushed.label("pushed"))
    sent = select(*columns).select_from(source).where(reading.chats, delivery.c.state == "sent")
    return sent.where(reason.is_(None), or_(chat.c.follows_all, follows))


def _judged(
    chats: FromClause, entry_id: ColumnElement[int], reading: Reading
) -> tuple[FromClause, ColumnElement[Any]]:
    return judge(chats, entry_id) if reading.filtered else (chats, null())


def _is_owed(deliveries: FromClause) -> ColumnElement[bool]:
    """Spelled as the partial index has it: with parameters the engines do not see that it serves."""
    return deliveries.c.state.in_([literal_column("'pending'"), literal_column("'sending'")])


def _bound(reading: Reading) -> int:
    return 2**31 if reading.cap is None else reading.cap


async def _wake(
    connection: AsyncConnection, which: ColumnElement[bool], chats: ColumnElement[bool], at: int
) -> None:
    """Say when chats that have something in their outbox are served, where it is not said yet."""
    has = exists().where(delivery.c.chat_id == chat.c.id, _is_owed(delivery))
    served = func.coalesce(chat.c.owed_at, chat.c.due_at, literal(at, BigInteger))
    await connection.execute(update(chat).where(which, chats, has).values(owed_at=served))
