import asyncio
import contextlib
import datetime as dt
import unicodedata
from itertools import product
from unittest.mock import patch

import pytest
from alembic import command
from alembic.config import Config
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select, text

from bot.errors import StorageError
from bot.storage import database as storage
from bot.storage import posts
from bot.storage.database import open_database
from bot.storage.search import Found, search
from bot.storage.search_text import fold, words
from bot.storage.tables import entry as entries
from bot.storage.tables import paper_text
from tests.builders import entry, paper, post


async def keep(database, *items, **given):
    async with database.writing() as connection:
        return await posts.add(connection, "blog", post(*items, **given))


async def find(database, query, **page):
    async with database.reading() as connection:
        return await search(connection, query, **page)


async def ids(database, query, **page):
    return [hit.arxiv_id for hit in (await find(database, query, **page)).papers]


def titled(arxiv_id, title, **given):
    about = {name: given.pop(name) for name in ("authors", "abstract", "version") if name in given}
    said = {"summary": None, "takeaways": ()} | given
    return entry(arxiv_id, paper=paper(arxiv_id, title=title, **({"abstract": ""} | about)), **said)


@pytest.fixture
async def library(database):
    await keep(
        database,
        titled("2003.08934", "NeRF: Scenes as Radiance Fields", authors=("Ben Mildenhall", "Matthew Tancik")),
        titled("2006.11239", "Denoising Diffusion", abstract="We compare with NeRF and radiance caches."),
        titled("1706.03762", "Attention", summary="用扩散模型生成视频。", takeaways=("速度快 100%。", "a_b")),
    )
    return database


ANYWHERE = [
    ("nerf", ["2003.08934", "2006.11239"]),
    ("diffus", ["2006.11239"]),
    ("扩散模型", ["1706.03762"]),
    ("扩散", ["1706.03762"]),
    ("视", ["1706.03762"]),
    ("MILDENHALL radiance", ["2003.08934"]),
    ("nerf caches", ["2006.11239"]),
    ("视频 attention", ["1706.03762"]),
    ("nerf attention", []),
    ("ｎｅｒｆ　ｆｉｅｌｄｓ", ["2003.08934"]),
]


@pytest.mark.usefixtures("way")
async def test_every_word_is_found_in_any_field(library):
    for query, expected in ANYWHERE:
        assert await ids(library, query) == expected, query


SHORT = [
    ("rl", ["2001.00001", "2001.00002", "2001.00003"]),
    ("RL", ["2001.00001", "2001.00002", "2001.00003"]),
    ("3D", ["2001.00001", "2001.00002"]),
    ("d", []),
    ("3", ["2001.00004"]),
    ("a", ["2001.00003"]),
    ("ø", ["2001.00004"]),
    ("世", ["2001.00002", "2001.00004"]),
    ("世界", ["2001.00002", "2001.00004"]),
    ("界世", []),
    ("用r", ["2001.00002"]),
    ("l训", ["2001.00002"]),
    ("用 rl 界", ["2001.00002"]),
    ("c#", ["2001.00003"]),
    ("#", ["2001.00003"]),
    ("α", ["2001.00004"]),
    ("ми", ["2001.00004"]),
    ("mo rl", []),
    ("rl 3d", ["2001.00001", "2001.00002"]),
    ("rl-b", ["2001.00001"]),
    ("rl world", ["2001.00001"]),
    ("orl", ["2001.00001", "2001.00004"]),
]


@pytest.mark.usefixtures("way")
async def test_one_or_two_latin_letters_are_found_alone_and_other_words_within(database):
    await keep(
        database,
        titled("2001.00001", "A3D and 3D worlds", abstract="RL-based, in the world"),
        titled("2001.00002", "用RL训练世界模型", authors=("3d",)),
        titled("2001.00003", "More", abstract="(RL) is a C#-like", authors=()),
        titled("2001.00004", "3 αβ, мир", summary="世界", abstract="The world; ø, no RLHF", authors=()),
    )
    for query, expected in SHORT:
        assert sorted(await ids(database, query)) == expected, query


