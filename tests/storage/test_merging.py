"""Names that mean one tag: what posts call it, what was merged into it, what the configuration says."""

import asyncio
import datetime as dt
import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from bot.digest import read
from bot.digest.tags import aliases, named
from bot.errors import UsageError
from bot.model import Language, RawPost, Style, Tag
from bot.slugs import key, slug, tight
from bot.storage import backup, chats, digests, merging, offers, planning, posts, tags
from bot.storage.database import open_database
from bot.storage.merging import Weight
from bot.storage.tables import delivery, post_tag, subscription, tag, tag_alias
from bot.storage.tags import Names
from tests.builders import post

DAY = dt.date(2026, 11, 18)
OLDEST = dt.date(2026, 11, 1)


async def publish(connection, *names, papers=("2611.00001",), date=DAY, address=None, at=1, config=None):
    """A post of that day under these tags; its number."""
    given = tuple(Tag(name=name, slug=slug(name)) for name in names)
    made = post(*papers, tags=given, date=date, heading_date=date, address=address or f"{date}/{names[0]}.md")
    return await posts.add(connection, "blog", made, at=at, named=named(config or {}))


async def a_chat(connection, *follows, address="1"):
    made = await chats.settle_in(
        connection, "p", address, group=False, style=Style.CARDS, language=Language.EN
    )
    known = await merging.numbers(connection)
    await tags.follow(connection, made.id, [known[each] for each in follows], now=1)
    return made.id


async def known(connection):
    """The tags by their slugs: name, aliases, and the posts under each."""
    count = select(post_tag.c.tag_id, func.count().label("posts")).group_by(post_tag.c.tag_id).subquery()
    rows = await connection.execute(
        select(tag.c.id, tag.c.slug, tag.c.name, count.c.posts).outerjoin(count, count.c.tag_id == tag.c.id)
    )
    others = await merging.aliases(connection)
    return {row.slug: (row.name, others.get(row.id, ()), row.posts or 0) for row in rows}


async def followed(connection, chat_id):
    found = await tags.topics(connection, since=DAY, chat_id=chat_id)
    return [topic.slug for topic in found if topic.followed]


async def states(connection, chat_id):
    rows = await connection.execute(select(delivery).where(delivery.c.chat_id == chat_id))
    return {row.arxiv_id: row.reason or row.state for row in rows}


async def plan(connection, post_id, at=1):
    return await planning.plan(connection, post_id, at=at, cap=10, oldest=OLDEST)


# What posts call a tag


SPELLINGS = {
    "元宇宙/虚拟人": ("元宇宙_虚拟人", "元宇宙-虚拟人", "元宇宙 虚拟人", "元宇宙／虚拟人", "元宇宙虚拟人"),
    "R1_Reasoning": ("R1-Reasoning", "r1 reasoning", "R1Reasoning", "Ｒ１　Reasoning"),
    "Talking Head Generation": (
        "Talking-Head-Generation", "talking  head generation", "TALKING_HEAD GENERATION",
        "Talk\u200bing Head Gener\u00adation",
    ),
    "3DGS": ("3dgs", "3D GS", "３ＤＧＳ", "3D-GS", "3D_GS", "3d\u00a0gs"),
    "NeRF": ("nerf", "Ne\u200bRF", "NERF ", "Ne RF"),
    "Café Scenes": (unicodedata.normalize("NFD", "Café Scenes"), "café-scenes"),
}  # fmt: skip
POST = """---
title: {name}
date: 2026-11-{day:02} 08:00:00
categories: Paper
tags:
    - "{name}"
---

>A disclaimer.

# 2026-11-{day:02} 更新

## A title
**Authors:Ada Lovelace, Alan Turing**
We show that it can be done.
[PDF](http://arxiv.org/abs/2611.{day:05}v1)
**Summary**
It can be done.
**Key Takeaways**
1. One.
2. Two.
"""


