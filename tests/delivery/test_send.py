import asyncio
import datetime as dt
import random
from collections import Counter

import pytest
from sqlalchemy import select, update

from bot.adapters.base import Limits
from bot.delivery import send
from bot.delivery.retry import TRIES
from bot.delivery.send import LEASE, SLICE, Sender
from bot.errors import Gone, Moved, RateLimited, Rejected, Transient, Unknown, Unreachable
from bot.model import Language, Style, Tag, Unsure
from bot.slugs import key
from bot.storage import chats, outbox, planning, posts
from bot.storage.tables import chat, delivery
from tests.builders import entry, paper, post
from tests.delivery.recorder import Recorder

LONG_AGO = dt.date(2000, 1, 1)
IDS = [f"2401.{number:05}" for number in range(1, 60)]


class Clock:
    """The wall clock of a test."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


async def follow(database, *addresses, style=Style.CARDS, **more):
    async with database.writing() as connection:
        return [
            await chats.follow_all(connection, "recorder", name, style=style, language=Language.EN, **more)
            for name in addresses
        ]


async def owe(database, clock, *reads, cap=100):
    async with database.writing() as connection:
        for read in reads:
            post_id = await posts.add(connection, "blog", read, at=int(clock()))
            await planning.plan(connection, post_id, at=int(clock()), cap=cap, oldest=LONG_AGO)


async def deliver(database, clock, platform, **more):
    """Serve until nothing is owed now, as one sender of its own."""
    sender = Sender(
        database, {"recorder": platform}, holder="me", clock=clock, chance=random.Random(1), **more
    )
    await asyncio.wait_for(sender.run(until_idle=True), 20)
    return sender


async def rows(database, *columns):
    async with database.reading() as connection:
        return [tuple(row) for row in await connection.execute(select(*columns).order_by(columns[0]))]


async def states(database):
    return Counter(state for _, state in await rows(database, delivery.c.id, delivery.c.state))


async def test_every_paper_arrives_once_behind_its_overview(database, clock):
    await follow(database, "a")
    await owe(database, clock, post(*IDS[:3]))
    platform = Recorder()
    sender = await deliver(database, clock, platform)
    assert [papers for _, _, papers in platform.arrived] == [(), (IDS[0],), (IDS[1],), (IDS[2],)]
    assert sender.sent == 3
    await deliver(database, clock, platform)
    assert len(platform.arrived) == 4
    assert await states(database) == {"sent": 3}


async def test_a_turn_is_short_and_the_overview_is_not_repeated_in_the_next_one(database, clock):
    await follow(database, "a")
    await owe(database, clock, post(*IDS[: 3 * SLICE]))
    platform = Recorder()
    await deliver(database, clock, platform)
    assert platform.papers() == IDS[: 3 * SLICE]
    assert sum(not papers for _, _, papers in platform.arrived) == 1


async def test_every_chat_gets_its_first_message_before_any_gets_its_tenth(database, clock):
    names = [f"chat {number}" for number in range(300)]
    await follow(database, *names)
    await owe(database, clock, post(*IDS[:12]))
    platform = Recorder()
    await deliver(database, clock, platform)
    seen: Counter[str] = Counter()
    first_tenth = None
    for place, (address, _, _) in enumerate(platform.arrived):
        seen[address] += 1
        if seen[address] == 10 and first_tenth is None:
            first_tenth = place
    last_first = max(next(i for i, (a, _, _) in enumerate(platform.arrived) if a == name) for name in names)
    assert last_first < first_tenth
    assert all(platform.papers(name) == IDS[:12] for name in names)


async def test_overview_style_settles_every_paper_that_it_shows(database, clock):
    await follow(database, "a", style=Style.OVERVIEW)
    await owe(database, clock, post(*IDS[:4]))
    platform = Recorder()
    await deliver(database, clock, platform)
    assert [papers for _, _, papers in platform.arrived] == [tuple(IDS[:4])]
    assert await states(database) == {"sent": 4}


async def test_digests_come_oldest_first(database, clock):
    await follow(database, "a", style=Style.OVERVIEW)
    newer = post(IDS[1], address="b", date=dt.date(2026, 11, 21))
    await owe(database, clock, newer, post(IDS[0], address="a", date=dt.date(2026, 11, 20)))
    platform = Recorder()
    await deliver(database, clock, platform)
    assert platform.papers() == IDS[:2]


async def test_rate_limited_chat_waits_as_told_and_the_try_does_not_count(database, clock):
    await follow(database, "slow", "other")
    await owe(database, clock, post(IDS[0]))
    platform = Recorder(lambda address, _, call: RateLimited(90) if address == "slow" and call < 10 else None)
    await deliver(database, clock, platform)
    assert platform.papers("other") == IDS[:1]
    assert platform.papers("slow") == []
    assert {tries for _, tries in await rows(database, delivery.c.id, delivery.c.tries)} == {0}
    ((_, slow), *_) = await rows(database, chat.c.id, chat.c.owed_at)
    assert slow == pytest.approx(clock() + 90)
    clock.now += 91
    platform.script = None
    await deliver(database, clock, platform)
    assert platform.papers("slow") == IDS[:1]


async def test_platform_without_a_way_to_it_is_waited_for_however_long_and_no_try_counts(
    database, clock, monkeypatch, caplog
):
    monkeypatch.setattr(send, "OUTAGE", 0.001)
    await follow(database, "a", "b")
    await owe(database, clock, post(IDS[0]))
    platform = Recorder(lambda *_: Unreachable("no route to host"))
    for _ in range(30):
        await deliver(database, clock, platform)
        clock.now += 1
    assert {tries for _, tries in await rows(database, delivery.c.id, delivery.c.tries)} == {0}
    assert "trouble.begun work=reaching the platform platform=recorder" in caplog.text
    platform.script = None
    await deliver(database, clock, platform)
    assert sorted(platform.papers()) == [IDS[0]] * 2


async def test_topics_of_a_group_share_its_pace(database, clock):
    class Topics(Recorder):
        def place(self, address):
            return address.partition("/")[0]

    await follow(database, "forum/1", "forum/2", "forum/3", group=True)
    await owe(database, clock, post(*IDS[:7]))
    platform = Topics(limits=Limits(group=(20, 60)))
    sender = Sender(database, {"recorder": platform}, holder="me", clock=clock)
    running = asyncio.create_task(sender.run())
    await asyncio.sleep(0.5)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert len(platform.arrived) == 18, "2 of the 20 are left to people"


async def test_posts_that_another_process_changed_are_read_again(database, clock, monkeypatch):
    monkeypatch.setattr(send, "FRESH", 0.0)
    await follow(database, "a")
    await owe(database, clock, post(entry(IDS[0], paper=paper(IDS[0], title="Before"))))
    platform = Recorder(lambda *_: Transient("later"))
    sender = await deliver(database, clock, platform)
    async with database.writing() as connection:
        await posts.add(connection, "blog", post(entry(IDS[0], paper=paper(IDS[0], title="After"))), at=1)
    platform.script = None
    clock.now += 600
    await asyncio.wait_for(sender.run(until_idle=True), 20)
    assert platform.arrived[-1][1] == "After"


async def test_record_that_no_database_takes_holds_up_nobody(database, clock, caplog):
    await follow(database, "bad", "good")
    await owe(database, clock, post(IDS[0]))
    sender = Sender(database, {"recorder": Recorder()}, holder="me", clock=clock)
    running = asyncio.create_task(sender._ledger.run())
    bad = sender._ledger.record(outbox.Mark(id=1, state="nonsense", tries=0))
    good = sender._ledger.record(outbox.Mark(id=2, state="sent", tries=0))
    async with database.writing() as connection:
        await connection.execute(update(chat).values(leased_by="me"))
    await asyncio.wait_for(asyncio.gather(bad, good), 5)
    running.cancel()
    assert await states(database) == {"pending": 1, "sent": 1}
    assert "record.refused" in caplog.text


async def test_reason_with_a_sign_that_no_database_stores_is_recorded_without_it(database, clock):
    await follow(database, "a")
    await owe(database, clock, post(IDS[0]))
    await deliver(
        database, clock, Recorder(lambda _, message, __: Rejected("bad\0 text") if message.papers else None)
    )
    assert ("failed", "bad text") in await rows(database, delivery.c.state, delivery.c.reason)


async def test_wait_beyond_an_hour_is_looked_at_when_the_bot_starts(database, clock):
    """As left behind by a clock that stepped back while no bot ran."""
    await follow(database, "a")
    await owe(database, clock, post(IDS[0]))
    async with database.writing() as connection:
        await connection.execute(update(chat).values(owed_at=clock() + 5 * 3600))
    platform = Recorder()
    sender = Sender(database, {"recorder": platform}, holder="me", clock=clock, lease=0.3)
    running = asyncio.create_task(sender.run())
    await asyncio.sleep(1.0)
    sender.news.set()
    await asyncio.sleep(0.5)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert platform.papers() == IDS[:1]


async def test_moved_chat_is_readdressed_and_goes_on(database, clock):
    await follow(database, "group")
    await owe(database, clock, post(*IDS[:2]))
    platform = Recorder(lambda address, _, __: Moved("supergroup") if address == "group" else None)
    await deliver(database, clock, platform)
    assert platform.papers("supergroup") == IDS[:2]
    assert await rows(database, chat.c.id, chat.c.address) == [(1, "supergroup")]
    assert platform.calls == 4


async def test_chat_that_is_gone_is_paused_with_the_reason_and_resumed_where_it_was(database, clock):
    (chat_id,) = await follow(database, "a")
    await owe(database, clock, post(*IDS[:3]))
    platform = Recorder(
        lambda _, message, __: Gone("blocked by the user") if IDS[1] in message.papers else None
    )
    await deliver(database, clock, platform)
    assert await rows(database, chat.c.id, chat.c.paused_reason) == [(chat_id, "blocked by the user")]
    platform.script = None
    clock.now += 86400
    await deliver(database, clock, platform)
    assert platform.papers() == IDS[:1]
    async with database.writing() as connection:
        await chats.resume(connection, chat_id, now=clock())
    await deliver(database, clock, platform)
    assert platform.papers() == IDS[:3]
    assert sum(not papers for _, _, papers in platform.arrived) == 1


async def test_refused_content_is_sent_once_more_as_plain_text(database, clock):
    await follow(database, "a")
    await owe(database, clock, post(*IDS[:2]))
    platform = Recorder(
        lambda _, message, __: Rejected("can't parse entities") if message.request["markup"] else None
    )
    await deliver(database, clock, platform)
    assert platform.papers() == IDS[:2]
    assert platform.calls == 6


async def test_content_refused_twice_is_failed_with_the_reason_and_the_next_paper_goes_on(database, clock):
    await follow(database, "a")
    await owe(database, clock, post(*IDS[:3]))
    platform = Recorder(
        lambda _, message, __: Rejected("no such figure") if IDS[1] in message.papers else None
    )
    await deliver(database, clock, platform)
    assert platform.papers() == [IDS[0], IDS[2]]
    found = await rows(database, delivery.c.arxiv_id, delivery.c.state, delivery.c.reason)
    assert found == [(IDS[0], "sent", None), (IDS[1], "failed", "no such figure"), (IDS[2], "sent", None)]


async def test_refused_overview_keeps_no_paper_back(database, clock):
    await follow(database, "a")
    await owe(database, clock, post(*IDS[:2]))
    platform = Recorder(lambda _, message, __: None if message.papers else Rejected("too long"))
    await deliver(database, clock, platform)
    assert platform.papers() == IDS[:2]


async def test_passing_trouble_is_tried_again_later_in_order(database, clock):
    await follow(database, "a")
    await owe(database, clock, post(*IDS[:3]))
    platform = Recorder(
        lambda _, message, call: Transient("bad gateway") if IDS[1] in message.papers and call < 4 else None
    )
    await deliver(database, clock, platform)
    assert platform.papers() == IDS[:1]
    clock.now += 10
    await deliver(database, clock, platform)
    assert platform.papers() == IDS[:3]
    assert await states(database) == {"sent": 3}


async def test_trouble_that_does_not_pass_is_failed_after_bounded_tries(database, clock):
    await follow(database, "a")
    await owe(database, clock, post(*IDS[:2]))
    platform = Recorder(lambda _, message, __: Transient("down") if IDS[0] in message.papers else None)
    for _ in range(10):
        await deliver(database, clock, platform)
        clock.now += 1000
    assert platform.papers() == [IDS[1]]
    found = await rows(database, delivery.c.arxiv_id, delivery.c.state, delivery.c.tries, delivery.c.reason)
    assert found[0] == (IDS[0], "failed", 6, "down")


async def test_unknown_outcome_is_sent_once_more_and_no_third_time(database, clock):
    await follow(database, "a")
    await owe(database, clock, post(*IDS[:2]))
    platform = Recorder(after=lambda _, message: Unknown("timed out") if IDS[0] in message.papers else None)
    for _ in range(5):
        await deliver(database, clock, platform)
        clock.now += 1000
    assert platform.papers() == [IDS[0], IDS[0], IDS[1]]
    found = await rows(database, delivery.c.arxiv_id, delivery.c.state, delivery.c.reason)
    assert found[0] == (IDS[0], "failed", "nobody knows whether it arrived")


@pytest.mark.parametrize(
    ("unsure", "unknown", "times", "state"),
    [
        (Unsure.NEVER, 1, 1, "failed"),
        (Unsure.ONCE_MORE, 2, 2, "failed"),
        (Unsure.UNTIL_KNOWN, 3, 4, "sent"),
        (Unsure.UNTIL_KNOWN, 99, TRIES, "failed"),
    ],
)
async def test_unknown_outcome_is_treated_as_the_operator_wants(
    database, clock, unsure, unknown, times, state
):
    await follow(database, "a")
    await owe(database, clock, post(*IDS[:2]))
    asked = []

    def fate(_address, message):
        if IDS[0] in message.papers:
            asked.append(message)
            return Unknown("timed out") if len(asked) <= unknown else None
        return None

    platform = Recorder(after=fate)
    for _ in range(8):
        await deliver(database, clock, platform, unsure=unsure)
        clock.now += 1000
    assert platform.papers() == [IDS[0]] * times + [IDS[1]]
    found = await rows(database, delivery.c.arxiv_id, delivery.c.state)
    assert found == [(IDS[0], state), (IDS[1], "sent")]


async def test_chat_that_moves_in_circles_is_given_up_and_the_others_get_theirs(database, clock):
    await follow(database, "a", "other")
    await owe(database, clock, post(IDS[0]))
    platform = Recorder(
        lambda address, _, __: Moved({"a": "b", "b": "a"}[address]) if address in ("a", "b") else None
    )
    for _ in range(2 * TRIES):
        await deliver(database, clock, platform)
        clock.now += 1000
    assert platform.papers() == [IDS[0]]
    found = await rows(database, delivery.c.chat_id, delivery.c.state, delivery.c.reason)
    assert [(state, reason and "nowhere" in reason) for _, state, reason in found] == [
        ("failed", True),
        ("sent", None),
    ]


async def test_card_of_several_messages_goes_on_where_it_broke_off(database, clock):
    await follow(database, "a")
    await owe(database, clock, post(IDS[0]))
    platform = Recorder(
        lambda _, message, call: (
            Transient("x") if message.request["text"].endswith(" 2") and call < 4 else None
        ),
        parts=3,
    )
    await deliver(database, clock, platform)
    clock.now += 10
    await deliver(database, clock, platform)
    assert [text[-1] for _, text, papers in platform.arrived if papers] == ["1", "2", "3"]
    assert await states(database) == {"sent": 1}


async def test_a_bug_in_an_adapter_costs_its_chat_a_minute_and_no_other_chat_anything(database, clock):
    await follow(database, "bad", "good")
    await owe(database, clock, post(*IDS[:2]))
    platform = Recorder(lambda address, _, __: ZeroDivisionError() if address == "bad" else None)
    await deliver(database, clock, platform)
    assert platform.papers("good") == IDS[:2]
    platform.script = None
    clock.now += 61
    await deliver(database, clock, platform)
    assert platform.papers("bad") == IDS[:2]


async def quiet(database, *, silent):
    hours = {"quiet_start": 0, "quiet_end": 23 * 60, "quiet_silent": silent, "zone": "UTC"}
    async with database.writing() as connection:
        await connection.execute(update(chat).values(**hours))


async def test_quiet_hours_hold_what_is_owed_until_they_end(database, clock):
    await follow(database, "a")
    await quiet(database, silent=False)
    await owe(database, clock, post(IDS[0]))
    platform = Recorder()
    await deliver(database, clock, platform)
    assert platform.arrived == []
    clock.now += 86400
    while dt.datetime.fromtimestamp(clock.now, dt.UTC).hour != 23:
        clock.now += 600
    await deliver(database, clock, platform)
    assert platform.papers() == IDS[:1]


async def test_quiet_hours_can_be_silent_instead(database, clock):
    await follow(database, "a")
    await quiet(database, silent=True)
    await owe(database, clock, post(IDS[0]))
    platform = Recorder()
    await deliver(database, clock, platform)
    assert platform.silent == [True, True]


async def test_paper_under_several_tags_is_shown_once_with_all_of_them(database, clock):
    await follow(database, "a")
    shown = []

    class Tagged(Recorder):
        def render(self, card, language):
            shown.append((card.papers, card.tags))
            return super().render(card, language)

    other = post(IDS[0], IDS[1], address="b", tags=(Tag(name="3DGS", slug="3dgs"),))
    await owe(database, clock, post(IDS[0]), other)
    platform = Tagged()
    await deliver(database, clock, platform)
    assert sorted(platform.papers()) == IDS[:2]
    assert ((IDS[0],), ("3DGS", "NeRF")) in shown
    assert ((IDS[1],), ("3DGS",)) in shown


async def test_overview_says_how_many_the_cap_holds_back_and_offers_them(database, clock):
    await follow(database, "a")
    said, offered = [], []

    class Reader(Recorder):
        def render(self, card, language):
            said.extend(span.text for block in card.blocks for item in block.items for span in item)
            offered.extend((button.label, button.data) for row in card.keys for button in row)
            return super().render(card, language)

    await owe(database, clock, post(*IDS[:5]), cap=2)
    platform = Reader()
    await deliver(database, clock, platform)
    assert platform.papers() == IDS[:2]
    assert "and 3 more papers" in said
    assert ("Show 3 more", f"rest:{key('nerf')}:2026-11-20") in offered


async def test_revised_version_is_labelled_for_who_asked_for_it(database, clock):
    said = []

    class Reader(Recorder):
        def render(self, card, language):
            said.extend(span.text for block in card.blocks for item in block.items for span in item)
            return super().render(card, language)

    await follow(database, "wants", "does not")
    async with database.writing() as connection:
        await connection.execute(update(chat).where(chat.c.address == "wants").values(revised=True))
    platform = Reader()
    await owe(database, clock, post(IDS[0]))
    await deliver(database, clock, platform)
    clock.now += 100
    await owe(database, clock, post(entry(IDS[0], paper=paper(IDS[0], version=2)), address="later"))
    await deliver(database, clock, platform)
    assert platform.papers("wants") == [IDS[0], IDS[0]]
    assert platform.papers("does not") == [IDS[0]]
    assert said.count("Revised, version 2") == 1


async def test_stopping_finishes_the_message_in_flight_and_gives_the_chats_back(database, clock):
    await follow(database, "a", "b")
    await owe(database, clock, post(*IDS[:4]))
    started, go_on = asyncio.Event(), asyncio.Event()

    class Slow(Recorder):
        async def send(self, address, message, *, silent=False):
            started.set()
            await go_on.wait()
            await super().send(address, message, silent=silent)

    platform = Slow()
    sender = Sender(database, {"recorder": platform}, holder="me", clock=clock)
    running = asyncio.create_task(sender.run())
    await started.wait()
    await asyncio.sleep(0.05)
    running.cancel()
    await asyncio.sleep(0.05)
    go_on.set()
    await asyncio.gather(running, return_exceptions=True)
    assert len(platform.arrived) == 2
    assert await rows(database, chat.c.id, chat.c.leased_by) == [(1, None), (2, None)]
    again = Recorder()
    await deliver(database, clock, again)
    assert len(again.arrived) == 8
    assert sum(not papers for _, _, papers in again.arrived) == 0


async def test_chats_of_a_dead_sender_are_served_when_its_lease_is_over(database, clock):
    await follow(database, "a")
    await owe(database, clock, post(IDS[0]))
    async with database.writing() as connection:
        await outbox.claim(
            connection, ["recorder"], holder="dead", now=clock(), until=clock() + LEASE, most=9
        )
    platform = Recorder()
    await deliver(database, clock, platform)
    assert platform.arrived == []
    clock.now += LEASE + 1
    await deliver(database, clock, platform)
    assert platform.papers() == IDS[:1]


async def test_two_senders_share_the_chats_and_repeat_nothing(database, clock):
    await follow(database, *(f"chat {number}" for number in range(120)))
    await owe(database, clock, post(*IDS[:6]))
    one, two = Recorder(), Recorder()
    senders = [
        Sender(database, {"recorder": platform}, holder=name, clock=clock)
        for name, platform in (("one", one), ("two", two))
    ]
    await asyncio.wait_for(asyncio.gather(*(sender.run(until_idle=True) for sender in senders)), 30)
    both = Counter((address, paper) for address, _, papers in one.arrived + two.arrived for paper in papers)
    assert len(both) == 120 * 6
    assert set(both.values()) == {1}
