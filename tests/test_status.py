"""What `paperboy status` tells of who does what, and how far behind the outbox is."""

import datetime as dt
import json
import time

import pytest
from sqlalchemy import update

from bot.config import Config
from bot.model import Language, Style
from bot.status import lines, look
from bot.storage import chats, leases, pages, planning, posts, watching
from bot.storage.tables import chat
from bot.storage.watching import Condition, Kind, Told
from tests.builders import post

SOURCE = {"kind": "folder", "path": "posts", "name": "blog", "every": "1m"}


@pytest.fixture
def config(address):
    return Config.model_validate({"database": address, "sources": [SOURCE]})


async def note(database, *, at=None, **given):
    """A look at the source, now unless said otherwise."""
    moment = int(at or time.time())
    async with database.writing() as connection:
        await pages.note_look(connection, "blog", at=moment, began=moment, every=60, **given)


async def source_of(config):
    """Whether all is well, and what is told of the source to programs and to people."""
    status = await look(config)
    (line,) = (line for line in lines(status) if line.startswith("blog: "))
    (record,) = status.record()["sources"]
    json.dumps(status.record())
    return status.well, record, line


async def owe(database, *addresses, at=None):
    async with database.writing() as connection:
        for name in addresses:
            await chats.follow_all(connection, "p", name, style=Style.CARDS, language=Language.EN)
        now = int(at or time.time())
        post_id = await posts.add(connection, "blog", post("2003.08934"), at=now)
        await planning.plan(connection, post_id, at=now, cap=9, oldest=dt.date(2000, 1, 1))


async def take(database, name, *, holder, term):
    async with database.writing() as connection:
        assert await leases.take(connection, name, holder=holder, now=time.time(), term=term)


async def test_roles_are_told_with_their_holder_and_the_seconds_left(database, config):
    await take(database, "collect", holder="here:7:1", term=20)
    await take(database, "send:telegram", holder="there:8:1", term=-5)
    status = await look(config)
    collects, sends = status.record()["leases"]
    assert (collects["name"], collects["holder"]) == ("collect", "here:7:1")
    assert 15 < collects["left"] <= 20
    assert -10 < sends["left"] <= -5
    told = "\n".join(lines(status))
    assert "collect: here:7:1, for " in told
    assert "send:telegram: nobody; there:8:1 had it until " in told


async def test_nobody_at_work_is_told(database, config):
    status = await look(config)
    assert status.record()["leases"] == []
    assert "nobody collects or sends now" in lines(status)


async def test_queue_is_as_old_as_the_turn_that_is_due_longest(database, config):
    assert (await look(config)).record()["queue_age"] is None
    await owe(database, "a", "b", at=time.time() - 100)
    async with database.writing() as connection:
        await connection.execute(update(chat).where(chat.c.address == "a").values(owed_at=time.time() - 40))
    status = await look(config)
    assert 99 <= status.queue_age < 110
    assert any(line.startswith("queue: waiting for 10") for line in lines(status))


async def test_what_waits_for_its_moment_is_not_late(database, config):
    await owe(database, "a")
    async with database.writing() as connection:
        await connection.execute(update(chat).values(owed_at=time.time() + 3600))
    status = await look(config)
    assert status.queue_age == 0
    assert "queue: nothing is due yet; paused chats: 0" in lines(status)


async def test_paused_chats_are_counted_and_do_not_make_the_queue_old(database, config):
    await owe(database, "a", "b", at=time.time() - 100)
    async with database.writing() as connection:
        gone = {"paused_at": int(time.time()), "paused_reason": "blocked"}
        await connection.execute(update(chat).where(chat.c.address == "a").values(gone))
        await connection.execute(update(chat).where(chat.c.address == "b").values(owed_at=time.time() - 3))
    status = await look(config)
    assert status.record()["paused"] == 1
    assert 2 <= status.queue_age < 20
    assert "paused chats: 1" in "\n".join(lines(status))


async def test_source_that_was_not_looked_at_yet_is_named(database, config):
    status = await look(config)
    assert not status.well
    assert "blog: not looked at yet" in lines(status)
    assert status.record()["unseen"] == ["blog"]


async def test_source_that_is_well_tells_its_last_digest_and_news(database, config):
    now = int(time.time())
    await note(database, at=now - 50)
    async with database.writing() as connection:
        await posts.add(connection, "blog", post("2003.08934"), at=now - 30)
    await note(database, at=now - 20)
    well, record, line = await source_of(config)
    assert well
    assert (record["trouble"], record["fault"]) == (None, None)
    assert (record["last_digest"], record["last_news"]) == ("2026-11-20", now - 30)
    assert line.endswith(": well; last digest 2026-11-20")


async def test_source_that_has_brought_nothing_has_no_last_digest(database, config):
    await note(database)
    _, record, line = await source_of(config)
    assert (record["last_digest"], record["last_news"]) == (None, None)
    assert line.endswith(": well")


async def test_failing_source_is_told_with_how_long_and_without_a_password(database, config):
    await note(database, at=time.time() - 90, error="https://me:hunter22@example.org: no answer", whole=False)
    well, record, line = await source_of(config)
    assert not well
    assert (record["trouble"], record["fault"]) == ("failing", "https://me:***@example.org: no answer")
    assert "in a row" not in line
    await note(database, error="https://me:hunter22@example.org: no answer", whole=False)
    well, record, line = await source_of(config)
    assert "https://me:***@example.org: no answer (2 times in a row, since " in line
    assert "hunter22" not in str(record)


async def test_late_source_is_not_well(database, config):
    await note(database, at=time.time() - 250)
    well, record, line = await source_of(config)
    assert (well, record["trouble"]) == (False, "late")
    assert "is `paperboy run` running?" in line


async def test_silent_source_is_told_and_well(database, config):
    await note(database)
    at = int(dt.datetime(2026, 11, 9, 17, tzinfo=dt.UTC).timestamp())
    async with database.writing() as connection:
        await watching.tell(connection, "blog", Told(found=Condition(kind=Kind.SILENT, since=at)))
    well, record, line = await source_of(config)
    assert (well, record["trouble"]) == (True, "silent")
    assert "nothing new since 2026-11-10, longer than usual for it" in line


async def test_post_that_cannot_be_read_is_told_and_no_reason_to_start_anything_anew(database, config):
    await note(database, error="2026-11-20/NeRF.md: cannot be read: Permission denied")
    well, record, line = await source_of(config)
    assert well
    assert record["trouble"] is None
    assert "read, but for this: 2026-11-20/NeRF.md: cannot be read" in line


async def test_source_that_is_late_says_so_whatever_was_wrong_at_its_last_look(database, config):
    await note(database, at=time.time() - 86_400, error="one post: cut off")
    well, record, line = await source_of(config)
    assert not well
    assert record["trouble"] == "late"
    assert "not looked at since" in line
