"""What becomes of chats that come, go, move and lose a topic."""

from collections.abc import Callable

from bot.commands.base import Desk, card
from bot.formatter.card import Card
from bot.locales import words
from bot.model import Language
from bot.storage import chats


class Presence:
    """Keeps what is known of chats true to where the bot can speak."""

    def __init__(self, desk: Desk, clock: Callable[[], float]) -> None:
        self._desk = desk
        self._clock = clock

    async def came(self, platform: str, address: str) -> None:
        """The bot can speak there (again): what was paused because it could not goes on."""
        async with self._desk.database.writing() as connection:
            places = await chats.within(connection, platform, address)
            for place in places:
                await chats.come_back(connection, platform, place.address, now=self._clock())
        if places:
            self._desk.wake()

    async def went(self, platform: str, address: str, reason: str) -> None:
        """The bot can no longer speak there: it is paused, topics and all, and keeps everything."""
        async with self._desk.database.writing() as connection:
            for place in await chats.within(connection, platform, address):
                if not place.paused:
                    await chats.pause(connection, place.id, now=self._clock(), reason=reason)

    async def moved(self, platform: str, old: str, new: str) -> None:
        """A chat has another address now; settings, subscriptions and what is owed move along."""
        async with self._desk.database.writing() as connection:
            moved = await chats.move(connection, platform, old, new, now=self._clock())
        if moved:
            self._desk.wake()

    async def lost(self, platform: str, address: str) -> tuple[str, Card, Language] | None:
        """A topic is closed or deleted: whom to tell, what, and in which language; None: nobody is known."""
        async with self._desk.database.reading() as connection:
            chat = await chats.find(connection, platform, address)
        if chat is None or not chat.manager:
            return None
        told = words(chat.language)("topic_lost", place=chat.title or address)
        return chat.manager, card(told), chat.language
