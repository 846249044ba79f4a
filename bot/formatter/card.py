"""The neutral form of what is shown: rich text in blocks, buttons beside it, no platform in it.

A `Card` is what a digest or a paper says; an adapter renders it as `Message`s of its platform.
Text here is already readable (LaTeX made Unicode, residue off) and nothing in it is escaped.
"""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text in one look."""

    text: str
    bold: bool = False
    italic: bool = False
    code: bool = False
    link: str | None = None  # an http or https address


Text = tuple[Span, ...]


class Kind(StrEnum):
    """What a block is, so that each platform can give it its own look."""

    META = "meta"  # short facts: authors, venue, tags
    PROSE = "prose"  # paragraphs
    LIST = "list"  # numbered items
    QUOTE = "quote"  # a long text that may be folded away: abstract, translation
    LINKS = "links"  # the addresses of a paper, one an item
    SMALL = "small"  # attribution and disclaimer


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A section of a card."""

    kind: Kind
    items: tuple[Text, ...]  # paragraphs, list items, facts; parted by a line break when shown
    label: str = ""  # its heading in the card's language
    start: int = 1  # the number of the first item of a LIST
    papers: tuple[str, ...] = ()  # the arXiv ids that it shows, where it belongs to some alone


class Action(StrEnum):
    """What a button asks for; the word is part of what old messages carry, so it never changes."""

    NOTE = "note"
    SAVE = "save"


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """Opens an address, or asks the bot for something about a paper."""

    label: str
    url: str | None = None
    action: Action | None = None
    paper: str = ""  # the arXiv id that the action is about


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One thing to say: an overview of a digest, or one paper."""

    title: Text  # shown first; continuations repeat it, shortened, with (2/3)
    blocks: tuple[Block, ...]
    buttons: tuple[Button, ...] = ()
    figure: str | None = None  # an http or https image address
    tags: tuple[str, ...] = ()  # names; the first one gives a platform its colour
    papers: tuple[str, ...] = ()  # the arXiv ids that it shows
