"""Formulas beside what they read like: kept where any setter knows them, else text as everywhere."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.formatter.clean import line, lines
from bot.formatter.formulas import LONGEST, marked, spans
from bot.formatter.text import plain
from tests.strategies import MORSELS


def formulas(text: str) -> list[tuple[str, str]]:
    """What is set in a text, and what it reads like."""
    return [(span.math, span.text) for span in spans(line(text, marked)) if span.math]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (r"it is $10\times$ faster", [(r"10\times", "10×")]),
        (r"in $O(n^2)$ and \(x_{i}\)", [("O(n^2)", "O(n²)"), ("x_{i}", "xᵢ")]),
        (r"\[\frac{1}{2} + \sqrt[3]{x}\]", [(r"\frac{1}{2} + \sqrt[3]{x}", "1/2 + ∛x")]),
        (r"R$^3$ and CO$_2$", [("{}^3", "³"), ("{}_2", "₂")]),
        (r"$\mathcal{L} = \left\{a\right\}$", [(r"\mathcal{L} = \left\{a\right\}", "L = {a}")]),
        ("$a\n+  b$", [("a + b", "a + b")]),
        (r"\textbf{bold $x$ too}", [("x", "x")]),
        (
            r"$p(x|y)=\frac{p(y|x)p(x)}{p(y)}$",
            [(r"p(x|y)=\frac{p(y|x)p(x)}{p(y)}", "p(x|y)=(p(y|x)p(x))/p(y)")],
        ),
    ],
)
def test_formula_is_kept_beside_its_text(text, found):
    assert [math for math, _ in formulas(text)] == [math for math, _ in found]
    assert plain(spans(line(text, marked))) == line(text)


@pytest.mark.parametrize(
    "text",
    [
        "$5 or $10 a month",
        "$10$ and $3.5$",
        r"$20\%$",
        r"$\unknown{x}$",
        r"$\begin{pmatrix}a & b\end{pmatrix}$",
        r"$x^$",
        r"$x^2^3$",
        r"$x^2'$",
        r"$\frac{1}$",
        r"$\sqrt[3$",
        r"$\left(x$",
        r"$\text{中文}$",
        "$" + "x+" * LONGEST + "x$",
        r"$\,$",
        "no formula",
        r"`$x^2$`",
    ],
)
def test_what_is_no_sure_formula_is_text(text):
    assert formulas(text) == []
    assert plain(spans(line(text, marked))) == line(text)


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from(MORSELS) | st.sampled_from(("$x^2$", r"\(a\)", "$", r"\ ", "\ue000", "\ue001")),
        max_size=30,
    )
)
def test_text_reads_the_same_with_formulas_and_without(pieces):
    text = "".join(pieces)
    shown = plain(spans(line(text, marked)))
    assert shown.split() == line(text).split()
    for each in lines(text, marked):
        assert not set("\ue000\ue001\ue002") & set(plain(spans(each)))


TOKENS = (*r"xy12^_{}+<>&'[]()|,. ", "\\", r"\frac", r"\hat", r"\left", r"\sqrt", r"\alpha", r"\%")


@settings(deadline=None, max_examples=50)
@given(st.lists(st.sampled_from(TOKENS), max_size=24).map("".join))
def test_whatever_is_set_closes_what_it_opens(source):
    for math, _ in formulas(f"${source}$"):
        depth = 0
        for place, sign in enumerate(math):
            if sign in "{}" and not _escaped(math, place):
                depth += 1 if sign == "{" else -1
            assert depth >= 0
        assert depth == 0
        assert math[-1] not in "^_\\"


def _escaped(text: str, place: int) -> bool:
    before = text[:place]
    return (len(before) - len(before.rstrip("\\"))) % 2 == 1


@pytest.mark.parametrize("unit", ["$x^2$ ", "$", "{", r"$\frac", r"\(", "$x_", "\\", "$a$$"])
def test_time_grows_with_the_text_and_no_faster(unit):
    def took(count):
        began = time.thread_time()
        spans(marked(unit * count))
        return time.thread_time() - began

    took(500)
    assert (
        min(took(20_000) for _ in range(3)) < 50 * min(took(2_000) for _ in range(3)) + 0.02
    )  # squared: 100


def test_every_real_text_reads_the_same(shared):
    from bot.digest import read
    from bot.model import Post, RawPost

    seen = 0
    for path in sorted((shared / "corpus" / "posts").rglob("*.md")):
        post = read(RawPost(address=str(path), data=path.read_bytes()))
        assert isinstance(post, Post)
        for entry in post.entries:
            for text in (entry.paper.title, entry.summary or "", *entry.takeaways, entry.paper.abstract):
                shown = spans(line(text, marked))
                assert plain(shown) == line(text)
                seen += sum(bool(span.math) for span in shown)
    assert seen > 50
