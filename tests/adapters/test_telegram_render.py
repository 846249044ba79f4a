"""Telegram messages, judged by Telegram's own parser and its published specification."""

import re
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from itertools import product
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.adapters.base import Message
from bot.adapters.telegram import ink, limits
from bot.adapters.telegram.render import render
from bot.formatter import cards
from bot.formatter.card import Action, Block, Button, Card, Kind, Span
from bot.formatter.clean import line
from bot.model import Doubt, Entry, Format, Language, Links, Note, Paper, Post, Style, Tag
from tests import strategies
from tests.oracles import SHARED, Seen, needs_shared, read, refused, same_address

SOFT = settings(
    deadline=None,
    suppress_health_check=list(HealthCheck),
    max_examples=25,
)
CLASSIC = [style for style in Style if style is not Style.RICH]  # that one is judged in telegram/test_rich.py
FIGURE = "https://picx.zhimg.com/v2-0123456789abcdef0123456789abcdef.jpg"


def entry(**changes: object) -> Entry:
    arxiv = "https://arxiv.org"
    paper = Paper(
        arxiv_id="2410.18605",
        version=1,
        title="Understanding Players as if They Are Talking to the Game in a Customized Language",
        authors=("Tianze Wang", "Maryam Honari-Jahromi", "Styliani Katsarou", "Olga Mikheeva"),
        abstract="We treat what players do as words of a language. Models read it.",
        comment=None,
        link=f"{arxiv}/abs/2410.18605v1",
        links=Links(
            abs=f"{arxiv}/abs/2410.18605",
            pdf=f"{arxiv}/pdf/2410.18605",
            html=f"{arxiv}/html/2410.18605",
            cool="https://papers.cool/arxiv/2410.18605",
            code=("https://github.com/example/players",),
            project=("https://example.github.io/players/",),
        ),
        venue="EMNLP 2024",
    )
    known = {name: changes.pop(name) for name in list(changes) if name in Paper.__dataclass_fields__}
    whole = Entry(
        paper=replace(paper, **known),  # type: ignore[arg-type]
        summary="把玩家行为当作语言来理解。",
        takeaways=("玩家行为被当作词语。", "模型提升了 3.2x。"),
        translation="我们把玩家行为当作语言。",
        note=Note(text="**方法**：逐步阅读。", format=Format.MARKDOWN),
        figures=(FIGURE,),
    )
    return replace(whole, **changes)  # type: ignore[arg-type]


def digest(*entries: Entry, **changes: object) -> Post:
    post = Post(
        address="2024-10-27/LLM.md",
        url="https://example.org/Paper/2024-10-27/LLM/",
        title="LLM",
        date=date(2024, 10, 27),
        heading_date=date(2024, 10, 28),
        written=None,
        author="Kedreamix",
        description=None,
        categories=("Paper",),
        tags=(Tag(name="元宇宙/虚拟人", slug="a"), Tag(name="Talking Head Generation", slug="b")),
        headings=(),
        entries=entries,
        problems=(),
    )
    return replace(post, **changes)  # type: ignore[arg-type]


def messages(post: Post, style: Style = Style.CARDS, language: Language = Language.EN) -> list[Message]:
    return [m for card in cards(post, style=style, language=language) for m in render(card, language)]


def shown(message: Message) -> Seen:
    return read(message.request["params"]["text"])


def card_of(text: str, kind: Kind = Kind.PROSE) -> Card:
    return Card(title=(Span("A title"),), blocks=(Block(kind=kind, items=((Span(text),),)),))


def only(text: str) -> Seen:
    (message,) = render(card_of(text), Language.EN)
    return shown(message)


def check(message: Message) -> Seen:
    """Every rule that holds for every message."""
    params = message.request["params"]
    seen = read(params["text"])
    assert 0 < seen.units <= limits.TEXT
    assert len(seen.marked) + len(seen.found) <= limits.ENTITIES
    assert weight(seen) <= limits.ENTITY_BYTES
    assert {piece.kind for piece in seen.found} <= {"Hashtag", "MediaTimestamp", "BankCardNumber"}
    preview = params["link_preview_options"]
    assert preview.get("is_disabled") or ink.sound(preview["url"])
    keys = [key for row in params.get("reply_markup", {}).get("inline_keyboard", ()) for key in row]
    assert all(1 <= len(key["callback_data"].encode()) <= 64 for key in keys if "callback_data" in key)
    assert all(key["url"].startswith("https://") for key in keys if "url" in key)
    if SHARED:
        assert refused(message.request["method"], params) == []
    return seen


