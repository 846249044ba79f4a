"""Rich messages and what they fall back on: each message is recorded, whatever form it goes in."""

import asyncio
import random
from collections import Counter

import pytest
from sqlalchemy import select

from bot.adapters.base import Limits
from bot.adapters.telegram.adapter import Telegram
from bot.adapters.telegram.transport import Options, request_for
from bot.delivery import send
from bot.delivery.send import LEASE, Sender
from bot.model import Format, Language, Note, Style
from bot.storage import chats, planning, posts
from bot.storage.tables import delivery
from tests.builders import entry, post
from tests.delivery.test_send import LONG_AGO, Clock
from tests.fakes.telegram import Server

RICH, CARD = "sendRichMessage", "sendMessage"
IDS = ("2410.00001", "2410.00002", "2410.00003")
BROKEN = "Bad Request: can't parse rich message: unsupported start tag"
LONG = tuple(f"Takeaway {number}: {'word ' * 100}." for number in range(12))  # two messages as a card
QUICK = Options(connect=1, read=0.3, write=1, pool=1)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def server():
    async with Server() as server:
        yield server
        assert server.complaints == []


class House:
    """A database with chats of the rich style, and a process that serves them."""

    def __init__(self, database, server, clock):
        self.database, self.server, self.clock = database, server, clock
        self.people = []

    async def follow(self, count=1, style=Style.RICH):
        """So many people who get everything."""
        async with self.database.writing() as connection:
            for number in range(count):
                self.people.append(self.server.user(f"Reader {number}"))
                await chats.follow_all(
                    connection, "telegram", str(self.people[-1].id), style=style, language=Language.EN
                )

    async def owe(self, *entries):
        """A digest with these entries."""
        async with self.database.writing() as connection:
            post_id = await posts.add(connection, "blog", post(*entries), at=int(self.clock()))
            await planning.plan(connection, post_id, at=int(self.clock()), cap=100, oldest=LONG_AGO)

    def telegram(self):
        """An adapter as a process that has just started has it."""
        request = request_for("aiohttp", QUICK)
        return Telegram(self.server.token, api_url=self.server.url, request=request, limits=Limits())

    async def serve(self, adapter=None, holder="me"):
        """Serve until nothing is owed now, as one process."""
        used = adapter or self.telegram()
        sender = Sender(
            self.database, {"telegram": used}, holder=holder, clock=self.clock, chance=random.Random(1)
        )
        await asyncio.wait_for(sender.run(until_idle=True), 20)
        if adapter is None:
            await used.close()
        return sender

    def shown(self, person=0):
        """What a person sees: R for a rich message, else the first line."""
        return [
            "R" if shown.rich else shown.text.partition("\n")[0]
            for shown in self.server.shown(self.people[person])
        ]

    async def rows(self):
        """State and parts of every delivery."""
        async with self.database.reading() as connection:
            columns = select(delivery.c.arxiv_id, delivery.c.state, delivery.c.parts, delivery.c.tries)
            return [tuple(row) for row in await connection.execute(columns.order_by(delivery.c.id))]

    def methods(self):
        return [request.method for request in self.server.requests]


@pytest.fixture
def house(database, server, clock):
    return House(database, server, clock)


async def test_paper_is_one_rich_message_behind_the_overview(house):
    await house.follow()
    await house.owe(*(entry(each, takeaways=LONG) for each in IDS))
    sender = await house.serve()
    assert house.methods() == [CARD, RICH, RICH, RICH]
    assert {state for _, state, _, _ in await house.rows()} == {"sent"}
    assert sender.sent == 3


async def test_server_without_rich_messages_gets_cards_after_one_question(database, clock):
    async with Server(rich=False) as server:
        house = House(database, server, clock)
        await house.follow()
        await house.owe(*IDS)
        sender = await house.serve()
        assert house.methods() == [CARD, RICH, CARD, CARD, CARD]
        assert house.shown() == ["NeRF · 2026-11-20", *(f"On {each}" for each in IDS)]
        assert {state for _, state, _, _ in await house.rows()} == {"sent"}
        assert sender.sent == 3


async def test_refused_paper_goes_as_a_card_in_every_chat_and_the_others_stay_rich(house):
    await house.follow(5)
    await house.owe(*IDS)
    refused = lambda request: f"abs/{IDS[1]}" in request.params["rich_message"]["html"]  # noqa: E731
    house.server.fail(RICH, status=400, description=BROKEN, times=None, when=refused)
    await house.serve()
    for person in range(5):
        assert house.shown(person) == ["NeRF · 2026-11-20", "R", f"On {IDS[1]}", "R"]
    assert {state for _, state, _, _ in await house.rows()} == {"sent"}
    asked = Counter(request.ok for request in house.server.asked(RICH))
    assert asked[True] == 10


async def test_card_of_several_messages_arrives_whole_and_in_order(house):
    await house.follow()
    await house.owe(entry(IDS[0], takeaways=LONG), entry(IDS[1]))
    house.server.fail(RICH, status=400, description=BROKEN)
    sender = await house.serve()
    assert house.shown() == ["NeRF · 2026-11-20", f"On {IDS[0]} (1/2)", f"On {IDS[0]} (2/2)", "R"]
    assert [(state, parts) for _, state, parts, _ in await house.rows()] == [("sent", 2), ("sent", 1)]
    assert sender.sent == 2


