"""HTML elements to the Markdown lines that they were rendered from, as far as the shape of lines goes."""

import html
import re
from collections.abc import Iterator

from selectolax.lexbor import LexborNode

from bot.digest.unfold import unfold

_BREAK = re.compile(r"<br\b[^<>]*>\n?", re.IGNORECASE)
_FOOTNOTE = re.compile(r'<sup\b[^<>]*>\s*<a\b[^<>]*\bid="reffn_[^"<>]*"[^<>]*>([^<>]*)</a>\s*</sup>')
_TAG = re.compile(r'<(/?)([a-z][\w:-]*)((?:[^<>"]|"[^"]*")*+)>', re.IGNORECASE)
_HREF = re.compile(r'\bhref="([^"]*)"')
_MARKS = {"strong": "**", "b": "**", "code": "`"}
_TYPESET = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "–": "--", "—": "---", "…": "..."})
_IDEOGRAPH = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_QUOTED = str.maketrans({'"': "%22", "<": "%3C", ">": "%3E"})
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_LISTS = ("ul", "ol")
_PARTS = ("p", "div", "blockquote")
_DEEPEST = 8  # lists within lists

LAZY = ("data-lazy-src", "data-src", "data-original", "src")  # where pages keep an image that loads late


def lines(node: LexborNode) -> str:
    """The lines of an element: a heading, a list, a quote, figures or a paragraph."""
    return _straight(_lines(node, node.tag or "", quoted=False))


def _lines(node: LexborNode, name: str, quoted: bool) -> str:
    if name == "-text":
        return unfold(_text(node.html or ""))
    if name.startswith("-"):
        return ""
    if name in _HEADINGS:
        return "#" * int(name[1]) + " " + " ".join(_inline(node).split())
    if name == "details":
        return "\n".join(["<details>", *_images(node), "</details>"])
    if name in _LISTS:
        return _list(node, 0)
    if name == "blockquote" and not quoted:
        return _quote(node)
    return _inline(node)


def _straight(text: str) -> str:
    """English without the quotes and dashes that the site's renderer put in; arXiv writes them in ASCII."""
    if text.isascii() or _IDEOGRAPH.search(text):
        return text
    return text.translate(_TYPESET)


def _text(markup: str) -> str:
    return markup.replace("&nbsp;", "\u00a0")


def _images(node: LexborNode) -> Iterator[str]:
    for image in node.css("img"):
        address = next((found for name in LAZY if (found := image.attributes.get(name))), None)
        if address:
            yield f'<img src="{address.translate(_QUOTED)}">'


def _quote(node: LexborNode) -> str:
    parts = [_lines(child, child.tag or "", quoted=True) for child in node.iter(include_text=True)]
    said = "\n\n".join(part.strip() for part in parts if part.strip())
    return "\n".join(f"> {line}" if line.strip() else "" for line in said.split("\n"))


def _list(node: LexborNode, depth: int) -> str:
    """Items, a line each; what is nested in an item stands below it, moved in."""
    out: list[str] = []
    margin = "    " * depth
    for nth, item in enumerate((child for child in node.iter() if child.tag == "li"), 1):
        own, nested = _own(item, depth)
        mark = f"{nth}. " if node.tag == "ol" else "- "
        if own:
            out.append(margin + mark + own[0].replace("\n", "\n" + margin))
            out += (f"\n{margin}    {part}" for part in own[1:])
            out += nested
        else:  # "- 1. text": a list that is all that its item holds
            out += [part.removeprefix("    ") if not depth else part for part in nested]
    return "\n".join(out)


def _own(item: LexborNode, depth: int) -> tuple[list[str], list[str]]:
    """Gives the paragraphs of a list item itself, and the lists in it."""
    if item.css_first("ul, ol, p, div, blockquote") is None:
        said = _inline(item).strip()
        return ([said] if said else []), []
    paragraphs: list[list[str]] = [[]]
    nested: list[str] = []
    for child in item.iter(include_text=True):
        if child.tag in _LISTS and depth < _DEEPEST:
            nested.append(_list(child, depth + 1))
        elif child.tag in _PARTS:
            paragraphs += [[child.inner_html or ""], []]
        else:
            paragraphs[-1].append(child.html or "")
    said_parts = (_markup("".join(part)).strip() for part in paragraphs)
    return [part for part in said_parts if part], nested


def _inline(node: LexborNode) -> str:
    return _markup(node.inner_html or "")


def _markup(markup: str) -> str:
    """Markup of a paragraph with Markdown's marks for bold, emphasis, code and links; its entities stay."""
    if "<" not in markup:
        return _text(markup)
    markup = _FOOTNOTE.sub(r"[^\1]", _BREAK.sub("\n", markup))
    out: list[str] = []
    links: list[tuple[int, str]] = []
    emphasis: list[str] = []
    at = dollars = 0
    for match in _TAG.finditer(markup):
        before = markup[at : match.start()]
        at = match.end()
        out.append(before)
        dollars += before.count("$")
        closing, name = bool(match[1]), match[2].lower()
        if name in _MARKS:
            out.append(_MARKS[name])
        elif name in ("em", "i"):
            if not closing:
                emphasis.append("_" if dollars % 2 else "*")  # in LaTeX it was an index
            out.append((emphasis.pop() if emphasis else "") if closing else emphasis[-1])
        elif name == "a" and not closing:
            found = _HREF.search(match[3])
            links.append((len(out), html.unescape(found[1]) if found else ""))
        elif name == "a" and links:
            begin, address = links.pop()
            out[begin:] = [_link("".join(out[begin:]), address)]
    return _text("".join(out) + markup[at:])


def _link(label: str, address: str) -> str:
    """A link; one that is its own label, or goes nowhere, is the label."""
    if not label.strip() or label == address or address[:1] in ("", "#") or re.search(r"[\[\]\n]", label):
        return label
    return f"[{label}]({address.replace(' ', '%20').translate(_QUOTED)})"
