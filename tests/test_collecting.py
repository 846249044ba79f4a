"""Looks at several sources: side by side, on time, sooner when wanted, and none at the cost of another."""

import asyncio
import os
import time

import pytest

from bot.collecting import Collecting, given
from bot.config import Config
from bot.storage import pages
from bot.storage.database import open_database
from tests.conftest import SAMPLES

POST = next(SAMPLES.rglob("NeRF.md")).read_bytes()


@pytest.fixture
async def database(tmp_path):
    opened = await open_database(str(tmp_path / "paperboy.db"))
    yield opened
    await opened.close()


@pytest.fixture
def config(tmp_path):
    def make(*names: str, every: str = "1d") -> Config:
        sources = []
        for name in names:
            (tmp_path / name / "2026-11-20").mkdir(parents=True, exist_ok=True)
            sources.append({"kind": "folder", "path": str(tmp_path / name), "name": name, "every": every})
        return Config.model_validate({"sources": sources})

    return make


def put(folder, text=POST):
    post = folder / "2026-11-20" / "NeRF.md"
    post.write_bytes(text)
    os.utime(post, (1e9, 1e9))


class Heard:
    """What came of each look."""

    def __init__(self) -> None:
        self.looks: list[tuple[str, int]] = []
        self.news = asyncio.Event()

    async def __call__(self, source, collected, seconds):
        assert seconds >= 0
        self.looks.append((source.name, collected.posts))
        self.news.set()

    async def until(self, number: int) -> None:
        async with asyncio.timeout(5):
            while len(self.looks) < number:
                self.news.clear()
                await self.news.wait()


async def test_every_source_is_looked_at_once(database, config, tmp_path):
    heard = Heard()
    collecting = Collecting(config("a", "b"), database, heard)
    put(tmp_path / "b")
    await collecting.once()
    assert sorted(heard.looks) == [("a", 0), ("b", 1)]
    assert not collecting.trouble


async def test_source_that_hangs_delays_no_other(database, config, tmp_path):
    heard = Heard()
    collecting = Collecting(config("slow", "quick"), database, heard)
    put(tmp_path / "quick")

    async def hang(_known):
        await asyncio.sleep(3600)
        yield

    collecting.sources[0].fetch = hang
    work = asyncio.create_task(collecting.run())
    await heard.until(1)
    assert heard.looks == [("quick", 1)]
    assert not collecting.looked.is_set()
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)


async def test_source_with_a_bug_stops_no_other_and_is_told(database, config, tmp_path, caplog):
    heard = Heard()
    collecting = Collecting(config("wrong", "right"), database, heard)

    async def fail(_known):
        raise ZeroDivisionError("a bug")
        yield

    collecting.sources[0].fetch = fail
    await collecting.once()
    assert sorted(heard.looks) == [("right", 0), ("wrong", 0)]
    assert collecting.trouble
    async with database.reading() as connection:
        right, wrong = await pages.states(connection)
    assert (right.failures, wrong.failures) == (0, 1)
    assert "a fault of Paperboy's own: ZeroDivisionError" in wrong.error
    assert "look.broken source=wrong" in caplog.text


async def test_source_that_is_away_is_named_and_the_others_are_read(database, config, tmp_path):
    heard = Heard()
    collecting = Collecting(config("away", "there"), database, heard)
    put(tmp_path / "there")
    (tmp_path / "away" / "2026-11-20").rmdir()
    (tmp_path / "away").rmdir()
    await collecting.once()
    assert dict(heard.looks) == {"away": 0, "there": 1}
    async with database.reading() as connection:
        away, there = await pages.states(connection)
    assert "No such file or directory" in away.error
    assert there.error is None


async def test_wanted_source_is_looked_at_before_its_time_and_no_other(
    database, config, tmp_path, monkeypatch
):
    monkeypatch.setattr("bot.collecting.SOON", 0.0)
    heard = Heard()
    collecting = Collecting(config("a", "b"), database, heard)
    work = asyncio.create_task(collecting.run())
    await heard.until(2)
    await asyncio.wait_for(collecting.looked.wait(), 5)
    put(tmp_path / "a")
    await collecting.wake(["a"])
    await heard.until(3)
    assert heard.looks[2:] == [("a", 1)]
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)


async def test_looks_that_are_wanted_soon_after_each_other_become_one(database, config, monkeypatch):
    heard = Heard()
    collecting = Collecting(config("a"), database, heard)
    work = asyncio.create_task(collecting.run())
    await asyncio.wait_for(collecting.looked.wait(), 5)
    for _ in range(20):
        await collecting.wake(["a"])
    await asyncio.sleep(0.2)
    assert len(heard.looks) == 1  # it is looked at a few seconds after the last look, once
    async with database.reading() as connection:
        assert await pages.wanted(connection) == {"a"}
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)


async def test_want_of_another_process_is_seen(database, config, monkeypatch):
    monkeypatch.setattr("bot.collecting.SOON", 0.0)
    monkeypatch.setattr("bot.collecting.ROLL", 0.05)
    heard = Heard()
    collecting = Collecting(config("a"), database, heard)
    work = asyncio.create_task(collecting.run())
    await heard.until(1)
    async with database.writing() as connection:
        await pages.want(connection, ["a"], at=int(time.time()) + 1)
    await heard.until(2)
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)


def test_token_for_github_is_shown_to_github_alone():
    urls = ("https://github.com/a/b", "https://github.com.example.org/a/b", "https://git.example.org/a/b")
    config = Config.model_validate(
        {"github": {"token": "ghp_0123456789"}, "sources": [{"kind": "github", "url": url} for url in urls]}
    )
    assert [bool(given(source, config).token) for source in config.sources] == [True, False, False]


def test_source_is_given_what_the_configuration_says():
    config = Config.model_validate(
        {
            "github": {"token": "ghp_0123456789"},
            "fetch": {"agent": "Lab bot", "size": 5000, "timeout": "5s"},
            "sources": [
                {"kind": "github", "url": "https://github.com/a/b", "path": "posts", "pause": "0s"},
                {"kind": "site", "url": "https://example.org/", "since": "7d", "allow_private": True},
            ],
        }
    )
    github, site = (given(source, config) for source in config.sources)
    assert (github.token, github.path, github.limits.pause, github.every) == (
        "ghp_0123456789",
        "posts",
        0,
        3600,
    )
    assert (site.token, site.since, site.limits.private) == ("", 7 * 86400, True)
    assert (site.limits.agent, site.limits.size, site.limits.seconds) == ("Lab bot", 5000, 5)
    assert "ghp_0123456789" not in repr(github)
