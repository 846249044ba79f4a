"""Where digest posts appear: the table of the kinds of source."""

from collections.abc import Callable
from pathlib import Path

from bot.sources.base import Source
from bot.sources.folder import Folder

KINDS: dict[str, Callable[..., Source]] = {"folder": Folder}


def make(kind: str, path: Path, *, every: float) -> Source:
    """The source of a kind.

    Raises:
        KeyError: there is no such kind; `config.load()` checks this first.
    """
    return KINDS[kind](path, every=every)
