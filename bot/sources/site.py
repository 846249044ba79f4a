"""A blog made by Hexo: its archive tells which posts there are, and each post has a page of its own."""

from collections.abc import AsyncGenerator, Collection, Iterator, Mapping
from dataclasses import replace

from bot.errors import SourceError
from bot.sources.archive import is_list
from bot.sources.base import Given, Page, Seen, Unreadable
from bot.sources.months import WHOLE, Found, Walk, lists_of
from bot.sources.root import Root
from bot.sources.stamps import Fingerprint
from bot.sources.visits import DAY, Visit, Visits, due, queue

NOTHING = Fingerprint().write()


class Site:
    """Asks for the newest list of posts at every look, and once a day for all of them."""

    def __init__(self, given: Given) -> None:
        self.name = given.name
        self.every = given.every
        self._root = Root.of(given.url)
        self._since = given.since
        self._clock = given.clock
        self._visits = Visits(self._root, given.limits, given.clock)

    async def fetch(self, known: Mapping[str, str]) -> AsyncGenerator[Page | Seen | Unreadable, None]:
        """The posts that are new or changed against the known fingerprints, oldest first; see `Source`.

        What was found before a trouble is given, and what could not be read then is waiting for the
        next look, which begins with others.
        """
        walk = self._walk(known)
        trouble, walked = await self._look(walk)
        if trouble is not None and not walk.pages:
            raise trouble
        failed = {address for last in walk.lists.values() for address in last.failed}
        left, work = _plan(walk, failed)
        told = dict(walk.known)
        # Told before the posts are read, too: a look that is ended amid them leaves none behind.
        for seen in _lists(walk, left, failed, walked, told):
            yield seen
        try:
            async for found in self._visits.read(work, left, failed):
                yield found
        except SourceError as exc:
            trouble = exc
        for seen in _lists(walk, left, failed, walked, told):
            yield seen
        if trouble is not None:
            raise trouble

    async def probe(self) -> str:
        """How many posts the first page of the newest list has."""
        found = await self._walk({}).first()
        more = " or more" if found.print.after else ""
        month = found.address.removeprefix(WHOLE).strip("/").replace("/", "-")
        return f"{len(found.posts)}{more} posts{f' in {month}' if month else ''}"

    async def close(self) -> None:
        """End the connections."""
        await self._visits.close()

    def _walk(self, known: Mapping[str, str]) -> Walk:
        return Walk(
            root=self._root,
            visits=self._visits,
            known=known,
            lists=lists_of(known),
            now=self._clock(),
            since=self._since,
        )

    async def _look(self, walk: Walk) -> tuple[SourceError | None, int | None]:
        """Read the lists; what went wrong, and when all were read, None where that is as it was.

        What a list that cannot be had would have led to is found by reading all of them at the next look.
        """
        last = walk.lists.get(WHOLE, Fingerprint())
        is_due = not walk.now - DAY < last.asked <= walk.now  # a clock that ran ahead is no reason to wait
        try:
            await walk.newest()
            if is_due:
                await walk.everything()
        except SourceError as exc:
            return exc, 0 if WHOLE in walk.lists else None
        return None, int(walk.now) if is_due else None


def _plan(walk: Walk, failed: Collection[str]) -> tuple[dict[str, str], list[Visit]]:
    """The posts not read yet, with their URLs, and all that is to be asked for, in order."""
    waiting = {address: url for last in walk.lists.values() for address, url in last.waiting.items()}
    new: dict[str, Visit] = {}
    for post in (post for page in walk.pages.values() for post in page.posts):
        address, url = post.link.address, post.link.url
        if address not in walk.known and address not in waiting:
            new.setdefault(address, Visit(address=address, url=url, day=post.day))
    fresh = sorted(new.values(), key=lambda visit: (visit.day or "9", visit.address))
    again = [
        Visit(address=address, url=url, listed=address not in walk.unlisted)
        for address, url in waiting.items()
        if address not in walk.known
    ]
    left = {visit.address: visit.url for visit in (*fresh, *again)}
    grown = due(walk.known, int(walk.now), lambda address, _: is_list(address))
    return left, queue(fresh, again, grown, failed)


def _lists(
    walk: Walk, waiting: Mapping[str, str], failed: set[str], walked: int | None, told: dict[str, str]
) -> Iterator[Seen]:
    """What is to be remembered of lists, where that is not what was told of them last."""
    idle = (Found(address=address, print=last) for address, last in walk.lists.items())
    found: dict[str, Found] = {}
    # The last page first, since only those before it lead to it; and last that they were walked through.
    for page in reversed([*idle, *walk.gone(), *walk.pages.values()]):
        found.setdefault(page.address, page)
    whole = found.pop(WHOLE, Found(address=WHOLE, print=Fingerprint()))
    if walked is not None:
        whole = replace(whole, print=replace(whole.print, asked=walked))
    for page in (*found.values(), whole):
        own = {post.link.address for post in page.posts} | set(page.print.waiting)
        left = {address: url for address, url in waiting.items() if address in own}
        text = replace(page.print, waiting=left, failed=[each for each in left if each in failed]).write()
        if text != told.get(page.address, NOTHING):
            told[page.address] = text
            yield Seen(address=page.address, fingerprint=text)


make = Site
