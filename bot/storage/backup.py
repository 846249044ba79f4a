"""Chats with all their settings, what they follow, what was delivered and what is owed, as JSON and back.

    {"format": "paperboy-backup", "version": 1, "made_at": 1795132800,
     "sources": {"/srv/posts": 1795132770},
     "tags": {"nerf": "NeRF"},
     "aliases": {"radiance-fields": "nerf"},
     "papers": ["2003.08934v2", "2006.11239", "2308.04079v1"],
     "chats": [{"platform": "telegram", "address": "-100", "settings": {"style": "cards", ...},
                "follows": ["nerf"], "filters": {"exclude": ["lidar"]},
                "delivered": {"sent": [[0, 1]]}, "owed": {"2026-11-20": [[2, 2]]}}]}

Papers are told once, in the order in which they were first owed; a chat tells what it was delivered, and
by the dates of their posts what it was still owed, as pairs of the first and the last of a run of them. A
paper that was sent in an older version and is owed in a newer one is told as both. A tag that was merged
into another is told by the slugs of both. A source tells when a look at it last went well. Times are seconds
since the epoch.

Posts and papers themselves are no part of it: they are read again from their sources. Nobody is sent again
what was delivered before; what was owed is owed again once its paper has been read, and what came out
since the sources were read is news. A tag that was merged there or here is merged afterwards; where it was
merged into different ones, it stays where it is here. An older Paperboy, which knows of neither `owed`,
`sources` nor `aliases`, reads it all the same, so the version has not risen for them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import and_, insert, or_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage import merging, restored
from bot.storage.backup_check import FORMAT, SETTINGS, VERSION, Backup, Kept, check
from bot.storage.backup_rows import (
    read_aliases,
    read_chats,
    read_deliveries,
    read_filters,
    read_follows,
    read_sources,
)
from bot.storage.posts import upsert
from bot.storage.tables import (
    IS_RESTORED,
    chat,
    delivery,
    filter,
    restored_source,
    subscription,
    tag,
    tag_alias,
)

AT_ONCE = 10_000  # rows that are written in one go


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """How much a backup holds, all of which is in the database now."""

    chats: int
    subscriptions: int
    deliveries: int
    owed: int


async def export(connection: AsyncConnection, *, at: int) -> dict[str, Any]:
    """The backup as of one moment, now `at`; must be the first that is done in its transaction."""
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
    chats = await read_chats(connection)
    tags = await read_follows(connection, chats)
    aliases = await read_aliases(connection, tags)
    await read_filters(connection, chats)
    papers = await read_deliveries(connection, chats)
    head = {"format": FORMAT, "version": VERSION, "made_at": at, "sources": await read_sources(connection)}
    return {**head, "tags": tags, "aliases": aliases, "papers": papers, "chats": list(chats.values())}


async def restore(connection: AsyncConnection, data: Any, *, at: int) -> Restored:
    """Put a backup back, beside what is there; `at` is the time.

    A chat that is there takes the settings of the backup, and keeps what else it follows, filters, was
    delivered and is owed. Doing it twice changes nothing more.

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
    owed = await _write(connection, _owe(connection), _debts(backup, kept, at))
    await restored.owe_rest(connection, at=at)
    sources = ({"source": name, "read_at": read_at} for name, read_at in backup.sources.items())
    await _write(connection, _know(connection), sources)
    return Restored(chats=len(kept), subscriptions=subscriptions, deliveries=deliveries, owed=owed)


async def _write(connection: AsyncConnection, statement: Any, rows: Iterator[dict[str, Any]]) -> int:
    """Execute the statement for all rows; their number."""
    number = 0
    while some := list(islice(rows, AT_ONCE)):
        await connection.execute(statement, some)
        number += len(some)
    return number


async def _write_tags(connection: AsyncConnection, backup: Backup) -> dict[str, int]:
    """The numbers of all tags, by all their slugs."""
    await merging.hold(connection)
    known = await merging.numbers(connection)
    rows = ({"slug": slug, "name": name} for slug, name in backup.tags.items() if slug not in known)
    await _write(connection, insert(tag), rows)
    known = await merging.numbers(connection)
    new = {slug: known[into] for slug, into in backup.aliases.items() if slug not in known}
    await _write(connection, insert(tag_alias), ({"slug": each, "tag_id": new[each]} for each in new))
    own = set((await connection.execute(select(tag.c.slug))).scalars())
    for slug, into in backup.aliases.items():
        if slug in own:  # its posts were read here before
            await merging.merge(connection, slug, into)
    return await merging.numbers(connection)


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
    waits = or_(delivery.c.state == "pending", IS_RESTORED)
    reached = or_(~delivery.c.revised, delivery.c.version <= new.version)
    return statement.on_conflict_do_update(
        index_elements=["chat_id", "arxiv_id"],
        set_={name: new[name] for name in ("state", "version", "settled_at", "reason", "post_date")},
        where=or_(and_(waits, reached), newer),
    )


def _owe(connection: AsyncConnection) -> Any:
    """Keeps what is owed until its paper has been read; of what is there only an older version gives way."""
    statement = upsert(connection, delivery)
    new = statement.excluded
    names = ("state", "reason", "version", "revised", "post_date", "planned_at", "settled_at", "entry_id")
    return statement.on_conflict_do_update(
        index_elements=["chat_id", "arxiv_id"],
        set_={name: new[name] for name in names},
        where=and_(new.revised, delivery.c.state == "sent", delivery.c.version < new.version),
    )


def _know(connection: AsyncConnection) -> Any:
    """Keeps how far a source had been read, by the backup that knows of least: nothing is lost."""
    statement = upsert(connection, restored_source)
    read_at = statement.excluded.read_at
    return statement.on_conflict_do_update(
        index_elements=["source"], set_={"read_at": read_at}, where=read_at < restored_source.c.read_at
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


def _debts(backup: Backup, kept: Sequence[tuple[int, Kept]], at: int) -> Iterator[dict[str, Any]]:
    older = _older(backup)
    for chat_id, item in kept:
        due_at = item.settings["due_at"]
        sent = [(first, last) for state, first, last in item.delivered if state == "sent"]
        for day, first, last in item.owed:
            for number in range(first, last + 1):
                arxiv_id, version = backup.papers[number]
                yield {
                    "chat_id": chat_id,
                    "arxiv_id": arxiv_id,
                    "version": version,
                    "state": "filtered",
                    "reason": "overdue" if due_at is not None and due_at <= at else "restored",
                    "revised": any(a <= it <= b for it in older.get(number, ()) for a, b in sent),
                    "post_date": day,
                    "planned_at": at,
                }


def _older(backup: Backup) -> dict[int, list[int]]:
    """The numbers of older versions of papers, by the number of each newer one."""
    versions: dict[str, list[tuple[int, int]]] = {}
    for number, (arxiv_id, version) in enumerate(backup.papers):
        if version is not None:
            versions.setdefault(arxiv_id, []).append((version, number))
    return {
        number: [other for before, other in found if before < version]
        for found in versions.values()
        if len(found) > 1
        for version, number in found
    }
