"""What a person asks and what the bot answers, on any platform.

An adapter turns what came in into a `Request`; `bot.commands.answer` gives the `Reply`, which the
adapter shows. Nothing here knows a platform: what only a platform can tell, who administers a chat
and what a name such as "@channel" stands for, is asked of the request's `Guide`.
"""

import datetime as dt
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.formatter.card import Action, Block, Button, Card, Kind, Span, Text
from bot.locales import Words
from bot.meter import Meter
from bot.model import Language, Layout, Schedule, Style
from bot.storage.chats import Chat
from bot.storage.database import Database


class Where(StrEnum):
    """What kind of place a chat is."""

    PRIVATE = "private"
    GROUP = "group"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where something was asked, or what it is asked for."""

    address: str  # as chats are kept by
    where: Where = Where.PRIVATE
    title: str = ""  # as people know it: "@channel", the group's name
    above: str = ""  # the address of the place whose settings it takes where it has none of its own
    layout: Layout = Layout.PLAIN  # how digests stand there unless that is set
    whole: bool = False  # it holds the places that take its settings, and gets nothing itself

    @property
    def layouts(self) -> tuple[Layout, ...]:
        """Those that can be chosen there; none where there is no choice."""
        if self.layout is Layout.PUBLISHED:
            return (Layout.PUBLISHED, Layout.PLAIN, Layout.THREADS)
        right_below = bool(self.above) and self.address.rpartition("/")[0] == self.above
        plain = self.layout is not Layout.POSTS and (self.whole or right_below)
        return (Layout.PLAIN, Layout.THREADS) if plain else ()


class Guide(Protocol):
    """What a platform knows of people and places."""

    def named(self, word: str) -> str | None:
        """The name by which `find` knows the place that a word stands for; None: it is no such word."""
        ...

    async def manages(self, person: str, place: Place) -> bool:
        """Whether a person may change what a place gets: its administrators, everybody in private.

        Raises:
            Refusal: nobody can tell now.
        """
        ...

    async def find(self, name: str, person: str) -> Place:
        """The place that a name or address stands for, where that person and the bot may do so.

        Raises:
            Refusal: there is none, the person does not administer it, or the bot may not post there.
        """
        ...

    async def check(self, place: Place) -> None:
        """Do nothing where the bot may bring a digest to a place in its layout; asks nobody for long.

        Raises:
            Refusal: it may not; says what is missing.
        """
        ...


class Refusal(Exception):
    """What was asked cannot be done; `key` is the phrase that says why and how to mend it."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key = key
        self.values = values


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a person asked."""

    platform: str
    place: Place
    person: str  # as the platform numbers people; empty: an administrator that does not say who
    word: str  # a command without its slash, or an `Action`
    text: str = ""  # what stands behind the command, or what the button is about
    elsewhere: str = ""  # the name of the place that it is about, where the platform tells it by itself
    pressed: bool = False  # by a button
    unsure: bool = False  # the button's message is so old that it may be in another part of the place
    hint: Language = Language.EN  # what the person reads, as the platform tells
    at: float  # seconds since the epoch
    guide: Guide


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file to send."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the bot answers; all of it may be empty but not together."""

    cards: tuple[Card, ...] = ()
    edit: bool = False  # the first card takes the place of the message whose button was pressed
    page: int | None = None  # show only this part of the one card, from 1, as many as the platform makes
    pages: str = ""  # what a button that turns the pages asks for, without the page: "note:2003.08934"
    toast: str = ""  # a few words beside the pressed button, at most 200 characters
    link: str = ""  # where the pressed button leads: the bot's private chat with the person
    file: File | None = None
    figures: tuple[str, ...] = ()  # image addresses, shown together
    refused: bool = False  # it says only why what was asked is not done
    language: Language = Language.EN  # of what is said; filled in by `answer`


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What a person looks for from within any chat; nothing: the latest."""

    text: str
    offset: int
    language: Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A paper that was found, with the card that is posted where it is chosen."""

    arxiv_id: str
    title: str
    gist: str
    card: Card


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was found, and where the next page begins; 0: there is none."""

    papers: tuple[Hit, ...]
    following: int = 0


def typed(line: str, place: Place | None) -> str:
    """A command as people type it: "/subscribe NeRF", and for another place "/subscribe @channel NeRF"."""
    if place is None:
        return line
    command, _, rest = line.partition(" ")
    name = place.title if place.title.startswith("@") else place.address
    return f"{command} {name} {rest}".rstrip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What commands work with."""

    database: Database
    style: Style  # of chats that have not said otherwise
    styles: Callable[[], Sequence[Style]] = lambda: tuple(Style)  # that can be shown here now
    cap: int  # cards of a digest that are pushed
    aliases: Mapping[str, str] = field(default_factory=dict)  # other names of tags, to their slugs
    operators: Collection[str] = ()  # "telegram:12345"
    sources: Collection[str] = ()  # the names of those that are read
    links: Callable[[str], str] = lambda _payload: ""  # an address that starts the bot with a payload
    call: Callable[[str, Place | None], str] = typed  # a command as people give it, about another place
    status: Callable[[AsyncConnection], Awaitable[list[str]]] | None = None  # what /status says
    wake: Callable[[], None] = lambda: None  # something new may be owed
    meter: Meter = field(default_factory=Meter)
    next_due: Callable[[Schedule, dt.datetime], dt.datetime | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A request as a command sees it: the chat that it is about, and the words to answer in."""

    desk: Desk
    request: Request
    chat: Chat | None  # of the place that is asked about; None: the bot does not know it yet
    place: Place  # where it was asked, or what it named: "/subscribe @channel NeRF"
    text: str  # what stands behind the command, without the place
    say: Words
    language: Language
    connection: AsyncConnection  # a transaction that is kept when the command ends well
    manages: bool = True  # the person may change what the place gets; told to what `may_change`
    kept: list[str] = field(default_factory=list)  # texts that buttons name by a key, to be kept afterwards

    @property
    def elsewhere(self) -> Place | None:
        """The place that is asked about, where it is another than the one where it was asked."""
        return None if self.place == self.request.place else self.place


Run = Callable[[Visit], Awaitable[Reply]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Something that people can ask for by its name; /help is printed from these.

    The catalogs hold `help_NAME`, one line; `example` stands behind the name in help and errors.
    """

    name: str
    run: Run
    example: str = ""
    writes: bool = False  # to the database
    changes: bool = False  # what a place gets: in groups and channels only for administrators
    may_change: bool = False  # by what stands behind it; it asks `check_manager` itself
    elsewhere: bool = False  # may name another place first: "@channel"
    operators: bool = False  # only for those the configuration names


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """Something that a button does."""

    run: Run
    writes: bool = False
    changes: bool = False
    may_change: bool = False
    opens: bool = False  # something to read: of a message in a channel, in the person's own chat
    operators: bool = False  # only for those the configuration names


def card(*paragraphs: Text | str, title: str = "", keys: tuple[tuple[Button, ...], ...] = ()) -> Card:
    """The bot's own words as a card; commands in them can be tapped."""
    items = tuple((Span(text, tap=True),) if isinstance(text, str) else text for text in paragraphs)
    blocks = (Block(kind=Kind.PROSE, items=items),) if items else ()
    return Card(title=(Span(title),) if title else (), blocks=blocks, keys=keys)


def tell(*paragraphs: Text | str, keys: tuple[tuple[Button, ...], ...] = (), edit: bool = False) -> Reply:
    """A reply of the bot's own words."""
    return Reply(cards=(card(*paragraphs, keys=keys),), edit=edit)


def button(label: str, action: Action, about: str = "", place: Place | None = None) -> Button:
    """A button that asks the bot; for another place than the one it is shown in, where one is given."""
    return Button(label=label, action=action, about=f"{about}@{place.address}" if place else about)
