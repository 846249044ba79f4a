"""Splitting and shortening, with a gauge of the test's own."""

import re
import time

import pytest
import regex
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.formatter.card import Block, Card, Kind, Span, Text
from bot.formatter.clean import line
from bot.formatter.text import HEAD, Size, plain, shorten, split, utf16
from bot.model import Language
from tests import strategies

SOFT = settings(
    deadline=None,
    suppress_health_check=list(HealthCheck),
    max_examples=40,
)


class Gauge:
    """Counts UTF-16 units and spans; an item costs one more for the line it ends."""

    def __init__(self, units: int = 300, spans: int = 40, heading: int = 100) -> None:
        self.limit = (units, spans)
        self.heading = heading

    def title(self, title: Text) -> Size:
        return utf16(plain(title)), len(title)

    def block(self, block: Block) -> Size:
        units = sum(utf16(plain(item)) + 5 for item in block.items) + utf16(block.label) + 2
        return units, sum(len(item) for item in block.items)


def card(*blocks: Block, title: str = "A title", papers: tuple[str, ...] = ("2410.18605",)) -> Card:
    return Card(title=(Span(title, link="https://x.org"),), blocks=blocks, papers=papers)


def prose(text: str, **changes: object) -> Block:
    return Block(kind=Kind.PROSE, items=((Span(text),),), **changes)  # type: ignore[arg-type]


def parts(text: str, units: int = 300) -> list[str]:
    """The pieces of one paragraph in the parts of its card."""
    found = split(card(prose(text)), Gauge(units), Language.EN)
    return [plain(item) for part in found for block in part.blocks for item in block.items]


def content(*cards: Card) -> str:
    """All that the blocks say, without white space."""
    return "".join("".join(plain(i) for c in cards for b in c.blocks for i in b.items).split())


def size(one: Card, gauge: Gauge) -> Size:
    sizes = [gauge.title(one.title), *map(gauge.block, one.blocks)]
    return tuple(map(sum, zip(*sizes, strict=True)))


def test_card_that_fits_is_left_alone() -> None:
    whole = card(prose("Short."), prose("Shorter."))
    assert split(whole, Gauge(), Language.EN) == (whole,)


def test_continuation_repeats_the_title_and_counts() -> None:
    found = split(card(prose("It works well. " * 60)), Gauge(), Language.EN)
    titles = [plain(part.title) for part in found]
    assert titles == [f"A title ({n}/{len(found)})" for n in range(1, len(found) + 1)]
    assert all(part.title[0].link == "https://x.org" for part in found)


def test_continuation_shortens_a_long_title() -> None:
    title = "Understanding Players as if They Are Talking to the Game in a Customized Language, a Study"
    first, second, *_ = split(card(prose("It works well. " * 60), title=title), Gauge(), Language.EN)
    assert plain(first.title).startswith(title)
    assert plain(second.title).startswith(
        "Understanding Players as if They Are Talking to the Game in a Customized…"
    )
    assert utf16(plain(second.title)) <= HEAD + len(" (2/4)")


def test_endless_title_is_shortened_and_given_in_full() -> None:
    title = "word " * 1000
    found = split(card(prose("Text."), title=title), Gauge(), Language.EN)
    assert content(*found) == "word" * 1000 + "Text."
    assert all(utf16(plain(part.title)) <= 115 for part in found)


def test_section_that_fits_the_next_message_is_not_cut() -> None:
    sections = [prose(f"Section {n} " + "word " * 32, label="S") for n in range(6)]
    found = split(card(*sections), Gauge(), Language.EN)
    assert [block for part in found for block in part.blocks] == sections


def test_message_is_not_left_mostly_empty() -> None:
    found = split(card(prose("Short."), prose("It works well. " * 19)), Gauge(), Language.EN)
    assert len(found) == 2
    assert size(found[0], Gauge())[0] > 250


def test_section_that_goes_on_is_named_again() -> None:
    block = prose("It works well. " * 60, label="Abstract")
    labels = [p.blocks[0].label for p in split(card(block), Gauge(), Language.EN)]
    assert labels == ["Abstract", *["Abstract (continued)"] * (len(labels) - 1)]
    labels = [p.blocks[0].label for p in split(card(block), Gauge(), Language.ZH)]
    assert labels[1] == "Abstract（续）"


