"""Lists of digests: of the tags that were named, of a day, and the way back to them."""

import time

import pytest
from sqlalchemy import delete, select

from bot.commands.digest_lists import Choice
from bot.model import Language
from bot.slugs import key, slug
from bot.storage.tables import phrase
from tests.commands.asking import Asker, buttons, text
from tests.commands.shelves import NERF, back, check, day, digest, follow, ids, numbered, put

SPLATS = key("3dgs")
MANY = ("NeRF", "3DGS", "LLM", "Agent", "Video", "Avatar", "Speech", "Medical")


@pytest.fixture
async def asker(database):
    """Ten digests each of NeRF and 3DGS, and newer ones of LLM."""
    await put(
        database,
        *(digest(day(number), f"2611.{number:05}", tags=("NeRF",)) for number in range(1, 11)),
        *(digest(day(number), f"2610.{number:05}", tags=("3DGS",)) for number in range(1, 11)),
        *(digest(day(number), f"2609.{number:05}", tags=("LLM",)) for number in range(11, 19)),
    )
    return Asker(database)


def heads(reply) -> list[str]:
    """The tag and the day of every digest in a list."""
    lines = text(reply).split("\n")
    return [line.rpartition(" · ")[0] for line in lines if line.endswith((" paper", " papers"))]


def tags_in(reply) -> set[str]:
    return {head.partition(" · ")[0] for head in heads(reply)}


async def turned(asker, reply):
    """All the heads of a list, page after page."""
    found = heads(reply)
    while "▶" in buttons(reply):
        reply = await asker.press(buttons(reply)["▶"])
        assert reply.edit
        check(reply)
        found += heads(reply)
    return found


# Named tags


@pytest.mark.parametrize("line", ["/latest NeRF, 3DGS", "/tag NeRF, 3DGS", "/latest 3dgs nerf"])
async def test_list_of_named_tags_is_turned_to_more_of_them_alone(database, asker, line):
    await follow(database, "llm")
    found = await turned(asker, await asker(line))
    assert len(found) == len(set(found)) == 20
    assert {head.partition(" · ")[0] for head in found} == {"NeRF", "3DGS"}


async def test_list_of_more_tags_than_a_button_can_name_is_turned_to_more_of_them_alone(database):
    named, other = MANY[:7], MANY[7]
    for number, name in enumerate(MANY):
        each = (digest(day(at), f"26{number + 1:02}.{at:05}", tags=(name,)) for at in (1, 2))
        await put(database, *each)
    asker = Asker(database)
    reply = await asker("/latest " + ", ".join(named))
    check(reply)
    found = await turned(asker, reply)
    assert len(found) == len(set(found)) == 14
    assert not any(head.startswith(other) for head in found)


async def test_list_whose_tags_were_lost_says_so(database, asker):
    reply = await asker("/latest NeRF, 3DGS")
    opened = await asker.press(buttons(reply)["1"])
    async with database.writing() as connection:
        await connection.execute(delete(phrase))
    gone = await asker.press(back(opened))
    assert gone.toast == "This list is too old. Please send /latest again."
    assert gone.cards == ()
    # What a button has room for needs no keeping.
    assert tags_in(await asker.press(buttons(reply)["▶"])) == {"NeRF", "3DGS"}


async def test_list_of_named_tags_is_kept_once(database, asker):
    for _ in range(2):
        await asker("/latest NeRF, 3DGS")
    await asker("/latest")
    async with database.reading() as connection:
        assert len((await connection.execute(select(phrase.c.key))).all()) == 1


async def test_tag_that_is_gone_leaves_the_others_of_its_list(asker):
    reply = await asker.press(f"dates:{NERF}+ffffffff:1")
    assert tags_in(reply) == {"NeRF"}
    assert {head.partition(" · ")[0] for head in await turned(asker, reply)} == {"NeRF"}
    for data in ("dates:ffffffff:1", f"dates:ffffffff+{key('gone')}:1", "dates:x*y*z:1"):
        assert (await asker.press(data)).toast, data


async def test_buttons_of_older_messages_turn_their_lists(database, asker):
    assert tags_in(await asker.press("dates::1")) == {"LLM"}
    await follow(database, "nerf", "3dgs")
    second = await asker.press("dates::2")
    assert second.edit
    assert tags_in(second) == {"NeRF", "3DGS"}
    assert text(await asker.press(f"dates:{NERF}:2")).startswith("NeRF: digests\n10 digests · page 2 of 2")


# The way back


@pytest.mark.parametrize(
    "line", ["/latest", "/latest NeRF, 3DGS", "/latest 5", "/latest NeRF 5", "/latest NeRF, LLM 10"]
)
async def test_digest_of_a_list_leads_back_to_the_very_page(database, asker, line):
    await follow(database, "nerf", "3dgs")
    reply = await asker(line)
    if "▶" in buttons(reply):
        reply = await asker.press(buttons(reply)["▶"])
    for label in numbered(reply)[:2]:
        opened = await asker.press(buttons(reply)[label])
        assert opened.edit
        again = await asker.press(back(opened))
        assert again.edit
        assert text(again) == text(reply)
        check(opened)


