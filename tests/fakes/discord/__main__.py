"""`python -m tests.fakes.discord`: the server in a process of its own, for measuring others.

Prints one line of JSON once it listens: url, token, and the ids of its servers, channels and people. Ends
when its standard input does, and prints what came, the seconds of CPU that it took, and for how long it stood
still at worst.
"""

import argparse
import asyncio
import json
import sys
import time

from tests.fakes.discord import Server
from tests.fakes.stall import watched


async def main() -> None:
    """Serve until nobody is there to be served."""
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.discord")
    parser.add_argument("--guilds", type=int, default=1)
    parser.add_argument("--channels", type=int, default=100, help="of each server")
    parser.add_argument("--people", type=int, default=10, help="in each server")
    parser.add_argument("--light", action="store_true")
    parser.add_argument("--strict-pace", action="store_true")
    asked = parser.parse_args()
    async with Server(light=asked.light, strict_pace=asked.strict_pace) as server:
        people = [server.user(f"Reader {n}") for n in range(asked.people)]
        guilds = [server.guild(f"Lab {n}", members=people) for n in range(asked.guilds)]
        channels = [server.text(guild, f"papers-{n}") for guild in guilds for n in range(asked.channels)]
        told: dict[str, object] = {"url": server.url, "token": server.token}
        told |= {"guilds": [guild.id for guild in guilds], "channels": [c.id for c in channels]}
        print(json.dumps(told | {"people": [user.id for user in people]}), flush=True)
        began = time.process_time()
        async with watched() as stall:
            await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        counted: dict[str, object] = {"requests": len(server.requests), "violations": len(server.violations)}
        counted |= {"cpu": round(time.process_time() - began, 3), "stalled": round(stall.seconds, 3)}
        counted["messages"] = sum(len(channel.messages) for channel in server.world.channels.values())
        print(json.dumps(counted | {"complaints": server.complaints[:5]}), flush=True)


asyncio.run(main())
