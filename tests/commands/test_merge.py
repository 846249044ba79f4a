"""/merge: what it asks, what it does, and what of what was shown before still works."""

import datetime as dt

import pytest

from bot.adapters.discord.options import spoken
from bot.adapters.discord.options import text as written
from bot.commands.base import Place, Where
from bot.commands.suggest import Suggest
from bot.config import Config
from bot.errors import UsageError
from bot.merge import lines, merge
from bot.model import Language
from bot.slugs import key
from bot.storage import tags
from tests.commands.asking import buttons, text
from tests.commands.seeing import TODAY, Seer, publish
from tests.commands.shelves import numbered

SPLATS = "Gaussian Splatting"
GROUP = Place(address="-100777", where=Where.GROUP, title="Graphics group")


@pytest.fixture
async def town(database):
    """A blog with two tags that are one topic, and some others."""
    await publish(database, SPLATS, papers=("2611.00001",), date=TODAY - dt.timedelta(1))
    await publish(database, "3DGS", papers=("2611.00002",))
    await publish(database, "NeRF", "Vision, Language", "Text into Image", papers=("2611.00003",))
    await Seer(database, person="8")(f"/subscribe {SPLATS}")
    return database


@pytest.fixture
def boss(town):
    return Seer(town, operators={"telegram:7"})


async def slugs(database):
    async with database.reading() as connection:
        return {topic.slug for topic in await tags.topics(connection, since=TODAY, chat_id=None)}


async def test_merge_is_for_operators_by_command_and_by_button(town, boss):
    asked = await boss(f"/merge {SPLATS} into 3DGS")
    other = Seer(town, person="9", operators={"telegram:7"})
    assert "operators" in text(await other(f"/merge {SPLATS} into 3DGS"))
    refused = await other.press(buttons(asked)["Yes, merge them"])
    assert refused.refused
    assert "operators" in refused.toast
    assert "gaussian-splatting" in await slugs(town)
    assert "/merge" not in text(await other("/help"))
    assert "/merge 3D GS into 3DGS" in text(await boss("/help"))


async def test_question_says_what_goes_where_and_that_it_is_for_good(town, boss):
    asked = await boss(f"/merge {SPLATS} into 3DGS")
    assert "1 post and 1 follower go over to “3DGS”" in text(asked)
    assert "cannot be undone" in text(asked)
    assert "gaussian-splatting" in await slugs(town)
    done = await boss.press(buttons(asked)["Yes, merge them"])
    assert done.edit
    assert "“Gaussian Splatting” is a part of “3DGS” now: 1 post and 1 follower" in text(done)
    assert "gaussian-splatting" not in await slugs(town)


async def test_question_can_be_turned_round_or_answered_with_no(town, boss):
    asked = await boss(f"/merge {SPLATS} into 3DGS")
    turned = await boss.press(buttons(asked)["The other way round"])
    assert "1 post and 0 followers go over to “Gaussian Splatting”" in text(turned)
    kept = await boss.press(buttons(turned)["Keep both"])
    assert text(kept) == "Both tags stay as they are."
    assert {"gaussian-splatting", "3dgs"} <= await slugs(town)


@pytest.mark.parametrize(
    "line",
    [
        "gaussian splatting into 3dgs",
        "Gaussian_Splatting INTO 3D GS",
        "gaussian-splatting, 3dgs",
        "Gaussian Splatting -> 3DGS",
        "gaussian splatting → 3d-gs",
        "gaussian splatting；3dgs",
        "gaussian splatting 并入 3dgs",
        "ｇaussian splatting合并到3DGS",
        "gaussian splatting 3dgs",
        "splats into 3dgs",
        "gaussian into 3dgs",
    ],
)
async def test_names_are_parted_by_a_word_or_a_sign_in_any_spelling(town, line):
    me = Seer(town, operators={"telegram:7"}, aliases={"splats": "gaussian-splatting"})
    assert "Shall “Gaussian Splatting” become a part of “3DGS”?" in text(await me(f"/merge {line}"))


