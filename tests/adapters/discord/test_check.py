"""What `paperboy check` finds out about Discord, against a REST that answers as Discord does."""

from urllib.parse import parse_qs, urlsplit

import discord
import pytest
from discord.http import Route

from bot import finding
from bot.adapters.discord import api
from bot.adapters.discord.check import Check
from bot.adapters.discord.toll import Toll
from bot.commands.base import Place, Where
from bot.model import Layout
from tests.fakes.discord import Server
from tests.platforms.conftest import unused_port

assert unused_port  # a fixture


@pytest.fixture
async def world(monkeypatch):
    monkeypatch.setattr(Route, "BASE", Route.BASE)
    async with Server() as server:
        api.aim(server.url)
        yield server
        assert server.complaints == []


def at(channel, layout=Layout.PLAIN, number=1):
    """The place that a channel or a thread is, as the database has it."""
    parts = (
        [channel.guild.id, channel.parent.id, channel.id]
        if channel.thread
        else [channel.guild.id, channel.id]
    )
    address = "/".join(map(str, parts))
    return Place(address=address, where=Where.GROUP, title=f"#{channel.name}", layout=layout)


async def look(server, *places, operators=(), token=None):
    async def given_places():
        return places

    check = Check(token or server.token, trace=Toll().trace())
    return [found async for found in check.run(operators, given_places)]


def said(found, what):
    (one,) = [each for each in found if each.what == what]
    return one.verdict.value, one.said


async def test_working_bot_is_told_and_begins_no_session(world):
    world.guild("Lab")
    left = world.gateway.limit.left()
    found = await look(world)
    assert [each.verdict.value for each in found] == ["ok"] * 4
    assert said(found, "discord token")[1].startswith("paperboy")
    assert "in 1 server;" in said(found, "discord application")[1]
    assert "by people for themselves" in said(found, "discord application")[1]
    assert "1,000 of 1,000 sessions" in said(found, "discord gateway")[1]
    assert world.gateway.limit.left() == left
    assert {it.method for it in world.requests} == {"GET"}


async def test_invitation_asks_for_what_the_bot_needs_and_no_more(world):
    _, told = said(await look(world), "discord invitation")
    asked = parse_qs(urlsplit(told.split()[0]).query)
    assert asked["client_id"] == [str(world.application_id)]
    assert set(asked["scope"][0].split()) == {"bot", "applications.commands"}
    assert discord.Permissions(int(asked["permissions"][0])) == discord.Permissions(
        view_channel=True, send_messages=True, embed_links=True, read_message_history=True,
        create_public_threads=True, send_messages_in_threads=True,
    )  # fmt: skip
    assert "View Channels, " in told


async def test_invited_as_told_the_bot_may_post_everywhere(world):
    guild = world.guild("Closed", bot=False)
    guild.roles[guild.id].permissions = 0
    asked = parse_qs(urlsplit(said(await look(world), "discord invitation")[1].split()[0]).query)
    world.invite(guild)
    role = next(role for role in guild.roles.values() if role.bot)
    text, forum, news = world.text(guild), world.forum(guild), world.news(guild)
    places = [
        at(text, Layout.THREADS),
        at(forum, Layout.POSTS),
        at(news, Layout.PUBLISHED),
        at(world.thread(text)),
    ]
    assert {it.verdict.value for it in (await look(world, *places))[4:]} == {"fail"}
    role.permissions = int(asked["permissions"][0])
    assert {it.verdict.value for it in (await look(world, *places))[4:]} == {"ok"}


async def test_wrong_token_is_told_with_its_mend_and_not_shown(world):
    wrong = "bm90LWEtc2VjcmV0.Zm9yLXRlc3Rz.d3Jvbmc-wrong"
    (only,) = await look(world, operators=["1"], token=wrong)
    assert (only.what, only.verdict) == ("discord token", finding.Verdict.FAIL)
    assert "Discord does not know this token; reset it" in only.said
    assert "DISCORD_BOT_TOKEN" in only.said
    assert wrong not in only.line()
    assert len(world.requests) == 1


@pytest.mark.parametrize("token", ["  ", "Bot abc", "töken"])
async def test_what_is_no_token_is_told_without_asking(world, token):
    (only,) = await look(world, token=token)
    assert only.verdict == "fail"
    assert "it is none; reset it at https://discord.com/developers" in only.said
    assert world.requests == []


