"""Chats with all their settings, what they follow, and what was delivered to them, as JSON and back.

    {"format": "paperboy-backup", "version": 1,
     "tags": {"nerf": "NeRF"},
     "papers": ["2003.08934v2", "2006.11239"],
     "chats": [{"platform": "telegram", "address": "-100", "settings": {"style": "cards", ...},
                "follows": ["nerf"], "filters": {"exclude": ["lidar"]},
                "delivered": {"sent": [[0, 1]]}}]}

Papers are told once, in the order in which they were first owed; a chat tells what it was delivered
as pairs of the first and the last of a run of them. Posts and papers themselves are no part of it:
they are read again from their sources, and nobody is sent again what was delivered before.
"""

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import and_, case, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.backup_check import DELIVERED, FORMAT, SETTINGS, VERSION, Backup, Kept, check
from bot.storage.posts import upsert
from bot.storage.tables import chat, delivery, filter, subscription, tag

AT_ONCE = 10_000  # rows that are written in one go

# A paper that is owed again in a new version was sent in an older one.
_AGAIN = and_(delivery.c.revised, delivery.c.state.in_(("pending", "sending")))
_delivered = (
    select(
        delivery.c.id,
        delivery.c.chat_id,
        delivery.c.arxiv_id,
        case((_AGAIN, delivery.c.version - 1), else_=delivery.c.version).label("version"),
        case((_AGAIN, "sent"), else_=delivery.c.state).label("state"),
    )
    .where(or_(_AGAIN, delivery.c.state.in_(DELIVERED)))
    .subquery()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """How much a backup holds, all of which is in the database now."""

    chats: int
    subscriptions: int
    deliveries: int


async def export(connection: AsyncConnection) -> dict[str, Any]:
    """The backup as of one moment; must be the first that is done in its transaction."""
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
    rows = (await connection.execute(select(chat).order_by(chat.c.platform, chat.c.address))).mappings()
    chats = {
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
    tags = await _read_follows(connection, chats)
    await _read_filters(connection, chats)
    papers = await _read_delivered(connection, chats)
    head = {"format": FORMAT, "version": VERSION}
    return {**head, "tags": tags, "papers": papers, "chats": list(chats.values())}


async def restore(connection: AsyncConnection, data: Any, *, at: int) -> Restored:
    """Put a backup back, beside what is there; `at` is the time.

    A chat that is there takes the settings of the backup, and keeps what else it follows, filters and
    was delivered. Doing it twice changes nothing more.

    Raises:
        UsageError: the backup is of a newer Paperboy or malformed; nothing is changed.
    """
    backup = check(data)
    tag_ids = await _write_tags(connection, backup)
    chat_ids = await _write_chats(connection, backup)
    kept = [(chat_ids[item.platform, item.address], item) for item in backup.chats]
    follows = ({"chat_id": id, "tag_id": tag_ids[slug]} for id, item in kept for slug in item.follows)
    subscriptions = await _write(
        connection, upsert(connection, subscription).on_conflict_do_nothing(), follows
    )
    words = ({"chat_id": id, "kind": kind, "word": word} for id, item in kept for kind, word in item.filters)
    await _write(connection, upsert(connection, filter).on_conflict_do_nothing(), words)
    deliveries = await _write(connection, _deliver(connection), _deliveries(backup, kept, at))
    return Restored(chats=len(kept), subscriptions=subscriptions, deliveries=deliveries)


async def _read_follows(connection: AsyncConnection, chats: dict[int, Any]) -> dict[str, str]:
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


async def _read_filters(connection: AsyncConnection, chats: dict[int, Any]) -> None:
    columns = (filter.c.chat_id, filter.c.kind, filter.c.word)
    for chat_id, kind, word in await connection.execute(select(*columns).order_by(filter.c.id)):
        chats[chat_id]["filters"].setdefault(kind, []).append(word)


async def _read_delivered(connection: AsyncConnection, chats: dict[int, Any]) -> list[str]:
    """Write into every chat what was delivered to it; the papers that the numbers there mean."""
    paper = (_delivered.c.arxiv_id, _delivered.c.version)
    known = select(*paper).group_by(*paper).order_by(func.min(_delivered.c.id))
    numbers: dict[tuple[str, int | None], int] = {}
    for arxiv_id, version in await connection.execute(known):
        numbers[arxiv_id, version] = len(numbers)
    columns = (_delivered.c.chat_id, *paper, _delivered.c.state)
    rows = await connection.stream(select(*columns).order_by(_delivered.c.chat_id))
    async for chat_id, found in _by_chat(rows.partitions(AT_ONCE)):
        by_state: dict[str, list[int]] = {}
        for _, arxiv_id, version, state in found:
            by_state.setdefault(state, []).append(numbers[arxiv_id, version])
        chats[chat_id]["delivered"] = {state: _runs(by_state[state]) for state in sorted(by_state)}
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


async def _write(connection: AsyncConnection, statement: Any, rows: Iterator[dict[str, Any]]) -> int:
    """Execute the statement for all rows; their number."""
    number = 0
    while some := list(islice(rows, AT_ONCE)):
        await connection.execute(statement, some)
        number += len(some)
    return number


async def _write_tags(connection: AsyncConnection, backup: Backup) -> dict[str, int]:
    rows = ({"slug": slug, "name": name} for slug, name in backup.tags.items())
    await _write(connection, upsert(connection, tag).on_conflict_do_nothing(), rows)
    return {row.slug: row.id for row in await connection.execute(select(tag.c.slug, tag.c.id))}


async def _write_chats(connection: AsyncConnection, backup: Backup) -> dict[tuple[str, str], int]:
    statement = upsert(connection, chat)
    statement = statement.on_conflict_do_update(
        index_elements=["platform", "address"],
        set_={column.name: statement.excluded[column.name] for column in SETTINGS},
    )
    rows = ({"platform": item.platform, "address": item.address, **item.settings} for item in backup.chats)
    await _write(connection, statement, rows)
    found = await connection.execute(select(chat.c.platform, chat.c.address, chat.c.id))
    return {(row.platform, row.address): row.id for row in found}


def _deliver(connection: AsyncConnection) -> Any:
    """Keeps a delivery; one that is there is changed only where the backup knows of more."""
    statement = upsert(connection, delivery)
    new = statement.excluded
    newer = and_(delivery.c.state == new.state, delivery.c.version < new.version)
    return statement.on_conflict_do_update(
        index_elements=["chat_id", "arxiv_id"],
        set_={name: new[name] for name in ("state", "version", "settled_at")},
        where=or_(and_(delivery.c.state == "pending", ~delivery.c.revised), newer),
    )


def _deliveries(backup: Backup, kept: Sequence[tuple[int, Kept]], at: int) -> Iterator[dict[str, Any]]:
    for chat_id, item in kept:
        for state, first, last in item.delivered:
            for arxiv_id, version in backup.papers[first : last + 1]:
                yield {
                    "chat_id": chat_id,
                    "arxiv_id": arxiv_id,
                    "version": version,
                    "state": state,
                    "planned_at": at,
                    "settled_at": at,
                }
