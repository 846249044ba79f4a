"""A paper that the site's renderer left as Markdown, and its minifier put on one line, in lines again.

That happens where raw HTML stands right before the paper's heading. Blanks are all that is left of
the line ends, so they are found by what follows: bold labels, the link, and items in their order.
"""

import re

_LABEL = re.compile(r"(?<![-*•.、) \t])[ \t]+(\*\*(?=[^\s*])[^*\n]{1,4000}\*\*)(?=\s|\Z)")
_LINK = re.compile(r"(?<![ \t])[ \t]+(?=\[[^\[\]\n]{1,40}\]\(https?://[^()\s]{0,60}arxiv)", re.IGNORECASE)
_BULLET = re.compile(r"[-*•][ \t]")
_NUMBER = re.compile(r"1[.、)]")


def unfold(text: str) -> str:
    """Gives the text with a line for each part of the paper; one with lines of its own stays as it is."""
    if not text.lstrip().startswith("##") or "\n" in text.strip() or "**" not in text:
        return text
    text = _LINK.sub("\n\n", _LABEL.sub(r"\n\n\1\n", text.strip()), count=1)
    return "\n".join(_items(line.strip()) for line in text.split("\n"))


def _items(line: str) -> str:
    """A list that stands on one line, as a line for each item."""
    if bullet := _BULLET.match(line):
        return line.replace(f" {bullet[0]}", f"\n{bullet[0]}")
    if not _NUMBER.match(line):
        return line
    parts, at = [], 0
    for number in range(2, 200):
        after = line.find(f" {number}{line[1]}", at)
        if after < 0:
            break
        parts.append(line[at:after])
        at = after + 1
    return "\n".join([*parts, line[at:]])
