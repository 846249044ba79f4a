"""Who and what there is: people, servers, roles, channels, threads, messages."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.discord.refusal import no

EPOCH = 1_420_070_400_000  # milliseconds; where Discord's ids begin to count

TEXT, DM, VOICE, GROUP_DM, CATEGORY, NEWS = 0, 1, 2, 3, 4, 5
NEWS_THREAD, PUBLIC_THREAD, PRIVATE_THREAD, STAGE, FORUM, MEDIA = 10, 11, 12, 13, 15, 16
THREADS = {NEWS_THREAD, PUBLIC_THREAD, PRIVATE_THREAD}
FORUMS = {FORUM, MEDIA}
REQUIRE_TAG, PINNED = 1 << 4, 1 << 1  # flags of channels

CROSSPOSTED, SUPPRESS, EPHEMERAL, LOADING = 1 << 0, 1 << 2, 1 << 6, 1 << 7  # flags of messages
HAS_THREAD, SILENT, VOICE_MESSAGE, V2 = 1 << 5, 1 << 12, 1 << 13, 1 << 15

Json = dict[str, Any]


@dataclass(slots=True, kw_only=True, eq=False)
class User:
    """A person, or the bot."""

    id: int
    name: str
    locale: str = "en-US"
    is_bot: bool = False
    installed: bool = False  # has the bot among the own apps
    closed: bool = False  # takes no messages from the bot
    deleted: bool = False


@dataclass(slots=True, kw_only=True, eq=False)
class Role:
    """A role of a server; the one with the server's id is everybody's."""

    id: int
    name: str
    permissions: int
    position: int = 0
    bot: bool = False  # the role that came with the bot


@dataclass(slots=True, kw_only=True, eq=False)
class Member:
    """Somebody in a server."""

    user: User
    roles: list[int] = field(default_factory=list)
    joined: float = field(default_factory=time.time)


@dataclass(slots=True, kw_only=True, eq=False)
class Overwrite:
    """What a channel allows or denies to a role (0) or a member (1)."""

    id: int
    kind: int
    allow: int = 0
    deny: int = 0


@dataclass(slots=True, kw_only=True, eq=False)
class Guild:
    """A server, as people say."""

    id: int
    name: str
    owner: User
    locale: str = "en-US"
    roles: dict[int, Role] = field(default_factory=dict)
    members: dict[int, Member] = field(default_factory=dict)
    channels: dict[int, "Channel"] = field(default_factory=dict)  # threads too
    available: bool = True  # not in an outage

    def threads(self) -> Iterator["Channel"]:
        """The threads that are not archived."""
        return (c for c in self.channels.values() if c.kind in THREADS and not c.archived)


@dataclass(slots=True, kw_only=True, eq=False)
class Channel:
    """A place where messages stand, or threads that hold them."""

    id: int
    kind: int
    name: str = ""
    guild: Guild | None = None
    parent: "Channel | None" = None  # the category, or where a thread hangs
    people: list[User] = field(default_factory=list)  # of a private channel; the bot only in its own
    owner: User | None = None  # of a thread
    overwrites: dict[int, Overwrite] = field(default_factory=dict)
    tags: list[Json] = field(default_factory=list)  # that a forum offers
    applied: list[int] = field(default_factory=list)  # tags of a post
    flags: int = 0
    topic: str | None = None
    archived: bool = False
    locked: bool = False
    archive_after: int = 4320  # minutes
    slow: int = 0  # seconds between two messages of one member
    opener: int | None = None  # the message that a thread began with
    messages: dict[int, "Message"] = field(default_factory=dict)
    position: int = 0

    @property
    def thread(self) -> bool:
        return self.kind in THREADS

    @property
    def private(self) -> bool:
        return self.guild is None

    def find(self, number: int) -> "Message":
        """A message that still stands and that many see; raises Refusal."""
        message = self.messages.get(number)
        if message is None or message.deleted or message.only_for:
            raise no(10008)
        return message


@dataclass(slots=True, kw_only=True, eq=False)
class Message:
    """A message as it stands now; `body` is what Discord gives of it."""

    channel: Channel
    author: User
    body: Json
    only_for: User | None = None  # ephemeral: who alone sees it
    deleted: bool = False
    thread: Channel | None = None
    files: dict[str, bytes] = field(default_factory=dict)  # by the name of the attachment
    pings: tuple[str, ...] = ()  # mentions in it that made a noise

    @property
    def id(self) -> int:
        return int(self.body["id"])

    @property
    def flags(self) -> int:
        return self.body["flags"]

    @property
    def standing(self) -> bool:
        return not self.deleted


class World:
    """Everybody and every place, by id."""

    def __init__(self, bot: User) -> None:
        self.bot = bot
        self.users = {bot.id: bot}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self._dms: dict[int, Channel] = {}
        self._last = 0

    def new_id(self) -> int:
        """An id that nothing has, later than all before."""
        now = (int(time.time() * 1000) - EPOCH) << 22
        self._last = max(now, self._last + 1)
        return self._last

    def new_guild_id(self, shard: int | None, shards: int) -> int:
        """An id of a server that is served by a shard."""
        number = self.new_id()
        while shard is not None and (number >> 22) % shards != shard:
            number += 1 << 22
        self._last = max(self._last, number)
        return number

    def channel(self, number: int | str) -> Channel:
        """A channel that the bot could know of; raises Refusal."""
        channel = self.channels.get(int(number))
        if channel is None or (channel.private and self.bot not in channel.people):
            raise no(10003)
        if channel.guild and self.bot.id not in channel.guild.members:
            raise no(50001)
        return channel

    def guild(self, number: int | str) -> Guild:
        """A server that the bot is in; raises Refusal."""
        guild = self.guilds.get(int(number))
        if guild is None or self.bot.id not in guild.members:
            raise no(10004)
        return guild

    def inside(self) -> list[Guild]:
        """The servers that the bot is in."""
        return [guild for guild in self.guilds.values() if self.bot.id in guild.members]

    def dm(self, user: User) -> Channel:
        """The bot's private channel with a person; made where there is none."""
        if user.id not in self._dms:
            self._dms[user.id] = self.add(Channel(id=self.new_id(), kind=DM, people=[self.bot, user]))
        return self._dms[user.id]

    def add(self, channel: Channel) -> Channel:
        """Keep a channel."""
        self.channels[channel.id] = channel
        if channel.guild:
            channel.guild.channels[channel.id] = channel
        return channel

    def drop(self, channel: Channel) -> list[Channel]:
        """Take a channel away, with its threads; gives all that went."""
        below = [c for c in self.channels.values() if c.parent is channel and c.thread]
        gone = [channel, *below]
        for one in gone:
            del self.channels[one.id]
            if one.guild:
                del one.guild.channels[one.id]
        return gone


def made_at(number: int) -> float:
    """When an id was given, in seconds since 1970."""
    return ((number >> 22) + EPOCH) / 1000


def written(seconds: float) -> str:
    """A time as Discord writes it."""
    whole = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
    return f"{whole}.{int(seconds % 1 * 1_000_000):06d}+00:00"
