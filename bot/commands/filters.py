"""What a chat does and does not want to see: /filter, /mute, /follow, and the list of them."""

import re
from collections.abc import Sequence
from functools import partial
from hashlib import sha256

from bot.commands.base import Command, Deed, Reply, Visit, button
from bot.commands.lists import Keys
from bot.commands.pick import pairs, short
from bot.commands.places import check_manager, reply, settle
from bot.commands.spoken import spoken
from bot.commands.turning import page_of, pages_of, turns
from bot.formatter.card import Action, Text
from bot.storage import filters
from bot.storage.filters import LONGEST, MOST, Filter, Kind

PAGE = 16  # filters on a page
NAMED = 12  # filters of a kind that are named in a line

_APART = re.compile(r"[,，、;；\n]")
_QUOTES = "\"'“”„‘’「」『』《》«» \t"
_SPOKEN = re.compile(r"[^\W_]")


async def add(visit: Visit, *, kind: Kind) -> Reply:
    """Filter by what is written, each piece between commas a word or phrase; the list where nothing is."""
    words = [word for part in _APART.split(visit.text) if (word := part.strip(_QUOTES))]
    known = await filters.load(visit.connection, visit.chat.id) if visit.chat else []
    if not words:
        lines, keys = shown(visit, known, "")
        return reply(visit, *lines, visit.say(f"filter_{kind}_what"), keys=keys)
    check_manager(visit)
    wanted = dict.fromkeys(Filter(kind=kind, word=filters.clean(word)) for word in words)
    new = [item for item in wanted if item not in known]
    sound = [item for item in new if _wrong(item) is None]
    room = MOST - len(known)
    said = [
        spoken(visit.say, wrong, word=short(item.word), most=LONGEST)
        for item in new
        if (wrong := _wrong(item))
    ]
    if len(sound) > room:
        said.append(spoken(visit.say, "filter_too_many", most=MOST))
    kept = [*(item for item in wanted if item in known), *sound[:room]]
    if kept:
        await _keep(visit, sound[:room])
        said.insert(0, spoken(visit.say, "settings_saved"))
    lines, keys = shown(visit, [*known, *sound[:room]], "")
    return reply(visit, *said, *lines, keys=keys)


async def _keep(visit: Visit, wanted: Sequence[Filter]) -> None:
    chat = await settle(visit)
    for item in wanted:
        await filters.add(visit.connection, chat.id, item.kind, item.word)


async def drop(visit: Visit, value: str) -> None:
    """Take off the filter that a button knows by its key; one that is gone already stays so."""
    key = value.partition(":")[0]
    for item in await filters.load(visit.connection, visit.chat.id) if visit.chat else []:
        if visit.chat and _key(item) == key:
            await filters.remove(visit.connection, visit.chat.id, item.kind, item.word)


def shown(visit: Visit, known: Sequence[Filter], page: str) -> tuple[list[Text | str], Keys]:
    """What these filters do, in words, and a page of buttons that take one off."""
    if not known:
        return [visit.say("filters_none")], ()
    lines: list[Text | str] = [
        _named(visit, f"filters_{kind}", mine)
        for kind in (Kind.INCLUDE, Kind.AUTHOR, Kind.EXCLUDE)
        if (mine := [item for item in known if item.kind is kind])
    ]
    if {Kind.INCLUDE, Kind.AUTHOR} <= {item.kind for item in known}:
        lines.append(visit.say("filters_either"))
    pages = pages_of(len(known), PAGE)
    at = min(page_of(page), pages)
    labels = {item: visit.say(f"filter_{item.kind}_label", word=short(item.word)) for item in known}
    place = f"@{visit.elsewhere.address}" if visit.elsewhere else ""
    takes = [
        button(f"✕ {labels[item]}", Action.SET, f"drop:{_key(item)}:{at}", visit.elsewhere)
        for item in known[(at - 1) * PAGE : at * PAGE]
    ]
    row = turns(Action.MENU, lambda to: f"filters:{to}{place}", at, pages)
    return [*lines, visit.say("filters_tap")], (*pairs(takes), row) if row else pairs(takes)


def _wrong(item: Filter) -> str | None:
    """The phrase that says why a word is no filter."""
    if not _SPOKEN.search(item.word):
        return "filter_nothing"
    return "filter_too_long" if len(item.word) > LONGEST else None


def _named(visit: Visit, key: str, known: Sequence[Filter]) -> Text:
    words = visit.say("comma").join(f"“{short(item.word)}”" for item in known[:NAMED])
    more = len(known) - NAMED
    return spoken(visit.say, key, words=visit.say("and_more", names=words, n=more) if more > 0 else words)


def _key(item: Filter) -> str:
    return sha256(f"{item.kind}:{item.word}".encode()).hexdigest()[:8]


def _command(name: str, kind: Kind, example: str) -> Command:
    run = partial(add, kind=kind)
    return Command(name=name, run=run, example=example, writes=True, may_change=True, elsewhere=True)


COMMANDS: tuple[Command, ...] = (
    _command("filter", Kind.INCLUDE, "gaussian splatting"),
    _command("mute", Kind.EXCLUDE, "lidar"),
    _command("follow", Kind.AUTHOR, "Ada Lovelace"),
)
DEEDS: dict[Action, Deed] = {}
