"""The contract of an adapter: how a platform shows cards and takes messages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from bot.formatter.card import Card
from bot.model import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What one request to a platform sends."""

    platform: str
    request: dict[str, Any]  # in the platform's words, without a secret, `{chat}` for the place
    papers: tuple[str, ...]  # the arXiv ids that it shows

    def line(self) -> dict[str, Any]:
        """The message as `paperboy preview --json` prints it."""
        return {"platform": self.platform, **self.request, "papers": list(self.papers)}


class Render(Protocol):
    """Turns a card into the messages of a platform, each within the platform's limits."""

    def __call__(self, card: Card, language: Language, /) -> Sequence[Message]: ...


class Adapter(Protocol):
    """A platform: shows cards as messages and delivers them."""

    @property
    def platform(self) -> str:
        """Its name in the database, the configuration and `--platform`."""
        ...

    def render(self, card: Card, language: Language, /) -> Sequence[Message]:
        """The messages that show a card, each within the platform's limits."""
        ...

    async def send(self, address: str, message: Message, /) -> None:
        """Bring a message to a chat; returns once the platform has confirmed it."""
        ...
