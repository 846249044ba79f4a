"""The words of Paperboy as values: what a source gives, what a post says, what a chat wants.

The noun changes as the data ripens: a `RawPost` is bytes from a source; reading it gives a `Post`
of `Entry`s, or a `NotDigest` that says why there is none. Text fields hold the text as the post
writes it (LaTeX included, Markdown emphasis taken off, HTML entities decoded); what is shown to
people is made readable by the formatter.
"""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum


class Format(StrEnum):
    """How a text is marked up."""

    MARKDOWN = "markdown"
    HTML = "html"


class Style(StrEnum):
    """How much of a digest a chat gets."""

    CARDS = "cards"  # an overview, then a card per paper
    OVERVIEW = "overview"  # one list of the digest
    FULL = "full"  # cards with abstract, translation and note
    RICH = "rich"  # one rich message a paper where the platform has such, cards elsewhere


class Unsure(StrEnum):
    """What is done with a message of which nobody knows whether it arrived."""

    ONCE_MORE = "once_more"  # sent once more and no third time
    UNTIL_KNOWN = "until_known"  # sent again until it is known to have arrived, as after a passing trouble
    NEVER = "never"  # given up: nobody sees anything twice


class Layout(StrEnum):
    """How a digest stands in a place that has rooms of its own for talk: threads, posts of a forum."""

    PLAIN = "plain"  # message after message
    THREADS = "threads"  # its overview, and a thread on that with the cards
    POSTS = "posts"  # a post of a forum
    PUBLISHED = "published"  # its overview goes to all places that follow this one


class Language(StrEnum):
    """The language of the bot's own words; the content of papers stays as written."""

    ZH = "zh"
    EN = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class RawPost:
    """A post as fetched: bytes nobody has understood yet."""

    address: str  # the path or URL under which its source knows it; may name the date and the tag
    data: bytes
    url: str | None = None  # where a reader can open it
    format: Format | None = None  # None: told from the content


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """A topic that chats follow."""

    name: str  # as the blog writes it: "Talking Head Generation"
    slug: str  # the spelling that all its spellings share: "talking-head-generation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """Where a paper can be opened; every address is https, or http where the authors wrote so."""

    abs: str
    pdf: str
    html: str
    cool: str  # papers.cool
    code: tuple[str, ...] = ()  # repositories, from abstract and comment
    project: tuple[str, ...] = ()  # project pages, from abstract and comment


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """The bibliographic record; its identity is the arXiv id without version."""

    arxiv_id: str  # "2410.18605" or "cs/0112017"
    version: int | None
    title: str
    authors: tuple[str, ...]
    abstract: str
    comment: str | None  # the authors' remark on arXiv, as written
    link: str  # the address as written in the post
    links: Links
    venue: str | None  # "CVPR 2024 (Highlight)", from the comment


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """The blog's long note on a paper, written by a language model."""

    text: str
    format: Format


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """A number in the summary or a takeaway that neither title nor abstract states."""

    takeaway: int | None  # position in `Entry.takeaways` from 0; None: in the summary
    number: str  # as written there: "2亿"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A paper's appearance in one post."""

    paper: Paper
    summary: str | None
    takeaways: tuple[str, ...]  # without list markers
    translation: str | None  # of the abstract, paragraphs parted by a blank line
    note: Note | None
    figures: tuple[str, ...]  # image addresses as written, dead and repeated ones too
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something in a post that was not understood."""

    line: int | None  # from 1, in the post as fetched; None: no one line, or an HTML page
    place: str  # what it is about: "front matter", a paper's title, ...
    reason: str  # one sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A digest as understood: a day's new papers on a topic."""

    address: str
    url: str | None
    title: str
    date: dt.date  # the day it is filed under: what posts are ordered and keyed by
    heading_date: dt.date  # the day its heading names: what people are shown
    written: str | None  # the front matter's date as written, naive, in the blog's own zone
    author: str | None
    description: str | None
    categories: tuple[str, ...]
    tags: tuple[Tag, ...]
    headings: tuple[str, ...]  # "2024-10-27 更新", as often as it stands there
    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A paper as a list names it."""

    arxiv_id: str
    title: str
    link: str  # its page
    summary: str | None = None
    tags: tuple[str, ...] = ()  # names
    date: dt.date | None = None  # of the newest digest that holds it


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """Whose words are shown, and where they stand in full."""

    author: str | None
    url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotDigest:
    """A page that is no digest, and why."""

    address: str
    reason: str  # one sentence


class When(StrEnum):
    """How often a chat wants what it is owed."""

    INSTANT = "instant"  # as it comes
    DAILY = "daily"
    WEEKLY = "weekly"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """The hours of a day, by the chat's own clock, in which it is not to be woken.

    From `start` up to, not including, `end`; over midnight where `end` is the earlier one; the
    same time twice is no quiet at all.
    """

    start: dt.time
    end: dt.time
    silent: bool  # True: send without a sound; False: hold until they end


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When a chat wants what it is owed; raises ValueError where it contradicts itself."""

    when: When = When.INSTANT
    at: dt.time | None = None  # by the chat's own clock; None only for instant
    zone: str = "UTC"  # an IANA name: "Asia/Hong_Kong"
    weekdays: frozenset[int] = frozenset(range(7))  # Monday is 0; for weekly exactly one
    quiet: Quiet | None = None

    def __post_init__(self) -> None:
        if self.when is not When.INSTANT and self.at is None:
            raise ValueError(f"a {self.when} digest needs an hour")
        if not self.weekdays or not self.weekdays <= frozenset(range(7)):
            raise ValueError("choose weekdays from 0 (Monday) to 6 (Sunday), at least one")
        if self.when is When.WEEKLY and len(self.weekdays) != 1:
            raise ValueError("a weekly digest needs exactly one weekday")
