"""What a backup tells of chats, read from the tables."""

from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any

from sqlalchemy import Date, and_, case, cast, false, func, literal, null, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.backup_check import DELIVERED, OWED, SETTINGS
from bot.storage.tables import (
    IS_RESTORED,
    chat,
    delivery,
    entry,
    filter,
    post,
    restored_source,
    source_state,
    subscription,
    tag,
    tag_alias,
)

AT_ONCE = 10_000  # rows that are read in one go

_OWED = or_(delivery.c.state.in_(("pending", "sending")), IS_RESTORED)
# A paper that is owed again in a new version was sent in an older one.
_AGAIN = and_(delivery.c.revised, _OWED)
_SETTLED = and_(delivery.c.state.in_(DELIVERED), ~func.coalesce(IS_RESTORED, false()))
_told = union_all(
    select(
        delivery.c.id,
        delivery.c.chat_id,
        delivery.c.arxiv_id,
        case((_AGAIN, delivery.c.version - 1), else_=delivery.c.version).label("version"),
        case((_AGAIN, "sent"), else_=delivery.c.state).label("state"),
        cast(null(), Date).label("day"),
    ).where(or_(_AGAIN, _SETTLED)),
    select(
        delivery.c.id,
        delivery.c.chat_id,
        delivery.c.arxiv_id,
        delivery.c.version,
        literal(OWED),
        func.coalesce(post.c.date, delivery.c.post_date),
    )
    .outerjoin(entry, entry.c.id == delivery.c.entry_id)
    .outerjoin(post, post.c.id == entry.c.post_id)
    .where(_OWED),
).subquery()


async def read_chats(connection: AsyncConnection) -> dict[int, dict[str, Any]]:
    """Every chat with its settings, by its number."""
    rows = (await connection.execute(select(chat).order_by(chat.c.platform, chat.c.address))).mappings()
    return {
        row["id"]: {
            "platform": row["platform"],
            "address": row["address"],
            "settings": {column.name: row[column.name] for column in SETTINGS},
            "follows": [],
            "filters": {},
            "delivered": {},
        }
        for row in rows
    }


async def read_sources(connection: AsyncConnection) -> dict[str, int]:
    """When each source was last read, here or before the last restore."""
    read: dict[str, int] = {}
    for table in (restored_source, source_state):
        rows = select(table.c.source, table.c.read_at).where(table.c.read_at.is_not(None))
        read |= {row.source: row.read_at for row in await connection.execute(rows)}
    return {name: read[name] for name in sorted(read)}


async def read_follows(connection: AsyncConnection, chats: dict[int, Any]) -> dict[str, str]:
    """Write into every chat what it follows; the names of these tags by their slugs."""
    rows = await connection.execute(
        select(subscription.c.chat_id, tag.c.slug, tag.c.name)
        .join(tag, tag.c.id == subscription.c.tag_id)
        .order_by(tag.c.slug, subscription.c.chat_id)
    )
    tags = {}
    for chat_id, slug, name in rows:
        chats[chat_id]["follows"].append(slug)
        tags[slug] = name
    return tags


async def read_aliases(connection: AsyncConnection, tags: dict[str, str]) -> dict[str, str]:
    """The slugs of what tags were merged into, by their own; the names of these go to the others."""
    rows = await connection.execute(
        select(tag_alias.c.slug, tag.c.slug.label("into"), tag.c.name)
        .join(tag, tag.c.id == tag_alias.c.tag_id)
        .order_by(tag_alias.c.slug)
    )
    aliases = {}
    for slug, into, name in rows:
        aliases[slug] = into
        tags[into] = name
    return aliases


async def read_filters(connection: AsyncConnection, chats: dict[int, Any]) -> None:
    """Write into every chat its filters."""
    columns = (filter.c.chat_id, filter.c.kind, filter.c.word)
    for chat_id, kind, word in await connection.execute(select(*columns).order_by(filter.c.id)):
        chats[chat_id]["filters"].setdefault(kind, []).append(word)


async def read_deliveries(connection: AsyncConnection, chats: dict[int, Any]) -> list[str]:
    """Write into every chat what it was delivered and is owed; the papers that the numbers there mean."""
    paper = (_told.c.arxiv_id, _told.c.version)
    known = select(*paper).group_by(*paper).order_by(func.min(_told.c.id), *paper)
    numbers: dict[tuple[str, int | None], int] = {}
    for arxiv_id, version in await connection.execute(known):
        numbers[arxiv_id, version] = len(numbers)
    columns = (_told.c.chat_id, *paper, _told.c.state, _told.c.day)
    rows = await connection.stream(select(*columns).order_by(_told.c.chat_id))
    async for chat_id, found in _by_chat(rows.partitions(AT_ONCE)):
        delivered: dict[str, list[int]] = {}
        owed: dict[str, list[int]] = {}
        for _, arxiv_id, version, state, day in found:
            key, group = (str(day), owed) if state == OWED else (state, delivered)
            group.setdefault(key, []).append(numbers[arxiv_id, version])
        chats[chat_id]["delivered"] = {state: _runs(delivered[state]) for state in sorted(delivered)}
        if owed:
            chats[chat_id]["owed"] = {day: _runs(owed[day]) for day in sorted(owed)}
    return [arxiv_id if version is None else f"{arxiv_id}v{version}" for arxiv_id, version in numbers]


async def _by_chat(parts: AsyncIterator[Sequence[Any]]) -> AsyncIterator[tuple[int, list[Any]]]:
    """The rows of each chat, of rows in the order of chats."""
    found: list[Any] = []
    async for rows in parts:
        for row in rows:
            if found and found[0][0] != row[0]:
                yield found[0][0], found
                found = []
            found.append(row)
    if found:
        yield found[0][0], found


def _runs(numbers: Iterable[int]) -> list[list[int]]:
    """Pairs of the first and last number of every run."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return runs
