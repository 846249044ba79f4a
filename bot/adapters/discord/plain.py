"""The plainer form of a message: for when Discord, or a server's own rules, refuse what it links to."""

import re
from dataclasses import replace

from bot.adapters.base import Message
from bot.adapters.discord import limits
from bot.adapters.discord.escape import escape
from bot.adapters.discord.fit import TEXT, Body
from bot.formatter.text import shorten, utf16

# A masked link as `escape.link` writes it, or an address that stands for itself.
_LINK = re.compile(
    r"\\.|\[(?P<text>(?:\[[^\[\]\n]{0,200}\]|[^\[\]\n]){1,400})\]\((?P<target>https?://[^\s()<>]{1,2048})\)"
    r"|<?(?P<bare>https?://[^\s<>\\]{1,2048})>?",
    re.S,
)
_SCHEME = re.compile(r"https?://")
_SHOWN = ("title", "description", "fields", "footer", "author", "color")


def plain(message: Message) -> Message | None:
    """The same words, with nothing to press, to open or to look at; None where it is that already."""
    body = message.request["json"]
    if body.get("flags", 0) & limits.PARTS:
        found = _of_components(body)
    else:
        found = {key: value for key, value in body.items() if key != "components"}
        if "content" in body:
            found["content"] = _unlinked(body["content"] or "", limits.CONTENT)
        if "embeds" in body:
            found["embeds"] = _bare(body["embeds"])
    if found == body:
        return None
    return replace(message, request=message.request | {"json": found}, fallback=())


def _of_components(body: Body) -> Body:
    """The texts of a message of components, as an embed; `fit` cuts what is too long."""
    texts, waiting = [], list(reversed(body.get("components") or []))
    while waiting:
        part = waiting.pop()
        if part.get("type") == TEXT and part.get("content"):
            texts.append(part["content"])
        waiting += reversed(part.get("components") or [])
    words = "\n".join(texts)
    return {
        "embeds": [{"description": _unlinked(words, limits.DESCRIPTION)}],
        "allowed_mentions": {"parse": []},
    }


def _bare(embeds: list[Body]) -> list[Body]:
    """The embeds without pictures and addresses; those that were pictures alone are left out."""
    found: list[Body] = []
    left = limits.TOTAL
    for embed in embeds:
        bare: Body = {key: value for key, value in embed.items() if key in _SHOWN}
        for part, text in (("footer", "text"), ("author", "name")):
            if part in bare:
                bare[part] = {text: bare[part].get(text, "")}
        room = min(limits.DESCRIPTION, left - _around(bare))
        if "description" in bare:
            bare["description"] = _unlinked(bare["description"], room)
        left -= _around(bare) + utf16(bare.get("description", ""))
        found += [bare] if bare.keys() & {"title", "description", "fields"} else []
    return found


def _around(embed: Body) -> int:
    """What an embed shows beside its description."""
    fields = [text for field in embed.get("fields", ()) for text in (field["name"], field["value"])]
    parts = [embed.get("footer", {}).get("text", ""), embed.get("author", {}).get("name", "")]
    return sum(map(utf16, (embed.get("title", ""), *parts, *fields)))


def _unlinked(markdown: str, most: int) -> str:
    """The text with its addresses as words; without those behind links where there is no room for them."""
    text = _LINK.sub(_as_words, markdown)
    if utf16(text) > most:
        text = _LINK.sub(_as_text, markdown)
    return text if utf16(text) <= most else shorten(text, max(most, 1))


def _as_words(found: re.Match[str]) -> str:
    if not (target := found["target"]):
        return _as_text(found)
    address, text = _SCHEME.sub("", target), found["text"]
    return escape(address) if f"{address}/".startswith(f"{text}/") else f"{escape(text)} ({escape(address)})"


def _as_text(found: re.Match[str]) -> str:
    if found["bare"]:
        return escape(_SCHEME.sub("", found["bare"]))
    return escape(found["text"]) if found["text"] else found[0]
