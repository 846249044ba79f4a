"""Whatever people, posts, platforms and power cuts do: every chat gets what it was owed, once.

Stories of such events are told to the real storage and sender and to the simple model in `model.py`,
which says of every message whether it should have come. More stories, and PostgreSQL, with
PAPERBOY_PROVE=1.
"""

import asyncio
import os
import shutil
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from bot.delivery import send
from bot.errors import Moved
from bot.storage.database import open_database
from tests.builders import post
from tests.delivery.recorder import Recorder
from tests.delivery.test_send import Clock, deliver, follow, owe, states
from tests.prove.story import PAPERS, STORY
from tests.prove.world import tell

FULL = bool(os.environ.get("PAPERBOY_PROVE"))
ENGINES = ["sqlite", "postgresql"] if FULL else ["sqlite"]
STORIES = 120 if FULL else 12


@pytest.fixture(scope="module", params=ENGINES)
def fresh(request, tmp_path_factory):
    """Makes an empty database at every call; gives its URL."""
    folder: Path = tmp_path_factory.mktemp("model")
    if request.param == "sqlite":
        empty, numbers = folder / "empty.db", count()
        asyncio.run(_make(f"sqlite:///{empty}"))
        # A file of its own each time: what a power cut left beside the one before is not to be read again.
        return lambda: f"sqlite:///{shutil.copy(empty, folder / f'{next(numbers)}.db')}"
    server = request.getfixturevalue("postgres")
    server.psql("CREATE DATABASE model_empty;")
    asyncio.run(_make(server.get_uri(database="model_empty")))

    def copy() -> str:
        server.psql("DROP DATABASE IF EXISTS model_used;")
        server.psql("CREATE DATABASE model_used TEMPLATE model_empty;")
        return server.get_uri(database="model_used")

    return copy


async def _make(address: str) -> None:
    await (await open_database(address)).close()


@settings(max_examples=STORIES, deadline=None, suppress_health_check=list(HealthCheck))
@given(story=STORY)
def test_every_chat_gets_what_it_is_owed_once_whatever_happens(fresh, story):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(send, "FINISH", 0.0)  # after a power cut nothing in flight is waited for
        asyncio.run(tell(fresh(), story))


async def test_chat_that_moves_to_the_place_of_another_holds_nobody_up(tmp_path):
    clock = Clock()
    database = await open_database(str(tmp_path / "paperboy.db"))
    await follow(database, "group", "supergroup", "third")
    await owe(database, clock, post(*PAPERS[:2]))
    platform = Recorder(lambda address, _, __: Moved("supergroup") if address == "group" else None)
    await deliver(database, clock, platform)
    assert await states(database) == {"sent": 6}
    assert platform.papers("third") == PAPERS[:2]
    await database.close()