def weight(seen: Seen) -> int:
    """Bytes of the entities as Telegram's protocol lays them out: words of 4 bytes, padded strings."""
    return sum(16 + (len((piece.url or "").encode()) + 8) // 4 * 4 for piece in (*seen.marked, *seen.found))


def meant(parts: Iterable[Card]) -> list[tuple[str, str]]:
    """The links that a card asks for, without those that Telegram would drop."""
    texts = [text for card in parts for text in (card.title, *(i for b in card.blocks for i in b.items))]
    return [
        (s.text, s.link) for text in texts for s in text if s.link and s.text.strip() and ink.sound(s.link)
    ]


def pings(seen: Seen) -> list[str]:
    return [piece.text for piece in seen.found if piece.kind != "Hashtag"]


def test_card_is_laid_out_for_a_phone() -> None:
    overview, card = messages(digest(entry()))
    assert shown(overview).text == (
        "元宇宙/虚拟人 / Talking Head Generation · 2024-10-28\n"
        "1 paper\n\n"
        "1. Understanding Players as if They Are Talking to the Game in a Customized Language\n\n"
        "By Kedreamix · Digest · CC BY 4.0 · reformatted\n"
        "Summaries are machine-written and may be wrong: check the paper.\n\n"
        "#元宇宙_虚拟人 #TalkingHeadGeneration"
    )
    assert shown(card).text == (
        "Understanding Players as if They Are Talking to the Game in a Customized Language\n"
        "Tianze Wang, Maryam Honari-Jahromi, Styliani Katsarou and 1 more\n"
        "EMNLP 2024\n\n"
        "Summary\n把玩家行为当作语言来理解。\n\n"
        "Key Takeaways\n1. 玩家行为被当作词语。\n2. 模型提升了 3.2x。\n\n"
        "PDF · arXiv · HTML · Code · Project · Cool Papers\n\n"
        "#元宇宙_虚拟人 #TalkingHeadGeneration"
    )


def test_labels_are_in_the_language_of_the_chat() -> None:
    _, card = messages(digest(entry()), language=Language.ZH)
    text = shown(card).text
    assert "\n\n总结\n" in text
    assert "\n\n要点\n1. " in text
    assert "Katsarou 及另外 1 人" in text


def test_request_names_no_chat_and_no_secret() -> None:
    for message in messages(digest(entry()), Style.FULL):
        assert message.request["method"] == "sendMessage"
        assert message.request["params"]["chat_id"] == "{chat}"
        assert message.request["params"]["parse_mode"] == "HTML"


def test_figure_is_a_large_preview_above_the_text() -> None:
    overview, card = messages(digest(entry()))
    assert overview.request["params"]["link_preview_options"] == {"is_disabled": True}
    assert card.request["params"]["link_preview_options"] == {
        "url": FIGURE,
        "prefer_large_media": True,
        "show_above_text": True,
    }


def test_keyboard_offers_what_there_is_to_read_and_to_do() -> None:
    _, card = messages(digest(entry()))
    assert card.request["params"]["reply_markup"]["inline_keyboard"] == [
        [
            {"text": "PDF", "url": "https://arxiv.org/pdf/2410.18605"},
            {"text": "Abstract", "callback_data": "abstract:2410.18605"},
            {"text": "Note", "callback_data": "note:2410.18605"},
            {"text": "Figures", "callback_data": "figures:2410.18605"},
        ],
        [
            {"text": "Save", "callback_data": "save:2410.18605"},
            {"text": "More like this", "callback_data": "like:2410.18605"},
        ],
    ]


def test_keyboard_offers_no_note_where_there_is_none() -> None:
    _, card = messages(digest(entry(note=None)))
    row, _ = card.request["params"]["reply_markup"]["inline_keyboard"]
    assert "Note" not in [key["text"] for key in row]


def test_button_with_too_much_data_is_left_out() -> None:
    button = Button(label="Save", action=Action.SAVE, about="9" * 64)
    (message,) = render(Card(title=(Span("T"),), blocks=(), buttons=(button,)), Language.EN)
    assert "reply_markup" not in message.request["params"]


def test_abstract_is_a_folded_quote() -> None:
    _, card = messages(digest(entry()), Style.FULL)
    quotes = [p.text for p in shown(card).marked if p.kind == "ExpandableBlockQuote"]
    assert quotes == [
        "We treat what players do as words of a language. Models read it.",
        "我们把玩家行为当作语言。",
    ]


def test_doubted_number_is_marked_and_explained() -> None:
    doubt = Doubt(takeaway=1, number="3.2x")
    _, card = messages(digest(entry(doubts=(doubt,))))
    text = shown(card).text
    assert "2. 模型提升了 3.2x。 ⚠\n\n⚠ number not found in title or abstract\n\n" in text
    assert "1. 玩家行为被当作词语。\n" in text


@pytest.mark.parametrize(
    "text",
    [
        "@everyone and @durov",
        "run /latest or /start@bot",
        "，/latest",
        "#tag and ＃全角",
        "$USD rose",
        "mail a@b.com",
        "see README.md, work.In addition and 10.1.2.3",
        "open tg://resolve?domain=durov",
        "http://localhost/x",
        "<b>@durov</b>",
    ],
)
def test_content_pings_nobody(text: str) -> None:
    seen = only(text)
    assert seen.found == ()
    assert seen.text.replace(ink.JOINER, "") == f"A title\n\n{text}"


def test_plain_text_is_untouched() -> None:
    text = "A/B and/or 3.2x, 1,250; 50% of $5 (C# & <i>): 1/2, e.g. GPT-4.5 et al."
    assert only(text).text == f"A title\n\n{text}"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("代码在https://github.com/a/b_c上公开", "https://github.com/a/b_c"),
        ("See (https://x.org/a_(b)).", "https://x.org/a_(b)"),
        ("https://x.org/a?b=c&d=@e#f.", "https://x.org/a?b=c&d=@e#f"),
        ("at github.com/a/b, now", "https://github.com/a/b"),
    ],
)
def test_address_in_text_is_linked_exactly(text: str, address: str) -> None:
    seen = only(text)
    assert seen.text == f"A title\n\n{text}"
    assert [url for _, url in seen.links] == [address]
    assert seen.found == ()


