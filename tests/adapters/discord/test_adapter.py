"""What the adapter does with a message and with Discord's answers."""

import asyncio
import logging
import os
from contextlib import asynccontextmanager

import discord
import pytest
import simcord
from discord.http import Route
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from simcord.backend.models import Overwrite
from simcord.enums import OverwriteType

from bot.adapters.base import Heading, Limits, Message
from bot.adapters.discord import api
from bot.adapters.discord.adapter import LIMITS, Discord
from bot.adapters.discord.api import Line
from bot.adapters.discord.errors import Misconfigured, RoomLost, WrongKind
from bot.adapters.discord.put import SILENT
from bot.adapters.discord.render import render
from bot.adapters.discord.toll import Toll
from bot.errors import Gone, RateLimited, Rejected, Transient, Unreachable
from bot.model import Language, Layout
from tests import strategies
from tests.adapters.discord.peer import TOKEN, Answer, listen
from tests.discord_oracle import refusals, schema

PLACE = "10/20"
MESSAGES = "POST /channels/20/messages"


def message(**body) -> Message:
    body = {"embeds": [{"title": "On 2410.18605"}], "allowed_mentions": {"parse": []}} | body
    request = {"route": "POST /channels/{channel}/messages", "json": body}
    return Message(platform="discord", request=request, papers=("2410.18605",))


HELLO = message()


@pytest.fixture
async def peer():
    async with listen() as peer:
        yield peer


@pytest.fixture
def lost():
    """The places of which somebody was told."""
    return []


@pytest.fixture
async def bot(peer, lost):
    toll = Toll(most=10_000)
    bot = Discord(Line(peer.token, toll), toll=toll, on_gone=lambda *told: lost.append(told))
    yield bot
    await bot.close()


# Where messages go


@pytest.mark.parametrize(("address", "channel"), [("10/20", "20"), ("10/20/30", "30"), ("@5", "95")])
async def test_message_goes_to_its_channel_thread_or_person(peer, bot, address, channel):
    assert await bot.send(address, HELLO) == ""
    (shown,) = peer.shown[channel]
    assert shown["embeds"] == [{"title": "On 2410.18605"}]
    assert shown["allowed_mentions"] == {"parse": []}
    assert "flags" not in shown


async def test_channel_of_a_person_is_asked_for_once(peer, bot):
    for number in range(3):
        await bot.send("@5", message(content=str(number)))
    assert [got.body for got in peer.asked("users/@me/channels")] == [{"recipient_id": "5"}]


async def test_channel_of_a_person_is_asked_for_again_once_it_is_gone(peer, bot, lost):
    await bot.send("@5", HELLO)
    peer.refuse("POST /channels/95/messages", 403, 50007)
    with pytest.raises(Gone, match="takes no messages"):
        await bot.send("@5", message(content="2"))
    await bot.send("@5", message(content="2"))
    assert len(peer.asked("users/@me/channels")) == 2
    assert lost == [], "a person is not told about himself"


@pytest.mark.parametrize("address", ["10", "", "@", "@x", "10/", "10/20/30/40", "10/../20", "１/２", "a/b"])
async def test_what_is_no_place_gets_nothing(peer, bot, address):
    with pytest.raises(Gone):
        await bot.send(address, HELLO)
    assert peer.got == []


async def test_silent_message_wakes_nobody(peer, bot):
    await bot.send(PLACE, HELLO, silent=True)
    assert peer.shown["20"][0]["flags"] == SILENT


def test_every_place_is_a_place_of_its_own():
    bot = Discord(Line(TOKEN, Toll()))
    assert [bot.place(address) for address in ("1/2", "1/2/3", "@4")] == ["1/2", "1/2/3", "@4"]


def test_limits_stay_below_what_the_library_would_hold_back():
    assert Discord(Line(TOKEN, Toll())).limits == LIMITS == Limits(overall=(48, 1), chat=(4, 5))
    assert Discord(Line(TOKEN, Toll()), limits=Limits()).limits == Limits()


# The same message again


async def test_same_message_again_is_shown_once(peer, bot):
    for silent in (False, True, False):
        await bot.send(PLACE, HELLO, silent=silent)
    await bot.send("10/21", HELLO)
    await bot.send(PLACE, message(content="another"))
    assert [len(peer.shown[channel]) for channel in ("20", "21")] == [2, 1]


