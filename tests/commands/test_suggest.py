"""What is suggested while people type, on both engines."""

import asyncio
import datetime as dt
import logging
import time

import pytest

from bot.commands import suggest as suggesting
from bot.commands.base import Desk, Place
from bot.commands.suggest import Suggest
from bot.model import Language, Style
from bot.storage.database import open_database
from bot.when import next_due
from tests import builders
from tests.commands.asking import NOW
from tests.commands.seeing import TODAY, publish
from tests.commands.shelves import digest, follow, put

EN = Language.EN
ALIASES = {"高斯泼溅": "3dgs", "Gaussian Splatting": "3dgs", "数字人": "talking-head-generation"}
NAMES = ("NeRF", "3DGS", "Talking Head Generation", "Face Swapping", "元宇宙/虚拟人", "Face, Body and Hands")


@pytest.fixture(autouse=True)
def _patience(monkeypatch):
    """What is found counts here, not how busy the machine is."""
    monkeypatch.setattr(suggesting, "SOON", 10.0)


def suggest(database, clock=lambda: NOW, **given):
    desk = Desk(database=database, style=Style.CARDS, cap=10, next_due=next_due, aliases=ALIASES, **given)
    return Suggest(desk, clock)


def labels(found):
    return [each.label for each in found]


def values(found):
    return [each.value for each in found]


def titled(arxiv_id, title, **given):
    return builders.entry(arxiv_id, paper=builders.paper(arxiv_id, title=title, **given))


@pytest.fixture
async def told(database):
    """Suggestions from a blog with some tags; NeRF has most papers this week."""
    papers = [[f"2611.{number:02}{at:03}" for at in range(9 - number)] for number in range(len(NAMES))]
    await put(database, *(digest(TODAY, *ids, tags=(name,)) for ids, name in zip(papers, NAMES, strict=True)))
    return suggest(database)


# Tags


async def test_nothing_written_offers_the_busiest_tags(told):
    assert values(await told.tags(""))[:2] == ["NeRF", "3DGS"]
    assert len(await told.tags(" ")) == len(NAMES)


async def test_tag_is_found_by_name_word_alias_chinese_and_slip(told):
    wanted = {
        "ner": "NeRF",
        "head": "Talking Head Generation",
        "talking-h": "Talking Head Generation",
        "FACE S": "Face Swapping",
        "3d gs": "3DGS",
        "高斯": "3DGS",
        "gaussian": "3DGS",
        "splat": "3DGS",
        "数字": "Talking Head Generation",
        "虚拟": "元宇宙/虚拟人",
        "宇宙": "元宇宙/虚拟人",
        "nefr": "NeRF",
        "gausian splating": "3DGS",
        "talkng hed": "Talking Head Generation",
        "thg": "Talking Head Generation",
        "ｎｅｒｆ": "NeRF",
        "face, b": "Face, Body and Hands",
    }
    assert {typed: values(await told.tags(typed))[0] for typed in wanted} == wanted


async def test_beginnings_of_names_come_before_words_in_them_and_slips_last(database):
    for name in ("Swapping Faces", "Face Swapping", "Surface", "Fake"):
        await publish(database, name, address=f"{name}.md")
    found = values(await suggest(database).tag("face"))
    assert found[:3] == ["Face Swapping", "Swapping Faces", "Surface"]


async def test_last_name_is_completed_behind_the_others(told):
    assert values(await told.tags("NeRF, 高"))[0] == "NeRF, 3DGS"
    assert values(await told.tags("NeRF，face s"))[0] == "NeRF, Face Swapping"
    found = await told.tags("nerf, 3dgs, ")
    assert labels(found) == values(found)
    assert "nerf, 3dgs, Face Swapping" in values(found)
    assert not {"nerf, 3dgs, NeRF", "nerf, 3dgs, 3DGS"} & set(values(found))


