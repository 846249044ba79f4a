"""What Discord accepts as application commands.

https://discord.com/developers/docs/interactions/application-commands#application-command-object
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import regex

from tests.fakes.discord.refusal import Fault, bad_length, fault, form, missing, strict
from tests.fakes.discord.world import Json

NAME = regex.compile(r"[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}")
LOCALES = {
    "id", "da", "de", "en-GB", "en-US", "es-ES", "es-419", "fr", "hr", "it", "lt", "hu", "nl", "no", "pl",
    "pt-BR", "ro", "fi", "sv-SE", "vi", "tr", "cs", "el", "bg", "ru", "uk", "hi", "th", "zh-CN", "ja",
    "zh-TW", "ko",
}  # fmt: skip
SETTABLE = {
    "name", "name_localizations", "description", "description_localizations", "options", "type",
    "default_member_permissions", "dm_permission", "contexts", "integration_types", "handler", "nsfw",
    "default_permission",
}  # fmt: skip
MOST = {1: 100, 2: 15, 3: 15}
SIZE = 8000  # signs of a command with all that is in it
CHOOSING = {3, 4, 10}  # kinds of options: a text, a whole number, a number
Path = tuple[str | int, ...]


def check(commands: list[Json], installs: Mapping[str, Any], *, guild: bool) -> None:
    """Raises Refusal where the commands are none that Discord accepts."""
    found: list[Fault] = []
    for number, command in enumerate(commands):
        found += _command(command, (number,), {int(kind) for kind in installs})
        if guild and (command.get("contexts") or command.get("integration_types")):
            found.append(strict(number, text="a command of one server has no contexts"))
    counted = Counter((one.get("type") or 1, one.get("name")) for one in commands)
    if any(times > 1 for times in counted.values()):
        text = "Application command names must be unique"
        found.append(fault(code="APPLICATION_COMMANDS_DUPLICATE_NAME", text=text))
    kinds = Counter(one.get("type") or 1 for one in commands)
    found += [bad_length(0, MOST[kind]) for kind, times in kinds.items() if times > MOST.get(kind, 1)]
    if found:
        raise form(*found)


def kept(told: Json, installs: list[int]) -> Json:
    """A command as Discord gives it back."""
    allowed = told.get("default_member_permissions")
    return {
        "type": told.get("type") or 1,
        "name": told["name"],
        "name_localizations": told.get("name_localizations"),
        "description": told.get("description") or "",
        "description_localizations": told.get("description_localizations"),
        "default_member_permissions": None if allowed is None else str(allowed),
        "dm_permission": told.get("dm_permission", True),
        "contexts": told.get("contexts"),
        "integration_types": told.get("integration_types") or installs,
        "nsfw": told.get("nsfw") or False,
    } | ({"options": [_kept(one) for one in told["options"]]} if told.get("options") else {})


def _kept(option: Json) -> Json:
    """An option as Discord gives it back: without what says the usual."""
    usual = {"required": False, "autocomplete": False}
    told = {name: value for name, value in option.items() if value is not None and usual.get(name) != value}
    for name in ("options", "choices"):
        if not told.get(name, True):
            del told[name]
    return told


def _command(one: Json, path: Path, installs: set[int]) -> Iterator[Fault]:
    yield from _words(one, path, described=(one.get("type") or 1) == 1)
    yield from _options(one.get("options") or [], (*path, "options"))
    if not set(one.get("integration_types") or []) <= installs:
        text = "The application does not support these integration types"
        yield fault(
            *path, "integration_types", code="APPLICATION_COMMAND_INVALID_INTEGRATION_TYPES", text=text
        )
    if not set(one.get("contexts") or []) <= {0, 1, 2}:
        yield fault(*path, "contexts", code="BASE_TYPE_CHOICES", text="Value must be one of {0, 1, 2}.")
    allowed = one.get("default_member_permissions")
    if allowed is not None and not str(allowed).isdecimal():
        text = f'Value "{allowed}" is not a bit set.'
        yield fault(*path, "default_member_permissions", code="BITFIELD_TYPE_COERCE", text=text)
    if _size(one) > SIZE:
        text = f"Command exceeds maximum size ({SIZE})"
        yield fault(*path, code="APPLICATION_COMMAND_TOO_LARGE", text=text)


def _words(one: Json, path: Path, *, described: bool) -> Iterator[Fault]:
    yield from _name(one.get("name"), (*path, "name"), strange=not described)
    text = one.get("description") or ""
    if described and not text.strip():
        yield missing(*path, "description")
    elif len(text) > 100 or (text and not described):
        yield (
            bad_length(1, 100, *path, "description") if described else bad_length(0, 0, *path, "description")
        )
    for kind in ("name", "description"):
        for locale, words in (one.get(f"{kind}_localizations") or {}).items():
            here = (*path, f"{kind}_localizations", locale)
            if locale not in LOCALES:
                yield fault(*here, code="BASE_TYPE_CHOICES", text="Value must be one of the locales.")
            elif kind == "name":
                yield from _name(words, here, strange=not described)
            elif not 1 <= len((words or "").strip()) <= 100:
                yield bad_length(1, 100, *here)


def _name(name: str | None, path: Path, *, strange: bool) -> Iterator[Fault]:
    if not name:
        yield missing(*path)
    elif len(name) > 32:
        yield bad_length(1, 32, *path)
    elif not strange and (not NAME.fullmatch(name) or name != name.lower()):
        text = "Command name is invalid"
        yield fault(*path, code="APPLICATION_COMMAND_INVALID_NAME", text=text)


def _options(options: list[Json], path: Path) -> Iterator[Fault]:
    if len(options) > 25:
        yield bad_length(0, 25, *path)
    wanted = [bool(one.get("required")) for one in options]
    if wanted != sorted(wanted, reverse=True):
        text = "Required options must be placed before non-required options"
        yield fault(*path, code="APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", text=text)
    for number in _repeated(one.get("name") for one in options):
        text = "Option name already exists"
        yield fault(*path, number, "name", code="APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", text=text)
    for locale in {locale for one in options for locale in one.get("name_localizations") or {}}:
        names = [(one.get("name_localizations") or {}).get(locale) or one.get("name") for one in options]
        for number in _repeated(names):
            text = "Option name already exists"
            code = "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS"
            yield fault(*path, number, "name_localizations", locale, code=code, text=text)
    for number, one in enumerate(options):
        yield from _option(one, (*path, number))


def _option(one: Json, path: Path) -> Iterator[Fault]:
    kind = one.get("type")
    if kind not in range(1, 12):
        yield fault(*path, "type", code="BASE_TYPE_CHOICES", text="Value must be one of {1, ..., 11}.")
    yield from _words(one, path, described=True)
    choices = one.get("choices") or []
    if choices and one.get("autocomplete"):
        text = "Choices and autocomplete cannot both be given"
        yield fault(*path, code="APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_CHOICES", text=text)
    if (choices or one.get("autocomplete")) and kind not in CHOOSING:
        text = "This type of option has no choices"
        yield fault(*path, code="APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", text=text)
    yield from _choices(choices, kind, (*path, "choices"))
    yield from _options(one.get("options") or [], (*path, "options"))


def _choices(choices: list[Json], kind: Any, path: Path) -> Iterator[Fault]:
    if len(choices) > 25:
        yield bad_length(0, 25, *path)
    for number, one in enumerate(choices):
        if not 1 <= len((one.get("name") or "").strip()) <= 100:
            yield bad_length(1, 100, *path, number, "name")
        value = one.get("value")
        if (kind == 3) != isinstance(value, str) or value is None:
            text = f"Value {value!r} does not fit the option's type"
            yield fault(*path, number, "value", code="APPLICATION_COMMAND_OPTIONS_CHOICE_VALUE", text=text)
        elif isinstance(value, str) and not 1 <= len(value) <= 100:
            yield bad_length(1, 100, *path, number, "value")
    for number in _repeated(one.get("name") for one in choices):
        text = "Option choice name already exists"
        yield fault(
            *path, number, "name", code="APPLICATION_COMMAND_OPTIONS_CHOICE_NAME_ALREADY_EXISTS", text=text
        )


def _repeated(names: Iterable[Any]) -> Iterator[int]:
    seen = set()
    for number, name in enumerate(names):
        if name in seen:
            yield number
        seen.add(name)


def _size(one: Json) -> int:
    """The signs of names, descriptions and values; of a localized one the longest counts."""
    total = sum(
        max(map(len, [one.get(name) or "", *(one.get(f"{name}_localizations") or {}).values()]))
        for name in ("name", "description")
    )
    total += len(one["value"]) if isinstance(one.get("value"), str) else 0
    return total + sum(_size(inner) for name in ("options", "choices") for inner in one.get(name) or [])
