"""The real storage and sender beside the model: every event happens to both."""

import asyncio
import datetime as dt
import random
from contextlib import suppress
from dataclasses import dataclass, field

from sqlalchemy import delete, func, insert, select, update

from bot.delivery import send
from bot.model import Language, Quiet, Schedule, Style, Tag, When
from bot.storage import chats, filters, outbox, planning, posts, schedules
from bot.storage.database import open_database
from bot.storage.posts import upsert
from bot.storage.tables import chat, subscription, tag
from bot.storage.tables import delivery as deliveries
from bot.when import next_due
from tests import builders
from tests.prove.model import DAY, LEASE, Chat, Model, Post, Timing
from tests.prove.scripted import Platform, Powered
from tests.prove.story import (
    MAX_AGE,
    PAPERS,
    TAGS,
    ZONES,
    AskRevised,
    Deliver,
    Filter,
    Pass,
    Publish,
    Rename,
    Resume,
    SetStyle,
    SetTiming,
    Subscribe,
)  # fmt: skip

CAP = 4
WORDS = {paper: {("alpha", "beta", "gamma")[number % 3]} for number, paper in enumerate(PAPERS)}
CHATS = {
    "both": Chat(tags={"NeRF", "3DGS"}, wants_revised=True),
    "one": Chat(tags={"NeRF"}),
    "all": Chat(follows_all=True, wants_revised=True),
    "old": Chat(follows_all=True, backlog=True),
}
STYLES = {"both": Style.CARDS, "one": Style.OVERVIEW, "all": Style.CARDS, "old": Style.FULL}


