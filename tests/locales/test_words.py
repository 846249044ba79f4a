"""The catalogs of the bot's own words."""

import tomllib
from collections import Counter
from pathlib import Path
from string import Formatter

import pytest

from bot import locales
from bot.locales import words
from bot.model import Language


def phrases(language: Language) -> dict[str, list[str]]:
    """Each phrase in all its forms."""
    known = words(language).phrases
    return {key: list(p.values()) if isinstance(p, dict) else [p] for key, p in known.items()}


def values(phrase: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(phrase) if name is not None}


@pytest.mark.parametrize("language", Language)
def test_every_catalog_has_the_same_keys(language: Language) -> None:
    assert phrases(language).keys() == phrases(Language.EN).keys()


@pytest.mark.parametrize("language", Language)
def test_no_phrase_stands_in_two_catalogs(language: Language) -> None:
    catalogs = (Path(locales.__file__).parent / language.value).glob("*.toml")
    keys = [key for catalog in catalogs for key in tomllib.loads(catalog.read_text("utf-8"))]
    assert [key for key, count in Counter(keys).items() if count > 1] == []


@pytest.mark.parametrize("language", Language)
def test_every_phrase_has_the_same_values(language: Language) -> None:
    for key, forms in phrases(language).items():
        for form in forms:
            assert values(form) == values(phrases(Language.EN)[key][-1]), key


@pytest.mark.parametrize("language", Language)
def test_every_plural_has_a_form_for_any_number(language: Language) -> None:
    plurals = [p for p in words(language).phrases.values() if isinstance(p, dict)]
    assert plurals
    assert all("other" in plural for plural in plurals)


def test_number_chooses_the_form() -> None:
    assert words(Language.EN)("papers", n=1) == "1 paper"
    assert words(Language.EN)("papers", n=2) == "2 papers"
    assert words(Language.ZH)("papers", n=1) == "1 篇论文"


def test_value_is_not_read_as_a_pattern() -> None:
    assert words(Language.EN)("by", author="{n} {0}") == "By {n} {0}"


def test_unknown_phrase_is_an_error() -> None:
    with pytest.raises(KeyError):
        words(Language.EN)("no such phrase")
