"""The folder's date files a post unless the other two know better."""

from datetime import date

import pytest

from bot.digest.dates import day, is_dated, weigh
from tests.digest.builders import FRONT, markdown, paper, post, reasons


def on(text):
    return date.fromisoformat(text) if text else None


@pytest.mark.parametrize(
    ("folder", "heading", "written", "filed", "shown"),
    [
        ("2024-10-27", "2024-10-27", "2024-10-27", "2024-10-27", "2024-10-27"),
        ("2024-10-12", "2024-10-19", "2024-10-19", "2024-10-12", "2024-10-19"),
        (None, "2024-10-19", "2024-10-20", "2024-10-19", "2024-10-19"),
        ("2019-01-01", "2024-10-19", "2024-10-20", "2024-10-19", "2024-10-19"),
        ("2024-10-20", "2042-10-19", "2024-10-20", "2024-10-20", "2024-10-20"),
        ("2024-10-20", None, None, "2024-10-20", "2024-10-20"),
        ("2020-10-20", "2024-10-20", None, "2020-10-20", "2024-10-20"),
        ("2020-01-01", "2022-01-01", "2024-01-01", "2020-01-01", "2022-01-01"),
    ],
)
def test_no_date_is_trusted_alone(folder, heading, written, filed, shown):
    dates = weigh(on(folder), on(heading), on(written))
    assert dates is not None
    assert (dates.filed, dates.heading) == (on(filed), on(shown))
    assert bool(dates.doubts) == (len({folder, heading, written} - {None}) > 1)


def test_no_date_at_all_is_none():
    assert weigh(None, None, None) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("/a/2023-01-01/Paper/2024-10-27/NeRF.md", "2024-10-27"),
        ("https://x.org/2024/10/27/nerf/", "2024-10-27"),
        ("2024-02-30/2024-02-28/x", "2024-02-28"),
        ("2024年10月7日 更新", "2024-10-07"),
        ("v2-120241027", None),
        ("2024-13-01", None),
        ("", None),
        (None, None),
    ],
)
def test_day_is_the_innermost_valid_date(text, found):
    assert day(text) == on(found)


@pytest.mark.parametrize(
    "heading", ["2024-10-27 更新", "2024-10-27", "2024年10月27日更新", "Update 2025/1/2", "更新于 2024.10.27"]
)
def test_heading_of_an_update_is_told_by_its_date(heading):
    assert is_dated(heading)


@pytest.mark.parametrize(
    "heading", ["CUDA 更新", "", "REAL3D: a paper", "x" * 10_000, "2024 更新", "3.2.1 notes on a long paper"]
)
def test_other_headings_are_not(heading):
    assert not is_dated(heading)


def test_disagreement_is_a_problem_and_the_post_stays():
    found = post(markdown(paper(), front=FRONT.replace("# 2024-10-27", "# 2024-10-30")))
    assert (found.date, found.heading_date) == (date(2024, 10, 27), date(2024, 10, 30))
    assert any("disagree" in reason for reason in reasons(found))


def test_address_without_a_date_is_filed_by_its_heading():
    found = post(markdown(paper()), address="posts/NeRF.md")
    assert found.date == date(2024, 10, 27)
    assert not found.problems
