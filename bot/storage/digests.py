"""Digests: what a tag brought on a day, over all posts and sources, each paper once."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Select,
    Text,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Credit, Mention, Tag
from bot.slugs import key
from bot.storage.merging import called, ids
from bot.storage.tables import IS_HELD, chat, delivery, entry, paper, post, post_tag, subscription, tag

TITLES = 2  # of a digest in a list of digests


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A digest, and those of its tag beside it."""

    date: dt.date
    older: dt.date | None
    newer: dt.date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A paper in a digest, and the entry that tells of it there."""

    arxiv_id: str
    entry_id: int
    shown: dt.date  # the day that the heading of its post names
    credit: Credit


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """A digest as a list of digests names it."""

    tag: Tag
    date: dt.date
    number: int  # of papers
    titles: tuple[str, ...]  # of the first ones


async def tag_of(connection: AsyncConnection, key_: str) -> Tag | None:
    """The tag that buttons know by that key."""
    return next(iter(await tags_of(connection, (key_,))), None)


async def tags_of(connection: AsyncConnection, keys: Collection[str]) -> list[Tag]:
    """Those of the tags that buttons know by these keys which there are."""
    rows = await connection.execute(select(called.c.name, called.c.slug, called.c.called))
    found = (Tag(name=name, slug=slug) for name, slug, spelled in rows if key(spelled) in keys)
    return list(dict.fromkeys(found))


async def followed(connection: AsyncConnection, chat_id: int | None) -> list[Tag]:
    """The tags that a chat follows by name; none where it follows nothing, or everything."""
    if chat_id is None:
        return []
    every = select(chat.c.id).where(chat.c.id == chat_id, chat.c.follows_all).exists()
    rows = await connection.execute(
        select(tag.c.name, tag.c.slug)
        .join(subscription, subscription.c.tag_id == tag.c.id)
        .where(subscription.c.chat_id == chat_id, ~every)
        .order_by(tag.c.name)
    )
    return [Tag(name=name, slug=slug) for name, slug in rows]


async def day(connection: AsyncConnection, slug: str, asked: dt.date | None = None) -> Day | None:
    """The tag's digest of a day, or the nearest one, or the latest; None: it has none at all.

    A digest counts by the day that it is filed under, and else by the one that its heading names; of
    two that are equally near it is the older one.
    """
    wanted = literal(asked, Date)
    dates = (
        func.max(post.c.date),
        func.max(case((post.c.date <= wanted, post.c.date))),
        func.min(case((post.c.date >= wanted, post.c.date))),
        func.max(case((post.c.heading_date == wanted, post.c.date))),
    )
    latest, before, after, headed = (await connection.execute(_posts(slug, *dates))).one()
    if latest is None:
        return None
    date = latest
    if asked is not None and before != asked:
        date = headed or min(filter(None, (before, after)), key=lambda near: abs(near - asked))
    elif asked is not None:
        date = asked
    beside = (
        func.max(case((post.c.date < date, post.c.date))),
        func.min(case((post.c.date > date, post.c.date))),
    )
    older, newer = (await connection.execute(_posts(slug, *beside))).one()
    return Day(date=date, older=older, newer=newer)


async def papers(connection: AsyncConnection, slug: str, date: dt.date) -> list[Listed]:
    """The papers of a digest in the order of its posts, each where takeaways tell of it, if anywhere."""
    told = (cast(entry.c.takeaways, Text) != "[]").label("told")
    columns = (entry.c.arxiv_id, entry.c.id, post.c.heading_date, post.c.author, post.c.url, told)
    rows = await connection.execute(
        _posts(slug, *columns)
        .join(entry, entry.c.post_id == post.c.id)
        .where(post.c.date == date)
        .order_by(post.c.title, post.c.id, entry.c.position, entry.c.id)
    )
    best: dict[str, tuple[bool, int]] = {}
    found: dict[str, Listed] = {}
    for row in rows:
        rank = (bool(row.told), row.id)
        if rank > best.get(row.arxiv_id, (False, -1)):
            best[row.arxiv_id] = rank
            credit = Credit(author=row.author, url=row.url)
            found[row.arxiv_id] = Listed(
                arxiv_id=row.arxiv_id, entry_id=row.id, shown=row.heading_date, credit=credit
            )
    return list(found.values())


async def mentions(connection: AsyncConnection, listed: Sequence[Listed]) -> list[Mention]:
    """The papers as a list names them, in the same order."""
    rows = await connection.execute(
        select(entry.c.id, entry.c.arxiv_id, entry.c.summary, paper.c.title, paper.c.links)
        .join(paper, paper.c.arxiv_id == entry.c.arxiv_id)
        .where(entry.c.id.in_([each.entry_id for each in listed]))
    )
    known = {row.id: row for row in rows}
    found = (known[each.entry_id] for each in listed if each.entry_id in known)
    return [
        Mention(arxiv_id=row.arxiv_id, title=row.title, link=row.links["abs"], summary=row.summary)
        for row in found
    ]


async def held(connection: AsyncConnection, chat_id: int, arxiv_ids: Collection[str]) -> set[str]:
    """Those of the papers that the cap keeps back from a chat."""
    rows = await connection.execute(
        select(delivery.c.arxiv_id).where(
            delivery.c.chat_id == chat_id, IS_HELD, delivery.c.arxiv_id.in_(arxiv_ids)
        )
    )
    return set(rows.scalars())


async def dates(connection: AsyncConnection, slug: str) -> int:
    """How many digests a tag has."""
    return int((await connection.execute(_posts(slug, func.count(post.c.date.distinct())))).scalar_one())


async def nearest(connection: AsyncConnection, slugs: Collection[str], asked: dt.date) -> dt.date | None:
    """That day where these tags, or all where none is named, have a digest of it; else the nearest one.

    None: they have none at all. A digest counts by the day that it is filed under and by the one that
    its heading names; of two days that are equally near it is the older one.
    """
    tagged = select(post.c.date).join(post_tag, post_tag.c.post_id == post.c.id)
    named = tagged.where(post_tag.c.tag_id.in_(ids(slugs)))
    days = (named if slugs else tagged).where(_tells()).limit(1)
    before = days.where(post.c.date <= asked).order_by(post.c.date.desc())
    older = (await connection.execute(before)).scalar_one_or_none()
    headed = days.where(post.c.heading_date == asked)
    if older == asked or (await connection.execute(headed)).first():
        return asked
    after = days.where(post.c.date > asked).order_by(post.c.date)
    newer = (await connection.execute(after)).scalar_one_or_none()
    return min(filter(None, (older, newer)), key=lambda near: abs(near - asked), default=None)


async def briefs(
    connection: AsyncConnection,
    slugs: Collection[str],
    *,
    on: dt.date | None = None,
    limit: int,
    offset: int = 0,
) -> list[Brief]:
    """The digests of these tags, or of all where none is named, newest first, then by name.

    Those of a day, by where they are filed or by their heading, where one is given.
    """
    named: list[ColumnElement[bool]] = [tag.c.id.in_(ids(slugs))] if slugs else []
    if on:
        named.append(or_(post.c.date == on, post.c.heading_date == on))
    elif not slugs:
        named.append(post.c.id.in_(_latest(limit + offset)))
    rows = await connection.execute(
        select(tag.c.id, tag.c.name, tag.c.slug, post.c.date)
        .join(post_tag, post_tag.c.tag_id == tag.c.id)
        .join(post, post.c.id == post_tag.c.post_id)
        .where(*named, _tells())
        .group_by(post.c.date, tag.c.name, tag.c.id, tag.c.slug)
        .order_by(post.c.date.desc(), tag.c.name, tag.c.id)
        .limit(limit)
        .offset(offset)
    )
    found = rows.all()
    titles = await _titles(connection, [(row.id, row.date) for row in found])
    return [
        Brief(
            tag=Tag(name=row.name, slug=row.slug),
            date=row.date,
            number=len(titles[row.id, row.date]),
            titles=titles[row.id, row.date][:TITLES],
        )
        for row in found
    ]


async def _titles(
    connection: AsyncConnection, days: Sequence[tuple[int, dt.date]]
) -> dict[tuple[int, dt.date], tuple[str, ...]]:
    """The titles of the papers in the digests of tags, by number, and days."""
    if not days:
        return {}
    rows = await connection.execute(
        select(post_tag.c.tag_id, post.c.date, entry.c.arxiv_id, paper.c.title)
        .join(post, post.c.id == post_tag.c.post_id)
        .join(entry, entry.c.post_id == post.c.id)
        .join(paper, paper.c.arxiv_id == entry.c.arxiv_id)
        # The days by themselves as well: for the pairs no engine looks into an index.
        .where(post.c.date.in_({date for _, date in days}), tuple_(post_tag.c.tag_id, post.c.date).in_(days))
        .order_by(post_tag.c.tag_id, post.c.date, post.c.title, post.c.id, entry.c.position, entry.c.id)
    )
    return {
        which: tuple({row.arxiv_id: row.title for row in group}.values())
        for which, group in groupby(rows, key=lambda row: (row.tag_id, row.date))
    }


def _latest(number: int) -> Select[Any]:
    """The posts of the days that hold so many digests, the newest ones."""
    both = post.join(post_tag, post_tag.c.post_id == post.c.id)
    pairs = select(post.c.date, post_tag.c.tag_id).select_from(both).where(_tells()).distinct()
    last = pairs.order_by(post.c.date.desc()).limit(number).subquery()
    since = select(func.min(last.c.date)).scalar_subquery()
    return select(post.c.id).where(post.c.date >= since)


def _tells() -> ColumnElement[bool]:
    """Of a post: it holds a paper, and no other stands in for it.

    PostgreSQL reads all entries for an EXISTS, but not for this.
    """
    held = select(entry.c.id).where(entry.c.post_id == post.c.id, post.c.superseded_by.is_(None)).limit(1)
    return held.correlate(post).scalar_subquery().is_not(None)


def _posts(slug: str, *columns: ColumnElement[Any]) -> Select[Any]:
    """Columns of the posts under a tag that hold papers."""
    mine = ids([slug]).scalar_subquery()
    here = select(*columns).select_from(post).join(post_tag, post_tag.c.post_id == post.c.id)
    return here.where(post_tag.c.tag_id == mine, _tells())
