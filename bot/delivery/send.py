"""Delivers what chats are owed, a few messages at a turn, many chats side by side.

A sender takes chats under a lease, sends message by message at the platform's pace, and records
each as soon as the platform has confirmed it: a crash at any point loses nothing and repeats at
most the one message in flight of each chat. After `SLICE` messages a chat goes to the end of the
line, so that every chat gets its first message before any gets its tenth.
"""

import asyncio
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from bot.adapters.base import Adapter, Heading, Message
from bot.delivery.bring import bring
from bot.delivery.keep import Keeper
from bot.delivery.ledger import Ledger
from bot.delivery.line import Line
from bot.delivery.load import Loader
from bot.delivery.pace import Lane, Pace
from bot.delivery.retry import after_failure
from bot.delivery.tally import refusals, tally, tally_lost
from bot.delivery.trouble import STUCK, Trouble
from bot.delivery.turn import After, Digest, Renderer, Step, ended, heading, hush, made, steps
from bot.errors import DeliveryError, Gone, Moved, RateLimited, Transient, Unreachable
from bot.log import bind, get_logger
from bot.meter import Meter
from bot.model import Layout, Unsure
from bot.storage import outbox
from bot.storage.chats import Chat
from bot.storage.database import Database
from bot.storage.outbox import Owed

log = get_logger(__name__)

SLICE = 5  # messages a chat gets at a turn
CHATS = 200  # that are served side by side
LEASE = 20.0  # seconds; renewed every third of it
IDLE = 5.0  # seconds after which the outbox is looked at without being told to
PATIENCE = 2.0  # seconds of waiting for a chat's own pace, beyond which its place goes to another chat
FRESH = 60.0  # seconds after which posts are read again: another process may have changed them
OUTAGE = 15.0  # seconds, about, until a chat is tried again on a platform to which there was no way
MOVES = 3  # addresses that a message follows its chat to
FINISH = 7.0  # seconds that messages in flight get at the end


