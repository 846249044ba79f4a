"""A platform on the loopback: a server that records what arrives, an adapter that speaks to it.

One JSON line a message; the server records it after `delay` seconds and then answers its number, and
whoever sent it waits for that.
"""

import asyncio
import contextlib
import json
from itertools import count

from bot.adapters.base import Limits, Message
from bot.errors import Transient


class Server:
    """Records every message in the order of arrival, across all the processes that send."""

    def __init__(self, delay: float = 0.0) -> None:
        self.begun = 0  # messages that came in, on their way or arrived
        self.arrived: list[tuple[str, str, tuple[str, ...]]] = []
        self._delay = delay
        self._on_the_way: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> "Server":
        self._server = await asyncio.start_server(self._take, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_exc: object) -> None:
        for task in self._on_the_way:
            task.cancel()
        self._server.close()

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._server.sockets[0].getsockname()[1]

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while line := await reader.readline():
                if not line.endswith(b"\n"):
                    break  # the sender was killed in the middle of a line: it did not arrive
                self.begun += 1
                if not self._delay:
                    self._record(line, writer)
                    await writer.drain()
                    continue
                task = asyncio.create_task(self._bring(line, writer))
                self._on_the_way.add(task)
                task.add_done_callback(self._on_the_way.discard)
        writer.close()

    async def _bring(self, line: bytes, writer: asyncio.StreamWriter) -> None:
        """Record a message after its time on the way, also when its sender is dead by then."""
        await asyncio.sleep(self._delay)
        self._record(line, writer)

    def _record(self, line: bytes, writer: asyncio.StreamWriter) -> None:
        number, address, text, papers = json.loads(line)
        self.arrived.append((address, text, tuple(papers)))
        writer.write(f"{number}\n".encode())


class Wire:
    """The adapter of that platform."""

    platform = "wire"

    def __init__(self, port: int, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._port = port
        self._numbers = count()
        self._answers: dict[int, asyncio.Future[None]] = {}
        self._writer: asyncio.StreamWriter | None = None

    async def connect(self) -> None:
        """Open the connection; it stays open."""
        reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        self._listener = asyncio.create_task(self._listen(reader))

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        while line := await reader.readline():
            self._answers.pop(int(line)).set_result(None)

    def render(self, card, language):
        """One message a card."""
        return (Message(platform="wire", request={"text": card.title[0].text}, papers=card.papers),)

    def place(self, address):
        """Every address is a place of its own."""
        return address

    def plain(self, message):
        """There is no plainer form."""
        return

    async def send(self, address, message, *, silent=False):
        """Send a line and wait until the server has recorded it."""
        if self._writer is None:
            raise Transient("not connected")
        number = next(self._numbers)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        line = json.dumps([number, address, message.request["text"], message.papers])
        self._writer.write(line.encode() + b"\n")
        await answer
