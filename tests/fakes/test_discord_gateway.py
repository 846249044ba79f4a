"""The fake Discord's gateway, by the real library's client."""

import asyncio
import json

import aiohttp
import discord
import pytest

from tests.fakes.discord import Rules, Server
from tests.fakes.discord.driven import aimed, listening, watched

IDENTIFY, RESUME, HEARTBEAT = 2, 6, 1


@pytest.fixture
async def server():
    async with watched() as opened:
        yield opened


async def until(fact, within: float = 1.0) -> None:
    async with asyncio.timeout(within):
        while not fact():
            await asyncio.sleep(0.005)


# Beginning


async def test_client_knows_its_servers_channels_and_rights(server):
    guild = server.guild("Lab", permits=["manage_threads"])
    papers, forum = server.text(guild), server.forum(guild, tags=["NeRF"])
    server.news(guild), server.voice(guild)
    thread = server.thread(papers)
    server.archive(server.thread(papers))
    async with listening(server) as client:
        await client.until("ready")
        [known] = client.guilds
        assert {channel.id for channel in known.channels} == {
            c.id for c in guild.channels.values() if not c.thread
        }
        assert [one.id for one in known.threads] == [thread.id]
        assert [tag.name for tag in client.get_channel(forum.id).available_tags] == ["NeRF"]
        may = client.get_channel(papers.id).permissions_for(known.me)
        assert (may.send_messages, may.manage_threads, may.manage_channels) == (True, True, False)
        assert client.application_id == server.application_id


@pytest.mark.parametrize("shards", [1, 3])
async def test_shards_share_the_servers(shards):
    async with Server(shards=shards) as server:
        guilds = [server.guild(f"Lab {n}", shard=n) for n in range(shards)]
        async with listening(server) as client:
            await until(lambda: len(client.guilds) == shards)
            assert {guild.id: guild.shard_id for guild in client.guilds} == {
                guild.id: n for n, guild in enumerate(guilds)
            }
            assert [one.data["shard"] for one in server.gateway.said(IDENTIFY)] == [
                [n, shards] for n in range(shards)
            ]


async def connect(server, **options) -> BaseException | None:
    """How the library's client ends."""
    with aimed(server):
        async with discord.AutoShardedClient(
            **({"intents": discord.Intents(guilds=True)} | options)
        ) as client:
            await client.login(server.token)
            async with asyncio.timeout(2):
                try:
                    await client.connect(reconnect=True)
                except Exception as error:  # noqa: BLE001
                    return error
    return None


@pytest.mark.parametrize("code", [4004, 4010, 4011, 4012, 4013])
async def test_client_that_is_turned_away_ends(server, code):
    server.gateway.refusing.append(code)
    error = await connect(server)
    assert (type(error), error.code) == (discord.ConnectionClosed, code)


async def test_intents_that_nobody_approved_are_told(server):
    error = await connect(server, intents=discord.Intents(guilds=True, message_content=True))
    assert isinstance(error, discord.PrivilegedIntentsRequired)
    server.gateway.approved = 1 << 15
    async with listening(server, intents=discord.Intents(guilds=True, message_content=True)):
        assert len(server.gateway.ready) == 1


async def test_token_that_was_revoked_meanwhile_ends_the_session(server):
    async with listening(server) as client:
        server.token = "another"
        server.gateway.close(4004)
        await until(lambda: client.is_closed())
        assert server.gateway.sessions == {}


async def test_more_shards_are_wanted(server):
    server.least_shards = 2
    error = await connect(server, shard_count=1)
    assert error.code == 4011


# What is told


async def test_client_hears_what_becomes_of_its_places(server):
    guild = server.guild("Lab")
    papers = server.text(guild)
    async with listening(server) as client:
        await client.until("ready")
        thread = server.thread(papers, "NeRF")
        await client.until("thread_create")
        server.lock(thread)
        await client.until("raw_thread_update")
        server.forbid(papers, guild, "send_messages")
        await client.until("guild_channel_update")
        assert not client.get_channel(papers.id).permissions_for(client.guilds[0].me).send_messages
        role = server.role(guild, "Bots", "administrator")
        await client.until("guild_role_create")
        server.member(guild, server.bot, role)
        await until(lambda: client.get_channel(papers.id).permissions_for(client.guilds[0].me).send_messages)
        server.delete(papers)
        await client.until("guild_channel_delete")
        server.outage(guild)
        await client.until("guild_unavailable")
        server.outage(guild, over=True)
        await until(lambda: len(client.heard("guild_available")) == 2)
        server.kick(guild)
        await client.until("guild_remove")
        server.invite(guild)
        await client.until("guild_join")


async def test_messages_are_told_to_those_who_asked_for_them(server):
    guild = server.guild("Lab")
    papers = server.text(guild)
    async with listening(server) as client:
        server.write(papers, guild.owner, "Good morning")
        server.forbid(papers, guild, "send_messages")
        await client.until("guild_channel_update")
        assert client.heard("message") == []
    async with listening(server, intents=discord.Intents(guilds=True, guild_messages=True)) as client:
        server.permit(papers, guild, "send_messages")
        server.write(papers, guild.owner, "Good morning")
        [message] = await client.until("message")
        assert (message.channel.id, message.author.id) == (papers.id, guild.owner.id)


# Interruptions


async def test_reconnect_resumes(server):
    async with listening(server):
        server.gateway.reconnect()
        await until(lambda: server.gateway.said(RESUME) and server.gateway.ready)
        assert len(server.gateway.said(IDENTIFY)) == 1


