"""What people may go on to write: papers by their ids and titles, days that have digests."""

import datetime as dt
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.chats import bytewise
from bot.storage.merging import ids
from bot.storage.tables import entry, paper, paper_text, post, post_tag

_LATIN = re.compile(r"[a-z][a-z0-9]{3,31}")
_LAST = "\U0010ffff"  # stands behind whatever an id may go on with


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A paper by its id and its title as written."""

    arxiv_id: str
    title: str


async def begun(connection: AsyncConnection, start: str, *, limit: int) -> list[Named]:
    """The papers whose arXiv ids begin so, the highest first."""
    arxiv_id = bytewise(connection, paper.c.arxiv_id)
    rows = await connection.execute(
        select(paper.c.arxiv_id, paper.c.title)
        .where(arxiv_id >= start, arxiv_id < start + _LAST)
        .order_by(arxiv_id.desc())
        .limit(limit)
    )
    return [Named(arxiv_id=arxiv_id, title=title) for arxiv_id, title in rows]


async def named(connection: AsyncConnection, arxiv_ids: Sequence[str]) -> list[Named]:
    """Those of the papers that are known, in the same order."""
    rows = await connection.execute(
        select(paper.c.arxiv_id, paper.c.title).where(paper.c.arxiv_id.in_(arxiv_ids))
    )
    titles = {row.arxiv_id: row.title for row in rows}
    return [Named(arxiv_id=each, title=titles[each]) for each in arxiv_ids if each in titles]


async def newest(connection: AsyncConnection, *, limit: int) -> list[Named]:
    """The papers of the newest digests."""
    rows = await connection.execute(
        select(paper.c.arxiv_id, paper.c.title)
        .join(paper_text, paper_text.c.arxiv_id == paper.c.arxiv_id)
        .order_by(paper_text.c.place)
        .limit(limit)
    )
    return [Named(arxiv_id=arxiv_id, title=title) for arxiv_id, title in rows]


async def title_words(connection: AsyncConnection, *, papers: int) -> frozenset[str]:
    """The Latin words of four letters and more in the titles of so many newest papers, folded."""
    rows = await connection.execute(select(paper_text.c.title).order_by(paper_text.c.place).limit(papers))
    return frozenset(word for title in rows.scalars() for word in _LATIN.findall(title.partition("\n")[0]))


async def days(
    connection: AsyncConnection, slugs: Collection[str], *, until: dt.date, limit: int
) -> list[dt.date]:
    """The last days up to one on which these tags, or any where none is named, had digests."""
    held = select(entry.c.id).where(entry.c.post_id == post.c.id, post.c.superseded_by.is_(None)).limit(1)
    told = select(post.c.date).where(
        post.c.date <= until, held.correlate(post).scalar_subquery().is_not(None)
    )
    if slugs:
        mine = select(post_tag.c.post_id).where(post_tag.c.tag_id.in_(ids(slugs)))
        told = told.where(post.c.id.in_(mine))
    rows = await connection.execute(told.distinct().order_by(post.c.date.desc()).limit(limit))
    return list(rows.scalars())
