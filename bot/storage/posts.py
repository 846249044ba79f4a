"""Posts and papers: added as they are read, given back as they are shown."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from functools import cache
from types import MappingProxyType
from typing import Any

from sqlalchemy import Row, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Doubt, Entry, Format, Links, Note, Paper, Post, Problem, Tag
from bot.slugs import tight
from bot.storage import merging, search, superseding
from bot.storage.tables import chat, entry, paper, post, post_tag, subscription, tag

# The paper beside its entry in one row.
PAPER = tuple(column.label(f"paper_{column.name}") for column in paper.c)

_NOTHING: Mapping[str, Tag] = MappingProxyType({})


def upsert(connection: AsyncConnection, table: Any) -> Any:
    """An INSERT of the connection's own dialect, which knows ON CONFLICT."""
    return _insert(connection.dialect.name, table)


def _insert(dialect: str, table: Any) -> Any:
    return (postgresql if dialect == "postgresql" else sqlite).insert(table)


async def add(
    connection: AsyncConnection,
    source: str,
    read: Post,
    *,
    at: int = 0,
    named: Mapping[str, Tag] = _NOTHING,
) -> int:
    """Keep a post, its tags, papers and entries, new or changed; give the post's number.

    An entry that is no longer in the post stays: what was announced can still be asked for. `at` is
    when the post was read, kept for entries that it did not hold before. `named` are the tags that the
    configuration names, by all that posts may call them.
    """
    post_id = await _add_post(connection, source, read)
    await _add_tags(connection, post_id, read.tags, named)
    if read.entries:
        await _add_papers(connection, [item.paper for item in read.entries])
        await _add_entries(connection, post_id, read.entries, at)
    await superseding.settle(connection, post_id, read.date)
    await search.index(connection, post_id)
    return post_id


async def load(connection: AsyncConnection, post_id: int, entry_ids: Sequence[int]) -> Post:
    """A post with only the given entries, in the post's order.

    Raises:
        sqlalchemy.exc.NoResultFound: there is no such post.
    """
    row = (await connection.execute(select(post).where(post.c.id == post_id))).one()
    tags = await connection.execute(
        select(tag.c.name, tag.c.slug)
        .join(post_tag, post_tag.c.tag_id == tag.c.id)
        .where(post_tag.c.post_id == post_id)
        .order_by(post_tag.c.position)
    )
    entries = await connection.execute(
        select(entry, *PAPER)
        .join(paper, paper.c.arxiv_id == entry.c.arxiv_id)
        .where(entry.c.post_id == post_id, entry.c.id.in_(entry_ids))
        .order_by(entry.c.position)
    )
    return Post(
        address=row.address,
        url=row.url,
        title=row.title,
        date=row.date,
        heading_date=row.heading_date,
        written=row.written,
        author=row.author,
        description=row.description,
        categories=tuple(row.categories),
        tags=tuple(Tag(name=name, slug=slug) for name, slug in tags),
        headings=tuple(row.headings),
        entries=tuple(to_entry(item) for item in entries),
        problems=tuple(Problem(**problem) for problem in row.problems),
    )


async def shared(connection: AsyncConnection, arxiv_ids: Collection[str]) -> set[str]:
    """Those of the papers that stand under more than one tag."""
    rows = await connection.execute(
        select(entry.c.arxiv_id)
        .join(post_tag, post_tag.c.post_id == entry.c.post_id)
        .where(entry.c.arxiv_id.in_(arxiv_ids))
        .group_by(entry.c.arxiv_id)
        .having(func.count(post_tag.c.tag_id.distinct()) > 1)
    )
    return set(rows.scalars())


async def tags_of(
    connection: AsyncConnection, arxiv_ids: Sequence[str], chat_id: int
) -> dict[str, tuple[str, ...]]:
    """The names of all the tags under which a chat follows each paper, in the order of names."""
    follows = select(subscription.c.tag_id).where(subscription.c.chat_id == chat_id)
    all_tags = select(chat.c.id).where(chat.c.id == chat_id, chat.c.follows_all).exists()
    rows = await connection.execute(
        select(entry.c.arxiv_id, tag.c.name)
        .join(post_tag, post_tag.c.post_id == entry.c.post_id)
        .join(tag, tag.c.id == post_tag.c.tag_id)
        .where(entry.c.arxiv_id.in_(arxiv_ids), or_(tag.c.id.in_(follows), all_tags))
        .distinct()
        .order_by(entry.c.arxiv_id, tag.c.name)
    )
    found: dict[str, tuple[str, ...]] = {}
    for arxiv_id, name in rows:
        found[arxiv_id] = (*found.get(arxiv_id, ()), name)
    return found


