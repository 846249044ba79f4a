"""Channels deleted, servers left, permissions taken and given back: what becomes of the chats there."""

import asyncio
import shutil
from contextlib import asynccontextmanager
from unittest.mock import patch

import discord
import pytest
import simcord
from discord.gateway import DiscordWebSocket
from discord.http import Route
from simcord.backend.serializers import guild_create_payload

from bot.adapters.discord import changes, errors
from bot.adapters.discord.api import aim
from bot.adapters.discord.changes import attach
from bot.adapters.discord.errors import WrongKind
from bot.adapters.discord.guide import Guide
from bot.commands.base import Desk, Place
from bot.commands.presence import Presence
from bot.commands.reasons import OWN
from bot.errors import Gone
from bot.model import Language, Layout, Style
from bot.storage import chats
from bot.when import next_due
from tests.adapters.discord.test_guide import Client, Town
from tests.fakes.discord import Server

NOW = 1_795_000_000.0
TROUBLE = "the bot may not send messages, embeds or threads there"


@pytest.fixture
def address(tmp_path, template):
    """One engine: what is asked of the database has tests of its own on both."""
    shutil.copy(template, tmp_path / "paperboy.db")
    return f"sqlite:///{tmp_path / 'paperboy.db'}"


class Village(Town):
    """A server whose channels are chats in a database."""

    def __init__(self, env, client, database, paused):
        super().__init__(env, client)
        self.database = database
        self.paused = paused  # places of which somebody was to be told

    async def follow(self, *places, layout=Layout.PLAIN):
        """Make chats of places."""
        async with self.database.writing() as connection:
            for place in places:
                await chats.settle_in(
                    connection, "discord", place.address, group=True, style=Style.CARDS,
                    language=Language.EN, layout=layout, manager="7",
                )  # fmt: skip

    async def trouble(self, *places, reason=TROUBLE):
        """What a push has found out."""
        async with self.database.writing() as connection:
            for place in places:
                known = await chats.find(connection, "discord", place.address)
                await chats.pause(connection, known.id, now=NOW, reason=reason)

    async def reason(self, place):
        """Why a place is paused; None: it is not."""
        async with self.database.reading() as connection:
            return (await chats.find(connection, "discord", place.address)).paused_reason

    async def come_back(self, **told):
        """The server is told of once more: after an outage, or as one that the bot was added to."""
        backend = self.env.backend
        backend.emit("GUILD_DELETE", {"id": str(self.guild.id), "unavailable": True})
        whole = dict(guild_create_payload(backend, backend.get_guild(self.guild.id)))
        whole.pop("unavailable", None)
        backend.emit("GUILD_CREATE", whole | told)
        await self.later()

    async def later(self, seconds=2.0):
        """Let time pass for the bot."""
        await self.env.advance_time(seconds)


@asynccontextmanager
async def village(database):
    paused: list[tuple[str, str]] = []
    desk = Desk(database=database, style=Style.CARDS, cap=10, next_due=next_due)
    presence = Presence(desk, lambda: NOW, on_paused=lambda *told: paused.append(told))
    client = Client()
    with patch.multiple(changes, SOON=0.01, APART=0.0):
        attach(client, presence, Guide)
        async with simcord.run(client, shard_count=1) as env:
            yield Village(env, client, database, paused)


async def test_left_server_pauses_all_that_is_in_it_and_tells_of_each(database):
    async with village(database) as v:
        _, place = await v.thread()
        places = [v.at(v.text), v.at(v.forum), place]
        await v.follow(*places)
        v.env.backend.remove_guild(v.guild.id)
        await v.env.settle()
        for one in places:
            assert "removed" in await v.reason(one)
        assert sorted(address for address, _ in v.paused) == sorted(one.address for one in places)


async def test_server_in_an_outage_pauses_nothing(database):
    async with village(database) as v:
        await v.follow(v.at(v.text))
        v.env.backend.emit("GUILD_DELETE", {"id": str(v.guild.id), "unavailable": True})
        await v.env.settle()
        assert await v.reason(v.at(v.text)) is None


async def test_deleted_channel_takes_its_threads_along_and_no_other(database):
    async with village(database) as v:
        _, place = await v.thread()
        await v.follow(v.at(v.text), place, v.at(v.other))
        v.env.backend.delete_channel(v.text.id)
        await v.env.settle()
        assert "deleted" in await v.reason(v.at(v.text))
        assert "deleted" in await v.reason(place)
        assert await v.reason(v.at(v.other)) is None
        assert len(v.paused) == 2


