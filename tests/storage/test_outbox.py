import datetime as dt

import pytest

from bot.model import Language, Style, Tag
from bot.storage import chats, outbox, posts
from bot.storage.tables import chat, subscription, tag
from tests.builders import post


@pytest.fixture
async def reader(database):
    async with database.writing() as connection:
        return await chats.follow_all(
            connection, "console", "console", style=Style.CARDS, language=Language.ZH
        )


async def arrive(database, read):
    async with database.writing() as connection:
        return await outbox.plan(connection, at=1, post_id=await posts.add(connection, "blog", read))


async def owed_papers(database, chat_id):
    async with database.reading() as connection:
        digests = await outbox.owed(connection, chat_id)
        found = [await posts.load(connection, digest.post_id, digest.entry_ids) for digest in digests]
    return [[item.paper.arxiv_id for item in digest.entries] for digest in found]


async def test_new_papers_are_owed_in_the_order_of_the_post(database, reader):
    assert await arrive(database, post("2003.08934", "2006.11239")) == 2
    assert await owed_papers(database, reader) == [["2003.08934", "2006.11239"]]


async def test_growth_owes_only_the_additions(database, reader):
    await arrive(database, post("2003.08934"))
    async with database.writing() as connection:
        await outbox.settle(connection, reader, ["2003.08934"], at=2, state="sent")
    assert await arrive(database, post("2006.11239", "2003.08934")) == 1
    assert await owed_papers(database, reader) == [["2006.11239"]]


async def test_paper_that_comes_back_under_another_day_and_tag_is_not_owed_again(database, reader):
    await arrive(database, post("2003.08934"))
    other = post("2003.08934", address="x", date=dt.date(2026, 11, 21), tags=(Tag(name="3DGS", slug="3dgs"),))
    assert await arrive(database, other) == 0


async def test_oldest_digest_comes_first(database, reader):
    await arrive(database, post("2006.11239", address="b", date=dt.date(2026, 11, 21)))
    await arrive(database, post("2003.08934", address="a", date=dt.date(2026, 11, 20)))
    assert await owed_papers(database, reader) == [["2003.08934"], ["2006.11239"]]


async def test_chat_is_owed_only_the_tags_that_it_follows(database):
    await arrive(database, post("2003.08934"))
    async with database.writing() as connection:
        values = {"platform": "p", "style": "cards", "language": "en", "follows_all": False}
        for address in ("follows", "does not"):
            await connection.execute(chat.insert().values(address=address, **values))
        tag_id = (await connection.execute(tag.select())).one().id
        ids = {row.address: row.id for row in await connection.execute(chat.select())}
        await connection.execute(subscription.insert().values(chat_id=ids["follows"], tag_id=tag_id))
    assert await arrive(database, post("2003.08934", "2006.11239")) == 2
    assert await owed_papers(database, ids["follows"]) == [["2003.08934", "2006.11239"]]
    assert await owed_papers(database, ids["does not"]) == []


async def test_chat_that_comes_later_can_be_owed_everything_from_the_beginning(database):
    await arrive(database, post("2003.08934"))
    await arrive(database, post("2003.08934", "2006.11239", address="later", date=dt.date(2026, 11, 21)))
    async with database.writing() as connection:
        settings = {"style": Style.FULL, "language": Language.EN}
        chat_id = await chats.follow_all(connection, "console", "console", **settings)
        assert await outbox.plan(connection, at=1, chat_id=chat_id) == 2
    assert await owed_papers(database, chat_id) == [["2003.08934"], ["2006.11239"]]


async def test_settled_papers_are_owed_no_more(database, reader):
    await arrive(database, post("2003.08934", "2006.11239"))
    async with database.writing() as connection:
        await outbox.settle(connection, reader, ["2003.08934"], at=2, state="sent")
        await outbox.settle(connection, reader, ["2006.11239"], at=2, state="failed")
        assert await outbox.owing(connection) == []
        counts = await outbox.counts(connection)
    assert counts == {"post": 1, "paper": 2, "chat": 1, "delivery.failed": 1, "delivery.sent": 1}


async def test_settings_of_a_chat_follow_the_configuration(database, reader):
    async with database.writing() as connection:
        settings = {"style": Style.OVERVIEW, "language": Language.EN}
        assert await chats.follow_all(connection, "console", "console", **settings) == reader
        loaded = await chats.load(connection, [reader])
    assert (loaded[0].style, loaded[0].language) == (Style.OVERVIEW, Language.EN)
