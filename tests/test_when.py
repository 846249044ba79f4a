import datetime as dt
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bot.model import Quiet, Schedule, When
from bot.when import check_zone, next_due, parse_time, quiet_until

DAY = dt.timedelta(days=1)
MINUTE = dt.timedelta(minutes=1)
EVERY_DAY = frozenset(range(7))
MONDAY, FRIDAY, SATURDAY, SUNDAY = 0, 4, 5, 6


def daily(at, zone, weekdays=EVERY_DAY, **more):
    return Schedule(
        when=When.DAILY, at=dt.time.fromisoformat(at), zone=zone, weekdays=frozenset(weekdays), **more
    )


def weekly(day, at, zone):
    return Schedule(when=When.WEEKLY, at=dt.time.fromisoformat(at), zone=zone, weekdays=frozenset({day}))


def quiet(start, end, zone="UTC"):
    hours = Quiet(start=dt.time.fromisoformat(start), end=dt.time.fromisoformat(end), silent=False)
    return Schedule(zone=zone, quiet=hours)


def utc(text):
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def local(text, zone, fold=0):
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(dt.UTC)


def upcoming(schedule, after, count):
    """The next so many moments, as the chat's clock shows them."""
    shown = []
    for _ in range(count):
        after = next_due(schedule, after)
        assert after.tzinfo is dt.UTC
        shown.append(after.astimezone(ZoneInfo(schedule.zone)).isoformat(timespec="minutes"))
    return shown


def test_daily_comes_at_its_hour_in_its_zone():
    assert upcoming(daily("08:00", "Asia/Hong_Kong"), utc("2024-10-27T00:00"), 2) == [
        "2024-10-28T08:00+08:00",
        "2024-10-29T08:00+08:00",
    ]


def test_moment_itself_is_not_after_itself():
    schedule = daily("08:00", "UTC")
    assert next_due(schedule, utc("2024-10-27T07:59:59")) == utc("2024-10-27T08:00")
    assert next_due(schedule, utc("2024-10-27T08:00")) == utc("2024-10-28T08:00")


def test_time_that_the_clock_jumps_over_comes_at_the_end_of_the_gap():
    assert upcoming(daily("02:30", "Europe/Berlin"), utc("2024-03-30T00:00"), 3) == [
        "2024-03-30T02:30+01:00",
        "2024-03-31T03:00+02:00",
        "2024-04-01T02:30+02:00",
    ]


def test_time_that_comes_twice_counts_once_the_first_time():
    assert upcoming(daily("02:30", "Europe/Berlin"), utc("2024-10-26T00:00"), 3) == [
        "2024-10-26T02:30+02:00",
        "2024-10-27T02:30+02:00",
        "2024-10-28T02:30+01:00",
    ]
    between = local("2024-10-27T02:10", "Europe/Berlin", fold=1)
    assert next_due(daily("02:30", "Europe/Berlin"), between).date() == dt.date(2024, 10, 28)


