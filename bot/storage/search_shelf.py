"""The newest papers that hold the words, whatever engine finds them."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Connection, FromClause, and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

DAY = 2**32  # entries are numbered below that


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """Where papers stand in the order in which they are found, and which of them are meant."""

    source: FromClause
    place: ColumnElement[int]
    held: ColumnElement[bool]


class Engine(Protocol):
    """What a module says that serves search on one engine."""

    def stored(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """A row of `paper_text`, of a folded title and text, as it is stored there."""
        ...

    def add(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Keep such rows, and make them findable."""
        ...

    def shelves(
        self, connection: AsyncConnection, wanted: Sequence[str]
    ) -> AbstractAsyncContextManager[tuple[Shelf, Shelf]]:
        """The papers that hold all the words in the title, and those that hold them anywhere.

        The longest words come first.
        """
        ...


def place_of(day: int, entry_id: int) -> int:
    """Where a paper stands whose newest entry this is: the higher the day and the entry, the lower."""
    return -(day * DAY + entry_id)


def day_of(place: int) -> int:
    """The day of the newest entry of the paper that stands there."""
    return -place // DAY


async def newest(connection: AsyncConnection, shelf: Shelf, *, least: int, most: int) -> list[int]:
    """The first places of a shelf, in order: `most` of them, or fewer where there are no more.

    The days of the first `least` are whole, however many that takes.
    """
    found = await _take(connection, shelf, most)
    if len(found) < most or day_of(found[-1]) < day_of(found[least - 1]):
        return found
    rest = and_(shelf.place > found[-1], shelf.place <= place_of(day_of(found[-1]), 0))
    return found + await _take(connection, shelf, None, rest)


async def _take(
    connection: AsyncConnection, shelf: Shelf, most: int | None, within: ColumnElement[bool] | None = None
) -> list[int]:
    wanted = select(shelf.place).select_from(shelf.source).where(shelf.held)
    wanted = wanted if within is None else wanted.where(within)
    return list((await connection.execute(wanted.order_by(shelf.place).limit(most))).scalars())
