"""The process that is killed: `python -m tests.prove.telegram_child DATABASE URL TOKEN LEASE`."""

import asyncio
import os
import sys
import time

from bot.adapters.base import Limits
from bot.adapters.telegram.adapter import Telegram
from bot.delivery.send import Sender
from bot.storage.database import open_database


async def main(address: str, url: str, token: str, lease: float) -> None:
    """Deliver to Telegram for ever, however long others hold chats."""
    database = await open_database(address)
    telegram = Telegram(token, api_url=url, limits=Limits())
    holder = f"{os.getpid()}-{time.time_ns()}"
    await Sender(database, {"telegram": telegram}, holder=holder, lease=lease).run()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], float(sys.argv[4])))
