import datetime as dt

import pytest
from sqlalchemy import delete, insert, select, update

from bot.model import Tag
from bot.storage import filters, outbox, planning, posts
from bot.storage.filters import Kind
from bot.storage.tables import chat, delivery, entry, subscription, tag
from bot.storage.tables import post as post_table
from tests.builders import entry as an_entry
from tests.builders import paper, post

DAY = dt.date(2026, 11, 20)
OLDEST = dt.date(2026, 11, 6)
NERF, SPLATTING, AVATARS = (Tag(name=name, slug=name) for name in ("nerf", "splatting", "avatars"))
ONE, TWO, THREE = "2003.08934", "2006.11239", "2308.04079"


async def add_chat(connection, *tags, **given):
    """A chat that follows these tags, or all where none is named."""
    count = len((await connection.execute(select(chat.c.id))).all())
    values = {"platform": "p", "address": str(count), "style": "cards", "language": "en"}
    values |= {"follows_all": not tags} | given
    chat_id = (await connection.execute(insert(chat).values(values).returning(chat.c.id))).scalar_one()
    for item in tags:
        await follow(connection, chat_id, item)
    return chat_id


async def follow(connection, chat_id, item):
    known = (await connection.execute(select(tag.c.id).where(tag.c.slug == item.slug))).scalar_one_or_none()
    if known is None:
        row = insert(tag).values(slug=item.slug, name=item.name).returning(tag.c.id)
        known = (await connection.execute(row)).scalar_one()
    await connection.execute(insert(subscription).values(chat_id=chat_id, tag_id=known))


async def read(connection, at, *items, cap=10, first=False, tags=(NERF,), **given):
    """A reading of a post with these papers; how much is owed by it."""
    post_id = await posts.add(connection, "blog", post(*items, tags=tags, **given), at=at)
    return await planning.plan(connection, post_id, at=at, cap=cap, oldest=OLDEST, first=first)


async def rows(connection, chat_id):
    """What the chat is and was owed, in the order of planning: paper and state, or reason."""
    mine = select(delivery).where(delivery.c.chat_id == chat_id).order_by(delivery.c.id)
    return [(row.arxiv_id, row.reason or row.state) for row in await connection.execute(mine)]


async def settle(connection, chat_id):
    """All that the chat is owed has arrived."""
    mine = update(delivery).where(delivery.c.chat_id == chat_id, delivery.c.state == "pending")
    await connection.execute(mine.values(state="sent", settled_at=5, parts=1))
    await connection.execute(update(chat).where(chat.c.id == chat_id).values(owed_at=None))


async def owed_at(connection, chat_id):
    return (await connection.execute(select(chat.c.owed_at).where(chat.c.id == chat_id))).scalar_one()


def version(arxiv_id, number, **given):
    return an_entry(arxiv_id, paper=paper(arxiv_id, version=number, **given))


async def test_new_papers_are_owed_to_who_follows_in_the_order_of_the_post(database):
    async with database.writing() as connection:
        follows, all_tags = await add_chat(connection, SPLATTING, NERF), await add_chat(connection)
        other = await add_chat(connection, AVATARS)
        assert await read(connection, 1, TWO, ONE, tags=(NERF, SPLATTING)) == 4
        for chat_id in (follows, all_tags):
            assert await rows(connection, chat_id) == [(TWO, "pending"), (ONE, "pending")]
        assert await rows(connection, other) == []


async def test_growth_owes_only_what_is_new(database):
    async with database.writing() as connection:
        reader = await add_chat(connection, NERF)
        await read(connection, 1, ONE)
        assert await read(connection, 2, TWO, ONE) == 1
        assert await read(connection, 3, TWO, ONE) == 0
        assert await rows(connection, reader) == [(ONE, "pending"), (TWO, "pending")]


async def test_paper_is_owed_once_whatever_post_it_comes_back_in(database):
    async with database.writing() as connection:
        reader = await add_chat(connection, NERF, SPLATTING)
        await read(connection, 1, ONE)
        await settle(connection, reader)
        renamed = {"address": "renamed", "title": "Other", "date": DAY + dt.timedelta(1)}
        assert await read(connection, 2, version(ONE, 2, title="Rewritten"), **renamed) == 0
        assert await read(connection, 3, ONE, address="elsewhere", tags=(SPLATTING,)) == 0
        assert await owed_at(connection, reader) is None


async def test_who_subscribes_later_is_owed_nothing_old_when_the_post_changes(database):
    async with database.writing() as connection:
        await read(connection, 1, ONE)
        late = await add_chat(connection, NERF)
        assert await read(connection, 2, ONE, title="Changed") == 0
        assert await read(connection, 3, ONE, TWO) == 1
        assert await rows(connection, late) == [(TWO, "pending")]


@pytest.mark.parametrize("silent", [{"first": True}, {"date": OLDEST - dt.timedelta(1)}])
async def test_first_import_and_old_posts_are_for_who_wants_what_is_old(database, silent):
    async with database.writing() as connection:
        reader, archivist = await add_chat(connection), await add_chat(connection, backlog=True)
        assert await read(connection, 1, ONE, **silent) == 1
        assert await rows(connection, reader) == []
        assert await rows(connection, archivist) == [(ONE, "pending")]
        assert await owed_at(connection, reader) is None