def test_address_that_telegram_would_drop_is_readable() -> None:
    block = Block(kind=Kind.LINKS, items=((Span("Code", link="https://localhost/a b"),),))
    (message,) = render(Card(title=(Span("T"),), blocks=(block,)), Language.EN)
    assert shown(message).text == "T\n\nCode (https://localhost/a b)"


def test_endless_address_leaves_its_text() -> None:
    block = Block(kind=Kind.LINKS, items=((Span("Code", link="https://x.org/" + "a" * 9000),),))
    (message,) = render(Card(title=(Span("T"),), blocks=(block,)), Language.EN)
    assert shown(message).text == "T\n\nCode"


@pytest.mark.parametrize("button", ["http://arxiv.org/pdf/1", "https://localhost/x", "tg://user?id=1"])
def test_button_with_an_address_that_is_not_secure_is_left_out(button: str) -> None:
    card = Card(title=(Span("T"),), blocks=(), buttons=(Button(label="PDF", url=button),))
    (message,) = render(card, Language.EN)
    assert "reply_markup" not in message.request["params"]


@pytest.mark.parametrize("name", ["", "2024", "!!!", "😀", "_"])
def test_tag_that_makes_no_hashtag_is_left_out(name: str) -> None:
    (message,) = render(Card(title=(Span("T"),), blocks=(), tags=(name,)), Language.EN)
    assert shown(message).text == "T"


@given(name=st.sampled_from(strategies.MORSELS) | strategies.texts(4))
@SOFT
def test_every_hashtag_is_one_for_telegram(name: str) -> None:
    (message,) = render(
        Card(title=(Span("T"),), blocks=(), tags=(line(name), "R1_Reasoning", "3DGS")), Language.EN
    )
    text = message.request["params"]["text"]
    assert [p.text for p in read(text).found] == re.findall(r"#\S+", text)
    assert text.endswith("#R1_Reasoning #3DGS")


