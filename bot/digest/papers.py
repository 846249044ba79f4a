"""A stretch of a post to an entry: what each block says about the paper, told by its place.

In order: authors, abstract, translation (quoted), the link with the authors' comment, then labelled
sections, of which one is prose (the summary) and one a list (the takeaways), whatever their labels say.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from bot.digest.blocks import ADDRESS, ARXIV_ID, Block, Kind, Stretch, blocks
from bot.digest.links import links
from bot.digest.numbers import doubts
from bot.digest.plain import addressed, plain
from bot.digest.venue import venue
from bot.model import Entry, Format, Note, Paper, Problem
from bot.residue import clean, clean_note

LONGEST_NOTE = 100_000  # characters; the longest real one has 8,832

_TIGHT = re.compile(r"(\d{1,3})\.(?=\d)")  # "3.3D ...": an item where the third is due
_BARE_AUTHORS = re.compile(r"(?:authors?|作者)[ \t]*[:：][ \t]*", re.IGNORECASE)
_NAMES = re.compile(r"[ \t]*[,，、;；][ \t]*(?:and[ \t]+)?")
_ABSTRACT = re.compile(r"abstract|摘要|原文摘要|英文摘要", re.IGNORECASE)
_SUMMARY = re.compile(r"(?:summary|tl;?dr|摘要|总结|概述|概要)\W*", re.IGNORECASE)
_TAKEAWAYS = re.compile(r"takeaways?|points?\b|insights?|highlights?|要点|见解|亮点|关键", re.IGNORECASE)
_IN_ADDRESS = re.compile(r"/(?:arxiv|abs|pdf)/" + ARXIV_ID)
_ENDS = tuple('。.!！?？；;)）”"…')


@dataclass(frozen=True, slots=True)
class _Section:
    """What stands under a label, up to the next."""

    label: str
    lead: Block | None  # the line of the label
    body: list[Block] = field(default_factory=list)

    def listed(self) -> bool:
        return sum(block.kind is Kind.ITEM for block in self.body) > 1 or (
            bool(self.body) and self.body[0].kind is Kind.ITEM
        )


def entry(stretch: Stretch) -> tuple[Entry | None, list[Problem]]:
    """Gives the entry, or None where the stretch names no paper, and what was not understood."""
    title = plain(" ".join(stretch.title.strip().split())).rstrip("#").strip()
    problems = _Problems(stretch.line, title or "paper without a title")
    at = next((nth for nth, block in enumerate(stretch.blocks) if block.kind is Kind.LINK), None)
    address = stretch.anchor if at is None else stretch.blocks[at].href
    named = ADDRESS.match(address) or _IN_ADDRESS.search(address)
    if not named:
        problems.add("no arXiv link, so this paper is left out")
        return None, problems.found
    if not title:
        problems.add(f"no title for {named[1]}, so this paper is left out")
        return None, problems.found
    read = _read(stretch, title, address, named, at)
    problems.miss(read, stretch, linked=at is not None)
    return read, problems.found


def _read(stretch: Stretch, title: str, address: str, named: re.Match[str], at: int | None) -> Entry:
    above, below = _halves(stretch.blocks, at)
    authors, rest = _authors(above)
    abstract, translation = _abstract(rest)
    comment, sections = _sections(stretch.blocks[at] if at is not None else None, below)
    summary, takeaways = _told(sections)
    shown = plain(abstract)
    said = plain(comment) or None
    paper = Paper(
        arxiv_id=named[1],
        version=int(named[2]) if named[2] else None,
        title=title,
        authors=authors,
        abstract=shown,
        comment=said,
        link=address,
        links=links(named[1], addressed(abstract), addressed(comment) or None),
        venue=venue(said),
    )
    return Entry(
        paper=paper,
        summary=summary,
        takeaways=takeaways,
        translation=plain(translation) or None,
        note=_note(stretch.note),
        figures=stretch.figures,
        doubts=doubts(title, shown, summary, takeaways),
    )


def _halves(blocks: Sequence[Block], at: int | None) -> tuple[Sequence[Block], Sequence[Block]]:
    """Parts what stands above the link from what stands below; without a link the second label parts them."""
    if at is not None:
        return blocks[:at], blocks[at + 1 :]
    labels = [nth for nth, block in enumerate(blocks) if nth and _is_label(block) and not block.text]
    at = labels[0] if labels else len(blocks)
    return blocks[:at], blocks[at:]


def _authors(blocks: Sequence[Block]) -> tuple[tuple[str, ...], Sequence[Block]]:
    """Gives the authors that the first line names, and the blocks after it."""
    if not blocks:
        return (), blocks
    first, after = blocks[0], 1
    if first.kind is Kind.LABEL and not _ABSTRACT.fullmatch(first.label):
        names = first.text or (first.label if "," in first.label else "")
    elif found := _BARE_AUTHORS.match(first.raw.strip("*_ ")):
        names = first.raw.strip("*_ ")[found.end() :]
    else:
        return (), blocks
    if first.raw.startswith("**") and not first.raw.count("**") > 1:  # bold that goes on in the next lines
        while after < len(blocks) and not blocks[after].gap and not names.endswith("**"):
            names += " " + blocks[after].raw
            after += 1
    people = (plain(name).strip(" *") for name in _NAMES.split(names.replace("**", " ").strip()))
    return tuple(name for name in people if name), blocks[after:]


def _abstract(blocks: Sequence[Block]) -> tuple[str, str]:
    """Gives the abstract and the translation, which begins with a quoted line."""
    blocks = [block for block in blocks if not (block.kind is Kind.LABEL and block.whole and not block.text)]
    quoted = next((nth for nth, block in enumerate(blocks) if block.kind is Kind.QUOTE), len(blocks))
    return _prose(blocks[:quoted]), _prose(blocks[quoted:])


def _prose(blocks: Iterable[Block]) -> str:
    """Lines of a paragraph become one line; paragraphs are parted by a blank line."""
    out: list[str] = []
    for block in blocks:
        labelled = block.kind is Kind.LABEL and _ABSTRACT.fullmatch(block.label)
        text = block.text if block.kind is Kind.QUOTE or labelled else block.raw
        if text:
            out.append(("\n\n" if block.gap else " ") + text if out else text)
    return "".join(out)


def _is_label(block: Block) -> bool:
    return block.kind is Kind.LABEL or block.kind is Kind.HEADING


def _sections(link: Block | None, blocks: Sequence[Block]) -> tuple[str, list[_Section]]:
    """Gives the comment, which may go on below the link, and the labelled sections."""
    comment = link.text if link else ""
    at = 0
    while comment and at < len(blocks) and blocks[at].kind is Kind.TEXT and not blocks[at].gap:
        comment += " " + blocks[at].raw
        at += 1
    sections = [_Section("", None)]
    for block in blocks[at:]:
        if _opens(block, sections[-1]):
            sections.append(_Section(block.label, block, [_inline(block)] if block.text else []))
        else:
            sections[-1].body.append(block)
    return comment, _joined(sections)


def _opens(block: Block, current: _Section) -> bool:
    """Whether a line opens a section, rather than being bold text within one."""
    if block.kind is Kind.TEXT and block.label:  # bold, then text, without a colon
        return current.lead is None and not current.body and bool(_SUMMARY.fullmatch(block.label))
    if not _is_label(block):
        return False
    if not block.text or (block.whole and not block.text):
        return True
    empty = current.lead is not None and not current.body
    return not empty and (block.gap or not current.listed())


def _inline(block: Block) -> Block:
    """What stands beside a label, as a line of its own."""
    text = block.text if block.kind is Kind.LABEL else block.raw.split("**", 2)[-1]
    return next(blocks(text, block.line))


def _joined(sections: list[_Section]) -> list[_Section]:
    """A label that says nothing and is followed by a whole line in bold: that line is its text."""
    out: list[_Section] = []
    for nth, section in enumerate(sections):
        before = out[-1] if out else None
        last = nth == len(sections) - 1
        if (
            before is not None
            and before.lead is not None
            and section.lead is not None
            and not before.body
            and not section.listed()
            and not _TAKEAWAYS.search(section.label)
            and (not section.lead.gap or (not section.body and not last))
        ):
            before.body.extend([section.lead, *section.body])
        else:
            out.append(section)
    return out


def _told(sections: list[_Section]) -> tuple[str | None, tuple[str, ...]]:
    """Gives the summary and the takeaways: a section of prose and one that is a list."""
    lists = [section for section in sections if section.listed()]
    texts = [section for section in sections if section.body and not section.listed()]
    texts.sort(key=lambda section: section.lead is None)
    if len(lists) > 1 and (not texts or sections.index(texts[0]) > sections.index(lists[1])):
        return _summary(lists[0].body), _items(lists[1].body)
    if lists:
        listed = lists[0]
    elif len(texts) > 1:
        listed = texts.pop(1)
    elif texts and _TAKEAWAYS.search(texts[0].label):
        listed = texts.pop(0)
    else:
        listed = _Section("", None)
    summary = texts[0].body if texts else _lead(listed.body)
    return _summary(summary), _items(listed.body)


def _lead(body: list[Block]) -> list[Block]:
    """The prose before a list, unless it only announces the list."""
    end = next((nth for nth, block in enumerate(body) if block.kind is Kind.ITEM), 0)
    return [] if end == 0 or body[end - 1].raw.endswith((":", "：")) else body[:end]


def _summary(body: Iterable[Block]) -> str | None:
    parts: list[str] = []
    for block in body:
        text = block.text if block.kind in (Kind.ITEM, Kind.QUOTE) else block.raw
        parts.append(("\n\n" if block.gap else " ") + text if parts else text)
    return clean(plain("".join(parts)))


def _items(body: list[Block]) -> tuple[str, ...]:
    """The items of a list; the lines that lead into it or close it are not among them."""
    items: list[list[str]] = []
    lazy: list[int] = []  # the items that went on in a further line
    base, listed = 0, any(block.kind is Kind.ITEM for block in body)
    for block in body:
        tight = _TIGHT.match(block.raw) if block.kind is Kind.TEXT else None
        if not listed:
            items.append([block.raw])
        elif block.kind is Kind.ITEM and (not items or block.indent < base + 2):
            base = block.indent
            items.append([block.text])
        elif tight and int(tight[1]) == len(items) + 1:
            items.append([block.raw[tight.end() :]])
        elif items and (block.kind is Kind.ITEM or not block.gap or block.indent > base + 1):
            items[-1].append(block.text if block.kind is Kind.ITEM else block.raw)
            lazy.append(len(items) - 1)
    if lazy == [len(items) - 1] and _closes(items[-1], body[-1]):
        items[-1].pop()
    said = (clean(plain(" ".join(item))) for item in items)
    return tuple(text for text in said if text)


def _closes(item: list[str], last: Block) -> bool:
    """Whether the last line of a list is a sentence about it, not the end of a wrapped item."""
    ended = item[0].rstrip().endswith(_ENDS)
    return ended and len(item) == 2 and last.kind is Kind.TEXT and not last.indent


def _note(text: str) -> Note | None:
    said = clean_note(text[:LONGEST_NOTE].strip()) if text.strip() else None
    if not said or not said.strip():
        return None
    return Note(text=said.strip(), format=Format.HTML if said.lstrip().startswith("<") else Format.MARKDOWN)


class _Problems:
    """Collects what was not understood about one paper."""

    def __init__(self, line: int | None, place: str) -> None:
        self.line, self.place = line, place
        self.found: list[Problem] = []

    def add(self, reason: str) -> None:
        self.found.append(Problem(line=self.line, place=self.place, reason=reason))

    def miss(self, read: Entry, stretch: Stretch, linked: bool) -> None:
        """Adds what an entry should have and has not."""
        missing = {
            "no link to arXiv of its own; its id is from the link to its note": not linked,
            "no authors": not read.paper.authors,
            "no abstract": not read.paper.abstract,
            "no summary": not read.summary,
            "no takeaways": not read.takeaways,
            "runs on for too long before its note, so the end is not read": stretch.cut,
            "its note is too long, so its end is left out": len(stretch.note) > LONGEST_NOTE,
        }
        for reason, missed in missing.items():
            if missed:
                self.add(reason)
