"""Papers by the beginnings of ids and titles, days with digests: on both engines."""

import datetime as dt

import pytest

from bot.storage import offers
from bot.storage.offers import Named
from tests import builders
from tests.commands.shelves import day, digest, put

PAPERS = (
    ("2003.08934", "Neural Fields"),
    ("2003.10000", "Old \\alpha Ways"),
    ("cs/0112017", "Ways of Fields"),
)


@pytest.fixture
async def connection(database):
    entries = [
        builders.entry(arxiv_id, paper=builders.paper(arxiv_id, title=title)) for arxiv_id, title in PAPERS
    ]
    await put(
        database,
        digest(day(20), entries[0], tags=("NeRF",)),
        digest(day(18), entries[1], tags=("3DGS", "NeRF")),
        digest(day(19), entries[2], tags=("3DGS",)),
        digest(day(21), tags=("NeRF",)),
    )
    async with database.reading() as connection:
        yield connection


def ids(papers):
    return [paper.arxiv_id for paper in papers]


async def test_papers_are_found_by_the_beginning_of_their_ids(connection):
    assert ids(await offers.begun(connection, "2003", limit=5)) == ["2003.10000", "2003.08934"]
    assert ids(await offers.begun(connection, "2003.0", limit=5)) == ["2003.08934"]
    assert ids(await offers.begun(connection, "cs/", limit=5)) == ["cs/0112017"]
    assert ids(await offers.begun(connection, "2003", limit=1)) == ["2003.10000"]
    assert await offers.begun(connection, "2004", limit=5) == []
    assert await offers.begun(connection, "%", limit=5) == []


async def test_known_papers_are_named_in_the_given_order(connection):
    found = await offers.named(connection, ["cs/0112017", "9999.00000", "2003.08934"])
    assert found == [
        Named(arxiv_id="cs/0112017", title="Ways of Fields"),
        Named(arxiv_id="2003.08934", title="Neural Fields"),
    ]


async def test_newest_digests_come_first(connection):
    assert ids(await offers.newest(connection, limit=2)) == ["2003.08934", "cs/0112017"]


async def test_words_of_titles_are_long_latin_ones(connection):
    assert await offers.title_words(connection, papers=9) == {"neural", "fields", "ways"}
    assert await offers.title_words(connection, papers=1) == {"neural", "fields"}


async def test_days_hold_papers_of_the_tags(connection):
    async def days(*slugs, until=dt.date(2026, 12, 1), limit=9):
        return [found.day for found in await offers.days(connection, slugs, until=until, limit=limit)]

    assert await days() == [20, 19, 18]
    assert await days("nerf") == [20, 18]
    assert await days("nerf", "3dgs", until=day(19)) == [19, 18]
    assert await days("3dgs", limit=1) == [19]
    assert await days("gone") == []