async def test_phrase_in_quotes_is_kept_whole(library):
    assert await ids(library, '"radiance fields"') == ["2003.08934"]
    assert await ids(library, "“Radiance fields”") == ["2003.08934"]
    assert await ids(library, '"fields radiance"') == []


async def test_phrase_does_not_run_from_one_field_into_the_next(library):
    assert await ids(library, '"fields ben"') == []
    assert await ids(library, '"mildenhall matthew"') == []


# Pages that end within the last day that was looked up and before it; words by all of their pieces and by
# some.
WAYS = [
    {},
    {"search.AHEAD": 0, "search_sqlite.PICKED": 2, "search_sqlite.SAMPLE": 1},
    {"search.AHEAD": 1, "search_sqlite.PICKED": 1, "search.AT_ONCE": 1},
]


@contextlib.contextmanager
def going(way):
    with contextlib.ExitStack() as stack:
        for name, value in way.items():
            stack.enter_context(patch(f"bot.storage.{name}", value))
        yield


@pytest.fixture(params=WAYS, ids=["usual", "narrow", "narrower"])
def way(request):
    with going(request.param):
        yield


@pytest.mark.usefixtures("way")
async def test_title_comes_first_then_the_newest_digest_then_the_highest_id(database):
    old, new = dt.date(2026, 11, 1), dt.date(2026, 11, 20)
    await keep(database, titled("2001.00001", "Splatting"), titled("2001.00003", "x splatting"), date=old)
    await keep(
        database,
        titled("2001.00005", "On scenes", abstract="splatting!"),
        titled("2001.00002", "On scenes", abstract="Splatting."),
        titled("cs/0112017", "More splatting"),
        address="new",
        date=new,
    )
    found = await find(database, "splatting")
    ranked = ["cs/0112017", "2001.00003", "2001.00001", "2001.00005", "2001.00002"]
    assert [hit.arxiv_id for hit in found.papers] == ranked
    pages = [await find(database, "splatting", limit=2, offset=offset) for offset in (0, 2, 4, 6)]
    assert [hit.arxiv_id for page in pages for hit in page.papers] == ranked
    assert {page.total for page in pages} == {5}


async def test_result_names_the_newest_appearance(database):
    await keep(database, titled("2003.08934", "NeRF"), address="a", date=dt.date(2026, 11, 20))
    newest = await keep(database, titled("2003.08934", "NeRF"), address="b", date=dt.date(2026, 11, 21))
    await keep(database, titled("2003.08934", "NeRF"), address="c", date=dt.date(2026, 11, 1))
    (hit,) = (await find(database, "nerf")).papers
    async with database.reading() as connection:
        of_newest = select(entries.c.id).where(entries.c.post_id == newest)
        assert (await connection.execute(of_newest)).scalar_one() == hit.entry_id
    assert (hit.date, hit.title) == (dt.date(2026, 11, 21), "NeRF")


async def test_paper_is_found_by_the_words_of_every_digest_that_holds_it(database):
    await keep(database, titled("2003.08934", "NeRF", summary="first words"), address="a")
    await keep(database, titled("2003.08934", "NeRF", summary="second thoughts"), address="b")
    assert await ids(database, "first second") == ["2003.08934"]


async def test_rewritten_post_is_found_by_its_new_words_only(database):
    await keep(database, titled("2003.08934", "Draft", summary="early 草稿"))
    await keep(database, titled("2003.08934", "Final", summary="late 定稿", version=2))
    for gone in ("early", "draft", "草稿"):
        assert await ids(database, gone) == []
    for there in ("late", "final", "定稿"):
        assert await ids(database, there) == ["2003.08934"]