class Sender:
    """Sends for the platforms of its adapters until it is stopped."""

    def __init__(
        self,
        database: Database,
        adapters: Mapping[str, Adapter],
        *,
        holder: str,
        clock: Callable[[], float] = time.time,
        chance: random.Random | None = None,
        lease: float = LEASE,
        unsure: Unsure = Unsure.ONCE_MORE,
        meter: Meter | None = None,
    ) -> None:
        self.news = asyncio.Event()  # set it when something new may be owed
        self.idle = asyncio.Event()  # set while nothing is owed now
        self.sent = 0  # papers, since the start
        self.meter = meter or Meter()
        self._database = database
        self._adapters = adapters
        self._paces = {name: Pace(it.limits, name=name, meter=self.meter) for name, it in adapters.items()}
        self._holder = holder
        self._clock = clock
        self._chance = chance or random.Random()
        self._lease = lease
        self._unsure = unsure
        self._ledger = Ledger(database, holder, self.meter)
        self._loader = Loader()
        self._renderer = Renderer()
        self._keeper = Keeper(database, list(adapters), holder=holder, clock=clock, lease=lease)
        self._turns = self._keeper.turns
        self._flying: set[asyncio.Task[Any] | None] = set()
        self._stopping = False
        self._forgot = time.monotonic()
        self._line = Line(clock)
        self._ways = {name: Trouble("reaching the platform", platform=name) for name in adapters}
        self._trouble = Trouble("taking chats from the outbox")

    async def run(self, *, until_idle: bool = False) -> None:
        """Serve chats for ever, or until nothing is owed now; ends cleanly when cancelled."""
        self._stopping = False
        background = [asyncio.create_task(part) for part in (self._ledger.run(), self._keeper.run())]
        try:
            await self._serve_on(until_idle)
        finally:
            await self._finish()
            for task in background:
                task.cancel()
            await asyncio.gather(*background, return_exceptions=True)

    async def caught_up(self) -> None:
        """Return once nothing is owed now, of what was planned before."""
        self.idle.clear()
        self.news.set()
        await self.idle.wait()

    def forget(self) -> None:
        """Posts have changed: what was rendered is not to be shown any more."""
        self._forgot = time.monotonic()
        self._loader.forget()
        self._renderer.forget()

    def pace(self, platform: str) -> Pace:
        """How fast that platform may be spoken to, for whoever speaks to it beside this sender."""
        return self._paces[platform]

    async def answer(self, platform: str, address: str, message: Message, *, group: bool = False) -> None:
        """Send an answer to a person, before anything in bulk.

        Raises:
            DeliveryError: the platform did not take it.
        """
        adapter = self._adapters[platform]
        await self._paces[platform].turn(adapter.place(address), group=group, lane=Lane.PEOPLE)
        await adapter.send(address, message)

    async def _serve_on(self, until_idle: bool) -> None:
        while True:
            self.news.clear()
            if await self._take_more():
                self.idle.clear()
                continue
            soonest = None if self._turns else await self._soonest()
            if soonest is not None and soonest > 0:
                self.idle.set()
                if until_idle:
                    return
            await self._wait(soonest)

    async def _wait(self, soonest: float | None) -> None:
        """Wait for news, for a turn to end, or for the next one to be due."""
        told = asyncio.create_task(self.news.wait())
        limit = 0.1 if soonest is None else min(IDLE, max(soonest, 0.01))
        await asyncio.wait({told, *self._turns}, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
        told.cancel()

    async def _soonest(self) -> float:
        """Seconds until some chat can be served; not more than 0: now."""
        try:
            async with self._database.reading() as connection:
                at = await outbox.next_turn(connection, list(self._adapters))
        except (SQLAlchemyError, OSError):
            return 0.0
        return IDLE if at is None else at - self._line.now()

    async def _take_more(self) -> bool:
        """Start turns for chats that wait; False where there are none, or no room for more."""
        room = CHATS - len(self._turns)
        if room < CHATS // 4 or not self._adapters:
            return False
        began, now = time.monotonic(), self._line.now()
        if began - self._forgot > FRESH:
            self.forget()
        taken: list[Chat] = []
        digests: dict[int, list[Digest]] = {}
        try:
            async with asyncio.timeout(STUCK), self._database.writing() as connection:
                taken = await outbox.claim(
                    connection, list(self._adapters), holder=self._holder, now=now,
                    until=now + self._lease, most=room, serving=self._keeper.serving,
                )  # fmt: skip
            async with asyncio.timeout(STUCK), self._database.reading() as connection:
                owed = await outbox.owed(connection, [chat.id for chat in taken]) if taken else {}
                roomy = [chat.id for chat in taken if chat.layout is not Layout.PLAIN]
                digests = await self._loader.load(connection, owed, roomy)
            self._trouble.end()
        except (SQLAlchemyError, OSError) as exc:
            self._trouble.begin(exc)
            await asyncio.sleep(1.0)  # then what was taken is given back, with nothing of it sent
        for chat in taken:
            task = asyncio.create_task(self._turn(chat, digests.get(chat.id, []), began))
            self._turns[task] = chat.id
            task.add_done_callback(self._turns.pop)
        return bool(taken)

    async def _turn(self, chat: Chat, digests: list[Digest], began: float) -> None:
        """Serve one chat: up to `SLICE` messages, then give it back."""
        bind(chat=chat.id)
        after = After()
        try:
            after = await self._serve(chat, digests, began)
        except Exception:
            log.exception("turn.failed")
            after = After(wait=60.0)
        finally:
            if not self._stopping:
                release = ended(chat, after, now=self._clock(), line=self._line.end())
                await self._ledger.record(release=release)

    async def _serve(self, chat: Chat, digests: list[Digest], began: float) -> After:
        silent, wait = hush(chat.schedule, self._clock())
        if wait:
            return After(wait=wait)
        left, address = SLICE, chat.address
        failed: tuple[Owed, ...] = ()
        rooms: dict[int, str] = {}
        for digest in digests:
            rendered = self._renderer.render(self._adapters[chat.platform], chat, digest)
            todo = steps(rendered, digest.rows)
            while step := next(todo, None):
                if step.continues(failed):
                    continue
                if left == 0 or self._stopping or self._keeper.lost(began):
                    return After(address=address)
                room = rooms.get(digest.post_id, digest.room)
                told = heading(chat, digest, step, room)
                after = await self._step(replace(chat, address=address), step, told, silent=silent)
                rooms[digest.post_id] = after.room or room
                address, left = after.address or address, left - 1
                failed = step.about if after.failed else ()
                if after.wait or after.gone:
                    return replace(after, address=address)
                todo = chain(after.rest, todo)
        return After(address=address)

    async def _step(self, chat: Chat, step: Step, told: Heading | None, *, silent: bool) -> After:
        """Send one message, record it, and say how to go on."""
        place = self._adapters[chat.platform].place(chat.address)
        if (wait := self._paces[chat.platform].wait(place, group=chat.group)) > PATIENCE:
            return After(wait=wait)
        await self._take_turn(chat)
        turn = asyncio.current_task()  # from here on it is in flight: nothing comes between, or pace is lost
        self._flying.add(turn)
        try:
            return await self._fly(chat, step, told, silent=silent)
        finally:
            self._flying.discard(turn)

    async def _fly(
        self, chat: Chat, step: Step, told: Heading | None, *, silent: bool, moves: int = MOVES
    ) -> After:
        try:
            turn, adapter = partial(self._take_turn, chat), self._adapters[chat.platform]
            with refusals(self.meter, chat.platform):
                arrived, room = await bring(step, chat, adapter, turn, silent=silent, heading=told)
        except Moved as exc:
            log.info("chat.moved")
            if not moves:
                return await self._fail(step, Transient(f"{exc}, as before: it is found nowhere"))
            moved = replace(chat, address=exc.address)
            await self._take_turn(moved)
            after = await self._fly(moved, step, told, silent=silent, moves=moves - 1)
            return replace(after, address=after.address or exc.address)
        except RateLimited as exc:
            place = self._adapters[chat.platform].place(chat.address)
            self._paces[chat.platform].hold(exc.seconds, None if exc.everywhere else place)
            return After(wait=exc.seconds)
        except Unreachable as exc:
            # Nothing is held: a way may be back any moment, and people are not to wait for its being tried.
            self._ways[chat.platform].begin(exc)
            return After(wait=OUTAGE * self._chance.uniform(0.5, 1.5))
        except Gone as exc:
            log.info("chat.paused", reason=str(exc))
            return After(gone=str(exc))
        except DeliveryError as exc:
            return await self._fail(step, exc)
        self._ways[chat.platform].end()
        await self._ledger.record(*arrived.marks(now := self._clock()), room=made(chat, step, told, room))
        self.sent += tally(self.meter, chat, arrived, now)
        if arrived is step:
            return After(room=room)
        self._renderer.forget()  # the adapter knows now what the platform takes
        return After(rest=step.instead()[1:], room=room)

    async def _fail(self, step: Step, exc: DeliveryError) -> After:
        """Record that a message did not arrive, and say whether it is tried again."""
        marks, wait = after_failure(step, exc, now=self._clock(), chance=self._chance, unsure=self._unsure)
        await self._ledger.record(*marks)
        if not wait:
            tally_lost(self.meter, step, exc)
        return After(wait=wait, failed=not wait)

    async def _take_turn(self, chat: Chat) -> None:
        place = self._adapters[chat.platform].place(chat.address)
        await self._paces[chat.platform].turn(place, group=chat.group, lane=Lane.BULK)

    async def _finish(self) -> None:
        """Let messages in flight arrive and be recorded; drop turns that only wait; give the chats back."""
        self._stopping = True
        for task in self._turns.keys() - self._flying:
            task.cancel()
        if self._flying:
            await asyncio.wait({task for task in self._flying if task}, timeout=FINISH)
        for task in set(self._turns):
            task.cancel()
        await asyncio.gather(*self._turns, return_exceptions=True)
        await self._keeper.give_back()
