"""The contract of a platform as the bot uses it: what sends there, and what listens."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Sequence
from functools import partial
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from bot import status
from bot.adapters.base import Adapter
from bot.commands.base import Desk, Place, typed
from bot.config import Config
from bot.delivery.send import Sender
from bot.digest.tags import aliases
from bot.finding import Finding
from bot.formatter.card import Card
from bot.model import Language, Style
from bot.storage.database import Database
from bot.when import next_due

Places = Callable[[], Awaitable[Sequence[Place]]]

LAST = 1.0  # seconds in which those who are being told of something at the end are told


class Listening(Protocol):
    """Takes in what people ask, until it is cancelled."""

    async def run(self) -> None:
        """Listen for ever."""
        ...

    async def once(self) -> None:
        """Answer what the platform has kept, and end."""
        ...


class Platform:
    """A platform on which nobody can ask."""

    def __init__(self, adapter: Adapter) -> None:
        self.adapter = adapter

    def attach(self, sender: Sender, database: Database) -> None:
        """Have whoever set a place up be told when it is lost, whether or not this process listens."""

    def listen(self, sender: Sender, database: Database) -> Listening | None:
        """What takes in what people ask there, answering at the sender's pace."""
        return None

    def person(self, number: str) -> str:
        """The address of the private chat with a person, by the number that the platform gives people."""
        return number

    async def tell(self, sender: Sender, address: str, card: Card, language: Language) -> None:
        """Bring the bot's own words to a place, before anything in bulk.

        Raises:
            DeliveryError: the platform did not take it.
        """
        for message in self.adapter.render(card, language):
            await sender.answer(self.adapter.platform, address, message)

    async def check(self, operators: Sequence[str], places: Places) -> AsyncGenerator[Finding, None]:
        """Whether the platform can be worked with: its token, its settings, these places and people.

        Operators are told by number; `places` is asked once, when they are wanted.
        """
        nothing: Sequence[Finding] = ()
        for finding in nothing:
            yield finding

    async def close(self) -> None:
        """End what is held open."""


async def finish(tasks: Collection[asyncio.Task[None]]) -> None:
    """Let tasks be done, if they soon are, and end them."""
    if tasks:
        for task in (await asyncio.wait(tasks, timeout=LAST))[1]:
            task.cancel()


PLAIN = tuple(style for style in Style if style is not Style.RICH)  # what every platform can show


def desk(
    config: Config,
    database: Database,
    sender: Sender,
    links: Callable[[str], str],
    styles: Callable[[], Sequence[Style]] = lambda: PLAIN,
    call: Callable[[str, Place | None], str] = typed,
) -> Desk:
    """What commands work with on one platform.

    `links` makes addresses that open the bot there, `styles` says what can be shown there now, `call`
    how a command is given there, about another place where one is named.
    """
    return Desk(
        database=database,
        style=config.delivery.style,
        styles=styles,
        cap=config.delivery.cap,
        aliases=aliases({item.name: item.aliases for item in config.tags}),
        operators=config.operators,
        sources=status.names(config),
        links=links,
        call=call,
        status=partial(_status, config),
        wake=sender.news.set,
        meter=sender.meter,
        next_due=next_due,
    )


async def _status(config: Config, connection: AsyncConnection) -> list[str]:
    return status.lines(await status.read(connection, status.names(config)))
