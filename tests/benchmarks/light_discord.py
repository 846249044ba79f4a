"""`python -m tests.benchmarks.light_discord`: a Discord that takes everything at once; prints its port."""

import asyncio
import json
from functools import partial

from tests.benchmarks.light_api import Light

# What a message looks like to the library is enough of a user for logging in, too.
MESSAGE = {
    "id": "1100000000000000001",
    "channel_id": "1200000000000000001",
    "username": "paperboy",
    "discriminator": "0",
    "avatar": None,
    "content": "",
    "embeds": [{"title": "A title", "description": "Words, as Discord gives them back. " * 15}],
}
BODY = json.dumps(MESSAGE).encode()
HEADS = {
    "Content-Type": "application/json",
    "Content-Length": str(len(BODY)),
    "X-RateLimit-Limit": "5",
    "X-RateLimit-Remaining": "4",
    "X-RateLimit-Reset-After": "5.0",
    "X-RateLimit-Bucket": "messages",
}
LINES = "".join(f"{name}: {value}\r\n" for name, value in HEADS.items())
ANSWER = f"HTTP/1.1 200 OK\r\n{LINES}\r\n".encode() + BODY


async def main() -> None:
    """Serve until killed."""
    server = await asyncio.get_running_loop().create_server(partial(Light, ANSWER), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
