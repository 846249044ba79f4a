"""What settings can be set to, offered while people type: what they wrote as it is read, then what is usual.

Labels are in the reader's language, values in the words that `settings` reads in any.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from zoneinfo import available_timezones

from bot.commands import changes
from bot.commands.above import ABOVE, part
from bot.commands.base import Place, Refusal
from bot.commands.clock import WEEK, WORK, plain, read_days, read_time, split_time
from bot.commands.settings import EXAMPLES
from bot.commands.settings_menu import HOURS, QUIET, ZONES
from bot.commands.terms import days as spoken_days
from bot.locales import Words
from bot.model import Language, Schedule, Style
from bot.when import NO_PLACES, PLACES, Misread, check_zone, in_zone

_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HALVES = tuple(f"{hour:02}:{minute:02}" for hour in range(24) for minute in (0, 30))
_LIKE = 70  # of 100: how like the name of a zone a misspelled one is


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """Something that may be meant: what people are shown, and what they would have written."""

    label: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What is written so far, and what it takes to suggest more."""

    say: Words
    typed: str
    now: dt.datetime
    styles: Sequence[Style]
    place: Place


def values(setting: str, said: Said) -> list[Suggestion]:
    """What a setting can be set to, the likeliest first; examples of all where there is none such."""
    found = list(_zones(said) if setting == "zone" else _known(setting, said))
    if said.place.above and part(setting) and not said.typed.strip():
        found.append(_at(ABOVE, said.say("menu_as_above")))
    values = dict.fromkeys(each.value for each in found)
    return [next(each for each in found if each.value == value) for value in values]


def _known(setting: str, said: Said) -> Iterator[Suggestion]:
    """What is written as it is read, and what is usual and begins so."""
    read, usual = _READ.get(setting), _USUAL.get(setting, _examples)
    if read and said.typed.strip():
        with suppress(Misread, Refusal):
            yield read(said)
    wanted = plain(said.typed).split()
    yield from (each for each in usual(said) if _holds(each, wanted))


def _holds(suggestion: Suggestion, wanted: Sequence[str]) -> bool:
    """Whether every word that is written begins one of the suggestion's."""
    held = [*plain(suggestion.label).split(), *plain(suggestion.value).split()]
    return all(
        any(each.startswith((word, f"0{word}")) or (not word.isascii() and word in each) for each in held)
        for word in wanted
    )


def _at(value: str, label: str = "") -> Suggestion:
    return Suggestion(label=label or value, value=value)


def _hour(said: Said) -> Suggestion:
    return _at(f"{read_time(said.typed):%H:%M}")


def _timed(said: Said) -> Suggestion:
    """An hour, and days where some are named."""
    at, rest = split_time(said.typed)
    if at is None:
        raise Refusal("days_wrong", text=said.typed)
    if not rest:
        return _at(f"{at:%H:%M}")
    chosen = read_days(rest)
    return _at(f"{_named(chosen)} {at:%H:%M}", f"{spoken_days(said.say, chosen)} {at:%H:%M}")


def _weekly(said: Said) -> Suggestion:
    at, rest = split_time(said.typed)
    chosen = read_days(rest)
    if len(chosen) > 1:
        raise Refusal("days_one")
    hour = f"{at or changes.MORNING:%H:%M}"
    return _at(f"{_named(chosen)} {hour}", f"{spoken_days(said.say, chosen)} {hour}")


def _days(said: Said) -> Suggestion:
    return _chosen(said.say, read_days(said.typed))


def _chosen(say: Words, weekdays: frozenset[int]) -> Suggestion:
    return _at(_named(weekdays), spoken_days(say, weekdays))


def _named(weekdays: frozenset[int]) -> str:
    """Days as they are read in any language."""
    if weekdays == WEEK:
        return "all"
    chosen = sorted(weekdays)
    if len(chosen) > 2 and chosen[-1] - chosen[0] == len(chosen) - 1:
        return f"{_NAMES[chosen[0]]}-{_NAMES[chosen[-1]]}"
    return ",".join(_NAMES[day] for day in chosen)


