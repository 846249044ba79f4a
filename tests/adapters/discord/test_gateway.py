"""How many sessions may begin, how fast, and what the end of one means."""

import asyncio
from types import SimpleNamespace

import aiohttp
import discord
import pytest
from yarl import URL

from bot.adapters.discord.gateway import APART, SLOWEST, Again, Budget, Deaf, verdict
from bot.errors import ConfigError

HOUR_MS = 3_600_000


class Clock:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def budget(clock):
    return Budget(clock=clock)


def limit(remaining, *, total=1000, reset_after=HOUR_MS):
    return {"total": total, "remaining": remaining, "reset_after": reset_after, "max_concurrency": 1}


def http_error(status, code=0, kind=discord.HTTPException):
    response = SimpleNamespace(status=status, reason="", headers={})
    return kind(response, {"code": code, "message": "no"})


def closed(code):
    return discord.ConnectionClosed(SimpleNamespace(close_code=code), shard_id=0, code=code)


async def test_first_session_begins_at_once(budget):
    budget.learn(limit(1000), 1)
    await asyncio.wait_for(budget.take(), 0.1)


def test_no_session_begins_while_few_are_left(budget, clock):
    budget.learn(limit(20), 1)
    assert budget.wait() == pytest.approx(3600)
    clock.now += 3599
    assert budget.wait() == pytest.approx(1)
    clock.now += 1
    assert budget.wait() == 0.0


def test_all_sessions_of_a_launch_must_be_there(budget):
    budget.learn(limit(25), 8)
    assert budget.wait(5) == 0.0
    assert budget.wait(8) == pytest.approx(3600)


def test_bot_with_few_sessions_a_day_keeps_a_tenth(budget):
    budget.learn(limit(4, total=30), 1)
    assert budget.wait() == 0.0
    budget.learn(limit(3, total=30), 1)
    assert budget.wait() > 0


def test_more_shards_than_sessions_begin_with_a_full_day(budget):
    budget.learn(limit(10, total=10), 16)
    assert budget.wait(16) == 0.0


async def test_none_left_waits_for_the_reset_in_real_time():
    budget = Budget()
    budget.learn(limit(0, reset_after=200), 1)
    began = asyncio.get_running_loop().time()
    await budget.room(1)
    assert 0.15 < asyncio.get_running_loop().time() - began < 1.0


async def test_day_is_full_again_after_each_reset(budget, clock):
    budget.learn(limit(21, total=1000), 1)
    await budget.take()
    assert budget.wait() > 3000
    clock.now += 3600 + 3 * 86400
    assert budget.wait() == 0.0
    assert budget.wait(980) == 0.0


async def test_session_that_never_lasts_uses_no_day_up(budget, clock):
    budget.learn(limit(1000, reset_after=24 * HOUR_MS), 1)
    begun, end = 0, clock.now + 86_000
    while clock.now < end:
        clock.now += budget.wait()
        await budget.take()
        begun += 1
    assert begun < 400


async def test_pauses_grow_and_are_forgotten_once_a_session_lasts(budget, clock):
    budget.learn(limit(1000, reset_after=24 * HOUR_MS), 1)
    pauses = []
    for _ in range(9):
        await budget.take()
        pauses.append(budget.wait())
        clock.now += pauses[-1]
    assert pauses[:4] == pytest.approx([0, 2 * APART, 4 * APART, 8 * APART])
    assert pauses[-1] == pytest.approx(SLOWEST)
    clock.now += 3601
    await budget.take()
    assert budget.wait() == 0.0


async def test_launch_of_many_shards_is_not_slowed(budget):
    budget.learn(limit(1000), 16)
    for _ in range(16):
        assert budget.wait() == 0.0
        await budget.take()
    await budget.take()
    assert budget.wait() == pytest.approx(2 * APART)


async def test_client_after_one_that_broke_off_keeps_its_distance(monkeypatch):
    monkeypatch.setattr("bot.adapters.discord.gateway.APART", 0.2)
    budget = Budget()
    budget.learn(limit(1000), 4)
    await budget.take()
    began = asyncio.get_running_loop().time()
    await budget.room(4)
    assert asyncio.get_running_loop().time() - began > 0.15


async def test_storm_of_connections_is_slowed_and_rest_is_not(budget, monkeypatch):
    slept = []

    async def sleep(seconds):
        slept.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    budget.learn(limit(1000), 1)
    (call,) = budget.watch(aiohttp.TraceConfig()).on_request_start
    for _ in range(100):
        await call(None, None, SimpleNamespace(url=URL("https://discord.com/api/v10/channels/1/messages")))
    assert slept == []
    for _ in range(20):
        await call(None, None, SimpleNamespace(url=URL("wss://gateway.discord.gg/?v=10")))
    assert len(slept) == 13
    assert max(slept) > 60


@pytest.mark.parametrize("exc", [http_error(401), discord.LoginFailure("no"), closed(4004)])
def test_token_that_is_not_known_ends_the_bot(exc):
    found = verdict(exc)
    assert isinstance(found, ConfigError)
    assert "discord.token" in str(found)
    assert "DISCORD_BOT_TOKEN" in str(found)


def test_token_refused_at_the_last_request_before_the_gateway_ends_the_bot():
    exc = discord.GatewayNotFound()
    exc.__cause__ = http_error(401)
    assert isinstance(verdict(exc), ConfigError)


@pytest.mark.parametrize("code", [4012, 4013, 4014])
def test_what_an_update_mends_is_not_tried_again(code):
    found = verdict(closed(code))
    assert isinstance(found, Deaf)
    assert str(code) in found.reason


def test_missing_intent_is_told_as_such():
    found = verdict(discord.PrivilegedIntentsRequired(None))
    assert isinstance(found, Deaf)
    assert "intent" in found.reason


@pytest.mark.parametrize("code", [4010, 4011])
def test_wrong_shards_are_counted_anew_after_a_minute(code):
    found = verdict(closed(code))
    assert isinstance(found, Again)
    assert found.pause >= 60


@pytest.mark.parametrize(
    "exc",
    [
        closed(4000),
        closed(1006),
        http_error(503, kind=discord.DiscordServerError),
        discord.GatewayNotFound(),
        aiohttp.ClientConnectionError("cut"),
        ConnectionRefusedError("no"),
        TimeoutError("away"),
    ],
)
def test_passing_trouble_is_tried_again_and_no_bug(exc):
    found = verdict(exc)
    assert isinstance(found, Again)
    assert not found.bug
    assert found.reason


def test_no_answer_in_time_is_told_in_words():
    assert verdict(TimeoutError()).reason == "Discord did not answer in time"


def test_being_told_to_wait_is_obeyed():
    found = verdict(discord.RateLimited(90.0))
    assert isinstance(found, Again)
    assert found.pause == pytest.approx(90.0)


def test_what_nobody_foresaw_is_a_bug_and_tried_again():
    found = verdict(KeyError("session_start_limit"))
    assert isinstance(found, Again)
    assert found.bug
