"""Reads what is new in a source and plans who is owed it: one transaction a post."""

import asyncio
import datetime as dt
import logging
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from bot.delivery.trouble import brief
from bot.digest import read
from bot.errors import SourceError
from bot.model import NotDigest
from bot.sources.base import Page, Source, Unreadable
from bot.storage import pages, planning, posts, restored
from bot.storage.database import Database

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What is pushed of what is new."""

    max_age: int  # days; older posts go to the archive
    cap: int  # cards per digest and chat


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """What one look at a source brought."""

    posts: int = 0  # digests that were new or changed
    planned: int = 0  # deliveries that are owed now and were not before
    trouble: str | None = None  # why the look did not go well


async def collect(source: Source, database: Database, clock: Callable[[], float], rules: Rules) -> Collected:
    """Look once at a source; a bad page, a source or a database that is away is logged, not raised.

    What the first look at a source finds goes to the archive: nobody is flooded; but after a restore
    what came out since the backup is owed. What the database did not take is new at the next look.
    """
    try:
        return await _look(source, database, clock, rules)
    except (SQLAlchemyError, OSError) as exc:
        trouble = f"{source.name}: not kept, again at the next look: the database says: {brief(exc)}"
        log.warning("%s", trouble)
        return Collected(trouble=trouble)


async def _look(source: Source, database: Database, clock: Callable[[], float], rules: Rules) -> Collected:
    read_posts = planned = 0
    trouble: str | None = None
    whole = True
    async with database.reading() as connection:
        known = await pages.known(connection, source.name)
        since = await pages.news_since(connection, source.name)
    try:
        async for page in source.fetch(known):
            if isinstance(page, Unreadable):
                trouble = page.reason
                log.warning("%s", page.reason)
                continue
            new = await _take(source.name, page, database, _Plan(at=int(clock()), since=since, rules=rules))
            read_posts += new is not None
            planned += new or 0
    except SourceError as exc:
        trouble, whole = str(exc), False
        log.warning("%s", exc)
    async with database.writing() as connection:
        # At the end of a look that read something: until then the posts that it was in may be to come.
        if whole and (read_posts or since > dt.date.min):
            planned += await restored.owe_rest(connection, at=int(clock()))
        await pages.note_look(
            connection, source.name, at=int(clock()), every=round(source.every), error=trouble
        )
    return Collected(posts=read_posts, planned=planned, trouble=trouble)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    at: int
    since: dt.date  # older posts were there before
    rules: Rules

    @property
    def oldest(self) -> dt.date:
        today = dt.datetime.fromtimestamp(self.at, dt.UTC).date()
        return today - dt.timedelta(days=self.rules.max_age)


async def _take(source: str, page: Page, database: Database, plan: _Plan) -> int | None:
    """Keep a page and owe its papers; the number of new deliveries, or None for no digest."""
    found = await asyncio.to_thread(read, page.raw)
    async with database.writing() as connection:
        if isinstance(found, NotDigest):
            await pages.mark(connection, source, page.address, page.fingerprint, found.reason)
            log.info("%s: no digest: %s", page.address, found.reason)
            return None
        post_id = await posts.add(connection, source, found, at=plan.at)
        first = found.date < plan.since
        planned = await planning.plan(
            connection, post_id, at=plan.at, cap=plan.rules.cap, oldest=plan.oldest, first=first
        )
        await pages.mark(connection, source, page.address, page.fingerprint, None)
    for problem in found.problems:
        line = f" line {problem.line}:" if problem.line else ""
        log.warning("%s:%s %s: %s", page.address, line, problem.place, problem.reason)
    return planned
