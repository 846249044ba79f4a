"""The mark of a message: always the same for the same, never for another, as Discord takes it."""

import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.discord.nonce import stamp

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=20), VALUES)
def test_mark_fits_and_leaves_the_rest_as_it_is(address, value):
    body = {"content": value}
    marked = stamp(address, body)
    assert body == {"content": value}
    assert re.fullmatch("[A-Z2-7]{25}", marked["nonce"])
    assert marked == body | {"nonce": marked["nonce"], "enforce_nonce": True}


def test_order_of_keys_is_no_difference():
    one = stamp("1/2", {"content": "x", "flags": 4, "embeds": [{"title": "a", "url": "b"}]})
    other = stamp("1/2", {"embeds": [{"url": "b", "title": "a"}], "flags": 4, "content": "x"})
    assert one["nonce"] == other["nonce"]


def test_same_words_elsewhere_and_other_words_here_have_other_marks():
    bodies = [("1/2", "x"), ("1/3", "x"), ("1/2", "y"), ("1/2", ["x"]), ("1", "2x")]
    assert len({stamp(where, {"content": what})["nonce"] for where, what in bodies}) == len(bodies)


def test_another_process_makes_the_same_mark():
    code = "from bot.adapters.discord.nonce import stamp; print(stamp('1/2', {'content': '論文'})['nonce'])"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert told.strip() == stamp("1/2", {"content": "論文"})["nonce"]


@pytest.mark.parametrize("value", ["\ud800", object(), {1: float}])
def test_what_cannot_be_written_is_told(value):
    with pytest.raises((TypeError, ValueError)):
        stamp("1/2", {"content": value})
