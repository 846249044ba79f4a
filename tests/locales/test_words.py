"""The catalogs of the bot's own words."""

import tomllib
from collections import Counter
from pathlib import Path
from string import Formatter

import pytest

from bot import locales
from bot.locales import Words, words
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


PLATFORMS = sorted(path.parent.name for path in Path(locales.__file__).parent.glob("*/en.toml"))


@pytest.mark.parametrize("platform", [name for name in PLATFORMS if name != "menu"])
def test_what_is_said_otherwise_on_a_platform_is_a_phrase_with_the_same_values(platform: str) -> None:
    own = {
        language: tomllib.loads(
            (Path(locales.__file__).parent / platform / f"{language.value}.toml").read_text("utf-8")
        )
        for language in Language
    }
    assert {frozenset(held) for held in own.values()} == {frozenset(own[Language.EN])}
    for language, held in own.items():
        assert held.keys() <= words(language).phrases.keys()
        for key, phrase in held.items():
            for form in phrase.values() if isinstance(phrase, dict) else (phrase,):
                assert values(form) == values(phrases(language)[key][-1]), key
            assert words(language, platform).phrases[key] == phrase != words(language).phrases[key]


@pytest.mark.parametrize("language", Language)
def test_parts_of_a_chat_are_threads_on_discord(language: Language) -> None:
    said = words(language, "discord").phrases
    parts = [
        key for key in said if key.startswith(("topics_", "stop", "paused", "goes_on", "administrators"))
    ]
    assert len(parts) > 15
    assert not [key for key in parts if "topic" in str(said[key]) or "话题" in str(said[key])]


def test_command_is_written_as_it_is_called_and_a_value_is_none() -> None:
    held = {"how": "Write `/tag {tag}` or /tags. {said}"}
    say = Words(held, call=lambda line: f"<{line}>")
    assert say("how", tag="A", said="`/stop` /stop") == "Write </tag A> or </tags>. `/stop` /stop"
    assert Words(held)("how", tag="A", said="") == "Write /tag A or /tags. "


def test_unknown_phrase_is_an_error() -> None:
    with pytest.raises(KeyError):
        words(Language.EN)("no such phrase")
