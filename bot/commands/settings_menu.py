"""The menus of /settings: what is set, in words, and buttons that set something else, all in one message."""

from collections.abc import Awaitable, Callable, Sequence

from bot.commands import filters
from bot.commands.above import ABOVE, part
from bot.commands.base import Reply, Visit, button
from bot.commands.clock import WEEK, WORK
from bot.commands.lists import Keys
from bot.commands.pick import pairs
from bot.commands.places import reply
from bot.commands.terms import days, moment, quiet, terms, when
from bot.commands.trying import preview
from bot.formatter.card import Action, Button, Text
from bot.model import Language, Schedule, Style, When
from bot.storage.chats import Chat
from bot.storage.filters import load

HOURS = (
    "06:00", "07:00", "08:00", "09:00", "10:00", "12:00", "14:00", "17:00",
    "18:00", "20:00", "21:00", "22:00",
)  # fmt: skip
ZONES = (
    "Asia/Shanghai", "Asia/Hong_Kong", "Asia/Tokyo", "Asia/Singapore", "Asia/Kolkata", "Australia/Sydney",
    "Europe/London", "Europe/Berlin", "America/New_York", "America/Chicago", "America/Los_Angeles", "UTC",
)  # fmt: skip
QUIET = ("22:00-07:00", "23:00-08:00", "00:00-08:00")

Shown = tuple[Sequence[Text | str], Keys]  # lines, and rows of buttons
Menu = Callable[[Visit, Chat, str], Awaitable[Shown]]  # with the page that is shown


async def menu(visit: Visit, name: str, *, edit: bool = False, toast: str = "") -> Reply:
    """A menu by its name; the main one where there is none of that name."""
    kind, _, page = name.partition(":")
    if kind == Style.RICH and Style.RICH in visit.desk.styles():
        return await preview(visit)
    show = MENUS.get(kind, _main)
    lines, keys = await show(visit, visit.chat or _stranger(visit), page)
    if show is not _main:
        if visit.chat and visit.place.above and part(kind) in visit.chat.own:
            keys = (*keys, (_set(visit, visit.say("menu_as_above"), f"{part(kind)}:{ABOVE}", chosen=False),))
        keys = (*keys, (button(visit.say("back"), Action.MENU, _ABOVE.get(kind, "main"), visit.elsewhere),))
    return reply(visit, *lines, title=visit.say("settings"), keys=keys, edit=edit, toast=toast)


def _stranger(visit: Visit) -> Chat:
    """The settings of a chat that the bot does not know yet."""
    return Chat(
        id=0, platform=visit.request.platform, address=visit.place.address, group=False,
        style=visit.desk.style, language=visit.language, schedule=Schedule(), due_at=None,
    )  # fmt: skip


async def _main(visit: Visit, chat: Chat, _page: str) -> Shown:
    say = visit.say
    number = len(await load(visit.connection, chat.id))
    menus = [
        _open(visit, say("menu_when"), "when"),
        _open(visit, say("menu_quiet"), "quiet"),
        _open(visit, say("menu_style"), "style"),
        _open(visit, say("menu_language"), "language"),
        _open(visit, say("menu_filters", n=number), "filters"),
        _set(visit, say("menu_revised"), f"revised:{'off' if chat.revised else 'on'}", chosen=chat.revised),
    ]
    if visit.place.layouts:
        menus.insert(3, _open(visit, say("menu_layout"), "layout"))
    lines = await terms(visit, chat)
    if visit.place.whole:
        menus = [each for each in menus if not each.about.startswith("filters")]
        return [*lines, say("menu_whole")], pairs(menus)
    mine = button(say("menu_mine"), Action.MINE, "1", visit.elsewhere)
    return lines, (*pairs(menus), (mine,))


async def _when(visit: Visit, chat: Chat, _page: str) -> Shown:
    say, schedule = visit.say, chat.schedule
    lines = [say("term_when", when=when(say, schedule))]
    if chat.due_at:
        lines.append(say("term_next", at=moment(chat.due_at, schedule.zone)))
    lines.append(say("menu_when_how"))
    kinds = [_set(visit, say(f"menu_{kind}"), f"when:{kind}", chosen=kind is schedule.when) for kind in When]
    more = [
        _open(visit, say("menu_days", days=days(say, schedule.weekdays)), "days"),
        _open(visit, say("menu_zone", zone=schedule.zone), "zone"),
    ]
    if schedule.at and schedule.when is not When.INSTANT:
        more.insert(0, _open(visit, say("menu_hour", at=f"{schedule.at:%H:%M}"), "hour"))
    return lines, (tuple(kinds), *pairs(more))


