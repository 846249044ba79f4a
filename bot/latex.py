"""LaTeX as it stands in titles, abstracts and what is written about them, made readable Unicode.

A text is read once, left to right, with a table of what authors use on arXiv. What the table does
not know goes, command by command, to pylatexenc, which is imported only then. Nothing here follows
full TeX: a `%` begins no comment, a lone dollar is money, a command nobody knows keeps its argument.
"""

import re
from contextlib import suppress

from bot import signs

_DEEPEST = 40  # groups within groups that are followed; deeper ones come out as text

# Zero-width, bidi-override, private-use and control characters that are no line breaks, halves of
# surrogate pairs; joiners stay between characters that join (emoji, Arabic, Indic scripts).
_JOINS = "\xaa-\u1fff\u2190-\u2e7f\ua800-\udfff\ufb1d-\ufeff\U00010000-\U000effff\u200d"
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb"
    "\ufffe\uffff\ud800-\udfff\ue000-\uf8ff\U000f0000-\U0010ffff]"
    f"|(?<![{_JOINS}])[\u200c\u200d]|[\u200c\u200d](?![{_JOINS}])"
)
_CONTROL = re.compile("[\x00-\x08\x0e-\x1b\x7f]")
# Addresses, code in backticks and Windows paths come out as they stand.
_VERBATIM = (
    r"https?://[^\s\\${}]+|(?<![`\\])``[^`'\"\n]{1,120}``|(?<![`\\])`(?=\S)[^`'\n]{1,120}`(?!`)"
    r"|(?<![A-Za-z])[A-Za-z]:\\(?=\w)[^\s$]*|(?<!\S)\\\\\w[\w.-]*\\[^\s$]*"
)
_SPECIAL = re.compile(rf"({_VERBATIM})|``|''|[\\${{}}^_~\"]")
_NAME = re.compile(r"([a-zA-Z]+)\*?")
_BASE = re.compile(r"\s?[^\W\d_]|\s*\{|\\[ij]\b")  # what an accent goes on
_OPTION = re.compile(r"\s*\[([^\[\]{}\\$]{0,80})\]")
_SPACES = re.compile(r"\s*")
_EMPTY = re.compile(r"\{\s*\}")
_ESCAPED_QUOTE = re.compile(r'"[^"\\\n]{1,200}\\"(?![\w{\\])')


def readable(text: str, reader: type["Reader"] | None = None) -> str:
    """The text as people read it: LaTeX as Unicode, invisible characters off; never raises.

    Prices, percents, addresses, code and Windows paths stay as they are. A `reader` of one's own may
    make something else of what it reads.
    """
    text = (_CONTROL if text.isascii() else _INVISIBLE).sub("", text)
    if "$" in text or "\\" in text or "``" in text:
        return (reader or Reader)(text, 0).read(math=False)
    return text


