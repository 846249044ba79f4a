"""Digests that stand in rooms of their own: told to the platform, kept, found again after a crash."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import func, select, update

from bot.delivery import send
from bot.delivery.send import LEASE, SLICE
from bot.errors import Rejected, Transient
from bot.model import Language, Layout, Style
from bot.storage import chats
from bot.storage.tables import chat, delivery, room
from tests.builders import post
from tests.delivery.recorder import Recorder
from tests.delivery.test_send import IDS, Clock, deliver, follow, owe, rows, states


class Rooms(Recorder):
    """A recorder that has rooms, and remembers what it was told of digests."""

    def __init__(self, *args, rooms=True, **given):
        super().__init__(*args, **given)
        self.rooms = rooms
        self.headings = []
        self.made = 0

    async def send(self, address, message, *, silent=False, heading=None):
        """Record an arrival in its room, which is made where there is none."""
        where = address
        if heading and self.rooms:
            where = heading.room or f"{address}/room {self.made + 1}"
        await super().send(where, message, silent=silent)
        self.headings.append(heading)
        self.made += where.startswith(f"{address}/room {self.made + 1}")
        return where if where != address else ""

    def places(self):
        """Where each message went."""
        return [place for place, _, _ in self.arrived]


@pytest.fixture
def clock():
    return Clock()


async def lay(database, layout=Layout.POSTS, **where):
    """Have digests stand so in all chats, or those at an address."""
    async with database.writing() as connection:
        changed = update(chat).values(layout=layout.value)
        if where:
            changed = changed.where(chat.c.address == where["address"])
        await connection.execute(changed)


async def test_messages_of_a_digest_go_to_the_room_that_the_first_one_made(database, clock):
    await follow(database, "a")
    await lay(database)
    await owe(database, clock, post(*IDS[:3]))
    platform = Rooms()
    await deliver(database, clock, platform)
    assert platform.places() == ["a/room 1"] * 4
    first, *others = platform.headings
    assert (first.title, first.tags, first.layout) == ("NeRF · 2026-11-20", ("NeRF",), Layout.POSTS)
    assert (first.opens, first.room) == (True, "")
    assert [(it.opens, it.room) for it in others] == [(False, "a/room 1")] * 3
    assert await rows(database, room.c.address) == [("a/room 1",)]


async def test_chat_without_rooms_is_sent_no_heading(database, clock):
    await follow(database, "a", "b")
    await lay(database, address="b")
    await owe(database, clock, post(IDS[0]))
    platform = Rooms()
    await deliver(database, clock, platform)
    told = {
        place.partition("/")[0]: it for place, it in zip(platform.places(), platform.headings, strict=True)
    }
    assert told["a"] is None
    assert told["b"]


async def test_every_digest_has_a_room_of_its_own_over_many_turns(database, clock):
    await follow(database, "a")
    await lay(database)
    one = post(*IDS[: SLICE + 3], address="1.md")
    await owe(database, clock, one, post(*IDS[20:22], address="2.md", date=one.date.replace(day=21)))
    platform = Rooms()
    await deliver(database, clock, platform)
    assert platform.places() == ["a/room 1"] * (SLICE + 4) + ["a/room 2"] * 3
    assert [it.opens for it in platform.headings].count(True) == 2


async def test_overview_of_several_messages_stays_in_one_room(database, clock):
    await follow(database, "a", style=Style.OVERVIEW)
    await lay(database, Layout.THREADS)
    await owe(database, clock, post(*IDS[:2]))
    platform = Rooms()

    def halves(card, language):
        whole = Recorder.render(platform, card, language)[0]
        return tuple(replace(whole, papers=(paper,)) for paper in card.papers)

    platform.render = halves
    await deliver(database, clock, platform)
    assert [(it.opens, it.room) for it in platform.headings] == [(True, ""), (False, "a/room 1")]


async def test_later_part_of_a_digest_goes_to_the_same_room(database, clock):
    await follow(database, "a")
    await lay(database)
    await owe(database, clock, post(IDS[0]))
    platform = Rooms()
    await deliver(database, clock, platform)
    clock.now += 600
    await owe(database, clock, post(*IDS[:2]))
    await deliver(database, clock, platform)
    assert platform.places() == ["a/room 1"] * 4
    assert platform.headings[2].opens


async def test_platform_may_move_a_digest_to_another_room(database, clock):
    await follow(database, "a")
    await lay(database)
    await owe(database, clock, post(*IDS[:3]))
    platform = Rooms()
    kept = platform.send

    async def moving(address, message, *, silent=False, heading=None):
        if len(platform.arrived) == 2:
            heading = replace(heading, room="a/other")
        return await kept(address, message, silent=silent, heading=heading)

    platform.send = moving
    await deliver(database, clock, platform)
    assert platform.places() == ["a/room 1", "a/room 1", "a/other", "a/other"]
    assert await rows(database, room.c.address) == [("a/other",)]


@pytest.mark.parametrize("fatal", range(1, 5))
async def test_crash_before_the_record_sends_the_message_in_flight_again_to_where_it_was(
    database, clock, monkeypatch, fatal
):
    """The process dies once a message has arrived: what it knew of the room is what was recorded."""
    monkeypatch.setattr(send, "FINISH", 0.05)
    await follow(database, "a")
    await lay(database)
    await owe(database, clock, post(*IDS[:3]))
    platform, dead = Rooms(), asyncio.Event()
    alive = platform.send

    async def dying(address, message, *, silent=False, heading=None):
        where = await alive(address, message, silent=silent, heading=heading)
        if len(platform.arrived) == fatal:
            dead.set()
            await asyncio.Event().wait()
        return where

    platform.send = dying
    running = asyncio.create_task(deliver(database, clock, platform))
    await asyncio.wait_for(dead.wait(), 10)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    platform.send = alive
    clock.now += LEASE + 1
    await deliver(database, clock, platform)
    assert len(platform.arrived) == 5
    again = platform.headings[fatal]
    assert (again.opens, again.room) == ((True, "") if fatal == 1 else (False, "a/room 1"))
    assert await states(database) == {"sent": 3}
    assert len(await rows(database, room.c.address)) == 1


async def test_refused_and_failed_messages_keep_their_heading(database, clock):
    await follow(database, "a")
    await lay(database)
    await owe(database, clock, post(*IDS[:2]))

    def script(address, message, number):
        refused = {1: Rejected("no markup"), 3: Transient("away")}
        return refused.get(number)

    platform = Rooms(script)
    await deliver(database, clock, platform)
    clock.now += 600
    await deliver(database, clock, platform)
    assert platform.places() == ["a/room 1"] * 3
    assert [it.opens for it in platform.headings] == [True, False, False]


async def test_chat_that_is_forgotten_while_it_is_served_loses_its_rooms_and_stops_nobody(database, clock):
    await follow(database, "a", "b")
    await lay(database)
    await owe(database, clock, post(*IDS[:2]))
    platform = Rooms()
    alive = platform.send

    async def forgetting(address, message, *, silent=False, heading=None):
        where = await alive(address, message, silent=silent, heading=heading)
        if address == "a" and len(platform.arrived) < 4:
            async with database.writing() as connection:
                known = await chats.find(connection, "recorder", "a")
                if known:
                    await chats.forget(connection, known.id)
        return where

    platform.send = forgetting
    await deliver(database, clock, platform)
    assert await states(database) == {"sent": 2}
    async with database.reading() as connection:
        assert (await connection.execute(select(func.count()).select_from(room))).scalar_one() == 1


async def test_layout_changed_within_a_digest_holds_for_its_rest(database, clock):
    await follow(database, "a")
    await owe(database, clock, post(*IDS[: SLICE + 2]))
    platform = Rooms()
    kept = platform.send

    async def switching(address, message, *, silent=False, heading=None):
        if len(platform.arrived) == 1:
            await lay(database)
        return await kept(address, message, silent=silent, heading=heading)

    platform.send = switching
    await deliver(database, clock, platform)
    assert platform.places() == ["a"] * SLICE + ["a/room 1"] * 3
    assert not any(it.opens for it in platform.headings if it)
    assert (await rows(database, delivery.c.state))[0] == ("sent",)
    async with database.reading() as connection:
        assert (await chats.find(connection, "recorder", "a")).language is Language.EN
