"""The bot's own words, a folder of catalogs a language, and what a platform says otherwise, a folder each.

`words(language)("authors_more", n=3)`. A command with something behind it stands between backticks.
"""

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bot.model import Language

# A command in a phrase: bare, or with what stands behind it between backticks, which are not shown.
_CALL = re.compile(r"`(/[^`]+)`|(?<![\w/])(/[a-z]+)")


def _as_typed(line: str) -> str:
    return line


@dataclass(frozen=True, slots=True)
class Words:
    """The phrases of one language."""

    phrases: dict[str, str | dict[str, str]]
    call: Callable[[str], str] = _as_typed  # how a command is written for whoever reads it

    def __call__(self, key: str, **values: Any) -> str:
        """The phrase with its values in place; `n` chooses between its `one` and `other`.

        Raises KeyError for a phrase or a value that is not there.
        """
        phrase = self.phrases[key]
        if isinstance(phrase, dict):
            phrase = phrase["one" if values["n"] == 1 and "one" in phrase else "other"]
        parts = _CALL.split(phrase)  # text, then a marked command or None, then a bare one or None, and so on
        filled = [part.format_map(values) if part and values else part or "" for part in parts]
        return "".join(self.call(part) if at % 3 and part else part for at, part in enumerate(filled))


@cache
def words(language: Language, platform: str = "") -> Words:
    """The words of a language, read when first asked for; those of a platform in place of the common ones."""
    here = Path(__file__).parent
    catalogs = sorted((here / language.value).glob("*.toml"))
    own = here / platform / f"{language.value}.toml"
    phrases: dict[str, str | dict[str, str]] = {}
    for catalog in (*catalogs, *([own] if platform and own.is_file() else [])):
        phrases |= tomllib.loads(catalog.read_text("utf-8"))
    return Words(phrases)


@dataclass(frozen=True, slots=True)
class Called:
    """What something in a menu of commands is called in a locale, and what it is."""

    name: str  # empty: as in the code
    description: str


@dataclass(frozen=True, slots=True)
class MenuWords:
    """The words of a menu of commands in one locale, by the names in the code."""

    commands: dict[str, Called]
    options: dict[str, Called]
    choices: dict[str, str]


@cache
def menu_words(locale: str) -> MenuWords:
    """The words of the menu in a locale that platforms have, "zh-TW"; OSError: there are none."""
    held = tomllib.loads((Path(__file__).parent / "menu" / f"{locale}.toml").read_text("utf-8"))
    called = {
        kind: {name: _called(words) for name, words in held[kind].items()} for kind in ("command", "option")
    }
    return MenuWords(called["command"], called["option"], held["choice"])


def _called(words: dict[str, str]) -> Called:
    return Called(words.get("name", ""), words["description"])
