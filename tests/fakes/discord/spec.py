"""The published description of Discord's API: what the bodies of requests hold.

It lies where PAPERBOY_SHARED says; without it bodies are checked by this server's own rules alone.
"""

import json
import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from tests.fakes.discord.journal import Request
from tests.fakes.discord.refusal import Fault, bad_length, fault, form, missing, no, strict, too_long

Json = dict[str, Any]
Place = tuple[str | int, ...]
HARMLESS = {"tts": False, "flags": 0, "type": 11}  # what discord.py sends with everything of a kind
KINDS = "x-kinds"  # the schemas of which a value is of one, by its type
_PIECE = re.compile(r"\{\w+\}")


def check_kind(request: Request) -> None:
    """Raises Refusal where a body is no object (or list of commands) at all."""
    wanted: type = list if request.method == "PUT" and request.route.endswith("/commands") else dict
    if not isinstance(request.json, wanted):
        raise no(50109)


def check(request: Request) -> None:
    """Raises Refusal where a body is not what the description says, or holds what it does not know."""
    described = published()
    if described is None or request.json is None:
        return
    if found := described.faults(request.method, request.route, request.json):
        raise form(*found)


class Description:
    """What Discord's API takes."""

    def __init__(self, path: Path) -> None:
        import jsonschema

        whole = json.loads(path.read_text("utf-8"))
        self._schemas = whole["components"]["schemas"]
        _loosen(self._schemas)
        _part(whole, self._schemas)
        self._bodies = dict(_bodies(whole["paths"]))
        self._results = dict(_results(whole["paths"]))
        self._root = jsonschema.Draft202012Validator({"components": whole["components"]})
        self._best = jsonschema.exceptions.best_match

    def faults(self, method: str, route: str, body: Any) -> list[Fault]:
        """What is wrong with the body of a request; a route that is not described takes anything."""
        schema = self._bodies.get((method, _PIECE.sub("{}", route)))
        if schema is None:
            return []
        schema = self._narrow(schema, body)
        if error := self._best(self._root.evolve(schema=schema).iter_errors(body)):
            return [_told(error)]
        return list(self._strange(schema, body, ()))

    def wrong_result(self, method: str, route: str, status: int, result: Any) -> str | None:
        """What is wrong with what a request gave; None: nothing."""
        schema = self._results.get((method, _PIECE.sub("{}", route), str(status)))
        if schema is None:
            return None
        error = self._best(self._root.evolve(schema=schema).iter_errors(result))
        return f"{method} {route}: {error.json_path}: {error.message[:300]}" if error else None

    def _strange(self, schema: Json, value: Any, path: Place) -> Iterator[Fault]:
        """The fields that the description does not know."""
        schema = self._narrow(schema, value)
        if isinstance(value, list):
            for number, item in enumerate(value):
                yield from self._strange(schema.get("items", {}), item, (*path, number))
        if not isinstance(value, dict) or "properties" not in schema:
            return
        for key, item in value.items():
            if key in schema["properties"]:
                yield from self._strange(schema["properties"][key], item, (*path, key))
            elif HARMLESS.get(key, ...) != item:
                yield strict(*path, key, text="a field that Discord does not look at")

    def _narrow(self, schema: Json, value: Any) -> Json:
        """The schema behind a name; of several the one that a value is of."""
        while True:
            if "$ref" in schema:
                schema = self._schemas[schema["$ref"].rpartition("/")[2]]
            elif several := schema.get(KINDS) or schema.get("oneOf") or schema.get("anyOf"):
                fitting = [one for one in several if self._fits(one, value)]
                if not fitting:
                    return schema
                schema = min(fitting, key=lambda one: self._unknown(one, value))
            else:
                return schema

    def _fits(self, schema: Json, value: Any) -> bool:
        kinds = self._named(schema).get("properties", {}).get("type", {}).get("enum")
        if kinds and isinstance(value, dict) and value.get("type") in kinds:
            return True
        return self._root.evolve(schema=schema).is_valid(value)

    def _unknown(self, schema: Json, value: Any) -> int:
        known = self._named(schema).get("properties", {})
        return len(value.keys() - known.keys()) if isinstance(value, dict) else 0

    def _named(self, schema: Json) -> Json:
        while "$ref" in schema:
            schema = self._schemas[schema["$ref"].rpartition("/")[2]]
        return schema


