"""What became of a paper in a chat, and what speaks for or against it there."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.tables import chat, delivery, entry, paper, post_tag, subscription, tag


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """A paper as a chat has it."""

    arxiv_id: str
    title: str  # as written
    tags: tuple[str, ...]  # the names of all that it stands under
    followed: tuple[str, ...]  # those of them that the chat follows
    state: str | None  # of the delivery; None: it was never owed there
    reason: str | None = None
    settled_at: int | None = None
    version: int | None = None
    revised: bool = False
    tries: int = 0


async def trace(connection: AsyncConnection, chat_id: int | None, arxiv_id: str) -> Trace | None:
    """What became of the paper in the chat; None: neither is the paper known nor was it ever owed there."""
    title = (await connection.execute(select(paper.c.title).where(paper.c.arxiv_id == arxiv_id))).scalar()
    here = chat_id or 0  # they are numbered from 1; asked for NULL, SQLite looks at all deliveries
    mine = (delivery.c.chat_id == here, delivery.c.arxiv_id == arxiv_id)
    row = (await connection.execute(select(delivery).where(*mine))).first()
    if title is None and row is None:
        return None
    names, followed = await _tags(connection, here, arxiv_id)
    known = Trace(arxiv_id=arxiv_id, title=title or "", tags=names, followed=followed, state=None)
    if row is None:
        return known
    return Trace(
        arxiv_id=arxiv_id, title=title or "", tags=names, followed=followed, state=row.state,
        reason=row.reason, settled_at=row.settled_at, version=row.version, revised=row.revised,
        tries=row.tries,
    )  # fmt: skip


async def _tags(
    connection: AsyncConnection, chat_id: int, arxiv_id: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    everything = select(chat.c.follows_all).where(chat.c.id == chat_id)
    follows_all = bool((await connection.execute(everything)).scalar())
    mine = (subscription.c.tag_id == tag.c.id) & (subscription.c.chat_id == chat_id)
    rows = await connection.execute(
        select(tag.c.name, subscription.c.chat_id)
        .join(post_tag, post_tag.c.tag_id == tag.c.id)
        .join(entry, entry.c.post_id == post_tag.c.post_id)
        .outerjoin(subscription, mine)
        .where(entry.c.arxiv_id == arxiv_id)
        .distinct()
        .order_by(tag.c.name)
    )
    found = [(name, follows_all or follower is not None) for name, follower in rows]
    return tuple(name for name, _ in found), tuple(name for name, follows in found if follows)