async def test_post_moved_to_another_day_moves_its_papers(database):
    await keep(database, titled("2001.00001", "NeRF"), address="a", date=dt.date(2026, 11, 1))
    await keep(database, titled("2001.00002", "NeRF"), address="b", date=dt.date(2026, 11, 2))
    assert await ids(database, "nerf") == ["2001.00002", "2001.00001"]
    await keep(database, titled("2001.00009", "Other"), address="a", date=dt.date(2026, 11, 3))
    assert await ids(database, "nerf") == ["2001.00001", "2001.00002"]


async def test_unchanged_post_does_not_rewrite_the_index(database):
    item = titled("2003.08934", "NeRF", summary="same")
    await keep(database, item)
    async with database.writing() as connection:
        await connection.execute(paper_text.update().values(title="marked", text="marked"))
        before = (await connection.execute(paper_text.select())).all()
    await keep(database, titled("2006.11239", "Other"), address="other")
    async with database.reading() as connection:
        rows = (await connection.execute(paper_text.select().order_by(paper_text.c.place))).all()
    assert before[0] in rows


async def test_formulas_are_found_as_they_are_shown(database):
    await keep(database, titled("2003.08934", r"$\alpha$-Fields by G\"odel, $10\times$ faster"))
    for query in ("α-fields", "gödel", "godel", "10×", r"$\alpha$-fields"):
        assert await ids(database, query) == ["2003.08934"], query


WORDLESS = ["", "   ", "\u3000\t\n", "\0", '""', '" "', '"\u200b"', "\ud800", '"" \0 ""']


async def test_query_without_a_word_finds_nothing(library):
    for query in WORDLESS:
        assert await find(library, query) == Found(total=0, papers=()), query


LITERAL = [
    ("%", ["1706.03762"]),
    ("100%", ["1706.03762"]),
    ("_", ["1706.03762"]),
    ("a_b", ["1706.03762"]),
    ("a%b", []),
    ("___", []),
    ("/", []),
    ("\\", []),
    ("*", []),
    ("nerf*", []),
    ("?", []),
    ("[a-z]", []),
    ("nerf OR attention", []),
    ("NEAR(nerf scenes)", []),
    ("nerf NOT diffusion", []),
    ("title:nerf", []),
    ("title : nerf", []),
    ("-nerf", []),
    ("^nerf", []),
    ("nerf:", ["2003.08934"]),
    ("'; DROP TABLE paper; --", []),
    ('"', []),
    ('nerf "', []),
    ('"radiance fields', []),
    ('x"y"z', []),
    ("AND", ["2003.08934", "2006.11239"]),
]


async def test_signs_and_operators_mean_themselves(database):
    await keep(
        database,
        titled("2003.08934", "NeRF: Scenes as Radiance Fields", authors=("Anders Rand",)),
        titled("2006.11239", "Sand", abstract="We compare with NeRF and radiance caches.", authors=()),
        titled("1706.03762", "Attention", takeaways=("速度快 100%。", "a_b")),
    )
    for query, expected in LITERAL:
        assert sorted(await ids(database, query)) == sorted(expected), query


ENORMOUS = [
    "a" * 10_000,
    "nerf " + "x" * 9_000,
    '"' * 10_000,
    '" ' * 5_000,
    "“ " * 5_000,
    "%" * 10_000,
    "( ) \" ' * ^ : - + AND OR NOT NEAR { } " * 250,
    " ".join(chr(0x4E00 + number) for number in range(5_000)),
    " ".join(f"word{number}" for number in range(1_500)),
    "\ufdfa" * 3_000,
]


async def test_enormous_query_is_answered(library):
    for query in ENORMOUS:
        assert await find(library, query) == Found(total=0, papers=()), query[:9]


