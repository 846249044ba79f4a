"""Rows of buttons."""

import datetime as dt

import pytest

from bot.formatter import buttons
from bot.formatter.card import Button
from bot.model import Tag


@pytest.mark.parametrize(
    ("number", "lengths"),
    [(0, []), (1, [1]), (5, [5]), (6, [3, 3]), (7, [4, 3]), (8, [4, 4]), (10, [5, 5]), (11, [4, 4, 3])],
)
def test_rows_are_few_and_about_as_long(number, lengths):
    made = buttons.rows([Button(label=str(at)) for at in range(number)])
    assert [len(row) for row in made] == lengths
    assert [button.label for row in made for button in row] == [str(at) for at in range(number)]


def test_numbers_open_papers_and_say_where_to_come_back():
    ((one, two),) = buttons.numbers(["2003.08934", "cs/0112017"], "saved:2:7", start=9)
    assert (one.label, one.data) == ("9", "paper:2003.08934:saved:2:7")
    assert (two.label, two.data) == ("10", "paper:cs/0112017:saved:2:7")
    ((bare,),) = buttons.numbers(["2003.08934"])
    assert bare.data == "paper:2003.08934"


def test_digest_is_known_by_its_tags_key_and_its_day():
    about = buttons.digest(Tag(name="NeRF", slug="nerf"), dt.date(2026, 11, 20))
    assert about == "5a450e54:2026-11-20"
    odd = buttons.digest(Tag(name="\ud800", slug="\ud800"), dt.date(2026, 11, 20))
    assert len(odd) == len(about)