async def test_another_process_repeats_what_was_not_confirmed_unseen(peer, bot):
    peer.tell("messages", Answer(taken=True, cut=True))
    with pytest.raises(Transient):
        await bot.send(PLACE, HELLO)
    second = Discord(Line(peer.token, Toll(most=10_000)))
    await second.send(PLACE, HELLO)
    await second.close()
    assert len(peer.shown["20"]) == 1


# Rooms


class Recording:
    """Rooms that only remember."""

    def __init__(self, error: Exception | None = None) -> None:
        self.brought = []
        self._error = error

    async def bring(self, address, message, heading, *, silent):
        self.brought.append((address, message, heading, silent))
        if self._error:
            raise self._error
        return "10/20/30"


def heading(layout: Layout) -> Heading:
    return Heading(title="NeRF · 2026-11-20", tags=("NeRF",), layout=layout, opens=True)


async def test_digest_with_a_layout_goes_to_its_room(peer, bot):
    bot._rooms = rooms = Recording()
    assert await bot.send(PLACE, HELLO, silent=True, heading=heading(Layout.POSTS)) == "10/20/30"
    assert rooms.brought == [(PLACE, HELLO, heading(Layout.POSTS), True)]
    assert await bot.send(PLACE, HELLO, heading=heading(Layout.PLAIN)) == ""
    assert await bot.send(PLACE, HELLO) == ""
    assert len(rooms.brought) == 1
    assert len(peer.shown["20"]) == 1


@pytest.mark.parametrize("error", [RoomLost("locked"), WrongKind("a forum")])
async def test_place_whose_rooms_are_lost_is_gone(bot, lost, error):
    bot._rooms = Recording(error)
    with pytest.raises(Gone):
        await bot.send(PLACE, HELLO, heading=heading(Layout.THREADS))
    assert len(lost) == 1


# Refusals


@pytest.mark.parametrize(
    ("status", "code", "reason"),
    [
        (404, 10003, "the channel is deleted"),
        (403, 50001, "the bot cannot see the channel"),
        (403, 50013, "may not send"),
        (400, 160005, "locked"),
        (400, 40058, "forum"),
    ],
)
async def test_place_that_is_gone_is_told_once_until_it_is_back(peer, bot, lost, status, code, reason):
    peer.refuse(MESSAGES, status, code, times=3)
    for _ in range(3):
        with pytest.raises(Gone, match=reason):
            await bot.send(PLACE, HELLO)
    assert [address for address, _ in lost] == [PLACE]
    assert reason in lost[0][1]
    await bot.send(PLACE, HELLO)
    peer.refuse(MESSAGES, status, code)
    with pytest.raises(Gone):
        await bot.send(PLACE, message(content="2"))
    assert len(lost) == 2


async def test_place_is_gone_even_if_nobody_can_be_told(peer, bot, caplog):
    def fail(_address, _reason):
        raise ValueError("nobody is there")

    bot._on_gone = fail
    peer.refuse(MESSAGES, 404, 10003)
    with pytest.raises(Gone, match="deleted"):
        await bot.send(PLACE, HELLO)
    assert "manager.untold" in caplog.text


async def test_archived_thread_is_opened_again(peer, bot, lost):
    peer.refuse("POST /channels/30/messages", 400, 50083)
    await bot.send("10/20/30", HELLO)
    (opened,) = peer.asked("PATCH")
    assert (opened.path, opened.body) == ("/channels/30", {"archived": False})
    assert len(peer.shown["30"]) == 1
    assert lost == []


async def test_archived_thread_that_cannot_be_opened_is_gone(peer, bot, lost):
    peer.refuse("POST /channels/30/messages", 400, 50083, times=None)
    with pytest.raises(Gone, match="archived"):
        await bot.send("10/20/30", HELLO)
    peer.refuse("PATCH", 403, 50013, times=None)
    with pytest.raises(Gone):
        await bot.send("10/20/30", HELLO)
    assert len(lost) == 1


async def test_refused_words_are_rejected_and_the_plain_form_arrives(peer, bot):
    linked = message(
        embeds=[{"title": "T", "url": "https://x.org/a", "description": "[PDF](https://x.org/b)"}]
    )
    peer.refuse(MESSAGES, 400, 240000)
    with pytest.raises(Rejected):
        await bot.send(PLACE, linked)
    await bot.send(PLACE, bot.plain(linked))
    assert peer.shown["20"][0]["embeds"] == [{"title": "T", "description": "PDF (x.org/b)"}]


async def test_message_that_shows_nothing_is_rejected_before_it_leaves(peer, bot):
    for body in ({"embeds": []}, {"embeds": [{"title": "\u200b"}], "content": " \n"}):
        with pytest.raises(Rejected, match="nothing"):
            await bot.send(PLACE, message(**body))
    assert peer.got == []


