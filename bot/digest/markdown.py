"""Markdown to stretches: where each paper begins, where its note begins and ends, its figures.

A note may hold anything, headings and labels of papers too, so its borders are found by place: it
opens with a line that is nothing but a bold link, and closes with the figures or the next paper.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, pairwise

from bot.digest.blocks import ADDRESS, EDGE, LINK_LINE, Stretch, blocks
from bot.digest.dates import is_dated
from bot.digest.front import cut, parse
from bot.digest.page import Page
from bot.model import Problem

MOST_PAPERS = 1_000  # a post has up to 42
MOST_MARKS = 20_000  # headings, notes or figures that are looked at in one post
MOST_FIGURES = 200
LONGEST_HEAD = 64_000  # characters of a paper before its note; real ones have 9,000
MOST_LINES = 400  # lines of the same; real ones have 40

_MARGIN = f"[{EDGE}]*"
_HEADING = re.compile(r"\n##(?!#)")
_BOLD = re.compile(rf"\n##[^\n]*\n[{EDGE}\n]*(?:\*\*|__)")
_AUTHORS = re.compile(r"[ \t]*(?:authors?|作者|著者)[ \t]*[:：]", re.IGNORECASE)
_ANCHOR = re.compile(
    rf"\n{_MARGIN}(?:\*\*|__)[ \t]*\[[^\[\]\n]*\]\([ \t]*+<?([^()\s<>]*+)[^()\n]*+\)"
    rf"[ \t]*(?:\*\*|__){_MARGIN}(?=\n|\Z)"
)
_OPENING = re.compile(r"<details\b", re.IGNORECASE)
_CLOSING = re.compile(r"</details\s*>", re.IGNORECASE)
_IMAGE = re.compile(
    r"""<img\b[^<>]*?\ssrc\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)'|([^\s"'<>]+))"""
    r"""|!\[[^\[\]\n]*\]\([ \t]*<?([^()\s<>]+)""",
    re.IGNORECASE,
)
_TOP = re.compile(r"\n#[ \t]+([^\n]*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch, with the place of its note in the text for who keeps notes in another form."""

    stretch: Stretch
    note: tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Marks:
    """The places where notes may open and close, found once for the whole text."""

    anchors: list[int]
    figures: list[int]  # where a folded block with images opens
    closings: list[int]  # and where one closes


def spans(text: str, first: int | None) -> Iterator[Span]:
    """Gives the stretches of a text.

    It begins with a line end; `first` is the number of the line ended so, None where lines do not count.
    """
    marks = _marks(text)
    starts = _starts(text, marks)
    line, counted = first, 0
    for begin, end in pairwise([*starts, len(text)]):
        if line is not None:
            line += text.count("\n", counted, begin + 1)
            counted = begin + 1
        yield _span(text, begin, end, line, marks)


def headings(text: str, notes: list[tuple[int, int]]) -> list[tuple[int, str]]:
    """Gives the places and texts of the dated level-1 headings that stand outside of those notes."""
    notes = [note for note in notes if note[0] < note[1]]
    found = []
    for match in islice(_TOP.finditer(text), MOST_MARKS):
        title = " ".join(match[1][:200].strip(EDGE).rstrip("#").split())
        if is_dated(title):
            at = bisect_left(notes, (match.start() + 1, 0)) - 1
            if at < 0 or match.start() >= notes[at][1]:
                found.append((match.start(), title))
    return found


def _marks(text: str) -> _Marks:
    openings = [match.start() for match in islice(_OPENING.finditer(text), MOST_MARKS)]
    closings = [match.end() for match in islice(_CLOSING.finditer(text), MOST_MARKS)]
    figures, ends = [], []
    for at, after in pairwise([*openings, len(text)]):
        nth = bisect_left(closings, at)
        end = closings[nth] if nth < len(closings) else len(text)
        if _IMAGE.search(text, at, min(after, end)):
            figures.append(at)
            ends.append(end)
    anchors = [match.start() for match in islice(_ANCHOR.finditer(text), MOST_MARKS)]
    return _Marks(anchors, figures, ends)


def _starts(text: str, marks: _Marks) -> list[int]:
    """Gives the places of the level-2 headings that open a paper."""
    places = [match.start() for match in islice(_HEADING.finditer(text), MOST_MARKS)]
    starts: list[int] = []
    for at, after in pairwise([*places, len(text)]):
        if _opens(text, at, after, starts[-1] if starts else None, marks):
            starts.append(at)
            if len(starts) > MOST_PAPERS:
                break
    return starts


def _opens(text: str, at: int, after: int, before: int | None, marks: _Marks) -> bool:
    """Whether the heading opens a paper: authors follow it; or a link to arXiv does, outside of a note.

    Right after the figures of a paper any heading opens the next one, even a broken one.
    """
    bold = _BOLD.match(text, at)
    if bold and _AUTHORS.match(text, bold.end()) and _is_bold(text, bold.end()):
        return True
    noted = before is not None and _within(marks.anchors, before, at)
    closed = before is not None and _within(marks.closings, before, at)
    if closed and not text[at + 3 : text.find("\n", at + 1)].strip(EDGE):
        return False
    return closed or ((bool(bold) or not noted) and LINK_LINE.search(text, at, after) is not None)


def _is_bold(text: str, begin: int) -> bool:
    """Whether a line that is bold from `begin` on is so to its end, as the template writes authors."""
    end = text.find("\n", begin, begin + LONGEST_HEAD)
    line = text[begin : end if end >= 0 else begin + LONGEST_HEAD].rstrip(EDGE)
    return line.find("**") == len(line) - 2


def _within(places: list[int], begin: int, end: int) -> bool:
    nth = bisect_left(places, begin)
    return nth < len(places) and places[nth] < end


def _span(text: str, begin: int, end: int, line: int | None, marks: _Marks) -> Span:
    title_end = text.find("\n", begin + 1, end)
    title_end = end if title_end < 0 else title_end
    anchor, address = _anchor(text, title_end, end, marks)
    nth = bisect_left(marks.figures, title_end if anchor is None else anchor.end())
    figures = marks.figures[nth] if nth < len(marks.figures) and marks.figures[nth] < end else end
    head_end, note = figures, (figures, figures)
    if anchor is not None:
        head_end, note = anchor.start(), (anchor.end(), figures)
    head = text[title_end + 1 : min(head_end, title_end + LONGEST_HEAD)]
    stretch = Stretch(
        title=text[begin + 3 : min(title_end, begin + LONGEST_HEAD)],
        line=line,
        blocks=tuple(blocks(head, None if line is None else line + 1, MOST_LINES)),
        anchor=address,
        note=text[note[0] : note[1]].strip("\n"),
        figures=_images(text, figures, end),
        cut=head_end - title_end > LONGEST_HEAD or head.count("\n") > MOST_LINES,
    )
    return Span(stretch=stretch, note=note)


def _anchor(text: str, begin: int, end: int, marks: _Marks) -> tuple[re.Match[str] | None, str]:
    """Gives the line that opens the note; the paper's own link, set in bold, is not it."""
    linked = False
    for nth in range(bisect_left(marks.anchors, begin), len(marks.anchors)):
        at = marks.anchors[nth]
        if at >= end:
            break
        match = _ANCHOR.match(text, at)
        if match and (not ADDRESS.match(match[1]) or linked or LINK_LINE.search(text, begin, at)):
            return match, match[1]
        linked = True
    return None, ""


def _images(text: str, begin: int, end: int) -> tuple[str, ...]:
    found = islice(_IMAGE.finditer(text, begin, end), MOST_FIGURES)
    return tuple(address for match in found if (address := next(filter(None, match.groups()), "").strip()))


def page(text: str) -> Page:
    """Gives the parts of a Markdown post."""
    matter, body = cut(text)
    front, wrong = parse(matter) if matter is not None else (None, "is missing")
    first = text.count("\n", 0, body) + 1 if body else 0
    text = text[body:] if body else "\n" + text
    found = list(spans(text, first))
    return Page(
        front=front,
        headings=tuple(title for _, title in headings(text, [span.note for span in found])),
        stretches=tuple(span.stretch for span in found),
        problems=(Problem(line=1, place="front matter", reason=wrong),) if wrong else (),
    )
