"""What stands in small print under a paper: its venue, tags, day and id.

The venue stands there instead of among the facts, so that nobody reads it twice.
"""

from collections.abc import Iterable
from dataclasses import replace

from bot.adapters.discord.escape import blank
from bot.formatter.card import Block, Card, Kind
from bot.formatter.text import plain, shorten, utf16

MOST = 256  # units of it all; longer ones stand in no real post
_VENUE = 100  # units of a venue that is small print; a longer one stays among the facts
_ID = 60  # units of an id that leave room for what stands before it


def foot(card: Card) -> str:
    """The small print of one paper; empty for an overview, which has that in its title and its list."""
    if len(card.papers) != 1:
        return ""
    number = shorten(f"arXiv:{card.papers[0]}", _ID)
    after = (str(card.date), number) if card.date else (number,)
    around = (_venue(card), *after)
    names = [" ".join(tag.split()) for tag in card.tags if not blank(tag)]
    room = MOST - sum(utf16(part) + len(" · ") for part in around)
    return " · ".join(filter(None, (_venue(card), shorten(", ".join(names), room), *after)))


def without_venue(card: Card, blocks: Iterable[Block]) -> tuple[Block, ...]:
    """The blocks without the venue of the card, where it stands in the small print."""
    venue = _venue(card)
    if not venue:
        return tuple(blocks)
    bare = (_without(block, card.venue) if block.kind is Kind.META else block for block in blocks)
    return tuple(block for block in bare if block.items)


def _without(block: Block, text: str) -> Block:
    return replace(block, items=tuple(item for item in block.items if plain(item) != text))


def _venue(card: Card) -> str:
    """The venue as it stands in the small print; empty where it does not."""
    venue = " ".join(card.venue.split())
    small = len(card.papers) == 1 and utf16(venue) <= _VENUE and not blank(venue)
    return venue if small else ""
