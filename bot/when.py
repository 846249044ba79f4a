"""When a chat gets what it is owed: digests at its hour in its zone, and its quiet hours. No I/O.

Moments are aware datetimes, in any zone on the way in, in UTC on the way out; a naive one raises
ValueError. Clock times are the chat's own. Twice a year they are not what they seem:

- A time that the clock jumps over (02:30, when 02:00 becomes 03:00) stands for the first moment
  after the gap; one that comes twice stands for its first coming, so a digest is neither lost nor
  doubled. Quiet hours last until their end comes for the second time: nobody is woken in between.
- A day that a zone leaves out whole (Friday, 30 December 2011, in Apia) has its moment at the end of
  the gap, unless the next day is chosen too: then that day's digest brings what both are owed.
- Instant has a moment only where it must wait: on a day that is not chosen, until the next chosen
  day begins.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from bot.log import get_logger
from bot.model import Schedule, When

log = get_logger(__name__)

DAY = dt.timedelta(days=1)
MIDNIGHT = dt.time()

NO_PLACES = {"Factory", "localtime"}  # "not set yet", and whatever this machine is set to

# What people call their zone, where no IANA name is like it.
PLACES = {
    "beijing": "Asia/Shanghai",
    "china": "Asia/Shanghai",
    "shenzhen": "Asia/Shanghai",
    "guangzhou": "Asia/Shanghai",
    "hangzhou": "Asia/Shanghai",
    "北京": "Asia/Shanghai",
    "上海": "Asia/Shanghai",
    "中国": "Asia/Shanghai",
    "香港": "Asia/Hong_Kong",
    "澳门": "Asia/Macau",
    "台北": "Asia/Taipei",
    "东京": "Asia/Tokyo",
    "新加坡": "Asia/Singapore",
    "delhi": "Asia/Kolkata",
    "mumbai": "Asia/Kolkata",
    "bangalore": "Asia/Kolkata",
    "san francisco": "America/Los_Angeles",
    "seattle": "America/Los_Angeles",
    "boston": "America/New_York",
    "washington": "America/New_York",
    "montreal": "America/Toronto",
    "munich": "Europe/Berlin",
}


class Misread(ValueError):
    """What was written is no time or no zone; `key` names the phrase that says so in the catalogs."""

    def __init__(self, message: str, key: str, **values: str) -> None:
        super().__init__(message)
        self.key = key
        self.values = values


def next_due(schedule: Schedule, after: dt.datetime) -> dt.datetime | None:
    """The first moment strictly after `after` at which a digest is due.

    None for instant while the day is a chosen one: nothing has to wait.

    Raises:
        ValueError: `after` is naive.
    """
    zone = _zone(schedule.zone)
    after = _utc(after)
    today = after.astimezone(zone).date()
    if schedule.when is When.INSTANT and today.weekday() in schedule.weekdays:
        return None
    return next(moment for moment in _moments(schedule, zone, today) if moment > after)


def quiet_until(schedule: Schedule, now: dt.datetime) -> dt.datetime | None:
    """Within quiet hours the moment at which they end, else None; what quiet means is for the sender."""
    quiet = schedule.quiet
    if quiet is None or quiet.start == quiet.end:
        return None
    zone = _zone(schedule.zone)
    now = until = _utc(now)
    today = now.astimezone(zone).date()
    over_midnight = DAY if quiet.end < quiet.start else dt.timedelta()
    for day in (today + number * DAY for number in range(-3, 4)):
        begin = _moment(day, quiet.start, zone)
        end = _moment(day + over_midnight, quiet.end, zone, last=True)
        if begin <= until < end:
            until = end
    return until if until > now else None


def in_zone(moment: dt.datetime, zone: str) -> dt.datetime:
    """The moment as clocks in the zone show it; in UTC where this machine does not know the zone."""
    return _utc(moment).astimezone(_zone(zone))


def parse_time(text: str) -> dt.time:
    """A time of day as people write it: 7:05, 07:05, 7.05, also in full-width signs.

    Raises:
        Misread: it is none; the text says how to write it.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    match = re.fullmatch(r"([0-9]{1,2})[:.]([0-9]{2})", plain)
    if match and int(match[1]) < 24 and int(match[2]) < 60:
        return dt.time(int(match[1]), int(match[2]))
    if match and (match[1], match[2]) == ("24", "00"):
        raise Misread("24:00 is the next day's 00:00; write 00:00", "time_next_day")
    if re.fullmatch(r"[0-9]{1,2}", plain) and int(plain) < 24:
        hour = f"{int(plain):02}:00"
        raise Misread(f"a time needs its minutes; write {hour}", "time_minutes", hour=hour)
    wrong = text[:20]
    raise Misread(
        f"not a time of day: {wrong!r}; write 07:05, or 19:05 for the evening", "time_none", text=wrong
    )


