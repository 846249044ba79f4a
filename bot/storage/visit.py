"""Looks at a database without changing it: nothing is made or migrated, and nobody waits for it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Select, event, func, select
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from bot.errors import StorageError
from bot.storage.chats import ASKED, COLUMNS, Chat, from_row
from bot.storage.database import BUSY_MS, Database, begin_sqlite, connect_postgres, parse_url, scripts, shown
from bot.storage.mending import explain
from bot.storage.tables import chat, subscription


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """How far the tables are."""

    present: frozenset[str]  # none: there are no tables yet
    newest: str  # that this Paperboy makes
    foreign: frozenset[str]  # made by a newer one

    @property
    def current(self) -> bool:
        """Whether the tables are those of this Paperboy."""
        return self.present == {self.newest}


@asynccontextmanager
async def visit(address: str) -> AsyncIterator[Database]:
    """The database at an address, as it is; a SQLite file must be there.

    Raises:
        StorageError: it cannot be opened or asked; why, and how to mend it.
    """
    url = parse_url(address)
    try:
        engine = create_async_engine(_gently(url), hide_parameters=True)
    except ModuleNotFoundError as exc:
        raise StorageError(f"{shown(url)}: {explain(url, exc)}") from exc
    if url.get_backend_name() == "sqlite":
        event.listen(engine.sync_engine, "connect", _set_up_sqlite)
        event.listen(engine.sync_engine, "begin", begin_sqlite)
    else:
        event.listen(engine.sync_engine, "do_connect", connect_postgres)
    try:
        yield Database(engine)
    except (SQLAlchemyError, OSError) as exc:
        raise StorageError(f"{shown(url)}: {explain(url, exc)}") from exc
    finally:
        await engine.dispose()


async def version(connection: AsyncConnection) -> Version:
    """How far the tables are."""
    return await connection.run_sync(_version)


async def following(connection: AsyncConnection, platform: str, most: int) -> tuple[list[Chat], int]:
    """Groups and channels that follow something and are not paused, newest first; and how many there are."""
    follows = (
        chat.c.follows_all
        | select(subscription.c.chat_id).where(subscription.c.chat_id == chat.c.id).exists()
    )
    served = (chat.c.platform == platform, chat.c.kind == "group", chat.c.paused_at.is_(None), follows)
    count = select(func.count()).select_from(chat).where(*served)
    newest: Select[Any] = select(*COLUMNS).where(*served).order_by(chat.c.id.desc()).limit(most)
    rows = await connection.execute(newest)
    return [from_row(row) for row in rows], int((await connection.execute(count)).scalar_one())


async def paused(connection: AsyncConnection) -> dict[str, int]:
    """How many chats are paused for a trouble, by its reason; those that want it so are not counted."""
    reason = func.coalesce(chat.c.paused_reason, "")
    number = func.count().label("number")
    wanted = select(reason.label("reason"), number).where(chat.c.paused_at.is_not(None), reason != ASKED)
    rows = await connection.execute(wanted.group_by(reason).order_by(number.desc(), reason))
    return {row.reason: int(row.number) for row in rows}


def _gently(url: URL) -> URL:
    """The same database, opened so that a file that is not there is not made."""
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        return url
    return url.set(database=f"file:{quote(url.database)}", query={"mode": "rw", "uri": "true"})


def _set_up_sqlite(connection: Any, _record: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # as in `database`
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY_MS}")
    cursor.close()


def _version(connection: Connection) -> Version:
    directory = ScriptDirectory.from_config(scripts())
    known = {revision.revision for revision in directory.walk_revisions()}
    present = frozenset(MigrationContext.configure(connection).get_current_heads())
    return Version(present=present, newest=directory.get_current_head() or "", foreign=present - known)
