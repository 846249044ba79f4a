"""HTML made safe to parse: no scripts, no comments, no broken tags, no endless nesting.

A parser that follows the standard takes quadratic time where tags nest without end or bold never
closes. So each tag is looked at once here, and the page ends where too many of them are open.
"""

import re

LONGEST = 2_500_000  # characters; a post's page has 400,000
DEEPEST = 200  # tags that are open at a time; a post's page has 20

_UNSEEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style|textarea|title|xmp|iframe|noembed|noframes|noscript|template|svg|math|select)"
    r"\b[^<>]*>.*?(?:</\1\s*>|\Z)",
    re.IGNORECASE | re.DOTALL,
)
_TAG = re.compile(
    r"<(/?)([a-z][\w:-]*)(?:\s+[^\s\"'<>=/]+(?:\s*=\s*(?:\"[^\"<>]*\"|'[^'<>]*'|[^\s\"'<>=`]+))?)*+\s*/?>"
    r"|<[!?/][^<>]*>|<",
    re.IGNORECASE,
)
_SINGLE = frozenset(  # never open for long: they hold nothing, or the next of their kind closes them
    "p li dd dt br img hr input meta link wbr source area base col embed param track html head body".split()
)
_KEPT = frozenset("h1 h2 details summary strong b a ol ul blockquote".split())  # what papers are made of
_SPARE = 50
_DEEP = "nests its tags too deep, so not all of it is read"
_PLAIN = frozenset("plaintext frameset frame".split())


def tidy(text: str) -> tuple[str, str | None]:
    """Gives the page with its tags in order, and a sentence on what had to be left out, if anything had."""
    wrong = "is too long, so its end is not read" if len(text) > LONGEST else None
    text = _UNSEEN.sub("", text[:LONGEST])
    kept: list[str] = []
    opened: dict[str, int] = {}
    depth = at = 0
    for match in _TAG.finditer(text):
        name = (match[2] or "").lower()
        if name in _SINGLE:
            continue
        if not name or name in _PLAIN or (depth >= DEEPEST and not match[1] and name not in _KEPT):
            kept += (text[at : match.start()], "&lt;" if match[0] == "<" else "")
            at = match.end()
            wrong = _DEEP if name and name not in _PLAIN else wrong
        elif not match[1]:
            opened[name] = opened.get(name, 0) + 1
            depth += 1
            if depth > DEEPEST + _SPARE:
                return "".join(kept) + text[at : match.start()], _DEEP
        elif opened.get(name):
            opened[name] -= 1
            depth -= 1
    return "".join(kept) + text[at:], wrong
