"""Papers as rich messages: headings, numbered lists, set formulas, folded texts, pictures to turn over.

A formula stands outside of what is folded alone: inside, it has crashed a client for good
(https://github.com/telegramdesktop/tdesktop/issues/30808); there it is readable text.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from html import escape
from typing import NamedTuple

from bot.adapters.telegram import limits
from bot.adapters.telegram.ink import Ink, calm, ink, join, sound
from bot.formatter.card import Block, Card, Fold, Kind, Rich, Span, Text
from bot.formatter.text import Size, fits, plain, shorten, split, utf16
from bot.model import Language

METHOD = "sendRichMessage"
GAP = 4  # units that a block is counted as more than its text: what parts it, and its items, from others
LEAST = (600, 12)  # units and blocks without which a fold is not begun
_SLIDES, _NO_MORE_SLIDES = "<tg-slideshow>", "</tg-slideshow>"


class Part(NamedTuple):
    """Blocks as they are sent, and what they count for."""

    html: str = ""
    units: int = 0
    blocks: int = 0

    @property
    def size(self) -> Size:
        """As the vector that `split` adds up."""
        return self.units, self.blocks


def draw(rich: Rich, tags: str, language: Language) -> str | None:
    """The HTML of a rich message; None where what it does not fold is too much for one.

    What is folded is shortened where it does not fit, the last of it first.
    """
    above = _stack((_title(rich.title), *map(_block, rich.blocks)))
    below = _stack(
        (_slides(rich.figures), *map(_block, rich.below), _paragraph([Ink(tags.strip(), utf16(tags))]))
    )
    room = _less((limits.RICH_TEXT, limits.RICH_BLOCKS), _stack((above, below)).size)
    if min(room) < 0:
        return None
    folds = []
    for fold in rich.folds:
        folds.append(_fold(fold, room, language))
        room = _less(room, folds[-1].size)
    return _stack((above, *folds, below)).html


def without_slides(html: str) -> str:
    """The HTML of a rich message without its pictures."""
    before, _, after = html.partition(_SLIDES)
    return before + after.partition(_NO_MORE_SLIDES)[2]


class _Gauge:
    """How a part of a rich message is counted: units and blocks."""

    heading = limits.HEADING

    def __init__(self, limit: Size) -> None:
        self.limit = limit

    def title(self, title: Text) -> Size:
        return (0, 0)

    def block(self, block: Block) -> Size:
        return _block(block).size


def _fold(fold: Fold, room: Size, language: Language) -> Part:
    """What is folded away, as much of it as there is room for, and where the rest is to be read."""
    blocks = tuple(_beginning(fold.blocks, room[0]))
    whole = _folded(fold.label, blocks)
    if blocks == fold.blocks and fits(whole.size, room):
        return whole
    rest = Block(kind=Kind.PROSE, items=((Span(fold.rest, italic=True),),))
    left = _less(room, _folded(fold.label, (rest,)).size)
    if not fits(LEAST, left):
        return Part()
    first, *_ = split(Card(title=(), blocks=blocks), _Gauge(left), language)
    return _folded(fold.label, (*first.blocks, rest))


def _beginning(blocks: Iterable[Block], units: int) -> Iterator[Block]:
    """The first blocks, as soon as their texts alone are more than so many units; the rest costs no time."""
    for block in blocks:
        items = []
        for item in block.items:
            if units < 0:
                break
            items.append(shorten(item, units + limits.TEXT))
            units -= utf16(plain(item)) + GAP
        if items == list(block.items):
            yield block
        elif items:
            yield replace(block, items=tuple(items))


def _folded(label: str, blocks: Iterable[Block]) -> Part:
    inside = _stack(map(_block, blocks))
    if not inside.html:
        return inside
    summary = calm(label)
    html = f"<details><summary>{summary.html}</summary>{inside.html}</details>"
    return Part(html, inside.units + summary.units + GAP, inside.blocks + 1)


def _block(block: Block) -> Part:
    """A block in its own look; nothing where it shows nothing."""
    items = [item for item in map(_line, block.items) if item.html.strip()]
    if not items:
        return Part()
    return _stack((_label(block.label), _body(block, items)))


def _body(block: Block, items: Sequence[Ink]) -> Part:
    match block.kind:
        case Kind.LIST:
            return _list(items, block.start)
        case Kind.QUOTE:
            return _wrapped("blockquote", _paragraphs(items))
        case Kind.LINKS:
            return _paragraph([join(items, " · ")])
        case Kind.META:
            return _paragraph(items)
        case Kind.SMALL:
            return _paragraph(items, "footer")
        case _:
            return _paragraphs(items)


def _title(title: Text) -> Part:
    """The heading, as one link."""
    title = shorten(title, limits.HEADING)
    address = next((span.link for span in title if span.link), None)
    inner = join(_set(span) if span.math else calm(span.text) for span in title)
    if not plain(title).strip():
        return Part()
    if address and sound(address):
        inner = inner._replace(html=f'<a href="{escape(address)}">{inner.html}</a>')
    return Part(f"<h3>{inner.html}</h3>", inner.units + GAP, 1)


def _label(label: str) -> Part:
    text = calm(label)
    return Part(f"<h5>{text.html}</h5>", text.units + GAP, 1) if label.strip() else Part()


def _paragraph(lines: Sequence[Ink], tag: str = "p") -> Part:
    """Lines as one block, below each other."""
    shown = [line for line in lines if line.html.strip()]
    html = "<br>".join(line.html for line in shown)
    units = sum(line.units + GAP for line in shown)
    return Part(f"<{tag}>{html}</{tag}>", units, 1) if shown else Part()


def _paragraphs(items: Iterable[Ink]) -> Part:
    return _stack(_paragraph([item]) for item in items)


def _list(items: Sequence[Ink], start: int) -> Part:
    """A numbered list; each item counts as a block that holds a paragraph."""
    first = f' start="{start}"' if start != 1 else ""
    html = "".join(f"<li>{item.html}</li>" for item in items)
    units = sum(item.units + GAP for item in items)
    return Part(f"<ol{first}>{html}</ol>", units, 1 + 2 * len(items))


def _slides(figures: Iterable[str]) -> Part:
    """Pictures to turn over."""
    shown = [figure for figure in figures if sound(figure)][: limits.RICH_MEDIA]
    html = "".join(f'<img src="{escape(figure)}"/>' for figure in shown)
    return Part(f"{_SLIDES}{html}{_NO_MORE_SLIDES}", GAP, 1 + len(shown)) if shown else Part()


def _wrapped(tag: str, inside: Part) -> Part:
    return Part(f"<{tag}>{inside.html}</{tag}>", inside.units, inside.blocks + 1)


def _line(text: Text) -> Ink:
    """A rich text with its formulas set."""
    return join(_set(span) if span.math else ink((span,)) for span in text if span.text)


def _set(span: Span) -> Ink:
    """A formula as the client sets it."""
    return Ink(
        f"<tg-math>{escape(span.math, quote=False)}</tg-math>", max(utf16(span.math), utf16(span.text))
    )


def _stack(parts: Iterable[Part]) -> Part:
    """Blocks below each other."""
    parts = tuple(parts)
    html = "".join(part.html for part in parts)
    return Part(html, sum(part.units for part in parts), sum(part.blocks for part in parts))


def _less(room: Size, size: Size) -> Size:
    return tuple(have - taken for have, taken in zip(room, size, strict=True))
