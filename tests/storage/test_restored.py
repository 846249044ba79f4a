"""What a backup says is owed comes once, when its paper has been read again."""

import datetime as dt

import pytest
from sqlalchemy import delete, insert, select, update

from bot.storage import backup, filters, outbox, planning, restored
from bot.storage.filters import Kind
from bot.storage.tables import chat, delivery, entry, subscription
from bot.storage.tables import post as post_table
from tests.storage.test_planning import (
    AVATARS,
    DAY,
    NERF,
    OLDEST,
    ONE,
    SPLATTING,
    THREE,
    TWO,
    add_chat,
    owed_at,
    read,
    rows,
    settle,
    version,
)

RESTORED_AT = 1_000
BEFORE = {"first": True}  # what is read for the first time is old for all others


def told(owed, *, sent=(), address="reader", follows=(NERF,), **settings):
    """A backup of one chat: what it is owed by the date of the post, what it was sent."""
    papers = [paper for papers in owed.values() for paper in papers]
    numbers = {paper: number for number, paper in enumerate([*papers, *sent])}
    settings = {"style": "cards", "language": "en", "follows_all": not follows} | settings
    told = {
        "platform": "p", "address": address, "settings": settings, "filters": {},
        "follows": [it.slug for it in follows],
        "delivered": {"sent": [[numbers[paper]] * 2 for paper in sent]},
        "owed": {str(day): [[numbers[paper]] * 2 for paper in papers] for day, papers in owed.items()},
    }  # fmt: skip
    return {
        "format": "paperboy-backup", "version": 1, "papers": list(numbers),
        "tags": {it.slug: it.name for it in follows}, "chats": [told],
    }  # fmt: skip


async def bring(connection, owed, **given):
    """Restore such a backup; the number of its chat."""
    data = told(owed, **given)
    await backup.restore(connection, data, at=RESTORED_AT)
    mine = select(chat.c.id).where(chat.c.address == data["chats"][0]["address"])
    return (await connection.execute(mine)).scalar_one()


async def shown(connection, chat_id):
    """What the chat is owed now in the order of delivery: the address of the post, and the paper."""
    found = (await outbox.owed(connection, [chat_id])).get(chat_id, [])
    posts = dict(map(tuple, await connection.execute(select(post_table.c.id, post_table.c.address))))
    return [(posts[row.post_id], row.arxiv_id) for row in found]


async def test_it_is_owed_once_when_its_post_is_read_though_that_is_the_first_import(database):
    async with database.writing() as connection:
        reader = await bring(connection, {DAY: [ONE, TWO]})
        other = await add_chat(connection, NERF)
        assert await rows(connection, reader) == [(ONE, "restored"), (TWO, "restored")]
        assert await read(connection, 2_000, THREE, TWO, ONE, **BEFORE) == 2
        assert await shown(connection, reader) == [("2026-11-20/NeRF.md", TWO), ("2026-11-20/NeRF.md", ONE)]
        assert await rows(connection, other) == []
        assert await owed_at(connection, reader) == 2_000
        assert await read(connection, 2_001, THREE, TWO, ONE, title="Changed") == 0


async def test_it_is_owed_however_old_its_post_is(database):
    async with database.writing() as connection:
        long_ago = OLDEST - dt.timedelta(90)
        reader = await bring(connection, {long_ago: [ONE]})
        assert await read(connection, 2_000, ONE, TWO, date=long_ago) == 1
        assert await rows(connection, reader) == [(ONE, "pending")]


async def test_what_came_with_it_is_owed_in_one_digest_with_it(database):
    async with database.writing() as connection:
        reader = await bring(connection, {DAY: [TWO]}, sent=[ONE])
        assert await read(connection, 2_000, ONE, TWO, THREE) == 2
        owed = (await outbox.owed(connection, [reader]))[reader]
        assert [row.arxiv_id for row in owed] == [TWO, THREE]
        assert len({(row.post_id, row.planned_at) for row in owed}) == 1


