import asyncio
import datetime as dt
import time

import pytest
from sqlalchemy import select, update

from bot.model import Language, Style
from bot.storage import chats, leases, outbox, planning, posts
from bot.storage.outbox import Mark, Release
from bot.storage.tables import chat
from tests.builders import post

IDS = ("2401.00001", "2401.00002", "2401.00003")
LONG_AGO = dt.date(2000, 1, 1)


@pytest.fixture
async def readers(database):
    async with database.writing() as connection:
        settings = {"style": Style.CARDS, "language": Language.ZH}
        return [await chats.follow_all(connection, "p", name, **settings) for name in ("a", "b")]


async def arrive(database, read, *, at=100, cap=100):
    async with database.writing() as connection:
        post_id = await posts.add(connection, "blog", read, at=at)
        return await planning.plan(connection, post_id, at=at, cap=cap, oldest=LONG_AGO)


async def claim(database, holder="me", *, now=200.0, until=260.0, most=10):
    async with database.writing() as connection:
        found = await outbox.claim(connection, ["p"], holder=holder, now=now, until=until, most=most)
    return [one.id for one in found]


async def owed(database, *chat_ids):
    async with database.reading() as connection:
        return await outbox.owed(connection, chat_ids)


async def give_back(database, chat_id, *, owed_at=300.0, holder="me", **changes):
    values = {"chat_id": chat_id, "owed_at": owed_at, "due_at": None, "was_due": None} | changes
    async with database.writing() as connection:
        await outbox.release(connection, [Release(**values)], holder=holder)


async def next_turn(database):
    async with database.reading() as connection:
        return await outbox.next_turn(connection, ["p"])


async def test_chat_is_claimed_by_one_holder_until_its_lease_is_over(database, readers):
    await arrive(database, post(*IDS))
    assert await claim(database, most=1) == readers[:1]
    assert await claim(database, "other") == readers[1:]
    assert await claim(database, "third") == []
    assert await claim(database, "third", now=261.0, until=300.0) == readers


async def test_chat_that_is_owed_nothing_is_not_claimed(database, readers):
    assert await claim(database) == []
    assert await next_turn(database) is None


async def test_turn_comes_when_it_is_due_and_free(database, readers):
    await arrive(database, post(*IDS))
    assert await next_turn(database) == 100.0
    await claim(database)
    assert await next_turn(database) == 260.0


async def test_papers_are_owed_in_the_order_of_the_post(database, readers):
    await arrive(database, post(*IDS))
    found = await owed(database, *readers)
    assert {key: tuple(row.arxiv_id for row in rows) for key, rows in found.items()} == dict.fromkeys(
        readers, IDS
    )


async def test_what_is_half_delivered_comes_before_an_older_digest(database, readers):
    await arrive(database, post(*IDS[:1], address="new", date=dt.date(2026, 11, 21)))
    await claim(database)
    (row,) = (await owed(database, readers[0]))[readers[0]]
    async with database.writing() as connection:
        await outbox.settle(connection, [Mark(id=row.id, state="sending")], holder="me")
    await arrive(database, post(IDS[1], address="old", date=dt.date(2026, 11, 20)), at=101)
    rows = (await owed(database, readers[0]))[readers[0]]
    assert [(row.arxiv_id, row.introduced) for row in rows] == [(IDS[0], True), (IDS[1], False)]


async def test_settled_chat_is_owed_nothing_more_when_it_is_given_back(database, readers):
    await arrive(database, post(*IDS))
    await claim(database)
    rows = (await owed(database, readers[0]))[readers[0]]
    async with database.writing() as connection:
        await outbox.settle(
            connection, [Mark(id=row.id, state="sent", settled_at=201) for row in rows], holder="me"
        )
    await give_back(database, readers[0])
    assert await owed(database, readers[0]) == {}
    assert await claim(database, now=400.0, until=460.0) == readers[1:]


async def test_chat_that_is_owed_more_is_given_back_for_later(database, readers):
    await arrive(database, post(*IDS))
    await claim(database)
    await give_back(database, readers[0], owed_at=330.0, address="moved")
    assert await claim(database, now=320.0, until=321.0) == readers[1:]
    assert readers[0] in await claim(database, now=331.0, until=360.0)
    async with database.reading() as connection:
        found = (await connection.execute(select(chat.c.address).where(chat.c.id == readers[0]))).scalar_one()
    assert found == "moved"


