"""The days on which sources had news, and what is remembered of their troubles."""

import datetime as dt

import pytest

from bot.storage import arrivals, pages, posts, watching
from bot.storage.watching import Condition, Kind, Told
from tests.builders import post
from tests.commands.shelves import digest

ZONE = dt.timezone(dt.timedelta(hours=8))
BLOG = "blog"
IMPORT = dt.date(2026, 11, 1)


def at(date: dt.date, hour: int = 12) -> int:
    """An hour of a day, as clocks show it where the blog is."""
    return int(dt.datetime.combine(date, dt.time(hour), ZONE).timestamp())


def november(number: int) -> dt.date:
    return dt.date(2026, 11, number)


async def come(database, *found, day: dt.date, hour: int = 12, source: str = BLOG) -> None:
    """Posts that are read at that hour of a day."""
    async with database.writing() as connection:
        for each in found:
            await posts.add(connection, source, each, at=at(day, hour))


async def look(database, day: dt.date, hour: int = 13, *, source: str = BLOG, error=None) -> None:
    """The end of a look at a source."""
    when = at(day, hour)
    async with database.writing() as connection:
        await pages.note_look(
            connection, source, at=when, began=when, every=60, error=error, whole=error is None
        )


async def days(database, newest: dt.date, source: str = BLOG) -> set[dt.date]:
    async with database.reading() as connection:
        return await arrivals.days(connection, source, newest)


@pytest.fixture
async def imported(database):
    """A source of which three digests were there at the first look."""
    old = (dt.date(2026, 10, 20), dt.date(2026, 10, 22), dt.date(2026, 10, 28))
    await come(database, *(digest(day, f"2610.{day.day:05}") for day in old), day=IMPORT)
    await look(database, IMPORT)
    return database


async def test_what_was_there_at_first_came_on_its_own_day(imported):
    found = await days(imported, dt.date(2026, 10, 28))
    assert found == {dt.date(2026, 10, 20), dt.date(2026, 10, 22), dt.date(2026, 10, 28)}


async def test_what_comes_later_came_when_it_was_seen(imported):
    batch = [digest(november(number), f"2611.{number:05}") for number in (2, 3, 4)]
    await come(imported, *batch, day=november(9))
    await look(imported, november(9))
    old = {dt.date(2026, 10, 20), dt.date(2026, 10, 22), dt.date(2026, 10, 28)}
    assert await days(imported, november(4)) == old | {november(9)}


async def test_day_is_that_of_the_blog_not_of_utc(imported):
    await come(imported, digest(november(5), "2611.00001"), day=november(5), hour=1)  # the 4th at UTC
    assert november(5) in await days(imported, november(5))
    assert november(4) not in await days(imported, november(5))


async def test_renamed_or_moved_post_is_no_news(imported):
    first = digest(november(3), "2611.00001", "2611.00002")
    await come(imported, first, day=november(3))
    moved = digest(november(4), "2611.00001", "2611.00002")
    await come(imported, moved, day=november(6))
    assert november(6) not in await days(imported, november(4))
    grown = digest(november(4), "2611.00001", "2611.00002", "2611.00003")
    await come(imported, grown, day=november(7))
    assert {november(3), november(7)} <= await days(imported, november(4))
    assert november(6) not in await days(imported, november(4))


async def test_rewritten_post_is_no_news(imported):
    await come(imported, digest(november(3), "2611.00001"), day=november(3))
    await come(imported, digest(november(3), "2611.00001", title="Anew"), day=november(8))
    assert max(await days(imported, november(3))) == november(3)


async def test_post_without_papers_is_no_news(imported):
    await come(imported, digest(november(3)), day=november(3))
    assert november(3) not in await days(imported, november(3))


async def test_sources_are_told_apart(imported):
    await come(imported, digest(november(3), "2611.00001"), day=november(3), source="feed")
    await look(imported, november(3), source="feed")
    assert await days(imported, november(3), "feed") == {november(3)}
    assert november(3) not in await days(imported, november(3))
    assert await days(imported, november(3), "nowhere") == set()


