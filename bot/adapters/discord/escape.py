"""Discord's Markdown: text that shows as it is written, and links that hold.

A backslash takes the meaning from any punctuation, except inside the text of a masked link, where
the client shows it (https://github.com/discord/discord-api-docs/issues/6185) and where an address
undoes the whole link (issue 7721 there). A link whose text would need either stands behind its
text, under the name of its host.
"""

import re
from urllib.parse import quote, urlsplit

from bot.adapters.discord import limits

# What means something anywhere in a line: marks, mentions, names of emoji, control characters.
_CONTROLS = r"\r\n?|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]"
_MARKS = rf"[\\*_`~|\[<]|@(?=everyone|here)|:(?=[\w+\-]+:)|{_CONTROLS}"
# The client links an address by itself, and a backslash in it would become part of it.
_MEANING = re.compile(r"https?://[A-Za-z0-9\-._~:/?#@!$&'(),;=%+]+|" + _MARKS)
_LITERAL = re.compile(r"https?:(?=//)|" + _MARKS)
_MASKED = re.compile(rf"@(?=everyone|here)|{_CONTROLS}")
# What means something at the start of a line: headings, quotes, small print, lists.
_LINE = re.compile(r"(?m)^([^\S\n]*(?:\d+(?=[.)](?:\s|$)))?)((?:#{1,3}|>{1,3}|-#?|\+|(?<=\d)[.)])(?=\s|$))")
# What the text of a masked link cannot hold; an underscore within a word is harmless.
_UNMASKABLE = re.compile(
    r"[\\`\[\]\n]|https?://|~~|\|\||\*.*\*|<[@#:/A-Za-z]|:[\w+\-]+:|(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])"
)
_PUNCTUATION = frozenset(".,:;!?'\"_~([")
_CLOSING = {")": "(", "]": "["}
_SHORTEST = len("https://a.b")
_SAFE_ADDRESS = re.compile(
    r"https?://[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)+(?::\d{1,5})?(?:[/?#][A-Za-z0-9\-._~:/?#@!$&',;=%+]*)?"
    r"(?<![.,:;!?'])"
)
_HOST = re.compile(r"[A-Za-z0-9\-_]+(?:\.[A-Za-z0-9\-_]+)+\.?")
# What Discord trims, or shows as nothing.
_NOTHING = re.compile(
    r"[\s\x00-\x1f\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    r"\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]*"
)


def blank(text: str) -> bool:
    """Whether a text shows nothing: Discord refuses it as a title."""
    return _NOTHING.fullmatch(text) is not None


def escape(text: str, *, followed: bool = False) -> str:
    """The text as Markdown that shows it; `followed` says that more comes right behind it."""
    if followed and "://" in text:
        text += "\0"  # keeps an address from running on; itself it is dropped
    return _MEANING.sub(_take, text)


def begin(markdown: str) -> str:
    """Escaped text for the start of a line, so that no line of it is a heading, a quote or a list."""
    if "\n" not in markdown and _LINE.match(markdown) is None:
        return markdown
    return _LINE.sub(r"\1\\\2", markdown)


def link(text: str, target: str, *, styled: bool = False) -> str:
    """The text as a link to what `address` gave, in whichever form the client shows both."""
    if text == target:
        return f"<{target}>"
    if _UNMASKABLE.search(text) or (styled and "*" in text):
        return f"{begin(_LITERAL.sub(_take, text))} [{urlsplit(target).hostname}]({target})"
    return f"[{_MASKED.sub(_take, text)}]({target})"


def address(url: str | None) -> str | None:
    """The address in ASCII, fit for Discord and for Markdown; None where Discord would refuse it."""
    if url is None or len(url) > limits.ADDRESS:
        return None
    if _SAFE_ADDRESS.fullmatch(url) is not None:
        return url
    url = quote(_in_ascii(url.strip()), safe="-._~:/?#@!$&',;=%+", errors="replace")
    if url[-1:] in (".", ",", ":", ";", "!", "?", "'"):
        url = f"{url[:-1]}%{ord(url[-1]):02X}"
    return url if len(url) <= limits.ADDRESS and _HOST.fullmatch(_host(url)) else None


def _host(url: str) -> str:
    """The host of an http or https address; empty for anything else."""
    try:
        parts = urlsplit(url)
        return (parts.hostname or "") if parts.scheme in ("http", "https") else ""
    except ValueError:
        return ""


def _in_ascii(url: str) -> str:
    """The address with its host in ASCII, where it has another."""
    host = _host(url)
    if host.isascii():
        return url
    try:
        return url.replace(host, host.encode("idna").decode(), 1)
    except UnicodeError:
        return ""


def _take(match: re.Match[str]) -> str:
    found = match[0]
    if len(found) > 2:
        return _take_address(found, match.string[match.end() : match.end() + 1])
    if found == "@":
        return "@\u200b"
    if found in "\\*_`~|[<:":
        return "\\" + found
    if found[0] == "\r":
        return "\n"
    return "\ufffd" if found >= "\ud800" else ""


def _take_address(found: str, behind: str) -> str:
    """An address bare where the client sees its end, in angle brackets elsewhere."""
    if found in ("http:", "https:"):
        return found + "\\"
    end = _end(found)
    if end < _SHORTEST:
        return _LITERAL.sub(_take, found)
    if end == len(found) and not behind.strip():
        return found
    return f"<{found[:end]}>{_LITERAL.sub(_take, found[end:])}"


def _end(address: str) -> int:
    """Where the address ends and the punctuation of the sentence around it begins."""
    end = len(address)
    surplus = {right: address.count(right) - address.count(left) for right, left in _CLOSING.items()}
    while end and (address[end - 1] in _PUNCTUATION or surplus.get(address[end - 1], 0) > 0):
        end -= 1
        if address[end] in surplus:
            surplus[address[end]] -= 1
    return end
