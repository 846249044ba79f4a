"""The day of the newest digest, and why there is no newer one, for those who ask for it."""

import datetime as dt

import pytest
from sqlalchemy import update

from bot.model import Language
from bot.storage import pages, watching
from bot.storage.tables import source_state
from bot.storage.watching import Condition, Kind, Told
from tests.commands.asking import NOW, Asker, buttons, text
from tests.commands.shelves import check, day, digest, follow, put

DAY = 86400
SECRET = "https://reader:hunter22@blog.example.org/feed: no answer"


@pytest.fixture
async def blog(database):
    """NeRF and 3DGS of the tenth, eight days ago."""
    await put(
        database,
        digest(day(10), "2611.00001"),
        digest(day(9), "2611.00002"),
        digest(day(10), "2611.00003", tags=("3DGS",)),
    )
    await look(database, "blog")
    return database


def ask(database, *sources, operators=("telegram:1",), **given) -> Asker:
    return Asker(database, sources=sources or ("blog",), operators=operators, **given)


async def look(database, source, *, at=NOW - 60, error=None, times=1):
    async with database.writing() as connection:
        for _ in range(times):
            await pages.note_look(
                connection, source, at=int(at), began=int(at), every=3600, error=error, whole=error is None
            )


async def find(database, kind, source="blog", *, known=True, since=None):
    """What the last look found, and perhaps told."""
    at = int(dt.datetime.combine(since or day(10), dt.time(4), dt.UTC).timestamp())
    condition = Condition(kind=kind, since=at)
    async with database.writing() as connection:
        told = Told(known=condition if known else None, found=condition)
        await watching.tell(connection, source, told)


async def said(asker, line="/latest") -> str:
    """The line on the last digest, if there is one."""
    reply = await asker(line)
    check(reply, asker.hint)
    begins = ("Last digest: ", "最近一期：")
    return next((line for line in text(reply).split("\n") if line.startswith(begins)), "")


LINES = ["/latest", "/latest NeRF", "/tag NeRF", "/latest NeRF, 3DGS", "/tag 3DGS 2026-11-12"]


@pytest.mark.parametrize("line", LINES)
async def test_old_digest_is_told_with_its_day_alone_where_all_is_well(blog, line):
    assert await said(ask(blog), line) == "Last digest: 2026-11-10."


async def test_new_digest_goes_without_saying(blog):
    await put(blog, digest(day(16), "2611.00009"))
    asker = ask(blog)
    assert await said(asker) == await said(asker, "/tag NeRF") == ""
    assert await said(asker, "/tag 3DGS") == "Last digest: 2026-11-10."


async def test_day_that_was_asked_for_is_no_last_digest(blog):
    asker = ask(blog)
    for line in ("/tag NeRF 2026-11-09", "/latest 2026-11-10"):
        assert await said(asker, line) == ""


async def test_list_of_all_dates_tells_it_on_its_first_page(blog):
    await put(blog, *(digest(day(number, 10), f"2610.{number:05}") for number in range(1, 20)))
    asker = ask(blog)
    dates = await asker.press(buttons(await asker("/tag NeRF"))["All dates"])
    assert "Last digest: 2026-11-10." in text(dates)
    assert "Last digest" not in text(await asker.press(buttons(dates)["▶ 2/3"]))


@pytest.mark.parametrize("line", LINES)
async def test_silent_source_is_told(blog, line):
    await find(blog, Kind.SILENT)
    expected = "Last digest: 2026-11-10. The blog has been silent for longer than usual."
    assert await said(ask(blog), line) == expected


async def test_silence_is_told_though_no_operator_could_be(blog):
    await find(blog, Kind.SILENT, known=False)
    assert "silent" in await said(ask(blog))


