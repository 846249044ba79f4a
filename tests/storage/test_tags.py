"""Tags as chats see them, and which one is meant by a name."""

import datetime as dt
import time
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from bot.model import Language, Style, Tag
from bot.slugs import slug
from bot.storage import chats, planning, posts, tags
from bot.storage.tables import chat, delivery, subscription
from bot.storage.tags import Names, Topic
from tests.builders import post

DAY = dt.date(2026, 11, 18)
NAMES = (
    "NeRF",
    "3DGS",
    "Talking Head Generation",
    "元宇宙/虚拟人",
    "Avatar Generation",
    "C++",
    "Vision",
    "Vision, Language",
)


def topic(name, number=0):
    return Topic(id=number, slug=slug(name), name=name, week=0, followed=False)


TOPICS = [topic(name, number) for number, name in enumerate(NAMES)]


def find(word, aliases=MappingProxyType({})):
    return Names(TOPICS, aliases).find(word)


def split(text, topics=TOPICS, aliases=MappingProxyType({})):
    return Names(topics, aliases).split(text)


def shown(pieces):
    return [piece if isinstance(piece, str) else f"<{piece.name}>" for piece in pieces]


async def publish(connection, *names, papers=("2003.08934",), date=DAY, address=None):
    named = tuple(Tag(name=name, slug=slug(name)) for name in names)
    made = post(*papers, tags=named, date=date, address=address or f"{date}/{names[0]}.md")
    return await posts.add(connection, "blog", made, at=1)


async def a_chat(connection, address="1"):
    made = await chats.settle_in(
        connection, "p", address, group=False, style=Style.CARDS, language=Language.EN
    )
    return made.id


async def followed(connection, chat_id):
    return {
        topic.name for topic in await tags.topics(connection, since=DAY, chat_id=chat_id) if topic.followed
    }


async def ids(connection, *names):
    known = {topic.name: topic.id for topic in await tags.topics(connection, since=DAY, chat_id=None)}
    return [known[name] for name in names]


async def owed(connection, chat_id):
    rows = await connection.execute(
        select(delivery).where(delivery.c.chat_id == chat_id).order_by(delivery.c.arxiv_id)
    )
    return {row.arxiv_id: row.reason or row.state for row in rows}


async def test_papers_of_the_week_are_counted_once_and_most_come_first(database):
    async with database.writing() as connection:
        await publish(connection, "NeRF", papers=("2611.00001", "2611.00002"))
        await publish(connection, "NeRF", papers=("2611.00002",), date=DAY - dt.timedelta(6))
        await publish(connection, "NeRF", papers=("2611.00009",), date=DAY - dt.timedelta(7))
        await publish(connection, "avatars", papers=("2611.00003", "2611.00004", "2611.00005"))
        await publish(connection, "Old", date=dt.date(2020, 1, 1))
        found = await tags.topics(connection, since=DAY - dt.timedelta(6), chat_id=None)
    assert [(item.name, item.week, item.followed) for item in found] == [
        ("avatars", 3, False),
        ("NeRF", 2, False),
        ("Old", 0, False),
    ]


async def test_chat_follows_and_leaves_tags_of_its_own(database):
    async with database.writing() as connection:
        await publish(connection, *NAMES)
        one, other = await a_chat(connection, "1"), await a_chat(connection, "2")
        nerf, splats = await ids(connection, "NeRF", "3DGS")
        for _ in range(2):
            await tags.follow(connection, one, [nerf, splats], now=1)
        await tags.follow(connection, other, [nerf], now=1)
        await tags.follow(connection, other, [], now=1)
        await tags.leave(connection, one, [nerf], now=1)
        assert await followed(connection, one) == {"3DGS"}
        assert await followed(connection, other) == {"NeRF"}
        await tags.leave_all(connection, one, now=1)
        assert await followed(connection, one) == set()
        assert await followed(connection, other) == {"NeRF"}


async def test_who_follows_all_and_leaves_one_follows_the_others_by_name(database):
    async with database.writing() as connection:
        await publish(connection, *NAMES)
        one = await a_chat(connection)
        await tags.set_follows_all(connection, one, True)
        assert await followed(connection, one) == set(NAMES)
        nerf, splats = await ids(connection, "NeRF", "3DGS")
        await tags.follow(connection, one, [splats], now=1)
        await tags.leave(connection, one, [nerf], now=1)
        assert await followed(connection, one) == set(NAMES) - {"NeRF"}
        assert not await tags.follows_all(connection, one)
        assert len((await connection.execute(select(subscription))).all()) == len(NAMES) - 1


async def test_what_has_begun_to_arrive_under_a_tag_that_is_left_goes_on(database):
    async with database.writing() as connection:
        one = await a_chat(connection)
        post_id = await publish(connection, "NeRF", papers=("2611.00001", "2611.00002", "2611.00003"))
        nerf = await ids(connection, "NeRF")
        await tags.follow(connection, one, nerf, now=1)
        await planning.plan(connection, post_id, at=1, cap=10, oldest=DAY)
        begun = delivery.update().where(delivery.c.arxiv_id == "2611.00001").values(state="sending")
        await connection.execute(begun)
        await connection.execute(
            delivery.update().where(delivery.c.arxiv_id == "2611.00002").values(state="sent")
        )
        await tags.leave(connection, one, nerf, now=100)
        assert await owed(connection, one) == {
            "2611.00001": "sending",
            "2611.00002": "sent",
            "2611.00003": "left",
        }


