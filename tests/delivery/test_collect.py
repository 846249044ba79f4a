import logging

import pytest
from sqlalchemy.exc import DataError

from bot.delivery.collect import Rules
from bot.delivery.collect import collect as look_at
from bot.digest import read
from bot.errors import SourceError
from bot.model import Language, RawPost, Style
from bot.sources.base import Page, Seen, Unreadable
from bot.storage import chats, outbox, pages, posts
from bot.storage.database import open_database
from tests.conftest import SAMPLES

POST = next(SAMPLES.rglob("NeRF.md")).read_bytes()


RULES = Rules(max_age=14, cap=100)
NEW_YEAR = 1_798_761_600.0  # 2027-01-01


async def collect(source, database, clock):
    return await look_at(source, database, clock, RULES)


class Listed:
    """A source that holds the pages it is given."""

    name = "listed"
    every = 60.0

    def __init__(self, *found) -> None:
        self.found = found

    async def fetch(self, known):
        for item in self.found:
            if isinstance(item, Exception):
                raise item
            yield item


def page(data=POST, address="2026-11-20/NeRF.md", fingerprint="1"):
    return Page(address=address, fingerprint=fingerprint, raw=RawPost(address=address, data=data))


@pytest.fixture
async def database(tmp_path):
    opened = await open_database(str(tmp_path / "paperboy.db"))
    async with opened.writing() as connection:
        await chats.follow_all(connection, "p", "a", style=Style.CARDS, language=Language.ZH)
    await collect(Listed(), opened, lambda: 1)  # the source has been read before
    yield opened
    await opened.close()


async def test_new_post_is_kept_and_owed(database):
    collected = await collect(Listed(page()), database, lambda: 9)
    assert (collected.posts, collected.planned, collected.trouble) == (1, 4, None)
    async with database.reading() as connection:
        assert (await outbox.counts(connection))["delivery.pending"] == 4
        assert await pages.known(connection, "listed") == {"2026-11-20/NeRF.md": "1"}


async def test_grown_post_owes_only_its_additions(database):
    last = POST.index(b"## Zip-NeRF")
    assert (await collect(Listed(page(POST[:last])), database, lambda: 9)).planned == 3
    assert (await collect(Listed(page(fingerprint="2")), database, lambda: 10)).planned == 1


async def test_page_that_is_no_digest_is_remembered_with_the_reason(database):
    collected = await collect(Listed(page(b"# Hello", "hello.md")), database, lambda: 9)
    assert collected.posts == 0
    async with database.reading() as connection:
        assert await pages.known(connection, "listed") == {"hello.md": "1"}


async def test_page_that_cannot_be_read_stops_no_other_and_is_tried_again(database, caplog):
    bad = Unreadable(address="bad.md", reason="bad.md: cannot be read: Permission denied")
    with caplog.at_level(logging.WARNING):
        collected = await collect(Listed(bad, page()), database, lambda: 9)
    assert (collected.posts, collected.trouble) == (1, bad.reason)
    assert bad.reason in caplog.text
    async with database.reading() as connection:
        assert "bad.md" not in await pages.known(connection, "listed")


async def test_source_that_goes_away_keeps_what_came_before(database):
    collected = await collect(Listed(page(), SourceError("the disk is gone")), database, lambda: 9)
    assert (collected.posts, collected.trouble) == (1, "the disk is gone")
    async with database.reading() as connection:
        (state,) = await pages.states(connection)
    assert (state.looked_at, state.read_at, state.error) == (9, 1, "the disk is gone")


async def test_look_that_goes_well_clears_the_error(database):
    await collect(Listed(SourceError("away")), database, lambda: 9)
    await collect(Listed(), database, lambda: 19)
    await collect(Listed(SourceError("away again")), database, lambda: 29)
    async with database.reading() as connection:
        (state,) = await pages.states(connection)
    assert (state.looked_at, state.read_at, state.error) == (29, 19, "away again")


