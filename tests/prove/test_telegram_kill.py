"""A bot that is killed while it sends to Telegram loses nothing, and repeats at most what was in flight.

A few kills here; `make prove` (PAPERBOY_PROVE=1) does it at full size.
"""

import asyncio
import datetime as dt
import os
import random
import sys
import time
from collections.abc import Sequence
from itertools import pairwise

import pytest
from sqlalchemy import func, select

from bot.model import Language, Style
from bot.storage import chats, planning, posts
from bot.storage.database import open_database
from bot.storage.tables import delivery
from tests.builders import post
from tests.fakes.telegram import Server, User

FULL = bool(os.environ.get("PAPERBOY_PROVE"))
KILLS = 20 if FULL else 3
READERS, PAPERS = (200, 9) if FULL else (40, 9)  # with its overview each gets ten messages
LEASE = 0.6
LATE = 0.5  # seconds
IDS = [f"2401.{number:05}" for number in range(1, PAPERS + 1)]
TITLES = ["NeRF", *(f"On {arxiv_id}" for arxiv_id in IDS)]


async def owe(address: str, readers: Sequence[User]):
    database = await open_database(address)
    async with database.writing() as connection:
        for reader in readers:
            settings = {"style": Style.CARDS, "language": Language.EN}
            await chats.follow_all(connection, "telegram", str(reader.id), **settings)
        now = int(time.time())
        post_id = await posts.add(connection, "blog", post(*IDS), at=now)
        await planning.plan(connection, post_id, at=now, cap=PAPERS, oldest=dt.date(2000, 1, 1))
    return database


async def owing(database) -> int:
    async with database.reading() as connection:
        unsent = select(func.count()).select_from(delivery).where(delivery.c.state != "sent")
        return (await connection.execute(unsent)).scalar_one()


async def start(address: str, server: Server) -> asyncio.subprocess.Process:
    command = (sys.executable, "-m", "tests.prove.telegram_child", address, server.url, server.token)
    return await asyncio.create_subprocess_exec(*command, str(LEASE))


async def kill_after(child: asyncio.subprocess.Process, server: Server, more: int) -> float:
    """Kill the child once so many more messages have begun to come in; when."""
    goal = len(server.requests) + more
    until = time.monotonic() + 30
    while len(server.requests) < goal and time.monotonic() < until and child.returncode is None:
        await asyncio.sleep(0.001)
    child.kill()
    killed = time.monotonic()
    await child.wait()
    return killed


async def test_killed_bot_loses_nothing_and_repeats_only_what_was_in_flight(address):
    chance = random.Random(11)
    async with Server() as server:
        readers = [server.user(f"Reader {number}") for number in range(READERS)]
        database = await owe(address, readers)
        kills = []
        for _ in range(KILLS):
            child = await start(address, server)
            kills.append(await kill_after(child, server, chance.randrange(1, len(readers) * 10 // KILLS)))
        child = await start(address, server)
        until = time.monotonic() + 60
        while await owing(database) and time.monotonic() < until:
            await asyncio.sleep(0.05)
        child.terminate()
        await child.wait()
        assert await owing(database) == 0
        await database.close()
        assert len(kills) == KILLS
        for reader in readers:
            check(server, reader, kills)
        assert server.complaints == []


def check(server: Server, reader: User, kills: Sequence[float]) -> None:
    """A reader got everything in order; what came again came after a kill, one message at each."""
    came = [it for it in server.asked("sendMessage") if it.params["chat_id"] == reader.id]
    names = [shown.text.partition("\n")[0] for shown in server.shown(reader)]
    assert len(names) == len(came), "what was sent is what is seen"
    titles = [name if name.startswith("On ") else "NeRF" for name in names]
    assert list(dict.fromkeys(titles)) == TITLES, f"{reader.id}: something is lost or out of order"
    again = [pair for pair in pairwise(zip(titles, came, strict=True)) if pair[0][0] == pair[1][0]]
    assert len(again) == len(titles) - len(TITLES), f"{reader.id}: repeated later: {titles}"
    left = iter(kills)
    for (title, first), (_, second) in again:
        # What was on its way when its sender was killed may be served a little later.
        blamed = next((at for at in left if first.at <= at + LATE and at <= second.at), None)
        assert blamed, f"{reader.id}: {title} was sent again, and no kill is to blame"


@pytest.mark.skipif(not FULL, reason="at full size only: make prove")
def test_full_size_is_what_the_figures_speak_of():
    assert (KILLS, READERS * (PAPERS + 1)) == (20, 2000)
