"""A rendered page says what its Markdown said."""

# ruff: noqa: E501 - a line of a sample post is one line here too

import pytest

from bot.model import Format, NotDigest
from tests.digest.builders import outcome, post, reasons

LAZY = 'src="data:image/gif;base64,R0lGOD" data-lazy-src'


def block(number: int, **parts: str) -> str:
    """A paper as a theme renders it; each argument replaces a part."""
    title = f"Sample {number}: It&#39;s   a Study"
    values = {
        "heading": f'<h2 id="a"><a class="headerlink" href="#a" title="x"></a>{title}</h2>',
        "authors": "<p><strong>Authors:Ada Lovelace, Qin D’Amato</strong></p>",
        "abstract": '<p>We say “yes” &amp; show $x_i$ at <a href="https://x.org">https://x.org</a>. </p>',
        "translation": "",
        "link": f'<p><a target="_blank" href="http://arxiv.org/abs/2410.{number:05}v2">PDF</a> 9 pages</p>',
        "summary": "<p><strong>Summary</strong><br>够用。</p>",
        "takeaways": "<p><strong>Key Takeaways</strong></p><ul><li>第一点。</li><li><p>第二点。</p></li></ul>",
        "anchor": '<p><strong><a href="https://example.org/space">ChatPaperFree</a></strong> </p>',
        "note": "<ol><li><p>题目：示例</p></li></ol><h2>方法</h2><p><strong>Summary</strong><br>别处。</p>",
        "figures": f'<details><summary>图</summary><img {LAZY}="https://x.org/v2-1.jpg"> <img src="./crop_1.jpg"></details>',
    }
    return "".join((values | parts).values())


def older(*papers: str) -> str:
    """A page of the older theme."""
    return (
        '<!DOCTYPE html><html><head><meta charset="UTF-8"><title>NeRF | A Blog</title><meta name="author" content="Someone">'
        '<meta name="description" content="News"><meta property="og:title" content="NeRF">'
        '<meta property="article:published_time" content="2024-11-12T02:06:48.000Z">'
        '<meta property="article:tag" content="NeRF"><link rel="canonical" href="https://blog.example/Paper/2024-11-12/NeRF/index.html">'
        '<script>if(1<2){document.write("<h1>2020-01-01 更新</h1>")}</script></head><body><h1 class="post-title">NeRF</h1>'
        '<a class="post-meta-categories" href="/categories/Paper/">Paper</a><article id="article-container">'
        "<blockquote><p>⚠️ 仅供参考<br>🔴 慎用</p></blockquote><h1 id=\"u\">2024-11-12 更新</h1>"
        + "".join(papers) + "</article><aside><h2>最新</h2><p><strong>别的：东西</strong></p></aside></body></html>"
    )  # fmt: skip


def newer(*papers: str) -> str:
    """A page of the newer theme."""
    return (
        '<!DOCTYPE HTML>\n<html>\n<head><meta name="keywords" content="R1_Reasoning"><title>R1_Reasoning | Site</title></head>\n'
        '<body><h1 class="description post-title">R1_Reasoning</h1><div class="article-tag"><a href="/t/tags/R1/">'
        '<span class="chip">R1_Reasoning</span></a></div><a href="/t/categories/R1/" class="post-category">\n R1_Reasoning\n</a>'
        '<div class="post-date">发布日期:&nbsp;&nbsp;\n 2025-11-06</div><div id="articleContent"><h1>2025-11-06 更新</h1>\n'
        + '\n<h1 id=""><a href="#" class="headerlink" title=""></a></h1>'.join(papers)
        + '<h1 id="-2"></h1></div><div id="reprint-statement"><div class="reprint__author"><a href="/about">Someone</a></div>'
        '<a href="https://blog.example/t/Paper/2025-11-06/R1/">https://blog.example/t/Paper/2025-11-06/R1/</a></div></body></html>'
    )  # fmt: skip


def test_older_theme_is_read_whole():
    found = post(older(block(1), block(2)), address="page.html")
    assert (found.title, found.author, found.description) == ("NeRF", "Someone", "News")
    assert found.url == "https://blog.example/Paper/2024-11-12/NeRF/index.html"
    assert found.written == "2024-11-12 10:06:48"  # the blog's own zone
    assert found.date.isoformat() == "2024-11-12"
    assert [tag.name for tag in found.tags] == ["NeRF"]
    assert found.categories == ("Paper",)
    assert found.headings == ("2024-11-12 更新",)
    assert not found.problems
    first, second = found.entries
    assert second.paper.arxiv_id == "2410.00002"
    assert first.paper.title == "Sample 1: It's a Study"
    assert first.paper.authors == ("Ada Lovelace", "Qin D'Amato")
    assert first.paper.abstract == 'We say "yes" & show $x_i$ at https://x.org.'
    assert (first.paper.version, first.paper.comment) == (2, "9 pages")
    assert (first.summary, first.takeaways) == ("够用。", ("第一点。", "第二点。"))
    assert first.figures == ("https://x.org/v2-1.jpg", "./crop_1.jpg")
    assert first.note is not None
    assert first.note.format is Format.HTML
    assert first.note.text.startswith("<ol><li><p>题目：示例</p></li></ol>")
    assert "别处" in first.note.text