@cache
def published() -> Description | None:
    """The description, where there is one."""
    shared = os.environ.get("PAPERBOY_SHARED")
    return Description(Path(shared) / "specs" / "discord-openapi.json") if shared else None


def _bodies(paths: Json) -> Iterator[tuple[tuple[str, str], Json]]:
    for path, operations in paths.items():
        for method, operation in operations.items():
            if isinstance(operation, dict) and "requestBody" in operation:
                content = operation["requestBody"]["content"]
                if "application/json" in content:
                    yield (method.upper(), _PIECE.sub("{}", path)), content["application/json"]["schema"]


def _results(paths: Json) -> Iterator[tuple[tuple[str, str, str], Json]]:
    for path, operations in paths.items():
        for method, operation in operations.items():
            answers = operation.get("responses", {}) if isinstance(operation, dict) else {}
            for status, answer in answers.items():
                if schema := answer.get("content", {}).get("application/json", {}).get("schema"):
                    yield (method.upper(), _PIECE.sub("{}", path), status), schema


def _loosen(schemas: Json) -> None:
    """Discord takes ids as numbers, and permissions as texts, which its documentation asks for."""
    schemas["SnowflakeType"] = {"type": ["string", "integer"], "pattern": "^(0|[1-9][0-9]*)$"}
    for schema in schemas.values():
        allowed = schema.get("properties", {}).get("default_member_permissions")
        if allowed and "integer" in allowed.get("type", ()):
            allowed["type"] = [*allowed["type"], "string"]


def _part(node: Any, schemas: Json) -> None:
    """Have what is of one of several kinds held against its own kind alone: faster, and errors say where."""
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        _part(child, schemas)
    if not isinstance(node, dict):
        return
    for word in ("oneOf", "anyOf"):
        kinds = [_kinds(one, schemas) for one in node.get(word, ())]
        if len(kinds) > 1 and all(kinds):
            known = [
                {"if": {"properties": {"type": {"enum": k}}}, "then": one}
                for k, one in zip(kinds, node[word], strict=True)
            ]
            node[KINDS] = node.pop(word)
            every = {"type": "object", "required": ["type"]}
            every["properties"] = {"type": {"enum": sorted({k for some in kinds for k in some})}}
            node["allOf"] = [every, *known]


def _kinds(schema: Json, schemas: Json) -> list[int]:
    """The types that a schema is of."""
    named = schemas.get(schema.get("$ref", "").rpartition("/")[2], {})
    return named.get("properties", {}).get("type", {}).get("enum", [])


def _told(error: Any) -> Fault:
    path, most = tuple(error.absolute_path), error.validator_value
    length = len(error.instance) if isinstance(error.instance, str | list) else 0
    if error.validator in {"maxLength", "maxItems"}:
        return too_long(most, *path)
    if error.validator in {"minLength", "minItems"}:
        return bad_length(most, max(most, error.schema.get("maxLength", length)), *path)
    if error.validator == "required":
        names = [name for name in error.validator_value if name not in error.instance]
        return missing(*path, *names[:1])
    if error.validator == "enum":
        return fault(*path, code="BASE_TYPE_CHOICES", text=f"Value must be one of {most!r}.")
    if error.validator == "maximum":
        return fault(*path, code="NUMBER_TYPE_MAX", text=f"int value should be less than or equal to {most}.")
    return fault(*path, code=f"{error.validator.upper()}_TYPE", text=error.message[:200])