async def test_what_a_post_holds_that_was_not_understood_is_logged_with_its_place(database, caplog):
    broken = POST.replace(b"http://arxiv.org/abs/2201.05989v2", b"").replace(b"/arxiv/2201.05989", b"/")
    with caplog.at_level(logging.WARNING):
        collected = await collect(Listed(page(broken)), database, lambda: 9)
    assert collected.planned == 3
    assert "post.unclear source=listed post=2026-11-20/NeRF.md line=" in caplog.text
    assert "Instant Neural Graphics Primitives" in caplog.text


async def test_thing_with_nothing_new_is_recognised_in_its_new_shape(database):
    await collect(Listed(page()), database, lambda: 9)
    again = Seen(address="2026-11-20/NeRF.md", fingerprint="asked on Monday")
    collected = await collect(Listed(again, Seen(address="list", fingerprint="1")), database, lambda: 10)
    assert (collected.posts, collected.planned, collected.trouble) == (0, 0, None)
    async with database.reading() as connection:
        known = await pages.known(connection, "listed")
    assert known == {"2026-11-20/NeRF.md": "asked on Monday", "list": "1"}


async def test_page_missed_at_the_first_import_is_as_old_as_the_rest_when_it_can_be_read(database):
    fresh = Listed(Unreadable(address="2026-11-20/NeRF.md", reason="cut off"))
    fresh.name = "fresh"
    assert (await collect(fresh, database, lambda: 9)).whole
    fresh.found = (page(),)
    collected = await collect(fresh, database, lambda: 10)
    assert (collected.posts, collected.planned) == (1, 0)


async def test_page_that_only_a_fault_of_ours_keeps_from_being_read_stops_no_other(
    database, monkeypatch, caplog
):
    def fail(raw):
        if raw.address == "odd.md":
            raise ZeroDivisionError
        return read(raw)

    monkeypatch.setattr("bot.delivery.collect.read", fail)
    collected = await collect(Listed(page(address="odd.md"), page()), database, lambda: 9)
    assert (collected.posts, collected.whole) == (1, True)
    assert collected.trouble == "odd.md: a fault of Paperboy's own: ZeroDivisionError; the log says more"
    assert "post.broken post=odd.md" in caplog.text


@pytest.mark.parametrize("name", ["listed", "fresh"])  # read before, and imported first
async def test_post_that_the_database_does_not_take_costs_no_other(database, monkeypatch, name):
    async def refuse(connection, source, found, **given):
        if found.address.startswith("odd"):
            raise DataError("INSERT", {}, ValueError("out of range"))
        return await add(connection, source, found, **given)

    add = posts.add
    monkeypatch.setattr("bot.delivery.collect.posts.add", refuse)
    source = Listed(*(page(address=f"{at}/2026-11-20/NeRF.md") for at in ("a", "odd", "b", "c")))
    source.name = name
    collected = await collect(source, database, lambda: 9)
    assert (collected.posts, collected.whole) == (3, True)
    assert collected.trouble == "odd/2026-11-20/NeRF.md: the database does not take it: out of range"
    async with database.reading() as connection:
        known = await pages.known(connection, name)
    assert {address for address, fingerprint in known.items() if fingerprint} == {
        f"{at}/2026-11-20/NeRF.md" for at in ("a", "b", "c")
    }


async def test_list_is_not_believed_before_the_posts_that_it_tells_of_are_kept(database):
    class Dies(Listed):
        async def fetch(self, known):
            yield page(address="a/2026-11-20/NeRF.md")
            yield Seen(address="list", fingerprint="all read")
            raise RuntimeError("killed here")

    fresh = Dies()
    fresh.name = "fresh"
    with pytest.raises(RuntimeError):
        await collect(fresh, database, lambda: 9)
    async with database.reading() as connection:
        assert set(await pages.known(connection, "fresh")) == {"a/2026-11-20/NeRF.md", "list"}