async def test_what_arrived_after_the_restore_does_not_come_back_with_a_second_one(database):
    async with database.writing() as connection:
        reader = await bring(connection, {DAY: [ONE, TWO]})
        await bring(connection, {DAY: [ONE, TWO]})
        assert await read(connection, 2_000, ONE, **BEFORE) == 1
        await settle(connection, reader)
        await bring(connection, {DAY: [ONE, TWO]})
        assert await rows(connection, reader) == [(ONE, "sent"), (TWO, "restored")]
        assert await read(connection, 3_000, ONE, TWO, **BEFORE) == 1
        assert await rows(connection, reader) == [(ONE, "sent"), (TWO, "pending")]


@pytest.mark.parametrize("state", ["pending", "sending", "sent", "failed", "filtered"])
async def test_restore_takes_nothing_back_from_a_database_that_knows_the_paper(database, state):
    async with database.writing() as connection:
        reader = await add_chat(connection, NERF, address="reader")
        await read(connection, 1, ONE)
        await connection.execute(update(delivery).values(state=state))
        before = (await connection.execute(select(delivery))).all()
        await bring(connection, {DAY: [ONE]})
        assert (await connection.execute(select(delivery))).all() == before
        assert await shown(connection, reader) == ([(  # it is owed as it was
            "2026-11-20/NeRF.md", ONE)] if state in ("pending", "sending") else [])  # fmt: skip


async def test_newer_backup_that_knows_of_the_arrival_ends_the_debt(database):
    async with database.writing() as connection:
        reader = await bring(connection, {DAY: [ONE]})
        await bring(connection, {}, sent=[ONE])
        assert await read(connection, 2_000, ONE) == 0
        await bring(connection, {DAY: [ONE]})
        assert await rows(connection, reader) == [(ONE, "sent")]


async def test_paper_that_was_read_before_the_restore_is_owed_at_once(database):
    async with database.writing() as connection:
        await read(connection, 1, ONE, TWO, **BEFORE)
        reader = await bring(connection, {DAY: [TWO, THREE]})
        assert await rows(connection, reader) == [(TWO, "pending"), (THREE, "restored")]
        assert await owed_at(connection, reader) == RESTORED_AT


async def test_it_is_shown_by_its_own_post_not_by_an_older_one_or_another_tag(database):
    async with database.writing() as connection:
        reader = await bring(connection, {DAY: [ONE]})
        older = {"address": "older", "date": DAY - dt.timedelta(30)}
        assert await read(connection, 2_000, ONE, **older, **BEFORE) == 0
        assert await read(connection, 2_000, ONE, address="other", tags=(AVATARS,), **BEFORE) == 0
        assert await read(connection, 2_000, ONE, TWO, **BEFORE) == 1
        assert await shown(connection, reader) == [("2026-11-20/NeRF.md", ONE)]


async def test_it_is_shown_by_a_post_that_was_renamed_to_the_next_day(database):
    async with database.writing() as connection:
        reader = await bring(connection, {DAY: [ONE]})
        renamed = {"address": "renamed", "date": DAY + dt.timedelta(1)}
        assert await read(connection, 2_000, ONE, **renamed, **BEFORE) == 1
        assert await shown(connection, reader) == [("renamed", ONE)]


async def test_rest_is_shown_by_the_newest_of_what_else_holds_it_under_a_followed_tag(database):
    async with database.writing() as connection:
        reader = await bring(connection, {DAY: [ONE]}, follows=(NERF, SPLATTING))
        for number, item in enumerate((SPLATTING, NERF, AVATARS)):
            earlier = {"address": item.name, "date": DAY - dt.timedelta(3 - number)}
            await read(connection, 2_000, ONE, tags=(item,), **earlier, **BEFORE)
        assert await restored.owe_rest(connection, at=2_001) == 1
        assert await shown(connection, reader) == [("nerf", ONE)]
        assert await restored.owe_rest(connection, at=2_002) == 0


