"""Cards on a terminal and in pipes."""

import io
import re
import subprocess
import sys
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from bot.adapters.console import render, show
from bot.adapters.console.wrap import columns
from bot.formatter import cards
from bot.formatter.card import Block, Card, Kind, Span, Text
from bot.model import Language, Post, RawPost, Style
from tests import strategies
from tests.discord_oracle import squash

PDF = "https://arxiv.org/pdf/2410.18605"
OWN = re.compile(r"\x1b\[[0-9;]*m|\x1b\]8;(?:id=\d+;[!-~]+|;)\x1b\\")  # colours and hyperlinks


def card(*blocks: Block, title: str = "A title", **given) -> Card:
    return Card(title=(Span(title),), blocks=blocks, **given)


def block(kind: Kind, *items: str | Text, **given) -> Block:
    texts = tuple((Span(item),) if isinstance(item, str) else item for item in items)
    return Block(kind=kind, items=texts, **given)


def piped(card: Card) -> str:
    (message,) = render(card, Language.EN)
    return message.request["text"]


def terminal(card: Card, width: int = 80) -> str:
    file = io.StringIO()
    show(card, Console(file=file, force_terminal=True, width=width, color_system="truecolor"))
    return file.getvalue()


def body(card: Card) -> list[str]:
    """The lines below rule and title."""
    return piped(card).split("\n")[2:]


# Layout


def test_card_reads_from_rule_to_links():
    links = block(
        Kind.LINKS,
        (Span("PDF", link=PDF),),
        (Span("Cool Papers", link="https://papers.cool/arxiv/2410.18605"),),
    )
    shown = card(
        block(Kind.META, "A. Author and 3 more", "CVPR 2024"),
        block(Kind.PROSE, "One line.", label="Summary"),
        block(Kind.LIST, "first", "second", label="Key Takeaways"),
        links,
        block(Kind.QUOTE, "Quoted.", label="Abstract"),
        tags=("NeRF",),
        figure="https://pic.org/a.jpg",
    )
    assert piped(shown).split("\n") == [
        "─" * 80,
        "A title",
        "A. Author and 3 more",
        "CVPR 2024",
        "NeRF",
        "",
        "Summary",
        "One line.",
        "",
        "Key Takeaways",
        " 1. first",
        " 2. second",
        "",
        "PDF          https://arxiv.org/pdf/2410.18605",
        "Cool Papers  https://papers.cool/arxiv/2410.18605",
        "Figure       https://pic.org/a.jpg",
        "",
        "Abstract",
        "│ Quoted.",
        "",
    ]


def test_items_hang_under_their_text():
    lines = body(card(block(Kind.LIST, "word " * 30, start=9)))
    assert lines[1].startswith(" 9. word")
    assert lines[2].startswith("    word")


def test_numbers_of_a_long_list_stand_in_one_column():
    lines = body(card(block(Kind.LIST, *["x"] * 100)))
    assert lines[1] == "   1. x"
    assert lines[100] == " 100. x"


def test_wide_characters_take_two_columns():
    lines = body(card(block(Kind.PROSE, "论文" * 50)))
    assert [columns(line) for line in lines[1:4]] == [80, 80, 40]


def test_punctuation_does_not_begin_a_line():
    for words in range(30, 50):
        lines = body(card(block(Kind.PROSE, "字" * words + "，（注）" + "字" * 10)))
        assert not any(line.startswith(("，", "）")) or line.endswith("（") for line in lines)


def test_address_is_never_broken():
    long = "https://example.org/" + "a" * 200
    assert long in body(card(block(Kind.PROSE, f"See {long} and more.")))


def test_word_longer_than_a_line_is_cut():
    lines = body(card(block(Kind.PROSE, "x" * 200)))
    assert [len(line) for line in lines[1:4]] == [80, 80, 40]


def test_family_of_emoji_is_not_cut():
    family = "👨‍👩‍👧‍👦"
    for line in body(card(block(Kind.PROSE, family * 30))):
        assert line == family * line.count(family)


# Links


def test_addresses_stand_behind_their_words_in_a_pipe():
    shown = card(block(Kind.SMALL, (Span("By X, "), Span("licence", link="https://x.org/by"), Span("."))))
    assert "By X, licence <https://x.org/by>." in piped(shown)


def test_title_address_is_not_written_twice():
    shown = Card(title=(Span("T", link=PDF),), blocks=(block(Kind.LINKS, (Span("PDF", link=PDF),)),))
    assert piped(shown).count(PDF) == 1
    assert piped(Card(title=(Span("T", link=PDF),), blocks=())).count(PDF) == 1


def test_terminal_gets_hyperlinks_and_the_pdf_in_full():
    links = block(Kind.LINKS, (Span("PDF", link=PDF),))
    shown = terminal(Card(title=(Span("T", link="https://x.org/abs"),), blocks=(links,)))
    assert ";https://x.org/abs\x1b\\" in shown
    assert f";{PDF}\x1b\\" in shown
    assert f"PDF  {PDF}" in OWN.sub("", shown)


