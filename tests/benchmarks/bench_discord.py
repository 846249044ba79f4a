"""Messages a second to Discord, the processor time of each: bare, by the library, the adapter, the engine.

The server is a process of its own, so what is measured is one core of ours. Everything goes without limits,
but for the last figure: what it costs that the gate lets one go after the other.
"""

import asyncio
import datetime as dt
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from itertools import count

import aiohttp
from discord.http import HTTPClient, Route
from sqlalchemy import insert

from bot.adapters.base import Limits
from bot.adapters.discord.adapter import Discord
from bot.adapters.discord.api import Line, aim
from bot.adapters.discord.nonce import stamp
from bot.adapters.discord.render import render
from bot.adapters.discord.toll import Toll
from bot.delivery.send import Sender
from bot.formatter import cards
from bot.model import Language, Style
from bot.storage import planning, posts
from bot.storage.database import open_database
from bot.storage.tables import chat
from tests.benchmarks.bench_telegram import Figure, best, measure
from tests.builders import entry, post

TOKEN = "not-a-secret"
COUNT = 4000
ROUNDS = 3
PLACES = 500  # channels, one message after another in each
MANY = 10_000  # channels, one message each: the table of their limits grows


@contextmanager
def server() -> Iterator[str]:
    """The address of a light server in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.light_discord"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.kill()


def card():
    """The message of a paper of usual length."""
    said = "We present a method for a problem, and show on several datasets that it works well. " * 2
    one = entry("2401.00001", summary=said, takeaways=(said, said, said))
    _, paper = cards(post(one), style=Style.CARDS, language=Language.EN)[:2]
    return render(paper, Language.EN)[0]


MESSAGE = card()
BODY = MESSAGE.request["json"]


def places(most: int = PLACES) -> Callable[[], int]:
    """The channels, one after another."""
    numbers = count()
    return lambda: 1000 + next(numbers) % most


async def bare(url: str) -> Figure:
    """The least that it takes over HTTP: aiohttp alone, always the same words out, and JSON in."""
    body = json.dumps(stamp("1", BODY)).encode()
    heads = {"Content-Type": "application/json", "Authorization": f"Bot {TOKEN}"}
    place = places()
    async with aiohttp.ClientSession(headers=heads) as session:

        async def send() -> None:
            async with session.post(f"{url}/api/v10/channels/{place()}/messages", data=body) as answer:
                json.loads(await answer.read())

        return await measure(send, COUNT)


async def library(_url: str, most: int = PLACES) -> Figure:
    """The library's own client, the body as it is."""
    http = HTTPClient(asyncio.get_running_loop())
    await http.static_login(TOKEN)
    place = places(most)

    async def send() -> None:
        await http.request(Route("POST", "/channels/{channel_id}/messages", channel_id=place()), json=BODY)

    found = await measure(send, max(COUNT, most))
    await http.close()
    return found


async def adapter(_url: str, most: int = PLACES) -> Figure:
    """The adapter, as the engine calls it: looked through, marked, counted."""
    toll = Toll(most=1e9)
    discord = Discord(Line(TOKEN, toll), toll=toll, limits=Limits())
    place = places(most)
    found = await measure(lambda: sent(discord, place()), max(COUNT, most))
    await discord.close()
    return found


def sent(discord: Discord, place: int) -> Awaitable[str]:
    return discord.send(f"7/{place}", MESSAGE)


async def engine(folder: str, readers: int = 500, papers: int = 9) -> Figure:
    """The whole way from the outbox to the recorded delivery, on SQLite, without limits."""
    database = await open_database(f"sqlite:///{folder}/discord.db")
    settings = {"platform": "discord", "kind": "group", "follows_all": True}
    settings |= {"style": Style.CARDS, "language": Language.EN}
    now = int(time.time())
    async with database.writing() as connection:
        await connection.execute(
            insert(chat), [settings | {"address": f"7/{number}"} for number in range(1, readers + 1)]
        )
        ids = [f"2401.{number:05}" for number in range(1, papers + 1)]
        post_id = await posts.add(connection, "blog", post(*ids), at=now)
        await planning.plan(connection, post_id, at=now, cap=papers, oldest=dt.date(2000, 1, 1))
    toll = Toll(most=1e9)
    discord = Discord(Line(TOKEN, toll), toll=toll, limits=Limits())
    sender = Sender(database, {"discord": discord}, holder="bench")
    before, cpu = time.perf_counter(), time.process_time()
    await sender.run(until_idle=True)
    messages = readers * (papers + 1)
    found = (time.perf_counter() - before) / messages, (time.process_time() - cpu) / messages
    assert sender.sent == readers * papers
    await discord.close()
    await database.close()
    return found


async def gated(_url: str, seconds: float = 4.0) -> float:
    """Messages a second where the gate is the only limit."""
    toll = Toll()
    discord = Discord(Line(TOKEN, toll), toll=toll, limits=Limits())
    await discord.send("7/1", MESSAGE)
    wanted = int(48 * seconds)
    before = time.perf_counter()
    await asyncio.gather(*(sent(discord, 1000 + number) for number in range(wanted)))
    took = time.perf_counter() - before
    await discord.close()
    return wanted / took


def main() -> None:
    """Print every figure."""
    rounds: dict[str, list[Figure]] = {}
    with server() as url, tempfile.TemporaryDirectory(prefix="paperboy-bench-") as folder:
        before = Route.BASE
        aim(url)
        try:
            for number in range(ROUNDS):
                for name, way in (("aiohttp alone", bare), ("the library", library), ("adapter", adapter)):
                    rounds.setdefault(name, []).append(asyncio.run(way(url)))
                os.makedirs(f"{folder}/{number}")
                rounds.setdefault("engine and adapter", []).append(asyncio.run(engine(f"{folder}/{number}")))
            many = {way: asyncio.run(way(url, MANY)) for way in (library, adapter)}
            rate = statistics.median(asyncio.run(gated(url)) for _ in range(ROUNDS))
        finally:
            Route.BASE = before
    figures = {name: best(found) for name, found in rounds.items()}
    least = figures["aiohttp alone"][1]
    print(f"\nSending to Discord, without limits, on one core, to {PLACES} channels")
    for name, (took, cpu) in figures.items():
        print(f"  {name:<22} {1 / took:>6,.0f} messages/s, {cpu * 1000:.3f} ms of a core each, "
              f"{cpu / least:.1f} times aiohttp alone")  # fmt: skip
    slow, fast = (many[way][1] * 1000 for way in (library, adapter))
    print(f"  to {MANY:,} channels:    {slow:.3f} ms each by the library, {fast:.3f} by the adapter")
    print(f"  through the gate:      {rate:.1f} messages/s (allowed: 50/s)")


if __name__ == "__main__":
    main()
