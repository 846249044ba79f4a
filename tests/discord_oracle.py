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

EPHEMERAL, SILENT, V2 = 1 << 6, 1 << 12, 1 << 15  # flags


def units(text: str) -> int:
    """UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def refusals(body: dict[str, Any]) -> list[str]:
    """Why Discord would refuse a message; empty where it would not."""
    found = [*_parts(body)] if body.get("flags", 0) & V2 else [*_classic(body)]
    if body.get("allowed_mentions") != {"parse": []}:
        found.append("mentions are allowed")
    if body.get("flags", 0) & ~(V2 | EPHEMERAL | SILENT):
        found.append(f"flags {body['flags']}")
    if len(str(body.get("nonce", ""))) > 25:
        found.append("nonce over 25")
    try:
        json.dumps(body, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        found.append("a lone surrogate")
    return found


def answer_refusals(payload: dict[str, Any]) -> list[str]:
    """Why Discord would refuse the first answer to an interaction: {"type": 4, "data": {...}}."""
    kind, data = payload["type"], payload.get("data", {})
    match kind:
        case 4:
            found = refusals(data)
        case 5:
            found = ["more than flags"] if data.keys() - {"flags"} or data.get("flags", 64) != 64 else []
        case 6:
            found = ["data beside nothing"] if data else []
        case 7:
            found = edit_refusals(data)
        case 8:
            found = [*choice_refusals(data.get("choices"))]
        case _:
            found = [f"type {kind}"]
    if "nonce" in data or "enforce_nonce" in data:
        found.append("an answer has no nonce")
    return found


def edit_refusals(body: dict[str, Any]) -> list[str]:
    """Why Discord would refuse to change a message."""
    who = ["who sees a message is settled"] if body.get("flags", 0) & ~V2 else []
    return who + refusals(body)


def choice_refusals(choices: list[dict[str, Any]] | None):
    """Why Discord would refuse what is offered while somebody types."""
    if choices is None or len(choices) > 25:
        yield "0 to 25 choices"
    for choice in choices or ():
        if choice.keys() - {"name", "value", "name_localizations"}:
            yield f"unknown fields {choice}"
        if not 1 <= units(choice["name"]) <= 100 or NOTHING.fullmatch(choice["name"]):
            yield f"bad choice {choice['name']!r}"
        if isinstance(choice["value"], str) and not 1 <= units(choice["value"]) <= 100:
            yield f"bad value {choice['value']!r}"
    names = [choice["name"] for choice in choices or ()]
    if len(names) != len(set(names)):
        yield "a choice twice"


ANSWERS = {
    4: "CreateMessageInteractionCallbackRequest",
    5: "CreateMessageInteractionCallbackRequest",
    6: "UpdateMessageInteractionCallbackRequest",
    7: "UpdateMessageInteractionCallbackRequest",
    8: "ApplicationCommandAutocompleteCallbackRequest",
    "POST": "IncomingWebhookRequestPartial",
    "PATCH": "IncomingWebhookUpdateRequestPartial",
}


def misfits(kind: int | str, body: dict[str, Any]) -> list[str]:
    """What of an answer is not as Discord describes it; nothing without the folder of specifications."""
    if not os.environ.get("PAPERBOY_SHARED"):
        return []
    return [each.message for each in schema(ANSWERS[kind]).iter_errors(body)]


def post_refusals(body: dict[str, Any]) -> list[str]:
    """Why Discord would refuse a new post of a forum."""
    found = refusals(body.get("message", {}))
    if not 1 <= units(body.get("name", "")) <= 100 or NOTHING.fullmatch(body.get("name", "")):
        found.append("bad name of a thread")
    if len(body.get("applied_tags", [])) > 5:
        found.append("over 5 tags")
    if {"nonce", "enforce_nonce"} & body.get("message", {}).keys():
        found.append("a post has no nonce")
    if body.get("auto_archive_duration", 60) not in (60, 1440, 4320, 10080):
        found.append("bad auto_archive_duration")
    return found


def _classic(body: dict[str, Any]):
    """A message of text and embeds."""
    yield from _embeds(body.get("embeds", []))
    if units(body.get("content") or "") > 2000:
        yield "content over 2000"
    shows = body.get("embeds") or body.get("attachments") or not NOTHING.fullmatch(body.get("content") or "")
    if not shows:
        yield "empty message"
    if len(body.get("components", [])) > 5:
        yield "over 5 rows"
    for row in body.get("components", []):
        if row["type"] != 1:
            yield f"component {row['type']} beside embeds"
        yield from _row(row)
    yield from _twice(body.get("components", []))


def _parts(body: dict[str, Any]):
    """A message that is made of components."""
    if body.keys() & {"content", "embeds", "poll", "sticker_ids"}:
        yield "content or embeds beside components"
    if not body.get("components"):
        yield "empty message"
    every = [*walk(body.get("components", []))]
    if len(every) > 40:
        yield f"over 40 components: {len(every)}"
    if (shown := sum(units(part["content"]) for part in every if part["type"] == 10)) > 4000:
        yield f"texts over 4000: {shown}"
    for part in body.get("components", []):
        if part["type"] not in (1, 9, 10, 12, 13, 14, 17):
            yield f"component {part['type']} at the top"
    for part in every:
        yield from _part(part)
    yield from _twice(body.get("components", []))


def walk(components: list[dict[str, Any]]):
    """All components, those within others too."""
    for part in components:
        yield part
        yield from walk(part.get("components", []))
        yield from walk([part["accessory"]] if "accessory" in part else [])


def _part(part: dict[str, Any]):
    match part["type"]:
        case 1:
            yield from _row(part)
        case 9:
            if not 1 <= len(part["components"]) <= 3 or part["accessory"]["type"] not in (2, 11):
                yield "a section of 1 to 3 texts beside a button or a picture"
        case 10:
            if NOTHING.fullmatch(part["content"]):
                yield "a text that shows nothing"
        case 11:
            yield from _picture(part)
        case 12:
            if not 1 <= len(part["items"]) <= 10:
                yield "1 to 10 pictures"
            for item in part["items"]:
                yield from _picture(item)
        case 17:
            yield from _container(part)


def _container(part: dict[str, Any]):
    if {inner["type"] for inner in part["components"]} - {1, 9, 10, 12, 13, 14}:
        yield "what no container holds"
    if not part["components"] or not 0 <= (part.get("accent_color") or 0) <= 0xFFFFFF:
        yield "an empty container, or a bad colour"


def _picture(item: dict[str, Any]):
    if not good(item["media"]["url"], 2048):
        yield f"bad address {item['media']['url']}"
    if units(item.get("description") or "x") > 1024:
        yield "a description over 1024"


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


def _twice(components: list[dict[str, Any]]):
    ids = [part["custom_id"] for part in walk(components) if "custom_id" in part]
    if len(ids) != len(set(ids)):
        yield "a custom_id twice"


def _row(row: dict[str, Any]):
    kinds = {part["type"] for part in row["components"]}
    if not 1 <= len(row["components"]) <= (5 if kinds == {2} else 1) or kinds - {2, 3}:
        yield "1 to 5 buttons a row, or one menu"
    for part in row["components"]:
        yield from _button(part) if part["type"] == 2 else _menu(part)


def _button(button: dict[str, Any]):
    if NOTHING.fullmatch(button["label"]) or units(button["label"]) > 80:
        yield f"bad label {button['label']!r}"
    if button["style"] == 5 and ("custom_id" in button or not good(button["url"], 512)):
        yield f"bad link button {button}"
    if button["style"] != 5 and ("url" in button or not 1 <= len(button["custom_id"]) <= 100):
        yield f"bad button {button}"


def _menu(menu: dict[str, Any]):
    if not 1 <= len(menu["custom_id"]) <= 100 or units(menu.get("placeholder", "x")) > 150:
        yield "bad custom_id, or a placeholder over 150"
    if not 1 <= len(menu["options"]) <= 25:
        yield "1 to 25 options"
    for option in menu["options"]:
        texts = (option["label"], option["value"], option.get("description", "x"))
        if any(NOTHING.fullmatch(text) or units(text) > 100 for text in texts):
            yield f"bad option {option}"
    values = [option["value"] for option in menu["options"]]
    if len(values) != len(set(values)):
        yield "a value twice"


@cache
def schema(name: str = "MessageCreateRequest"):
    """A validator of one kind of body; skips the test without the folder of specifications."""
    import jsonschema

    shared = os.environ.get("PAPERBOY_SHARED")
    if not shared:
        pytest.skip("PAPERBOY_SHARED is not set: no OpenAPI description of Discord")
    whole = json.loads((Path(shared) / "specs" / "discord-openapi.json").read_text("utf-8"))
    root = {"$ref": f"#/components/schemas/{name}", "components": whole["components"]}
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