async def test_who_has_left_the_tag_since_is_not_sent_it(database):
    async with database.writing() as connection:
        reader = await bring(connection, {DAY: [ONE]})
        await connection.execute(delete(subscription))
        assert await read(connection, 2_000, ONE, **BEFORE) == 0
        assert await restored.owe_rest(connection, at=2_001) == 0
        assert await owed_at(connection, reader) is None


async def test_new_version_of_what_was_sent_waits_until_it_is_read(database):
    async with database.writing() as connection:
        reader = await bring(connection, {DAY: [f"{ONE}v2"]}, sent=[f"{ONE}v1"])
        assert await read(connection, 2_000, version(ONE, 1), **BEFORE) == 0
        assert await restored.owe_rest(connection, at=2_001) == 0
        assert await read(connection, 2_002, version(ONE, 2), **BEFORE) == 1
        row = (await connection.execute(select(delivery).where(delivery.c.chat_id == reader))).one()
        assert (row.state, row.revised, row.version) == ("pending", True, 2)


async def test_new_version_that_was_sent_here_is_not_owed_by_an_older_backup(database):
    async with database.writing() as connection:
        reader = await bring(connection, {}, sent=[f"{ONE}v2"])
        await bring(connection, {DAY: [f"{ONE}v2"]}, sent=[f"{ONE}v1"])
        assert await rows(connection, reader) == [(ONE, "sent")]


async def test_new_version_that_came_since_is_shown_in_place_of_the_one_that_was_owed(database):
    async with database.writing() as connection:
        reader = await bring(connection, {DAY: [f"{ONE}v1"]}, revised=True)
        assert await read(connection, 2_000, version(ONE, 3), **BEFORE) == 1
        row = (await connection.execute(select(delivery).where(delivery.c.chat_id == reader))).one()
        assert (row.state, row.revised, row.version) == ("pending", False, 3)
        assert await read(connection, 2_001, version(ONE, 3), title="Changed") == 0


async def test_turn_is_at_the_chats_hour_or_at_once_where_that_passed_before_the_restore(database):
    async with database.writing() as connection:
        daily = {"schedule": "daily", "at": 480}
        waits = await bring(connection, {DAY: [ONE]}, address="a", due_at=RESTORED_AT + 5_000, **daily)
        late = await bring(connection, {DAY: [ONE]}, address="b", due_at=RESTORED_AT - 5, **daily)
        # Meanwhile its schedule has moved on, and something else waits for it.
        moved = update(chat).where(chat.c.id == late).values(due_at=9_000, owed_at=9_000)
        await connection.execute(moved)
        assert await read(connection, 2_000, ONE, **BEFORE) == 2
        assert await owed_at(connection, waits) == RESTORED_AT + 5_000
        assert await owed_at(connection, late) == 2_000


async def test_chat_that_was_told_to_wait_waits_though_its_hour_has_passed(database):
    async with database.writing() as connection:
        reader = await bring(connection, {DAY: [ONE]}, schedule="daily", at=480, due_at=RESTORED_AT - 5)
        await connection.execute(update(chat).values(due_at=9_000, owed_at=2_600))
        assert await read(connection, 2_000, ONE, **BEFORE) == 1
        assert await owed_at(connection, reader) == 2_600


async def test_paused_chat_keeps_it_until_it_is_back(database):
    async with database.writing() as connection:
        reader = await bring(connection, {DAY: [ONE]}, paused_at=7, paused_reason="blocked")
        assert await read(connection, 2_000, ONE, **BEFORE) == 1
        assert await shown(connection, reader) == [("2026-11-20/NeRF.md", ONE)]
        row = (await connection.execute(select(chat).where(chat.c.id == reader))).one()
        assert (row.paused_at, row.paused_reason) == (7, "blocked")


