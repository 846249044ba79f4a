"""Delivers what is owed now, for a process that ends then: nothing is left that has to wait a moment only."""

import asyncio
import time
from collections.abc import Callable

from bot.delivery.send import Sender
from bot.log import get_logger
from bot.storage import outbox
from bot.storage.database import Database

log = get_logger(__name__)

NEAR = 60.0  # seconds that a chat waits for its pace at most: a group takes so many messages a minute


async def drain(
    sender: Sender, database: Database, platform: str, *, clock: Callable[[], float] = time.time
) -> bool:
    """Deliver what is owed now, or within a minute; False where what is due does not go out."""
    stuck = False
    while True:
        before = sender.sent
        await sender.run(until_idle=True)
        async with database.reading() as connection:
            at = await outbox.next_turn(connection, [platform])
        if at is None or at - clock() > NEAR:
            return True
        if stuck and sender.sent == before:
            log.warning("delivery.delayed", platform=platform, now="the next pass sends the rest")
            return False
        stuck = sender.sent == before
        await asyncio.sleep(max(0.0, at - clock()))
