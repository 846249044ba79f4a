"""Rich messages: what the fake server accepts, whatever the paper says, and nothing else beside it."""

import re
import time
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.adapters.telegram import limits, rich
from bot.adapters.telegram.ink import JOINER
from bot.adapters.telegram.render import classic, render
from bot.digest import read
from bot.formatter import cards
from bot.formatter.build import rich_card
from bot.formatter.card import Block, Card, Fold, Kind, Rich, Span
from bot.formatter.text import utf16
from bot.model import Credit, Doubt, Entry, Format, Language, NotDigest, Note, RawPost, Style
from tests import builders, strategies
from tests.fakes.telegram.rich import Node, check
from tests.oracles import SHARED, needs_shared, refused

SOFT = settings(deadline=None, max_examples=15, suppress_health_check=list(HealthCheck))
SCREENS = tuple(f"https://picx.zhimg.com/v2-{number:032x}.jpg" for number in range(60))
SENTENCE = "The network maps a point and a direction to a density and a colour. "


def full(**given) -> Entry:
    paper = builders.paper(
        title=r"The $\pi_0$ field", venue="ECCV 2020", abstract="A scene becomes a function."
    )
    values = {
        "paper": paper,
        "summary": r"训练快了 $10\times$，误差为 $O(n^2)$。",
        "takeaways": (r"坐标是 $(x,y,z)$。", "第二点 <b> & “引号”。"),
        "translation": "第一段。\n\n第二段，含 $x^2$。",
        "note": Note(text="## 方法\n\n**第一步**：见 $\\alpha$。\n\n- 一\n- 二", format=Format.MARKDOWN),
        "figures": SCREENS[:3],
    }
    return builders.entry(**(values | given))


def card(entry: Entry, language: Language = Language.EN) -> Card:
    return cards(builders.post(entry), style=Style.RICH, language=language)[1]


def message(entry: Entry):
    (shown,) = render(card(entry), Language.EN)
    assert shown.request["method"] == "sendRichMessage"
    return shown


def tree(entry: Entry) -> Node:
    return check(message(entry).request["params"]["rich_message"])


def every(node: Node, tag: str) -> list[Node]:
    return [found for part in node.below for found in ([part] if part.tag == tag else []) + every(part, tag)]


def judge(shown) -> None:
    """Fails where the fake server would refuse the message, or the specification does."""
    params = shown.request["params"]
    if shown.request["method"] == "sendRichMessage":
        check(params["rich_message"])
        assert shown.fallback
    if SHARED:
        assert refused(shown.request["method"], params) == []


def addresses(messages) -> set[str]:
    """What the texts of messages link to."""
    params = [each.request["params"] for each in messages]
    texts = [given.get("text") or given["rich_message"]["html"] for given in params]
    return {address for text in texts for address in re.findall('href="([^"]*)"', text)}


def test_paper_is_one_message_in_the_order_of_reading():
    parts = [(part.tag, part.text.replace(JOINER, "")) for part in tree(full()).below]
    assert parts == [
        ("h3", r"\pi_0".join(("The ", " field"))),
        ("p", "Ada Lovelace, Alan Turing\nECCV 2020"),
        ("h5", "Summary"),
        ("p", r"训练快了 10\times，误差为 O(n^2)。"),
        ("h5", "Key Takeaways"),
        ("ol", "坐标是 (x,y,z)。\n第二点 <b> & “引号”。"),
        ("details", "Abstract\nA scene becomes a function."),
        ("details", "Translated abstract\n第一段。\n第二段，含 x²。"),
        ("details", "Note\n方法\n第一步：见 α。\n• 一\n• 二"),
        ("tg-slideshow", ""),
        ("p", "PDF · arXiv · HTML · Cool Papers"),
        ("p", "#NeRF"),
    ]


def test_title_is_one_link_with_its_formula_in_it():
    (heading,) = every(tree(full()), "h3")
    assert [(part.tag, part.attributes) for part in heading.below] == [
        ("a", {"href": "https://arxiv.org/abs/2003.08934"})
    ]
    assert [part.tag for part in heading.below[0].below] == ["tg-math"]


def test_formulas_are_set_outside_of_folds_and_read_inside():
    whole = tree(full())
    assert [found.text for found in every(whole, "tg-math")] == [
        r"\pi_0", r"10\times", "O(n^2)", "(x,y,z)",
    ]  # fmt: skip
    assert all(not every(fold, "tg-math") for fold in every(whole, "details"))


def test_buttons_and_classic_form_are_those_of_a_card():
    entry = full()
    plain = cards(builders.post(entry), style=Style.CARDS, language=Language.EN)[1]
    shown = message(entry)
    assert shown.fallback == render(plain, Language.EN)
    assert shown.request["params"]["reply_markup"] == shown.fallback[0].request["params"]["reply_markup"]
    assert "fallback" not in shown.line()


