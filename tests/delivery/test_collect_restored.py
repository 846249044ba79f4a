"""The first look at a source after a restore: what came out since the backup is news, the rest is not."""

import datetime as dt

import pytest
from sqlalchemy import select

from bot.delivery.collect import Rules, collect
from bot.errors import SourceError
from bot.model import RawPost
from bot.sources.base import Page, Unreadable
from bot.storage import backup, pages
from bot.storage.tables import chat, delivery
from tests.storage.test_backup import contents

RULES = Rules(max_age=14, cap=10)
NOON = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
READ_AT = int(NOON.timestamp())  # when the source was last read before the backup was made
NOW = READ_AT + 3 * 86400

PAPER = """
## On {paper}
**Authors:Ada Lovelace, Alan Turing**

We show that it can be done.

[PDF](http://arxiv.org/abs/{paper}v1)

**Summary**
It can be done.

**Key Takeaways**
1. It was tried.
2. It went well.
"""


def write_post(day, *papers, tag="NeRF"):
    """A digest as it stands in a file."""
    head = (
        f"---\ntitle: {tag}\ndate: {day} 08:00:00\ncategories: Paper\ntags:\n  - {tag}\n---\n\n# {day} 更新\n"
    )
    return head + "".join(PAPER.format(paper=paper) for paper in papers)


class Blog:
    """A source of posts: their papers, by days after the last reading before the backup."""

    name = "blog"
    every = 60.0

    def __init__(self, posts, *trouble):
        self.posts = posts
        self.trouble = trouble

    async def fetch(self, known):
        for after, papers in self.posts.items():
            day = NOON.date() + dt.timedelta(after)
            data = write_post(day, *papers).encode()
            address = f"{day}/NeRF.md"
            if known.get(address) != str(len(data)):
                raw = RawPost(address=address, data=data)
                yield Page(address=address, fingerprint=str(len(data)), raw=raw)
        for item in self.trouble:
            if isinstance(item, Exception):
                raise item
            yield item


async def bring(database, *, sources=("blog",), sent=(), owed=None, **chat_settings):
    """Restore a backup of one chat that follows everything."""
    settings = {"style": "cards", "language": "en", "follows_all": True} | chat_settings
    owed = owed or {}
    papers = [*sent, *(paper for papers in owed.values() for paper in papers)]
    runs = {day: [[papers.index(paper)] * 2 for paper in theirs] for day, theirs in owed.items()}
    told = {
        "platform": "p", "address": "a", "settings": settings, "follows": [], "filters": {},
        "delivered": {"sent": [[0, len(sent) - 1]] if sent else []}, "owed": runs,
    }  # fmt: skip
    data = {
        "format": "paperboy-backup", "version": 1, "made_at": READ_AT + 60, "papers": papers, "tags": {},
        "sources": dict.fromkeys(sources, READ_AT), "chats": [told],
    }  # fmt: skip
    async with database.writing() as connection:
        await backup.restore(connection, data, at=NOW)


async def look(database, blog, *, at=NOW):
    return await collect(blog, database, lambda: at, RULES)


async def pending(database):
    async with database.reading() as connection:
        rows = select(delivery.c.arxiv_id).where(delivery.c.state == "pending").order_by(delivery.c.id)
        return list((await connection.execute(rows)).scalars())


POSTS = {-2: ["2611.00001"], -1: ["2611.00002"], 0: ["2611.00003"], 2: ["2611.00004"]}


async def test_posts_since_the_day_before_are_owed_and_older_ones_are_not(database):
    await bring(database, sent=["2611.00003"])
    assert (await look(database, Blog(POSTS))).planned == 2
    assert await pending(database) == ["2611.00002", "2611.00004"]
    assert (await look(database, Blog(POSTS))).planned == 0


async def test_source_that_the_backup_does_not_know_is_imported_silently(database):
    await bring(database, sources=("another",))
    assert (await look(database, Blog(POSTS))).planned == 0


async def test_all_posts_are_news_after_the_first_look(database):
    await bring(database)
    await look(database, Blog({}))
    assert (await look(database, Blog(POSTS))).planned == 4


async def test_look_that_breaks_off_is_still_the_first_one(database):
    await bring(database)
    broken = Blog({2: POSTS[2]}, SourceError("away"))
    assert (await look(database, broken)).planned == 1
    assert (await look(database, Blog(POSTS))).planned == 2
    assert await pending(database) == ["2611.00004", "2611.00002", "2611.00003"]


async def test_posts_that_are_too_old_by_now_go_to_the_archive(database):
    await bring(database)
    month = READ_AT + 30 * 86400
    assert (await look(database, Blog(POSTS), at=month)).planned == 0


async def test_whoever_comes_before_the_first_look_is_owed_nothing_older(database):
    await bring(database)
    async with database.writing() as connection:
        new = {"platform": "p", "address": "new", "style": "cards", "language": "en", "follows_all": True}
        await connection.execute(chat.insert().values(**new))
    await look(database, Blog(POSTS))
    assert sorted(set(await pending(database))) == ["2611.00002", "2611.00003", "2611.00004"]


async def test_what_was_owed_is_owed_with_what_came_since(database):
    await bring(database, sent=["2611.00003"], owed={"2026-11-18": ["2611.00001"]})
    assert (await look(database, Blog(POSTS))).planned == 3
    assert await pending(database) == ["2611.00001", "2611.00002", "2611.00004"]


async def test_what_was_owed_of_a_post_that_is_gone_is_owed_by_another_at_the_end_of_the_look(database):
    await bring(database, owed={"2026-12-24": ["2611.00001"]})
    broken = Blog({-2: POSTS[-2]}, SourceError("away"))
    assert (await look(database, broken)).planned == 0  # its own post may be still to come
    bad = Unreadable(address="bad.md", reason="bad.md: cannot be read")
    assert (await look(database, Blog({-2: POSTS[-2]}, bad))).planned == 1
    assert await pending(database) == ["2611.00001"]


async def test_status_tells_of_a_restored_source_only_once_it_is_looked_at_here(database):
    await bring(database)
    await look(database, Blog({}, SourceError("away")))
    async with database.reading() as connection:
        (state,) = await pages.states(connection)
    assert (state.source, state.read_at, state.error) == ("blog", None, "away")


@pytest.mark.parametrize("paused_at", [None, 5])
async def test_backup_of_a_restored_database_that_has_read_nothing_is_the_same(database, paused_at):
    await bring(database, sent=["2611.00003"], owed={"2026-11-18": ["2611.00001"]}, paused_at=paused_at)
    before = await contents(database)
    async with database.reading() as connection:
        again = await backup.export(connection, at=NOW)
    async with database.writing() as connection:
        await backup.restore(connection, again, at=NOW)
    assert await contents(database) == before
    assert again["sources"] == {"blog": READ_AT}
