"""Texts that show nothing, and addresses that lead nowhere."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from tests.fakes.discord.refusal import Fault, fault, strict, too_long

_NOTHING = re.compile(
    r"[\s\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164"
    r"\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]+"
)
_WRONG = re.compile(r"[\s<>\"\\^`{|}\x00-\x1f\x7f]")


def blank(text: str) -> bool:
    """Whether a text has signs, but none that is seen."""
    return bool(_NOTHING.fullmatch(text))


def web_address(
    address: str, *path: str | int, own: bool = False, most: int = 2048, schemes: tuple[str, ...] = ()
) -> Iterator[Fault]:
    """What is wrong with an address; `own` where attached files may be meant."""
    schemes = schemes or (("http", "https", "attachment") if own else ("http", "https"))
    scheme, separator, _rest = address.partition(":")
    if len(address) > most:
        yield too_long(most, *path)
    elif not separator or _WRONG.search(address):
        yield fault(*path, code="URL_TYPE_INVALID_URL", text="Not a well formed URL.")
    elif scheme.lower() not in schemes:
        told = f'Scheme "{scheme.lower()}" must be one of {schemes!r}.'
        yield fault(*path, code="URL_TYPE_INVALID_SCHEME", text=told)
    elif scheme.lower() != "attachment" and not _hosted(address):
        yield fault(*path, code="URL_TYPE_INVALID_URL", text="Not a well formed URL.")
    elif not address.isascii():
        yield strict(*path, text="an address in other signs than ASCII")


def _hosted(address: str) -> bool:
    try:
        parts = urlsplit(address)
        parts.port  # noqa: B018  raises where it is no number
    except ValueError:
        return False
    labels = (parts.hostname or "").rstrip(".").split(".")
    return len(labels) > 1 and all(0 < len(label) <= 63 for label in labels)
