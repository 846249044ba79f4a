"""How much there is in the whole database, asked for again and again: each number comes from an index."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.tables import chat, paper, post


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How much there is."""

    posts: int
    papers: int
    chats: dict[str, int]  # by platform


async def counts(connection: AsyncConnection) -> Counts:
    """How much there is, but for deliveries: what became of those is counted where it happens."""
    posts, papers = [
        int((await connection.execute(select(func.count()).select_from(table))).scalar_one())
        for table in (post, paper)
    ]
    rows = await connection.execute(
        select(chat.c.platform, func.count().label("number")).group_by(chat.c.platform)
    )
    chats = {row.platform: int(row.number) for row in rows}
    return Counts(posts=posts, papers=papers, chats=chats)


async def oldest(connection: AsyncConnection, platforms: Iterable[str]) -> dict[str, float]:
    """For each platform where something is owed: when the turn was due, or will be, that is due first."""
    found = {}
    for platform in platforms:
        first = select(func.min(chat.c.owed_at)).where(_waits(platform))
        if (at := (await connection.execute(first)).scalar_one()) is not None:
            found[platform] = float(at)
    return found


async def waiting(connection: AsyncConnection, platforms: Iterable[str], *, now: float) -> dict[str, int]:
    """For each platform, how many chats wait for a turn that is due."""
    found = {}
    for platform in platforms:
        due = select(func.count()).select_from(chat).where(_waits(platform), chat.c.owed_at <= now)
        found[platform] = int((await connection.execute(due)).scalar_one())
    return found


def _waits(platform: str) -> ColumnElement[bool]:
    """As the partial index has it."""
    return and_(chat.c.platform == platform, chat.c.owed_at.is_not(None), chat.c.paused_at.is_(None))
