"""The library's requests at the engine's pace: what answers people show counts like all the rest."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Protocol

from telegram.error import RetryAfter
from telegram.ext import BaseRateLimiter

from bot.adapters.telegram.errors import seconds
from bot.adapters.telegram.floods import Floods

BULK = "bulk"  # the `rate_limit_args` of a request that nobody waits for
AGAIN = 2  # times that a request is made again after it was told to wait
PATIENCE = 20.0  # seconds of being told to wait that a request bears in all: somebody waits for it
LONGEST = 60.0  # seconds of waiting for one turn, after which an answer is of no use to anybody
_SHOWING = ("send", "forward", "copy", "editMessage", "stopPoll")
_SILENT = ("sendChatAction", "sendMessageDraft", "sendRichMessageDraft")

Answer = bool | dict[str, Any] | list[dict[str, Any]]


class Turn(Protocol):
    """Returns when one message may go to a chat."""

    def __call__(self, address: str, group: bool, people: bool, /) -> Awaitable[None]: ...


class Limiter(BaseRateLimiter[Any]):
    """Asks for a turn before whatever shows something in a chat; told to wait, it says so and waits.

    An album counts as many messages as it has pictures. It goes at its first turn, and takes the
    others after that, behind whoever waits, so that an answer is not a picture a second late.
    """

    def __init__(self, turn: Turn, hold: Callable[[float, str | None], None]) -> None:
        """`hold` lets nothing go to a chat for so many seconds; None: to any."""
        self._turn = turn
        self._hold = hold
        self._floods = Floods()
        self._owed: set[asyncio.Task[None]] = set()

    async def initialize(self) -> None:
        """Nothing is needed."""

    async def shutdown(self) -> None:
        """Forget the turns that albums still owe."""
        for task in self._owed:
            task.cancel()

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, Answer]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: Any,
    ) -> Answer:
        """The answer to a request, made when it may be."""
        chat = _chat(endpoint, data)
        people, told, tries = rate_limit_args != BULK, 0.0, 0
        while True:
            if chat is not None:
                await self._wait(chat, people)
            try:
                answer = await callback(*args, **kwargs)
            except RetryAfter as exc:
                wait = seconds(exc)
                told, tries = told + wait, tries + 1
                if chat is not None:
                    self._hold(wait, None if self._floods.everywhere(chat) else chat)
                if tries > AGAIN or told > PATIENCE:
                    raise
                if chat is None:
                    await asyncio.sleep(wait)
                continue
            self._floods.taken()
            self._owe(chat, _size(data) - 1)
            return answer

    async def _wait(self, chat: str, people: bool) -> None:
        """Wait for a turn; whoever waits for an answer learns in the end that there is none."""
        try:
            async with asyncio.timeout(LONGEST if people else None):
                await self._turn(chat, _is_group(chat), people)
        except TimeoutError as exc:
            raise RetryAfter(int(LONGEST)) from exc

    def _owe(self, chat: str | None, turns: int) -> None:
        if chat is not None and turns > 0:
            task = asyncio.create_task(self._pay(chat, turns))
            self._owed.add(task)
            task.add_done_callback(self._owed.discard)

    async def _pay(self, chat: str, turns: int) -> None:
        for _ in range(turns):
            await self._turn(chat, _is_group(chat), False)


def _chat(endpoint: str, data: dict[str, Any]) -> str | None:
    """The chat in which a request shows something; None: it shows nothing, or nobody knows where."""
    if not endpoint.startswith(_SHOWING) or endpoint in _SILENT or data.get("chat_id") is None:
        return None
    return str(data["chat_id"])


def _is_group(chat: str) -> bool:
    """Whether it is a group or a channel, which are counted alike; people have positive numbers."""
    return chat.startswith(("-", "@"))


def _size(data: dict[str, Any]) -> int:
    """How many messages a request makes."""
    several = data.get("media") or data.get("message_ids") or ()
    return len(several) if isinstance(several, list | tuple) else 1
