"""What Discord would say and show: its limits, and its Markdown read back.

The reader follows the published rules of the client's Markdown on its own, so that what the renderer
writes is judged by something that does not share its code. It tells what a reader sees, which links
work, and everything that came to mean something: a heading, a mention, an emoji, a spoiler.
"""

import json
import os
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

NOTHING = re.compile(
    r"[\s\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164"
    r"\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]*"
)


def units(text: str) -> int:
    """UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def refusals(body: dict[str, Any]) -> list[str]:
    """Why Discord would refuse a message; empty where it would not."""
    found = list(_embeds(body.get("embeds", [])))
    if units(body.get("content") or "") > 2000:
        found.append("content over 2000")
    if not body.get("embeds") and not (body.get("content") or "").strip():
        found.append("empty message")
    if body.get("allowed_mentions") != {"parse": []}:
        found.append("mentions are allowed")
    found += _components(body.get("components", []))
    try:
        json.dumps(body, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        found.append("a lone surrogate")
    return found


def _embeds(embeds: list[dict[str, Any]]):
    if len(embeds) > 10:
        yield "over 10 embeds"
    total = sum(units(text) for embed in embeds for _, text, _ in _texts(embed))
    if total > 6000:
        yield f"embeds over 6000: {total}"
    for embed in embeds:
        for name, text, most in _texts(embed):
            if units(text) > most:
                yield f"{name} over {most}: {units(text)}"
            if NOTHING.fullmatch(text):
                yield f"{name} shows nothing"
        for address in (embed.get("url"), embed.get("image", {}).get("url")):
            if address is not None and not good(address, 2048):
                yield f"bad address {address}"
        if not {"title", "description", "image", "fields"} & embed.keys():
            yield "empty embed"
        if not 0 <= embed.get("color", 0) <= 0xFFFFFF or len(embed.get("fields", [])) > 25:
            yield "bad colour, or over 25 fields"


def _texts(embed: dict[str, Any]) -> list[tuple[str, str, int]]:
    fields = embed.get("fields", [])
    texts = [
        ("title", embed.get("title"), 256),
        ("description", embed.get("description"), 4096),
        ("footer", embed.get("footer", {}).get("text"), 2048),
        ("author", embed.get("author", {}).get("name"), 256),
        *(("field name", field["name"], 256) for field in fields),
        *(("field value", field["value"], 1024) for field in fields),
    ]
    return [(name, text, most) for name, text, most in texts if text is not None]


def good(address: str, most: int) -> bool:
    """Whether Discord takes it for an address."""
    parts = urlsplit(address)
    return (
        parts.scheme in ("http", "https")
        and "." in (parts.hostname or "")
        and len(address) <= most
        and address.isascii()
        and not re.search(r"[\s<>\"]", address)
    )


def _components(rows: list[dict[str, Any]]):
    ids = [button.get("custom_id") for row in rows for button in row["components"] if "custom_id" in button]
    if len(ids) != len(set(ids)):
        yield "a custom_id twice"
    if len(rows) > 5:
        yield "over 5 rows"
    for row in rows:
        if not 1 <= len(row["components"]) <= 5:
            yield "1 to 5 buttons a row"
        for button in row["components"]:
            if NOTHING.fullmatch(button["label"]) or units(button["label"]) > 80:
                yield f"bad label {button['label']!r}"
            if button["style"] == 5 and ("custom_id" in button or not good(button["url"], 512)):
                yield f"bad link button {button}"
            if button["style"] != 5 and ("url" in button or not 1 <= len(button["custom_id"]) <= 100):
                yield f"bad button {button}"


@cache
def schema():
    """A validator of the body of a new message; skips the test without the folder of specifications."""
    import jsonschema

    shared = os.environ.get("PAPERBOY_SHARED")
    if not shared:
        pytest.skip("PAPERBOY_SHARED is not set: no OpenAPI description of Discord")
    whole = json.loads((Path(shared) / "specs" / "discord-openapi.json").read_text("utf-8"))
    root = {"$ref": "#/components/schemas/MessageCreateRequest", "components": whole["components"]}
    return jsonschema.Draft202012Validator(root)


@dataclass
class Reading:
    """What a person sees of a Markdown text."""

    shown: str = ""  # without the numbers of lists, and without a host that stands for a link
    links: list[tuple[str, str]] = field(default_factory=list)  # text, address
    meant: list[str] = field(default_factory=list)  # what has a look beyond bold, italic, code, quote


ADDRESS = re.compile(r"https?://[^\s<]+[^<.,:;\"')\]\s]")
MASKED = re.compile(r"\[((?:\[[^\[\]]*\]|[^\[\]])*)\]\(\s*<?(https?://[^\s<>()\\]+)>?\s*\)")
RULES = [
    ("escape", re.compile(r"\\([^0-9A-Za-z\s])")),
    ("heading", re.compile(r" *#{1,3}\s+(?=\S)")),
    ("small", re.compile(r"-# (?=\S)")),
    ("quote", re.compile(r" *>(?:>>)? ")),
    ("item", re.compile(r" *(?:[-*+]|\d+\.) +(?=\S)")),
    ("auto", re.compile(r"<(https?://[^ >]+)>")),
    ("address", ADDRESS),
    ("masked", MASKED),
    (
        "mention",
        re.compile(
            r"<(?:@[!&]?\d+|#\d+|id:\w+|/[^>:\n]+:\d+|t:-?\d+(?::\w)?|a?:\w+:\d+)>|@(?:everyone|here)"
        ),
    ),
    ("emoji", re.compile(r":[\w+-]+:")),
    ("bold", re.compile(r"\*\*(.+?)\*\*(?!\*)", re.S)),
    ("underline", re.compile(r"__(.+?)__(?!_)", re.S)),
    ("italic", re.compile(r"_((?:__|\\.|[^\\_])+?)_(?![0-9A-Za-z_])", re.S)),
    ("italic", re.compile(r"\*(?=\S)((?:\*\*|\\.|\s+(?:\\.|[^\s*\\]|\*\*)|[^\s*\\])+?)\*(?!\*)", re.S)),
    ("strike", re.compile(r"~~(.+?)~~", re.S)),
    ("spoiler", re.compile(r"\|\|(.+?)\|\|", re.S)),
    ("block of code", re.compile(r"```(.+?)```", re.S)),
    ("code", re.compile(r"(`+)(.*?[^`])\1(?!`)", re.S)),
]
AT_START = {"heading", "small", "quote", "item"}
INNER = {"bold", "italic"}
PLAIN = re.compile(r"[0-9A-Za-z]+?(?=https?://)|(?:(?!https?://)[^\\\[<@:*_~|`\n#>+\-\dh ])+|.", re.S)


def read(markdown: str, *, linked: bool = False) -> Reading:
    """What the client makes of a text; `linked` says that it is the text of a masked link."""
    found = Reading()
    at, start = 0, True
    while at < len(markdown):
        for name, rule in RULES:
            if (name in AT_START and (not start or linked)) or (name == "escape" and linked):
                continue
            if (match := rule.match(markdown, at)) and _take(name, match, found, linked=linked):
                start = name in AT_START
                at = match.end()
                break
        else:
            match = PLAIN.match(markdown, at)
            found.shown += match[0]
            start = match[0].endswith("\n") or (start and not match[0].strip())
            at = match.end()
    return found


def _take(name: str, match: re.Match[str], found: Reading, *, linked: bool) -> bool:
    if name == "escape":
        found.shown += match[1]
    elif name == "masked":
        inner = read(match[1], linked=True)
        if linked or ADDRESS.search(match[1]) or "```" in match[1] or not match[1].strip():
            found.meant.append(f"a link that shows as text: {match[0]}")
            return False
        if inner.shown != urlsplit(match[2]).hostname:
            found.shown += inner.shown
        found.links.append((inner.shown, match[2]))
        found.meant += inner.meant
    elif name in ("auto", "address"):
        address = match[1] if name == "auto" else match[0]
        found.shown += address
        found.links.append((address, address))
        if linked:
            found.meant.append(f"an address in a link: {address}")
    elif name == "code":
        found.shown += re.sub(r"^ (?= *`)|(?<=`) $", "", match[2])
    elif name in INNER:
        inner = read(match[1], linked=linked)
        found.shown += inner.shown
        found.links += inner.links
        found.meant += inner.meant
    elif name not in AT_START or name == "heading":
        found.meant.append(f"{name}: {match[0]}")
        found.shown += match[0]
    return True


def squash(text: str) -> str:
    """The text for comparing: without white space, what is invisible, and what parts links."""
    return re.sub(rf"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffd·]|{NOTHING.pattern[:-1]}", "", text)


def same(address: str, other: str) -> bool:
    """Whether two addresses lead to one place."""
    return _normal(address) == _normal(other)


def _normal(address: str) -> str:
    parts = urlsplit(unquote(address).strip())
    return parts._replace(netloc=parts.netloc.encode("idna").decode()).geturl()
