"""What becomes of chats that come, go, move and lose a topic."""

import asyncio
from collections.abc import Awaitable, Callable

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.commands.base import Desk, Place, Where, card
from bot.commands.reasons import because
from bot.formatter.card import Card
from bot.locales import words
from bot.log import get_logger
from bot.model import Language
from bot.storage import chats
from bot.storage.chats import ASKED

log = get_logger(__name__)

PAUSES = (1, 2, 4, 8, 15, 30, 60, 120, 300)  # seconds between two tries, where the database is away


class Presence:
    """Keeps what is known of chats true to where the bot can speak; a database that is away is waited for."""

    def __init__(
        self, desk: Desk, clock: Callable[[], float], *, on_paused: Callable[[str, str], None] | None = None
    ) -> None:
        """Told of each place that is paused as it cannot be reached: its address, and why."""
        self._desk = desk
        self._clock = clock
        self._on_paused = on_paused

    async def came(self, platform: str, address: str, *, alone: bool = False) -> None:
        """The bot can speak there (again): what was paused because it could not goes on.

        So do the places in it, unless it comes `alone`.
        """

        async def come_back(connection: AsyncConnection) -> bool:
            known = await chats.within(connection, platform, address)
            places = [place for place in known if not alone or place.address == address]
            for place in places:
                await chats.come_back(connection, platform, place.address, now=self._clock())
            return bool(places)

        if await self._write(come_back):
            self._desk.wake()

    async def went(self, platform: str, address: str, reason: str) -> None:
        """The bot can no longer speak there: it is paused, topics and all, and keeps everything."""

        paused: list[str] = []

        async def pause(connection: AsyncConnection) -> bool:
            serving = [it for it in await chats.within(connection, platform, address) if not it.paused]
            for place in serving:
                await chats.pause(connection, place.id, now=self._clock(), reason=reason)
            paused[:] = [place.address for place in serving]
            return True

        await self._write(pause)
        if self._on_paused:
            for place in paused:
                self._on_paused(place, reason)

    async def troubled(self, platform: str, address: str) -> list[Place]:
        """The places there that are paused for a trouble, not because somebody wanted it."""
        async with self._desk.database.reading() as connection:
            known = await chats.within(connection, platform, address)
        return [
            Place(address=chat.address, where=Where.GROUP, title=chat.title, layout=chat.layout)
            for chat in known
            if chat.paused and chat.paused_reason != ASKED
        ]

    async def moved(self, platform: str, old: str, new: str) -> None:
        """A chat has another address now; settings, subscriptions and what is owed move along."""

        async def move(connection: AsyncConnection) -> bool:
            return bool(await chats.move(connection, platform, old, new, now=self._clock()))

        if await self._write(move):
            self._desk.wake()

    async def _write(self, work: Callable[[AsyncConnection], Awaitable[bool]]) -> bool:
        """What comes of work on the database: platforms tell such things once."""
        for pause in (*PAUSES, None):
            try:
                async with self._desk.database.writing() as connection:
                    return await work(connection)
            except (SQLAlchemyError, OSError) as exc:
                if pause is None:
                    raise
                log.warning("presence.delayed", reason=type(exc).__name__)
                await asyncio.sleep(pause)
        return False

    async def lost(self, platform: str, address: str, reason: str = "") -> tuple[str, Card, Language] | None:
        """A place is lost: whom to tell, what, and in which language; None: nobody is known.

        With a reason it gets nothing more until that is mended; without one it is a topic that is
        closed or deleted, whose papers go on in the group.
        """
        async with self._desk.database.reading() as connection:
            chat = await chats.find(connection, platform, address)
        if chat is None or not chat.manager:
            return None
        say, place = words(chat.language), chat.title or address
        if reason:
            told = say("place_lost", place=place, reason=because(say, reason))
        else:
            told = say("topic_lost", place=place)
        return chat.manager, card(told), chat.language
