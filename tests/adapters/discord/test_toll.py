"""What every request pays: its turn, and a mark where Discord counts it as invalid."""

import asyncio
import logging
import time

import aiohttp
import pytest

from bot.adapters.discord.toll import Toll
from tests.adapters.discord.peer import Answer, listen


@pytest.fixture
async def peer():
    async with listen() as peer:
        yield peer


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


async def ask(peer, toll: Toll, *paths: str) -> None:
    async with aiohttp.ClientSession(trace_configs=[toll.trace()]) as session:

        async def one(path: str) -> None:
            async with session.get(f"{peer.url}/api/v10{path}") as answer:
                await answer.read()

        await asyncio.gather(*map(one, paths))


async def test_requests_leave_evenly_and_never_more_than_allowed(peer):
    await ask(peer, Toll(most=100), *["/x"] * 60)
    came = [got.at for got in peer.got]
    assert 0.5 < came[-1] - came[0] < 1.2
    for first in came:
        assert sum(first <= at < first + 0.25 for at in came) <= 25 + 5, "a burst"


async def test_answers_to_people_do_not_wait(peer):
    toll = Toll(most=1)
    before = time.monotonic()
    await ask(peer, toll, *["/interactions/1/token/callback", "/webhooks/1/token/messages/@original"] * 20)
    assert time.monotonic() - before < 0.9


async def test_one_gate_is_for_all_sessions(peer):
    toll = Toll(most=50)
    await asyncio.gather(*(ask(peer, toll, "/x") for _ in range(20)))
    came = [got.at for got in peer.got]
    assert came[-1] - came[0] > 0.3


async def test_request_that_is_given_up_costs_no_turn(peer):
    toll = Toll(most=20)
    tasks = [asyncio.create_task(ask(peer, toll, "/x")) for _ in range(20)]
    await asyncio.sleep(0.02)
    for task in tasks[1:]:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    before = time.monotonic()
    await ask(peer, toll, "/y")
    assert time.monotonic() - before < 0.3


@pytest.mark.parametrize(
    ("status", "headers", "counts"),
    [
        (200, {}, 0),
        (400, {}, 0),
        (404, {}, 0),
        (500, {}, 0),
        (401, {}, 1),
        (403, {}, 1),
        (429, {}, 1),
        (429, {"X-RateLimit-Scope": "user"}, 1),
        (429, {"X-RateLimit-Scope": "global"}, 1),
        (429, {"X-RateLimit-Scope": "shared"}, 0),
    ],
)
async def test_what_discord_counts_is_counted(peer, status, headers, counts):
    peer.tell("", Answer(status=status, headers=headers))
    toll = Toll()
    await ask(peer, toll, "/channels/1/messages")
    assert toll.invalid() == counts


async def test_answers_to_people_are_counted_too(peer):
    peer.tell("", Answer(status=403), times=None)
    toll = Toll()
    await ask(peer, toll, "/interactions/1/token/callback")
    assert toll.invalid() == 1


async def test_half_of_the_ban_closes_until_the_oldest_are_ten_minutes_old(peer, caplog):
    peer.tell("", Answer(status=403), times=None)
    clock = Clock()
    toll = Toll(most=10_000, ban=20, clock=clock)
    for _ in range(9):
        await ask(peer, toll, "/x")
        clock.now += 10.0
    assert toll.closed() == 0.0
    with caplog.at_level(logging.WARNING):
        await ask(peer, toll, "/x")
        await ask(peer, toll, "/x")
    assert len(caplog.records) == 1, "told once"
    assert toll.invalid() == 11
    assert toll.closed() == pytest.approx(600.0 - 80.0), "two have to become old"
    clock.now = 1000.0 + 10.0 + 600.0 + 0.001
    assert toll.closed() == 0.0
    clock.now += 10_000.0
    assert toll.invalid() == 0


async def test_wait_is_told_without_the_numbers_of_places(peer, caplog):
    caplog.set_level(logging.INFO, "bot")
    peer.tell("", Answer(status=429), times=None)
    await ask(peer, Toll(), "/channels/175928847299117063/messages")
    await ask(peer, Toll(), "/webhooks/1759288472/aW50-ZXJhY3Rpb24_/messages/@original")
    assert [record.getMessage() for record in caplog.records] == [
        "request.slowed method=GET path=/api/v10/channels/*/messages scope=unknown",
        "request.slowed method=GET path=/api/v10/webhooks/*/*/messages/* scope=unknown",
    ]


def test_five_thousand_refusals_are_no_burden():
    clock = Clock()
    toll = Toll(clock=clock)
    toll._bad.extend([clock.now] * 5000)
    assert toll.closed() == 600.0
    clock.now += 600.0
    assert toll.closed() == 0.0
    assert len(toll._bad) == 0
