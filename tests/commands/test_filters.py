"""/filter, /mute and /follow: what a chat does and does not want to see."""

import datetime as dt

import pytest
from sqlalchemy import select

from bot.commands.base import Place, Where
from bot.model import Language
from bot.storage import chats, filters, planning
from bot.storage.filters import LONGEST, MOST, Kind
from bot.storage.tables import delivery
from tests.builders import entry, paper
from tests.commands.asking import Town, buttons, text
from tests.commands.seeing import Seer, publish

GROUP = Place(address="-100777", where=Where.GROUP, title="Graphics group")
CHANNEL = Place(address="-1001234567890", where=Where.CHANNEL, title="@papers")


async def kept(database, address="7"):
    """What the chat filters by, as (kind, word)."""
    async with database.reading() as connection:
        chat = await chats.find(connection, "telegram", address)
        return chat and [(item.kind, item.word) for item in await filters.load(connection, chat.id)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("/filter NeRF", [(Kind.INCLUDE, "nerf")]),
        ("/filter gaussian splatting", [(Kind.INCLUDE, "gaussian splatting")]),
        (
            "/filter nerf, 3d gaussian，数字人",
            [(Kind.INCLUDE, "nerf"), (Kind.INCLUDE, "3d gaussian"), (Kind.INCLUDE, "数字人")],
        ),
        ("/mute lidar", [(Kind.EXCLUDE, "lidar")]),
        ("/mute “survey paper”", [(Kind.EXCLUDE, "survey paper")]),
        ("/follow Ada Lovelace", [(Kind.AUTHOR, "ada lovelace")]),
        ("/filter nerf, NeRF , nerf", [(Kind.INCLUDE, "nerf")]),
    ],
)
async def test_words_are_kept_each_between_commas(database, line, expected):
    reply = await Seer(database)(line)
    assert await kept(database) == expected
    for _, word in expected:
        assert word in text(reply)


async def test_filtered_papers_do_not_come_and_why_says_so(database):
    me = Seer(database)
    await publish(database, "NeRF")
    await me("/subscribe NeRF")
    await me("/filter radiance")
    await me("/follow Grace Hopper")
    await me("/mute lidar")
    made = [
        entry("2611.00001", paper=paper("2611.00001", title="Radiance for all")),
        entry("2611.00002", paper=paper("2611.00002", title="Radiance with lidar")),
        entry("2611.00003", paper=paper("2611.00003", authors=("Grace Hopper",))),
        entry("2611.00004"),
    ]
    post_id = await publish(database, "NeRF", papers=made, address="new.md")
    async with database.writing() as connection:
        await planning.plan(connection, post_id, at=1, cap=10, oldest=dt.date(2026, 1, 1))
        rows = await connection.execute(
            select(delivery.c.arxiv_id, delivery.c.state).order_by(delivery.c.arxiv_id)
        )
        states = [row.state for row in rows]
    assert states == ["pending", "filtered", "pending", "filtered"]
    assert "“lidar”, which you muted" in text(await me("/why 2611.00002"))
    assert "none of your words" in text(await me("/why 2611.00004"))


async def test_list_tells_what_filters_do_and_a_tap_takes_one_off(database):
    me = Seer(database)
    await me("/filter nerf, 3d")
    await me("/mute lidar")
    await me("/follow Ada Lovelace")
    reply = await me("/filter")
    for told in (
        "Only papers with: “nerf”, “3d”",
        "Only papers by: “ada lovelace”",
        "No papers with: “lidar”",
    ):
        assert told in text(reply)
    assert "is enough" in text(reply)
    reply = await me.press(buttons(reply)["✕ without lidar"])
    assert reply.edit
    assert "lidar" not in text(reply)
    assert await kept(database) == [
        (Kind.INCLUDE, "nerf"),
        (Kind.INCLUDE, "3d"),
        (Kind.AUTHOR, "ada lovelace"),
    ]
    for label in ("✕ with nerf", "✕ with 3d", "✕ by ada lovelace"):
        reply = await me.press(buttons(reply)[label])
    assert "No filters" in text(reply)


