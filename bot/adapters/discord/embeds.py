"""Cards as messages of embeds: one per card, its description in Markdown, buttons below.

Whole cards nearly always fit one embed; what does not is split into several, and as many of those
as Discord allows share a message.
"""

from dataclasses import replace
from typing import Any
from zlib import crc32

from bot.adapters.base import Message
from bot.adapters.discord import limits
from bot.adapters.discord.escape import address, begin, blank, escape
from bot.adapters.discord.foot import foot, without_venue
from bot.adapters.discord.markdown import write
from bot.adapters.discord.pick import Row, rows
from bot.formatter.card import Block, Card, Kind, Span, Text
from bot.formatter.text import Size, plain, shorten, split, utf16
from bot.model import Language

ROUTE = "POST /channels/{channel}/messages"

# Told apart on the light and on the dark theme.
_PALETTE = (
    0x5865F2, 0x3BA55D, 0xE67E22, 0xE91E63, 0x1ABC9C, 0x9B59B6, 0x3498DB, 0xF1C40F,
    0xE74C3C, 0x11806A, 0xAD1457, 0x2D7D9A, 0x8D6E63, 0x7CB342, 0xFF7043, 0x5C6BC0,
)  # fmt: skip

_SLACK = 32  # what a text may grow by where its parts meet
_GAP = len("\n\n") + 1  # between blocks; the links of one block stand three apart
_HEADING = limits.TITLE - len(" (9999/9999)")


class _Gauge:
    """How Discord measures: all that an embed shows, and its description alone."""

    heading = _HEADING

    def __init__(self, small: str) -> None:
        self.limit = (limits.TOTAL - utf16(small) - _SLACK, limits.DESCRIPTION - _SLACK)

    def title(self, title: Text) -> Size:
        return (max(utf16(_heading(title)), utf16(plain(title))), 0)

    def block(self, block: Block) -> Size:
        size = utf16(write(block)) + _GAP
        return (max(size, sum(utf16(plain(item)) for item in block.items)), size)


def embeds(card: Card, language: Language) -> tuple[Message, ...]:
    """The messages of a card, each within Discord's limits; none for a card that shows nothing."""
    below = rows(card, language)
    card = _named(replace(card, blocks=without_venue(card, card.blocks)))
    embed = _embed(card)
    if _fits(embed):
        return _pack([(card, embed)], below)
    parts = split(_lighten(card), _Gauge(foot(card)), language)
    return _pack([(part, _embed(part)) for part in parts], below)


def _named(card: Card) -> Card:
    """The card under the id of its paper where its title shows nothing."""
    if card.papers and blank(plain(card.title)):
        return replace(card, title=(Span(card.papers[0], link=_link(card.title)),))
    return card


def _embed(card: Card) -> dict[str, Any]:
    """A card as an embed, without what would be empty: Discord refuses that."""
    embed: dict[str, Any] = {}
    title = _heading(card.title)
    if not blank(title):
        embed["title"] = title
        if url := _link(card.title):
            embed["url"] = url
    description = "\n\n".join(filter(None, map(write, card.blocks)))
    if description:
        embed["description"] = description
    figure = address(card.figure)
    if figure is not None:
        embed["image"] = {"url": figure}
    if embed and (small := foot(card)):
        embed["footer"] = {"text": small}
    if embed and card.tags:
        embed["color"] = _color(card.tags[0])
    return embed


def _heading(title: Text) -> str:
    """A title in one line; the client reads some Markdown in it, but no links."""
    return begin(escape(" ".join(plain(title).split())))


def _link(title: Text) -> str | None:
    """Where the title leads: an embed's title is one link."""
    return next((found for span in title if (found := address(span.link))), None)


def _color(tag: str) -> int:
    """One of the palette, the same for a tag everywhere and always."""
    return _PALETTE[crc32(tag.casefold().encode("utf-8", "replace")) % len(_PALETTE)]


def _fits(embed: dict[str, Any]) -> bool:
    title, description = embed.get("title", ""), embed.get("description", "")
    if len(title) * 2 <= limits.TITLE and len(description) * 2 <= limits.DESCRIPTION:
        return True
    return (
        utf16(title) <= limits.TITLE
        and utf16(description) <= limits.DESCRIPTION
        and _size(embed) <= limits.TOTAL
    )


def _size(embed: dict[str, Any]) -> int:
    """What counts of an embed towards the total of its message."""
    small = embed["footer"]["text"] if "footer" in embed else ""
    return utf16(embed.get("title", "")) + utf16(embed.get("description", "")) + utf16(small)


def _lighten(card: Card) -> Card:
    """The card with a title that fits with its backslashes, at worst one a character; in full below."""
    if utf16(_heading(card.title)) <= _HEADING:
        return card
    title, link = plain(card.title), _link(card.title)
    brief = shorten(title, _HEADING)
    if utf16(_heading((Span(brief),))) > _HEADING:
        brief = shorten(title, _HEADING // 2)
    full = Block(kind=Kind.PROSE, items=((Span(title),),))
    return replace(card, title=(Span(brief, link=link),), blocks=(full, *card.blocks))


def _pack(parts: list[tuple[Card, dict[str, Any]]], below: list[Row]) -> tuple[Message, ...]:
    """Messages that hold as many embeds as they may, in order; the first one has the rows below."""
    pages: list[list[tuple[Card, dict[str, Any]]]] = []
    left = 0
    for part, embed in parts:
        size = _size(embed)
        if not pages or size > left or len(pages[-1]) == limits.EMBEDS:
            pages.append([])
            left = limits.TOTAL
        pages[-1].append((part, embed))
        left -= size
    shown = [page for page in pages if any(embed for _, embed in page)]
    return tuple(_message(page, [] if at else below) for at, page in enumerate(shown))


def _message(page: list[tuple[Card, dict[str, Any]]], below: list[Row]) -> Message:
    body: dict[str, Any] = {
        "embeds": [embed for _, embed in page if embed],
        "allowed_mentions": {"parse": []},
    }
    if below:
        body["components"] = below
    papers = dict.fromkeys(paper for card, _ in page for paper in card.papers)
    return Message(platform="discord", request={"route": ROUTE, "json": body}, papers=tuple(papers))
