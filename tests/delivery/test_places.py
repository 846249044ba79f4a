"""Digests brought to Discord's places by the whole engine, with processes that die at any moment."""

import asyncio
import random
import shutil

import pytest
from discord.http import Route

from bot.adapters.base import Limits
from bot.adapters.discord.adapter import Discord
from bot.adapters.discord.api import Line, aim
from bot.adapters.discord.channels import Channels
from bot.adapters.discord.rooms import Rooms
from bot.adapters.discord.toll import Toll
from bot.delivery import send
from bot.delivery.send import LEASE, Sender
from bot.model import Language, Layout, Style
from bot.storage import chats, planning, posts
from tests.builders import post
from tests.delivery.test_send import LONG_AGO, Clock, states
from tests.fakes.discord import Server

IDS = ("2410.00001", "2410.00002", "2410.00003")
NAME = "NeRF · 2026-11-20"
CARDS = [f"On {each}" for each in IDS]
# What asks Discord to write something: that many moments to die at.
WRITES = {Layout.POSTS: 4, Layout.THREADS: 5, Layout.PUBLISHED: 5}
SHOWN = {
    Layout.POSTS: ([], [(NAME, [NAME, *CARDS])]),
    Layout.THREADS: ([NAME], [(NAME, CARDS)]),
    Layout.PUBLISHED: ([NAME, *CARDS], []),
}


class House:
    """A database with one channel, and processes that serve it."""

    def __init__(self, database, server, layout):
        self.database, self.server, self.clock = database, server, Clock()
        lab = server.guild("Lab")
        make = {Layout.POSTS: server.forum, Layout.THREADS: server.text, Layout.PUBLISHED: server.news}
        self.channel = make[layout](lab)
        self.address, self.layout = f"{lab.id}/{self.channel.id}", layout

    async def owe(self, *papers, **given):
        """A digest for the channel."""
        async with self.database.writing() as connection:
            known = await chats.settle_in(
                connection, "discord", self.address, group=True, style=Style.CARDS,
                language=Language.EN, layout=self.layout,
            )  # fmt: skip
            await chats.follow_all(
                connection, "discord", self.address, style=known.style, language=known.language, group=True
            )
            post_id = await posts.add(connection, "blog", post(*papers, **given), at=int(self.clock()))
            await planning.plan(connection, post_id, at=int(self.clock()), cap=100, oldest=LONG_AGO)

    async def serve(self, *, fatal=0, holder="me"):
        """Serve until nothing is owed; or die when so many writes are done, the last of them unknown."""
        line, writes, dead = Line(self.server.token, Toll(most=10_000)), 0, asyncio.Event()
        alive = line.request

        async def request(route, **given):
            nonlocal writes
            found = await alive(route, **given)
            writes += route.method in ("POST", "PATCH")
            if fatal and writes == fatal:
                dead.set()
                await asyncio.Event().wait()
            return found

        line.request = request
        bot = Discord(line, rooms=Rooms(line, Channels(line)), limits=Limits())
        sender = Sender(
            self.database, {"discord": bot}, holder=holder, clock=self.clock, chance=random.Random(1)
        )
        running = asyncio.create_task(sender.run(until_idle=True))
        if fatal:
            await asyncio.wait_for(dead.wait(), 10)
            running.cancel()
        await asyncio.wait_for(asyncio.gather(running, return_exceptions=True), 20)
        await bot.close()
        return writes

    def shown(self):
        """What stands in the channel, and in each of its threads."""
        threads = [it for it in self.server.world.channels.values() if it.parent is self.channel]
        return self._titles(self.channel), [(it.name, self._titles(it)) for it in threads]

    def _titles(self, channel):
        return [shown.embeds[0]["title"] for shown in self.server.shown(channel)]


@pytest.fixture
def address(tmp_path, template):
    """One engine: what is kept of rooms has tests of its own on both."""
    shutil.copy(template, tmp_path / "paperboy.db")
    return f"sqlite:///{tmp_path / 'paperboy.db'}"


@pytest.fixture
async def server(monkeypatch):
    monkeypatch.setattr(Route, "BASE", Route.BASE)
    monkeypatch.setattr(send, "FINISH", 0.02)
    async with Server() as server:
        aim(server.url)
        yield server
        assert server.complaints == []


@pytest.mark.parametrize("layout", SHOWN)
async def test_digest_stands_in_its_room(database, server, layout):
    house = House(database, server, layout)
    await house.owe(*IDS)
    assert await house.serve() == WRITES[layout]
    assert house.shown() == SHOWN[layout]
    assert await states(database) == {"sent": 3}
    house.clock.now += 600
    await house.owe(*IDS[:1], address="later.md", date=LONG_AGO.replace(year=2026))
    await house.serve()
    assert house.shown() == SHOWN[layout], "no paper comes twice"


@pytest.mark.parametrize(
    ("layout", "fatal"), [(layout, at) for layout, most in WRITES.items() for at in range(1, most + 1)]
)
async def test_death_at_any_moment_loses_and_doubles_nothing(database, server, layout, fatal):
    house = House(database, server, layout)
    await house.owe(*IDS)
    await house.serve(fatal=fatal)
    house.clock.now += LEASE + 1
    await house.serve(holder="next")
    assert house.shown() == SHOWN[layout]
    assert await states(database) == {"sent": 3}
    if layout is Layout.PUBLISHED:
        published = [shown.published for shown in server.shown(house.channel)]
        assert published == [True, False, False, False]


async def test_locked_room_does_not_stop_the_channel(database, server):
    house = House(database, server, Layout.POSTS)
    await house.owe(*IDS)
    await house.serve(fatal=2)
    (thread,) = [it for it in server.world.channels.values() if it.parent is house.channel]
    server.lock(thread)
    house.clock.now += LEASE + 1
    await house.serve(holder="next")
    papers = [title for _, titles in house.shown()[1] for title in titles if title != NAME]
    assert sorted(set(papers)) == CARDS
    assert await states(database) == {"sent": 3}
    async with database.reading() as connection:
        assert not (await chats.find(connection, "discord", house.address)).paused


async def test_locked_thread_that_follows_waits_until_it_is_open(database, server):
    house = House(database, server, Layout.THREADS)
    house.layout, house.channel = Layout.PLAIN, server.thread(house.channel, "talk")
    house.address += f"/{house.channel.id}"
    await house.owe(*IDS)
    server.lock(house.channel)
    await house.serve()
    async with database.writing() as connection:
        assert (
            await chats.find(connection, "discord", house.address)
        ).paused_reason == "the thread is locked"
        server.lock(house.channel, over=True, archived=True)
        await chats.come_back(connection, "discord", house.address, now=house.clock())
    await house.serve()
    assert house.shown() == ([NAME, *CARDS], [])


async def test_forbidden_channel_is_paused_with_the_reason_and_sends_what_waited(database, server):
    house = House(database, server, Layout.THREADS)
    await house.owe(*IDS)
    server.forbid(house.channel, server.bot, "send_messages_in_threads")
    await house.serve()
    async with database.writing() as connection:
        known = await chats.find(connection, "discord", house.address)
        assert "may not send messages" in known.paused_reason
        server.permit(house.channel, server.bot, "send_messages_in_threads")
        await chats.come_back(connection, "discord", house.address, now=house.clock())
    await house.serve()
    assert house.shown() == SHOWN[Layout.THREADS]
