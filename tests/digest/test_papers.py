"""What each line of a paper says is told by its place and shape."""

# ruff: noqa: E501 - a line of a sample post is one line here too

import pytest

from bot.model import Format
from tests.digest.builders import FIGURES, entry, markdown, paper, post, reasons


def test_template_is_read_whole():
    found = entry(link="[PDF](http://arxiv.org/abs/2410.18605v2) Accepted to CVPR 2024, 9 pages\n")
    assert found.paper.arxiv_id == "2410.18605"
    assert found.paper.version == 2
    assert found.paper.title == "Sample Paper 1: A Study of Blanks"
    assert found.paper.authors == ("Ada Lovelace", "Alan Turing")
    assert found.paper.abstract == "We show that small samples are enough."
    assert found.paper.comment == "Accepted to CVPR 2024, 9 pages"
    assert found.paper.link == "http://arxiv.org/abs/2410.18605v2"
    assert found.paper.links.pdf == "https://arxiv.org/pdf/2410.18605"
    assert found.paper.venue == "CVPR 2024"
    assert found.summary == "小样本就够用。"
    assert found.takeaways == ("第一点。", "第二点。")
    assert found.translation is None
    assert found.note is not None
    assert found.note.format is Format.MARKDOWN
    assert found.figures == ("https://pic1.zhimg.com/v2-0a0a.jpg", "./crop_0_page_1.jpg")


@pytest.mark.parametrize(
    "summary",
    [
        "**Summary**\n小样本就够用。\n",
        "**Summary**\n\n小样本就够用。\n",
        "**摘要**  \n小样本就够用。\n",
        "**摘要**：小样本就够用。\n",
        "**摘要：**小样本就够用。\n",
        "**摘要:** 小样本就够用。\n",
        "**Summary** 小样本就够用。\n",
        "**一句话**\n小样本就够用。\n",
        "**Résumé**\n小样本就够用。\n",
        "**まとめ：**\n小样本就够用。\n",
        "__Summary__\n小样本就够用。\n",
        "### Summary\n小样本就够用。\n",
        "## 一句话\n小样本就够用。\n",
        "\u200b**Summary**\u200b\n小样本就够用。\n",
        "**Summary**\n**小样本就够用。**\n",
        "**Summary**\n**小样本就够用**\n",
        "**Summary**\n\n**小样本就够用**\n",
        "**Summary**\n> 小样本就够用。\n",
        "<strong>Summary</strong><br>小样本就够用。\n",
        "小样本就够用。\n",
    ],
)
def test_summary_is_found_however_it_is_labelled(summary):
    found = entry(summary=summary)
    assert (found.summary or "").rstrip("。") == "小样本就够用"
    assert found.takeaways == ("第一点。", "第二点。")


@pytest.mark.parametrize(
    "takeaways",
    [
        "**Key Takeaways**\n1. 第一点。\n2. 第二点。\n",
        "**要点**\n\n- 第一点。\n\n\n- 第二点。\n",
        "**要点**：\n* 第一点。\n* 第二点。\n",
        "**Puntos clave**\n• 第一点。\n• 第二点。\n",
        "**关键见解**\n 1. 第一点。\n 2. 第二点。\n",
        "**关键见解**\n1.第一点。\n2.第二点。\n",
        "**关键见解**\n1、第一点。\n2、第二点。\n",
        "**关键见解**\n（1）第一点。\n（2）第二点。\n",
        "**关键见解**\n①第一点。\n②第二点。\n",
        "**Key Takeaways**\n- 1. 第一点。\n- 2. 第二点。\n",
        "**Key Takeaways**\n1. - 第一点。\n2. - 第二点。\n",
        "**Key Takeaways**：1. 第一点。\n2. 第二点。\n",
        "**Key Takeaways**\n以下是要点：\n\n1. 第一点。\n2. 第二点。\n",
        "**Key Takeaways**\n1. 第一点。\n2. 第二点。\n\n以上就是全部要点。\n",
        "**Key Takeaways**\n1. 第一点。\n2. 第二点。\n以上就是全部要点。\n",
        "**Key Takeaways**\n1. **第一点**。\n2. **第二点**。\n",
        "**Key Takeaways**\n**1. 第一点**。\n**2. 第二点**。\n",
        "**Key Takeaways**\n第一点。\n第二点。\n",
        "- 第一点。\n- 第二点。\n",
    ],
)
def test_takeaways_are_found_however_they_are_marked(takeaways):
    found = entry(takeaways=takeaways)
    assert found.takeaways == ("第一点。", "第二点。")
    assert found.summary == "小样本就够用。"


