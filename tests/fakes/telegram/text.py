"""What a text becomes: by Telegram's own parser (tdjson), or, without its wheel, by lengths alone."""

import html
import json
import re
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from tests.fakes.telegram.refusal import bad
from tests.fakes.telegram.shapes import user_json
from tests.fakes.telegram.world import Json, User

try:
    import tdjson
except ImportError:  # no wheel for this platform
    tdjson = None

RAW = 2**15  # bytes of a text before it is parsed
TEXT, CAPTION = 4096, 1024  # UTF-16 units after it
ENTITIES = 100  # the rest is dropped in silence
ENTITY_BYTES = 10_000
NAMES = {
    "Url": "url",
    "EmailAddress": "email",
    "PhoneNumber": "phone_number",
    "BotCommand": "bot_command",
    "PreCode": "pre",
    "TextUrl": "text_link",
    "MentionName": "text_mention",
    "CustomEmoji": "custom_emoji",
    "ExpandableBlockQuote": "expandable_blockquote",
    "BlockQuote": "blockquote",
    "DateTime": "date_time",
}
UNTOLD = {"MediaTimestamp", "BankCardNumber"}
SOLID = {"text_link", "text_mention", "custom_emoji", "date_time", "code", "pre"}  # nothing is found inside
FOUND = {"mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number", "bank_card_number"}
MODES = {
    "html": {"@type": "textParseModeHTML"},
    "markdown": {"@type": "textParseModeMarkdown", "version": 1},
    "markdownv2": {"@type": "textParseModeMarkdown", "version": 2},
}
_TAG = re.compile(r"<[^>]*>")
_COMMAND = re.compile(r"(?<![\w/])/[A-Za-z0-9_]{1,64}(?:@\w{3,32})?\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A text as its readers get it."""

    text: str = ""
    entities: list[Json] = field(default_factory=list)


def units(text: str) -> int:
    """The length in UTF-16 units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def parse(text: str, mode: str | None, given: Any, people: dict[int, User]) -> Written:
    """A text from its markup or its entities; raises Refusal where Telegram would not take it."""
    if len(text.encode()) > RAW:
        raise bad("text is too long")
    mode = (mode or "none").lower()
    if mode != "none" and text:
        if mode not in MODES:
            raise bad("unsupported parse_mode")
        text, entities = _parsed(text, mode, people)
    else:
        entities = _given(text, given or [], people)
    text, entities = _trimmed(text, entities)
    entities = _with_found(text, entities, people)[:ENTITIES]
    if sum(12 + len(entity.get("url", "").encode()) for entity in entities) > ENTITY_BYTES:
        raise bad("ENTITIES_TOO_LONG")
    return Written(text=text, entities=entities)


def found(text: str, people: dict[int, User]) -> list[Json]:
    """The entities that Telegram sees in a plain text: commands, links, hashtags, ..."""
    if not text or tdjson is None:
        return [_entity("bot_command", text, m.start(), m.end()) for m in _COMMAND.finditer(text)]
    told = _execute({"@type": "getTextEntities", "text": text})["entities"]
    return [e for e in (_told(entity, people) for entity in told) if e]


@cache
def sound(url: str) -> bool:
    """Whether Telegram takes a text for a link."""
    if tdjson is None:
        return bool(re.fullmatch(r"(?:https?://)?[^\s/]+\.[^\s]+|(?:tg|ton)://\S+", url))
    return bool(_execute(_request(f'<a href="{html.escape(url)}">x</a>', "html"))["entities"])


def _parsed(text: str, mode: str, people: dict[int, User]) -> tuple[str, list[Json]]:
    if tdjson is None:
        return (html.unescape(_TAG.sub("", text)) if mode == "html" else text), []
    told = _execute(_request(text, mode))
    if told["@type"] == "error":
        raise bad(told["message"])
    return told["text"], [e for e in (_told(entity, people) for entity in told["entities"]) if e]


def _given(text: str, given: list[Json], people: dict[int, User]) -> list[Json]:
    size = units(text)
    kept = []
    for entity in given:
        start, length = entity["offset"], entity["length"]
        if not 0 <= start <= 1_000_000:
            raise bad(f"receive an entity with incorrect offset {start}")
        if not 0 <= length <= 1_000_000:
            raise bad(f"receive an entity with incorrect length {length}")
        if start > size:
            raise bad(f"entity begins after the end of the text at UTF-16 offset {start}")
        if start + length > size:
            end = f"ends after the end of the text at UTF-16 offset {start + length}"
            raise bad(f"entity beginning at UTF-16 offset {start} {end}")
        if entity["type"] == "text_link" and not sound(entity.get("url", "")):
            raise bad(f"entity URL '{entity.get('url', '')}' is invalid: Wrong HTTP URL")
        if entity["type"] not in FOUND and length:
            kept.append(entity)
    return kept


def _trimmed(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    """Without white space at the ends, as the server trims it."""
    short = text.rstrip()
    first = min((e["offset"] for e in entities), default=len(text))
    lead = min(len(short) - len(short.lstrip(" \n")), first)
    short, end = short[lead:], units(short) - lead
    kept = []
    for entity in entities:
        start = entity["offset"] - lead
        length = min(entity["length"], end - start)
        if length > 0:
            kept.append(entity | {"offset": start, "length": length})
    return short, kept


def _with_found(text: str, entities: list[Json], people: dict[int, User]) -> list[Json]:
    solid = [(e["offset"], e["offset"] + e["length"]) for e in entities if e["type"] in SOLID]
    loose = [
        e
        for e in found(text, people)
        if not any(start < e["offset"] + e["length"] and e["offset"] < end for start, end in solid)
    ]
    return sorted(entities + loose, key=lambda e: (e["offset"], -e["length"]))


def _told(entity: Json, people: dict[int, User]) -> Json | None:
    """An entity of tdjson as the Bot API tells it; None where it does not."""
    kind = entity["type"]["@type"].removeprefix("textEntityType")
    if kind in UNTOLD:
        return None
    told: Json = {
        "type": NAMES.get(kind, kind.lower()),
        "offset": entity["offset"],
        "length": entity["length"],
    }
    extra = entity["type"]
    if kind == "TextUrl":
        told["url"] = extra["url"]
    elif kind == "PreCode":
        told["language"] = extra["language"]
    elif kind == "CustomEmoji":
        told["custom_emoji_id"] = extra["custom_emoji_id"]
    elif kind == "DateTime":
        told["unix_time"] = extra["unix_time"]
    elif kind == "MentionName":
        user = people.get(extra["user_id"])
        return told | {"user": user_json(user)} if user else None
    return told


def _entity(kind: str, text: str, start: int, end: int) -> Json:
    return {"type": kind, "offset": units(text[:start]), "length": units(text[start:end])}


def _request(text: str, mode: str) -> Json:
    return {"@type": "parseTextEntities", "text": text, "parse_mode": MODES[mode]}


def _execute(request: Json) -> Any:
    _quiet()
    return json.loads(tdjson.td_execute(json.dumps(request).encode()))


@cache
def _quiet() -> None:
    tdjson.td_execute(json.dumps({"@type": "setLogVerbosityLevel", "new_verbosity_level": 0}).encode())
