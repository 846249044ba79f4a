"""One step brought to its chat, in a form that the platform takes."""

import logging
from collections.abc import Awaitable, Callable

from bot.adapters.base import Adapter, Message
from bot.delivery.turn import Step
from bot.errors import Rejected
from bot.storage.chats import Chat

log = logging.getLogger(__name__)

Turn = Callable[[], Awaitable[None]]  # returns when one more message may go


async def bring(step: Step, chat: Chat, adapter: Adapter, turn: Turn, *, silent: bool) -> Step:
    """Send what a step says; the step that arrived, which is another where the platform refused its form.

    Of the messages that a refused one falls back on only the first is sent: the others are steps of
    their own, each recorded before the next.

    Raises:
        DeliveryError: nothing of it arrived, or nobody knows; the kind says what helps.
    """
    if not step.message.fallback:
        await _send(step.message, chat, adapter, turn, silent=silent)
        return step
    try:
        await adapter.send(chat.address, step.message, silent=silent)
    except Rejected as exc:
        log.info("chat %d: refused, now as a card: %s", chat.id, exc)
        first, *_ = step.instead()
        await turn()
        await _send(first.message, chat, adapter, turn, silent=silent)
        return first
    return step


async def _send(message: Message, chat: Chat, adapter: Adapter, turn: Turn, *, silent: bool) -> None:
    """Send a message; one that is refused for what it says once more as plain text."""
    try:
        await adapter.send(chat.address, message, silent=silent)
    except Rejected as exc:
        if (plain := adapter.plain(message)) is None:
            raise
        log.warning("chat %d: refused, now as plain text: %s", chat.id, exc)
        await turn()
        await adapter.send(chat.address, plain, silent=silent)
