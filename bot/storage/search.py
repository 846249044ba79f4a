"""Search over what is known of every paper: title, authors, abstract, and the words of its digests.

`paper_text` holds one row per paper with its words as `fold` makes them, on both engines; its key
puts the papers in the order in which they are found: the day of the newest digest, then the number
of the entry there. An index of three-character pieces finds words of three and more characters (an
FTS5 table on SQLite, pg_trgm on PostgreSQL); shorter ones begin its pieces on SQLite (`pieces`), and are
looked for in every row on PostgreSQL.
"""

import datetime as dt
import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    TableClause,
    and_,
    bindparam,
    case,
    cast,
    collate,
    column,
    delete,
    func,
    insert,
    literal,
    not_,
    select,
    table,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.latex import readable
from bot.storage import pieces
from bot.storage.pieces import PIECE
from bot.storage.tables import entry, paper, paper_text, post

DAY = 2**32  # entries are numbered below that
LONG = 64  # characters of a word that are looked up; a longer one is compared in the rows found
FEW = 1_000  # papers that are sorted all
MOST = 8  # words that are looked up; more are compared in the rows found

Place = tuple[int, str]  # key in `paper_text`, arXiv id

# The migration makes them; they share the rows of `paper_text`.
search_titles, search_words = (
    table(name, *(column(each) for each in ("rowid", name, "arxiv_id", searched)))
    for name, searched in (("search_titles", "title"), ("search_words", "text"))
)

_TEXTS = table("paper_text", *(column(each) for each in ("rowid", "arxiv_id", "text")))

_SPELLINGS = str.maketrans(
    dict.fromkeys("‘’‚‛′", "'") | dict.fromkeys("“”„‟″", '"') | dict.fromkeys("‐‑‒–—―−", "-")
)
_UNKEPT = dict.fromkeys([0, *range(0xD800, 0xE000)])  # stored in no text
_ACCENTS = re.compile("(?<=[a-z])[\u0300-\u036f]+")
_WORD = re.compile(r'"([^"]*)"|(\S+)')


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

    total: int
    papers: tuple[Hit, ...]


def fold(text: str) -> str:
    """The text as it is compared: LaTeX read, case, width, accents of Latin letters and blanks made one."""
    text = readable(text.translate(_UNKEPT))
    if not text.isascii():
        text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
        text = unicodedata.normalize("NFKC", _ACCENTS.sub("", text)).translate(_SPELLINGS)
    return " ".join(text.casefold().split())


def words(query: str) -> tuple[str, ...]:
    """The different words and "quoted phrases" of a query, folded."""
    found = (phrase.strip() or word for phrase, word in _WORD.findall(fold(query)))
    return tuple(dict.fromkeys(filter(None, found)))


async def search(connection: AsyncConnection, query: str, *, limit: int = 10, offset: int = 0) -> Found:
    """The papers that hold every word of the query somewhere, as a part of a word or as a whole.

    First those that hold all of them in the title; then newest digest first, then highest arXiv id.
    A query without any word finds nothing.
    """
    wanted = sorted(words(query), key=len, reverse=True)
    if not wanted:
        return Found(total=0, papers=())
    limit, offset = max(limit, 0), max(offset, 0)
    if connection.dialect.name == "sqlite":
        look = _look_up if len(wanted[0]) >= PIECE else _look_up_short
        total, rows = await look(connection, wanted, limit, offset)
    else:
        held = _compares(connection, paper_text.c.text, wanted)
        total, rows = await _rank(connection, held, wanted, limit, offset)
    return Found(total=total, papers=await _hits(connection, rows))


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
    present = connection.execute(select(paper_text).where(paper_text.c.arxiv_id.in_(ids)))
    known = {row.arxiv_id: row for row in present}
    made = [_text(list(entries)) for _, entries in groupby(rows, key=lambda row: row.arxiv_id)]
    changed = [row for row in made if tuple(row.values()) != tuple(known.get(row["arxiv_id"], ()))]
    stale = [{"old": known[row["arxiv_id"]].place} for row in changed if row["arxiv_id"] in known]
    if stale:
        connection.execute(delete(paper_text).where(paper_text.c.place == bindparam("old")), stale)
    if changed:
        connection.execute(insert(paper_text), changed)


def _text(entries: Sequence[Any]) -> dict[str, Any]:
    """The row of a paper, of its appearances, newest first."""
    newest = entries[0]
    told = [said for item in entries for said in (item.summary or "", *item.takeaways)]
    fields = [fold(field) for field in (newest.title, *newest.authors, newest.abstract, *told)]
    return {
        "place": newest.date.toordinal() * DAY + newest.id,
        "arxiv_id": newest.arxiv_id,
        "title": fields[0],
        "text": "\n".join(dict.fromkeys(fields)),  # no blank joins the words of two fields to a phrase
    }


