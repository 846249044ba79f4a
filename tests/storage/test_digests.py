"""Digests as they are asked for: by tag and day, over all posts."""

from sqlalchemy import insert

from bot.model import Credit, Tag
from bot.slugs import key
from bot.storage import digests
from bot.storage.tables import chat, delivery, subscription
from tests.builders import entry, paper, post
from tests.commands.shelves import day, digest, entry_ids, put, tag_ids

CHAT = {"platform": "telegram", "address": "1", "style": "cards", "language": "en", "follows_all": False}


async def add_chat(connection, *slugs, **given) -> int:
    statement = insert(chat).values(CHAT | given).returning(chat.c.id)
    chat_id = (await connection.execute(statement)).scalar_one()
    known = await tag_ids(connection)
    for slug in slugs:
        await connection.execute(insert(subscription).values(chat_id=chat_id, tag_id=known[slug]))
    return chat_id


async def test_tag_is_known_by_its_key(database):
    await put(database, digest(day(1), "2611.00001"), digest(day(1), "2611.00001", tags=("元宇宙/虚拟人",)))
    async with database.reading() as connection:
        assert await digests.tag_of(connection, key("nerf")) == Tag(name="NeRF", slug="nerf")
        assert (await digests.tag_of(connection, key("元宇宙-虚拟人"))).name == "元宇宙/虚拟人"
        assert await digests.tag_of(connection, "ffffffff") is None
        assert await digests.tag_of(connection, "") is None


async def test_tags_are_known_by_their_keys(database):
    await put(database, digest(day(1), "2611.00001", tags=("NeRF", "3DGS", "LLM")))
    async with database.reading() as connection:
        found = await digests.tags_of(connection, (key("llm"), "ffffffff", key("nerf")))
        assert {tag.slug for tag in found} == {"nerf", "llm"}
        assert await digests.tags_of(connection, ()) == []


async def test_followed_tags_are_those_that_the_chat_names(database):
    await put(database, digest(day(1), "2611.00001"), digest(day(1), "2611.00002", tags=("3DGS",)))
    async with database.writing() as connection:
        some = await add_chat(connection, "nerf", "3dgs")
        everything = await add_chat(connection, "nerf", address="2", follows_all=True)
        nothing = await add_chat(connection, address="3")
        assert [tag.slug for tag in await digests.followed(connection, some)] == ["3dgs", "nerf"]
        assert await digests.followed(connection, everything) == []
        assert await digests.followed(connection, nothing) == []
        assert await digests.followed(connection, None) == []


async def test_day_is_the_latest_the_asked_or_the_nearest(database):
    await put(database, *(digest(day(number), f"2611.{number:05}") for number in (3, 10, 14)))
    async with database.reading() as connection:
        assert (await digests.day(connection, "nerf")).date == day(14)
        for asked, found in ((10, 10), (11, 10), (13, 14), (12, 10), (1, 3), (30, 14)):
            assert (await digests.day(connection, "nerf", day(asked))).date == day(found), asked


async def test_day_knows_those_beside_it(database):
    await put(database, *(digest(day(number), f"2611.{number:05}") for number in (3, 10, 14)))
    async with database.reading() as connection:
        middle = await digests.day(connection, "nerf", day(10))
        assert (middle.older, middle.newer) == (day(3), day(14))
        first = await digests.day(connection, "nerf", day(3))
        assert (first.older, first.newer) == (None, day(10))
        last = await digests.day(connection, "nerf")
        assert (last.older, last.newer) == (day(10), None)


async def test_day_of_the_heading_counts_where_no_digest_is_filed_there(database):
    await put(
        database,
        digest(day(3), "2611.00001", heading_date=day(9)),
        digest(day(10), "2611.00002", heading_date=day(3)),
    )
    async with database.reading() as connection:
        assert (await digests.day(connection, "nerf", day(9))).date == day(3)
        assert (await digests.day(connection, "nerf", day(3))).date == day(3)


async def test_posts_without_papers_are_no_digests(database):
    await put(database, digest(day(3), "2611.00001"), digest(day(10)), digest(day(1), tags=("LLM",)))
    async with database.reading() as connection:
        found = await digests.day(connection, "nerf", day(10))
        assert (found.date, found.newer) == (day(3), None)
        assert await digests.day(connection, "llm") is None
        assert await digests.day(connection, "unheard-of", day(1)) is None
        assert await digests.dates(connection, "nerf") == 1
        assert [brief.date for brief in await digests.briefs(connection, (), limit=9)] == [day(3)]


async def test_papers_of_several_posts_come_once_in_the_order_of_the_posts(database):
    bare = entry("2611.00002", takeaways=())
    await put(database, digest(day(1), "2611.00003", bare, title="a"))
    told = entry("2611.00002", summary="更多。")
    await put(database, digest(day(1), told, "2611.00001", title="b", author="Another"), source="mirror")
    async with database.reading() as connection:
        found = await digests.papers(connection, "nerf", day(1))
        assert [each.arxiv_id for each in found] == ["2611.00003", "2611.00002", "2611.00001"]
        assert found[1].credit == Credit(author="Another", url="https://blog.example.org/2026-11-01/")
        named = await digests.mentions(connection, found)
        assert [mention.summary for mention in named] == [
            "2611.00003 的一句话。",
            "更多。",
            "2611.00001 的一句话。",
        ]


