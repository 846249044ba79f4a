"""A bot that is killed while it sends to Discord loses nothing and repeats nothing, wherever digests stand.

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

from bot.model import Language, Layout, Style
from bot.storage import chats, planning, posts
from bot.storage.database import open_database
from bot.storage.tables import delivery
from tests.builders import post
from tests.fakes.discord import Channel, Server
from tests.fakes.discord.journal import pattern

FULL = bool(os.environ.get("PAPERBOY_PROVE"))
KILLS = 20 if FULL else 3
PLACES, PAPERS = (200, 4) if FULL else (16, 2)  # of each digest; its overview is one message more
DAYS = [dt.date(2026, 11, 19), dt.date(2026, 11, 20)]  # a digest each
TOTAL = PLACES * (PAPERS + 1) * len(DAYS)
LAYOUTS = (Layout.PLAIN, Layout.POSTS, Layout.THREADS, Layout.PUBLISHED)
LEASE = 0.6
SLOW = 0.01  # seconds that Discord thinks, so that many messages are on their way when the bot is killed
MESSAGES = "/channels/*/messages"
BEGUN = "/channels/*/threads"  # posts of forums, the only messages without a nonce
FIRST = "/channels/*/messages/*"  # asked for where a post may be there already

Place = tuple[Layout, Channel]


def ids(day: dt.date) -> list[str]:
    return [f"2401.{day.day * 100 + number:05}" for number in range(PAPERS)]


def heading(day: dt.date) -> str:
    return f"NeRF · {day}"


def titles(day: dt.date) -> list[str]:
    return [f"On {arxiv_id}" for arxiv_id in ids(day)]


def settle(server: Server) -> list[Place]:
    """Channels of every kind."""
    guild = server.guild("Readers", permits=["manage_channels"])
    make = {Layout.PUBLISHED: server.news, Layout.POSTS: server.forum}
    layouts = [LAYOUTS[number % len(LAYOUTS)] for number in range(PLACES)]
    return [
        (layout, make.get(layout, server.text)(guild, f"papers-{number}"))
        for number, layout in enumerate(layouts)
    ]


async def owe(address: str, places: Sequence[Place]):
    """A database in which each place is owed the digests."""
    database = await open_database(address)
    async with database.writing() as connection:
        for layout, place in places:
            settings = {"style": Style.CARDS, "language": Language.EN, "group": True}
            named = f"{place.guild.id}/{place.id}"
            chat_id = await chats.follow_all(connection, "discord", named, **settings)
            await chats.set_layout(connection, chat_id, layout)
        now = int(time.time())
        for day in DAYS:
            made = post(*ids(day), date=day, heading_date=day, address=f"{day}/NeRF.md")
            post_id = await posts.add(connection, "blog", made, at=now)
            await planning.plan(connection, post_id, at=now, cap=PAPERS, oldest=dt.date(2000, 1, 1))
    return database


async def owing(database) -> int:
    async with database.reading() as connection:
        unsent = select(func.count()).select_from(delivery).where(delivery.c.state != "sent")
        return (await connection.execute(unsent)).scalar_one()


async def start(address: str, server: Server) -> asyncio.subprocess.Process:
    command = (sys.executable, "-m", "tests.prove.discord_child", address, server.url, server.token)
    return await asyncio.create_subprocess_exec(*command, str(LEASE))


async def kill_after(child: asyncio.subprocess.Process, server: Server, more: int, path: str) -> None:
    """Kill the child once so many more requests of a kind have begun to come in, or very many of others."""
    seen, left, most = len(server.requests), more, len(server.requests) + TOTAL // KILLS * 2
    until = time.monotonic() + 30
    while left > 0 and seen < most and time.monotonic() < until and child.returncode is None:
        await asyncio.sleep(0.001)
        news = server.requests[seen:]
        seen += len(news)
        left -= sum(each.method == "POST" and bool(pattern(path).fullmatch(each.path)) for each in news)
    assert child.returncode is None, "it ended by itself"
    child.kill()
    await child.wait()


async def deliver(address: str, server: Server, database) -> None:
    """Let one bot do the rest."""
    child = await start(address, server)
    until = time.monotonic() + 60
    while await owing(database) and time.monotonic() < until:
        await asyncio.sleep(0.05)
    child.terminate()
    await child.wait()


def stands(server: Server, channel: Channel) -> list[str]:
    return [shown.embeds[0]["title"] for shown in server.shown(channel)]


def check(server: Server, layout: Layout, place: Channel) -> None:
    """Every digest stands in a place once, whole and in order, and in its room where it has one."""
    rooms = [it for it in server.world.channels.values() if it.parent is place]
    whole = [title for day in DAYS for title in (heading(day), *titles(day))]
    above, within = whole, {}
    if layout is Layout.THREADS:
        above, within = [heading(day) for day in DAYS], {heading(day): titles(day) for day in DAYS}
    elif layout is Layout.POSTS:
        above, within = [], {heading(day): [heading(day), *titles(day)] for day in DAYS}
    assert stands(server, place) == above, f"{layout} {place.name}: lost, doubled or out of order"
    assert sorted((room.name, stands(server, room)) for room in rooms) == sorted(within.items()), layout
    announced = {shown.embeds[0]["title"] for shown in server.shown(place) if shown.published}
    assert announced <= {heading(day) for day in DAYS if layout is Layout.PUBLISHED}


async def test_killed_bot_loses_nothing_and_repeats_nothing(address):
    chance = random.Random(11)
    async with Server() as server:
        places = settle(server)
        for path in (MESSAGES, BEGUN, f"{FIRST}/threads"):
            server.delay("POST", path, SLOW, times=None)
        database = await owe(address, places)
        for kill in range(KILLS):
            child = await start(address, server)
            path, most = (MESSAGES, TOTAL // KILLS) if kill % 2 else (BEGUN, PLACES // 8)
            await kill_after(child, server, chance.randrange(1, most + 1), path)
        await deliver(address, server, database)
        assert await owing(database) == 0
        await database.close()
        for layout, place in places:
            check(server, layout, place)
        came = [request for request in server.asked("POST", MESSAGES) if request.carried_out]
        again = [request for request in server.asked("GET", FIRST) if request.carried_out]
        print(
            f"{len(came)} requests for {TOTAL} messages, {server.nonces.met} known again, "
            f"{len(again)} posts found again"
        )
        assert server.nonces.met, "no kill hit a message on its way: this has proved nothing"
        assert again, "no kill hit a post of a forum on its way"
        assert server.complaints == []


@pytest.mark.skipif(not FULL, reason="at full size only: make prove")
def test_full_size_is_what_the_figures_speak_of():
    assert (KILLS, TOTAL) == (20, 2000)
