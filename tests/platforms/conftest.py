"""The whole bot on a fake Telegram: its own parts, a real database, a folder of posts."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from bot import app
from bot.config import Config
from bot.platforms import platforms
from bot.storage.database import open_database
from tests.conftest import SAMPLES
from tests.fakes.telegram import Server
from tests.test_cli import rest


class Bot:
    """One running bot, and the folder that it watches."""

    def __init__(self, parts: app.App, server: Server, folder, work: asyncio.Task[None]) -> None:
        self.app = parts
        self.work = work
        self.database = parts.database
        self.server = server
        self.folder = folder

    def publish(self, day: str, name: str, text: str) -> None:
        """A new post in the folder, at rest."""
        place = self.folder / day / f"{name}.md"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
        rest(place)

    async def look(self) -> None:
        """Look at the sources now."""
        await self.app.collecting.once()


Start = Callable[..., Awaitable[Bot]]


@asynccontextmanager
async def running(server: Server, folder, address: str, *, roles=app.ROLES, **telegram) -> AsyncIterator[Bot]:
    """A bot on Telegram that has looked at its sources and listens."""
    given = {
        "telegram": {"token": server.token, "api_url": server.url, **telegram},
        "operators": ["telegram:1"],
    }
    async with living(folder, address, given, roles) as (parts, work):
        yield Bot(parts, server, folder, work)


@asynccontextmanager
async def living(
    folder, address: str, given, roles=app.ROLES
) -> AsyncIterator[tuple[app.App, asyncio.Task[None]]]:
    """A bot as configured that has looked at its sources, if it does; its parts and its work."""
    config = Config.model_validate(
        {
            "database": address,
            "sources": [{"kind": "folder", "path": str(folder), "every": "1d"}],
            **given,
        }
    )
    database = await open_database(address)
    parts = app.App(config, database, platforms(config))
    work = asyncio.create_task(app._work(parts, lambda _line: None, roles))
    try:
        async with asyncio.timeout(20):
            looked = asyncio.create_task(parts.collecting.looked.wait())
            if "collect" in roles:
                await asyncio.wait({work, looked}, return_when=asyncio.FIRST_COMPLETED)
            looked.cancel()
        yield parts, work
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        await parts.close()
        await parts.give_back()
        await database.close()


@pytest.fixture
async def telegram() -> AsyncIterator[Server]:
    """A Telegram that refuses what Telegram refuses; nothing that only the fake refuses may occur."""
    async with Server() as server:
        yield server
        assert server.complaints == []


@pytest.fixture
def posts(tmp_path):
    """The samples in a folder, at rest."""
    folder = tmp_path / "posts"
    shutil.copytree(SAMPLES, folder)
    for place in folder.rglob("*.md"):
        rest(place)
    return folder


@pytest.fixture
async def bot(telegram, posts, tmp_path) -> AsyncIterator[Bot]:
    """A bot on SQLite, listening by polling."""
    async with running(telegram, posts, f"sqlite:///{tmp_path}/paperboy.db") as started:
        await telegram.wait_until_polled()
        yield started


@pytest.fixture
def unused_port() -> int:
    """A port on the loopback that nothing listens on."""
    import socket

    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        return opened.getsockname()[1]
