"""Whatever goes wrong on the way to Telegram, everything that can arrive does, in order.

The engine and the real adapter against a server that floods, breaks, cuts connections, is left by
people and moves groups. 400 messages here; `make prove` (PAPERBOY_PROVE=1) does it with 10,000.
"""

import asyncio
import datetime as dt
import os
import random
import re
import time
from collections import Counter
from itertools import accumulate, groupby

import pytest
from sqlalchemy import func, select

from bot.adapters.base import Limits
from bot.adapters.telegram.adapter import Telegram
from bot.delivery.send import Sender
from bot.model import Language, Style, Unsure
from bot.storage import chats, planning, posts
from bot.storage.tables import chat, delivery
from tests.builders import post
from tests.fakes.telegram import Chat, Request, Server

pytestmark = pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")

FULL = bool(os.environ.get("PAPERBOY_PROVE"))
READERS, PAPERS = (910, 10) if FULL else (40, 9)  # with its overview each gets one message more
LEAVING = MOVING = max(1, READERS // 100)
IDS = [f"2401.{number:05}" for number in range(1, PAPERS + 1)]
TITLES = ["NeRF", *(f"On {arxiv_id}" for arxiv_id in IDS)]
SHARES = {"flood": 0.05, "broken": 0.025, "broken late": 0.025, "cut": 0.01, "cut late": 0.01}
LATE = ("broken late", "cut late")  # the server had acted
EARLY = 3  # messages after which people leave and groups move


class Trouble:
    """Says what happens to each try of each message: the same, in whatever order they come."""

    def __init__(self, server: Server) -> None:
        self.tried: dict[tuple[int, str], list[str]] = {}  # by chat and title, what happened
        self._fates: dict[int, str] = {}
        for name in SHARES:
            self._add(server, name)

    def _add(self, server: Server, name: str) -> None:
        many = {"times": None, "when": lambda request: self.fate(request) == name}
        late = name in LATE
        if name == "flood":
            server.fail("sendMessage", status=429, retry_after=1, **many)
        elif name.startswith("cut"):
            server.cut("sendMessage", before=not late, **many)
        else:
            server.fail("sendMessage", status=502 if late else 500, handled=late, **many)

    def fate(self, request: Request) -> str:
        """What happens to a request."""
        if request.number not in self._fates:
            self._fates[request.number] = self._draw(request)
        return self._fates[request.number]

    def _draw(self, request: Request) -> str:
        message = request.params["chat_id"], title(request.params["text"])
        before = self.tried.setdefault(message, [])
        chance = random.Random(f"{message} {len(before)}").random()
        bounds = zip(SHARES, accumulate(SHARES.values()), strict=True)
        before.append(next((name for name, bound in bounds if chance < bound), "taken"))
        return before[-1]

    def of(self, places: list[Chat], name: str) -> list[str]:
        """What happened to all tries of a message, wherever its reader lived then."""
        return [fate for place in places for fate in self.tried.get((place.id, name), ())]


class House:
    """Readers on Telegram, and the bot's own view of them."""

    def __init__(self, server: Server, database) -> None:
        self.server, self.database = server, database
        self.people = [server.private(server.user(f"Reader {number}")) for number in range(READERS - MOVING)]
        self.groups = [server.group(f"Group {number}", kind="group") for number in range(MOVING)]
        self.leaving = self.people[:LEAVING]
        self.moved: dict[int, Chat] = {}

    @property
    def all(self) -> list[Chat]:
        return [*self.people, *self.groups]

    async def owe(self) -> None:
        """Have everybody owed a digest."""
        async with self.database.writing() as connection:
            for reader in self.all:
                settings = {"style": Style.CARDS, "language": Language.EN, "group": reader.user is None}
                await chats.follow_all(connection, "telegram", str(reader.id), **settings)
            now = int(time.time())
            post_id = await posts.add(connection, "blog", post(*IDS), at=now)
            await planning.plan(connection, post_id, at=now, cap=PAPERS, oldest=dt.date(2000, 1, 1))

    async def upset(self) -> None:
        """Have people leave and groups move once they have got something."""
        waiting = [*self.leaving, *self.groups]
        while waiting:
            for reader in [it for it in waiting if len(it.messages) >= EARLY]:
                waiting.remove(reader)
                if reader.user:
                    reader.user.blocked = True
                else:
                    self.moved[reader.id] = (await self.server.migrate(reader)).chat
            await asyncio.sleep(0.002)

    def places(self, reader: Chat) -> list[Chat]:
        """Where a reader lives: a group that has moved, at the old place and at the new one."""
        return [reader, *([self.moved[reader.id]] if reader.id in self.moved else [])]

    def came(self, reader: Chat) -> list[str]:
        """The titles of the messages that a reader was brought, in order."""
        messages = (it for place in self.places(reader) for it in place.messages.values())
        return [title(message.body["text"]) for message in messages if message.by_bot]

    async def owing(self) -> int:
        """How many papers are still to be brought, but to those that have left."""
        async with self.database.reading() as connection:
            owed = select(func.count()).select_from(delivery.join(chat, chat.c.id == delivery.c.chat_id))
            owed = owed.where(delivery.c.state.in_(["pending", "sending"]), chat.c.paused_at.is_(None))
            return (await connection.execute(owed)).scalar_one()

    async def rows(self, reader: Chat) -> list:
        """The bot's view of a reader: chat and deliveries."""
        address = str(self.places(reader)[-1].id)
        async with self.database.reading() as connection:
            both = select(chat.c.paused_reason, delivery.c.arxiv_id, delivery.c.state, delivery.c.reason)
            both = both.join(delivery, delivery.c.chat_id == chat.c.id).where(chat.c.address == address)
            return (await connection.execute(both.order_by(delivery.c.arxiv_id))).all()


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch):
    monkeypatch.setattr("bot.delivery.send.IDLE", 0.2)
    monkeypatch.setattr("bot.delivery.send.OUTAGE", 0.2)
    monkeypatch.setattr("bot.delivery.retry.FIRST", 0.05)