async def test_holder_that_lost_its_lease_cannot_give_the_chat_back(database, readers):
    await arrive(database, post(*IDS))
    await claim(database, "slow")
    await claim(database, "quick", now=261.0, until=321.0)
    await give_back(database, readers[0], holder="slow", owed_at=0.0)
    assert await claim(database, "third", now=300.0, until=360.0) == []


async def test_paused_chat_keeps_what_it_is_owed_until_it_is_resumed(database, readers):
    await arrive(database, post(*IDS))
    await claim(database)
    await give_back(database, readers[0], paused_reason="blocked", paused_at=201)
    assert readers[0] not in await claim(database, now=900.0, until=960.0)
    async with database.writing() as connection:
        await chats.resume(connection, readers[0], now=950.0)
    assert readers[0] in await claim(database, now=961.0, until=990.0)
    assert len((await owed(database, readers[0]))[readers[0]]) == 3


async def test_papers_beyond_the_cap_are_counted_by_digest(database, readers):
    await arrive(database, post(*IDS), cap=1)
    async with database.reading() as connection:
        found = await outbox.held(connection, readers)
    assert set(found.values()) == {2}
    assert {chat_id for chat_id, _, _ in found} == set(readers)


async def test_turn_that_was_lost_is_mended(database, readers):
    await arrive(database, post(*IDS))
    async with database.writing() as connection:
        await connection.execute(update(chat).values(owed_at=None))
        assert await outbox.mend(connection, now=500.0) == 2
    assert await claim(database, now=501.0, until=560.0) == readers


async def test_turns_are_brought_forward_but_for_those_of_a_schedule(database, readers):
    await arrive(database, post(*IDS))
    await claim(database)
    await give_back(database, readers[0], owed_at=4000.0)
    await give_back(database, readers[1], owed_at=4000.0, due_at=4000)
    async with database.writing() as connection:
        await outbox.bring_forward(connection, ["p"], now=400.0)
    assert await claim(database, now=401.0, until=460.0) == readers[:1]


async def test_schedule_that_was_changed_during_a_turn_stays(database, readers):
    await arrive(database, post(*IDS))
    await claim(database)
    async with database.writing() as connection:
        await connection.execute(update(chat).values(due_at=7000))
    await give_back(database, readers[0], owed_at=300.0, due_at=5000, was_due=4000)
    async with database.reading() as connection:
        found = (await connection.execute(select(chat.c.due_at).where(chat.c.id == readers[0]))).scalar_one()
    assert found == 7000


async def test_leases_are_renewed_and_given_back_at_the_end(database, readers):
    await arrive(database, post(*IDS))
    await claim(database)
    async with database.writing() as connection:
        await outbox.renew(connection, readers, holder="me", until=900.0)
    assert await claim(database, "other", now=800.0, until=860.0) == []
    async with database.writing() as connection:
        await outbox.release_all(connection, holder="me")
    assert await claim(database, "other", now=800.0, until=860.0) == readers


async def test_role_is_held_by_one_until_its_lease_is_over_or_given_back(database):
    async def take(holder):
        async with database.writing() as connection:
            return await leases.take(connection, "collect", holder=holder, now=time.time(), term=0.5)

    assert await take("one")
    assert not await take("two")
    assert await take("one")
    await asyncio.sleep(0.6)
    assert await take("two")
    async with database.writing() as connection:
        assert [lease.holder for lease in await leases.held(connection)] == ["two"]
        await leases.give_back(connection, holder="two")
    assert await take("one")


async def test_settings_of_a_chat_follow_the_configuration(database, readers):
    async with database.writing() as connection:
        settings = {"style": Style.OVERVIEW, "language": Language.EN}
        assert await chats.follow_all(connection, "p", "a", **settings) == readers[0]
    await arrive(database, post(*IDS))
    async with database.writing() as connection:
        found = await outbox.claim(connection, ["p"], holder="me", now=200.0, until=260.0, most=9)
    assert (found[0].style, found[0].language, found[0].group) == (Style.OVERVIEW, Language.EN, False)
