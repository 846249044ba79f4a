"""Messages a second to Telegram and the processor time of each: over aiohttp, over httpx, through the engine.

The server is a process of its own, so what is measured is one core of ours. With
`PAPERBOY_AIOGRAM` naming a Python that has aiogram, its figure stands beside (it asks for an older
pydantic than is here, so it lives in an environment of its own).
"""

import asyncio
import datetime as dt
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import aiohttp
from sqlalchemy import insert
from telegram import Bot, LinkPreviewOptions

from bot.adapters.base import Limits, Message
from bot.adapters.telegram.adapter import Telegram
from bot.adapters.telegram.transport import request_for
from bot.delivery.send import Sender
from bot.model import Language, Style
from bot.storage import planning, posts
from bot.storage.database import open_database
from bot.storage.tables import chat
from tests.builders import post

TOKEN = f"123456789:{'not-a-secret-' * 2}benchmark"
TEXT = "<b>On a thing</b>\n\nWe present a method. 我们提出了一种新的方法，并在多个数据集上验证。 " * 12
AT_ONCE = 20  # messages in flight
ROUNDS = 3
COUNTS = {"aiohttp": 4000, "httpx": 800}

AIOGRAM = f"""
import asyncio, sys, time
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer

async def main():
    bot = Bot({TOKEN!r}, session=AiohttpSession(api=TelegramAPIServer.from_base(sys.argv[1])))
    async def some(count):
        for _ in range(count):
            await bot.send_message(1, {TEXT!r}, parse_mode="HTML")
    await some(20)
    before, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(some(2000 // {AT_ONCE}) for _ in range({AT_ONCE})))
    print((time.perf_counter() - before) / 2000, (time.process_time() - cpu) / 2000)
    await bot.session.close()

asyncio.run(main())
"""

Figure = tuple[float, float]  # seconds a message, and seconds of processor time


@contextmanager
def server() -> Iterator[str]:
    """The address of a light server in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.light_api"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.kill()


async def measure(send: Callable[[], Awaitable[Any]], count: int) -> Figure:
    """What one message takes, with so many in flight."""

    async def some(number: int) -> None:
        for _ in range(number):
            await send()

    await some(20)
    before, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(some(count // AT_ONCE) for _ in range(AT_ONCE)))
    return (time.perf_counter() - before) / count, (time.process_time() - cpu) / count


async def library(kind: str, url: str) -> Figure:
    """The real Bot's own `send_message`, its answer made an object."""
    request = request_for(kind)
    bot = Bot(TOKEN, base_url=f"{url}/bot", request=request, get_updates_request=request)
    preview = LinkPreviewOptions(is_disabled=True)
    found = await measure(
        lambda: bot.send_message(1, TEXT, parse_mode="HTML", link_preview_options=preview), COUNTS[kind]
    )
    await request.shutdown()
    return found


async def adapter(kind: str, url: str) -> Figure:
    """The adapter, as the engine calls it."""
    telegram = Telegram(TOKEN, api_url=url, request=request_for(kind), limits=Limits())
    params = {"chat_id": "{chat}", "text": TEXT, "parse_mode": "HTML"}
    params |= {"link_preview_options": {"is_disabled": True}}
    message = Message(platform="telegram", request={"method": "sendMessage", "params": params}, papers=())
    found = await measure(lambda: telegram.send("1", message), COUNTS[kind])
    await telegram.close()
    return found


async def bare(url: str) -> Figure:
    """The least that it takes over HTTP: aiohttp alone, always the same form out, and JSON in."""
    form = urlencode({"chat_id": "1", "text": TEXT, "parse_mode": "HTML"}).encode()
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    async with aiohttp.ClientSession(f"{url}/bot{TOKEN}/", headers=kind) as session:

        async def send() -> None:
            async with session.post("sendMessage", data=form) as answer:
                json.loads(await answer.read())

        return await measure(send, COUNTS["aiohttp"])


