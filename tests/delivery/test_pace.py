import asyncio
import random
import selectors
import time
from bisect import bisect_left
from collections import Counter, defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.adapters.base import Limits
from bot.delivery.pace import Lane, Pace

TELEGRAM = Limits(overall=(30, 1), chat=(1, 1), group=(20, 60))


class Skip(selectors.DefaultSelector):
    """Lets no time pass: where the loop would sleep, the clock is put forward, and a little too far."""

    def __init__(self, late):
        super().__init__()
        self.now = 1000.0
        self.sleeps = 0
        self.late = late

    def select(self, timeout=None):
        if timeout is None or timeout > 0:
            assert timeout is not None, "everybody waits and no timer is set"
            self.now += timeout + self.late()
            self.sleeps += 1
        return super().select(0)


class Simulated(asyncio.SelectorEventLoop):
    """An event loop in which an hour passes at once."""

    def __init__(self, late=lambda: 0.0):
        self.skip = Skip(late)
        super().__init__(self.skip)

    def time(self):
        return self.skip.now


def simulate(main, late=lambda: 0.0):
    """Run `main(clock)` on a simulated clock."""
    loop = Simulated(late)
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(main(loop.time))


class Log:
    """Who went when, and whether that was allowed."""

    def __init__(self, clock):
        self.clock = clock
        self.went = []  # (time, chat, group, lane)

    async def turn(self, pace, chat, *, group=False, lane=Lane.BULK):
        await pace.turn(chat, group=group, lane=lane)
        self.went.append((self.clock(), chat, group, lane))

    def check(self, limits):
        assert worst([time for time, *_ in self.went], limits.overall) <= limits.overall[0]
        chats = defaultdict(list)
        for moment, chat, group, _ in self.went:
            chats[chat, group].append(moment)
        for (_, group), times in chats.items():
            assert worst(times, limits.chat) <= limits.chat[0]
            assert not group or worst(times, limits.group) <= limits.group[0]


def worst(times, limit):
    """The most that any window of this length holds, both ends included."""
    assert times == sorted(times)
    return max(index - bisect_left(times, moment - limit[1]) + 1 for index, moment in enumerate(times))


async def broadcast(pace, log, chats, each, *, group=lambda chat: False):
    async def serve(chat):
        for _ in range(each):
            await log.turn(pace, chat, group=group(chat))

    await asyncio.gather(*(serve(chat) for chat in chats))


async def ticks(count=10):
    for _ in range(count):
        await asyncio.sleep(0)


@pytest.mark.parametrize("late", [0.0, 0.003], ids=["timers on time", "timers up to 3 ms late"])
def test_broadcast_reaches_97_percent_and_no_window_is_exceeded(late):
    chance = random.Random(1)

    async def main(clock):
        log = Log(clock)
        began = clock()
        await broadcast(Pace(TELEGRAM, clock=clock), log, range(1000), 2)
        return log, clock() - began

    log, took = simulate(main, lambda: chance.uniform(0, late))
    log.check(TELEGRAM)
    assert len(log.went) / took >= 0.97 * 30


def test_group_gets_twenty_in_any_minute_and_a_tenth_of_them_is_for_people():
    async def main(clock):
        log, pace = Log(clock), Pace(TELEGRAM, clock=clock)
        bulk = asyncio.create_task(broadcast(pace, log, ["group"], 60, group=lambda chat: True))
        await asyncio.sleep(30)
        asked = clock()
        await log.turn(pace, "group", group=True, lane=Lane.PEOPLE)
        assert clock() == asked, "the group's bulk was used up after 18 s, a person is answered all the same"
        await log.turn(pace, "group", group=True, lane=Lane.PEOPLE)
        await bulk
        return log

    log = simulate(main)
    log.check(TELEGRAM)
    assert len(log.went) == 62
    assert sum(moment <= 1060 for moment, *_ in log.went) == 20
    assert log.went[-1][0] <= 1000 + 62 / 18 * 61


def test_person_does_not_wait_behind_a_broadcast():
    chance = random.Random(2)
    waits = []

    async def main(clock):
        log, pace = Log(clock), Pace(TELEGRAM, clock=clock)

        async def ask(number):
            await asyncio.sleep(chance.uniform(2, 60))
            asked = clock()
            await log.turn(pace, ("person", number), lane=Lane.PEOPLE)
            waits.append(clock() - asked)

        await asyncio.gather(broadcast(pace, log, range(600), 3), *(ask(number) for number in range(120)))
        return log

    log = simulate(main, lambda: chance.uniform(0, 0.002))
    log.check(TELEGRAM)
    assert sorted(waits)[int(len(waits) * 0.95)] < 0.05


