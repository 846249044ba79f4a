"""Which tags the beginning of a name may become."""

import time

from hypothesis import given
from hypothesis import strategies as st

from bot.commands.likely import Spellings
from bot.slugs import slug
from bot.storage.tags import Names, Topic


def topics(*names):
    return [
        Topic(id=at, slug=slug(name), name=name, week=100 - at, followed=False)
        for at, name in enumerate(names, 1)
    ]


def spellings(*names, **aliases):
    return Spellings(Names(topics(*names), aliases))


def likely(known, piece):
    return [topic.name for topic in known.likely(piece, known.names.topics)]


def complete(known, typed):
    return list(known.complete(typed, known.names.topics))


def test_name_itself_comes_first_then_beginnings_words_other_names_and_parts():
    known = spellings(
        "Outpainting", "Inpainting", "Paint", "Old Paint", "Painter", "Colours", paintbox="colours"
    )
    found = likely(known, "paint")
    assert found[:4] == ["Paint", "Painter", "Old Paint", "Colours"]
    assert set(found[4:]) == {"Outpainting", "Inpainting"}


def test_busier_of_two_alike_comes_first():
    assert likely(spellings("Face Two", "Face One"), "face") == ["Face Two", "Face One"]


def test_only_tags_that_may_be_chosen_are_offered():
    known = spellings("NeRF", "NeRF Two")
    assert known.likely("nerf", known.names.topics[1:]) == known.names.topics[1:]
    assert list(known.complete("nerf", [])) == []


def test_named_tags_are_not_offered_again_however_they_are_written():
    assert complete(spellings("NeRF", "3DGS", 高斯="3dgs"), "高斯、nerf ， ") == []
    assert complete(spellings("NeRF", "3DGS"), "3d-gs; ") == ["3d-gs, NeRF"]


def test_name_with_a_comma_is_completed_whole_behind_others():
    known = spellings("NeRF", "Face, Body and Hands", "Bodies")
    assert complete(known, "nerf, face, bo")[0] == "nerf, Face, Body and Hands"
    assert "nerf, face, Bodies" in complete(known, "nerf, face, bo")


def test_alias_of_no_tag_is_passed_over():
    assert likely(spellings("NeRF", gone="no-such-tag"), "gone") == []


def test_three_hundred_tags_take_no_time():
    known = spellings(*(f"Topic {at} of many words" for at in range(300)))
    began = time.process_time()
    for typed in ("topic 2", "tpoic", "a, " * 100, "x" * 300):
        complete(known, typed)
    assert time.process_time() - began < 0.5


@given(st.text(max_size=60), st.lists(st.text(min_size=1, max_size=12), max_size=6, unique_by=slug))
def test_whatever_is_typed_stays_in_front(typed, names):
    known = spellings(*names)
    for completed in complete(known, typed):
        assert any(completed.endswith(name) for name in names)
        before = completed[: -min(len(name) for name in names if completed.endswith(name))]
        assert len(before) <= len(typed) + 2 + 12
