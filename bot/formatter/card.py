"""The neutral form of what is shown: rich text in blocks, buttons beside it, no platform in it.

A `Card` is what a digest or a paper says; an adapter renders it as `Message`s of its platform.
Text here is already readable (LaTeX made Unicode, residue off) and nothing in it is escaped.
"""

import datetime as dt
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
    tap: bool = False  # the bot's own words: a command in it is one that readers can tap
    math: str = ""  # the LaTeX of the formula that the text shows, where it can be set as one


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

    # About a paper: its arXiv id; of what is paged in place the page behind it, "2003.08934:2"; of a card
    # that takes a list's place what leads back there, "2003.08934:digest:1a2b3c4d:2026-11-20:2".
    PAPER = "paper"
    NOTE = "note"
    ABSTRACT = "abstract"
    FIGURES = "figures"
    SAVE = "save"
    UNSAVE = "unsave"
    LIKE = "like"
    # About a tag: its key; about a digest: the tag's key, the day and the page, "1a2b3c4d:2026-11-20:2",
    # behind it the list of digests that it leads back to; about such a list: what it holds, and the page.
    FOLLOW = "follow"
    LEAVE = "leave"
    DIGEST = "digest"
    REST = "rest"
    DATES = "dates"
    MERGE = "merge"  # the keys of two tags, behind them the answer, "1a2b3c4d:5e6f7a8b:yes"
    # Lists, by page; what was looked for by its key.
    TAGS = "tags"
    MINE = "mine"
    SAVED = "saved"
    EXPORT = "export"
    SEARCH = "search"
    # Settings: a menu's name, or a name and what it is set to, "style:cards".
    MENU = "menu"
    SET = "set"
    STOP = "stop"
    RESUME = "resume"


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """Opens an address, or asks the bot for something."""

    label: str
    url: str | None = None
    action: Action | None = None
    about: str = ""  # what the action is about, see there

    @property
    def data(self) -> str:
        """What the button of an old message is known by: its action and what it is about."""
        return f"{self.action}:{self.about}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """What is folded away under its label until a reader opens it."""

    label: str
    blocks: tuple[Block, ...]
    rest: str  # what to say where it had to be shortened: how to read the rest


@dataclass(frozen=True, slots=True, kw_only=True)
class Rich:
    """A paper as one message shows it that folds texts, sets formulas and turns pictures over."""

    title: Text
    blocks: tuple[Block, ...]  # those of the card, with formulas
    folds: tuple[Fold, ...] = ()
    figures: tuple[str, ...] = ()  # http or https image addresses
    below: tuple[Block, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One thing to say: an overview of a digest, or one paper."""

    title: Text  # shown first; continuations repeat it, shortened, with (2/3); empty: none
    blocks: tuple[Block, ...]
    buttons: tuple[Button, ...] = ()  # one row, as many as the platform has room for
    keys: tuple[tuple[Button, ...], ...] = ()  # rows of buttons below, as they are laid out
    figure: str | None = None  # an http or https image address
    tags: tuple[str, ...] = ()  # names; the first one gives a platform its colour
    rich: Rich | None = None  # the richer form that is wanted; a platform without such shows the card
    papers: tuple[str, ...] = ()  # the arXiv ids that it shows
    venue: str = ""  # of the paper, as it stands among the facts
    date: dt.date | None = None  # the day that the digest of the paper names
