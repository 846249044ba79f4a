"""What the bot asked, what happened to it, and how a test waits for it."""

import asyncio
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from tests.fakes.discord.refusal import Answer, Refusal
from tests.fakes.discord.world import Channel, Json, Message, User

SAYING = {4, 7, 8, 9}  # kinds of first answers that say something; 5 and 6 only acknowledge


@dataclass(slots=True, kw_only=True, eq=False)
class Request:
    """A request as it came in; what became of it is known once it is `done`."""

    number: int
    method: str
    path: str  # below /api/v10
    route: str = ""  # "/channels/{channel_id}/messages"
    at: float  # monotonic seconds at which it began to come in
    json: Any = None
    query: dict[str, str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)  # by "files[0]"
    names: dict[str, str] = field(default_factory=dict)  # the files' names, by the same
    answered_at: float | None = None
    status: int | None = None  # None: cut off without an answer
    result: Any = None
    refusal: Refusal | None = None
    carried_out: bool = False

    @property
    def done(self) -> bool:
        return self.answered_at is not None

    @property
    def ok(self) -> bool:
        return self.status is not None and self.status < 300 and self.refusal is None

    @property
    def code(self) -> int | None:
        """Discord's number of the refusal."""
        return self.refusal.code if self.refusal else None

    @property
    def said(self) -> Json:
        """The message in it: of an interaction's first answer the data."""
        if self.route.endswith("/callback"):
            return self.json.get("data") or {}
        return self.json or {}


@dataclass(slots=True, kw_only=True, eq=False)
class Event:
    """Something that a person asked of the bot: what the bot was told of it, and what came of it."""

    kind: str  # slash, press, select, autocomplete
    body: Json
    user: User
    channel: Channel
    message: Message | None = None  # that was pressed
    number: int = 0  # how many requests there were before
    at: float = field(default_factory=time.monotonic)
    answered: int | None = None  # the kind of the first answer
    answered_at: float | None = None
    original: Message | None = None  # what @original means
    replies: list[Message] = field(default_factory=list)
    choices: list[Json] | None = None  # of autocomplete
    modal: Json | None = None
    thinking: bool = False  # a deferred answer is yet to come
    followups: int = 0
    private: bool = False  # all its answers are seen by the person alone

    @property
    def id(self) -> str:
        return self.body["id"]

    @property
    def token(self) -> str:
        return self.body["token"]

    def meets(self, request: Request) -> bool:
        """Whether a request belongs to this."""
        return self.token in request.path

    def answered_by(self, request: Request) -> bool:
        """Whether a request is what the bot says to this, beyond that it has heard."""
        if not self.meets(request) or request.method not in {"POST", "PATCH"}:
            return False
        return not request.route.endswith("/callback") or (request.json or {}).get("type") in SAYING


Test = Callable[[Request], object]


class Journal:
    """All requests, in the order in which they came."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self._bell: asyncio.Event | None = None

    def begin(self, method: str, path: str, at: float) -> Request:
        """Write down a request that comes in."""
        request = Request(number=len(self.requests), method=method, path=path, at=at)
        self.requests.append(request)
        return request

    def finish(self, request: Request, answer: Answer | None) -> None:
        """Write down what became of it; None: it was cut off."""
        request.answered_at = time.monotonic()
        if answer:
            request.status = answer.status
            request.result = answer.result
            request.refusal = answer.refusal
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
            f"{r.method} {r.path} {_brief(r.json)} -> {r.status} {r.refusal or ''}".rstrip()
            for r in self.requests[after:]
        ]
        return f"no {wanted} within {within:g} s; what came: {'; '.join(came[-10:]) or 'nothing'}"


@cache
def pattern(path: str) -> re.Pattern[str]:
    """What a path with `*` or `{...}` for one piece of it matches; "*" alone is everything."""
    if path == "*":
        return re.compile(".*", re.S)
    return re.compile(re.sub(r"\\\*|\\\{\w+\\\}", "[^/]+", re.escape(path)))


def _brief(body: Any) -> str:
    told = repr(body)
    return told if len(told) <= 160 else told[:157] + "..."
