"""What Discord knows of people and places: who may change what a channel gets, and what the bot may do there.

An interaction tells the rights of the person and of the bot in the channel where it was asked, and the
person's in a channel that is named. All else is in the servers' channels and roles, which the gateway
keeps up to date; only what roles a person has is asked for, where nothing tells it.
"""

import time
from collections import OrderedDict
from typing import Any
from weakref import WeakKeyDictionary

import aiohttp
import discord
from discord import ChannelType, Permissions

from bot.adapters.discord.asked import place as to_place
from bot.commands.base import Place, Refusal, Where
from bot.log import get_logger
from bot.model import Layout

log = get_logger(__name__)

FRESH = 30.0  # seconds for which a person's rights are believed
MOST = 5_000  # rights that are kept

# What the bot needs to bring digests to a place, and the phrase that asks for it.
_POSTING = Permissions(view_channel=True, send_messages=True, embed_links=True)
_IN_THREAD = Permissions(view_channel=True, send_messages_in_threads=True, embed_links=True)
_POSTS = _POSTING | _IN_THREAD | Permissions(read_message_history=True)
_THREADS = _POSTS | Permissions(create_public_threads=True)
_NEEDS = {
    Layout.POSTS: (_POSTS, "place_lacks_posts"),
    Layout.THREADS: (_THREADS, "place_lacks_threads"),
}
EVERY_LAYOUT = _POSTS | _THREADS
_THREADED = (ChannelType.text, ChannelType.news)  # kinds of channels that can have threads

Seen = discord.Interaction[Any]
Server = discord.Guild
Channel = discord.abc.GuildChannel | discord.Thread

# What clients have learned lately: when, and whether a person manages an address.
_LEARNED: WeakKeyDictionary[discord.Client, OrderedDict[tuple[str, str], tuple[float, bool]]]
_LEARNED = WeakKeyDictionary()


