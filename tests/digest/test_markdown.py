"""Where a paper begins and ends, whatever its note holds."""

import pytest

from bot.model import NotDigest
from tests.digest.builders import FRONT, NOTE, markdown, outcome, paper, post

TRAPS = {
    "labels": "**Summary**\n别处的总结。\n\n**Key Takeaways**\n1. 别处。\n",
    "authors": "**Authors**: 某人, 另一人\n\n**Authors:某人**\n",
    "heading and authors": "## 标题\n\n**Authors**: 某人, 另一人\n",
    "heading and bold": "## 结论\n\n**背景：很重要**\n",
    "headings": "### 方法\n\n## 结论\n\n# 总结\n",
    "setext": "标题\n=====\n\n另一个\n-----\n",
    "link": "[PDF](http://arxiv.org/abs/1706.03762v1) another\n",
    "heading and link": "## 参考\n\n[PDF](http://arxiv.org/abs/1706.03762v1) another\n",
    "fold": "<details><summary>更多</summary>没有图</details>\n\n## 还有\n\n文字\n",
    "anchor": "**[Another](https://example.org)**\n\n文字\n",
    "vertical tab": "一行\x0b还是同一行\x85\u2028 ## 不是标题\n",
}


@pytest.mark.parametrize("trap", TRAPS.values(), ids=TRAPS)
def test_note_with_anything_in_it_is_not_searched(trap):
    found = post(markdown(paper(1, note=NOTE + trap + "\n结束。\n"), paper(2)))
    assert [entry.paper.arxiv_id for entry in found.entries] == ["2410.00001", "2410.00002"]
    first = found.entries[0]
    assert first.note is not None
    assert first.note.text.endswith("结束。")
    assert trap.strip() in first.note.text
    assert (first.summary, len(first.takeaways), len(first.figures)) == ("小样本就够用。", 2, 2)
    assert not found.problems


def test_heading_of_level_three_opens_no_paper():
    assert len(post(markdown(paper(1), paper(2, title="### Sample"))).entries) == 1


def test_paper_with_unseen_label_for_authors_is_found():
    found = post(markdown(paper(1), paper(2, authors="**Verfasser: Ada Lovelace, Alan Turing**\n")))
    assert [entry.paper.authors for entry in found.entries] == [("Ada Lovelace", "Alan Turing")] * 2


def test_paper_after_a_note_without_figures_is_found():
    found = post(markdown(paper(1, figures=""), paper(2)))
    assert [entry.paper.arxiv_id for entry in found.entries] == ["2410.00001", "2410.00002"]
    assert found.entries[0].figures == ()
    assert found.entries[0].note is not None
    assert "Sample Paper 2" not in found.entries[0].note.text


def test_no_blank_line_before_the_authors_is_fine():
    text = paper(1).replace("Blanks\n\n", "Blanks\n")
    assert post(markdown(text)).entries[0].paper.authors == ("Ada Lovelace", "Alan Turing")


def test_empty_day_is_a_post_without_entries_or_problems():
    found = post(markdown())
    assert found.entries == ()
    assert found.problems == ()
    assert found.headings == ("2024-10-27 更新",)


def test_facts_of_the_post_are_kept():
    found = post(markdown(paper()))
    assert found.title == "NeRF"
    assert found.written == "2024-10-27 13:48:00"
    assert found.author == "Someone"
    assert found.description == "News of a field  with two blanks"
    assert found.categories == ("Paper",)
    assert [tag.name for tag in found.tags] == ["NeRF"]
    assert found.date.isoformat() == found.heading_date.isoformat() == "2024-10-27"


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_other_line_ends_read_the_same(end):
    source = markdown(paper(1), paper(2, link="没有链接\n")).decode()
    assert post(source.replace("\n", end)) == post(source)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "gb18030"])
def test_other_encodings_read_the_same(encoding):
    source = markdown(paper(1)).decode().replace("⚠️", "").replace("🔴", "").replace("💗", "")
    assert post(source.encode(encoding)).entries == post(source).entries


def test_truncated_utf8_keeps_what_is_whole():
    source = markdown(paper(1), paper(2))
    found = post(source[: source.rindex("点此".encode()) + 1])
    assert [entry.paper.arxiv_id for entry in found.entries] == ["2410.00001", "2410.00002"]
    assert any("damaged" in problem.reason for problem in found.problems)


def test_category_and_heading_make_a_digest():
    reasons = {}
    for name, front in {
        "other category": FRONT.replace("categories: Paper", "categories: Note"),
        "no heading": FRONT.replace("# 2024-10-27 更新", "# CUDA 更新"),
        "heading too low": FRONT.replace("# 2024", "## 2024"),
        "impossible day": FRONT.replace("2024-10-27", "2024-13-77"),
        "empty": "",
    }.items():
        text = front if name != "other category" else front + paper()
        found = outcome(text, address="posts/x.md")
        assert isinstance(found, NotDigest), name
        reasons[name] = found.reason
    assert len(set(reasons.values())) >= 4
    assert '"Note"' in reasons["other category"]
    assert "2024-13-77" in reasons["impossible day"]
    assert reasons["empty"] == "the file is empty"


def test_post_of_papers_without_front_matter_is_read_with_a_problem():
    found = post("# 2024-10-27 更新\n\n" + paper(1))
    assert len(found.entries) == 1
    assert found.title == "NeRF"
    assert [(problem.place, problem.reason) for problem in found.problems] == [("front matter", "is missing")]


def test_feed_is_no_digest():
    found = outcome('<?xml version="1.0"?>\n<feed><entry/></feed>')
    assert isinstance(found, NotDigest)
    assert "feed" in found.reason


def test_slashed_tag_of_the_front_matter_names_the_post():
    found = post(FRONT.replace("NeRF", "元宇宙/虚拟人"), address="2024-10-27/元宇宙_虚拟人.md")
    assert found.title == "元宇宙/虚拟人"
    assert [tag.name for tag in found.tags] == ["元宇宙/虚拟人"]