def check_zone(name: str) -> str:
    """The IANA name of a zone, spelled as it should be: "asia/hong kong" gives "Asia/Hong_Kong".

    Raises:
        Misread: there is no such zone; the text says which may be meant.
    """
    plain = " ".join(unicodedata.normalize("NFKC", name).replace("_", " ").split()).lower()
    known = _zones()
    if plain in known:
        return known[plain]
    if not known:
        raise Misread("no time zones are known on this machine; run `pip install tzdata`", "zone_missing")
    if re.fullmatch(r"(utc|gmt)? ?[+-] ?[0-9]{1,2}(:?[0-9]{2})?", plain):
        key, likely, mend = (
            "zone_offset",
            "",
            "an offset knows no daylight saving; name a place, such as Asia/Shanghai",
        )
    elif likely := _likely(plain) or "":
        key, mend = "zone_likely", f"did you mean {likely}?"
    else:
        key, mend = "zone_none", "write it like Asia/Hong_Kong, Europe/Berlin or UTC"
    wrong = name[:40]
    raise Misread(f"no such time zone: {wrong!r}; {mend}", key, text=wrong, likely=likely)


@cache
def _zone(name: str) -> ZoneInfo:
    """The zone; UTC, with a warning, for one that this machine does not know (any more)."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        log.warning("zone.unknown", zone=name, mend="UTC is taken; pip install tzdata")
        return ZoneInfo("UTC")


@cache
def _zones() -> dict[str, str]:
    """Zones by their name in small letters; reading the list takes some milliseconds."""
    names = available_timezones() - NO_PLACES
    return {name.replace("_", " ").lower(): name for name in names}


def _likely(plain: str) -> str | None:
    """The zone that a misspelled name is most like, as a whole or in its city."""
    from rapidfuzz import fuzz, process

    places = {full: name for full, name in _zones().items() if "/" in full and not full.startswith("etc/")}
    cities = {full.rpartition("/")[2]: name for full, name in sorted(places.items(), reverse=True)}
    known = places | cities | PLACES
    city = plain.rpartition("/")[2]
    found = [process.extractOne(text[:40], known.keys(), scorer=fuzz.ratio) for text in (city, plain)]
    best = max(found, key=lambda match: match[1])
    return known[best[0]] if best[1] >= 70 else None


def _moments(schedule: Schedule, zone: ZoneInfo, day: dt.date) -> Iterator[dt.datetime]:
    """The moments of the chosen days from a day on, in order."""
    at = MIDNIGHT if schedule.when is When.INSTANT else schedule.at or MIDNIGHT
    while True:
        if day.weekday() in schedule.weekdays:
            moment = _moment(day, at, zone)
            left_out = moment.astimezone(zone).date() != day and not _exists(day, zone)
            if not left_out or (day + DAY).weekday() not in schedule.weekdays:
                yield moment
        day += DAY


def _moment(day: dt.date, at: dt.time, zone: ZoneInfo, *, last: bool = False) -> dt.datetime:
    """When a clock in the zone shows this; the first or the last time, or the end of the gap it is in."""
    wall = dt.datetime.combine(day, at)
    before, after = (wall.replace(tzinfo=zone, fold=fold).astimezone(dt.UTC) for fold in (0, 1))
    if before <= after:
        return after if last else before
    # In a gap the two are reversed, and it ends between them.
    low, high = int(after.timestamp()), int(before.timestamp())
    while low + 1 < high:
        middle = (low + high) // 2
        shown = dt.datetime.fromtimestamp(middle, zone).replace(tzinfo=None)
        low, high = (low, middle) if shown >= wall else (middle, high)
    return dt.datetime.fromtimestamp(high, dt.UTC)


def _exists(day: dt.date, zone: ZoneInfo) -> bool:
    """Does the zone have this day at all."""
    begin = _moment(day, MIDNIGHT, zone)
    return begin.astimezone(zone).date() == day


def _utc(moment: dt.datetime) -> dt.datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment needs its zone; a naive one could be anywhere")
    return moment.astimezone(dt.UTC)