def test_people_who_ask_at_once_all_go_before_the_next_in_bulk():
    async def main(clock):
        log, pace = Log(clock), Pace(TELEGRAM, clock=clock)
        bulk = asyncio.create_task(broadcast(pace, log, range(300), 1))
        await asyncio.sleep(3)
        before = len(log.went)
        await asyncio.gather(*(log.turn(pace, name, lane=Lane.PEOPLE) for name in "abcdefghij"))
        assert [lane for *_, lane in log.went[before:]] == [Lane.PEOPLE] * 10
        assert [chat for _, chat, *_ in log.went[before:]] == list("abcdefghij")
        await bulk
        return log

    simulate(main).check(TELEGRAM)


def test_thirty_people_who_ask_a_quiet_platform_go_at_once():
    async def main(clock):
        log, pace = Log(clock), Pace(TELEGRAM, clock=clock)
        await asyncio.gather(*(log.turn(pace, number, lane=Lane.PEOPLE) for number in range(31)))
        return [moment - 1000 for moment, *_ in log.went]

    went = simulate(main)
    assert went[:30] == [0] * 30
    assert 1 < went[30] < 1.02


def test_server_that_counts_at_arrival_sees_no_window_exceeded_either():
    chance = random.Random(3)

    async def main(clock):
        log, pace = Log(clock), Pace(TELEGRAM, clock=clock)

        async def ask(number):
            await asyncio.sleep(chance.uniform(0, 30))
            await log.turn(pace, ("person", number), lane=Lane.PEOPLE)

        await asyncio.gather(broadcast(pace, log, range(900), 1), *map(ask, range(300)))
        return [moment for moment, *_ in log.went]

    went = simulate(main)
    for _ in range(20):
        arrived = sorted(moment + chance.uniform(0.05, 0.058) for moment in went)
        assert worst(arrived, (30, 1)) <= 30


def test_person_goes_before_the_bulk_of_the_same_chat():
    async def main(clock):
        log, pace = Log(clock), Pace(TELEGRAM, clock=clock)
        bulk = asyncio.create_task(broadcast(pace, log, ["chat"], 5))
        await asyncio.sleep(1.5)
        await log.turn(pace, "chat", lane=Lane.PEOPLE)
        await bulk
        return [lane for *_, lane in log.went]

    assert simulate(main) == [Lane.BULK, Lane.BULK, Lane.PEOPLE, Lane.BULK, Lane.BULK, Lane.BULK]


def test_every_chat_gets_its_first_before_any_gets_its_tenth():
    async def main(clock):
        log, pace = Log(clock), Pace(TELEGRAM, clock=clock)
        early = asyncio.create_task(broadcast(pace, log, range(20), 40))
        await asyncio.sleep(5)
        late = asyncio.create_task(broadcast(pace, log, range(100, 300), 2))
        await asyncio.gather(early, late)
        return log

    log = simulate(main)
    log.check(TELEGRAM)
    chats = [chat for _, chat, *_ in log.went]
    came = next(index for index, chat in enumerate(chats) if chat >= 100)
    firsts = {chat: index for index, chat in reversed(list(enumerate(chats)))}
    served = Counter(chats[came : max(firsts.values())])
    assert max(served.values()) < 10, "newcomers wait a round, not for the others to end"
    rest = [index for index, chat in enumerate(chats) if chat < 20 and index > came]
    assert rest[0] < len(chats) - 400, "and those who came first are not pushed aside either"


def test_round_is_even_while_all_ask():
    async def main(clock):
        log, pace = Log(clock), Pace(Limits(overall=(30, 1)), clock=clock)
        await broadcast(pace, log, range(50), 12)
        return log

    seen = Counter()
    for _, chat, *_ in simulate(main).went:
        seen[chat] += 1
        assert max(seen.values()) - min(seen[chat] for chat in range(50)) <= 1


def test_chat_that_was_told_to_wait_waits_and_others_do_not():
    async def main(clock):
        log, pace = Log(clock), Pace(TELEGRAM, clock=clock)
        pace.hold(5, "slow")
        pace.hold(1, "slow")  # does not shorten it
        assert pace.wait("slow", group=False) == pytest.approx(5)
        assert pace.wait("quick", group=False) == 0
        await asyncio.gather(
            log.turn(pace, "slow", lane=Lane.PEOPLE), log.turn(pace, "slow"), log.turn(pace, "quick")
        )
        return log

    log = simulate(main)
    assert [(chat, lane) for _, chat, _, lane in log.went] == [
        ("quick", Lane.BULK),
        ("slow", Lane.PEOPLE),
        ("slow", Lane.BULK),
    ]
    assert log.went[0][0] < 1000.1
    assert log.went[1][0] >= 1005