class Guide:
    """The guide of Discord, for one interaction, or for what happens in servers."""

    def __init__(self, source: Seen | discord.Client) -> None:
        self._asked = None if isinstance(source, discord.Client) else source
        self._client: discord.Client = source if isinstance(source, discord.Client) else source.client

    def named(self, word: str) -> None:
        """None: places are named by an option of a command, never in the text."""

    async def manages(self, person: str, place: Place) -> bool:
        """Whether a person may change what a place gets: who may manage the channel, or the server.

        Raises:
            Refusal: Discord does not say.
        """
        if place.where is Where.PRIVATE:
            return True
        rights = self._told(person, place)
        if rights is None:
            return await self._ask(person, place)
        return _may_change(rights, place)

    async def find(self, name: str, person: str) -> Place:
        """The channel or server at an address, where that person may change what it gets.

        Raises:
            Refusal: there is none, the person may not, or Discord does not say.
        """
        server, _, channel = name.partition("/")
        guild = self._client.get_guild(_number(server))
        if guild is None:
            raise Refusal("place_none")
        if channel:
            place = await self._channel(guild, channel.rpartition("/")[2])
        else:
            place = Place(address=server, where=Where.GROUP, title=guild.name, whole=True)
        if not await self.manages(person, place):
            raise Refusal("place_not_yours", name=place.title or name)
        return place

    async def check(self, place: Place) -> None:
        """Do nothing where the bot may bring digests to a place in its layout.

        Raises:
            Refusal: it may not; says what it needs. Or Discord does not say.
        """
        if place.where is Where.PRIVATE or place.whole:
            return
        channel = self._known(place) or await self._put_away(place)
        if channel is None:
            raise Refusal("place_none")
        name = place.title or f"#{channel.name}"
        needed, phrase = _NEEDS.get(place.layout, (_POSTING, "place_lacks"))
        if isinstance(channel, discord.Thread):
            needed, phrase = _IN_THREAD, "place_lacks_in_thread"
        elif place.layout is Layout.THREADS and channel.type not in _THREADED:
            raise Refusal("place_no_threads", name=name)
        rights = self._own_rights(channel)
        if not (rights.administrator or needed <= rights):
            raise Refusal(phrase, name=name)
        if isinstance(channel, discord.Thread) and channel.locked and not rights.manage_threads:
            raise Refusal("place_locked", name=name)

    def _told(self, person: str, place: Place) -> Permissions | None:
        """What the interaction tells of the person's rights in a place; None: nothing."""
        if self._asked is None or str(self._asked.user.id) != person:
            return None
        number = place.address.rpartition("/")[2]
        if number == str(self._asked.guild_id if place.whole else self._asked.channel_id):
            return self._asked.permissions
        rights = self._resolved(number).get("permissions")
        return Permissions(int(rights)) if rights is not None else None

    def _resolved(self, number: str) -> dict[str, Any]:
        """What the interaction tells of a channel that is named in it."""
        data: Any = (self._asked.data if self._asked else None) or {}
        found = data.get("resolved", {}).get("channels", {}).get(number)
        return found if isinstance(found, dict) else {}

    async def _channel(self, guild: Server, number: str) -> Place:
        known = guild.get_channel_or_thread(_number(number))
        if known is None and (told := self._resolved(number)):
            kind = discord.enums.try_enum(ChannelType, told.get("type", 0))
            parent = int(told["parent_id"]) if told.get("parent_id") else None
            return to_place(guild.id, kind, _number(number), name=str(told.get("name", "")), parent=parent)
        found = known or await self._fetch(guild, number)
        parent = found.parent_id if isinstance(found, discord.Thread) else None
        return to_place(guild.id, found.type, found.id, name=found.name, parent=parent)

    async def _fetch(self, guild: Server, number: str) -> Channel:
        """A channel that the gateway has not told of: a thread that is put away."""
        try:
            return await guild.fetch_channel(_number(number))
        except (discord.NotFound, discord.Forbidden, discord.InvalidData) as exc:
            raise Refusal("place_none") from exc
        except (discord.DiscordException, aiohttp.ClientError, OSError) as exc:
            raise _away(exc) from exc

    def _known(self, place: Place) -> Channel | None:
        server, *_, number = place.address.split("/")
        guild = self._client.get_guild(_number(server))
        if guild is None:  # its commands are there without it, perhaps
            return None
        channel = guild.get_channel_or_thread(_number(number))
        if self._asked and number == str(self._asked.channel_id):
            asked = self._asked.channel
            return asked if isinstance(asked, discord.abc.GuildChannel | discord.Thread) else channel
        orphan = isinstance(channel, discord.Thread) and channel.parent is None
        return None if orphan else channel

    async def _put_away(self, place: Place) -> Channel | None:
        """An archived thread, of which the gateway does not tell; None: the bot sees none there.

        Nothing is asked that is sure to be refused: that counts as invalid.
        """
        server, _, inside = place.address.partition("/")
        parent, _, number = inside.partition("/")
        guild = self._client.get_guild(_number(server))
        around = guild.get_channel(_number(parent)) if guild and number else None
        if guild is None or around is None or not self._own_rights(around).view_channel:
            return None
        found = await self._fetch(guild, number)
        return found if isinstance(found, discord.Thread) and found.parent else None

    def _own_rights(self, channel: Channel) -> Permissions:
        if self._asked and channel.id == self._asked.channel_id:
            return self._asked.app_permissions
        me = channel.guild.me
        return channel.permissions_for(me) if me else Permissions.none()

    async def _ask(self, person: str, place: Place) -> bool:
        key, learned = (person, place.address), _LEARNED.setdefault(self._client, OrderedDict())
        at, kept = learned.get(key, (float("-inf"), False))
        if time.monotonic() - at < FRESH:
            return kept
        manages = await self._look_up(person, place)
        learned[key] = (time.monotonic(), manages)
        learned.move_to_end(key)
        if len(learned) > MOST:
            learned.popitem(last=False)
        return manages

    async def _look_up(self, person: str, place: Place) -> bool:
        guild = self._client.get_guild(_number(place.address.partition("/")[0]))
        channel = None if place.whole else self._known(place)
        if guild is None or (channel is None and not place.whole):
            return False
        try:
            member = await guild.fetch_member(_number(person))
        except (discord.NotFound, discord.Forbidden):
            return False
        except (discord.DiscordException, aiohttp.ClientError, OSError) as exc:
            raise _away(exc) from exc
        rights = channel.permissions_for(member) if channel else member.guild_permissions
        return _may_change(rights, place)


def _may_change(rights: Permissions, place: Place) -> bool:
    return rights.administrator or (rights.manage_guild if place.whole else rights.manage_channels)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() else 0


def _away(exc: Exception) -> Refusal:
    log.warning("place.unknown", platform="discord", reason=type(exc).__name__)
    return Refusal("trouble")
