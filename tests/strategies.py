"""What hypothesis builds posts and cards from: the texts that break renderers."""

from datetime import date

from hypothesis import strategies as st

from bot.formatter.card import Action, Block, Button, Card, Kind, Span
from bot.formatter.clean import line
from bot.model import Doubt, Entry, Format, Links, Note, Paper, Post, Tag

MORSELS = (
    *"<>&\"'_*~`|\\[](){}#@/$%^=+-.,:;!? \n\t\r\x00\x07\x0b\x85",
    *(
        "@everyone",
        "@here",
        "@durov",
        "<@123>",
        "<@&5>",
        "<#7>",
        "/latest",
        "/start@bot",
        "#tag",
        "#1",
        "$USD",
    ),
    *(
        "[](",
        "[x](https://x.org)",
        "**",
        "__",
        "~~",
        "||",
        "```",
        "> ",
        "- ",
        "1. ",
        "&lt;",
        "&amp;",
        "<b>",
        "</b>",
    ),
    *("<a href='https://x.org'>", "</blockquote>", "<!--", "]]>", "www.x.org", "github.com/a/b", "README.md"),
    *(
        "https://example.org/a_b?c=1&d=2#e",
        "http://localhost/x",
        "tg://resolve?domain=x",
        "a@b.com",
        "10.1.2.3",
    ),
    *(
        "3.2x",
        "1,250",
        "10^5",
        "50%",
        "13.5亿",
        "et al. ",
        "e.g. ",
        "Fig. 3",
        "4111 1111 1111 1111",
        "0:15",
        "work.In",
    ),
    *("$\\sim$1,250", "$10\\times$", "\\textbf{x}", "$5", "\\", "$$", "{", "}"),
    *("👨‍👩‍👧‍👦", "🏳️‍🌈", "👍🏽", "🇨🇳🇩🇪", "❤️", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "e\u0301", "漢\U000e0100", "각", "ก็", "\u0301" * 12),
    *(
        "我们提出了一种方法，",
        "它很好。",
        "真的吗？",
        "「引」",
        "（注）",
        "元宇宙/虚拟人",
        "，/latest ",
        "中@abc",
        "。#标签",
    ),
    *(
        "שלום",
        "مرحبا",
        "\u202e",
        "\u202a",
        "\u2066",
        "\u2069",
        "\u200f",
        "\u200b" * 3,
        "\u200d",
        "\ufeff",
        "\u2060",
    ),
    *("\ud800", "\udfff", "\uffff", "\ue000", "\u2028", "\u00a0", "\u3000", "\U0001d54f", "ﷺ"),
    *("We propose a thing. ", "It works! ", "word ", "A", "z", "7", "of the "),
)


def texts(most: int = 40) -> st.SearchStrategy[str]:
    """Texts of up to `most` morsels or arbitrary characters, some of them long."""
    morsel = st.sampled_from(MORSELS) | st.text(max_size=3)
    short = st.lists(morsel, max_size=most).map("".join)
    long = st.builds(lambda piece, times: piece * times, short, st.integers(1, 200))
    return short | long.map(lambda text: text[:20_000])


def titles() -> st.SearchStrategy[str]:
    return texts(15) | texts(10).map(lambda text: (text + " word") * 500).map(lambda text: text[:5000])


def links() -> st.SearchStrategy[Links]:
    address = st.sampled_from(
        (
            "https://github.com/a/b",
            "http://x.org/~a_b/(c)?d=e&f=%20#g",
            "https://a_b.github.io/",
            "https://例子.中国/路径",
            "https://x.org",
            "https://x.org/" + "a" * 1900,
            "https://localhost/x",
            'https://x.org/"><b>',
            "https://x.org:8080/a'b",
        )
    )
    return st.builds(
        Links,
        abs=st.just("https://arxiv.org/abs/2410.18605"),
        pdf=st.just("https://arxiv.org/pdf/2410.18605"),
        html=st.just("https://arxiv.org/html/2410.18605"),
        cool=st.just("https://papers.cool/arxiv/2410.18605"),
        code=st.lists(address, max_size=3).map(tuple),
        project=st.lists(address, max_size=3).map(tuple),
    )