@pytest.mark.parametrize(
    ("schedule", "after", "expected"),
    [
        # half an hour, not a whole one
        (daily("02:15", "Australia/Lord_Howe"), "2024-10-05T00:00", "2024-10-06T02:30+11:00"),
        (daily("06:00", "Asia/Kathmandu"), "2024-10-05T00:16", "2024-10-06T06:00+05:45"),
        # midnight itself is left out
        (daily("00:00", "Africa/Cairo"), "2024-04-25T12:00", "2024-04-26T01:00+03:00"),
        # 23:00 is followed by the next day, which has its own as well
        (daily("23:30", "America/Nuuk"), "2024-03-30T12:00", "2024-03-31T00:00-01:00"),
        (daily("23:30", "America/Nuuk"), "2024-03-31T01:00", "2024-03-31T23:30-01:00"),
        # the zone itself changed: an hour was repeated for good
        (daily("01:30", "Europe/Moscow"), "2014-10-25T12:00", "2014-10-26T01:30+04:00"),
        (daily("09:00", "UTC"), "2024-02-28T12:00", "2024-02-29T09:00+00:00"),
        (daily("09:00", "UTC"), "2023-02-28T12:00", "2023-03-01T09:00+00:00"),
        (daily("09:00", "UTC", {MONDAY, FRIDAY}), "2024-10-25T12:00", "2024-10-28T09:00+00:00"),
        (weekly(SUNDAY, "02:30", "America/New_York"), "2024-03-04T00:00", "2024-03-10T03:00-04:00"),
        (weekly(MONDAY, "09:00", "America/New_York"), "2024-10-28T14:00", "2024-11-04T09:00-05:00"),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{value.zone} {value.at:%H:%M}",
)
def test_zones_keep_their_own_rules(schedule, after, expected):
    assert upcoming(schedule, utc(after), 1) == [expected]


def test_day_that_apia_left_out_is_part_of_the_next():
    assert upcoming(daily("09:00", "Pacific/Apia"), local("2011-12-29T08:00", "Pacific/Apia"), 3) == [
        "2011-12-29T09:00-10:00",
        "2011-12-31T09:00+14:00",
        "2012-01-01T09:00+14:00",
    ]


def test_weekly_digest_is_not_lost_with_the_day_that_apia_left_out():
    assert upcoming(weekly(FRIDAY, "09:00", "Pacific/Apia"), utc("2011-12-28T00:00"), 2) == [
        "2011-12-31T00:00+14:00",
        "2012-01-06T09:00+14:00",
    ]


def test_instant_waits_for_nothing_on_a_chosen_day():
    assert next_due(Schedule(), utc("2024-10-27T12:00")) is None


def test_instant_on_another_day_waits_for_the_next_chosen_one_to_begin():
    schedule = Schedule(zone="Asia/Hong_Kong", weekdays=frozenset({MONDAY}))
    saturday = utc("2024-10-26T12:00")
    assert next_due(schedule, saturday) == local("2024-10-28T00:00", "Asia/Hong_Kong")
    assert next_due(schedule, saturday + 2 * DAY) is None


def test_zone_that_this_machine_does_not_know_is_taken_as_utc_with_a_warning(caplog):
    schedule = daily("08:00", "Mars/Olympus_Mons")
    assert next_due(schedule, utc("2024-10-27T12:00")) == utc("2024-10-28T08:00")
    assert "Mars/Olympus_Mons" in caplog.text


@pytest.mark.parametrize("call", [next_due, quiet_until])
def test_naive_moment_is_refused(call):
    with pytest.raises(ValueError, match="zone"):
        call(daily("08:00", "UTC", quiet=quiet("01:00", "02:00").quiet), dt.datetime(2024, 10, 27))


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2024-10-27T21:59:59", None),
        ("2024-10-27T22:00", "2024-10-28T07:00"),
        ("2024-10-28T00:00", "2024-10-28T07:00"),
        ("2024-10-28T06:59:59", "2024-10-28T07:00"),
        ("2024-10-28T07:00", None),
        ("2024-10-28T12:00", None),
    ],
)
def test_quiet_hours_last_over_midnight(now, expected):
    assert quiet_until(quiet("22:00", "07:00"), utc(now)) == (expected and utc(expected))


def test_quiet_hours_within_a_day():
    hours = quiet("13:00", "14:30", "Asia/Shanghai")
    assert quiet_until(hours, local("2024-10-27T13:10", "Asia/Shanghai")) == local(
        "2024-10-27T14:30", "Asia/Shanghai"
    )
    assert quiet_until(hours, local("2024-10-27T14:30", "Asia/Shanghai")) is None


def test_no_quiet_hours_and_empty_ones_are_never():
    assert quiet_until(Schedule(), utc("2024-10-27T03:00")) is None
    assert quiet_until(quiet("03:00", "03:00"), utc("2024-10-27T03:00")) is None


def test_quiet_hours_that_end_in_the_gap_end_with_it():
    hours = quiet("22:00", "02:30", "Europe/Berlin")
    assert quiet_until(hours, utc("2024-03-31T00:00")) == utc("2024-03-31T01:00")
    assert quiet_until(quiet("02:10", "02:50", "Europe/Berlin"), utc("2024-03-31T01:00")) is None


def test_nobody_is_woken_between_the_two_comings_of_an_hour():
    hours = quiet("22:00", "02:30", "Europe/Berlin")
    end = local("2024-10-27T02:30", "Europe/Berlin", fold=1)
    assert quiet_until(hours, local("2024-10-27T02:45", "Europe/Berlin")) == end
    assert quiet_until(hours, local("2024-10-27T02:15", "Europe/Berlin", fold=1)) == end


def test_quiet_night_reaches_over_a_day_that_was_left_out():
    hours = quiet("22:00", "07:00", "Pacific/Apia")
    night = local("2011-12-29T23:00", "Pacific/Apia")
    assert quiet_until(hours, night) == local("2011-12-31T07:00", "Pacific/Apia")


