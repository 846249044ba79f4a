"""Words shorter than the pieces of SQLite's index: they are looked up as beginnings of pieces.

An index of three-character pieces finds no shorter word; but wherever "学习" stands a piece begins
with it, and the index tells of its pieces in their order. Only the last two characters of a text
begin none: those have indexes of their own.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    Text,
    column,
    func,
    literal_column,
    select,
    table,
    union,
)

from bot.storage.tables import paper_text

PIECE = 3  # characters
_LAST = "\U0010ffff"  # no sign comes after it

# A row for each place in which a piece stands.
_PIECES = {
    searched: table(f"search_{searched}_pieces", column("term"), column("doc"))
    for searched in ("title", "text")
}


def places(searched: str, wanted: Sequence[str]) -> Select[Any]:
    """The keys, each once, of the rows of `paper_text` whose title or text holds all of the short words."""
    first, *others = (_places(searched, word) for word in wanted)
    return select(first.c.doc).where(*(first.c.doc.in_(select(other.c.doc)) for other in others))


def number(searched: str, wanted: Sequence[str]) -> Select[Any]:
    """How many there are."""
    return select(func.count()).select_from(places(searched, wanted).subquery())


def _places(searched: str, word: str) -> Subquery:
    pieces, most = _PIECES[searched], word + 2 * _LAST
    return union(
        select(pieces.c.doc).where(pieces.c.term.between(word, most)),
        select(paper_text.c.place).where(_end(searched, 2).between(word, most)),
        select(paper_text.c.place).where(_end(searched, 1) == word),
    ).subquery()


def _end(searched: str, size: int) -> ColumnElement[str]:
    """The last characters; with parameters SQLite would not know that their index serves."""
    return literal_column(f"substr(paper_text.{searched}, -{size})", Text)
