"""Chats: made, paused, brought back, moved, forgotten."""

import datetime as dt

import pytest
from sqlalchemy import func, insert, select, update

from bot.model import Language, Schedule, Style, Tag, When
from bot.slugs import slug
from bot.storage import chats, filters, outbox, planning, posts, schedules, tags
from bot.storage.filters import Kind
from bot.storage.outbox import Mark, Release
from bot.storage.tables import chat, delivery, saved, subscription
from bot.storage.tables import filter as wish
from bot.when import next_due
from tests.builders import post

DAY = dt.date(2026, 11, 18)
NOW = 1_795_000_000
ONE, TWO, THREE = "2611.00001", "2611.00002", "2611.00003"


async def make(connection, address="1", **given):
    values = {"group": False, "style": Style.CARDS, "language": Language.EN}
    return await chats.settle_in(connection, "p", address, **(values | given))


async def look(connection, address="1"):
    return await chats.find(connection, "p", address)


async def publish(connection, *papers, name="NeRF", address="a.md"):
    made = post(*papers, tags=(Tag(name=name, slug=slug(name)),), date=DAY, address=address)
    return await posts.add(connection, "blog", made, at=1)


async def follow(connection, chat_id, name="NeRF"):
    for topic in await tags.topics(connection, since=DAY, chat_id=chat_id):
        if topic.name == name:
            await tags.follow(connection, chat_id, [topic.id], now=1)


async def owe(connection, *papers, address="a.md"):
    post_id = await publish(connection, *papers, address=address)
    await planning.plan(connection, post_id, at=1, cap=10, oldest=DAY)


async def owed_at(connection, chat_id):
    return (await connection.execute(select(chat.c.owed_at).where(chat.c.id == chat_id))).scalar_one()


async def states(connection, chat_id):
    rows = await connection.execute(select(delivery).where(delivery.c.chat_id == chat_id))
    return {row.arxiv_id: row.state for row in rows}


async def mark(connection, chat_id, arxiv_id, state):
    mine = (delivery.c.chat_id == chat_id, delivery.c.arxiv_id == arxiv_id)
    await connection.execute(update(delivery).where(*mine).values(state=state))


async def rows_of(connection, table):
    return (await connection.execute(select(func.count()).select_from(table))).scalar_one()


async def test_stranger_is_not_found(database):
    async with database.reading() as connection:
        assert await look(connection) is None


async def test_new_chat_has_the_given_settings_and_follows_nothing(database):
    async with database.writing() as connection:
        made = await make(
            connection, group=True, style=Style.FULL, language=Language.ZH, title="@papers", manager="7"
        )
        assert (made.group, made.style, made.language) == (True, Style.FULL, Language.ZH)
        assert (made.title, made.manager) == ("@papers", "7")
        assert (made.schedule, made.revised, made.follows_all, made.paused) == (
            Schedule(),
            False,
            False,
            False,
        )
        assert await look(connection) == made


async def test_chat_that_is_known_keeps_its_settings_and_its_first_manager(database):
    async with database.writing() as connection:
        made = await make(connection, style=Style.FULL, title="Old name")
        again = await make(connection, style=Style.CARDS, language=Language.ZH, title="New name", manager="7")
        assert (again.id, again.style, again.language) == (made.id, Style.FULL, Language.EN)
        assert (again.title, again.manager) == ("New name", "7")
        last = await make(connection, manager="8")
        assert (last.title, last.manager) == ("New name", "7")


async def test_same_address_on_another_platform_is_another_chat(database):
    async with database.writing() as connection:
        await make(connection)
        assert await chats.find(connection, "q", "1") is None


async def test_settings_are_kept(database):
    async with database.writing() as connection:
        one, other = await make(connection), await make(connection, "2")
        await chats.set_style(connection, one.id, Style.OVERVIEW)
        await chats.set_language(connection, one.id, Language.ZH)
        await chats.set_revised(connection, one.id, True)
        now = await look(connection)
        assert (now.style, now.language, now.revised) == (Style.OVERVIEW, Language.ZH, True)
        assert await look(connection, "2") == other


