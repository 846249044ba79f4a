"""Discord as a platform: brings messages to channels, threads and people, and tells what became of them.

An address is a channel's, "server/channel", that of a thread in it, "server/channel/thread", or a
person's, "@123".
"""

import re
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Protocol

from discord.http import Route

from bot.adapters.base import Heading, Limits, Message
from bot.adapters.discord.api import Line, Requests
from bot.adapters.discord.errors import WrongKind
from bot.adapters.discord.floods import Floods
from bot.adapters.discord.plain import plain
from bot.adapters.discord.put import ask, number, put
from bot.adapters.discord.render import render
from bot.adapters.discord.toll import Toll
from bot.errors import DeliveryError, Gone, RateLimited, Transient, Unreachable
from bot.formatter.card import Card
from bot.log import get_logger
from bot.model import Language, Layout

log = get_logger(__name__)

# Below 50 a second, and below the 5 in 5 seconds that channels usually take: the library would hold back
# the fifth until the time is over.
LIMITS = Limits(overall=(48, 1), chat=(4, 5))
FLOOD = 5.0  # seconds within which three places that are told to wait mean all
PEOPLE = 20_000  # whose channels are remembered
PERSON = "@"
_PLACE = re.compile(r"\d{1,20}/\d{1,20}(?:/\d{1,20})?|@\d{1,20}", re.ASCII)


class Rooms(Protocol):
    """Brings the messages of a digest to a room of its own."""

    async def bring(self, address: str, message: Message, heading: Heading, *, silent: bool) -> str:
        """Post a message of a digest; returns the room that the rest goes to, empty where there is none.

        Raises:
            DeliveryError: it did not arrive; the kind says what helps.
        """
        ...


class Discord:
    """Sends messages through Discord's REST."""

    platform = "discord"

    def __init__(
        self,
        requests: Requests,
        *,
        toll: Toll | None = None,
        rooms: Rooms | None = None,
        limits: Limits = LIMITS,
        on_gone: Callable[[str, str], None] | None = None,
    ) -> None:
        """`on_gone` is told once of a place that cannot be reached: its address and why."""
        self.limits = limits
        self._requests = requests
        self._toll = toll
        self._rooms = rooms
        self._on_gone = on_gone
        self._floods = Floods(FLOOD)
        self._outages = Floods()
        self._channels: OrderedDict[str, str] = OrderedDict()  # of people
        self._known: set[str] = set()  # places of which somebody was told

    def place(self, address: str, /) -> str:
        """The address itself: every channel and every thread has a limit of its own."""
        return address

    def render(self, card: Card, language: Language, /) -> Sequence[Message]:
        """The messages that show a card."""
        return render(card, language)

    def plain(self, message: Message, /) -> Message | None:
        """The same without addresses, pictures and buttons; None where it has none."""
        return plain(message)

    async def send(
        self, address: str, message: Message, /, *, silent: bool = False, heading: Heading | None = None
    ) -> str:
        """Bring a message to its place; the same one again, within minutes, is not shown twice.

        Returns the room that the rest of the digest goes to, empty where there is none.

        Raises:
            DeliveryError: it did not arrive; the kind says what helps.
        """
        if self._toll and (wait := self._toll.closed()) > 0:
            raise RateLimited(wait, everywhere=True)
        try:
            room = await self._bring(address, message, heading, silent=silent)
        except DeliveryError as exc:
            if (told := self._told(address, exc)) is exc:
                raise
            raise told from exc
        self._take()
        self._known.discard(address)
        return room

    async def close(self) -> None:
        """End every connection that is its own."""
        if isinstance(self._requests, Line):
            await self._requests.close()

    async def _bring(self, address: str, message: Message, heading: Heading | None, *, silent: bool) -> str:
        if not _PLACE.fullmatch(address):
            raise Gone(f"no channel, thread or person of Discord: {address}")
        roomy = heading and heading.layout is not Layout.PLAIN and not address.startswith(PERSON)
        if self._rooms and heading and roomy:
            return await self._rooms.bring(address, message, heading, silent=silent)
        channel = await self._channel(address)
        try:
            await put(self._requests, channel, message.request["json"], silent=silent)
        except Gone:
            self._channels.pop(address, None)
            raise
        return ""

    async def _channel(self, address: str) -> str:
        """The number of the channel to post to; a person's is asked for once."""
        if not address.startswith(PERSON):
            return address.rpartition("/")[2]
        if address not in self._channels:
            asked = {"recipient_id": address.removeprefix(PERSON)}
            self._channels[address] = number(
                await ask(self._requests, Route("POST", "/users/@me/channels"), json=asked)
            )
            while len(self._channels) > PEOPLE:
                self._channels.popitem(last=False)
        self._channels.move_to_end(address)
        return self._channels[address]

    def _take(self) -> None:
        self._floods.taken()
        self._outages.taken()

    def _told(self, address: str, error: DeliveryError) -> DeliveryError:
        """What an error means beside those of other places."""
        if isinstance(error, RateLimited):
            everywhere = self._floods.everywhere(address)
            return RateLimited(error.seconds, everywhere=True) if everywhere else error
        if isinstance(error, Transient):
            # Where nothing at all is taken it is no message's fault, and none is to be given up for it.
            return Unreachable(str(error)) if self._outages.everywhere(address) else error
        if isinstance(error, Unreachable):
            return error
        self._take()
        if isinstance(error, WrongKind):
            error = Gone(f"{error}; subscribe there anew")
        if isinstance(error, Gone):
            self._tell(address, str(error))
        return error

    def _tell(self, address: str, reason: str) -> None:
        if address in self._known:
            return
        self._known.add(address)
        if self._on_gone and not address.startswith(PERSON):
            try:
                self._on_gone(address, reason)
            except Exception:
                log.exception("manager.untold", platform="discord")
