"""One step brought to its chat, in a form that the platform takes."""

from collections.abc import Awaitable, Callable

from bot.adapters.base import Adapter, Heading, Message
from bot.delivery.turn import Step
from bot.errors import Rejected
from bot.log import get_logger
from bot.storage.chats import Chat

log = get_logger(__name__)

Turn = Callable[[], Awaitable[None]]  # returns when one more message may go


async def bring(
    step: Step, chat: Chat, adapter: Adapter, turn: Turn, *, silent: bool, heading: Heading | None
) -> tuple[Step, str]:
    """Send what a step says; the step that arrived, and the room for what follows, if there is one.

    It is another step where the platform refused the form of this one.
    Of the messages that a refused one falls back on only the first is sent: the others are steps of
    their own, each recorded before the next.

    Raises:
        DeliveryError: nothing of it arrived, or nobody knows; the kind says what helps.
    """
    if not step.message.fallback:
        return step, await _send(step.message, chat, adapter, turn, silent=silent, heading=heading)
    try:
        return step, await _hand(step.message, chat, adapter, silent=silent, heading=heading)
    except Rejected as exc:
        log.info("message.refused", chat=chat.id, now="card", reason=str(exc))
        first, *_ = step.instead()
        await turn()
        return first, await _send(first.message, chat, adapter, turn, silent=silent, heading=heading)


async def _send(
    message: Message, chat: Chat, adapter: Adapter, turn: Turn, *, silent: bool, heading: Heading | None
) -> str:
    """Send a message; one that is refused for what it says once more as plain text."""
    try:
        return await _hand(message, chat, adapter, silent=silent, heading=heading)
    except Rejected as exc:
        if (plain := adapter.plain(message)) is None:
            raise
        log.warning("message.refused", chat=chat.id, now="plain text", reason=str(exc))
        await turn()
        return await _hand(plain, chat, adapter, silent=silent, heading=heading)


async def _hand(
    message: Message, chat: Chat, adapter: Adapter, *, silent: bool, heading: Heading | None
) -> str:
    """Give a message to the platform; one without a heading needs none that knows of rooms."""
    if heading is None:
        await adapter.send(chat.address, message, silent=silent)
        return ""
    return await adapter.send(chat.address, message, silent=silent, heading=heading)
