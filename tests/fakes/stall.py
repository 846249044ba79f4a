"""Whether a process that measures others was itself let run."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

BEAT = 0.01  # seconds


class Stall:
    """The longest time for which this process stood still: what came meanwhile was served all at once."""

    seconds = 0.0

    async def watch(self) -> None:
        """Notice such times from now on."""
        while True:
            before = time.monotonic()
            await asyncio.sleep(BEAT)
            self.seconds = max(self.seconds, time.monotonic() - before - BEAT)


@contextlib.asynccontextmanager
async def watched() -> AsyncIterator[Stall]:
    """What is noticed while the block runs."""
    stall = Stall()
    watching = asyncio.create_task(stall.watch())
    try:
        yield stall
    finally:
        watching.cancel()
