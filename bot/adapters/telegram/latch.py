"""Rich messages as far as the server takes them: off for good once it does not know them.

A refused message is not offered again: first its pictures go, which one dead address spoils, then the
whole gives way to its classic form. Whatever else goes wrong, a timeout above all, changes nothing:
the message may have arrived.
"""

import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from bot.adapters.base import Message
from bot.adapters.telegram.errors import FigureRefused, NoMethod
from bot.adapters.telegram.plain import without_figure
from bot.errors import Rejected
from bot.log import get_logger

log = get_logger(__name__)

REMEMBERED = 1024  # refused messages

_OF_CHAT = re.compile("not enough rights|_forbidden")  # refused for where it goes, not for what it is


class Latch:
    """What one process has learned of what a server takes."""

    def __init__(self) -> None:
        self.open = True  # the server is not known not to have rich messages
        self._instead: OrderedDict[int, Message | None] = OrderedDict()  # what is offered for a refused one

    async def offer(self, message: Message, bring: Callable[[Message], Awaitable[None]]) -> None:
        """Bring a rich message, without its pictures where those are refused.

        Raises:
            Rejected: its classic form is to go.
            DeliveryError: something else went wrong; `bring` raises it.
        """
        form = self.form(message)
        while form is not None:
            try:
                await bring(form)
            except Rejected as exc:
                form = self._learn(form, exc)
                if form is None:
                    raise
            else:
                return
        raise Rejected("known to be refused as a rich message")

    def form(self, message: Message) -> Message | None:
        """What to offer of a rich message; None: nothing, its classic form is to go."""
        if not self.open:
            return None
        form: Message | None = message
        while form is not None and (known := _key(form)) in self._instead:
            form = self._instead[known]
        return form

    def _learn(self, message: Message, exc: Rejected) -> Message | None:
        """What to offer in place of a refused message, kept for the next time; None: nothing."""
        if isinstance(exc, NoMethod):
            if self.open:
                log.warning("rich.unknown", platform="telegram", now="cards", reason=str(exc))
            self.open = False
            return None
        instead = without_figure(message) if isinstance(exc, FigureRefused) else None
        how = "without its pictures" if instead else "as a card"
        log.info("rich.refused", platform="telegram", papers=message.papers, now=how, reason=str(exc))
        if not _OF_CHAT.search(str(exc).casefold()):
            self._instead[_key(message)] = instead
        while len(self._instead) > REMEMBERED:
            self._instead.popitem(last=False)
        return instead


def _key(message: Message) -> int:
    return hash(message.request["params"]["rich_message"]["html"])