# Those with rules worth the trouble come up often: half hours, odd offsets, midnight gaps, days left out.
ODD = (
    "Africa/Cairo Africa/Casablanca America/Havana America/Nuuk America/Sao_Paulo America/St_Johns "
    "Antarctica/Troll Asia/Beirut Asia/Gaza Asia/Kathmandu Asia/Pyongyang Asia/Tehran "
    "Australia/Lord_Howe Europe/Dublin Europe/London Pacific/Apia Pacific/Chatham Pacific/Kiritimati "
    "Pacific/Kwajalein"
).split()
zones = st.sampled_from(ODD) | st.sampled_from(sorted(available_timezones() - {"localtime", "Factory"}))
times = st.builds(dt.time, st.integers(0, 23), st.sampled_from([0, 1, 15, 30, 45, 59]))
moments = st.datetimes(dt.datetime(1900, 1, 3), dt.datetime(2120, 1, 1)).map(
    lambda moment: moment.replace(tzinfo=dt.UTC)
)


@st.composite
def changes(draw):
    """A zone, and a moment within two days of one of its clock changes, where it has any; else any."""
    zone, begin = draw(zones), draw(moments)
    clock = ZoneInfo(zone)
    for number in range(40):
        low, high = begin + number * 10 * DAY, begin + (number + 1) * 10 * DAY
        if low.astimezone(clock).utcoffset() != high.astimezone(clock).utcoffset():
            while high - low > MINUTE:
                middle = low + (high - low) / 2
                same = middle.astimezone(clock).utcoffset() == low.astimezone(clock).utcoffset()
                low, high = (middle, high) if same else (low, middle)
            return zone, high + draw(st.integers(-48 * 4, 48 * 4)) * 15 * MINUTE
    return zone, begin


@settings(deadline=None, max_examples=40)
@given(changes(), times, st.sets(st.integers(0, 6), min_size=1))
def test_every_chosen_day_has_its_one_moment(place, at, weekdays):
    zone, begin = place
    clock = ZoneInfo(zone)
    schedule = Schedule(when=When.DAILY, at=at, zone=zone, weekdays=frozenset(weekdays))
    found = [begin]
    while found[-1] < begin + 8 * DAY:
        found.append(next_due(schedule, found[-1]))
    assert found == sorted(set(found))

    # Minute by minute as the clock on the wall shows it, which is slow and knows no rule.
    start = begin.replace(second=0, microsecond=0)
    shown = [
        (start + number * MINUTE, (start + number * MINUTE).astimezone(clock))
        for number in range(-3 * 24 * 60, 10 * 24 * 60)
    ]
    assume(all(wall.utcoffset().seconds % 60 == 0 for _, wall in shown[:: 24 * 60]))
    days = {wall.date() for _, wall in shown[1:]} - {shown[0][1].date(), shown[-1][1].date()}
    first = {}
    for moment, wall in shown:
        if wall.date() in days and wall.weekday() in weekdays and wall.time() >= at:
            first.setdefault(wall.date(), moment)
    due = {moment for moment in found[1:] if begin < moment <= begin + 8 * DAY}
    expected = {moment for moment in first.values() if begin < moment <= begin + 8 * DAY}
    assert expected <= due
    for extra in due - expected:
        # The day's own time fell into a gap that reached over midnight, or was the whole day.
        jump = extra.astimezone(clock).utcoffset() - (extra - MINUTE).astimezone(clock).utcoffset()
        assert jump > dt.timedelta(0)
        assert (extra - MINUTE).astimezone(clock).date() < extra.astimezone(clock).date()


@settings(deadline=None, max_examples=40)
@given(changes(), times, st.sets(st.integers(0, 6), min_size=1), st.sampled_from(When))
def test_moment_is_at_the_time_or_at_the_end_of_the_gap_that_holds_it(place, at, weekdays, when):
    zone, after = place
    clock = ZoneInfo(zone)
    weekdays = frozenset(sorted(weekdays)[:1] if when is When.WEEKLY else weekdays)
    schedule = Schedule(when=when, at=at, zone=zone, weekdays=weekdays)
    due = next_due(schedule, after)
    if when is When.INSTANT and after.astimezone(clock).weekday() in weekdays:
        assert due is None
        return
    assert after < due <= after + 9 * DAY
    wall = due.astimezone(clock)
    second = dt.timedelta(seconds=1)
    jump = wall.utcoffset() - (due - second).astimezone(clock).utcoffset()
    if wall.time() != (dt.time() if when is When.INSTANT else at):
        assert jump > dt.timedelta(0)
        asked = dt.datetime.combine(wall.date(), dt.time() if when is When.INSTANT else at)
        late = min((wall.replace(tzinfo=None) - asked) % DAY, DAY)
        assert late <= jump
    else:
        assert wall.fold == 0
    if jump < dt.timedelta(hours=12) and wall.time() >= at:
        assert wall.weekday() in weekdays or jump > dt.timedelta(0)


