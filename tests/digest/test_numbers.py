"""A mark on a number that the paper does not state, and none on one that it does."""

import json
import os
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.digest.numbers import doubts
from bot.model import Doubt

SHARED = os.environ.get("PAPERBOY_SHARED")


def numbers(abstract, takeaway):
    return [doubt.number for doubt in doubts("", abstract, None, [takeaway])]


@pytest.mark.parametrize(
    ("abstract", "takeaway"),
    [
        ("13.5 billion parameters", "模型有135亿参数"),
        ("20,000 points", "2万个点"),
        ("20K+ images", "20,000 多张图像"),
        ("1.5M samples", "150万样本"),
        (r"1{,}250 hours", "1250小时"),
        ("half of the cost", "成本的50%"),
        ("a score of 0.5", "达到50%"),
        ("twice as fast", "快2倍"),
        ("2x faster", "2倍"),
        ("$10^5$ points", "10万个点"),
        ("an order of magnitude", "快10倍"),
        ("about 197 fps", "近200FPS"),
        ("13.46% better", "提升13.5%"),
        ("thirty-two frames", "32帧"),
        ("two hundred scenes", "200个场景"),
        ("505M parameters", "5.05亿参数"),
        (r"$4.2171\times 10^{-5}$", "误差为4.2171×10⁻⁵mm"),
        ("30 ms a frame", "每帧0.03秒"),
        ("1/3 less", "减少33%"),
        ("reduces memory by 75%", "内存降至25%"),
        ("one million", "100万"),
        (r"by 50\%", "50%"),
        ("1024x1024", "分辨率为1024×1024"),
    ],
)
def test_number_in_other_units_is_found(abstract, takeaway):
    assert numbers(abstract, takeaway) == []


@pytest.mark.parametrize(
    "takeaway",
    [
        "GPT-4、VGG16、3D、2D、4K、RTX 3090、Stable Diffusion 3",
        "包含3个模块，分5步",
        "三个模块、两倍、第一",
        "第12届会议",
        "代码见 https://github.com/a/b1234 或 arXiv:2410.18605",
        "发表于CVPR 2024",
        "",
    ],
)
def test_names_and_counts_are_no_claims(takeaway):
    assert numbers("no number here", takeaway) == []


@pytest.mark.parametrize(
    ("abstract", "takeaway", "marked"),
    [
        ("a cost of $2 billion", "花费2亿美元", ["2亿"]),
        ("faster than before", "速度提升3.2倍", ["3.2倍"]),
        ("a gain of 12.3%", "平均提升13.2%", ["13.2%"]),
        ("3 trillion tokens", "3亿词元，PSNR为33.1", ["3亿", "33.1"]),
        ("held in 2023", "于2020年举行", ["2020年"]),
        ("trained on 8 GPUs", "使用24张图像", ["24"]),
    ],
)
def test_number_of_its_own_is_marked(abstract, takeaway, marked):
    assert numbers(abstract, takeaway) == marked


def test_mark_says_where_the_number_stands():
    found = doubts("Title", "Abstract", "提升37%", ["无", "快42倍"])
    assert found == (Doubt(takeaway=None, number="37%"), Doubt(takeaway=1, number="42倍"))


def test_title_counts_as_stated():
    assert doubts("Rendering at 100+ FPS", "", None, ["达到100FPS"]) == ()


@given(st.lists(st.from_regex(r"[0-9]{1,6}(\.[0-9]{1,3})?", fullmatch=True), min_size=1, max_size=6))
def test_copied_number_is_never_marked(figures):
    assert doubts("", " and ".join(figures), None, [f"达到{figure}%" for figure in figures]) == ()


@given(st.text(max_size=80), st.text(max_size=80))
def test_every_mark_is_written_there(abstract, takeaway):
    assert all(doubt.number in takeaway for doubt in doubts("", abstract, None, [takeaway]))


@given(
    st.text("0123456789.,{}万亿%^×/-kMB x", max_size=60),
    st.text("0123456789.,万亿倍%×10^年kMB ", max_size=60),
)
def test_anything_is_judged(abstract, takeaway):
    assert isinstance(doubts("", abstract, takeaway, [takeaway]), tuple)


@pytest.mark.parametrize("piece", ["1,", "9", "1.", "9 ", "1×10", "(1", "2亿"])
def test_hostile_text_takes_linear_time(piece):
    text = piece * (19_000 // len(piece))
    start = time.thread_time()
    doubts("", text, text, [text] * 3)
    doubts("", text * 100, text * 100, [text * 100])
    assert time.thread_time() - start < 10


@pytest.mark.skipif(not SHARED, reason="PAPERBOY_SHARED names no folder with the corpus")
def test_corpus_has_few_marks():
    rows = list(
        map(json.loads, Path(SHARED, "corpus/gold/papers.jsonl").read_text(encoding="utf-8").splitlines())
    )
    marked = [row for row in rows if doubts(row["title"], row["abstract"], row["summary"], row["takeaways"])]
    assert 0 < len(marked) < 0.03 * len(rows)


@pytest.mark.parametrize(
    ("abstract", "takeaway", "number"),
    [
        ("They bring in over $2 billion a year.", "年销售额超过两亿美元。", "两亿"),
        ("They bring in over $2 billion a year.", "年销售额超过2亿美元。", "2亿"),
        ("A set of 350 thousand images.", "数据集有三十万张图像。", "三十万"),
    ],
)
def test_number_in_chinese_characters_that_is_not_stated_is_marked(abstract, takeaway, number):
    assert doubts("T", abstract, None, [takeaway]) == (Doubt(takeaway=0, number=number),)


@pytest.mark.parametrize(
    ("abstract", "takeaway"),
    [
        ("They bring in over $2 billion a year.", "年销售额超过二十亿美元。"),
        ("A set of 350,000 images.", "数据集有三十五万张图像。"),
        ("A set of 3.5 trillion tokens.", "数以万计的文本，成千上万的图像，百万级的数据，千万不要忽视。"),
        ("One in a million.", "一百万分之一。"),
    ],
)
def test_number_in_chinese_characters_that_is_stated_or_vague_is_not(abstract, takeaway):
    assert doubts("T", abstract, None, [takeaway]) == ()