@pytest.mark.parametrize("name", SPELLINGS)
async def test_posts_that_spell_a_tag_in_any_way_meet_in_it_and_people_find_it(database, name):
    async with database.writing() as connection:
        for number, spelled in enumerate((name, *SPELLINGS[name]), 1):
            text = POST.format(name=spelled, day=number)
            found = read(RawPost(address=f"2026-11-{number:02}/a.md", data=text.encode()))
            await posts.add(connection, "blog", found, at=number)
        [(made, (shown, _, number))] = (await known(connection)).items()
        assert (made, shown, number) == (slug(name), name, 1 + len(SPELLINGS[name]))
        listed = await digests.briefs(connection, [made], limit=20)
        assert len(listed) == number
        names = Names(await tags.topics(connection, since=DAY, chat_id=None), {})
    for spelled in (name, *SPELLINGS[name]):
        assert names.get(spelled).slug == made
        assert [piece.slug for piece in names.split(spelled)] == [made]


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("talking head", "Talking Head Generation"),
        ("talking-head", "Talking Head Generation"),
        ("3d gs", "3DGS"),
        ("nerf", "NeRF"),
        ("虚拟人", "元宇宙/虚拟人"),
        ("r1", "R1_Reasoning"),
        ("ｎｅｒｆ", "NeRF"),
    ],
)
async def test_what_people_type_finds_the_tag(database, typed, name):
    async with database.writing() as connection:
        await publish(connection, *SPELLINGS)
        topics = await tags.topics(connection, since=DAY, chat_id=None)
    assert [topic.name for topic in Names(topics, {}).find(typed)] == [name]


@pytest.mark.parametrize(
    "apart",
    [
        ("2.5D", "25D"),
        ("GPT-4 1", "GPT-41"),
        ("Llama 3.1", "Llama 31"),
        ("C", "C++", "C#"),
        ("3DGS", "4DGS"),
        ("NeRF", "NeRFs"),
        ("医学图像", "医学影像"),
        ("LLM", "VLM", "LM"),
        ("⭐", "♥"),
    ],
)
async def test_names_that_differ_in_more_than_blanks_are_tags_of_their_own(database, apart):
    async with database.writing() as connection:
        await publish(connection, *apart)
        assert {shown for shown, _, _ in (await known(connection)).values()} == set(apart)


async def test_unseen_tag_appears_by_itself_and_only_once_in_a_post(database):
    async with database.writing() as connection:
        await publish(connection, "NeRF", "3D GS", "3DGS", "nerf")
        assert await known(connection) == {"nerf": ("NeRF", (), 1), "3d-gs": ("3D GS", ("3dgs",), 1)}


async def test_what_differs_by_blanks_from_two_tags_is_a_tag_of_its_own(database):
    async with database.writing() as connection:
        await publish(connection, "3DGS")
        await connection.execute(tag.insert().values(slug="3-dgs", name="3-DGS"))
        await publish(connection, "3D GS")
        assert set(await known(connection)) == {"3dgs", "3-dgs", "3d-gs"}


@given(st.text("ab 1-_/.", max_size=12), st.text("ab 1-_/.", max_size=12))
def test_names_that_are_tight_alike_hold_the_same_signs(one, other):
    if tight(slug(one)) == tight(slug(other)):
        assert slug(one).replace("-", "") == slug(other).replace("-", "")
        assert tight(tight(slug(one))) == tight(slug(one))


# Merging


async def test_posts_and_followers_go_over_once_each(database):
    async with database.writing() as connection:
        await publish(connection, "Splatting", address="1")
        await publish(connection, "Splatting", "NeRF", "3DGS", address="2")
        await publish(connection, "3DGS", address="3")
        one = await a_chat(connection, "splatting", address="1")
        both = await a_chat(connection, "splatting", "3dgs", address="2")
        none = await a_chat(connection, "nerf", address="3")
        assert await merging.weigh(connection, "splatting") == Weight(posts=2, followers=2)
        assert await merging.merge(connection, "splatting", "3dgs") == Weight(posts=2, followers=2)
        assert await known(connection) == {"3dgs": ("3DGS", ("splatting",), 3), "nerf": ("NeRF", (), 1)}
        assert [await followed(connection, chat) for chat in (one, both, none)] == [
            ["3dgs"],
            ["3dgs"],
            ["nerf"],
        ]
        # In the post that had both the tag stands where the first of them stood.
        rows = await connection.execute(
            select(tag.c.slug).join(post_tag).where(post_tag.c.post_id == 2).order_by(post_tag.c.position)
        )
        assert rows.scalars().all() == ["3dgs", "nerf"]


async def test_merging_again_or_into_itself_changes_nothing(database):
    async with database.writing() as connection:
        await publish(connection, "Splatting", "3DGS")
        await merging.merge(connection, "splatting", "3dgs")
        before = await known(connection)
        for old, into in (("splatting", "3dgs"), ("3dgs", "splatting"), ("3dgs", "3dgs")):
            assert await merging.merge(connection, old, into) == Weight(posts=0, followers=0)
        assert await known(connection) == before
        for pair in (("none", "3dgs"), ("3dgs", "none")):
            with pytest.raises(KeyError, match="none"):
                await merging.merge(connection, *pair)


