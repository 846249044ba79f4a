"""Schedules from end to end: posts are read, moments pass, a sender that is up or down delivers.

`Bot` lives by a clock of its own; every time of day here is the clock on the wall of the chat.
"""

import asyncio
import datetime as dt
import random
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from bot.delivery.send import Sender
from bot.errors import Gone, RateLimited, Transient
from bot.model import Language, Quiet, Schedule, Style, When
from bot.storage import chats, planning, posts, schedules
from bot.storage.tables import chat
from bot.when import next_due
from tests.builders import post
from tests.delivery.recorder import Recorder

LONG_AGO = dt.date(2000, 1, 1)
IDS = [f"2401.{number:05}" for number in range(1, 30)]
BERLIN, HONG_KONG = "Europe/Berlin", "Asia/Hong_Kong"


class Bot:
    """A bot with one chat, and the time of day there."""

    def __init__(self, database, zone="UTC"):
        self.database = database
        self.zone = ZoneInfo(zone)
        self.platform = Recorder()
        self.now = 0
        self.chat_id = 0
        self.came = []  # when papers arrived, by the chat's clock, and which

    async def follow(self, now, **schedule):
        """Have the chat follow everything by this schedule from now on."""
        self.set_clock(now)
        async with self.database.writing() as connection:
            self.chat_id = await chats.follow_all(
                connection, "recorder", "a", style=Style.OVERVIEW, language=Language.EN
            )
        await self.choose(**schedule)

    async def choose(self, **schedule):
        """Have the chat change its schedule."""
        wanted = Schedule(zone=self.zone.key, **schedule)
        async with self.database.writing() as connection:
            return await schedules.set_schedule(
                connection, self.chat_id, wanted, now=self.now, next_due=next_due
            )

    async def read(self, *papers, address=None):
        """A post comes now."""
        async with self.database.writing() as connection:
            await schedules.roll(connection, now=self.now, next_due=next_due)
            read = post(*papers, address=address or f"post with {papers[0]}")
            post_id = await posts.add(connection, "blog", read, at=self.now)
            await planning.plan(connection, post_id, at=self.now, cap=100, oldest=LONG_AGO)

    def set_clock(self, wall, fold=0):
        """Make it this time at the chat: "2026-03-28 23:00"."""
        moment = dt.datetime.fromisoformat(wall).replace(tzinfo=self.zone, fold=fold)
        self.now = int(moment.timestamp())

    async def deliver(self):
        """Serve until nothing is owed now."""
        sender = Sender(
            self.database,
            {"recorder": self.platform},
            holder=f"bot at {self.now}",
            clock=lambda: float(self.now),
            chance=random.Random(1),
        )
        before = len(self.platform.papers())
        await asyncio.wait_for(sender.run(until_idle=True), 20)
        wall = dt.datetime.fromtimestamp(self.now, self.zone).strftime("%a %H:%M")
        if new := self.platform.papers()[before:]:
            self.came.append((wall, new))

    async def live(self, until, minutes=30, fold=0):
        """Be up until this time, looking every so many minutes."""
        began = self.now
        self.set_clock(until, fold)
        times = [*range(began, self.now, minutes * 60), self.now]
        for self.now in times:
            async with self.database.writing() as connection:
                await schedules.roll(connection, now=self.now, next_due=next_due)
            await self.deliver()


@pytest.fixture
async def bot(database):
    return Bot(database)


async def test_daily_digest_comes_at_its_hour_in_the_zone_of_the_chat(database):
    bot = Bot(database, HONG_KONG)
    await bot.follow("2026-11-18 12:00", when=When.DAILY, at=dt.time(8))
    await bot.read(IDS[0])
    await bot.live("2026-11-18 18:00")
    await bot.read(IDS[1])
    await bot.live("2026-11-19 20:00")
    assert bot.came == [("Thu 08:00", IDS[:2])]


async def test_posts_after_the_hour_wait_for_the_next_day(bot):
    await bot.follow("2026-11-18 07:00", when=When.DAILY, at=dt.time(8))
    await bot.read(IDS[0])
    await bot.live("2026-11-18 08:00")
    await bot.read(IDS[1])
    await bot.live("2026-11-19 12:00")
    await bot.read(IDS[2])
    await bot.live("2026-11-20 12:00")
    assert bot.came == [("Wed 08:00", IDS[:1]), ("Thu 08:00", IDS[1:2]), ("Fri 08:00", IDS[2:3])]


async def test_post_after_an_hour_at_which_nothing_was_owed_waits_as_well(bot):
    await bot.follow("2026-11-18 07:00", when=When.DAILY, at=dt.time(8))
    await bot.live("2026-11-18 09:00")
    await bot.read(IDS[0])
    await bot.live("2026-11-19 12:00")
    assert bot.came == [("Thu 08:00", IDS[:1])]


