"""What is known of papers, and what people keep: reading lists, and what is too long for a button."""

import datetime as dt
from base64 import urlsafe_b64encode
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from sqlalchemy import Row, Select, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Credit, Entry, Links, Mention, Paper, Tag
from bot.storage.posts import PAPER, storable, to_entry, to_paper, upsert
from bot.storage.tables import entry, paper, phrase, post, post_tag, saved, tag


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """All that is known of a paper, from all posts that hold it."""

    entry: Entry
    tags: tuple[Tag, ...]
    told: Credit | None  # whose the summary, takeaways and figures are
    date: dt.date | None  # the day that the digest names which those are of
    translated: Credit | None
    noted: Credit | None


async def find(connection: AsyncConnection, arxiv_id: str) -> Known | None:
    """What is known of a paper; None: nothing is.

    Summary and takeaways are of the newest post that has takeaways, of the newest that has a summary
    where none has; translation, note and figures are of the same post where it has them, else of the
    next one, in that order, that does.
    """
    held = (await connection.execute(select(*PAPER).where(paper.c.arxiv_id == arxiv_id))).first()
    if held is None:
        return None
    rows = await connection.execute(
        select(entry, *PAPER, post.c.heading_date, post.c.author, post.c.url)
        .join(paper, paper.c.arxiv_id == entry.c.arxiv_id)
        .join(post, post.c.id == entry.c.post_id)
        .where(entry.c.arxiv_id == arxiv_id)
        .order_by(post.c.date.desc(), entry.c.id.desc())
    )
    entries = sorted(rows, key=lambda row: 0 if row.takeaways else 1 if row.summary else 2)
    told, translated, noted, drawn = (
        _first(entries, name) for name in ("id", "translation", "note", "figures")
    )
    bare = Entry(paper=to_paper(held), summary=None, takeaways=(), translation=None, note=None, figures=())
    return Known(
        entry=replace(
            to_entry(told) if told else bare,
            translation=translated.translation if translated else None,
            note=to_entry(noted).note if noted else None,
            figures=tuple(drawn.figures) if drawn else (),
        ),
        tags=tuple((await _tags(connection, [arxiv_id])).get(arxiv_id, ())),
        told=_credit(told),
        date=told.heading_date if told else None,
        translated=_credit(translated),
        noted=_credit(noted),
    )


async def mentions(connection: AsyncConnection, arxiv_ids: Sequence[str]) -> list[Mention]:
    """The papers as a list names them, in the same order; of one that is not known only its id."""
    rows = await connection.execute(
        select(paper.c.arxiv_id, paper.c.title, paper.c.links, func.max(post.c.date).label("date"))
        .outerjoin(entry, entry.c.arxiv_id == paper.c.arxiv_id)
        .outerjoin(post, post.c.id == entry.c.post_id)
        .where(paper.c.arxiv_id.in_(arxiv_ids))
        .group_by(paper.c.arxiv_id)
    )
    known = {row.arxiv_id: row for row in rows}
    tags = await _tags(connection, arxiv_ids)
    found = []
    for arxiv_id in arxiv_ids:
        names = tuple(each.name for each in tags.get(arxiv_id, ()))
        row = known.get(arxiv_id)
        title = row.title if row else ""
        link = row.links["abs"] if row else page_of(arxiv_id)
        date = row.date if row else None
        found.append(Mention(arxiv_id=arxiv_id, title=title, link=link, tags=names, date=date))
    return found


def page_of(arxiv_id: str) -> str:
    """The page of a paper that need not be known."""
    return f"https://arxiv.org/abs/{arxiv_id}"


async def save(connection: AsyncConnection, platform: str, person: str, arxiv_id: str, *, at: float) -> bool:
    """Put a paper on a person's reading list; whether it was not there."""
    values = storable({"platform": platform, "person": person, "arxiv_id": arxiv_id, "saved_at": int(at)})
    added = await connection.execute(upsert(connection, saved).values(values).on_conflict_do_nothing())
    return added.rowcount > 0


async def remove(connection: AsyncConnection, platform: str, person: str, arxiv_id: str) -> bool:
    """Take a paper off a person's reading list; whether it was there."""
    mine = (saved.c.platform == platform, saved.c.person == person, saved.c.arxiv_id == arxiv_id)
    return (await connection.execute(delete(saved).where(*mine))).rowcount > 0


