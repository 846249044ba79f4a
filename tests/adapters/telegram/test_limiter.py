"""Requests of the real library wait for their turn, and what is told to wait is asked again, a little."""

import asyncio
import time

import pytest
from telegram import InputMediaPhoto
from telegram.error import Forbidden, RetryAfter, TelegramError
from telegram.ext import ExtBot

from bot.adapters.base import Limits
from bot.adapters.telegram import limiter
from bot.adapters.telegram.call import call
from bot.adapters.telegram.limiter import BULK, Limiter
from bot.adapters.telegram.transport import request_for
from bot.delivery.pace import Lane, Pace
from tests.fakes.telegram import Server


class Turns:
    """Gives turns at once and remembers them."""

    def __init__(self):
        self.taken = []
        self.held = []

    async def turn(self, address, group, people):
        self.taken.append((address, group, people))

    def hold(self, seconds, address):
        self.held.append((seconds, address))


@pytest.fixture
async def server():
    async with Server() as server:
        yield server


@pytest.fixture
def turns():
    return Turns()


@pytest.fixture
async def bot(server, turns):
    request = request_for("aiohttp")
    pacing = Limiter(turns.turn, turns.hold)
    bot = ExtBot(
        server.token,
        base_url=server.base_url,
        request=request,
        get_updates_request=request,
        rate_limiter=pacing,
    )
    await bot.initialize()
    server.requests.clear()
    turns.taken.clear()
    yield bot
    await bot.shutdown()


async def test_what_shows_something_takes_a_turn(server, bot, turns):
    anna, group = server.user("Anna"), server.group()
    shown = await bot.send_message(anna.id, "a")
    await bot.edit_message_text("b", anna.id, shown.message_id)
    await bot.send_photo(anna.id, "https://example.org/a.png")
    await bot.send_document(anna.id, b"abc", filename="a.bib")
    await bot.send_message(group.id, "a")
    await bot.send_message(str(group.id), "a")
    me = str(anna.id)
    assert turns.taken == [(me, False, True)] * 4 + [(str(group.id), True, True)] * 2


async def test_what_shows_nothing_takes_none(server, bot, turns):
    anna = server.user("Anna")
    await bot.get_me()
    await bot.get_chat(anna.id)
    await bot.send_chat_action(anna.id, "typing")
    await bot.set_my_commands([("help", "Help")])
    await bot.get_updates()
    event = await server.inline(anna, "words")
    await bot.answer_inline_query(event.id, [])
    assert turns.taken == []


async def test_channel_is_counted_like_a_group(server, bot, turns):
    server.channel(username="daily")
    await bot.send_message("@daily", "a")
    assert turns.taken == [("@daily", True, True)]


async def test_plain_calls_take_a_turn_too(server, bot, turns):
    anna = server.user("Anna")
    await call(bot, "sendMessage", {"chat_id": anna.id, "text": "a"})
    await call(bot, "sendMessage", {"chat_id": anna.id, "text": "a"}, wish=BULK)
    assert [people for _, _, people in turns.taken] == [True, False]


async def test_album_counts_as_many_as_it_has_pictures_and_does_not_wait_for_them(server, bot, turns):
    anna = server.user("Anna")
    album = [InputMediaPhoto(f"https://example.org/{number}.png") for number in range(5)]
    await bot.send_media_group(anna.id, album)
    await asyncio.sleep(0)
    me = str(anna.id)
    assert turns.taken == [(me, False, True)] + [(me, False, False)] * 4
    turns.taken.clear()
    plain = [{"type": "photo", "media": "https://example.org/a.png"}] * 3
    await call(bot, "sendMediaGroup", {"chat_id": anna.id, "media": plain})
    await asyncio.sleep(0)
    assert len(turns.taken) == 3


async def test_told_to_wait_it_holds_the_chat_and_asks_again(server, bot, turns):
    anna = server.user("Anna")
    server.fail("sendMessage", status=429, retry_after=3, times=2)
    await bot.send_message(anna.id, "a")
    me = str(anna.id)
    assert turns.held == [(3, me)] * 2
    assert turns.taken == [(me, False, True)] * 3
    assert len(server.shown(anna)) == 1


