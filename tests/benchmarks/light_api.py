"""`python -m tests.benchmarks.light_api`: a Bot API that takes everything at once; prints its port."""

import asyncio
import json

MESSAGE = {
    "message_id": 1,
    "date": 1_795_000_000,
    "chat": {"id": 1, "type": "private", "first_name": "Anna"},
    "from": {"id": 2, "is_bot": True, "first_name": "Paperboy", "username": "paperboy_bot"},
    "text": "A message of some length, as Telegram gives it back. " * 10,
}
BODY = json.dumps({"ok": True, "result": MESSAGE}).encode()
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(BODY) + BODY


class Light(asyncio.Protocol):
    """Answers each request of a connection, always in the same words, once its body is there."""

    def __init__(self, answer: bytes = ANSWER) -> None:
        self._answer = answer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._got = b""

    def data_received(self, data: bytes) -> None:
        self._got += data
        while (end := self._got.find(b"\r\n\r\n")) >= 0:
            head = self._got[:end].lower()
            length = int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0] or 0)
            if len(self._got) < end + 4 + length:
                return
            self._got = self._got[end + 4 + length :]
            self._transport.write(self._answer)


async def main() -> None:
    """Serve until killed."""
    server = await asyncio.get_running_loop().create_server(Light, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
