"""What stands behind each command on Discord: a field for each thing that people write elsewhere.

A command that is not listed has one field for all of it, so a new one needs nothing here. The fields
`place`, `share` and `server` say where it is about and who sees the answer; the others are its text.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from bot.commands.base import Place
from bot.commands.dates import split_day
from bot.commands.settings import read_name


class Kind(IntEnum):
    """What a field takes, as Discord numbers it."""

    TEXT = 3
    NUMBER = 4
    FLAG = 5
    PLACE = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """A field of a command."""

    name: str
    kind: Kind = Kind.TEXT
    complete: str = ""  # what is offered while people type, see `complete.py`
    choices: tuple[str, ...] = ()  # all that it takes
    required: bool = False
    most: int | None = None  # the longest text, or the highest number from 1
    before: str = ""  # the word that stands before it where all is written in one line


SETTINGS = (
    "daily", "weekly", "instant", "hour", "zone", "days", "quiet", "style", "language", "revised", "layout",
)  # fmt: skip

_ANY_DAY = dt.date(2026, 1, 1)  # whether words are a day does not depend on which is today

_PLACE = Option(name="place", kind=Kind.PLACE)
_SHARE = Option(name="share", kind=Kind.FLAG)
_SERVER = Option(name="server", kind=Kind.FLAG)
_DAY = Option(name="day", complete="days")
_TAGS = Option(name="tags", complete="tags")
_PAPER = Option(name="paper", complete="papers", required=True)
_WORDS = Option(name="words")
_ANYTHING = (Option(name="text"),)

OPTIONS: dict[str, tuple[Option, ...]] = {
    **dict.fromkeys(("start", "help", "saved", "status"), ()),
    **dict.fromkeys(("tags", "subscriptions", "pause", "resume", "stop"), (_PLACE,)),
    "subscribe": (Option(name="tags", complete="wanted"), _PLACE),
    "unsubscribe": (Option(name="tags", complete="followed"), _PLACE),
    "latest": (_TAGS, Option(name="count", kind=Kind.NUMBER, most=10), _DAY, _SHARE),
    "tag": (Option(name="tag", complete="tag", required=True), _DAY, _SHARE),
    "paper": (_PAPER, _SHARE),
    "save": (_PAPER,),
    "why": (_PAPER, _PLACE),
    "search": (Option(name="words", required=True, most=300), _SHARE),
    "export": (Option(name="form", choices=("bibtex", "ris")),),
    "settings": (Option(name="set", choices=SETTINGS), Option(name="to", complete="values"), _PLACE, _SERVER),
    "filter": (_WORDS, _PLACE),
    "mute": (_WORDS, _PLACE),
    "follow": (Option(name="authors"), _PLACE),
    "merge": (
        Option(name="tag", complete="tag", required=True),
        Option(name="into", complete="tag", required=True, before="into"),
    ),
}


def options(command: str) -> tuple[Option, ...]:
    """The fields of a command, those that must be filled in first."""
    return OPTIONS.get(command, _ANYTHING)


def text(command: str, given: Mapping[str, Any]) -> str:
    """What people would write behind the command, from the fields that are filled in."""
    spoken = (Kind.TEXT, Kind.NUMBER)
    written = [
        (option.before, str(given.get(option.name, "")))
        for option in options(command)
        if option.kind in spoken
    ]
    parts = ((before, each.strip(" ,，、;；\t\n")) for before, each in written)
    return " ".join(f"{before} {part}".lstrip() for before, part in parts if part)


def spoken(line: str, place: Place | None = None) -> str:
    """A command that others type, "/latest NeRF 3", with the fields that say it: "/latest tags:NeRF count:3".

    The other place that it is about, where there is one, has a field behind them.
    """
    command, _, rest = line.partition(" ")
    name = command.removeprefix("/")
    filled = [f"{field}:{value}" for field, value in _fields(name, rest.strip()) if value]
    return " ".join((command, *filled, *_aim(name, place)))


def _fields(command: str, rest: str) -> Iterator[tuple[str, str]]:
    """The fields that a text fills in, in their order."""
    names = [option.name for option in options(command) if option.kind in (Kind.TEXT, Kind.NUMBER)]
    if command == "settings":
        setting, value = read_name(rest)
        known = setting in SETTINGS
        yield from (("set", setting if known else ""), ("to", value if known else rest))
        return
    for option in options(command):
        if option.before:
            rest, _, behind = rest.partition(f" {option.before} ")
            yield from ((names[0], rest), (option.name, behind))
            return
    day = number = ""
    if "day" in names:
        rest, day = _split_day(rest)
    if "count" in names:
        before, _, last = rest.rpartition(" ")
        rest, number = (before, last) if last.isascii() and last.isdigit() else (rest, "")
    yield from ((names[0], rest), ("count", number), ("day", day)) if names else ()


def _split_day(text: str) -> tuple[str, str]:
    """The text without the day that it ends or begins with, and that day as it is written."""
    rest, day = split_day(text, _ANY_DAY, chinese=True)
    if day is None or rest not in text:
        return text, ""
    return rest, text.replace(rest, "", 1).strip(" ,，")


def _aim(command: str, place: Place | None) -> Iterator[str]:
    fields = [option.name for option in options(command)]
    if place and place.whole and "server" in fields:
        yield "server:True"
    elif place and not place.whole and place.title and "place" in fields:
        yield f"place:{place.title}"
