"""The process that is killed: `python -m tests.prove.discord_child DATABASE URL TOKEN LEASE`."""

import asyncio
import os
import sys
import time

from bot.adapters.base import Limits
from bot.adapters.discord.adapter import Discord
from bot.adapters.discord.api import Line, aim
from bot.adapters.discord.channels import Channels
from bot.adapters.discord.rooms import Rooms
from bot.adapters.discord.toll import Toll
from bot.delivery.send import Sender
from bot.storage.database import open_database


async def main(address: str, url: str, token: str, lease: float) -> None:
    """Deliver to Discord for ever, however long others hold chats."""
    aim(url)
    toll = Toll(most=10_000)
    line = Line(token, toll)
    discord = Discord(line, toll=toll, rooms=Rooms(line, Channels(line)), limits=Limits())
    database = await open_database(address)
    holder = f"{os.getpid()}-{time.time_ns()}"
    await Sender(database, {"discord": discord}, holder=holder, lease=lease).run()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], float(sys.argv[4])))