async def test_paused_chat_is_not_served_and_keeps_what_comes(database):
    async with database.writing() as connection:
        await publish(connection)
        one = await make(connection)
        await follow(connection, one.id)
        await chats.pause(connection, one.id, now=NOW)
        await owe(connection, ONE)
        assert (await look(connection)).paused_reason == chats.ASKED
        assert await outbox.claim(connection, ["p"], holder="h", now=NOW, until=NOW + 9, most=9) == []
        assert await chats.waiting(connection, one.id) == 1
        await chats.resume(connection, one.id, now=NOW)
        claimed = await outbox.claim(connection, ["p"], holder="h", now=NOW, until=NOW + 9, most=9)
        assert [item.id for item in claimed] == [one.id]


async def test_resumed_chat_waits_for_its_hour(database):
    async with database.writing() as connection:
        await publish(connection)
        one = await make(connection)
        await follow(connection, one.id)
        daily = Schedule(when=When.DAILY, at=dt.time(20))
        due = await schedules.set_schedule(connection, one.id, daily, now=NOW, next_due=next_due)
        await owe(connection, ONE)
        await chats.pause(connection, one.id, now=NOW)
        await chats.resume(connection, one.id, now=NOW + 60)
        assert await owed_at(connection, one.id) == due > NOW + 60


async def test_pause_during_a_turn_stays(database):
    async with database.writing() as connection:
        await publish(connection)
        one = await make(connection)
        await follow(connection, one.id)
        await owe(connection, ONE, TWO)
        await outbox.claim(connection, ["p"], holder="h", now=NOW, until=NOW + 9, most=9)
        await chats.pause(connection, one.id, now=NOW)
        ended = Release(chat_id=one.id, owed_at=NOW + 1, due_at=None, was_due=None)
        await outbox.release(connection, [ended], holder="h")
        assert (await look(connection)).paused_reason == chats.ASKED


async def test_only_a_chat_that_could_not_be_reached_comes_back(database):
    async with database.writing() as connection:
        gone, asked, well = [await make(connection, address) for address in "123"]
        await chats.pause(connection, gone.id, now=NOW, reason="blocked")
        await chats.pause(connection, asked.id, now=NOW)
        answers = [await chats.come_back(connection, "p", address, now=NOW) for address in "1234"]
        assert answers == [True, False, False, False]
        assert [(await look(connection, address)).paused for address in "123"] == [False, True, False]
        assert well.paused is False


async def test_forgotten_chat_leaves_nothing_behind(database):
    async with database.writing() as connection:
        await publish(connection)
        one, other = await make(connection), await make(connection, "2")
        for each in (one, other):
            await follow(connection, each.id)
            await filters.add(connection, each.id, Kind.EXCLUDE, "lidar")
        await owe(connection, ONE)
        await connection.execute(
            insert(saved), [{"platform": "p", "person": who, "arxiv_id": ONE, "saved_at": 1} for who in "78"]
        )
        await chats.forget(connection, one.id)
        await chats.forget_person(connection, "p", "7")
        assert await look(connection) is None
        for table in (chat, subscription, wish, delivery, saved):
            assert await rows_of(connection, table) == 1


async def test_places_in_a_chat_are_found_with_it(database):
    async with database.writing() as connection:
        for address in ("-100", "-100/7", "-100/12", "-1001", "-100:7", "-10", "-1000/7"):
            await make(connection, address)
        found = [item.address for item in await chats.within(connection, "p", "-100")]
        assert found == ["-100", "-100/7", "-100/12"]
        assert await chats.within(connection, "q", "-100") == []