def test_other_platforms_show_the_card():
    entry = full()
    plain = cards(builders.post(entry), style=Style.CARDS, language=Language.EN)
    wanted = cards(builders.post(entry), style=Style.RICH, language=Language.EN)
    assert tuple(replace(each, rich=None) for each in wanted) == plain


def test_doubt_and_revision_are_told_as_on_a_card():
    entry = full(doubts=(Doubt(takeaway=0, number="3"), Doubt(takeaway=None, number="10")))
    revised = cards(builders.post(entry), style=Style.RICH, language=Language.EN, revised=["2003.08934"])[1]
    (shown,) = render(revised, Language.EN)
    text = check(shown.request["params"]["rich_message"]).text
    assert text.count("⚠") == 3
    assert "Revised, version" in text


def test_paper_with_nothing_to_fold_is_rich_all_the_same():
    bare = builders.entry(paper=builders.paper(abstract=""), summary=None, takeaways=(), figures=())
    whole = tree(bare)
    assert [part.tag for part in whole.below] == ["h3", "p", "p", "p"]
    assert not every(whole, "tg-slideshow")


def test_tried_paper_names_whose_words_it_shows():
    credit = Credit(author="Paperboy", url="https://example.org/post/")
    tried = rich_card(full(), tags=["NeRF"], credit=credit, language=Language.EN)
    (shown,) = render(tried, Language.EN)
    (foot,) = every(check(shown.request["params"]["rich_message"]), "footer")
    assert "By Paperboy" in foot.text
    assert every(foot, "a")[0].attributes["href"] == "https://example.org/post/"


def test_pictures_without_a_sound_address_are_left_out_and_fifty_at_most_stay():
    figures = ("./crop/a.jpg", "javascript:alert(1)", "http://localhost/x.png", *SCREENS)
    found = every(tree(full(figures=figures)), "img")
    assert [image.attributes["src"] for image in found] == list(SCREENS[: limits.RICH_MEDIA])


def test_long_note_is_shortened_at_a_sentence_and_the_button_is_named():
    note = Note(text=f"{SENTENCE * 700}\n\nThe end.", format=Format.MARKDOWN)
    shown = message(full(note=note))
    whole = check(shown.request["params"]["rich_message"])
    fold = every(whole, "details")[-1]
    *_, last, rest = [part.text for part in fold.below]
    assert last.endswith("a colour.")
    assert rest == "… The rest: the button “Note” below."
    assert 20_000 < utf16(whole.text) <= limits.RICH_TEXT
    labels = [
        key["text"] for row in shown.request["params"]["reply_markup"]["inline_keyboard"] for key in row
    ]
    assert "Note" in labels


def test_many_paragraphs_stay_within_the_blocks():
    note = Note(text="\n\n".join(f"Line {number}." for number in range(2000)), format=Format.MARKDOWN)
    whole = tree(full(note=note, translation="\n\n".join(["段。"] * 300), figures=SCREENS))
    assert len(every(whole, "p")) < limits.RICH_BLOCKS
    assert "The rest: the button “Note”" in whole.text
    assert "Line 0." in whole.text


def test_what_has_no_room_at_all_is_left_to_its_button():
    whole = tree(full(translation="长。" * 16_000, note=Note(text=SENTENCE * 20, format=Format.MARKDOWN)))
    assert [fold.below[0].text for fold in every(whole, "details")] == ["Abstract", "Translated abstract"]


def test_card_that_is_itself_too_long_goes_classic():
    endless = full(takeaways=tuple(SENTENCE * 40 for _ in range(20)))
    shown = render(card(endless), Language.EN)
    assert {each.request["method"] for each in shown} == {"sendMessage"}
    assert shown == classic(card(endless), Language.EN)
    many = full(takeaways=tuple(f"Point {number}." for number in range(260)))
    assert {each.request["method"] for each in render(card(many), Language.EN)} == {"sendMessage"}


@pytest.mark.parametrize(
    "hostile",
    [
        "</details><tg-math>x</tg-math>",
        "<script>",
        "&copy; &lt;",
        "</p>",
        '"><img src=x>',
        "<tg-slideshow>",
        "]]>",
    ],
)
def test_markup_in_a_paper_is_text(hostile):
    entry = full(
        paper=builders.paper(title=hostile, abstract=hostile, authors=(hostile,)),
        summary=hostile,
        takeaways=(hostile,),
        translation=hostile,
    )
    whole = tree(entry)
    assert [found.tag for found in every(whole, "tg-math")] == []
    assert len(every(whole, "tg-slideshow")) == 1
    assert "<" in whole.text or "&" in whole.text or "]]>" in whole.text