class Reader:
    """Reads one text from left to right; each method takes what it reads off the front."""

    __slots__ = ("at", "closers", "depth", "quoted", "text")

    def __init__(self, text: str, depth: int) -> None:
        self.text = text
        self.depth = depth
        self.at = 0
        self.quoted = False  # inside ``...''
        self.closers: dict[str, int] = {}  # the last place of a closing sign

    def read(self, math: bool, group: bool = False) -> str:
        """What stands up to the end, or up to the brace that closes this group."""
        out: list[str] = []
        self.depth += 1
        while match := _SPECIAL.search(self.text, self.at):
            plain = self.text[self.at : match.start()]
            out.append(plain.replace("'", "′") if math else plain)
            self.at = match.end()
            sign = match[0]
            if group and sign == "}":
                break
            out.append(sign if match[1] else self._sign(sign, math, group))
        else:
            plain = self.text[self.at :]
            out.append(plain.replace("'", "′") if math else plain)
            self.at = len(self.text)
        self.depth -= 1
        return "".join(out)

    def _sign(self, sign: str, math: bool, group: bool) -> str:
        if sign == "\\":
            return self._command(math)
        if sign == "$":
            return "" if math else self._dollar()
        if sign == "{":
            opens = math or group or self.text.startswith("\\", self.at)
            return self.read(math, group=True) if opens and self.depth < _DEEPEST else sign
        if sign == "}":
            return "" if math else sign
        if sign in "^_":
            return signs.script(sign, self._argument(math)) if math and self.at < len(self.text) else sign
        if sign == "~":
            return " " if math or self.text.startswith(("\\", "$"), self.at) else sign
        return "″" if math and sign == "''" else self._quote(sign)

    def _quote(self, sign: str) -> str:
        if sign == "``":
            self.quoted = self._closes("''") or self._closes('"')
            return "“" if self.quoted else sign
        closing = self.quoted
        self.quoted = False
        return "”" if closing else sign

    def _closes(self, sign: str) -> bool:
        if sign not in self.closers:
            self.closers[sign] = self.text.rfind(sign)
        return self.closers[sign] >= self.at

    def _dollar(self) -> str:
        text, start = self.text, self.at
        fence = "$$" if text.startswith("$", start) else "$"
        start += len(fence) - 1
        end = text.find(fence, start) if self._closes(fence) else -1
        for _ in range(3):  # a dollar inside \text{} does not end the formula
            if end < 0 or text.count("{", start, end) <= text.count("}", start, end):
                break
            further = text.find(fence, end + 1)
            end = further if further > 0 else end
        after = end + len(fence)
        if end < 0 or not signs.is_math(
            text[start:end], text[self.at - 2 : self.at - 1], text[after : after + 1]
        ):
            self.at = start
            return fence
        self.at = after
        return self.formula(text[start:end])

    def formula(self, inner: str) -> str:
        """A formula, without what fences it."""
        if self.depth >= _DEEPEST:
            return inner
        shown = Reader(inner, self.depth).read(math=True).strip()
        return shown[:-2] + "×" if shown.endswith(" ×") else shown

    def _command(self, math: bool) -> str:
        named = _NAME.match(self.text, self.at)
        if not named:
            return self._escape(math)
        start, self.at = self.at - 1, named.end()
        name = named[1]
        if name in signs.SIGNS:
            return self._symbol(signs.SIGNS[name], name, start, math)
        if name in signs.STYLED:
            return self._style(name)
        if name in signs.MARKS and (len(name) > 1 or self.text[self.at : self.at + 1] in (" ", "{")):
            return signs.accented(self._argument(math), signs.MARKS[name])
        return self._call(name, start, math)

    def _symbol(self, sign: str, name: str, start: int, math: bool) -> str:
        """A sign, with the blanks after it that a reader wants."""
        text = self.text
        if empty := _EMPTY.match(text, self.at):
            self.at = empty.end()
        before = text[start - 1 : start] if start else ""
        tight = (
            not before.isspace() and not sign.isascii()
            if math
            else name in signs.LETTERS and before.isalpha()
        )
        if tight:
            self._skip()
        return sign

    def _style(self, name: str) -> str:
        self._skip()
        if name in ("left", "right") and self.text.startswith(".", self.at):
            self.at += 1
        return ""

    def _call(self, name: str, start: int, math: bool) -> str:
        """A command with arguments; one that nobody knows is its arguments, or else its name."""
        if self.depth >= _DEEPEST:
            return ""
        if name in signs.UPRIGHT:
            return self._argument(math=False)
        if name in ("mathbb", "mathds", "mathbbm"):
            return "".join(signs.BOARD.get(char, char) for char in self._argument(math))
        if name in signs.FRACTION:
            above = signs.term(self._argument(math))
            return f"{above}/{signs.term(self._argument(math))}"
        if name == "sqrt":
            root = {"3": "∛", "4": "∜"}.get(self._option(), "√")
            return root + signs.term(self._argument(math))
        return self._named(name, start, math)

    def _named(self, name: str, start: int, math: bool) -> str:
        if name in ("url", "path", "nolinkurl"):
            return self._argument(math=False).strip()
        if name == "href":
            address = self._argument(math=False)
            return signs.linked(address, self._argument(math=False))
        if name in ("unicode", "char"):
            return self._character()
        if name in signs.SILENT or name in signs.SECOND:
            self._option()
            dropped = self._braced(math)
            return self._argument(math) if name in signs.SECOND and dropped is not None else ""
        if name in signs.ASIDE:
            gap = "" if self.text[start - 1 : start].isspace() else " "
            return f"{gap}({self._argument(math=False).strip()})"
        if name in ("ensuremath", "ang"):
            return self._argument(math=True) + "°" * (name == "ang")
        if signs.POINTER.fullmatch(name):
            self._option()
            return f"[{(self._braced(math=False) or '').strip()}]"
        return self._unknown(name, start, math)

    def _unknown(self, name: str, start: int, math: bool) -> str:
        text = self.text
        parts: list[str] = []
        option = _OPTION.match(text, self.at)
        if option and text.startswith("{", option.end()):
            self.at = option.end()
        while len(parts) < 9 and (part := self._braced(math)) is not None:
            parts.append(part)
        if any(parts):
            return " ".join(filter(None, parts))
        before = text[start - 1 : start] if start else ""
        if not parts and not math and (len(name) == 1 or before.isalnum() or before in tuple("\\:/_.")):
            return f"\\{name}"  # a path, or an escape like \n
        sign = signs.foreign(name)
        return name if sign is None else self._symbol(sign, name, start, math)

    def _escape(self, math: bool) -> str:
        """What a backslash before a sign stands for."""
        sign = self.text[self.at : self.at + 1]
        self.at += 1
        if sign in signs.MARKS:
            return self._accent(sign, math)
        if sign and sign in "([":
            return "" if math else self._bracket(sign)
        if sign and sign in "%&_$#{}":
            return sign
        if sign == "\\":
            self._option()
            return " "
        if math:
            return {"|": "‖", ")": "", "]": ""}.get(sign, signs.SPACED.get(sign, sign))
        return signs.SPACED.get(sign, f"\\{sign}") if sign not in (":", ">", ";") else f"\\{sign}"

    def _accent(self, sign: str, math: bool) -> str:
        text, at = self.text, self.at
        quote = _ESCAPED_QUOTE.match(text, at - 1) if sign == '"' else None
        if quote and not text[at - 3 : at - 2].isalnum():
            self.at = quote.end()
            return quote[0].replace('\\"', '"')
        possessive = sign == "'" and text[at : at + 1] == "s" and not text[at + 1 : at + 2].isalpha()
        if possessive or not _BASE.match(text, at):
            return sign if sign in "'\"" else f"\\{sign}"
        base = self._argument(math)
        marked = signs.accented(base, signs.MARKS[sign])
        return sign + base if len(marked) > 1 and sign in "'\"" else marked

    def _bracket(self, sign: str) -> str:
        closer = "\\)" if sign == "(" else "\\]"
        if not self._closes(closer):
            return f"\\{sign}"
        end = self.text.find(closer, self.at)
        start, self.at = self.at, end + 2
        return self.formula(self.text[start:end])

    def _argument(self, math: bool) -> str:
        """The group, command or single character that comes next."""
        self._skip()
        if self.depth >= _DEEPEST:
            return ""
        if (braced := self._braced(math)) is not None:
            return braced
        char = self.text[self.at : self.at + 1]
        if char in ("}", "$", ""):
            return ""
        self.at += 1
        if char != "\\":
            return char
        self.depth += 1
        shown = self._command(math)
        self.depth -= 1
        return shown

    def _braced(self, math: bool) -> str | None:
        if not self.text.startswith("{", self.at) or self.depth >= _DEEPEST:
            return None
        self.at += 1
        return self.read(math, group=True)

    def _option(self) -> str:
        option = _OPTION.match(self.text, self.at)
        self.at = option.end() if option else self.at
        return option[1] if option else ""

    def _character(self) -> str:
        code = (self._braced(math=False) or "").strip().lstrip("xXuU+")
        with suppress(ValueError, OverflowError):
            return _INVISIBLE.sub("", chr(int(code, 16)))
        return code

    def _skip(self) -> None:
        self.at = _SPACES.match(self.text, self.at).end()  # type: ignore[union-attr]
