"""The gateway's sessions and connections."""

import asyncio
import json
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass(slots=True, kw_only=True)
class Limit:
    """How many sessions may be begun."""

    total: int = 1000
    used: int = 0
    seconds: float = 86_400.0
    max_concurrency: int = 1
    began: float = 0.0
    clock: Callable[[], float] = time.monotonic

    def left(self) -> int:
        """How many more; all again when the time is over."""
        if self.reset_after() == 0.0:
            self.used, self.began = 0, self.clock()
        return max(0, self.total - self.used)

    def reset_after(self) -> float:
        """Seconds until there are all again."""
        return max(0.0, self.began + self.seconds - self.clock())


@dataclass(slots=True, kw_only=True, eq=False)
class Session:
    """What a shard of the bot is told; it outlives its connections."""

    id: str
    shard: tuple[int, int]
    intents: int
    seq: int = 0
    events: list[str] = field(default_factory=list, repr=False)  # as sent, in order: number n is at n - 1
    line: "Line | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What the bot said to the gateway."""

    op: int
    data: Any
    at: float


class Line:
    """One connection."""

    def __init__(self, ws: web.WebSocketResponse, http: web.BaseRequest) -> None:
        self.ws = ws
        self._http = http
        self.session: Session | None = None
        self.beaten = time.monotonic()
        self.said = 0
        self.closing = False  # by this side
        self._packer = zlib.compressobj() if http.query.get("compress") == "zlib-stream" else None
        self._queue: asyncio.Queue[str | int] = asyncio.Queue()
        self.pumping = asyncio.create_task(self._pump())

    def say(self, op: int, data: Any = None) -> None:
        """Send something that is no event."""
        self.send(json.dumps({"t": None, "s": None, "op": op, "d": data}))

    def send(self, text: str) -> None:
        """Send a text."""
        self._queue.put_nowait(text)

    def close(self, code: int) -> None:
        """Close after what is yet to be sent."""
        self.closing = True
        self._queue.put_nowait(code)

    def cut(self) -> None:
        """Cut the connection without a word."""
        self.pumping.cancel()
        if self._http.transport:
            self._http.transport.abort()

    async def _pump(self) -> None:
        while True:
            item = await self._queue.get()
            if self.ws.closed:
                return
            if isinstance(item, int):
                await self.ws.close(code=item)
                return
            if self._packer:
                data = self._packer.compress(item.encode()) + self._packer.flush(zlib.Z_SYNC_FLUSH)
                await self.ws.send_bytes(data)
            else:
                await self.ws.send_str(item)
