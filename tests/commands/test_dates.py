"""Days as people write them."""

import datetime as dt
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.dates import odd_day, split_day

TODAY = dt.date(2026, 11, 22)  # a Sunday
DAY = dt.date(2026, 11, 20)


WAYS = """
2026-11-20|2026/11/20|2026.11.20|20261120|20.11.|20.11.2026|20. 11. 2026|20.11.26|20.11|11-20|11/20|20/11
Nov 20|nov. 20|November 20th|November 20, 2026|Nov 20 2026|20 Nov|20th of November|20. November 2026|20nov
2 days ago|2天前|前天|day before yesterday|Friday|fri|last Friday|on friday|周五|星期五|礼拜五
11月20日|11月20号|2026年11月20日|2026 年 11 月 20 日|２０２６－１１－２０|11月20
"""


@pytest.mark.parametrize("written", [way for line in WAYS.split("\n") if line for way in line.split("|")])
def test_day_is_found_behind_and_before_a_tag(written):
    assert split_day(f"NeRF {written}", TODAY) == ("NeRF", DAY)
    assert split_day(f"{written} NeRF", TODAY) == ("NeRF", DAY)
    assert split_day(f"Talking Head Generation, {written}", TODAY) == ("Talking Head Generation", DAY)
    assert split_day(written, TODAY) == ("", DAY)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("today", TODAY),
        ("今天", TODAY),
        ("Yesterday", TODAY - dt.timedelta(1)),
        ("昨天", TODAY - dt.timedelta(1)),
        ("大前天", TODAY - dt.timedelta(3)),
        ("sunday", TODAY),
        ("last sunday", TODAY - dt.timedelta(7)),
        ("周日", TODAY),
        ("星期天", TODAY),
        ("上周日", TODAY - dt.timedelta(7)),
        ("上个星期五", dt.date(2026, 11, 13)),
        ("1 day ago", TODAY - dt.timedelta(1)),
    ],
)
def test_day_is_counted_from_today(written, day):
    assert split_day(f"NeRF {written}", TODAY) == ("NeRF", day)


def test_no_blank_is_needed_beside_chinese():
    assert split_day("NeRF昨天", TODAY) == ("NeRF", dt.date(2026, 11, 21))
    assert split_day("昨天NeRF", TODAY) == ("NeRF", dt.date(2026, 11, 21))
    assert split_day("元宇宙/虚拟人 昨天", TODAY) == ("元宇宙/虚拟人", dt.date(2026, 11, 21))


def test_day_without_a_year_is_the_last_one_that_has_been():
    assert split_day("NeRF Dec 24", TODAY)[1] == dt.date(2025, 12, 24)
    assert split_day("NeRF 23.11.", TODAY)[1] == dt.date(2026, 11, 23)  # today already, further east
    assert split_day("NeRF 24.11.", TODAY)[1] == dt.date(2025, 11, 24)
    assert split_day("NeRF 29.2.", TODAY)[1] == dt.date(2024, 2, 29)


def test_order_of_day_and_month_follows_the_sign_between_and_the_language():
    assert split_day("NeRF 3/4", TODAY)[1] == dt.date(2026, 3, 4)
    assert split_day("NeRF 3.4.", TODAY)[1] == dt.date(2026, 4, 3)
    assert split_day("NeRF 3.4", TODAY)[1] == dt.date(2026, 4, 3)
    assert split_day("NeRF 3.4", TODAY, chinese=True)[1] == dt.date(2026, 3, 4)
    assert split_day("NeRF 20.11", TODAY, chinese=True)[1] == DAY
    assert split_day("NeRF 11.20", TODAY)[1] == DAY


@pytest.mark.parametrize(
    "text",
    """NeRF|3DGS|3D|GPT 4|R1_Reasoning|NeRF 31.2.|NeRF 2026-13-40|NeRF 99999999|NeRF x2026-11-20||Sunflower
    |Decision Making|GPT-4 5|元宇宙|C++|May|NeRF 2026""".replace("\n    ", "").split("|"),
)
def test_text_without_a_day_stays_as_it_is(text):
    assert split_day(text, TODAY) == (text, None)


ODD = """
2026-13-45|2026-02-30|2026/13/1|2026年13月1日|2026-11|2026-11-|99999999|31.2.|45.11.2026|13/32|13月45日|11月45
Feb 30|30 Feb|February 30th, 2026|31st of November|tomorrow|the day after tomorrow|next monday|last week
明天|后天|大后天|本周|上周|上个月|这个月|this month|下周一|去年|２０２６－１３－４５
"""


@pytest.mark.parametrize("written", [way for line in ODD.split("\n") if line for way in line.split("|")])
def test_what_is_meant_for_a_day_and_is_none_is_found_behind_and_before_a_tag(written):
    plain = unicodedata.normalize("NFKC", written)
    for text in (f"NeRF {written}", f"{written} NeRF", f"NeRF, 3DGS, {written}", written):
        assert split_day(text, TODAY) == (text, None)
        assert odd_day(text) == plain


@pytest.mark.parametrize(
    "text",
    """NeRF|3DGS|GPT 4|R1_Reasoning|Vision 2.0|2.0|GPT 4.1.2|2410.18605|0704.0001|cs/0112017|NeRF x2026-13-45
    |May|NeRF 2026||Sunflower|元宇宙|C++|Next Frame|Week|3D-5""".replace("\n    ", "").split("|"),
)
def test_what_is_not_meant_for_a_day_is_none(text):
    assert odd_day(text) == ""


@given(st.text(max_size=60))
def test_odd_day_is_a_piece_of_the_text(text):
    assert odd_day(text) in " ".join(unicodedata.normalize("NFKC", text).split())


def test_day_is_found_behind_a_long_list_of_tags():
    names = ", ".join(f"Topic {number}" for number in range(100))
    assert split_day(f"{names} 2026-11-20", TODAY) == (names, DAY)
    assert odd_day(f"{names} 2026-13-45") == "2026-13-45"


def test_long_text_is_not_looked_through():
    assert split_day("a 1 " * 5000 + "yesterday", TODAY)[1] is None


@given(text=st.text(max_size=60), chinese=st.booleans())
def test_any_text_is_read_without_trouble(text, chinese):
    rest, day = split_day(text, TODAY, chinese=chinese)
    assert (day is None) == (rest == text) or not rest or day is not None


@given(
    day=st.dates(dt.date(1991, 1, 1), dt.date(2030, 1, 1)),
    form=st.sampled_from(("%Y-%m-%d", "%d.%m.%Y", "%B %d, %Y", "%d %b %Y", "%Y年%m月%d日", "%Y%m%d")),
)
def test_every_day_with_its_year_is_read_back(day, form):
    assert split_day(f"Talking Head {day.strftime(form)}", TODAY) == ("Talking Head", day)
