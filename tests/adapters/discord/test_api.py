"""The way to Discord's REST: where it leads, and the client that pushes go through."""

import asyncio
import logging
import time

import aiohttp
import discord
import pytest
from discord.http import HTTPClient, Route

from bot import secrecy
from bot.adapters.discord import api
from bot.adapters.discord.api import Line, aim
from bot.adapters.discord.errors import FAILURES
from bot.adapters.discord.toll import Toll
from bot.errors import ConfigError
from tests.adapters.discord.peer import TOKEN, Answer, listen


@pytest.fixture
async def peer():
    async with listen() as peer:
        yield peer


@pytest.fixture
def base(monkeypatch):
    monkeypatch.setattr(Route, "BASE", Route.BASE)


@pytest.fixture
async def line(peer):
    line = Line(peer.token, Toll(most=10_000))
    yield line
    await line.close()


def message(channel: int = 7) -> Route:
    return Route("POST", "/channels/{channel_id}/messages", channel_id=channel)


# Where it leads


@pytest.mark.parametrize(
    ("given", "led"),
    [
        (None, "https://discord.com/api/v10"),
        ("", "https://discord.com/api/v10"),
        ("https://discord.com", "https://discord.com/api/v10"),
        ("https://discord.com/", "https://discord.com/api/v10"),
        ("https://discord.com/api", "https://discord.com/api/v10"),
        ("https://discord.com/api/", "https://discord.com/api/v10"),
        ("https://discord.com/api/v9/", "https://discord.com/api/v10"),
        (" http://127.0.0.1:3000 ", "http://127.0.0.1:3000/api/v10"),
        ("http://nirn:8080/discord/", "http://nirn:8080/discord/api/v10"),
        ("http://[::1]:8080/api/v10", "http://[::1]:8080/api/v10"),
    ],
)
def test_address_leads_to_the_api(base, given, led):
    aim(given)
    assert Route("GET", "/users/@me").url == f"{led}/users/@me"


@pytest.mark.parametrize(
    "given",
    ["discord.com", "ftp://discord.com", "https://", "https://x:99999", "http://[::1", "http://a/?b=c",
     "https://user:secret-word@x.org/", "https://x.org/#a", "unix:///run/x"],
)  # fmt: skip
def test_what_is_no_address_is_told_with_its_key(base, given):
    with pytest.raises(ConfigError, match=r"^discord\.api_url: ") as raised:
        aim(given)
    assert "secret-word" not in str(raised.value)


@pytest.mark.parametrize(
    ("given", "warned"),
    [
        ("http://example.org", True),
        ("http://8.8.8.8:80", True),
        ("https://example.org", False),
        ("http://localhost:3000", False),
        ("http://127.0.0.1", False),
        ("http://10.1.2.3", False),
        ("http://proxy:8080", False),
        ("http://proxy.internal", False),
    ],
)
def test_token_that_would_go_unencrypted_over_the_world_is_warned_of(base, caplog, given, warned):
    with caplog.at_level(logging.WARNING):
        aim(given)
    assert bool(caplog.records) == warned


# Logging in


async def test_many_at_once_log_in_once(peer, line):
    await asyncio.gather(*(line.request(message(n), json={"content": "x"}) for n in range(30)))
    assert len(peer.asked("GET /users/@me$")) == 1
    assert len(peer.shown) == 30


async def test_nothing_that_is_not_given_is_sent(peer, line):
    await line.request(Route("GET", "/channels/7"))
    assert peer.got[-1].body is None
    assert "Content-Type" not in peer.got[-1].headers


async def test_refused_token_is_not_tried_again_and_again(peer):
    line = Line("wrong", Toll(most=10_000))
    for _ in range(20):
        with pytest.raises(discord.LoginFailure):
            await line.request(message(), json={})
    assert len(peer.got) == 1
    await line.close()


async def test_token_that_is_revoked_stops_everything_until_it_is_good_again(peer, line, monkeypatch):
    toll = line._toll
    await line.request(message(), json={"content": "1"})
    peer.token = "another"
    found = await asyncio.gather(
        *(line.request(message(n), json={}) for n in range(5)), return_exceptions=True
    )
    assert all(isinstance(exc, discord.HTTPException) for exc in found)
    count = len(peer.got)
    for _ in range(20):
        with pytest.raises(discord.HTTPException):
            await line.request(message(), json={})
    assert len(peer.got) == count
    assert toll.invalid() <= 6
    peer.token = TOKEN
    monkeypatch.setattr(line, "_again", 0.0)  # a minute later
    await line.request(message(), json={"content": "2"})
    assert [one["content"] for one in peer.shown["7"]] == ["1", "2"]