async def test_card_that_was_begun_goes_on_as_a_card_in_the_next_process(house):
    await house.follow()
    await house.owe(entry(IDS[0], takeaways=LONG))
    house.server.fail(RICH, status=400, description=BROKEN, times=None)
    house.server.fail(CARD, status=502, when=lambda request: "(2/2)" in request.params["text"])
    await house.serve()
    assert await house.rows() == [(IDS[0], "sending", 1, 1)]
    house.server.heal()
    house.clock.now += 10
    await house.serve()
    assert house.shown() == ["NeRF · 2026-11-20", f"On {IDS[0]} (1/2)", f"On {IDS[0]} (2/2)"]
    assert len(house.server.asked(RICH)) == 1, "the next process knows by the record how it was begun"


@pytest.mark.parametrize("fatal", range(1, 6))
async def test_crash_repeats_the_message_in_flight_and_no_other(house, monkeypatch, fatal):
    """The process dies once a message has arrived and before that is recorded."""
    monkeypatch.setattr(send, "FINISH", 0.05)
    await house.follow()
    await house.owe(*(entry(each, takeaways=LONG) for each in IDS[:2]))
    house.server.fail(RICH, status=400, description=BROKEN, times=None)
    adapter, dead = house.telegram(), asyncio.Event()
    alive, arrived = adapter.send, 0

    async def dying(address, message, *, silent=False):
        nonlocal arrived
        await alive(address, message, silent=silent)
        arrived += 1
        if arrived == fatal:
            dead.set()
            await asyncio.Event().wait()

    monkeypatch.setattr(adapter, "send", dying)
    running = asyncio.create_task(house.serve(adapter))
    await asyncio.wait_for(dead.wait(), 10)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await adapter.close()
    house.clock.now += LEASE + 1
    await house.serve(holder="next")
    wanted = ["NeRF · 2026-11-20"] + [f"On {each} ({part}/2)" for each in IDS[:2] for part in (1, 2)]
    seen = house.shown()
    assert list(dict.fromkeys(seen)) == wanted
    assert Counter(seen) - Counter(wanted) == Counter([wanted[fatal - 1]])
    assert {state for _, state, _, _ in await house.rows()} == {"sent"}


@pytest.mark.parametrize("after", [True, False])
async def test_timeout_never_leads_to_a_card(house, after):
    await house.follow()
    await house.owe(IDS[0])
    if after:
        house.server.cut(RICH, before=False)
    else:
        house.server.delay(RICH, 1.0)
    await house.serve()
    assert house.methods() == [CARD, RICH]
    house.clock.now += 600
    await house.serve()
    assert house.methods() == [CARD, RICH, RICH]
    assert set(house.shown()[1:]) == {"R"}
    assert {state for _, state, _, _ in await house.rows()} == {"sent"}


async def test_refused_card_in_place_of_a_rich_message_goes_as_plain_text(house):
    await house.follow()
    await house.owe(IDS[0])
    house.server.fail(RICH, status=400, description=BROKEN)
    marked = lambda request: "parse_mode" in request.params and "On 24" in request.params["text"][:60]  # noqa: E731
    house.server.fail(
        CARD, status=400, description="Bad Request: can't parse entities", times=None, when=marked
    )
    await house.serve()
    assert house.shown()[1].startswith(f"On {IDS[0]}")
    assert {state for _, state, _, _ in await house.rows()} == {"sent"}


async def test_paper_that_goes_in_no_form_is_failed_and_the_next_one_goes_on(house):
    await house.follow()
    await house.owe(entry(IDS[0], takeaways=LONG), entry(IDS[1]))
    house.server.fail(RICH, status=400, description=BROKEN)
    about = lambda request: f"On {IDS[0]}" in request.params["text"][:80]  # noqa: E731
    house.server.fail(CARD, status=400, description="Bad Request: message is too odd", times=None, when=about)
    await house.serve()
    assert [state for _, state, _, _ in await house.rows()] == ["failed", "sent"]
    assert house.shown()[-1] == "R"


async def test_wait_told_to_the_card_keeps_what_is_still_to_come(house):
    await house.follow()
    await house.owe(entry(IDS[0], takeaways=LONG))
    house.server.fail(RICH, status=400, description=BROKEN, times=None)
    second = lambda request: "(2/2)" in request.params["text"]  # noqa: E731
    house.server.fail(CARD, status=429, retry_after=30, when=second)
    await house.serve()
    assert await house.rows() == [(IDS[0], "sending", 1, 0)]
    house.clock.now += 31
    await house.serve()
    assert house.shown()[-2:] == [f"On {IDS[0]} (1/2)", f"On {IDS[0]} (2/2)"]


async def test_chat_that_turned_rich_within_a_card_gets_its_rest_as_a_card(house):
    await house.follow(style=Style.CARDS)
    await house.owe(entry(IDS[0], takeaways=LONG), entry(IDS[1]))
    house.server.fail(CARD, status=502, when=lambda request: "(2/2)" in request.params["text"])
    await house.serve()
    async with house.database.writing() as connection:
        (number,) = (await connection.execute(select(delivery.c.chat_id).distinct())).scalars()
        await chats.set_style(connection, number, Style.RICH)
    house.clock.now += 10
    await house.serve()
    assert house.shown()[-2:] == [f"On {IDS[0]} (2/2)", "R"]


async def test_long_note_needs_one_message_alone(house):
    await house.follow()
    note = Note(text="We show it. " * 5000, format=Format.MARKDOWN)
    await house.owe(entry(IDS[0], note=note, translation="译文。" * 3000))
    await house.serve()
    assert house.methods() == [CARD, RICH]
    assert house.shown()[-1] == "R"
