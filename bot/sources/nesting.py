"""Whether a page can be parsed at all: tags that nest without end take a parser quadratic time."""

import re

LONGEST = 2_500_000  # characters; a post's page has 400,000, a page of an archive 93,000
DEEPEST = 200  # tags that are open at a time; real pages have 30

_TAG = re.compile(r"<(/?)([a-zA-Z][\w-]{0,30})")
_SINGLE = frozenset(  # never open for long: they hold nothing, or the next of their kind closes them
    "p li dt dd br img hr input meta link wbr source area base col embed param track html head body".split()
)


def is_sane(text: str) -> bool:
    """Whether a page is no longer, and nests its tags no deeper, than pages do."""
    if len(text) > LONGEST:
        return False
    opened: dict[str, int] = {}
    depth = 0
    for closing, name in _TAG.findall(text):
        name = name.lower()
        if name in _SINGLE:
            continue
        if not closing:
            opened[name] = opened.get(name, 0) + 1
            depth += 1
            if depth > DEEPEST:
                return False
        elif opened.get(name):
            opened[name] -= 1
            depth -= 1
    return True
