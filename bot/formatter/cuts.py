"""Where a text may be cut: after a sentence, between words, between graphemes.

Places are offsets into a flat string. A cut never parts an address, a number or a grapheme, unless
that alone is longer than the room there is.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import accumulate
from typing import Any

from bot.formatter.card import Text

# Ideographs, kana and full-width punctuation: a line may break beside each of them.
_WIDE = (
    "\u2e80-\u2fff\u3001-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uffef"
    "\U00020000-\U0003ffff"
)
_OPEN = "（《「『【〈〔［｛“‘"
_CLOSE = "，。、；：？！）》」』】〉〕］｝”’…—～·％"
_EXTEND = (
    "\u0300-\u036f\u200d\u20d0-\u20ff\u3099\u309a\ufe00-\ufe0f\U0001f3fb-\U0001f3ff\U000e0100-\U000e01ef"
)
_SPACE = r"[^\S\u00a0\u202f\u2007]"  # white space that a line may break at
_SOLID = r"(?:\S|[\u00a0\u202f\u2007])"
_UNIT = "亿万千百十倍个年月日秒帧％"

URL = rf"https?://(?:(?!https?://)[^\s<>\"{_WIDE}])++"

_ATOM = re.compile(
    rf"{URL}"
    rf"|[{_OPEN}]{{0,4}}+(?:[{_WIDE}]|(?:(?![{_WIDE}{_OPEN}]|https?://){_SOLID})++(?:(?<=[0-9])[{_UNIT}])?)"
    rf"[{_EXTEND}]*+[{_CLOSE}{_EXTEND}]*+"
    rf"|{_SOLID}"
)
_SENTENCE = re.compile(
    r"(?<![.!?…])(?<!\bet al)(?<!\be\.g)(?<!\bi\.e)(?<!\bvs)(?<!\bcf)(?<!\bFig)(?<!\bFigs)(?<!\bEq)(?<!\bEqs)"
    r"(?<!\bSec)(?<!\bTab)(?<!\bRef)(?<!\bNo)(?<!\bDr)(?<!\bapprox)(?<!\b[A-Z])"
    r"[.!?…]++[\"'”’)\]]{0,4}+(?=\s++[^a-z\s])"
    rf"|(?<![。！？；])[。！？；]++[{_CLOSE}]{{0,4}}+"
    r"|(?=\n)"
)
_FINE = rf"{URL}|[+\-−±~∼≈]?\d[\d.,:^·×xXeE+\-−]*+[%‰°{_UNIT}]?|\X"


@dataclass(frozen=True, slots=True)
class Run:
    """A rich text laid flat, to be sliced by offset."""

    flat: str
    spans: Text
    ends: tuple[int, ...]  # where each span ends in `flat`

    def slice(self, start: int, end: int) -> Text:
        """The rich text from `start` to `end`."""
        found = []
        at = bisect_right(self.ends, start)
        while start < end:
            stop = min(end, self.ends[at])
            found.append(replace(self.spans[at], text=self.flat[start:stop]))
            start, at = stop, at + 1
        return tuple(found)

    def linked(self, place: int) -> bool:
        """Whether a cut at `place` would part a link."""
        before = self.spans[bisect_right(self.ends, place - 1)].link
        return before is not None and before == self.spans[bisect_right(self.ends, place)].link

    def skip(self, place: int) -> int:
        """The first place from `place` on that is not white space."""
        found = _BLANK.match(self.flat, place)
        return found.end() if found else place


_BLANK = re.compile(rf"{_SPACE}++")


def lay(text: Text) -> Run:
    """A rich text as a `Run`; empty spans fall away."""
    spans = tuple(span for span in text if span.text)
    return Run("".join(s.text for s in spans), spans, tuple(accumulate(len(s.text) for s in spans)))


def last(run: Run, start: int, end: int) -> int:
    """The best place to cut after `start` and up to `end`; `start` where there is none.

    The end of a sentence in the second half comes before the end of a word.
    """
    floor = (start + end) // 2
    for places in (_sentences(run.flat, floor, end), _words(run.flat, start, end)):
        fit = [p for p in places if start < p <= end]
        while fit:
            if not run.linked(place := fit.pop()) and not _joined(run.flat, place):
                return place
    return start


def force(run: Run, start: int, end: int) -> int:
    """A place to cut after `start` inside what should not be cut: a link, an address, a long word."""
    for places in (_words(run.flat, start, end), _pieces(_FINE, run.flat, start, end)):
        fit = [p for p in places if start < p <= end and not _joined(run.flat, p)]
        if fit:
            return fit[-1]
    fit = [p for p in _pieces(r"\X", run.flat, start, end) if start < p <= end]
    return fit[-1] if fit else max(end, start + 1)


def _sentences(flat: str, start: int, end: int) -> Iterator[int]:
    return (found.end() for found in _SENTENCE.finditer(flat, start, end + 32))


def _words(flat: str, start: int, end: int) -> Iterator[int]:
    return (found.end() for found in _ATOM.finditer(flat, start, end + 32))


def _pieces(pattern: str, flat: str, start: int, end: int) -> Iterator[int]:
    return (found.end() for found in _grapheme(pattern).finditer(flat, start, min(len(flat), end + 32)))


@cache
def _grapheme(pattern: str) -> Any:
    import regex  # knows graphemes (\X), which `re` does not; needed for hostile texts only

    return regex.compile(pattern)


def _joined(flat: str, place: int) -> bool:
    """Whether a grapheme goes on over `place`, where both sides are not plain letters."""
    if place >= len(flat):
        return False
    before, after = flat[place - 1], flat[place]
    if after < "\u0300":
        return False
    return (
        before == "\u200d"
        or after in "\u200c\u200d"
        or unicodedata.category(after)[0] == "M"
        or "\U0001f3fb" <= after <= "\U0001f3ff"
    )