def test_nothing_in_a_text_comes_alive():
    whole = tree(full(summary="Ask @somebody, /start, #tag, $USD or see x.org"))
    told = whole.text
    for lively in ("@somebody", "/start", "#tag", "$USD"):
        assert lively not in told
        assert lively in told.replace(JOINER, "")
    assert "#NeRF" in told, "the tags of the digest are meant to"


def test_links_are_web_addresses_alone():
    note = Note(
        text="[a](tg://user?id=1) [b](javascript:x) [c](https://example.org/c)", format=Format.MARKDOWN
    )
    html = message(full(note=note)).request["params"]["rich_message"]["html"]
    assert set(re.findall(r'href="(\w+):', html)) == {"https"}
    assert 'href="https://example.org/c"' in html


def test_pictures_can_be_taken_out():
    shown = message(full())
    html = shown.request["params"]["rich_message"]["html"]
    bare = check({"html": rich.without_slides(html)})
    assert not every(bare, "img")
    assert bare.text == check({"html": html}).text
    assert rich.without_slides("<p>x</p>") == "<p>x</p>"


@SOFT
@given(post=strategies.posts(), language=st.sampled_from(Language))
def test_any_post_gives_messages_that_telegram_takes(post, language):
    for each in cards(post, style=Style.RICH, language=language):
        for shown in render(each, language):
            judge(shown)


@SOFT
@given(
    inner=strategies.cards(), folded=st.lists(strategies.blocks(), max_size=6), scale=st.sampled_from((1, 40))
)
def test_any_card_stays_within_the_limits(inner, folded, scale):
    fold = Fold(label="Note", blocks=tuple(folded) * scale, rest="More below")
    form = Rich(
        title=inner.title, blocks=inner.blocks, folds=(fold, fold), figures=SCREENS * 2, below=inner.blocks
    )
    for shown in render(replace(inner, rich=form), Language.EN):
        judge(shown)


@SOFT
@given(
    text=st.text(st.sampled_from("ab中。. <>&\"'$\\{}^_\n\t\u2028\ue000\ue001\ue002\u0301"), max_size=60),
    formula=st.text(st.sampled_from("xy1^_{}\\ +<>&'$"), max_size=20),
)
def test_any_formula_gives_a_message_that_telegram_takes(text, formula):
    entry = full(summary=f"{text} ${formula}$ {text}", paper=builders.paper(title=f"${formula}$ {text}"))
    judge(message(entry))


@pytest.mark.parametrize(
    "unit", ["word ", "中文。", "$x^2$ ", "@a ", "https://x.org/a ", "<", "**bold** and "]
)
def test_time_does_not_grow_with_what_is_not_shown(unit):
    def took(units):
        note = Note(text=unit * (units // len(unit)), format=Format.MARKDOWN)
        wanted = card(full(note=note, summary=(unit * 100)))
        began = time.thread_time()
        render(wanted, Language.EN)
        return time.thread_time() - began

    took(1000)
    assert min(took(150_000) for _ in range(2)) < 4 * min(took(50_000) for _ in range(2)) + 0.05


@needs_shared
def test_every_real_post_is_taken(shared):
    seen = rich_ones = 0
    for path in sorted((shared / "corpus" / "posts").rglob("*.md")):
        address = str(path.relative_to(shared / "corpus" / "posts"))
        post = read(RawPost(address=address, data=path.read_bytes()))
        assert not isinstance(post, NotDigest)
        for each in cards(post, style=Style.RICH, language=Language.ZH)[1:]:
            (shown,) = render(each, Language.ZH)
            judge(shown)
            assert addresses(shown.fallback) <= addresses([shown])
            seen += 1
            rich_ones += shown.request["method"] == "sendRichMessage"
            for formula in re.findall(
                "<tg-math>(.*?)</tg-math>", shown.request["params"]["rich_message"]["html"]
            ):
                assert formula.strip()
    assert seen > 500
    assert rich_ones == seen


def test_block_kinds_have_their_own_look():
    kinds = [Block(kind=kind, items=((Span("x"),), (Span("y"),)), label="L", start=3) for kind in Kind]
    html = rich.draw(Rich(title=(Span("T"),), blocks=tuple(kinds)), "", Language.EN)
    assert html == (
        "<h3>T</h3><h5>L</h5><p>x<br>y</p><h5>L</h5><p>x</p><p>y</p>"
        '<h5>L</h5><ol start="3"><li>x</li><li>y</li></ol><h5>L</h5><blockquote><p>x</p><p>y</p></blockquote>'
        "<h5>L</h5><p>x · y</p><h5>L</h5><footer>x<br>y</footer>"
    )
    check({"html": html})
