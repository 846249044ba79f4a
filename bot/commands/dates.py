"""Days as people write them behind or before a tag: 2026-11-20, 20.11., Nov 20, yesterday, 昨天. No I/O.

A day without a year is the last one that has been. 3/4 is the fourth of March, 3.4. the third of April;
in Chinese 3.4 is the fourth of March, too.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable

DAY = dt.timedelta(days=1)
AHEAD = DAY  # what is tomorrow here may be today elsewhere
LONGEST = 4096  # characters of what may hold a day
SPAN = 32  # characters of a day

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SIGNS = "一二三四五六日天"
_SAID = {
    "today": 0, "yesterday": 1, "the day before yesterday": 2, "day before yesterday": 2,
    "今天": 0, "今日": 0, "昨天": 1, "昨日": 1, "前天": 2, "前日": 2, "大前天": 3,
}  # fmt: skip

_MONTH = (
    r"(?P<month_name>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY = r"(?P<day>\d{1,2})"
_WEEKDAY = (
    r"(?P<weekday>mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:rs(?:day)?)?|fri(?:day)?|sat(?:urday)?"
    r"|sun(?:day)?)"
)
_FORMS = (
    r"(?P<year>\d{4}) ?[-/.年] ?(?P<month>\d{1,2}) ?[-/.月] ?(?P<day>\d{1,2}) ?[.日号]?",
    r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)",
    r"(?P<month>\d{1,2}) ?月 ?(?P<day>\d{1,2}) ?[日号]?",
    r"(?P<day>\d{1,2})\. ?(?P<month>\d{1,2})\.(?: ?(?P<year>\d{4}|\d\d))?",
    r"(?P<first>\d{1,2})\.(?P<second>\d{1,2})",
    r"(?P<month>\d{1,2})[-/](?P<day>\d{1,2})(?:[-/](?P<year>\d{4}))?",
    rf"{_MONTH} ?{_DAY}(?:st|nd|rd|th)?(?:,? (?P<year>\d{{4}}))?",
    rf"{_DAY}(?:st|nd|rd|th|\.)? ?(?:of )?{_MONTH}(?:,? (?P<year>\d{{4}}))?",
    r"(?P<ago>\d{1,3}) days? ago",
    r"(?P<ago>\d{1,3}) ?天(?:以)?前",
    rf"(?:(?P<last>last) |on )?{_WEEKDAY}",
    rf"(?P<previous>上)?个?(?:周|星期|礼拜)(?P<sign>[{_SIGNS}])",
    "(?P<said>" + "|".join(sorted(_SAID, key=len, reverse=True)) + ")",
)
_DAYS = [re.compile(form) for form in _FORMS]

# What is meant for a day though there is none such, or none yet; not 2.0, which is a version.
_ODD = re.compile(
    r"\d{4} ?[-/.年] ?\d{1,2}(?: ?[-/.月] ?\d{0,2})? ?[.月日号]?|\d{8}"
    r"|\d{1,2} ?(?:[-/]|月) ?\d{1,2}(?:[-/]\d{1,4}| ?[日号])?|\d{1,2}\. ?\d{1,2}\.(?: ?(?:\d{4}|\d\d))?"
    rf"|{_MONTH} ?\d{{1,2}}(?:st|nd|rd|th)?(?:,? \d{{4}})?"
    rf"|\d{{1,2}}(?:st|nd|rd|th|\.)? ?(?:of )?{_MONTH.replace('month_name', 'name')}(?:,? \d{{4}})?"
    rf"|(?:the day after )?tomorrow|(?:this|last|next) (?:week|month|year)|next {_WEEKDAY}"
    rf"|明天|明日|大?后天|[本这上下]个?(?:周|星期|礼拜|月)|今年|去年|下个?(?:周|星期|礼拜)[{_SIGNS}]"
)


def split_day(text: str, today: dt.date, *, chinese: bool = False) -> tuple[str, dt.date | None]:
    """The text without the day that it ends or begins with, and that day.

    The text as it is, and None, where it names no day, or no day that there is.
    """
    plain, small = _fold(text)
    for start, end in _spans(small):
        piece = small[start:end].strip(" ,，")
        if day := _read(piece, today, chinese):
            return " ".join((plain[:start] + " " + plain[end:]).split()).strip(" ,，"), day
        if _ODD.fullmatch(piece):
            break  # nor is a part of it one: the Monday of "next Monday"
    return text, None


def odd_day(text: str) -> str:
    """What a text ends or begins with that looks like a day, to be told of where it is none."""
    plain, small = _fold(text)
    spans = ((start, end) for start, end in _spans(small) if _ODD.fullmatch(small[start:end].strip(" ,，")))
    start, end = next(spans, (0, 0))
    return plain[start:end].strip(" ,，")


def _fold(text: str) -> tuple[str, str]:
    """The text without what spellings differ in, and that in small letters; nothing of a long one."""
    plain = " ".join(unicodedata.normalize("NFKC", text).split()) if len(text) <= LONGEST else ""
    small = plain.lower()
    return plain, small if len(small) == len(plain) else plain


def _spans(text: str) -> list[tuple[int, int]]:
    """Where a day may stand: all over, at the end, at the beginning, the longest first."""
    cuts = [at for at in range(1, len(text)) if _parts(text, at)]
    size = len(text)
    spans = [(0, size)] + [(at, size) for at in cuts] + [(0, at) for at in reversed(cuts)]
    return [(start, end) for start, end in spans if end - start <= SPAN]


def _parts(text: str, at: int) -> bool:
    """Whether words are apart there: by a blank or a comma, or since one of the two is Chinese."""
    before, after = text[at - 1], text[at]
    return before in " ,，" or after in " ,，" or _is_wide(before) != _is_wide(after)


def _is_wide(sign: str) -> bool:
    return "\u3400" <= sign <= "\u9fff"


def _read(text: str, today: dt.date, chinese: bool) -> dt.date | None:
    for form in _DAYS:
        if found := form.fullmatch(text):
            named = {name: value for name, value in found.groupdict().items() if value is not None}
            return next((day for meant in _KINDS if (day := meant(named, today, chinese))), None)
    return None


def _calendar(named: dict[str, str], today: dt.date, chinese: bool) -> dt.date | None:
    """A day by its numbers or the name of its month."""
    if "first" in named:
        first, second = int(named["first"]), int(named["second"])
        month_first = (chinese and first <= 12) or second > 12
        month, day = (first, second) if month_first else (second, first)
    elif "day" in named:
        name = named.get("month_name")
        month = _MONTHS.index(name[:3]) + 1 if name else int(named["month"])
        day = int(named["day"])
        if month > 12 >= day and "year" not in named:
            month, day = day, month
    else:
        return None
    year = named.get("year")
    return _day(int(year) + 2000 * (len(year) == 2), month, day) if year else _past(month, day, today)


def _past(month: int, day: int, today: dt.date) -> dt.date | None:
    """The last such day that has been; the 29th of February is looked for over the years."""
    years = range(today.year + 1, today.year - 9, -1)
    days = (_day(year, month, day) for year in years)
    return next((found for found in days if found and found <= today + AHEAD), None)


def _day(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _before(named: dict[str, str], today: dt.date, _chinese: bool) -> dt.date | None:
    """A day by how long ago it was."""
    if "said" in named:
        return today - _SAID[named["said"]] * DAY
    return today - int(named["ago"]) * DAY if "ago" in named else None


def _weekday(named: dict[str, str], today: dt.date, _chinese: bool) -> dt.date | None:
    """The last such day of the week; 上周五 is the Friday of the week before this one."""
    if "weekday" in named:
        back = (today.weekday() - _WEEKDAYS.index(named["weekday"][:3])) % 7
        return today - (back or 7 * ("last" in named)) * DAY
    if "sign" in named:
        number = min(_SIGNS.index(named["sign"]), 6)
        if "previous" in named:
            return today - (today.weekday() + 7 - number) * DAY
        return today - ((today.weekday() - number) % 7) * DAY
    return None


_KINDS: tuple[Callable[[dict[str, str], dt.date, bool], dt.date | None], ...] = (
    _calendar,
    _before,
    _weekday,
)
