"""Blocks of a card as Discord's Markdown."""

from collections.abc import Iterable
from dataclasses import replace

from bot.adapters.discord.escape import address, begin, blank, escape, link
from bot.formatter.card import Block, Kind, Span, Text

_BREAK = "\u200b"  # keeps the marks of neighbours apart


def write(block: Block) -> str:
    """The block with its label; empty where it shows nothing."""
    items = [item for item in map(inline, block.items) if not blank(item)]
    if not items:
        return ""
    body = _BODIES[block.kind](items, block)
    return f"**{begin(escape(block.label))}**\n{body}" if not blank(block.label) else body


def _lines(items: list[str], block: Block) -> str:
    return "\n".join(items)


def _row(items: list[str], block: Block) -> str:
    return " · ".join(item.replace("\n", " ") for item in items)


def _quote(items: list[str], block: Block) -> str:
    return "\n".join(f"> {line}" for line in _filled(items))


def _small(items: list[str], block: Block) -> str:
    return "\n".join(f"-# {line}" for line in _filled(items))


def _list(items: list[str], block: Block) -> str:
    found = []
    for number, item in enumerate(items, block.start):
        if "\n" in item:
            item = "\n   ".join(_filled([item]))  # the client keeps indented lines in the item
        found.append(f"{number}. {item}")
    return "\n".join(found)


_BODIES = {
    Kind.META: _lines,
    Kind.PROSE: _lines,
    Kind.LIST: _list,
    Kind.QUOTE: _quote,
    Kind.LINKS: _row,
    Kind.SMALL: _small,
}


def _filled(items: Iterable[str]) -> list[str]:
    return [line for item in items for line in item.split("\n") if not blank(line)]


def inline(text: Text) -> str:
    """A rich text as Markdown for the start of a line."""
    if len(text) == 1 and not (text[0].bold or text[0].italic or text[0].code or text[0].link):
        return begin(escape(text[0].text))
    found: list[str] = []
    spans = _merge(text)
    if len(spans) == 1:
        return _span(spans[0], followed=False, leads=True)
    for at, span in enumerate(spans):
        piece = _span(span, followed=at + 1 < len(spans), leads=_at_start(found))
        if found and found[-1].endswith(("*", "`")) and piece[:1] in ("*", "`"):
            found.append(_BREAK)
        found.append(piece)
    return "".join(found)


def _at_start(found: list[str]) -> bool:
    """Whether what comes next stands at the start of a line."""
    for piece in reversed(found):
        if piece.endswith("\n"):
            return True
        if piece.strip():
            return False
    return True


def _merge(text: Text) -> list[Span]:
    """The text without empty spans and bad links, neighbours of one look as one: their marks would clash."""
    found: list[Span] = []
    for span in text:
        if not span.text:
            continue
        if span.link and (target := address(span.link)) != span.link:
            span = replace(span, link=target)
        if found and replace(span, text="") == replace(found[-1], text=""):
            found[-1] = replace(span, text=found[-1].text + span.text)
        else:
            found.append(span)
    return found


def _span(span: Span, *, followed: bool, leads: bool) -> str:
    mark = "*" * (2 * span.bold + span.italic)
    if not (mark or span.code or span.link):
        escaped = escape(span.text, followed=followed)
        return begin(escaped) if leads or "\n" in escaped else escaped
    return "\n".join(_look(line, span, mark) for line in span.text.split("\n"))


def _look(line: str, span: Span, mark: str) -> str:
    """One line of a span in its look; blanks at its ends stay outside, where marks may touch words."""
    core = line.strip()
    if blank(core):
        return line
    before, _, after = line.partition(core)
    if span.link:
        shown = link(core, span.link, styled=bool(mark))
    elif span.code and "``" not in core:
        return f"{before}{_code(core)}{after}"  # a star in it would end the marks around it
    else:
        shown = begin(escape(core, followed=True))
    if mark and shown.endswith("\\"):
        shown += _BREAK  # or some clients take the mark behind it for escaped
    return f"{before}{mark}{shown}{mark}{after}"


def _code(text: str) -> str:
    if "`" not in text:
        return f"`{text}`"
    return f"`` {text} ``"
