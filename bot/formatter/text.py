"""Measuring, shortening and splitting of rich text, whatever the platform.

A platform says how it measures (`Gauge`); `split` then cuts a card into parts that each fit it, at
a paper, a section, a list item, a sentence, a word or a grapheme, in that order of preference, and
never inside a link, an address, a number or a grapheme that a message of its own could hold.
"""

from dataclasses import replace
from typing import Protocol, TypeVar

from bot.formatter.card import Block, Card, Kind, Span, Text
from bot.formatter.cuts import Run, force, last, lay
from bot.locales import words
from bot.model import Language

Size = tuple[int, ...]

Shown = TypeVar("Shown", str, Text)

HEAD = 80  # units of the title that a continuation repeats
ROOM = " (9999/9999)"  # kept free for the count of parts


class Gauge(Protocol):
    """How a platform measures what it shows.

    Sizes are vectors (characters, entities, ...) that add up over a title and its blocks; the first
    number counts every character of a text as at least one. A block costs no more than its items
    cost as blocks of their own, and a text no more than its pieces.
    """

    @property
    def limit(self) -> Size:
        """What one message may hold."""

    @property
    def heading(self) -> int:
        """UTF-16 units of the longest title that the platform shows as such."""

    def title(self, title: Text) -> Size:
        """The size of a title with all that is put around it."""

    def block(self, block: Block) -> Size:
        """The size of a block with its label, its markers and what parts it from others."""