# Waiting


async def test_wait_is_for_one_place_unless_all_are_told(peer, bot):
    peer.tell("messages", Answer(status=429, body={"message": ""}, headers={"Retry-After": "7"}), times=None)
    told = []
    for number in range(3):
        with pytest.raises(RateLimited) as raised:
            await bot.send(f"10/2{number}", HELLO)
        told.append((raised.value.seconds, raised.value.everywhere))
    assert told == [(7, False), (7, False), (7, True)]


async def test_waits_with_messages_taken_between_them_are_for_their_places(peer, bot):
    answer = Answer(status=429, body={"message": ""}, headers={"Retry-After": "7"})
    peer.tell("POST /channels/2[13579]/messages", answer, times=None)
    for number in range(10):
        if number % 2:
            with pytest.raises(RateLimited) as raised:
                await bot.send(f"10/2{number}", HELLO)
            assert not raised.value.everywhere
        else:
            await bot.send(f"10/2{number}", HELLO)


async def test_proxy_that_strips_via_is_waited_for_as_it_says(peer, bot):
    headers = {"Retry-After": "3", "X-RateLimit-Global": "true", "X-RateLimit-Scope": "global"}
    peer.tell("messages", Answer(status=429, body={"message": "", "retry_after": 2.5}, headers=headers))
    with pytest.raises(RateLimited) as raised:
        await bot.send(PLACE, HELLO)
    assert (raised.value.seconds, raised.value.everywhere) == (3, True)


async def test_half_of_the_ban_stops_everything(peer, bot, caplog):
    bot._toll._bad.extend([bot._toll._clock()] * 4999)
    peer.refuse(MESSAGES, 403, 50013)
    with caplog.at_level(logging.WARNING), pytest.raises(Gone):
        await bot.send(PLACE, HELLO)
    count = len(peer.got)
    for _ in range(50):
        with pytest.raises(RateLimited) as raised:
            await bot.send("10/21", HELLO)
        assert raised.value.everywhere
        assert 590 < raised.value.seconds <= 600
    assert len(peer.got) == count
    assert len([record for record in caplog.records if "refused" in record.getMessage()]) == 1


# Trouble


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(status=503, body="busy", kind="text/plain"), Transient),
        (Answer(body="{broken"), Transient),
        (Answer(body=b"\xff\xfe"), Transient),
        (Answer(body="<html>Welcome</html>", kind="text/html"), Unreachable),
        (Answer(body=[]), Unreachable),
        (Answer(body={"ok": True}), Unreachable),
        (Answer(body=None), Unreachable),
        (Answer(status=204, body=b""), Transient),
        (Answer(status=302, body="", headers={"Location": "http://127.0.0.1:9/"}), Unreachable),
        (Answer(status=400, body={"code": 50035, "message": None, "errors": []}), Transient),
        (Answer(status=400, body={"code": 50035, "errors": {"a": ["b"]}, "message": 1}), Transient),
        (Answer(status=400, body=[1]), Rejected),
        (Answer(status=403, body="<html>", kind="text/html"), Unreachable),
        (Answer(status=429, body={}, headers={"Via": "1.1 google"}), Transient),
        (Answer(body={"id": "1"}, headers={"X-RateLimit-Remaining": "x"}), Transient),
    ],
)
async def test_answer_of_no_sense_is_a_delivery_error(peer, bot, answer, kind):
    peer.tell(MESSAGES, answer, times=None)
    with pytest.raises(kind) as raised:
        await bot.send(PLACE, HELLO)
    assert type(raised.value) is kind


async def test_code_is_read_behind_a_proxy_that_adds_a_charset(peer, bot):
    told = Answer(status=403, body={"code": 50013, "message": "x"}, kind="application/json; charset=utf-8")
    peer.tell(MESSAGES, told)
    with pytest.raises(Gone, match="may not send"):
        await bot.send(PLACE, HELLO)


async def test_outage_of_everything_gives_no_message_up(peer, bot):
    peer.tell("messages", status=503, body="", times=5)
    kinds = []
    for number in (1, 1, 2, 3, 3):
        with pytest.raises((Transient, Unreachable)) as raised:
            await bot.send(f"10/{number}", HELLO)
        kinds.append(type(raised.value))
    assert kinds == [Transient, Transient, Transient, Unreachable, Unreachable]
    await bot.send(PLACE, HELLO)
    peer.tell("messages", status=503, body="")
    with pytest.raises(Transient):
        await bot.send(PLACE, message(content="one that Discord stumbles over"))