async def test_newest_entry_tells_of_a_paper_where_several_have_takeaways(database):
    for number in range(3):
        told = entry("2611.00001", summary=f"第 {number} 次。")
        await put(database, digest(day(1), told), source=str(number))
    async with database.reading() as connection:
        found = await digests.papers(connection, "nerf", day(1))
        assert [mention.summary for mention in await digests.mentions(connection, found)] == ["第 2 次。"]


async def test_post_with_several_tags_is_a_digest_of_each(database):
    await put(database, digest(day(1), "2611.00001", tags=("NeRF", "3DGS")))
    async with database.reading() as connection:
        for slug in ("nerf", "3dgs"):
            assert len(await digests.papers(connection, slug, day(1))) == 1
        briefs = await digests.briefs(connection, (), limit=9)
        assert [(brief.tag.name, brief.number) for brief in briefs] == [("3DGS", 1), ("NeRF", 1)]


async def test_briefs_are_newest_first_then_by_name_and_paged(database):
    await put(
        database,
        digest(day(1), "2611.00001"),
        digest(day(2), "2611.00002", "2611.00003", "2611.00004"),
        digest(day(2), "2611.00005", tags=("3DGS",)),
        digest(day(3), "2611.00006", tags=("LLM",)),
    )
    await put(database, digest(day(2), "2611.00004", "2611.00007"), source="mirror")
    async with database.reading() as connection:
        every = await digests.briefs(connection, (), limit=9)
        assert [(brief.tag.name, brief.date, brief.number) for brief in every] == [
            ("LLM", day(3), 1), ("3DGS", day(2), 1), ("NeRF", day(2), 4), ("NeRF", day(1), 1),
        ]  # fmt: skip
        assert every[2].titles == ("On 2611.00002", "On 2611.00003")
        assert await digests.briefs(connection, (), limit=2, offset=1) == every[1:3]
        assert await digests.briefs(connection, ["nerf"], limit=9) == every[2:]
        assert await digests.briefs(connection, ["nerf"], limit=9, offset=5) == []
        assert await digests.dates(connection, "nerf") == 2


async def test_briefs_of_a_day_are_those_filed_under_it_or_headed_so(database):
    await put(
        database,
        digest(day(1), "2611.00001"),
        digest(day(2), "2611.00002", tags=("3DGS",)),
        digest(day(3), "2611.00003", tags=("LLM",), heading_date=day(2)),
        digest(day(2), tags=("Empty",)),
    )
    async with database.reading() as connection:
        found = await digests.briefs(connection, (), on=day(2), limit=9)
        assert [(brief.tag.name, brief.date) for brief in found] == [("LLM", day(3)), ("3DGS", day(2))]
        assert await digests.briefs(connection, (), on=day(2), limit=9, offset=1) == found[1:]
        assert await digests.briefs(connection, ["3dgs", "nerf"], on=day(2), limit=9) == found[1:]
        assert await digests.briefs(connection, ["nerf"], on=day(2), limit=9) == []


async def test_nearest_day_is_of_the_tags_that_are_named_or_of_all(database):
    await put(
        database,
        *(digest(day(number), f"2611.{number:05}") for number in (3, 10, 14)),
        digest(day(12), "2611.00020", tags=("LLM",), heading_date=day(20)),
        digest(day(5), tags=("Empty",)),
        post("2611.00030", tags=(), date=day(7), heading_date=day(7), address="untagged.md"),
    )
    async with database.reading() as connection:
        for asked, found in ((10, 10), (11, 10), (13, 14), (12, 10), (1, 3), (30, 14), (5, 3), (7, 10)):
            assert await digests.nearest(connection, ["nerf"], day(asked)) == day(found), asked
        for asked, found in ((10, 10), (11, 10), (13, 12), (20, 20), (21, 14), (7, 10)):
            assert await digests.nearest(connection, (), day(asked)) == day(found), asked
        assert await digests.nearest(connection, ["llm", "nerf"], day(20)) == day(20)
        assert await digests.nearest(connection, ["empty"], day(5)) is None


async def test_held_is_what_the_cap_keeps_from_that_chat(database):
    names = ["2611.00001", "2611.00002", "2611.00003"]
    await put(database, digest(day(1), *names))
    async with database.writing() as connection:
        mine, other = await add_chat(connection), await add_chat(connection, address="2")
        known = await entry_ids(connection)
        for chat_id, arxiv_id, reason in (
            (mine, names[0], "cap"), (mine, names[1], "exclude"), (other, names[2], "cap"),
        ):  # fmt: skip
            await connection.execute(
                insert(delivery).values(
                    chat_id=chat_id, arxiv_id=arxiv_id, entry_id=known[arxiv_id], state="filtered",
                    reason=reason, planned_at=1,
                )
            )  # fmt: skip
        assert await digests.held(connection, mine, names) == {names[0]}
        assert await digests.held(connection, mine, names[1:]) == set()


async def test_title_and_page_are_those_of_the_paper(database):
    whole = entry("2611.00001", paper=paper("2611.00001", title="A title"), summary=None)
    await put(database, digest(day(1), whole))
    async with database.reading() as connection:
        (found,) = await digests.mentions(connection, await digests.papers(connection, "nerf", day(1)))
        assert (found.title, found.link, found.summary) == (
            "A title",
            "https://arxiv.org/abs/2611.00001",
            None,
        )
