"""How things are tried: within bounds, side by side, told in order, and never with a traceback."""

import asyncio
import time

import pytest

from bot import finding, secrecy
from bot.errors import Busy, ConfigError, RateLimited, SourceError
from bot.finding import fail, ok, side_by_side, tried, warn


async def work(result=(), *, wait=0.0, error=None):
    await asyncio.sleep(wait)
    if error:
        raise error
    return list(result)


def lines(found):
    return [each.line() for each in found]


def test_lines_are_aligned_and_records_have_three_keys():
    assert lines([ok("a", "b"), warn("a", "b"), fail("a", "b")]) == ["ok    a: b", "warn  a: b", "FAIL  a: b"]
    assert fail("a", "b").record() == {"what": "a", "verdict": "fail", "said": "b"}


def test_finding_is_one_line_without_secrets_and_does_nothing_to_a_terminal():
    secrecy.hide("quite-secret-token")
    told = ok("group\x1b[2J\u202eLab\n", "it is quite-secret-token\r\nand https://me:hunter22@example.org/")
    assert told.line() == "ok    group [2J Lab: it is *** and https://me:***@example.org/"


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (SourceError("gone"), "FAIL  x: gone"),
        (ConfigError("a\nb"), "FAIL  x: a|FAIL  x: b"),
        (Busy("asks to wait", 7), "warn  x: asks to wait; try again later"),
        (RateLimited(3), "warn  x: told to wait 3 s; try again later"),
        (
            KeyError("k"),
            "FAIL  x: nobody expected this: KeyError: 'k'; it is a fault of Paperboy's, please report it",
        ),
    ],
)
async def test_whatever_is_raised_becomes_a_line(error, line):
    assert "|".join(lines(await tried("x", work(error=error)))) == line


async def test_what_hangs_is_given_up_even_if_it_does_not_let_go(monkeypatch):
    monkeypatch.setattr(finding, "PATIENCE", 0.1)

    async def stubborn():
        try:
            await asyncio.sleep(1)
        except asyncio.CancelledError:
            await asyncio.sleep(0.3)
        return []

    began = time.monotonic()
    assert lines(await tried("x", stubborn())) == ["FAIL  x: no answer within 0.1 s"]
    assert time.monotonic() - began < 0.25


async def test_a_few_are_under_way_at_a_time_and_all_are_told_in_order():
    under_way = [0, 0]

    async def one(number):
        under_way[0] += 1
        under_way[1] = max(under_way)
        await asyncio.sleep(0.02 * (number % 3))
        under_way[0] -= 1
        return [ok(str(number), "")]

    works = [(str(number), lambda number=number: one(number)) for number in range(12)]
    found = [each.what async for each in side_by_side(works, at_once=4)]
    assert found == [str(number) for number in range(12)]
    assert under_way == [0, 4]