async def deliver(house: House) -> None:
    """Send until nothing is owed to anybody who is there."""
    adapter = Telegram(house.server.token, api_url=house.server.url, limits=Limits())
    sender = Sender(
        house.database, {"telegram": adapter}, holder="me", chance=random.Random(1), unsure=Unsure.UNTIL_KNOWN
    )
    running = asyncio.create_task(sender.run())
    try:
        async with asyncio.timeout(100):
            while await house.owing():
                assert not running.done(), "the sender goes on by itself"
                await asyncio.sleep(0.1)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await adapter.close()


async def test_everything_that_can_arrive_does_in_order_whatever_goes_wrong(database):
    async with Server() as server:
        house, trouble = House(server, database), Trouble(server)
        await house.owe()
        upset = asyncio.create_task(house.upset())
        await deliver(house)
        await upset
        for reader in house.leaving:
            await check_left(house, reader)
            reader.user.blocked = False
            async with database.writing() as connection:
                found = await chats.find(connection, "telegram", str(reader.id))
                await chats.resume(connection, found.id, now=int(time.time()))
        await deliver(house)
        for reader in house.all:
            check_came(house, trouble, reader)
            await check_rows(house, reader)
        assert len(house.moved) == MOVING
        assert server.complaints == []
    check_amount(trouble)


async def check_left(house: House, reader: Chat) -> None:
    """Who has left is paused, and keeps all that has not come."""
    rows = await house.rows(reader)
    assert all("blocked" in row.paused_reason for row in rows)
    came = house.came(reader)
    for row in rows:
        assert row.state in ("sent", "sending", "pending"), f"{reader.id}: {row}"
        assert row.state != "sent" or f"On {row.arxiv_id}" in came
    assert {row.state for row in rows} != {"sent"}


def check_came(house: House, trouble: Trouble, reader: Chat) -> None:
    """Everything came in order, repeated only where nobody knew that it had come."""
    runs = [(name, len(list(same))) for name, same in groupby(house.came(reader))]
    tried = {name: trouble.of(house.places(reader), name) for name in TITLES}
    for name, times in runs:
        known = sum(fate in LATE for fate in tried[name])
        assert times <= 1 + known, f"{reader.id}: {name} came {times} times after {tried[name]}"
    assert [name for name, _ in runs] == list(TITLES), reader.id


async def check_rows(house: House, reader: Chat) -> None:
    """What the bot thinks is what a reader sees."""
    came = house.came(reader)
    rows = await house.rows(reader)
    assert [row.arxiv_id for row in rows] == IDS, f"{reader.id} is not where it lives"
    for row in rows:
        assert row.paused_reason is None
        assert row.state == "sent"
        assert f"On {row.arxiv_id}" in came


def title(text: str) -> str:
    """How people name a message: a paper by its title, the overview by its tag."""
    found = re.match(r"(?:<b>)?(?:<a [^>]*>)?(On \d{4}\.\d{5})", text)
    return found[1] if found else "NeRF"


def check_amount(trouble: Trouble) -> None:
    """As much went wrong as is said."""
    count = Counter(fate for fates in trouble.tried.values() for fate in fates)
    for name, share in SHARES.items():
        wanted = share * count.total()
        assert abs(count[name] - wanted) <= 4 * wanted**0.5, (name, count)


@pytest.mark.skipif(not FULL, reason="at full size only: make prove")
def test_full_size_is_what_the_figures_speak_of():
    assert READERS * (PAPERS + 1) >= 10_000
