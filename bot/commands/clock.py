"""Hours and days of the week as people write them: 7am, 7:30 pm, 早上7点半; mon-fri, 周一至五. No I/O."""

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator

from bot.commands.base import Refusal
from bot.when import Misread, parse_time

WEEK = frozenset(range(7))
WORK = frozenset(range(5))

_ENGLISH = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SIGNS = "一二三四五六日天"
_GROUPS = {
    "all": WEEK, "everyday": WEEK, "daily": WEEK, "day": WEEK, "每天": WEEK, "每日": WEEK, "全部": WEEK,
    "weekday": WORK, "weekdays": WORK, "workdays": WORK, "工作日": WORK,
    "weekend": WEEK - WORK, "weekends": WEEK - WORK, "周末": WEEK - WORK, "週末": WEEK - WORK,
}  # fmt: skip
_EACH = re.compile("(?:每|逢){0,2}个?")
_NAMED = re.compile(rf"{_EACH.pattern}(?:周|週|星期|礼拜|禮拜) ?([{_SIGNS}]+)")
_WEEKLY = re.compile(rf"{_NAMED.pattern}|{_EACH.pattern}(?:工作日|周末|週末)")
_GLUED = re.compile(rf"{_WEEKLY.pattern}|每[天日]")
_TO = re.compile(r"\s*(?:[-–—~〜至到]|\b(?:to|until|till|through|thru)\b)\s*")
_APART = re.compile(r"(?:[\s,、;/&和及]|\band\b)+")
_FILLING = {"at", "on", "every", "each", "the", "from", "在", "于", "的"}

# In which hours of the day an hour of the clock is that stands beside such a word.
_HOURS = {
    "a": range(12), "p": range(12, 24), "noon": (12,), "midnight": (0,),
    "morning": range(12), "afternoon": range(12, 19), "evening": range(16, 24),
    "night": (*range(18, 24), *range(5)),
    "凌晨": range(7), "上午": range(1, 13), "中午": range(11, 15), "正午": (12,), "下午": range(12, 24),
    "傍晚": range(16, 21), "午夜": (23, 0, 1), "半夜": (*range(21, 24), *range(6)),
    "深夜": (*range(21, 24), *range(6)), "夜里": (*range(18, 24), *range(6)),
    **dict.fromkeys(("早上", "早晨", "清晨", "清早", "早"), range(4, 12)),
    **dict.fromkeys(("晚上", "晚间", "今晚", "晚"), (*range(17, 24), 0)),
}  # fmt: skip
_ALONE = {"noon": 12, "midnight": 0, "正午": 12, "中午": 12, "午夜": 0}
_PARTS = "|".join(sorted((name for name in _HOURS if not name.isascii()), key=len, reverse=True))
_DIGITS = "零一二三四五六七八九"
_NUMBER = rf"(?:\d\d?|[二三四五]?十[{_DIGITS}]?|[零〇]?[两{_DIGITS}]|〇)"
_TIME = re.compile(
    rf"(?P<before>{_PARTS})? ?(?<![\d:.周週期拜])"
    rf"(?:(?P<four>[0-2]\d[0-5]\d)|(?P<hour>{_NUMBER})(?:[:.](?P<minute>\d\d)|(?P<clock> ?[点點时時]"
    rf"(?: ?(?:(?P<part>半|[一三]刻)|整|钟|鐘|(?P<minutes>{_NUMBER}) ?分?))?))?)(?!\d|[:.]\d)"
    r"(?: ?(?P<half>[ap])(?:m\b|\.m\b\.?)"
    r"| (?:in the |at )?(?P<after>morning|afternoon|evening|night|noon|midnight)\b)?",
    re.ASCII,
)
_WORD = re.compile(r"\b(?:noon|midnight)\b|正午|中午|午夜")


