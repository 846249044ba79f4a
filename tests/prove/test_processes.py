"""Several processes on one database: one collects, one sends, another goes on; a SQLite file is of one."""

import asyncio
import contextlib
import os
import shutil
import signal
import sqlite3
import sys
import time
from itertools import groupby

import pytest
from sqlalchemy import func, select

from bot.model import Language, Style
from bot.storage import chats, leases
from bot.storage.database import open_database
from bot.storage.tables import chat, delivery, page, paper
from tests.conftest import SAMPLES
from tests.prove.quick_bot import BEAT, FINISH, TERM
from tests.prove.wire import Server
from tests.test_cli import ENVIRONMENT, rest

FULL = bool(os.environ.get("PAPERBOY_PROVE"))
KILLS = 12 if FULL else 2
CHATS = 60 if FULL else 12
DELAY = 0.3 if FULL else 0.05  # seconds that a message is on its way
PAPERS = 13  # of the samples
MESSAGES = PAPERS + 3  # three posts, each with its overview
STARTED = 15.0  # seconds that a process may take to start on a busy machine


class House:
    """A folder of posts, a configuration, and the processes that run on it."""

    def __init__(self, folder, database):
        self.folder = folder
        self.address = database
        self.running = []
        shutil.copytree(SAMPLES, folder / "posts")
        for place in (folder / "posts").rglob("*.md"):
            rest(place)
        (folder / "config.yaml").write_text("sources: [{kind: folder, path: posts, every: 1s}]\n")

    async def start(self, *words, module="bot", **environment):
        """A process of `paperboy run`, with what it says in files."""
        number = len(self.running)
        command = [sys.executable, "-u", "-m", module, "run", "--verbose", "--config", "config.yaml", *words]
        root = str(SAMPLES.parent.parent)
        env = ENVIRONMENT | {"PYTHONPATH": root, "DATABASE_URL": self.address} | environment
        with (
            (self.folder / f"{number}.out").open("wb") as out,
            (self.folder / f"{number}.err").open("wb") as err,
        ):
            process = await asyncio.create_subprocess_exec(
                *command, cwd=self.folder, env=env, stdout=out, stderr=err
            )
        self.running.append(process)
        return process

    def read(self, kind):
        """What each process has said so far."""
        places = (self.folder / f"{number}.{kind}" for number in range(len(self.running)))
        return [place.read_text(encoding="utf-8", errors="replace") for place in places]


@pytest.fixture
async def house(tmp_path, address):
    made = House(tmp_path, address)
    yield made
    for process in made.running:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def until(fact, seconds=STARTED):
    """Wait for something to be so; the seconds that it took."""
    began = time.monotonic()
    while not (fact() if not asyncio.iscoroutinefunction(fact) else await fact()):
        assert time.monotonic() - began < seconds, "it did not come to be so in time"
        await asyncio.sleep(0.03)
    return time.monotonic() - began


async def end(process):
    """Tell a process to end; the seconds that it took to, which are under ten."""
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), 10) == 0
    return time.monotonic() - began


async def holders(database):
    """Who has which role, by process number."""
    async with database.reading() as connection:
        return {lease.name: int(lease.holder.split(":")[1]) for lease in await leases.held(connection)}


async def unsent(database):
    async with database.reading() as connection:
        left = select(func.count()).select_from(delivery).where(delivery.c.state != "sent")
        return (await connection.execute(left)).scalar_one()


async def follow(database, platform="wire", readers=CHATS):
    async with database.writing() as connection:
        settings = {"style": Style.CARDS, "language": Language.EN, "backlog": True}
        for number in range(readers):
            await chats.follow_all(connection, platform, f"chat {number}", **settings)


def check(arrived, interruptions):
    """Every chat got everything in order; only what was in flight came twice, right after itself."""
    by_chat = {}
    for address, text, papers in arrived:
        by_chat.setdefault(address, []).append((text, papers))
    assert len(by_chat) == CHATS
    for messages in by_chat.values():
        runs = [(message, len(list(same))) for message, same in groupby(messages)]
        papers = [paper for (_, shown), _ in runs for paper in shown]
        assert len(runs) == MESSAGES
        assert len(papers) == len(set(papers)) == PAPERS
        assert sum(times - 1 for _, times in runs) <= interruptions


only_postgres = pytest.mark.parametrize("address", ["postgresql"], indirect=True)
only_sqlite = pytest.mark.parametrize("address", ["sqlite"], indirect=True)


