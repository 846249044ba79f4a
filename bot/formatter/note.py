"""The blog's long note as blocks of rich text.

A language model wrote it, in HTML or in what it takes for Markdown, so both are read line by line, in
one pass and without building a tree: whatever the markup, each word comes out once and in its place.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from bot.formatter.card import Block, Kind, Span, Text
from bot.formatter.inline import TAG, TAGS, WEB, Look, pairs, runs, spans
from bot.model import Format, Note

_HEADING = 80  # characters of a label; a longer heading is a bold paragraph
_SCRIPT = 5000  # characters of a script that are looked through for its end
_BULLETS = "•◦▪"

_LINE = re.compile(r"\r\n|[\n\r\v\f\x85\u2028\u2029]|\\n(?![a-zA-Z])")  # models also write \n
_QUOTED = re.compile(r"\s*(?:>\s*)+")
_RULE = re.compile(r"\s*(?:[-*_=]\s*){3,}")
_HASHES = re.compile(r"\s{0,8}(?:#{1,6}\s+|#{2,6}(?=[^\s#]))(?P<title>.*?)[\s#]*")
_ITEM = re.compile(
    r"(?P<indent>\s*)(?P<mark>(?:[-*+•·◦▪–]|\d{1,3}[.)])(?=\s)|\*(?=[(（]))\s*(?P<text>.*)", re.DOTALL
)
_NUMBERED = re.compile(r"\s*(?:\*\*)?\s*(?:[(（]?\d{1,3}[)）.、]|[①-⑳])")
_FENCE = re.compile(r"\s*(`{3,}|~{3,})\s*([A-Za-z0-9+#-]{0,20})\s*")
_ROW = re.compile(r"\s*\|(?P<cells>.*)\|\s*")
_RULED_ROW = re.compile(r"[\s|:+-]+")
_ATTRIBUTE = re.compile(r"""(href|alt|start)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_PARTS = frozenset(
    """address article aside blockquote body br caption center dd details div dl dt fieldset figcaption figure
    footer form header hr html li main nav ol p pre section summary table tbody tfoot thead tr ul""".split()
)
_FACES = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "cite": "italic", "code": "code",
    "kbd": "code", "samp": "code", "tt": "code", "pre": "code",
}  # fmt: skip


def blocks(note: Note) -> tuple[Block, ...]:
    """The note as blocks, a new one at each heading, every word in its place; never raises."""
    read = _html if note.format is Format.HTML else _markdown
    found: list[Block] = []
    label, items = "", list[Text]()
    for title, item in read(note.text):
        if title:
            found.extend(_block(label, items))
            label, items = title, []
        elif item:
            items.append(item)
    found.extend(_block(label, items))
    return tuple(found)


def _block(label: str, items: list[Text]) -> Iterator[Block]:
    if items:
        yield Block(kind=Kind.PROSE, label=label, items=tuple(items))
    elif label:
        yield Block(kind=Kind.PROSE, items=((Span(label, bold=True),),))


def _titled(title: Text) -> tuple[str, Text]:
    """A heading as a label, or as a bold paragraph where it is too long for one."""
    text = "".join(span.text for span in title)
    if len(text) <= _HEADING:
        return text, ()
    return "", tuple(Span(span.text, True, span.italic, span.code, span.link) for span in title)


def _markdown(text: str) -> Iterator[tuple[str, Text]]:
    """Labels and paragraphs of a note in Markdown."""
    indents: list[int] = []
    fence = ""
    lines = _LINE.split(_uncommented(text))
    for place, raw in enumerate(lines):
        fenced = _FENCE.fullmatch(raw)
        if fenced and (not fence or (fenced[1][0] == fence[0] and not fenced[2])):
            fence = "" if fence else fenced[1]
        elif fence:
            yield "", runs([(raw, Look(code=True))])
        elif _RULE.fullmatch(raw) or not raw.strip():
            indents = indents if not raw.strip() else []
        elif title := _HASHES.fullmatch(raw):
            yield _titled(spans(title["title"].replace("**", "")))
        elif _is_underlined(lines, place):
            yield _titled(spans(raw.replace("**", "")))
        else:
            yield "", _paragraph(raw, indents)


def _uncommented(text: str) -> str:
    first, *parts = text.split("<!--")
    ends = (part.partition("-->") for part in parts)
    return first + "".join(after if end else f"<!--{inside}" for inside, end, after in ends)


def _close(text: str, name: str, start: int) -> int:
    """Where the closing tag of a script or style stands; where it is missing, the place given."""
    end = text.find(f"</{name}", start, start + _SCRIPT)
    return end if end >= 0 else start


def _is_underlined(lines: list[str], place: int) -> bool:
    """Whether the next line is a row of equals signs, which makes this one a heading."""
    below = lines[place + 1].strip() if place + 1 < len(lines) else ""
    return len(below) > 2 and not below.strip("=")