async def test_deleted_thread_is_paused_alone(database):
    async with village(database) as v:
        thread, place = await v.thread()
        await v.follow(v.at(v.text), place)
        v.env.backend.delete_channel(thread.id)
        await v.env.settle()
        assert await v.reason(place) == "the thread is deleted"
        assert await v.reason(v.at(v.text)) is None


async def test_permission_that_comes_back_has_the_channel_go_on(database):
    async with village(database) as v:
        place = v.at(v.text)
        await v.follow(place)
        await v.deny(v.text, "send_messages", "embed_links")
        await v.trouble(place)
        await v.deny(v.text, "embed_links")
        await v.later()
        assert await v.reason(place) == TROUBLE, "it still lacks one"
        await v.deny(v.text)
        await v.later()
        assert await v.reason(place) is None


async def test_role_that_comes_back_has_all_channels_go_on_but_those_that_somebody_paused(database):
    async with village(database) as v:
        places = [v.at(v.text), v.at(v.other), v.at(v.news)]
        await v.follow(*places)
        await v.trouble(*places[:2])
        await v.trouble(places[2], reason=chats.ASKED)
        v.env.backend.edit_role(v.guild.id, v.guild.id, {"name": "everyone"})
        await v.later()
        assert [await v.reason(one) for one in places] == [None, None, chats.ASKED]


async def test_layout_is_part_of_what_must_be_mended(database):
    async with village(database) as v:
        place = v.at(v.text)
        await v.follow(place, layout=Layout.THREADS)
        await v.deny(v.text, "create_public_threads", "send_messages")
        await v.trouble(place)
        await v.deny(v.text, "create_public_threads")
        await v.later()
        assert await v.reason(place) == TROUBLE
        await v.deny(v.text)
        await v.later()
        assert await v.reason(place) is None


@pytest.mark.parametrize("archived", [False, True])
async def test_unlocked_thread_goes_on(database, archived):
    async with village(database) as v:
        thread, place = await v.thread()
        await v.follow(place)
        for locked in (True, False):
            told = {"locked": locked, "archived": archived}
            v.env.backend.edit_channel(thread.id, {}, thread_metadata=told)
            await v.env.settle()
            if locked:
                await v.trouble(place, reason="the thread is locked")
                await v.later()
                assert await v.reason(place) == "the thread is locked"
        await v.later()
        assert await v.reason(place) is None


@pytest.mark.parametrize("reason", [TROUBLE, "the thread is locked"])
async def test_thread_that_is_put_away_goes_on_when_the_right_is_back(database, reason):
    async with village(database) as v:
        thread, place = await v.thread()
        await v.follow(place)
        await v.deny(v.text, "send_messages_in_threads")
        await v.trouble(place, reason=reason)
        v.env.backend.edit_channel(thread.id, {}, thread_metadata={"archived": True})
        await v.later()
        assert await v.reason(place) == reason
        before = len(v.env.http_requests)
        await v.deny(v.text)
        await v.later()
        assert await v.reason(place) is None
        asked = [it for it in v.env.http_requests[before:] if it.path.endswith(f"/channels/{thread.id}")]
        assert len(asked) == 1


async def test_thread_that_is_not_there_any_more_or_not_seen_stays_paused(database):
    async with village(database) as v:
        gone = Place(address=f"{v.guild.id}/{v.text.id}/12345")
        thread, hidden = await v.thread()
        await v.follow(gone, hidden)
        await v.deny(v.text, "view_channel")
        await v.trouble(gone, hidden)
        v.env.backend.edit_channel(thread.id, {}, thread_metadata={"archived": True})
        await v.later()
        assert [it for it in v.env.http_requests if "12345" in it.path] == [], "it would be refused"
        await v.deny(v.text)
        await v.later()
        assert [await v.reason(one) for one in (gone, hidden)] == [TROUBLE, None]


async def test_thread_that_nobody_tells_of_is_looked_at_again(database):
    async with village(database) as v:
        thread, place = await v.thread()
        await v.follow(place)
        await v.trouble(place)
        fetch, refused = discord.Guild.fetch_channel, []

        async def away(guild, number):
            refused.append(number)
            if len(refused) == 1:
                raise OSError("no way there")
            return await fetch(guild, number)

        with patch.object(discord.Guild, "fetch_channel", away):
            v.env.backend.edit_channel(thread.id, {}, thread_metadata={"archived": True})
            await v.later()
        assert len(refused) == 2
        assert await v.reason(place) is None


