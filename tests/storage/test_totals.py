"""How much there is, as it is asked for again and again."""

import datetime as dt
import time

from sqlalchemy import insert, update

from bot.model import Language, Style
from bot.storage import chats, planning, posts, totals
from bot.storage.tables import chat
from tests.builders import post


async def test_everything_is_counted_and_chats_by_their_platform(database):
    async with database.writing() as connection:
        for platform, address in (("telegram", "1"), ("telegram", "2"), ("discord", "1")):
            await chats.follow_all(connection, platform, address, style=Style.CARDS, language=Language.EN)
        await posts.add(connection, "blog", post("2401.00001", "2401.00002"), at=1)
    async with database.reading() as connection:
        found = await totals.counts(connection)
    assert (found.posts, found.papers) == (1, 2)
    assert found.chats == {"telegram": 2, "discord": 1}


async def test_queue_is_told_by_platform_without_those_that_are_paused(database):
    now = time.time()
    settings = {"style": "cards", "language": "en", "follows_all": True, "platform": "telegram"}
    due = {"late": now - 100, "early": now - 40, "later": now + 500, "nothing": None, "paused": now - 9999}
    async with database.writing() as connection:
        for address, owed_at in due.items():
            await connection.execute(insert(chat).values(**settings, address=address, owed_at=owed_at))
        await connection.execute(update(chat).where(chat.c.address == "paused").values(paused_at=1))
    async with database.reading() as connection:
        assert await totals.oldest(connection, ["telegram", "discord"]) == {"telegram": due["late"]}
        assert await totals.waiting(connection, ["telegram", "discord"], now=now) == {
            "telegram": 2, "discord": 0,
        }  # fmt: skip


async def test_nothing_is_counted_in_an_empty_database(database):
    async with database.reading() as connection:
        found = await totals.counts(connection)
        assert (found.posts, found.papers, found.chats) == (0, 0, {})
        assert await totals.oldest(connection, ["telegram"]) == {}


async def test_plan_makes_the_queue_as_old_as_itself(database):
    at = int(time.time()) - 60
    async with database.writing() as connection:
        await chats.follow_all(connection, "telegram", "1", style=Style.CARDS, language=Language.EN)
        post_id = await posts.add(connection, "blog", post("2401.00001"), at=at)
        await planning.plan(connection, post_id, at=at, cap=9, oldest=dt.date(2000, 1, 1))
    async with database.reading() as connection:
        assert await totals.oldest(connection, ["telegram"]) == {"telegram": at}