@pytest.mark.parametrize(
    ("line", "pair"),
    [
        ("vision, language into nerf", ("Vision, Language", "NeRF")),
        ("nerf, vision, language", ("NeRF", "Vision, Language")),
        ("text into image into nerf", ("Text into Image", "NeRF")),
        ("nerf into text into image", ("NeRF", "Text into Image")),
        ("text into image, vision, language", ("Text into Image", "Vision, Language")),
    ],
)
async def test_names_may_hold_what_parts_names(boss, line, pair):
    assert "Shall “{}” become a part of “{}”?".format(*pair) in text(await boss(f"/merge {line}"))


@pytest.mark.parametrize("line", ["", "nerf", "into", "nerf into", "into nerf", ",", "nerf of 3dgs"])
async def test_without_two_names_it_says_how_to_ask(boss, line):
    assert "/merge OLD into NEW" in text(await boss(f"/merge {line}"))


@pytest.mark.parametrize("line", ["3dgs into 3D GS", "nerf, NERF"])
async def test_one_tag_is_not_merged_with_itself(boss, line):
    assert "one tag already" in text(await boss(f"/merge {line}"))


async def test_name_that_is_not_known_is_asked_back_with_what_is_like_it(boss):
    asked = await boss("/merge gausian spliting into nerv")
    assert "There is no tag “gausian spliting”. Did you mean:" in text(asked)
    asked = await boss.press(buttons(asked)[SPLATS])
    assert "There is no tag “nerv”. Did you mean:" in text(asked)
    asked = await boss.press(buttons(asked)["NeRF"])
    assert "Shall “Gaussian Splatting” become a part of “NeRF”?" in text(asked)
    assert "no tag “qqqqqq”" in text(await boss("/merge qqqqqq into nerf"))
    asked = await boss("/merge nerf into i")
    assert "“i” stands in" in text(asked)
    assert "a part of “Gaussian" in text(await boss.press(buttons(asked)[SPLATS]))


async def test_answer_to_an_older_question_asks_again(town, boss):
    first = await boss(f"/merge {SPLATS} into 3DGS")
    other = await boss(f"/merge {SPLATS} into NeRF")
    await boss.press(buttons(other)["Yes, merge them"])
    asked = await boss.press(buttons(first)["Yes, merge them"])
    assert "Shall “NeRF” become a part of “3DGS”?" in text(asked)
    assert {"nerf", "3dgs"} <= await slugs(town)
    again = await boss.press(buttons(other)["Yes, merge them"])
    assert "one tag already" in again.toast


@pytest.mark.parametrize(
    "about", ["", "x", "yes", "00000000:11111111:yes", "#gone:11111111", "::", "a:b:c:d"]
)
async def test_button_that_names_no_tags_says_so(boss, about):
    assert "not known any more" in (await boss.press(f"merge:{about}")).toast