async def test_what_was_merged_before_goes_along(database):
    async with database.writing() as connection:
        await publish(connection, "A1", address="1")
        await publish(connection, "B2", address="2")
        await publish(connection, "C3", address="3")
        await merging.merge(connection, "a1", "b2")
        await merging.merge(connection, "a1", "c3")  # by its alias
        assert await known(connection) == {"c3": ("C3", ("a1", "b2"), 3)}


async def test_posts_that_come_with_the_old_name_are_the_other_tags(database):
    async with database.writing() as connection:
        await publish(connection, "Splatting", "3DGS", address="1")
        chat = await a_chat(connection, "3dgs")
        await merging.merge(connection, "splatting", "3dgs")
        for number, name in enumerate(("Splatting", "SPLATTING", "Splat-ting"), 2):
            new = await publish(connection, name, papers=(f"2611.0000{number}",), address=name, at=number)
            assert await plan(connection, new, at=number) == 1
        assert await known(connection) == {"3dgs": ("3DGS", ("splat-ting", "splatting"), 4)}
        assert len(await states(connection, chat)) == 3


async def test_merge_owes_nothing_and_drops_nothing(database):
    async with database.writing() as connection:
        old = await publish(connection, "Splatting", papers=("2611.00001", "2611.00002"), address="old")
        into = await publish(connection, "3DGS", papers=("2611.00002", "2611.00003"), address="into")
        one = await a_chat(connection, "splatting", address="1")
        other = await a_chat(connection, "3dgs", address="2")
        left = await a_chat(connection, "splatting", "3dgs", address="3")
        for each in (old, into):
            await plan(connection, each)
        await tags.leave(connection, left, [(await merging.numbers(connection))["3dgs"]], now=5)
        before = [await states(connection, chat) for chat in (one, other, left)]
        assert before[2] == {"2611.00001": "pending", "2611.00002": "pending", "2611.00003": "left"}
        await merging.merge(connection, "splatting", "3dgs")
        for each in (old, into):  # the posts are planned again, as when they change
            assert await plan(connection, each, at=7) == 0
        assert [await states(connection, chat) for chat in (one, other, left)] == before
        # A post that grows brings its additions to all of them.
        grown = await publish(
            connection, "Splatting", papers=("2611.00001", "2611.00002", "2611.00009"), address="old", at=9
        )
        assert grown == old
        assert await plan(connection, old, at=9) == 3


async def test_paper_that_was_read_under_the_merged_tag_is_no_news_under_the_other(database):
    async with database.writing() as connection:
        await publish(connection, "Splatting", papers=("2611.00001",), address="old")
        await publish(connection, "3DGS", papers=("2611.00005",), address="into")
        chat = await a_chat(connection, "3dgs")
        await merging.merge(connection, "splatting", "3dgs")
        again = await publish(connection, "3DGS", papers=("2611.00001",), address="again", at=3)
        assert await plan(connection, again, at=3) == 0
        assert await states(connection, chat) == {}


async def test_who_follows_all_and_leaves_the_tag_stays_without_it(database):
    async with database.writing() as connection:
        await publish(connection, "Splatting", "3DGS", "NeRF")
        chat = await a_chat(connection)
        await tags.set_follows_all(connection, chat, True)
        await merging.merge(connection, "splatting", "3dgs")
        assert sorted(await followed(connection, chat)) == ["3dgs", "nerf"]
        await tags.leave(connection, chat, [(await merging.numbers(connection))["3dgs"]], now=5)
        assert await followed(connection, chat) == ["nerf"]