async def _hits(connection: AsyncConnection, rows: Sequence[Place]) -> tuple[Hit, ...]:
    ids = [arxiv_id for _, arxiv_id in rows]
    known = await connection.execute(select(paper.c.arxiv_id, paper.c.title).where(paper.c.arxiv_id.in_(ids)))
    titles = {row.arxiv_id: row.title for row in known}
    return tuple(
        Hit(
            arxiv_id=arxiv_id,
            title=titles[arxiv_id],
            entry_id=place % DAY,
            date=dt.date.fromordinal(place // DAY),
        )
        for place, arxiv_id in rows
    )


async def _rank(
    connection: AsyncConnection, held: ColumnElement[bool], wanted: Sequence[str], limit: int, offset: int
) -> tuple[int, list[Place]]:
    """How many rows of `paper_text` fulfil the condition, and a page of them; looks at each once."""
    titled = case((_compares(connection, paper_text.c.title, wanted), 1), else_=0)
    ids = collate(paper_text.c.arxiv_id, "C" if connection.dialect.name == "postgresql" else "BINARY")
    page = (
        select(paper_text.c.place, paper_text.c.arxiv_id, func.count().over())
        .where(held)
        .order_by(titled.desc(), (paper_text.c.place // DAY).desc(), ids.desc())
        .limit(limit)
        .offset(offset)
    )
    rows = (await connection.execute(page)).all()
    if rows:
        return rows[0][2], [(row[0], row[1]) for row in rows]
    counted = select(func.count()).select_from(paper_text).where(held)
    return int((await connection.execute(counted)).scalar_one()), []


async def _look_up(
    connection: AsyncConnection, wanted: Sequence[str], limit: int, offset: int
) -> tuple[int, list[Place]]:
    """The same by the indexes of SQLite."""
    anywhere = _matches(connection, search_words, "text", wanted)
    place = search_words.c.rowid
    found = select(place).where(anywhere).order_by(place.desc()).limit(FEW + 1)
    places = (await connection.execute(found)).scalars().all()
    if len(places) <= FEW:
        return await _rank(connection, paper_text.c.place.in_(places), wanted, limit, offset)
    titled = _matches(connection, search_titles, "title", wanted)
    total = await _count(connection, search_words, anywhere)
    first = await _count(connection, search_titles, titled)
    rows = await _page(connection, search_titles, titled, limit, offset) if limit and offset < first else []
    if total > first and len(rows) < limit:
        elsewhere = and_(anywhere, place.not_in(select(search_titles.c.rowid).where(titled)))
        left = max(offset - first, 0)
        rows += await _page(connection, search_words, elsewhere, limit - len(rows), left)
    return total, rows


async def _look_up_short(
    connection: AsyncConnection, wanted: Sequence[str], limit: int, offset: int
) -> tuple[int, list[Place]]:
    """The same where every word is shorter than the pieces of the indexes."""
    looked_up, compares = wanted[:MOST], partial(_compares, connection, wanted=wanted)
    total = int((await connection.execute(pieces.number("text", looked_up))).scalar_one())
    if total <= FEW or len(wanted) > MOST:
        held = paper_text.c.place.in_(pieces.places("text", looked_up))
        return await _rank(connection, and_(held, compares(paper_text.c.text)), wanted, limit, offset)
    titles = pieces.places("title", looked_up)
    first = int((await connection.execute(pieces.number("title", looked_up))).scalar_one())
    titled = _TEXTS.c.rowid.in_(titles)
    rows = await _page(connection, _TEXTS, titled, limit, offset) if limit and offset < first else []
    if total > first and len(rows) < limit:
        # So many hold them that a page is full before many rows have been compared.
        elsewhere = and_(compares(_TEXTS.c.text), _TEXTS.c.rowid.not_in(titles))
        rows += await _page(connection, _TEXTS, elsewhere, limit - len(rows), max(offset - first, 0))
    return total, rows


async def _count(connection: AsyncConnection, source: TableClause, held: ColumnElement[bool]) -> int:
    counted = select(func.count()).select_from(source).where(held)
    return int((await connection.execute(counted)).scalar_one())


async def _page(
    connection: AsyncConnection, source: TableClause, held: ColumnElement[bool], limit: int, offset: int
) -> list[Place]:
    """A page in the order of days, then of ids, of what is too much to be sorted.

    An index gives its rows in the order of places as fast as they are asked for; only the days down
    to that of the last one wanted are sorted by id.
    """
    place = source.c.rowid
    last = select(place).where(held).order_by(place.desc()).offset(offset + limit - 1).limit(1)
    end = (await connection.execute(last)).scalar_one_or_none()
    floor = 0 if end is None else end // DAY * DAY
    rows = (
        select(place, source.c.arxiv_id)
        .where(held, place >= floor)
        .order_by((place // DAY).desc(), source.c.arxiv_id.desc())
        .limit(limit)
        .offset(offset)
    )
    return [(row[0], row[1]) for row in await connection.execute(rows)]


def _matches(
    connection: AsyncConnection, source: TableClause, searched: str, wanted: Sequence[str]
) -> ColumnElement[bool]:
    """The condition that the text of an index holds all the words; the longest come first."""
    looked_up = [word for word in wanted[:MOST] if len(word) >= PIECE]
    phrases = " AND ".join('"{}"'.format(word[:LONG].replace('"', '""')) for word in looked_up)
    matched = source.c[source.name].match(phrases)
    rest = [*wanted[len(looked_up) :], *(word for word in looked_up if len(word) > LONG)]
    return and_(matched, _compares(connection, source.c[searched], rest)) if rest else matched


def _compares(
    connection: AsyncConnection, held: ColumnElement[str], wanted: Sequence[str]
) -> ColumnElement[bool]:
    """The condition that a text holds all the words, by looking at it."""
    on_postgresql = connection.dialect.name == "postgresql"
    find = func.strpos if on_postgresql else func.instr
    # LIKE is what its index serves on PostgreSQL, but badly below its pieces; on SQLite LIKE is faster.
    least = PIECE if on_postgresql else 1
    likes = [word for word in wanted[:MOST] if len(word) >= least]
    conditions = [held.contains(word[:LONG], autoescape=True) for word in likes]
    conditions += [find(held, word) > 0 for word in wanted[:MOST] if not least <= len(word) <= LONG]
    if more := list(wanted[MOST:]):
        given = (
            func.json_array_elements_text(cast(more, JSON))
            if on_postgresql
            else func.json_each(json.dumps(more))
        )
        each = given.table_valued("value")
        lacking = select(literal(1)).select_from(each).where(find(held, each.c.value) == 0)
        conditions.append(not_(lacking.exists()))
    return and_(*conditions)