@pytest.mark.parametrize("how", ["cut", "4000", "1001"])
async def test_what_was_missed_is_told_after_resuming(server, how):
    guild = server.guild("Lab")
    async with listening(server) as client:
        await until(lambda: client.guilds)
        server.gateway.cut() if how == "cut" else server.gateway.close(int(how))
        papers = server.text(guild)
        await until(lambda: client.get_channel(papers.id))
        assert len(server.gateway.said(IDENTIFY)) == 1
        await client.until("shard_resumed")


async def test_invalid_session_identifies_anew(server):
    async with listening(server):
        server.gateway.invalidate()
        await until(lambda: len(server.gateway.said(IDENTIFY)) == 2)
        await server.wait_until_ready()
        assert len(server.gateway.sessions) == 1


async def test_invalid_session_that_can_be_resumed_is(server):
    async with listening(server):
        server.gateway.invalidate(resumable=True)
        await until(lambda: server.gateway.said(RESUME), within=3)
        await server.wait_until_ready()
        assert len(server.gateway.said(IDENTIFY)) == 1


async def test_gateway_that_is_shut_is_open_again_at_the_same_port(server):
    async with listening(server):
        port = server.gateway_port
        await server.close_gateway()
        async with aiohttp.ClientSession() as session:
            with pytest.raises(aiohttp.ClientConnectionError):
                await session.ws_connect(server.gateway_url)
            async with session.get(f"{server.base_url}/gateway") as answer:
                assert answer.status == 200
        await server.open_gateway()
        assert server.gateway_port == port
        await server.wait_until_ready(within=4)


async def test_gateway_that_says_nothing_more_is_left_for_another_connection():
    async with Server(beat=0.1) as server, listening(server, heartbeat_timeout=0.25):
        server.gateway.silent = True
        await until(lambda: not server.gateway.ready)
        server.gateway.silent = False
        await server.wait_until_ready()
        assert server.gateway.said(RESUME)


async def test_gateway_that_fails_gives_no_connection(server):
    server.gateway.failing = 503
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError, match="503"):
            await session.ws_connect(server.gateway_url)


# Limits


async def test_session_starts_are_counted_and_come_back():
    now = 0.0
    async with Server(clock=lambda: now) as server:
        server.gateway.limit.used = 998
        async with listening(server) as client:
            _shards, url, limit = await client.http.get_bot_gateway()
            assert url.startswith("ws://127.0.0.1")
            assert (limit["total"], limit["remaining"], limit["max_concurrency"]) == (1000, 1, 1)
            now += 86_401
            _shards, _url, limit = await client.http.get_bot_gateway()
            assert limit["remaining"] == 1000


async def test_start_beyond_the_last_resets_the_token(server):
    server.gateway.limit.used = 1000
    token = server.token
    assert (await connect(server)).code == 4004
    assert server.token != token
    assert "session start" in server.complaints[0]


async def test_identifying_out_of_turn_is_a_violation():
    async with (
        Server(strict_pace=True) as server,
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{server.gateway_url}?v=10&encoding=json") as one,
        session.ws_connect(f"{server.gateway_url}?v=10&encoding=json") as other,
    ):
        told = {"token": server.token, "intents": 1, "properties": {}}
        for ws in (one, other):
            assert json.loads(await ws.receive_str())["op"] == 10
            await ws.send_json({"op": IDENTIFY, "d": told})
        assert json.loads(await one.receive_str())["t"] == "READY"
        assert json.loads(await other.receive_str()) == {"t": None, "s": None, "op": 9, "d": False}
        assert [violation.limit for violation in server.violations] == ["identify"]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("{", 4002),
        ('{"op": 3, "d": {}}', 4003),
        ('{"op": 77, "d": {}}', 4001),
        ('{"op": 2, "d": {"token": "x", "intents": 1}}', 4004),
        ('{"op": 6, "d": {"token": "x", "session_id": "y", "seq": 1}}', 4004),
    ],
)
async def test_what_nobody_says_closes_the_connection(server, said, code):
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{server.gateway_url}?v=10&encoding=json") as ws,
    ):
        await ws.receive_str()
        await ws.send_str(said)
        await ws.receive()
        assert ws.close_code == code


async def test_too_many_words_close_the_connection(server):
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{server.gateway_url}?v=10&encoding=json") as ws,
    ):
        for _ in range(121):
            await ws.send_json({"op": HEARTBEAT, "d": None})
        while not ws.closed:
            await ws.receive()
        assert ws.close_code == 4008


async def test_other_versions_are_turned_away(server):
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{server.gateway_url}?v=6&encoding=json") as ws,
    ):
        await ws.receive_str()
        await ws.receive()
        assert ws.close_code == 4012


async def test_heart_that_stands_still_is_noticed():
    async with (
        Server(beat=0.05) as server,
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{server.gateway_url}?v=10&encoding=json") as ws,
    ):
        await ws.receive_str()
        await ws.receive()
        assert ws.close_code == 4009


async def test_heart_that_beats_is_answered():
    async with Server(beat=0.05) as server, listening(server):
        await until(lambda: len(server.gateway.said(HEARTBEAT)) > 4)
        assert len(server.gateway.ready) == 1


def test_rules_are_discords_usual_ones():
    assert Rules().overall == (50, 1.0)
    assert Rules().routes["POST", "/channels/{channel_id}/messages"] == (5, 5.0)
