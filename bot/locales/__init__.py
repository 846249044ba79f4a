"""The bot's own words, a folder of catalogs a language: `words(language)("authors_more", n=3)`."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bot.model import Language


@dataclass(frozen=True, slots=True)
class Words:
    """The phrases of one language."""

    phrases: dict[str, str | dict[str, str]]

    def __call__(self, key: str, **values: Any) -> str:
        """The phrase with its values in place; `n` chooses between its `one` and `other`.

        Raises KeyError for a phrase or a value that is not there.
        """
        phrase = self.phrases[key]
        if isinstance(phrase, dict):
            phrase = phrase["one" if values["n"] == 1 and "one" in phrase else "other"]
        return phrase.format_map(values) if values else phrase


@cache
def words(language: Language) -> Words:
    """The words of a language, read when first asked for."""
    folder = Path(__file__).parent / language.value
    phrases: dict[str, str | dict[str, str]] = {}
    for catalog in sorted(folder.glob("*.toml")):
        phrases |= tomllib.loads(catalog.read_text("utf-8"))
    return Words(phrases)
