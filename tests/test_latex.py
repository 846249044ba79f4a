"""LaTeX becomes what a reader sees; what is no LaTeX stays."""

import json
import os
import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.latex import readable

SHARED = os.environ.get("PAPERBOY_SHARED")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (r"trained on $\sim$1,250 hours", "trained on ∼1,250 hours"),
        (r"$10\times$ faster", "10× faster"),
        (r"a $25 \times$ gain", "a 25× gain"),
        (r"ID$^3$ and CO$_2$", "ID³ and CO₂"),
        (r"\textbf{bold}, \emph{it}, \texttt{mono}", "bold, it, mono"),
        (r"{\bf bold} \textcolor{red}{red}", "bold red"),
        (r"360$^{\circ}$ or $90^\circ$", "360° or 90°"),
        (r"$\frac{a+b}{2}$ and $\sqrt{x}$", "(a+b)/2 and √x"),
        (r"$a \leq b$, $x \in \mathbb{R}^{n+1}$", "a ≤ b, x ∈ ℝⁿ⁺¹"),
        (r"$2\times10^{39}$ erg s$^{-1}$", "2×10³⁹ erg s⁻¹"),
        (r"$L_{5GHz}$, FID$_b$, $x^{2q}$", "L_5GHz, FID_b, x^(2q)"),
        (r"$[^{18}$F]DPA", "[¹⁸F]DPA"),
        (r"na\"ive B\'{e}zier {\'e} \c{c}a \v{s} Fr\'echet", "naïve Bézier é ça š Fréchet"),
        (r"S\o ren, stra\ss e", "Søren, straße"),
        (r"90\% of A \& B\_c", "90% of A & B_c"),
        (r"at~\url{https://x.org/~a_b}.", "at https://x.org/~a_b."),
        (r"\href{https://x.org/c}{https://x.org/c}", "https://x.org/c"),
        (r"our \href{https://x.org/c}{code}", "our code (https://x.org/c)"),
        (r"word\footnote{an aside}.", "word (an aside)."),
        (r"as in~\cite{key2020}", "as in [key2020]"),
        (r"We present \method, or {\name}.", "We present method, or name."),
        (r"the \foo{kept words} here", "the kept words here"),
        (r"Re\-render", "Rerender"),
        ("the ``quoted\" and ``other'' word", "the “quoted” and “other” word"),
        (r"$\hat{x}$ and $f'$", "x̂ and f′"),
        (r"\(\bm t \) is", "t is"),
        (r"$\text{if $x$}$ ok", "if x ok"),
        (r"maps$\unicode{x2013}$the", "maps–the"),
        (r"$a \succeq b$", "a ≽ b"),
        ("zero\u200bwidth\ue000", "zerowidth"),
    ],
)
def test_latex_is_read(written, read):
    assert readable(written) == read


@pytest.mark.parametrize(
    "text",
    [
        "it costs $5 and $10",
        "from $5-$10 a month",
        "worth $2 billion to $3 billion",
        "50% of a_b and x^2",
        r"C:\path\to\file",
        "see https://x.org/~a_b?c=$d",
        "run `echo $HOME $PATH`",
        "the US$ and the $",
        r"a newline is \n, digits are \d+",
        "👩\u200d🔬 and می\u200cخواهم",
        "tabs\tand\nlines",
    ],
)
def test_text_that_is_no_latex_stays(text):
    assert readable(text) == text


def test_escaped_quotes_are_quotes():
    assert readable(r"don\'t say \"never ever\" to Anna\'s") == "don't say \"never ever\" to Anna's"


WORDS = st.lists(st.text("abcdefgh", min_size=2, max_size=6), min_size=1, max_size=5)
COMMANDS = st.sampled_from(["textbf", "emph", "mathrm", "unknowncommand", "footnote", "underline", "text"])


@given(WORDS, st.lists(COMMANDS, max_size=8), st.booleans())
def test_no_word_is_lost_in_nested_commands(words, commands, math):
    text = " ".join(words)
    for command in commands:
        text = f"\\{command}{{{text}}}"
    shown = readable(f"${text}$" if math and commands else text)
    assert re.findall("[a-h]{2,}", shown) == words


@given(st.text("\\${}^_~`'\"[]() ab1%\n", max_size=80))
def test_anything_is_read(text):
    assert isinstance(readable(text), str)


@given(st.text())
def test_reading_leaves_nothing_that_cannot_be_sent(text):
    shown = readable(text)
    shown.encode()
    assert "\u200b" not in shown
    assert "\x00" not in shown


@given(st.text(st.characters(exclude_characters="\\$`", exclude_categories=["C"])))
def test_text_without_latex_comes_out_as_it_is(text):
    assert readable(text) == text


@pytest.mark.parametrize(
    "piece", ["{", "\\textbf{", "$a", "$", "\\(", "\\frac", "\\href{a}", "``a", "^", "\\\\"]
)
def test_hostile_text_takes_linear_time(piece):
    start = time.thread_time()
    readable(piece * (200_000 // len(piece)))
    readable(f"${piece.replace('$', '') * 20_000}$")
    assert time.thread_time() - start < 5


@pytest.mark.skipif(not SHARED, reason="PAPERBOY_SHARED names no folder with the corpus")
def test_corpus_keeps_no_latex():
    rows = map(json.loads, Path(SHARED, "corpus/gold/papers.jsonl").read_text(encoding="utf-8").splitlines())
    left = []
    for row in rows:
        for text in (row["title"], row["abstract"], row["comment"] or "", *row["takeaways"]):
            left += re.findall(r"\\[a-zA-Z]+|\\[%'\"]|\$[^$\d][^$]*\$", readable(text))
    assert left == []
