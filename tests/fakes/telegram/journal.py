"""What the bot asked, what happened to it, and how a test waits for it."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.telegram.body import Upload
from tests.fakes.telegram.refusal import Answer
from tests.fakes.telegram.world import Chat, Json, Message

SPEAKING = ("sendMessage", "sendRich", "sendPhoto", "sendMedia", "sendDocument", "editMessage")


@dataclass(slots=True, kw_only=True, eq=False)
class Request:
    """A request as it came in; what became of it is known once it is `done`."""

    number: int
    method: str
    params: dict[str, Any] = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)
    at: float  # monotonic seconds at which it began to come in
    answered_at: float | None = None
    status: int | None = None  # None: cut off without an answer
    result: Any = None
    description: str | None = None  # of the error
    carried_out: bool = False

    @property
    def done(self) -> bool:
        return self.answered_at is not None

    @property
    def ok(self) -> bool:
        return self.status == 200 and self.description is None


@dataclass(slots=True, kw_only=True, eq=False)
class Event:
    """Something that people did: what the bot was told of it, and when."""

    kind: str  # message, callback_query, my_chat_member, ...
    body: Json
    update_id: int | None  # None: the bot is not told
    chat: Chat | None = None
    message: Message | None = None
    number: int = 0  # how many requests there were before
    at: float = field(default_factory=time.monotonic)

    @property
    def id(self) -> str:
        """Of a query."""
        return self.body["id"]

    def answered_by(self, request: Request) -> bool:
        """Whether a request is what the bot says to this."""
        if self.kind == "callback_query":
            return request.params.get("callback_query_id") == self.id
        if self.kind == "inline_query":
            return request.params.get("inline_query_id") == self.id
        return request.method.startswith(SPEAKING) and self._here(request.params.get("chat_id"))

    def _here(self, address: Any) -> bool:
        if self.chat is None:
            return False
        named = self.chat.username and str(address).casefold() == f"@{self.chat.username}".casefold()
        return str(address) == str(self.chat.id) or bool(named)


Test = Callable[[Request], object]


class Journal:
    """All requests, in the order in which they came."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self._bell: asyncio.Event | None = None

    def begin(self, method: str, at: float) -> Request:
        """Write down a request that comes in."""
        request = Request(number=len(self.requests), method=method, at=at)
        self.requests.append(request)
        return request

    def finish(self, request: Request, answer: Answer | None) -> None:
        """Write down what became of it; None: it was cut off."""
        request.answered_at = time.monotonic()
        if answer:
            request.status = answer.status
            request.result = answer.result
            request.description = answer.description
        if self._bell:
            self._bell.set()
            self._bell = None

    async def wait(self, test: Test, within: float, after: int, wanted: str) -> Request:
        """The first finished request that passes; raises AssertionError where none comes in time."""
        try:
            async with asyncio.timeout(within):
                return await self._first(test, after)
        except TimeoutError:
            raise AssertionError(self._missed(wanted, within, after)) from None

    async def _first(self, test: Test, after: int) -> Request:
        begun: list[Request] = []
        while True:
            news, after = [*begun, *self.requests[after:]], len(self.requests)
            begun = [request for request in news if not request.done]
            for request in news:
                if request.done and test(request):
                    return request
            self._bell = self._bell or asyncio.Event()
            await self._bell.wait()

    def _missed(self, wanted: str, within: float, after: int) -> str:
        came = [
            f"{r.method} {_brief(r.params)} -> {r.status} {r.description or ''}".rstrip()
            for r in self.requests[after:]
            if r.method != "getUpdates"
        ]
        return f"no {wanted} within {within:g} s; what came: {'; '.join(came[-10:]) or 'nothing'}"


def _brief(params: dict[str, Any]) -> str:
    told = repr(params)
    return told if len(told) <= 160 else told[:157] + "..."