def utf16(text: str) -> int:
    """The length of a text in UTF-16 units, as both platforms' clients count."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) >> 1


def fits(size: Size, room: Size) -> bool:
    """Whether a size is within a limit in each of its numbers."""
    return all(have <= most for have, most in zip(size, room, strict=True))


def plain(text: Text) -> str:
    """A rich text without its looks."""
    return "".join(span.text for span in text)


def shorten(text: Shown, units: int) -> Shown:
    """The text in at most `units` UTF-16 units, ended by … at a word where it was longer.

    A link is shortened only where nothing stands before it.
    """
    if isinstance(text, str):
        return text if utf16(text) <= units else plain(_clip(lay((Span(text),)), units))
    return text if utf16(plain(text)) <= units else _clip(lay(text), units)


def _clip(run: Run, units: int) -> Text:
    end = len(_prefix(run.flat, units - 1))
    if not end:
        return (replace(run.spans[0], text="…"),)
    cut = last(run, 0, end) or force(run, 0, end)
    kept = run.slice(0, cut)
    tail = replace(kept[-1], text=kept[-1].text.rstrip(" .,;:，。、；：") + "…")
    return (*kept[:-1], tail)


def _prefix(text: str, units: int) -> str:
    """The longest beginning of a text that has at most `units` UTF-16 units."""
    head = text[: max(units, 0)]
    while (over := utf16(head) - units) > 0:
        head = head[: -max(1, over // 2)]
    return head


def split(card: Card, gauge: Gauge, language: Language) -> tuple[Card, ...]:
    """The card as parts that each fit one message; the card itself where it fits.

    A title too long to be shown as such is shortened and given in full as the first paragraph.
    Continuations repeat the title, shortened, with (2/3). Figure and buttons stay with the first
    part. Every part names the card's papers, except those that one block alone shows: they go where
    it goes.
    """
    card = _behead(card, gauge)
    title = gauge.title(card.title)
    whole = [title, *map(gauge.block, card.blocks)]
    if fits(tuple(map(sum, zip(*whole, strict=True))), gauge.limit):
        return (card,)
    brief = shorten(card.title, HEAD)
    count = Span(ROOM)
    pages = _Pages(gauge, (*card.title, count), (*brief, count), language)
    for block in card.blocks:
        pages.place(block)
    return _bind(card, brief, pages.pages)


def _behead(card: Card, gauge: Gauge) -> Card:
    if utf16(plain(card.title)) <= gauge.heading:
        return card
    full = Block(kind=Kind.PROSE, items=(tuple(replace(span, link=None) for span in card.title),))
    return replace(card, title=shorten(card.title, gauge.heading), blocks=(full, *card.blocks))


def _bind(card: Card, brief: Text, pages: list[list[Block]]) -> tuple[Card, ...]:
    """The pages as cards, with the count of parts in their titles."""
    placed = {paper for page in pages for block in page for paper in block.papers}
    loose = tuple(paper for paper in card.papers if paper not in placed)
    parts = []
    for number, page in enumerate(pages, 1):
        count = Span(f" ({number}/{len(pages)})")
        own = tuple(paper for block in page for paper in block.papers)
        if number == 1:
            parts.append(replace(card, title=(*card.title, count), blocks=tuple(page), papers=loose + own))
        else:
            papers = loose + own
            parts.append(
                Card(
                    title=(*brief, count), blocks=tuple(page), tags=card.tags, papers=papers,
                    venue=card.venue, date=card.date,
                )
            )  # fmt: skip
    return tuple(parts)


class _Pages:
    """Fills messages one after another with the blocks of a card."""

    def __init__(self, gauge: Gauge, title: Text, brief: Text, language: Language) -> None:
        self._gauge = gauge
        self._fresh = _less(gauge.limit, gauge.title(brief))
        self._left = _less(gauge.limit, gauge.title(title))
        self._words = words(language)
        self.pages: list[list[Block]] = [[]]

    def place(self, block: Block) -> None:
        """Puts a block on this page, on the next one, or on several."""
        size = self._gauge.block(block)
        if not fits(size, self._left) and self._filled() and fits(size, self._fresh):
            self._turn()
        if fits(size, self._left):
            self._put(block, size)
        else:
            self._share(block)

    def _share(self, block: Block) -> None:
        """Puts the items of a block on as many pages as they need."""
        head, at = block, 0
        while at < len(block.items):
            if taken := self._count(head, block.items, at):
                self._put(replace(head, items=block.items[at : at + taken]))
                head, at = _after(head, taken), at + taken
                continue
            item = replace(head, items=block.items[at : at + 1])
            if self._filled() and fits(self._gauge.block(item), self._fresh):
                head = self._resume(head, block)
                continue
            self._cut(item, block)
            head, at = _after(head, 1), at + 1

    def _count(self, head: Block, items: tuple[Text, ...], at: int) -> int:
        """How many of the items from `at` on fit whole on this page."""
        taken, left = 0, self._left
        while at + taken < len(items):
            size = self._gauge.block(replace(head, items=(items[at + taken],)))
            if not fits(size, left):
                break
            left, head, taken = _less(left, size), _after(head, 1), taken + 1
        return taken

    def _cut(self, head: Block, block: Block) -> None:
        """Puts one item on several pages, cut at sentences or words."""
        run, at = lay(head.items[0]), 0
        if self._scant():
            head = self._resume(head, block)
        while (end := self._reach(head, run, at)) < len(run.flat):
            cut = last(run, at, end)
            if cut == at and self.pages[-1]:
                head = self._resume(head, block)
                continue
            if cut == at:
                cut = force(run, at, end)
            self._put(replace(head, items=(run.slice(at, cut),)))
            at = run.skip(cut)
            head = self._resume(_after(head, 1, cut=True), block)
        if at < len(run.flat):
            self._put(replace(head, items=(run.slice(at, len(run.flat)),)))

    def _reach(self, head: Block, run: Run, start: int) -> int:
        """How far into a text this page has room for it."""
        low, high = start, min(len(run.flat), start + max(self._left[0], 0))
        while low < high:
            middle = (low + high + 1) // 2
            size = self._gauge.block(replace(head, items=(run.slice(start, middle),)))
            low, high = (middle, high) if fits(size, self._left) else (low, middle - 1)
        return low

    def _put(self, block: Block, size: Size | None = None) -> None:
        self.pages[-1].append(block)
        self._left = _less(self._left, size or self._gauge.block(block))

    def _turn(self) -> None:
        self.pages.append([])
        self._left = self._fresh

    def _resume(self, head: Block, block: Block) -> Block:
        """Turns the page; the head of what goes on there, which names the section again."""
        self._turn()
        if not block.label or head.label == block.label:
            return head
        return replace(head, label=self._words("continued", label=block.label))

    def _filled(self) -> bool:
        """Whether so much stands on this page that it may be turned."""
        return bool(self.pages[-1]) and any(
            2 * left < room for left, room in zip(self._left, self._fresh, strict=True)
        )

    def _scant(self) -> bool:
        """Whether the room left is too little to begin a text in."""
        return bool(self.pages[-1]) and any(
            8 * left < room for left, room in zip(self._left, self._fresh, strict=True)
        )


def _after(head: Block, taken: int, *, cut: bool = False) -> Block:
    """What the rest of a block looks like; the rest of a cut item is numbered no more."""
    kind = Kind.PROSE if cut and head.kind is Kind.LIST else head.kind
    return replace(head, kind=kind, label="", papers=(), start=head.start + taken)


def _less(room: Size, size: Size) -> Size:
    return tuple(have - taken for have, taken in zip(room, size, strict=True))
