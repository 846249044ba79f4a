"""Checks a backup before anything of it is written; a fault is told with its place and the mend."""

import datetime as dt
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Column

from bot.errors import UsageError
from bot.model import Language, Layout, Style, When
from bot.storage import chats
from bot.storage.inherit import PARTS
from bot.storage.tables import chat

FORMAT = "paperboy-backup"
VERSION = 1
DELIVERED = ("sent", "failed", "filtered", "expired")
OWED = "owed"
FILTERS = ("include", "exclude", "author")

# What a chat is set to; the rest says who it is, what it is owed and who serves it.
SETTINGS: tuple[Column[Any], ...] = tuple(
    column
    for column in chat.c
    if column.name not in ("id", "platform", "address", "owed_at", "leased_by", "leased_until")
)
KINDS = {str: "a text", int: "a whole number", bool: "true or false", list: "a list", dict: "an object"}
CHOICES: dict[str, tuple[str, ...]] = {
    "kind": ("private", "group"),
    "style": tuple(Style),
    "language": tuple(Language),
    "schedule": tuple(When),
    "layout": tuple(Layout),
}
RANGES = {"at": (0, 1439), "quiet_start": (0, 1439), "quiet_end": (0, 1439), "weekdays": (1, 127)}
LARGEST = 2**63 - 1
LATEST = 253_402_300_799  # the last second of the year 9999
_PAPER = re.compile(r"(\S+?)(?:v(\d{1,9}))?")
_HALF = re.compile("[\ud800-\udfff]")  # of a surrogate pair


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A chat of a backup."""

    platform: str
    address: str
    settings: dict[str, Any]
    follows: tuple[str, ...]  # slugs
    filters: tuple[tuple[str, str], ...]  # kind and word
    delivered: tuple[tuple[str, int, int], ...]  # state, first and last of `Backup.papers`
    owed: tuple[tuple[dt.date, int, int], ...] = ()  # date of the post, first and last of `Backup.papers`


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A backup without faults."""

    sources: dict[str, int]  # when each was last read, in seconds since the epoch
    tags: dict[str, str]  # names by slug
    papers: list[tuple[str, int | None]]  # arXiv id and version
    chats: list[Kept]
    aliases: dict[str, str]  # slugs of tags, by those of what was merged into them


def check(data: Any) -> Backup:
    """The backup in this JSON.

    Raises:
        UsageError: it is of a newer Paperboy, or not as it must be; says where.
    """
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise UsageError(f'format: not a backup of Paperboy, which says "format": "{FORMAT}"')
    version = _item(data, "version", int, "")
    if version > VERSION:
        raise UsageError(
            f"version: {version}, made by a newer Paperboy; this one reads up to {VERSION}: update Paperboy"
        )
    if version < 1:
        raise UsageError(f"version: {version}; write {VERSION}")
    told = _item(data, "tags", dict, "")
    tags = {_is(slug, str, "tags"): _is(name, str, f"tags.{slug}") for slug, name in told.items()}
    papers = [_paper(item, place) for place, item in _each(data, "papers", "")]
    found = [_chat(item, place, tags, len(papers)) for place, item in _each(data, "chats", "")]
    _are_different(found)
    return Backup(sources=_sources(data), tags=tags, papers=papers, chats=found, aliases=_aliases(data, tags))


def _aliases(data: dict[str, Any], tags: dict[str, str]) -> dict[str, str]:
    """The tags that others were merged into."""
    told = _item(data, "aliases", dict, "") if "aliases" in data else {}
    found = {
        _is(other, str, "aliases"): _slug(into, f"aliases.{other}", tags) for other, into in told.items()
    }
    if both := sorted(found.keys() & tags.keys()):
        raise UsageError(f"aliases.{both[0]}: is among `tags` as well; take one of them out")
    return found


def _sources(data: dict[str, Any]) -> dict[str, int]:
    """When each source was last read; a clock that stepped back since does not make it later."""
    made_at = _moment(data["made_at"], "made_at") if "made_at" in data else LATEST
    read = _item(data, "sources", dict, "") if "sources" in data else {}
    return {
        _is(name, str, "sources"): min(made_at, _moment(read_at, f"sources.{name}"))
        for name, read_at in read.items()
    }


def _moment(value: Any, place: str) -> int:
    seconds: int = _is(value, int, place)
    if not 0 <= seconds <= LATEST:
        raise UsageError(f"{place}: {seconds}; write seconds since 1970, from 0 to {LATEST}")
    return seconds


def _chat(data: Any, place: str, tags: dict[str, str], papers: int) -> Kept:
    _is(data, dict, place)
    return Kept(
        platform=_item(data, "platform", str, place),
        address=_item(data, "address", str, place),
        settings=_settings(_item(data, "settings", dict, place), f"{place}.settings"),
        follows=tuple(_slug(item, where, tags) for where, item in _each(data, "follows", place)),
        filters=tuple(_filters(_item(data, "filters", dict, place), f"{place}.filters")),
        delivered=tuple(_delivered(_item(data, "delivered", dict, place), f"{place}.delivered", papers)),
        owed=tuple(_owed(_item(data, OWED, dict, place), f"{place}.{OWED}", papers)) if OWED in data else (),
    )


