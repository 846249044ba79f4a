"""Reads what is new in a source and plans who is owed it: a post, and what it owes, in one transaction."""

import asyncio
import datetime as dt
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from sqlalchemy.exc import DataError, IntegrityError, ProgrammingError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.delivery.trouble import brief
from bot.digest import read
from bot.errors import SourceError
from bot.log import get_logger
from bot.model import NotDigest, Post, Tag
from bot.sources.base import Page, Seen, Source, Unreadable
from bot.storage import pages, planning, posts, restored, watching
from bot.storage.database import Database

log = get_logger(__name__)

Found = Page | Seen | Unreadable
Read = tuple[Page, Post | NotDigest, dt.date]  # a page, what it says, from which day on that is news
AT_ONCE = 8  # posts that are kept in one transaction, where nobody waits for them
UNTAKEN = (DataError, IntegrityError, ProgrammingError)  # of one post, whatever is tried
LONGEST = 2_000  # bytes of an address; PostgreSQL looks up no more than 2,700
TOLD = 10  # things of a post that were not understood, each in a line of the log


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What is pushed of what is new."""

    max_age: int  # days; older posts go to the archive
    cap: int  # cards per digest and chat
    tags: Mapping[str, Tag] = field(default_factory=dict)  # of the configuration, by what posts may call them


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """What one look at a source brought."""

    posts: int = 0  # digests that were new or changed
    planned: int = 0  # deliveries that are owed now and were not before
    trouble: str | None = None  # why the look did not go well
    whole: bool = True  # the source as a whole could be read


async def collect(source: Source, database: Database, clock: Callable[[], float], rules: Rules) -> Collected:
    """Look once at a source; a bad page, a source or a database that is away is logged, not raised.

    What the first look at a source finds goes to the archive: nobody is flooded; but after a restore
    what came out since the backup is owed. What the database did not take is new at the next look.
    """
    try:
        return await _Look(source, database, clock, rules).run()
    except (SQLAlchemyError, OSError) as exc:
        reason = f"{source.name}: not kept, again at the next look: the database says: {brief(exc)}"
        log.warning("source.unkept", source=source.name, reason=brief(exc))
        return Collected(trouble=reason, whole=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    at: int
    since: dt.date  # older posts were there before
    rules: Rules

    @property
    def oldest(self) -> dt.date:
        today = dt.datetime.fromtimestamp(self.at, dt.UTC).date()
        return today - dt.timedelta(days=self.rules.max_age)


class _Look:
    """One look at a source, and what has come of it so far."""

    def __init__(self, source: Source, database: Database, clock: Callable[[], float], rules: Rules) -> None:
        self._source = source
        self._database = database
        self._clock = clock
        self._rules = rules
        self._so_far = Collected()
        self._gathered: list[Read] = []  # and not kept yet

    async def run(self) -> Collected:
        """Take in what is new, then remember how the look went."""
        async with self._database.reading() as connection:
            began = await pages.begin(connection, self._source.name)
            known = await pages.known(connection, self._source.name)
            since = await pages.news_since(connection, self._source.name)
            before = await watching.state_of(connection, self._source.name)
        try:
            missed = {address for address, fingerprint in known.items() if fingerprint == pages.MISSED}
            there = {address: known[address] for address in known.keys() - missed}
            async with aclosing(_ahead(self._source.fetch(there))) as coming:
                async for found, said in coming:
                    await self._take(found, said, dt.date.max if found.address in missed else since)
            await self._keep_gathered()
        except SourceError as exc:
            await self._keep_gathered()
            self._so_far = replace(self._so_far, trouble=str(exc), whole=False)
            if before is not None and before.failures and before.error == str(exc):
                log.info("source.missed", source=self._source.name, reason=str(exc))
            else:
                log.warning("source.failed", source=self._source.name, reason=str(exc))
        await self._end(began, since)
        return self._so_far

    async def _end(self, began: int, since: dt.date) -> None:
        done = self._so_far
        async with self._database.writing() as connection:
            # At the end of a look that read something: until then the posts that it was in may be to come.
            if done.whole and (done.posts or since > dt.date.min):
                planned = await restored.owe_rest(connection, at=int(self._clock()))
                self._so_far = replace(done, planned=done.planned + planned)
            await pages.note_look(
                connection,
                self._source.name,
                at=int(self._clock()),
                began=began,
                every=round(self._source.every),
                error=done.trouble,
                whole=done.whole,
            )

    async def _take(self, found: Found, said: Post | NotDigest | None, since: dt.date) -> None:
        if isinstance(found, Page) and said is not None:
            self._gathered.append((found, said, since))
            # What is imported first concerns nobody yet: then a transaction costs more than its post.
            if since != dt.date.max or len(self._gathered) == AT_ONCE:
                await self._keep_gathered()
            return
        await self._keep_gathered()  # a list is not to say that posts were read which are not kept yet
        if isinstance(found, Seen):
            async with self._database.writing() as connection:
                await pages.touch(connection, self._source.name, found.address, found.fingerprint)
        elif isinstance(found, Unreadable):
            await self._miss(found, since)

    async def _miss(self, found: Unreadable, since: dt.date) -> None:
        """Tell of what could not be read; among what is imported first it is as old as all else."""
        self._so_far = replace(self._so_far, trouble=found.reason)
        post = found.address[:LONGEST]
        log.warning("post.unreadable", source=self._source.name, post=post, reason=found.reason)
        if since == dt.date.max and post == found.address:
            async with self._database.writing() as connection:
                await pages.mark(connection, self._source.name, found.address, pages.MISSED, found.reason)

    async def _keep_gathered(self) -> None:
        """Keep the pages that were read and owe their papers; one that the database does not take alone."""
        gathered, self._gathered = self._gathered, []
        try:
            await self._keep(gathered)
        except UNTAKEN as exc:
            if len(gathered) > 1:
                for each in gathered:
                    self._gathered = [each]
                    await self._keep_gathered()
                return
            page, _, since = gathered[0]
            reason = f"{page.address}: the database does not take it: {brief(exc)}"
            await self._miss(Unreadable(address=page.address, reason=reason), since)

    async def _keep(self, gathered: Sequence[Read]) -> None:
        if not gathered:
            return
        planned = []
        async with self._database.writing() as connection:
            for page, found, since in gathered:
                plan = _Plan(at=int(self._clock()), since=since, rules=self._rules)
                planned.append(await self._put(connection, page, found, plan))
        for (page, found, _), number in zip(gathered, planned, strict=True):
            if isinstance(found, NotDigest):
                log.info("post.passed", source=self._source.name, post=page.address, reason=found.reason)
                continue
            done = self._so_far
            self._so_far = replace(done, posts=done.posts + 1, planned=done.planned + number)
            self._tell(found, number)

    async def _put(
        self, connection: AsyncConnection, page: Page, found: Post | NotDigest, plan: _Plan
    ) -> int:
        """Keep a page and owe its papers; how much that is."""
        source, planned = self._source.name, 0
        if isinstance(found, Post):
            post_id = await posts.add(connection, source, found, at=plan.at, named=plan.rules.tags)
            first = found.date < plan.since
            planned = await planning.plan(
                connection, post_id, at=plan.at, cap=plan.rules.cap, oldest=plan.oldest, first=first
            )
        reason = found.reason if isinstance(found, NotDigest) else None
        await pages.mark(connection, source, page.address, page.fingerprint, reason)
        return planned

    def _tell(self, post: Post, planned: int) -> None:
        source, address = self._source.name, post.address
        log.info("post.collected", source=source, post=address, papers=len(post.entries), owed=planned)
        for problem in post.problems[:TOLD]:
            log.warning(
                "post.unclear",
                source=source,
                post=address,
                line=problem.line,
                place=problem.place,
                reason=problem.reason,
            )
        if (more := len(post.problems) - TOLD) > 0:
            log.warning("post.unclear", source=source, post=address, reason=f"{more} more such places")


async def _ahead(
    found: AsyncGenerator[Found, None],
) -> AsyncGenerator[tuple[Found, Post | NotDigest | None], None]:
    """What a source finds, with what its pages say; the next one is read while one is being kept."""
    async with aclosing(found):
        coming = asyncio.ensure_future(_next(found))
        try:
            while (one := await coming) is not None:
                coming = asyncio.ensure_future(_next(found))
                yield one
        finally:
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)


async def _next(found: AsyncGenerator[Found, None]) -> tuple[Found, Post | NotDigest | None] | None:
    one = await anext(found, None)
    if one is None:
        return None
    if (size := len(one.address.encode(errors="surrogatepass"))) > LONGEST:
        reason = f"{one.address[:80]}…: its address has {size:,} bytes, more than {LONGEST:,}; shorten it"
        return Unreadable(address=one.address, reason=reason), None
    if not isinstance(one, Page):
        return one, None
    try:
        return one, await asyncio.to_thread(read, one.raw)
    except Exception as exc:  # one page is not to keep all others from being read
        log.exception("post.broken", post=one.address)
        reason = f"{one.address}: a fault of Paperboy's own: {type(exc).__name__}; the log says more"
        return Unreadable(address=one.address, reason=reason), None
