"""What hypothesis makes of posts, subscriptions and filters, planned in SQL and by a naive model alike."""

import datetime as dt
from contextlib import suppress
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, update

from bot.model import Tag
from bot.storage import filters, planning, posts
from bot.storage.filters import Kind
from bot.storage.tables import chat, delivery, entry, subscription, tag
from bot.storage.tables import post as post_table
from tests.builders import entry as an_entry
from tests.builders import paper, post

CAP = 2
OLDEST = dt.date(2026, 11, 6)
PAPERS = tuple(f"2611.0000{number}" for number in range(6))
WORDS = ("red", "green", "blue")  # the words that titles hold
AUTHORS = ("Ada Lovelace", "Grace Hopper")
SLUGS = ("a", "b", "c")
KINDS = tuple(Kind)


def words_of(arxiv_id):
    """The words that a paper's title holds: one for some, two for others."""
    number = PAPERS.index(arxiv_id)
    return {WORDS[number % 3], WORDS[number // 2]}


def author_of(arxiv_id):
    return AUTHORS[PAPERS.index(arxiv_id) % 2]


@dataclass
class Row:
    state: str
    version: int
    reason: str | None
    post: str
    planned_at: int
    revised: bool = False

    def told(self):
        return (self.state, self.version, self.reason, self.post, self.planned_at, self.revised)


@dataclass
class Reader:
    follows_all: bool
    backlog: bool
    revised: bool
    due_at: int | None
    tags: set = field(default_factory=set)
    filters: set = field(default_factory=set)
    rows: dict = field(default_factory=dict)
    owed_at: int | None = None

    def follows(self, slugs):
        return self.follows_all or bool(self.tags & slugs)

    def judge(self, arxiv_id):
        """Why the reader does not want a paper, or None."""
        unwanted = [
            word for kind, word in self.filters if kind is Kind.EXCLUDE and word in words_of(arxiv_id)
        ]
        wishes = [(kind, word) for kind, word in self.filters if kind is not Kind.EXCLUDE]
        granted = [
            word in words_of(arxiv_id) if kind is Kind.INCLUDE else word == author_of(arxiv_id)
            for kind, word in wishes
        ]
        if unwanted:
            return f"exclude: {min(unwanted)}"
        return "include" if wishes and not any(granted) else None


@dataclass
class Page:
    number: int
    slugs: set = field(default_factory=set)
    seen: dict = field(default_factory=dict)  # paper -> when and where it was first seen
    places: dict = field(default_factory=dict)
    ids: dict = field(default_factory=dict)  # paper -> how many appearances of any paper there were before


class Model:
    def __init__(self, readers):
        self.readers = readers
        self.pages = {}
        self.versions = {}

    def read(self, at, address, date, slugs, items, first):
        page = self.pages.setdefault(address, Page(number=len(self.pages)))
        page.slugs |= slugs
        for place, (arxiv_id, version) in enumerate(items):
            self.versions[arxiv_id] = max(version, self.versions.get(arxiv_id, 0))
            page.seen.setdefault(arxiv_id, (at, len(page.seen)))
            page.ids.setdefault(arxiv_id, sum(len(other.ids) for other in self.pages.values()))
            page.places[arxiv_id] = place
        order = sorted(page.seen, key=lambda it: (page.places[it], page.seen[it][1]))
        return sum(
            self._owe(reader, at, address, page, order)
            for reader in self.readers
            if reader.backlog or not (first or date < OLDEST)
        )

    def _is_new(self, page, arxiv_id):
        others = [
            other
            for other in self.pages.values()
            if other is not page and other.ids.get(arxiv_id, page.ids[arxiv_id]) < page.ids[arxiv_id]
        ]
        return not all(any(slug in other.slugs for other in others) for slug in page.slugs)

    def _owe(self, reader, at, address, page, order):
        pushed = 0
        for arxiv_id in order:
            news = page.seen[arxiv_id][0] == at and self._is_new(page, arxiv_id)
            if news and reader.follows(page.slugs) and arxiv_id not in reader.rows:
                reason = reader.judge(arxiv_id) or ("cap" if pushed == CAP else None)
                pushed += reason is None
                state = "filtered" if reason else "pending"
                reader.rows[arxiv_id] = Row(state, self.versions[arxiv_id], reason, address, at)
        for arxiv_id in order:
            row = reader.rows.get(arxiv_id)
            if not reader.revised or not row or row.version >= self.versions[arxiv_id]:
                continue
            if row.state == "pending":
                row.version = self.versions[arxiv_id]
            slugs = {slug for other in self.pages.values() if arxiv_id in other.seen for slug in other.slugs}
            wanted = reader.follows(slugs) and not reader.judge(arxiv_id)
            if row.state == "sent" and wanted and pushed < CAP:
                pushed += 1
                reader.rows[arxiv_id] = Row("pending", self.versions[arxiv_id], None, address, at, True)
        if pushed and reader.owed_at is None:
            reader.owed_at = at if reader.due_at is None else reader.due_at
        return pushed


readings = st.tuples(
    st.just("read"),
    st.sampled_from(("p", "q", "r")),
    st.sampled_from((OLDEST, OLDEST, OLDEST + dt.timedelta(3), OLDEST - dt.timedelta(1))),
    st.sets(st.sampled_from(SLUGS), min_size=1, max_size=2),
    st.lists(
        st.tuples(st.sampled_from(PAPERS), st.integers(1, 3)),
        min_size=1,
        max_size=5,
        unique_by=lambda it: it[0],
    ),
    st.sampled_from((False, False, False, True)),
)
who = st.integers(0, 2)
choices = st.one_of(
    st.tuples(st.just(Kind.EXCLUDE), st.sampled_from(WORDS)),
    st.tuples(st.just(Kind.INCLUDE), st.sampled_from(WORDS)),
    st.tuples(st.just(Kind.AUTHOR), st.sampled_from(AUTHORS)),
)
steps = st.one_of(
    readings,
    readings,
    readings,
    st.tuples(st.just("follow"), who, st.sampled_from(SLUGS)),
    st.tuples(st.just("filter"), who, choices),
    st.tuples(st.just("arrive"), who),
    st.tuples(st.just("arrive"), who),
)
readers = st.builds(
    Reader,
    follows_all=st.booleans(),
    backlog=st.sampled_from((False, False, True)),
    revised=st.booleans(),
    due_at=st.sampled_from((None, None, 500)),
    tags=st.sets(st.sampled_from(SLUGS)),
    filters=st.sets(choices, max_size=3),
)


class Undone(Exception):
    """Ends a transaction so that nothing of it stays."""


class Script:
    """Takes the same steps in a database and in the model."""

    def __init__(self, connection, people):
        self.connection = connection
        self.model = Model(people)
        self.ids = []
        self.tags = {}
        self.at = 100

    async def begin(self):
        for slug in SLUGS:
            row = insert(tag).values(slug=slug, name=slug).returning(tag.c.id)
            self.tags[slug] = (await self.connection.execute(row)).scalar_one()
        for number, reader in enumerate(self.model.readers):
            values = {"platform": "p", "address": str(number), "style": "cards", "language": "en"}
            values |= {
                name: getattr(reader, name) for name in ("follows_all", "backlog", "revised", "due_at")
            }
            row = insert(chat).values(values).returning(chat.c.id)
            self.ids.append((await self.connection.execute(row)).scalar_one())
            for slug in reader.tags:
                await self._subscribe(number, slug)
            for choice in reader.filters:
                await filters.add(self.connection, self.ids[number], *choice)

    async def _subscribe(self, number, slug):
        row = {"chat_id": self.ids[number], "tag_id": self.tags[slug]}
        await self.connection.execute(insert(subscription).values(row))

    async def follow(self, number, slug):
        """Follow a tag, or no longer."""
        reader = self.model.readers[number]
        if slug not in reader.tags:
            await self._subscribe(number, slug)
        else:
            mine = (subscription.c.chat_id == self.ids[number], subscription.c.tag_id == self.tags[slug])
            await self.connection.execute(delete(subscription).where(*mine))
        reader.tags ^= {slug}

    async def filter(self, number, choice):
        """Filter by a word, or no longer."""
        mine = self.model.readers[number].filters
        change = filters.remove if choice in mine else filters.add
        await change(self.connection, self.ids[number], *choice)
        mine ^= {choice}

    async def arrive(self, number):
        """All that a chat is owed is sent."""
        reader = self.model.readers[number]
        mine = (delivery.c.chat_id == self.ids[number], delivery.c.state == "pending")
        await self.connection.execute(update(delivery).where(*mine).values(state="sent"))
        await self.connection.execute(update(chat).where(chat.c.id == self.ids[number]).values(owed_at=None))
        reader.owed_at = None
        for row in reader.rows.values():
            row.state = "sent" if row.state == "pending" else row.state

    async def read(self, address, date, slugs, items, first):
        """Read a post and plan it."""
        self.at += 1
        entries = [
            an_entry(
                arxiv_id,
                paper=paper(
                    arxiv_id,
                    version=version,
                    title=f"On {' and '.join(sorted(words_of(arxiv_id)))}",
                    authors=(author_of(arxiv_id),),
                ),
            )
            for arxiv_id, version in items
        ]
        tags = tuple(Tag(name=slug, slug=slug) for slug in sorted(slugs))
        digest = post(*entries, address=address, date=date, tags=tags)
        post_id = await posts.add(self.connection, "blog", digest, at=self.at)
        number = await planning.plan(
            self.connection, post_id, at=self.at, cap=CAP, oldest=OLDEST, first=first
        )
        assert number == self.model.read(self.at, address, date, slugs, items, first)

    async def compare(self):
        names = ("state", "version", "reason", "address", "planned_at", "revised")
        stored = {}
        query = (
            select(delivery, post_table.c.address)
            .join(entry, entry.c.id == delivery.c.entry_id)
            .join(post_table, post_table.c.id == entry.c.post_id)
        )
        for row in (await self.connection.execute(query)).mappings():
            key = (self.ids.index(row["chat_id"]), row["arxiv_id"])
            stored[key] = tuple(row[name] for name in names)
        assert stored == {
            (number, arxiv_id): row.told()
            for number, reader in enumerate(self.model.readers)
            for arxiv_id, row in reader.rows.items()
        }
        turns = (await self.connection.execute(select(chat.c.owed_at).order_by(chat.c.id))).scalars()
        assert list(turns) == [reader.owed_at for reader in self.model.readers]


async def follow_script(database, people, taken):
    with suppress(Undone):
        async with database.writing() as connection:
            script = Script(connection, people)
            await script.begin()
            for name, *given in taken:
                await getattr(script, name)(*given)
                await script.compare()
            raise Undone


SLOW = {
    "deadline": None,
    "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
}
people = st.lists(readers, min_size=3, max_size=3)


@pytest.mark.parametrize("address", ["sqlite"], indirect=True)
@settings(max_examples=40, **SLOW)
@given(people=people, taken=st.lists(steps, min_size=4, max_size=14))
async def test_sqlite_owes_what_the_model_owes(database, people, taken):
    await follow_script(database, people, taken)


@pytest.mark.parametrize("address", ["postgresql"], indirect=True)
@settings(max_examples=20, **SLOW)
@given(people=people, taken=st.lists(steps, min_size=4, max_size=14))
async def test_postgresql_owes_what_the_model_owes(database, people, taken):
    await follow_script(database, people, taken)