async def test_enormous_query_that_holds_is_found(database):
    many = [f"w{number:04}" for number in range(1_500)] + [chr(0x4E00 + number) for number in range(500)]
    await keep(
        database,
        titled("2003.08934", " ".join(many)),
        titled("2006.11239", "NeRF", abstract=" ".join(many)),
        titled("1706.03762", " ".join(many[:-1])),
        titled("2001.00001", "y" * 9_999 + "z"),
    )
    assert await ids(database, " ".join(reversed(many))) == ["2003.08934", "2006.11239"]
    assert await ids(database, f'"{" ".join(many[:1500])}"') == ["2003.08934", "1706.03762", "2006.11239"]
    assert await ids(database, "y" * 9_999 + "z") == ["2001.00001"]
    assert await ids(database, "y" * 9_998 + "zz") == []
    assert await ids(database, "y" * 70 + "x") == []


@pytest.mark.usefixtures("way")
async def test_what_is_beyond_the_top_is_paged_and_not_counted(database):
    days = [dt.date(2026, 11, day) for day in (1, 2, 3)]
    for day in days:
        items = (
            titled(f"2001.{day.day:02}{at:03}", "神经" if at == 5 else "Other 神", abstract="神经 nerf")
            for at in range(9)
        )
        await keep(database, *items, address=str(day), date=day)
    ranked = [f"2001.{day.day:02}005" for day in reversed(days)]
    ranked += [f"2001.{day.day:02}{at:03}" for day in reversed(days) for at in range(8, -1, -1) if at != 5]
    for top, total, more in ((1000, 27, False), (27, 27, False), (26, 26, True), (3, 3, True)):
        with patch("bot.storage.search.TOP", top):
            pages = [await find(database, "神经", limit=4, offset=offset) for offset in range(0, 28, 4)]
            assert [hit.arxiv_id for page in pages for hit in page.papers] == ranked
            assert {(page.total, page.more) for page in pages} == {(total, more)}
            assert len((await find(database, "神经 nerf", limit=30)).papers) == 27


async def test_page_beyond_the_end_is_empty_and_still_counts(library):
    assert await find(library, "nerf", offset=10) == Found(total=2, papers=())
    assert await find(library, "nerf", limit=0) == Found(total=2, papers=())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ＮｅＲＦ", "nerf"),
        ("Straße", "STRASSE"),
        ("ﬁeld", "field"),
        ("Erdős", "erdos"),
        ("Erdo\u030bs", "Erdős"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
        ("state‑of–the—art", "state-of-the-art"),
        ("Adam’s “cat”", 'adam\'s "cat"'),
        ("a\u200bb \n\u3000 c", "ab c"),
    ],
)
def test_spellings_of_the_same_fold_alike(one, other):
    assert fold(one) == fold(other)


def test_accents_of_other_scripts_stay():
    assert fold("й") != fold("и")
    assert fold("が") != fold("か")


@given(st.text(max_size=30))
def test_folding_twice_is_folding_once(value):
    assert fold(fold(value)) == fold(value) or "$" in value or "\\" in value or "`" in value


def test_words_are_told_once_and_phrases_kept():
    assert words('NeRF  "neural  Fields" nerf a"b "" "c"d') == ("nerf", "neural fields", 'a"b', "c", "d")


async def test_downgrade_takes_everything_away_and_upgrade_makes_it_findable_again(address):
    opened = await open_database(address)
    await keep(opened, titled("2003.08934", "NeRF"), titled("2006.11239", "扩散"))
    async with opened.writing() as connection:
        await connection.run_sync(lambda sync: command.downgrade(alembic(sync), "0001b"))
        catalog = "sqlite_master" if connection.dialect.name == "sqlite" else "pg_class"
        column = "name" if connection.dialect.name == "sqlite" else "relname"
        names = (await connection.execute(text(f"SELECT {column} FROM {catalog}"))).scalars().all()
        assert not [name for name in names if name.startswith(("search_", "paper_text"))]
    await opened.close()
    again = await open_database(address)
    assert await ids(again, "nerf") == ["2003.08934"]
    assert await ids(again, "扩散") == ["2006.11239"]
    await again.close()


