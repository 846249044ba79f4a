"""What a template left behind goes; what only looks like it stays."""

import json
import os
import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.residue import clean, clean_note, trim

SHARED = os.environ.get("PAPERBOY_SHARED")


@pytest.mark.parametrize(
    "text",
    [
        "xxx",
        "XXXX。",
        "待补充",
        "GitHub:None",
        "GitHub: None",
        "(GitHub代码链接（如果可用）: GitHub:None)",
        "希望以上信息符合您的要求。",
        "希望以上信息符合您的要求",
        "好的，我会按您的要求写出要点。",
        "Some Error for method(例如缺少这一章)",
        "[论文链接]",
        "（2）：创新点：xxx；性能：xxx；工作量：xxx；",
        "5. Urls: 论文链接：[论文链接地址]；GitHub代码链接（如有）: GitHub: None（待补充）",
        "  ",
        "",
    ],
)
def test_field_of_residue_alone_is_no_field(text):
    assert clean(text) is None
    assert clean_note(text) is None
    assert trim(text) == ""


@pytest.mark.parametrize(
    "text",
    [
        "XXX-Net improves on xxxl models.",
        "我们希望这份工作对社区有所帮助",
        "作者希望该方法能帮助您所在的医院。",
        "方法返回 None 时停止。",
        "若无代码，则填写“GitHub:None”。",
        "该字段标注为“待补充”的样本被去除",
        "代码链接：[论文链接](https://arxiv.org/abs/2410.18605)",
        "无监督：无需标注数据",
        "None of the baselines does so",
        "好的，初始化能提升效果",
        "5. Urls：论文链接：https://x.org/a，GitHub代码链接（如果可用：https://github.com/a/b）",
        "链接的权重（如有）会被填写为零",
    ],
)
def test_words_that_mention_residue_stay(text):
    assert clean(text) == text
    assert clean_note(text) == text
    assert trim(text) == text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("提出一种新方法。希望上述回答能够符合您的要求。", "提出一种新方法。"),
        (
            "论文链接：https://arxiv.org/abs/2410.18605，Github 代码链接：None",
            "论文链接：https://arxiv.org/abs/2410.18605",
        ),
        (
            "5. Urls：论文链接：[论文链接]；GitHub代码链接：https://github.com/a/b",
            "5. Urls：GitHub代码链接：https://github.com/a/b",
        ),
        (
            "5. 链接：https://x.org/a，GitHub代码链接：GitHub:None（如果可用，填写链接；否则填写“None”）",
            "5. 链接：https://x.org/a",
        ),
        ("好的，我会总结这篇论文。本文提出了一种方法。", "本文提出了一种方法。"),
    ],
)
def test_residue_beside_content_goes_from_what_is_shown_only(text, left):
    assert trim(text) == left
    assert clean_note(text) == left
    assert clean(text) == text


def test_html_note_stays_well_formed():
    note = "<ol>\n<li><p>题目：一</p>\n</li>\n<li><p>作者：xxx</p>\n</li>\n<li><p>链接：https://x.org，Github：None</p>\n</li>\n</ol>"
    cleaned = clean_note(note)
    assert cleaned == "<ol>\n<li><p>题目：一</p>\n</li>\n<li><p>链接：https://x.org</p>\n</li>\n</ol>"


def test_list_item_left_empty_goes():
    assert (
        clean_note("1. 题目：一\n2. 作者：xxx\n3. 方法：二\n\n希望这个总结对您有所帮助！")
        == "1. 题目：一\n3. 方法：二\n"
    )


PARTS = st.sampled_from(
    [
        "xxx",
        "待补充",
        "：",
        "；",
        "。",
        "GitHub:None",
        "希望",
        "您的要求",
        "好的，我会",
        "<p>",
        "</p>",
        "<li>",
        "</li>",
        "\n",
        "字",
        "- ",
    ]
)


@given(st.lists(PARTS, max_size=25).map("".join))
def test_tags_that_match_before_match_after(note):
    cleaned = clean_note(note) or ""
    for name in ("p", "li"):
        assert (
            cleaned.count(f"<{name}>") - cleaned.count(f"</{name}>")
            == note.count(f"<{name}>") - note.count(f"</{name}>")
            or not cleaned
        )


@given(st.text(st.characters(exclude_characters="xXN希好待链无S"), max_size=200))
def test_text_without_residue_stays(text):
    assert clean(text) == (text.strip() or None)
    assert clean_note(text) == (text if text.strip() else None)


def test_clean_notes_are_read_at_a_hundred_megabytes_a_second():
    note = "方法：先提取特征，再训练模型，最后评估。\n" * 50_000
    size = len(note.encode())
    best = min(_seconds(note) for _ in range(5))
    assert size / best > 100e6


def _seconds(note):
    start = time.thread_time()
    clean_note(note)
    return time.thread_time() - start


@pytest.mark.parametrize(
    "piece", ["希望您", "xxx，", "None：", "好的，我会", "GitHub:", "Some Error for a ", "（1", "希望"]
)
def test_hostile_note_takes_linear_time(piece):
    start = time.thread_time()
    clean_note(piece * (300_000 // len(piece)))
    assert time.thread_time() - start < 3


@pytest.mark.skipif(not SHARED, reason="PAPERBOY_SHARED names no folder with the corpus")
def test_corpus_fields_stay_as_labelled():
    rows = map(json.loads, Path(SHARED, "corpus/gold/papers.jsonl").read_text(encoding="utf-8").splitlines())
    for row in rows:
        for text in (row["summary"], *row["takeaways"]):
            assert not text or clean(text) == re.sub(r"^\s+|\s+$", "", text)