async def test_one_tag_is_not_parted_by_commas(told):
    assert values(await told.tag("Face, Body"))[0] == "Face, Body and Hands"
    assert values(await told.tag("高斯")) == ["3DGS"]


async def test_what_means_nothing_suggests_nothing_that_is_wrong(told):
    for typed in ("qqqqq", "!!!", ", , ,", "x" * 300, "a, " * 100, "\0\ud800"):
        for found in (await told.tags(typed), await told.papers(typed), await told.days("", typed, EN)):
            assert len(found) <= 25
            assert all(each.label and each.value for each in found)


async def test_only_what_a_chat_follows_is_offered_to_leave(told, database):
    await follow(database, "3dgs", "face-swapping")
    assert sorted(values(await told.followed("telegram", "7", ""))) == ["3DGS", "Face Swapping"]
    assert values(await told.followed("telegram", "7", "ner")) == []
    assert values(await told.followed("telegram", "8", "")) == []
    await follow(database, address="9", every=True)
    assert len(await told.followed("telegram", "9", "")) == len(NAMES)


async def test_new_tag_is_known_after_half_a_minute(database):
    now = [NOW]
    told = suggest(database, lambda: now[0])
    assert await told.tags("") == []
    await publish(database, "NeRF")
    assert await told.tags("") == []
    now[0] += 31
    assert values(await told.tags("")) == ["NeRF"]


# Papers


@pytest.fixture
async def shelf(database):
    """Suggestions of a few papers, older first."""
    papers = (
        ("2010.00001", "Neural Radiance Fields for View Synthesis", {}),
        ("2011.00002", "Gaussian Splatting in Real Time", {"abstract": "Better than radiance fields."}),
        ("2012.00003", "Rendering with Neural Textures", {}),
        ("2012.00004", "Learning $\\alpha$-Blending", {}),
        ("cs/0112017", "Faces of Old", {}),
    )
    for back, (arxiv_id, title, given) in enumerate(reversed(papers)):
        day = TODAY - dt.timedelta(back)
        await publish(database, "NeRF", papers=[titled(arxiv_id, title, **given)], date=day)
    return suggest(database)


async def test_nothing_written_offers_the_newest_papers(shelf):
    assert values(await shelf.papers(""))[:2] == ["cs/0112017", "2012.00004"]


async def test_paper_is_found_by_id_words_their_beginning_slips_and_chinese(shelf):
    wanted = {
        "2010.00001": ["2010.00001"],
        "https://arxiv.org/pdf/2011.00002v3": ["2011.00002"],
        "2012": ["2012.00004", "2012.00003"],
        "2012.0000": ["2012.00004", "2012.00003"],
        "cs/01": ["cs/0112017"],
        "radiance": ["2010.00001", "2011.00002"],
        "neural re": ["2012.00003"],
        "ga": ["2011.00002"],
        "gausian spltting": ["2011.00002"],
        "neurl radiance": ["2010.00001"],
        "α-blending": ["2012.00004"],
        "一句话": ["cs/0112017", "2012.00004", "2012.00003", "2011.00002", "2010.00001"],
        "qqqq wwww": [],
    }
    assert {typed: values(await shelf.papers(typed)) for typed in wanted} == wanted


async def test_paper_stands_under_its_title(shelf):
    assert labels(await shelf.papers("blending")) == ["Learning α-Blending"]


async def test_papers_of_one_title_are_told_apart(database):
    papers = [titled("2611.00001", "Same"), titled("2611.00002", "Same"), titled("2611.00003", " ")]
    await publish(database, "NeRF", papers=papers)
    assert labels(await suggest(database).papers("")) == ["2611.00003", "Same", "2611.00001 · Same"]


# Days


@pytest.fixture
async def diary(database):
    """Suggestions of a month, a digest a day."""
    posts = [
        digest(TODAY - dt.timedelta(back), f"2611.{back:05}", tags=("NeRF" if back % 2 else "3DGS",))
        for back in range(30)
    ]
    await put(database, *posts)
    return suggest(database)