async def test_database_of_an_older_version_is_found_by_short_words_and_in_order(address):
    opened = await open_database(address)
    await keep(
        opened, titled("2003.08934", "NeRF 神经", abstract="RL"), address="a", date=dt.date(2026, 11, 1)
    )
    await keep(opened, titled("2006.11239", "神经"), address="b", date=dt.date(2026, 11, 2))
    async with opened.writing() as connection:
        await connection.run_sync(lambda sync: command.downgrade(alembic(sync), "0005"))
        rows = [("2003.08934", 1, "nerf 神经"), ("2006.11239", 2, "神经")]
        old = [
            {"place": place, "arxiv_id": arxiv_id, "title": told, "text": told}
            for arxiv_id, place, told in rows
        ]
        await connection.execute(paper_text.insert(), old)
    await opened.close()
    again = await open_database(address)
    assert await ids(again, "神经") == ["2006.11239", "2003.08934"]
    assert await ids(again, "rl nerf") == ["2003.08934"]
    await keep(again, titled("2003.08934", "Mended", abstract="AI"), address="a", date=dt.date(2026, 11, 3))
    assert await ids(again, "rl") == []
    assert await ids(again, "ai") == ["2003.08934"]
    await again.close()


def alembic(connection):
    config = Config()
    config.set_main_option("script_location", str(storage.MIGRATIONS))
    config.attributes["connection"] = connection
    return config


async def test_sqlite_without_trigrams_is_told_with_what_would_do(tmp_path, monkeypatch):
    execute = Connection.exec_driver_sql

    def lack(connection, statement, *given):
        return execute(connection, statement.replace("USING fts5", "USING fts9"), *given)

    monkeypatch.setattr(Connection, "exec_driver_sql", lack)
    with pytest.raises(StorageError, match=r"no such module: fts9\); use a Python whose SQLite is 3.34"):
        await open_database(str(tmp_path / "p.db"))


READ = text(
    "SELECT coalesce(sum(seq_tup_read + idx_tup_fetch), 0) FROM pg_stat_xact_user_tables "
    "WHERE relname IN ('search_pieces', 'paper_text')"
)
RARE = [("神经", 1), ("zz", 0), ("神经 neural", 1), ("eural 神经", 1), ("rl 神经", 1), ("neurall", 0)]


async def test_only_the_rows_that_an_index_finds_are_read_on_postgresql(address):
    if not address.startswith("postgresql"):
        pytest.skip("SQLite has no other way")
    opened = await open_database(address)
    for day in range(1, 31):
        items = (titled(f"2001.{day:02}{at:03}", "神 经", abstract="rl neural") for at in range(20))
        await keep(opened, *items, address=str(day), date=dt.date(2026, 1, day))
    await keep(opened, titled("2001.00001", "神经", abstract="rl neural"))
    for query, found in RARE:
        async with opened.reading() as connection:
            before = (await connection.execute(READ)).scalar_one()
            assert (await search(connection, query)).total == found
            read = (await connection.execute(READ)).scalar_one() - before
            assert read <= 5 * found, (query, read)
            assert (await connection.execute(text("SHOW cpu_tuple_cost"))).scalar_one() == "0.01"
    await opened.close()


# What words are made of: Latin of every dress, other letters, signs that some engine gives a meaning.
LETTERS = "a b ab aB Ａ é e E\u0301 ß SS ﬁ fi İ ø 3 ² д α 扩 散 扩散 模 型 ｶﾞ が 𝔸 😀".split(" ")
SIGNS = "% _ / \\ ' \" * ( ) ? [ - . # $ \u200b".split(" ")
TEXTS = st.lists(st.sampled_from([*LETTERS, *SIGNS, " ", " ", "\u3000"]), max_size=12).map("".join)
PAPERS = st.sampled_from(["2001.00001", "2001.00002", "2001.00010", "cs/0112017", "math.GT/0309136"])
ENTRIES = st.builds(
    lambda arxiv_id, title, author, abstract, summary, takeaways: titled(
        arxiv_id, title, authors=(author,), abstract=abstract, summary=summary, takeaways=tuple(takeaways)
    ),
    PAPERS, TEXTS, TEXTS, TEXTS, st.none() | TEXTS, st.lists(TEXTS, max_size=2),
)  # fmt: skip
POSTS = st.builds(
    lambda address, day, items: post(*items, address=address, date=dt.date(2026, 11, day)),
    st.sampled_from("abc"),
    st.integers(1, 3),
    st.lists(ENTRIES, max_size=4, unique_by=lambda item: item.paper.arxiv_id),
)