async def test_all_that_names_the_old_tag_leads_to_the_other(database):
    async with database.writing() as connection:
        await publish(connection, "Gaussian Splatting", date=DAY - dt.timedelta(1), papers=("2611.00002",))
        await publish(connection, "3DGS", papers=("2611.00003",))
        await merging.merge(connection, "gaussian-splatting", "3dgs")
        topics = await tags.topics(connection, since=OLDEST, chat_id=None)
        assert [(topic.slug, topic.week) for topic in topics] == [("3dgs", 2)]
        assert tags.by_key(topics, key("gaussian-splatting")) == topics[0]
        names = Names(topics, {"GS": "gaussian-splatting"})
        for word in ("Gaussian_Splatting", "gaussian splatting", "GaussianSplatting", "gs", "3d gs"):
            assert names.get(word) == topics[0], word
        for word in ("gaussian", "splat"):
            assert names.find(word) == topics
        assert names.split("gaussian splatting, 3dgs") == topics
        assert tags.near(topics, "gausian spliting") == topics
        both = [key("gaussian-splatting"), key("3dgs")]
        splats = Tag(name="3DGS", slug="3dgs")
        assert await digests.tags_of(connection, both) == [splats]
        assert await digests.tag_of(connection, both[0]) == splats
        day = await digests.day(connection, "gaussian-splatting")
        assert (day.date, day.older) == (DAY, DAY - dt.timedelta(1))
        assert [each.arxiv_id for each in await digests.papers(connection, "gaussian-splatting", DAY)] == [
            "2611.00003"
        ]
        assert await digests.dates(connection, "gaussian-splatting") == 2
        assert await digests.nearest(connection, ["gaussian-splatting"], OLDEST) == DAY - dt.timedelta(1)
        assert len(await digests.briefs(connection, ["gaussian-splatting"], limit=5)) == 2
        assert len(await offers.days(connection, ["gaussian-splatting"], until=DAY, limit=5)) == 2


async def test_who_follows_a_tag_while_it_is_merged_is_refused_or_goes_along(database):
    """Two connections: what one of them does is never lost without a word."""
    async with database.writing() as connection:
        await publish(connection, "Splatting", "3DGS")
        chat = await a_chat(connection)
        number = (await merging.numbers(connection))["splatting"]

    async def follow():
        try:
            async with database.writing() as connection:
                await tags.follow(connection, chat, [number], now=3)
        except IntegrityError:
            return False
        return True

    async def join():
        async with database.writing() as connection:
            await merging.merge(connection, "splatting", "3dgs")

    went, _ = await asyncio.gather(follow(), join())
    async with database.reading() as connection:
        assert await followed(connection, chat) == (["3dgs"] if went else [])


async def test_posts_added_while_tags_are_merged_are_kept(database):
    async with database.writing() as connection:
        await publish(connection, "Splatting", "3DGS", "NeRF")

    async def add(number):
        async with database.writing() as connection:
            names = ("NeRF", "Splatting", "New") if number % 2 else ("Ne W", "3DGS", "Splatting")
            await publish(connection, *names, papers=(f"2611.0001{number}",), address=str(number))

    async def join(old, into):
        async with database.writing() as connection:
            await merging.merge(connection, old, into)

    await asyncio.gather(add(1), join("splatting", "3dgs"), add(2), join("nerf", "3dgs"), add(3), add(4))
    async with database.reading() as connection:
        found = await known(connection)
    assert sorted(found) in (["3dgs", "ne-w"], ["3dgs", "new"])
    assert {number for *_, number in found.values()} == {4, 5}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=8, deadline=None)
@given(data=st.data())
async def test_any_merges_keep_every_post_and_follower_and_each_slug_with_one_tag(database, data):
    slugs = [f"t{letter}" for letter in "abcdef"]
    pairs = data.draw(st.lists(st.tuples(st.sampled_from(slugs), st.sampled_from(slugs)), max_size=6))
    under = data.draw(st.lists(st.sets(st.sampled_from(slugs), min_size=1), min_size=1, max_size=4))
    leads = {each: each for each in slugs}
    async with database.reading() as connection:  # undone at the end
        for number, names in enumerate([slugs, *under]):
            await publish(connection, *sorted(names), address=str(number))
        chat = await a_chat(connection, *sorted(under[0]))
        for old, into in pairs:
            await merging.merge(connection, old, into)
            leads = {each: leads[into] if to == leads[old] else to for each, to in leads.items()}
        found = await known(connection)
        assert set(found) == set(leads.values())
        assert sorted([*found, *(other for _, others, _ in found.values() for other in others)]) == slugs
        for each, (_, _, number) in found.items():
            assert number == sum(each in {leads[name] for name in names} for names in [slugs, *under])
        assert set(await followed(connection, chat)) == {leads[each] for each in under[0]}


# The configuration


CONFIG = {"3DGS": ("Gaussian Splatting", "高斯泼溅"), "NeRF": ("Radiance Fields",)}