async def test_renamed_thread_does_not_go_on_without_the_right(database):
    async with village(database) as v:
        thread, place = await v.thread()
        await v.follow(place)
        await v.deny(v.text, "send_messages_in_threads")
        await v.trouble(place)
        v.env.backend.edit_channel(thread.id, {"name": "other talk"})
        await v.later()
        assert await v.reason(place) == TROUBLE


async def test_bot_that_starts_finds_out_what_was_mended_meanwhile(database):
    async with village(database) as v:
        places = [v.at(v.text), v.at(v.other)]
        await v.follow(*places)
        await v.deny(v.other, "view_channel")
        await v.trouble(*places)
        await v.later()
        await v.trouble(places[0])
        await v.come_back(unavailable=False)
        assert [await v.reason(one) for one in places] == [None, TROUBLE]
        await v.trouble(places[0])
        await v.come_back()
        assert await v.reason(places[0]) is None


async def test_channel_that_is_mended_does_not_bring_its_locked_thread_along(database):
    async with village(database) as v:
        thread, inside = await v.thread()
        place, server = v.at(v.text), Place(address=str(v.guild.id))
        await v.follow(place, inside, server)
        await v.deny(v.text, "manage_threads")
        v.env.backend.edit_channel(thread.id, {}, thread_metadata={"locked": True})
        await v.later()
        await v.trouble(place, inside, server)
        await v.deny(v.text, "manage_threads", "manage_messages")
        await v.later()
        assert [await v.reason(one) for one in (place, inside, server)] == [None, TROUBLE, None]


def test_every_reason_can_be_said_in_the_readers_language():
    told = [reason for kind, reason in errors._KINDS.values() if issubclass(kind, Gone)]
    told += [changes.REMOVED, changes.DELETED, changes.THREAD_DELETED]
    told += [f"{each}; subscribe there anew" for kind, each in errors._KINDS.values() if kind is WrongKind]
    assert [reason for reason in told if reason not in OWN] == []


async def test_many_changes_are_one_look(database, monkeypatch):
    looks = []

    class Counting(Presence):
        async def troubled(self, platform, address):
            looks.append(address)
            return await super().troubled(platform, address)

    client = Client()
    desk = Desk(database=database, style=Style.CARDS, cap=10, next_due=next_due)
    attach(client, Counting(desk, lambda: NOW), Guide)
    monkeypatch.setattr(changes, "SOON", 0.01)
    async with simcord.run(client, shard_count=1) as env:
        town = Town(env, client)
        await env.advance_time(60)
        looks.clear()
        for _ in range(5):
            await town.deny(town.text, "embed_links")
            await town.deny(town.text)
        await env.advance_time(5)
        assert looks == [str(town.guild.id)]
        await town.deny(town.text, "embed_links")
        await env.advance_time(5)
        assert len(looks) == 1, "not again so soon"
        await env.advance_time(changes.APART)
        assert len(looks) == 2


async def test_gateway_tells_of_all_that_mends_a_place(database, monkeypatch):
    """By the library's own gateway, which tells the bot of its roles; nothing else here does."""
    for name, value in (("SOON", 0.01), ("APART", 0.0)):
        monkeypatch.setattr(changes, name, value)
    monkeypatch.setattr(Route, "BASE", Route.BASE)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", DiscordWebSocket.DEFAULT_GATEWAY)
    desk = Desk(database=database, style=Style.CARDS, cap=10, next_due=next_due)
    presence = Presence(desk, lambda: NOW)
    async with Server() as server:
        aim(server.url)
        lab = server.guild("Lab")
        channel, role = server.text(lab), server.role(lab, "speakers", "administrator")
        address = f"{lab.id}/{channel.id}"

        async def becomes(paused):
            async with asyncio.timeout(3):
                while bool(await presence.troubled("discord", str(lab.id))) is not paused:
                    await asyncio.sleep(0.01)

        async with database.writing() as connection:
            await chats.settle_in(
                connection, "discord", address, group=True, style=Style.CARDS, language=Language.EN
            )
        await presence.went("discord", address, TROUBLE)
        client = Client()
        client._connection.guild_ready_timeout = 0.1
        attach(client, presence, Guide)
        async with client:
            await client.login(server.token)
            working = asyncio.ensure_future(client.connect())
            await becomes(False)  # at the start
            server.forbid(channel, server.bot, "send_messages")
            await presence.went("discord", address, TROUBLE)
            await asyncio.sleep(0.1)
            assert await presence.troubled("discord", str(lab.id))
            server.member(lab, server.bot, role)
            await becomes(False)
            server.kick(lab)
            await becomes(True)
            server.invite(lab)
            server.permit(channel, server.bot, "send_messages")
            await becomes(False)
            server.delete(channel)
            await becomes(True)
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)
