"""Digests in rooms of their own: a post of a forum each, or a thread on the message that opens it.

A room is told by its address, "server/channel/thread". Discord numbers a thread like the message that
it stands on, so that the room of a digest is known before the thread is made, with the first message
that goes there. A room that is the channel itself was given up: all goes there.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from discord.http import Route
from discord.utils import snowflake_time

from bot.adapters.base import Heading, Message
from bot.adapters.discord import limits
from bot.adapters.discord.api import Requests
from bot.adapters.discord.channels import NEWS, Channels
from bot.adapters.discord.errors import RoomLost, code
from bot.adapters.discord.fit import fit
from bot.adapters.discord.pending import says
from bot.adapters.discord.publish import Publisher
from bot.adapters.discord.put import SILENT, ask, number, put
from bot.errors import DeliveryError, Gone, Rejected
from bot.formatter.text import shorten
from bot.log import get_logger
from bot.model import Layout

log = get_logger(__name__)

REMEMBERED = 5_000  # messages on which a thread is to be made
YOUNG = 2 * 86_400.0  # seconds for which a room that nobody recorded is looked for

NO_CHANNEL, NO_MESSAGE, THERE = 10003, 10008, 160004
FULL = frozenset((160006, 160007, 30033))  # too many threads
TAGLESS = frozenset((40067, 10087, 40066, 40061, 30048))  # something is wrong with the tags of a post


class Rooms:
    """Brings messages to the rooms of their digests, and makes the rooms."""

    def __init__(
        self,
        requests: Requests,
        channels: Channels,
        *,
        clock: Callable[[], float] = time.time,
        closed: Callable[[], float] = lambda: 0.0,
    ) -> None:
        """`closed` gives the seconds for which nothing may be asked that nobody waits for."""
        self._requests = requests
        self._channels = channels
        self._clock = clock
        self._publisher = Publisher(requests, closed=closed)
        self._bare: OrderedDict[str, None] = OrderedDict()  # messages that open a digest, without a thread

    async def bring(self, address: str, message: Message, heading: Heading, *, silent: bool) -> str:
        """Post a message of a digest; returns the room that the rest goes to, empty where there is none.

        Raises:
            DeliveryError: it did not arrive; the kind says what helps.
        """
        server, _, channel = address.partition("/")
        body = message.request["json"]
        if "/" in channel or not channel:  # a thread, or a person: no rooms in there
            await put(self._requests, address.rpartition("/")[2], body, silent=silent)
            return ""
        told = _Told(server=server, channel=channel, body=body, heading=heading, silent=silent)
        match heading.layout:
            case Layout.POSTS:
                return await self._to_post(told)
            case Layout.THREADS:
                return await self._to_thread(told)
            case _:
                return await self._to_all(told, message)

    async def _to_all(self, told: "_Told", message: Message) -> str:
        """Into the channel; what tells of the digest is published."""
        made = await put(self._requests, told.channel, told.body, silent=told.silent)
        if told.heading.layout is Layout.PUBLISHED and (told.heading.opens or len(message.papers) != 1):
            await self._publisher.publish(told.channel, made)
        return ""

    async def _to_post(self, told: "_Told") -> str:
        known = told.heading.room
        if known and await self._reach(told, known):
            return known
        left = await self._left(told, known)
        if left and (await self._starts_with(left, told.body) or await self._joins(told, left)):
            return told.room(left)
        return told.room(await self._post(told))

    async def _joins(self, told: "_Told", post: str) -> bool:
        """Post into a post of that name, unless that is another digest's; whether that was done."""
        return not told.heading.opens and await self._reach(told, told.room(post))

    async def _post(self, told: "_Told") -> str:
        """A new post of the forum that begins with the message; its number."""
        try:
            return await self._begin_post(told)
        except DeliveryError as exc:
            if _code(exc) in FULL:  # which ends when one is put away, as the gateway tells
                raise Gone("too many posts and threads are open in the server") from exc
            if _code(exc) not in TAGLESS:
                raise
        self._channels.forget(told.channel)
        try:
            return await self._begin_post(told)
        except Rejected as exc:
            if _code(exc) not in TAGLESS:
                raise
            raise Gone("the forum asks for a tag that the bot cannot give") from exc

    async def _begin_post(self, told: "_Told") -> str:
        body = fit(told.body)
        if told.silent:
            body = body | {"flags": body.get("flags", 0) | SILENT}
        tags = await self._channels.tags(told.channel, told.heading.tags)
        post = {"name": told.name, "message": body} | ({"applied_tags": list(tags)} if tags else {})
        route = Route("POST", "/channels/{channel_id}/threads", channel_id=told.channel)
        return number(await ask(self._requests, route, json=post))

    async def _to_thread(self, told: "_Told") -> str:
        room = told.heading.room
        if told.heading.opens and not room:
            made = await put(self._requests, told.channel, told.body, silent=told.silent)
            self._bare[made] = None
            if len(self._bare) > REMEMBERED:
                self._bare.popitem(last=False)
            return told.room(made)
        try:
            if room and room != told.address and await self._reach_thread(told, room):
                return room
            if room != told.address:
                return await self._anew(told, room)
        except _NoRoomError as exc:
            log.warning("thread.refused", reason=str(exc))
        await put(self._requests, told.channel, told.body, silent=told.silent)
        return told.address

    async def _reach_thread(self, told: "_Told", room: str) -> bool:
        """Post into the thread on a message, which is made where it is not there; False: it is lost."""
        message = room.rpartition("/")[2]
        if message not in self._bare and await self._reach(told, room):
            return True
        return await self._thread_on(told, message) and await self._reach(told, room)

    async def _thread_on(self, told: "_Told", message: str) -> bool:
        """Make the thread on a message; False: the message is gone."""
        route = Route(
            "POST", "/channels/{channel_id}/messages/{message_id}/threads",
            channel_id=told.channel, message_id=message,
        )  # fmt: skip
        try:
            await ask(self._requests, route, json={"name": told.name})
        except DeliveryError as exc:
            if _code(exc) == NO_MESSAGE:
                return False
            if _code(exc) != THERE:
                raise _thwarted(exc) from exc
        self._bare.pop(message, None)
        return True

    async def _anew(self, told: "_Told", lost: str) -> str:
        """Post into a thread that stands on no message: one that nobody recorded, else a new one."""
        left = await self._left(told, lost)
        if left and await self._reach(told, told.room(left)):
            return told.room(left)
        kind = 10 if (await self._channels.look(told.channel)).kind == NEWS else 11
        route = Route("POST", "/channels/{channel_id}/threads", channel_id=told.channel)
        try:
            made = number(await ask(self._requests, route, json={"name": told.name, "type": kind}))
        except DeliveryError as exc:
            raise _thwarted(exc) from exc
        await put(self._requests, made, told.body, silent=told.silent)
        return told.room(made)

    async def _reach(self, told: "_Told", room: str) -> bool:
        """Post into a thread; False: it is deleted or locked, the channel around it may be there."""
        try:
            await put(self._requests, room.rpartition("/")[2], told.body, silent=told.silent)
        except Gone as exc:
            if not _is_lost(exc):
                raise
            log.info("thread.lost", reason=str(exc))
            return False
        return True

    async def _left(self, told: "_Told", lost: str) -> str:
        """A room of that name that the bot made lately, and which may be unrecorded; empty: there is none."""
        route = Route("GET", "/guilds/{guild_id}/threads/active", guild_id=told.server)
        found = await ask(self._requests, route)
        me = await self._channels.me()
        threads = found.get("threads") if isinstance(found, dict) else None
        for thread in threads or ():
            names = (thread.get("parent_id"), thread.get("owner_id"), thread.get("name"))
            numbered = str(thread.get("id", "0"))
            if (
                names == (told.channel, me, told.name)
                and told.room(numbered) != lost
                and self._is_young(numbered)
            ):
                return numbered
        return ""

    def _is_young(self, thread: str) -> bool:
        made = snowflake_time(int(thread))
        return (datetime.fromtimestamp(self._clock(), UTC) - made).total_seconds() < YOUNG

    async def _starts_with(self, post: str, body: dict[str, Any]) -> bool:
        """Whether a post begins with this message: it arrived, and nobody could record that."""
        route = Route("GET", "/channels/{channel_id}/messages/{message_id}", channel_id=post, message_id=post)
        try:
            first = await ask(self._requests, route)
            return isinstance(first, dict) and says(first, fit(body))
        except (Gone, Rejected):
            return False  # or the bot may not read it: better twice than not at all


class _NoRoomError(Exception):
    """No thread can be made; the channel takes the message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What is to be brought where."""

    server: str
    channel: str
    body: dict[str, Any]
    heading: Heading
    silent: bool

    @property
    def address(self) -> str:
        """Of the channel."""
        return f"{self.server}/{self.channel}"

    @property
    def name(self) -> str:
        """Of the room."""
        return shorten(" ".join(self.heading.title.split()), limits.THREAD_NAME)

    def room(self, thread: str) -> str:
        """The address of a thread in the channel."""
        return f"{self.address}/{thread}"


def _thwarted(exc: DeliveryError) -> Exception:
    """What it means that a thread is not made: the message goes without, or not at all for now."""
    return _NoRoomError(str(exc)) if isinstance(exc, Rejected) else exc


def _code(exc: DeliveryError) -> int:
    return code(exc.__cause__) if isinstance(exc.__cause__, Exception) else 0


def _is_lost(exc: BaseException | None) -> bool:
    """Whether it is the thread that is gone or closed, and not the bot that may post in none."""
    while exc:
        if isinstance(exc, RoomLost) or (isinstance(exc, DeliveryError) and _code(exc) == NO_CHANNEL):
            return True
        exc = exc.__cause__ or exc.__context__
    return False
