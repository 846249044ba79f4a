"""Where digest posts appear: the table of the kinds of source, each loaded when it is used."""

from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from bot.sources.base import Given, Source

KINDS = {
    "folder": "bot.sources.folder",
    "site": "bot.sources.site",
    "feed": "bot.sources.feed",
    "git": "bot.sources.git",
    "github": "bot.sources.github",
}


def make(kind: str, given: "Given") -> "Source":
    """The source of a kind.

    Raises:
        KeyError: there is no such kind; `config.load()` checks this first.
        ConfigError: what is given makes no such source.
    """
    return cast("Source", import_module(KINDS[kind]).make(given))