def test_platform_that_was_told_to_wait_waits_also_for_those_who_wait_already():
    async def main(clock):
        log, pace = Log(clock), Pace(TELEGRAM, clock=clock)
        bulk = asyncio.create_task(broadcast(pace, log, range(60), 1))
        await asyncio.sleep(1)
        before = len(log.went)
        pace.hold(30)
        assert pace.wait("any", group=False) == pytest.approx(30)
        asked = clock()
        await log.turn(pace, "person", lane=Lane.PEOPLE)
        assert clock() >= asked + 30
        assert len(log.went) == before + 1
        await bulk
        return log

    simulate(main).check(TELEGRAM)


def test_wait_tells_when_a_chat_may_be_served_next():
    async def main(clock):
        pace = Pace(TELEGRAM, clock=clock)
        for _ in range(18):
            assert pace.wait("group", group=True) <= 1.01
            await pace.turn("group", group=True, lane=Lane.BULK)
        assert 42 < pace.wait("group", group=True) < 44
        assert pace.wait("other", group=True) == 0
        told = clock() + pace.wait("group", group=True)
        await pace.turn("group", group=True, lane=Lane.BULK)
        assert clock() == pytest.approx(told)

    simulate(main)


def test_cancelled_turn_gives_its_place_back():
    async def main(clock):
        log, pace = Log(clock), Pace(TELEGRAM, clock=clock)
        await log.turn(pace, "chat")
        waiting = [asyncio.create_task(log.turn(pace, "chat")) for _ in range(5)]
        await ticks()
        for task in waiting[:4]:
            task.cancel()
        await waiting[4]
        assert clock() < 1001.1
        return log

    simulate(main).check(TELEGRAM)


def test_turn_cancelled_as_it_was_let_go_is_not_counted():
    async def main(clock):
        pace = Pace(TELEGRAM, clock=clock)
        await pace.turn("chat", group=False, lane=Lane.BULK)
        first = asyncio.create_task(pace.turn("chat", group=False, lane=Lane.BULK))
        second = asyncio.create_task(pace.turn("chat", group=False, lane=Lane.BULK))
        await ticks()
        loop = asyncio.get_running_loop()
        loop.skip.now += 1.5
        pace._let_go()  # as the timer would
        assert pace.wait("chat", group=False) > 1, "one is on its way already"
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        began = clock()
        await second
        assert clock() == began

    simulate(main)


def test_turn_cancelled_before_the_timer_rang_is_passed_over():
    async def main(clock):
        pace = Pace(TELEGRAM, clock=clock)
        await pace.turn("chat", group=False, lane=Lane.BULK)
        first = asyncio.create_task(pace.turn("chat", group=False, lane=Lane.BULK))
        second = asyncio.create_task(pace.turn("chat", group=False, lane=Lane.BULK))
        await ticks()
        asyncio.get_running_loop().skip.now += 1.5
        first.cancel()
        pace._let_go()  # as the timer would, before the cancelled one has noticed
        began = clock()
        await second
        assert clock() == began
        assert first.cancelled()

    simulate(main)


def test_chat_that_was_silent_comes_back_into_the_round_and_not_before_it():
    async def main(clock):
        log, pace = Log(clock), Pace(Limits(overall=(30, 1), group=(20, 60)), clock=clock)
        await log.turn(pace, "silent", group=True)
        others = asyncio.create_task(broadcast(pace, log, range(10), 40))
        await asyncio.sleep(5)
        before = len(log.went)
        await broadcast(pace, log, ["silent"], 10, group=lambda chat: True)
        assert len(log.went) - before > 80, "it is one of eleven, and not served ten times at once"
        await others

    simulate(main)


def test_stalled_loop_does_not_squeeze_messages_together():
    async def main(clock):
        log, pace = Log(clock), Pace(Limits(overall=(3, 1)), clock=clock)
        skip = asyncio.get_running_loop().skip

        async def serve(chat):
            for _ in range(4):
                await log.turn(pace, chat, lane=Lane.PEOPLE)
                skip.now += 0.4  # work that holds up everybody

        await asyncio.gather(*map(serve, range(9)))
        return log

    log = simulate(main)
    assert worst([moment for moment, *_ in log.went], (3, 1)) <= 3


def test_one_timer_is_enough_for_ten_thousand_who_wait():
    async def main(clock):
        log, pace = Log(clock), Pace(TELEGRAM, clock=clock)
        tasks = [asyncio.create_task(log.turn(pace, chat)) for chat in range(10_000)]
        await asyncio.sleep(10)
        loop = asyncio.get_running_loop()
        sleeps, timers = loop.skip.sleeps, len(loop._scheduled)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return len(log.went), sleeps, timers

    went, sleeps, timers = simulate(main)
    assert went >= 0.97 * 300
    assert sleeps <= went + 10, "nobody is woken for nothing"
    assert timers <= 3


