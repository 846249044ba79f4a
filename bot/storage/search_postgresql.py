"""What serves search on PostgreSQL: arrays of the pieces of words, one a paper, and a GIN index of them.

They hold every word of one and two characters that a paper holds, every three letters in a row, every
two with a blank between, and once more, behind a tab, those of its title. They stand in a table of their
own, since most searches visit many of its rows and few texts: where all pieces of a longer word are.
"""

import re
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    ColumnElement,
    Connection,
    Text,
    and_,
    cast,
    column,
    func,
    insert,
    literal,
    not_,
    select,
    table,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.search_shelf import Shelf
from bot.storage.search_text import LETTERS, LONG, MOST, PIECE, listed, lone_words, sign_pieces, spelt
from bot.storage.tables import paper_text

TITLE = "\t"  # before a piece of the title

# The migration makes it.
search_pieces = table("search_pieces", column("place", BigInteger), column("pieces", ARRAY(Text)))

_LETTERS = re.compile(f"(?=([{LETTERS}][{LETTERS} ][{LETTERS}]))")


def stored(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of `paper_text` as it is stored."""
    return {**row, "title": listed(row["title"]), "text": listed(row["text"])}


def add(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep rows of `paper_text`, and make them findable."""
    connection.execute(insert(paper_text), rows)
    each = [{"place": row["place"], "pieces": _all(row["title"], row["text"])} for row in rows]
    connection.execute(insert(search_pieces), each)


@asynccontextmanager
async def shelves(connection: AsyncConnection, wanted: Sequence[str]) -> AsyncIterator[tuple[Shelf, Shelf]]:
    """The papers that hold all the words in the title, and those that hold them anywhere."""
    # No plan knows how large the arrays are that rows of a few bytes point to: rows have to seem dear, or
    # reading all of them would seem cheaper than the index.
    await connection.execute(text("SET LOCAL cpu_tuple_cost = 10"))
    yield _shelf(paper_text.c.title, TITLE, wanted), _shelf(paper_text.c.text, "", wanted)
    await connection.execute(text("SET LOCAL cpu_tuple_cost TO DEFAULT"))


def _shelf(held: ColumnElement[str], mark: str, wanted: Sequence[str]) -> Shelf:
    first = wanted[:MOST]
    pieces = {mark + each for word in first for each in _told(word[:LONG])}
    found = select(search_pieces.c.place).where(search_pieces.c.pieces.contains(sorted(pieces)))
    # What has an offset is done first: all are found, by the index, and put in order before any is compared,
    # so that comparing ends with the page.
    ordered = found.order_by(search_pieces.c.place).offset(0).subquery()
    rest = [word for word in wanted if word not in first or _told(word) != {word}]
    if not rest:
        return Shelf(source=ordered, place=ordered.c.place, held=true())
    source = ordered.join(paper_text, paper_text.c.place == ordered.c.place)
    return Shelf(source=source, place=ordered.c.place, held=and_(*_compares(held, rest)))


def _all(title: str, whole: str) -> list[str]:
    in_title = _pieces(title) | lone_words(title)
    return sorted(_pieces(whole) | lone_words(whole) | {TITLE + each for each in in_title})


def _told(word: str) -> set[str]:
    """The pieces of every paper that holds a word."""
    return {word} if len(word) < PIECE else _pieces(word)


def _pieces(part: str) -> set[str]:
    """The pieces of every text that holds this part; its words of one and two letters may be longer there."""
    return sign_pieces(part).union(_LETTERS.findall(part))


def _compares(held: ColumnElement[str], wanted: Iterable[str]) -> list[ColumnElement[bool]]:
    """The conditions that a text holds all the words, by reading it."""
    told = [spelt(word) for word in wanted]
    conditions: list[ColumnElement[bool]] = [func.strpos(held, word) > 0 for word in told[:MOST]]
    if many := told[MOST:]:
        each = func.json_array_elements_text(cast(many, JSON)).table_valued("value")
        lacking = select(literal(1)).select_from(each).where(func.strpos(held, each.c.value) == 0)
        conditions.append(not_(lacking.exists()))
    return conditions