def test_newer_theme_is_read_whole():
    translated = {
        "translation": "<blockquote>\n<p>我们说“是”。</p>\n</blockquote>\n<p>还有更多。</p>\n<p><strong>论文及项目相关链接</strong></p>\n",
        "anchor": '<p><strong><a href="https://papers.cool/arxiv/2410.00001">Cool Papers</a></strong> </p>\n',
        "note": "",
    }
    found = post(newer(block(1, **translated), block(2)), address="page.html")
    assert (found.title, found.author, found.written) == ("R1_Reasoning", "Someone", "2025-11-06")
    assert found.url == "https://blog.example/t/Paper/2025-11-06/R1/"
    assert found.date.isoformat() == "2025-11-06"
    first, second = found.entries
    assert first.translation == "我们说“是”。\n\n还有更多。"
    assert first.note is None
    assert first.paper.abstract.startswith("We say")
    assert second.translation is None
    assert not found.problems


def test_body_of_a_feed_entry_is_read_without_a_page_around_it():
    body = "<blockquote><p>⚠️</p></blockquote><h1 id=x>2024-12-07 更新</h1>" + block(1)
    found = post(body, address="https://blog.example/Paper/2024-12-07/%E5%8C%BB%E5%AD%A6%E5%9B%BE%E5%83%8F/")
    assert found.title == "医学图像"
    assert [tag.name for tag in found.tags] == ["医学图像"]
    assert len(found.entries) == 1
    assert not found.problems


@pytest.mark.parametrize(
    "takeaways",
    [
        "<p><strong>要点</strong></p><ol><li>第一点。</li><li>第二点。</li></ol>",
        "<p><strong>要点</strong></p>\n<ol>\n<li><p>第一点。</p>\n</li>\n<li><p>第二点。</p>\n</li>\n</ol>",
        "<p><strong>要点</strong></p><ul><li><ol><li>第一点。</li></ol></li><li><ol start=2><li>第二点。</li></ol></li></ul>",
        "<p><strong>要点</strong><br>• 第一点。<br>• 第二点。</p>",
        "<p><strong>要点</strong><br>1.第一点。<br>2.第二点。</p>",
        "<p><strong>要点</strong>：<br>第一点。<br>第二点。</p>",
        "<p><strong>要点</strong></p><p>如下：</p><ul><li>第一点。</li><li>第二点。</li></ul><p>以上。</p>",
        "<p><b>要点</b></p><ul><li><strong>第一点</strong>。<li>第二点。</ul>",
        "<h3>要点</h3><ul><li>第一点。</li><li>第二点。</li></ul>",
    ],
)
def test_lists_read_the_same_however_they_are_rendered(takeaways):
    (found,) = post(older(block(1, takeaways=takeaways))).entries
    assert found.takeaways == ("第一点。", "第二点。")
    assert found.summary == "够用。"


def test_nested_list_belongs_to_its_item():
    nested = "<p><strong>K</strong></p><ol><li>方法：<ul><li>甲。</li><li>乙。</li></ul></li><li><p>结果。</p><p>很好。</p></li></ol>"
    assert post(older(block(1, takeaways=nested))).entries[0].takeaways == (
        "方法： 甲。 乙。",
        "结果。 很好。",
    )


def test_emphasis_inside_latex_is_an_index_again():
    eaten = "<p>Loss $\\mathcal{L}<em>{a} + \\mathcal{L}</em>{b}$ is <em>good</em>, see $<sup><a href='#fn_3' id='reffn_3'>3</a></sup>$.</p>"
    found = post(older(block(1, abstract=eaten))).entries[0].paper.abstract
    assert found == "Loss $\\mathcal{L}_{a} + \\mathcal{L}_{b}$ is good, see $[^3]$."


def test_paper_left_as_markdown_on_one_line_is_read():
    folded = (
        "## Sample 7: Left Alone **Authors:Ada Lovelace** An abstract - of sorts. [PDF](http://arxiv.org/abs/2410.00007v1) 8 pages "
        "**Summary** 够用。 **Key Takeaways** - 第一点，**很好**。 - 第二点。 **[ChatPaperFree](https://example.org)**<ol><li>笔记</li></ol>"
    )
    found = post(older(block(1), folded, block(2)))
    assert [entry.paper.arxiv_id for entry in found.entries] == ["2410.00001", "2410.00007", "2410.00002"]
    middle = found.entries[1]
    assert middle.paper.abstract == "An abstract - of sorts."
    assert (middle.paper.comment, middle.summary) == ("8 pages", "够用。")
    assert middle.takeaways == ("第一点，很好。", "第二点。")
    assert middle.note is not None


def test_unclosed_list_in_a_note_does_not_swallow_the_next_paper():
    found = post(older(block(1, note="<ol><li>题目<p>没有结束<div><ul><li>"), block(2)))
    assert [entry.paper.arxiv_id for entry in found.entries] == ["2410.00001", "2410.00002"]
    assert [len(entry.figures) for entry in found.entries] == [2, 2]


def test_endless_nesting_in_a_note_does_not_swallow_the_next_paper():
    found = post(older(block(1, note="<div>" * 10_000), block(2)))
    assert [entry.paper.arxiv_id for entry in found.entries] == ["2410.00001", "2410.00002"]
    assert any("deep" in reason for reason in reasons(found))


def test_index_page_is_no_digest():
    found = outcome(
        "<html><body><h1>NeRF</h1><h2>2024</h2><a href='/Paper/2024-12-07/x/'>NeRF</a></body></html>"
    )
    assert isinstance(found, NotDigest)
    assert "index" in found.reason


def test_page_of_another_kind_with_a_dated_heading_is_no_digest():
    found = outcome(
        "<html><body><h1>2024-12-07 更新</h1><p>新版本。</p></body></html>", address="https://x.org/log/"
    )
    assert isinstance(found, NotDigest)
    assert "neither" in found.reason


def test_page_of_an_empty_day_is_a_post():
    assert post(older()).entries == ()
