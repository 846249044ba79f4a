"""What a card says, whatever platform shows it."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.formatter import cards
from bot.formatter.build import abstract_card, note_card, paper_card
from bot.formatter.card import Action, Block, Button, Card, Kind
from bot.formatter.text import plain, utf16
from bot.model import Credit, Doubt, Entry, Format, Language, Links, Note, Paper, Post, Style, Tag
from bot.slugs import key
from tests import strategies

SOFT = settings(
    deadline=None,
    suppress_health_check=list(HealthCheck),
    max_examples=25,
)


def paper(**changes: object) -> Paper:
    site = "https://arxiv.org"
    whole = Paper(
        arxiv_id="2410.18605",
        version=2,
        title="Understanding Players as if They Are Talking to the Game",
        authors=("Tianze Wang", "Maryam Honari-Jahromi", "Styliani Katsarou", "Olga Mikheeva", "Sahar Asadi"),
        abstract="Players are read as a language of $10\\times$ more words.",
        comment=None,
        link="http://arxiv.org/abs/2410.18605v2",
        links=Links(
            abs=f"{site}/abs/2410.18605",
            pdf=f"{site}/pdf/2410.18605",
            html=f"{site}/html/2410.18605",
            cool="https://papers.cool/arxiv/2410.18605",
            code=("https://github.com/example/one", "https://github.com/example/two"),
            project=("https://example.github.io/",),
        ),
        venue="EMNLP 2024 (Oral)",
    )
    return replace(whole, **changes)  # type: ignore[arg-type]


def entry(**changes: object) -> Entry:
    whole = Entry(
        paper=paper(),
        summary="A summary with $\\sim$1,250 words.",
        takeaways=("It works.", "It is \\textbf{fast}."),
        translation="第一段。\n\n第二段。",
        note=Note(text="A note.", format=Format.MARKDOWN),
        figures=("./crop.jpg", "https://picx.zhimg.com/v2-0123456789abcdef0123456789abcdef.jpg"),
    )
    return replace(whole, **changes)  # type: ignore[arg-type]


def post(*entries: Entry, **changes: object) -> Post:
    whole = Post(
        address="2024-10-27/LLM.md",
        url="https://example.org/post/",
        title="LLM",
        date=date(2024, 10, 27),
        heading_date=date(2024, 10, 28),
        written=None,
        author="Kedreamix",
        description=None,
        categories=("Paper",),
        tags=(Tag(name="LLM", slug="llm"),),
        headings=(),
        entries=entries,
        problems=(),
    )
    return replace(whole, **changes)  # type: ignore[arg-type]


def card(one: Entry, style: Style = Style.CARDS, language: Language = Language.EN) -> Card:
    return cards(post(one), style=style, language=language)[1]


def block(shown: Card, label: str) -> Block:
    (found,) = (b for b in shown.blocks if b.label == label)
    return found


def texts(*blocks: Block) -> list[str]:
    return [plain(item) for one in blocks for item in one.items]


def kind(shown: Card, wanted: Kind) -> list[str]:
    return texts(*(b for b in shown.blocks if b.kind is wanted))


def test_title_is_linked_to_the_abstract_page() -> None:
    (title,) = card(entry()).title
    assert title.text == "Understanding Players as if They Are Talking to the Game"
    assert title.link == "https://arxiv.org/abs/2410.18605"


def test_paper_without_a_title_is_named_by_its_id() -> None:
    assert plain(card(entry(paper=paper(title=" \u200b "))).title) == "arXiv:2410.18605"


def test_first_three_authors_are_named_and_the_rest_counted() -> None:
    assert kind(card(entry()), Kind.META) == [
        "Tianze Wang, Maryam Honari-Jahromi, Styliani Katsarou and 2 more",
        "EMNLP 2024 (Oral)",
    ]


def test_three_authors_are_all_named() -> None:
    shown = card(entry(paper=paper(authors=("A", "B", "C"), venue=None)))
    assert kind(shown, Kind.META) == ["A, B, C"]


def test_what_is_missing_leaves_no_empty_section() -> None:
    bare = entry(
        paper=paper(authors=(), venue=None, abstract=""),
        summary=None,
        takeaways=(),
        translation=None,
        note=None,
    )
    shown = card(bare, Style.FULL)
    assert [b.kind for b in shown.blocks] == [Kind.LINKS]
    assert [button.label for button in shown.buttons] == ["PDF", "Figures"]


def test_latex_is_readable() -> None:
    shown = card(entry(), Style.FULL)
    assert texts(block(shown, "Summary")) == ["A summary with ∼1,250 words."]
    assert texts(block(shown, "Key Takeaways")) == ["It works.", "It is fast."]
    assert texts(block(shown, "Abstract")) == ["Players are read as a language of 10× more words."]


def test_links_are_all_there() -> None:
    (links,) = (b for b in card(entry()).blocks if b.kind is Kind.LINKS)
    assert [(plain(item), item[0].link) for item in links.items] == [
        ("PDF", "https://arxiv.org/pdf/2410.18605"),
        ("arXiv", "https://arxiv.org/abs/2410.18605"),
        ("HTML", "https://arxiv.org/html/2410.18605"),
        ("Code", "https://github.com/example/one"),
        ("Code 2", "https://github.com/example/two"),
        ("Project", "https://example.github.io/"),
        ("Cool Papers", "https://papers.cool/arxiv/2410.18605"),
    ]


def test_first_figure_on_the_web_is_shown() -> None:
    assert card(entry()).figure == "https://picx.zhimg.com/v2-0123456789abcdef0123456789abcdef.jpg"
    assert card(entry(figures=("./a.jpg",))).figure is None


def test_buttons_ask_about_the_paper() -> None:
    shown = card(entry())
    pdf, abstract, note, drawn = shown.buttons
    assert pdf.url == "https://arxiv.org/pdf/2410.18605"
    assert [abstract.action, note.action, drawn.action] == [Action.ABSTRACT, Action.NOTE, Action.FIGURES]
    ((save, like),) = shown.keys
    assert (save.action, like.action) == (Action.SAVE, Action.LIKE)
    assert {button.about for button in (abstract, note, drawn, save, like)} == {"2410.18605"}
    assert like.label == "More LLM"


def test_full_card_offers_nothing_that_stands_on_it() -> None:
    assert [button.label for button in card(entry(), Style.FULL).buttons] == ["PDF", "Figures"]


@pytest.mark.parametrize("names", [("Two", "Tags"), ("A tag with a long name",)])
def test_button_names_no_tag_where_there_is_no_room_for_it(names: tuple[str, ...]) -> None:
    tags = tuple(Tag(name=name, slug=name) for name in names)
    shown = cards(post(entry(), tags=tags), style=Style.CARDS, language=Language.EN)[1]
    assert shown.keys[0][1].label == "More like this"


def test_doubted_takeaway_is_marked_and_the_mark_explained_once() -> None:
    doubts = (Doubt(takeaway=1, number="3"), Doubt(takeaway=1, number="4"), Doubt(takeaway=None, number="5"))
    shown = card(entry(doubts=doubts))
    assert texts(block(shown, "Key Takeaways")) == ["It works.", "It is fast. ⚠"]
    assert texts(block(shown, "Summary")) == ["A summary with ∼1,250 words. ⚠"]
    assert kind(shown, Kind.SMALL) == ["⚠ number not found in title or abstract"]


def test_mark_stays_with_its_takeaway_when_an_empty_one_is_left_out() -> None:
    shown = card(entry(takeaways=("\u200b", "One.", "Two."), doubts=(Doubt(takeaway=2, number="2"),)))
    assert texts(block(shown, "Key Takeaways")) == ["One.", "Two. ⚠"]


def test_card_without_doubts_has_no_legend() -> None:
    assert kind(card(entry()), Kind.SMALL) == []


def test_full_style_adds_abstract_translation_and_note() -> None:
    plain_card, full = card(entry()), card(entry(), Style.FULL)
    assert full.blocks[: len(plain_card.blocks)] == plain_card.blocks
    more = full.blocks[len(plain_card.blocks) :]
    assert [b.label for b in more] == ["Abstract", "Translated abstract", "Note"]
    assert [b.kind for b in more[:2]] == [Kind.QUOTE, Kind.QUOTE]
    assert texts(more[1]) == ["第一段。", "第二段。"]
    assert texts(more[2]) == ["A note."]


def test_note_with_a_label_of_its_own_is_still_called_a_note() -> None:
    shown = card(entry(note=Note(text="## Method\n\nStep by step.", format=Format.MARKDOWN)), Style.FULL)
    after = [plain(item) or b.label for b in shown.blocks for item in b.items]
    assert "Note" in after


def test_overview_before_the_cards_lists_the_titles() -> None:
    overview, *rest = cards(
        post(entry(), entry(paper=paper(title="Two"))), style=Style.CARDS, language=Language.EN
    )
    assert plain(overview.title) == "LLM · 2024-10-28"
    assert texts(overview.blocks[0]) == ["2 papers"]
    assert texts(overview.blocks[1]) == ["Understanding Players as if They Are Talking to the Game", "Two"]
    assert overview.blocks[1].items[1][0].link == "https://arxiv.org/abs/2410.18605"
    assert overview.papers == ()
    assert [one.papers for one in rest] == [("2410.18605",), ("2410.18605",)]


def test_overview_style_is_one_card_with_a_line_on_each_paper() -> None:
    two = entry(paper=paper(title="Two", arxiv_id="2410.00002"), summary=None)
    (overview,) = cards(post(entry(), two), style=Style.OVERVIEW, language=Language.EN)
    assert overview.papers == ("2410.18605", "2410.00002")
    listed = [b for b in overview.blocks if b.kind is Kind.LIST]
    assert [(b.start, b.papers) for b in listed] == [(1, ("2410.18605",)), (2, ("2410.00002",))]
    assert texts(*listed) == [
        "Understanding Players as if They Are Talking to the Game\nA summary with ∼1,250 words.",
        "Two",
    ]


def test_overview_shortens_a_long_summary() -> None:
    long = entry(summary="A sentence that goes on. " * 20)
    (overview,) = cards(post(long), style=Style.OVERVIEW, language=Language.EN)
    gist = texts(overview.blocks[1])[0].partition("\n")[2]
    assert utf16(gist) <= 160
    assert gist.endswith("goes on…")


@pytest.mark.parametrize("style", Style)
def test_attribution_and_disclaimer_are_said_once(style: Style) -> None:
    shown = cards(post(entry(), entry()), style=style, language=Language.EN)
    small = [item for one in shown for b in one.blocks if b.kind is Kind.SMALL for item in b.items]
    credit, caution = small
    assert plain(credit) == "By Kedreamix · Digest · CC BY 4.0 · reformatted"
    assert [s.link for s in credit if s.link] == [
        "https://example.org/post/",
        "https://creativecommons.org/licenses/by/4.0/",
    ]
    assert plain(caution) == "Summaries are machine-written and may be wrong: check the paper."


def test_post_without_an_address_is_attributed_to_its_author() -> None:
    overview = cards(post(entry(), url=None), style=Style.CARDS, language=Language.ZH)[0]
    assert plain(overview.blocks[-1].items[0]) == "作者：Kedreamix · CC BY 4.0 · 已重新排版"


@pytest.mark.parametrize("style", Style)
def test_digest_without_papers_gives_nothing_to_send(style: Style) -> None:
    assert cards(post(), style=style, language=Language.EN) == ()


def test_digest_without_a_tag_is_named_by_its_title() -> None:
    overview = cards(post(entry(), tags=(), title="Today"), style=Style.CARDS, language=Language.EN)[0]
    assert plain(overview.title) == "Today · 2024-10-28"


@given(some=strategies.posts(), style=st.sampled_from(Style), language=st.sampled_from(Language))
@SOFT
def test_whatever_is_shown_is_clean(some: Post, style: Style, language: Language) -> None:
    for one in cards(some, style=style, language=language):
        shown = [plain(one.title), *one.tags, *texts(*one.blocks)]
        for text in shown:
            assert text.strip()
            assert not set(text) & set("\x00\r\x85\u202a\u202e\u2066\u2069\u200b\ufeff\u2028")
            assert text.encode()


def test_residue_of_the_template_is_not_shown() -> None:
    read = entry(
        summary="一种新的方法。希望以上信息符合您的要求。", takeaways=("第一点。", "第二点。GitHub:None")
    )
    shown = cards(post(read), style=Style.CARDS, language=Language.ZH)[1]
    said = " ".join(plain(item) for block in shown.blocks for item in block.items)
    assert "一种新的方法。" in said
    assert "希望" not in said
    assert "None" not in said


def test_overview_opens_cards_by_number_and_they_lead_to_the_whole_digest() -> None:
    two = entry(paper=paper(arxiv_id="cs/0112017"))
    (overview,) = cards(post(entry(), two), style=Style.OVERVIEW, language=Language.EN)
    about = f"digest:{key('llm')}:2024-10-27:1"
    assert [[(button.label, button.data) for button in row] for row in overview.keys] == [
        [("1", f"paper:2410.18605:{about}"), ("2", f"paper:cs/0112017:{about}")]
    ]
    (bare,) = cards(post(entry(), tags=()), style=Style.OVERVIEW, language=Language.EN)
    assert bare.keys[0][0].data == "paper:2410.18605"


@pytest.mark.parametrize("style", Style)
def test_capped_digest_offers_the_rest(style: Style) -> None:
    shown = cards(post(entry()), style=style, language=Language.EN, held=3)[0]
    assert "and 3 more papers" in texts(*shown.blocks)
    (offer,) = shown.keys[-1]
    assert (offer.label, offer.data) == ("Show 3 more", f"rest:{key('llm')}:2024-10-27")
    without = cards(post(entry(), tags=()), style=style, language=Language.EN, held=3)[0]
    assert "and 3 more papers" in texts(*without.blocks)
    assert not any(button.action is Action.REST for row in without.keys for button in row)


CREDIT = Credit(author="Kedreamix", url="https://example.org/post/")


def test_paper_asked_for_is_the_pushed_card_with_its_credit_and_a_way_back() -> None:
    back = Button(label="Back", action=Action.SAVED, about="1")
    shown = paper_card(entry(), tags=("LLM",), credit=CREDIT, language=Language.EN, back=back)
    pushed = card(entry())
    assert shown.blocks[:-1] == pushed.blocks
    assert texts(shown.blocks[-1])[0] == "By Kedreamix · Digest · CC BY 4.0 · reformatted"
    assert (shown.buttons, shown.keys) == (pushed.buttons, (*pushed.keys, (back,)))


def test_paper_of_which_nothing_is_told_needs_no_credit() -> None:
    bare = entry(summary=None, takeaways=())
    shown = paper_card(bare, tags=(), credit=CREDIT, language=Language.EN)
    assert kind(shown, Kind.SMALL) == []


def test_abstract_asked_for_lies_open_beside_its_translation() -> None:
    shown = abstract_card(entry(), credit=CREDIT, language=Language.EN)
    assert shown is not None
    assert [(b.kind, b.label) for b in shown.blocks[:2]] == [
        (Kind.PROSE, "Abstract"),
        (Kind.PROSE, "Translated abstract"),
    ]
    assert kind(shown, Kind.SMALL)[0].startswith("By Kedreamix")
    alone = abstract_card(entry(translation=None), credit=CREDIT, language=Language.EN)
    assert alone is not None
    assert kind(alone, Kind.SMALL) == []


def test_what_is_not_there_makes_no_card() -> None:
    bare = entry(paper=paper(abstract="\u200b"), translation=None, note=None)
    assert abstract_card(bare, credit=CREDIT, language=Language.EN) is None
    assert note_card(bare, credit=CREDIT, language=Language.EN) is None


def test_note_asked_for_is_whole_and_credited() -> None:
    shown = note_card(entry(), credit=CREDIT, language=Language.EN)
    assert shown is not None
    assert texts(block(shown, "Note")) == ["A note."]
    assert kind(shown, Kind.SMALL)[0].startswith("By Kedreamix")
