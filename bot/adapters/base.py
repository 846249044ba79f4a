"""The contract of an adapter: how a platform shows cards and takes messages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from bot.formatter.card import Card
from bot.model import Language, Layout


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What one request to a platform sends."""

    platform: str
    request: dict[str, Any]  # in the platform's words, without a secret, `{chat}` for the place
    papers: tuple[str, ...]  # the arXiv ids that it shows
    fallback: tuple["Message", ...] = ()  # what goes in its place where the platform refuses it

    def line(self) -> dict[str, Any]:
        """The message as `paperboy preview --json` prints it."""
        return {"platform": self.platform, **self.request, "papers": list(self.papers)}


class Render(Protocol):
    """Turns a card into the messages of a platform, each within the platform's limits."""

    def __call__(self, card: Card, language: Language, /) -> Sequence[Message]: ...


Limit = tuple[int, float]  # so many messages in any window of so many seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How fast a platform lets a bot speak; None: as fast as it can."""

    overall: Limit | None = None
    chat: Limit | None = None
    group: Limit | None = None  # of a group, besides what holds for every chat


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """The digest that a message is of, for a chat that wants each in a room of its own."""

    title: str  # "NeRF · 2026-11-20"
    tags: tuple[str, ...]
    layout: Layout
    opens: bool  # this message is the first of the digest
    room: str = ""  # where those before it went, as `send` told


class Adapter(Protocol):
    """A platform: shows cards as messages and delivers them."""

    @property
    def platform(self) -> str:
        """Its name in the database, the configuration and `--platform`."""
        ...

    @property
    def limits(self) -> Limits:
        """How fast it may be spoken to."""
        ...

    def place(self, address: str, /) -> str:
        """What the platform counts messages to an address by: all topics of a group are one place."""
        ...

    def render(self, card: Card, language: Language, /) -> Sequence[Message]:
        """The messages that show a card, each within the platform's limits."""
        ...

    def plain(self, message: Message, /) -> Message | None:
        """The same without markup, for a platform that refused it; None: there is no plainer form."""
        ...

    async def send(
        self, address: str, message: Message, /, *, silent: bool = False, heading: Heading | None = None
    ) -> str:
        """Bring a message to a chat; returns once the platform has confirmed it.

        Returns the room that the rest of the digest goes to, empty where there is none. `heading` is
        given for chats with a layout; platforms without rooms pass over it.

        Raises:
            DeliveryError: it did not arrive, or nobody knows; the kind says what helps.
        """
        ...
