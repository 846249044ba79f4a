"""What becomes of chats that come, go, move and lose a topic."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.commands.base import Desk, card
from bot.formatter.card import Card
from bot.locales import words
from bot.model import Language
from bot.storage import chats

log = logging.getLogger(__name__)

PAUSES = (1, 2, 4, 8, 15, 30, 60, 120, 300)  # seconds between two tries, where the database is away


class Presence:
    """Keeps what is known of chats true to where the bot can speak; a database that is away is waited for."""

    def __init__(self, desk: Desk, clock: Callable[[], float]) -> None:
        self._desk = desk
        self._clock = clock

    async def came(self, platform: str, address: str) -> None:
        """The bot can speak there (again): what was paused because it could not goes on."""

        async def come_back(connection: AsyncConnection) -> bool:
            places = await chats.within(connection, platform, address)
            for place in places:
                await chats.come_back(connection, platform, place.address, now=self._clock())
            return bool(places)

        if await self._write(come_back):
            self._desk.wake()

    async def went(self, platform: str, address: str, reason: str) -> None:
        """The bot can no longer speak there: it is paused, topics and all, and keeps everything."""

        async def pause(connection: AsyncConnection) -> bool:
            for place in await chats.within(connection, platform, address):
                if not place.paused:
                    await chats.pause(connection, place.id, now=self._clock(), reason=reason)
            return True

        await self._write(pause)

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
                log.warning("a chat that came or went waits for the database: %s", type(exc).__name__)
                await asyncio.sleep(pause)
        return False

    async def lost(self, platform: str, address: str) -> tuple[str, Card, Language] | None:
        """A topic is closed or deleted: whom to tell, what, and in which language; None: nobody is known."""
        async with self._desk.database.reading() as connection:
            chat = await chats.find(connection, platform, address)
        if chat is None or not chat.manager:
            return None
        told = words(chat.language)("topic_lost", place=chat.title or address)
        return chat.manager, card(told), chat.language
