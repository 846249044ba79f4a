"""How listening lives on when the gateway is in trouble, and ends when nothing helps."""

import asyncio
import logging
import time

import aiohttp
import discord
import pytest
from aiohttp import web
from discord.gateway import DiscordWebSocket
from discord.http import Route
from yarl import URL

from bot.adapters.discord import listen
from bot.adapters.discord.client import Client, House
from bot.adapters.discord.gateway import Budget
from bot.adapters.discord.listen import Listener
from bot.errors import ConfigError
from tests.fakes.discord import Server

IDENTIFY, RESUME = 2, 6


class Nobody:
    """Presence and guide of a bot that nobody asks anything."""

    async def troubled(self, _platform, _address):
        return []


async def nothing(*_asked):
    """No answer."""


async def at_once(*_told, **_more):
    """The library waits five seconds before a session."""


async def until(fact, within=5.0):
    async with asyncio.timeout(within):
        while not fact():
            await asyncio.sleep(0.01)


@pytest.fixture
async def server(monkeypatch):
    async with Server() as server:
        monkeypatch.setattr(Route, "BASE", server.base_url)
        monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", URL("ws://127.0.0.1:9/"))
        yield server
        assert server.complaints == []


@pytest.fixture
def hasty(monkeypatch):
    """Tries again after a fraction of what it waits usually."""
    monkeypatch.setattr(listen, "SOONEST", 0.05)
    monkeypatch.setattr(listen, "LONGEST", 0.1)
    monkeypatch.setattr(listen, "LOOK", 0.05)
    monkeypatch.setattr("bot.adapters.discord.gateway.APART", 0.05)
    monkeypatch.setattr(discord.AutoShardedClient, "before_identify_hook", at_once)


@pytest.fixture
async def start(server, hasty):
    """Starts listeners; each is ended with the test."""
    works = []

    def begin(token=server.token):
        budget = Budget()
        house = House(answer=nothing, suggest=None, presence=Nobody(), guide=lambda _: None, menu=list)

        def make():
            return Client(house, trace=budget.watch(aiohttp.TraceConfig()), before_identify=budget.take)

        listener = Listener(make, token, budget)
        works.append(asyncio.create_task(listener.run()))
        return listener, works[-1]

    yield begin
    for work in works:
        work.cancel()
    await asyncio.gather(*works, return_exceptions=True)


async def ready(listener, within=5.0):
    await asyncio.wait_for(listener.ready.wait(), within)


def said(server, op):
    return len(server.gateway.said(op))


async def stop(work):
    """Cancel it; gives the seconds that it takes to end."""
    before = time.monotonic()
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    return time.monotonic() - before


async def test_it_listens_at_the_address_that_discord_names(start, server):
    listener, _ = start()
    await ready(listener)
    assert said(server, IDENTIFY) == 1
    assert len(server.asked("GET", "/gateway/bot")) == 1


async def test_every_shard_that_discord_advises_is_connected(start, server):
    server.shards = 3
    listener, _ = start()
    await ready(listener)
    await server.wait_until_ready(3)


async def test_it_asks_for_nothing_privileged(start, server):
    listener, _ = start()
    await ready(listener)
    (told,) = server.gateway.said(IDENTIFY)
    assert told.data["intents"] == 1


async def test_cut_session_is_resumed(start, server):
    listener, work = start()
    await ready(listener)
    server.gateway.close(4000)
    await until(lambda: said(server, RESUME) == 1)
    await server.wait_until_ready()
    server.gateway.reconnect()
    await until(lambda: said(server, RESUME) == 2)
    assert said(server, IDENTIFY) == 1
    assert not work.done()


async def test_invalidated_session_begins_anew_at_the_same_address(start, server):
    listener, _ = start()
    await ready(listener)
    server.gateway.invalidate()
    await until(lambda: said(server, IDENTIFY) == 2)
    assert said(server, RESUME) == 0


async def test_gateway_that_is_away_is_found_again(start, server, monkeypatch):
    monkeypatch.setattr(listen, "SILENT", 0.2)
    listener, work = start()
    await ready(listener)
    await server.close_gateway()
    await until(lambda: not listener.ready.is_set())
    assert not work.done()
    await server.open_gateway()
    await ready(listener)


async def test_gateway_that_is_away_at_the_start_is_waited_for(start, server, monkeypatch, caplog):
    monkeypatch.setattr(listen, "LAUNCH", 0.3)
    await server.close_gateway()
    listener, work = start()
    await until(lambda: "platform.unheard" in caplog.text)
    await server.open_gateway()
    await ready(listener)
    assert not work.done()
    assert "Traceback" not in caplog.text


async def test_gateway_that_says_nothing_is_left_for_another_try(start, server, monkeypatch):
    monkeypatch.setattr(listen, "LAUNCH", 0.3)
    with monkeypatch.context() as mute:
        mute.setattr(server.gateway, "_greet", lambda _session: None)
        listener, _ = start()
        await until(lambda: said(server, IDENTIFY))
    await ready(listener)
    assert said(server, IDENTIFY) == 2