async def test_buttons_links_and_names_from_before_lead_to_the_merged_tag(town, boss):
    me = Seer(town, person="8")
    listed, mine = await me("/tags"), await me("/subscriptions")
    latest, digest = await me(f"/latest {SPLATS}, NeRF"), await me(f"/tag {SPLATS}")
    asked = await boss(f"/merge {SPLATS} into 3DGS")
    await boss.press(buttons(asked)["Yes, merge them"])
    follow = next(each for label, each in buttons(listed).items() if SPLATS in label)
    assert "3DGS" in (await me.press(follow)).toast
    assert "Following" in (await me.press(f"follow:{key('gaussian-splatting')}:t1")).toast
    assert all(SPLATS not in label for label in buttons(await me.press("tags:1")))
    leave = next(each for label, each in buttons(mine).items() if SPLATS in label)
    assert "3DGS" in (await me.press(leave)).toast
    for name in numbered(latest):
        assert text(await me.press(buttons(latest)[name]))
    for old in (f"digest:{key('gaussian-splatting')}:{TODAY}", f"dates:{key('gaussian-splatting')}:1"):
        assert "3DGS" in text(await me.press(old))
    for each in buttons(digest).values():
        assert not each.action or "not known" not in (await me.press(each)).toast
    assert "3DGS · 2026-11-18" in text(await me(f"/tag {SPLATS}"))
    assert "3DGS · 2026-11-17" in text(await me(f"/tag gaussian splatting {TODAY - dt.timedelta(1)}"))
    for link in ("sub_gaussian-splatting", f"sub_{key('gaussian-splatting')}"):
        assert "3DGS" in text(await me(f"/start {link}"))
    assert "3DGS" in text(await me(f"/start digest_{key('gaussian-splatting')}_{TODAY}"))
    assert "Now following" not in text(await me("/subscribe gaussian_splatting"))
    assert text(await me("/unsubscribe gaussian splatting")).startswith("No longer following")


async def test_follower_gets_the_next_post_by_either_name_once(town, boss):
    asked = await boss(f"/merge {SPLATS} into 3DGS")
    await boss.press(buttons(asked)["Yes, merge them"])
    await publish(town, SPLATS, "3DGS", papers=("2611.00009",), address="next.md")
    shown = await Seer(town, person="8")("/latest")
    assert "3DGS · 2026-11-18" in text(shown)
    assert text(shown).count("On 2611.00009") == 1


async def test_merged_name_is_completed_to_the_tag(town, boss):
    asked = await boss(f"/merge {SPLATS} into 3DGS")
    await boss.press(buttons(asked)["Yes, merge them"])
    suggest = Suggest(boss.desk, lambda: boss.at)
    for typed in ("gauss", "splat", "Gaussian_S", "3d g"):
        assert [each.value for each in await suggest.tag(typed)] == ["3DGS"]
    days = await suggest.days(SPLATS, "", Language.EN)
    assert [each.value for each in days] == [str(TODAY), str(TODAY - dt.timedelta(1))]


@pytest.mark.parametrize("language", Language)
async def test_every_answer_is_one_that_platforms_take(town, language):
    me = Seer(town, operators={"telegram:7"}, hint=language, place=GROUP)
    for line in ("", "nerf into nerf", "nerv into 3dg", "i into 3dgs"):
        assert text(await me(f"/merge {line}"))
    asked = await me(f"/merge {SPLATS} into 3DGS")
    for each in reversed(buttons(asked).values()):
        assert text(await me.press(each))
    assert "gaussian-splatting" not in await slugs(town)


def test_fields_on_discord_say_the_same():
    given = {"tag": "Talking Head Generation", "into": "Avatars, talking"}
    assert written("merge", given) == "Talking Head Generation into Avatars, talking"
    assert spoken("/merge 3D GS into 3DGS") == "/merge tag:3D GS into:3DGS"
    assert spoken("/merge OLD into NEW") == "/merge tag:OLD into:NEW"


async def test_command_line_merges_by_any_spelling_and_aliases(town, address):
    config = Config.model_validate({"database": address, "tags": [{"name": SPLATS, "aliases": ["splats"]}]})
    with pytest.raises(UsageError, match=r"nerv: no tag is called so; did you mean NeRF"):
        await merge(config, "splats", "nerv")
    with pytest.raises(UsageError, match=r"qqqqqq: no tag is called so$"):
        await merge(config, "qqqqqq", "nerf")
    with pytest.raises(UsageError, match="3DGS: is one tag already"):
        await merge(config, "3D GS", "3dgs")
    done = await merge(config, "Splats", "3d gs")
    assert list(lines(done)) == ["Gaussian Splatting is a part of 3DGS now: posts 1, followers 1"]
    assert "gaussian-splatting" not in await slugs(town)