def test_wrapped_item_is_one_takeaway():
    found = entry(takeaways="**K**\n1. 这一点很长，\n所以换了行。\n2. 第二点，\n   也换了行。\n3. 第三点。\n")
    assert found.takeaways == ("这一点很长， 所以换了行。", "第二点， 也换了行。", "第三点。")


def test_nested_items_belong_to_their_item():
    found = entry(takeaways="**K**\n1. 方法：\n    - 甲。\n    - 乙。\n2. 结果。\n")
    assert found.takeaways == ("方法： 甲。 乙。", "结果。")


def test_item_that_begins_with_a_number_keeps_it():
    found = entry(takeaways="**K**\n1.2D 图像。\n2.3D 场景快 3.2x。\n3. 5 倍。\n")
    assert found.takeaways[1:] == ("3D 场景快 3.2x。", "5 倍。")


def test_missing_takeaways_are_a_problem_and_the_summary_stays():
    found = post(markdown(paper(takeaways="")))
    assert found.entries[0].summary == "小样本就够用。"
    assert found.entries[0].takeaways == ()
    assert reasons(found) == ["no takeaways"]


def test_missing_summary_is_a_problem_and_the_takeaways_stay():
    found = post(markdown(paper(summary="")))
    assert found.entries[0].summary is None
    assert found.entries[0].takeaways == ("第一点。", "第二点。")
    assert reasons(found) == ["no summary"]


def test_two_labels_without_text_are_neither():
    found = entry(summary="**Summary**\n", takeaways="**Key Takeaways**\n")
    assert (found.summary, found.takeaways) == (None, ())


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("**Authors:Ada Lovelace, Alan Turing**", ("Ada Lovelace", "Alan Turing")),
        ("**Authors: Ada Lovelace，Alan Turing**", ("Ada Lovelace", "Alan Turing")),
        ("**作者：Ada Lovelace、Alan Turing**", ("Ada Lovelace", "Alan Turing")),
        ("**Authors**: Ada Lovelace, Alan Turing", ("Ada Lovelace", "Alan Turing")),
        ("**Auteurs : Ada Lovelace, Alan Turing**", ("Ada Lovelace", "Alan Turing")),
        ("**Authors:Ada Lovelace,\nAlan Turing**", ("Ada Lovelace", "Alan Turing")),
        ("**Authors: Ada Lovelace, , Alan  Turing, **", ("Ada Lovelace", "Alan  Turing")),
        ("Authors: Ada Lovelace, Alan Turing", ("Ada Lovelace", "Alan Turing")),
        (
            '**Authors:Ada Lovelace*, Alan Turing, and Kurt G\\"odel**',
            ("Ada Lovelace", "Alan Turing", 'Kurt G\\"odel'),
        ),
        ("**Authors:Qin D'Amato**", ("Qin D'Amato",)),
    ],
)
def test_authors_are_the_names_of_the_first_line(line, names):
    assert entry(authors=line + "\n").paper.authors == names


def test_paper_without_authors_is_kept_with_a_problem():
    found = post(markdown(paper(1), paper(2, authors="")))
    assert [entry.paper.arxiv_id for entry in found.entries] == ["2410.00001", "2410.00002"]
    assert found.entries[1].paper.abstract == "We show that small samples are enough."
    assert reasons(found) == ["no authors"]


def test_abstract_keeps_its_paragraphs_and_joins_its_lines():
    found = entry(
        abstract="First line\ngoes on.\n\nSecond paragraph with $a*b$ and $c*d$.\n\n**Bold** start."
    )
    assert (
        found.paper.abstract == "First line goes on.\n\nSecond paragraph with $a*b$ and $c*d$.\n\nBold start."
    )