def _quiet(said: Said) -> Suggestion:
    held = changes.quiet(said.typed)(Schedule()).quiet
    if held is None:
        return _at("off", said.say("menu_quiet_off"))
    return _hushed(said.say, f"{held.start:%H:%M}-{held.end:%H:%M}", silent=held.silent)


def _hushed(say: Words, hours: str, *, silent: bool) -> Suggestion:
    means = say("menu_quiet_silent" if silent else "menu_quiet_hold")
    return _at(f"{hours} {'silent' if silent else 'hold'}", f"{hours} · {means}")


def _hours(said: Said) -> Iterator[Suggestion]:
    return (_at(each) for each in (_HALVES if said.typed.strip() else HOURS))


def _weeklies(said: Said) -> Iterator[Suggestion]:
    for hour in HOURS if said.typed.strip() else ("09:00",):
        for day, name in enumerate(_NAMES):
            yield _at(f"{name} {hour}", f"{said.say(f'day_{day}')} {hour}")


def _weekdays(said: Said) -> Iterator[Suggestion]:
    some = (WEEK, WORK, WEEK - WORK, *(frozenset({day}) for day in range(7)))
    return (_chosen(said.say, each) for each in some)


def _quiets(said: Said) -> Iterator[Suggestion]:
    for hours in QUIET:
        yield from (_hushed(said.say, hours, silent=silent) for silent in (False, True))
    yield _at("off", said.say("menu_quiet_off"))


def _styles(said: Said) -> Iterator[Suggestion]:
    return (_at(each.value, said.say(f"style_{each}")) for each in said.styles)


def _languages(said: Said) -> Iterator[Suggestion]:
    return (_at(each.value, said.say(f"language_{each}")) for each in Language)


def _turns(said: Said) -> Iterator[Suggestion]:
    return (_at(each, said.say(each)) for each in ("on", "off"))


def _layouts(said: Said) -> Iterator[Suggestion]:
    return (_at(each.value, said.say(f"layout_{each}")) for each in said.place.layouts)


def _examples(said: Said) -> Iterator[Suggestion]:
    """Settings whole, as they are written behind the command."""
    examples = dict.fromkeys(said.say(f"example_{name}") for name in EXAMPLES)
    return (_at(each) for each in examples)


_READ: dict[str, Callable[[Said], Suggestion]] = {
    "hour": _hour, "daily": _timed, "weekly": _weekly, "days": _days, "instant": _days, "quiet": _quiet,
}  # fmt: skip
_USUAL: dict[str, Callable[[Said], Iterable[Suggestion]]] = {
    "hour": _hours, "daily": _hours, "weekly": _weeklies, "days": _weekdays, "instant": _weekdays,
    "quiet": _quiets, "style": _styles, "language": _languages, "revised": _turns, "layout": _layouts,
}  # fmt: skip


def _zones(said: Said) -> Iterator[Suggestion]:
    """Zones with the hour that it is there: usual ones, or those that are called so or something like it."""
    wanted = plain(said.typed).replace("_", " ")
    names = _called(wanted) if wanted else ZONES
    return (_at(name, f"{name} · {in_zone(said.now, name):%H:%M}") for name in dict.fromkeys(names))


def _called(wanted: str) -> Iterator[str]:
    from rapidfuzz import fuzz, process

    with suppress(Misread):
        yield check_zone(wanted)
    known = _spellings()
    begun = [name for name in known if name.startswith(wanted)]
    held = [name for name in known if re.search(rf"\b{re.escape(wanted)}", name)]
    yield from (known[name] for name in (*begun, *held))
    like = process.extract(wanted, known.keys(), scorer=fuzz.ratio, score_cutoff=_LIKE, limit=8)
    yield from (known[name] for name, _, _ in like)


@cache
def _spellings() -> dict[str, str]:
    """Zones by what people call them: the whole name, the city, names that only people have."""
    zones = sorted(available_timezones() - NO_PLACES)
    names = {name.replace("_", " ").lower(): name for name in zones}
    cities = {name.rpartition("/")[2]: zone for name, zone in names.items() if not zone.startswith("Etc/")}
    return PLACES | cities | names