async def test_aliases_that_are_tags_are_merged_and_names_are_the_configurations(database):
    async with database.writing() as connection:
        for name in ("3dgs", "gaussian_splatting", "高斯泼溅", "Radiance Fields", "Avatars"):
            await publish(connection, name)
        chat = await a_chat(connection, "gaussian-splatting", "radiance-fields")
        told = await merging.settle(connection, CONFIG)
        assert await known(connection) == {
            "3dgs": ("3DGS", ("gaussian-splatting", "高斯泼溅"), 3),
            "nerf": ("NeRF", ("radiance-fields",), 1),
            "avatars": ("Avatars", (), 1),
        }
        assert told == [
            "'3dgs' is called '3DGS' now",
            "'gaussian_splatting' is a part of '3DGS' now",
            "'高斯泼溅' is a part of '3DGS' now",
            "'Radiance Fields' is called 'NeRF' now",
        ]
        assert sorted(await followed(connection, chat)) == ["3dgs", "nerf"]
        assert await merging.settle(connection, CONFIG) == []
        # What leaves the configuration stays merged, under the last name.
        assert await merging.settle(connection, {}) == []
        assert len(await known(connection)) == 3


async def test_nothing_is_made_for_a_name_without_posts(database):
    async with database.writing() as connection:
        assert await merging.settle(connection, CONFIG) == []
        assert await known(connection) == {}


async def test_post_with_an_alias_is_the_named_tags_from_the_first_one_on(database):
    async with database.writing() as connection:
        for number, name in enumerate(
            ("高斯泼溅", "Gaussian-Splatting", "GaussianSplatting", "3D GS", "3dgs")
        ):
            await publish(connection, name, address=str(number), config=CONFIG)
        await publish(connection, "radiance_fields", "NERF", config=CONFIG)
        assert await known(connection) == {"3dgs": ("3DGS", (), 5), "nerf": ("NeRF", (), 1)}
        # A slip of the configuration is mended in it: an alias that was no tag is not kept.
        await publish(connection, "高斯泼溅", address="9")
        assert "高斯泼溅" in await known(connection)


async def test_tags_that_the_configuration_names_are_two_though_only_a_blank_tells_them_apart(database):
    config = {"3DGS": (), "3D GS": ("Gaussians",)}
    async with database.writing() as connection:
        for number, name in enumerate(("3dgs", "3d-gs", "gaussians")):
            await publish(connection, name, address=str(number), config=config)
        assert await known(connection) == {"3dgs": ("3DGS", (), 1), "3d-gs": ("3D GS", (), 2)}
        assert await merging.settle(connection, config) == []


async def test_what_operators_merged_stays_whatever_the_configuration_names(database):
    async with database.writing() as connection:
        await publish(connection, "NeRF", "Neural Fields", "Radiance Fields")
        await merging.merge(connection, "nerf", "neural-fields")
        assert await merging.settle(connection, CONFIG) == ["'Radiance Fields' is a part of 'NeRF' now"]
        await publish(connection, "nerf", "Radiance Fields", address="2", config=CONFIG)
        assert await known(connection) == {
            "neural-fields": ("Neural Fields", ("nerf", "radiance-fields"), 2),
        }
        assert await merging.settle(connection, CONFIG) == []


async def test_tag_that_was_merged_into_its_own_alias_takes_its_name_back(database):
    async with database.writing() as connection:
        await publish(connection, "NeRF", "Radiance Fields")
        await merging.merge(connection, "nerf", "radiance-fields")
        assert await merging.settle(connection, CONFIG) == ["'Radiance Fields' is called 'NeRF' now"]
        assert await known(connection) == {"nerf": ("NeRF", ("radiance-fields",), 1)}


async def test_name_is_the_configurations_where_posts_write_it_with_other_blanks(database):
    async with database.writing() as connection:
        await publish(connection, "3D-GS")
        assert await merging.settle(connection, CONFIG) == ["'3D-GS' is called '3DGS' now"]
        assert await known(connection) == {"3dgs": ("3DGS", ("3d-gs",), 1)}


async def test_name_goes_before_an_alias_and_the_first_spelling_of_a_name_is_shown(database):
    config = {"3DGS": ("NeRF", "gs"), "NeRF": ("3dgs",), "nerf": ("fields",)}
    async with database.writing() as connection:
        for number, name in enumerate(("3dgs", "NERF", "GS", "Fields")):
            await publish(connection, name, address=str(number))
        await merging.settle(connection, config)
        assert await known(connection) == {"3dgs": ("3DGS", ("gs",), 2), "nerf": ("NeRF", ("fields",), 2)}
        assert await merging.settle(connection, config) == []
    assert {each: meant.name for each, meant in named(config).items()} == {
        "3dgs": "3DGS",
        "gs": "3DGS",
        "nerf": "NeRF",
        "fields": "NeRF",
    }


