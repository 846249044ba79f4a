"""The process that is killed: `python -m tests.prove.child DATABASE PORT LEASE`."""

import asyncio
import os
import sys
import time

from bot.delivery.send import Sender
from bot.storage.database import open_database
from tests.prove.wire import Wire


async def main(address: str, port: int, lease: float) -> None:
    """Deliver until nothing is owed, however long others hold chats."""
    database = await open_database(address)
    wire = Wire(port)
    await wire.connect()
    sender = Sender(database, {"wire": wire}, holder=f"{os.getpid()}-{time.time_ns()}", lease=lease)
    await sender.run()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])))
