"""A blog made by Hexo: its archive tells which posts there are, and each post has a page of its own."""

from collections.abc import AsyncGenerator, Iterable, Mapping
from dataclasses import replace

from bot.errors import SourceError
from bot.sources.archive import is_list
from bot.sources.base import Given, Page, Seen, Unreadable
from bot.sources.months import WHOLE, Found, Walk, lists_of
from bot.sources.root import Root
from bot.sources.stamps import Fingerprint
from bot.sources.visits import DAY, Visit, Visits, due


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
        left, work = _plan(walk)
        try:
            async for found in self._visits.read(work, left):
                yield found
        except SourceError as exc:
            trouble = exc
        for seen in _lists(walk, left, walked):
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

    async def _look(self, walk: Walk) -> tuple[SourceError | None, bool]:
        """Read the lists; what went wrong, and whether all were read."""
        last = walk.lists.get(WHOLE, Fingerprint())
        is_due = last.asked <= walk.now - DAY
        try:
            await walk.newest()
            if is_due:
                await walk.everything()
        except SourceError as exc:
            return exc, False
        return None, is_due


def _plan(walk: Walk) -> tuple[dict[str, str], list[Visit]]:
    """The posts not read yet, with their URLs, and all that is to be asked for, in order."""
    waiting = {address: url for last in walk.lists.values() for address, url in last.waiting.items()}
    new: dict[str, Visit] = {}
    for post in (post for page in walk.pages.values() for post in page.posts):
        address, url = post.link.address, post.link.url
        if address not in walk.known and address not in waiting:
            new.setdefault(address, Visit(address=address, url=url, day=post.day))
    fresh = sorted(new.values(), key=lambda visit: (visit.day or "9", visit.address))
    again = [Visit(address=address, url=url) for address, url in waiting.items() if address not in walk.known]
    work = [*fresh, *again]
    left = {visit.address: visit.url for visit in work}
    return left, [*work, *due(walk.known, int(walk.now), lambda address, _: is_list(address))]


def _lists(walk: Walk, waiting: Mapping[str, str], walked: bool) -> Iterable[Seen]:
    """What is to be remembered of lists, where that has changed."""
    idle = (Found(address=address, print=last) for address, last in walk.lists.items())
    found = {page.address: page for page in [*idle, *walk.gone(), *walk.pages.values()]}
    if walked:
        whole = found.get(WHOLE, Found(address=WHOLE, print=Fingerprint()))
        found[WHOLE] = replace(whole, print=replace(whole.print, asked=int(walk.now)))
    for page in found.values():
        own = {post.link.address for post in page.posts} | set(page.print.waiting)
        left = {address: url for address, url in waiting.items() if address in own}
        text = replace(page.print, waiting=left).write()
        if text != walk.known.get(page.address):
            yield Seen(address=page.address, fingerprint=text)


make = Site