async def test_processes_that_start_at_once_settle_the_tags_once(database):
    async with database.writing() as connection:
        for name in ("3dgs", "gaussian splatting", "高斯泼溅", "Radiance Fields"):
            await publish(connection, name)

    async def start():
        async with database.writing() as connection:
            return await merging.settle(connection, CONFIG)

    told = await asyncio.gather(*(start() for _ in range(4)))
    assert sorted(map(len, told)) == [0, 0, 0, 4]
    async with database.reading() as connection:
        assert set(await known(connection)) == {"3dgs", "nerf"}


async def test_people_find_tags_by_aliases_of_the_configuration_after_a_merge_too(database):
    async with database.writing() as connection:
        await publish(connection, "3DGS", "Splats")
        await merging.merge(connection, "3dgs", "splats")
        topics = await tags.topics(connection, since=DAY, chat_id=None)
    assert Names(topics, aliases(CONFIG)).get("高斯泼溅").slug == "splats"


# Backups


async def export(database):
    async with database.reading() as connection:
        return await backup.export(connection, at=9)


async def load(database, data):
    async with database.writing() as connection:
        await backup.restore(connection, data, at=10)


@pytest.fixture
async def told(tmp_path):
    """A backup of a chat that follows NeRF, where Splatting was merged into 3DGS, which nobody follows."""
    opened = await open_database(str(tmp_path / "origin.db"))
    async with opened.writing() as connection:
        await publish(connection, "NeRF", "Splatting", "3DGS")
        await a_chat(connection, "nerf")
        await merging.merge(connection, "splatting", "3dgs")
    yield await export(opened)
    await opened.close()


async def test_backup_tells_what_was_merged_and_a_restore_keeps_it(database, told):
    assert told["aliases"] == {"splatting": "3dgs"}
    assert told["tags"] == {"3dgs": "3DGS", "nerf": "NeRF"}
    await load(database, told)
    assert await export(database) == told | {"sources": {}}
    async with database.writing() as connection:
        await publish(connection, "Splatting")
        assert await known(connection) == {"3dgs": ("3DGS", ("splatting",), 1), "nerf": ("NeRF", (), 0)}


async def test_restore_merges_what_was_read_here_before(database, told):
    async with database.writing() as connection:
        await publish(connection, "Splatting")
        chat = await a_chat(connection, "splatting")
    await load(database, told)
    await load(database, told)
    async with database.writing() as connection:
        assert (await known(connection))["3dgs"] == ("3DGS", ("splatting",), 1)
        assert "3dgs" in await followed(connection, chat)


async def test_follower_of_a_tag_that_is_merged_here_follows_the_other(database, told):
    async with database.writing() as connection:
        await publish(connection, "NeRF", "Fields")
        await merging.merge(connection, "nerf", "fields")
        await publish(connection, "Splatting", "Dots", address="2")
        await merging.merge(connection, "splatting", "dots")
    before = {each: told[each] for each in told if each != "aliases"}
    for data in (told, before):  # an older backup tells of no aliases
        await load(database, data)
        async with database.writing() as connection:
            assert await known(connection) == {
                "fields": ("Fields", ("nerf",), 1),
                "dots": ("Dots", ("splatting",), 1),
                "3dgs": ("3DGS", (), 0),
            }
            slugs = select(tag.c.slug).join(subscription)
            assert (await connection.execute(slugs)).scalars().all() == ["fields"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"aliases": []}, "aliases: .*write an object"),
        ({"aliases": {"x": 3}}, "aliases.x: 3; write a text"),
        ({"aliases": {"x": "gone"}}, "aliases.x: 'gone' is not among `tags`"),
        ({"aliases": {"nerf": "3dgs"}}, "aliases.nerf: is among `tags` as well; take one of them out"),
    ],
)
async def test_fault_in_aliases_is_told_with_its_place(database, told, wrong, said):
    with pytest.raises(UsageError, match=said):
        await load(database, told | wrong)
    async with database.reading() as connection:
        assert (await connection.execute(select(tag_alias))).all() == []