@dataclass
class World:
    """The real thing and the model side by side."""

    database: object
    platform: Platform
    model: Model
    ids: dict[str, int] = field(default_factory=dict)
    lengths: dict[str, int] = field(default_factory=dict)
    starts: int = 0

    async def settle_in(self) -> None:
        """Have the chats."""
        async with self.database.writing() as connection:
            for name, slug in ((name, name.lower()) for name in TAGS):
                await connection.execute(insert(tag).values(name=name, slug=slug))
            for name, mine in self.model.chats.items():
                self.ids[name] = await chats.follow_all(
                    connection, "model", self.platform.address(name), style=STYLES[name],
                    language=Language.EN, backlog=mine.backlog,
                )  # fmt: skip
                await self._set(connection, name, follows_all=mine.follows_all, revised=mine.wants_revised)
                for topic in sorted(mine.tags):
                    await self._subscribe(connection, Subscribe(name, topic, True))

    async def happen(self, event) -> None:
        """Let something happen, a second after what was before."""
        self.platform.now += 1
        match event:
            case Pass(seconds):
                self.platform.now += seconds
            case Deliver(fates, stubborn):
                await self.deliver(fates, stubborn)
            case Publish():
                await self._publish(event)
            case Rename(place, topic) if self.model.posts:
                await self._rename(sorted(self.model.posts)[place % len(self.model.posts)], topic)
            case Resume():
                await self._resume()
            case Subscribe() | AskRevised() | SetStyle() | Filter() | SetTiming():
                async with self.database.writing() as connection:
                    await self._ask(connection, event)

    async def _ask(self, connection, event) -> None:
        mine = self.model.chats[event.chat]
        match event:
            case Subscribe(_, topic, wanted):
                (mine.tags.add if wanted else mine.tags.discard)(topic)
                await self._subscribe(connection, event)
            case AskRevised(name, wanted):
                mine.wants_revised = wanted
                await self._set(connection, name, revised=wanted)
            case SetStyle(name, style):
                self.model.restyle(name)
                await self._set(connection, name, style=style.value)
            case Filter(name, kind, word, wanted):
                (mine.words[kind].add if wanted else mine.words[kind].discard)(word)
                change = filters.add if wanted else filters.remove
                await change(connection, self.ids[name], filters.Kind(kind), word)
            case SetTiming(name):
                await self._set_timing(connection, name, event)

    async def _subscribe(self, connection, event: Subscribe) -> None:
        tag_id = select(tag.c.id).where(tag.c.name == event.tag).scalar_subquery()
        chat_id = self.ids[event.chat]
        if event.wanted:
            row = {"chat_id": chat_id, "tag_id": tag_id}
            await connection.execute(upsert(connection, subscription).values(row).on_conflict_do_nothing())
        else:
            mine = (subscription.c.chat_id == chat_id, subscription.c.tag_id == tag_id)
            await connection.execute(delete(subscription).where(*mine))

    async def _set(self, connection, name: str, **values) -> None:
        await connection.execute(update(chat).where(chat.c.id == self.ids[name]).values(values))

    async def _set_timing(self, connection, name: str, event: SetTiming) -> None:
        hours = event.quiet and tuple(dt.time(hour) for hour in event.quiet)
        schedule = Schedule(
            when=When.INSTANT if event.at is None else When.WEEKLY if len(event.days) == 1 else When.DAILY,
            at=None if event.at is None else dt.time(event.at // 3600, event.at % 3600 // 60),
            zone=ZONES[event.offset],
            weekdays=event.days,
            quiet=Quiet(start=hours[0], end=hours[1], silent=event.silent) if hours else None,
        )
        now = self.platform.now
        await schedules.set_schedule(connection, self.ids[name], schedule, now=now, next_due=next_due)
        timing = Timing(event.at, event.days, event.offset, event.quiet, event.silent)
        self.model.chats[name].timing = timing
        self.model.reset(name, now, gate=timing.gate(now))

    async def _publish(self, event: Publish) -> None:
        address = f"{event.tag}-{event.number}"
        known = self.model.posts.get(address)
        day = dt.date.fromtimestamp(self.platform.now - event.age * DAY)
        post = known or Post(len(self.model.posts), day.isoformat(), event.tag, {event.tag})
        new = [paper for paper in event.papers if paper not in post.papers]
        papers = new + post.papers if event.in_front else post.papers + new
        self.lengths[address] = event.length
        for paper in papers:
            self.model.versions[paper] = max(1, self.model.versions[paper] + (paper in event.revised))
        await self._read(address, post, papers, first=event.first)

    async def _rename(self, address: str, topic: str) -> None:
        old = self.model.posts[address]
        day = dt.date.fromisoformat(old.date) + dt.timedelta(days=1)
        renamed = Post(len(self.model.posts), day.isoformat(), topic, {topic})
        self.lengths[f"{address}+"] = self.lengths[address]
        await self._read(f"{address}+", self.model.posts.get(f"{address}+", renamed), old.papers, first=False)

    async def _read(self, address: str, post: Post, papers: list[str], *, first: bool) -> None:
        now, day = self.platform.now, dt.date.fromisoformat(post.date)
        oldest = dt.datetime.fromtimestamp(now, dt.UTC).date() - dt.timedelta(days=MAX_AGE)
        raw = builders.post(
            *(self._entry(paper, self.lengths[address]) for paper in papers),
            address=address, title=post.title, date=day, heading_date=day,
            tags=tuple(Tag(name=name, slug=name.lower()) for name in sorted(post.tags)),
        )  # fmt: skip
        async with self.database.writing() as connection:
            await schedules.roll(connection, now=now, next_due=next_due)
            post_id = await posts.add(connection, "blog", raw, at=now)
            await planning.plan(connection, post_id, at=now, cap=CAP, oldest=oldest, first=first)
        self.model.posts[address] = post
        self.model.read(post, papers, now, old=first or day < oldest)

    def _entry(self, paper: str, length: int):
        version = self.model.versions[paper]
        record = builders.paper(paper, version=version, title=f"On {' '.join(WORDS[paper])} {paper}")
        return builders.entry(paper, paper=record, summary="Short.", takeaways=(f"Length {length}",))

    async def _resume(self) -> None:
        now = self.platform.now
        self.platform.gone.clear()
        for name, mine in self.model.chats.items():
            if mine.paused is not False:
                async with self.database.writing() as connection:
                    await chats.resume(connection, self.ids[name], now=now)
                mine.paused = False
                self.model.reset(name, now, gate=now)

    async def deliver(self, fates: dict[int, str], stubborn: str | None = None) -> None:
        """A bot runs until it has nothing to do, or the power goes off."""
        platform = self.platform
        platform.start(fates, stubborn)
        before = asyncio.all_tasks()
        self.starts += 1
        sender = send.Sender(
            Powered(self.database, platform), {"model": platform}, holder=f"bot {self.starts}",
            clock=lambda: float(platform.now), chance=random.Random(self.starts), lease=float(LEASE),
        )  # fmt: skip
        running = asyncio.create_task(sender.run(until_idle=True))
        off = asyncio.create_task(platform.off.wait())
        done, _ = await asyncio.wait({running, off}, timeout=10, return_when=asyncio.FIRST_COMPLETED)
        off.cancel()
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        left = asyncio.all_tasks() - before
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        assert done, "the bot does not come to rest"
        if platform.wrong:
            raise platform.wrong[0]
        if platform.power:
            self.model.settle(platform.now)
            await self._check_addresses()

    async def _check_addresses(self) -> None:
        async with self.database.reading() as connection:
            rows = {
                row.id: row.address for row in await connection.execute(select(chat.c.id, chat.c.address))
            }
        for name in self.platform.reached:
            assert rows[self.ids[name]] == self.platform.address(name), (
                f"{name} moved, and nobody took it down"
            )

    async def end(self) -> None:
        """All trouble ceases, time passes: now everything must have come, and nothing comes again."""
        await self._resume()
        for _ in range(60):
            self.platform.now += 5 * 3600
            await self.deliver({})
            if not await self._owed():
                break
        for _ in range(3):
            self.platform.now += DAY // 2 + 3600
            await self.deliver({})
        self.model.check()
        async with self.database.reading() as connection:
            leases = (await connection.execute(select(func.count(chat.c.leased_by)))).scalar_one()
            states = (await connection.execute(select(deliveries.c.state).distinct())).scalars().all()
        assert not await self._owed(), "rows are owed for ever"
        assert not leases, "leases are left"
        assert set(states) <= {"sent", "failed", "filtered"}

    async def _owed(self) -> dict:
        async with self.database.reading() as connection:
            return await outbox.owed(connection, list(self.ids.values()))


async def tell(address: str, story) -> None:
    """Live through a story from the beginning to the end."""
    people = {
        name: Chat(set(who.tags), who.follows_all, who.backlog, who.wants_revised)
        for name, who in CHATS.items()
    }
    model = Model(people, CAP, WORDS)
    database = await open_database(address)
    try:
        world = World(database, Platform(model), model)
        await world.settle_in()
        for event in story:
            await world.happen(event)
        await world.end()
    finally:
        await database.close()
