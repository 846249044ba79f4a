"""Changes of when a chat is served, from words as people write them."""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace

from bot.commands.base import Refusal
from bot.model import Quiet, Schedule, When
from bot.when import check_zone, parse_time

WEEK = frozenset(range(7))
WORK = frozenset(range(5))
MORNING = dt.time(8)  # where a chat wants a daily digest and has named no hour

_ENGLISH = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CHINESE = "一二三四五六日"
_GROUPS = {
    "all": WEEK, "every day": WEEK, "everyday": WEEK, "daily": WEEK, "每天": WEEK, "每日": WEEK, "全部": WEEK,
    "weekdays": WORK, "workdays": WORK, "工作日": WORK,
    "weekend": WEEK - WORK, "weekends": WEEK - WORK, "周末": WEEK - WORK,
}  # fmt: skip
_CHINESE_DAY = re.compile(r"(?:周|週|星期|礼拜) ?([一二三四五六日天])")
_TO = re.compile(r"\s*(?:[-–—~〜至到]|\bto\b|\buntil\b)\s*")
_APART = re.compile(r"(?:[\s,、;/&和]|\band\b)+")
_HOURS = re.compile(r"([0-9:.]+)\s*(?:[-–—~〜至到]|\bto\b|\buntil\b)\s*([0-9:.]+)(.*)")
_FILLING = {"at", "on", "every", "the"}
_OFF = {"off", "no", "none", "never", "关", "关闭", "无", "不"}
_SILENT = {"silent", "silently", "mute", "静音", "静默", "无声"}
_HOLD = {"hold", "held", "wait", "later", "暂存", "推迟", "保留", "等待"}

Change = Callable[[Schedule], Schedule]


def instant(value: str) -> Change:
    """As papers appear, on some days only where they are named."""
    days = _days(value) if _plain(value) else None

    def change(old: Schedule) -> Schedule:
        return replace(old, when=When.INSTANT, weekdays=days or _kept(old))

    return change


def daily(value: str) -> Change:
    """Once a day: "07:30", "07:30 mon-fri"; what is not named stays."""
    at, rest = _time(value)
    days = _days(rest) if rest else None

    def change(old: Schedule) -> Schedule:
        hour = at or old.at or MORNING
        return replace(old, when=When.DAILY, at=hour, weekdays=days or _kept(old))

    return change


def weekly(value: str) -> Change:
    """Once a week: "mon 09:00"; what is not named stays, or is Monday.

    Raises:
        Refusal: more than one day is named, or none that is one.
    """
    at, rest = _time(value)
    days = _days(rest) if rest else None
    if days and len(days) > 1:
        raise Refusal("days_one")

    def change(old: Schedule) -> Schedule:
        kept = old.weekdays if len(old.weekdays) == 1 else frozenset({0})
        return replace(old, when=When.WEEKLY, at=at or old.at or MORNING, weekdays=days or kept)

    return change


def hour(value: str) -> Change:
    """At this time of day; a chat that was served at once is served daily then."""
    at = parse_time(_plain(value))

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
    chosen = _days(value)

    def change(old: Schedule) -> Schedule:
        if old.when is When.WEEKLY and len(chosen) > 1:
            raise Refusal("days_one")
        return replace(old, weekdays=chosen)

    return change


def day(value: str) -> Change:
    """On this day, by its number from Monday, 0, or no longer; a weekly digest on this day alone.

    Raises:
        Refusal: it is no day, or (when it is applied) the last one.
    """
    if value not in map(str, range(7)):
        raise Refusal("stale")
    one = frozenset({int(value)})

    def change(old: Schedule) -> Schedule:
        if old.when is When.WEEKLY:
            return replace(old, weekdays=one)
        if old.weekdays == one:
            raise Refusal("days_none")
        return replace(old, weekdays=old.weekdays ^ one)

    return change


def quiet(value: str) -> Change:
    """Quiet hours: "22:00-07:00", with "silent" or "hold" behind or alone; "off".

    Raises:
        Refusal: it is none of these, or (when it is applied) there are no hours to be silent in.
    """
    plain = _plain(value)
    if plain in _OFF:
        return lambda old: replace(old, quiet=None)
    if plain in _SILENT | _HOLD:
        return _hush(plain in _SILENT)
    found = _HOURS.fullmatch(plain)
    rest = found[3].strip() if found else ""
    if found is None or not (rest in _SILENT | _HOLD or not rest):
        raise Refusal("quiet_wrong")
    start, end = parse_time(found[1]), parse_time(found[2])

    def change(old: Schedule) -> Schedule:
        silent = rest in _SILENT or (not rest and old.quiet is not None and old.quiet.silent)
        return replace(old, quiet=Quiet(start=start, end=end, silent=silent) if start != end else None)

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


def _time(value: str) -> tuple[dt.time | None, str]:
    """The time in a text, and the rest of it."""
    words = [word for word in _in_english(_plain(value)).split() if word not in _FILLING]
    timed = [word for word in words if re.search("[0-9]", word)]
    rest = [word for word in words if word not in timed]
    if timed and {"am", "pm"} & set(rest):
        parse_time(" ".join(words))
    return (parse_time(" ".join(timed)) if timed else None), " ".join(rest)


def _days(text: str) -> frozenset[int]:
    """Days of the week as people write them.

    Raises:
        Refusal: a word is none.
    """
    plain = _plain(text)
    if plain in _GROUPS:
        return _GROUPS[plain]
    plain = _CHINESE_DAY.sub(
        lambda found: f" {_ENGLISH[_CHINESE.index(found[1].replace('天', '日'))]} ", plain
    )
    words = [word for word in _APART.split(_TO.sub("-", plain).strip()) if word and word not in _FILLING]
    found: set[int] = set()
    for word in words:
        first, dash, last = word.partition("-")
        begin = _day(first)
        found |= {(begin + step) % 7 for step in range((_day(last) - begin) % 7 + 1)} if dash else {begin}
    if not found:
        raise Refusal("days_wrong", text=text[:20])
    return frozenset(found)


def _in_english(text: str) -> str:
    return _CHINESE_DAY.sub(lambda found: f" {_ENGLISH[_CHINESE.index(found[1].replace('天', '日'))]} ", text)


def _day(word: str) -> int:
    matches = [number for number, name in enumerate(_ENGLISH) if name.startswith(word.rstrip("s") or "?")]
    if len(word) < 2 or len(matches) != 1:
        raise Refusal("days_wrong", text=word[:20])
    return matches[0]


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
