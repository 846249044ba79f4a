"""One digest to 1,000 people and 50 groups through the whole bot: how much of the allowed rate it reaches.

Telegram is a process of its own that counts by its rules and refuses whatever comes too soon.
`PAPERBOY_BENCH_SECONDS` (60 unless said otherwise) is how long the broadcast is watched.
"""

import asyncio
import contextlib
import datetime as dt
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from bisect import bisect_left
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
from sqlalchemy import insert

from bot.adapters.base import Message
from bot.storage.tables import chat
from tests.platforms.conftest import Bot, running
from tests.platforms.test_telegram import digest

SECONDS = float(os.environ.get("PAPERBOY_BENCH_SECONDS", "60"))
PEOPLE, GROUPS, PAPERS = 1_000, 50, 10
ALLOWED = 30  # messages a second
IDS = [f"2611.{number:05}" for number in range(1, PAPERS + 1)]


class Telegram:
    """The server in a process of its own."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.chats = SimpleNamespace(**self._line())

    def end(self) -> dict[str, Any]:
        """What it counted."""
        self._process.stdin.close()
        return self._line()

    def _line(self) -> dict[str, Any]:
        return json.loads(self._process.stdout.readline())


@contextlib.contextmanager
def telegram() -> Iterator[Telegram]:
    """A Telegram with all its checks and limits."""
    command = [sys.executable, "-m", "tests.fakes.telegram", "--strict-pace"]
    command += ["--private", str(PEOPLE), "--groups", str(GROUPS)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Telegram(process)
        finally:
            process.kill()


Confirmed = list[tuple[float, str, tuple[str, ...]]]  # when it was sent, to which chat, with which papers


def watch(bot: Bot) -> Confirmed:
    """Notes from now on every message of the broadcast that is confirmed."""
    adapter = bot.app.platforms["telegram"].adapter
    send, confirmed = adapter.send, []

    async def counted(address: str, message: Message, **more: Any) -> None:
        asked = time.monotonic()
        await send(address, message, **more)
        confirmed.append((asked, address, message.papers))

    adapter.send = counted
    return confirmed


async def follow(bot: Bot, chats: SimpleNamespace) -> None:
    """Have everybody follow everything."""
    settings = {"platform": "telegram", "style": "cards", "language": "en", "follows_all": True}
    rows = [
        settings | {"address": str(address), "kind": kind}
        for kind, addresses in (("private", chats.private), ("group", chats.groups))
        for address in addresses
    ]
    async with bot.database.writing() as connection:
        await connection.execute(insert(chat), rows)


async def broadcast(server: Telegram, folder: Path) -> tuple[Confirmed, float, float]:
    """What was confirmed, in how many seconds, and the share of a core that it took."""
    (folder / "posts").mkdir()
    process = psutil.Process()
    async with running(server.chats, folder / "posts", f"sqlite:///{folder}/paperboy.db") as bot:
        await follow(bot, server.chats)
        confirmed = watch(bot)
        today = dt.datetime.now(dt.UTC).date().isoformat()
        bot.publish(today, "NeRF", digest("NeRF", *IDS, day=today))
        await bot.look()
        while not confirmed:
            await asyncio.sleep(0.01)
        began, cpu = time.monotonic(), sum(process.cpu_times()[:2])
        await asyncio.sleep(SECONDS)
        took = time.monotonic() - began
        share = (sum(process.cpu_times()[:2]) - cpu) / took
    return confirmed, took, share


def sent(folder: Path) -> int:
    """How many papers are recorded as sent."""
    with contextlib.closing(sqlite3.connect(folder / "paperboy.db")) as connection:
        return connection.execute("SELECT count(*) FROM delivery WHERE state = 'sent'").fetchone()[0]


def fullest(times: list[float]) -> int:
    """The most messages in any second."""
    return max(end - bisect_left(times, moment - 1) + 1 for end, moment in enumerate(times))


def main() -> None:
    """Print what the broadcast reached."""
    with tempfile.TemporaryDirectory(prefix="paperboy-broadcast-") as name, telegram() as server:
        folder = Path(name)
        confirmed, took, share = asyncio.run(broadcast(server, folder))
        counted, recorded = server.end(), sent(folder)
    begin = confirmed[0][0]
    rate = sum(at - begin < took for at, _, _ in confirmed) / took / ALLOWED
    papers = sum(len(shown) == 1 for _, _, shown in confirmed)
    doubled = len(confirmed) - len({(address, shown) for _, address, shown in confirmed})
    print(f"\nA digest of {PAPERS} papers to {PEOPLE:,} people and {GROUPS} groups, watched for {took:.0f} s")
    print(f"  of the allowed rate:   {rate:>7.1%} (target 95 %), {share:.1%} of a core")
    print(f"  fullest second:        {fullest([at for at, _, _ in confirmed]):>7} of {ALLOWED}")
    stalled = f"the server itself stood still for {counted['stalled'] * 1000:.0f} ms at worst"
    print(f"  told to wait:          {counted['violations']:>7} (target 0; {stalled})")
    print(f"  confirmed:             {len(confirmed):>7}, doubled {doubled}, lost {lost(counted, confirmed)}")
    print(f"  recorded as sent:      {recorded:>7} of {papers} papers")


def lost(counted: dict[str, Any], confirmed: Confirmed) -> int:
    """How many messages were confirmed and do not stand in their chats."""
    return len(confirmed) - counted["messages"]


if __name__ == "__main__":
    main()
