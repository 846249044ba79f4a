"""Owes what a backup says is still owed, once its papers have been read again.

Until then the rows are kept as filtered, so that nothing owes these papers a second time. Those of an
"overdue" chat, whose hour passed before the backup was restored, do not wait for the next one.
"""

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, and_, exists, func, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.tables import IS_RESTORED, chat, delivery, entry, paper, post, post_tag, subscription


async def owe_post(
    connection: AsyncConnection, post_id: int, follows: ColumnElement[bool], *, at: int
) -> int:
    """Owe the papers of a post to the chats that follow it and were owed them before; give how much.

    A post that is older than the one that the papers were owed of is left out: theirs is to come.
    """
    same = post.c.date >= delivery.c.post_date
    return await _owe(connection, waiting().where(entry.c.post_id == post_id, follows, same), at)


async def owe_rest(connection: AsyncConnection, *, at: int) -> int:
    """Owe what has been read by now, under whatever tag the chat follows; give how much.

    Of several posts it is the one of the day that the backup tells, or else the newest. Who has left every
    tag of a paper is sent it no longer.
    """
    tagged = exists().where(
        post_tag.c.post_id == post.c.id,
        subscription.c.tag_id == post_tag.c.tag_id,
        subscription.c.chat_id == chat.c.id,
    )
    best = ((post.c.date == delivery.c.post_date).desc(), post.c.date.desc(), entry.c.id)
    rank = func.row_number().over(partition_by=delivery.c.id, order_by=best)
    ranked = waiting().add_columns(rank.label("rank")).where(or_(chat.c.follows_all, tagged)).subquery()
    return await _owe(connection, select(ranked).where(ranked.c.rank == 1), at)


async def concerns_anybody(connection: AsyncConnection) -> bool:
    """Whether what is old is owed to anybody: to chats that want it, or because a backup says so."""
    wants = select(chat.c.id).where(or_(chat.c.backlog, exists().where(IS_RESTORED)))
    return bool((await connection.execute(select(wants.exists()))).scalar_one())


def waiting() -> Select[Any]:
    """The restored deliveries whose papers are there, with each entry that could show them."""
    # What was sent in an older version waits for the newer one.
    new = or_(~delivery.c.revised, paper.c.version >= delivery.c.version)
    return (
        select(
            delivery.c.id,
            delivery.c.chat_id,
            delivery.c.reason,
            entry.c.id.label("entry_id"),
            paper.c.version,
        )
        .join(entry, entry.c.arxiv_id == delivery.c.arxiv_id)
        .join(paper, paper.c.arxiv_id == entry.c.arxiv_id)
        .join(post, post.c.id == entry.c.post_id)
        .join(chat, chat.c.id == delivery.c.chat_id)
        .where(IS_RESTORED, new)
    )


async def _owe(connection: AsyncConnection, rows: Select[Any], at: int) -> int:
    """Owe these rows, and say when their chats are served; their number."""
    if not (await connection.execute(select(rows.exists()))).scalar_one():
        return 0
    due = rows.subquery()
    mine = select(due.c.chat_id)
    now = literal(at, BigInteger)
    waits = or_(chat.c.owed_at.is_(None), and_(chat.c.owed_at == chat.c.due_at, chat.c.owed_at > now))
    late = chat.c.id.in_(mine.where(due.c.reason == "overdue"))
    await connection.execute(update(chat).where(waits, late).values(owed_at=now))
    idle = update(chat).where(chat.c.owed_at.is_(None), chat.c.id.in_(mine))
    await connection.execute(idle.values(owed_at=func.coalesce(chat.c.due_at, now)))
    owed = update(delivery).where(delivery.c.id == due.c.id)
    owed = owed.values(entry_id=due.c.entry_id, version=due.c.version, planned_at=at)
    return int((await connection.execute(owed.values(state="pending", reason=None))).rowcount)
