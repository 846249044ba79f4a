"""Settings that channels take from their server."""

import datetime as dt
from dataclasses import replace

from bot.model import Language, Layout, Quiet, Schedule, Style, When
from bot.storage import chats, inherit, schedules
from bot.when import next_due

NOW = 1_795_000_000
DAILY = Schedule(when=When.DAILY, at=dt.time(9))
TIMES = {"now": NOW, "next_due": next_due}


async def make(connection, address, **given):
    values = {"group": True, "style": Style.CARDS, "language": Language.EN}
    return await chats.settle_in(connection, "p", address, **(values | given))


async def look(connection, address):
    return await chats.find(connection, "p", address)


async def schedule(connection, address, wanted):
    place = await look(connection, address)
    await schedules.set_schedule(connection, place.id, wanted, **TIMES)


async def spread(connection, name):
    """As after the server's setting was changed."""
    server = await look(connection, "7")
    await inherit.keep_own(connection, server, name)
    await inherit.spread(connection, await look(connection, "7"), name, **TIMES)


async def test_setting_of_a_server_reaches_its_channels_and_no_other_place(database):
    async with database.writing() as connection:
        for address in ("7", "7/1", "7/1/5", "70", "70/1", "8/7"):
            await make(connection, address)
        await chats.set_style(connection, (await look(connection, "7")).id, Style.OVERVIEW)
        await spread(connection, "style")
        styles = {at: (await look(connection, at)).style for at in ("7/1", "7/1/5", "70", "70/1", "8/7")}
    given = Style.OVERVIEW
    assert styles == {
        "7/1": given,
        "7/1/5": given,
        "70": Style.CARDS,
        "70/1": Style.CARDS,
        "8/7": Style.CARDS,
    }


async def test_channels_own_setting_stays_until_it_is_given_up(database):
    async with database.writing() as connection:
        for address in ("7", "7/1", "7/2"):
            await make(connection, address)
        await inherit.keep_own(connection, await look(connection, "7/1"), "language")
        await chats.set_language(connection, (await look(connection, "7")).id, Language.ZH)
        await spread(connection, "language")
        assert (await look(connection, "7/1")).language is Language.EN
        assert (await look(connection, "7/2")).language is Language.ZH
        one, server = await look(connection, "7/1"), await look(connection, "7")
        await inherit.take(connection, one, server, ["language"], **TIMES)
        one = await look(connection, "7/1")
        assert (one.language, one.own) == (Language.ZH, frozenset())
        await chats.set_language(connection, server.id, Language.EN)
        await spread(connection, "language")
        assert (await look(connection, "7/1")).language is Language.EN


async def test_zone_of_a_server_moves_the_hour_that_a_channel_has_set(database):
    async with database.writing() as connection:
        await make(connection, "7")
        await make(connection, "7/1")
        await schedule(connection, "7/1", DAILY)
        await inherit.keep_own(connection, await look(connection, "7/1"), "when")
        before = (await look(connection, "7/1")).due_at
        await schedule(connection, "7", Schedule(zone="Asia/Tokyo"))
        await spread(connection, "zone")
        place = await look(connection, "7/1")
        assert place.schedule == replace(DAILY, zone="Asia/Tokyo")
        assert (before - place.due_at) % 86_400 == 9 * 3600
        await schedule(connection, "7", Schedule(when=When.WEEKLY, at=dt.time(8), weekdays=frozenset({2})))
        await spread(connection, "when")
        assert (await look(connection, "7/1")).schedule.when is When.DAILY


async def test_each_part_of_a_schedule_is_taken_by_itself(database):
    hours = Quiet(start=dt.time(22), end=dt.time(7), silent=True)
    async with database.writing() as connection:
        server, _ = await make(connection, "7"), await make(connection, "7/1")
        await schedule(connection, "7", replace(DAILY, zone="Europe/Berlin", quiet=hours))
        for name in ("quiet", "zone"):
            await spread(connection, name)
        place = await look(connection, "7/1")
        assert place.schedule == Schedule(zone="Europe/Berlin", quiet=hours)
        assert place.due_at is None
        server = await look(connection, "7")
        assert server.own == {"quiet", "zone"}
        await inherit.take(connection, place, server, inherit.PARTS, **TIMES)
        assert (await look(connection, "7/1")).schedule.when is When.INSTANT, "the server has not set it"


async def test_threads_are_for_channels_that_can_have_them(database):
    async with database.writing() as connection:
        await make(connection, "7", layout=Layout.THREADS)
        layouts = {"7/1": Layout.PLAIN, "7/1/5": Layout.PLAIN, "7/2": Layout.POSTS, "7/3": Layout.PUBLISHED}
        for address, layout in layouts.items():
            await make(connection, address, layout=layout)
        await spread(connection, "layout")
        found = {address: (await look(connection, address)).layout for address in layouts}
    assert found == layouts | {"7/1": Layout.THREADS}


async def test_forum_has_posts_whatever_it_had_before(database):
    async with database.writing() as connection:
        await make(connection, "7/1", layout=Layout.PLAIN)
        assert (await make(connection, "7/1", layout=Layout.POSTS)).layout is Layout.POSTS
        assert (await make(connection, "7/1", layout=Layout.PLAIN)).layout is Layout.POSTS


async def test_own_settings_are_kept_once_each(database):
    async with database.writing() as connection:
        await make(connection, "7")
        for name in ("zone", "style", "zone"):
            await inherit.keep_own(connection, await look(connection, "7"), name)
        assert (await look(connection, "7")).own == {"style", "zone"}
