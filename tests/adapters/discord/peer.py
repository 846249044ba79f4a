"""A small Discord on the loopback that does what a test tells it: takes, refuses, dawdles, breaks off.

It knows messages by their nonce, as Discord does: by author, wherever they go.
"""

import asyncio
import json
import re
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest
from aiohttp import web
from discord.http import Route

from bot.adapters.discord.api import aim

TOKEN = f"MTAxMjM0NTY3ODkwMTIzNDU2.{'Gabc12'}.{'not-a-secret-' * 2}x"


@dataclass(slots=True, kw_only=True)
class Got:
    """A request as it came."""

    method: str
    path: str  # below the API's own
    body: Any
    at: float
    headers: dict[str, str]
    status: int = 0


@dataclass(slots=True, kw_only=True)
class Answer:
    """What is answered instead of taking a request."""

    status: int = 200
    body: Any = None  # bytes and text as they are, all else as JSON
    headers: dict[str, str] = field(default_factory=dict)
    kind: str = "application/json"
    taken: bool = False  # the request is taken all the same
    cut: bool = False  # the connection ends instead
    wait: float = 0.0  # seconds before


class Peer:
    """What a bot can ask, and what it has asked."""

    def __init__(self) -> None:
        self.url = ""
        self.token = TOKEN
        self.got: list[Got] = []
        self.shown: dict[str, list[dict[str, Any]]] = defaultdict(list)  # by channel
        self.delay: Callable[[], float] = lambda: 0.0  # seconds between taking a message and saying so
        self._nonces: dict[str, dict[str, Any]] = {}
        self._ids = count(1000)
        self._script: list[tuple[re.Pattern[str], Answer, int | None]] = []

    def tell(self, what: str, *answers: Answer, times: int | None = 1, **answer: Any) -> None:
        """Answer requests like `POST /channels/7/messages`, a pattern, in this way; None: from now on."""
        for one in answers or (Answer(**answer),):
            self._script.append((re.compile(what), one, times))

    def refuse(self, what: str, status: int, code: int, *, times: int | None = 1, **more: Any) -> None:
        """Refuse such requests with one of Discord's codes."""
        self.tell(what, Answer(status=status, body={"message": "No", "code": code} | more), times=times)

    def asked(self, what: str = "") -> list[Got]:
        """The requests that are like this."""
        return [got for got in self.got if re.search(what, f"{got.method} {got.path}")]

    def heal(self) -> None:
        """Answer as Discord does, from now on."""
        self._script.clear()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        raw = await request.read()
        path = request.path.removeprefix("/api/v10")
        got = Got(method=request.method, path=path, body=json.loads(raw) if raw else None,
                  at=time.monotonic(), headers=dict(request.headers))  # fmt: skip
        self.got.append(got)
        told = self._next(f"{got.method} {got.path}")
        if told and told.wait:
            await asyncio.sleep(told.wait)
        if told is None or told.taken:
            status, body = await self._take(got)
            told = told or Answer(status=status, body=body)
        if told.cut:
            assert request.transport
            request.transport.abort()
        got.status = told.status
        body = told.body if isinstance(told.body, bytes | str) else json.dumps(told.body)
        raw = body.encode() if isinstance(body, str) else body
        # The library takes for JSON only what is headed exactly so.
        return web.Response(status=told.status, body=raw, headers={"Content-Type": told.kind} | told.headers)

    def _next(self, asked: str) -> Answer | None:
        for at, (pattern, answer, times) in enumerate(self._script):
            if pattern.search(asked):
                if times is not None:
                    self._script[at : at + 1] = [(pattern, answer, times - 1)] if times > 1 else []
                return answer
        return None

    async def _take(self, got: Got) -> tuple[int, Any]:
        if got.headers.get("Authorization") != f"Bot {self.token}":
            return 401, {"message": "401: Unauthorized", "code": 0}
        if got.path == "/users/@me":
            return 200, {"id": "1", "username": "paperboy", "discriminator": "0", "avatar": None}
        if got.path == "/users/@me/channels":
            return 200, {"id": f"9{got.body['recipient_id']}", "type": 1}
        if found := re.fullmatch(r"/channels/(\d+)/messages", got.path):
            taken = self._post(found[1], got.body)
            if (wait := self.delay()) > 0:
                await asyncio.sleep(wait)
            return 200, taken
        if re.fullmatch(r"/channels/\d+", got.path):
            return 200, {"id": got.path.rpartition("/")[2]}
        return 404, {"message": "404: Not Found", "code": 0}

    def _post(self, channel: str, body: dict[str, Any]) -> dict[str, Any]:
        nonce = body.get("nonce")
        if nonce and body.get("enforce_nonce") and nonce in self._nonces:
            return self._nonces[nonce]
        taken = body | {"id": str(next(self._ids)), "channel_id": channel}
        self.shown[channel].append(taken)
        if nonce:
            self._nonces[nonce] = taken
        return taken


@asynccontextmanager
async def listen() -> AsyncIterator[Peer]:
    """A peer that the library's requests go to."""
    peer = Peer()
    server = web.Server(peer.serve, handler_cancellation=True)
    runner = web.ServerRunner(server, shutdown_timeout=0.0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    peer.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Route, "BASE", Route.BASE)  # put back at the end
        aim(peer.url)
        try:
            yield peer
        finally:
            await runner.shutdown()
            await runner.cleanup()
