"""A feed with whole posts; entries that hold none are followed to their page."""

import asyncio
from collections.abc import AsyncGenerator, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import unquote, urlsplit

from bot.errors import SourceError
from bot.model import Format, RawPost
from bot.sources.base import Given, Page, Seen, Unreadable
from bot.sources.entries import Entries, Item, read_feed
from bot.sources.http import FEEDS
from bot.sources.root import Root, join
from bot.sources.stamps import Fingerprint, digest, parse
from bot.sources.visits import Visit, Visits, due, queue

KINDS = (*FEEDS, "text/*", "application/xhtml+xml")  # a page is taken, too, to tell what is wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """A feed as it is now."""

    print: Fingerprint
    entries: Entries | None  # None where it is as it was


class Feed:
    """Asks for a feed at every look, and once a day for the pages of entries without content."""

    def __init__(self, given: Given) -> None:
        self.name = given.name
        self.every = given.every
        self._url = given.url.strip()
        self._root = Root.of(join(self._url, "."))
        self._clock = given.clock
        self._visits = Visits(self._root, given.limits, given.clock)
        parts = urlsplit(self._url)
        self._address = unquote(f"{parts.path or '/'}?{parts.query}".rstrip("?"))

    async def fetch(self, known: Mapping[str, str]) -> AsyncGenerator[Page | Seen | Unreadable, None]:
        """The entries that are new or changed against the known fingerprints, oldest first; see `Source`."""
        read = await self._read(parse(known.get(self._address, "")))
        items = read.entries.items if read.entries else ()
        for page in _changed(items, known):
            yield page
        failed = set(read.print.failed)
        left, work = self._plan(items, read.print, known)
        trouble: SourceError | None = None
        try:
            async for found in self._visits.read(work, left, failed):
                yield found
        except SourceError as exc:
            trouble = exc
        for reason in read.entries.troubles if read.entries else ():
            yield Unreadable(address=self._address, reason=reason)
        whole = not (read.entries and read.entries.troubles)
        last = read.print if whole else Fingerprint()
        text = replace(last, waiting=left, failed=[each for each in left if each in failed]).write()
        if text != known.get(self._address):
            yield Seen(address=self._address, fingerprint=text)
        if trouble is not None:
            raise trouble

    async def probe(self) -> str:
        """How many entries it has, and of which day the newest is."""
        read = await self._read(Fingerprint())
        items = read.entries.items if read.entries else ()
        newest = max((item.published[:10] for item in items), default="")
        return f"{len(items):,} entries{f', the newest of {newest}' if newest else ''}"

    async def close(self) -> None:
        """End the connections."""
        await self._visits.close()

    async def _read(self, last: Fingerprint) -> _Read:
        answer = await self._visits.ask(self._url, last.stamp, KINDS)
        if answer is None:
            return _Read(print=last, entries=None)
        hashed = digest(answer.data)
        current = replace(last, stamp=answer.stamp, digest=hashed)
        if hashed == last.digest:
            return _Read(print=current, entries=None)
        kind = answer.headers.get("content-type", "")
        entries = await asyncio.to_thread(read_feed, answer.data, kind, answer.url, self._root)
        return _Read(print=current, entries=entries)

    def _plan(
        self, items: Collection[Item], last: Fingerprint, known: Mapping[str, str]
    ) -> tuple[dict[str, str], list[Visit]]:
        """The posts not read yet, with their URLs, and all that is to be asked for, in order."""
        waiting = last.waiting
        whole = {item.link.address for item in items if item.content}
        fresh = [
            Visit(address=item.link.address, url=item.link.url, day=item.published[:10])
            for item in items
            if item.url and not any(item.link.address in those for those in (whole, known, waiting))
        ]
        there = {item.link.address for item in items} or waiting
        again = [
            Visit(address=address, url=url, listed=address in there)
            for address, url in waiting.items()
            if address not in known and address not in whole
        ]
        left = {visit.address: visit.url for visit in (*fresh, *again)}
        grown = due(known, int(self._clock()), lambda address, last: not last.asked or address in whole)
        return left, queue(fresh, again, grown, last.failed)


def _changed(items: Iterable[Item], known: Mapping[str, str]) -> Iterable[Page | Unreadable]:
    """The entries with content that are new or changed, and those that nothing can be made of."""
    for item in items:
        if not item.content:
            if not item.url:
                reason = f"{item.link.address}: an entry of the feed has neither the post nor a link to it"
                yield Unreadable(address=item.link.address, reason=reason)
            continue
        data = item.page
        hashed = digest(data)
        if parse(known.get(item.link.address, "")).digest != hashed:
            raw = RawPost(address=item.link.address, data=data, url=item.url or None, format=Format.HTML)
            yield Page(address=item.link.address, fingerprint=Fingerprint(digest=hashed).write(), raw=raw)


make = Feed
