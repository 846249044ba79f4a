"""What is known of papers, and what people keep."""

import datetime as dt

from bot.model import Credit, Format, Note, Tag
from bot.storage import library, posts
from bot.storage.tables import paper as paper_table
from tests.builders import entry, paper
from tests.commands.shelves import day, digest, put

ME = ("telegram", "7")
NOTE = Note(text="A note.", format=Format.MARKDOWN)
BLOG = "https://blog.example.org"


async def find(database, arxiv_id="2611.00001"):
    async with database.reading() as connection:
        return await library.find(connection, arxiv_id)


async def test_paper_that_is_not_known_is_none(database):
    assert await find(database) is None


async def test_paper_is_told_of_by_the_newest_digest_that_has_takeaways(database):
    await put(
        database,
        digest(day(9), entry("2611.00001", summary="新。", takeaways=()), tags=("LLM",)),
        digest(day(5), entry("2611.00001", summary="中。", takeaways=("要点。",)), author="Middle"),
        digest(day(1), entry("2611.00001", summary="旧。")),
    )
    known = await find(database)
    assert (known.entry.summary, known.entry.takeaways) == ("中。", ("要点。",))
    assert known.told == Credit(author="Middle", url=f"{BLOG}/2026-11-05/")
    assert known.tags == (Tag(name="LLM", slug="llm"), Tag(name="NeRF", slug="nerf"))


async def test_newest_takeaways_count_even_without_a_summary(database):
    await put(
        database,
        digest(day(1), entry("2611.00001", summary="旧。")),
        digest(day(5), entry("2611.00001", summary=None, takeaways=("新要点。",)), tags=("LLM",)),
    )
    assert (await find(database)).entry.takeaways == ("新要点。",)


async def test_last_of_a_day_is_the_newest(database):
    await put(database, digest(day(1), entry("2611.00001", summary="早。")))
    await put(database, digest(day(1), entry("2611.00001", summary="晚。")), source="mirror")
    assert (await find(database)).entry.summary == "晚。"


async def test_missing_parts_come_from_other_digests_with_their_authors(database):
    full = entry("2611.00001", translation="译文。", note=NOTE, figures=("https://x.example.org/a.png",))
    await put(
        database,
        digest(day(1), full, author="First"),
        digest(day(5), entry("2611.00001", translation="新译。"), tags=("LLM",), author="Second"),
    )
    known = await find(database)
    assert (known.entry.translation, known.entry.note) == ("新译。", NOTE)
    assert known.entry.figures == ("https://x.example.org/a.png",)
    assert (known.told.author, known.translated.author, known.noted.author) == ("Second", "Second", "First")


async def test_paper_without_any_digest_is_known_by_its_facts(database):
    await put(database, digest(day(1), "2611.00001"))
    async with database.writing() as connection:
        row = posts.storable(
            {"arxiv_id": "2611.00009", "title": "Alone", "authors": [], "abstract": "", "link": ""}
        )
        links = {"abs": "a", "pdf": "b", "html": "c", "cool": "d", "code": [], "project": []}
        await connection.execute(paper_table.insert().values(row | {"links": links}))
    known = await find(database, "2611.00009")
    assert (known.entry.paper.title, known.entry.summary, known.tags) == ("Alone", None, ())
    assert known.told is None


async def test_mentions_keep_their_order_and_name_what_is_unknown_by_its_id(database):
    await put(
        database,
        digest(day(1), "2611.00001", "2611.00002"),
        digest(day(5), "2611.00001", tags=("LLM",)),
    )
    async with database.reading() as connection:
        found = await library.mentions(connection, ["2611.00002", "2401.00001", "2611.00001"])
    assert [(each.arxiv_id, each.title, each.tags, each.date) for each in found] == [
        ("2611.00002", "On 2611.00002", ("NeRF",), day(1)),
        ("2401.00001", "", (), None),
        ("2611.00001", "On 2611.00001", ("LLM", "NeRF"), day(5)),
    ]
    assert found[1].link == "https://arxiv.org/abs/2401.00001"


async def test_reading_list_is_the_persons_own_last_saved_first(database):
    async with database.writing() as connection:
        for at, arxiv_id in enumerate(("2611.00001", "2611.00003", "2611.00002")):
            assert await library.save(connection, *ME, arxiv_id, at=at)
        assert not await library.save(connection, *ME, "2611.00001", at=9)
        await library.save(connection, "discord", "7", "2611.00004", at=1)
        await library.save(connection, "telegram", "8", "2611.00005", at=1)
        assert await library.reading_list(connection, *ME) == ["2611.00002", "2611.00003", "2611.00001"]
        assert await library.remove(connection, *ME, "2611.00003")
        assert not await library.remove(connection, *ME, "2611.00003")
        assert await library.reading_list(connection, *ME) == ["2611.00002", "2611.00001"]
        assert await library.reading_list(connection, "telegram", "9") == []


async def test_saved_papers_come_whole_and_unknown_ones_with_their_addresses(database):
    whole = entry("2611.00001", paper=paper("2611.00001", title="A title", venue="CVPR 2026"))
    await put(database, digest(day(1), whole))
    async with database.writing() as connection:
        await library.save(connection, *ME, "2611.00001", at=1)
        await library.save(connection, *ME, "cs/0112017", at=2)
        bare, known = await library.papers(connection, *ME)
    assert (known.title, known.venue) == ("A title", "CVPR 2026")
    assert (bare.title, bare.authors, bare.links.pdf) == ("", (), "https://arxiv.org/pdf/cs/0112017")


async def test_what_was_looked_for_is_kept_once_by_its_key(database):
    words = "words that are too long for a button " * 5
    async with database.writing() as connection:
        await library.keep(connection, words)
        await library.keep(connection, words)
        name = library.key_of(words)
        assert len(name) == 9
        assert await library.kept(connection, name) == words
        assert await library.kept(connection, "0" * 16) is None


async def test_newest_papers_come_first(database):
    await put(
        database,
        digest(day(1), "2611.00001"),
        digest(dt.date(2025, 1, 1), "2501.00001", "2611.00001", tags=("LLM",)),
        digest(day(3), "2611.00002", "2611.00003"),
    )
    async with database.reading() as connection:
        found = await library.newest(connection, limit=9)
        assert found == ["2611.00002", "2611.00003", "2611.00001", "2501.00001"]
        assert await library.newest(connection, limit=2, offset=1) == found[1:3]
