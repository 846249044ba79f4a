"""Records what was confirmed: the records of many chats in one transaction, each awaited by its own chat."""

import asyncio
import time
from dataclasses import dataclass

from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError

from bot.delivery.trouble import STUCK, Trouble
from bot.log import get_logger
from bot.meter import Meter
from bot.storage import outbox, rooms
from bot.storage.database import Database
from bot.storage.outbox import Mark, Release
from bot.storage.rooms import Room

log = get_logger(__name__)

FIRST_PAUSE = 0.1  # seconds before a record that failed is tried again
LONGEST_PAUSE = 5.0


@dataclass(frozen=True, slots=True)
class _Record:
    marks: tuple[Mark, ...]
    release: Release | None
    room: Room | None
    done: asyncio.Future[None]


class Ledger:
    """Writes records down in the order in which they come; while a batch is written the next gathers."""

    def __init__(self, database: Database, holder: str, meter: Meter) -> None:
        self._database = database
        self._holder = holder
        self._meter = meter
        self._waiting: list[_Record] = []
        self._news = asyncio.Event()
        self._trouble = Trouble("recording what was delivered")

    async def record(self, *marks: Mark, release: Release | None = None, room: Room | None = None) -> None:
        """Return once the record is durable."""
        done = asyncio.get_running_loop().create_future()
        self._waiting.append(_Record(marks, release, room, done))
        self._news.set()
        await done

    async def run(self) -> None:
        """Write records until cancelled. A database that is away is tried again: confirmed is confirmed."""
        while True:
            await self._news.wait()
            self._news.clear()
            batch, self._waiting = self._waiting, []
            await self._write(batch)
            for record in batch:
                if not record.done.done():
                    record.done.set_result(None)

    async def _write(self, batch: list[_Record]) -> None:
        pause = FIRST_PAUSE
        while True:
            try:
                await self._try(batch)
                return
            except (DataError, IntegrityError):
                await self._write_each(batch)
                return
            except (SQLAlchemyError, OSError) as exc:
                self._trouble.begin(exc)
                await asyncio.sleep(pause)
                pause = min(LONGEST_PAUSE, 2 * pause)

    async def _write_each(self, batch: list[_Record]) -> None:
        """Write one by one what cannot be written together: one that no database takes holds nobody up."""
        for record in batch if len(batch) > 1 else ():
            await self._write([record])
        if len(batch) == 1:
            log.exception("record.refused", deliveries=[mark.id for mark in batch[0].marks])

    async def _try(self, batch: list[_Record]) -> None:
        began = time.monotonic()
        async with asyncio.timeout(STUCK), self._database.writing() as connection:
            marks = [mark for record in batch for mark in record.marks]
            await outbox.settle(connection, marks, holder=self._holder)
            made = [record.room for record in batch if record.room]
            await rooms.keep(connection, made, holder=self._holder)
            ended = [record.release for record in batch if record.release]
            await outbox.release(connection, ended, holder=self._holder)
        self._meter.recorded(time.monotonic() - began)
        self._trouble.end()