async def test_stale_button_of_a_filter_is_harmless(database):
    me = Seer(database)
    button = buttons(await me("/mute lidar"))["✕ without lidar"]
    for _ in range(2):
        await me.press(button)
    assert await kept(database) == []


@pytest.mark.parametrize("word", ["filter", "mute", "follow"])
async def test_without_a_word_there_is_an_example(database, word):
    for line in (f"/{word}", f"/{word}  , ,,"):
        reply = await Seer(database)(line)
        assert f"/{word} " in text(reply)
    assert await kept(database) is None


async def test_what_cannot_be_looked_for_is_told_and_the_rest_kept(database):
    reply = await Seer(database)(f"/filter ---, {'x' * (LONGEST + 1)}, nerf")
    assert "nothing to look for" in text(reply)
    assert "too long" in text(reply)
    assert await kept(database) == [(Kind.INCLUDE, "nerf")]


async def test_only_wrong_words_make_no_chat(database):
    await Seer(database)("/filter ---")
    assert await kept(database) is None


async def test_there_is_a_most_and_pages_show_all(database):
    me = Seer(database)
    await me("/filter " + ", ".join(f"word{number}" for number in range(MOST - 1)))
    reply = await me("/mute lidar, radar, sonar, word1")
    assert f"at most {MOST}" in text(reply)
    assert len(await kept(database)) == MOST
    labels = set()
    reply = await me("/mute")
    for page in range(2, 9):
        labels |= set(buttons(reply))
        if following := buttons(reply).get(f"▶ {page}/7"):
            reply = await me.press(following)
    assert len([label for label in labels if label.startswith("✕")]) == MOST
    again = await me("/filter word1")  # one that is there already
    assert "Saved." in text(again)
    assert "at most" not in text(again)


async def test_taking_one_off_stays_on_its_page(database):
    me = Seer(database)
    await me("/filter " + ", ".join(f"word{number}" for number in range(40)))
    second = await me.press(buttons(await me("/filter"))["▶ 2/3"])
    reply = await me.press(buttons(second)["✕ with word20"])
    assert "◀ 1/3" in buttons(reply)
    assert "✕ with word21" in buttons(reply)


async def test_groups_filters_are_changed_by_administrators_and_seen_by_all(database):
    town = Town(managers={GROUP.address: {"1"}})
    boss, member = (Seer(database, place=GROUP, town=town, person=person) for person in "12")
    assert "administrators" in text(await member("/mute lidar"))
    await boss("/mute lidar")
    reply = await member("/mute")
    assert "lidar" in text(reply)
    assert "administrators" in (await member.press(buttons(reply)["✕ without lidar"])).toast
    assert await kept(database, GROUP.address) == [(Kind.EXCLUDE, "lidar")]


async def test_filters_of_a_channel_are_changed_from_a_private_chat(database):
    me = Seer(database, town=Town(managers={CHANNEL.address: {"7"}}, places={"@papers": CHANNEL}))
    reply = await me("/mute @papers lidar")
    assert "@papers" in text(reply)
    assert await kept(database, CHANNEL.address) == [(Kind.EXCLUDE, "lidar")]
    await me("/mute @papers " + ", ".join(f"word{number}" for number in range(20)))
    second = await me.press(buttons(await me("/filter @papers"))["▶ 2/2"])
    assert "@papers" in text(second)
    await me.press(buttons(second)["✕ without word19"])
    assert (Kind.EXCLUDE, "word19") not in await kept(database, CHANNEL.address)


async def test_chinese_words_are_answered_in_chinese(database):
    reply = await Seer(database, hint=Language.ZH)("/mute 综述")
    assert "不看含有：“综述”" in text(reply)
    assert await kept(database) == [(Kind.EXCLUDE, "综述")]
