"""A bot lives through a history: looks, is restarted, killed, and delivers; it is checked all the way."""

import asyncio
import datetime as dt
import random
from collections import Counter
from contextlib import suppress
from typing import Any

from sqlalchemy import select

from bot.collecting import Collecting
from bot.delivery.collect import Collected
from bot.delivery.send import Sender
from bot.model import Language, Schedule, Style, When
from bot.slugs import slug
from bot.storage import chats, schedules, tags
from bot.storage.database import Database, open_database
from bot.storage.tables import chat, delivery, tag
from bot.when import next_due
from tests.delivery.recorder import Recorder
from tests.replay.author import Act, Day, Follows, Leaves, Look
from tests.replay.model import GROWS, Model, day_of
from tests.replay.polite import Toll
from tests.replay.stage import Stage

LOOKS: dict[str, Any] = {"style": Style.OVERVIEW, "language": Language.EN}
UNFINISHED = Collected(trouble="killed", whole=False)


class Life:
    """One bot, its readers, and what they were shown."""

    def __init__(self, stage: Stage, address: str) -> None:
        self.stage = stage
        self.model = Model(stage.eyes())
        self.platform = Recorder()
        self.now = 0.0
        self.looks = 0
        self.toll = Toll(sources=0)
        self._known: dict[str, str] = {}  # where a look may have met a post, and its date
        self._address = address
        self._database: Database | None = None
        self._collecting: Collecting | None = None
        self.heard: dict[str, Collected] = {}  # what came of the looks that came to an end
        self._chats: dict[str, int] = {}

    async def __aenter__(self) -> "Life":
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.stop()

    @property
    def database(self) -> Database:
        assert self._database
        return self._database

    async def start(self, timeout: str = "10s") -> None:
        if self._database is None:
            self._database = await open_database(self._address)
        if self._collecting is None:
            config = self.stage.config(timeout)
            self._collecting = Collecting(config, self._database, self._hear, clock=lambda: self.now)

    async def stop(self, *, whole: bool = True) -> None:
        """End the bot, and, if `whole`, its database."""
        if self._collecting is not None:
            await self._collecting.close()
            self._collecting = None
        if self._database is not None and whole:
            await self._database.close()
            self._database = None

    async def live(self, days: tuple[Day, ...]) -> None:
        """All that the history tells."""
        await self.start()
        for day in days:
            await self.live_day(day)

    async def live_day(self, day: Day) -> None:
        self.toll, asked = Toll(sources=len(self.stage.kinds)), len(self.stage.blog.log)
        read = set(self.model.eyes["site"].read) if "site" in self.model.eyes else set()
        for moment in day.moments:
            self.now = moment.at
            written = tuple(act for act in moment.acts if not isinstance(act, Look | Follows | Leaves))
            if written:
                self.change(written)
            for act in moment.acts:
                if isinstance(act, Look):
                    await self.look(act)
                elif isinstance(act, Follows):
                    await self.follow(act.chat, act.tag)
                elif isinstance(act, Leaves):
                    await self.leave(act.chat)
        self.toll.asked = self.stage.blog.log[asked:]
        self.toll.check(read)

    def change(self, acts: tuple[Act, ...]) -> None:
        self.stage.change(acts)
        for kind, eye in self.model.eyes.items():
            eye.show(self.now, self.stage.shown(kind))

    async def follow(self, name: str, topic: str | None) -> None:
        """A chat follows a tag, which there has to be by now, or every tag."""
        now = int(self.now)
        async with self.database.writing() as connection:
            if topic is None:
                number = await chats.follow_all(connection, "recorder", name, **LOOKS)
            else:
                settled = await chats.settle_in(connection, "recorder", name, group=False, **LOOKS)
                known = select(tag.c.id).where(tag.c.slug == slug(topic))
                number, wanted = settled.id, (await connection.execute(known)).scalar_one()
                await tags.follow(connection, number, [wanted], now=now)
            if name == "revised":
                await chats.set_revised(connection, number, True)
            if name == "daily":
                daily = Schedule(when=When.DAILY, at=dt.time(8))
                await schedules.set_schedule(connection, number, daily, now=now, next_due=next_due)
        self._chats[name] = number
        self.model.follow(name, topic, self.now)

    async def knows(self, topic: str) -> bool:
        """Whether a tag can be followed."""
        async with self.database.reading() as connection:
            known = await connection.execute(select(tag.c.id).where(tag.c.slug == slug(topic)))
            return known.first() is not None

    async def leave(self, name: str) -> None:
        async with self.database.writing() as connection:
            await tags.leave_all(connection, self._chats[name], now=int(self.now))
        self.model.leave(name)

    async def look(self, look: Look) -> None:
        """Look at every source, come what may; deliver; and check."""
        if look.anew or look.how == "half":
            await self.stop(whole=self.looks == 2)
        await self.start("1s" if look.how == "half" else "10s")
        assert self._collecting
        self.heard.clear()
        self.looks += 1
        with self.stage.trouble(look.how):
            work = asyncio.create_task(self._collecting.once())
            if look.how == "half" and "folder" in self.stage.kinds:
                await self.stage.write_on()
            if look.how == "killed":
                await self._kill(work, look.steps)
            else:
                await work
        if look.how == "half":
            await self.stop(whole=False)
            await self.start()
            self.heard.pop("folder", None)  # the half-written file is for the next look
        if look.how == "well":
            reached = [self.heard[self.stage.names[kind]] for kind in self.stage.reached]
            assert {done.trouble for done in reached} == {None}, reached
        for kind in self.stage.kinds:
            done = self.heard.get(self.stage.names[kind], UNFINISHED)
            self.model.look(kind, self.now, whole=done.whole, clean=done.trouble is None)
        self._count(look)
        await self.deliver()
        await self.check()

    def _count(self, look: Look) -> None:
        for kind in {"site"} & set(self.stage.kinds):
            self._known |= {address: post.date for address, post in self.stage.shown(kind)}
        oldest = day_of(self.now, GROWS)
        growing = (address for address, date in self._known.items() if date >= oldest)
        self.toll.count(look, self.stage.pages, growing)

    async def _kill(self, work: asyncio.Task[None], steps: int) -> None:
        for _ in range(steps):
            if not work.done():
                await asyncio.sleep(0)
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work
        await self.stop(whole=False)
        await self.start()

    async def _hear(self, source: Any, collected: Collected, _seconds: float) -> None:
        self.heard[source.name] = collected

    async def deliver(self) -> None:
        """Send what is due."""
        sender = Sender(
            self.database,
            {"recorder": self.platform},
            holder=f"bot {self.looks}",
            clock=lambda: self.now,
            chance=random.Random(1),
        )
        await asyncio.wait_for(sender.run(until_idle=True), 20)

    async def check(self) -> None:
        """Each paper once, nothing old, nothing lost: in the outbox, and in what was shown."""
        columns = (chat.c.address, delivery.c.arxiv_id, delivery.c.state, delivery.c.version)
        owed: dict[str, dict[str, Any]] = {name: {} for name in self._chats}
        async with self.database.reading() as connection:
            for row in await connection.execute(select(*columns).join(chat, chat.c.id == delivery.c.chat_id)):
                owed[row.address][row.arxiv_id] = row
        for name, reader in self.model.readers.items():
            lost, old = reader.must - owed[name].keys(), owed[name].keys() - reader.may
            assert not lost, f"{name} was not owed {sorted(lost)}"
            assert not old, f"{name} was owed {sorted(old)}"
        self._check_shown(owed)
        if "revised" in owed:
            self._check_versions(owed["revised"], self.model.readers["revised"].newest)

    def _check_shown(self, owed: dict[str, dict[str, Any]]) -> None:
        shown = Counter((place, each) for place, _, papers in self.platform.arrived for each in papers)
        for name, rows in owed.items():
            for arxiv_id, row in rows.items():
                times = shown.pop((name, arxiv_id), 0)
                if name != "revised":
                    assert times == (row.state == "sent"), (name, arxiv_id, row.state, times)
                else:
                    assert times <= row.version, (arxiv_id, times)
        assert not shown, f"shown without being owed: {shown}"

    def _check_versions(self, rows: dict[str, Any], newest: dict[str, int]) -> None:
        for arxiv_id, row in rows.items():
            if row.state == "sent":
                assert row.version >= newest.get(arxiv_id, 0), arxiv_id
