"""Names that mean one tag: what posts call it, what was merged into it, what the configuration says.

A slug belongs to one tag: as its own, or as an alias in `tag_alias`, of a tag that was merged into it.
Whoever adds, merges or renames tags holds them first, so that on PostgreSQL one does it at a time; on
SQLite whoever writes is alone anyway.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, delete, exists, func, insert, select, text, union_all, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.slugs import slug as slug_of
from bot.slugs import tight
from bot.storage.tables import post_tag, subscription, tag, tag_alias

HOLDING = 0x50415046  # the lock that is taken on PostgreSQL

# Every tag by each of its slugs, its own and its aliases.
called = union_all(
    select(tag.c.id, tag.c.name, tag.c.slug, tag.c.slug.label("called")),
    select(tag.c.id, tag.c.name, tag.c.slug, tag_alias.c.slug).join(
        tag_alias, tag_alias.c.tag_id == tag.c.id
    ),
).subquery("called")


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """What stands under a tag, and goes over where it is merged into another."""

    posts: int
    followers: int  # chats that follow it by name


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """All tags, as they are called."""

    own: dict[str, int]  # numbers by slug
    aliases: dict[str, int]
    names: dict[int, str]

    def find(self, slug: str) -> int | None:
        """The tag that is called so."""
        return self.own.get(slug, self.aliases.get(slug))

    def near(self, slug: str) -> int | None:
        """The only tag whose names differ from this one in nothing but blanks and joiners."""
        wanted = tight(slug)
        found = {number for each, number in (self.own | self.aliases).items() if tight(each) == wanted}
        return found.pop() if len(found) == 1 else None


def ids(slugs: Collection[str]) -> Select[Any]:
    """The numbers of the tags that are called so."""
    return select(called.c.id).where(called.c.called.in_(slugs))


async def aliases(connection: AsyncConnection) -> dict[int, tuple[str, ...]]:
    """The aliases of the tags that have some, by number."""
    found: dict[int, tuple[str, ...]] = {}
    for tag_id, other in await connection.execute(
        select(tag_alias.c.tag_id, tag_alias.c.slug).order_by(tag_alias.c.slug)
    ):
        found[tag_id] = (*found.get(tag_id, ()), other)
    return found


async def numbers(connection: AsyncConnection) -> dict[str, int]:
    """The numbers of all tags, by each of their slugs."""
    return {row.called: row.id for row in await connection.execute(select(called.c.called, called.c.id))}


async def hold(connection: AsyncConnection) -> None:
    """Have nobody else add, merge or rename tags until the transaction ends."""
    if connection.dialect.name == "postgresql":
        await connection.execute(select(func.pg_advisory_xact_lock(HOLDING)))


async def resolve(connection: AsyncConnection, *, slug: str, name: str, exact: bool = False) -> int:
    """The number of the tag that a post calls so; a new tag appears by itself. The tags must be held.

    A name that is new, and differs in nothing but blanks and joiners from that of one tag alone, becomes
    an alias of that one, unless it is to be taken `exact`.
    """
    if (number := (await connection.execute(ids([slug]))).scalar()) is not None:
        return int(number)
    if not exact and (near := (await _load(connection)).near(slug)) is not None:
        await connection.execute(insert(tag_alias).values(slug=slug, tag_id=near))
        return near
    added = await connection.execute(insert(tag).values(slug=slug, name=name).returning(tag.c.id))
    return int(added.scalar_one())


async def weigh(connection: AsyncConnection, slug: str) -> Weight:
    """How much stands under the tag that is called so."""
    posts, followers = [
        select(func.count()).where(table.c.tag_id.in_(ids([slug]))).scalar_subquery()
        for table in (post_tag, subscription)
    ]
    row = (await connection.execute(select(posts.label("posts"), followers.label("followers")))).one()
    return Weight(posts=row.posts, followers=row.followers)


async def merge(connection: AsyncConnection, old_slug: str, into_slug: str) -> Weight:
    """Make one tag a part of another: its posts, followers and aliases go over; give what went.

    Its slug becomes an alias, so that posts, buttons and people that name it mean the other one from
    now on. Nothing is owed or dropped by it: who follows the tag gets what is new from here on. It
    cannot be undone: nobody knows any more which of the posts and followers were whose.

    Raises:
        KeyError: no tag is called so.
    """
    await hold(connection)
    known = await _load(connection)
    old, into = known.find(old_slug), known.find(into_slug)
    if old is None or into is None:
        raise KeyError(into_slug if into is None else old_slug)
    if old == into:
        return Weight(posts=0, followers=0)
    await _freeze(connection)
    gone = (await connection.execute(select(tag.c.slug).where(tag.c.id == old))).scalar_one()
    weight = await weigh(connection, gone)
    await _move_posts(connection, old, into)
    await _move(connection, subscription, "chat_id", old, into)
    await connection.execute(update(tag_alias).where(tag_alias.c.tag_id == old).values(tag_id=into))
    await connection.execute(delete(tag).where(tag.c.id == old))
    await connection.execute(insert(tag_alias).values(slug=gone, tag_id=into))
    return weight


async def settle(connection: AsyncConnection, named: Mapping[str, Sequence[str]]) -> list[str]:
    """Have the tags be called as the configuration says, by names and their aliases; tell what changed.

    The name of the configuration is shown. An alias that is a tag of its own is merged into the tag, or
    becomes it where there is none yet. Nothing is made for a name that no post has had, and nothing is
    taken back: a tag that was merged stays merged when its alias leaves the configuration.
    """
    known, wanted = await _load(connection), _joined(named)
    if not any(_Wanted.of(known, wanted, name).differs(known) for name in wanted):
        return []
    await hold(connection)
    await _freeze(connection)
    told: list[str] = []
    for name in wanted:
        known = await _load(connection)
        told += await _fit(connection, known, _Wanted.of(known, wanted, name))
    return told


def _joined(named: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """The names with all their aliases; of names that are spellings of one, the first."""
    first: dict[str, str] = {}
    found: dict[str, list[str]] = {}
    for name, others in named.items():
        found.setdefault(first.setdefault(slug_of(name), name), []).extend(others)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """A tag as the configuration wants it."""

    name: str
    slug: str
    tag_id: int | None  # None: it is not there under any name
    before: str | None  # the slug that the tag has now and gives up
    apart: tuple[str, ...]  # tags that are to be merged into it

    @classmethod
    def of(cls, known: _Known, named: Mapping[str, Sequence[str]], name: str) -> "_Wanted":
        """What becomes of one of the names."""
        slug = slug_of(name)
        others = {slug_of(each) for each in named} - {slug}
        theirs = [each for each in dict.fromkeys(map(slug_of, named[name])) if each not in others | {slug}]
        spelled = [each for each in known.own if tight(each) == tight(slug) and each not in others]
        mine = [each for each in (*theirs, *spelled) if each in known.own and each != slug]
        tag_id = known.find(slug)
        if tag_id is None and mine:
            tag_id = known.own[mine[0]]
        before = next((each for each in mine if known.own[each] == tag_id), None)
        apart = tuple(each for each in theirs if known.own.get(each, tag_id) != tag_id)
        return cls(name=name.strip(), slug=slug, tag_id=tag_id, before=before, apart=apart)

    def differs(self, known: _Known) -> bool:
        """Whether anything is to be done."""
        return bool(self.before or self.apart or self._is_misnamed(known))

    def _is_misnamed(self, known: _Known) -> bool:
        own = self.tag_id is not None and known.own.get(self.slug) == self.tag_id
        return own and known.names[known.own[self.slug]] != self.name


async def _fit(connection: AsyncConnection, known: _Known, wanted: _Wanted) -> list[str]:
    """Do what is to be done for one tag of the configuration; tell it."""
    if wanted.tag_id is None or not wanted.differs(known):
        return []
    told = []
    if wanted.before or wanted.slug in known.own:
        shown = known.names[wanted.tag_id]
        await connection.execute(delete(tag_alias).where(tag_alias.c.slug == wanted.slug))
        renamed = update(tag).where(tag.c.id == wanted.tag_id)
        await connection.execute(renamed.values(slug=wanted.slug, name=wanted.name))
        told += [f"{shown!r} is called {wanted.name!r} now"] if shown != wanted.name else []
    if wanted.before:
        await connection.execute(insert(tag_alias).values(slug=wanted.before, tag_id=wanted.tag_id))
    for other in wanted.apart:
        await merge(connection, other, wanted.slug)
        told.append(f"{known.names[known.own[other]]!r} is a part of {wanted.name!r} now")
    return told


async def _freeze(connection: AsyncConnection) -> None:
    """Wait for those who begin to follow a tag now, and have others wait until the transaction ends.

    By their table: with locks of tags' rows a follower and a merge could wait for each other.
    """
    if connection.dialect.name == "postgresql":
        await connection.execute(text("LOCK TABLE subscription IN SHARE ROW EXCLUSIVE MODE"))


async def _load(connection: AsyncConnection) -> _Known:
    rows = (await connection.execute(select(called))).all()
    return _Known(
        own={row.slug: row.id for row in rows if row.slug == row.called},
        aliases={row.called: row.id for row in rows if row.slug != row.called},
        names={row.id: row.name for row in rows},
    )


async def _move_posts(connection: AsyncConnection, old: int, into: int) -> None:
    """Put the posts of one tag under the other, each once, at the place of the first of the two."""
    mine = post_tag.alias()
    first = exists().where(
        mine.c.post_id == post_tag.c.post_id, mine.c.tag_id == old, mine.c.position < post_tag.c.position
    )
    await connection.execute(delete(post_tag).where(post_tag.c.tag_id == into, first))
    await _move(connection, post_tag, "post_id", old, into)


async def _move(connection: AsyncConnection, table: Any, key: str, old: int, into: int) -> None:
    """Have the rows of one tag be of the other, and let go those that it has already."""
    mine = table.alias()
    has = exists().where(mine.c[key] == table.c[key], mine.c.tag_id == into)
    await connection.execute(update(table).where(table.c.tag_id == old, ~has).values(tag_id=into))
    await connection.execute(delete(table).where(table.c.tag_id == old))