async def _hour(visit: Visit, chat: Chat, _page: str) -> Shown:
    at = f"{chat.schedule.at:%H:%M}" if chat.schedule.at else ""
    buttons = [_set(visit, hour, f"hour:{hour}", chosen=hour == at) for hour in HOURS]
    return [visit.say("menu_hour_how", zone=chat.schedule.zone)], _rows(buttons, 4)


async def _zone(visit: Visit, chat: Chat, _page: str) -> Shown:
    known = ZONES if chat.schedule.zone in ZONES else (chat.schedule.zone, *ZONES)
    buttons = [_set(visit, zone, f"zone:{zone}", chosen=zone == chat.schedule.zone) for zone in known]
    now = moment(visit.request.at, chat.schedule.zone)
    return [visit.say("menu_zone_how", zone=chat.schedule.zone, now=now)], pairs(buttons)


async def _days(visit: Visit, chat: Chat, _page: str) -> Shown:
    say, schedule = visit.say, chat.schedule
    weekly = schedule.when is When.WEEKLY
    buttons = [
        _set(visit, say(f"day_{day}"), f"day:{day}:{'on' if weekly or not chosen else 'off'}", chosen=chosen)
        for day in range(7)
        for chosen in [day in schedule.weekdays]
    ]
    if weekly:
        return [say("menu_days_one")], _rows(buttons, 4)
    several = (
        _set(visit, say("every_day"), "days:all", chosen=schedule.weekdays == WEEK),
        _set(visit, days(say, WORK), "days:mon-fri", chosen=schedule.weekdays == WORK),
    )
    return [say("menu_days_how")], (*_rows(buttons, 4), several)


async def _quiet(visit: Visit, chat: Chat, _page: str) -> Shown:
    say, held = visit.say, chat.schedule.quiet
    hours = f"{held.start:%H:%M}-{held.end:%H:%M}" if held else ""
    presets = tuple(_set(visit, each, f"quiet:{each}", chosen=each == hours) for each in QUIET)
    off = (_set(visit, say("menu_quiet_off"), "quiet:off", chosen=held is None),)
    lines = [
        say("term_quiet", quiet=quiet(say, chat.schedule)),
        say("menu_quiet_how", zone=chat.schedule.zone),
    ]
    zone = (_open(visit, say("menu_zone", zone=chat.schedule.zone), "zone"),)
    if held is None:
        return lines, (presets, off, zone)
    means = (
        _set(visit, say("menu_quiet_hold"), "quiet:hold", chosen=not held.silent),
        _set(visit, say("menu_quiet_silent"), "quiet:silent", chosen=held.silent),
    )
    return lines, (presets, means, off, zone)


async def _style(visit: Visit, chat: Chat, _page: str) -> Shown:
    styles = visit.desk.styles()
    lines = [visit.say(f"style_{style}_is") for style in styles]
    buttons = [
        # It is seen before it is taken.
        _open(visit, visit.say(f"style_{style}"), style)
        if style is Style.RICH and style is not chat.style
        else _set(visit, visit.say(f"style_{style}"), f"style:{style}", chosen=style is chat.style)
        for style in styles
    ]
    return lines, pairs(buttons)


async def _layout(visit: Visit, chat: Chat, _page: str) -> Shown:
    layouts = visit.place.layouts
    buttons = [
        _set(visit, visit.say(f"layout_{one}"), f"layout:{one}", chosen=one is chat.layout) for one in layouts
    ]
    lines = [visit.say(f"layout_{one}_is") for one in layouts] or [visit.say("settings_layout_none")]
    return lines, pairs(buttons)


async def _language(visit: Visit, chat: Chat, _page: str) -> Shown:
    buttons = [
        _set(visit, visit.say(f"language_{one}"), f"language:{one}", chosen=one is chat.language)
        for one in Language
    ]
    return [visit.say("menu_language_how")], (tuple(buttons),)


async def _filters(visit: Visit, chat: Chat, page: str) -> Shown:
    return filters.shown(visit, await load(visit.connection, chat.id), page)


MENUS: dict[str, Menu] = {
    "main": _main,
    "when": _when,
    "hour": _hour,
    "zone": _zone,
    "days": _days,
    "quiet": _quiet,
    "style": _style,
    "layout": _layout,
    "language": _language,
    "filters": _filters,
}
_ABOVE = {"hour": "when", "zone": "when", "days": "when"}


def _open(visit: Visit, label: str, name: str) -> Button:
    return button(label, Action.MENU, name, visit.elsewhere)


def _set(visit: Visit, label: str, about: str, *, chosen: bool) -> Button:
    return button(f"✓ {label}" if chosen else label, Action.SET, about, visit.elsewhere)


def _rows(buttons: Sequence[Button], across: int) -> Keys:
    return tuple(tuple(buttons[at : at + across]) for at in range(0, len(buttons), across))
