"""A sender that is killed at any moment loses nothing, and repeats at most what was in flight.

A small number of kills here; `make prove` (PAPERBOY_PROVE=1) does it at full size.
"""

import asyncio
import datetime as dt
import os
import random
import sys
import time
from itertools import groupby

import pytest
from sqlalchemy import func, select

from bot.model import Language, Style
from bot.storage import chats, planning, posts
from bot.storage.database import open_database
from bot.storage.tables import delivery
from tests.builders import post
from tests.prove.wire import Server

FULL = bool(os.environ.get("PAPERBOY_PROVE"))
KILLS = 50 if FULL else 6
CHATS, PAPERS = (200, 9) if FULL else (40, 9)  # with its overview each chat gets ten messages
LEASE = 0.6
IDS = [f"2401.{number:05}" for number in range(1, PAPERS + 1)]


async def owe(address):
    database = await open_database(address)
    async with database.writing() as connection:
        for number in range(CHATS):
            settings = {"style": Style.CARDS, "language": Language.EN}
            await chats.follow_all(connection, "wire", f"chat {number}", **settings)
        now = int(time.time())
        post_id = await posts.add(connection, "blog", post(*IDS), at=now)
        await planning.plan(connection, post_id, at=now, cap=PAPERS, oldest=dt.date(2000, 1, 1))
    return database


async def owing(database) -> int:
    async with database.reading() as connection:
        unsent = select(func.count()).select_from(delivery).where(delivery.c.state != "sent")
        return (await connection.execute(unsent)).scalar_one()


async def start(address, port):
    command = (sys.executable, "-m", "tests.prove.child", address, str(port), str(LEASE))
    return await asyncio.create_subprocess_exec(*command)


async def kill_after(child, server, more: int) -> None:
    """Kill the child once so many more messages have arrived."""
    goal = len(server.arrived) + more
    until = time.monotonic() + 20
    while len(server.arrived) < goal and time.monotonic() < until and child.returncode is None:
        await asyncio.sleep(0.001)
    child.kill()
    await child.wait()


async def test_killed_senders_lose_nothing_and_repeat_only_what_was_in_flight(address):
    chance = random.Random(7)
    database = await owe(address)
    async with Server() as server:
        for _ in range(KILLS):
            child = await start(address, server.port)
            await kill_after(child, server, chance.randrange(1, CHATS * 10 // KILLS))
        child = await start(address, server.port)
        until = time.monotonic() + 60
        while await owing(database) and time.monotonic() < until:
            await asyncio.sleep(0.05)
        child.terminate()
        await child.wait()
        assert await owing(database) == 0
        check(server.arrived)
    await database.close()


def check(arrived) -> None:
    by_chat: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    for address, text, papers in arrived:
        by_chat.setdefault(address, []).append((text, papers))
    assert len(by_chat) == CHATS
    for address, messages in by_chat.items():
        runs = [(message, len(list(same))) for message, same in groupby(messages)]
        papers = [paper for (_, shown), _ in runs for paper in shown]
        assert papers == IDS, f"{address}: something is lost, out of order or repeated later"
        assert len(runs) == PAPERS + 1, f"{address}: the overview came again"
        repeats = sum(times - 1 for _, times in runs)
        assert repeats <= KILLS, f"{address}: more than one repeat a kill"


@pytest.mark.skipif(not FULL, reason="at full size only: make prove")
def test_full_size_is_what_the_figures_speak_of():
    assert (KILLS, CHATS * (PAPERS + 1)) == (50, 2000)
