"""Walks through the archive of a blog by month and page, asking again only for what changed."""

import asyncio
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bot.errors import Missing, SourceError
from bot.sources.archive import Listed, Sheet, is_list, read_sheet
from bot.sources.charset import decode
from bot.sources.http import Answer
from bot.sources.root import Root
from bot.sources.show import show
from bot.sources.stamps import Fingerprint, digest, parse
from bot.sources.visits import DAY, Visits, day_at

WHOLE = "archives/"  # lists all posts; its fingerprint says, too, when the archive was last walked through
MOST_PAGES = 200  # of one list
AHEAD = 14 * 3600  # seconds: no zone is further ahead of UTC, and a blog's month begins by its own clock

_PAGE = re.compile(r"page/(\d{1,9})/$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A page of the archive as it is now."""

    address: str
    print: Fingerprint  # what is to be remembered of it
    posts: tuple[Listed, ...] = ()  # empty where it has not changed since the last look


@dataclass(slots=True, kw_only=True)
class Walk:
    """One look at the lists of a site's posts, and what it has found so far."""

    root: Root
    visits: Visits
    known: Mapping[str, str]
    lists: Mapping[str, Fingerprint]  # those of the known that are lists
    now: float
    since: float  # how far back a whole walk goes, in seconds
    pages: dict[str, Found] = field(default_factory=dict)
    _without: dict[str, str] = field(default_factory=dict)  # addresses that hold no list, and why
    _beyond: set[str] = field(default_factory=set)  # pages after the last one of their list

    async def newest(self) -> None:
        """The newest list as far as it brings anything unknown.

        Raises:
            SourceError: it cannot be had; or all lists are gone that were there.
        """
        months = self._months(28 * DAY)[:2]
        for first in [WHOLE] if self._is_one_list() else months:
            if await self._chain(first):
                return
        there = [first for first, last in self.lists.items() if last.digest and "page/" not in first]
        for first in [max(there), *months, WHOLE] if there else []:
            if await self._chain(first):
                return
        if there:
            raise SourceError(self._lost())

    async def everything(self) -> None:
        """All pages of all lists, as far back as is wanted.

        Raises:
            SourceError: one cannot be had; or there is none at all, and never was.
        """
        for month in self._months(self.since):
            await self._chain(month, whole=True)
        if self._is_one_list() or not (self.pages or any(last.digest for last in self.lists.values())):
            await self._chain(WHOLE, whole=True)
        if not self.pages:
            raise SourceError(self._lost())

    async def first(self) -> Found:
        """The first page of the newest list.

        Raises:
            SourceError: there is none.
        """
        for address in (*self._months(28 * DAY)[:2], WHOLE):
            if (found := await self._page(address)) is not None:
                return found
        raise SourceError(self._lost())

    def gone(self) -> list[Found]:
        """The lists that are no longer there, to be forgotten."""
        lost = [address for address in self._no_lists if self.lists.get(address, Fingerprint()).digest]
        return [Found(address=address, print=Fingerprint()) for address in lost] if self.pages else []

    @property
    def unlisted(self) -> set[str]:
        """The posts not read yet that are no longer where they were listed."""
        changed = [page for page in self.pages.values() if page.posts]
        gone = [last for address, last in self.lists.items() if address in self._no_lists]
        waiting = {address for last in (*gone, *(page.print for page in changed)) for address in last.waiting}
        return waiting - {post.link.address for page in changed for post in page.posts}

    @property
    def _no_lists(self) -> set[str]:
        return self._without.keys() | self._beyond

    def _is_one_list(self) -> bool:
        """Whether the site was found to have no lists by month."""
        last = self.lists.get(WHOLE)
        return last is not None and last.digest != ""

    def _months(self, back: float) -> list[str]:
        """The lists of the months, newest first."""
        oldest = day_at(self.now - back)[:7]
        year, month = map(int, day_at(self.now + AHEAD).split("-")[:2])
        found: list[str] = []
        while f"{year}-{month:02}" >= oldest or len(found) < 2:
            found.append(f"{WHOLE}{year}/{month:02}/")
            year, month = (year, month - 1) if month > 1 else (year - 1, 12)
        return found

    async def _chain(self, first: str, *, whole: bool = False) -> bool:
        """Follow a list's pages, all of them or until one brings nothing unknown; whether it is there."""
        address, oldest = first, day_at(self.now - self.since)
        for _ in range(MOST_PAGES):
            found = await self._page(address)
            if found is None:
                self._end(first, at=_number(address) - 1)
                return address != first
            past = first == WHOLE and "" < found.print.day < oldest
            if not found.print.after:
                self._end(first, at=_number(address))
            if past or not found.print.after or not (whole or await self._brings(found)):
                return True
            address = found.print.after
        return True

    def _end(self, first: str, *, at: int) -> None:
        """Know that a list has no pages after that one, however many there were."""
        pages = (address for address in self.lists if address.startswith(f"{first}page/"))
        self._beyond.update(address for address in pages if _number(address) > at)

    async def _brings(self, found: Found) -> bool:
        waiting = {address for last in self.lists.values() for address in last.waiting}
        for post in found.posts:
            address = post.link.address
            unknown = address not in self.known and address not in waiting
            if unknown and await self.visits.allows(address, post.link.url):
                return True
        return False

    async def _page(self, address: str) -> Found | None:
        """A page of a list; None where there is none."""
        if address in self.pages or address in self._without:
            return self.pages.get(address)
        last = self.lists.get(address, Fingerprint())
        try:
            answer = await self.visits.ask(self.root.ask(address), last.stamp)
        except Missing as exc:
            self._without[address] = "there is nothing (404)" if "404" in str(exc) else "it is gone"
            return None
        if answer is None:
            found = Found(address=address, print=last)
        else:
            sheet = await asyncio.to_thread(_read, answer, self.root, address)
            if not sheet.posts:
                self._without[address] = "it links to no posts"
                return None
            found = Found(address=address, print=_print(answer, sheet, last), posts=sheet.posts)
        self.pages[address] = found
        return found

    def _lost(self) -> str:
        """That there is no list of posts, and how to mend it."""
        asked = "; ".join(f"{show(self.root.read(address))}: {why}" for address, why in self._without.items())
        if any(last.digest for last in self.lists.values()):
            return (
                f"the archive that was there is gone: {asked}; the blog may have moved: open it in a browser "
                "and write its new address as the url of this source"
            )
        return (
            f"no list of posts is there: {asked}; check the url: it has to be the blog's first page, "
            "with the whole path to it"
        )


def _read(answer: Answer, root: Root, address: str) -> Sheet:
    text = decode(answer.data, answer.headers.get("content-type", ""))
    return read_sheet(text, answer.url, root.seen_from(address, answer.url), address)


def _number(address: str) -> int:
    """Which page of its list an address is."""
    found = _PAGE.search(address)
    return int(found[1]) if found else 1


def _print(answer: Answer, sheet: Sheet, last: Fingerprint) -> Fingerprint:
    links = (f"{post.link.address} {post.link.url}" for post in sheet.posts)
    return Fingerprint(
        stamp=answer.stamp,
        digest=digest("\n".join(links)),
        asked=last.asked,
        day=_newest_day(sheet.posts),
        after=sheet.after,
        waiting=last.waiting,
    )


def _newest_day(posts: Iterable[Listed]) -> str:
    """The newest day of posts, if all of them have one."""
    days = [post.day for post in posts]
    return max(days) if all(days) else ""


def lists_of(known: Mapping[str, str]) -> dict[str, Fingerprint]:
    """The fingerprints of those of the known that are lists."""
    return {address: parse(text) for address, text in known.items() if is_list(address)}