def is_latin(letter):
    return (letter.isascii() and letter.isalnum()) or unicodedata.name(letter, "").startswith("LATIN ")


def holds(field, word):
    """Whether a search for the word finds the field, both folded, said plainly."""
    if len(word) > 2 or not all(map(is_latin, word)):
        return word in field
    return word in "".join(letter if is_latin(letter) else " " for letter in field).split()


def expected(shelf, query):
    """What a search must find among posts that were read in this order, said plainly."""
    known, dates, told = {}, {}, {}
    for read in shelf:
        dates[read.address] = read.date
        for item in read.entries:
            known[item.paper.arxiv_id] = item.paper
            told[item.paper.arxiv_id, read.address] = (item.summary or "", *item.takeaways)
    wanted, found = words(query), []
    for arxiv_id, about in known.items():
        places = [address for number, address in told if number == arxiv_id]
        said = [line for place in places for line in told[arxiv_id, place]]
        fields = [fold(field) for field in (about.title, *about.authors, about.abstract, *said)]
        if wanted and all(any(holds(field, word) for field in fields) for word in wanted):
            in_title = all(holds(fields[0], word) for word in wanted)
            found.append((in_title, max(dates[place] for place in places), arxiv_id))
    return [(arxiv_id, date) for _, date, arxiv_id in sorted(found, reverse=True)]


@pytest.fixture(scope="module")
def engines(postgres, tmp_path_factory):
    """A loop and an open database of each engine, for many small collections one after another."""
    postgres.psql("CREATE DATABASE searched;")
    addresses = [str(tmp_path_factory.mktemp("search") / "p.db"), postgres.get_uri(database="searched")]
    with asyncio.Runner() as runner:
        opened = [runner.run(open_database(address)) for address in addresses]
        yield runner, opened
        for database in opened:
            runner.run(database.close())


class Undo(Exception):
    """Ends a transaction without keeping anything of it."""


async def look(database, shelf, queries):
    """What every way finds, three papers a page."""
    found = []
    with contextlib.suppress(Undo):
        async with database.writing() as connection:
            if connection.dialect.name == "postgresql":  # reads a small table, not its indexes
                await connection.execute(text("SET LOCAL enable_seqscan = off"))
            for read in shelf:
                await posts.add(connection, "blog", read)
            for way, query in product(WAYS, queries):
                with going(way):
                    pages = [await search(connection, query, limit=3, offset=offset) for offset in (0, 3)]
                hits = [(hit.arxiv_id, hit.date) for page in pages for hit in page.papers]
                assert {(page.total, page.more) for page in pages} == {(len(hits), False)}
                found.append(hits)
            raise Undo
    return found


@settings(max_examples=15, deadline=None)
@given(st.lists(POSTS, min_size=1, max_size=4), st.lists(TEXTS, min_size=1, max_size=4), st.randoms())
def test_both_engines_find_what_a_plain_reading_finds(engines, shelf, queries, draw):
    runner, opened = engines
    # Parts of what is there, besides what is made up: they are found, or nearly.
    spoken = [item.paper.title for read in shelf for item in read.entries][:4]
    short = [
        title[at : at + 1 + at % 2]
        for title in spoken
        for at in draw.sample(range(len(title)), len(title) // 3)
    ]
    queries = [*queries, *spoken, *(title[1:-1] for title in spoken), *short, " ".join(short[:2])]
    wanted = [expected(shelf, query) for query in queries] * len(WAYS)
    for database in opened:
        assert runner.run(look(database, shelf, queries)) == wanted
