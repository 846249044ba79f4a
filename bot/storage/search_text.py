"""How texts and words are written so that search compares and finds them, alike on both engines.

A word of three and more characters is found as a part of what stands there. So is a shorter one with
a sign in it; a sign is whatever is neither blank nor a Latin letter nor a digit: 图, 神经, %, c#. One or
two Latin letters or digits are found where no other stands beside them: "rl" in "rl-based" and in
"用rl训练", not in "world".

Indexes of three-character pieces find nothing shorter, so what short words need is written beside the
text, between tabs and line ends, which no folded word holds.
"""

import re
import unicodedata
from itertools import pairwise

from bot.latex import readable

PIECE = 3  # characters, the least that the indexes find
LONG = 64  # characters of a word that are looked up; a longer one is compared in the rows found
MOST = 8  # words that are looked up; more are compared in the rows found

LETTERS = "0-9a-zß-öø-ɏḀ-ỿ"  # the Latin ones that folding leaves, and digits
_LONE = re.compile(f"(?<![{LETTERS}])[{LETTERS}]{{1,2}}(?![{LETTERS}])")
_STRETCH = re.compile(rf"([{LETTERS}]?)([^{LETTERS}\s]+)(?=([{LETTERS}]?))")

_SPELLINGS = str.maketrans(
    dict.fromkeys("‘’‚‛′", "'") | dict.fromkeys("“”„‟″", '"') | dict.fromkeys("‐‑‒–—―−", "-")
)
_UNKEPT = dict.fromkeys([0, *range(0xD800, 0xE000)])  # stored in no text
_ACCENTS = re.compile("(?<=[a-z])[\u0300-\u036f]+")
_WORD = re.compile(r'"([^"]*)"|(\S+)')


def fold(text: str) -> str:
    """The text as it is compared: LaTeX read, case, width, accents of Latin letters and blanks made one."""
    text = readable(text.translate(_UNKEPT))
    if not text.isascii():
        text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
        text = unicodedata.normalize("NFKC", _ACCENTS.sub("", text)).translate(_SPELLINGS)
    return " ".join(text.casefold().split())


def words(query: str) -> tuple[str, ...]:
    """The different words and "quoted phrases" of a query, folded."""
    found = (phrase.strip() or word for phrase, word in _WORD.findall(fold(query)))
    return tuple(dict.fromkeys(filter(None, found)))


def lone_words(text: str) -> set[str]:
    """The words of one and two letters that stand alone in a text."""
    return set(_LONE.findall(text))


def listed(text: str) -> str:
    """The text and below it, each between tabs, its words of one and two letters that stand alone."""
    lone = lone_words(text)
    return "\n\t".join((text, "\t".join((*sorted(lone), "")))) if lone else text


def spelt(word: str) -> str:
    """What of a listed text is compared with a word."""
    return f"\t{word}\t" if _LONE.fullmatch(word) else word


def spread(text: str) -> str:
    """The signs of a text, tabs between: a sign with its tabs has three characters, and so have neighbours.

    The letter before and after the signs stands beside them, but not between tabs.
    """
    stretches = dict.fromkeys(_STRETCH.findall(text))
    return "".join("\n" + "\t".join((before, *signs, after)) for before, signs, after in stretches)


def piece(word: str) -> str:
    """What of a listed text, its signs spread below it, tells that it holds a word."""
    if len(word) >= PIECE:
        return word
    return f"\t{word}\t"[:PIECE] if len(word) == 1 or _LONE.fullmatch(word) else "\t".join(word)


def sign_pieces(text: str) -> set[str]:
    """The signs of a text, and every two neighbours of which one is a sign."""
    found: set[str] = set()
    for before, signs, after in _STRETCH.findall(text):
        around = before + signs + after
        found.update(signs, map("".join, pairwise(around)))
    return found
