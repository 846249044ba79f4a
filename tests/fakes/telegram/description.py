"""The published description of the Bot API: which methods there are, and what their fields hold.

It lies where PAPERBOY_SHARED says; without it there is none, and requests are read by `guess`.
"""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests.fakes.telegram.refusal import Refusal, bad, strict

PLAIN = {"String": str, "Integer": int, "Boolean": bool}
WRITTEN = {*PLAIN, "Float", "InputFile"}  # what a form holds as it stands
# What the Bot API says before the trouble in a field (its own source, telegram-bot-api/Client.cpp).
PLACES = {
    "reply_markup": "can't parse inline keyboard button: ",
    "media": "can't parse InputMedia: ",
    "commands": "can't parse BotCommand: ",
    "scope": "can't parse BotCommandScope: ",
    "results": "can't parse inline query result: ",
    "entities": "can't parse MessageEntity: ",
    "caption_entities": "can't parse MessageEntity: ",
    "button": "can't parse inline query results button: ",
}
OBJECTS = {
    "reply_markup": "reply keyboard markup",
    "scope": "BotCommandScope",
    "link_preview_options": "link preview options",
    "reply_parameters": "reply parameters",
    "button": "inline query results button",
}
MISSING = {
    "chat_id": "chat_id is empty",
    "text": "message text is empty",
    "photo": "there is no photo in the request",
    "document": "there is no document in the request",
    "user_id": "invalid user_id specified",
    "action": "wrong parameter action in request",
}
_LITERAL = re.compile(r'\b(?:must be|always) "?([a-z_0-9]+)"?$')
_WHOLE = re.compile(r"-?\d{1,18}")
_TRUE, _FALSE = {"true", "1", "yes"}, {"false", "0", "no"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Why a value is not of a type; `near` where it was at least an object of that kind."""

    text: str
    near: bool = False
    strict: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field of a method or of a type."""

    name: str
    types: tuple[str, ...]  # none of them an array or a kind with kinds of its own
    inner: tuple[str, ...]  # what an array holds
    required: bool
    literal: str | None


class Description:
    """What the Bot API takes."""

    def __init__(self, path: Path) -> None:
        told = json.loads(path.read_text("utf-8"))
        self.types = told["types"]
        self.methods = {name.lower(): name for name in told["methods"]}
        self._fields = {
            name: {f["name"]: self._field(f) for f in method.get("fields", ())}
            for name, method in told["methods"].items()
        }
        self._returns = {
            name: self._field({"name": "result", "types": method["returns"], "required": True})
            for name, method in told["methods"].items()
        }
        self._kinds: dict[str, dict[str, Field]] = {}
        self._items: dict[tuple[str, ...], Field] = {}

    def method(self, name: str) -> dict[str, Field]:
        """The fields of a method, by name."""
        return self._fields[name]

    def decode(self, method: str, raw: dict[str, Any], uploads: set[str]) -> dict[str, Any]:
        """The fields of a request, each of its type; raises Refusal where one is none of them."""
        fields = self._fields[method]
        params = {}
        for name, value in raw.items():
            if name not in fields:
                raise strict(f"{method}: unknown field {name}")
            params[name] = self._read(fields[name], value)
        for name, field in fields.items():
            if field.required and name not in params and name not in uploads:
                raise bad(MISSING.get(name) or f'parameter "{name}" is required')
        for name in uploads & fields.keys():
            if "InputFile" not in fields[name].types:
                raise strict(f"{method}: {name} takes no file")
        return params

    def fields(self, kind: str) -> dict[str, Field]:
        """The fields of a type, by name."""
        if kind not in self._kinds:
            told = self.types[kind].get("fields", ())
            self._kinds[kind] = {f["name"]: self._field(f) for f in told}
        return self._kinds[kind]

    def wrong(self, kind: str, value: Any) -> str | None:
        """What is wrong with an object of a type, for instance an Update; None: nothing."""
        trouble = self._wrong(self._field({"name": kind, "types": [kind], "required": True}), value)
        return trouble.text if trouble else None

    def wrong_result(self, method: str, result: Any) -> str | None:
        """What is wrong with what a method gave; None: nothing."""
        trouble = self._wrong(self._returns[method], result)
        return trouble.text if trouble else None

    def _read(self, field: Field, value: Any) -> Any:
        value = _unpack(field, value)
        if trouble := self._wrong(field, value):
            raise _refusal(field, trouble)
        return value

    def _wrong(self, field: Field, value: Any) -> Trouble | None:
        worst: Trouble | None = None
        for trouble in self._tries(field, value):
            if trouble is None:
                return None
            if worst is None or (trouble.near and not worst.near):
                worst = trouble
        return worst

    def _tries(self, field: Field, value: Any) -> Iterator[Trouble | None]:
        if field.inner and isinstance(value, list):
            item = self._item(field)
            return iter([next((t for one in value if (t := self._wrong(item, one))), None)])
        return (self._mismatch(kind, field.name, value) for kind in field.types or ("Array",))

    def _mismatch(self, kind: str, name: str, value: Any) -> Trouble | None:
        if kind in PLAIN or kind == "Float":
            sort = (int, float) if kind == "Float" else (PLAIN[kind],)
            return None if type(value) in sort else Trouble(text=f'Field "{name}" must be of type {kind}')
        if kind == "InputFile":
            attached = isinstance(value, str) and value.startswith("attach://")
            return None if attached else Trouble(text=f'Field "{name}" must be a file')
        if kind == "Array" or not isinstance(value, dict):
            return Trouble(text=f'Field "{name}" must be of type {"Array" if kind == "Array" else "Object"}')
        return self._object(kind, value)

    def _object(self, kind: str, value: dict[str, Any]) -> Trouble | None:
        fields = self.fields(kind)
        for name, field in fields.items():
            if field.literal and value.get(name) != field.literal:
                return Trouble(text=f'{name} "{value.get(name)}" is unsupported')
        for name, field in fields.items():
            if name not in value:
                if field.required:
                    return Trouble(text=f'Can\'t find field "{name}"', near=True)
            elif trouble := self._wrong(field, value[name]):
                return Trouble(text=trouble.text, near=True, strict=trouble.strict)
        unknown = value.keys() - fields.keys()
        return (
            Trouble(text=f"{kind}: unknown field {min(unknown)}", near=True, strict=True) if unknown else None
        )

    def _field(self, told: dict[str, Any]) -> Field:
        types = tuple(leaf for kind in told["types"] for leaf in self._leaves(kind))
        inner = [t.removeprefix("Array of ") for t in types if t.startswith("Array of ")]
        literal = _LITERAL.search(told.get("description", "").rstrip("."))
        named = told["name"] in {"type", "status", "source"}
        return Field(
            name=told["name"],
            types=tuple(t for t in types if not t.startswith("Array of ")),
            inner=tuple(inner),
            required=told["required"],
            literal=literal[1] if literal and named else None,
        )

    def _item(self, field: Field) -> Field:
        if field.inner not in self._items:
            told = {"name": field.name, "types": field.inner, "required": True}
            self._items[field.inner] = self._field(told)
        return self._items[field.inner]

    def _leaves(self, kind: str) -> list[str]:
        below = self.types.get(kind, {}).get("subtypes") or ()
        leaves = [leaf for sub in below if sub != kind for leaf in self._leaves(sub)]
        return leaves or [kind]


@cache
def published() -> Description | None:
    """The description, where there is one."""
    shared = os.environ.get("PAPERBOY_SHARED")
    return Description(Path(shared) / "specs" / "telegram-bot-api-10.1.json") if shared else None


def _unpack(field: Field, value: Any) -> Any:
    """A value as it is meant: forms hold text alone, with JSON inside."""
    if not isinstance(value, str) or field.types == ("String",):
        return value
    if "Integer" in field.types and _WHOLE.fullmatch(value):
        return int(value)
    if "Boolean" in field.types and value.lower() in _TRUE | _FALSE:
        return value.lower() in _TRUE
    if "Float" in field.types and re.fullmatch(r"-?\d+(\.\d+)?", value):
        return float(value)
    if not field.inner and WRITTEN & set(field.types):
        return value
    try:
        return json.loads(value)
    except ValueError:
        raise bad(f"can't parse {OBJECTS.get(field.name, field.name)} JSON object") from None


def _refusal(field: Field, trouble: Trouble) -> Refusal:
    if trouble.strict:
        return strict(trouble.text)
    complex_types = field.inner or set(field.types) - WRITTEN
    place = PLACES.get(field.name) or (f"can't parse {field.name}: " if complex_types else "")
    return bad(place + trouble.text)
