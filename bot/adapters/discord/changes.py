"""What becomes of servers, channels and threads: places that are gone are paused, mended ones go on."""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any, Protocol
from weakref import WeakKeyDictionary

import discord

from bot.commands.base import Guide, Place, Refusal
from bot.log import get_logger

log = get_logger(__name__)

SOON = 1.0  # seconds that changes of a server are gathered for
APART = 30.0  # seconds between two looks at the places of a server
AT_ONCE = 4  # servers that are looked at side by side: thousands come at once when the bot starts

REMOVED = "the server is deleted, or the bot was removed from it"
DELETED = "the channel is deleted"
THREAD_DELETED = "the thread is deleted"

# The looks of clients that are under way.
_LOOKS: WeakKeyDictionary[discord.Client, set[asyncio.Task[None]]] = WeakKeyDictionary()


class Presence(Protocol):
    """Keeps what is known of chats true to where the bot can speak."""

    async def came(self, platform: str, address: str, *, alone: bool = False) -> None:
        """The bot can speak there (again), and at all places in it unless it comes `alone`."""
        ...

    async def went(self, platform: str, address: str, reason: str) -> None:
        """The bot can no longer speak there, nor at any place in it."""
        ...

    async def troubled(self, platform: str, address: str) -> Sequence[Place]:
        """The places there that are paused for a trouble."""
        ...


def attach(client: discord.Client, presence: Presence, guide: Callable[[Any], Guide]) -> None:
    """Have a client tell what becomes of places; `guide` gives what is known to a client, too."""
    changes = _Changes(client, presence, guide)
    for hear in (
        changes.on_guild_remove,
        changes.on_guild_channel_delete,
        changes.on_raw_thread_delete,
        changes.on_guild_join,
        changes.on_guild_available,
        changes.on_guild_channel_update,
        changes.on_guild_role_update,
        changes.on_guild_role_delete,
        changes.on_member_update,
        changes.on_raw_thread_update,
    ):
        client.event(hear)


def detach(client: discord.Client) -> None:
    """End the looks of a client that is closed."""
    for task in _LOOKS.pop(client, ()):
        task.cancel()


class _Changes:
    """Hears what changes in servers."""

    def __init__(self, client: discord.Client, presence: Presence, guide: Callable[[Any], Guide]) -> None:
        self._client = client
        self._presence = presence
        self._guide = guide
        self._coming: set[int] = set()  # servers that are about to be looked at
        self._looked: dict[int, float] = {}  # when each was looked at last
        self._looks = _LOOKS.setdefault(client, set())
        self._room = asyncio.Semaphore(AT_ONCE)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """The bot was removed, or the server deleted; one that is only away is told otherwise."""
        await self._presence.went("discord", str(guild.id), REMOVED)

    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        """A channel is deleted, with its threads."""
        await self._presence.went("discord", f"{channel.guild.id}/{channel.id}", DELETED)

    async def on_raw_thread_delete(self, told: discord.RawThreadDeleteEvent) -> None:
        """A thread is deleted."""
        address = f"{told.guild_id}/{told.parent_id}/{told.thread_id}"
        await self._presence.went("discord", address, THREAD_DELETED)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """The bot was added, perhaps again."""
        self._look_soon(guild.id)

    async def on_guild_available(self, guild: discord.Guild) -> None:
        """A server is there as the bot starts, or once more."""
        self._look_soon(guild.id)

    async def on_guild_channel_update(
        self, before: discord.abc.GuildChannel, after: discord.abc.GuildChannel
    ) -> None:
        """Who may what in a channel may have changed."""
        self._look_soon(after.guild.id)

    async def on_guild_role_update(self, before: discord.Role, after: discord.Role) -> None:
        """What a role may has changed."""
        self._look_soon(after.guild.id)

    async def on_guild_role_delete(self, role: discord.Role) -> None:
        """What a role was forbidden is forbidden no longer."""
        self._look_soon(role.guild.id)

    async def on_member_update(self, before: discord.Member, after: discord.Member) -> None:
        """A member has other roles; only the bot itself is told of."""
        if self._client.user and after.id == self._client.user.id:
            self._look_soon(after.guild.id)

    async def on_raw_thread_update(self, told: discord.RawThreadUpdateEvent) -> None:
        """A thread was unlocked, perhaps."""
        if not told.data.get("thread_metadata", {}).get("locked"):
            self._look_soon(told.guild_id)

    def _look_soon(self, server: int) -> None:
        """Look at the places of a server once what changes there now has changed."""
        if server in self._coming or self._client.is_closed():
            return
        self._coming.add(server)
        since = time.monotonic() - self._looked.get(server, float("-inf"))
        task = asyncio.ensure_future(self._look(server, max(SOON, APART - since)))
        self._looks.add(task)
        task.add_done_callback(self._looks.discard)

    async def _look(self, server: int, wait: float) -> None:
        """Have go on what was paused and can be reached again."""
        await asyncio.sleep(wait)
        self._coming.discard(server)  # what changes from here on is looked at once more
        self._looked[server] = time.monotonic()
        try:
            async with self._room:
                guide = self._guide(self._client)
                for place in await self._presence.troubled("discord", str(server)):
                    if place.address == str(server) or await self._is_well(guide, place):
                        await self._presence.came("discord", place.address, alone=True)
        except Exception:
            log.exception("place.unchecked", platform="discord")

    async def _is_well(self, guide: Guide, place: Place) -> bool:
        try:
            await guide.check(place)
        except Refusal as exc:
            if exc.key == "trouble":  # Discord does not say now, and nothing tells when it does
                self._look_soon(int(place.address.partition("/")[0]))
            return False
        return True
