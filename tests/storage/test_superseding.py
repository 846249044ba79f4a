import datetime as dt

import pytest
from sqlalchemy import select

from bot.digest.tags import tag
from bot.storage import digests, posts
from bot.storage.tables import post as table
from tests.builders import post

FIRST, NEXT = dt.date(2026, 11, 19), dt.date(2026, 11, 20)


@pytest.fixture
def add(database):
    async def put(date, *ids, tags=("NeRF",), at=1):
        async with database.writing() as connection:
            named = tuple(tag(name) for name in tags)
            read = post(*ids, tags=named, date=date, address=f"{date}/{tags[0]}.md")
            await posts.add(connection, "blog", read, at=at)

    return put


@pytest.fixture
def shown(database):
    async def look():
        async with database.reading() as connection:
            found = await digests.briefs(connection, (), limit=9)
        return [(str(brief.date), brief.tag.name, brief.number) for brief in found]

    return look


async def test_digest_that_is_filed_again_a_day_later_is_shown_once(add, shown):
    await add(FIRST, "2601.00001", "2601.00002")
    await add(NEXT, "2601.00002", "2601.00001", "2601.00003")
    assert await shown() == [("2026-11-20", "NeRF", 3)]


async def test_order_in_which_the_two_are_read_does_not_matter(add, shown):
    await add(NEXT, "2601.00001", "2601.00002")
    await add(FIRST, "2601.00001")
    assert await shown() == [("2026-11-20", "NeRF", 2)]


async def test_digest_with_a_paper_of_its_own_is_shown_beside_the_later_one(add, shown):
    await add(FIRST, "2601.00001", "2601.00009")
    await add(NEXT, "2601.00001", "2601.00003")
    assert await shown() == [("2026-11-20", "NeRF", 2), ("2026-11-19", "NeRF", 2)]


async def test_digest_that_grows_beyond_the_later_one_is_shown_again(add, shown):
    await add(FIRST, "2601.00001")
    await add(NEXT, "2601.00001", "2601.00003")
    assert len(await shown()) == 1
    await add(FIRST, "2601.00001", "2601.00009", at=2)
    assert await shown() == [("2026-11-20", "NeRF", 2), ("2026-11-19", "NeRF", 2)]


async def test_digest_of_another_tag_or_of_months_ago_is_another_one(add, shown):
    await add(FIRST, "2601.00001", tags=("3DGS",))
    await add(FIRST - dt.timedelta(days=60), "2601.00001")
    await add(NEXT, "2601.00001")
    assert len(await shown()) == 3


async def test_whoever_asks_for_the_first_day_is_led_to_the_other(add, database):
    await add(FIRST, "2601.00001")
    await add(NEXT, "2601.00001")
    async with database.reading() as connection:
        day = await digests.day(connection, "nerf", FIRST)
        assert (day.date, day.older, day.newer) == (NEXT, None, None)
        hidden = select(table.c.superseded_by.is_not(None)).order_by(table.c.date)
        assert (await connection.execute(hidden)).scalars().all() == [True, False]