async def test_last_days_with_a_digest_are_offered(diary):
    found = await diary.days("", "", EN)
    assert len(found) == 25
    assert (found[0].label, found[0].value) == ("2026-11-18 · Wed", "2026-11-18")
    assert labels(await diary.days("", "", Language.ZH))[0] == "2026-11-18 · 周三"


async def test_days_are_those_of_the_named_tags(diary):
    for named in ("NeRF", "nerf", "ner"):
        assert values(await diary.days(named, "", EN))[:2] == ["2026-11-17", "2026-11-15"]
    assert values(await diary.days("NeRF, 3DGS", "", EN))[:2] == ["2026-11-18", "2026-11-17"]
    assert await diary.days("qqqq", "", EN) == []


async def test_days_go_back_from_the_one_that_is_written(diary):
    wanted = {
        "yesterday": "2026-11-17",
        "昨天": "2026-11-17",
        "Nov 1": "2026-11-01",
        "2026-10": "2026-10-31",
        "2026-1": "2026-11-18",
        "2026-11-0": "2026-11-09",
        "2026-11-1": "2026-11-18",
        "2026-11-11": "2026-11-11",
        "2026-11-3": "2026-11-18",
        "2026": "2026-11-18",
        "9999": "2026-11-18",
        "monday": "2026-11-16",
    }
    assert {typed: values(await diary.days("", typed, EN))[0] for typed in wanted} == wanted


async def test_what_is_no_day_offers_none(diary):
    for typed in ("2025", "2026-13", "0000", "2026-0", "soon", "2026-11-18 x", "٢٠٢٦"):
        assert await diary.days("", typed, EN) == [], typed


async def test_first_year_of_all_has_nothing_before_it(diary, caplog):
    for typed in ("0001-13", "0001-0", "0001", "0001-01-01"):
        assert await diary.days("", typed, EN) == [], typed
    assert caplog.records == []


# Never late, never an error


async def test_what_takes_long_is_no_suggestion_now_but_the_next_time(told, monkeypatch):
    read = told._read_tags

    async def slowly():
        await asyncio.sleep(0.2)
        return await read()

    monkeypatch.setattr(suggesting, "SOON", 0.08)
    monkeypatch.setattr(told._spellings, "read", slowly)
    start = time.monotonic()
    assert await told.tags("ner") == []
    assert time.monotonic() - start < 0.18
    await asyncio.sleep(0.2)
    assert values(await told.tags("ner"))[0] == "NeRF"


async def test_what_waits_is_bounded(told, monkeypatch):
    stuck = asyncio.Event()

    async def never():
        await stuck.wait()
        return []

    monkeypatch.setattr(suggesting, "SOON", 0.001)
    monkeypatch.setattr(told, "_tags", lambda *_: never())
    await asyncio.gather(*(told.tags("x") for _ in range(3 * suggesting.AT_ONCE)))
    assert len(told._looking) == suggesting.AT_ONCE
    stuck.set()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert not told._looking


async def test_database_that_is_away_is_a_line_in_the_log(tmp_path, caplog):
    database = await open_database(f"sqlite:///{tmp_path / 'gone.db'}")
    told = suggest(database)
    await database.close()
    (tmp_path / "gone.db").unlink()
    with caplog.at_level(logging.WARNING):
        assert await told.tags("x") == []
        assert await told.papers("x") == []
    assert {record.getMessage() for record in caplog.records} == {
        "suggestion.unanswered reason=OperationalError"
    }
    assert all(record.exc_info is None for record in caplog.records)


async def test_settings_are_suggested_without_the_database(told):
    place = Place(address="@7")
    assert values(told.values(place, "style", "", EN)) == [style.value for style in Style]
    assert labels(told.values(place, "style", "列", Language.ZH)) == ["列表"]
