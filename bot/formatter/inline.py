"""Marks within a line of Markdown as people and language models write it.

Not CommonMark: there `**词：**` before Chinese stays literal, and emphasis may cost more than linear time.
Here a pair of asterisks makes what is between them bold, a lone pair goes, a lone asterisk stays.
"""

import html
import re
from collections.abc import Iterable
from typing import NamedTuple

from bot.formatter.card import Span, Text
from bot.formatter.clean import line

TAGS = frozenset(
    """a abbr address article aside audio b big blockquote body br button caption center cite code col
    colgroup dd del details dfn div dl dt em embed fieldset figcaption figure font footer form h1 h2 h3 h4 h5
    h6 head header hr html i iframe img input ins kbd label li link main map mark meta nav noscript object ol
    optgroup option p param picture pre q s samp script section select small source span strike strong style
    sub summary sup svg table tbody td textarea tfoot th thead title tr tt u ul var video wbr""".split()
)
TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)((?:\s|/)[^<>]{0,4000})?>")
_TOKEN = re.compile(
    r"(?P<ticks>`{1,3})(?!`)(?P<code>[^`\n]+)(?P=ticks)(?!`)"
    r"|!\[(?P<alt>[^\[\]\n]{0,500})\]\((?P<image>[^()\s]{0,3000})[^()\n]{0,200}\)"
    r"|\[(?P<label>[^\[\]\n]{1,500})\]\((?P<target>[^()\n]{0,3000})\)"
    r"|<(?P<auto>https?://[^\s<>]{1,3000})>|(?P<plain>https?://[^\s<>`*\u0080-\U0010ffff]{1,3000})"
    r"|(?P<math>\$[^$\n`]{1,300}\$|\\\([^\n]{1,300}?\\\)|\\\[[^\n]{1,300}?\\\])"
    r"|\\(?P<escaped>[*_`#+\-.!>~|])"
    r"|(?P<stars>\*{1,3}|(?<![A-Za-z0-9_])_{1,3}(?=[^\s_])|(?<=[^\s_])_{1,3}(?![A-Za-z0-9_])|~~)"
    rf"|{TAG.pattern}"
)
_MARKED = re.compile(r"[`*_~<\[$\\]")
WEB = re.compile(r"https?://(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}(?::\d{1,5})?(?:[/?#](?:[!#-;=?-~])*)?")


class Look(NamedTuple):
    """How a run of text looks."""

    bold: bool = False
    italic: bool = False
    code: bool = False
    link: str | None = None


class _Piece(NamedTuple):
    text: str
    look: Look
    stars: str = ""  # asterisks or the like that may turn out to be marks


_PLAIN = Look()


def spans(text: str, look: Look = _PLAIN) -> Text:
    """A line of Markdown as readable rich text; marks that come in pairs are taken for marks."""
    return runs(pairs(text, look))


def pairs(text: str, look: Look = _PLAIN) -> list[tuple[str, Look]]:
    """A line of Markdown as pieces of text, each with its look."""
    pieces = _pieces(text, look)
    closers = _closers(pieces)
    shown = []
    bold = italic = 0
    for place, piece in enumerate(pieces):
        if not piece.stars:
            face = piece.look
            face = face._replace(bold=face.bold or bold > 0, italic=face.italic or italic > 0)
            shown.append((piece.text, face))
        elif step := closers.get(place, 0):
            bold += step * (len(piece.stars) > 1)
            italic += step * (len(piece.stars) != 2)
        elif len(piece.stars) == 1 or _is_power(pieces, place):
            shown.append((piece.stars, piece.look))
    return shown


def runs(pieces: Iterable[tuple[str, Look]]) -> Text:
    """Pieces of text as spans: neighbours of one look joined, LaTeX readable, blanks single."""
    joined: list[tuple[list[str], Look]] = []
    for text, look in pieces:
        if text and joined and joined[-1][1] == look:
            joined[-1][0].append(text)
        elif text:
            joined.append(([text], look))
    texts = [_shown("".join(parts)) for parts, _ in joined]
    if not any(text.strip() for text in texts):
        return ()
    texts[0], texts[-1] = texts[0].lstrip(), texts[-1].rstrip()
    shown = zip(texts, (look for _, look in joined), strict=True)
    return tuple(Span(text, *look) for text, look in shown if text)


def _shown(text: str) -> str:
    """The text made readable, with one blank where it has some at its edges."""
    inner = line(text)
    if not inner:
        return " " if text[:1].isspace() else ""
    return " " * text[0].isspace() + inner + " " * text[-1].isspace()


def _pieces(text: str, look: Look) -> list[_Piece]:
    if not _MARKED.search(text):
        return [_Piece(html.unescape(text) if "&" in text else text, look)]
    pieces = []
    last = 0
    for match in _TOKEN.finditer(text):
        pieces.append(_Piece(html.unescape(text[last : match.start()]), look))
        pieces.extend(_token(match, look))
        last = match.end()
    pieces.append(_Piece(html.unescape(text[last:]), look))
    return [piece for piece in pieces if piece.text or piece.stars]


def _token(match: re.Match[str], look: Look) -> list[_Piece]:
    """What one mark, link, formula or tag is shown as."""
    kind = match.lastgroup
    if match["code"] is not None:
        return [_Piece(html.unescape(match["code"]), look._replace(code=True))]
    if match["alt"] is not None:
        return [_Piece(match["alt"], look)]
    if match["label"] is not None:
        return _link(match["label"], match["target"].strip(), look)
    if match["stars"]:
        return [_Piece("", look, match["stars"])]
    if match["auto"] or match["plain"] or match["math"] or match["escaped"]:
        return [_Piece(match[str(kind)], look)]
    if match[0].lower().startswith("<br"):
        return [_Piece(" ", look)]
    known = (TAG.fullmatch(match[0]) or match)[2].lower() in TAGS
    return [] if known else [_Piece(match[0], look)]


def _link(label: str, target: str, look: Look) -> list[_Piece]:
    address = target.split(" ", 1)[0].strip("<>")
    if WEB.fullmatch(address):
        return _pieces(label, look._replace(link=address))
    if address.isascii():
        return _pieces(label, look)  # an anchor or a path of the blog
    return _pieces(f"{label} ({target})", look)


def _closers(pieces: list[_Piece]) -> dict[int, int]:
    """Which marks open (1) and which close (-1); those without a partner are left out."""
    found: dict[int, int] = {}
    waiting: dict[str, int] = {}
    for place, piece in enumerate(pieces):
        mark = piece.stars
        if not mark:
            continue
        before, after = _neighbour(pieces, place, -1), _neighbour(pieces, place, 1)
        if mark in waiting and not before.isspace() and place - waiting[mark] > 1:
            found[waiting.pop(mark)] = 1
            found[place] = -1
        elif not after.isspace() and (len(mark) > 1 or not _is_word(before)):
            waiting[mark] = place
    return found


def _neighbour(pieces: list[_Piece], place: int, step: int) -> str:
    """The character beside a mark: a blank at the ends of the line, some letter where a mark stands."""
    if not 0 <= place + step < len(pieces):
        return " "
    text = pieces[place + step].text
    return (text[-1] if step < 0 else text[0]) if text else "x"


def _is_word(char: str) -> bool:
    return char.isascii() and char.isalnum()


def _is_power(pieces: list[_Piece], place: int) -> bool:
    """Whether it is the operator of 2**3."""
    beside = _neighbour(pieces, place, -1), _neighbour(pieces, place, 1)
    return pieces[place].stars == "**" and all(char.isdigit() for char in beside)
