"""Opens the database, brings it up to date, hands out transactions."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, event, func, make_url, select
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from bot.errors import StorageError
from bot.storage.mending import explain

MIGRATIONS = Path(__file__).parent / "migrations"
DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}
BUSY_MS = 250
PATIENCE = 10.0  # seconds to wait for others that write to a SQLite file
CONNECT = 5.0  # seconds that a PostgreSQL server may take to answer
MIGRATING = 0x50415045  # the lock that processes which start together take on PostgreSQL


class Database:
    """A database that is open and up to date."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._file: tuple[Path, int] | None = None  # of SQLite: where it is, and its number on the disk

    def note_file(self, path: Path) -> None:
        """Remember which file it is that was opened."""
        self._file = path, path.stat().st_ino

    @property
    def is_there(self) -> bool:
        """Whether its file, if it is one, is still the one that was opened: what is taken away stays open."""
        try:
            return self._file is None or self._file[0].stat().st_ino == self._file[1]
        except OSError:
            return False

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that only reads and never waits for a writer."""
        async with self._engine.connect() as connection:
            await connection.execution_options(reads=True)
            yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that is kept when the block ends well and undone when it raises."""
        async with self._engine.connect() as connection:
            await _begin(connection)
            yield connection
            await connection.commit()

    async def close(self) -> None:
        """Give every connection back."""
        await self._engine.dispose()


async def open_database(address: str) -> Database:
    """Open the database at a URL (or a SQLite file's path), making and migrating its tables.

    Raises:
        StorageError: it cannot be opened, is no database, or belongs to a newer Paperboy.
    """
    url = parse_url(address)
    if url.get_backend_name() == "sqlite":
        _make_folder(url)
    try:
        engine = create_async_engine(url, hide_parameters=True)
    except ModuleNotFoundError as exc:
        raise StorageError(f"database {shown(url)}: {explain(url, exc)}") from exc
    if url.get_backend_name() == "sqlite":
        event.listen(engine.sync_engine, "connect", _set_up_sqlite)
        event.listen(engine.sync_engine, "begin", begin_sqlite)
        event.listen(engine.sync_engine, "invalidate", _let_go)
    else:
        event.listen(engine.sync_engine, "do_connect", connect_postgres)
    database = Database(engine)
    try:
        async with database.writing() as connection:
            await connection.run_sync(_migrate, shown(url))
        if url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:"):
            database.note_file(Path(str(url.database)))
    except (DBAPIError, OSError) as exc:
        await engine.dispose()
        raise StorageError(f"database {shown(url)}: {explain(url, exc)}") from exc
    except BaseException:
        await engine.dispose()
        raise
    return database


async def open_existing(address: str) -> Database:
    """The same where there is one already: what only asks makes no file.

    Raises:
        StorageError: there is none, or as above.
    """
    url = parse_url(address)
    if url.get_backend_name() == "sqlite" and not (url.database and Path(url.database).exists()):
        raise StorageError(f"database {url.database}: does not exist yet; `paperboy run` makes it")
    return await open_database(address)


def parse_url(address: str) -> URL:
    """The database's URL with the driver that this program uses.

    Raises:
        StorageError: it is no URL, or names an engine that is not supported.
    """
    if "://" not in address:
        return URL.create(DRIVERS["sqlite"], database=address)
    try:
        url = make_url(address)
    except ArgumentError as exc:
        raise StorageError("database: not a URL; give sqlite:///FILE or postgresql://USER@HOST/NAME") from exc
    driver = DRIVERS.get(url.get_backend_name())
    if driver is None:
        raise StorageError(
            f"database: {url.get_backend_name()!r} is not supported; use sqlite:///FILE or postgresql://..."
        )
    return url.set(drivername=driver)


def shown(url: URL) -> str:
    """A URL as it may be shown: without its password."""
    return url.database or "in memory" if url.get_backend_name() == "sqlite" else url.render_as_string()


def _make_folder(url: URL) -> None:
    if not url.database or url.database == ":memory:":
        return
    try:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise StorageError(f"database {url.database}: its folder cannot be made: {exc.strerror}") from exc


def scripts() -> Config:
    """Where Alembic finds the migrations."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def _migrate(connection: Connection, shown: str) -> None:
    config = scripts()
    config.attributes["connection"] = connection
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(MIGRATING)))
    directory = ScriptDirectory.from_config(config)
    known = {revision.revision for revision in directory.walk_revisions()}
    present = set(MigrationContext.configure(connection).get_current_heads())
    if newer := present - known:
        raise StorageError(
            f"database {shown}: made by a newer Paperboy (its tables are at {', '.join(sorted(newer))}, this "
            f"one knows up to {max(known)}); update Paperboy, or point `database` at another file"
        )
    if present != set(directory.get_heads()):
        command.upgrade(config, "head")


async def _begin(connection: AsyncConnection) -> None:
    """Begin to write; on SQLite in short tries, for its wait is in a thread that nothing can break off."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            await connection.begin()
        except OperationalError as exc:
            if "database is locked" not in str(exc.orig) or time.monotonic() > until:
                raise
        else:
            return


def connect_postgres(dialect: Any, _record: ConnectionPoolEntry, args: Any, options: Any) -> Any:
    """A connection; what the driver raises for a server that starts or stops is made SQLAlchemy's kind."""
    driver = dialect.loaded_dbapi.asyncpg
    try:
        return dialect.connect(*args, **{"timeout": CONNECT} | options)
    except (driver.PostgresError, driver.InterfaceError) as exc:
        raise dialect.loaded_dbapi.OperationalError(str(exc)) from exc


def _set_up_sqlite(connection: Any, _record: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # transactions begin where begin_sqlite says, not where Python guesses
    cursor = connection.cursor()
    for pragma in (f"busy_timeout={BUSY_MS}", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _let_go(connection: Any, _record: ConnectionPoolEntry, _exc: BaseException | None) -> None:
    """Undo what a cancelled statement has begun, ahead of the closing that is queued next.

    Rows that nobody fetched keep a SQLite connection open after it was closed, with its lock on all who
    write, until they are collected as garbage.
    """
    driver = connection.driver_connection
    driver._tx.put_nowait((None, lambda: driver._conn.rollback()))


def begin_sqlite(connection: Connection) -> None:
    """Begin a transaction, one that writes unless it says that it only reads."""
    # One that reads first and writes later would fail at once, not wait, when another wrote in between.
    reads = connection.get_execution_options().get("reads", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
