"""Whether the database can be used: opened, read, written, of this version, with room to grow."""

import asyncio
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Row, bindparam, text
from sqlalchemy.exc import OperationalError

from bot.errors import StorageError
from bot.finding import Finding, fail, ok, warn
from bot.storage.database import Database, parse_url
from bot.storage.tables import metadata
from bot.storage.visit import Version, version, visit

NAME, WRITING, DISK = "database", "database writing", "disk"
LEAST = 200_000_000  # bytes that should be free
FTS = (3, 34)  # the first SQLite that finds three characters in a row
SUPPORTED = 13  # the oldest PostgreSQL that is not many years without mending
WAIT = text("SET LOCAL lock_timeout = '3s'")
TOUCH = "UPDATE alembic_version SET version_num = version_num"
STANDING = text("""
    SELECT current_setting('server_version') AS version,
        current_setting('server_version_num')::int / 10000 AS major,
        current_user::text AS who, current_schema()::text AS schema,
        coalesce(has_schema_privilege(current_schema(), 'CREATE'), false) AS may_create,
        pg_is_in_recovery() AS standby, getdatabaseencoding()::text AS encoding,
        (SELECT count(*) FROM pg_class
            WHERE relnamespace = to_regnamespace(current_schema()::text) AND relname IN :names
            AND NOT (has_table_privilege(oid, 'SELECT') AND has_table_privilege(oid, 'INSERT')
                AND has_table_privilege(oid, 'UPDATE') AND has_table_privilege(oid, 'DELETE'))) AS closed
""").bindparams(bindparam("names", value=list(metadata.tables), expanding=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What a look at the database came to."""

    findings: tuple[Finding, ...]
    current: bool = False  # its tables are those of this Paperboy


async def check(address: str) -> Looked:
    """What is to be said of the database."""
    try:
        url = parse_url(address)
        if url.get_backend_name() != "sqlite":
            return await _look_at_postgres(address)
        if not url.database or url.database == ":memory:":
            lost = "in memory: everything is lost at the end; name a file at `database`"
            return Looked(findings=(warn(NAME, lost),))
        return await _look_at_file(address, Path(url.database))
    except StorageError as exc:
        return Looked(findings=(fail(NAME, str(exc).removeprefix("database: ")),))


def unwritable(folder: Path) -> str | None:
    """Why nothing can be written into a folder, or it cannot be made; None: it can."""
    there = folder
    while not there.exists() and there.parent != there:
        there = there.parent
    if not there.is_dir():
        return f"{there} is no folder"
    if there != folder:
        return None if os.access(there, os.W_OK | os.X_OK) else f"it cannot be made in {there}"
    try:
        with tempfile.TemporaryFile(dir=folder):
            return None
    except OSError as exc:
        return exc.strerror or str(exc)


async def _look_at_file(address: str, file: Path) -> Looked:
    around = await asyncio.to_thread(lambda: [*_folder(file), *_program()])
    if not file.exists():
        made = ok(NAME, f"{file} does not exist yet; `paperboy run` makes it")
        return Looked(findings=(*around,) if _failing(around) else (made, *around))
    try:
        async with visit(address) as database:
            found = await _version(database)
            named = f"SQLite, {file}, {file.stat().st_size / 1e6:.1f} MB"
            told = (_told(found, named), await _write(database, found, lasting=True))
    except StorageError as exc:
        return Looked(findings=(fail(NAME, str(exc)), *around))
    return Looked(findings=(*told, *around), current=found.current)


async def _look_at_postgres(address: str) -> Looked:
    async with visit(address) as database:
        found = await _version(database)
        async with database.reading() as connection:
            row = (await connection.execute(STANDING)).one()
        told = _told(found, f"PostgreSQL {row.version} as {row.who}")
        faults = tuple(_faults(row, found))
        if not _failing(faults):
            faults = (await _write(database, found, lasting=False), *faults)
        return Looked(findings=(told, *faults), current=found.current)


async def _version(database: Database) -> Version:
    async with database.reading() as connection:
        return await version(connection)


def _told(found: Version, named: str) -> Finding:
    if found.foreign:
        newer = ", ".join(sorted(found.foreign))
        return fail(
            NAME,
            f"{named}: made by a newer Paperboy (its tables are at {newer}, this one knows up to "
            f"{found.newest}); update Paperboy, or point `database` elsewhere",
        )
    if not found.present:
        return ok(NAME, f"{named}: no tables yet; `paperboy run` makes them")
    if not found.current:
        older = ", ".join(sorted(found.present))
        return warn(
            NAME,
            f"{named}: of an older Paperboy (its tables are at {older}, this one's at {found.newest}); will "
            "be brought up to date by the next run; keep a copy until then",
        )
    return ok(NAME, f"{named}: up to date")


async def _write(database: Database, found: Version, *, lasting: bool) -> Finding:
    """Write, and undo it; `lasting`: where even an unwritten change shows whether it could be written."""
    try:
        async with database.writing() as connection:
            if not lasting:
                await connection.execute(WAIT)
            if found.present:  # on PostgreSQL no row is held, which a bot that starts may want
                await connection.execute(text(TOUCH if lasting else f"{TOUCH} WHERE false"))
            await connection.rollback()
    except OperationalError as exc:
        if "database is locked" not in str(exc.orig):
            raise
        return warn(WRITING, "another process has been writing for 10 s without an end; try again")
    return ok(WRITING, "can be written")


def _faults(row: Row[Any], found: Version) -> Iterator[Finding]:
    if row.standby:
        yield fail(WRITING, "the server is a standby, which takes nothing; name the primary in DATABASE_URL")
    if row.closed:
        right = f'GRANT ALL ON ALL TABLES IN SCHEMA {row.schema} TO "{row.who}"'
        yield fail(WRITING, f"{row.who} may not read and write {row.closed} of the tables; {right}")
    if row.encoding != "UTF8":
        yield fail(
            NAME,
            f"its encoding is {row.encoding}; make one with `createdb --encoding UTF8 --template template0`",
        )
    if row.schema is None:
        yield fail(
            NAME, f"{row.who} has no schema to work in; CREATE SCHEMA paperboy, and name it in search_path"
        )
    elif not row.may_create:
        right = f'GRANT CREATE ON SCHEMA {row.schema} TO "{row.who}"'
        said = f"{row.who} may not make tables in {row.schema}; {right}"
        yield warn(NAME, f"{said}; the next update needs it") if found.current else fail(NAME, said)
    if row.major < SUPPORTED:
        yield warn(NAME, f"PostgreSQL {row.version} is no longer mended by its makers; update it")


def _folder(file: Path) -> Iterator[Finding]:
    if reason := unwritable(file.parent):
        yield fail(
            NAME,
            f"{file.parent} cannot be written: {reason}; SQLite keeps more than one file there: give "
            "the folder to the user of this process",
        )
    there = next((each for each in (file.parent, *file.parents) if each.exists()), None)
    if there is None:
        return
    free = shutil.disk_usage(there).free
    if free < LEAST:
        yield warn(DISK, f"{free / 1e6:.0f} MB are free at {there}; make room before nothing can be kept")
    else:
        yield ok(DISK, f"{free / 1e9:,.1f} GB are free at {there}")


def _program() -> Iterator[Finding]:
    if sqlite3.sqlite_version_info < FTS:
        yield fail(
            NAME,
            f"SQLite {sqlite3.sqlite_version} of this Python cannot search; use a Python whose SQLite is "
            "3.34 or newer, or PostgreSQL",
        )


def _failing(findings: tuple[Finding, ...] | list[Finding]) -> bool:
    return any(finding.verdict == "fail" for finding in findings)