async def test_address_that_no_database_can_look_up_stops_no_other(database):
    long = "长" * 700 + "/2026-11-20/NeRF.md"
    collected = await collect(Listed(page(address=long), page()), database, lambda: 9)
    assert (collected.posts, collected.whole) == (1, True)
    assert "its address has 2,1" in collected.trouble


async def test_page_missed_later_is_news_when_it_can_be_read(database):
    await collect(Listed(Unreadable(address="2026-11-20/NeRF.md", reason="cut off")), database, lambda: 9)
    assert (await collect(Listed(page()), database, lambda: 10)).planned == 4


async def test_looks_that_fail_are_counted_until_one_goes_well(database):
    async def state():
        async with database.reading() as connection:
            (found,) = await pages.states(connection)
        return found.failures, found.failed_at, found.imported_at

    assert await state() == (0, None, 1)
    for at in (9, 19):
        await collect(Listed(SourceError("away")), database, lambda at=at: at)
    assert await state() == (2, 9, 1)
    await collect(Listed(Unreadable(address="a", reason="only this one")), database, lambda: 29)
    assert await state() == (0, None, 1)


async def test_fault_that_lasts_is_a_warning_once_and_again_where_it_is_another(database, caplog):
    for at, reason in enumerate(("away", "away", "away", "gone", "gone"), 9):
        with caplog.at_level(logging.INFO):
            await collect(Listed(SourceError(reason)), database, lambda at=at: at)
    told = [(it.levelname, it.getMessage().split()[0]) for it in caplog.records]
    failed, missed = ("WARNING", "source.failed"), ("INFO", "source.missed")
    assert [it for it in told if it[1].startswith("source.")] == [failed, missed, missed, failed, missed]


@pytest.mark.parametrize("at", [19, 20, 9999])
async def test_wanted_look_is_done_by_one_that_begins_after_it_was_wanted(database, at):
    """Whoever wants it may be another machine, with a clock of its own."""

    async def want(*names):
        async with database.writing() as connection:
            await pages.want(connection, names, at=at)

    async def wanted():
        async with database.reading() as connection:
            return await pages.wanted(connection)

    class Pushed(Listed):
        async def fetch(self, known):
            await want("listed")
            yield Seen(address="list", fingerprint="1")

    for _ in range(2):
        await want("listed", "unknown")
        assert await wanted() == {"listed"}
        await collect(Pushed(), database, lambda: 20)
        assert await wanted() == {"listed"}
        await collect(Listed(), database, lambda: 20)
        assert await wanted() == set()
        await collect(Pushed(), database, lambda: 20)
        assert await wanted() == {"listed"}
        await collect(Listed(), database, lambda: 20)
        assert await wanted() == set()


async def pending(database):
    async with database.reading() as connection:
        return (await outbox.counts(connection)).get("delivery.pending", 0)


async def test_first_import_goes_to_the_archive_and_what_comes_after_is_owed(database):
    last = POST.index(b"## Zip-NeRF")
    fresh = Listed(page(POST[:last]))
    fresh.name = "fresh"
    assert (await collect(fresh, database, lambda: 9)).planned == 0
    assert await pending(database) == 0
    fresh.found = (page(fingerprint="2"),)
    assert (await collect(fresh, database, lambda: 10)).planned == 1


async def test_post_that_is_too_old_goes_to_the_archive(database):
    assert (await collect(Listed(page()), database, lambda: NEW_YEAR)).planned == 0
    async with database.reading() as connection:
        assert (await outbox.counts(connection))["paper"] == 4


async def test_source_whose_first_look_failed_is_still_to_be_imported(database):
    fresh = Listed(SourceError("away"))
    fresh.name = "fresh"
    await collect(fresh, database, lambda: 9)
    fresh.found = (page(),)
    assert (await collect(fresh, database, lambda: 10)).planned == 0