@only_postgres
async def test_of_three_that_start_at_once_one_collects_and_one_sends(house):
    bots = [await house.start() for _ in range(3)]
    await until(lambda: sum(text.count("/pdf/") for text in house.read("out")) == PAPERS)
    await until(lambda: all("Paperboy" in text for text in house.read("err")))
    await asyncio.sleep(0.3)
    database = await open_database(house.address)
    roles = await holders(database)
    assert set(roles) == {"collect", "send:console"}
    assert set(roles.values()) <= {bot.pid for bot in bots}
    said = "".join(house.read("err"))
    taken = [said.count(f"role.taken role={role} ") for role in ("collect", "send:console")]
    assert taken == [1, 1]
    assert sum("/pdf/" in text for text in house.read("out")) == 1, "one process showed everything"
    await asyncio.gather(*(end(bot) for bot in bots))
    assert await holders(database) == {}
    assert await unsent(database) == 0
    assert all("Traceback" not in text for text in house.read("err"))
    await database.close()


async def kill_owner(house, database, role="send:wire"):
    owner = (await holders(database))[role]
    (process,) = [bot for bot in house.running if bot.pid == owner]
    process.kill()
    await process.wait()
    return owner


@only_postgres
async def test_killed_senders_are_followed_by_others_and_only_what_was_in_flight_is_repeated(house):
    database = await open_database(house.address)
    await follow(database)
    async with Server(DELAY) as server:
        wire = {"module": "tests.prove.quick_bot", "WIRE_PORT": str(server.port)}
        for _ in range(3):
            await house.start(**wire)
        for number in range(1, KILLS + 1):
            share = CHATS * MESSAGES * number // (KILLS + 2)
            await until(lambda share=share: len(server.arrived) > share)
            owner = await kill_owner(house, database)

            async def followed(owner=owner):
                return (await holders(database)).get("send:wire") not in (owner, None)

            took = await until(followed)
            before = server.begun
            took += await until(lambda before=before: server.begun > before)
            assert took < TERM + BEAT + 5
            if number >= 2:
                await house.start(**wire)

        async def done():
            return await unsent(database) == 0

        await until(done, 30)
        check(server.arrived, KILLS)
        await until(lambda: all("Paperboy" in text for text in house.read("err")))
        alive = [bot for bot in house.running if bot.returncode is None]
        assert len(alive) >= 1
        await asyncio.gather(*(end(bot) for bot in alive))
    await database.close()


@only_postgres
async def test_collector_that_is_killed_is_followed_by_another(house):
    database = await open_database(house.address)
    (house.folder / "posts" / "2026-11-20").rename(house.folder / "later")
    wire = {"module": "tests.prove.quick_bot", "WIRE_PORT": "9"}
    for _ in range(2):
        await house.start(**wire)

    async def looked():
        return "collect" in await holders(database)

    await until(looked)
    await until(lambda: all("Paperboy" in text for text in house.read("err")))
    dead = await kill_owner(house, database, "collect")
    (house.folder / "later").rename(house.folder / "posts" / "2026-11-20")

    async def followed():
        return (await holders(database)).get("collect") not in (dead, None)

    assert await until(followed) < TERM + BEAT + 3

    async def read():
        async with database.reading() as connection:
            return (await connection.execute(select(func.count()).select_from(paper))).scalar_one() == PAPERS

    await until(read)
    (other,) = [bot for bot in house.running if bot.returncode is None]
    await end(other)
    await database.close()


@only_postgres
async def test_program_goes_on_when_every_connection_was_cut(house, postgres):
    bot = await house.start(module="tests.prove.quick_bot", WIRE_PORT="9")
    await until(lambda: "Paperboy" in house.read("err")[0])
    database = await open_database(house.address)

    async def looked():
        return "collect" in await holders(database)

    await until(looked)
    await database.close()
    name = house.address.partition("?")[0].rpartition("/")[2]
    backends = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}';"
    for _ in range(5):
        await asyncio.sleep(0.4)
        await asyncio.to_thread(postgres.psql, backends)
    (house.folder / "posts" / "2026-11-20").rename(house.folder / "posts" / "2026-11-21")
    database = await open_database(house.address)

    async def read():
        async with database.reading() as connection:
            places = select(func.count()).select_from(page).where(page.c.address.startswith("2026-11-21"))
            return (await connection.execute(places)).scalar_one()

    await until(read)
    assert bot.returncode is None
    await end(bot)
    await database.close()
    said = house.read("err")[0]
    assert "Traceback" not in said
    assert (
        "terminating connection" in said or "connection is closed" in said or "connection was closed" in said
    )