@pytest.mark.parametrize("code", [4012, 4013, 4014])
async def test_what_needs_an_update_is_told_once_and_not_tried_again(start, server, caplog, code):
    server.gateway.refusing = [code]
    _, work = start()
    await until(lambda: f"closed with {code}" in caplog.text)
    await asyncio.sleep(0.3)
    assert said(server, IDENTIFY) == 1
    assert not work.done()
    assert len([record for record in caplog.records if record.levelno >= logging.ERROR]) == 1


async def test_shards_are_counted_anew_where_discord_wants_more(start, server, monkeypatch):
    monkeypatch.setattr("bot.adapters.discord.gateway.MINUTE", 0.1)
    server.least_shards = 2
    listener, _ = start()
    await until(lambda: said(server, IDENTIFY))
    server.shards = 2
    await ready(listener)
    await server.wait_until_ready(2)


async def test_token_that_the_gateway_refuses_ends_it(start, server):
    listener, work = start()
    await ready(listener)
    server.gateway.close(4004)
    with pytest.raises(ConfigError, match="does not know this token") as caught:
        await asyncio.wait_for(work, 5)
    assert server.token not in str(caught.value)


async def test_token_that_rest_refuses_ends_it(start):
    _, work = start(token="bm90LWtub3du.AbCdEf.x" + "y" * 30)
    with pytest.raises(ConfigError, match="does not know this token"):
        await asyncio.wait_for(work, 5)


async def test_rest_that_is_away_is_waited_for(start, server, caplog):
    server.fail("*", "*", status=503, times=None)
    listener, _ = start()
    await until(lambda: caplog.text.count("platform.unheard") >= 2)
    server.heal()
    await ready(listener)
    assert "Traceback" not in caplog.text


async def test_no_session_begins_while_none_is_left(start, server):
    limit = server.gateway.limit
    limit.used, limit.seconds, limit.began = limit.total, 0.4, limit.clock()
    listener, _ = start()
    began = time.monotonic()
    await ready(listener)
    assert time.monotonic() - began > 0.3
    assert said(server, IDENTIFY) == 1


async def test_session_cut_over_and_over_is_resumed_in_measure(start, server, monkeypatch):
    listener, work = start()
    await ready(listener)
    monkeypatch.setattr(server.gateway, "_resume", lambda line, _data: line.close(4000))
    server.gateway.close(4000)
    await asyncio.sleep(0.7)
    assert 2 <= said(server, RESUME) <= 7
    assert said(server, IDENTIFY) == 1
    assert not work.done()
    assert await stop(work) < 1, "the library swallows a cancellation while it resumes"


async def test_session_invalidated_over_and_over_uses_no_day_up(start, server, monkeypatch):
    listener, _ = start()
    await ready(listener)
    monkeypatch.setattr("bot.adapters.discord.gateway.APART", 5.0)
    monkeypatch.setattr(server.gateway, "_greet", lambda session: session.line.say(9, False))
    server.gateway.invalidate()
    await asyncio.sleep(0.5)
    assert said(server, IDENTIFY) <= 2


async def test_cancelled_it_says_goodbye_and_leaves_nothing_open(start, server, caplog):
    listener, work = start()
    await ready(listener)
    assert await stop(work) < 1
    await until(lambda: not server.gateway.lines)
    assert "Unclosed" not in caplog.text


async def test_no_look_at_a_server_outlives_its_client(start, server):
    def looks():
        return [task for task in asyncio.all_tasks() if task.get_coro().__qualname__.endswith("._look")]

    server.guild("Lab")
    listener, work = start()
    await ready(listener)
    await until(looks)
    await stop(work)
    await asyncio.sleep(0)
    assert looks() == []


async def test_gateway_that_answers_no_goodbye_is_left_in_time(start, server, monkeypatch):
    connected = asyncio.Event()

    async def stuck(http):
        ws = web.WebSocketResponse()
        await ws.prepare(http)
        await ws.send_json({"op": 10, "d": {"heartbeat_interval": 60_000}})
        connected.set()
        await asyncio.sleep(3600)

    monkeypatch.setattr(listen, "END", 0.3)
    await server.close_gateway()
    monkeypatch.setattr(server.gateway, "serve", stuck)
    await server.open_gateway()
    _, work = start()
    await asyncio.wait_for(connected.wait(), 5)
    await asyncio.sleep(0.05)
    assert await stop(work) < 1


async def test_token_is_in_no_log_though_all_goes_wrong(start, server, caplog):
    caplog.set_level(logging.DEBUG)
    server.gateway.refusing = [4000, 4001, 1006, 4014]
    start()
    await until(lambda: "closed with 4014" in caplog.text)
    assert server.token not in caplog.text
