"""When sources had news, as far as the database can tell.

What came with the first look at a source tells by the date of its post, what came later by the day on
which it was first seen, a grown post's additions too. A paper that stood in an earlier entry is no news:
a post that is renamed, or moved to the next day, brings nothing. Nor is a post that is filed half a year
before the newest one, whenever it comes. Days are those of the posts' own zone.
"""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.habit import DAY, EPOCH, ZONE
from bot.storage.tables import entry, post, source_state

BACK = 26 * 7 * DAY  # how far before the newest post it is looked
GROWTH = 14 * DAY  # for which posts may grow: 11 days were seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Newest:
    """The newest that a source has brought."""

    digest: dt.date  # the day that its newest post is filed under
    news: int  # when it had news last, in seconds since the epoch; of what was there before, that day


async def newest_date(connection: AsyncConnection, source: str, today: dt.date) -> dt.date | None:
    """The newest date of a source's posts, none after today; None: it has brought none."""
    read = select(func.max(post.c.date)).where(post.c.source == source, post.c.date <= today)
    found: dt.date | None = (await connection.execute(read)).scalar_one()
    return found


async def days(connection: AsyncConnection, source: str, newest: dt.date) -> set[dt.date]:
    """The days on which a source had news in the half year before its newest post, and after."""
    since = newest - BACK
    imported = await _imported(connection, source)
    mine = (post.c.source == source, post.c.date >= since)
    held = select(entry.c.id).where(entry.c.post_id == post.c.id, entry.c.seen_at <= imported).limit(1)
    before = select(post.c.date).where(*mine, held.correlate(post).scalar_subquery().is_not(None)).distinct()
    day = ((entry.c.seen_at + ZONE) // 86400).label("day")
    earlier = entry.alias()
    known = select(earlier.c.id).where(earlier.c.arxiv_id == entry.c.arxiv_id, earlier.c.id < entry.c.id)
    after = (
        select(day)
        .select_from(post.join(entry, entry.c.post_id == post.c.id))
        .where(*mine, entry.c.seen_at > imported, ~known.correlate(entry).exists())
        .distinct()
    )
    found = set((await connection.execute(before)).scalars())
    return found | {EPOCH + number * DAY for number in (await connection.execute(after)).scalars()}


async def newest(connection: AsyncConnection, source: str) -> Newest | None:
    """The newest that a source has brought; None: nothing yet."""
    latest = select(func.max(post.c.date)).where(post.c.source == source)
    digest = (await connection.execute(latest)).scalar_one()
    if digest is None:
        return None
    imported = await _imported(connection, source)
    rows = await connection.execute(
        select(post.c.date, func.max(entry.c.seen_at).label("seen"))
        .join(entry, entry.c.post_id == post.c.id)
        .where(post.c.source == source, post.c.date >= digest - GROWTH)
        .group_by(post.c.date)
    )
    # What was there before is as old as the day that it is filed under, if not older than the look.
    moments = [row.seen if row.seen > imported else min(row.seen, _start(row.date)) for row in rows]
    return Newest(digest=digest, news=max(moments, default=_start(digest)))


async def _imported(connection: AsyncConnection, source: str) -> int:
    """When the first good look at a source was over; as long as there was none, at the end of time."""
    read = select(source_state.c.imported_at).where(source_state.c.source == source)
    at = (await connection.execute(read)).scalar_one_or_none()
    return 2**62 if at is None else int(at)


def _start(day: dt.date) -> int:
    return (day - EPOCH).days * 86400 - ZONE
