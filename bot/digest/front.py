"""Front matter: the facts that stand above a post.

It is YAML of the simplest kind, so simple lines are read as they stand; PyYAML is asked for the
rest, and only where it cannot be made to work for long.
"""

import re
from dataclasses import dataclass
from typing import Any

from bot.digest.blocks import EDGE

LARGEST = 65_536  # characters; real ones have 700

_KEY = re.compile(r"([A-Za-z_][\w-]{0,63})[ \t]*:(?:[ \t]+(.*)|[ \t]*)$")
_NEEDS_YAML = re.compile(r"[\[{&*!|>'\"%@`?]")
_RISKY = re.compile(r"(?:^|[\s\[{,:-])[&*][^\s*]|(?:[-?] ){6}|[\[{](?:\s*[\[{]){6}|^ {64}", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """What a post says about itself; empty where it says nothing."""

    title: str = ""
    written: str = ""
    author: str = ""
    description: str = ""
    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    url: str = ""


def cut(text: str) -> tuple[str | None, int]:
    """Gives the front matter and where the body begins.

    None where the text does not begin with one; without a closing line it ends where its lines stop
    to look like it.
    """
    start = len(text) - len(text.lstrip("\n" + EDGE))
    if not (text.startswith("---", start) and _is_rule(text, start)):
        return None, 0
    start = text.find("\n", start) + 1 or len(text)
    at = start
    while (at := text.find("---", at, start + LARGEST)) >= 0:
        if text[at - 1] == "\n" and _is_rule(text, at):
            end = text.find("\n", at)
            return text[start:at], len(text) if end < 0 else end
        at += 3
    return _unclosed(text, start)


def _is_rule(text: str, at: int) -> bool:
    """Whether a line of hyphens alone begins there."""
    end = text.find("\n", at)
    return not text[at : len(text) if end < 0 else end].strip("-" + EDGE)


def _unclosed(text: str, start: int) -> tuple[str, int]:
    at = start
    while at < len(text) and at - start < LARGEST:
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        line = text[at : min(end, at + LARGEST)]
        if line.strip() and not _KEY.match(line) and not line.startswith(" "):
            break
        at = end + 1
    return text[start:at], min(max(at - 1, 0), len(text))


def parse(text: str) -> tuple[Front, str | None]:
    """Gives the facts, and a sentence on what was wrong with their form, if anything was."""
    simple = _simple(text, strict=True)
    if simple is not None:
        return _front(simple), None
    if len(text) >= LARGEST or _RISKY.search(text):
        return _front(_simple(text, strict=False)), "is no plain list, so only its simple lines are read"
    loaded = _load(text)
    if isinstance(loaded, dict):
        return _front(loaded), None
    return _front(_simple(text, strict=False)), "is no valid YAML, so only its simple lines are read"


def _load(text: str) -> object:
    """What YAML makes of the text, dates and numbers as strings; None where it makes nothing."""
    import yaml  # few posts need it

    try:
        return yaml.load(text, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))
    except (yaml.YAMLError, ValueError, RecursionError):
        return None


def _simple(text: str, strict: bool) -> dict[str, Any] | None:
    """The facts of `key: value` and `- item` lines; None, if strict, where a line is of another kind."""
    facts: dict[str, Any] = {}
    items: list[str] = []
    for line in text[:LARGEST].split("\n"):
        bare = line.strip()
        if not bare or bare[0] == "#":
            continue
        if bare.startswith("- ") and facts:
            value = bare[2:].strip()
            items.append(value if strict else value.strip("'\""))
        elif (found := _KEY.match(line)) and (strict or not facts.get(found[1])):
            value, items = (found[2] or "").strip(), []
            facts[found[1]] = (value if strict else value.strip("'\"")) or items
        elif strict:
            return None
        else:
            continue
        if strict and (_NEEDS_YAML.match(value) or " #" in value or value.startswith("- ")):
            return None
    return facts


def _front(facts: dict[Any, Any] | None) -> Front:
    facts = facts or {}
    return Front(
        title=_text(facts.get("title")),
        written=_text(facts.get("date")),
        author=_text(facts.get("author")),
        description=_text(facts.get("description")),
        categories=_list(facts.get("categories")) or _list(facts.get("category")),
        tags=_list(facts.get("tags")) or _list(facts.get("tag")),
    )


def _text(value: object) -> str:
    return value.encode(errors="replace").decode().strip() if isinstance(value, str) else ""


def _list(value: object) -> tuple[str, ...]:
    """Names in a list, in lists within it, or one alone."""
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list):
        return ()
    flat = [part for item in value[:200] for part in (item if isinstance(item, list) else [item])]
    return tuple(text for part in flat if (text := _text(part)))