def plain(text: str) -> str:
    """The text in half-width signs and small letters, single blanks between its words."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def read_time(text: str) -> dt.time:
    """A time of day.

    Raises:
        Misread: it is none, or more than that.
    """
    at, rest = split_time(text)
    if at is None or rest:
        raise _misread(text)
    return at


def split_time(text: str) -> tuple[dt.time | None, str]:
    """The time of day in a text, None where it names none, and the rest, without words that only fill.

    Raises:
        Misread: a number in it is no time of day, or there are several.
    """
    small = plain(text)
    found = next((found for found in _TIME.finditer(small) if _is_time(found)), None)
    found = found or _WORD.search(small)
    rest = small[: found.start()] + " " + small[found.end() :] if found else small
    if numbers := [word for word in rest.split() if re.search("[0-9]", word)]:
        raise _misread(text if found else " ".join(numbers))
    at = _time(found) if found else None
    return at, " ".join(word for word in rest.split() if word not in _FILLING)


def split_hours(text: str) -> tuple[dt.time, dt.time, str] | None:
    """Two times of day, "10pm-7am", and what stands behind them; None where they are not to be seen.

    Raises:
        Misread: one of the two is no time of day.
    """
    parts = _TO.split(plain(text).removeprefix("从"), maxsplit=1)
    if len(parts) < 2:
        return None
    (start, before), (end, rest) = map(split_time, parts)
    return None if start is None or end is None or before else (start, end, rest)


def read_days(text: str) -> frozenset[int]:
    """Days of the week, from 0, Monday.

    Raises:
        Refusal: a word is none.
    """
    small = _GLUED.sub(lambda found: f" {found[0].replace(' ', '')} ", plain(text))
    found: set[int] = set()
    chinese = False
    for word in _APART.split(_TO.sub("-", small).strip()):
        if word and word not in _FILLING:
            chinese = chinese or _NAMED.match(word) is not None
            found |= set(_span(word, chinese=chinese))
    if not found:
        raise Refusal("days_wrong", text=text[:20])
    return frozenset(found)


def starts_with_days(text: str) -> bool:
    """Whether a text begins with days of the week in Chinese: 每周一 09:00, 工作日."""
    return _WEEKLY.match(plain(text)) is not None


def _span(word: str, *, chinese: bool) -> Iterator[int]:
    """The days of a word, or from one to another; in Chinese the sign of a day may stand alone."""
    first, dash, last = word.partition("-")
    if not dash:
        yield from _days(word, chinese=chinese)
        return
    if not first or not last or "-" in last:
        raise Refusal("days_wrong", text=word[:20])
    *more, begin = _days(first, chinese=chinese)
    end, *rest = _days(last, chinese=chinese)
    yield from (*more, *((begin + step) % 7 for step in range((end - begin) % 7 + 1)), *rest)


def _days(word: str, *, chinese: bool) -> list[int]:
    if group := _GROUPS.get(word) or _GROUPS.get(_EACH.sub("", word, count=1)):
        return sorted(group)
    signs = named[1] if (named := _NAMED.fullmatch(word)) else word if chinese else ""
    if signs and set(signs) <= set(_SIGNS):
        return [min(_SIGNS.index(sign), 6) for sign in signs]
    matches = [number for number, name in enumerate(_ENGLISH) if name.startswith(word.rstrip("s") or "?")]
    if len(word) < 2 or len(matches) != 1:
        raise Refusal("days_wrong", text=word[:20])
    return matches


def _is_time(found: re.Match[str]) -> bool:
    """Whether a number is meant as a time: a bare one may be anything."""
    return any(found[name] for name in ("four", "minute", "clock", "before", "half", "after"))


def _time(found: re.Match[str]) -> dt.time:
    """The time of day that was found.

    Raises:
        Misread: there is no such time, or not in that part of the day.
    """
    if found.re is _WORD:
        return dt.time(_ALONE[found[0]])
    if found["four"]:
        hour, minute = int(found["four"][:2]), int(found["four"][2:])
    else:
        quarters = {"半": 30, "一刻": 15, "三刻": 45}
        hour = _number(found["hour"])
        minute = quarters.get(found["part"], 0) or _number(found["minute"] or found["minutes"] or "0")
    part = found["before"] or found["half"] or found["after"]
    allowed = {hour} if part is None else {hour, hour % 12, hour % 12 + 12} & set(_HOURS[part])
    if hour > 12 or part is None:
        allowed &= {hour}
    if (hour, minute) == (24, 0) or len(allowed) != 1 or minute > 59 or min(allowed) > 23:
        raise _misread("24:00" if hour == 24 else found[0])
    return dt.time(allowed.pop(), minute)


def _number(text: str) -> int:
    """A number in digits, or in Chinese up to 59."""
    if text.isdigit() and text.isascii():
        return int(text)
    tens, ten, ones = text.replace("两", "二").replace("〇", "零").rpartition("十")
    units = _DIGITS.index(ones[-1]) if ones else 0
    return (10 * (_DIGITS.index(tens) if tens else 1) if ten else 0) + units


def _misread(text: str) -> Misread:
    """Why a text is no time of day."""
    try:
        parse_time(plain(text))
    except Misread as exc:
        return exc
    return Misread(f"more than a time of day: {text[:20]!r}", "time_none", text=text[:20])
