"""One slug for all spellings of a tag."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.digest.tags import aliases, tag


@pytest.mark.parametrize(
    "names",
    [
        ("元宇宙/虚拟人", "元宇宙_虚拟人", "元宇宙-虚拟人", "元宇宙 虚拟人"),
        ("R1_Reasoning", "R1-Reasoning", "r1 reasoning"),
        (
            "Talking Head Generation",
            "Talking-Head-Generation",
            " talking  head generation ",
            "ＴＡＬＫＩＮＧ　Head Generation",
        ),
    ],
)
def test_spellings_of_a_tag_share_its_slug(names):
    assert len({tag(name).slug for name in names}) == 1


def test_slug_is_readable():
    assert tag("Talking Head Generation").slug == "talking-head-generation"
    assert tag("元宇宙/虚拟人").slug == "元宇宙-虚拟人"


def test_different_tags_differ():
    names = ("C", "C++", "C#", "3DGS", "3D GS", "NeRF", "⭐", "♥", "")
    assert len({tag(name).slug for name in names}) == len(names)


def test_name_stays_as_the_blog_writes_it():
    assert tag("元宇宙/虚拟人").name == "元宇宙/虚拟人"


@given(st.text(max_size=30))
def test_slug_is_never_empty_and_its_own_slug(name):
    slug = tag(name).slug
    assert slug
    assert not slug.startswith("-")
    assert not slug.endswith("-")
    assert not re.search(r"[\s/_?#%&]", slug)
    assert tag(slug).slug == slug


@given(st.text("abcXYZ019 -_/.", min_size=1, max_size=30))
def test_ascii_name_has_a_slug_for_addresses(name):
    assert re.fullmatch("[a-z0-9-]+", tag(name).slug)


def test_aliases_lead_in_any_spelling_to_the_slug_of_their_tag():
    named = {"3DGS": ("Gaussian Splatting", "高斯泼溅"), "元宇宙/虚拟人": ("Meta_Verse",), "NeRF": ()}
    assert aliases(named) == {
        "gaussian-splatting": "3dgs",
        "高斯泼溅": "3dgs",
        "meta-verse": "元宇宙-虚拟人",
    }