async def test_weekly_digest_comes_on_its_day(bot):
    await bot.follow("2026-11-18 12:00", when=When.WEEKLY, at=dt.time(9, 30), weekdays=frozenset({0}))
    for day, paper in enumerate(IDS[:10]):
        await bot.read(paper)
        await bot.live(f"2026-11-{19 + day} 12:00", minutes=90)
    assert bot.came == [("Mon 10:30", IDS[:5])]
    await bot.live("2026-11-30 09:30", minutes=90)
    assert bot.came[1:] == [("Mon 09:30", IDS[5:10])]


async def test_daily_digest_on_chosen_weekdays_leaves_the_others_out(bot):
    await bot.follow("2026-11-20 12:00", when=When.DAILY, at=dt.time(8), weekdays=frozenset(range(5)))
    await bot.read(IDS[0])
    await bot.live("2026-11-21 12:00")
    await bot.read(IDS[1])
    await bot.live("2026-11-24 12:00")
    assert bot.came == [("Mon 08:00", IDS[:2])]


async def test_instant_on_chosen_weekdays_waits_for_the_next_of_them(bot):
    await bot.follow("2026-11-20 12:00", weekdays=frozenset(range(5)))
    await bot.read(IDS[0])
    await bot.live("2026-11-21 12:00")
    await bot.read(IDS[1])
    await bot.live("2026-11-23 10:00")
    await bot.read(IDS[2])
    await bot.live("2026-11-23 11:00")
    assert bot.came == [("Fri 12:00", IDS[:1]), ("Mon 00:00", IDS[1:2]), ("Mon 10:00", IDS[2:3])]


NIGHT = Quiet(start=dt.time(22), end=dt.time(7, 30), silent=False)


async def test_quiet_hours_hold_what_comes_in_the_night_until_morning(bot):
    await bot.follow("2026-11-18 21:00", quiet=NIGHT)
    await bot.read(IDS[0])
    await bot.live("2026-11-18 23:00")
    await bot.read(IDS[1])
    await bot.live("2026-11-19 03:00")
    await bot.read(IDS[2])
    await bot.live("2026-11-19 12:00")
    assert bot.came == [("Wed 21:00", IDS[:1]), ("Thu 07:30", IDS[1:3])]


async def test_quiet_hours_may_be_silent_instead(bot):
    await bot.follow("2026-11-18 21:00", quiet=Quiet(start=NIGHT.start, end=NIGHT.end, silent=True))
    await bot.read(IDS[0])
    await bot.deliver()
    await bot.live("2026-11-18 23:00")
    await bot.read(IDS[1])
    await bot.deliver()
    assert bot.platform.papers() == IDS[:2]
    assert bot.platform.silent == [False, True]


async def test_digest_whose_hour_is_in_the_night_comes_when_the_night_ends_and_once(bot):
    await bot.follow("2026-11-18 12:00", when=When.DAILY, at=dt.time(3), quiet=NIGHT)
    await bot.read(IDS[0])
    await bot.live("2026-11-19 12:00")
    await bot.read(IDS[1])
    await bot.live("2026-11-20 12:00")
    assert bot.came == [("Thu 07:30", IDS[:1]), ("Fri 07:30", IDS[1:2])]


async def test_half_past_two_is_not_lost_on_the_day_without_it(database):
    bot = Bot(database, BERLIN)
    await bot.follow("2026-03-28 12:00", when=When.DAILY, at=dt.time(2, 30))
    for day, paper in ((28, IDS[0]), (29, IDS[1]), (30, IDS[2])):
        await bot.live(f"2026-03-{day} 13:00", minutes=10)
        await bot.read(paper)
    await bot.live("2026-03-31 12:00", minutes=10)
    assert bot.came == [("Sun 03:00", IDS[:1]), ("Mon 02:30", IDS[1:2]), ("Tue 02:30", IDS[2:3])]


async def test_half_past_two_is_not_doubled_on_the_day_that_has_it_twice(database):
    bot = Bot(database, BERLIN)
    await bot.follow("2026-10-24 12:00", when=When.DAILY, at=dt.time(2, 30))
    await bot.read(IDS[0])
    await bot.live("2026-10-25 02:40", minutes=10)
    assert bot.came == [("Sun 02:30", IDS[:1])]
    await bot.read(IDS[1])  # between the two
    await bot.live("2026-10-25 02:50", minutes=10, fold=1)
    await bot.read(IDS[2])
    await bot.live("2026-10-26 12:00", minutes=10)
    assert bot.came[1:] == [("Mon 02:30", IDS[1:3])]