@pytest.mark.parametrize("line", LINES)
async def test_failing_source_is_told_without_what_is_wrong_or_where(blog, line):
    await look(blog, "blog", error=SECRET, times=3)
    asker = ask(blog)
    expected = "Last digest: 2026-11-10. The source cannot be read since 2026-11-18."
    assert await said(asker, line) == expected
    await find(blog, Kind.FAILING, since=day(17))
    assert await said(asker, line) == f"{expected[:-1]}; the operators know."
    assert "hunter22" not in text(await asker(line))
    assert await said(ask(blog, operators=()), line) == expected


async def test_failing_source_is_told_though_its_digest_is_new(blog):
    await put(blog, digest(day(18), "2611.00009"))
    await look(blog, "blog", error=SECRET, times=3)
    expected = "Last digest: 2026-11-18. The source cannot be read since 2026-11-18."
    assert await said(ask(blog)) == expected


async def test_look_that_failed_once_is_no_reason(blog):
    await look(blog, "blog", error=SECRET)
    assert await said(ask(blog)) == "Last digest: 2026-11-10."


async def test_sources_that_nobody_looks_at_are_told(blog):
    async with blog.writing() as connection:
        await connection.execute(update(source_state).values(looked_at=int(NOW - 3 * DAY)))
    expected = "Last digest: 2026-11-10. Nobody has looked for new ones since 2026-11-15."
    assert await said(ask(blog)) == expected


async def test_source_that_brought_the_tag_is_the_one_that_counts(blog):
    await put(blog, digest(day(10), "2611.00011", tags=("LLM",), address="x"), source="feed")
    await look(blog, "feed")
    await find(blog, Kind.SILENT, "feed")
    asker = ask(blog, "blog", "feed")
    assert "silent" in await said(asker, "/tag LLM")
    assert await said(asker, "/tag NeRF") == "Last digest: 2026-11-10."
    assert await said(asker) == "Last digest: 2026-11-10."
    await find(blog, Kind.SILENT)
    for line in ("/tag LLM", "/tag NeRF", "/latest"):
        assert "silent" in await said(asker, line)
    await look(blog, "blog", error=SECRET, times=3)
    assert "cannot be read" in await said(asker)
    assert await said(ask(blog, "blog", "feed", "new"), "/latest") == "Last digest: 2026-11-10."


async def test_source_that_is_no_longer_read_is_no_reason(blog):
    await find(blog, Kind.SILENT)
    await look(blog, "site")
    assert await said(ask(blog, "site")) == "Last digest: 2026-11-10."
    assert await said(ask(blog, "site"), "/tag NeRF") == "Last digest: 2026-11-10."


async def test_reason_stands_beside_what_else_there_is_to_say(blog):
    await follow(blog, "nerf")
    await find(blog, Kind.SILENT)
    reply = await ask(blog)("/tag NeRF 2026-11-12")
    assert "No digest on 2026-11-12: this is the nearest one.\nLast digest: 2026-11-10. The blog" in text(
        reply
    )
    stranger = text(await ask(blog, person="9")("/latest"))
    assert "longer than usual.\nYou follow no tag yet" in stranger


async def test_it_is_said_in_chinese_too(blog):
    asker = ask(blog, hint=Language.ZH)
    assert await said(asker) == "最近一期：2026-11-10。"
    await find(blog, Kind.SILENT)
    assert await said(asker, "/tag NeRF") == "最近一期：2026-11-10。博客久未更新，已超过平时的间隔。"


@pytest.mark.parametrize(
    ("language", "reason"), [(Language.EN, "cannot be read since"), (Language.ZH, "无法读取")]
)
async def test_reason_is_told_where_nothing_has_ever_come(database, language, reason):
    asker = ask(database, "blog", "feed", hint=language)
    await look(database, "blog", error=SECRET, times=3)
    await look(database, "feed")
    assert reason not in text(await asker("/latest"))
    await look(database, "feed", error=SECRET, times=3)
    reply = await asker("/latest")
    check(reply, language)
    assert reason in text(reply)
    assert "hunter22" not in text(reply)
