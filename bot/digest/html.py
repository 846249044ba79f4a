"""HTML to stretches: a rendered page, or the body of one, made lines again.

A page is turned back into the lines that its Markdown had, so that one reading of blocks serves
both; a note stays HTML. What tells the post's own part of a page is its heading with the date.
"""

import html
import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import accumulate

from selectolax.lexbor import LexborHTMLParser, LexborNode

from bot.digest.dates import is_dated
from bot.digest.front import Front
from bot.digest.markdown import Span, headings, spans
from bot.digest.page import Page
from bot.digest.restore import lines
from bot.digest.tidy import tidy
from bot.model import Problem

_PARTING = "h1, h2, details"
_ZONE = timedelta(hours=8)  # the blog's: Asia/Hong_Kong, which has no summer time
_CLOCK = re.compile(r"\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d)?)?")
_HEAD_TITLE = re.compile(r"<title\b[^<>]*>([^<>]{0,1000})", re.IGNORECASE)
_SITE = re.compile(r"\s+[|–—-]\s+[^|]*$")


def page(text: str) -> Page:
    """Gives the parts of a rendered page or of a feed entry's body."""
    tidied, wrong = tidy(text)
    problems = (Problem(line=None, place="page", reason=wrong),) if wrong else ()
    tree = LexborHTMLParser(tidied)
    front = _front(tree, _HEAD_TITLE.search(text, 0, 100_000))
    top = next((node for node in tree.css("h1") if is_dated(_said(node))), None)
    if top is None or top.parent is None:
        return Page(front=front, headings=(), stretches=(), problems=problems)
    nodes = list(_flat(top.parent))
    parts = [lines(node) + "\n\n" for node in nodes]
    starts = list(accumulate(map(len, parts), initial=1))
    restored = "".join(["\n", *parts])
    found = list(spans(restored, None))
    return Page(
        front=front,
        headings=tuple(title for _, title in headings(restored, [span.note for span in found])),
        stretches=tuple(replace(span.stretch, note=_note(span, nodes, starts)) for span in found),
        problems=problems,
    )


def _note(span: Span, nodes: list[LexborNode], starts: list[int]) -> str:
    """The markup of the elements that a note is made of."""
    begin, end = (bisect_left(starts, place) for place in span.note)
    return "\n".join(markup for node in nodes[begin:end] if (markup := (node.html or "").strip()))


def _flat(container: LexborNode) -> Iterator[LexborNode]:
    """The elements of a post in order; one that swallowed headings or figures, unclosed, gives its parts."""
    parting = {container.mem_id}
    for inner in container.css(_PARTING):
        above = inner.parent
        while above is not None and above.mem_id not in parting:
            parting.add(above.mem_id)
            above = above.parent
    waiting = [iter([container])]
    while waiting:
        node = next(waiting[-1], None)
        if node is None:
            waiting.pop()
        elif node.mem_id in parting and node.tag != "details":
            waiting.append(node.iter(include_text=True))
        else:
            yield node


def _front(tree: LexborHTMLParser, head: re.Match[str] | None) -> Front:
    """Gives what the page says about the post in its meta tags, or where its theme shows it."""
    titles = (_meta(tree, "og:title"), _first(tree, ".post-title"))
    named = _SITE.sub("", html.unescape(head[1]).strip()) if head else ""
    keywords = [word.strip() for word in _meta(tree, "keywords").split(",") if word.strip()]
    shown = [_said(node) for node in tree.css(".article-tag a, a[rel~=tag], .post-meta__tags")]
    return Front(
        title=next(filter(None, titles), named),
        written=_written(tree),
        author=_meta(tree, "author") or _meta(tree, "article:author") or _first(tree, ".reprint__author a"),
        description=_meta(tree, "description") or _meta(tree, "og:description"),
        categories=tuple(filter(None, map(_said, tree.css("a.post-meta-categories, a.post-category")))),
        tags=tuple(filter(None, _metas(tree, "article:tag") or shown or keywords)),
        url=_url(tree),
    )


def _metas(tree: LexborHTMLParser, name: str) -> list[str]:
    found = tree.css(f'meta[property="{name}"], meta[name="{name}"]')
    return [(node.attributes.get("content") or "").strip() for node in found]


def _meta(tree: LexborHTMLParser, name: str) -> str:
    return next(filter(None, _metas(tree, name)), "")


def _first(tree: LexborHTMLParser, selector: str) -> str:
    node = tree.css_first(selector)
    return _said(node) if node is not None else ""


def _said(node: LexborNode) -> str:
    return " ".join(node.text().split())


def _url(tree: LexborHTMLParser) -> str:
    """The page's own address: canonical, or the one that its licence notice names."""
    canonical = tree.css_first("link[rel=canonical]")
    address = (canonical.attributes.get("href") or "") if canonical is not None else ""
    notice = tree.css("#reprint-statement a, .post-copyright a")
    named = (_said(node) for node in notice if _said(node) == node.attributes.get("href"))
    return address.strip() or _meta(tree, "og:url") or next(named, "")


def _written(tree: LexborHTMLParser) -> str:
    """When the post was written, in the blog's own zone."""
    for node in (*tree.css("time[title]"), *tree.css(".post-date")):
        if found := _CLOCK.search(node.attributes.get("title") or _said(node)):
            return found[0].replace("T", " ")
    published = _meta(tree, "article:published_time")
    try:
        moment = datetime.fromisoformat(published.replace("Z", "+00:00"))
    except ValueError:
        return published
    offset = moment.utcoffset()
    local = moment if offset is None else moment.replace(tzinfo=None) - offset + _ZONE
    return local.isoformat(" ", "seconds")
