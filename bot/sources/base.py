"""The contract of a source: a place where digest posts appear."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from bot.model import RawPost


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One new or changed thing that a source holds."""

    address: str  # unique within the source, and the same at the next look
    fingerprint: str  # changes when the content does
    raw: RawPost


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """One thing that could not be read now; the next look tries again."""

    address: str
    reason: str


class Source(Protocol):
    """Looks for posts; knows nothing of what was done with them."""

    @property
    def name(self) -> str:
        """What identifies this source for good, in the database and to operators."""
        ...

    @property
    def every(self) -> float:
        """Seconds between two looks."""
        ...

    def fetch(self, known: Mapping[str, str]) -> AsyncIterator[Page | Unreadable]:
        """What is new or changed against the known fingerprints, by address.

        Raises:
            SourceError: the source as a whole cannot be read now.
        """
        ...
