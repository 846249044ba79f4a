"""Lists as cards, whatever stands in them."""

import datetime as dt

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.adapters.discord.render import render as discord
from bot.adapters.telegram.render import render as telegram
from bot.formatter import lists
from bot.formatter.card import Action, Button, Kind, Span
from bot.formatter.lists import Frame
from bot.formatter.text import plain, utf16
from bot.model import Credit, Language, Mention
from tests import discord_oracle, oracles, strategies

EN = Language.EN
KEY = Button(label="Next", action=Action.SAVED, about="2")


def mention(number: int = 1, **given) -> Mention:
    arxiv_id = f"2611.{number:05}"
    values = {"title": f"On thing {number}", "link": f"https://arxiv.org/abs/{arxiv_id}"}
    return Mention(arxiv_id=arxiv_id, **(values | given))


def said(card) -> list[str]:
    return [plain(card.title), *(plain(item) for block in card.blocks for item in block.items)]


def test_papers_are_numbered_linked_and_told_in_a_line():
    card = lists.papers(
        [mention(1, summary="它很好。"), mention(2)], Frame(title="A list", facts="2 papers"), EN, start=9
    )
    assert said(card) == ["A list", "2 papers", "On thing 1\n它很好。", "On thing 2"]
    assert [block.start for block in card.blocks if block.kind is Kind.LIST] == [9, 10]
    assert card.blocks[1].items[0][0].link == "https://arxiv.org/abs/2611.00001"
    assert [[button.label for button in row] for row in card.keys] == [["9", "10"]]


def test_paper_without_a_summary_is_told_by_its_tags_and_day():
    named = mention(1, tags=("NeRF", "3DGS"), date=dt.date(2026, 11, 20))
    assert said(lists.papers([named], Frame(title="A list"), EN))[1] == "On thing 1\nNeRF, 3DGS · 2026-11-20"
    assert said(lists.papers([mention(title="")], Frame(title="A list"), EN))[1] == "arXiv:2611.00001"


def test_long_titles_and_summaries_are_shortened():
    (long,) = (block for block in lists.papers(
        [mention(1, title="word " * 300, summary="sentence " * 300)], Frame(title="A list " * 90), EN
    ).blocks)  # fmt: skip
    title, _, gist = plain(long.items[0]).partition("\n")
    assert utf16(title) <= lists.TITLE
    assert utf16(gist) <= lists.GIST
    assert title.endswith("…")


def test_latex_is_readable_and_residue_is_off():
    told = mention(1, title="A $10\\times$ gain", summary="快 $\\sim$3 倍。希望以上信息符合您的要求。")
    card = lists.papers([told], Frame(title="A list"), EN)
    assert said(card)[1] == "A 10× gain\n快 ∼3 倍。"


def test_frame_stands_around_the_items():
    frame = Frame(
        title="NeRF",
        facts="1 paper",
        notice=(Span("No digest that day."),),
        keys=((KEY,), ()),
        tags=("NeRF", " \u200b"),
        credits=(Credit(author="Ann", url="https://x.example.org/"), Credit(author="Ben", url=None)),
    )
    card = lists.papers([mention()], frame, EN)
    assert said(card) == [
        "NeRF",
        "1 paper",
        "No digest that day.",
        "On thing 1",
        "By Ann · Digest · CC BY 4.0 · reformatted",
        "By Ben · CC BY 4.0 · reformatted",
        "Summaries are machine-written and may be wrong: check the paper.",
    ]
    assert card.keys[1:] == ((KEY,),)
    assert card.tags == ("NeRF",)


def test_facts_alone_need_no_credit():
    card = lists.papers([mention(1, tags=("NeRF",))], Frame(title="A list"), EN)
    assert all(block.kind is not Kind.SMALL for block in card.blocks)


def test_digests_are_named_with_their_first_titles():
    heads = [("NeRF · 2026-11-20 · 2 papers", ["One $\\times$", "Two"]), ("3DGS · 2026-11-19 · 1 paper", [])]
    card = lists.digests(heads, Frame(title="Latest"), EN, ((KEY,),))
    assert said(card)[1:] == ["NeRF · 2026-11-20 · 2 papers\nOne ×; Two", "3DGS · 2026-11-19 · 1 paper"]
    assert card.keys == ((KEY,),)


mentions = st.builds(
    Mention,
    arxiv_id=st.just("2410.18605"),
    title=strategies.titles(),
    link=st.just("https://arxiv.org/abs/2410.18605"),
    summary=st.none() | strategies.texts(),
    tags=st.lists(strategies.texts(3), max_size=3).map(tuple),
    date=st.none() | st.just(dt.date(2026, 11, 20)),
)


@settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))
@given(
    shown=st.lists(mentions, min_size=1, max_size=8),
    title=strategies.texts(5),
    notice=strategies.texts(3),
    language=st.sampled_from(Language),
)
def test_page_of_eight_papers_is_one_message_on_telegram_and_sound_on_both(shown, title, notice, language):
    credits = (Credit(author="Ann", url="https://x.example.org/"),)
    frame = Frame(title=f"T{title}", facts="8 papers", notice=(Span("N"),) if notice else (), credits=credits)
    card = lists.papers(shown, frame, language, back="digest:1a2b3c4d:2026-11-20:1")
    (message,) = telegram(card, language)
    assert oracles.read(message.request["params"]["text"]).units <= 4096
    for body in discord(card, language):
        assert discord_oracle.refusals(body.request["json"]) == []