@pytest.mark.parametrize("arxiv_id", ["cs/0112017", "cond-mat/0201001", "2611.00001"])
@pytest.mark.parametrize("line", ["/latest", "/latest NeRF, 3DGS", "/latest NeRF, 3DGS 9", "/latest 18.11."])
async def test_way_back_goes_along_through_pages_cards_and_days(database, line, arxiv_id):
    await put(
        database,
        digest(day(18), arxiv_id, *ids(11, 20)[1:]),
        digest(day(17), *ids(9, 3)),
        digest(day(18), "2610.00001", tags=("3DGS",)),
    )
    await follow(database, "nerf", "3dgs")
    asker = Asker(database)
    shelf = await asker(line)
    opened = await asker.press(buttons(shelf)["2"])
    assert text(opened).startswith("NeRF · 2026-11-18")
    card = await asker.press(buttons(opened)["1"])
    assert text(await asker.press(back(card))) == text(opened)
    page = await asker.press(buttons(await asker.press(back(card)))["▶ 2/3"])
    older = await asker.press(buttons(page)["« 11-17"])
    dates = await asker.press(buttons(older)["All dates"])
    newer = await asker.press(buttons(dates)["2026-11-18 · 20"])
    for reply in (opened, page, older, dates, newer):
        check(reply)
        assert text(await asker.press(back(reply))) == text(shelf)


async def test_digest_that_was_asked_for_leads_nowhere_back(database, asker):
    await follow(database, "nerf")
    for line in ("/latest", "/tag NeRF", "/latest LLM", "/tag LLM 2026-11-12"):
        assert "‹ Back" not in buttons(await asker(line))


async def test_way_back_that_no_button_made_is_left_out(asker):
    for way in ("x" * 30, "dates", "::", "中文:1", "stop:now:1", "a:b:c"):
        reply = await asker.press(f"digest:{NERF}::1:{way}")
        assert text(reply).startswith("NeRF · 2026-11-10")
        assert "‹ Back" not in buttons(reply)
        check(reply)


def test_choice_is_read_back():
    for choice in (
        Choice(),
        Choice(most=3),
        Choice(day=day(1)),
        Choice(keys=(NERF,), most=10, day=day(18)),
        Choice(keys=(NERF, SPLATS)),
    ):
        assert Choice.read(choice.text) == choice


# Days


async def test_day_of_followed_tags_is_what_they_brought_on_it(database, asker):
    await put(database, digest(day(17), "2611.00077", tags=("NeRF",)))
    await put(database, digest(day(17), "2611.00078", tags=("3DGS",)))
    await follow(database, "nerf", "3dgs")
    for line in ("/latest yesterday", "/latest 2026-11-17", "/latest Nov 17", "/latest 17 Nov 2026"):
        reply = await asker(line)
        assert text(reply).split("\n")[0] == "Digests of 2026-11-17", line
        assert heads(reply) == ["3DGS · 2026-11-17", "NeRF · 2026-11-17"]
        check(reply)


async def test_day_of_named_tags_is_what_they_brought_on_it(asker):
    for line in ("/latest NeRF, 3DGS 2026-11-09", "/tag 3DGS, NeRF 9.11.", "/latest 2026-11-09 NeRF, 3DGS"):
        reply = await asker(line)
        assert text(reply).split("\n")[0] == "Digests of 2026-11-09", line
        assert heads(reply) == ["3DGS · 2026-11-09", "NeRF · 2026-11-09"]
    assert text(await asker("/latest NeRF, 3DGS 2026-11-09 1")).startswith("3DGS · 2026-11-09")


async def test_named_tag_without_a_digest_that_day_is_told(asker):
    reply = await asker("/latest NeRF, LLM 2026-11-09")
    assert heads(reply) == ["NeRF · 2026-11-09"]
    assert "No digest that day: LLM." in text(reply)
    check(reply)


async def test_day_on_which_no_tag_brought_anything_shows_the_nearest_and_says_so(database, asker):
    await follow(database, "nerf", "3dgs")
    for line in ("/latest yesterday", "/latest NeRF, 3DGS 17.11.", "/tag NeRF, 3DGS 2026-11-17"):
        reply = await asker(line)
        assert text(reply).split("\n")[:2] == [
            "Digests of 2026-11-10",
            "No digest on 2026-11-17: these are the nearest ones.",
        ]
        assert heads(reply) == ["3DGS · 2026-11-10", "NeRF · 2026-11-10"]
    assert heads(await asker("/latest 1.1.2020")) == ["3DGS · 2026-11-01", "NeRF · 2026-11-01"]


async def test_day_of_who_follows_nothing_is_of_all_tags(asker):
    reply = await asker("/latest 2026-11-10")
    assert heads(reply) == ["3DGS · 2026-11-10", "NeRF · 2026-11-10"]
    assert "You follow no tag yet" in text(reply)


