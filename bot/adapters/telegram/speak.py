"""Brings answers to where they were asked for, in whatever form Telegram takes."""

from typing import Any

from telegram.error import BadRequest, Forbidden, TelegramError
from telegram.ext import ExtBot

from bot.adapters.base import Message
from bot.adapters.telegram.call import call
from bot.adapters.telegram.errors import FigureRefused, translate
from bot.adapters.telegram.latch import Latch
from bot.adapters.telegram.plain import plain
from bot.adapters.telegram.show import EDIT, instead, links
from bot.adapters.telegram.updates import Asked
from bot.errors import DeliveryError, Rejected
from bot.log import get_logger

log = get_logger(__name__)

GONE_EDITS = ("message to edit not found", "message can't be edited", "message_id_invalid")


class Speaker:
    """Shows answers to people."""

    def __init__(self, bot: ExtBot[Any], latch: Latch) -> None:
        self._bot = bot
        self._latch = latch

    async def show(self, message: Message, asked: Asked) -> None:
        """Send a request; what Telegram refuses of it is left out once.

        Raises:
            TelegramError: it did not arrive.
        """
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
                log.warning("answer.refused", platform="telegram", now="plain text", reason=said)
                await self._post(simple, asked)
            else:
                raise
        except Forbidden as exc:
            log.info("answer.forbidden", platform="telegram", reason=exc.message)

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
                await self.show(each, asked)
        except DeliveryError as exc:
            log.warning("answer.lost", platform="telegram", reason=str(exc))

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