def test_list_goes_on_with_its_number_in_the_next_message() -> None:
    items = tuple((Span(f"point {n} " + "word " * 60),) for n in range(1, 41))
    card = Card(title=(Span("T"),), blocks=(Block(kind=Kind.LIST, label="Key Takeaways", items=items),))
    texts = [shown(m).text for m in render(card, Language.EN)]
    assert len(texts) > 2
    numbers = [int(n) for text in texts for n in re.findall(r"^(\d+)\. point \1 ", text, re.M)]
    assert numbers == list(range(1, 41))
    assert all(f"({n}/{len(texts)})\n" in text for n, text in enumerate(texts, 1))


def test_message_with_many_links_holds_a_hundred_entities() -> None:
    items = tuple((Span(f"p{n}", link=f"https://x.org/{n}"),) for n in range(350))
    parts = render(Card(title=(Span("T"),), blocks=(Block(kind=Kind.LIST, items=items),)), Language.EN)
    seen = [check(message) for message in parts]
    assert [url for part in seen for _, url in part.links] == [f"https://x.org/{n}" for n in range(350)]
    assert len(parts) == 4


def test_message_with_long_links_holds_the_bytes() -> None:
    items = tuple((Span(f"p{n}", link=f"https://x.org/{n}/" + "a" * 1500),) for n in range(30))
    parts = render(Card(title=(Span("T"),), blocks=(Block(kind=Kind.LINKS, items=items),)), Language.EN)
    assert sum(len(check(message).links) for message in parts) == 30


def test_nothing_heavy_is_imported() -> None:
    code = (
        "import sys; from bot.adapters.telegram.render import render; from bot.formatter import cards;"
        "heavy = ('telegram', 'httpx', 'rich', 'pydantic', 'regex', 'discord');"
        "print([name for name in heavy if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


@given(post=strategies.posts(), style=st.sampled_from(CLASSIC), language=st.sampled_from(Language))
@SOFT
def test_any_post_gives_messages_that_telegram_takes(post: Post, style: Style, language: Language) -> None:
    ids = []
    for card in cards(post, style=style, language=language):
        parts = render(card, language)
        seen = [check(message) for message in parts]
        assert all(part.text == part.text.strip() for part in seen)
        ids += dict.fromkeys(paper for message in parts for paper in message.papers)
        hashtags = [p.text for part in seen for p in part.found if p.kind == "Hashtag"]
        assert len(hashtags) <= len(card.tags)
        for text, address in meant((card,)):
            assert any(same_address(address, url) for part in seen for _, url in part.links), (text, address)
    assert sorted(ids) == sorted(entry.paper.arxiv_id for entry in post.entries)


@given(card=strategies.cards(), language=st.sampled_from(Language))
@SOFT
def test_any_card_gives_messages_that_telegram_takes(card: Card, language: Language) -> None:
    for message in render(card, language):
        check(message)


@needs_shared
@pytest.mark.parametrize(("style", "language"), list(product(CLASSIC, Language)))
def test_every_real_post_is_taken(style: Style, language: Language, shared: Path) -> None:
    from bot.digest import read as understand
    from bot.model import RawPost

    for path in sorted(shared.glob("corpus/posts/*/*.md")):
        post = understand(RawPost(address=str(path), data=path.read_bytes()))
        assert isinstance(post, Post)
        ids = []
        for card in cards(post, style=style, language=language):
            parts = render(card, language)
            seen = [check(message) for message in parts]
            ids += dict.fromkeys(paper for message in parts for paper in message.papers)
            links = [link for part in seen for link in part.links]
            for text, address in meant((card,)):
                assert any(same_address(address, url) for _, url in links), (path, text, address)
            assert all(pings(part) == [] for part in seen)
        assert sorted(ids) == sorted({entry.paper.arxiv_id for entry in post.entries})


@pytest.mark.parametrize("before", ["²", "①", "½", "Ⅷ", "。", "-", ""])
@pytest.mark.parametrize("word", ["#tag", "/latest", "@name"])
def test_nothing_begins_behind_a_sign_that_is_no_letter(before: str, word: str) -> None:
    assert pings(only(f"A{before} {word} A{before}{word}")) == []
