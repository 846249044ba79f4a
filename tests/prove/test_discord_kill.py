"""A bot that is killed while it sends to Discord loses nothing and repeats nothing.

A few kills here; `make prove` (PAPERBOY_PROVE=1) does it at full size.
"""

import asyncio
import datetime as dt
import os
import random
import sys
import time
from collections.abc import Sequence

import pytest
from sqlalchemy import func, select

from bot.model import Language, Style
from bot.storage import chats, planning, posts
from bot.storage.database import open_database
from bot.storage.tables import delivery
from tests.builders import post
from tests.fakes.discord import Channel, Server

FULL = bool(os.environ.get("PAPERBOY_PROVE"))
KILLS = 20 if FULL else 3
PLACES, PAPERS = (200, 9) if FULL else (30, 9)  # with its overview each gets ten messages
LEASE = 0.6
SLOW = 0.01  # seconds that Discord thinks, so that many messages are on their way when the bot is killed
IDS = [f"2401.{number:05}" for number in range(1, PAPERS + 1)]
TITLES = ["NeRF", *(f"On {arxiv_id}" for arxiv_id in IDS)]
MESSAGES = "/channels/*/messages"


async def owe(address: str, places: Sequence[Channel]):
    database = await open_database(address)
    async with database.writing() as connection:
        for place in places:
            settings = {"style": Style.CARDS, "language": Language.EN}
            named = f"{place.guild.id}/{place.id}"
            await chats.follow_all(connection, "discord", named, **settings)
        now = int(time.time())
        post_id = await posts.add(connection, "blog", post(*IDS), at=now)
        await planning.plan(connection, post_id, at=now, cap=PAPERS, oldest=dt.date(2000, 1, 1))
    return database


async def owing(database) -> int:
    async with database.reading() as connection:
        unsent = select(func.count()).select_from(delivery).where(delivery.c.state != "sent")
        return (await connection.execute(unsent)).scalar_one()


async def start(address: str, server: Server) -> asyncio.subprocess.Process:
    command = (sys.executable, "-m", "tests.prove.discord_child", address, server.url, server.token)
    return await asyncio.create_subprocess_exec(*command, str(LEASE))


async def kill_after(child: asyncio.subprocess.Process, server: Server, more: int) -> None:
    """Kill the child once so many more messages have begun to come in."""
    goal = len(server.requests) + 1 + more
    until = time.monotonic() + 30
    while len(server.requests) < goal and time.monotonic() < until and child.returncode is None:
        await asyncio.sleep(0.001)
    assert child.returncode is None, "it ended by itself"
    child.kill()
    await child.wait()


async def test_killed_bot_loses_nothing_and_repeats_nothing(address):
    chance = random.Random(11)
    async with Server() as server:
        guild = server.guild("Readers")
        places = [server.text(guild, f"papers-{number}") for number in range(PLACES)]
        server.delay("POST", MESSAGES, SLOW, times=None)
        database = await owe(address, places)
        for _ in range(KILLS):
            child = await start(address, server)
            await kill_after(child, server, chance.randrange(1, PLACES * 10 // KILLS))
        child = await start(address, server)
        until = time.monotonic() + 60
        while await owing(database) and time.monotonic() < until:
            await asyncio.sleep(0.05)
        child.terminate()
        await child.wait()
        assert await owing(database) == 0
        await database.close()
        for place in places:
            seen = [shown.embeds[0]["title"] for shown in server.shown(place)]
            titles = [title if title.startswith("On ") else "NeRF" for title in seen]
            assert titles == TITLES, f"{place.name}: lost, doubled or out of order"
        came = [request for request in server.asked("POST", MESSAGES) if request.carried_out]
        print(f"{len(came)} requests for {PLACES * (PAPERS + 1)} messages, {server.nonces.met} known again")
        assert server.nonces.met, "no kill hit a message on its way: this has proved nothing"
        assert server.complaints == []


@pytest.mark.skipif(not FULL, reason="at full size only: make prove")
def test_full_size_is_what_the_figures_speak_of():
    assert (KILLS, PLACES * (PAPERS + 1)) == (20, 2000)