@settings(deadline=None, max_examples=40)
@given(changes(), times, st.lists(st.integers(0, 3000), min_size=2, max_size=6))
def test_looking_more_often_finds_the_same_digests(place, at, looks):
    zone, begin = place
    schedule = Schedule(when=When.DAILY, at=at, zone=zone)
    last, found = begin, 0
    due = []
    while not due or due[-1] < begin + 13 * DAY:
        due.append(next_due(schedule, due[-1] if due else begin))
    for look in looks:
        now = last + look * MINUTE
        between = [moment for moment in due if last < moment <= now]
        assert (next_due(schedule, last) <= now) == bool(between)
        found += len(between)
        last = now
    assert found == sum(moment <= last for moment in due)


@settings(deadline=None, max_examples=40)
@given(changes(), times, times)
def test_quiet_is_when_the_clock_shows_it_and_ends_when_it_no_longer_does(place, start, end):
    zone, now = place
    assume(start != end)
    clock = ZoneInfo(zone)
    hours = Schedule(zone=zone, quiet=Quiet(start=start, end=end, silent=True))
    wall = now.astimezone(clock).time()
    shown = start <= wall < end if start < end else wall >= start or wall < end
    until = quiet_until(hours, now)
    if shown:
        assert until is not None, "whenever the clock shows a quiet hour it is quiet"
    if until is not None:
        assert now < until <= now + 3 * DAY
        assert quiet_until(hours, until) is None
        assert quiet_until(hours, until - dt.timedelta(seconds=1)) == until


@pytest.mark.parametrize(
    ("text", "expected"),
    [("7:05", "07:05"), ("07:05", "07:05"), ("7.05", "07:05"), ("７：０５", "07:05"), (" 23:59 ", "23:59")],
)
def test_times_are_read_as_people_write_them(text, expected):
    assert parse_time(text) == dt.time.fromisoformat(expected)


@pytest.mark.parametrize(
    ("text", "mend"),
    [
        ("24:00", "write 00:00"),
        ("7", "write 07:00"),
        ("25:00", "write 07:05"),
        ("7:60", "write 07:05"),
        ("7:5", "write 07:05"),
        ("-7:05", "write 07:05"),
        ("", "write 07:05"),
        ("soon" * 1000, "write 07:05"),
        ("1٣:00", "write 07:05"),
    ],
)
def test_what_is_no_time_is_refused_with_a_mend(text, mend):
    with pytest.raises(ValueError, match=mend) as caught:
        parse_time(text)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Asia/Hong_Kong", "Asia/Hong_Kong"),
        ("asia/hong kong", "Asia/Hong_Kong"),
        ("utc", "UTC"),
        (" America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"),
    ],
)
def test_zone_is_spelled_as_it_should_be(text, expected):
    assert check_zone(text) == expected


@pytest.mark.parametrize(
    ("text", "mend"),
    [
        ("Asia/Honk_Kong", "did you mean Asia/Hong_Kong?"),
        ("Amercia/New_York", "did you mean America/New_York?"),
        ("shanghai", "did you mean Asia/Shanghai?"),
        ("Asia/Beijing", "did you mean Asia/Shanghai?"),
        ("北京", "did you mean Asia/Shanghai?"),
        ("toyko", "did you mean Asia/Tokyo?"),
        ("UTC+8", "an offset knows no daylight saving"),
        ("+08:00", "an offset knows no daylight saving"),
        ("", "write it like"),
        ("localtime", "write it like"),
        ("../../etc/passwd", "write it like"),
        ("x" * 100_000, "write it like"),
    ],
)
def test_unknown_zone_is_refused_with_a_mend(text, mend):
    with pytest.raises(ValueError, match="no such time zone") as caught:
        check_zone(text)
    assert mend in str(caught.value)
    assert len(str(caught.value)) < 200


@given(st.text(max_size=40))
@settings(deadline=None, max_examples=50)
def test_any_other_text_is_refused_and_nothing_else_happens(text):
    assume(text.strip().lower() not in {name.lower() for name in available_timezones()})
    with pytest.raises(ValueError, match=r"no such time zone: .*; "):
        check_zone(text)


@pytest.mark.parametrize(
    "wrong",
    [
        {"when": When.DAILY},
        {"when": When.WEEKLY, "at": dt.time(8)},
        {"when": When.DAILY, "at": dt.time(8), "weekdays": frozenset()},
        {"weekdays": frozenset({7})},
    ],
)
def test_schedule_that_contradicts_itself_is_refused(wrong):
    with pytest.raises(ValueError, match=r"weekday|hour"):
        Schedule(**wrong)
