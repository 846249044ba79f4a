"""Reads things over HTTP: politely, within limits, and only once what has not changed."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from bot.sources.base import Limits

PAGES = ("text/html", "application/xhtml+xml", "text/plain", "text/markdown", "text/x-markdown")
FEEDS = ("application/atom+xml", "application/rss+xml", "application/rdf+xml", "application/xml", "text/xml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """What a server says a thing is recognised by, as it said it; empty: nothing."""

    etag: str = ""
    modified: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a server gave."""

    url: str  # where it was found in the end
    data: bytes  # unpacked
    stamp: Stamp
    headers: Mapping[str, str]  # names in lower case


class Web:
    """Asks the server of one source, one request at a time with a pause between them."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits

    async def get(
        self,
        url: str,
        *,
        stamp: Stamp | None = None,
        kinds: Collection[str] = PAGES,
        headers: Mapping[str, str] | None = None,
    ) -> Answer | None:
        """What is at an address; None where it is still what the stamp says.

        Raises:
            Missing: there is nothing there (404, 410).
            Busy: the server asks to be left alone (429, 503 with a time); until then it is not asked.
            SourceError: it cannot be had within the limits; says what, where and how to mend it.
        """
        raise NotImplementedError

    async def close(self) -> None:
        """End the connections."""
