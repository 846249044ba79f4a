"""Where digest posts appear: the table of the kinds of source, each loaded when it is used."""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from bot.sources.base import Source

KINDS = {"folder": "bot.sources.folder"}


def make(kind: str, path: Path, *, every: float) -> "Source":
    """The source of a kind.

    Raises:
        KeyError: there is no such kind; `config.load()` checks this first.
    """
    return cast("Source", import_module(KINDS[kind]).make(path, every=every))