async def test_bot_that_was_down_at_the_hour_delivers_once_when_it_is_back(bot):
    await bot.follow("2026-11-18 07:00", when=When.DAILY, at=dt.time(8))
    await bot.read(IDS[0])
    bot.set_clock("2026-11-20 15:00")
    await bot.live("2026-11-21 12:00")
    assert bot.came == [("Fri 15:00", IDS[:1])]
    await bot.read(IDS[1])
    await bot.live("2026-11-22 12:00")
    assert bot.came[1:] == [("Sun 08:00", IDS[1:2])]


async def test_digest_that_begins_at_its_hour_is_finished_however_many_turns_it_takes(bot):
    await bot.follow("2026-11-18 07:00", when=When.DAILY, at=dt.time(8))
    async with bot.database.writing() as connection:
        await connection.execute(chat.update().values(style=Style.CARDS))
    await bot.read(*IDS[:20])
    bot.platform.script = lambda _, __, call: Transient("bad gateway") if call == 12 else None
    await bot.live("2026-11-18 12:00", minutes=5)
    assert [moment for moment, _ in bot.came] == ["Wed 08:00", "Wed 08:05"]
    assert bot.platform.papers() == IDS[:20]


async def test_wait_that_a_platform_tells_does_not_cost_the_digest_its_day(bot):
    await bot.follow("2026-11-18 07:00", when=When.DAILY, at=dt.time(8))
    await bot.read(IDS[0])
    bot.platform.script = lambda _, __, call: RateLimited(3600) if call == 1 else None
    await bot.live("2026-11-18 23:00")
    await bot.read(IDS[1])
    await bot.live("2026-11-19 23:00")
    assert bot.came == [("Wed 09:00", IDS[:1]), ("Thu 08:00", IDS[1:2])]


async def test_chat_that_was_gone_at_its_hour_goes_on_when_it_is_back(bot):
    await bot.follow("2026-11-18 07:00", when=When.DAILY, at=dt.time(8))
    await bot.read(IDS[0])
    bot.platform.script = lambda *_: Gone("blocked")
    await bot.live("2026-11-19 12:00")
    bot.platform.script = None
    async with bot.database.writing() as connection:
        await chats.resume(connection, bot.chat_id, now=bot.now)
    await bot.live("2026-11-19 13:00")
    await bot.read(IDS[1])
    await bot.live("2026-11-20 13:00")
    assert bot.came == [("Thu 12:00", IDS[:1]), ("Fri 08:00", IDS[1:2])]


async def test_what_is_owed_waits_for_the_new_hour_when_the_schedule_changes(bot):
    await bot.follow("2026-11-18 07:00", when=When.DAILY, at=dt.time(8))
    await bot.read(IDS[0])
    await bot.choose(when=When.DAILY, at=dt.time(20))
    await bot.live("2026-11-18 23:00")
    assert bot.came == [("Wed 20:00", IDS[:1])]


async def test_what_is_owed_comes_at_once_when_the_schedule_becomes_instant(bot):
    await bot.follow("2026-11-18 07:00", when=When.DAILY, at=dt.time(8))
    await bot.read(IDS[0])
    await bot.live("2026-11-18 07:30")
    assert await bot.choose() is None
    await bot.deliver()
    assert bot.came == [("Wed 07:30", IDS[:1])]


async def test_schedule_that_changes_back_and_forth_owes_nothing_twice(bot):
    await bot.follow("2026-11-18 07:00", when=When.DAILY, at=dt.time(8))
    await bot.read(IDS[0])
    for at in (dt.time(9), dt.time(6), dt.time(8, 30)):
        await bot.choose(when=When.DAILY, at=at)
    await bot.live("2026-11-20 12:00")
    assert bot.came == [("Wed 08:30", IDS[:1])]


async def test_schedule_that_changes_in_the_middle_of_a_turn_holds_for_the_rest(bot):
    await bot.follow("2026-11-18 07:00")
    async with bot.database.writing() as connection:
        await connection.execute(chat.update().values(style=Style.CARDS))
    await bot.read(*IDS[:12])

    class Busy(Recorder):
        async def send(self, address, message, *, silent=False):
            await super().send(address, message, silent=silent)
            if self.calls == 2:
                await bot.choose(when=When.DAILY, at=dt.time(20))

    bot.platform = Busy()
    await bot.live("2026-11-18 23:00")
    assert [moment for moment, _ in bot.came] == ["Wed 07:00", "Wed 20:00"]
    assert bot.platform.papers() == IDS[:12]
    async with bot.database.reading() as connection:
        due = (await connection.execute(select(chat.c.due_at))).scalar_one()
    assert dt.datetime.fromtimestamp(due, dt.UTC).isoformat() == "2026-11-19T20:00:00+00:00"
