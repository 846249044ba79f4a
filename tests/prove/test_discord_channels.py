"""Many channels get a digest each as fast as Discord allows: nothing is lost, doubled or told to wait.

A few channels here; `make prove` (PAPERBOY_PROVE=1) does it with a thousand.
"""

import asyncio
import datetime as dt
import os
import time
from collections.abc import Iterator, Mapping, Sequence

import pytest
from discord.http import Route
from sqlalchemy import func, select

from bot.adapters.discord.adapter import Discord
from bot.adapters.discord.api import Line, aim
from bot.adapters.discord.channels import Channels
from bot.adapters.discord.rooms import Rooms
from bot.adapters.discord.toll import Toll
from bot.delivery.send import Sender
from bot.model import Language, Layout, Style
from bot.storage import chats, planning, posts
from bot.storage.database import Database, open_database
from bot.storage.tables import delivery
from tests.builders import post
from tests.fakes.discord import Channel, Server, Shown

FULL = bool(os.environ.get("PAPERBOY_PROVE"))
CHANNELS, PAPERS = (1000, 4) if FULL else (60, 2)
WITHIN = 300 if FULL else 30  # seconds
IDS = [f"2401.{number:05}" for number in range(1, PAPERS + 1)]
CARDS = [f"On {arxiv_id}" for arxiv_id in IDS]
GUILDS = 10
# Of ten channels seven are as they come; the others cost more requests than messages.
LAYOUTS = (*[Layout.PLAIN] * 7, Layout.PUBLISHED, Layout.POSTS, Layout.THREADS)

Places = Mapping[Layout, Sequence[Channel]]


def settle(server: Server) -> Places:
    """The channels of some servers, by how digests stand there."""
    guilds = [server.guild(f"Lab {number}", permits=["manage_channels"]) for number in range(GUILDS)]
    make = {Layout.PUBLISHED: server.news, Layout.POSTS: server.forum}
    places: dict[Layout, list[Channel]] = {}
    for number in range(CHANNELS):
        layout = LAYOUTS[number % len(LAYOUTS)]
        made = make.get(layout, server.text)(guilds[number // len(LAYOUTS) % GUILDS], f"papers-{number}")
        places.setdefault(layout, []).append(made)
    return places


async def owe(address: str, places: Places) -> Database:
    """A database in which each of them is owed a digest."""
    database = await open_database(address)
    async with database.writing() as connection:
        for layout, place in ((layout, place) for layout, some in places.items() for place in some):
            named = f"{place.guild.id}/{place.id}"
            settings = {"style": Style.CARDS, "language": Language.EN, "group": True}
            chat_id = await chats.follow_all(connection, "discord", named, **settings)
            await chats.set_layout(connection, chat_id, layout)
        now = int(time.time())
        post_id = await posts.add(connection, "blog", post(*IDS), at=now)
        await planning.plan(connection, post_id, at=now, cap=PAPERS, oldest=dt.date(2000, 1, 1))
    return database


async def states(database: Database) -> dict[str, int]:
    """How many deliveries there are, by what became of them."""
    async with database.reading() as connection:
        counted = select(delivery.c.state, func.count().label("number")).group_by(delivery.c.state)
        return {row.state: row.number for row in await connection.execute(counted)}


def titles(shown: Sequence[Shown]) -> list[str]:
    return [it.embeds[0]["title"] for it in shown]


def rooms(place: Channel) -> Iterator[Channel]:
    """The threads of a channel, or the posts of a forum."""
    return (it for it in place.guild.channels.values() if it.parent is place and it.thread)


def standing(server: Server, layout: Layout, place: Channel) -> list[str]:
    """All titles that stand in a place, rooms after the channel."""
    (within,) = rooms(place) if layout in (Layout.POSTS, Layout.THREADS) else (None,)
    above = [] if layout is Layout.POSTS else titles(server.shown(place))
    return above + (titles(server.shown(within)) if within else [])


async def test_each_channel_gets_its_digest_once_and_nobody_is_told_to_wait(address, monkeypatch):
    monkeypatch.setattr(Route, "BASE", Route.BASE)
    async with Server(strict_pace=True) as server:
        aim(server.url)
        places = settle(server)
        database = await owe(address, places)
        toll = Toll()
        line = Line(server.token, toll)
        discord = Discord(line, toll=toll, rooms=Rooms(line, Channels(line)))
        began = time.monotonic()
        async with asyncio.timeout(WITHIN):
            await Sender(database, {"discord": discord}, holder="prove").run(until_idle=True)
        rate = len(server.requests) / (time.monotonic() - began)
        print(f"{len(server.requests)} requests, {rate:.1f} a second (allowed: 50)")
        await discord.close()
        assert await states(database) == {"sent": CHANNELS * PAPERS}
        await database.close()
        assert [it for it in server.requests if not it.ok] == []
        assert (server.violations, server.complaints, server.nonces.met) == ([], [], 0)
        for layout, place in ((layout, place) for layout, some in places.items() for place in some):
            overview, *cards = standing(server, layout, place)
            assert overview.startswith("NeRF"), f"{place.name}: {overview}"
            assert cards == CARDS, f"{place.name}, {layout}: lost, doubled or out of order"
        assert all(post.applied for forum in places[Layout.POSTS] for post in rooms(forum))
        published = [it.published for place in places[Layout.PUBLISHED] for it in server.shown(place)]
        assert published == [True, *[False] * PAPERS] * len(places[Layout.PUBLISHED])
        assert not FULL or rate > 40, "the allowed rate is not made use of"


@pytest.mark.skipif(not FULL, reason="at full size only: make prove")
def test_full_size_is_what_the_figures_speak_of():
    assert CHANNELS == 1000