async def test_it_asks_again_twice_and_then_says_so(server, bot, turns):
    anna = server.user("Anna")
    server.fail("sendMessage", status=429, retry_after=1, times=None)
    with pytest.raises(RetryAfter):
        await bot.send_message(anna.id, "a")
    assert len(server.requests) == 3
    assert len(turns.held) == 3


async def test_it_does_not_bear_a_long_wait(server, bot, turns):
    anna = server.user("Anna")
    server.fail("sendMessage", status=429, retry_after=300)
    with pytest.raises(RetryAfter):
        await bot.send_message(anna.id, "a")
    assert turns.held == [(300, str(anna.id))], "but the chat is held"
    assert len(server.requests) == 1


async def test_turn_that_does_not_come_is_given_up(server, bot, turns, monkeypatch):
    monkeypatch.setattr(limiter, "LONGEST", 0.1)
    bot.rate_limiter._turn = lambda *_: asyncio.sleep(0.3)
    anna = server.user("Anna")
    with pytest.raises(RetryAfter):
        await bot.send_message(anna.id, "a")
    assert server.requests == []
    await call(bot, "sendMessage", {"chat_id": anna.id, "text": "nobody waits for it"}, wish=BULK)
    assert len(server.shown(anna)) == 1


async def test_third_chat_in_a_row_holds_everything(server, bot, turns):
    server.fail("sendMessage", status=429, retry_after=60, times=3)
    for name in ("Anna", "Ben", "Cleo"):
        with pytest.raises(RetryAfter):
            await bot.send_message(server.user(name).id, "a")
    assert [address is None for _, address in turns.held] == [False, False, True]


async def test_what_shows_nothing_waits_by_itself(server, bot, turns):
    server.fail("setMyCommands", status=429, retry_after=1)
    began = time.monotonic()
    assert await bot.set_my_commands([("help", "Help")])
    assert 0.9 < time.monotonic() - began < 3
    assert turns.held == []


async def test_other_errors_are_left_to_whoever_asked(server, bot, turns):
    anna = server.user("Anna")
    await server.block(anna)
    with pytest.raises(Forbidden):
        await bot.send_message(anna.id, "a")
    server.fail("sendMessage", status=500)
    with pytest.raises(TelegramError):
        await bot.send_message(server.user("Ben").id, "a")
    assert len(turns.taken) == 2


async def test_with_the_engine_s_pace_no_limit_is_passed():
    """The library's own limiter lets 30 messages to one chat go at once."""
    async with Server(strict_pace=True, slack=0.5) as server:  # a busy machine brings some late
        pace = Pace(Limits(overall=(30, 1), chat=(1, 1), group=(20, 60)))

        async def turn(address, group, people):
            await pace.turn(address, group=group, lane=Lane.PEOPLE if people else Lane.BULK)

        request = request_for("aiohttp")
        bot = ExtBot(
            server.token, base_url=server.base_url, request=request, get_updates_request=request,
            rate_limiter=Limiter(turn, pace.hold),
        )  # fmt: skip
        await bot.initialize()
        people = [server.user(f"Reader {number}") for number in range(40)]
        anna = people[0]
        began = time.monotonic()
        await asyncio.gather(
            *(bot.send_message(person.id, "a") for person in people),
            *(bot.send_message(anna.id, "b") for _ in range(2)),
        )
        assert time.monotonic() - began < 10
        assert server.violations == []
        assert len(server.shown(anna)) == 3
        await bot.shutdown()


async def test_end_drops_the_turns_that_albums_owe(server):
    never = asyncio.Event()

    async def turn(_address, _group, people):
        if not people:
            await never.wait()

    request = request_for("aiohttp")
    pacing = Limiter(turn, lambda _seconds, _address: None)
    bot = ExtBot(
        server.token,
        base_url=server.base_url,
        request=request,
        get_updates_request=request,
        rate_limiter=pacing,
    )
    await bot.initialize()
    album = [InputMediaPhoto(f"https://example.org/{number}.png") for number in range(3)]
    await bot.send_media_group(server.user("Anna").id, album)
    await bot.shutdown()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert pacing._owed == set()
