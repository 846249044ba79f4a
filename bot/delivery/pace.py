"""How fast we may speak to a platform and a chat: people first, broadcasts behind, no limit ever exceeded.

Limits are sliding logs, not buckets: before a message goes, the `count`-th last one must be a whole
window ago, so no window of that length ever holds more than `count`, wherever it begins. Three
choices make that bearable:

- A window is held `MARGIN` longer than told. The platform counts when messages arrive, and one that
  was slow on the way falls into the window of those that were fast: with 1 s we bear 10 ms.
- Bulk is spread evenly, at `SHARE` of the allowed rate, where a sliding log alone would send 30 at once
  and then leave a person waiting for a second. Spread out, places come free one by one as well, and the
  next one is a person's; bulk makes up for it by leaving one of its own out. At 30/s bulk keeps 34.0 ms
  between two messages, so the 29 before fill 0.986 s of the 1.01 s window, and a person waits 24 ms at
  most, then 34 ms for each who asked just before. A place kept free would spare them that, at 1/30 of
  the rate, which is more than the 3 in 100 that may be given up; this costs 1/50.
- A group's window cannot be spread (its digest should arrive in one piece), so bulk leaves a tenth of it
  to people: 2 of 20.
"""

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable, Sequence
from enum import IntEnum
from heapq import heappop, heappush
from itertools import count
from math import inf

from bot.adapters.base import Limits
from bot.meter import Meter

MARGIN = 1.01  # a window of 1 s is held for 1.01 s
SHARE = 0.98  # of the allowed rate, for all while there is bulk
LATE = 0.05  # seconds that the event loop may stall without bulk losing its place for good
MEMORY = 10.0  # seconds for which a chat's turn in the round is remembered while it asks for nothing
Clock = Callable[[], float]
TICK = 1e-6  # seconds; less may be nothing at all beside a large clock reading


class Lane(IntEnum):
    """Who is waiting."""

    PEOPLE = 0  # an answer to somebody
    BULK = 1  # what was not asked for just now


class _Line:
    """Those who wait to speak in one chat on one lane, first come first served."""

    __slots__ = ("chat", "lane", "queued", "waiters")

    def __init__(self, chat: "_Chat", lane: Lane) -> None:
        self.chat = chat
        self.lane = lane
        self.waiters: OrderedDict[asyncio.Future[None], None] = OrderedDict()
        self.queued = False  # stands in a heap: at most once, so that heaps stay as small as their lines


class _Chat:
    """What is remembered of a chat while it matters."""

    __slots__ = ("group", "held", "key", "leaving", "lines", "log", "resting", "served")

    def __init__(self, key: Hashable, served: int) -> None:
        self.key = key
        self.served = served  # messages in bulk: the least served goes first
        self.group = False
        self.held = -inf
        self.leaving = False  # a message was let go, and its sender has not run yet
        self.resting = False
        self.log: list[float] = []
        self.lines: dict[Lane, _Line] = {}

    @property
    def busy(self) -> bool:
        return self.leaving or any(line.queued for line in self.lines.values())

    def line(self, lane: Lane) -> _Line:
        if lane not in self.lines:
            self.lines[lane] = _Line(self, lane)
        return self.lines[lane]


