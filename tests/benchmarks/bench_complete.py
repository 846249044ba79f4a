"""How soon choices are there while people type on Discord, on a large database.

`COMPLETE_PAPERS` (100,000 unless said otherwise) is how many papers there are, under 300 tags;
`COMPLETE_EACH` (100) how often each kind of thing is typed. Everything is typed alone first, then by
ten people at a time: what is late is then an empty list, and is counted.
"""

import asyncio
import contextlib
import datetime as dt
import os
import random
import sqlite3
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot.adapters.discord.asked import Asked
from bot.adapters.discord.complete import choices
from bot.commands.base import Desk, Place
from bot.commands.suggest import Suggest
from bot.model import Language, Style
from bot.storage.database import open_database
from bot.when import next_due
from tests.benchmarks.large import TAG_NAMES, Large, fill, phrase, signs, word

PAPERS = int(os.environ.get("COMPLETE_PAPERS", "100000"))
EACH = int(os.environ.get("COMPLETE_EACH", "100"))
CROWD = 10
TARGET = 100.0  # milliseconds

Chance = random.Random
Type = Callable[[Chance, Large], tuple[str, str, dict[str, Any]]]


def tags(write: Callable[[Chance], str]) -> Type:
    """Somebody types names of tags."""
    return lambda chance, _: ("subscribe", "tags", {"tags": write(chance)})


def papers(write: Callable[[Chance], str]) -> Type:
    """Somebody types what names a paper."""
    return lambda chance, _: ("paper", "paper", {"paper": write(chance)})


def kinds() -> dict[str, Type]:
    """What people type."""

    def name(chance: Chance) -> str:
        return chance.choice(TAG_NAMES)

    return {
        "tags, nothing yet": tags(lambda _: ""),
        "tags, a beginning": tags(lambda chance: name(chance)[: chance.randint(1, 4)]),
        "tags, the third": tags(lambda chance: f"{name(chance)}, {name(chance)}, {name(chance)[:2]}"),
        "tags, with a slip": tags(lambda chance: slip(chance, name(chance))),
        "tags, 300 signs": tags(lambda chance: "".join(chance.choices("abcdefgh ", k=300))),
        "tags to leave": lambda chance, large: ("unsubscribe", "tags", {"tags": ""}),
        "papers, nothing yet": papers(lambda _: ""),
        "papers, a word": papers(word),
        "papers, half a word": papers(lambda chance: word(chance)[:3]),
        "papers, two letters": papers(lambda chance: word(chance)[:2]),
        "papers, a word and a half": papers(lambda chance: f"{word(chance)} {word(chance)[:2]}"),
        "papers, a phrase": papers(phrase),
        "papers, with a slip": papers(lambda chance: f"{slip(chance, word(chance))} {word(chance)}"),
        "papers, two signs": papers(lambda chance: signs(chance, 2)),
        "papers, half an id": papers(lambda chance: f"240{chance.randint(1, 9)}.{chance.randrange(100):02}"),
        "papers, 300 signs": papers(lambda chance: " ".join(word(chance) for _ in range(60))[:300]),
        "days": lambda chance, _: ("latest", "day", {"day": ""}),
        "days of a tag": lambda chance, large: (
            "tag", "day", {"tag": name(chance), "day": f"{large.today.year - 1}-1"},
        ),
        "zones": lambda chance, _: ("settings", "to", {"set": "zone", "to": chance.choice("abcdelmnpstu")}),
    }  # fmt: skip


def slip(chance: Chance, text: str) -> str:
    """The text with two neighbours in each other's place."""
    at = chance.randrange(max(len(text) - 1, 1))
    return text[:at] + text[at : at + 2][::-1] + text[at + 2 :]


async def measure(suggest: Suggest, large: Large, kind: Type, crowd: int) -> tuple[list[float], float]:
    """Milliseconds of each answer, and how many choices there were on average."""
    chance = random.Random(7)
    took: list[float] = []
    offered = 0

    async def ask() -> None:
        nonlocal offered
        command, field, given = kind(chance, large)
        place = Place(address=large.address(chance.randrange(large.chats) + 1))
        asked = Asked(
            place=place, person="7", word=command, text="", hint=Language.EN, given=given, typing=field
        )
        began = time.perf_counter()
        found = await choices(suggest, asked)
        took.append((time.perf_counter() - began) * 1000)
        offered += len(found)

    for _ in range(max(EACH // crowd, 1)):
        await asyncio.gather(*(ask() for _ in range(crowd)))
    return sorted(took), offered / len(took)


async def run(path: Path, large: Large) -> None:
    """Print what each kind takes."""
    database = await open_database(str(path))
    aliases = {f"别名{at}": name.lower().replace(" ", "-") for at, name in enumerate(TAG_NAMES)}
    desk = Desk(database=database, style=Style.CARDS, cap=10, next_due=next_due, aliases=aliases)
    suggest = Suggest(desk, time.time)
    for crowd in (1, CROWD):
        print(f"  {'one person' if crowd == 1 else f'{crowd} people'} at a time:")
        every: list[float] = []
        for name, kind in kinds().items():
            took, offered = await measure(suggest, large, kind, crowd)
            every += took
            show(name, took, f" {offered:5.1f} choices")
        show("all", sorted(every), "")
    await database.close()


def show(name: str, took: list[float], more: str) -> None:
    """Print one line of figures."""
    half, most = took[len(took) // 2], took[len(took) * 95 // 100]
    flag = "" if most < TARGET else "  MISSED"
    print(
        f"    {name + ':':<28}{half:>7.1f} ms p50 {most:>7.1f} ms p95 {took[-1]:>7.1f} ms at most{more}{flag}"
    )


def main() -> None:
    """Print the figures."""
    large = Large(papers=PAPERS, chats=500, each=20, today=dt.datetime.now(dt.UTC).date())
    there = f"{large.papers:,} papers and {len(TAG_NAMES)} tags on SQLite"
    print(f"\nChoices while people type, {there} (target: p95 under {TARGET:.0f} ms)")
    with tempfile.TemporaryDirectory(prefix="paperboy-complete-", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "paperboy.db"
        began = time.perf_counter()
        asyncio.run(fill(path, large))
        with contextlib.closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("UPDATE chat SET platform = 'discord'")
        print(f"  filled in {time.perf_counter() - began:.0f} s")
        asyncio.run(run(path, large))


if __name__ == "__main__":
    main()
