"""Listens to Telegram: takes updates in, has them answered, shows the answers.

Updates of different chats are answered side by side, those of one chat in their order. Whatever an
update holds, it costs no other update anything.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from time import time
from typing import Any, Protocol

from telegram import Update
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, TelegramError
from telegram.ext import ExtBot, Updater

from bot.adapters.base import Message
from bot.adapters.telegram import inline, menu
from bot.adapters.telegram.call import call
from bot.adapters.telegram.errors import FigureRefused, translate
from bot.adapters.telegram.latch import Latch
from bot.adapters.telegram.places import Places
from bot.adapters.telegram.plain import plain
from bot.adapters.telegram.show import EDIT, in_words, instead, links, requests
from bot.adapters.telegram.updates import Asked, Came, Looked, News, Relocated, Went, read
from bot.adapters.telegram.webhook import Webhook
from bot.commands.base import Command, Reply, Request
from bot.errors import ConfigError, DeliveryError, Rejected

log = logging.getLogger(__name__)

Bot = ExtBot[Any]
KINDS = [Update.MESSAGE, Update.CALLBACK_QUERY, Update.INLINE_QUERY, Update.MY_CHAT_MEMBER]
POLL = 30  # seconds that Telegram keeps a poll open
SOON = 0.7  # seconds after which a press is acknowledged, though its answer is not there yet
AT_ONCE = 64  # updates that are answered side by side
END = 3.0  # seconds that answers under way get at the end
GONE_EDITS = ("message to edit not found", "message can't be edited", "message_id_invalid")


class Presence(Protocol):
    """What becomes of chats that come, go and move."""

    async def came(self, platform: str, address: str) -> None: ...

    async def went(self, platform: str, address: str, reason: str) -> None: ...

    async def moved(self, platform: str, old: str, new: str) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What listening needs of the bot that listens."""

    answer: Callable[[Request], Awaitable[Reply | None]]
    look: inline.Look
    presence: Presence
    commands: Sequence[Command]
    operators: Sequence[str] = ()  # people, as Telegram numbers them