async def test_day_counts_by_its_heading_too(database, asker):
    await follow(database, "nerf", "3dgs")
    await put(database, digest(day(20), "2611.00077", tags=("NeRF",), heading_date=day(17)))
    reply = await asker("/latest yesterday")
    assert heads(reply) == ["NeRF · 2026-11-20"]
    assert "nearest" not in text(reply)
    assert text(await asker.press(buttons(reply)["1"])).startswith("NeRF · 2026-11-17")


async def test_digests_of_a_day_are_turned_and_come_back(database):
    names = [f"Topic {number:02}" for number in range(20)]
    await put(
        database,
        *(digest(day(17), f"2611.{at:05}", tags=(name,)) for at, name in enumerate(names)),
        *(digest(day(18), f"2610.{at:05}", tags=(name,)) for at, name in enumerate(names)),
    )
    asker = Asker(database)
    await follow(database, *map(slug, names))
    for line in ("/latest yesterday", "/latest 17.11. " + ", ".join(names)):
        reply = await asker(line)
        assert await turned(asker, reply) == [f"{name} · 2026-11-17" for name in names]
        second = await asker.press(buttons(reply)["▶"])
        opened = await asker.press(buttons(second)["3"])
        assert text(await asker.press(back(opened))) == text(second)


async def test_day_stands_before_or_behind_the_number(database, asker):
    await follow(database, "nerf", "3dgs")
    for line in ("/latest 2026-11-09 2", "/latest 2 2026-11-09", "/latest NeRF, 3DGS 2 2026-11-09"):
        assert heads(await asker(line)) == ["3DGS · 2026-11-09", "NeRF · 2026-11-09"], line


async def test_number_behind_a_month_is_its_day(asker):
    assert text(await asker("/latest NeRF Nov 3")).startswith("NeRF · 2026-11-03")
    assert text(await asker("/latest NeRF 3 November 2026")).startswith("NeRF · 2026-11-03")


async def test_number_that_ends_the_last_of_several_names_is_no_count(database):
    await put(database, digest(day(17), "2611.00001", tags=("GPT 4",)), digest(day(18), "2611.00002"))
    assert tags_in(await Asker(database)("/latest NeRF, GPT 4")) == {"NeRF", "GPT 4"}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("/tag NeRF 2026-13-45", "“2026-13-45” is no day"),
        ("/latest NeRF, 3DGS 2026-02-30", "“2026-02-30” is no day"),
        ("/latest NeRF 31.2.", "“31.2.” is no day"),
        ("/latest NeRF Feb 30", "“Feb 30” is no day"),
        ("/tag 2026-13-45", "“2026-13-45” is no day"),
        ("/latest 13月45日", "“13月45日” is no day"),
        ("/tag NeRF 2026-11", "“2026-11” is no day"),
        ("/tag NeRF 99999999", "“99999999” is no day"),
        ("/tag NeRF tomorrow", "“tomorrow” is no day"),
        ("/latest last week", "“last week” is no day"),
        ("/latest NeRF 2026-13-45 3", "“2026-13-45” is no day"),
        ("/latest next Monday", "“next Monday” is no day"),
        ("/tag Nref 2026-13-45", "“2026-13-45” is no day"),
    ],
)
async def test_what_looks_like_a_day_and_is_none_is_told(asker, line, said):
    reply = await asker(line)
    assert said in text(reply)
    assert "/tag NeRF 2026-11-20" in text(reply)
    assert buttons(reply) == {}
    check(reply)


async def test_what_looks_like_no_day_is_told_of_as_a_tag(asker):
    for word in ("Vision 2.0", "2410.18605", "0704.0001", "3D-5"):
        assert "no day" not in text(await asker(f"/tag {word}")), word


async def test_tag_that_looks_like_a_day_is_a_tag(database):
    await put(database, digest(day(18), "2611.00001", tags=("NeRF 2026-13-45",)))
    assert text(await Asker(database)("/tag NeRF 2026-13-45")).startswith("NeRF 2026-13-45 · 2026-11-18")


async def test_chinese_readers_are_told_of_days_in_chinese(database, asker):
    reader = Asker(database, hint=Language.ZH)
    for line, said in (
        ("/tag NeRF 2026-13-45", "“2026-13-45”"),
        ("/latest 2026-11-10", "2026-11-10 的日报"),
        ("/latest NeRF, LLM 2026-11-09", "当天没有日报：LLM。"),
        ("/latest NeRF, 3DGS 昨天", "2026-11-17 没有日报，以下是最接近的。"),
    ):
        reply = await reader(line)
        assert said in text(reply)
        check(reply, Language.ZH)


async def test_long_text_of_commas_is_read_at_once(asker):
    for text_ in ("," * 12_000 + "x", "a" + "," * 12_000, "1 " * 6_000, ", 1" * 4_000):
        begin = time.thread_time()
        assert (await asker(f"/latest {text_}")).cards
        assert time.thread_time() - begin < 1
