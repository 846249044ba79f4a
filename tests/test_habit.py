"""What is silence and what is habit: rhythms as sources have them, walked through day by day."""

import datetime as dt
from collections.abc import Iterable
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.habit import DAY, day_of, judge

START = dt.date(2026, 1, 5)  # a Monday
EVERY = tuple(range(7))
WORKDAYS = (0, 1, 2, 3, 4)


def rhythm(weekdays: Iterable[int] = EVERY, weeks: int = 12, start: dt.date = START) -> list[dt.date]:
    """Every one of these weekdays, so many weeks long."""
    chosen = set(weekdays)
    return [day for number in range(7 * weeks) if (day := start + number * DAY).weekday() in chosen]


def without(days: Iterable[dt.date], first: dt.date, number: int) -> list[dt.date]:
    """The days without a hole of so many days."""
    return [day for day in days if not first <= day < first + number * DAY]


def begins(days: Iterable[dt.date], until: dt.date | None = None) -> list[dt.date]:
    """The days on which silence would be told, for who looks every day."""
    known = sorted(days)
    told, silent, today = [], False, known[0]
    while today <= (until or known[-1]):
        seen = [day for day in known if known[0] <= day <= today]
        now = judge([day for day in seen if day >= seen[-1] - 182 * DAY], today) is not None
        told += [today] if now and not silent else []
        silent, today = now, today + DAY
    return told


def test_daily_source_is_silent_after_four_days_that_are_over():
    days = rhythm()
    last = days[-1]
    assert judge(days, last + 5 * DAY) is None  # four days have passed, the fifth is not over
    found = judge(days, last + 6 * DAY)
    assert found is not None
    assert (found.since, found.days, found.usual) == (last, 5, EVERY)


def test_free_days_are_no_silence():
    days = rhythm(WORKDAYS)  # to a Friday
    last = days[-1]
    assert last.weekday() == 4
    assert judge(days, last + 7 * DAY) is None  # four workdays are over
    found = judge(days, last + 8 * DAY)
    assert found is not None
    assert (found.usual, found.days) == (WORKDAYS, 7)


def test_blog_that_mostly_rests_on_sunday_and_monday_is_not_expected_then():
    chance = Random(1)
    days = [day for day in rhythm(weeks=20) if day.weekday() not in (6, 0) or chance.random() < 0.2]
    saturday = max(day for day in days if day.weekday() == 5)
    days = [day for day in days if day <= saturday]
    assert judge(days, saturday + 7 * DAY) is None  # Tuesday to Friday are over
    found = judge(days, saturday + 8 * DAY)
    assert found is not None
    assert found.usual == (1, 2, 3, 4, 5)


def test_weekly_source_is_not_expected_on_other_days():
    days = rhythm([0])
    assert judge(days, days[-1] + 34 * DAY) is None
    found = judge(days, days[-1] + 36 * DAY)
    assert found is not None
    assert found.usual == (0,)


def test_batches_are_a_habit_of_their_own():
    days = [START + 24 * number * DAY for number in range(8)]
    assert begins(days) == []
    assert judge(days, days[-1] + 35 * DAY) is None
    found = judge(days, days[-1] + 36 * DAY)
    assert found is not None
    assert (found.usual, found.days) == ((), 35)


def test_batches_that_vary_are_hardly_ever_told():
    chance, day, days = Random(2), START, []
    while day < START + 1460 * DAY:
        days.append(day)
        day += max(1, round(chance.gauss(24, 8))) * DAY
    assert len(begins(days)) <= 2


def test_daily_posts_that_begin_to_come_in_batches_are_told_twice_and_then_learnt():
    daily = rhythm(weeks=14)
    batches = [daily[-1] + 24 * number * DAY for number in range(1, 12)]
    told = begins(daily + batches)
    assert len(told) == 2
    assert told[-1] < batches[1]


def test_hole_that_came_once_is_told_again_and_one_that_came_twice_is_not():
    days = rhythm(weeks=26)
    holes = [days[30], days[80], days[130]]
    for hole in holes:
        days = without(days, hole, 15)
    assert begins(days) == [holes[0] + 5 * DAY, holes[1] + 5 * DAY]


def test_holidays_of_a_few_days_are_not_told():
    days = rhythm(WORKDAYS, weeks=26)
    for number in range(4, 24, 5):
        days = without(days, START + 7 * number * DAY, 4)  # Monday to Thursday
    assert begins(days) == []


def test_silence_lasts_until_something_comes_however_long():
    days = rhythm()
    for passed in (6, 40, 200, 4000):
        found = judge(days, days[-1] + passed * DAY)
        assert found is not None
        assert (found.since, found.days) == (days[-1], passed - 1)
    assert judge([*days, days[-1] + 4001 * DAY], days[-1] + 4001 * DAY) is None


def test_new_source_is_not_judged():
    days = rhythm(weeks=3)
    assert judge(days, START + 27 * DAY) is None
    assert judge([], START) is None
    assert judge([START], START + 400 * DAY) is None
    assert judge([START, START + DAY, START + 2 * DAY], START + 400 * DAY) is None


def test_source_that_dies_young_is_told_after_four_weeks():
    days = rhythm(weeks=2)
    assert begins(days, START + 60 * DAY) == [START + 28 * DAY]


def test_post_that_is_dated_ahead_does_not_hide_silence():
    days = rhythm()
    found = judge([*days, dt.date(2099, 1, 1)], days[-1] + 10 * DAY)
    assert found is not None
    assert found.since == days[-1]


@pytest.mark.parametrize(
    ("moment", "day"),
    [("2026-11-20T15:59:59", "2026-11-20"), ("2026-11-20T16:00:00", "2026-11-21")],
)
def test_day_is_the_one_of_the_blog(moment, day):
    at = dt.datetime.fromisoformat(f"{moment}+00:00").timestamp()
    assert str(day_of(at)) == day
    assert str(day_of(at, zone=0)) == "2026-11-20"


histories = st.lists(st.integers(0, 200), max_size=120).map(lambda ns: [START + n * DAY for n in ns])


@given(days=histories, passed=st.integers(0, 400))
def test_silence_is_of_what_was_there_and_ends_with_news(days, passed):
    today = max(days, default=START) + passed * DAY
    found = judge(days, today)
    if found:
        assert found.since == max(days)
        assert found.days == passed - 1 >= 4
        assert set(found.usual) <= {day.weekday() for day in days}
    assert judge([*days, today], today) is None
    assert judge(list(reversed(days)) * 2, today) == found


@given(days=histories, passed=st.integers(0, 200), more=st.integers(0, 200))
def test_silence_does_not_end_by_itself(days, passed, more):
    today = max(days, default=START) + passed * DAY
    if judge(days, today):
        assert judge(days, today + more * DAY)


@given(weekdays=st.sets(st.integers(0, 6), min_size=1), weeks=st.integers(5, 30), shift=st.integers(0, 6))
def test_steady_rhythm_is_never_told_while_it_lasts(weekdays, weeks, shift):
    assert begins(rhythm(weekdays, weeks, START + shift * DAY)) == []
