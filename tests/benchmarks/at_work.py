"""The program at work on a large database in a folder: asked at an even pace, with a broadcast to make."""

import asyncio
import contextlib
import os
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from pathlib import Path

from tests.benchmarks.large import Large

ROOT = Path(__file__).parent.parent.parent

POST = """---
title: Broadcast
date: {day} 08:00:00
tags:
  - Broadcast
---

# {day} 更新

"""
PAPER = """## On {arxiv_id}

**Authors:Ada Lovelace, Alan Turing**

We show that it can be done, and how.

[PDF](http://arxiv.org/abs/{arxiv_id}v1)

**Summary**
一句话说清楚。

"""


@contextlib.asynccontextmanager
async def at_work(
    folder: Path, settings: str, environment: Mapping[str, str], listening: Awaitable[object]
) -> AsyncIterator[None]:
    """The program in a process of its own, with these settings more; once it listens."""
    (folder / "config.yaml").write_text(
        f"database: paperboy.db\nsources: [{{kind: folder, path: posts, every: 1s}}]\n{settings}\n"
    )
    given = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    given |= {"PYTHONPATH": str(ROOT), **environment}
    command = [sys.executable, "-m", "bot", "run", "--config", str(folder / "config.yaml")]
    with (folder / "said").open("wb") as said:
        running = subprocess.Popen(command, env=given, stdout=said, stderr=subprocess.STDOUT)
    try:
        await listening
        await asyncio.sleep(1)
        yield
        assert running.poll() is None, (folder / "said").read_text()
    finally:
        running.terminate()
        await asyncio.to_thread(running.wait)


def prepare(folder: Path, large: Large, followers: Sequence[str], kind: str = "private") -> None:
    """Have the folder be one that was read before, and a tag in it that these addresses follow."""
    (folder / "posts").mkdir()
    with contextlib.closing(sqlite3.connect(folder / "paperboy.db")) as connection, connection:
        looked = (str((folder / "posts").resolve()), 1_790_000_000, 1_790_000_000, 1)
        connection.execute("INSERT INTO source_state VALUES (?, ?, ?, ?, NULL)", looked)
        connection.execute("INSERT INTO tag (slug, name) VALUES ('broadcast', 'Broadcast')")
        names = "platform, kind, style, language, follows_all, address"
        rows = [(large.platform, kind, "cards", "en", 0, address) for address in followers]
        connection.executemany(f"INSERT INTO chat ({names}) VALUES (?, ?, ?, ?, ?, ?)", rows)
        follow = "SELECT chat.id, tag.id FROM chat, tag WHERE chat.id > ? AND tag.slug = 'broadcast'"
        connection.execute(f"INSERT INTO subscription {follow}", (large.chats,))


def publish(folder: Path, large: Large) -> None:
    """A post of ten papers that nobody has seen."""
    papers = (PAPER.format(arxiv_id=f"9912.{number:05}") for number in range(1, 11))
    place = folder / "posts" / "Broadcast.md"
    place.write_text(POST.format(day=large.today) + "".join(papers), encoding="utf-8")
    os.utime(place, (time.time() - 60,) * 2)


async def evenly(order: Sequence[str], rate: float, chance: random.Random) -> AsyncIterator[str]:
    """One after another, so many a second, each some time within its part of the second."""
    began = time.monotonic()
    for number, kind in enumerate(order):
        await asyncio.sleep(max(0.0, began + (number + chance.random()) / rate - time.monotonic()))
        yield kind


def report(found: Mapping[str, list[float]], target: float, every: str = "all") -> None:
    """Print what each kind of question took, and all but what is only shown, in milliseconds."""
    answers = [wait for kind, times in found.items() if not kind.endswith(", shown") for wait in times]
    for kind, unsorted in (*sorted(found.items()), (every, answers)):
        times = sorted(unsorted)
        half, most = times[len(times) // 2], times[len(times) * 95 // 100]
        flag = "" if most < target else "  MISSED"
        print(
            f"    {kind + ':':<24}{half:>7.1f} ms p50 {most:>7.1f} ms p95 {times[-1]:>7.1f} ms at most{flag}"
        )
