"""/settings, by buttons and by words: when, how much and in which language a chat gets what it follows."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from bot.commands import above, changes, filters, settings_menu
from bot.commands.base import Command, Deed, Refusal, Reply, Visit, button
from bot.commands.changes import Change
from bot.commands.clock import read_days, split_time, starts_with_days
from bot.commands.places import again, check_manager, reply, settle
from bot.commands.spoken import spoken
from bot.commands.terms import terms
from bot.formatter.card import Action, Text
from bot.model import Language, Layout, Schedule, Style, When
from bot.storage import chats, schedules
from bot.when import Misread

Setter = Callable[[Visit, str], Awaitable[None]]


def _schedule(read: Callable[[str], Change]) -> Setter:
    async def set_it(visit: Visit, value: str) -> None:
        known = visit.chat or await above.find_above(visit)
        wanted = read(value)(known.schedule if known else Schedule())
        chat = await settle(visit)
        now = int(visit.request.at)
        await schedules.set_schedule(visit.connection, chat.id, wanted, now=now, next_due=visit.desk.next_due)

    return set_it


async def _set_when(visit: Visit, value: str) -> None:
    name, rest = read_name(value)
    if name not in list(When):
        raise Refusal("settings_when_wrong")
    await SETTERS[name](visit, rest)


async def _set_style(visit: Visit, value: str) -> None:
    name = _style(value)
    if name not in (styles := visit.desk.styles()):
        raise Refusal("settings_style_wrong", styles=_named(visit, styles))
    await chats.set_style(visit.connection, (await settle(visit)).id, Style(name))


def _named(visit: Visit, styles: Sequence[Style]) -> str:
    return visit.say("comma").join(visit.say(f"style_{style}") for style in styles)


def _style(value: str) -> str:
    return _STYLES.get(value.casefold(), value.casefold())


async def _set_language(visit: Visit, value: str) -> None:
    name = _LANGUAGES.get(value.casefold(), value.casefold())
    if name not in list(Language):
        raise Refusal("settings_language_wrong")
    await chats.set_language(visit.connection, (await settle(visit)).id, Language(name))


async def _set_revised(visit: Visit, value: str) -> None:
    if value.casefold() not in _ON | _OFF:
        raise Refusal("settings_revised_wrong")
    await chats.set_revised(visit.connection, (await settle(visit)).id, value.casefold() in _ON)


async def _set_layout(visit: Visit, value: str) -> None:
    name, choices = _LAYOUTS.get(value.casefold(), value.casefold()), visit.place.layouts
    if not choices:
        raise Refusal("settings_layout_none")
    if name not in choices:
        known = visit.say("comma").join(visit.say(f"layout_{each}") for each in choices)
        raise Refusal("settings_layout_wrong", layouts=known)
    await visit.request.guide.check(replace(visit.place, layout=Layout(name)))
    await chats.set_layout(visit.connection, (await settle(visit)).id, Layout(name))


_ON = {"on", "yes", "开", "开启", "是"}
_OFF = {"off", "no", "关", "关闭", "否"}
_STYLES = {
    "card": "cards", "卡片": "cards", "list": "overview", "列表": "overview", "总览": "overview",
    "完整": "full", "全文": "full", "富文本": "rich",
}  # fmt: skip
_LAYOUTS = {
    "thread": "threads", "子区": "threads", "话题": "threads", "帖子": "threads",
    "publish": "published", "发布": "published",
    "messages": "plain", "普通": "plain", "消息": "plain",
}  # fmt: skip
_LANGUAGES = {
    "中文": "zh", "汉语": "zh", "chinese": "zh", "zh-cn": "zh",
    "english": "en", "英文": "en", "英语": "en",
}  # fmt: skip

SETTERS: dict[str, Setter] = {
    "when": _set_when,
    "instant": _schedule(changes.instant),
    "daily": _schedule(changes.daily),
    "weekly": _schedule(changes.weekly),
    "hour": _schedule(changes.hour),
    "zone": _schedule(changes.zone),
    "days": _schedule(changes.days),
    "day": _schedule(changes.day),
    "quiet": _schedule(changes.quiet),
    "style": _set_style,
    "language": _set_language,
    "revised": _set_revised,
    "layout": _set_layout,
    "drop": filters.drop,
}

# What people write, and what that sets.
_NAMES = {name: name for name in SETTERS if name not in ("day", "drop")} | {
    "即时": "instant", "立即": "instant", "immediately": "instant", "now": "instant",
    "每天": "daily", "每日": "daily", "day": "daily", "每周": "weekly", "week": "weekly",
    "time": "hour", "at": "hour", "时间": "hour", "timezone": "zone", "tz": "zone", "时区": "zone",
    "weekdays": "days", "星期": "days", "quiethours": "quiet", "免打扰": "quiet", "静默": "quiet",
    "样式": "style", "风格": "style", "lang": "language", "语言": "language",
    "revisions": "revised", "修订": "revised", "修订版": "revised",
    "布局": "layout", "排布": "layout", "threads": "layout", "filters": "filters", "过滤": "filters",
}  # fmt: skip

# What the catalogs hold an example of, `example_NAME`, that holds everywhere.
EXAMPLES = tuple(name for name in SETTERS if name not in ("day", "drop", "layout"))

# What stands without a blank between it and what it is set to: 每天早上7点.
_GLUED = sorted((name for name in _NAMES if not name.isascii()), key=len, reverse=True)

# The menu in which a button stands, where it is not the one that is named like what it sets.
_MENUS = {
    "hour": "when",
    "zone": "when",
    "day": "days",
    "language": "main",
    "revised": "main",
    "drop": "filters",
}

# Why a button sets nothing, of which the menu as it is now says the rest.
_TOLD_IN_MENU = ("menu_anew", "days_none")


async def settings(visit: Visit) -> Reply:
    """The menu; with words behind it, set what they say."""
    if not visit.text:
        return await settings_menu.menu(visit, "main")
    name, value = read_name(visit.text)
    if not name:
        raise Refusal("settings_unknown")
    if name not in SETTERS or (not value and name in settings_menu.MENUS):
        return await settings_menu.menu(visit, name)
    check_manager(visit)
    if name == "style" and _style(value) == Style.RICH and Style.RICH in visit.desk.styles():
        return await settings_menu.menu(visit, Style.RICH)
    return await _set_by_words(visit, name, value)


def read_name(text: str) -> tuple[str, str]:
    """The setting that words begin with, empty for none, and what it is to be set to."""
    words = " ".join(text.split())
    first, _, value = words.partition(" ")
    if name := _NAMES.get(first.casefold().rstrip(":：")):
        return name, value
    if starts_with_days(words):
        return _of_days(words), words
    glued = next((name for name in _GLUED if words.startswith(name)), "")
    return _NAMES.get(glued, ""), words.removeprefix(glued).lstrip(" :：")


def _of_days(text: str) -> str:
    """What days without a name set: one comes weekly, several daily where an hour stands beside them."""
    try:
        at, rest = split_time(text)
        return "weekly" if len(read_days(rest)) == 1 else "daily" if at else "days"
    except (Misread, Refusal):
        return "weekly"  # which says what is wrong


async def _set_by_words(visit: Visit, name: str, value: str) -> Reply:
    try:
        await _set(visit, name, value)
    except Misread as exc:
        return _explain(visit, name, spoken(visit.say, exc.key, **exc.values), exc.values.get("likely", ""))
    except Refusal as exc:
        return _explain(visit, name, spoken(visit.say, exc.key, **exc.values))
    now = await again(visit)
    more = button(now.say("settings"), Action.MENU, "main", now.elsewhere)
    lines = await terms(now, now.chat) if now.chat else []
    return reply(now, now.say("settings_saved"), *lines, keys=((more,),))


async def _set(visit: Visit, name: str, value: str) -> None:
    """Set it here, and where the place is above others, there; or have it as the place above has it."""
    if above.means_above(visit, name, value):
        await above.take(visit, await settle(visit), name)
    else:
        await SETTERS[name](visit, value)
        await above.keep(visit, name)


def _explain(visit: Visit, name: str, wrong: Text, likely: str = "") -> Reply:
    """What is wrong, with an example; a zone that may be meant is a button."""
    example = visit.say("for_example", example=visit.say(f"example_{name}"))
    zone = ((button(likely, Action.SET, f"zone:{likely}", visit.elsewhere),),) if likely else ()
    return reply(visit, wrong, example, keys=zone)


async def press_menu(visit: Visit) -> Reply:
    """Open a menu in place."""
    return await settings_menu.menu(visit, visit.text, edit=True)


async def press_set(visit: Visit) -> Reply:
    """Set what a button says, and show its menu as it is now."""
    name, _, value = visit.text.partition(":")
    if name not in SETTERS:
        raise Refusal("stale")
    try:
        await _set(visit, name, value)
    except Misread as exc:
        raise Refusal(exc.key, **exc.values) from exc
    except Refusal as exc:
        if exc.key not in _TOLD_IN_MENU:
            raise
        return await settings_menu.menu(visit, _MENUS[name], edit=True, toast=visit.say(exc.key))
    now = await again(visit)
    page = value.partition(":")[2] if name == "drop" else ""
    menu = f"{_MENUS.get(name, name)}:{page}"
    return await settings_menu.menu(now, menu, edit=True, toast=now.say("settings_saved"))


COMMANDS: tuple[Command, ...] = (
    Command(
        name="settings", run=settings, example="daily 07:30", writes=True, may_change=True, elsewhere=True
    ),
)
DEEDS: dict[Action, Deed] = {
    Action.MENU: Deed(run=press_menu, may_change=True),
    Action.SET: Deed(run=press_set, writes=True, changes=True),
}
