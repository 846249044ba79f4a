"""Blocks: the lines of a paper's stretch of a post, told apart by their shape alone.

Markdown and restored HTML come here as lines of text; what a block means for a paper is for
`papers` to say. Zero-width characters at the ends of a line never hide its shape.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad"
EDGE = " \t\u3000\u00a0\x0b\x0c\x1c\x1d\x1e\x1f\x85\u2028\u2029" + INVISIBLE

LONGEST_LABEL = 40  # "论文及项目相关链接" is 9 long, "Key Takeaways" 13; a sentence in bold is no label


class Kind(Enum):
    """What a line is by its shape."""

    HEADING = auto()  # "### Summary"
    LABEL = auto()  # "**Summary**", "**Authors: A, B**", "**Summary**: text"
    LINK = auto()  # "[PDF](http://arxiv.org/abs/2410.18605v1) 9 pages"
    ITEM = auto()  # "1. text", "- text"
    QUOTE = auto()  # "> text"
    TEXT = auto()


@dataclass(frozen=True, slots=True)
class Block:
    """A line of a post."""

    kind: Kind
    raw: str  # the line without its margins
    line: int | None  # from 1, in the post; None in an HTML page
    gap: bool  # a blank line stands before it
    indent: int = 0
    label: str = ""  # of a LABEL or HEADING, without marks and colon
    text: str = ""  # what follows label, marker, quote mark or link
    href: str = ""  # of a LINK
    whole: bool = False  # a LABEL that is bold from end to end
    number: int = 0  # of an ITEM with a number


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """The part of a post that is about one paper, its note and figures cut off."""

    title: str
    line: int | None
    blocks: tuple[Block, ...]
    anchor: str  # the address in the line that opens the note; "" where there is none
    note: str  # as written
    figures: tuple[str, ...]
    cut: bool  # it runs on for longer than any paper does, and its end is not read


ARXIV_ID = r"(\d{4}\.\d{4,5}|[a-z]+(?:-[a-z]+)?(?:\.[A-Za-z]{2})?/\d{7})(?:v(\d{1,3}))?(?!\d)"
ADDRESS = re.compile(
    r"https?://(?:[\w-]+\.){0,3}(?:arxiv|alphaxiv)\.org/(?:abs|pdf|html|format|ps|overview)/" + ARXIV_ID,
    re.ASCII | re.IGNORECASE,
)
_LINK = re.compile(
    r"(?:\*\*|__)?(?:[^\W\d_][^\[\]\n<>:：]{0,15}[:：][ \t]*+)?(?:\*\*|__)?[ \t]*+"
    r"(?:\[[^\[\]\n]*\]\([ \t]*+<?|<(?=http))?(" + ADDRESS.pattern + r"[^\s<>()\[\]]*)"
    r">?(?:[ \t]+\"[^\"\n]*\")?[ \t]*\)?(?:\*\*|__)?",
    re.ASCII | re.IGNORECASE,
)
LINK_LINE = re.compile(rf"\n[{EDGE}>]*+{_LINK.pattern}", re.ASCII | re.IGNORECASE)
_ITEM = re.compile(
    r"[-*+•●▪◦‣·–—][ \t\u3000\u00a0]+(?=\S)|[•●▪◦‣]|[-–—](?=[^\W\d_])"
    r"|[(（]?(\d{1,3})(?:[)）、．]|\.(?!\d))(?!\w{0,4}://)[ \t\u3000\u00a0]*(?=\S)"
    r"|[①-⑳][ \t.、]*|[一二三四五六七八九十]{1,3}、|\d\ufe0f?\u20e3[ \t]*"
)
_BREAK = re.compile(r"<br[ \t]*/?>", re.IGNORECASE)
_STRONG_TAG = re.compile(r"</?(?:strong|b)>", re.IGNORECASE)
_SENTENCE = re.compile(r"[。！？!?；;]|\.(?:\s|$)")


def blocks(text: str, first: int | None = 1, most: int = 1_000_000) -> Iterator[Block]:
    """Gives the blocks of a text, at most so many lines of it; `first` is the number of its first line."""
    gap = True
    for at, line in enumerate(text.split("\n", most)[:most]):
        number = None if first is None else first + at
        for part in _parts(line):
            bare = part.strip(EDGE)
            if not bare:
                gap = True
                continue
            yield _block(part, bare, number, gap)
            gap = False


def _parts(line: str) -> list[str]:
    """Raw HTML inside Markdown says bold and line breaks in its own way."""
    if "<" not in line:
        return [line]
    return _BREAK.split(_STRONG_TAG.sub("**", line))


def _block(part: str, bare: str, line: int | None, gap: bool) -> Block:
    lead = bare[0]
    indent = 0 if part[0] == lead else len(part.expandtabs(4)) - len(part.expandtabs(4).lstrip(EDGE))
    if lead == "#":
        mark = len(bare) - len(bare.lstrip("#"))
        if mark < 7 and bare[mark : mark + 1] in ("", " ", "\t"):
            title = bare[mark:].strip(EDGE).rstrip("#:：").strip(EDGE)
            return Block(Kind.HEADING, bare, line, gap, indent, label=title.replace("**", ""))
    if lead == ">":
        return Block(Kind.QUOTE, bare, line, gap, indent, text=bare.lstrip("> \t"))
    if "arxiv" in bare.lower() and (link := _LINK.match(bare)):
        rest = bare[link.end() :]
        return Block(Kind.LINK, bare, line, gap, indent, href=link[1], text=rest.strip(EDGE))
    if bare.startswith(("**", "__")):
        return _bold(part.strip(), bare, line, gap, indent)
    if found := _ITEM.match(bare):
        return _item(found, bare, line, gap, indent)
    return Block(Kind.TEXT, part.strip(), line, gap, indent, text=part.strip())


def _item(found: re.Match[str], bare: str, line: int | None, gap: bool, indent: int) -> Block:
    """A list item; of two marks, a bullet and a number, both come off."""
    number, end = found[1], found.end()
    second = _ITEM.match(bare, end)
    if second and bool(second[1]) != bool(number):
        number, end = number or second[1], second.end()
    return Block(Kind.ITEM, bare, line, gap, indent, text=bare[end:].strip(EDGE), number=int(number or 0))


def _bold(raw: str, bare: str, line: int | None, gap: bool, indent: int) -> Block:
    """A line that starts in bold: a label, a numbered item, or text."""
    mark = bare[:2]
    inner, closed, rest = bare[2:].partition(mark)
    rest = rest.strip(EDGE)
    if (found := _ITEM.match(inner.lstrip(EDGE))) and found[1]:
        text = bare[2 + inner.find(found[0]) + len(found[0]) :].replace(mark, "")
        return Block(Kind.ITEM, raw, line, gap, indent, text=text, number=int(found[1]))
    whole = not rest.strip(":：" + EDGE)
    head, colon, tail = _split(inner)
    if not colon and rest[:1] in ("：", ":"):
        colon, tail = rest[0], rest[1:]
    elif not whole:
        tail = f"{tail} {rest}" if tail else rest
    label = head.strip(EDGE)
    if not (colon or whole) or len(label) > LONGEST_LABEL or _SENTENCE.search(label):
        return Block(Kind.TEXT, raw, line, gap, indent, text=raw, label=label if closed else "")
    return Block(Kind.LABEL, raw, line, gap, indent, label=label, text=tail.strip(EDGE), whole=whole)


def _split(inner: str) -> tuple[str, str, str]:
    """Gives what stands before the first colon of either width, the colon, and the rest."""
    at = min((at for at in (inner.find(":"), inner.find("：")) if at >= 0), default=len(inner))
    return inner[:at], inner[at : at + 1], inner[at + 1 :].strip(EDGE)
