"""Rich messages: the tags, limits and shapes of https://core.telegram.org/bots/api#inputrichmessage."""

from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from tests.fakes.telegram.refusal import bad, strict
from tests.fakes.telegram.text import sound
from tests.fakes.telegram.world import Json

SIGNS, BLOCKS, DEPTH, MEDIA, COLUMNS = 32_768, 500, 16, 50, 20
INLINE = {
    "a", "b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "code", "mark", "sub", "sup",
    "tg-spoiler", "tg-reference", "tg-emoji", "tg-time", "tg-math", "br", "input",
}  # fmt: skip
HEADINGS = {f"h{n}" for n in range(1, 7)}
COUNTED = HEADINGS | {
    "p", "pre", "footer", "hr", "ul", "ol", "li", "blockquote", "aside", "tg-collage", "tg-slideshow",
    "table", "tr", "details", "tg-math-block", "img", "video", "audio", "tg-map",
}  # fmt: skip
PARTS = {"cite", "figure", "figcaption", "caption", "th", "td", "summary"}
EMPTY = {"br", "hr", "img", "input", "tg-map"}
PICTURES = {"img", "video", "audio"}
BREAKING = COUNTED | PARTS - {"cite"}
ENTITIES = {
    "lt", "gt", "amp", "quot", "apos", "nbsp", "hellip", "mdash", "ndash", "lsquo", "rsquo", "ldquo", "rdquo",
}  # fmt: skip
CHARACTERS = dict(
    zip(sorted(ENTITIES), ["&", "'", ">", "…", "“", "‘", "<", "—", "\xa0", "–", '"', "”", "’"], strict=True)
)
INSIDE = {
    "li": {"ul", "ol"},
    "tr": {"table"},
    "th": {"tr"},
    "td": {"tr"},
    "summary": {"details"},
    "figcaption": {"figure", "tg-collage", "tg-slideshow"},
    "caption": {"table"},
    "cite": {"figcaption", "blockquote", "aside"},
}
SIMPLE = {"p": "paragraph", "footer": "footer", "pre": "pre", "aside": "pullquote"}


