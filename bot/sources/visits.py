"""Asks for the pages of posts: new ones once, those of the last days again each day, to see them grow."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from selectolax.lexbor import LexborHTMLParser, LexborNode

from bot.errors import Busy, Missing, SourceError
from bot.model import Format, RawPost
from bot.sources.archive import day_in
from bot.sources.base import Limits, Page, Seen, Unreadable
from bot.sources.charset import decode
from bot.sources.http import PAGES, Answer, Stamp, Web
from bot.sources.nesting import is_sane
from bot.sources.robots import Robots
from bot.sources.root import Root
from bot.sources.show import show
from bot.sources.stamps import Fingerprint, digest, parse

GROWS = 10  # days during which a post may still grow
DAY = 86_400
IN_A_ROW = 3  # posts that cannot be had, one after another, until the look is given up
AGAIN = 10  # posts that could not be had before, and cannot now, until the look is over

_OWN = ("#articleContent", "#article-container")  # a post's part of its page: Matery, Butterfly
_FACTS = ".post-title, .article-tag a, .post-meta__tags"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A post that is to be asked for."""

    address: str
    url: str = ""  # where it is, if that is not what its address tells
    day: str = ""  # of the post, where somebody says it
    last: Fingerprint | None = None  # as it was last read
    listed: bool = True  # it is still said to be there
    tried: bool = False  # it could not be had at an earlier look


class Visits:
    """Asks one site for its posts."""

    def __init__(self, root: Root, limits: Limits, clock: Callable[[], float]) -> None:
        self._root = root
        self._clock = clock
        self._agent = limits.agent
        self._web = Web(limits)
        self._robots = Robots(self._web, limits.agent)

    async def ask(
        self, url: str, stamp: Stamp | None = None, kinds: Collection[str] = PAGES
    ) -> Answer | None:
        """What is at a URL, or None where it is still what the stamp says.

        Raises:
            SourceError: as `Web.get` says, or since robots.txt forbids it.
        """
        if not await self._robots.allows(url):
            raise SourceError(
                f"{show(url)}: robots.txt forbids this bot ({self._agent.split()[0]}) to ask for it; "
                "ask the site's owner, or take another kind of source"
            )
        if delay := await self._robots.pause(url):
            self._web.slow(delay)
        return await self._web.get(url, stamp=stamp, kinds=kinds)

    async def allows(self, address: str, url: str = "") -> bool:
        """Whether robots.txt lets a post be asked for."""
        return await self._robots.allows(self._root.ask(address, url))

    async def read(
        self, visits: Iterable[Visit], left: dict[str, str], failed: set[str]
    ) -> AsyncIterator[Page | Seen | Unreadable]:
        """What came of each, one after another; those that robots.txt forbids are left alone.

        From `left` is taken what was read or withdrawn; what could not be had goes to its end, and to
        `failed`.

        Raises:
            Busy: the server asks to be left alone.
            SourceError: three in a row could not be had that had not been tried before.
        """
        row, again, trouble = 0, 0, None
        for visit in visits:
            found: Page | Seen | Unreadable | None
            try:
                found, row = await self._read(visit), 0
            except Missing as exc:
                row = 0
                if not visit.listed:  # renamed or withdrawn before it was read
                    left.pop(visit.address, None)
                    continue
                found = self._gone(visit, exc)
            except SourceError as exc:
                _put_last(left, visit.address)
                if isinstance(exc, Busy):
                    raise
                failed.add(visit.address)
                found = Unreadable(address=visit.address, reason=str(exc))
                row, again = row + (not visit.tried), again + visit.tried
                trouble = exc if row == IN_A_ROW else None
            if found is None:
                continue  # until robots.txt allows it
            if isinstance(found, Unreadable):
                _put_last(left, visit.address)
            else:
                left.pop(visit.address, None)
            yield found
            if trouble is not None:
                raise trouble
            if again == AGAIN:
                return

    async def close(self) -> None:
        """End the connections."""
        await self._web.close()

    async def _read(self, visit: Visit) -> Page | Seen | None:
        """What came of a visit; None where robots.txt forbids it."""
        if not await self.allows(visit.address, visit.url):
            return None
        last = visit.last or Fingerprint()
        answer = await self.ask(self._root.ask(visit.address, visit.url), last.stamp)
        now = int(self._clock())
        if answer is None:
            return Seen(address=visit.address, fingerprint=replace(last, asked=now).write())
        hashed = await asyncio.to_thread(_own_digest, answer)
        current = Fingerprint(
            stamp=answer.stamp, digest=hashed, asked=now, day=self._day(visit, now), url=visit.url
        )
        if hashed == last.digest:
            return Seen(address=visit.address, fingerprint=current.write())
        kind = answer.headers.get("content-type", "")
        raw = RawPost(
            address=visit.address,
            data=answer.data,
            url=self._root.read(visit.address, visit.url),
            format=None if kind.startswith("text/") and not kind.startswith("text/html") else Format.HTML,
        )
        return Page(address=visit.address, fingerprint=current.write(), raw=raw)

    def _gone(self, visit: Visit, exc: Missing) -> Seen | Unreadable:
        """A post that was there is gone for now; a new one should have been there."""
        if visit.last is None:
            return Unreadable(address=visit.address, reason=f"{exc}; it is listed all the same")
        moved_on = replace(visit.last, asked=int(self._clock()))
        return Seen(address=visit.address, fingerprint=moved_on.write())

    def _day(self, visit: Visit, now: int) -> str:
        """The day to remember of a post; nothing where its address tells a believable one."""
        named = day_in(visit.address)
        if named and named <= day_at(now + 2 * DAY):
            return ""
        if visit.last is not None and visit.last.day:
            return visit.last.day
        return visit.day if "" < visit.day <= day_at(now + 2 * DAY) else day_at(now)


