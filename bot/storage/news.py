"""What is new in a reading of a post.

An entry is new in the reading that first finds it in its post, unless its paper was read before, in
another post, under every tag of this one: then it was owed to whoever followed them, or was there before
all that is news, and the post is an older one by another name, or tells of it again. What went to the
archive only since its post was too old by then, or since another source was looked at for the first
time, was told to nobody: of that nothing is old.
"""

import datetime as dt
from collections import defaultdict
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.tables import entry, post, post_tag, source_state


async def find(connection: AsyncConnection, post_id: int, *, at: int, oldest: dt.date) -> list[int]:
    """The numbers of the entries that were first seen in a post at this moment, and are news.

    Posts before `oldest` are too old for that at this moment.
    """
    mine = select(entry.c.id).where(entry.c.post_id == post_id, entry.c.seen_at == at)
    found = (await connection.execute(mine)).scalars().all()
    if not found:
        return []
    under = select(post_tag.c.tag_id).where(post_tag.c.post_id == post_id)
    tags = set((await connection.execute(under)).scalars())
    earlier: dict[tuple[int, int | None, str], list[Row[Any]]] = defaultdict(list)
    for row in await connection.execute(_earlier(), {"post": post_id, "moment": at}):
        earlier[row.id, row.tag_id, row.source].append(row)
    told: dict[int, set[int | None]] = defaultdict(set)
    for (number, tag, _), rows in earlier.items():
        if _is_told(rows, _day(at) - oldest):
            told[number].add(tag)
    return [number for number in found if number not in told or not tags <= told[number]]


@cache
def _earlier() -> Select[Any]:
    """Where the new papers of a post stood before, and how the sources were watched; made once."""
    mine = (entry.c.post_id == bindparam("post"), entry.c.seen_at == bindparam("moment"))
    earlier, there, state, own_state = entry.alias(), post.alias(), source_state.alias(), source_state.alias()
    return (
        select(
            entry.c.id,
            post_tag.c.tag_id,
            earlier.c.seen_at,
            there.c.date,
            there.c.source,
            state.c.imported_at,
            (there.c.source != post.c.source).label("is_elsewhere"),
            post.c.date.label("own_date"),
            own_state.c.imported_at.label("own_imported_at"),
        )
        .select_from(entry)
        .join(post, post.c.id == entry.c.post_id)
        .join(earlier, (earlier.c.arxiv_id == entry.c.arxiv_id) & (earlier.c.id < entry.c.id))
        .join(there, there.c.id == earlier.c.post_id)
        .outerjoin(post_tag, post_tag.c.post_id == there.c.id)
        .outerjoin(state, state.c.source == there.c.source)
        .outerjoin(own_state, own_state.c.source == post.c.source)
        .where(*mine, earlier.c.post_id != entry.c.post_id)
    )


def _is_told(rows: list[Row[Any]], age: dt.timedelta) -> bool:
    """Whether a source's earlier entries of a paper were news when they were read, or are older than news."""
    imported = [row for row in rows if row.imported_at is None or row.seen_at <= row.imported_at]
    if imported:
        return any(map(_is_before, imported))
    return any(row.date >= _day(row.seen_at) - age for row in rows)


def _is_before(row: Row[Any]) -> bool:
    """Whether what came with the first look at a source was there before this source, too, was watched."""
    watched = row.own_imported_at
    if not row.is_elsewhere or watched is None or watched > row.seen_at:
        return True
    return bool(row.date != row.own_date and row.date < _day(watched))


def _day(seconds: int) -> dt.date:
    return dt.datetime.fromtimestamp(seconds, dt.UTC).date()
