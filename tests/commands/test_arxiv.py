"""arXiv ids in what people send."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.arxiv import paper_id, spellings


@pytest.mark.parametrize(
    "text",
    [
        "2003.08934",
        "2003.08934v2",
        "arXiv:2003.08934",
        "arxiv: 2003.08934v12 [cs.CV]",
        "ArXiv.2003.08934",
        "https://arxiv.org/abs/2003.08934",
        "http://arxiv.org/abs/2003.08934v1",
        "https://arxiv.org/pdf/2003.08934.pdf",
        "https://arxiv.org/pdf/2003.08934v2.pdf#page=3",
        "https://arxiv.org/html/2003.08934v2",
        "https://export.arxiv.org/abs/2003.08934?context=cs",
        "https://ar5iv.labs.arxiv.org/html/2003.08934",
        "https://www.alphaxiv.org/overview/2003.08934",
        "https://papers.cool/arxiv/2003.08934",
        "https://huggingface.co/papers/2003.08934",
        "https://doi.org/10.48550/arXiv.2003.08934",
        "10.48550/arXiv.2003.08934",
        "(https://arxiv.org/abs/2003.08934).",
        "看这篇https://arxiv.org/abs/2003.08934，很好",
        "看这篇2003.08934很好",
        "２００３．０８９３４",
        "first 2003.08934, then 2401.00001",
        "https%3A%2F%2Farxiv.org%2Fabs%2F2003.08934",
        "[NeRF](https://arxiv.org/abs/2003.08934)",
    ],
)
def test_id_is_found_in_any_form(text):
    assert paper_id(text) == "2003.08934"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("cs/0112017", "cs/0112017"),
        ("cs/0112017v1", "cs/0112017"),
        ("arXiv:CS/0112017", "cs/0112017"),
        ("https://arxiv.org/abs/cs/0112017", "cs/0112017"),
        ("https://arxiv.org/pdf/cs/0112017v2", "cs/0112017"),
        ("https://arxiv.org/abs/cs%2F0112017", "cs/0112017"),
        ("math.gt/0309136", "math.GT/0309136"),
        ("hep-th/9901001", "hep-th/9901001"),
        ("math-ph/0001001", "math-ph/0001001"),
        ("https://arxiv.org/abs/acc-phys/9411001", "acc-phys/9411001"),
        ("0704.0001", "0704.0001"),
    ],
)
def test_older_ids_are_found(text, found):
    assert paper_id(text) == found


@pytest.mark.parametrize(
    "text",
    """|neural radiance fields|2003.089|2003.089345|2013.08934|12003.08934|1.2003.08934|3.14159|foo/0112017
    |https://arxiv.org/list/cs.CV/recent|cs/011201|my-cs/0112017|2003.08934.5|v2003""".replace(
        "\n    ", ""
    ).split("|"),
)
def test_what_is_no_id_is_none(text):
    assert paper_id(text) is None


def test_older_id_is_looked_for_with_its_subject_and_without():
    assert spellings("math.GT/0309136") == ("math.GT/0309136", "math/0309136")
    assert spellings("cs/0112017") == ("cs/0112017",)
    assert spellings("2003.08934") == ("2003.08934",)


def test_hostile_text_costs_no_time():
    began = time.thread_time()
    for text in ("2003." * 100_000, "cs/" * 100_000, "%" * 100_000, "9" * 100_000):
        paper_id(text)
    assert time.thread_time() - began < 1


@given(st.text())
def test_any_text_is_read_without_trouble(text):
    found = paper_id(text)
    assert found is None or paper_id(found) == found