async def test_dead_way_is_found_out_once_by_all_who_wait(peer, line, monkeypatch):
    tries = []

    async def fail(_http, _token):
        tries.append(1)
        await asyncio.sleep(0.05)
        raise aiohttp.ConnectionTimeoutError("x")

    with monkeypatch.context() as patch:
        patch.setattr(HTTPClient, "static_login", fail)
        found = await asyncio.gather(
            *(line.request(message(n), json={}) for n in range(50)), return_exceptions=True
        )
    assert {type(exc) for exc in found} == {aiohttp.ConnectionTimeoutError}
    assert len(tries) == 1
    await line.request(message(), json={"content": "x"})
    assert len(peer.shown["7"]) == 1


@pytest.mark.parametrize("status", [500, 503])
async def test_trouble_at_login_is_over_when_it_is_over(peer, line, status, monkeypatch):
    monkeypatch.setattr(api, "PATIENCE", 0.3)
    peer.tell("GET /users/@me", status=status, body={})
    with pytest.raises(FAILURES):
        await line.request(message(), json={})
    await line.request(message(), json={"content": "x"})
    assert len(peer.shown["7"]) == 1


# Waiting and ending


async def test_answer_that_never_comes_ends_the_waiting(peer, line, monkeypatch):
    await line.request(message(), json={})
    monkeypatch.setattr(api, "PATIENCE", 0.2)
    peer.tell("messages", wait=30.0)
    before = time.monotonic()
    with pytest.raises(TimeoutError):
        await line.request(message(), json={})
    assert time.monotonic() - before < 2


async def test_limit_that_is_long_is_left_to_the_engine(peer, line):
    body = {"message": "", "retry_after": 45.0, "global": False}
    peer.tell("messages", Answer(status=429, body=body, headers={"Via": "1.1 google"}))
    with pytest.raises(discord.RateLimited) as raised:
        await line.request(message(), json={})
    assert raised.value.retry_after == 45.0


async def test_request_that_is_cancelled_while_the_library_waits_leaves_nothing_open(peer):
    line = Line(peer.token, Toll(most=10_000))
    body = {"message": "", "retry_after": 20.0, "global": False}
    peer.tell("messages", Answer(status=429, body=body, headers={"Via": "1.1 google"}))
    task = asyncio.create_task(line.request(message(), json={}))
    while not peer.asked("messages"):
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    http = line._http
    await line.close()
    assert http._HTTPClient__session.closed
    await line.close()


async def test_login_that_is_cancelled_leaves_nothing_open(peer):
    line = Line(peer.token, Toll(most=10_000))
    peer.tell("GET /users/@me", wait=30.0)
    task = asyncio.create_task(line.request(message(), json={}))
    while not peer.got:
        await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    first = line._http
    await line.request(message(), json={"content": "x"})
    assert first._HTTPClient__session.closed
    await line.close()


async def test_proxy_is_asked_instead(peer, monkeypatch):
    monkeypatch.setattr(Route, "BASE", "http://discord.invalid/api/v10")
    line = Line(peer.token, Toll(most=10_000), proxy=peer.url)
    await line.request(message(), json={"content": "x"})
    assert len(peer.shown["7"]) == 1
    await line.close()


async def test_token_is_hidden_and_not_shown(monkeypatch):
    monkeypatch.setattr(secrecy, "_hidden", set())
    monkeypatch.setattr(secrecy, "_pattern", secrecy._pattern)
    line = Line("a-token-of-no-shape", Toll())
    assert "a-token" not in repr(line)
    assert secrecy.mask("x a-token-of-no-shape y") == "x *** y"


# Many channels


def limited(seconds: float) -> dict[str, str]:
    return {
        "X-RateLimit-Limit": "5",
        "X-RateLimit-Remaining": "4",
        "X-RateLimit-Reset-After": str(seconds),
        "X-RateLimit-Bucket": "messages",
    }


async def test_table_of_buckets_forgets_what_is_over(peer, line):
    peer.tell("messages", Answer(body={"id": "1"}, headers=limited(0.0)), times=None)
    for start in range(0, 1200, 100):
        await asyncio.gather(*(line.request(message(n), json={}) for n in range(start, start + 100)))
    assert len(line._http._buckets) <= 2 * api.BUCKETS


async def test_table_of_buckets_keeps_what_is_not_over(peer, line):
    peer.tell("messages", Answer(body={"id": "1"}, headers=limited(600.0)), times=None)
    for start in range(0, 600, 100):
        await asyncio.gather(*(line.request(message(n), json={}) for n in range(start, start + 100)))
    assert len(line._http._buckets) >= 600


def test_names_that_this_rests_on_are_still_the_librarys():
    assert Route.BASE.endswith("/api/v10")
    assert callable(HTTPClient._try_clear_expired_ratelimits)
    for name in ("outgoing", "_pending_requests", "expires"):
        assert name in discord.http.Ratelimit.__slots__
    assert callable(discord.http.Ratelimit.is_expired)
    assert callable(discord.http.Ratelimit.is_inactive)
