"""Formulas within readable text: what they read like, and the LaTeX they are set from.

Only LaTeX that any setter of formulas knows is kept; all else is text, as it is everywhere.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bot import signs
from bot.formatter.card import Span, Text
from bot.latex import Reader, readable

LONGEST = 300  # characters of a formula within a line

# Around a formula: its LaTeX, what it reads like. `readable` leaves no private-use letter in a text.
_OPEN, _MIDDLE, _CLOSE = "\ue000\ue001\ue002"
_FORMULA = re.compile(f"{_OPEN}([^{_OPEN}-{_CLOSE}]*){_MIDDLE}([^{_OPEN}-{_CLOSE}]*){_CLOSE}")
_MARKS = dict.fromkeys(map(ord, (_OPEN, _MIDDLE, _CLOSE)))

_TOKEN = re.compile(r"\\[A-Za-z]+|\\[%&_#{},;:!| ]|[^\\%&#$\"~`@]")
_ROOT = re.compile(r"\\sqrt\s?\[[^\[\]{}\\]{1,9}\]")
_SAYING = re.compile(r"[A-Za-z^_<>=+]")  # without any of these it is a number, which needs no setting
_OF_TEXT = frozenset(  # known as signs, but not within a formula, or not to every setter
    """ss o O l L ae AE oe OE aa AA dh DH th TH S P ie eg etc vs etal and item TeX LaTeX euro pounds yen
    copyright deg degree micro cmark xmark newline space xspace Box blacksquare square""".split()
)
_TAKES = {  # how many arguments, or signs, stand behind
    **dict.fromkeys("frac dfrac tfrac".split(), 2),
    **dict.fromkeys((name for name in signs.MARKS if len(name) > 1), 1),
    **dict.fromkeys("left right big Big bigg Bigg sqrt mathbf mathrm mathit mathsf mathtt".split(), 1),
    **dict.fromkeys("mathcal mathscr mathfrak mathbb boldsymbol operatorname".split(), 1),
    **dict.fromkeys("text textrm textbf textit texttt mbox".split(), 1),
}
_ALONE = frozenset(name for name in signs.SIGNS if not name.startswith("text")) - _OF_TEXT
_NAMED = frozenset("displaystyle log ln exp sin cos tan tanh min max arg sup inf lim det dim ker Pr".split())
_KNOWN = frozenset(f"\\{name}" for name in (*_TAKES, *_ALONE, *_NAMED))


def marked(text: str) -> str:
    """The text made readable, with its formulas marked for `spans`; never raises."""
    return readable(text, _Marker)


def spans(text: str) -> Text:
    """A marked text as rich text: each formula a span of its own, no mark left."""
    if _OPEN not in text:
        return (Span(text),)
    parts, at = [], 0
    for found in _FORMULA.finditer(text):
        parts += [Span(text[at : found.start()].translate(_MARKS)), Span(found[2], math=found[1].strip())]
        at = found.end()
    parts.append(Span(text[at:].translate(_MARKS)))
    return tuple(span for span in parts if span.text)


class _Marker(Reader):
    """Reads a text and marks the formulas in it."""

    __slots__ = ()

    def formula(self, inner: str) -> str:
        """A formula as it reads, with its LaTeX beside it where that can be set."""
        shown = super().formula(inner)
        source = " ".join(inner.split())
        if source.startswith(("^", "_")):
            source = f"{{}}{source}"  # beside a word: setters want something to raise or lower it at
        return f"{_OPEN}{source}{_MIDDLE}{shown}{_CLOSE}" if shown.strip() and _fits(source) else shown


def _fits(source: str) -> bool:
    """Whether every setter of formulas knows all that is in it, and nothing in it is left open."""
    if len(source) > LONGEST or not source.isascii() or not _SAYING.search(source):
        return False
    source = _ROOT.sub(r"\\sqrt", source)
    if r"\sqrt[" in source.replace(" ", ""):
        return False
    tokens = _TOKEN.findall(source)
    known = all(token in _KNOWN for token in tokens if token[1:].isalpha())
    paired = tokens.count(r"\left") == tokens.count(r"\right")
    return known and paired and "".join(tokens) == source and _closes(tokens)


def _closes(tokens: Iterable[str]) -> bool:
    """Whether every group ends, and whatever takes something, a fraction or an exponent, gets it."""
    groups = [_Group()]
    for token in tokens:
        here = groups[-1]
        if token == "{":
            groups.append(_Group())
        elif token == "}":
            groups.pop()
            if here.owed or not groups:
                return False
            groups[-1].take(0)
        elif token in ("^", "_", "'"):
            if not here.bear(token):
                return False
        elif token != " ":
            here.take(_TAKES.get(token[1:], 0))
    return len(groups) == 1 and not groups[0].owed


@dataclass(slots=True)
class _Group:
    """What stands between two braces, up to where it is read."""

    scripts: str = ""  # what its last sign bears: ^ and _, each once
    owed: int = 0  # what its last command, or exponent, still takes

    def take(self, more: int) -> None:
        """A sign, a group or a command, which takes so much more itself."""
        if not self.owed:
            self.scripts = ""
        self.owed = max(self.owed - 1, 0) + more

    def bear(self, script: str) -> bool:
        """An exponent, an index or a prime; False where none may stand here."""
        kind = script.replace("'", "^")
        if self.owed or kind in self.scripts:
            return False
        if script != "'":
            self.scripts += kind
            self.owed = 1
        return True