class Listener:
    """Takes updates in by long polling, or by a webhook, until it is cancelled."""

    def __init__(
        self, bot: Bot, house: House, webhook: Webhook | None = None, latch: Latch | None = None
    ) -> None:
        """`latch`: what is known of rich messages, shared with whoever else sends them."""
        self.places = Places(bot)
        self.ready = asyncio.Event()  # set while updates come in
        self._bot = bot
        self._house = house
        self._webhook = webhook
        self._latch = latch or Latch()
        self._queue: asyncio.Queue[object] = asyncio.Queue()
        self._room = asyncio.Semaphore(AT_ONCE)
        self._lines: dict[int, asyncio.Task[None]] = {}  # the last answer under way of each chat
        self._tasks: set[asyncio.Task[None]] = set()
        self._conflict = False

    async def run(self) -> None:
        """Listen until cancelled.

        Raises:
            ConfigError: Telegram does not know the token.
        """
        updater = Updater(self._bot, self._queue)
        try:
            await self._start(updater)
            greeting = asyncio.create_task(
                menu.register(self._bot, self._house.commands, self._house.operators)
            )
            self._keep(greeting)
            self.ready.set()
            while True:
                await self._take(await self._queue.get())
        finally:
            self.ready.clear()
            await self._stop(updater)

    async def _start(self, updater: Updater) -> None:
        try:
            await self._reach(updater)
            if self._webhook:
                await self._webhook.start(self._bot, self._queue, KINDS)
            else:
                await updater.start_polling(
                    timeout=POLL,
                    bootstrap_retries=-1,
                    allowed_updates=KINDS,
                    error_callback=self._poll_failed,
                )
        except InvalidToken as exc:
            raise ConfigError(
                "telegram.token: Telegram does not know this token; take a new one from @BotFather and set "
                "TELEGRAM_BOT_TOKEN"
            ) from exc

    async def _reach(self, updater: Updater) -> None:
        """Wait, however long, until Telegram says who we are."""
        pause = 1.0
        while True:
            try:
                await updater.initialize()
            except InvalidToken:
                raise
            except TelegramError as exc:
                log.warning("telegram: not reached, again in %.0f s: %s", pause, exc.message)
                await asyncio.sleep(pause)
                pause = min(30.0, 2 * pause)
            else:
                return

    async def _stop(self, updater: Updater) -> None:
        if self._webhook:
            await self._webhook.stop()
        with suppress(TelegramError, RuntimeError, TimeoutError):
            async with asyncio.timeout(END):
                if updater.running:
                    await updater.stop()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=END)
        for task in self._tasks:
            task.cancel()
        with suppress(TelegramError, RuntimeError):
            await updater.shutdown()

    def _poll_failed(self, exc: TelegramError) -> None:
        """Say what keeps updates from coming in; polling goes on by itself, with growing pauses."""
        if isinstance(exc, Conflict):
            if not self._conflict:
                log.error(
                    "telegram: another program polls with this token; end it, or give this bot a token of "
                    "its own; waiting until it is gone"
                )
            self._conflict = True
        else:
            log.warning("telegram: no updates now: %s", exc.message)

    async def _take(self, update: object) -> None:
        """Begin to answer an update, behind what its chat asked before."""
        self._conflict = False
        if not isinstance(update, Update) or (news := read(update, self._bot.bot)) is None:
            return
        await self._room.acquire()
        chat = news.chat if isinstance(news, Asked) else 0
        before = self._lines.get(chat) if chat else None
        task = asyncio.create_task(self._hear(news, before))
        if chat:
            self._lines[chat] = task
        self._keep(task)
        task.add_done_callback(lambda _: self._room.release())
        task.add_done_callback(lambda done: self._lines.get(chat) is done and self._lines.pop(chat, None))

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _hear(self, news: News, before: asyncio.Task[None] | None) -> None:
        if before:
            await asyncio.wait({before})
        try:
            await self._do(news)
        except TelegramError as exc:
            log.warning("telegram: an answer did not arrive: %s", exc.message)
        except Exception:
            log.exception("telegram: an update could not be answered")

    async def _do(self, news: News) -> None:
        presence = self._house.presence
        match news:
            case Asked():
                await self._answer(news)
            case Looked():
                await inline.answer(self._bot, self._house.look, news)
            case Came():
                await presence.came("telegram", news.address)
            case Went():
                await presence.went("telegram", news.address, news.reason)
            case Relocated():
                await presence.moved("telegram", news.old, news.new)

    async def _answer(self, asked: Asked) -> None:
        request = Request(
            platform="telegram", place=asked.place, person=asked.person, word=asked.word, text=asked.text,
            pressed=asked.pressed is not None, hint=asked.hint, at=time(), guide=self.places,
        )  # fmt: skip
        finding = asyncio.ensure_future(self._house.answer(request))
        late = False
        if asked.pressed:
            late = not (await asyncio.wait({finding}, timeout=SOON))[0]
            found = None if late else await finding
            await self._acknowledge(asked.pressed, found.toast if found else "")
        if found := await finding:
            for message in requests(in_words(found) if late else found, asked, found.language):
                await self._show(message, asked)

    async def _acknowledge(self, press: str, toast: str) -> None:
        try:
            await self._bot.answer_callback_query(press, text=toast[:200] or None)
        except BadRequest as exc:
            log.debug("telegram: a press of long ago: %s", exc.message)

    async def _show(self, message: Message, asked: Asked) -> None:
        """Send a request; what Telegram refuses of it is left out once."""
        if message.fallback:
            await self._offer(message, asked)
            return
        method = message.request["method"]
        try:
            await self._post(message, asked)
        except BadRequest as exc:
            said = exc.message.casefold()
            if "message is not modified" in said:
                return
            if method == EDIT and any(words in said for words in GONE_EDITS):
                if not asked.inline:
                    await self._post(instead(message, asked), asked)
            elif method in ("sendPhoto", "sendMediaGroup") and isinstance(translate(exc), FigureRefused):
                await self._post(links(_figures(message)), asked)
            elif simple := plain(message):
                log.warning("telegram: refused, now as plain text: %s", said)
                await self._post(simple, asked)
            else:
                raise
        except Forbidden as exc:
            log.info("telegram: not answered: %s", exc.message)

    async def _offer(self, message: Message, asked: Asked) -> None:
        """Send a rich message, in its classic form where it is refused."""

        async def bring(form: Message) -> None:
            try:
                await self._post(form, asked)
            except TelegramError as exc:
                raise translate(exc) from exc

        try:
            await self._latch.offer(message, bring)
        except Rejected:
            for each in message.fallback:
                await self._show(each, asked)
        except DeliveryError as exc:
            log.warning("telegram: an answer did not arrive: %s", exc)

    async def _post(self, message: Message, asked: Asked) -> None:
        params = dict(message.request["params"])
        if params.get("chat_id") == "{chat}":
            params["chat_id"] = asked.chat
            if asked.thread and message.request["method"] != EDIT:
                params["message_thread_id"] = asked.thread
        await call(self._bot, message.request["method"], params)


def _figures(message: Message) -> list[str]:
    params = message.request["params"]
    return [params["photo"]] if "photo" in params else [item["media"] for item in params["media"]]