async def _add_post(connection: AsyncConnection, source: str, read: Post) -> int:
    values = {
        "source": source,
        "address": read.address,
        "url": read.url,
        "title": read.title,
        "date": read.date,
        "heading_date": read.heading_date,
        "written": read.written,
        "author": read.author,
        "description": read.description,
        "categories": list(read.categories),
        "headings": list(read.headings),
        "problems": [asdict(problem) for problem in read.problems],
    }
    statement = upsert(connection, post).values(storable(values))
    statement = statement.on_conflict_do_update(
        index_elements=["source", "address"],
        set_={name: statement.excluded[name] for name in values if name not in ("source", "address")},
    )
    return int((await connection.execute(statement.returning(post.c.id))).scalar_one())


async def _add_tags(
    connection: AsyncConnection, post_id: int, tags: Sequence[Tag], named: Mapping[str, Tag]
) -> None:
    await merging.hold(connection)
    for position, item in enumerate(tags):
        meant = named.get(item.slug) or named.get(tight(item.slug)) or item
        exact = meant.slug in named  # the configuration tells apart what differs by blanks alone
        tag_id = await merging.resolve(connection, **storable(asdict(meant)), exact=exact)
        row = {"post_id": post_id, "tag_id": tag_id, "position": position}
        await connection.execute(upsert(connection, post_tag).values(row).on_conflict_do_nothing())


async def _add_papers(connection: AsyncConnection, papers: Sequence[Paper]) -> None:
    await connection.execute(
        _keeping_papers(connection.dialect.name), [storable(asdict(item)) for item in papers]
    )


@cache
def _keeping_papers(dialect: str) -> Any:
    """Made once, as that takes longer than to execute it."""
    statement = _insert(dialect, paper)
    # An older version that comes late does not overwrite a newer one.
    return statement.on_conflict_do_update(
        index_elements=["arxiv_id"],
        set_={each.name: statement.excluded[each.name] for each in paper.c if each.name != "arxiv_id"},
        where=(paper.c.version.is_(None)) | (statement.excluded.version >= paper.c.version),
    )


async def _add_entries(connection: AsyncConnection, post_id: int, entries: Sequence[Entry], at: int) -> None:
    rows = [
        {
            "post_id": post_id,
            "arxiv_id": item.paper.arxiv_id,
            "position": position,
            "summary": item.summary,
            "takeaways": list(item.takeaways),
            "translation": item.translation,
            "note": item.note.text if item.note else None,
            "note_format": item.note.format.value if item.note else None,
            "figures": list(item.figures),
            "doubts": [asdict(doubt) for doubt in item.doubts],
        }
        for position, item in enumerate(entries)
    ]
    rows = [storable(row) | {"seen_at": at} for row in rows]
    await connection.execute(_keeping_entries(connection.dialect.name), rows)


@cache
def _keeping_entries(dialect: str) -> Any:
    statement = _insert(dialect, entry)
    kept = {"id", "post_id", "arxiv_id", "seen_at"}
    return statement.on_conflict_do_update(
        index_elements=["post_id", "arxiv_id"],
        set_={each.name: statement.excluded[each.name] for each in entry.c if each.name not in kept},
    )


def to_entry(row: Row[Any]) -> Entry:
    """The entry in a row of `entry` and `PAPER`."""
    return Entry(
        paper=to_paper(row),
        summary=row.summary,
        takeaways=tuple(row.takeaways),
        translation=row.translation,
        note=Note(text=row.note, format=Format(row.note_format)) if row.note else None,
        figures=tuple(row.figures),
        doubts=tuple(Doubt(**doubt) for doubt in row.doubts),
    )


def to_paper(row: Row[Any]) -> Paper:
    """The paper in a row of `PAPER`."""
    links = row.paper_links
    addresses = {"code": tuple(links["code"]), "project": tuple(links["project"])}
    return Paper(
        arxiv_id=row.paper_arxiv_id,
        version=row.paper_version,
        title=row.paper_title,
        authors=tuple(row.paper_authors),
        abstract=row.paper_abstract,
        comment=row.paper_comment,
        link=row.paper_link,
        links=Links(**(links | addresses)),
        venue=row.paper_venue,
    )


def storable(value: Any) -> Any:
    """The value without U+0000, which PostgreSQL stores in no text."""
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, dict):
        return {name: storable(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [storable(item) for item in value]
    return value
