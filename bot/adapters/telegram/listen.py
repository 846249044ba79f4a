"""Listens to Telegram: takes updates in, has them answered, shows the answers.

Updates of different chats are answered side by side, those of one chat in their order. Whatever an
update holds, and however many one chat sends, it costs nobody else anything.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from time import time
from typing import Any, Protocol, TypeVar

from telegram import Update
from telegram.error import BadRequest, Conflict, InvalidToken, TelegramError
from telegram.ext import ExtBot, Updater

from bot.adapters.telegram import inline, menu
from bot.adapters.telegram.latch import Latch
from bot.adapters.telegram.places import Places
from bot.adapters.telegram.show import in_words, requests
from bot.adapters.telegram.speak import Speaker
from bot.adapters.telegram.updates import Asked, Came, Looked, News, Relocated, Went, read
from bot.adapters.telegram.webhook import Webhook
from bot.commands.base import Command, Reply, Request
from bot.errors import ConfigError, Unreachable
from bot.log import get_logger

log = get_logger(__name__)

Bot = ExtBot[Any]
T = TypeVar("T")
KINDS = [Update.MESSAGE, Update.CALLBACK_QUERY, Update.INLINE_QUERY, Update.MY_CHAT_MEMBER]
POLL = 30  # seconds that Telegram keeps a poll open
SOON = 0.7  # seconds after which a press is acknowledged, though its answer is not there yet
AT_ONCE = 64  # updates that are looked into side by side
IN_LINE = 8  # updates of one chat that wait or are answered; more are dropped
WRONG_TOKEN = (
    "telegram.token: Telegram does not know this token; take a new one from @BotFather and set "
    "TELEGRAM_BOT_TOKEN"
)
END = 3.0  # seconds that answers under way get at the end


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
        self._bot = bot
        self._house = house
        self._webhook = webhook
        self._speaker = Speaker(bot, latch or Latch())
        self._queue: asyncio.Queue[object] = asyncio.Queue()
        self._room = asyncio.Semaphore(AT_ONCE)
        self._lines: dict[str, deque[asyncio.Task[None]]] = {}  # what each chat has waiting, in order
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
            while True:
                self._take(await self._queue.get())
        finally:
            await self._stop(updater)

    async def once(self) -> None:
        """Answer what Telegram has kept, and end; nothing where it brings updates to a webhook.

        Raises:
            ConfigError: Telegram does not know the token.
            DeliveryError: there is no way to Telegram now.
        """
        if self._webhook:
            return
        try:
            await self._bot.initialize()
            await self._bot.delete_webhook()  # one from before; while it is there, nothing can be asked for
            await menu.register(self._bot, self._house.commands, self._house.operators)
            await self._answer_kept()
        except InvalidToken as exc:
            raise ConfigError(WRONG_TOKEN) from exc
        except TelegramError as exc:
            raise Unreachable(exc.message) from exc
        finally:
            with suppress(TelegramError, RuntimeError):
                await self._bot.shutdown()

    async def _answer_kept(self) -> None:
        after: int | None = None
        while kept := await self._bot.get_updates(offset=after, limit=IN_LINE, allowed_updates=KINDS):
            for update in kept:
                self._take(update)
            if self._tasks:
                await asyncio.wait(self._tasks)
            after = kept[-1].update_id + 1  # with the next call Telegram forgets these

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
            raise ConfigError(WRONG_TOKEN) from exc

    async def _reach(self, updater: Updater) -> None:
        """Wait, however long, until Telegram says who we are."""
        pause = 1.0
        while True:
            try:
                await updater.initialize()
            except InvalidToken:
                raise
            except TelegramError as exc:
                log.warning(
                    "platform.unreachable", platform="telegram", again=round(pause), reason=exc.message
                )
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
                    "updates.taken",
                    platform="telegram",
                    reason="another program polls with this token",
                    mend="end it, or give this bot a token of its own",
                )
            self._conflict = True
        else:
            log.warning("platform.unheard", platform="telegram", reason=exc.message)

    def _take(self, update: object) -> None:
        """Begin to answer an update, behind what its chat asked before."""
        self._conflict = False
        if not isinstance(update, Update) or (news := read(update, self._bot.bot)) is None:
            return
        line = self._lines.setdefault(news.line, deque())
        if len(line) < IN_LINE or isinstance(news, Came | Went | Relocated):
            task = asyncio.create_task(self._hear(news, line[-1] if line else None))
            line.append(task)
            task.add_done_callback(partial(self._leave, news.line))
            self._keep(task)
        elif isinstance(news, Asked) and news.pressed:
            self._keep(asyncio.create_task(self._acknowledge(news.pressed, "")))
        else:
            log.debug("request.dropped", platform="telegram")

    def _leave(self, name: str, task: asyncio.Task[None]) -> None:
        line = self._lines[name]
        line.remove(task)
        if not line:
            del self._lines[name]

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _hear(self, news: News, before: asyncio.Task[None] | None) -> None:
        try:
            match news:
                case Asked():
                    await self._answer(news, before)
                case Looked():
                    work = partial(inline.answer, self._bot, self._house.look, news)
                    await self._in_turn(work, before)
                case _:
                    await self._take_note(news, before)
        except TelegramError as exc:
            log.warning("answer.lost", platform="telegram", reason=exc.message)
        except Exception:
            log.exception("update.failed", platform="telegram")

    async def _in_turn(self, work: Callable[[], Awaitable[T]], before: asyncio.Task[None] | None) -> T:
        """What comes of work that begins after what its chat asked before, when there is room."""
        if before:
            await asyncio.wait({before})
        async with self._room:
            return await work()

    async def _take_note(self, news: Came | Went | Relocated, before: asyncio.Task[None] | None) -> None:
        """Keep what became of a chat; without taking room, as it may have to wait for the database."""
        if before:
            await asyncio.wait({before})
        presence = self._house.presence
        match news:
            case Came():
                await presence.came("telegram", news.address)
            case Went():
                await presence.went("telegram", news.address, news.reason)
            case Relocated():
                await presence.moved("telegram", news.old, news.new)

    async def _answer(self, asked: Asked, before: asyncio.Task[None] | None) -> None:
        request = Request(
            platform="telegram", place=asked.place, person=asked.person, word=asked.word, text=asked.text,
            pressed=asked.pressed is not None, unsure=asked.unsure, hint=asked.hint, at=time(),
            guide=self.places,
        )  # fmt: skip
        finding = asyncio.ensure_future(self._in_turn(partial(self._house.answer, request), before))
        late = False
        if asked.pressed:
            late = not (await asyncio.wait({finding}, timeout=SOON))[0]
            found = None if late else await finding
            await self._acknowledge(asked.pressed, found.toast if found else "", found.link if found else "")
        if found := await finding:
            for message in requests(in_words(found) if late else found, asked, found.language):
                await self._speaker.show(message, asked)

    async def _acknowledge(self, press: str, toast: str, link: str = "") -> None:
        try:
            await self._bot.answer_callback_query(press, text=toast[:200] or None, url=link or None)
        except BadRequest as exc:
            log.debug("press.outdated", platform="telegram", reason=exc.message)
        except TelegramError as exc:
            log.warning("press.unacknowledged", platform="telegram", reason=exc.message)
