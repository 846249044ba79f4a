"""A server that does its worst: it is given up within the limits and named, and all else goes on."""

import os
import time

import pytest

from bot.collecting import Collecting
from bot.config import Config
from bot.status import look
from bot.storage.database import open_database
from tests.conftest import SAMPLES
from tests.fakes.web import Hostile, answer
from tests.sources.conftest import no_proxy as no_proxy

PAGE = answer(b"<html><head><title>A blog</title></head><body>no feed</body></html>")

# What the status says of a source whose server does this.
SAID = {
    "endless": "more bytes than the 100,000",
    "redirects": "redirects",
    "loop": "circle",
    "drip": "within 1 s",
    "bomb": "more bytes than the 100,000",
    "garbage": "proper HTTP",
    "truncated": "proper HTTP",
    "silent": "within 1 s",
    "picture": "image/png",
    "inside": "no blog is there",
    "empty": "nothing at all",
    "broken": "500",
    "busy": "429",
}


@pytest.fixture
async def collected(tmp_path):
    """A look at a folder, and at a site and a feed for everything that a server can do."""
    folder = tmp_path / "posts"
    post = next(SAMPLES.rglob("NeRF.md"))
    (folder / post.parent.name).mkdir(parents=True)
    (folder / post.parent.name / post.name).write_bytes(post.read_bytes())
    os.utime(folder / post.parent.name / post.name, (1e9, 1e9))
    async with Hostile() as server:
        server.says["/page"] = PAGE
        named = {**SAID, "page": ""}
        web = {"allow_private": True, "pause": "0s"}
        feeds = [{"kind": "feed", "name": f"feed {it}", "url": server.url(it), **web} for it in named]
        sites = [{"kind": "site", "name": f"site {it}", "url": server.url(f"{it}/"), **web} for it in SAID]
        config = Config.model_validate(
            {
                "database": str(tmp_path / "paperboy.db"),
                "fetch": {"timeout": "1s", "size": 100_000},
                "sources": [{"kind": "folder", "path": str(folder), "name": "folder"}, *feeds, *sites],
            }
        )
        database = await open_database(str(tmp_path / "paperboy.db"))
        collecting = Collecting(config, database, _nothing)
        began = time.monotonic()
        try:
            await collecting.once()
        finally:
            await collecting.close()
            await database.close()
        yield await look(config), time.monotonic() - began


async def _nothing(*_):
    pass


async def test_every_hostile_server_is_given_up_within_the_limits_and_named(collected):
    status, seconds = collected
    assert seconds < 12  # two dozen servers side by side, each for a second at the most
    faults = {source.source: status.fault(source) for source in status.sources}
    assert faults.pop("folder") is None
    assert status.counts["paper"] == 4  # what the good source holds
    for name, fault in faults.items():
        assert fault, f"{name} is well"
        said = SAID.get(name.partition(" ")[2], "")
        assert said in fault, f"{name}: {fault}"
        assert "\n" not in fault
        assert "Traceback" not in fault
    assert "no feed" in faults["feed page"]