def papers() -> st.SearchStrategy[Paper]:
    return st.builds(
        Paper,
        arxiv_id=st.integers(1, 99999).map(lambda n: f"2410.{n:05}") | st.just("cs/0112017"),
        version=st.none() | st.integers(1, 9),
        title=titles(),
        authors=st.lists(texts(4), max_size=60).map(tuple),
        abstract=texts(),
        comment=st.none() | texts(8),
        link=st.just("http://arxiv.org/abs/2410.18605v1"),
        links=links(),
        venue=st.none() | texts(4),
    )


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    takeaways = draw(st.lists(texts(10), max_size=80))
    doubts = st.builds(
        Doubt, takeaway=st.none() | st.integers(0, max(0, len(takeaways) - 1)), number=st.just("2亿")
    )
    return Entry(
        paper=draw(papers()),
        summary=draw(st.none() | texts()),
        takeaways=tuple(takeaways),
        translation=draw(st.none() | texts()),
        note=draw(st.none() | st.builds(Note, text=texts(), format=st.sampled_from(Format))),
        figures=tuple(draw(st.lists(st.sampled_from(FIGURES) | texts(3), max_size=4))),
        doubts=tuple(draw(st.lists(doubts, max_size=3))),
    )


FIGURES = (
    "https://picx.zhimg.com/v2-0123456789abcdef0123456789abcdef.jpg",
    "https://pica.zhimg.com/v2-0123456789abcdef0123456789abcdef_r.jpg",
    "./crop_figure/a.jpg",
    "http://x.org/a.png",
    "javascript:alert(1)",
)


def posts() -> st.SearchStrategy[Post]:
    """Digests with up to six papers, each paper once."""
    return st.builds(
        Post,
        address=st.just("2024-10-27/Talking Head Generation.md"),
        url=st.none() | st.just("https://example.org/Paper/2024-10-27/Talking%20Head%20Generation/"),
        title=texts(5),
        date=st.just(date(2024, 10, 27)),
        heading_date=st.just(date(2024, 10, 27)),
        written=st.none(),
        author=st.none() | texts(3),
        description=st.none(),
        categories=st.just(("Paper",)),
        tags=st.lists(texts(3).map(lambda name: Tag(name=name, slug=name)), max_size=4).map(tuple),
        headings=st.just(()),
        entries=st.lists(entries(), max_size=6, unique_by=lambda entry: entry.paper.arxiv_id).map(tuple),
        problems=st.just(()),
    )


def spans(alphabet: st.SearchStrategy[str] | None = None) -> st.SearchStrategy[Span]:
    """Spans of clean text, as the formatter leaves it, in any look."""
    return st.builds(
        Span,
        text=alphabet or texts(12).map(line),
        bold=st.booleans(),
        italic=st.booleans(),
        code=st.booleans(),
        link=st.none() | st.sampled_from(("https://x.org/a", "https://y.org/b?c=d&e", "https://bad host/")),
    )


def blocks(alphabet: st.SearchStrategy[str] | None = None) -> st.SearchStrategy[Block]:
    item = st.lists(spans(alphabet), min_size=1, max_size=4).map(tuple)
    return st.builds(
        Block,
        kind=st.sampled_from(Kind),
        items=st.lists(item, max_size=8).map(tuple),
        label=st.sampled_from(("", "Abstract", "要点")),
        start=st.integers(1, 30),
        papers=st.lists(st.sampled_from(("2410.00001", "2410.00002")), max_size=1).map(tuple),
    )


def cards(alphabet: st.SearchStrategy[str] | None = None) -> st.SearchStrategy[Card]:
    """Cards as a formatter could never build them: any block, any look, any length."""
    buttons = (
        Button(label="PDF", url="https://arxiv.org/pdf/2410.18605"),
        Button(label="Note", action=Action.NOTE, about="2410.18605"),
    )
    return st.builds(
        Card,
        title=st.lists(spans(alphabet), max_size=3).map(lambda some: (Span("T"), *some)),
        blocks=st.lists(blocks(alphabet), max_size=5).map(tuple),
        buttons=st.sampled_from((buttons, ())),
        figure=st.sampled_from((None, FIGURES[0])),
        tags=st.lists(texts(3).map(line), max_size=3).map(tuple),
        papers=st.just(("2410.00001", "2410.00002")),
    )