def due(known: Mapping[str, str], now: int, skip: Callable[[str, Fingerprint], bool]) -> list[Visit]:
    """The posts that may have grown and were not asked for within a day, those asked for last first."""
    oldest, latest = day_at(now - GROWS * DAY), day_at(now + 2 * DAY)
    found = []
    for address, text in known.items():
        named = day_in(address)
        if named and named < oldest:
            continue
        last = parse(text)
        day = last.day or named
        if not skip(address, last) and oldest <= day <= latest and not now - DAY < last.asked <= now:
            found.append(Visit(address=address, url=last.url, day=last.day, last=last))
    return sorted(found, key=_asked, reverse=True)


def queue(
    fresh: Iterable[Visit], waiting: Iterable[Visit], grown: Sequence[Visit], failed: Collection[str]
) -> list[Visit]:
    """All that is to be asked for: what could not be had before, and perhaps never can, comes last."""
    newest = max(map(_asked, grown), default=0)
    late = [visit for visit in grown if _asked(visit) <= newest - DAY]
    prompt = [visit for visit in grown if _asked(visit) > newest - DAY]
    new = [visit for visit in waiting if visit.address not in failed]
    old = [visit for visit in waiting if visit.address in failed]
    tried = (replace(visit, tried=True) for visit in (*old, *late))
    return [*fresh, *prompt, *new, *tried]


def day_at(seconds: float) -> str:
    """The day of a time, in UTC: 2024-12-07."""
    return dt.datetime.fromtimestamp(seconds, dt.UTC).date().isoformat()


def _asked(visit: Visit) -> int:
    return visit.last.asked if visit.last else 0


def _put_last(left: dict[str, str], address: str) -> None:
    if address in left:
        left[address] = left.pop(address)


def _own_digest(answer: Answer) -> str:
    """A hash of what is the post's own in its page: what stands around it is new with every deployment."""
    text = decode(answer.data, answer.headers.get("content-type", ""))
    if not is_sane(text):
        return digest(answer.data)
    tree = LexborHTMLParser(text)
    own = next((node for selector in _OWN if (node := tree.css_first(selector))), None) or _below_heading(
        tree
    )
    if own is None or own.html is None:
        return digest(answer.data)
    return digest("\n".join((own.html, *(node.text() for node in tree.css(_FACTS)))))


def _below_heading(tree: LexborHTMLParser) -> LexborNode | None:
    """What holds the heading with the day of a digest, or the article of a page."""
    dated = (node for node in tree.css("h1") if day_in(node.text()))
    heading = next(dated, None)
    if heading is not None and heading.parent is not None:
        return heading.parent
    return tree.css_first("article") or tree.css_first("main")