async def test_slow_discord_is_a_passing_trouble(peer, bot, monkeypatch):
    await bot.send(PLACE, HELLO)
    monkeypatch.setattr(api, "PATIENCE", 0.2)
    peer.tell(MESSAGES, wait=5.0, taken=True)
    with pytest.raises(Transient, match="in time"):
        await bot.send(PLACE, HELLO)


async def test_no_way_to_discord_is_unreachable(monkeypatch):
    monkeypatch.setattr(Route, "BASE", "http://127.0.0.1:9/api/v10")
    bot = Discord(Line(TOKEN, Toll()))
    for _ in range(3):
        with pytest.raises(Unreachable):
            await bot.send(PLACE, HELLO)
    await bot.close()


async def test_revoked_token_is_told_with_its_mend(peer, bot, lost):
    await bot.send(PLACE, HELLO)
    peer.token = "another"
    count = len(peer.got)
    for number in range(10):
        with pytest.raises(Misconfigured, match=r"discord\.token: .*DISCORD_BOT_TOKEN") as raised:
            await bot.send(f"10/{number}", HELLO)
        assert TOKEN not in str(raised.value)
    assert len(peer.got) == count + 1
    assert lost == []


async def test_many_messages_go_side_by_side(peer, bot):
    await asyncio.gather(*(bot.send(f"10/{number}", HELLO) for number in range(50)))
    assert [len(peer.shown[str(number)]) for number in range(50)] == [1] * 50


# Whatever comes


class Discarding:
    """Takes everything."""

    def __init__(self) -> None:
        self.bodies = []

    async def request(self, route, *, json=None, params=None):
        self.bodies.append(json)
        return {"id": str(len(self.bodies))}


@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=12)
@given(strategies.cards(), st.sampled_from(Language), st.booleans())
async def test_any_card_leaves_as_discord_takes_it(card, language, silent):
    taking = Discarding()
    bot = Discord(taking)
    messages = bot.render(card, language)
    for one in messages:
        await bot.send(PLACE, one, silent=silent)
        if bare := bot.plain(one):
            await bot.send(PLACE, bare, silent=silent)
            assert bot.plain(bare) is None
    for body in taking.bodies:
        assert refusals(body) == []
        if os.environ.get("PAPERBOY_SHARED"):
            assert list(schema().iter_errors(body)) == []
    rendered = [one.request["json"] for one in render(card, language)]
    sent = [{key: body[key] for key in body.keys() & {"embeds", "components", "allowed_mentions"}}
            for body in taking.bodies]  # fmt: skip
    assert all(body in sent for body in rendered), "what is rendered needs no cutting"


# Through the library itself


@asynccontextmanager
async def simulated():
    """A simulated Discord and the adapter on its library; no fixture, since its clock is the task's."""
    client = discord.Client(intents=discord.Intents(guilds=True))
    async with simcord.run(client) as env:
        yield env, Discord(env.bot.http)


async def test_channel_gets_its_message():
    async with simulated() as (env, bot):
        guild = env.create_guild()
        channel = guild.create_text_channel("papers")
        await bot.send(f"{guild.id}/{channel.id}", HELLO)
        assert channel.last_message.embeds[0].title == "On 2410.18605"


async def test_person_gets_a_message():
    async with simulated() as (env, bot):
        reader = env.create_user("Anna")
        guild = env.create_guild()
        guild.add_member(reader)
        await bot.send(f"@{reader.id}", HELLO)
        assert env.http_requests[-1].json["embeds"] == [{"title": "On 2410.18605"}]


async def test_channel_that_the_bot_may_not_write_to_is_gone():
    async with simulated() as (env, bot):
        guild = env.create_guild()
        channel = guild.create_text_channel("papers")
        no = discord.Permissions(send_messages=True).value
        closed = Overwrite(target_id=guild.id, type=OverwriteType.ROLE, allow=0, deny=no)
        env.backend.set_overwrite(channel.id, closed)
        await env.settle()
        with pytest.raises(Gone, match="may not send"):
            await bot.send(f"{guild.id}/{channel.id}", HELLO)


async def test_deleted_channel_is_gone():
    async with simulated() as (env, bot):
        guild = env.create_guild()
        channel = guild.create_text_channel("papers")
        env.backend.delete_channel(channel.id)
        await env.settle()
        with pytest.raises(Gone, match="deleted"):
            await bot.send(f"{guild.id}/{channel.id}", HELLO)