def test_abstract_may_be_missing():
    found = post(markdown(paper(abstract="")))
    assert found.entries[0].paper.abstract == ""
    assert reasons(found) == ["no abstract"]


def test_abstract_that_starts_with_a_number_keeps_it():
    assert entry(abstract="3D scenes grow.\n1. They do.").paper.abstract == "3D scenes grow. 1. They do."


@pytest.mark.parametrize(
    ("link", "arxiv_id", "version", "address", "comment"),
    [
        ("[PDF](http://arxiv.org/abs/2410.18605v1) ", "2410.18605", 1, "http://arxiv.org/abs/2410.18605v1", None),
        ("[PDF](https://arxiv.org/pdf/2410.18605)", "2410.18605", None, "https://arxiv.org/pdf/2410.18605", None),
        ("[PDF](https://arxiv.org/pdf/2410.18605v12.pdf) x", "2410.18605", 12, "https://arxiv.org/pdf/2410.18605v12.pdf", "x"),
        ("[论文](http://arxiv.org/abs/2410.18605v1)9 页", "2410.18605", 1, "http://arxiv.org/abs/2410.18605v1", "9 页"),
        ("**[PDF](http://arxiv.org/abs/2410.18605v1)** 9p", "2410.18605", 1, "http://arxiv.org/abs/2410.18605v1", "9p"),
        ("PDF: [link](http://arxiv.org/abs/2410.18605v1)", "2410.18605", 1, "http://arxiv.org/abs/2410.18605v1", None),
        ("<http://arxiv.org/abs/2410.18605v1> 9 pages", "2410.18605", 1, "http://arxiv.org/abs/2410.18605v1", "9 pages"),
        ("http://www.arxiv.org/abs/2410.18605 9 pages", "2410.18605", None, "http://www.arxiv.org/abs/2410.18605", "9 pages"),
        ("[PDF](http://arxiv.org/abs/cs/0112017v1) a", "cs/0112017", 1, "http://arxiv.org/abs/cs/0112017v1", "a"),
        ("[PDF](http://arxiv.org/abs/astro-ph/0112017)", "astro-ph/0112017", None, "http://arxiv.org/abs/astro-ph/0112017", None),
        ("[PDF](http://arxiv.org/abs/math.GT/0309136v3)", "math.GT/0309136", 3, "http://arxiv.org/abs/math.GT/0309136v3", None),
        ("[PDF](http://arxiv.org/abs/0704.0001v2)", "0704.0001", 2, "http://arxiv.org/abs/0704.0001v2", None),
        ("[PDF](http://arxiv.org/abs/2410.18605v1) 9 pages,\n3 figures", "2410.18605", 1, "http://arxiv.org/abs/2410.18605v1", "9 pages, 3 figures"),
        ("[PDF](http://arxiv.org/abs/2410.18605v1) at \\url{https://x.org}", "2410.18605", 1, "http://arxiv.org/abs/2410.18605v1", "at \\url{https://x.org}"),
        ("[PDF](http://arxiv.org/abs/2410.18605v1) see <https://x.org>", "2410.18605", 1, "http://arxiv.org/abs/2410.18605v1", "see https://x.org"),
    ],
)  # fmt: skip
def test_link_line_names_the_paper(link, arxiv_id, version, address, comment):
    found = entry(link=link + "\n").paper
    assert (found.arxiv_id, found.version, found.link, found.comment) == (arxiv_id, version, address, comment)


def test_link_inside_the_abstract_is_not_the_papers():
    found = entry(abstract="It extends [an older one](http://arxiv.org/abs/1706.03762v1) and more.").paper
    assert found.arxiv_id == "2410.00001"
    assert found.abstract == "It extends an older one and more."


def test_paper_without_a_link_of_its_own_takes_the_id_of_cool_papers():
    found = post(
        markdown(
            paper(link="\n", anchor="**[Cool Papers](https://papers.cool/arxiv/2511.02207)**\n", note="")
        )
    )
    assert found.entries[0].paper.arxiv_id == "2511.02207"
    assert found.entries[0].summary == "小样本就够用。"
    assert any("no link" in reason for reason in reasons(found))


