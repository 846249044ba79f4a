"""The long note as rich text: every word, no markup."""

import html
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.formatter.card import Kind, Span
from bot.formatter.note import blocks
from bot.model import Format, Note


def markdown(text):
    return blocks(Note(text=text, format=Format.MARKDOWN))


def page(text):
    return blocks(Note(text=text, format=Format.HTML))


def lines(found):
    return [text for block in found for text in ([f"# {block.label}"] if block.label else []) + shown(block)]


def shown(block):
    return ["".join(span.text for span in item) for item in block.items]


def test_headings_part_blocks():
    found = markdown("intro\n\n## 方法\nfirst\n\n结论\n=====\nsecond")
    assert lines(found) == ["intro", "# 方法", "first", "# 结论", "second"]
    assert all(block.kind is Kind.PROSE for block in found)


def test_heading_with_nothing_below_is_a_bold_line():
    assert markdown("# 空\n# 满\ntext")[0].items == ((Span("空", bold=True),),)


def test_bold_before_chinese_is_bold():
    assert markdown("**词：**解释")[0].items == ((Span("词：", bold=True), Span("解释")),)


def test_marks_are_kept_as_marks():
    (item,) = markdown("a **b** *c* `d_e` [f](https://x.org/y_z) ***g***")[0].items
    assert item == (
        Span("a "),
        Span("b", bold=True),
        Span(" "),
        Span("c", italic=True),
        Span(" "),
        Span("d_e", code=True),
        Span(" "),
        Span("f", link="https://x.org/y_z"),
        Span(" "),
        Span("g", bold=True, italic=True),
    )


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Conclusion**: text", "Conclusion: text"),
        ("Li Wei*, snake_case_name, 2**3, 2 * 3", "Li Wei*, snake_case_name, 2**3, 2 * 3"),
        (r"\*not bold\* and 5 \> 3", "*not bold* and 5 > 3"),
        ("$a_i * b_j$ and 10$\\times$", "aᵢ * bⱼ and 10×"),
        ("![图一](https://x.org/a.png)", "图一"),
        ("<b>x</b><br>y <MASK> &lt;z&gt;", "x y <MASK> <z>"),
        ("见 <https://x.org/a>。", "见 https://x.org/a。"),
        ("[论文链接](链接地址)", "论文链接 (链接地址)"),
        ("[above](#top)", "above"),
        ("> quoted", "quoted"),
        ("[bad](javascript:alert)", "bad"),
    ],
)
def test_markup_becomes_text(written, read):
    assert lines(markdown(written)) == [read]


def test_lists_show_their_nesting():
    text = "- one\n    - two\n        - three\n- four\n1. five\n- (1) six"
    assert lines(markdown(text)) == ["• one", "◦ two", "▪ three", "• four", "1. five", "(1) six"]


def test_table_becomes_lines():
    assert lines(markdown("| a | b |\n|---|:-:|\n| 1 | 2 |")) == ["a | b", "1 | 2"]


def test_code_block_is_code():
    assert markdown("```python\nx = **y\n```\nend")[0].items == (
        (Span("x = **y", code=True),),
        (Span("end"),),
    )


def test_written_line_breaks_break():
    assert lines(markdown("（1）一\n（2）二\\n（3）三")) == ["（1）一", "（2）二", "（3）三"]


def test_html_note_reads_like_its_page():
    text = (
        "<!-- x --><h2>方法</h2><ol start='3'>\n<li><p>题目：<strong>一</strong> &amp; 二</p>\n</li>\n"
        "<li><p>摘要：\n（1）背景</p></li></ol><ul><li>点<ul><li><a href='https://x.org'>链</a></ul></ul>"
        "<p>**重点：**内容</p><table><tr><td>a<td>b</tr></table><script>alert(1)</script>"
    )
    found = page(text)
    assert lines(found) == [
        "# 方法",
        "3. 题目：一 & 二",
        "4. 摘要：",
        "（1）背景",
        "• 点",
        "◦ 链",
        "重点：内容",
        "a | b",
    ]
    assert Span("一", bold=True) in found[0].items[0]
    assert Span("链", link="https://x.org") in found[0].items[4]
    assert Span("重点：", bold=True) in found[0].items[5]


def test_empty_note_has_no_blocks():
    assert markdown(" \n\n---\n") == ()
    assert page("<p></p><!-- x -->") == ()


PARTS = st.sampled_from(
    [
        "# ",
        "## ",
        "- ",
        "  ",
        "    - ",
        "1. ",
        "> ",
        "**",
        "*",
        "`",
        "```\n",
        "\n",
        "\n\n",
        "|",
        "[",
        "](https://x.org)",
        "___",
        "<p>",
        "</p>",
        "<li>",
        "<ul>",
        "</ul>",
        "<b>",
        "</b>",
        "<h2>",
        "</h2>",
        "<br>",
        "<a href='https://x.org'>",
        "</a>",
        "===\n",
        "词",
        "：",
        "$",
        "~~",
        "<pre>",
        "</pre>",
    ]
)


@given(st.lists(st.one_of(PARTS, st.text("词典书页", min_size=2, max_size=4)), max_size=40), st.booleans())
def test_no_word_is_lost(parts, rendered):
    text = "".join(parts)
    found = (page if rendered else markdown)(text)
    words = re.findall("[词典书页]+", text)
    assert "".join(re.findall("[词典书页]+", " ".join(lines(found)))) == "".join(words)


@given(st.text(max_size=120), st.booleans())
def test_anything_is_read(text, rendered):
    for block in (page if rendered else markdown)(text):
        assert block.items
        assert all(span.text for item in block.items for span in item)
        assert all("\n" not in span.text for item in block.items for span in item)


@pytest.mark.parametrize(
    "piece", ["**", "*a ", "[", "[a](", "<a ", "<!--", "<script>", "`", "- ", "> ", "#", "\n- ", "$a", "&"]
)
def test_hostile_note_takes_linear_time(piece):
    text = piece * (300_000 // len(piece))
    start = time.thread_time()
    markdown(text)
    page(text)
    assert time.thread_time() - start < 8


def test_corpus_notes_keep_their_words(shared):
    checked = 0
    for path in sorted((shared / "corpus" / "posts").rglob("*.md")):
        text = path.read_text(encoding="utf-8")
        for note in re.findall(r"\*\*\[ChatPaperFree\][^\n]*\n(.*?)(?=<details>|\n## |\Z)", text, re.DOTALL):
            rendered = bool(re.search("<(?:p|ol|ul)>", note))
            got = iter(re.sub(r"[\W_]", "", " ".join(lines((page if rendered else markdown)(note)))))
            source = re.sub(
                r"</?[a-zA-Z][a-zA-Z0-9]*(?:\s[^<>]*)?/?>|(?<=\])\([!-~]*\)|\\n(?![a-zA-Z])", " ", note
            )
            missing = [char for char in re.sub(r"[\W_]", "", html.unescape(source)) if char not in got]
            assert not missing, path
            checked += 1
    assert checked > 400
