"""The contract of a source: a place where digest posts appear."""

import time
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from bot.model import RawPost

AGENT = "Paperboy (reads new digest posts once; conditional requests)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One new or changed thing that a source holds."""

    address: str  # unique within the source, and the same at the next look
    fingerprint: str  # changes when the content does
    raw: RawPost


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One thing that holds nothing new; only how it is recognised at the next look has changed."""

    address: str
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """One thing that could not be read now; the next look tries again."""

    address: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What is asked of others over the network, and how much is taken from them."""

    agent: str = AGENT  # how the bot names itself
    size: int = 20_000_000  # bytes of one thing, unpacked
    seconds: float = 60.0  # for one thing, redirects included
    redirects: int = 5
    pause: float = 1.0  # seconds between two requests to the same source
    private: bool = False  # may addresses be asked that are not public: of this machine, of a home network


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What the configuration says of a source; each kind takes what it knows."""

    name: str  # what identifies it for good
    every: float  # seconds between two looks
    path: str = ""  # a folder: on this machine, or within the repository
    url: str = ""  # a site's first page, a feed, a repository
    branch: str = ""  # of a repository; empty: the one it shows first
    since: float = 30 * 86400.0  # seconds: how far back a first look goes where there is no end
    token: str = field(default="", repr=False)  # for a repository that is not public
    cache: Path = Path("cache")  # where copies of repositories may lie
    limits: Limits = Limits()
    clock: Callable[[], float] = time.time


class Source(Protocol):
    """Looks for posts; knows nothing of what was done with them.

    A source is looked at once at a time. Whatever it finds out that has to outlast the process is in the
    fingerprints: those of posts, and those of lists of posts, which are addresses of their own.
    """

    @property
    def name(self) -> str:
        """What identifies this source for good, in the database and to operators."""
        ...

    @property
    def every(self) -> float:
        """Seconds between two looks."""
        ...

    def fetch(self, known: Mapping[str, str]) -> AsyncGenerator[Page | Seen | Unreadable, None]:
        """What is new or changed against the known fingerprints, by address.

        Raises:
            SourceError: the source as a whole cannot be read now.
        """
        ...

    async def probe(self) -> str:
        """Ask the source the least that shows whether it can be read; what it is, in a few words.

        Raises:
            SourceError: it cannot be read; what is wrong and how to mend it.
        """
        ...

    async def close(self) -> None:
        """End what is held open."""
        ...