def test_translation_begins_quoted_and_goes_on_plain():
    found = entry(
        abstract="We show it.\n\n> 我们证明了它。\n\n而且更多。\n\n**论文及项目相关链接**",
        anchor="**[Cool Papers](https://papers.cool/arxiv/2410.00001)**\n",
        note="",
    )
    assert found.paper.abstract == "We show it."
    assert found.translation == "我们证明了它。\n\n而且更多。"
    assert found.paper.authors == ("Ada Lovelace", "Alan Turing")
    assert found.note is None


def test_daily_form_has_neither_note_nor_figures():
    parts = [paper(number, anchor="", note="", figures="") for number in (1, 2, 3)]
    found = post(markdown(*parts))
    assert [entry.paper.arxiv_id for entry in found.entries] == ["2410.00001", "2410.00002", "2410.00003"]
    assert all(
        entry.note is None and not entry.figures and len(entry.takeaways) == 2 for entry in found.entries
    )
    assert not found.problems


def test_html_note_keeps_its_form():
    found = entry(note="<ol>\n<li>题目：示例</li>\n</ol>\n").note
    assert found is not None
    assert found.format is Format.HTML
    assert found.text == "<ol>\n<li>题目：示例</li>\n</ol>"


def test_figures_of_two_folds_are_kept_in_order():
    second = FIGURES.replace("0a0a", "0b0b")
    assert [name[-8:] for name in entry(figures=FIGURES + second).figures] == [
        "0a0a.jpg",
        "ge_1.jpg",
        "0b0b.jpg",
        "ge_1.jpg",
    ]


def test_figures_may_be_markdown_images():
    figures = "<details><summary>图</summary>\n\n![](https://x.org/v2-1.jpg)\n<img align='middle' src='y.png'>\n</details>\n"
    assert entry(figures=figures).figures == ("https://x.org/v2-1.jpg", "y.png")


def test_marks_go_and_latex_and_characters_stay():
    summary = "**Summary**\n**NeRF** 用 `code`、[链接](https://x.org/a_(b))、<https://y.org>，$a_i*b_i$、D\\'ej\\`a、A&amp;B、\u200b\ue000\x0b。\n"
    assert entry(summary=summary).summary == (
        "NeRF 用 `code`、链接、https://y.org，$a_i*b_i$、D\\'ej\\`a、A&B、\u200b\ue000\x0b。"
    )


def test_stars_that_stand_for_a_secret_stay():
    assert entry(abstract="The code is at *******. 2**3").paper.abstract == "The code is at *******. 2**3"


def test_exact_repeat_is_merged_at_its_first_place():
    again = "\n\n# 2024-10-27 更新\n\n" + paper(1) + paper(2)
    found = post(markdown(paper(1), paper(2), again))
    assert [entry.paper.arxiv_id for entry in found.entries] == ["2410.00001", "2410.00002"]
    assert found.headings == ("2024-10-27 更新", "2024-10-27 更新")


def test_repeat_with_another_text_wins_and_keeps_the_place():
    changed = paper(1, summary="**Summary**\n改写了。\n", figures="")
    found = post(markdown(paper(1), paper(2), changed))
    assert [entry.paper.arxiv_id for entry in found.entries] == ["2410.00001", "2410.00002"]
    assert found.entries[0].summary == "改写了。"
    assert len(found.entries[0].figures) == 2


def test_broken_paper_is_named_and_the_others_stay():
    found = post(markdown(paper(1), paper(2, link="没有链接\n"), paper(3)))
    assert [entry.paper.arxiv_id for entry in found.entries] == ["2410.00001", "2410.00003"]
    (problem,) = found.problems
    assert problem.place == "Sample Paper 2: A Study of Blanks"
    assert problem.reason == "no arXiv link, so this paper is left out"
    assert problem.line is not None
    source = markdown(paper(1), paper(2, link="没有链接\n"), paper(3)).decode().split("\n")
    assert source[problem.line - 1].startswith("## Sample Paper 2:")


def test_paper_without_a_title_is_named_by_its_id():
    found = post(markdown(paper(1, title="## "), paper(2)))
    assert [entry.paper.arxiv_id for entry in found.entries] == ["2410.00002"]
    assert reasons(found) == ["no title for 2410.00001, so this paper is left out"]
