"""A restored backup loses nothing and floods nobody: the program as people start it, with real files."""

import asyncio
import datetime as dt
import json
import os
import shutil
import time
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from bot.storage import chats
from bot.storage.database import open_database
from bot.storage.tables import chat, delivery, subscription, tag
from tests import command
from tests.conftest import SAMPLES
from tests.delivery.test_collect_restored import write_post
from tests.prove.wire import Server
from tests.test_cli import ENVIRONMENT, rest

TODAY = dt.datetime.now(dt.UTC).date()
PAPERS = [f"2611.{number:05}" for number in range(1, 10)]
OLD, LATE_OLD, FIRST, SECOND, THIRD, FOURTH, FIFTH, SIXTH, SEVENTH = PAPERS
CHATS = {
    "now": {},
    "paused": {"paused_at": 1, "paused_reason": "blocked"},
    "weekly": {"schedule": "weekly", "at": 480, "weekdays": 1 << (TODAY + dt.timedelta(3)).weekday()},
    "late": {"schedule": "weekly", "at": 480, "weekdays": 1 << (TODAY + dt.timedelta(3)).weekday()},
}


@dataclass(frozen=True, kw_only=True)
class Bot:
    """The program on a database, with a folder of posts that other databases may have known."""

    folder: Path
    address: str

    async def do(self, *words):
        """Run a command of the program; what it printed, with its exit code."""
        env = ENVIRONMENT | {"PYTHONPATH": str(SAMPLES.parent.parent), "DATABASE_URL": self.address}
        async with Server() as server:
            env["WIRE_PORT"] = str(server.port)
            given = (*words, "--config", "config.yaml")
            done = await asyncio.to_thread(command.run, given, env, self.folder, "tests.prove.quick_bot")
            return done.returncode, done.stdout + done.stderr, server.arrived

    async def run(self, *words):
        """Look and deliver once; the papers that each chat got, in order."""
        code, printed, arrived = await self.do("run", "--once", *words)
        assert code == 0, printed
        return by_chat(arrived)

    async def well(self, *words):
        """Run a command that must go well."""
        code, printed, _ = await self.do(*words)
        assert code == 0, printed
        return printed

    async def change(self, statement):
        """Change something in the database that time or people would change."""
        database = await open_database(self.address)
        async with database.writing() as connection:
            await connection.execute(statement)
        await database.close()

    def publish(self, days, *papers, tag="NeRF"):
        """Have a post of so many days ago hold these papers."""
        day = TODAY - dt.timedelta(days)
        place = self.folder / "posts" / str(day) / f"{tag}.md"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(write_post(day, *papers, tag=tag), encoding="utf-8")
        rest(place)


def by_chat(arrived):
    """The papers that each chat got, in order."""
    return {
        name: [paper for place, _, papers in arrived if place == name for paper in papers] for name in CHATS
    }


async def subscribe(bot):
    """The chats, all of which follow the tag of the posts."""
    database = await open_database(bot.address)
    async with database.writing() as connection:
        tag_id = (await connection.execute(select(tag.c.id))).scalar_one()
        for name, more in CHATS.items():
            values = {"platform": "wire", "address": name, "style": "cards", "language": "en", **more}
            made = insert(chat).values(follows_all=False, **values).returning(chat.c.id)
            chat_id = (await connection.execute(made)).scalar_one()
            await connection.execute(insert(subscription).values(chat_id=chat_id, tag_id=tag_id))
    await database.close()


async def live(folder):
    """What a bot did until its backup was made, and what was published after that."""
    bot = Bot(folder=folder, address=str(folder / "origin.db"))
    (folder / "config.yaml").write_text("sources: [{kind: folder, path: posts, every: 1s}]\n")
    bot.publish(9, OLD)
    await bot.run()
    await subscribe(bot)
    bot.publish(3, FIRST, SECOND)
    bot.publish(0, THIRD)
    assert await bot.run() == {"now": [FIRST, SECOND, THIRD], "paused": [], "weekly": [], "late": []}
    bot.publish(2, FOURTH)
    await bot.run("--role", "collect")
    await bot.well("export", "backup.json")
    bot.publish(8, LATE_OLD)
    bot.publish(0, THIRD, FIFTH)
    bot.publish(-1, SIXTH)  # where the blog is, tomorrow comes first
    return folder


