"""Hours and days of the week as people write them."""

import datetime as dt
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands import clock
from bot.commands.base import Refusal
from bot.when import Misread

WORK = {0, 1, 2, 3, 4}


def at(text):
    return dt.time.fromisoformat(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *[("7:05", "07:05"), ("07.30", "07:30"), ("７：０５", "07:05"), ("0730", "07:30"), ("1905", "19:05")],
        *[("7am", "07:00"), ("7 AM", "07:00"), ("7 a.m.", "07:00"), ("12am", "00:00"), ("12:30 am", "00:30")],
        *[("7:30pm", "19:30"), ("7.30 p.m.", "19:30"), ("12pm", "12:00"), ("19:30 pm", "19:30")],
        *[("noon", "12:00"), ("12 noon", "12:00"), ("midnight", "00:00"), ("12 midnight", "00:00")],
        *[("7 in the morning", "07:00"), ("3 in the afternoon", "15:00"), ("9 in the evening", "21:00")],
        *[("10 at night", "22:00"), ("12 at night", "00:00")],
        *[("7点", "07:00"), ("7 点", "07:00"), ("19点", "19:00"), ("7点半", "07:30"), ("19时05分", "19:05")],
        *[("早上7点", "07:00"), ("早上 7:30", "07:30"), ("早上7", "07:00"), ("上午10点一刻", "10:15")],
        *[
            ("中午12点", "12:00"),
            ("中午1点", "13:00"),
            ("中午", "12:00"),
            ("正午", "12:00"),
            ("午夜", "00:00"),
        ],
        *[("下午3点半", "15:30"), ("下午15:00", "15:00"), ("傍晚6点", "18:00"), ("晚上8点整", "20:00")],
        *[("晚上10点15", "22:15"), ("晚上12点", "00:00"), ("凌晨3点", "03:00"), ("半夜2点", "02:00")],
        *[("七点", "07:00"), ("早上九点三刻", "09:45"), ("十二点", "12:00"), ("二十点零五分", "20:05")],
        *[("晚上两点钟前", None), ("晚上十一点二十", "23:20"), ("早上7点钟", "07:00")],
    ],
)
def test_hour_is_read_as_people_write_it(text, expected):
    if expected is None:
        with pytest.raises(Misread):
            clock.read_time(text)
    else:
        assert clock.read_time(text) == at(expected)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        *[
            ("7", "time_minutes"),
            ("22", "time_minutes"),
            ("24:00", "time_next_day"),
            ("24点", "time_next_day"),
        ],
        *[("25:00", "time_none"), ("25点", "time_none"), ("7:60", "time_none"), ("7:5", "time_none")],
        *[
            ("13am", "time_none"),
            ("晚上3点", "time_none"),
            ("早上12点", "time_none"),
            ("7:30 8:30", "time_none"),
        ],
        *[("7:30:15", "time_none"), ("soon", "time_none"), ("", "time_none"), ("2026-11-20", "time_none")],
        *[("7:30 tomorrow", "time_none"), ("1٣:00", "time_none"), ("-", "time_none"), ("点", "time_none")],
    ],
)
def test_what_is_no_hour_is_refused(text, key):
    with pytest.raises(Misread) as caught:
        clock.read_time(text)
    assert caught.value.key == key


@pytest.mark.parametrize(
    ("text", "expected", "rest"),
    [
        ("at 7am on mon-fri", "07:00", "mon-fri"),
        ("周一早上9点", "09:00", "周一"),
        ("每周二十点", "10:00", "每周二"),
        ("每周一 二十点", "20:00", "每周一"),
        ("星期日 晚上8点半", "20:30", "星期日"),
        ("mon, wed", None, "mon, wed"),
        ("", None, ""),
    ],
)
def test_hour_is_parted_from_what_stands_beside_it(text, expected, rest):
    assert clock.split_time(text) == (at(expected) if expected else None, rest)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        *[
            ("mon", {0}),
            ("Tues", {1}),
            ("sundays", {6}),
            ("mon, wed and fri", {0, 2, 4}),
            ("sat/sun", {5, 6}),
        ],
        *[("mon-fri", WORK), ("mon through fri", WORK), ("fri to mon", {4, 5, 6, 0}), ("weekdays", WORK)],
        *[("weekend", {5, 6}), ("weekdays, sat", WORK | {5}), ("every day", set(range(7)))],
        *[("每周一", {0}), ("每星期日", {6}), ("每个周三", {2}), ("每礼拜天", {6}), ("周 五", {4})],
        *[
            ("周一至周五", WORK),
            ("周一到五", WORK),
            ("星期一~星期三", {0, 1, 2}),
            ("每周一、三、五", {0, 2, 4}),
        ],
        *[("周一三五", {0, 2, 4}), ("周一周三", {0, 2}), ("週六和週日", {5, 6}), ("周六、周日", {5, 6})],
        *[
            ("工作日", WORK),
            ("每个工作日", WORK),
            ("周末", {5, 6}),
            ("每周末", {5, 6}),
            ("每天", set(range(7))),
        ],
        *[("工作日和周六", WORK | {5}), ("周五-周一", {4, 5, 6, 0})],
    ],
)
def test_days_are_read_as_people_write_them(text, days):
    assert clock.read_days(text) == days


@pytest.mark.parametrize(
    ("text", "told"),
    [
        *[("x", "x"), ("mon-", "mon-"), ("-fri", "-fri"), ("tue, mon-", "mon-"), ("-", "-"), ("mon-x", "x")],
        *[("周一-", "周一-"), ("周八", "周八"), ("每周", "每周"), ("t", "t"), ("mon-wed-fri", "mon-wed-fri")],
        *[("五", "五"), ("someday soon", "someday"), ("and", "and"), ("mo" * 40, "mo" * 10)],
    ],
)
def test_what_is_no_day_is_told_as_it_was_written(text, told):
    with pytest.raises(Refusal) as caught:
        clock.read_days(text)
    assert (caught.value.key, caught.value.values) == ("days_wrong", {"text": told})


@given(text=st.text(st.sampled_from("7:30.amp 点早上半十二一三周每-至days0mon，'")))
def test_any_words_are_an_hour_and_days_or_refused(text):
    for read in (clock.read_time, clock.split_time, clock.read_days, clock.split_hours):
        try:
            read(text)
        except (Misread, Refusal):
            continue


@pytest.mark.parametrize(
    "sign", ["7", "7 ", "十", "早上", "周", "周一", "每", "每个", " ", "-", "点", "1.", "mon-", "a.m "]
)
def test_long_words_are_read_in_no_time(sign):
    text = sign * (20_000 // len(sign))
    began = time.thread_time()
    for read in (clock.read_time, clock.read_days, clock.split_hours):
        try:
            read(text)
        except (Misread, Refusal):
            continue
    assert time.thread_time() - began < 0.5
