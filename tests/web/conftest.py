"""A web port on the loopback, over a real database."""

import time
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
import pytest

from bot.storage import leases, pages
from bot.web import Metrics, Part, Port

US = "here:1:1"
SECRET = "open sesame, but longer"


@dataclass
class Asked:
    """An answer of the port, read to its end."""

    status: int
    text: str
    headers: dict[str, str]


class Client:
    """Asks a port."""

    def __init__(self, port: Port, metrics: Metrics, session: aiohttp.ClientSession) -> None:
        self.port = port
        self.metrics = metrics
        self.session = session

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port.server.port}"

    async def __call__(self, path: str, method: str = "GET", **given) -> Asked:
        """Ask for a path."""
        async with self.session.request(method, self.url + path, **given) as answer:
            headers = {name.lower(): value for name, value in answer.headers.items()}
            return Asked(answer.status, await answer.text(), headers)


@pytest.fixture
def opened(database):
    """Open a port over the database."""

    @asynccontextmanager
    async def open_port(*, roles=("collect", "send", "listen"), platforms=("telegram",), **given):
        sources = given.pop("sources", ("blog",))
        listens = given.pop("listens", platforms)
        part = Part(holder=US, roles=roles, platforms=platforms, listens=listens, sources=sources)
        metrics = Metrics(platforms, sources)
        port = Port("127.0.0.1:0", database, part, metrics, version="9.8.7", **given)
        await port.start()
        async with aiohttp.ClientSession() as session:
            try:
                yield Client(port, metrics, session)
            finally:
                await port.stop()

    return open_port


@pytest.fixture
def at_work(database):
    """Somebody holds every role and has looked at every source just now."""

    async def begin(*sources, holder=US, roles=("collect", "send:telegram", "listen:telegram")):
        async with database.writing() as connection:
            for role in roles:
                assert await leases.take(connection, role, holder=holder, now=time.time(), term=20)
        for source in sources or ("blog",):
            await looked(database, source)

    return begin


async def looked(database, source, *, ago=0, every=30, error=None, whole=True):
    """Note a look at a source."""
    at = int(time.time()) - ago
    async with database.writing() as connection:
        await pages.note_look(connection, source, at=at, began=at, every=every, error=error, whole=whole)