def _paragraph(raw: str, indents: list[int]) -> Text:
    """A line of prose, a list item or a table row; `indents` are the lists that are open."""
    if quoted := _QUOTED.match(raw):
        raw = raw[quoted.end() :]
    if row := _ROW.fullmatch(raw):
        cells = row["cells"].split("|")
        return () if _RULED_ROW.fullmatch(row["cells"]) else spans(" | ".join(cell.strip() for cell in cells))
    item = _ITEM.fullmatch(raw)
    if not item:
        if raw[:1].strip():
            indents.clear()
        return spans(raw)
    depth = _depth(len(item["indent"].expandtabs(4)), indents)
    text = item["text"]
    mark = item["mark"] if item["mark"][0].isdigit() else "" if _NUMBERED.match(text) else _bullet(depth)
    shown = spans(text)
    return (Span(f"{mark} "), *shown) if mark and shown else shown


def _depth(indent: int, indents: list[int]) -> int:
    while indents and indent < indents[-1]:
        indents.pop()
    if not indents or indent > indents[-1] + 1:
        indents.append(indent)
    return len(indents)


def _bullet(depth: int) -> str:
    return _BULLETS[min(max(depth, 1), len(_BULLETS)) - 1]


@dataclass(slots=True)
class _Page:
    """Where the reading of an HTML note stands."""

    pieces: list[tuple[str, Look]] = field(default_factory=list)  # of the line being read
    faces: list[tuple[str, str]] = field(default_factory=list)  # open marks: tag and what it says
    lists: list[int] = field(default_factory=list)  # open lists: the next number, -1 in bulleted ones
    mark: str = ""  # of the list item whose first line comes next
    heading: bool = False

    def look(self) -> Look:
        names = {_FACES.get(tag, "") for tag, _ in self.faces}
        link = next((said for tag, said in reversed(self.faces) if tag == "a" and said), None)
        return Look("bold" in names, "italic" in names, "code" in names, link)

    def take(self) -> Text:
        """The line read so far, with its list mark."""
        shown, self.pieces = runs(self.pieces), []
        if not shown:
            return ()
        mark, self.mark = self.mark, ""
        if not mark and shown[0].text[:2] in ("* ", "- "):
            return (replace(shown[0], text=f"{_BULLETS[0]} {shown[0].text[2:]}"), *shown[1:])
        wanted = mark and not (mark in _BULLETS and _NUMBERED.match(shown[0].text))
        return (Span(f"{mark} "), *shown) if wanted else shown


def _html(text: str) -> Iterator[tuple[str, Text]]:
    """Labels and paragraphs of a note in HTML, also where tags are left open or never were."""
    page = _Page()
    last = 0
    text = _uncommented(text)
    for match in TAG.finditer(text):
        name = match[2].lower()
        if name not in TAGS or match.start() < last:
            continue
        yield from _text(page, text[last : match.start()])
        last = match.end()
        if name in ("script", "style") and not match[1]:
            last = _close(text, name, last)
        yield from _tag(page, name, bool(match[1]), match[3] or "")
    yield from _text(page, text[last:])
    yield _line(page)


def _text(page: _Page, raw: str) -> Iterator[tuple[str, Text]]:
    """What stands between two tags; a line break in it parts paragraphs."""
    first, *more = _LINE.split(raw)
    _add(page, first)
    for part in more:
        if part.strip():
            yield _line(page)
        elif page.pieces:
            page.pieces.append((" ", page.look()))
        _add(page, part)


def _add(page: _Page, raw: str) -> None:
    if not raw:
        return
    look = page.look()
    if "**" in raw and not look.code:
        page.pieces.extend(pairs(raw, look))
    else:
        page.pieces.append((html.unescape(raw), look))


def _line(page: _Page) -> tuple[str, Text]:
    shown = page.take()
    return _titled(shown) if page.heading and shown else ("", shown)


def _tag(page: _Page, name: str, closing: bool, rest: str) -> Iterator[tuple[str, Text]]:
    """What a tag does: part lines, open and close lists and marks."""
    said = {key.lower(): html.unescape(a or b or c) for key, a, b, c in _ATTRIBUTE.findall(rest)}
    heads = name[0] == "h" and name[1:].isdigit()
    if name in _PARTS or heads:
        yield _line(page)
        page.heading = heads and not closing
    if name in ("ol", "ul"):
        _list(page, name, closing, said.get("start", ""))
    elif name == "li" and not closing:
        _item(page)
    elif name in ("td", "th") and not closing and page.pieces:
        page.pieces.append((" | ", Look()))
    elif name == "img" and said.get("alt"):
        page.pieces.append((said["alt"], page.look()))
    if name in _FACES or name == "a":
        _face(page, name, closing, said.get("href", ""))


def _list(page: _Page, name: str, closing: bool, start: str) -> None:
    if closing:
        if page.lists:
            page.lists.pop()
    else:
        page.lists.append(-1 if name == "ul" else int(start) if start.isdecimal() and len(start) < 6 else 1)


def _item(page: _Page) -> None:
    number = page.lists[-1] if page.lists else -1
    page.mark = f"{number}." if number >= 0 else _bullet(len(page.lists))
    if number >= 0:
        page.lists[-1] += 1


def _face(page: _Page, name: str, closing: bool, address: str) -> None:
    if not closing:
        if len(page.faces) < 30:
            page.faces.append((name, address if WEB.fullmatch(address) else ""))
        return
    for place in range(len(page.faces) - 1, -1, -1):
        if page.faces[place][0] == name:
            del page.faces[place]
            return