class Pace:
    """The pace of one platform. Belongs to one event loop; it has one timer and never polls.

    Lines wait in `_asleep` until their chat may speak, then in `_ready` for a place in the overall
    window: people by arrival, bulk by how little the chat has been served. An entry may be out of
    date only towards too early, so it is checked when it comes out and put back if need be.
    """

    def __init__(
        self, limits: Limits, *, clock: Clock = time.monotonic, name: str = "", meter: Meter | None = None
    ) -> None:
        self._clock = clock
        self._name = name  # of the platform, to the meter
        self._meter = meter or Meter()
        self._overall, chat, group = (
            (limit[0], limit[1] * MARGIN) if limit else None
            for limit in (limits.overall, limits.chat, limits.group)
        )
        self._chat_limits = [limit for limit in (chat,) if limit]
        self._group_limits = [limit for limit in (chat, group) if limit]
        self._kept = max([1, *(places for places, _ in self._group_limits)])  # messages remembered of a chat
        self._memory = max([MEMORY, *(seconds for _, seconds in self._group_limits)])
        self._spacing = limits.overall[1] / limits.overall[0] / SHARE if limits.overall else 0.0
        self._log: deque[float] = deque(maxlen=limits.overall[0] if limits.overall else 0)
        self._leaving = 0
        self._held = -inf
        self._bulk_at = -inf  # when the next one in bulk may go
        self._round = 0  # how often those were served whose turn it is: newcomers begin here
        self._chats: dict[Hashable, _Chat] = {}
        self._numbers = count()
        self._asleep: list[tuple[float, int, _Line]] = []
        self._ready: dict[Lane, list[tuple[int, int, _Line]]] = {lane: [] for lane in Lane}
        self._resting: list[tuple[float, int, _Chat]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = inf

    async def turn(self, chat: Hashable, *, group: bool, lane: Lane) -> None:
        """Return when one message may go to a chat, now; a cancelled call leaves no trace."""
        asked = self._clock()
        place = self._find(chat)
        place.group = group
        line = place.line(lane)
        if lane is Lane.BULK and not line.waiters:
            place.served = max(place.served, self._round)
        waiter = asyncio.get_running_loop().create_future()
        line.waiters[waiter] = None
        self._queue(line)
        self._let_go()
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter.cancelled():
                line.waiters.pop(waiter, None)
            else:
                self._stay(line)
            raise
        self._leave(line)
        self._meter.waited(self._name, lane.name, self._clock() - asked)

    def hold(self, seconds: float, chat: Hashable | None = None) -> None:
        """Let nothing go to a chat (None: to any) for so long; never shortens what was said before."""
        self._meter.held(self._name)
        until = self._clock() + seconds
        if chat is None:
            self._held = max(self._held, until)
            return
        place = self._find(chat)
        place.held = max(place.held, until)
        self._rest(place)

    def wait(self, chat: Hashable, *, group: bool) -> float:
        """Seconds until a chat may be sent its next message in bulk, 0.0 for now.

        What all chats wait for in common, the overall window, does not count: it is no reason to
        take another chat. A hold of the whole platform counts.
        """
        now, due = self._clock(), self._held
        if place := self._chats.get(chat):
            log = [*place.log, now] if place.leaving else place.log
            due = max(due, place.held, self._free(log, group, Lane.BULK))
        return max(0.0, due - now)

    def _find(self, key: Hashable) -> _Chat:
        self._forget()
        if key not in self._chats:
            self._chats[key] = _Chat(key, self._round)
        return self._chats[key]

    def _leave(self, line: _Line) -> None:
        """Count a message at the moment it goes: since it was let go the loop may have stalled."""
        now = self._clock()
        self._leaving -= 1
        self._log.append(now)
        line.chat.log.append(now)
        del line.chat.log[: -self._kept]
        self._go_on(line.chat)

    def _stay(self, line: _Line) -> None:
        """Take back a message that was let go and whose sender was cancelled before it ran."""
        self._leaving -= 1
        if line.lane is Lane.BULK:
            line.chat.served -= 1
        self._bulk_at -= self._spacing
        self._go_on(line.chat)

    def _go_on(self, chat: _Chat) -> None:
        chat.leaving = False
        for line in chat.lines.values():
            if line.waiters:
                self._queue(line)
        self._rest(chat)
        if self._asleep or any(self._ready.values()):
            self._let_go()

    def _queue(self, line: _Line) -> None:
        if not line.queued and not line.chat.leaving:
            line.queued = True
            heappush(self._asleep, (self._due(line), next(self._numbers), line))

    def _due(self, line: _Line) -> float:
        return max(line.chat.held, self._free(line.chat.log, line.chat.group, line.lane))

    def _free(self, log: Sequence[float], group: bool, lane: Lane) -> float:
        """When a chat with this log may get one more."""
        due = -inf
        for limit in self._group_limits if group else self._chat_limits:
            places = limit[0] - (limit[0] // 10 if lane is Lane.BULK else 0)
            if len(log) >= places:
                due = max(due, log[-places] + limit[1])
        return due

    def _open_at(self) -> float:
        """When the platform as a whole takes one more; inf: ask again when one that was let go has gone."""
        if not self._overall:
            return self._held
        places = self._overall[0] - self._leaving
        if places <= 0:
            return inf
        return max(self._held, self._log[-places] + self._overall[1] if len(self._log) >= places else -inf)

    def _let_go(self) -> None:
        """Wake as many as may go now, and set the timer for the next."""
        now = self._clock()
        if not self._ready[Lane.BULK]:
            self._bulk_at = max(self._bulk_at, now)  # nobody was late: there is nothing to catch up
        while self._asleep and self._asleep[0][0] <= now:
            _, number, awake = heappop(self._asleep)
            rank = awake.chat.served if awake.lane is Lane.BULK else 0
            heappush(self._ready[awake.lane], (rank, number, awake))
        while self._open_at() <= now and (line := self._next(now)):
            self._wake(line, now)
        self._set_timer(now)

    def _next(self, now: float) -> _Line | None:
        """Take out the line whose turn it is, if it may go now."""
        for lane, ready in self._ready.items():
            while ready and (lane is Lane.PEOPLE or self._bulk_at <= now):
                line = heappop(ready)[2]
                line.queued = False
                while line.waiters and next(iter(line.waiters)).done():
                    line.waiters.popitem(last=False)
                if not line.waiters:
                    self._rest(line.chat)
                elif not line.chat.leaving and self._due(line) <= now:
                    return line
                else:
                    self._queue(line)
        return None

    def _wake(self, line: _Line, now: float) -> None:
        waiter, _ = line.waiters.popitem(last=False)
        line.chat.leaving = True
        self._leaving += 1
        if line.lane is Lane.BULK:
            self._round = max(self._round, line.chat.served)
            line.chat.served += 1
        self._bulk_at = max(self._bulk_at, now - max(self._spacing, LATE)) + self._spacing
        waiter.set_result(None)

    def _set_timer(self, now: float) -> None:
        next_awake = self._asleep[0][0] if self._asleep else inf
        next_bulk = self._bulk_at if self._ready[Lane.BULK] else inf
        next_person = now if self._ready[Lane.PEOPLE] else inf
        due = max(min(next_awake, next_bulk, next_person), self._open_at())
        if due < self._timer_at:
            if self._timer:
                self._timer.cancel()
            self._timer = asyncio.get_running_loop().call_later(max(due - now, TICK), self._ring)
            self._timer_at = due

    def _ring(self) -> None:
        self._timer, self._timer_at = None, inf
        self._let_go()

    def _rest(self, chat: _Chat) -> None:
        """Let a chat be forgotten in time, once nobody waits in it."""
        if not chat.resting and not chat.busy:
            chat.resting = True
            heappush(self._resting, (self._rested(chat), next(self._numbers), chat))

    def _rested(self, chat: _Chat) -> float:
        return max(chat.held, chat.log[-1] + self._memory if chat.log else -inf)

    def _forget(self) -> None:
        """Forget up to two chats, twice as many as a turn can bring: none pile up, and there is no pause."""
        now = self._clock()
        for _ in range(2):
            if not self._resting or self._resting[0][0] > now:
                return
            chat = heappop(self._resting)[2]
            chat.resting = False
            if self._rested(chat) > now:
                self._rest(chat)
            elif not chat.busy:
                del self._chats[chat.key]