async def test_moved_chat_takes_everything_along(database):
    async with database.writing() as connection:
        await publish(connection)
        one = await make(connection, "-5", group=True, style=Style.FULL)
        await follow(connection, one.id)
        await owe(connection, ONE)
        assert await chats.move(connection, "p", "-5", "-1005", now=NOW)
        assert await look(connection, "-5") is None
        moved = await look(connection, "-1005")
        assert (moved.id, moved.style) == (one.id, Style.FULL)
        assert await states(connection, one.id) == {ONE: "pending"}


@pytest.mark.parametrize(("old", "new"), [("nobody", "2"), ("1", "1")])
async def test_moving_a_stranger_or_to_the_same_place_changes_nothing(database, old, new):
    async with database.writing() as connection:
        one = await make(connection)
        assert not await chats.move(connection, "p", old, new, now=NOW)
        assert await look(connection) == one


async def test_chat_that_could_not_be_reached_before_it_moved_is_served_again(database):
    async with database.writing() as connection:
        one, asked = await make(connection), await make(connection, "2")
        await chats.pause(connection, one.id, now=NOW, reason="gone")
        await chats.pause(connection, asked.id, now=NOW)
        await chats.move(connection, "p", "1", "-1001", now=NOW)
        await chats.move(connection, "p", "2", "-1002", now=NOW)
        assert not (await look(connection, "-1001")).paused
        assert (await look(connection, "-1002")).paused


async def test_what_is_known_at_the_new_place_is_added_and_nothing_is_sent_twice(database):
    async with database.writing() as connection:
        await publish(connection)
        await publish(connection, name="3DGS", address="b.md")
        old = await make(connection, "-5", group=True, style=Style.FULL, title="Group", manager="7")
        new = await make(connection, "-1005", group=True, title="Supergroup")
        await follow(connection, old.id)
        await follow(connection, new.id)
        await follow(connection, new.id, "3DGS")
        await filters.add(connection, old.id, Kind.EXCLUDE, "lidar")
        for word in ("lidar", "radar"):
            await filters.add(connection, new.id, Kind.EXCLUDE, word)
        await owe(connection, ONE, TWO)
        await mark(connection, old.id, ONE, "sent")
        await mark(connection, new.id, TWO, "sent")
        extra = insert(delivery).values(chat_id=new.id, arxiv_id=THREE, state="sent", planned_at=1)
        await connection.execute(extra)
        await chats.move(connection, "p", "-5", "-1005", now=NOW)
        kept = await look(connection, "-1005")
        assert (kept.id, kept.style, kept.title, kept.manager) == (old.id, Style.FULL, "Supergroup", "7")
        assert await states(connection, old.id) == {ONE: "sent", TWO: "sent", THREE: "sent"}
        assert [item.word for item in await filters.load(connection, old.id)] == ["lidar", "radar"]
        topics = await tags.topics(connection, since=DAY, chat_id=old.id)
        assert all(topic.followed for topic in topics)
        for table, number in ((chat, 1), (subscription, 2), (wish, 2), (delivery, 3)):
            assert await rows_of(connection, table) == number


async def test_message_in_hand_is_recorded_though_the_chat_moves_meanwhile(database):
    async with database.writing() as connection:
        await publish(connection)
        one = await make(connection, "-5", group=True)
        await make(connection, "-1005", group=True)
        await follow(connection, one.id)
        await owe(connection, ONE)
        await outbox.claim(connection, ["p"], holder="h", now=NOW, until=NOW + 9, most=9)
        (row,) = (await outbox.owed(connection, [one.id]))[one.id]
        await chats.move(connection, "p", "-5", "-1005", now=NOW)
        await outbox.settle(connection, [Mark(id=row.id, state="sent", parts=1)], holder="h")
        ended = Release(chat_id=one.id, owed_at=NOW + 1, due_at=None, was_due=None, address="-1005")
        await outbox.release(connection, [ended], holder="h")
        assert await states(connection, one.id) == {ONE: "sent"}
        assert (await look(connection, "-1005")).id == one.id
