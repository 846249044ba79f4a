"""Telegram as a platform: brings messages to chats, and tells what became of them.

An address is a chat's number, "12345" or "-100123", or that of a forum topic, "-100123/45".
"""

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from telegram import Bot
from telegram.error import TelegramError
from telegram.request import BaseRequest

from bot import secrecy
from bot.adapters.base import Heading, Limits, Message
from bot.adapters.telegram import plain
from bot.adapters.telegram.call import call
from bot.adapters.telegram.errors import FigureRefused, TopicLost, translate
from bot.adapters.telegram.floods import Floods
from bot.adapters.telegram.latch import Latch
from bot.adapters.telegram.render import render
from bot.adapters.telegram.transport import request_for
from bot.errors import DeliveryError, RateLimited, Transient, Unknown, Unreachable
from bot.formatter.card import Card
from bot.log import get_logger
from bot.model import Language

log = get_logger(__name__)

API = "https://api.telegram.org"
LIMITS = Limits(overall=(30, 1), chat=(1, 1), group=(20, 60))
GENERAL = "1"  # the main topic of a forum, which Telegram refuses to be told by its number
LOST = 3600.0  # seconds until a lost topic is tried again: it may have been opened again
SPEAKING = ("send", "forward", "copy")  # how the methods begin that take a topic and can be silent


class Telegram:
    """Sends messages through the Bot API."""

    platform = "telegram"

    def __init__(
        self,
        token: str,
        *,
        api_url: str = API,
        request: BaseRequest | None = None,
        limits: Limits = LIMITS,
        on_topic_lost: Callable[[str, str], None] | None = None,
    ) -> None:
        """Told of a lost topic: its address and why it is lost, once its message has gone to the group."""
        secrecy.hide(token)
        self.limits = limits
        self._request = request or request_for("aiohttp")
        base = f"{api_url.rstrip('/')}/bot"
        self._bot = Bot(token, base_url=base, request=self._request, get_updates_request=self._request)
        self._on_topic_lost = on_topic_lost
        self._floods = Floods()
        self.latch = Latch()  # of rich messages
        self._lost: dict[str, float] = {}  # topics, with when they were found to be lost
        self._known: set[str] = set()  # of them, those that somebody was told about

    def place(self, address: str, /) -> str:
        """The chat: Telegram counts all topics of a group together."""
        return address.partition("/")[0]

    def render(self, card: Card, language: Language, /) -> Sequence[Message]:
        """The messages that show a card, in the form that the server is known to take."""
        messages = render(card, language)
        refused = messages[0].fallback and self.latch.form(messages[0]) is None
        return messages[0].fallback if refused else messages

    def plain(self, message: Message, /) -> Message | None:
        """The same as plain text; None where it is that already."""
        return plain.plain(message)

    async def send(
        self, address: str, message: Message, /, *, silent: bool = False, heading: Heading | None = None
    ) -> str:
        """Bring a message to a chat; without the picture, or to the group itself, where it has to be.

        Of a rich message that is refused, its fallback is left to the caller, who counts messages.

        Raises:
            DeliveryError: it did not arrive, or nobody knows; the kind says what helps.
        """
        if message.fallback:
            await self.latch.offer(message, partial(self._bring, address, silent=silent))
            return ""
        try:
            await self._bring(address, message, silent=silent)
        except FigureRefused as exc:
            if (bare := plain.without_figure(message)) is None:
                raise
            log.info("figure.refused", platform="telegram", reason=str(exc))
            await self._bring(address, bare, silent=silent)
        return ""

    async def close(self) -> None:
        """End every connection."""
        await self._request.shutdown()

    async def _bring(self, address: str, message: Message, *, silent: bool) -> None:
        chat, _, topic = address.partition("/")
        if not topic or topic == GENERAL or self._is_lost(address):
            await self._post(chat, None, message, silent=silent)
            return
        try:
            await self._post(chat, int(topic), message, silent=silent)
            self._known.discard(address)
        except TopicLost as exc:
            await self._post(chat, None, message, silent=silent)
            self._lose(address, str(exc))

    async def _post(self, chat: str, topic: int | None, message: Message, *, silent: bool) -> None:
        method = message.request["method"]
        params = {
            name: _number(chat) if value == "{chat}" else value
            for name, value in message.request["params"].items()
        }
        if method.startswith(SPEAKING):
            params |= {"message_thread_id": topic, "disable_notification": silent or None}
        try:
            await call(self._bot, method, params)
        except TelegramError as exc:
            if "message is not modified" not in exc.message.casefold():
                raise self._told(chat, translate(exc)) from exc
        except (KeyError, TypeError, AttributeError) as exc:
            raise Unknown("the answer is none of the Bot API's") from exc
        self._floods.taken()

    def _told(self, chat: str, error: DeliveryError) -> DeliveryError:
        """The error; where many chats are told to wait, for all of them."""
        if isinstance(error, RateLimited):
            return RateLimited(error.seconds, everywhere=self._floods.everywhere(chat))
        if not isinstance(error, Unreachable | Transient | Unknown):
            self._floods.taken()
        return error

    def _is_lost(self, address: str) -> bool:
        return time.monotonic() - self._lost.get(address, float("-inf")) < LOST

    def _lose(self, address: str, reason: str) -> None:
        now = time.monotonic()
        self._lost = {topic: at for topic, at in self._lost.items() if now - at < LOST} | {address: now}
        if address in self._known:
            return
        self._known.add(address)
        log.warning("topic.lost", platform="telegram", reason=reason)
        if self._on_topic_lost:
            try:
                self._on_topic_lost(address, reason)
            except Exception:
                log.exception("manager.untold", platform="telegram")


def _number(chat: str) -> Any:
    return int(chat) if chat.removeprefix("-").isdecimal() else chat