def test_bad_address_is_no_hyperlink():
    for link in ("javascript:alert(1)", "https://x.org/\x1b]0;title\x07", "https://x.org/\x9b2J"):
        shown = terminal(card(block(Kind.PROSE, (Span("text", link=link),))))
        assert "\x1b" not in OWN.sub("", shown)
        assert "javascript:" not in shown


# Terminal and pipe


def test_pipe_gets_no_escape_codes():
    file = io.StringIO()
    show(card(block(Kind.PROSE, (Span("bold", bold=True),))), Console(file=file))
    assert file.getvalue() == piped(card(block(Kind.PROSE, "bold"))) + "\n"


def test_message_is_printed_as_it_is():
    file = io.StringIO()
    shown = card(block(Kind.PROSE, "[red]literal[/red] :smile: 'x' 12"))
    show(render(shown, Language.EN)[0], Console(file=file, force_terminal=True, width=40))
    assert OWN.sub("", file.getvalue()) == piped(shown) + "\n"


def test_markup_in_content_is_literal():
    shown = card(block(Kind.PROSE, "[red]literal[/red] :smile:"), title="[bold]x[/]")
    assert "[red]literal[/red] :smile:" in OWN.sub("", terminal(shown))
    assert "[bold]x[/]" in OWN.sub("", terminal(shown))


@pytest.mark.parametrize(
    "harm", ["\x1b[2J", "\x1b]0;title\x07", "\x07", "\x9b31m", "\u202e", "\u2066", "\x08", "\x00"]
)
def test_nothing_that_a_terminal_obeys_passes(harm):
    shown = card(
        block(Kind.PROSE, f"a{harm}b", label=f"l{harm}"),
        block(Kind.LINKS, (Span(f"n{harm}", link=f"https://x.org/{harm}"),)),
        title=f"t{harm}",
        tags=(f"g{harm}",),
        figure=f"https://x.org/{harm}.jpg",
    )
    for text in (piped(shown), OWN.sub("", terminal(shown))):
        assert not set(harm) & set("\x1b\x07\x9b\u202e\u2066\x08\x00") & set(text)


def test_narrow_and_wide_terminals_are_filled_and_not_more():
    shown = card(block(Kind.PROSE, "word " * 100))
    for width, most in ((40, 40), (72, 72), (300, 100)):
        lines = OWN.sub("", terminal(shown, width)).split("\n")
        assert max(map(len, lines)) <= most
        assert lines[0] == "─" * most


def test_rendering_loads_neither_rich_nor_a_platform():
    code = (
        "import sys, bot.adapters.console\n"
        "print(*({'rich', 'discord', 'httpx', 'aiohttp', 'pydantic', 'telegram'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_hostile_text_is_laid_out_in_linear_time():
    begun = time.process_time()
    for morsel in ("（", "a", "字", ") ", "\u200d", "\n", "https://", "\t"):
        piped(card(block(Kind.PROSE, morsel * 200_000)))
    assert time.process_time() - begun < 10


# Whatever comes


def check(card: Card) -> None:
    text = piped(card)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)
    for line in text.split("\n"):
        assert columns(line) <= 80 or "://" in line
        assert line == line.rstrip()
    shown = squash(text)
    for block_ in card.blocks:
        assert _within(squash("".join(span.text for item in block_.items for span in item)), shown)
    painted = OWN.sub("", terminal(card))
    assert "\x1b" not in painted


def _within(words: str, shown: str) -> bool:
    """Whether the characters stand there in order: numbers and bars may stand between them."""
    rest = iter(shown)
    return all(char in rest for char in words)


slowly = settings(deadline=None, max_examples=15, suppress_health_check=list(HealthCheck))


@slowly
@given(strategies.cards())
def test_any_card_fits_its_columns_and_is_whole(card):
    check(card)


@slowly
@given(strategies.posts(), st.sampled_from(Style), st.sampled_from(Language))
def test_any_post_fits_its_columns_and_is_whole(post, style, language):
    for card in cards(post, style=style, language=language):
        check(card)


@settings(deadline=None)
@given(st.text(alphabet=st.sampled_from("aé字かﾊ한（，“👍🏽\u0301\u200b🇨🇳…·─αЖ")))
def test_columns_are_as_rich_counts_them(text):
    lone = "".join(char for char in text if cell_len(char) == columns(char))
    assert columns(lone) >= cell_len(lone)


def test_real_posts_fit_their_columns(shared):
    from bot.digest import read

    for path in sorted((shared / "corpus" / "posts").glob("*/*.md"))[::6]:
        post = read(RawPost(address=str(path), data=path.read_bytes()))
        assert isinstance(post, Post)
        for style in Style:
            for shown in cards(post, style=style, language=Language.ZH):
                check(shown)
