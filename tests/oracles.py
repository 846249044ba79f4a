"""Who says that a message is valid: Telegram's own parser, and the platforms' published specifications."""

import json
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import tdjson

SHARED = os.environ.get("PAPERBOY_SHARED")
needs_shared = pytest.mark.skipif(not SHARED, reason="PAPERBOY_SHARED names no folder with corpus and specs")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A part of a message that is more than plain text."""

    kind: str  # Bold, TextUrl, Mention, ...
    text: str
    start: int  # UTF-16 units
    end: int
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A Telegram message as its readers get it."""

    text: str
    marked: tuple[Piece, ...]  # from the markup
    found: tuple[Piece, ...]  # by Telegram itself, where no link or code from the markup stands

    @property
    def units(self) -> int:
        return len(self.text.encode("utf-16-le")) // 2

    @property
    def links(self) -> tuple[tuple[str, str], ...]:
        return tuple((piece.text, piece.url or "") for piece in self.marked if piece.kind == "TextUrl")


def read(html: str) -> Seen:
    """A text in Telegram's HTML as it is shown; fails where Telegram refuses it."""
    mode = {"@type": "textParseModeHTML"}
    parsed = _execute({"@type": "parseTextEntities", "text": html, "parse_mode": mode})
    assert parsed["@type"] == "formattedText", parsed
    text = parsed["text"]
    marked = _pieces(text, parsed["entities"])
    solid = [piece for piece in marked if piece.kind in {"TextUrl", "Code"}]
    found = _pieces(text, _execute({"@type": "getTextEntities", "text": text})["entities"])
    loose = (f for f in found if not any(s.start < f.end and f.start < s.end for s in solid))
    return Seen(text=text, marked=marked, found=tuple(loose))


def same_address(one: str, other: str) -> bool:
    """Whether two addresses are one but for how they are written."""
    return _normal(one) == _normal(other)


def refused(method: str, params: dict[str, Any]) -> list[str]:
    """What is wrong with a request to Telegram by its published specification; empty where it is sound."""
    return _mismatches(_specification()["methods"][method]["fields"], params, method)


@cache
def _specification() -> Any:
    assert SHARED
    return json.loads((Path(SHARED) / "specs" / "telegram-bot-api-10.1.json").read_text("utf-8"))


def _mismatches(fields: list[dict[str, Any]], given: dict[str, Any], place: str) -> list[str]:
    known = {field["name"]: field for field in fields}
    wrong = [f"{place}: unknown field {name}" for name in given.keys() - known.keys()]
    wrong += [f"{place}: {n} is missing" for n, f in known.items() if f["required"] and n not in given]
    for name in given.keys() & known.keys():
        tries = [_wrong_type(kind, given[name], f"{place}.{name}") for kind in known[name]["types"]]
        if all(tries):
            wrong += tries[0]
    return wrong


def _wrong_type(kind: str, value: Any, place: str) -> list[str]:
    plain = {"String": str, "Integer": int, "Boolean": bool, "True": bool, "Float": float}
    if kind.startswith("Array of "):
        if not isinstance(value, list):
            return [f"{place}: not a list"]
        inner = kind.removeprefix("Array of ")
        return [w for at, item in enumerate(value) for w in _wrong_type(inner, item, f"{place}[{at}]")]
    if kind in plain:
        return [] if type(value) is plain[kind] else [f"{place}: not a {kind}"]
    if not isinstance(value, dict):
        return [f"{place}: not a {kind}"]
    return _mismatches(_specification()["types"][kind]["fields"], value, place)


def _pieces(text: str, entities: list[dict[str, Any]]) -> tuple[Piece, ...]:
    coded = text.encode("utf-16-le")
    return tuple(
        Piece(
            kind=entity["type"]["@type"].removeprefix("textEntityType"),
            text=coded[2 * entity["offset"] : 2 * (entity["offset"] + entity["length"])].decode("utf-16-le"),
            start=entity["offset"],
            end=entity["offset"] + entity["length"],
            url=entity["type"].get("url"),
        )
        for entity in entities
    )


def _normal(address: str) -> str:
    parts = urlsplit(address)
    return unquote(parts._replace(netloc=parts.netloc.lower(), path=parts.path or "/").geturl())


def _execute(request: dict[str, Any]) -> Any:
    _quiet()
    return json.loads(tdjson.td_execute(json.dumps(request).encode()))


@cache
def _quiet() -> None:
    tdjson.td_execute(json.dumps({"@type": "setLogVerbosityLevel", "new_verbosity_level": 0}).encode())
