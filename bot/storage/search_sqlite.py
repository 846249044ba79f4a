"""What serves search on SQLite: FTS5 tables of three-character pieces of the titles and of the texts.

They share the rows of `paper_text`, whose texts end with what short words need. A long word is looked
up by some of its pieces, the rarest, as far apart as they stand in it at most, and is compared in the
rows that have them so: every further piece would cost as much as one of those.
"""

import json
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    TableClause,
    and_,
    column,
    func,
    insert,
    literal,
    not_,
    select,
    table,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.search_shelf import Shelf
from bot.storage.search_text import LONG, MOST, PIECE, listed, piece, spelt, spread
from bot.storage.tables import paper_text

PICKED = 6  # pieces of a word that are looked up
SAMPLE = 100  # papers; a piece is the rarer, the farther the newest so many that have it reach back

# The migrations make them, and triggers that keep them.
search_titles, search_words = (
    table(name, *(column(each) for each in ("rowid", name, searched)))
    for name, searched in (("search_titles", "title"), ("search_words", "text"))
)


def stored(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of `paper_text` as it is stored."""
    return {**row, "title": _apart(row["title"]), "text": _apart(row["text"])}


def add(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep rows of `paper_text`, and make them findable."""
    connection.execute(insert(paper_text), rows)


@asynccontextmanager
async def shelves(connection: AsyncConnection, wanted: Sequence[str]) -> AsyncIterator[tuple[Shelf, Shelf]]:
    """The papers that hold all the words in the title, and those that hold them anywhere."""
    reach = await _reach(connection, [word[:LONG] for word in wanted[:MOST]])
    sought = " AND ".join(_phrase(piece(word[:LONG]), reach) for word in wanted[:MOST])
    rest = [spelt(word) for at, word in enumerate(wanted) if at >= MOST or len(word) >= PIECE + PICKED]
    yield _shelf(search_titles, "title", sought, rest), _shelf(search_words, "text", sought, rest)


def _apart(text: str) -> str:
    return listed(text) + spread(text)


def _shelf(source: TableClause, searched: str, sought: str, rest: Sequence[str]) -> Shelf:
    matched = source.c[source.name].match(sought)
    held = and_(matched, *_compares(source.c[searched], rest))
    return Shelf(source=source, place=source.c.rowid, held=held)


def _pieces(word: str) -> list[str]:
    return [_quoted(word[at : at + PIECE]) for at in range(len(word) - PIECE + 1)]


async def _reach(connection: AsyncConnection, wanted: Iterable[str]) -> dict[str, float]:
    """How far back the newest papers reach that have a piece, of the pieces of words that have many."""
    many = {each for word in wanted if len(word) >= PIECE + PICKED for each in _pieces(word)}
    if not many:
        return {}
    given = func.json_each(json.dumps(sorted(many))).table_valued("value")
    found = search_words.c.search_words.match(given.c.value)
    place = search_words.c.rowid
    last = select(place).where(found).order_by(place).limit(1).offset(SAMPLE - 1).scalar_subquery()
    rows = await connection.execute(select(given.c.value, last))
    return {each: float("inf") if place is None else place for each, place in rows}


def _phrase(word: str, reach: Mapping[str, float]) -> str:
    """What is looked up of a word; all of it where it is short."""
    pieces = _pieces(word)
    if len(pieces) <= PICKED:
        return _quoted(word)
    picked: list[int] = []
    for at in sorted(range(len(pieces)), key=lambda at: reach[pieces[at]], reverse=True):
        # A neighbour shares two characters with it, and tells little more.
        if len(picked) < PICKED and all(abs(at - other) > 1 for other in picked):
            picked.append(at)
    return f"NEAR({' '.join(pieces[at] for at in sorted(picked))}, {len(pieces)})"


def _quoted(text: str) -> str:
    return '"{}"'.format(text.replace('"', '""'))


def _compares(held: ColumnElement[str], wanted: Sequence[str]) -> list[ColumnElement[bool]]:
    """The conditions that a text holds all the words, by looking at it."""
    # LIKE is faster, but takes no pattern of any length.
    conditions = [held.contains(word[:LONG], autoescape=True) for word in wanted[:MOST]]
    conditions += [func.instr(held, word) > 0 for word in wanted[:MOST] if len(word) > LONG]
    if more := wanted[MOST:]:
        each = func.json_each(json.dumps(more)).table_valued("value")
        lacking = select(literal(1)).select_from(each).where(func.instr(held, each.c.value) == 0)
        conditions.append(not_(lacking.exists()))
    return conditions
