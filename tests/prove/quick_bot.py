"""`python -m tests.prove.quick_bot run ...`: the program, with short leases, on the platform of `wire`.

WIRE_PORT says where its server listens.
"""

import asyncio
import os
from functools import partial

from bot import app
from bot.cli import main
from bot.delivery import roles, send
from bot.platforms.base import Platform
from tests.prove.wire import Wire

TERM, BEAT, FINISH = 2.0, 0.4, 2.0


class Late(Wire):
    """Connects when there is something to send."""

    def __init__(self) -> None:
        super().__init__(int(os.environ["WIRE_PORT"]))
        self._connecting = asyncio.Lock()

    async def send(self, address, message, *, silent=False):
        """As `Wire` does."""
        async with self._connecting:
            if self._writer is None:
                await self.connect()
        await super().send(address, message, silent=silent)


if __name__ == "__main__":
    app.platforms = lambda _config: {"wire": Platform(Late())}
    if not os.environ.get("WIRE_TERMS"):  # else those that operators get
        roles.TERM, roles.BEAT, send.FINISH = TERM, BEAT, FINISH
        app.Sender = partial(app.Sender, lease=TERM)
    main()
