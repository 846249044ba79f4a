"""A card in lines: the same for a terminal and for a pipe, but for where addresses stand."""

from collections.abc import Iterator
from dataclasses import replace

from bot.adapters.console.wrap import Line, Run, clean, columns, target, wrap
from bot.formatter.card import Block, Card, Kind, Span, Text
from bot.locales import words
from bot.model import Language


def lay_out(card: Card, width: int, language: Language, *, linked: bool) -> Iterator[Line]:
    """The lines of a card from its rule to the blank line behind it."""
    yield [Run("─" * width, "rule")]
    yield from wrap(_heading(card, linked=linked), width, linked=linked, paint="title")
    named = "".join(span.text for span in card.title)
    facts = tuple((Span(tag),) for tag in card.tags if tag not in named)
    blocks = _with_figure(card, language)
    lead = [block for block in blocks[:1] if block.kind is Kind.META]
    for block in (*lead, Block(kind=Kind.META, items=facts)):
        yield from _block(block, width, linked=linked)
    for block in blocks[len(lead) :]:
        lines = list(_block(block, width, linked=linked))
        if lines:
            yield []
        yield from lines
    yield []


def _with_figure(card: Card, language: Language) -> list[Block]:
    """The blocks of a card, its figure the last of its links."""
    if not card.figure:
        return list(card.blocks)
    figure = (Span(words(language)("figure"), link=card.figure),)
    if not any(block.kind is Kind.LINKS for block in card.blocks):
        return [*card.blocks, Block(kind=Kind.LINKS, items=(figure,))]
    return [
        replace(block, items=(*block.items, figure)) if block.kind is Kind.LINKS else block
        for block in card.blocks
    ]


def _heading(card: Card, *, linked: bool) -> Text:
    """The title; in a pipe without an address that the card writes out below."""
    written = {span.link for block in card.blocks for item in block.items for span in item}
    spans = (replace(span, bold=True) for span in card.title)
    return tuple(span if linked or span.link not in written else replace(span, link=None) for span in spans)


def _block(block: Block, width: int, *, linked: bool) -> Iterator[Line]:
    items = [item for item in block.items if any(span.text.strip() for span in item)]
    if items and block.label.strip():
        yield from wrap((Span(block.label, bold=True),), width, linked=linked, paint="label")
    if block.kind is Kind.LIST:
        yield from _numbered(items, block.start, width, linked=linked)
    elif block.kind is Kind.LINKS:
        yield from _addresses(items, width)
    elif block.kind is Kind.QUOTE:
        yield from _indented(items, Run("│ ", "mark"), width, linked=linked)
    else:
        paint = {Kind.META: "meta", Kind.SMALL: "small"}.get(block.kind, "")
        for item in items:
            yield from wrap(item, width, linked=linked, paint=paint)


def _numbered(items: list[Text], start: int, width: int, *, linked: bool) -> Iterator[Line]:
    margin = max(4, len(f"{start + len(items) - 1}. ") + 1)
    for number, item in enumerate(items, start):
        head = Run(f"{number}. ".rjust(margin), "meta")
        for line in wrap(item, width - margin, linked=linked):
            yield [head, *line]
            head = Run(" " * margin)


def _indented(items: list[Text], mark: Run, width: int, *, linked: bool) -> Iterator[Line]:
    for at, item in enumerate(items):
        if at:
            yield [mark]
        for line in wrap(item, width - columns(mark.text), linked=linked):
            yield [mark, *line]


def _addresses(items: list[Text], width: int) -> Iterator[Line]:
    """One line a link: its name, and the address in full."""
    spans = [span for item in items for span in item if span.text.strip()]
    margin = min(max((columns(clean(span.text)) for span in spans), default=0), width // 3) + 2
    for span in spans:
        name = clean(span.text)
        if span.link is None or name == span.link:
            yield from wrap((span,), width, linked=True)
            continue
        gap = " " * max(2, margin - columns(name))
        address = clean(span.link)
        yield [Run(name + gap), Run(address, "link", link=target(address))]
