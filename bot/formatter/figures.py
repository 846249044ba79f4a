"""Which of a paper's figures can be shown."""

import re
from collections.abc import Iterable

_ADDRESS = re.compile(r"https?://[\w-]+(?:\.[\w-]+)+(?::\d+)?/[^\s\"<>\\^`{|}\x00-\x1f]+")
_HASH = re.compile(r"(?<![0-9a-f])[0-9a-f]{16,64}(?![0-9a-f])")
_LONGEST = 2000  # characters of an address; more is an image packed into it


def shown(figures: Iterable[str]) -> tuple[str, ...]:
    """The figures with an address on the web, one per image: the same hash on another host is the same."""
    found: dict[str, str] = {}
    for figure in figures:
        if len(figure) <= _LONGEST and _ADDRESS.fullmatch(figure := figure.strip()):
            name = figure.partition("?")[0].rpartition("/")[2]
            known = _HASH.search(name.lower())
            found.setdefault(known.group() if known else figure, figure)
    return tuple(found.values())
