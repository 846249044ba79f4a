"""Tags as chats see them: what there is this week, what is followed, and which one a person means."""

import datetime as dt
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.slugs import key as key
from bot.slugs import slug
from bot.storage import merging
from bot.storage.chats import bytewise
from bot.storage.posts import upsert
from bot.storage.tables import IS_OWED, chat, delivery, entry, post, post_tag, subscription, tag

LEFT = "left"  # why a paper is not sent that waited under a tag the chat has left
SLIP = 86400  # seconds after which leaving a tag was meant
LIKELY = 4  # tags that are offered where a name is misspelled
LIKE = 65  # of 100: how like a name one must be to be offered
CLOSE = 85  # of 100: several words are one misspelled name, not several names
SINGLE = 20  # words without a comma that are looked up one by one

_APART = re.compile(r"[,，、;；\n]")
_SPOKEN = re.compile(r"[^\W_]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A tag with what a chat wants to know of it."""

    id: int
    slug: str
    name: str
    week: int  # papers in the last seven days
    followed: bool  # by the chat
    aliases: tuple[str, ...] = ()  # slugs that mean it as well, since tags were merged


async def topics(connection: AsyncConnection, *, since: dt.date, chat_id: int | None) -> list[Topic]:
    """All tags, those with most papers since that day first."""
    paper = bytewise(connection, entry.c.arxiv_id)
    papers = (
        select(post_tag.c.tag_id, func.count(paper.distinct()).label("number"))
        .join(entry, entry.c.post_id == post_tag.c.post_id)
        # Not as a join: SQLite would go through all posts that ever were, tag by tag.
        .where(post_tag.c.post_id.in_(select(post.c.id).where(post.c.date >= since)))
        .group_by(post_tag.c.tag_id)
        .subquery()
    )
    mine = and_(subscription.c.tag_id == tag.c.id, subscription.c.chat_id == literal(chat_id or 0))  # from 1
    rows = await connection.execute(
        select(tag.c.id, tag.c.slug, tag.c.name, papers.c.number, subscription.c.chat_id)
        .outerjoin(papers, papers.c.tag_id == tag.c.id)
        .outerjoin(subscription, mine)
    )
    everything = await follows_all(connection, chat_id)
    others = await merging.aliases(connection)
    found = [
        Topic(
            id=id, slug=slug, name=name, week=number or 0, followed=everything or follower is not None,
            aliases=others.get(id, ()),
        )
        for id, slug, name, number, follower in rows
    ]  # fmt: skip
    return sorted(found, key=lambda topic: (-topic.week, topic.name.casefold(), topic.slug))


async def follows_all(connection: AsyncConnection, chat_id: int | None) -> bool:
    """Whether the chat follows every tag, those to come as well."""
    if chat_id is None:
        return False
    everything = select(chat.c.id).where(chat.c.id == chat_id, chat.c.follows_all)
    return (await connection.execute(everything)).first() is not None


async def follow(connection: AsyncConnection, chat_id: int, tag_ids: Collection[int], *, now: int) -> None:
    """Have the chat follow these tags, and what it follows already.

    What waited for it under a tag that it left less than a day ago is owed again: that was a slip.
    """
    rows = [{"chat_id": chat_id, "tag_id": tag_id} for tag_id in sorted(tag_ids)]
    if not rows:
        return
    await connection.execute(upsert(connection, subscription).values(rows).on_conflict_do_nothing())
    lately = and_(delivery.c.reason == LEFT, delivery.c.settled_at > now - SLIP)
    mine = and_(delivery.c.chat_id == chat_id, delivery.c.state == "filtered", lately)
    again = update(delivery).where(mine, _under(tag_ids))
    again = again.values(state="pending", reason=None, settled_at=None)
    if (await connection.execute(again)).rowcount:
        due = func.coalesce(chat.c.owed_at, chat.c.due_at, literal(now))
        await connection.execute(update(chat).where(chat.c.id == chat_id).values(owed_at=due))


async def leave(connection: AsyncConnection, chat_id: int, tag_ids: Collection[int], *, now: int) -> None:
    """Have the chat follow these tags no longer; one that follows every tag goes on with all others.

    What waits for it under them alone is not sent any more.
    """
    if await follows_all(connection, chat_id):
        await set_follows_all(connection, chat_id, False)
        others = select(chat.c.id, tag.c.id).where(chat.c.id == chat_id).join(tag, true())
        known = select(subscription.c.tag_id).where(subscription.c.chat_id == chat_id)
        rows = others.where(tag.c.id.not_in(known))
        named = upsert(connection, subscription).from_select(["chat_id", "tag_id"], rows)
        await connection.execute(named.on_conflict_do_nothing())
    mine = (subscription.c.chat_id == chat_id, subscription.c.tag_id.in_(tag_ids))
    await connection.execute(delete(subscription).where(*mine))
    still = select(subscription.c.tag_id).where(subscription.c.chat_id == chat_id)
    await _drop(connection, chat_id, and_(_under(tag_ids), ~_under(still)), now)


async def leave_all(connection: AsyncConnection, chat_id: int, *, now: int) -> None:
    """Have the chat follow nothing, and send it nothing of what waits for it."""
    await set_follows_all(connection, chat_id, False)
    await connection.execute(delete(subscription).where(subscription.c.chat_id == chat_id))
    await _drop(connection, chat_id, true(), now)


async def set_follows_all(connection: AsyncConnection, chat_id: int, follows: bool) -> None:
    """Have the chat follow every tag, those to come as well, or only those that it has named."""
    await connection.execute(update(chat).where(chat.c.id == chat_id).values(follows_all=follows))


async def _drop(connection: AsyncConnection, chat_id: int, which: ColumnElement[bool], now: int) -> None:
    """Send the chat these papers no longer, of which nothing has arrived yet."""
    begun = or_(delivery.c.state != "pending", delivery.c.parts > 0, delivery.c.revised)
    dropped = update(delivery).where(delivery.c.chat_id == chat_id, IS_OWED, ~begun, which)
    await connection.execute(dropped.values(state="filtered", reason=LEFT, settled_at=now))


def _under(tag_ids: Collection[int] | Select[Any]) -> ColumnElement[bool]:
    """Of a delivery: its paper stands under one of the tags."""
    return exists().where(
        entry.c.arxiv_id == delivery.c.arxiv_id,
        post_tag.c.post_id == entry.c.post_id,
        post_tag.c.tag_id.in_(tag_ids),
    )


def by_key(topics: Iterable[Topic], key_: str) -> Topic | None:
    """The tag that a button knows by that key."""
    return next((topic for topic in topics if key_ in map(key, _called(topic))), None)


def near(topics: Sequence[Topic], word: str) -> list[Topic]:
    """The tags that may be meant by a misspelled or abbreviated name, likeliest first, at most four."""
    wanted = _spaced(slug(word[:100]))
    likes = {topic.slug: max(_likeness(wanted, _spaced(name)) for name in _called(topic)) for topic in topics}
    likely = [topic for topic in topics if likes[topic.slug] >= LIKE]
    return sorted(likely, key=lambda topic: -likes[topic.slug])[:LIKELY]


class Names:
    """Tags by all that they are called."""

    def __init__(self, topics: Sequence[Topic], aliases: Mapping[str, str]) -> None:
        self.topics = topics
        self.slugs = {topic.slug: topic for topic in topics}
        merged = {other: topic.slug for topic in topics for other in topic.aliases}
        self.aliases = merged | {slug(name): merged.get(meant, meant) for name, meant in aliases.items()}
        named = [(name, topic) for topic in topics for name in _called(topic)]
        self.tight = {_tight(name): topic for name, topic in reversed(named)}
        self.longest = 1 + max((name.count("-") + 1 for name in (*self.slugs, *self.aliases)), default=0)

    def get(self, word: str) -> Topic | None:
        """The tag that is called so in one spelling or another."""
        wanted = slug(word)
        named = self.slugs.get(wanted) or self.slugs.get(self.aliases.get(wanted, ""))
        return named or self.tight.get(_tight(wanted))

    def find(self, word: str) -> list[Topic]:
        """The one that is called so, else all whose name holds the word; where one begins goes first."""
        if (named := self.get(word)) is not None:
            return [named]
        if not _SPOKEN.search(word):
            return []
        wanted = slug(word)
        held = [topic for topic in self.topics if any(wanted in name for name in _called(topic))]
        return sorted(held, key=lambda topic: all(f"-{wanted}" not in f"-{name}" for name in _called(topic)))

    def split(self, text: str) -> list[str | Topic]:
        """The tags that a text names one after another; pieces that name none exactly stay as written.

        Names are parted by commas, semicolons and lines, and by blanks where it is clear which words
        belong together: the longest name goes first, and words that are one name but for a slip stay
        together.
        """
        parts = [part for part in _APART.split(text) if part.strip()]
        most = max((len(_APART.findall(topic.name)) for topic in self.topics), default=0)
        found: list[str | Topic] = []
        while parts:
            size, topic = next(self._begins(parts, most), (1, None))
            found += [topic] if topic else self._part(parts[0].split())
            parts = parts[size:]
        return list(dict.fromkeys(found))

    def _begins(self, parts: Sequence[str], most: int) -> Iterator[tuple[int, Topic]]:
        """How many of the first parts are one name that holds a comma itself, longest first."""
        for size in range(min(most + 1, len(parts)), 1, -1):
            topic = self.get(",".join(parts[:size]))
            if topic and _APART.search(topic.name):
                yield size, topic

    def _part(self, words: Sequence[str]) -> list[str | Topic]:
        """What these words name, which only blanks part."""
        tiles = list(self._tile(words))
        whole = " ".join(words)
        if all(isinstance(tile, Topic) for tile in tiles):
            return [tile for tile in tiles if isinstance(tile, Topic)]
        if len(words) == 1 or self.find(whole) or self._is_slip(whole):
            return [whole]
        found: list[str | Topic] = []
        for tile in tiles:
            found += [tile] if isinstance(tile, Topic) else self._loose(tile)
        return found

    def _tile(self, words: Sequence[str]) -> Iterator[Topic | list[str]]:
        """The longest names one after another, and the runs of words between them."""
        loose: list[str] = []
        at = 0
        while at < len(words):
            size, topic = self._longest(words[at : at + self.longest])
            if topic is None:
                loose.append(words[at])
            else:
                yield from (loose,) if loose else ()
                yield topic
                loose = []
            at += size
        yield from (loose,) if loose else ()

    def _longest(self, words: Sequence[str]) -> tuple[int, Topic | None]:
        for size in range(len(words), 0, -1):
            if (topic := self.get(" ".join(words[:size]))) is not None:
                return size, topic
        return 1, None

    def _loose(self, words: list[str]) -> list[str | Topic]:
        """Words that are no name: one piece of a name, or a piece of a name each."""
        whole = " ".join(words)
        if len(words) > SINGLE or self.find(whole) or not all(map(self.find, words)):
            return [whole]
        return list(words)

    def _is_slip(self, whole: str) -> bool:
        from rapidfuzz import fuzz, process

        names = [_spaced(name) for topic in self.topics for name in _called(topic) if "-" in name]
        wanted = _spaced(slug(whole[:100]))
        return process.extractOne(wanted, names, scorer=fuzz.ratio, score_cutoff=CLOSE) is not None


def _likeness(wanted: str, name: str) -> float:
    """How like a name a word is, or a part of the name, of 100; its initials are as good as any."""
    from rapidfuzz import fuzz

    if len(wanted) > 1 and wanted == "".join(word[0] for word in name.split(" ")):
        return 100.0
    part = 0.9 * fuzz.partial_ratio(wanted, name) if len(wanted) <= len(name) else 0.0
    return max(part, fuzz.ratio(wanted, name), fuzz.token_sort_ratio(wanted, name))


def _called(topic: Topic) -> tuple[str, ...]:
    return (topic.slug, *topic.aliases)


def _spaced(name: str) -> str:
    return name.replace("-", " ")


def _tight(name: str) -> str:
    return name.replace("-", "")