async def test_post_of_the_oldest_day_is_news(database):
    async with database.writing() as connection:
        await add_chat(connection)
        assert await read(connection, 1, ONE, date=OLDEST) == 1


async def test_cap_holds_the_rest_back_and_counts_it(database):
    async with database.writing() as connection:
        reader = await add_chat(connection)
        assert await read(connection, 1, ONE, TWO, THREE, cap=2) == 2
        assert await rows(connection, reader) == [(ONE, "pending"), (TWO, "pending"), (THREE, "cap")]
        post_id = (await connection.execute(select(post_table.c.id))).scalar_one()
        assert await outbox.held(connection, [reader]) == {(reader, post_id, 1): 1}


async def test_cap_counts_what_a_chat_did_not_have(database):
    async with database.writing() as connection:
        both, one = await add_chat(connection, NERF, AVATARS), await add_chat(connection, AVATARS)
        await read(connection, 1, ONE)
        assert await read(connection, 2, ONE, TWO, THREE, cap=2, address="b", tags=(AVATARS,)) == 4
        assert await rows(connection, both) == [(ONE, "pending"), (TWO, "pending"), (THREE, "pending")]
        assert await rows(connection, one) == [(ONE, "pending"), (TWO, "pending"), (THREE, "cap")]


async def test_turn_is_at_once_or_at_the_moment_of_the_schedule_and_is_not_moved(database):
    async with database.writing() as connection:
        instant = await add_chat(connection)
        daily = await add_chat(connection, schedule="daily", at=480, due_at=900)
        waiting = await add_chat(connection, owed_at=700)
        idle = await add_chat(connection, AVATARS)
        paused = await add_chat(connection, paused_at=1)
        await read(connection, 100, ONE)
        await read(connection, 200, ONE, TWO)
        turns = [await owed_at(connection, it) for it in (instant, daily, waiting, idle, paused)]
        assert turns == [100, 900, 700, None, 100]


async def test_filters_count_before_the_cap_and_leave_their_reason(database):
    async with database.writing() as connection:
        picky, plain = await add_chat(connection), await add_chat(connection)
        await filters.add(connection, picky, Kind.EXCLUDE, "dull")
        items = [version(ONE, 1, title="Dull"), version(TWO, 1), version(THREE, 1), version("2611.00001", 1)]
        assert await read(connection, 1, *items, cap=2) == 4
        assert [why for _, why in await rows(connection, picky)] == [
            "exclude: dull", "pending", "pending", "cap",
        ]  # fmt: skip
        assert [why for _, why in await rows(connection, plain)] == ["pending", "pending", "cap", "cap"]


async def test_wanted_words_and_authors_are_alternatives(database):
    async with database.writing() as connection:
        picky = await add_chat(connection)
        await filters.add(connection, picky, Kind.INCLUDE, "nerf")
        await filters.add(connection, picky, Kind.AUTHOR, "Grace Hopper")
        items = [
            version(ONE, 1, title="NeRF"),
            version(TWO, 1, authors=("Grace Hopper",)),
            version(THREE, 1),
        ]
        assert await read(connection, 1, *items) == 2
        assert [why for _, why in await rows(connection, picky)] == ["pending", "pending", "include"]


async def test_chat_whose_filters_leave_nothing_gets_no_turn(database):
    async with database.writing() as connection:
        picky = await add_chat(connection)
        await filters.add(connection, picky, Kind.INCLUDE, "nothing like it")
        assert await read(connection, 1, ONE) == 0
        assert await owed_at(connection, picky) is None


@pytest.mark.parametrize("place", ["elsewhere", "2026-11-20/NeRF.md"])
async def test_new_version_is_owed_again_only_to_who_asks(database_with_reader, place):
    connection, keen, plain = database_with_reader
    assert await read(connection, 2, version(ONE, 2), address=place) == 1
    row = (await connection.execute(select(delivery).where(delivery.c.chat_id == keen))).one()
    assert (row.state, row.revised, row.version, row.planned_at) == ("pending", True, 2, 2)
    assert (row.parts, row.tries, row.settled_at) == (0, 0, None)
    at = select(post_table.c.address).join(entry).where(entry.c.id == row.entry_id)
    assert (await connection.execute(at)).scalar_one() == place
    assert await owed_at(connection, keen) == 2
    assert await rows(connection, plain) == [(ONE, "sent")]
    assert await read(connection, 3, version(ONE, 2), address=place) == 0


@pytest.fixture
async def database_with_reader(database):
    """A connection, a chat that wants new versions, one that does not; both have the first one."""
    async with database.writing() as connection:
        keen, plain = await add_chat(connection, NERF, revised=True), await add_chat(connection, NERF)
        await read(connection, 1, ONE)
        for chat_id in (keen, plain):
            await settle(connection, chat_id)
        yield connection, keen, plain


