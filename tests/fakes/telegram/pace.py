"""How fast a bot may speak (LIMITS of https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this)."""

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.fakes.telegram.refusal import flooded
from tests.fakes.telegram.world import Chat

Rule = tuple[int, float]  # so many messages in any window of so many seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How fast a bot may speak."""

    overall: Rule = (30, 1.0)
    paid: Rule = (1000, 1.0)  # in place of `overall`, for what is sent as a paid broadcast
    private: Rule = (1, 1.0)  # to one person
    group: Rule = (20, 60.0)  # to one group or channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """A message that came too soon."""

    limit: (
        str  # overall, paid, private, group, or "told to wait" where it came before its retry_after was over
    )
    chat: int
    at: float
    wait: int  # seconds, as told


@dataclass(slots=True)
class Window:
    """At most so many in any so many seconds; `until` when the bot was told to wait till."""

    most: int
    seconds: float
    times: deque[float] = field(default_factory=deque)
    until: float = 0.0

    def free(self, now: float, items: int) -> float:
        """When so many more fit in; now, or later."""
        while self.times and self.times[0] <= now - self.seconds:
            self.times.popleft()
        surplus = len(self.times) + items - self.most
        if surplus <= 0 or not self.times:
            return now
        return self.times[min(surplus, len(self.times)) - 1] + self.seconds


class Pace:
    """Counts messages, and refuses those that come too soon; `slack` seconds of each window are forgiven."""

    def __init__(self, rules: Rules | None, *, slack: float, clock: Callable[[], float]) -> None:
        self.violations: list[Violation] = []
        self._rules = rules
        self._slack = slack
        self._clock = clock
        self._windows: dict[int | str, Window] = {}

    def take(self, chat: Chat, items: int = 1, *, paid: bool = False) -> None:
        """Count messages to a chat; raises Refusal (429) where they come too soon."""
        if not self._rules:
            return
        now, rules = self._clock(), self._rules
        lane, pace = ("paid", rules.paid) if paid else ("overall", rules.overall)
        asked = [(lane, self._window(lane, pace), items)]
        if chat.kind == "private":  # an album is one message to a person, and several to a group
            asked.append(("private", self._window(chat.id, rules.private), 1))
        else:
            asked.append(("group", self._window(chat.id, rules.group), items))
        for name, window, cost in asked:
            self._ask(name, window, cost, chat, now)
        for _name, window, cost in asked:
            window.times.extend([now] * cost)

    def _ask(self, name: str, window: Window, cost: int, chat: Chat, now: float) -> None:
        if now < window.until - self._slack:
            self._refuse("told to wait", window.until, chat, now)
        if (free := window.free(now, cost)) > now:
            window.until = now + self._wait(free, now)
            self._refuse(name, window.until, chat, now)

    def _wait(self, free: float, now: float) -> int:
        return max(1, math.ceil(free - now))

    def _refuse(self, limit: str, until: float, chat: Chat, now: float) -> None:
        wait = self._wait(until, now)
        self.violations.append(Violation(limit=limit, chat=chat.id, at=now, wait=wait))
        raise flooded(wait)

    def _window(self, key: int | str, rule: Rule) -> Window:
        if key not in self._windows:
            self._windows[key] = Window(rule[0], rule[1] - self._slack)
        return self._windows[key]