@pytest.fixture(scope="module")
def lived(tmp_path_factory):
    """A folder of posts, a configuration and the backup of a bot that has read some of them."""
    return asyncio.run(live(tmp_path_factory.mktemp("lived")))


@pytest.fixture
def bot(lived, address):
    """The program on an empty database."""
    return Bot(folder=lived, address=address)


def backup_of(bot, name, **given):
    """The backup, with the hour of one chat passed since, in a file of this name."""
    data = json.loads((bot.folder / "backup.json").read_text(encoding="utf-8"))
    (late,) = (item for item in data["chats"] if item["address"] == "late")
    late["settings"]["due_at"] = int(time.time()) - 3600
    (bot.folder / name).write_text(json.dumps(data | given), encoding="utf-8")
    return name


ALL = [FIRST, SECOND, FOURTH, THIRD, FIFTH, SIXTH]  # by the dates of the posts


async def test_what_was_owed_and_what_came_since_arrive_once_and_nothing_else(bot):
    file = backup_of(bot, f"{os.path.basename(bot.address)}.json")
    for _ in range(2):
        assert "4 chats, 4 subscriptions, 3 deliveries, 13 owed" in await bot.well("import", file)
    _, told, _ = await bot.do("status")
    assert ": looked at" not in told
    _, _, arrived = await bot.do("run", "--once")
    assert by_chat(arrived) == {"now": [FOURTH, FIFTH, SIXTH], "paused": [], "weekly": [], "late": ALL}
    assert Counter(place for place, _, papers in arrived if not papers) == {"now": 3, "late": 4}  # overviews
    await bot.well("import", file)
    assert not any((await bot.run()).values())
    assert "looked at" in await bot.well("status")
    database = await open_database(bot.address)
    async with database.writing() as connection:
        chat_id = (await connection.execute(select(chat.c.id).where(chat.c.address == "paused"))).scalar_one()
        await chats.resume(connection, chat_id, now=time.time())
    await database.close()
    assert await bot.run() == {"now": [], "paused": ALL, "weekly": [], "late": []}
    await bot.change(update(chat).where(chat.c.address == "weekly").values(owed_at=1.0, due_at=1))
    assert await bot.run() == {"now": [], "paused": [], "weekly": ALL, "late": []}
    assert not any((await bot.run()).values())


async def test_weekly_chat_waits_for_the_hour_that_it_had(bot):
    await bot.well("import", "backup.json")
    assert (await bot.run())["weekly"] == []
    database = await open_database(bot.address)
    async with database.reading() as connection:
        row = (await connection.execute(select(chat).where(chat.c.address == "weekly"))).one()
        owed = select(delivery.c.arxiv_id).where(delivery.c.chat_id == row.id, delivery.c.state == "pending")
        papers = sorted((await connection.execute(owed)).scalars())
    await database.close()
    assert papers == sorted(ALL)
    assert row.owed_at == row.due_at
    assert dt.datetime.fromtimestamp(row.due_at, dt.UTC).time() == dt.time(8)


async def test_backup_of_the_version_before_repeats_nothing_and_floods_nobody(bot, tmp_path):
    bot = replace(bot, folder=shutil.copytree(bot.folder, tmp_path / "copy"))
    data = json.loads((bot.folder / "backup.json").read_text(encoding="utf-8"))
    del data["made_at"], data["sources"]
    for item in data["chats"]:
        item.pop("owed", None)
    (bot.folder / "old.json").write_text(json.dumps(data), encoding="utf-8")
    assert "4 chats, 4 subscriptions, 3 deliveries, 0 owed" in await bot.well("import", "old.json")
    assert not any((await bot.run()).values())
    await asyncio.sleep(1)  # what is read within one second counts as one reading
    bot.publish(-1, SIXTH, SEVENTH)
    assert (await bot.run())["now"] == [SEVENTH]
