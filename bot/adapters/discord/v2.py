"""Papers as messages of components: a heading, texts apart from each other, pictures to turn over, buttons.

Discord folds nothing away, so what other platforms fold is begun here, and the button says where the
rest is. https://discord.com/developers/docs/components/reference
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from bot.adapters.base import Message
from bot.adapters.discord import limits
from bot.adapters.discord.embeds import ROUTE, embeds
from bot.adapters.discord.escape import address, begin, blank, escape, link
from bot.adapters.discord.foot import without_venue
from bot.adapters.discord.markdown import write
from bot.formatter.card import Block, Card, Fold, Kind, Rich, Span, Text
from bot.formatter.text import Size, plain, shorten, split, utf16
from bot.model import Language

ROW, TEXT, GALLERY, SEPARATOR, CONTAINER = 1, 10, 12, 14, 17

BEGUN = 700  # units of what others fold
LEAST = 200  # units without which it is not begun
_GAP = len("\n\n")
_SLACK = 32  # what a text may grow by where its parts meet

Part = dict[str, Any]


def rich(card: Card, language: Language) -> Message | None:
    """The card as one message of components, with its embeds to fall back on.

    None where it is wanted no richer, or where its own part is too much for one message.
    """
    if card.rich is None or not (classic := embeds(card, language)):
        return None
    below = classic[0].request["json"]
    embed = below["embeds"][0]
    texts = _texts(card, card.rich, embed.get("footer", {}).get("text", ""), language)
    if not texts:
        return None
    parts = _parted(texts, _gallery(card.rich.figures))
    room = limits.COMPONENTS - 1 - len(parts)
    container: Part = {
        "type": CONTAINER,
        "components": [*parts, *_fitting(below.get("components", []), room)],
    }
    if "color" in embed:
        container["accent_color"] = embed["color"]
    json = {"flags": limits.PARTS, "components": [container], "allowed_mentions": {"parse": []}}
    request = {"route": ROUTE, "json": json}
    return Message(platform="discord", request=request, papers=card.papers, fallback=classic)


class _Gauge:
    """How a text is measured: what is written of it."""

    heading = limits.TITLE

    def __init__(self, room: int) -> None:
        self.limit = (room,)

    def title(self, title: Text) -> Size:
        return (0,)

    def block(self, block: Block) -> Size:
        size = utf16(write(block)) + _GAP + 1
        return (max(size, sum(utf16(plain(item)) for item in block.items)),)


def _texts(card: Card, shown: Rich, foot: str, language: Language) -> list[str]:
    """The texts of the message, in order; none where what is not begun alone is too long."""
    facts = [block for block in without_venue(card, shown.blocks) if block.kind is Kind.META]
    points = [block for block in shown.blocks if block.kind is not Kind.META]
    above = [_joined([*_heading(card, shown.title), *map(write, facts)]), _joined(map(write, points))]
    small = f"-# {escape(foot)}" if not blank(foot) else ""
    under = _joined([*map(write, shown.below), small])
    room = limits.TEXTS - _SLACK - sum(map(utf16, (*above, under)))
    if room < 0:
        return []
    begun = []
    for fold in shown.folds:
        text = _begun(fold, min(room, BEGUN), language)
        begun.append(text)
        room -= utf16(text) + _GAP
    return [text for text in (*above, _joined(begun), under) if not blank(text)]


def _heading(card: Card, title: Text) -> list[str]:
    """The title as one link; in full below it, where it is too long for a heading."""
    whole = " ".join(plain(title).encode("utf-8", "replace").decode().split())
    name = next(iter(card.papers), "") if blank(whole) else whole
    if blank(name):
        return []
    brief = shorten(name, limits.TITLE)
    target = next((found for span in title if (found := address(span.link))), None)
    heading = f"## {link(brief, target) if target else begin(escape(brief))}"
    return [heading] if brief == name else [heading, begin(escape(name))]


def _begun(fold: Fold, room: int, language: Language) -> str:
    """The beginning of what others fold, and where the rest is; empty where there is no room to begin."""
    blocks = [_set_apart(block) for block in fold.blocks]
    whole = _labelled(fold.label, map(write, blocks))
    if utf16(whole) <= room:
        return whole
    rest = write(Block(kind=Kind.SMALL, items=((Span(fold.rest),),)))
    left = room - utf16(_labelled(fold.label, [rest])) - _SLACK
    if left < LEAST:
        return ""
    first, *_ = split(Card(title=(), blocks=tuple(_first(blocks, left))), _Gauge(left), language)
    return _labelled(fold.label, [*map(write, first.blocks), rest])


def _first(blocks: Iterable[Block], units: int) -> Iterator[Block]:
    """The first blocks, until they hold so many units and a little more: the rest costs no time."""
    for block in blocks:
        items = []
        for item in block.items:
            if units < 0:
                break
            items.append(shorten(item, units + BEGUN))
            units -= utf16(plain(item))
        yield replace(block, items=tuple(items))


def _set_apart(block: Block) -> Block:
    return replace(block, kind=Kind.QUOTE) if block.kind is Kind.PROSE else block


def _labelled(label: str, texts: Iterable[str]) -> str:
    """Texts right below their label."""
    text = _joined(texts)
    return text if blank(text) or blank(label) else f"**{begin(escape(label))}**\n{text}"


def _joined(texts: Iterable[str]) -> str:
    return "\n\n".join(text for text in texts if not blank(text))


def _gallery(figures: Iterable[str]) -> list[Part]:
    """The pictures, as many as are shown together; none where none has an address on the web."""
    found = list(dict.fromkeys(target for figure in figures if (target := address(figure))))
    items = [{"media": {"url": target}} for target in found[: limits.GALLERY]]
    return [{"type": GALLERY, "items": items}] if items else []


def _parted(texts: Sequence[str], gallery: list[Part]) -> list[Part]:
    """Texts with lines between them, the pictures before the last one."""
    parts: list[Part] = []
    for at, text in enumerate(texts):
        parts += gallery if at and at + 1 == len(texts) else []
        parts += [{"type": SEPARATOR}] if at else []
        parts.append({"type": TEXT, "content": text})
    return parts if len(texts) > 1 else [*parts, *gallery]


def _fitting(rows: Sequence[Part], room: int) -> list[Part]:
    """The first rows that there is room for, a row and each of its buttons counted."""
    found = []
    for row in rows:
        room -= 1 + len(row["components"])
        if room < 0:
            break
        found.append(row)
    return found
