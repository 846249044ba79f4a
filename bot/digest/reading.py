"""Reading a post: from its bytes to what it says, or to why it is no digest."""

import re
from dataclasses import replace
from datetime import date
from urllib.parse import unquote, urlsplit

from bot.digest import markdown
from bot.digest.dates import day, weigh
from bot.digest.decode import decode
from bot.digest.front import Front
from bot.digest.page import Page
from bot.digest.papers import entry
from bot.digest.tags import tag
from bot.model import Entry, Format, NotDigest, Post, Problem, RawPost

_FEED = re.compile(
    r"\s*(?:<\?xml[^<>]*>\s*)?(?:<!--[^<>]*-->\s*)?<(?:feed|rss|rdf:RDF|urlset|sitemapindex)\b", re.IGNORECASE
)
_HTML = re.compile(
    r"\s*(?:<\?xml[^<>]*>\s*)?(?:<!--[^<>]{0,2000}-->\s*){0,9}<(!doctype|/?[a-z][a-z0-9-]*[\s/>])",
    re.IGNORECASE,
)
_PAGE = ("!doctype", "html", "head", "body", "meta", "title")
_FILE = re.compile(r"(?:/index)?\.(?:md|markdown|html?|txt)$|/index$", re.IGNORECASE)


def read(raw: RawPost) -> Post | NotDigest:
    """Gives the post with what was not understood, or why it is no digest; never raises."""
    text, odd = decode(raw.data)
    if not text.strip("\ufeff\0 \t\n"):
        return NotDigest(address=raw.address, reason="the file is empty")
    if _FEED.match(text):
        reason = "it is a feed or site map, which lists posts, and not a post"
        return NotDigest(address=raw.address, reason=reason)
    form = raw.format or _form(text)
    page = _page(text, form)
    front = page.front or Front()
    if not page.headings:
        return NotDigest(address=raw.address, reason=_headless(page, form))
    entries, problems = _entries(page)
    if (foreign := _foreign(front, entries, raw, form)) is not None:
        return NotDigest(address=raw.address, reason=foreign)
    url = raw.url or front.url or None
    dates = weigh(_folder(raw.address) or _folder(url), day(page.headings[0]), day(front.written))
    if dates is None:
        reason = f'its heading "{page.headings[0]}" names a day that does not exist'
        return NotDigest(address=raw.address, reason=reason)
    odd_form = [Problem(line=None, place="encoding", reason=odd)] if odd else []
    odd_dates = [Problem(line=None, place="date", reason=doubt) for doubt in dates.doubts]
    title = front.title or _name(url or raw.address)
    return Post(
        address=raw.address,
        url=url,
        title=title,
        date=dates.filed,
        heading_date=dates.heading,
        written=front.written or None,
        author=front.author or None,
        description=front.description or None,
        categories=front.categories,
        tags=tuple(tag(name) for name in dict.fromkeys(front.tags or ((title,) if title else ()))),
        headings=page.headings,
        entries=entries,
        problems=(*odd_form, *page.problems, *odd_dates, *problems),
    )


def _page(text: str, form: Format) -> Page:
    if form is Format.MARKDOWN:
        return markdown.page(text)
    from bot.digest import html  # its parser takes time to load, and a folder of Markdown needs none

    return html.page(text)


def _form(text: str) -> Format:
    """A page says so at its head; the body of a page holds its headings as tags."""
    found = _HTML.match(text, 0, 20_000)
    if not found:
        return Format.MARKDOWN
    name = found[1].lower().strip("/ \t\n>")
    marked = re.search(r"\n#{1,2}[ \t]", text) is not None
    return Format.HTML if name in _PAGE or not marked or re.search(r"<h1\b", text) else Format.MARKDOWN


def _headless(page: Page, form: Format) -> str:
    """Why a post without a dated heading is no digest."""
    front = page.front or Front()
    if front.categories and not _is_paper(front):
        return f'its category is "{front.categories[0]}", not "Paper", and no level-1 heading names a date'
    if form is Format.MARKDOWN and page.front is None:
        return "it has neither front matter nor a level-1 heading with a date"
    if form is Format.HTML:
        return "the page has no level-1 heading with a date, so it is an index or another kind of post"
    return "no level-1 heading names the date of an update"


def _foreign(front: Front, entries: tuple[Entry, ...], raw: RawPost, form: Format) -> str | None:
    """Why a post with a dated heading is no digest after all; None where it is one."""
    filed = "/Paper/" in (raw.url or front.url or raw.address) if form is Format.HTML else False
    if _is_paper(front) or (filed and not front.categories):
        return None
    own = not front.categories or form is Format.HTML or set(front.categories) <= set(front.tags)
    if own and entries:
        return None
    if front.categories and not own:
        return f'its category is "{front.categories[0]}", not "Paper"'
    return 'it has a heading with a date, but neither the category "Paper" nor a paper'


def _is_paper(front: Front) -> bool:
    return any(category.casefold() == "paper" for category in front.categories)


def _entries(page: Page) -> tuple[tuple[Entry, ...], list[Problem]]:
    """Gives each paper once, at its first place and as its last appearance has it, and all problems."""
    entries: dict[str, Entry] = {}
    problems: list[Problem] = []
    for stretch in page.stretches[: markdown.MOST_PAPERS]:
        read_entry, missed = entry(stretch)
        problems += missed
        if read_entry is not None:
            known = entries.get(read_entry.paper.arxiv_id)
            entries[read_entry.paper.arxiv_id] = read_entry if known is None else _merged(known, read_entry)
    if len(page.stretches) > markdown.MOST_PAPERS:
        reason = f"more than {markdown.MOST_PAPERS} papers, the rest is not read"
        problems.append(Problem(line=page.stretches[markdown.MOST_PAPERS].line, place="post", reason=reason))
    return tuple(entries.values()), problems


def _merged(first: Entry, later: Entry) -> Entry:
    """The later appearance if it says something else, and what only the first one has."""
    if _text(first) == _text(later):
        first, later = later, first
    return replace(
        later,
        summary=later.summary or first.summary,
        takeaways=later.takeaways or first.takeaways,
        translation=later.translation or first.translation,
        note=later.note or first.note,
        figures=later.figures or first.figures,
        doubts=later.doubts if later.summary and later.takeaways else (),
    )


def _text(entry: Entry) -> tuple[object, ...]:
    return (entry.paper, entry.summary, entry.takeaways, entry.translation)


def _folder(address: str | None) -> date | None:
    return day(address.replace("\\", "/")) if address else None


def _name(address: str) -> str:
    """The last word of an address: a file's name without its ending, or a page's folder."""
    path = _FILE.sub("", unquote(urlsplit(address).path if "://" in address else address).rstrip("/"))
    name = path.replace("\\", "/").rpartition("/")[2]
    return re.sub(r"^\d{4}-\d\d-\d\d[_\W]*", "", name).strip() or name