def _settings(data: dict[str, Any], place: str) -> dict[str, Any]:
    """All settings; one that is not told is as for a new chat."""
    for name in data:
        _one_of(name, tuple(column.name for column in SETTINGS), f"{place}.{name}", "setting")
    values = {column.name: _setting(column, data, place) for column in SETTINGS}
    if (values["quiet_start"] is None) != (values["quiet_end"] is None):
        raise UsageError(f"{place}: quiet_start and quiet_end belong together; give both, or null for both")
    try:
        chats.from_row(SimpleNamespace(id=0, platform="", address="", **values))  # type: ignore[arg-type]
    except ValueError as exc:
        raise UsageError(f"{place}: {exc}") from exc
    return values


def _setting(column: Column[Any], data: dict[str, Any], place: str) -> Any:
    name, where = column.name, f"{place}.{column.name}"
    value: Any = data[name] if name in data else _default(column, where)
    if value is None and column.nullable:
        return None
    value = _is(value, column.type.python_type, where)
    if name in CHOICES:
        _one_of(value, CHOICES[name], where, name)
    if name in RANGES and not RANGES[name][0] <= value <= RANGES[name][1]:
        raise UsageError(f"{where}: {value}; write a number from {RANGES[name][0]} to {RANGES[name][1]}")
    for part in value.split() if name == "own" else ():
        _one_of(part, PARTS, where, "setting")
    if name == "zone" and not _is_zone(value):
        raise UsageError(f"{where}: no time zone is called {value!r}; write a name such as Asia/Hong_Kong")
    return value


def _default(column: Column[Any], place: str) -> Any:
    if column.nullable:
        return None
    if column.server_default is None:
        raise UsageError(f"{place}: missing")
    told = column.server_default.arg  # type: ignore[attr-defined]
    return column.type.python_type(told) if isinstance(told, str) else False


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def _slug(item: Any, place: str, tags: dict[str, str]) -> str:
    slug: str = _is(item, str, place)
    if slug not in tags:
        raise UsageError(f"{place}: {slug!r} is not among `tags`; add it there with its name")
    return slug


def _filters(data: dict[str, Any], place: str) -> Iterator[tuple[str, str]]:
    for kind in data:
        _one_of(kind, FILTERS, f"{place}.{kind}", "kind of filter")
        for where, word in _each(data, kind, place):
            yield kind, _is(word, str, where)


def _delivered(data: dict[str, Any], place: str, papers: int) -> Iterator[tuple[str, int, int]]:
    for state in data:
        _one_of(state, DELIVERED, f"{place}.{state}", "outcome")
        for first, last in _runs(data, state, place, papers):
            yield state, first, last


def _owed(data: dict[str, Any], place: str, papers: int) -> Iterator[tuple[dt.date, int, int]]:
    for day in data:
        try:
            date = dt.date.fromisoformat(day)
        except ValueError as exc:
            raise UsageError(f"{place}.{day}: not a date; write it like 2026-11-20") from exc
        for first, last in _runs(data, day, place, papers):
            yield date, first, last


def _runs(data: dict[str, Any], name: str, place: str, papers: int) -> Iterator[tuple[int, int]]:
    for where, run in _each(data, name, place):
        if not isinstance(run, list) or len(run) != 2:
            raise UsageError(f"{where}: write two numbers, the first and the last of a run of `papers`")
        first, last = (_is(number, int, where) for number in run)
        if not 0 <= first <= last < papers:
            raise UsageError(f"{where}: from {first} to {last}; `papers` go from 0 to {papers - 1}")
        yield first, last


def _paper(item: Any, place: str) -> tuple[str, int | None]:
    found = _PAPER.fullmatch(_is(item, str, place))
    if not found:
        raise UsageError(f"{place}: {item!r}; write an arXiv id, with its version if known: 2003.08934v2")
    return found[1], int(found[2]) if found[2] else None


def _are_different(found: list[Kept]) -> None:
    seen: dict[tuple[str, str], int] = {}
    for number, item in enumerate(found):
        first = seen.setdefault((item.platform, item.address), number)
        if first != number:
            raise UsageError(f"chats[{number}]: the same chat as chats[{first}]; take one of them out")


def _each(data: dict[str, Any], name: str, place: str) -> Iterator[tuple[str, Any]]:
    """The places and items of a list that must be there."""
    items = _item(data, name, list, place)
    path = f"{place}.{name}".lstrip(".")
    return ((f"{path}[{number}]", item) for number, item in enumerate(items))


def _item(data: dict[str, Any], name: str, kind: type, place: str) -> Any:
    path = f"{place}.{name}".lstrip(".")
    if name not in data:
        raise UsageError(f"{path}: missing; write {KINDS[kind]}")
    return _is(data[name], kind, path)


def _is(value: Any, kind: type, place: str) -> Any:
    """The value, which is of this kind, as it can be stored."""
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise UsageError(f"{place}: {json.dumps(value)[:60]}; write {KINDS[kind]}")
    if isinstance(value, int) and abs(value) > LARGEST:
        raise UsageError(f"{place}: larger than any such number can be")
    if isinstance(value, str):
        if _HALF.search(value):
            raise UsageError(f"{place}: {json.dumps(value)[:60]} holds half a character; take it out")
        return value.replace("\0", "")
    return value


def _one_of(value: str, choices: tuple[str, ...], place: str, what: str) -> None:
    if value not in choices:
        raise UsageError(f"{place}: no such {what}; choose from {', '.join(choices)}")