async def engine(url: str, folder: str, readers: int = 1000, papers: int = 9) -> Figure:
    """The whole way from the outbox to the recorded delivery, on SQLite, without limits."""
    database = await open_database(f"sqlite:///{folder}/telegram.db")
    settings = {"platform": "telegram", "kind": "private", "follows_all": True}
    settings |= {"style": Style.CARDS, "language": Language.EN}
    now = int(time.time())
    async with database.writing() as connection:
        rows = [settings | {"address": str(number)} for number in range(1, readers + 1)]
        await connection.execute(insert(chat), rows)
        ids = [f"2401.{number:05}" for number in range(1, papers + 1)]
        post_id = await posts.add(connection, "blog", post(*ids), at=now)
        await planning.plan(connection, post_id, at=now, cap=papers, oldest=dt.date(2000, 1, 1))
    telegram = Telegram(TOKEN, api_url=url, limits=Limits())
    sender = Sender(database, {"telegram": telegram}, holder="bench")
    before, cpu = time.perf_counter(), time.process_time()
    await sender.run(until_idle=True)
    count = readers * (papers + 1)
    found = (time.perf_counter() - before) / count, (time.process_time() - cpu) / count
    assert sender.sent == readers * papers
    await telegram.close()
    await database.close()
    return found


def aiogram(url: str) -> Figure | None:
    """aiogram's `send_message`, in a process of its own; None where there is none."""
    named = os.environ.get("PAPERBOY_AIOGRAM")
    if not named and importlib.util.find_spec("aiogram") is None:
        return None
    done = subprocess.run(
        [named or sys.executable, "-c", AIOGRAM, url], capture_output=True, text=True, check=True
    )
    took, cpu = map(float, done.stdout.split())
    return took, cpu


def best(found: list[Figure]) -> Figure:
    """The middle of several rounds."""
    return statistics.median(took for took, _ in found), statistics.median(cpu for _, cpu in found)


def tell(name: str, figure: Figure, beside: Figure | None = None) -> None:
    """Print a line."""
    took, cpu = figure
    ratio = f"; httpx takes {beside[1] / cpu:.1f} times that" if beside else ""
    print(f"  {name:<22} {1 / took:>6,.0f} messages/s, {cpu * 1000:.3f} ms of a core each{ratio}")


def main() -> None:
    """Print every figure."""
    rounds: dict[str, list[Figure]] = {}
    with server() as url, tempfile.TemporaryDirectory(prefix="paperboy-bench-") as folder:
        for number in range(ROUNDS):
            for kind in COUNTS:
                rounds.setdefault(f"Bot over {kind}", []).append(asyncio.run(library(kind, url)))
                rounds.setdefault(f"adapter over {kind}", []).append(asyncio.run(adapter(kind, url)))
            rounds.setdefault("bare", []).append(asyncio.run(bare(url)))
            if beside := aiogram(url):
                rounds.setdefault("aiogram", []).append(beside)
            os.makedirs(f"{folder}/{number}")
            rounds.setdefault("engine", []).append(asyncio.run(engine(url, f"{folder}/{number}")))
    figures = {name: best(found) for name, found in rounds.items()}
    print("\nSending to Telegram, without limits, on one core (target: 2,000/s, 0.5 ms each)")
    for place in ("Bot", "adapter"):
        slow = figures[f"{place} over httpx"]
        tell(f"{place} over httpx", slow)
        tell(f"{place} over aiohttp", figures[f"{place} over aiohttp"], slow)
    if "aiogram" in figures:
        tell("aiogram", figures["aiogram"])
    else:
        print("  aiogram:               not here; PAPERBOY_AIOGRAM may name a Python that has it")
    tell("aiohttp alone", figures["bare"])
    tell("engine and adapter", figures["engine"])
    fast, slow = figures["Bot over aiohttp"], figures["Bot over httpx"]
    print(f"  aiohttp against httpx: {slow[0] / fast[0]:.1f} times the messages (target: 4 times)")


if __name__ == "__main__":
    main()
