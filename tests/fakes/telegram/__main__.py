"""`python -m tests.fakes.telegram`: the server in a process of its own, for measuring others.

Prints one line of JSON once it listens: url, token, and the ids of its chats. Ends when its standard input
does, and prints what came, the seconds of CPU that it took, and for how long it stood still at worst.
"""

import argparse
import asyncio
import json
import sys
import time

from tests.fakes.stall import watched
from tests.fakes.telegram import Server


async def main() -> None:
    """Serve until nobody is there to be served."""
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.telegram")
    parser.add_argument("--private", type=int, default=100)
    parser.add_argument("--groups", type=int, default=0)
    parser.add_argument("--light", action="store_true")
    parser.add_argument("--strict-pace", action="store_true")
    asked = parser.parse_args()
    async with Server(light=asked.light, strict_pace=asked.strict_pace) as server:
        owner = server.user("Olga")
        people = [server.user(f"Reader {n}") for n in range(asked.private)]
        groups = [server.group(f"Group {n}", creator=owner) for n in range(asked.groups)]
        told = {"url": server.url, "token": server.token}
        told |= {"private": [user.id for user in people], "groups": [group.id for group in groups]}
        print(json.dumps(told), flush=True)
        began = time.process_time()
        async with watched() as stall:
            await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        counted: dict[str, object] = {"requests": len(server.requests), "violations": len(server.violations)}
        counted["cpu"] = round(time.process_time() - began, 3)
        counted["stalled"] = round(stall.seconds, 3)
        standing = sum(len(chat.messages) for chat in server.world.chats.values())
        print(json.dumps(counted | {"messages": standing, "complaints": server.complaints[:5]}), flush=True)


asyncio.run(main())
