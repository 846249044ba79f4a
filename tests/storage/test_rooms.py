"""The rooms of digests: kept, found, and gone with their chat."""

import datetime as dt

from sqlalchemy import func, select, update

from bot.model import Language, Style
from bot.storage import chats, posts, rooms
from bot.storage.rooms import Room
from bot.storage.tables import chat, room
from tests.builders import post


async def make(connection, *addresses, holder="me"):
    """Chats that a sender serves, and a digest."""
    ids = []
    for address in addresses:
        made = await chats.settle_in(
            connection, "p", address, group=True, style=Style.CARDS, language=Language.EN
        )
        ids.append(made.id)
    await connection.execute(update(chat).values(leased_by=holder))
    return ids, await posts.add(connection, "blog", post("2611.00001", date=dt.date(2026, 11, 18)), at=1)


async def count(connection):
    return (await connection.execute(select(func.count()).select_from(room))).scalar_one()


async def test_room_is_found_by_chat_and_post_and_the_last_word_holds(database):
    async with database.writing() as connection:
        (one, two), post_id = await make(connection, "1", "2")
        kept = [Room(chat_id=it, post_id=post_id, address=f"{it}/x") for it in (one, two)]
        await rooms.keep(connection, kept, holder="me")
        await rooms.keep(connection, [Room(chat_id=one, post_id=post_id, address="new")], holder="me")
        assert await rooms.find(connection, [one, two], [post_id]) == {
            (one, post_id): "new",
            (two, post_id): f"{two}/x",
        }
        assert await rooms.find(connection, [one], [post_id + 1]) == {}
        assert await rooms.find(connection, [two + 1], [post_id]) == {}


async def test_sender_that_lost_the_chat_writes_no_room(database):
    async with database.writing() as connection:
        (one,), post_id = await make(connection, "1", holder="other")
        await rooms.keep(connection, [Room(chat_id=one, post_id=post_id, address="late")], holder="me")
        assert await count(connection) == 0


async def test_room_of_a_chat_that_was_forgotten_harms_nothing(database):
    async with database.writing() as connection:
        (one, two), post_id = await make(connection, "1", "2")
        made = [Room(chat_id=it, post_id=post_id, address="r") for it in (one, two)]
        await chats.forget(connection, one)
        await rooms.keep(connection, made, holder="me")
        assert await rooms.find(connection, [one, two], [post_id]) == {(two, post_id): "r"}
        await chats.forget(connection, two)
        assert await count(connection) == 0
