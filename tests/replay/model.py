"""What readers must have been brought, and may have been, told by the blog's life alone.

Nothing here knows how the bot works: only what each source showed and when it was looked at.
"""

import datetime as dt
from dataclasses import dataclass, field

from tests.fakes.blog.posts import Post

DAY = 86_400.0
GROWS = 10  # days for which a site's posts are looked at again for growth
MAX_AGE = 14  # days; older posts go to the archive

Shown = list[tuple[str, Post]]  # by where the source shows it
Pair = tuple[str, str]  # a paper under a tag


def day_of(now: float, back: int = 0) -> str:
    return dt.datetime.fromtimestamp(now - back * DAY, dt.UTC).date().isoformat()


@dataclass(slots=True, kw_only=True)
class Eye:
    """One source: what it shows now, and since when without a break."""

    patience: float  # seconds after which a look must have seen what is there: a site is asked once a day
    imported: bool = False
    shown: Shown = field(default_factory=list)
    since: dict[tuple[str, str, int], float] = field(default_factory=dict)  # address, paper, version
    met: dict[str, float] = field(default_factory=dict)  # addresses, by the first look that may have met them
    silent: set[Pair] = field(default_factory=set)  # there when it was first looked at
    read: set[str] = field(default_factory=set)  # addresses that a look must have read

    def show(self, now: float, shown: Shown) -> None:
        there = [(address, each.arxiv_id, each.version) for address, post in shown for each in post.papers]
        self.since = {spot: self.since.get(spot, now) for spot in there}
        self.shown = shown

    def sees(self, now: float, address: str, post: Post, spot: tuple[str, str, int]) -> bool:
        """Whether a look that goes well must see it."""
        since = self.since[spot]
        grown = self.met.get(address, now) < since  # there is more in a post that was read
        if grown and self.patience and post.date <= day_of(now, GROWS):
            return False
        return since <= now - self.patience


@dataclass(slots=True, kw_only=True)
class Reader:
    """A chat: what it follows and since when; None stands for every tag."""

    follows: dict[str | None, float] = field(default_factory=dict)
    must: set[str] = field(default_factory=set)
    may: set[str] = field(default_factory=set)
    newest: dict[str, int] = field(default_factory=dict)  # the version of a paper that must have been read

    def since(self, tag: str) -> float | None:
        return min((self.follows[name] for name in (tag, None) if name in self.follows), default=None)


class Model:
    """Readers, and what they are to be brought."""

    def __init__(self, eyes: dict[str, Eye]) -> None:
        self.eyes = eyes
        self.readers: dict[str, Reader] = {}
        self.silent: set[Pair] = set()  # there when all began
        self.maybe: dict[Pair, float] = {}  # the first look that may have read it as news
        self.surely: dict[Pair, float] = {}  # the first look that must have
        self.known: set[str] = set()  # papers that must be in the archive

    def follow(self, chat: str, tag: str | None, now: float) -> None:
        self.readers.setdefault(chat, Reader()).follows[tag] = now

    def leave(self, chat: str) -> None:
        self.readers[chat].follows.clear()

    def look(self, name: str, now: float, *, whole: bool, clean: bool) -> None:
        """A source was looked at; as a whole, and, if `clean`, without a trouble with any part."""
        eye = self.eyes[name]
        for address, post in eye.shown:
            for each in post.papers:
                pair = (each.arxiv_id, post.tag)
                sure = clean and eye.sees(now, address, post, (address, each.arxiv_id, each.version))
                if sure:
                    self.known.add(each.arxiv_id)
                    eye.read.add(address)
                if not eye.imported:
                    self._import(eye, pair)
                elif pair not in eye.silent and pair not in self.silent:
                    self._read(now, post, pair, each.version, sure)
        for address, _ in eye.shown:
            eye.met.setdefault(address, now)
        eye.imported = eye.imported or whole

    def _import(self, eye: Eye, pair: Pair) -> None:
        """What the first source finds at first is old for all; what another finds then is, for that one."""
        eye.silent.add(pair)
        if not any(other.imported for other in self.eyes.values()):
            self.silent.add(pair)

    def _read(self, now: float, post: Post, pair: Pair, version: int, sure: bool) -> None:
        arxiv_id, _ = pair
        if post.date < day_of(now, MAX_AGE):
            return  # told to nobody; it is news where it stands in a younger post
        for reader in self.readers.values():
            since = reader.since(post.tag)
            if since is None:
                continue
            if since <= self.surely.get(pair, now):
                reader.may.add(arxiv_id)
            if sure and since <= self.maybe.get(pair, now):
                reader.must.add(arxiv_id)
            if sure:
                reader.newest[arxiv_id] = max(version, reader.newest.get(arxiv_id, 0))
        self.maybe.setdefault(pair, now)
        if sure:
            self.surely.setdefault(pair, now)
