"""The commands that Discord offers while people type, in their language; told it when they have changed.

A locale without words of its own shows English: Discord falls back from zh-TW to no other Chinese.
https://discord.com/developers/docs/interactions/application-commands#localization
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import aiohttp
import discord
from discord.http import HTTPClient, Route

from bot.adapters.discord.options import Kind, Option, options
from bot.commands.base import Command
from bot.locales import Called, MenuWords, menu_words, words
from bot.log import get_logger
from bot.model import Language

log = get_logger(__name__)

PATIENCE = 20.0  # seconds that the menu may take: people are answered by an old one as well
LOCALES = {"zh-CN": Language.ZH, "zh-TW": Language.ZH}  # besides English, and what /help speaks there

MANAGE_CHANNELS = 1 << 4
NOBODY = 0  # but administrators, of a server
GUILDS, PEOPLE = 0, 1  # whom an application is installed for
HERE, DIRECT, ELSEWHERE = 0, 1, 2  # a server, the bot's own chat with a person, any other private one
PLACES = [0, 2, 5, 10, 11, 12, 13, 15]  # channels that can be written in, threads and forums
CHAT_INPUT, ENTRY_POINT = 1, 4  # kinds of commands; the portal makes the second
INVALID = 50035

Body = dict[str, Any]


def menu(commands: Iterable[Command]) -> list[Body]:
    """The commands as Discord takes them."""
    return [_command(command) for command in commands]


def same(ours: Sequence[Body], theirs: Sequence[Body]) -> bool:
    """Whether Discord has the same menu, whatever else it tells of it and in whichever order."""
    return {body["name"]: _bare(body) for body in ours} == {body["name"]: _bare(body) for body in theirs}


async def register(http: HTTPClient, application_id: int, wanted: Sequence[Body]) -> bool:
    """Tell Discord the commands where it has others; whether it was told.

    What it does not take is logged, and the bot works without.
    """
    try:
        async with asyncio.timeout(PATIENCE):
            return await _register(http, application_id, wanted)
    except (discord.DiscordException, aiohttp.ClientError, OSError, ValueError) as exc:
        said = " ".join(str(exc).split())[:200] or type(exc).__name__
        log.warning("menu.kept", platform="discord", reason=said)
        return False


async def _register(http: HTTPClient, application_id: int, wanted: Sequence[Body]) -> bool:
    path = "/applications/{application_id}/commands"
    asking = Route("GET", path, application_id=application_id)
    told: Any = await http.request(asking, params={"with_localizations": "true"})
    if not isinstance(told, list) or not all(isinstance(body, dict) and "name" in body for body in told):
        raise ValueError("what answers is not Discord")
    theirs = [body for body in told if body.get("type", CHAT_INPUT) != ENTRY_POINT]
    kept = [body for body in told if body not in theirs]  # Discord refuses a menu without it
    if same(wanted, theirs):
        return False
    telling = Route("PUT", path, application_id=application_id)
    try:
        await http.request(telling, json=[*wanted, *kept])
    except discord.HTTPException as exc:
        narrow = [body | {"integration_types": [GUILDS]} for body in wanted]
        if exc.code != INVALID or same(narrow, wanted):
            raise
        log.info("menu.narrowed", mend="let people install the application in the developer portal")
        if same(narrow, theirs):
            return False
        await http.request(telling, json=[*narrow, *kept])
    return True


def _command(command: Command) -> Body:
    body: Body = {
        "type": CHAT_INPUT,
        "name": command.name,
        **_called(lambda known: known.commands.get(command.name), f"help_{command.name}"),
        "options": [_option(option) for option in options(command.name)],
        "integration_types": [GUILDS, PEOPLE],
        "contexts": [HERE, DIRECT] if command.operators else [HERE, DIRECT, ELSEWHERE],
    }
    if command.operators:
        body["default_member_permissions"] = NOBODY
    elif command.changes:
        body["default_member_permissions"] = MANAGE_CHANNELS
    return body


def _option(option: Option) -> Body:
    body: Body = {
        "type": option.kind.value,
        "name": option.name,
        **_called(lambda known: known.options.get(option.name)),
        "required": option.required,
    }
    if option.kind is Kind.PLACE:
        body["channel_types"] = PLACES
    elif option.kind is Kind.NUMBER:
        body |= {"min_value": 1, "max_value": option.most}
    elif option.most:
        body["max_length"] = option.most
    if option.complete:
        body["autocomplete"] = True
    elif option.choices:
        body["choices"] = [_choice(value) for value in option.choices]
    return body


def _choice(value: str) -> Body:
    labels = {locale: menu_words(locale).choices[value] for locale in LOCALES}
    return {"name": menu_words("en").choices[value], "name_localizations": labels, "value": value}


def _called(find: Callable[[MenuWords], Called | None], help_: str = "") -> Body:
    """Names and descriptions by locale; those of /help for a command that no menu has words for."""
    english = find(menu_words("en"))
    found = {locale: find(menu_words(locale)) for locale in LOCALES}
    return {
        "description": english.description if english else words(Language.EN)(help_)[:100],
        "name_localizations": {locale: called.name for locale, called in found.items() if called},
        "description_localizations": {
            locale: called.description if called else words(LOCALES[locale])(help_)[:100]
            for locale, called in found.items()
        },
    }


_TOLD = {
    "type", "name", "name_localizations", "description", "description_localizations", "options", "required",
    "autocomplete", "choices", "value", "channel_types", "min_value", "max_value", "min_length", "max_length",
    "default_member_permissions", "contexts", "integration_types",
}  # fmt: skip
_UNORDERED = {"channel_types", "contexts", "integration_types"}


def _bare(body: Body) -> Body:
    """What we tell of a command, an option or a choice, without what says nothing."""
    found: Body = {}
    for name in _TOLD & body.keys():
        value = body[name]
        if name == "default_member_permissions" and value is not None:
            found[name] = int(value)  # Discord answers with a text
        elif name in ("options", "choices"):
            found |= {name: [_bare(each) for each in value]} if value else {}
        elif name in _UNORDERED:
            found |= {name: sorted(value)} if value else {}
        elif value:
            found[name] = value
    return found