async def test_server_that_is_not_there_is_no_wrong_token(world, unused_port):
    api.aim(f"http://127.0.0.1:{unused_port}")
    (only,) = await look(world)
    assert only.verdict == "fail"
    assert "no way to Discord" in only.said
    assert "reset it" not in only.said


async def test_page_of_something_else_is_no_wrong_token(world):
    world.fail("GET", "/users/@me", status=404, html=True, via=False)
    (only,) = await look(world)
    assert "is not Discord" in only.said


async def test_settings_that_stand_in_the_way_are_told(world):
    world.application |= {
        "interactions_endpoint_url": "https://other.example/hook", "bot_require_code_grant": True,
        "integration_types_config": {"1": {}},
    }  # fmt: skip
    told = [it.line() for it in await look(world) if it.what == "discord application"]
    assert all(line.startswith("FAIL") for line in told)
    assert "clear Interactions Endpoint URL" in told[0]
    assert "Requires OAuth2 Code Grant" in told[1]
    assert "Guild Install" in told[2]


async def test_private_bot_is_told_as_such(world):
    world.application |= {"bot_public": False}
    assert "added by its owner alone" in said(await look(world), "discord application")[1]


async def test_few_sessions_left_are_told(world):
    world.gateway.limit.used = 960
    verdict, told = said(await look(world), "discord gateway")
    assert verdict == "warn"
    assert "40 of 1,000 sessions are left" in told


async def test_places_are_told_by_title_and_what_lacks(world):
    guild = world.guild("Lab")
    names = ("fine", "hidden", "mute", "plain", "gone")
    fine, hidden, mute, plain, gone = (world.text(guild, name) for name in names)
    forum = world.forum(guild, "forum")
    world.forbid(hidden, world.bot, "view_channel")
    world.forbid(mute, world.bot, "send_messages")
    world.forbid(plain, world.bot, "create_public_threads")
    world.forbid(forum, world.bot, "read_message_history")
    thread, locked, archived = (world.thread(fine, name) for name in ("thread", "locked", "archived"))
    world.lock(locked)
    world.archive(archived)
    places = [
        at(fine), at(hidden), at(mute), at(plain), at(plain, Layout.THREADS), at(gone),
        at(forum, Layout.POSTS), at(thread), at(locked), at(archived),
    ]  # fmt: skip
    world.delete(gone)
    found = (await look(world, *places))[4:]
    told = [(it.what, it.verdict.value, it.said.partition(";")[0]) for it in found]
    assert told == [
        ("discord #fine in Lab", "ok", "the bot may post"),
        ("discord #hidden in Lab", "fail", "the bot may not post"),
        ("discord #mute in Lab", "fail", "the bot may not post"),
        ("discord #plain in Lab", "ok", "the bot may post"),
        ("discord #plain in Lab", "fail", "the bot may make no threads"),
        ("discord #gone in Lab", "fail", "deleted, or the bot may not see it"),
        ("discord #forum in Lab", "fail", "the bot may not post"),
        ("discord #thread in Lab", "ok", "the bot may post"),
        ("discord #locked in Lab", "fail", "it is locked"),
        ("discord #archived in Lab", "ok", "the bot may post"),
    ]
    assert len(world.asked("GET", "/guilds/*")) == 1


async def test_server_without_the_bot_is_told(world):
    guild = world.guild("Away")
    channel = world.text(guild)
    world.kick(guild)
    found = await look(world, at(channel), Place(address=str(guild.id), where=Where.GROUP, title="Away"))
    assert said(found, "discord #papers")[0] == "fail"
    assert "invite it there again" in found[-1].said
    assert len(found) == 5, "a server holds settings, and is no place to post to"


async def test_one_server_that_never_answers_holds_up_no_other(world, monkeypatch):
    monkeypatch.setattr(finding, "PATIENCE", 0.3)
    slow, quick = (world.text(world.guild(name)) for name in ("Slow", "Quick"))
    world.delay("GET", f"/guilds/{slow.guild.id}", 5.0)
    found = await look(world, at(slow), at(quick))
    assert [it.verdict.value for it in found[4:]] == ["fail", "ok"]
    assert found[4].said == "no answer within 0.3 s"


async def test_operators_that_cannot_be_told_are_named(world):
    eva = world.user("Eva")
    found = await look(world, operators=[str(eva.id), "42", str(world.bot.id)])
    assert said(found, f"operator discord:{eva.id}")[0] == "ok"
    assert "no such person" in said(found, "operator discord:42")[1]
    assert "is a bot" in said(found, f"operator discord:{world.bot.id}")[1]
    assert not any("Eva" in each.line() for each in found)
