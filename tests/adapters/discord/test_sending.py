"""The adapter, its line and its rooms against the fake Discord, which refuses what Discord refuses."""

import asyncio
import time

import pytest
from discord.http import Route

from bot.adapters.base import Heading, Message
from bot.adapters.discord import api
from bot.adapters.discord.adapter import Discord
from bot.adapters.discord.api import Line, aim
from bot.adapters.discord.channels import Channels
from bot.adapters.discord.rooms import Rooms
from bot.adapters.discord.toll import Toll
from bot.errors import DeliveryError, Gone, RateLimited, Rejected, Transient, Unreachable
from bot.model import Layout
from tests.fakes.discord import Server

TITLES = {
    "101": "x" * 101,
    "wide": "👨‍👩‍👧‍👦" * 40,
    "everyone": "@everyone <@5> [x](https://x.org)",
    "lines": "a\n\nb\tc",
    "zero width": "\u200b · 2026-11-20",
}  # fmt: skip


@pytest.fixture
async def server():
    async with Server() as server:
        yield server
        assert server.complaints == []


@pytest.fixture
async def bot(server, monkeypatch):
    monkeypatch.setattr(Route, "BASE", Route.BASE)
    aim(server.url)
    toll = Toll(most=10_000)
    line = Line(server.token, toll)
    bot = Discord(line, toll=toll, rooms=Rooms(line, Channels(line)))
    yield bot
    await bot.close()


def message(title: str = "T", **body) -> Message:
    json = {"embeds": [{"title": title}], "allowed_mentions": {"parse": []}} | body
    return Message(platform="discord", request={"route": "POST", "json": json}, papers=("2410.18605",))


def place(channel) -> str:
    parts = [channel.guild, channel.parent, channel] if channel.thread else [channel.guild, channel]
    return "/".join(str(part.id) for part in parts)


def titles(server, channel) -> list[str]:
    return [shown.embeds[0]["title"] for shown in server.shown(channel) if shown.embeds]


async def test_message_arrives_once_however_often_it_is_sent(server, bot):
    channel = server.text(server.guild("Lab"))
    server.cut("POST", "/channels/*/messages", before=False)
    with pytest.raises(Transient):
        await bot.send(place(channel), message())
    await bot.send(place(channel), message(), silent=True)
    assert titles(server, channel) == ["T"]


async def test_person_gets_messages_until_they_want_none(server, bot):
    ada = server.user("Ada")
    server.guild("Lab", members=[ada])
    await bot.send(f"@{ada.id}", message("1"))
    assert titles(server, ada) == ["1"]
    server.ban_dms(ada)
    with pytest.raises(Gone, match="takes no messages"):
        await bot.send(f"@{ada.id}", message("2"))


async def test_archived_thread_gets_its_message_and_a_locked_one_is_gone(server, bot):
    thread = server.thread(server.text(server.guild("Lab")))
    server.archive(thread)
    await bot.send(place(thread), message("1"))
    assert titles(server, thread) == ["1"]
    server.lock(thread, archived=True)
    with pytest.raises(Gone):
        await bot.send(place(thread), message("2"))


async def test_channel_that_is_lost_is_gone_with_its_reason(server, bot):
    guild = server.guild("Lab")
    silent, unseen, deleted = (server.text(guild, name) for name in ("silent", "unseen", "deleted"))
    forum = server.forum(guild)
    server.forbid(silent, guild, "send_messages")
    server.forbid(unseen, guild, "view_channel")
    server.delete(deleted)
    reasons = {silent: "may not send", unseen: "cannot see", deleted: "deleted", forum: "forum"}
    for channel, reason in reasons.items():
        with pytest.raises(Gone, match=reason):
            await bot.send(f"{guild.id}/{channel.id}", message())


@pytest.mark.parametrize("layout", [Layout.POSTS, Layout.THREADS])
@pytest.mark.parametrize("name", TITLES)
async def test_digest_of_any_title_has_a_room_with_a_name(server, bot, layout, name):
    guild = server.guild("Lab")
    channel = server.forum(guild) if layout is Layout.POSTS else server.text(guild)
    room = ""
    for number in range(3):
        told = Heading(title=TITLES[name], tags=("NeRF",), layout=layout, opens=number == 0, room=room)
        room = await bot.send(place(channel), message(str(number)), heading=told)
    assert room.startswith(f"{guild.id}/{channel.id}/")


