"""A page of a blog's archive: which posts it lists, and which page comes after it.

Themes are told by their markup. Where none is known, posts are what lies below a date, or else what
each article on the page links to first.
"""

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from selectolax.lexbor import LexborHTMLParser, LexborNode

from bot.sources.nesting import is_sane
from bot.sources.root import Link, Root, join

MOST = 5_000  # links of a page; real ones have about 60
NEVER = ("aside", "nav", "header", "footer", "#aside-content", ".sidebar", "#sidebar")

_ITEMS = ".article-sort-item, .cd-timeline-content"  # Butterfly; Matery
_NEXT = "a[rel~=next], link[rel~=next], .paging a.right, .pagination a.next"
_WHEN = "time, .publish-date"
_LISTS = re.compile(
    r"(?:.*/)?page/\d+/|archives/(?:\d{4}/(?:\d\d?/){0,2})?|(?:tags|categories|about|link|css|js|img)/.*"
)
_OTHER = re.compile(
    r"\.(?:xml|json|txt|css|js|png|jpe?g|gif|svg|webp|ico|pdf|zip|gz|mp4|webmanifest)/?$", re.IGNORECASE
)
_DAY = re.compile(r"(?<!\d)((?:19|20)\d\d)(?:[-/._年](\d\d?)[-/._月](\d\d?)|(\d\d)(\d\d))(?!\d|[A-SU-Za-z])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A post as an archive lists it."""

    link: Link
    day: str = ""  # 2024-12-07; empty: nobody says


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A page of an archive."""

    posts: tuple[Listed, ...] = field(default=())
    after: str = ""  # the address of the page after it; empty: there is none


def day_in(text: str) -> str:
    """The last real day that a text names, which in an address is the innermost folder's; or nothing."""
    for found in reversed(_DAY.findall(text)):
        try:
            return dt.date(*map(int, filter(None, found))).isoformat()
        except ValueError:
            continue
    return ""


def is_list(address: str) -> bool:
    """Whether an address is that of a list of posts."""
    return _LISTS.fullmatch(address) is not None


def read_sheet(text: str, url: str, root: Root, address: str) -> Sheet:
    """What the page of an archive says that was found at a URL, and that is known under an address."""
    if not is_sane(text):
        return Sheet()
    tree = LexborHTMLParser(text)
    named = tree.css_first("base[href]")
    page = join(url, named.attributes.get("href") or "") if named is not None else url
    links = [
        (node, link)
        for node in tree.css("a[href], link[rel~=next]")[:MOST]
        if (link := _lead(node, root, page))
    ]
    after = _after(tree, [link.address for _, link in links], root, page, address)
    for node in tree.css(", ".join(NEVER)):
        node.decompose()
    posts = _known_theme(tree, root, page) or _dated(tree, root, page) or _articles(tree, root, page)
    return Sheet(posts=posts, after=after)


def _known_theme(tree: LexborHTMLParser, root: Root, page: str) -> tuple[Listed, ...]:
    return _once(_first(item, root, page) for item in tree.css(_ITEMS)[:MOST])


def _dated(tree: LexborHTMLParser, root: Root, page: str) -> tuple[Listed, ...]:
    return _once(post for post in _posts(tree.css("a[href]")[:MOST], root, page) if post.day)


def _articles(tree: LexborHTMLParser, root: Root, page: str) -> tuple[Listed, ...]:
    return _once(_first(item, root, page) for item in tree.css("article")[:MOST])


def _first(item: LexborNode, root: Root, page: str) -> Listed | None:
    """The post that an item of a list is about: what it links to first, with the day that it shows."""
    post = next(_posts(item.css("a[href]"), root, page), None)
    if post is None or post.day:
        return post
    shown = (node.attributes.get("datetime") or node.text() for node in item.css(_WHEN))
    return replace(post, day=next(filter(None, map(day_in, shown)), ""))


def _posts(nodes: Iterable[LexborNode], root: Root, page: str) -> Iterator[Listed]:
    for node in nodes:
        link = _lead(node, root, page)
        if link and not is_list(link.address) and not _OTHER.search(link.address):
            yield Listed(link=link, day=day_in(link.address))


def _lead(node: LexborNode, root: Root, page: str) -> Link | None:
    return root.find(node.attributes.get("href") or "", page)


def _once(posts: Iterable[Listed | None]) -> tuple[Listed, ...]:
    found: dict[str, Listed] = {}
    for post in posts:
        if post is not None:
            found.setdefault(post.link.address, post)
    return tuple(found.values())


def _after(tree: LexborHTMLParser, links: list[str], root: Root, page: str, address: str) -> str:
    """The page after this one: the one that it names so, or the one of the next number."""
    first, _, number = (
        address.rpartition("page/") if re.search(r"page/\d+/$", address) else (address, "", "1/")
    )
    for node in tree.css(_NEXT):
        found = _lead(node, root, page)
        if found and found.address.startswith(first) and found.address not in (first, address):
            return found.address
    following = f"{first}page/{int(number.rstrip('/')) + 1}/"
    return following if following in links else ""
