"""What the bot understands of a post: as records for programs, as lines for people."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from bot.latex import readable
from bot.model import Entry, NotDigest, Post


def records(label: str, found: Post | NotDigest) -> Iterator[dict[str, Any]]:
    """One record for the post and one for each paper; a page that is no digest gives one of its own kind."""
    if isinstance(found, NotDigest):
        yield {"kind": "no digest", "post": label, "reason": _sentence(found.reason)}
        return
    yield {
        "kind": "post",
        "post": label,
        "title": found.title,
        "date": found.written,
        "day": found.date.isoformat(),
        "heading_day": found.heading_date.isoformat(),
        "tags": [tag.name for tag in found.tags],
        "slugs": [tag.slug for tag in found.tags],
        "author": found.author,
        "url": found.url,
        "description": found.description,
        "categories": list(found.categories),
        "update_headings": list(found.headings),
        "papers": len(found.entries),
        "problems": [asdict(problem) for problem in found.problems],
    }
    for index, entry in enumerate(found.entries):
        yield _paper(label, index, entry)


def _paper(label: str, index: int, entry: Entry) -> dict[str, Any]:
    paper = entry.paper
    return {
        "kind": "paper",
        "post": label,
        "index": index,
        "title": paper.title,
        "authors": list(paper.authors),
        "arxiv_id": paper.arxiv_id,
        "arxiv_version": paper.version,
        "pdf_url": paper.link,
        "comment": paper.comment,
        "venue": paper.venue,
        "abstract": paper.abstract,
        "translation": entry.translation,
        "summary": entry.summary,
        "takeaways": list(entry.takeaways),
        "doubts": [asdict(doubt) for doubt in entry.doubts],
        "note": entry.note.text if entry.note else None,
        "note_format": entry.note.format.value if entry.note else None,
        "screenshots": list(entry.figures),
        "links": asdict(paper.links),
    }


def lines(label: str, found: Post | NotDigest) -> Iterator[str]:
    """The same for people, a few lines a paper."""
    if isinstance(found, NotDigest):
        yield f"{label}: no digest. {_sentence(found.reason)}"
        return
    tags = ", ".join(tag.name for tag in found.tags)
    papers = _count(len(found.entries), "paper")
    yield f"{label}: {found.title} | {found.heading_date} | {tags} | {papers}"
    for number, entry in enumerate(found.entries, 1):
        paper = entry.paper
        yield f"{number:3}. {paper.arxiv_id:<11} {readable(paper.title)}"
        yield f"     {_parts(entry)}"
    for problem in found.problems:
        line = f"line {problem.line}, " if problem.line else ""
        yield f"  !  {line}{problem.place}: {problem.reason}"


def _sentence(reason: str) -> str:
    return f"{reason[:1].upper()}{reason[1:]}."


def _parts(entry: Entry) -> str:
    """What there is of an entry, in a line."""
    paper = entry.paper
    parts = [
        _count(len(paper.authors), "author"),
        f"v{paper.version}" if paper.version else "",
        paper.venue or "",
        _count(len(entry.takeaways), "takeaway"),
        "no summary" if not entry.summary else "",
        "translation" if entry.translation else "",
        "note" if entry.note else "",
        _count(len(entry.figures), "figure") if entry.figures else "",
        _count(len(entry.doubts), "doubtful number") if entry.doubts else "",
        *paper.links.code,
        *paper.links.project,
    ]
    return ", ".join(part for part in parts if part)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
