"""Text as written, with the marks of Markdown taken off; LaTeX, backslashes and quotes stay."""

import html
import re

_LINKED = re.compile(
    r"!?\[([^\[\]\n]*)\]"
    r"\([ \t]*+<?([^()\s<>]*+(?:\([^()\s<>]*+\)[^()\s<>]*+)*+)>?(?:[ \t]+\"[^\"\n]*\")?[ \t]*\)"
)
_AUTOLINK = re.compile(r"<((?:https?|mailto):[^<>\s]+)>")
_BOLD = re.compile(r"(?<![*\\])\*\*(?!\*)")
_UNDERLINED = re.compile(r"(?<!\w)__(?=[^\s_])([^_\n$]+)__(?!\w)")
_EMPHASIS = re.compile(
    r"(?<![^\s(\[（「“‘\"'，。：；、])([*_])(?=[^\s*_])([^*_\n]*[^\s*_\\])\1(?![^\s)\]）」”’\"',.:;!?，。：；、！？])"
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")


def plain(text: str) -> str:
    """The text without emphasis, with links as their label, with character references decoded."""
    if "](" in text:
        text = _LINKED.sub(r"\1", text)
    if "<" in text:
        text = _AUTOLINK.sub(r"\1", text)
    if "**" in text:
        text = _unbold(text)
    if "__" in text:
        text = _UNDERLINED.sub(r"\1", text)
    if "*" in text or "_" in text:
        text = _unlean(text)
    if "&" in text:
        text = _ENTITY.sub(_character, text)
    return text.strip()


def addressed(text: str) -> str:
    """The text with the address of every link beside its label, for who looks for addresses."""
    if "](" in text:
        text = _LINKED.sub(_beside, text)
    return plain(text)


def _beside(match: re.Match[str]) -> str:
    label, address = match[1].strip(), match[2]
    return label if label.startswith(address) or not address else f"{label} {address} "


def _unbold(text: str) -> str:
    """Pairs of ** go; a last one without its pair stays as it is, and so do longer runs."""
    parts = _BOLD.split(text)
    if len(parts) % 2:
        return "".join(parts)
    return "".join(parts[:-1]) + "**" + parts[-1]


def _unlean(text: str) -> str:
    """Emphasis goes, except between dollars: in LaTeX, stars and underscores mean something else."""
    parts = text.split("$")
    parts[::2] = [_EMPHASIS.sub(r"\2", part) for part in parts[::2]]
    return "$".join(parts)


def _character(match: re.Match[str]) -> str:
    return html.unescape(match[0])