@dataclass(slots=True, kw_only=True, eq=False)
class Node:
    """An element, or (without a tag) the whole."""

    tag: str = ""
    attributes: dict[str, str | None] = field(default_factory=dict)
    parts: list["Node | str"] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What can be read in it, blocks on lines of their own."""
        told = "".join(p if isinstance(p, str) else p.line for p in self.parts)
        return "\n".join(line.strip() for line in told.split("\n") if line.strip())

    @property
    def line(self) -> str:
        if self.tag in {"br", "hr"}:
            return "\n"
        if self.tag in BREAKING:
            return f"\n{self.text}\n"
        return "".join(p if isinstance(p, str) else p.line for p in self.parts)

    @property
    def below(self) -> list["Node"]:
        return [part for part in self.parts if isinstance(part, Node)]


def check(given: Any) -> Node:
    """The content of a `rich_message`; raises Refusal where it is none."""
    written = [name for name in ("html", "markdown") if given.get(name)]
    if len(written) > 1:
        raise strict("rich_message: html and markdown at once")
    if not written:
        raise bad("rich message must be non-empty")
    if written == ["markdown"]:  # its many forms are not read here
        whole = Node(parts=[given["markdown"]])
    else:
        reader = _Reader()
        reader.feed(given["html"])
        reader.close()
        whole = reader.finish()
    if len(whole.text) > SIGNS:
        raise bad("RICH_MESSAGE_TOO_LONG")
    if not whole.text and not any(node.tag in PICTURES for node in whole.below):
        raise bad("rich message must be non-empty")
    return whole


def blocks(whole: Node, picture: Callable[[str], list[Json]]) -> list[Json]:
    """The content as the Bot API gives it back; `picture` tells the sizes of an address."""
    made = []
    loose = ""
    for part in whole.parts:
        if isinstance(part, str) or part.tag in INLINE:
            loose += part if isinstance(part, str) else part.line
            continue
        if loose.strip():
            made.append({"type": "paragraph", "text": loose.strip()})
        loose = ""
        made.append(_block(part, picture))
    return [*made, {"type": "paragraph", "text": loose.strip()}] if loose.strip() else made


def _block(node: Node, picture: Callable[[str], list[Json]]) -> Json:
    inner = Node(parts=[p for p in node.parts if isinstance(p, str) or p.tag not in {"summary", "cite"}])
    if node.tag in HEADINGS:
        return {"type": "heading", "text": node.text, "size": int(node.tag[1])}
    if node.tag in SIMPLE:
        return {"type": SIMPLE[node.tag], "text": node.text}
    if node.tag == "figure" and node.below:
        return _block(node.below[0], picture)
    if node.tag in PICTURES and "src" in node.attributes:
        return {"type": "photo", "photo": picture(node.attributes["src"] or "")}
    if node.tag in {"ul", "ol"}:
        items = [{"label": "•", "blocks": blocks(item, picture)} for item in node.below]
        return {"type": "list", "items": items}
    if node.tag == "details":
        summary = next((part.text for part in node.below if part.tag == "summary"), "")
        return {"type": "details", "summary": summary, "blocks": blocks(inner, picture)}
    if node.tag == "table":
        rows = [[{"text": cell.text} for cell in row.below] for row in node.below if row.tag == "tr"]
        return {"type": "table", "cells": rows}
    if node.tag == "tg-math-block":
        return {"type": "mathematical_expression", "expression": node.text}
    kinds = {"blockquote": "blockquote", "tg-collage": "collage", "tg-slideshow": "slideshow"}
    if node.tag in kinds:
        return {"type": kinds[node.tag], "blocks": blocks(inner, picture)}
    return {"type": "divider"}


class _Reader(HTMLParser):
    """Reads the HTML of a rich message into nodes, refusing what is no part of it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self._open = [Node()]
        self._counted = self._pictures = 0

    def finish(self) -> Node:
        """The whole, once everything was read."""
        if len(self._open) > 1:
            raise bad(f"can't parse rich message: unclosed tag {self._open[-1].tag}")
        return self._open[0]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag=tag, attributes=dict(attrs))
        self._check(node)
        self._open[-1].parts.append(node)
        if tag not in EMPTY:
            self._open.append(node)
            if len(self._open) - 1 > DEPTH:
                raise bad("RICH_MESSAGE_TOO_DEEP")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in EMPTY:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag in EMPTY:
            return
        if self._open[-1].tag != tag:
            raise bad(f"can't parse rich message: unexpected end tag {tag}")
        self._columns(self._open.pop())

    def handle_data(self, data: str) -> None:
        self._open[-1].parts.append(data)

    def handle_entityref(self, name: str) -> None:
        if name not in ENTITIES:
            raise strict(f"rich message: &{name}; is shown as it stands")
        self.handle_data(CHARACTERS[name])

    def handle_charref(self, name: str) -> None:
        self.handle_data(chr(int(name[1:], 16) if name[:1] in "xX" else int(name)))

    def _check(self, node: Node) -> None:
        tag, parents = node.tag, {one.tag for one in self._open}
        if tag not in INLINE | COUNTED | PARTS:
            raise strict(f"rich message: tag {tag} is not supported")
        if tag in INSIDE and self._open[-1].tag not in INSIDE[tag]:
            raise strict(f"rich message: {tag} stands outside of {' or '.join(sorted(INSIDE[tag]))}")
        if tag in COUNTED and parents & (INLINE | HEADINGS | {"p"}) and not _emoji(node):
            raise strict(f"rich message: {tag} stands inside a line of text")
        if tag in {"tg-math", "tg-math-block"} and "details" in parents:
            raise strict("rich message: formulas inside details crash Telegram Desktop")
        self._count(node)

    def _count(self, node: Node) -> None:
        self._counted += node.tag in COUNTED
        if self._counted > BLOCKS:
            raise bad("RICH_MESSAGE_TOO_MANY_BLOCKS")
        if node.tag in PICTURES and not _emoji(node):
            self._pictures += 1
            source = node.attributes.get("src") or ""
            if not source.startswith(("http://", "https://")) or not sound(source):
                raise bad("RICH_MESSAGE_PHOTO_NO_MEDIA_FOUND")
        if self._pictures > MEDIA:
            raise bad("RICH_MESSAGE_TOO_MANY_MEDIA")

    def _columns(self, node: Node) -> None:
        if node.tag == "tr":
            spans = (cell.attributes.get("colspan") or "1" for cell in node.below)
            if sum(int(span) if span.isdecimal() else 1 for span in spans) > COLUMNS:
                raise bad("RICH_MESSAGE_TABLE_TOO_WIDE")


def _emoji(node: Node) -> bool:
    return node.tag == "img" and (node.attributes.get("src") or "").startswith("tg://emoji")
