"""No answer reads through everything there ever was: what people ask stays quick as the archive grows."""

import datetime as dt
import re
import sqlite3

import pytest
from sqlalchemy import event

from bot.storage import library
from bot.storage.database import open_database
from tests.commands.asking import NOW, Asker
from tests.commands.shelves import NERF, digest, put

TODAY = dt.datetime.fromtimestamp(NOW, dt.UTC).date()
GROWING = "post|post_tag|entry|paper|paper_text|delivery|saved|chat|subscription"
# In the order of an index, for as many rows as are asked for.
IN_ORDER = {"SCAN post USING COVERING INDEX ix_post_date", "SCAN post USING INDEX ix_post_date"}

ASKED = (
    "/start", "/tags", "/subscribe NeRF", "/subscriptions", "/latest", "/latest NeRF", "/latest NeRF, 3DGS",
    f"/tag NeRF {TODAY}", "/paper 2611.00001", "/saved", "/export bibtex", "/why 2611.00001", "/settings",
    "/pause", "/resume", "/stop",
    "/search radiance", "/search 神经", "/search 3d", "/search \"radiance fields\"",
)  # fmt: skip
PRESSED = (
    "note:2611.00001:1", "abstract:2611.00001", "figures:2611.00001", "like:2611.00001", "save:2611.00001",
    f"digest:{NERF}:{TODAY}:1", f"rest:{NERF}:{TODAY}", f"dates:{NERF}:1", "dates::1", "tags:1", "mine:1",
    f"follow:{NERF}:t1", f"leave:{NERF}:t1", "saved:1:7", "menu:main",
)  # fmt: skip


@pytest.fixture
async def watched(tmp_path):
    """A person at a SQLite database with some digests, and the statements that were made."""
    database = await open_database(str(tmp_path / "paperboy.db"))
    days = [TODAY - dt.timedelta(number) for number in range(3)]
    await put(database, *(digest(day, f"26{number + 11}.00001") for number, day in enumerate(days)))
    said = []
    event.listen(
        database._engine.sync_engine,
        "after_cursor_execute",
        lambda _connection, _cursor, statement, given, *_: said.append((statement, given)),
    )
    yield Asker(database), said, tmp_path / "paperboy.db"
    await database.close()


def scans(said, place):
    """The tables that grow and are read through, with the statement that does."""
    with sqlite3.connect(place) as connection:
        for statement, given in said:
            if not re.match("SELECT|WITH|UPDATE|DELETE|INSERT", statement):
                continue
            for *_, step in connection.execute(f"EXPLAIN QUERY PLAN {statement}", given):
                if re.match(rf"SCAN (?:{GROWING})\b", step) and step not in IN_ORDER:
                    yield f"{step}: {statement}"


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("asked", ASKED)
async def test_command_looks_up_what_it_answers(watched, asked, known):
    ask, said, place = watched
    if known:
        await ask("/subscribe NeRF")
    await ask(asked)
    assert list(scans(said, place)) == []


@pytest.mark.parametrize("pressed", PRESSED)
async def test_button_looks_up_what_it_shows(watched, pressed):
    ask, said, place = watched
    await ask("/subscribe NeRF")
    await ask.press(pressed)
    assert list(scans(said, place)) == []


async def test_newest_papers_are_looked_up(watched):
    ask, said, place = watched
    async with ask.desk.database.reading() as connection:
        assert await library.newest(connection, limit=2) == ["2611.00001", "2612.00001"]
    assert list(scans(said, place)) == []
