"""Whether the web port is free, ours or somebody else's; real sockets on the loopback."""

import socket

import pytest
from aiohttp import web

from bot.web.check import check, weak
from bot.web.health import Report
from bot.web.server import Server


@pytest.fixture
def taken():
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        opened.listen()
        yield opened.getsockname()[1]


async def test_free_port_is_well_and_free_afterwards():
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        port = opened.getsockname()[1]
    for _ in range(2):
        (found,) = await check(f"127.0.0.1:{port}")
        assert (found.verdict, found.said) == ("ok", f"127.0.0.1:{port} is free")


async def test_port_of_a_running_paperboy_is_well():
    async def ready():
        return Report(faults={}, warnings={}, well=())

    async def scrape(_accept):
        return b"", "text/plain"

    server = Server("127.0.0.1:0", ready=ready, scrape=scrape)
    await server.start()
    try:
        (found,) = await check(f"127.0.0.1:{server.port}")
    finally:
        await server.stop()
    assert found.verdict == "ok"
    assert "a running Paperboy's" in found.said


async def test_port_of_another_program_fails():
    app = web.Application()

    async def up(_request):
        return web.json_response({"status": "up"})

    app.router.add_get("/healthz", up)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        (found,) = await check(f"127.0.0.1:{runner.addresses[0][1]}")
    finally:
        await runner.cleanup()
    assert found.verdict == "fail"
    assert "taken by another program" in found.said


async def test_port_that_is_silent_fails_in_time(taken, monkeypatch):
    monkeypatch.setattr("bot.web.check.SOON", 0.2)
    (found,) = await check(f"127.0.0.1:{taken}")
    assert found.verdict == "fail"


async def test_port_that_the_network_can_reach_is_a_warning():
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        port = opened.getsockname()[1]
    free, open_ = await check(f"0.0.0.0:{port}")
    assert (free.verdict, open_.verdict) == ("ok", "warn")
    assert "health and metrics are open" in open_.said


@pytest.mark.parametrize("place", ["203.0.113.7:8460", "no..host:8460", "127.0.0.1:99999"])
async def test_place_that_cannot_be_had_fails(place):
    (found,) = await check(place)
    assert found.verdict == "fail"
    assert "name another place at web.listen" in found.said


def test_short_secret_is_a_warning():
    assert weak("x" * 15).verdict == "warn"
    assert weak("x" * 16) is None
