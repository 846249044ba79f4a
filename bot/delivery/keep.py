"""The leases of the chats that a sender serves: renewed, set right after the clock stepped, given back."""

import asyncio
import time
from collections.abc import Callable, Sequence

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.delivery.trouble import STUCK, Trouble, brief
from bot.log import get_logger
from bot.storage import outbox
from bot.storage.database import Database

log = get_logger(__name__)

RETURN = 0.8  # seconds that giving the chats back may take
MEND = 60.0  # seconds between two looks for chats that the outbox has lost
LONG = 3600.0  # seconds; a longer wait that is there at the start may be of a clock that stepped back since


class Keeper:
    """Keeps what one sender holds of its platforms."""

    def __init__(
        self,
        database: Database,
        platforms: Sequence[str],
        *,
        holder: str,
        clock: Callable[[], float],
        lease: float,
    ) -> None:
        self.turns: dict[asyncio.Task[None], int] = {}  # with the chat that each serves
        self._database = database
        self._platforms = platforms
        self._holder = holder
        self._clock = clock
        self._lease = lease
        self._renewed = time.monotonic()
        self._trouble = Trouble("renewing the leases of chats")

    @property
    def serving(self) -> set[int]:
        """The chats whose turn is not over."""
        return set(self.turns.values())

    async def run(self) -> None:
        """Renew the leases every third of their time, until cancelled; now and then mend the outbox."""
        steady, wall = time.monotonic(), self._clock()
        mended, stepped_back = float("-inf"), False
        begun = False
        while True:
            await asyncio.sleep(self._lease / 3)
            began, now = time.monotonic(), self._clock()
            stepped_back = stepped_back or now - wall < began - steady - self._lease / 6
            steady, wall = began, now
            try:
                async with asyncio.timeout(STUCK), self._database.writing() as connection:
                    if stepped_back or not begun:
                        await self._bring_forward(connection, now, stepped_back=stepped_back)
                    held = self.serving
                    await outbox.renew(connection, held, holder=self._holder, until=now + self._lease)
                    if mends := began - mended > MEND:
                        await outbox.mend(connection, now=now)
            except (SQLAlchemyError, OSError) as exc:
                self._trouble.begin(exc)
                continue
            self._trouble.end()
            self._renewed, stepped_back, begun = began, False, True
            mended = began if mends else mended

    def lost(self, began: float) -> bool:
        """Whether the turn that began then, and was not renewed since, may be another sender's by now."""
        return time.monotonic() - max(began, self._renewed) > self._lease * 0.9

    async def give_back(self) -> None:
        """End every lease, if the database takes it soon; else they run out."""
        try:
            async with asyncio.timeout(RETURN), self._database.writing() as connection:
                await outbox.release_all(connection, holder=self._holder)
        except (SQLAlchemyError, OSError) as exc:
            log.warning("lease.kept", work="sending", reason=brief(exc))

    async def _bring_forward(self, connection: AsyncConnection, now: float, *, stepped_back: bool) -> None:
        """Look now at what waits for other than its schedule; at the start only where it waits long."""
        if stepped_back:
            log.warning("clock.stepped")
        beyond = 0.0 if stepped_back else LONG
        await outbox.bring_forward(connection, self._platforms, now=now, beyond=beyond)
