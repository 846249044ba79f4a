"""What chats' filters say of entries: the words are looked for in Python, the verdicts are joined in SQL."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import groupby
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    FromClause,
    MetaData,
    Select,
    Table,
    Text,
    and_,
    case,
    func,
    insert,
    literal,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.schema import CreateTable, DropTable

from bot.storage import posts
from bot.storage.filters import Filter, Kind, search
from bot.storage.tables import chat, entry, paper
from bot.storage.tables import filter as wish

SEARCHED = 200  # entries of a post that are held in memory at once

# Which words of filters hit which entries of the reading at hand.
hit = Table(
    "planning_hit",
    MetaData(),
    Column("kind", Text, nullable=False),
    Column("word", Text, nullable=False),
    Column("entry_id", BigInteger, nullable=False),
    prefixes=["TEMPORARY"],
)


@asynccontextmanager
async def searched(
    connection: AsyncConnection, which: ColumnElement[bool], words: Select[Any]
) -> AsyncIterator[bool]:
    """While these words of filters are known in the entries, so that `judge` can be used; False: no words."""
    rows = await connection.execute(words.with_only_columns(wish.c.kind, wish.c.word).distinct())
    if not (wanted := [Filter(kind=Kind(kind), word=word) for kind, word in rows]):
        yield False
        return
    await connection.execute(CreateTable(hit))
    await _search(connection, which, wanted)
    yield True
    # Where the block raises, the transaction is undone and the table with it.
    await connection.execute(DropTable(hit))


def judge(chats: FromClause, entry_id: ColumnElement[int]) -> tuple[FromClause, ColumnElement[Any]]:
    """Chats and entries joined with the verdicts, and the reason against: empty where an entry passes."""
    spoken = wish.c.kind == "exclude"
    verdict = (
        select(
            wish.c.chat_id,
            hit.c.entry_id,
            func.min(case((spoken, wish.c.word))).label("unwanted"),
            func.max(case((spoken, 0), else_=1)).label("wanted"),
        )
        .join(hit, and_(hit.c.kind == wish.c.kind, hit.c.word == wish.c.word))
        .group_by(wish.c.chat_id, hit.c.entry_id)
        .subquery()
    )
    wants = chat.c.id.in_(select(wish.c.chat_id).where(wish.c.kind != "exclude"))
    mine = and_(verdict.c.chat_id == chat.c.id, verdict.c.entry_id == entry_id)
    reason = case(
        (verdict.c.unwanted.is_not(None), literal("exclude: ") + verdict.c.unwanted),
        (and_(wants, func.coalesce(verdict.c.wanted, 0) == 0), "include"),
    )
    return chats.outerjoin(verdict, mine), reason


async def _search(connection: AsyncConnection, which: ColumnElement[bool], wanted: list[Filter]) -> None:
    of = select(entry.c.post_id, entry.c.id).join(paper, paper.c.arxiv_id == entry.c.arxiv_id).where(which)
    found = (await connection.execute(of.order_by(entry.c.post_id, entry.c.id))).all()
    for post_id, rows in groupby(found, key=lambda row: row.post_id):
        ids = [row.id for row in rows]
        for start in range(0, len(ids), SEARCHED):
            await _search_some(connection, post_id, ids[start : start + SEARCHED], wanted)


async def _search_some(
    connection: AsyncConnection, post_id: int, ids: list[int], wanted: list[Filter]
) -> None:
    read = await posts.load(connection, post_id, ids)
    rows = await connection.execute(select(entry.c.arxiv_id, entry.c.id).where(entry.c.id.in_(ids)))
    numbers: dict[str, int] = {row.arxiv_id: row.id for row in rows}
    # Thousands of words take a while: nobody waits for their answer meanwhile.
    found = await asyncio.to_thread(lambda: list(search(wanted, read.entries)))
    hits = [{"kind": it.kind.value, "word": it.word, "entry_id": numbers[name]} for it, name in found]
    if hits:
        await connection.execute(insert(hit), hits)