def test_idle_chats_are_forgotten():
    async def main(clock):
        pace = Pace(TELEGRAM, clock=clock)
        for chat in range(500):
            await pace.turn(chat, group=chat % 2 == 0, lane=Lane.BULK)
            pace.hold(5, ("held", chat))
        pace.hold(60)
        for number in range(1000):
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(pace.turn(number % 3, group=False, lane=Lane.BULK), 0.01)
        assert len(pace._asleep) + len(pace._ready[Lane.BULK]) <= 3
        assert not any(pace._chats[number].line(Lane.BULK).waiters for number in range(3))
        await asyncio.sleep(200)
        for _ in range(300):
            await pace.turn("last", group=False, lane=Lane.BULK)
        assert len(pace._chats) == 1
        assert sum(map(len, (pace._asleep, *pace._ready.values(), pace._resting))) <= 1

    simulate(main)


def test_platform_without_limits_lets_everybody_go_at_once():
    async def main(clock):
        log = Log(clock)
        pace = Pace(Limits(), clock=clock)
        await broadcast(pace, log, range(100), 10)
        assert {moment for moment, *_ in log.went} == {1000.0}
        pace.hold(3, 5)
        pace.hold(1)
        await broadcast(pace, log, range(10), 2)
        assert [moment for moment, chat, *_ in log.went if chat == 5][-2:] == [1003.0, 1003.0]
        assert len(log.went) == 1020

    simulate(main)


limits = st.builds(
    Limits,
    overall=st.tuples(st.integers(1, 12), st.sampled_from([0.5, 1, 7])),
    chat=st.tuples(st.integers(1, 3), st.sampled_from([0.5, 1])),
    group=st.tuples(st.integers(1, 20), st.sampled_from([5, 20])),
)
actions = st.lists(
    st.tuples(
        st.sampled_from(["turn", "turn", "turn", "cancel", "hold", "hold all"]),
        st.sampled_from([0, 0, 0, 0.01, 0.2, 1, 4]),  # seconds until then
        st.integers(0, 5),  # chat; the even ones are groups
        st.sampled_from(Lane),
        st.integers(0, 10),  # turns, or seconds to hold, or which to cancel
    ),
    max_size=30,
)


@settings(deadline=None, max_examples=60)
@given(limits, actions, st.integers())
def test_nothing_that_happens_exceeds_a_limit_or_leaves_anybody_waiting(limits, actions, seed):
    chance = random.Random(seed)

    async def main(clock):
        log, pace = Log(clock), Pace(limits, clock=clock)
        tasks, held, all_held = [], {}, []
        for action, pause, chat, lane, number in actions:
            await asyncio.sleep(pause)
            if action == "turn":
                turns = (log.turn(pace, chat, group=chat % 2 == 0, lane=lane) for _ in range(number))
                tasks += map(asyncio.create_task, turns)
            elif action == "cancel" and tasks:
                tasks[number % len(tasks)].cancel()
            elif action == "hold":
                pace.hold(number, chat)
                held.setdefault(chat, []).append((clock(), clock() + number))
            elif action == "hold all":
                pace.hold(number)
                all_held.append((clock(), clock() + number))
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(result, asyncio.CancelledError | None) for result in results)
        assert len(log.went) == results.count(None)
        if log.went:
            log.check(limits)
        for moment, chat, *_ in log.went:
            spans = [*all_held, *held.get(chat, [])]
            # Those let go in the very moment of the telling had gone already.
            assert not any(begin < moment < end - 1e-5 for begin, end in spans)
        assert not pace._leaving

    simulate(main, lambda: chance.choice([0, 0, 0.0004, 0.03]))


async def test_limits_hold_in_real_time_under_concurrency():
    limits = Limits(overall=(30, 0.2), chat=(1, 0.1), group=(4, 0.5))
    # On a busy machine we may be put off between a turn and our own look at the clock.
    seen = Limits(overall=(30, 0.19), chat=(1, 0.09), group=(4, 0.49))
    log, pace = Log(time.monotonic), Pace(limits)
    waits = []

    async def ask(number):
        await asyncio.sleep(0.1 + 0.03 * number)
        asked = time.monotonic()
        await log.turn(pace, ("person", number), lane=Lane.PEOPLE)
        waits.append(time.monotonic() - asked)

    began = time.monotonic()
    everybody = broadcast(pace, log, range(100), 3, group=lambda chat: chat % 10 == 0)
    await asyncio.gather(everybody, *map(ask, range(20)))
    took = time.monotonic() - began
    log.check(seen)
    assert len(log.went) == 320
    assert took < 2 * 320 / 150, "a busy machine may be slow, but not by half"
    assert sorted(waits)[10] < 0.05
