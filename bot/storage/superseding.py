"""Posts that another one stands in for: a digest that was filed again a day later holds the same papers.

Readers who look through digests are not shown them; whatever was delivered, saved or linked stays.
"""

import datetime as dt
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Date,
    FromClause,
    Select,
    Update,
    bindparam,
    exists,
    literal,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.tables import entry, post, post_tag

NEAR = dt.timedelta(days=7)  # a digest is filed again within days, never by months


async def settle(connection: AsyncConnection, post_id: int, date: dt.date) -> None:
    """Find out, for a post that has been read, which one stands in for it, and for which it stands in."""
    known = {"this": post_id, "day": date, "first": date - NEAR, "last": date + NEAR}
    for statement in _statements():
        await connection.execute(statement, known)


@cache
def _statements() -> tuple[Update, Update]:
    """Made once, as that takes longer than to execute them."""
    this, other = post.alias("this"), post.alias("other")
    me, day = bindparam("this", type_=BigInteger), bindparam("day", type_=Date)
    newer = _stands_in(other, this).where(this.c.id == me)
    newer = newer.where(other.c.date > day, other.c.date <= bindparam("last", type_=Date))
    by = newer.with_only_columns(other.c.id).order_by(other.c.date.desc(), other.c.id.desc()).limit(1)
    older = _stands_in(this, other).where(this.c.id == me)
    older = older.where(other.c.date < day, other.c.date >= bindparam("first", type_=Date))
    return (
        update(post).where(post.c.id == me).values(superseded_by=by.scalar_subquery()),
        update(post).where(post.c.id.in_(older.with_only_columns(other.c.id))).values(superseded_by=me),
    )


def _stands_in(newer: FromClause, older: FromClause) -> Select[Any]:
    """Pairs of posts of which the first holds every paper and has every tag of the second."""
    held, kept = entry.alias(), entry.alias()
    same = exists().where(kept.c.post_id == newer.c.id, kept.c.arxiv_id == held.c.arxiv_id)
    holds = exists().where(held.c.post_id == older.c.id).correlate(older)
    lacks = exists().where(held.c.post_id == older.c.id, ~same.correlate(newer, held))
    named, has = post_tag.alias(), post_tag.alias()
    tagged = exists().where(has.c.post_id == newer.c.id, has.c.tag_id == named.c.tag_id)
    foreign = exists().where(named.c.post_id == older.c.id, ~tagged.correlate(newer, named))
    both = select(literal(1)).select_from(newer.join(older, newer.c.id != older.c.id))
    return both.where(holds, ~lacks.correlate(newer, older), ~foreign.correlate(newer, older))
