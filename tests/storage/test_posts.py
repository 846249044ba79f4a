import datetime as dt
from dataclasses import replace

from sqlalchemy import func, select

from bot.model import Doubt, Format, Note, Problem, Tag
from bot.storage import posts
from bot.storage.tables import entry as entries
from bot.storage.tables import paper as papers
from tests.builders import entry, paper, post


async def keep(database, read, source="blog"):
    async with database.writing() as connection:
        return await posts.add(connection, source, read)


async def give_back(database, post_id):
    async with database.reading() as connection:
        ids = list(
            (await connection.execute(select(entries.c.id).where(entries.c.post_id == post_id))).scalars()
        )
        return await posts.load(connection, post_id, ids)


async def test_post_comes_back_as_it_was(database):
    full = entry(
        "2006.11239",
        paper=paper("2006.11239", comment="ICCV 2023", venue="ICCV 2023", version=None),
        translation="译文",
        note=Note(text="<ol><li>一</li></ol>", format=Format.HTML),
        figures=("https://a.example/1.png", "./crop_1.png"),
        doubts=(Doubt(takeaway=1, number="2亿"), Doubt(takeaway=None, number="42")),
    )
    whole = post(
        full,
        entry("2003.08934", summary=None, takeaways=()),
        url="https://blog.example/p",
        heading_date=dt.date(2026, 11, 21),
        tags=(Tag(name="元宇宙/虚拟人", slug="元宇宙-虚拟人"), Tag(name="NeRF", slug="nerf")),
        problems=(Problem(line=3, place="front matter", reason="no date"),),
    )
    assert await give_back(database, await keep(database, whole)) == whole


async def test_same_address_is_the_same_post(database):
    first = await keep(database, post("2003.08934"))
    again = await keep(database, post("2003.08934", title="NeRF (2)"))
    assert first == again
    assert (await give_back(database, first)).title == "NeRF (2)"


async def test_same_address_in_another_source_is_another_post(database):
    assert await keep(database, post("2003.08934")) != await keep(
        database, post("2003.08934"), source="mirror"
    )


async def test_grown_post_keeps_the_order_of_the_newest_reading(database):
    await keep(database, post("2003.08934"))
    post_id = await keep(database, post("2006.11239", "2003.08934"))
    found = await give_back(database, post_id)
    assert [item.paper.arxiv_id for item in found.entries] == ["2006.11239", "2003.08934"]


async def test_older_version_that_comes_late_does_not_overwrite(database):
    newer = entry("2003.08934", paper=paper("2003.08934", version=2, title="Second"))
    await keep(database, post(newer))
    await keep(
        database, post(replace(newer, paper=paper("2003.08934", version=1, title="First")), address="b")
    )
    async with database.reading() as connection:
        assert (await connection.execute(select(papers.c.title))).scalar_one() == "Second"


async def test_paper_in_two_posts_is_one_paper(database):
    await keep(database, post("2003.08934"))
    await keep(database, post("2003.08934", address="2026-11-21/NeRF.md"))
    async with database.reading() as connection:
        assert (await connection.execute(select(func.count()).select_from(papers))).scalar_one() == 1
        assert (await connection.execute(select(func.count()).select_from(entries))).scalar_one() == 2


async def test_only_the_asked_entries_come_back(database):
    post_id = await keep(database, post("2003.08934", "2006.11239"))
    async with database.reading() as connection:
        first = (
            await connection.execute(select(entries.c.id).order_by(entries.c.position).limit(1))
        ).scalar_one()
        found = await posts.load(connection, post_id, [first])
    assert [item.paper.arxiv_id for item in found.entries] == ["2003.08934"]


async def test_text_that_postgresql_cannot_hold_is_kept_without_it(database):
    post_id = await keep(database, post(entry("2003.08934", summary="a\0b", takeaways=("c\0",))))
    found = await give_back(database, post_id)
    assert (found.entries[0].summary, found.entries[0].takeaways) == ("ab", ("c",))
