"""When a source is silent for longer than is usual for it, learnt from the days on which it had news.

No I/O. A weekday is usual where the source had news on at least half of its occurrences in the last
twelve weeks of news; silence is counted in usual weekdays, so that a free weekend is none. A source
without a usual weekday, one that is pushed in batches, is judged in the same way by plain days.

What happened once is an accident, what happened twice is a habit: the measure is the second-longest
gap. Silence has to be half as long again, since even a steady rhythm breaks its records: pushes every
24 days, give or take 8, would else be told three times a year, and so are once in four years.
"""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

ZONE = 8 * 3600  # seconds ahead of UTC: what the dates of the posts are written in
WEEKS = 12  # in which a weekday shows whether it is usual
LEAST = 4  # occurrences of every weekday, and days with news, before anything is judged
GRACE = 4  # usual weekdays without news that nobody minds

DAY = dt.timedelta(days=1)
EPOCH = dt.date(1970, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """A source has had nothing new for longer than is usual for it."""

    since: dt.date  # the last day with news
    days: int  # that have passed without, all weekdays counted
    usual: tuple[int, ...]  # the weekdays on which news was to be expected, Monday is 0; none: no rhythm


def day_of(at: float, zone: int = ZONE) -> dt.date:
    """The day that a moment, in seconds since the epoch, falls on, so many seconds ahead of UTC."""
    return EPOCH + (int(at) + zone) // 86400 * DAY


def judge(days: Collection[dt.date], today: dt.date) -> Silence | None:
    """Whether the source is silent for longer than usual; today, which is not over, does not count."""
    known = sorted({day for day in days if day <= today})
    if len(known) < LEAST or (today - known[0]).days < 7 * LEAST:
        return None
    last = known[-1]
    usual = _usual(known)
    gaps = sorted(_passed(before, after, usual) for before, after in pairwise(known))
    if _passed(last, today, usual) <= max(GRACE, gaps[-2] * 3 // 2):
        return None
    return Silence(since=last, days=(today - last).days - 1, usual=usual)


def _usual(known: Sequence[dt.date]) -> tuple[int, ...]:
    """The usual weekdays; of a history that broke off early, over as long as is needed to judge it."""
    until = max(known[-1], known[0] + (7 * LEAST - 1) * DAY)
    since = max(known[0], until - (7 * WEEKS - 1) * DAY)
    occurred, brought = [0] * 7, [0] * 7
    for number in range((until - since).days + 1):
        occurred[(since.weekday() + number) % 7] += 1
    for day in known:
        brought[day.weekday()] += day >= since
    return tuple(at for at in range(7) if 2 * brought[at] >= occurred[at])


def _passed(before: dt.date, after: dt.date, usual: Collection[int]) -> int:
    """The usual days between two days, or all where none is usual."""
    weeks, rest = divmod((after - before).days - 1, 7)
    if weeks < 0:
        return 0
    weekdays = usual or range(7)
    return weeks * len(weekdays) + sum(
        (before.weekday() + number) % 7 in weekdays for number in range(1, rest + 1)
    )