@only_postgres
async def test_sender_that_is_told_to_end_hands_over_at_once(house):
    database = await open_database(house.address)
    await follow(database)
    async with Server(0.05) as server:
        wire = {"module": "tests.prove.quick_bot", "WIRE_PORT": str(server.port)}
        for _ in range(2):
            await house.start(**wire)
        await until(lambda: len(server.arrived) > CHATS * MESSAGES // 3)
        owner = (await holders(database))["send:wire"]
        (process,) = [bot for bot in house.running if bot.pid == owner]
        await end(process)

        async def done():
            return await unsent(database) == 0

        await until(done, 20)
        check(server.arrived, 0)
        (other,) = [bot for bot in house.running if bot.returncode is None]
        await end(other)
    await database.close()


async def test_message_in_flight_is_finished_recorded_and_its_chat_given_back(house):
    database = await open_database(house.address)
    await follow(database, readers=3)
    async with Server(1.2) as server:
        wire = {"module": "tests.prove.quick_bot", "WIRE_PORT": str(server.port)}
        bot = await house.start(**wire)
        leased = select(func.count()).select_from(chat).where(chat.c.leased_by.is_not(None))
        await until(lambda: server.begun == 3)
        assert server.arrived == []
        await end(bot)
        assert sorted(address for address, _, _ in server.arrived) == ["chat 0", "chat 1", "chat 2"]
    async with database.reading() as connection:
        states = select(delivery.c.state, func.count()).group_by(delivery.c.state)
        found = dict((await connection.execute(states)).all())
        assert (await connection.execute(leased)).scalar_one() == 0
    assert found["sending"] > 0, "the overviews that were in flight are known to have arrived"
    assert await holders(database) == {}
    await database.close()
    assert "Traceback" not in house.read("err")[0]


@only_sqlite
async def test_platform_that_never_answers_and_a_locked_file_do_not_keep_the_end_from_coming(house):
    database = await open_database(house.address)
    await follow(database, readers=1)
    await database.close()
    async with Server(100) as server:
        bot = await house.start(module="tests.prove.quick_bot", WIRE_PORT=str(server.port))
        path = house.address.removeprefix("sqlite:///")
        await until(lambda: server.begun == 1)
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            assert FINISH < await end(bot) < 10
    assert "Traceback" not in house.read("err")[0]


@only_postgres
async def test_frozen_server_does_not_keep_the_end_from_coming(house, postgres):
    psutil = pytest.importorskip("psutil")
    database = await open_database(house.address)
    await follow(database, readers=3)
    async with Server(0.05) as server:
        bot = await house.start(module="tests.prove.quick_bot", WIRE_PORT=str(server.port))
        await until(lambda: server.begun > 5)
        await database.close()
        main = psutil.Process(postgres.get_pid())
        processes = [main, *main.children(recursive=True)]
        try:
            for process in processes:
                with contextlib.suppress(psutil.NoSuchProcess):  # one that just ended by itself
                    process.suspend()
            await end(bot)
        finally:
            for process in processes:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.resume()
    assert "Traceback" not in house.read("err")[0]


@only_postgres
async def test_one_pass_beside_a_running_bot_leaves_sending_to_it(house):
    database = await open_database(house.address)
    await follow(database, readers=3)
    async with Server(0.05) as server:
        wire = {"module": "tests.prove.quick_bot", "WIRE_PORT": str(server.port)}
        await house.start(**wire)
        await until(lambda: server.begun > 5)
        once = await house.start("--once", **wire)
        assert await asyncio.wait_for(once.wait(), STARTED) == 0

        async def done():
            return await unsent(database) == 0

        await until(done, 20)
        assert "another process does it" in house.read("err")[1]
        assert len(server.arrived) == 3 * MESSAGES
        await end(house.running[0])
        again = await house.start("--once", **wire)
        assert await asyncio.wait_for(again.wait(), STARTED) == 0
        assert "another process" not in house.read("err")[2]
    assert await holders(database) == {}
    await database.close()


@only_sqlite
async def test_second_process_on_a_file_is_refused_and_the_first_goes_on(house):
    first = await house.start()
    await until(lambda: "Ctrl-C ends" in house.read("err")[0])
    second = await house.start()
    assert await asyncio.wait_for(second.wait(), STARTED) == 1
    path = house.address.removeprefix("sqlite:///")
    assert house.read("err")[1] == (
        f"paperboy: database {path}: another paperboy (process {first.pid}) runs on it; end that one, or use "
        "PostgreSQL, which several can share\n"
    )
    assert house.read("out")[1] == ""
    assert first.returncode is None
    first.kill()
    await first.wait()
    third = await house.start()
    took = await until(lambda: "Ctrl-C ends" in house.read("err")[2])
    assert took < STARTED
    await end(third)
    assert sum(text.count("/pdf/") for text in house.read("out")) == PAPERS, "nothing came twice"


@pytest.mark.skipif(not FULL, reason="at full size only: make prove")
@only_postgres
async def test_with_the_terms_that_operators_get_another_goes_on_within_thirty_seconds(house):
    database = await open_database(house.address)
    await follow(database)
    async with Server(0.05) as server:
        wire = {"WIRE_PORT": str(server.port), "WIRE_TERMS": "real"}
        for _ in range(2):
            await house.start(module="tests.prove.quick_bot", **wire)
        await until(lambda: len(server.arrived) > CHATS * MESSAGES // 3)
        await kill_owner(house, database)
        await asyncio.sleep(1.0)  # what was in flight has arrived
        before = server.begun
        assert await until(lambda: server.begun > before, 29) < 29

        async def done():
            return await unsent(database) == 0

        await until(done, 40)
        check(server.arrived, 1)
    await database.close()
