"""A transaction that is cut short leaves the database to others at once."""

import asyncio
import gc
import sqlite3

import pytest
from sqlalchemy import text

from bot.storage.database import open_database

LONG = """INSERT INTO page (source, address, fingerprint)
    WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 200000)
    SELECT 's', max(x), '' FROM n RETURNING address"""


@pytest.fixture
def no_collection():
    gc.disable()
    yield
    gc.enable()


async def test_write_that_is_cut_short_locks_nobody_out(tmp_path, no_collection):
    file = tmp_path / "a.db"
    database = await open_database(str(file))
    began = asyncio.Event()

    async def write():
        async with database.writing() as connection:
            began.set()
            await connection.execute(text(LONG))

    task = asyncio.create_task(write())
    await began.wait()
    await asyncio.sleep(0.005)  # the statement is being worked on, in a thread of its own
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    with sqlite3.connect(file, timeout=2) as other:
        other.execute("BEGIN IMMEDIATE")
    other.close()
    await database.close()
