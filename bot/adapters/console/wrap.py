"""Rich text in lines of a terminal, where a wide character takes two columns.

Nothing that a terminal would obey is let through from the content.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from urllib.parse import quote

from bot.formatter.card import Text

# What a terminal obeys: control characters, without which no sequence is one, and turns of direction.
_HARM = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
_JOINER = "\u200d"
_JOINED = re.compile(rf"{_JOINER}[^{_JOINER}]?")
_BREAK = re.compile(r"\r\n?|[\n\v\f\x85\u2028\u2029]")

_WIDE = (
    "\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60"
    "\uffe0-\uffe6\U00020000-\U0003fffd"
)
_OPENING = "（《「『【〈〔［｛“‘"
_CLOSING = "，。、；：？！）》」』】〉〕］｝”’…％·"
# What stays on one line: an address, a word, an ideograph with the punctuation that clings to it.
_PIECE = re.compile(
    rf"\n|[^\S\n]+|https?://[!-~]+|[{_OPENING}]{{0,4}}(?:[{_WIDE}]|[^\s{_WIDE}{_OPENING}]+)[{_CLOSING}]*|\S"
)


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a line in one look."""

    text: str
    paint: str = ""
    bold: bool = False
    italic: bool = False
    link: str | None = None


Line = list[Run]


def wrap(text: Text, width: int, *, linked: bool, paint: str = "") -> Iterator[Line]:
    """The text in lines of at most `width` columns; only an address may be longer."""
    runs = list(_runs(text, paint, linked=linked))
    flat = "".join(run.text for run in runs)
    for start, end in _lines(flat, width):
        yield list(_slice(runs, start, end))


def _runs(text: Text, paint: str, *, linked: bool) -> Iterator[Run]:
    for span in text:
        words = clean(span.text)
        address = clean(span.link) if span.link else None
        link = target(address) if linked and address else None
        yield Run(words, paint, bold=span.bold, italic=span.italic, link=link)
        if address and not linked and address != words:
            yield Run(f" <{address}>", paint)


def _slice(runs: Iterable[Run], start: int, end: int) -> Iterator[Run]:
    at = 0
    for run in runs:
        part = run.text[max(start - at, 0) : max(end - at, 0)]
        at += len(run.text)
        if part:
            yield replace(run, text=part)


def _lines(flat: str, width: int) -> Iterator[tuple[int, int]]:
    """Where each line starts and ends, the blanks between two lines in neither."""
    start = end = used = 0
    for piece in _PIECE.finditer(flat):
        at, stop = piece.span()
        if piece[0] == "\n":
            yield start, end
            start, end, used = stop, stop, 0
        elif piece[0].isspace():
            used += stop - at
        else:
            size = columns(piece[0])
            if start == end:
                start, used = at, 0
            elif used + size > width:
                yield start, end
                start, used = at, 0
            if size > width and "://" not in piece[0]:
                for place in _pour(flat, at, stop, width):
                    yield start, place
                    start = place
                size = columns(flat[start:stop])
            end, used = stop, used + size
    if end > start:
        yield start, end


def _pour(flat: str, at: int, stop: int, width: int) -> Iterator[int]:
    """Where to cut a word that is longer than a line; never inside a sequence of joined characters."""
    used = 0
    for place in range(at, stop):
        size = 0 if flat[place - 1] == _JOINER and place > at else _column(flat[place])
        if used + size > width:
            yield place
            used = 0
        used += size


def columns(text: str) -> int:
    """How many columns a terminal gives the text; a sequence of joined emoji is one."""
    if text.isascii():
        return len(text)
    return sum(map(_column, _JOINED.sub("", text) if _JOINER in text else text))


@lru_cache(maxsize=4096)
def _column(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def clean(text: str) -> str:
    """The text without anything that a terminal obeys; line breaks stay, tabs are blanks."""
    if text.isascii() and text.isprintable():
        return text
    return _HARM.sub("", _BREAK.sub("\n", text)).replace("\t", " ")


def target(address: str) -> str | None:
    """What a hyperlink may lead to, in the ASCII that its sequence allows."""
    target = quote(address, safe="-._~:/?#[]@!$&'()*+,;=%", errors="replace")
    return target if target.startswith(("https://", "http://")) else None