def test_takeaways_part_between_items_and_keep_their_numbers() -> None:
    items = tuple((Span(f"{n} {'word ' * 12}"),) for n in range(1, 21))
    found = split(card(Block(kind=Kind.LIST, items=items, start=1)), Gauge(), Language.EN)
    shown = [(b.start + at, plain(i)) for p in found for b in p.blocks for at, i in enumerate(b.items)]
    assert shown == [(n, plain(item)) for n, item in enumerate(items, 1)]


def test_rest_of_a_cut_takeaway_has_no_number() -> None:
    items = ((Span("word " * 100),), (Span("last"),))
    found = split(card(Block(kind=Kind.LIST, items=items)), Gauge(), Language.EN)
    kinds = [(b.kind, b.start) for p in found for b in p.blocks]
    assert kinds[0] == (Kind.LIST, 1)
    assert {kind for kind, _ in kinds[1:-1]} == {Kind.PROSE}
    assert kinds[-1] == (Kind.LIST, 2)


def test_paper_stays_with_the_part_that_shows_it() -> None:
    ids = [f"2410.{n:05}" for n in range(20)]
    blocks = [prose("word " * 12, papers=(name,)) for name in ids]
    found = split(card(*blocks, papers=(*ids, "2411.00001")), Gauge(), Language.EN)
    assert {part.papers[0] for part in found} == {"2411.00001"}
    assert [paper for part in found for paper in part.papers if paper in ids] == ids
    assert all(part.papers for part in found)


def test_figure_and_buttons_stay_with_the_first_part() -> None:
    whole = Card(
        title=(Span("T"),), blocks=(prose("It works. " * 90),), figure="https://x.org/a.png", tags=("NeRF",)
    )
    first, *rest = split(whole, Gauge(), Language.EN)
    assert first.figure == "https://x.org/a.png"
    assert all(part.figure is None and part.buttons == () for part in rest)
    assert all(part.tags == ("NeRF",) for part in rest)


def test_sentences_are_kept_whole() -> None:
    text = (
        "It is 3.2x faster (Smith et al. 2023), e.g. on GPUs. See Fig. 3 for J. Doe's version! Is it? Yes. "
    )
    for piece in parts((text * 12).strip()):
        assert re.search(r"(GPUs\.|version!|it\?|Yes\.)$", piece)


def test_chinese_sentences_are_kept_whole() -> None:
    for piece in parts("我们提出了一种新方法，它提升了3.2倍。它很好！真的吗？" * 30):
        assert piece[-1] in "。！？"


def test_sentence_ending_in_a_quote_keeps_it() -> None:
    for piece in parts("他说：“这个方法确实很好。”我们说：「这个方法真的很好！」" * 30):
        assert piece[-1] in "”」"


def test_words_are_kept_whole() -> None:
    words = [f"word{n}" for n in range(400)]
    assert " ".join(parts(" ".join(words))).split() == words


@pytest.mark.parametrize(
    "number", ["3.2x", "1,250", "10^5", "50%", "13.5亿", "1,250.5", "∼1,250", "-0.5", "1.5e-3"]
)
@pytest.mark.parametrize("around", [" ", "，", "约", "/", "a long, long way "])
def test_number_is_never_cut(number: str, around: str) -> None:
    for pad in range(12):
        pieces = parts("x" * pad + around + (number + around) * 120, units=100)
        assert sum(piece.count(number) for piece in pieces) == 120


@pytest.mark.parametrize("around", [" ", "，", "在", "("])
def test_address_is_never_cut(around: str) -> None:
    address = "https://github.com/example/some-repository/tree/main?x=1,2"
    pieces = parts((address + around) * 40, units=200)
    assert sum(piece.count(address) for piece in pieces) == 40


def test_link_is_never_cut() -> None:
    item = tuple(
        Span(f"word {n} of the link", link=f"https://x.org/{n}") if n % 2 else Span(f" text {n} and so on, ")
        for n in range(200)
    )
    found = split(card(Block(kind=Kind.PROSE, items=(item,))), Gauge(), Language.EN)
    spans = [s for p in found for b in p.blocks for i in b.items for s in i if s.link]
    assert spans == [span for span in item if span.link]