async def test_paper_that_is_followed_under_another_tag_is_still_owed(database):
    async with database.writing() as connection:
        one = await a_chat(connection)
        post_id = await publish(connection, "NeRF", papers=("2611.00001",))
        await publish(connection, "3DGS", papers=("2611.00001",))
        both = await ids(connection, "NeRF", "3DGS")
        await tags.follow(connection, one, both, now=1)
        await planning.plan(connection, post_id, at=1, cap=10, oldest=DAY)
        await tags.leave(connection, one, both[:1], now=100)
        assert await owed(connection, one) == {"2611.00001": "pending"}
        await tags.leave(connection, one, both[1:], now=100)
        assert await owed(connection, one) == {"2611.00001": "left"}


async def test_slip_is_undone_within_a_day_and_the_chat_gets_its_turn(database):
    async with database.writing() as connection:
        one = await a_chat(connection)
        post_id = await publish(connection, "NeRF", papers=("2611.00001",))
        nerf = await ids(connection, "NeRF")
        await tags.follow(connection, one, nerf, now=1)
        await planning.plan(connection, post_id, at=1, cap=10, oldest=DAY)
        await tags.leave(connection, one, nerf, now=100)
        await connection.execute(chat.update().values(owed_at=None))
        await tags.follow(connection, one, nerf, now=100 + tags.SLIP - 1)
        assert await owed(connection, one) == {"2611.00001": "pending"}
        assert (await connection.execute(select(chat.c.owed_at))).scalar_one() is not None
        await tags.leave_all(connection, one, now=200_000)
        await tags.follow(connection, one, nerf, now=200_000 + tags.SLIP)
        assert await owed(connection, one) == {"2611.00001": "left"}


async def test_key_finds_the_tag_again_in_any_database():
    assert tags.key("nerf") == tags.key("nerf") != tags.key("3dgs")
    assert len(tags.key("元宇宙-虚拟人")) == 8
    assert tags.by_key(TOPICS, tags.key("元宇宙-虚拟人")) is TOPICS[3]
    assert tags.by_key(TOPICS, "ffffffff") is None


@pytest.mark.parametrize(
    ("word", "names"),
    [
        ("nerf", ["NeRF"]),
        ("C++", ["C++"]),
        ("c", ["C++"]),
        ("vision", ["Vision"]),
        ("generation", ["Talking Head Generation", "Avatar Generation"]),
        ("head gen", ["Talking Head Generation"]),
        ("宇宙", ["元宇宙/虚拟人"]),
        ("3d gs", ["3DGS"]),
        ("splats", ["3DGS"]),
        ("SPLATS ", ["3DGS"]),
        ("nothing", []),
        ("!!!", []),
        ("", []),
    ],
)
def test_name_alias_or_part_finds(word, names):
    assert [found.name for found in find(word, {"Splats": "3dgs"})] == names


def test_exact_name_goes_before_an_alias_and_an_alias_before_a_part():
    aliases = {"NeRF": "3dgs", "Talking": "nerf"}
    assert shown(find("nerf", aliases)) == ["<NeRF>"]
    assert shown(find("talking", aliases)) == ["<NeRF>"]


def test_alias_of_a_tag_that_is_not_there_finds_nothing():
    assert find("gone", {"gone": "no-such-tag"}) == []


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("nerv", "NeRF"),
        ("talkng", "Talking Head Generation"),
        ("THG", "Talking Head Generation"),
        ("虚拟机人", "元宇宙/虚拟人"),
        ("Avatr Genration", "Avatar Generation"),
    ],
)
def test_near_names_are_offered(word, name):
    found = [item.name for item in tags.near(TOPICS, word)]
    assert found[0] == name
    assert len(found) <= 4


def test_nothing_is_offered_for_what_is_like_no_name():
    assert tags.near(TOPICS, "qqqqqq") == []


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("nerf 3dgs", ["<NeRF>", "<3DGS>"]),
        ("talking head generation nerf", ["<Talking Head Generation>", "<NeRF>"]),
        ("nerf,3dgs；c++\nvision", ["<NeRF>", "<3DGS>", "<C++>", "<Vision>"]),
        ("vision, language", ["<Vision, Language>"]),
        ("nerf, vision, language, c++", ["<NeRF>", "<Vision, Language>", "<C++>"]),
        ("vision, nerf", ["<Vision>", "<NeRF>"]),
        ("talking avatar", ["talking", "avatar"]),
        ("talkng head generation", ["talkng head generation"]),
        ("nerf zzz qqq", ["<NeRF>", "zzz qqq"]),
        ("nerf nerf", ["<NeRF>"]),
        (" , ，\n", []),
        ("", []),
    ],
)
def test_text_is_split_into_names_longest_first(text, pieces):
    assert shown(split(text)) == pieces


@given(st.text(max_size=60))
def test_any_text_is_split_into_pieces_of_it(text):
    for piece in split(text, TOPICS, {"gs": "3dgs"}):
        if isinstance(piece, str):
            assert " ".join(piece.split()) in " ".join(text.split())
            find(piece)
            tags.near(TOPICS, piece)


@given(st.permutations(TOPICS[:6]), st.sampled_from([" ", ", ", "\n", "、"]))
def test_names_one_after_another_are_all_found(order, between):
    assert split(between.join(item.name for item in order), TOPICS[:6]) == list(order)


@pytest.mark.parametrize(
    "text", ["w " * 2000, "topic 7 of 500 " * 250, "," * 4096, "x," * 2000, "a" * 4096, "+" * 4096]
)
def test_long_text_is_split_at_once(text):
    many = [topic(f"Topic {number} of 500", number) for number in range(500)]
    begin = time.thread_time()
    split(text, many)
    assert time.thread_time() - begin < 0.5