async def test_new_version_under_a_tag_that_is_not_followed_is_news_too(database_with_reader):
    connection, keen, _ = database_with_reader
    assert await read(connection, 2, version(ONE, 2), address="b", tags=(AVATARS,)) == 1
    assert await rows(connection, keen) == [(ONE, "pending")]


async def test_who_follows_nothing_any_more_gets_no_new_version(database_with_reader):
    connection, keen, _ = database_with_reader
    await connection.execute(delete(subscription).where(subscription.c.chat_id == keen))
    assert await read(connection, 2, version(ONE, 2), address="b") == 0


async def test_new_version_of_a_first_import_is_no_news(database_with_reader):
    connection, _, _ = database_with_reader
    assert await read(connection, 2, version(ONE, 2), address="b", first=True) == 0


async def test_new_version_that_a_filter_hits_is_not_owed(database_with_reader):
    connection, keen, _ = database_with_reader
    await filters.add(connection, keen, Kind.EXCLUDE, "dull")
    assert await read(connection, 2, version(ONE, 2, title="Dull now"), address="b") == 0
    assert await rows(connection, keen) == [(ONE, "sent")]


async def test_new_version_of_what_is_still_owed_is_owed_once(database):
    async with database.writing() as connection:
        keen = await add_chat(connection, revised=True)
        await read(connection, 1, ONE)
        assert await read(connection, 2, version(ONE, 2)) == 0
        await settle(connection, keen)
        assert await read(connection, 3, version(ONE, 2), title="Changed") == 0


async def test_new_versions_and_new_papers_share_the_cap(database_with_reader):
    connection, keen, _ = database_with_reader
    await read(connection, 2, TWO, THREE, version(ONE, 2), cap=2, address="b")
    assert await rows(connection, keen) == [(ONE, "sent"), (TWO, "pending"), (THREE, "pending")]
    assert await read(connection, 3, TWO, THREE, version(ONE, 2), cap=2, address="b", title="Changed") == 1


async def test_backlog_is_everything_followed_oldest_first_without_a_cap(database):
    async with database.writing() as connection:
        items = [f"2611.{number:05}" for number in range(12)]
        await read(connection, 2, *items)
        await read(connection, 1, TWO, items[3], address="a", date=DAY - dt.timedelta(1))
        await read(connection, 3, THREE, address="b", tags=(AVATARS,))
        reader = await add_chat(connection, NERF)
        assert await planning.plan_backlog(connection, reader, at=9) == 13
        order = [TWO, items[3], *items[:3], *items[4:]]
        assert await rows(connection, reader) == [(item, "pending") for item in order]
        assert await owed_at(connection, reader) == 9
        assert await planning.plan_backlog(connection, reader, at=10) == 0


async def test_backlog_goes_through_the_filters(database):
    async with database.writing() as connection:
        await read(connection, 1, version(ONE, 1, title="Dull"), TWO)
        reader, other = await add_chat(connection), await add_chat(connection)
        await filters.add(connection, reader, Kind.EXCLUDE, "dull")
        await filters.add(connection, other, Kind.EXCLUDE, "2006.11239")
        assert await planning.plan_backlog(connection, reader, at=9) == 1
        assert await rows(connection, reader) == [(ONE, "exclude: dull"), (TWO, "pending")]
        assert await rows(connection, other) == []


async def test_renamed_post_brings_nothing_to_who_subscribed_since(database):
    async with database.writing() as connection:
        early = await add_chat(connection, NERF)
        assert await read(connection, 1, ONE, TWO, address="2026-11-20/NeRF.md") == 2
        late = await add_chat(connection, NERF)
        assert await read(connection, 2, ONE, TWO, THREE, address="2026-11-21/NeRF.md") == 2
        assert await rows(connection, early) == [(ONE, "pending"), (TWO, "pending"), (THREE, "pending")]
        assert await rows(connection, late) == [(THREE, "pending")]


async def test_renamed_post_of_a_first_import_stays_in_the_archive(database):
    async with database.writing() as connection:
        chat_id = await add_chat(connection, NERF)
        assert await read(connection, 1, ONE, first=True) == 0
        assert await read(connection, 2, ONE, address="another.md") == 0
        assert await rows(connection, chat_id) == []


async def test_paper_that_comes_under_a_new_tag_is_new_to_who_follows_that_tag(database):
    async with database.writing() as connection:
        await read(connection, 1, ONE, address="a.md")
        nerf, splatting = await add_chat(connection, NERF), await add_chat(connection, SPLATTING)
        await read(connection, 2, ONE, address="b.md", tags=(SPLATTING,))
        assert await rows(connection, splatting) == [(ONE, "pending")]
        assert await rows(connection, nerf) == []


async def test_post_without_a_tag_brings_what_no_post_has_brought(database):
    async with database.writing() as connection:
        chat_id = await add_chat(connection)
        await read(connection, 1, ONE, address="a.md", first=True)
        await read(connection, 2, ONE, TWO, address="b.md", tags=())
        assert await rows(connection, chat_id) == [(TWO, "pending")]
