"""Search over what is known of every paper: title, authors, abstract, and the words of its digests.

`paper_text` holds one row per paper with its words as `fold` makes them; its key puts the papers in the
order in which they are found: the day of the newest digest, then the number of the entry there, the
highest first. What a word finds is said in `search_text`; what finds it fast, in `search_sqlite` and
`search_postgresql`.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage import search_postgresql, search_sqlite
from bot.storage.search_shelf import DAY, Engine, Shelf, day_of, newest, place_of
from bot.storage.search_text import fold, words
from bot.storage.tables import entry, paper, paper_text, post

TOP = 1_000  # papers that are counted
AHEAD = 100  # papers beyond a page that are looked up with it: the day of its last paper seldom goes on
AT_ONCE = 10_000  # rows that one statement names

Place = tuple[int, str]  # key in `paper_text`, arXiv id


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A paper that was found, as a list of results shows it."""

    arxiv_id: str
    title: str  # as written
    entry_id: int  # its newest appearance
    date: dt.date  # of the post that holds it


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A page of what was found, and how much there is on all pages."""

    total: int  # at most TOP
    papers: tuple[Hit, ...]
    more: bool = False  # than that


async def search(connection: AsyncConnection, query: str, *, limit: int = 10, offset: int = 0) -> Found:
    """The papers that hold every word of the query somewhere.

    First those that hold all of them in the title; then newest digest first, then highest arXiv id.
    A query without any word finds nothing.
    """
    wanted = sorted(words(query), key=len, reverse=True)
    if not wanted:
        return Found(total=0, papers=())
    limit, offset = max(limit, 0), max(offset, 0)
    async with _engine(connection).shelves(connection, wanted) as (titled, anywhere):
        return await _search(connection, titled, anywhere, offset, offset + limit)


async def index(connection: AsyncConnection, post_id: int) -> None:
    """Make the papers of a post findable by the words that they have now."""
    await connection.run_sync(index_post, post_id)


def index_post(connection: Connection, post_id: int) -> None:
    """What `index` does; in the migration, too."""
    ids = select(entry.c.arxiv_id).where(entry.c.post_id == post_id)
    rows = connection.execute(
        select(
            entry.c.arxiv_id, entry.c.id, post.c.date, paper.c.title, paper.c.authors, paper.c.abstract,
            entry.c.summary, entry.c.takeaways,
        )
        .join(post, post.c.id == entry.c.post_id)
        .join(paper, paper.c.arxiv_id == entry.c.arxiv_id)
        .where(entry.c.arxiv_id.in_(ids))
        .order_by(entry.c.arxiv_id, post.c.date.desc(), entry.c.id.desc())
    )  # fmt: skip
    engine = _engine(connection)
    made = [engine.stored(_text(list(entries))) for _, entries in groupby(rows, key=lambda row: row.arxiv_id)]
    present = connection.execute(select(paper_text).where(paper_text.c.arxiv_id.in_(ids)))
    known = {row.arxiv_id: row._asdict() for row in present}
    changed = [row for row in made if known.get(row["arxiv_id"]) != row]
    stale = [{"old": known[row["arxiv_id"]]["place"]} for row in changed if row["arxiv_id"] in known]
    if stale:
        connection.execute(delete(paper_text).where(paper_text.c.place == bindparam("old")), stale)
    if changed:
        engine.add(connection, changed)


async def _search(connection: AsyncConnection, titled: Shelf, anywhere: Shelf, start: int, end: int) -> Found:
    ahead = end + AHEAD
    found = await newest(connection, anywhere, least=end, most=max(ahead, TOP + 1))
    total, more = min(len(found), TOP), len(found) > TOP
    if start >= min(end, len(found)):
        return Found(total=total, papers=(), more=more)
    first = await newest(connection, titled, least=end, most=ahead)
    rows = await _page(connection, first, start, end)
    if len(first) < end:
        known = set(first)
        rest = [place for place in found if place not in known]
        rows += await _page(connection, rest, max(start - len(first), 0), end - len(first))
    return Found(total=total, papers=await _hits(connection, rows), more=more)


def _engine(connection: Connection | AsyncConnection) -> Engine:
    return search_sqlite if connection.dialect.name == "sqlite" else search_postgresql


def _text(entries: Sequence[Any]) -> dict[str, Any]:
    """The row of a paper, of its appearances, newest first."""
    newest = entries[0]
    told = [said for item in entries for said in (item.summary or "", *item.takeaways)]
    fields = [fold(field) for field in (newest.title, *newest.authors, newest.abstract, *told)]
    return {
        "place": place_of(newest.date.toordinal(), newest.id),
        "arxiv_id": newest.arxiv_id,
        "title": fields[0],
        "text": "\n".join(dict.fromkeys(fields)),  # no blank joins the words of two fields to a phrase
    }


async def _page(connection: AsyncConnection, places: Sequence[int], start: int, end: int) -> list[Place]:
    """The papers from one to another of those that stand there, those of a day in the order of their ids."""
    end = min(end, len(places))
    if start >= end:
        return []
    low, high = start, end
    while low and day_of(places[low - 1]) == day_of(places[start]):
        low -= 1
    while high < len(places) and day_of(places[high]) == day_of(places[end - 1]):
        high += 1
    rows: list[Place] = []
    for at in range(low, high, AT_ONCE):
        some = paper_text.c.place.in_(places[at : min(at + AT_ONCE, high)])
        found = await connection.execute(select(paper_text.c.place, paper_text.c.arxiv_id).where(some))
        rows += [(place, arxiv_id) for place, arxiv_id in found]
    rows.sort(key=lambda row: (day_of(row[0]), row[1]), reverse=True)
    return rows[start - low : end - low]


async def _hits(connection: AsyncConnection, rows: Sequence[Place]) -> tuple[Hit, ...]:
    ids = [arxiv_id for _, arxiv_id in rows]
    known = await connection.execute(select(paper.c.arxiv_id, paper.c.title).where(paper.c.arxiv_id.in_(ids)))
    titles = {row.arxiv_id: row.title for row in known}
    return tuple(
        Hit(
            arxiv_id=arxiv_id,
            title=titles[arxiv_id],
            entry_id=-place % DAY,
            date=dt.date.fromordinal(day_of(place)),
        )
        for place, arxiv_id in rows
    )
