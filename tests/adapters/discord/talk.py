"""A bot on simcord: people ask it, and all that it says is judged."""

from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any
from unittest.mock import patch

import discord
import simcord
from simcord import interactions
from simcord.results import InteractionResult

from bot.adapters.discord import changes, client
from bot.adapters.discord.client import Client, House
from bot.adapters.discord.guide import Guide
from bot.adapters.discord.menu import menu
from bot.adapters.discord.options import spoken
from bot.commands import COMMANDS, answer
from bot.commands.base import Desk
from bot.commands.suggest import Suggest
from bot.model import Style
from bot.when import next_due
from tests import discord_oracle
from tests.commands.asking import NOW

CALLBACK, FOLLOWUP = "/callback", "/webhooks/"
MANAGER = discord.Permissions(
    manage_channels=True, view_channel=True, send_messages=True, use_application_commands=True
)


@dataclass
class Quiet:
    """What becomes of places, noted."""

    told: list[tuple[str, str]] = field(default_factory=list)

    async def came(self, platform, address):
        self.told.append(("came", address))

    async def went(self, platform, address, reason):
        self.told.append(("went", address))

    async def troubled(self, platform, address):
        return []


@dataclass
class Hall:
    """A server with a channel and people, and the bot in it."""

    env: Any
    house: House
    guild: Any
    channel: Any
    ann: Any  # manages channels
    bob: Any  # does not
    heard: list  # what the bot was asked
    replied: list  # what it answered

    def said(self) -> list[tuple[str, dict]]:
        """What the bot has answered so far: the kind of request, and its body."""
        found = []
        for entry in self.env.http_requests:
            if entry.path.endswith(CALLBACK):
                found.append((f"callback {entry.json['type']}", entry.json))
            elif FOLLOWUP in entry.path and entry.method in ("POST", "PATCH", "DELETE"):
                found.append((entry.method, entry.json))
        return found

    def check(self) -> None:
        """Discord would take all that was answered."""
        for kind, body in self.said():
            if kind.startswith("callback"):
                assert discord_oracle.answer_refusals(body) == [], body
                assert discord_oracle.misfits(body["type"], body) == []
            elif kind != "DELETE":
                judge = discord_oracle.refusals if kind == "POST" else discord_oracle.edit_refusals
                assert judge(body) == [], body
                assert discord_oracle.misfits(kind, body) == []

    def emit(self, user, data: dict, **given):
        """Let an interaction come in as Discord would send it, in words of the test's own."""
        at = {"guild_id": None, "type": 2, "user_id": user.id}
        base = {name: given.pop(name, value) for name, value in at.items()}
        channel = given.pop("channel_id", None) or user.dm_channel.id
        record, sent = interactions.base_payload(self.env.backend, data=data, channel_id=channel, **base)
        self.env.backend.emit("INTERACTION_CREATE", sent | given)
        return record

    async def ask(self, user, data: dict, **given) -> InteractionResult:
        """The same, and what comes of it."""
        record = self.emit(user, data, **given)
        await self.env.settle()
        return InteractionResult(self.env, record)


@asynccontextmanager
async def hall(database, *, replies=None, soon=client.SOON, **desk) -> AsyncIterator[Hall]:
    """The bot in a server; `replies` answers in its place, `soon` enough or the answer is announced."""
    called = {"call": spoken} | desk
    counter = Desk(database=database, style=Style.CARDS, cap=10, next_due=next_due, **called)
    heard: list = []
    replied: list = []

    async def reply(request):
        heard.append(request)
        replied.append(await (replies or partial(answer, counter))(request))
        return replied[-1]

    house = House(
        answer=reply,
        suggest=Suggest(counter, lambda: NOW),
        presence=Quiet(),
        guide=Guide,
        menu=lambda: menu(COMMANDS.values()),
    )
    with ExitStack() as hasty:
        # Simulated tasks sleep in real time.
        hasty.enter_context(patch.object(changes, "SOON", 0.0))
        hasty.enter_context(patch.object(client, "SOON", soon))
        async with simcord.run(Client(house), shard_count=1) as env:
            guild = env.create_guild()
            role = guild.create_role("managers", permissions=MANAGER)
            talk = Hall(
                env, house, guild, guild.create_text_channel("papers"),
                guild.add_member(env.create_user("ann"), roles=[role]),
                guild.add_member(env.create_user("bob")), heard, replied,
            )  # fmt: skip
            yield talk
            talk.check()


@cache
def client_of() -> Client:
    """A client that is connected to nothing."""
    client = Client(House(answer=None, suggest=None, presence=None, guide=Guide, menu=list))
    me = {"id": "2", "username": "bot", "discriminator": "0", "avatar": None}
    client._connection.user = discord.ClientUser(state=client._connection, data=me)
    return client
