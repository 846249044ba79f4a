"""What counting costs the sender, and what a scrape costs a bot that has been at work for years."""

import asyncio
import datetime as dt
import resource
import statistics
import tempfile
import time
from pathlib import Path

import aiohttp

from bot.adapters.base import Limits
from bot.delivery.send import Sender
from bot.meter import Meter
from bot.storage import leases, pages
from bot.storage.database import Database, open_database
from bot.web import Metrics, Part, Port
from tests.benchmarks.bench_sending import Instant, fill
from tests.benchmarks.large import Large
from tests.benchmarks.large import fill as fill_large

LARGE = Large(papers=100_000, chats=10_000, each=100, today=dt.date(2026, 11, 20))
ROUNDS = 9
US = "bench:1:1"


async def sending(folder: str) -> tuple[float, float]:
    """Processor seconds a message with a meter that counts, and their ratio to those with none.

    In turns, the median of the ratios of pairs: other work on the machine falls on both.
    """
    times: dict[bool, list[float]] = {False: [], True: []}
    for number in range(ROUNDS):
        for counts in (number % 2 == 0, number % 2 == 1):
            times[counts].append(await _send(f"{folder}/{number}{counts}.db", counts=counts))
    pairs = zip(times[True], times[False], strict=True)
    return statistics.median(times[True]), statistics.median(one / other for one, other in pairs)


async def _send(address: str, *, counts: bool, readers: int = 400, papers: int = 9) -> float:
    database = await open_database(address)
    await fill(database, readers, papers)
    platform = Instant(Limits())
    meter = Metrics(["instant"]) if counts else Meter()
    before = _used()
    await Sender(database, {"instant": platform}, holder="bench", meter=meter).run(until_idle=True)
    used = _used() - before
    await database.close()
    assert len(platform.times) == readers * (papers + 1)
    return used / len(platform.times)


def _used() -> float:
    """Seconds of the processor that this process has used."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def calls() -> float:
    """Seconds of the calls that a message with its paper makes, alone."""
    metrics, number = Metrics(["instant"]), 100_000
    before = _used()
    for _ in range(number):
        metrics.waited("instant", "BULK", 0.01)
        metrics.arrived("instant")
        metrics.sent("instant", [12.0])
    return (_used() - before) / number


async def scraping(path: Path) -> dict[str, tuple[float, float]]:
    """Milliseconds until an answer, the median and the longest: read from the database, or kept, ready."""
    database = await open_database(str(path))
    await _begin(database)
    part = Part(
        holder=US,
        roles=("collect", "send", "listen"),
        platforms=("telegram",),
        listens=("telegram",),
        sources=("blog",),
    )
    metrics = Metrics(part.platforms, part.sources)
    _work(metrics)
    port = Port("127.0.0.1:0", database, part, metrics, version="bench")
    await port.start()
    async with aiohttp.ClientSession() as session:
        kept = await _ask(session, port, "metrics")
        port._readings.totals._holds = port._readings.standing._holds = 0.0
        read = await _ask(session, port, "metrics")
        ready = await _ask(session, port, "readyz")
    await port.stop()
    await database.close()
    return {"scrape, all read anew": read, "scrape, totals kept for 15 s": kept, "readyz, read anew": ready}


async def _begin(database: Database) -> None:
    now = int(time.time())
    async with database.writing() as connection:
        await pages.note_look(connection, "blog", at=now, began=now, every=3600)
        for role in ("collect", "send:telegram", "listen:telegram"):
            await leases.take(connection, role, holder=US, now=now, term=600)


def _work(metrics: Metrics) -> None:
    """As many times and counters as a bot at work has."""
    for number in range(50):
        metrics.answered("telegram", f"command{number}", 0.01)
    for lane in ("PEOPLE", "BULK"):
        metrics.waited("telegram", lane, 0.01)
    metrics.sent("telegram", [1.0])
    metrics.looked("blog", 1.0, posts=1, planned=1)


async def _ask(session: aiohttp.ClientSession, port: Port, path: str) -> tuple[float, float]:
    times = []
    for _ in range(21):
        before = time.perf_counter()
        async with session.get(f"http://127.0.0.1:{port.server.port}/{path}") as answer:
            assert answer.status == 200, await answer.text()
            await answer.read()
        times.append(time.perf_counter() - before)
    return statistics.median(times) * 1000, max(times) * 1000


def main() -> None:
    """Print every figure."""
    print("\nHealth and metrics")
    with tempfile.TemporaryDirectory(prefix="paperboy-bench-") as folder:
        used, ratio = asyncio.run(sending(folder))
        print(
            f"  sending, counted:    {used * 1e6:.0f} µs of processor a message, {ratio:.3f} times uncounted"
        )
        print(f"  the calls alone:     {calls() * 1e6:.1f} µs a message with a paper")
        path = Path(folder) / "large.db"
        asyncio.run(fill_large(path, LARGE))
        print(f"  with {LARGE.papers:,} papers and {LARGE.chats * LARGE.each:,} deliveries, SQLite:")
        for name, (median, longest) in asyncio.run(scraping(path)).items():
            print(f"    {name + ':':30} {median:.1f} ms, {longest:.1f} ms at most")


if __name__ == "__main__":
    main()
