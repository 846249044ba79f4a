"""Reads a feed: Atom, RSS 2.0 or RSS 1.0, whole or broken, to posts as pages of their own."""

import calendar
import datetime as dt
import html
import re
import xml.sax
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import feedparser
from selectolax.lexbor import LexborHTMLParser

from bot.errors import ConfigError, SourceError
from bot.sources.charset import decode
from bot.sources.root import Link, Root, join
from bot.sources.show import plain, show

MOST = 1_000  # entries; real feeds have 20
MARKUP = 600_000  # signs that begin markup; reading broken markup takes 10 µs for each

_HEAD = 200_000  # characters of a page in which it names its feed
_LEAD = re.compile(r"\s+|<!--.*?-->|<\?.*?\?>|<!DOCTYPE\b([^<>\[\]]*)>", re.DOTALL | re.IGNORECASE)
_ROOT = re.compile(r"<(?:\w{1,20}:)?(\w{1,20})\b")
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_NUMBER = re.compile(r"&#([xX][0-9a-fA-F]{1,8}|[0-9]{1,9});")
_HEADING = re.compile(r"<h[1-6]\b", re.IGNORECASE)
_MARKUP = re.compile(r"<[^<>]{0,300}>")
_FEEDS = ("application/atom+xml", "application/rss+xml", "application/rdf+xml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An entry of a feed."""

    link: Link  # the URL is empty where it has none that can be opened
    url: str  # as a reader opens it, or nothing
    content: str  # the whole post, or nothing
    title: str
    tags: tuple[str, ...]
    categories: tuple[str, ...]
    author: str
    published: str  # 2024-12-07T06:28:51+00:00, or nothing

    @property
    def page(self) -> bytes:
        """The post as a page, which says in its structure what the feed says around it."""
        facts = [
            ("og:title", self.title),
            ("og:url", self.url),
            ("author", self.author),
            ("article:published_time", self.published),
            *(("article:tag", name) for name in self.tags),
        ]
        metas = "".join(
            f'<meta property="{name}" content="{html.escape(fact)}">\n' for name, fact in facts if fact
        )
        filed = "".join(f'<a class="post-category">{html.escape(name)}</a>\n' for name in self.categories)
        return (
            f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{html.escape(self.title)}</title>\n'
            f"{metas}</head><body>{filed}<article>\n{self.content}\n</article></body></html>\n"
        ).encode(errors="replace")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entries:
    """What a feed holds."""

    items: tuple[Item, ...]  # each address once, oldest first
    troubles: tuple[str, ...]  # what was wrong with it, in sentences


def read_feed(data: bytes, kind: str, url: str, root: Root) -> Entries:
    """What the feed says that was found at a URL with that Content-Type.

    Raises:
        SourceError: it is none, or none that can be read.
    """
    where, text = show(url), _prepare(decode(data, kind), url)
    found = _parse(text, url)
    entries = found.entries[:-1] if found.bozo and _is_cut(text) else found.entries
    troubles = (
        [f"{where}: the feed is broken{_why(found)}; what could be read was read"] if found.bozo else []
    )
    if len(entries) > MOST:
        troubles.append(f"{where}: the feed has {len(entries):,} entries; the first {MOST:,} are read")
    items: dict[str, Item] = {}
    for number, entry in enumerate(entries[:MOST], 1):
        item = _item(entry, url, root, _author(found.feed))
        if item is None:
            troubles.append(f"{where}: entry {number} of the feed has neither a link nor an id nor a title")
        elif (other := items.get(item.link.address)) is None or _rank(item) > _rank(other):
            items[item.link.address] = item
    ordered = sorted(items.values(), key=lambda item: (item.published, item.link.address))
    return Entries(items=tuple(ordered), troubles=tuple(troubles))


def _is_cut(text: str) -> bool:
    """Whether the last entry has no end: half a post would be read as a whole one."""
    begun = max(text.rfind("<entry"), text.rfind("<item"))
    return begun > max(text.rfind("</entry>"), text.rfind("</item>"))


def _parse(text: str, url: str) -> Any:
    """What feedparser makes of it; it asks for nothing by itself, as it is given bytes."""
    try:
        found = feedparser.parse(
            text.encode(errors="replace"),
            response_headers={"content-type": "application/xml; charset=utf-8", "content-location": url},
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except (LookupError, ValueError) as exc:  # as it raises for some broken feeds
        raise SourceError(
            f"{show(url)}: the feed is too broken to be read; tried again at the next look"
        ) from exc
    if not found.version and not found.entries:
        raise SourceError(f"{show(url)}: is no feed that can be read{_why(found)}; check the url")
    return found


def _prepare(text: str, url: str) -> str:
    """The text without what XML does not allow, and without a document type.

    Raises:
        SourceError: it is no feed, or would take too long to read, or could grow by its own declarations.
    """
    text = _NUMBER.sub(_allowed, _NO_XML.sub("", text)).lstrip("\ufeff")
    start, declared = 0, ""
    while lead := _LEAD.match(text, start):
        start, declared = lead.end(), lead[1] or declared
    root = _ROOT.match(text, start)
    name = root[1].lower() if root else ""
    if declared.strip().lower().startswith("html") or name in ("html", "head", "body"):
        raise SourceError(f"{show(url)}: is a web page and no feed; {_named_feed(text, url)}")
    if text[start : start + 9].upper() == "<!DOCTYPE":
        raise SourceError(f"{show(url)}: declares a document type of its own, which can grow without end")
    if name not in ("feed", "rss", "rdf"):
        raise SourceError(f"{show(url)}: does not begin as a feed does; check the url")
    if text.count("<") + text.count("&") > MARKUP:
        raise SourceError(f"{show(url)}: has more markup than a feed of posts; check the url")
    return text[start:]


def _allowed(reference: re.Match[str]) -> str:
    """A sign given by its number, where XML allows it."""
    number = int(reference[1][1:], 16) if reference[1][0] in "xX" else int(reference[1])
    fine = number in (9, 10, 13) or 32 <= number < 0xD800 or 0xE000 <= number < 0x110000
    return reference[0] if fine else ""


def _named_feed(text: str, url: str) -> str:
    """How to mend an address that leads to a page."""
    for node in LexborHTMLParser(text[:_HEAD]).css("link[rel~=alternate]"):
        kind, href = (node.attributes.get(name) or "" for name in ("type", "href"))
        if kind.strip().lower() in _FEEDS and href.strip():
            return f"it names its feed: write {show(join(url, href))} as the url"
    return "look there for the address of its feed, or read it as a source of the kind site"


def _why(found: Any) -> str:
    reason = found.get("bozo_exception")
    if reason is None:
        return ""
    said = reason.getMessage() if isinstance(reason, xml.sax.SAXException) else str(reason)
    line = f" in line {reason.getLineNumber()}" if isinstance(reason, xml.sax.SAXParseException) else ""
    return f": {plain(said, 100)}{line}"


def _rank(item: Item) -> tuple[bool, str]:
    return bool(item.content), item.published


def _item(entry: Any, url: str, root: Root, author: str) -> Item | None:
    """An entry; by the author of the feed where it names none."""
    link = (entry.get("feedburner_origlink") or entry.get("link") or "").strip()
    name = (entry.get("id") or "").strip()
    title = _plain(entry, "title")
    place = _place(link, url, root) or _place(name, url, root) or Link(address=name or title)
    if not place.address:
        return None
    opened = (place.url or root.read(place.address)) if _place(link, url, root) else ""
    return Item(
        link=place,
        url=opened,
        content=_content(entry),
        title=title,
        tags=_filed(entry, "tag"),
        categories=_filed(entry, "categor"),
        author=_author(entry) or author,
        published=_published(entry),
    )


def _place(link: str, url: str, root: Root) -> Link | None:
    """The address that a link leads to: below the feed's own folder, or else below its host."""
    if not link:
        return None
    whole = join(url, link)
    try:
        parts = urlsplit(whole)
        host = Root.of(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/")
    except (ConfigError, ValueError):
        return None
    query = urlencode([pair for pair in parse_qsl(parts.query) if not pair[0].startswith("utm_")])
    found = root.find(whole, url)
    if found is None and (other := host.find(whole, url)) is not None:
        found = Link(address=other.address, url=host.read(other.address, other.url))
    if not query:
        return found
    address = found.address if found else ""
    return Link(address=f"{address}?{query}", url=f"{host.scheme}://{host.host}{parts.path or '/'}?{query}")


def _content(entry: Any) -> str:
    """The whole post; nothing where there is none, or a summary without the headings of one."""
    said = [content.get("value") or "" for content in entry.get("content", ())]
    for text in (*said, entry.get("summary") or ""):
        markup = html.unescape(text) if "<" not in text and "&lt;" in text else text
        if _HEADING.search(markup):
            return str(markup)
    return ""


def _plain(entry: Any, name: str) -> str:
    """A line of text, which some write as markup."""
    text = entry.get(name) or ""
    if "html" in (entry.get(f"{name}_detail") or {}).get("type", ""):
        text = html.unescape(_MARKUP.sub("", text))
    return " ".join(plain(text, 300).split())


def _filed(entry: Any, what: str) -> tuple[str, ...]:
    """The tags or the categories of an entry, told by the pages that they lead to."""
    return tuple(dict.fromkeys(_terms(entry.get("tags", ()), what)))


def _terms(tags: Iterable[Any], what: str) -> Iterable[str]:
    for tag in tags:
        folders = (tag.get("scheme") or "").lower().split("/")
        if tag.get("term") and any(folder.startswith(what) for folder in folders):
            yield " ".join(plain(tag["term"], 200).split())


def _author(said: Any) -> str:
    named = (said.get("author_detail") or {}).get("name") or said.get("author") or ""
    return " ".join(plain(named, 200).split())


def _published(entry: Any) -> str:
    moment = entry.get("published_parsed") or entry.get("updated_parsed")
    try:
        return dt.datetime.fromtimestamp(calendar.timegm(moment), dt.UTC).isoformat() if moment else ""
    except (ValueError, OverflowError, TypeError):
        return ""