async def test_half_a_year_is_enough(imported):
    await come(imported, digest(dt.date(2027, 4, 25), "2704.00001"), day=dt.date(2027, 4, 25))
    found = await days(imported, dt.date(2027, 4, 25))
    assert found == {dt.date(2026, 10, 28), dt.date(2027, 4, 25)}


async def test_source_that_was_never_read_well_tells_by_its_dates(database):
    await come(database, digest(november(3), "2611.00001"), day=november(9))
    await look(database, november(9), error="it broke off")
    assert await days(database, november(3)) == {november(3)}


async def test_newest_tells_the_digest_and_when_there_was_news(imported):
    async with imported.reading() as connection:
        assert await arrivals.newest(connection, "nowhere") is None
        before = await arrivals.newest(connection, BLOG)
    assert before == arrivals.Newest(digest=dt.date(2026, 10, 28), news=at(dt.date(2026, 10, 28), 0))
    await come(imported, digest(november(3), "2611.00001"), day=november(5))
    async with imported.reading() as connection:
        assert await arrivals.newest(connection, BLOG) == arrivals.Newest(
            digest=november(3), news=at(november(5))
        )


async def test_newest_date_is_none_of_a_day_to_come(imported):
    await come(imported, digest(dt.date(2099, 1, 1), "2611.00001"), day=november(5))
    async with imported.reading() as connection:
        assert await arrivals.newest_date(connection, BLOG, november(5)) == dt.date(2026, 10, 28)
        assert await arrivals.newest_date(connection, "nowhere", november(5)) is None


# Troubles


async def test_what_was_told_is_remembered(imported):
    failing, silent = Condition(kind=Kind.FAILING, since=5), Condition(kind=Kind.SILENT, since=7)
    for told in (
        Told(),
        Told(known=failing, found=failing),
        Told(found=silent),
        Told(known=failing),
        Told(known=failing, found=silent),
    ):
        async with imported.writing() as connection:
            await watching.tell(connection, BLOG, told)
        async with imported.reading() as connection:
            state = await watching.state_of(connection, BLOG)
        assert Told.read(state.told) == told
    assert Told.read("whatever it may be > silent x") == Told()


async def state_of(database):
    async with database.reading() as connection:
        return await watching.state_of(connection, BLOG)


async def test_third_look_in_a_row_that_fails_is_a_trouble(imported):
    for hour in (14, 15):
        await look(imported, IMPORT, hour, error="no answer")
        assert watching.failing(await state_of(imported), at(IMPORT, hour)) is None
    await look(imported, IMPORT, 16, error="no answer")
    found = watching.failing(await state_of(imported), at(IMPORT, 16))
    assert found == Condition(kind=Kind.FAILING, since=at(IMPORT, 14))
    await look(imported, IMPORT, 17)
    assert watching.failing(await state_of(imported), at(IMPORT, 17)) is None


async def test_second_look_that_fails_is_a_trouble_after_six_hours(imported):
    await look(imported, IMPORT, 1, error="no answer")
    assert watching.failing(await state_of(imported), at(IMPORT, 20)) is None
    await look(imported, IMPORT, 8, error="no answer")
    state = await state_of(imported)
    assert watching.failing(state, at(IMPORT, 7)) is None
    assert watching.failing(state, at(IMPORT, 8)) is not None


async def test_source_is_late_when_three_looks_are_missing(imported):
    state = await state_of(imported)
    assert watching.late(state, state.looked_at + 240) is None
    assert watching.late(state, state.looked_at + 241) == Condition(kind=Kind.LATE, since=state.looked_at)


async def test_source_that_brought_a_tags_digest_is_told(imported):
    other = post("2611.00009", address="x.md", date=november(3), tags=())
    await come(imported, other, day=november(3), source="feed")
    await look(imported, november(3), source="feed")
    async with imported.reading() as connection:

        async def brought(slugs, date):
            found = await watching.bringing(connection, (BLOG, "feed", "nowhere"), slugs, date)
            return {state.source: brings for state, brings in found}

        assert await brought(["nerf"], dt.date(2026, 10, 28)) == {BLOG: True, "feed": False}
        assert await brought(["3dgs"], dt.date(2026, 10, 28)) == {BLOG: False, "feed": False}
        assert await brought([], november(3)) == {BLOG: False, "feed": True}