async def test_cap_counts_what_is_owed_by_a_backup(database):
    async with database.writing() as connection:
        reader, other = await bring(connection, {DAY: [TWO]}), await add_chat(connection, NERF)
        more = "2611.00001"
        assert await read(connection, 2_000, ONE, TWO, THREE, more, cap=2) == 4
        assert await rows(connection, reader) == [
            (TWO, "pending"), (ONE, "pending"), (THREE, "cap"), (more, "cap"),
        ]  # fmt: skip
        assert await rows(connection, other) == [
            (ONE, "pending"), (TWO, "pending"), (THREE, "cap"), (more, "cap"),
        ]  # fmt: skip


@pytest.mark.parametrize("known", ["sent", "owed later"])
async def test_cap_counts_what_a_chat_did_not_have_before_the_restore(database, known):
    """Where the papers stand in no other post, only the backup tells that the chat knows them."""
    async with database.writing() as connection:
        if known == "sent":
            reader = await bring(connection, {}, sent=[ONE, TWO])
        else:
            reader = await bring(connection, {DAY + dt.timedelta(9): [ONE, TWO]})
        other = await add_chat(connection, NERF)
        assert await read(connection, 2_000, ONE, TWO, THREE, "2611.00001", cap=2) == 4
        mine = dict(await rows(connection, reader))
        assert (mine[THREE], mine["2611.00001"]) == ("pending", "pending")
        assert [why for _, why in await rows(connection, other)] == ["pending", "pending", "cap", "cap"]


async def test_filters_of_today_do_not_take_back_what_was_owed(database):
    async with database.writing() as connection:
        reader = await bring(connection, {DAY: [ONE]})
        await filters.add(connection, reader, Kind.EXCLUDE, "dull")
        items = [version(ONE, 1, title="Dull"), version(TWO, 1, title="Dull too"), version(THREE, 1)]
        assert await read(connection, 2_000, *items) == 2
        assert await rows(connection, reader) == [
            (ONE, "pending"), (TWO, "exclude: dull"), (THREE, "pending"),
        ]  # fmt: skip


async def test_backlog_leaves_to_the_backup_what_it_owes(database):
    async with database.writing() as connection:
        reader = await bring(connection, {DAY: [ONE]}, follows=(), backlog=True)
        assert await planning.plan_backlog(connection, reader, at=1_500) == 0
        assert await read(connection, 2_000, ONE, TWO, **BEFORE) == 2
        assert await rows(connection, reader) == [(ONE, "pending"), (TWO, "pending")]


async def test_digests_come_in_the_order_of_their_posts(database):
    async with database.writing() as connection:
        days = [DAY - dt.timedelta(number) for number in (0, 1, 2)]
        reader = await bring(connection, dict(zip(days, [[ONE], [TWO], [THREE]], strict=True)))
        for day, paper in zip(days, (ONE, TWO, THREE), strict=True):  # the newest is read first
            await read(connection, 2_000, paper, address=str(day), date=day, **BEFORE)
        assert [paper for _, paper in await shown(connection, reader)] == [THREE, TWO, ONE]


async def test_plans_find_what_is_restored_by_its_index(database):
    async with database.writing() as connection:
        await bring(connection, {DAY: [f"2611.{number:05}" for number in range(500)]})
        await connection.execute(insert(chat), [  # so many that the engines look before they leap
            {"platform": "q", "address": str(it), "style": "cards", "language": "en", "follows_all": True}
            for it in range(2_000)
        ])  # fmt: skip
        await read(connection, 2_000, ONE)
        sqlite = connection.dialect.name == "sqlite"
        if not sqlite:
            await connection.exec_driver_sql("ANALYZE")
        query = restored.waiting().where(entry.c.post_id == 1)
        compiled = query.compile(connection.sync_connection, compile_kwargs={"literal_binds": True})
        explain = "EXPLAIN QUERY PLAN " if sqlite else "EXPLAIN "
        plan = "\n".join(map(str, await connection.exec_driver_sql(explain + str(compiled))))
        assert "ix_delivery_restored" in plan