async def test_what_stands_before_discord_is_told_from_discord(server, bot):
    channel = place(server.text(server.guild("Lab")))
    server.fail("POST", "/channels/*/messages", status=404, text="<html>Not here</html>", html=True)
    with pytest.raises(Unreachable, match=r"discord\.api_url"):
        await bot.send(channel, message())
    server.fail("POST", "/channels/*/messages", retry_after=7, via=False)
    with pytest.raises(RateLimited) as raised:
        await bot.send(channel, message())
    assert raised.value.seconds == 7


# Longer than Discord knows a nonce


@pytest.fixture
def much_later(server, bot, monkeypatch):
    """Let the way be broken right after a message, and be back when its nonce is forgotten."""

    def pass_by():
        pending = bot._requests._pending
        monkeypatch.setattr(pending, "_clock", lambda: time.time() + 3600)
        server.nonces.life = 0.0

    return pass_by


async def test_message_that_arrived_before_a_long_outage_is_not_sent_again(server, bot, much_later):
    channel = server.text(server.guild("Lab"))
    server.cut("POST", "/channels/*/messages", before=False)
    with pytest.raises(Transient):
        await bot.send(place(channel), message("1"))
    server.write(channel, channel.guild.owner, "Anybody there?")
    much_later()
    await bot.send(place(channel), message("1"))
    await bot.send(place(channel), message("2"))
    assert titles(server, channel) == ["1", "2"]
    assert len(server.asked("GET", "/channels/*/messages")) == 1


async def test_message_whose_answer_took_too_long_is_not_sent_again(server, bot, much_later, monkeypatch):
    channel = server.text(server.guild("Lab"))
    await bot.send(place(channel), message("0"))
    server.delay("POST", "/channels/*/messages", 0.3)
    with monkeypatch.context() as patch:
        patch.setattr(api, "PATIENCE", 0.1)
        with pytest.raises(Transient, match="in time"):
            await bot.send(place(channel), message("1"))
    await asyncio.sleep(0.3)
    much_later()
    await bot.send(place(channel), message("1"))
    assert titles(server, channel) == ["0", "1"]


@pytest.mark.parametrize("between", [{"retry_after": 40}, {"status": 503}, {"status": 404, "text": "<html>"}])
async def test_other_answers_in_between_tell_nothing_of_it(server, bot, much_later, between):
    channel = server.text(server.guild("Lab"))
    server.cut("POST", "/channels/*/messages", before=False)
    server.fail("POST", "/channels/*/messages", **between)
    for _ in range(2):
        with pytest.raises(DeliveryError):
            await bot.send(place(channel), message("1"))
    much_later()
    await bot.send(place(channel), message("1"))
    assert titles(server, channel) == ["1"]


async def test_message_that_did_not_arrive_before_a_long_outage_is_sent(server, bot, much_later):
    channel = server.text(server.guild("Lab"))
    server.cut("POST", "/channels/*/messages")
    with pytest.raises(Transient):
        await bot.send(place(channel), message("1"))
    much_later()
    await bot.send(place(channel), message("1"))
    assert titles(server, channel) == ["1"]


async def test_message_is_sent_where_the_bot_may_not_look(server, bot, much_later):
    channel = server.text(server.guild("Lab"))
    server.cut("POST", "/channels/*/messages")
    with pytest.raises(Transient):
        await bot.send(place(channel), message("1"))
    much_later()
    server.fail("GET", "/channels/*/messages", status=403, code=50001)
    await bot.send(place(channel), message("1"))
    assert titles(server, channel) == ["1"]


async def test_what_was_answered_is_forgotten(server, bot):
    channel = server.text(server.guild("Lab"))
    server.fail("POST", "/channels/*/messages", status=400, code=50035)
    with pytest.raises(Rejected):
        await bot.send(place(channel), message("1"))
    await bot.send(place(channel), message("2"))
    assert not bot._requests._pending._first
