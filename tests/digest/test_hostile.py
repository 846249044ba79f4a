"""Nothing that a file can hold makes reading fail, or take more than linear time."""

# ruff: noqa: E501 - a line of a sample post is one line here too

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.model import Format, NotDigest, Post
from tests.digest.builders import FRONT, markdown, outcome, paper, post
from tests.digest.test_html import block, newer, older

SIZE = 150_000  # quadratic reading of so much takes minutes, which no run of these tests survives

UNITS = [
    "a", "## \n", "## a\n**b\n", "## a\n**Authors:b**\n", "# 2024-10-27 更新\n", "<details>", '<details><img src="a">', "</details>",
    "<img ", "![", "[a](", "**a ", "** **[", "\n**[a](", "\n**[a](b)**", "1. a\n", "- - ", "    - a\n", "> a\n", "\0\1\x0b", "\u200b\n",
    "\r", "\t", "_a ", "__a", "*a ", "&a", "$a", "\\begin{", "\n[PDF](http://arxiv.org/abs/2410.00001v1)", "**a:", "**a**: b\n",
    "https://github.com/a/b ", "<http://a", "A, ", "---\n", "a: b\n", "a: &a [*a]\n", "[", "{a: ", "<", "希望您",
]  # fmt: skip
TAGS = [
    "<div>", "<b>", "<p><b id=1>", "<font></div>", "<div><!--</div>-->", "<div><!--></div>-->", '<div title="</div>">', "<ul><li>",
    "<div><script></div></script>", "<br>", "<p>", "</p>", "<h1>2024-10-27 更新</h1>", "<h2>a</h2><p><strong>Authors:b</strong></p>",
    "<details>", "<svg><g>", "<svg><div/><x/>", "<x/>", "<table><tr><td>", "<a href=x>", '<a "', "<i><b></i></b>", "<blockquote>",
    "<template>", "<button><p>", "<plaintext>", "<![CDATA[", "&notit;", "## a **b** ", "<li>a",
]  # fmt: skip
PLACES = ["note", "abstract", "takeaways", "title", "authors", "summary"]


@pytest.mark.parametrize("unit", UNITS, ids=repr)
def test_repeated_markdown_is_read_in_linear_time(unit):
    mass = unit * (SIZE // len(unit))
    for data in (mass, "---\n" + mass, FRONT + mass, markdown(paper(1)).decode() + mass):
        assert isinstance(outcome(data), Post | NotDigest)
    for place in PLACES:
        found = post(markdown(paper(1, **{place: mass + "\n"}), paper(2)))
        assert isinstance(found, Post)


@pytest.mark.parametrize("unit", TAGS, ids=repr)
def test_repeated_tags_are_read_in_linear_time(unit):
    mass = unit * (SIZE // len(unit))
    pages = ("<html>" + mass, older(mass), older(block(1), mass), older(block(1, note=mass), block(2)),
             older(block(1, abstract=f"<p>{mass}</p>")), older(block(1, takeaways=f"<ol><li>{mass}</li></ol>")))  # fmt: skip
    for data in pages:
        assert isinstance(outcome(data, form=Format.HTML), Post | NotDigest)


def test_hostile_tail_leaves_the_papers_before_it():
    for unit in UNITS:
        found = post(markdown(paper(1)).decode() + unit * (50_000 // len(unit)))
        assert found.entries[0].paper.arxiv_id == "2410.00001", unit


def test_ten_thousand_headings_leave_the_papers():
    found = post(markdown(paper(1, note="## x\n" * 10_000), paper(2)))
    assert [entry.paper.arxiv_id for entry in found.entries] == ["2410.00001", "2410.00002"]


def test_endless_line_in_a_note_leaves_the_next_paper():
    found = post(markdown(paper(1, note="好" * 2_000_000), paper(2)))
    assert len(found.entries) == 2
    assert found.entries[0].note is not None
    assert len(found.entries[0].note.text) <= 100_000
    assert any("too long" in problem.reason for problem in found.problems)


def test_more_papers_than_any_post_has_are_cut_off_with_a_problem():
    found = post(markdown(*(paper(number) for number in range(1, 1_203))))
    assert len(found.entries) == 1_000
    assert any("1000 papers" in problem.reason for problem in found.problems)


@given(st.binary(max_size=3_000))
def test_any_bytes_are_read(data):
    assert isinstance(outcome(data), Post | NotDigest)
    assert isinstance(outcome(FRONT.encode() + data), Post | NotDigest)


@given(st.text(alphabet="#*_[]()<>!-1. \n\t>`$\\&:|aA二：0ö\u200b\r\x0b\0h2", max_size=400))
def test_any_text_of_marks_is_read(text):
    for data in (text, FRONT + "## T\n" + text, FRONT + paper(1, summary=text, takeaways=text) + paper(2)):
        assert isinstance(outcome(data), Post | NotDigest)
    assert isinstance(outcome("<h1>2024-10-27 更新</h1>" + text, form=Format.HTML), Post | NotDigest)


SOURCES = {
    "markdown": markdown(paper(1), paper(2), paper(3)).decode().split("\n"),
    "older page": older(block(1), block(2)).replace("><", ">\n<").split("\n"),
    "newer page": newer(block(1), block(2)).replace("><", ">\n<").split("\n"),
}


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(SOURCES)), st.data())
def test_posts_with_lines_lost_swapped_and_doubled_are_read(source, data):
    lines = list(SOURCES[source])
    for _ in range(data.draw(st.integers(1, 8))):
        one, other = data.draw(st.integers(0, len(lines) - 1)), data.draw(st.integers(0, len(lines) - 1))
        change = data.draw(st.sampled_from(("lose", "swap", "double", "cut")))
        if change == "swap":
            lines[one], lines[other] = lines[other], lines[one]
        elif change == "double":
            lines.insert(other, lines[one])
        elif change == "cut":
            lines[one] = lines[one][: len(lines[one]) // 2]
        elif len(lines) > 1:
            del lines[one]
    found = outcome("\n".join(lines), address="Paper/2024-10-27/x")
    if isinstance(found, Post):
        ids = [entry.paper.arxiv_id for entry in found.entries]
        assert len(set(ids)) == len(ids)
        assert set(ids) <= {"2410.00001", "2410.00002", "2410.00003"}


@given(st.integers(0, len("\n".join(SOURCES["markdown"]).encode())))
def test_post_cut_anywhere_keeps_its_whole_papers(length):
    source = "\n".join(SOURCES["markdown"]).encode()
    found = outcome(source[:length])
    whole = source[:length].count(b"</details>")
    if isinstance(found, Post):
        assert [entry.paper.arxiv_id for entry in found.entries][:whole] == [
            "2410.00001",
            "2410.00002",
            "2410.00003",
        ][:whole]
    else:
        assert whole == 0


def test_random_bytes_are_no_digest():
    assert isinstance(outcome(os.urandom(SIZE)), NotDigest)