def test_link_longer_than_a_message_is_carried_by_every_part() -> None:
    item = (Span("word " * 200, link="https://x.org"),)
    found = split(card(Block(kind=Kind.PROSE, items=(item,))), Gauge(), Language.EN)
    assert len(found) > 2
    assert {s.link for p in found for b in p.blocks for i in b.items for s in i} == {"https://x.org"}


@pytest.mark.parametrize(
    "cluster",
    [
        "👨‍👩‍👧‍👦",
        "🏳️‍🌈",
        "👍🏽",
        "🇨🇳",
        "❤️",
        "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
        "e\u0301",
        "漢\U000e0100",
        "\u1112\u1161\u11ab",
        "क्षि",
        "か\u3099",
    ],
)
def test_grapheme_is_never_cut(cluster: str) -> None:
    for pad in range(12):
        pieces = parts("x" * pad + cluster * 200, units=100)
        assert sum(len(regex.findall(r"\X", piece)) for piece in pieces) == pad + 200


def test_marks_go_on_in_the_next_part() -> None:
    item = (Span("plain "), Span("bold " * 100, bold=True), Span("code " * 60, code=True))
    found = split(card(Block(kind=Kind.PROSE, items=(item,))), Gauge(), Language.EN)
    spans = [s for p in found for b in p.blocks for i in b.items for s in i]
    assert {s.bold for s in spans if "bold" in s.text} == {True}
    assert {s.code for s in spans if "code" in s.text} == {True}


def test_messages_are_filled() -> None:
    found = split(card(prose("It works well on all of them. " * 200)), Gauge(), Language.EN)
    assert all(size(part, Gauge())[0] > 240 for part in found[:-1])


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "word and more. ",
        "我们提出了一种方法，",
        "👨‍👩‍👧‍👦",
        ".",
        "1",
        "\u0301",
        "https://x.org/",
        " \u00a0",
        "「",
        "et al. ",
    ],
)
def test_a_megabyte_is_split_in_linear_time(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    began = time.thread_time()
    found = split(card(prose(text)), Gauge(4096, 100), Language.EN)
    assert time.thread_time() - began < 5
    assert content(*found) == "".join(text.split())


def test_many_items_are_split_in_linear_time() -> None:
    items = tuple((Span(f"item {n}"),) for n in range(50_000))
    began = time.thread_time()
    found = split(card(Block(kind=Kind.LIST, items=items)), Gauge(4096, 4000), Language.EN)
    assert time.thread_time() - began < 5
    assert sum(len(block.items) for part in found for block in part.blocks) == 50_000


@given(whole=strategies.cards(), units=st.integers(150, 1000), spans=st.integers(8, 40))
@SOFT
def test_nothing_is_lost_and_every_part_fits(whole: Card, units: int, spans: int) -> None:
    gauge = Gauge(units, spans, 60)
    found = split(whole, gauge, Language.ZH)
    assert content(*found) in (content(whole), "".join(plain(whole.title).split()) + content(whole))
    assert [p for part in found for p in part.papers if p in whole.papers]
    assert all(
        size(part, gauge) <= gauge.limit
        for part in found
        if len(found) > 1 or size(whole, gauge) > gauge.limit
    )
    for part in found:
        units_used, spans_used = size(part, gauge)
        assert units_used <= units
        assert spans_used <= spans


@given(text=strategies.texts(), units=st.integers(1, 200))
@SOFT
def test_shortened_text_fits_and_is_a_beginning(text: str, units: int) -> None:
    text = line(text)
    short = shorten(text, units)
    assert utf16(short) <= units
    assert short == text or (short.endswith("…") and text.startswith(short[:-1]))


def test_text_is_shortened_at_a_word() -> None:
    assert shorten("We propose a thing, and it works.", 22) == "We propose a thing…"
    assert shorten("It is 1,250.5 times faster", 12) == "It is…"
    assert shorten("我们提出了一种方法，它提升了3.2倍", 17) == "我们提出了一种方法，它提升了…"
    assert shorten("See https://x.org/abc for more", 20) == "See…"


def test_shortened_rich_text_leaves_out_a_link_that_does_not_fit() -> None:
    text = (Span("See "), Span("all of the code", link="https://x.org"))
    assert shorten(text, 12) == (Span("See…"),)
    assert shorten(text[1:], 12) == (Span("all of the…", link="https://x.org"),)
