"""Changes of when a chat is served, from words as people write them."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

from bot.commands.base import Refusal
from bot.commands.clock import WEEK, plain, read_days, read_time, split_hours, split_time
from bot.model import Quiet, Schedule, When
from bot.when import check_zone

MORNING = dt.time(8)  # where a chat wants a daily digest and has named no hour

_OFF = {"off", "no", "none", "never", "关", "关闭", "无", "不"}
_SILENT = {"silent", "silently", "mute", "静音", "静默", "无声"}
_HOLD = {"hold", "held", "wait", "later", "暂存", "推迟", "保留", "等待"}

Change = Callable[[Schedule], Schedule]


def instant(value: str) -> Change:
    """As papers appear, on some days only where they are named."""
    days = read_days(value) if plain(value) else None

    def change(old: Schedule) -> Schedule:
        return replace(old, when=When.INSTANT, weekdays=days or _kept(old))

    return change


def daily(value: str) -> Change:
    """Once a day: "07:30", "7:30 am mon-fri"; what is not named stays."""
    at, rest = split_time(value)
    days = read_days(rest) if rest else None

    def change(old: Schedule) -> Schedule:
        hour = at or old.at or MORNING
        return replace(old, when=When.DAILY, at=hour, weekdays=days or _kept(old))

    return change


def weekly(value: str) -> Change:
    """Once a week: "mon 09:00"; what is not named stays, or is Monday.

    Raises:
        Refusal: more than one day is named, or none that is one.
    """
    at, rest = split_time(value)
    days = read_days(rest) if rest else None
    if days and len(days) > 1:
        raise Refusal("days_one")

    def change(old: Schedule) -> Schedule:
        kept = old.weekdays if len(old.weekdays) == 1 else frozenset({0})
        return replace(old, when=When.WEEKLY, at=at or old.at or MORNING, weekdays=days or kept)

    return change


def hour(value: str) -> Change:
    """At this time of day; a chat that was served at once is served daily then."""
    at = read_time(value)

    def change(old: Schedule) -> Schedule:
        return replace(old, at=at, when=When.DAILY if old.when is When.INSTANT else old.when)

    return change


def zone(value: str) -> Change:
    """By the clocks of this zone."""
    name = check_zone(value)
    return lambda old: replace(old, zone=name)


def days(value: str) -> Change:
    """On these days only.

    Raises:
        Refusal: (when it is applied) a weekly digest comes on one day.
    """
    chosen = read_days(value)

    def change(old: Schedule) -> Schedule:
        if old.when is When.WEEKLY and len(chosen) > 1:
            raise Refusal("days_one")
        return replace(old, weekdays=chosen)

    return change


def day(value: str) -> Change:
    """On this day too, "2:on", or no longer, "2:off", by its number from Monday, 0.

    A weekly digest comes on this day alone.

    Raises:
        Refusal: it is no day, or (when it is applied) the last one, or an old button said "2" alone,
            which a second tap would turn back.
    """
    number, _, turn = value.partition(":")
    if number not in map(str, range(7)) or turn not in ("", "on", "off"):
        raise Refusal("stale")
    one = frozenset({int(number)})

    def change(old: Schedule) -> Schedule:
        if turn == "off":
            if old.weekdays == one:
                raise Refusal("days_none")
            return replace(old, weekdays=old.weekdays - one)
        if old.when is When.WEEKLY:
            return replace(old, weekdays=one)
        if not turn:
            raise Refusal("menu_anew")
        return replace(old, weekdays=old.weekdays | one)

    return change


def quiet(value: str) -> Change:
    """Quiet hours: "22:00-07:00", with "silent" or "hold" behind or alone; "off".

    Raises:
        Refusal: it is none of these, or (when it is applied) there are no hours to be silent in.
    """
    small = plain(value)
    if small in _OFF:
        return lambda old: replace(old, quiet=None)
    if small in _SILENT | _HOLD:
        return _hush(small in _SILENT)
    start, end, rest = split_hours(small) or (None, None, "")
    if start is None or end is None or start == end or not (rest in _SILENT | _HOLD or not rest):
        raise Refusal("quiet_wrong")

    def change(old: Schedule) -> Schedule:
        silent = rest in _SILENT or (not rest and old.quiet is not None and old.quiet.silent)
        return replace(old, quiet=Quiet(start=start, end=end, silent=silent))

    return change


def _hush(silent: bool) -> Change:
    def change(old: Schedule) -> Schedule:
        if old.quiet is None:
            raise Refusal("quiet_none")
        return replace(old, quiet=replace(old.quiet, silent=silent))

    return change


def _kept(old: Schedule) -> frozenset[int]:
    """The days that stay where a chat is no longer served weekly."""
    return WEEK if old.when is When.WEEKLY else old.weekdays