async def reading_list(connection: AsyncConnection, platform: str, person: str) -> list[str]:
    """The arXiv ids that a person has saved, the last one first."""
    rows = await connection.execute(
        select(saved.c.arxiv_id)
        .where(saved.c.platform == platform, saved.c.person == person)
        .order_by(saved.c.saved_at.desc(), saved.c.arxiv_id.desc())
    )
    return list(rows.scalars())


async def papers(connection: AsyncConnection, platform: str, person: str) -> list[Paper]:
    """A person's reading list, the last one first; of what is not known, only its id and its pages."""
    rows = await connection.execute(
        select(*PAPER)
        .join(saved, saved.c.arxiv_id == paper.c.arxiv_id)
        .where(saved.c.platform == platform, saved.c.person == person)
    )
    known = {row.paper_arxiv_id: to_paper(row) for row in rows}
    ids = await reading_list(connection, platform, person)
    return [known.get(arxiv_id) or _bare(arxiv_id) for arxiv_id in ids]


def key_of(text: str) -> str:
    """What buttons know a text by that is too long for them: nine signs that mean nothing there."""
    return urlsafe_b64encode(sha256(text.encode("utf-8", "surrogatepass")).digest())[:9].decode()


async def keep(connection: AsyncConnection, text: str) -> None:
    """Keep a text, so that buttons can name it by its key."""
    values = storable({"key": key_of(text), "text": text})
    await connection.execute(upsert(connection, phrase).values(values).on_conflict_do_nothing())


async def kept(connection: AsyncConnection, key: str) -> str | None:
    """The text of a key; None where it is not kept."""
    return (await connection.execute(select(phrase.c.text).where(phrase.c.key == key))).scalar_one_or_none()


async def _tags(connection: AsyncConnection, arxiv_ids: Collection[str]) -> dict[str, list[Tag]]:
    """All the tags under which each of the papers stands, in the order of names."""
    rows = await connection.execute(
        select(entry.c.arxiv_id, tag.c.name, tag.c.slug)
        .join(post_tag, post_tag.c.post_id == entry.c.post_id)
        .join(tag, tag.c.id == post_tag.c.tag_id)
        .where(entry.c.arxiv_id.in_(arxiv_ids))
        .distinct()
        .order_by(entry.c.arxiv_id, tag.c.name)
    )
    found: dict[str, list[Tag]] = {}
    for arxiv_id, name, slug in rows:
        found.setdefault(arxiv_id, []).append(Tag(name=name, slug=slug))
    return found


def _first(rows: Sequence[Row[Any]], name: str) -> Row[Any] | None:
    """The first row that has something there."""
    return next((row for row in rows if getattr(row, name)), None)


def _credit(row: Row[Any] | None) -> Credit | None:
    return Credit(author=row.author, url=row.url) if row else None


def _bare(arxiv_id: str) -> Paper:
    return Paper(
        arxiv_id=arxiv_id,
        version=None,
        title="",
        authors=(),
        abstract="",
        comment=None,
        link=page_of(arxiv_id),
        links=Links(
            abs=page_of(arxiv_id),
            pdf=f"https://arxiv.org/pdf/{arxiv_id}",
            html=f"https://arxiv.org/html/{arxiv_id}",
            cool=f"https://papers.cool/arxiv/{arxiv_id}",
        ),
        venue=None,
    )


async def newest(connection: AsyncConnection, *, limit: int, offset: int = 0) -> list[str]:
    """The arXiv ids of the newest digests, each once, in the order in which they stand there."""
    day = func.max(post.c.date)
    rows = await connection.execute(
        select(entry.c.arxiv_id)
        .join(post, post.c.id == entry.c.post_id)
        .where(entry.c.post_id.in_(_recent(limit + offset)))
        .group_by(entry.c.arxiv_id)
        .order_by(day.desc(), func.max(post.c.id), func.min(entry.c.position), entry.c.arxiv_id)
        .limit(limit)
        .offset(offset)
    )
    return list(rows.scalars())


def _recent(number: int) -> Select[Any]:
    """The posts since a day since which there are at least so many papers: not all entries are sorted."""
    days = select(post.c.date).join(entry, entry.c.post_id == post.c.id).order_by(post.c.date.desc())
    last = days.limit(4 * number).subquery()
    return select(post.c.id).where(post.c.date >= select(func.min(last.c.date)).scalar_subquery())
