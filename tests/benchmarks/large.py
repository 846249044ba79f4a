"""A SQLite database of a bot that has been at work for years, filled as fast as it can be indexed.

Papers with their digests, tags, words to search through, chats with what they were sent, reading
lists: all made up, as long as real ones, and the same at every run.
"""

import contextlib
import datetime as dt
import json
import random
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import Any

from bot.slugs import key, slug
from bot.storage import search_sqlite
from bot.storage.database import open_database
from bot.storage.search_shelf import place_of
from tests.benchmarks.bench_search import WORDS, texts
from tests.builders import paper

DAYS = 1_000
POSTS_A_DAY = 20
TAGS = 300
CHAT = 10_000_000  # where the numbers of people and their chats begin
SAVED = 25  # papers on a reading list
NOTED = 40  # of so many entries one has a long note
DRAWN = 2_000  # texts of which all others are put together

Row = Sequence[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Large:
    """What there is in the database."""

    papers: int
    chats: int
    each: int  # deliveries of a chat
    today: dt.date
    platform: str = "telegram"

    def paper_id(self, number: int) -> str:
        """The arXiv id of a paper, from 1."""
        return f"{24 + number // 9_000 // 12:02}{1 + number // 9_000 % 12:02}.{number % 9_000 + 1:05}"

    def person(self, number: int) -> str:
        """The number on the platform of whoever a chat is with, from 1."""
        return str(CHAT + number)

    def address(self, number: int) -> str:
        """The address of a chat, from 1."""
        return f"@{self.person(number)}" if self.platform == "discord" else self.person(number)

    def delivered(self, chat: int, number: int) -> int:
        """The paper that a chat got as its so manieth, from 0."""
        return (chat * 7_919 + number * 991) % self.papers + 1

    def some_paper(self, chance: random.Random) -> str:
        """The arXiv id of any paper."""
        return self.paper_id(chance.randrange(self.papers) + 1)

    def noted(self, chance: random.Random) -> str:
        """The arXiv id of a paper with a long note."""
        return self.paper_id(NOTED * (chance.randrange(self.papers // NOTED) + 1))

    def theirs(self, chance: random.Random, chat: int) -> str:
        """The arXiv id of a paper that a chat got."""
        return self.paper_id(self.delivered(chat, chance.randrange(self.each)))

    def day(self, chance: random.Random) -> dt.date:
        """A day on which there were posts."""
        return self.today - dt.timedelta(chance.randrange(DAYS))

    def digest(self, chance: random.Random) -> str:
        """What buttons know a digest by: of a tag, which need not have one that day."""
        return f"{key(slug(topic(chance)))}:{self.day(chance)}:1"


_COINED = [word.capitalize() for word in dict.fromkeys(WORDS[50:])]
TAG_NAMES = [" ".join(_COINED[2 * nth : 2 * nth + 1 + nth % 2]) for nth in range(TAGS)]
_LINKS = asdict(paper().links)
_USUAL = {"automerge": 4, "crisismerge": 16}
_WEIGHTS = list(accumulate(1 / (rank + 4) for rank in range(TAGS)))  # some topics fill a post every day


async def fill(path: Path, large: Large) -> None:
    """Make the database."""
    await (await open_database(str(path))).close()
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-200000"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("BEGIN")
        _posts(connection, large)
        _papers(connection, large)
        _chats(connection, large)
        connection.execute("COMMIT")
        connection.execute("PRAGMA journal_mode=WAL")


def _posts(connection: sqlite3.Connection, large: Large) -> None:
    """Twenty posts a day, each under a tag, some under two."""
    chance = random.Random(1)
    _add(
        connection, "tag", ("id", "slug", "name"), ((at, slug(it), it) for at, it in enumerate(TAG_NAMES, 1))
    )
    posts, under = [], []
    for day in range(DAYS):
        date = large.today - dt.timedelta(DAYS - 1 - day)
        drawn = chance.choices(range(1, TAGS + 1), cum_weights=_WEIGHTS, k=POSTS_A_DAY)
        for nth, tag_id in enumerate(drawn):
            post_id = day * POSTS_A_DAY + nth + 1
            title = TAG_NAMES[tag_id - 1]
            address = f"{date}/{nth}.md"
            url = f"https://papers.example.org/{date}/{nth}"
            posts.append(
                (post_id, "blog", address, url, title, str(date), str(date), "Anna", "[]", "[]", "[]")
            )
            under.append((post_id, tag_id, 0))
            if nth % 5 == 0 and tag_id < TAGS:
                under.append((post_id, tag_id + 1, 1))
    names = ("id", "source", "address", "url", "title", "date", "heading_date", "author")
    _add(connection, "post", (*names, "categories", "headings", "problems"), posts)
    _add(connection, "post_tag", ("post_id", "tag_id", "position"), under)


def _papers(connection: sqlite3.Connection, large: Large) -> None:
    """The papers, each in one post, four of ten in two; and their words."""
    names = ("id", "post_id", "arxiv_id", "position", "summary", "takeaways", "translation", "note")
    columns = ("arxiv_id", "version", "title", "authors", "abstract", "link", "links")
    entries, papers, said = [], [], []
    for number, (title, abstract, told) in enumerate(_texts(large.papers), 1):
        arxiv_id = large.paper_id(number)
        made = paper(arxiv_id)
        authors = json.dumps([f"{WORDS[number % 997].capitalize()} {WORDS[number % 1009]}"] * 4)
        links = json.dumps({**_LINKS, "abs": made.links.abs, "pdf": made.links.pdf})
        papers.append((arxiv_id, 1, title.capitalize(), authors, abstract, made.link, links))
        entry = _entry(number, arxiv_id, told, _post_of(number, large))
        entries.append(entry)
        if number % 5 < 2:
            entries.append((large.papers + number, entry[1] % (DAYS * POSTS_A_DAY) + 1, *entry[2:]))
        newest = max(post_id for _, post_id, *_ in entries[-1 - (number % 5 < 2) :])
        date = large.today - dt.timedelta(DAYS - 1 - (newest - 1) // POSTS_A_DAY)
        row = {"title": title, "text": f"{title}\n{abstract}\n{told}"}
        held = search_sqlite.stored(row)
        said.append((place_of(date.toordinal(), number), arxiv_id, held["title"], held["text"]))
    _add(connection, "paper", columns, papers)
    entries.sort()
    settled = ((*entry, "markdown", "[]", "[]") for entry in entries)
    _add(connection, "entry", (*names, "note_format", "figures", "doubts"), settled)
    with _indexed_at_once(connection):
        _add(connection, "paper_text", ("place", "arxiv_id", "title", "text"), sorted(said))


def _post_of(number: int, large: Large) -> int:
    return 1 + number * DAYS * POSTS_A_DAY // (large.papers + 1)


def _entry(number: int, arxiv_id: str, told: str, post_id: int) -> tuple[Any, ...]:
    takeaways = json.dumps([told[at : at + 30] + "。" for at in range(0, 180, 30)], ensure_ascii=False)
    note = "\n\n".join(f"{nth}. {told}" for nth in range(20)) if number % NOTED == 0 else None
    return (number, post_id, arxiv_id, number % 7, f"{told[:60]}。", takeaways, f"{told}。", note)


def _texts(number: int) -> Iterator[tuple[str, str, str]]:
    """Title, abstract and Chinese words of papers: pieces of made-up ones in ever new order."""
    chance = random.Random(2)
    drawn = _samples()
    words = [abstract.split() for _, abstract, _ in drawn]
    for _ in range(number):
        titles = chance.choices(words, k=3)
        title = " ".join(" ".join(it[at : at + 3]) for it, at in zip(titles, (30, 60, 90), strict=True))
        parts = chance.choices(words, k=4)
        abstract = " ".join(" ".join(it[48 * nth : 48 * nth + 48]) for nth, it in enumerate(parts))
        signs = chance.choices(drawn, k=5)
        yield title, abstract, "".join(it[2][50 * nth : 50 * nth + 50] for nth, it in enumerate(signs))


@contextlib.contextmanager
def _indexed_at_once(connection: sqlite3.Connection) -> Iterator[None]:
    """Meanwhile rows get into no index of words; at the end all do, and are merged once: half the work."""
    made = "FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'paper_text'"
    triggers = connection.execute(f"SELECT name, sql {made}").fetchall()
    for name, _ in triggers:
        connection.execute(f"DROP TRIGGER {name}")
    yield
    for (name,) in connection.execute(
        "SELECT name FROM sqlite_master WHERE sql LIKE '%USING fts5(%'"
    ).fetchall():
        for settings in ({"automerge": 0, "crisismerge": 1000}, "rebuild", "optimize", _USUAL):
            if isinstance(settings, str):
                connection.execute(f"INSERT INTO {name} ({name}) VALUES ('{settings}')")
            else:
                connection.executemany(f"INSERT INTO {name} ({name}, rank) VALUES (?, ?)", settings.items())
    for _, sql in triggers:
        connection.execute(sql)


def _chats(connection: sqlite3.Connection, large: Large) -> None:
    """Chats that follow three tags each, with what they were sent, and with reading lists."""
    numbers = range(1, large.chats + 1)
    settings = (large.platform, "private", "cards", "en", 0)
    names = ("id", "platform", "kind", "style", "language", "follows_all", "address")
    _add(connection, "chat", names, ((at, *settings, large.address(at)) for at in numbers))
    follows = ((at, followed(at, nth)) for at in numbers for nth in range(3))
    _add(connection, "subscription", ("chat_id", "tag_id"), follows)
    sent = (
        (at, large.paper_id(number), number, "sent", 1_790_000_000, 1_790_000_100, 1)
        for at in numbers
        for number in (large.delivered(at, nth) for nth in range(large.each))
    )
    names = ("chat_id", "arxiv_id", "entry_id", "state", "planned_at", "settled_at", "version")
    _add(connection, "delivery", names, sent)
    kept = (
        (large.platform, large.person(at), large.paper_id(large.delivered(at, nth)), 1_790_000_200 + nth)
        for at in numbers
        for nth in range(SAVED)
    )
    _add(connection, "saved", ("platform", "person", "arxiv_id", "saved_at"), kept)


def _add(connection: sqlite3.Connection, table: str, names: Sequence[str], rows: Iterable[Row]) -> None:
    places = ", ".join("?" * len(names))
    connection.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({places})", rows)


def followed(chat: int, number: int) -> int:
    """The tag that a chat follows as its so manieth, from 0: where in `TAG_NAMES` it stands, from 1."""
    return 1 + (chat * 31 + number * 97) % TAGS


def topic(chance: random.Random) -> str:
    """A tag, the first ones more often."""
    return TAG_NAMES[int(len(TAG_NAMES) * chance.random() ** 2)]


def signs(chance: random.Random, number: int) -> str:
    """Chinese signs as they stand side by side in some paper."""
    text = _sample(chance)[2]
    at = chance.randrange(200)
    return text[at : at + number]


def word(chance: random.Random) -> str:
    """A Latin word of some paper, drawn as it occurs."""
    return chance.choice([it for it in _sample(chance)[1].split() if len(it) > 2])


def phrase(chance: random.Random) -> str:
    """Three words that stand side by side in some papers."""
    return " ".join(_sample(chance)[1].split()[20:23])


def _sample(chance: random.Random) -> list[str]:
    return chance.choice(_samples())


@cache
def _samples() -> list[list[str]]:
    return [text.split("\n") for _, text in texts(DRAWN)]
