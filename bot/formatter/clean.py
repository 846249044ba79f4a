"""Readable text without what would spoil a message: hidden letters, floods of marks, odd line breaks."""

import re
from collections.abc import Callable

from bot.latex import readable

_MARKS = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0e31\u0e34-\u0e3a\u0e47-\u0e4e"
    "\u1ab0-\u1aff\u1dc0-\u1dff\u200c\u200d\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f\U000e0020-\U000e01ef"
)
# Blank letters and format signs; `readable` has taken off the commoner ones.
_HIDDEN = "\u061c\u17b4\u17b5\u180e\u206a-\u206f\u3164\uffa0\U0001d173-\U0001d17a\U000e0000-\U000e001f"
_ODD = re.compile(rf"[{_HIDDEN}]++|([{_MARKS}]{{8}})[{_MARKS}]++")
_BREAKS = re.compile(r"\s*[\n\r\v\f\x85\u2028\u2029]\s*")


def line(text: str, read: Callable[[str], str] = readable) -> str:
    """The text as one readable line; `read` makes LaTeX readable."""
    return " ".join(tame(read(text)).split())


def lines(text: str, read: Callable[[str], str] = readable) -> tuple[str, ...]:
    """The text as readable lines or paragraphs, empty ones left out."""
    shown = tame(read(text)).strip()
    if not shown.isprintable():
        return tuple(" ".join(part.split()) for part in _BREAKS.split(shown) if part)
    return (" ".join(shown.split()),) if shown else ()


def tame(text: str) -> str:
    """The text with at most eight marks on a letter, and without letters that cannot be seen."""
    return text if text.isascii() else _ODD.sub(r"\1", text)
