"""The outbox: what each chat is owed, one row per chat and paper, whatever post the paper comes back in."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Integer, and_, func, literal, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.posts import upsert
from bot.storage.tables import chat, delivery, entry, paper, post, post_tag, subscription


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """What a chat is owed of one post."""

    post_id: int
    entry_ids: tuple[int, ...]  # in the post's order


async def plan(
    connection: AsyncConnection, *, at: int, post_id: int | None = None, chat_id: int | None = None
) -> int:
    """Owe the papers of a post (or of all) to the chats (or one chat) that follow one of its tags.

    A paper that a chat was ever owed is not owed again. Gives the number of new deliveries; one
    statement, however many chats there are.
    """
    follows = and_(
        subscription.c.chat_id == chat.c.id,
        subscription.c.tag_id.in_(select(post_tag.c.tag_id).where(post_tag.c.post_id == entry.c.post_id)),
    )
    owed = (
        select(chat.c.id, entry.c.arxiv_id, entry.c.id, literal("pending"), literal(at, Integer))
        .select_from(entry.join(post, post.c.id == entry.c.post_id).join(chat, true()))
        .where(or_(chat.c.follows_all, select(subscription).where(follows).exists()))
        .order_by(chat.c.id, post.c.date, post.c.id, entry.c.position)
    )
    if post_id is not None:
        owed = owed.where(entry.c.post_id == post_id)
    if chat_id is not None:
        owed = owed.where(chat.c.id == chat_id)
    names = ["chat_id", "arxiv_id", "entry_id", "state", "planned_at"]
    statement = upsert(connection, delivery).from_select(names, owed).on_conflict_do_nothing()
    return int((await connection.execute(statement)).rowcount)


async def owing(connection: AsyncConnection) -> list[int]:
    """The numbers of the chats that are owed something."""
    pending = select(delivery.c.chat_id).where(delivery.c.state == "pending").distinct()
    return list((await connection.execute(pending.order_by(delivery.c.chat_id))).scalars())


async def owed(connection: AsyncConnection, chat_id: int) -> list[Owed]:
    """What a chat is owed, oldest digest first."""
    rows = await connection.execute(
        select(entry.c.post_id, entry.c.id)
        .join(delivery, delivery.c.entry_id == entry.c.id)
        .join(post, post.c.id == entry.c.post_id)
        .where(delivery.c.chat_id == chat_id, delivery.c.state == "pending")
        .order_by(post.c.date, post.c.title, post.c.id, entry.c.position)
    )
    by_post: dict[int, list[int]] = {}
    for post_id, entry_id in rows:
        by_post.setdefault(post_id, []).append(entry_id)
    return [Owed(post_id=post_id, entry_ids=tuple(ids)) for post_id, ids in by_post.items()]


async def settle(
    connection: AsyncConnection, chat_id: int, papers: Sequence[str], *, at: int, state: str
) -> None:
    """Record how it ended for these papers in this chat: `sent` only once the platform has confirmed."""
    await connection.execute(
        update(delivery)
        .where(delivery.c.chat_id == chat_id, delivery.c.arxiv_id.in_(papers))
        .values(state=state, settled_at=at)
    )


async def counts(connection: AsyncConnection) -> dict[str, int]:
    """How much there is: posts, papers, chats, and deliveries by state."""
    found = {}
    for table in (post, paper, chat):
        found[table.name] = int(
            (await connection.execute(select(func.count()).select_from(table))).scalar_one()
        )
    rows = await connection.execute(select(delivery.c.state, func.count()).group_by(delivery.c.state))
    return found | {f"delivery.{state}": number for state, number in rows}
