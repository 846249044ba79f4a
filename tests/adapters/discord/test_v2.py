"""Papers as messages of components: accepted, shown as written, with their embeds behind them."""

import re
import time
from dataclasses import replace

import discord
import pytest
import simcord
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.adapters.discord import v2
from bot.adapters.discord.render import embeds, render
from bot.adapters.discord.v2 import rich
from bot.formatter import cards
from bot.formatter.build import rich_card
from bot.formatter.card import Action, Block, Button, Card, Fold, Kind, Rich, Span
from bot.formatter.text import plain
from bot.model import Credit, Doubt, Format, Language, Note, Style
from tests import builders, strategies
from tests.discord_oracle import read, refusals, same, schema, squash

SOFT = settings(deadline=None, max_examples=20, suppress_health_check=list(HealthCheck))
PICTURES = tuple(f"https://picx.example.org/v2-{number:032x}.jpg" for number in range(14))
ROUTE = discord.http.Route


def full(**given):
    paper = builders.paper(title=r"The $\pi_0$ field", venue="ECCV 2020", abstract="A scene is a function.")
    values = {
        "paper": paper,
        "summary": "一句话。",
        "takeaways": (r"坐标是 $(x,y,z)$。", "第二点 <b> & “引号”。"),
        "translation": "第一段。\n\n第二段。",
        "note": Note(text="## 方法\n\n**第一步**：见 $\\alpha$。\n\n- 一\n- 二", format=Format.MARKDOWN),
        "figures": PICTURES[:3],
    }
    return builders.entry(**(values | given))


def card(entry, language=Language.EN):
    return cards(builders.post(entry), style=Style.RICH, language=language)[1]


def parts(message):
    (container,) = message.request["json"]["components"]
    assert container["type"] == 17
    return container["components"]


def shown(message):
    """The texts, one below the other, without the mark of the heading."""
    texts = [part["content"] for part in parts(message) if part["type"] == 10]
    return "\n\n".join(texts).removeprefix("## ")


def of(entry, language=Language.EN):
    (message,) = render(card(entry, language), language)
    assert message.request["json"]["flags"] == 1 << 15
    assert refusals(message.request["json"]) == []
    return message


def custom(**given):
    made = Rich(title=(Span("Title"),), blocks=(Block(kind=Kind.PROSE, items=((Span("Text"),),)),))
    return Card(
        title=(Span("Title"),), blocks=made.blocks, papers=("2003.08934",), rich=replace(made, **given)
    )


# What is shown


def test_paper_is_one_message_in_the_order_of_reading():
    message = of(full())
    assert [part["type"] for part in parts(message)] == [10, 14, 10, 14, 10, 12, 14, 10, 1, 1]
    assert read(shown(message)).shown.split("\n") == [
        "The π₀ field", "", "Ada Lovelace, Alan Turing", "",
        "Summary", "一句话。", "", "Key Takeaways", "坐标是 (x,y,z)。", "第二点 <b> & “引号”。", "",
        "Abstract", "A scene is a function.", "", "Translated abstract", "第一段。", "第二段。", "",
        "Note", "方法", "第一步：见 α。", "• 一", "• 二", "",
        "PDF · arXiv · HTML · Cool Papers", "",
        "ECCV 2020 · NeRF · 2026-11-20 · arXiv:2003.08934",
    ]  # fmt: skip


def test_title_is_a_heading_and_a_link():
    first = parts(of(full()))[0]["content"].split("\n")[0]
    assert first == "## [The π₀ field](https://arxiv.org/abs/2003.08934)"


@pytest.mark.parametrize("title", ["A_b_ *c* and [d]", "https://x.org/a", "@everyone", "# 1. -", "`x`"])
def test_title_that_would_break_its_link_shows_as_written(title):
    paper = builders.paper(title=title)
    reading = read(shown(of(full(paper=paper))))
    assert squash(reading.shown.split("\n")[0]) == squash(title)
    assert reading.meant == []
    assert "https://arxiv.org/abs/2003.08934" in [link for _, link in reading.links]


def test_long_title_is_given_in_full_below():
    title = "Many words of a title " * 20
    text = parts(of(full(paper=builders.paper(title=title))))[0]["content"]
    heading, below, *_ = text.split("\n\n")
    assert "…]" in heading
    assert below == title.strip()


def test_title_that_shows_nothing_is_the_papers_id():
    message = rich(replace(custom(title=(Span("\u200b"),)), title=(Span("\u200b"),)), Language.EN)
    assert parts(message)[0]["content"].startswith("## 2003.08934")


def test_colour_and_buttons_are_those_of_the_embeds():
    message = of(full())
    (classic,) = message.fallback
    body = classic.request["json"]
    assert message.request["json"]["components"][0]["accent_color"] == body["embeds"][0]["color"]
    assert [part for part in parts(message) if part["type"] == 1] == body["components"]
    assert message.papers == classic.papers == ("2003.08934",)


def test_fall_back_is_what_is_shown_where_nothing_richer_is_wanted():
    entry = full()
    plain_card = cards(builders.post(entry), style=Style.CARDS, language=Language.EN)[1]
    assert of(entry).fallback == embeds(plain_card, Language.EN)
    assert rich(plain_card, Language.EN) is None


def test_revised_version_says_so():
    post = builders.post(full())
    shown_card = cards(post, style=Style.RICH, language=Language.EN, revised=("2003.08934",))[1]
    (message,) = render(shown_card, Language.EN)
    assert "Revised, version 1" in shown(message)


# Pictures


def test_at_most_ten_pictures_are_shown():
    (gallery,) = [part for part in parts(of(full(figures=PICTURES))) if part["type"] == 12]
    assert [item["media"]["url"] for item in gallery["items"]] == list(PICTURES[:10])


def test_paper_without_pictures_has_no_gallery():
    assert 12 not in [part["type"] for part in parts(of(full(figures=())))]


def test_pictures_with_bad_addresses_are_left_out():
    message = rich(custom(figures=("javascript:x", "https://localhost/a.png", PICTURES[0])), Language.EN)
    (gallery,) = [part for part in parts(message) if part["type"] == 12]
    assert [item["media"]["url"] for item in gallery["items"]] == [PICTURES[0]]


# What is too long


def test_what_others_fold_is_begun_and_says_where_the_rest_is():
    entry = full(paper=builders.paper(abstract="A sentence of the abstract. " * 100))
    text = shown(of(entry))
    assert "… The rest: the button “Abstract” below." in text
    assert 400 < text.count("A sentence") * len("A sentence of the abstract. ") <= v2.BEGUN
    assert "第一段。" in text


def test_texts_stay_within_the_limit_whatever_is_folded():
    folds = tuple(
        Fold(
            label=f"Fold {at}",
            rest="the rest",
            blocks=(Block(kind=Kind.PROSE, items=((Span("x " * 900),),)),),
        )
        for at in range(12)
    )
    message = rich(custom(folds=folds), Language.EN)
    assert refusals(message.request["json"]) == []
    assert 4 <= shown(message).count("Fold") <= 6


def test_takeaways_that_do_not_fit_go_as_embeds():
    entry = full(takeaways=("A takeaway of some words. " * 40,) * 5)
    shown_card = card(entry)
    assert rich(shown_card, Language.EN) is None
    messages = render(shown_card, Language.EN)
    assert all("flags" not in message.request["json"] for message in messages)


def test_rows_that_do_not_fit_are_left_out():
    keys = tuple(
        tuple(Button(label=f"Open {row}{at}", action=Action.PAPER, about=f"x{row}{at}") for at in range(5))
        for row in range(5)
    )
    message = rich(replace(custom(figures=PICTURES), keys=keys), Language.EN)
    assert refusals(message.request["json"]) == []
    assert len([part for part in parts(message) if part["type"] == 1]) == 5


def test_long_note_costs_no_time():
    note = Note(
        text="\n\n".join(f"{at}. Each step is told at length." for at in range(20_000)),
        format=Format.MARKDOWN,
    )
    shown_card = card(full(note=note))
    began = time.process_time()
    assert rich(shown_card, Language.EN) is not None
    assert time.process_time() - began < 2


# Whatever comes


def judge(message):
    body = message.request["json"]
    assert refusals(body) == []
    assert message.fallback
    reading = read(shown(message))
    assert reading.meant == []
    return reading


@SOFT
@given(strategies.entries(), st.sampled_from(Language))
def test_any_paper_is_accepted_and_its_own_part_shown_whole(entry, language):
    made = rich_card(entry, tags=("NeRF",), credit=None, language=language)
    message = rich(made, language)
    if message is None:
        return
    text = squash(judge(message).shown)
    for block in made.rich.blocks:
        for item in block.items:
            assert squash(plain(item)) in text


@SOFT
@given(strategies.cards(), st.lists(strategies.texts(6), max_size=4))
def test_any_card_is_accepted(card, labels):
    folds = tuple(Fold(label=label, blocks=card.blocks, rest=label) for label in labels)
    made = replace(card, rich=Rich(title=card.title, blocks=card.blocks[:2], folds=folds, figures=PICTURES))
    if message := rich(made, Language.ZH):
        judge(message)


def test_requests_are_as_discord_describes_them():
    validator = schema()
    for entry in (
        full(),
        full(figures=(), note=None, translation=None, doubts=(Doubt(takeaway=0, number="2"),)),
    ):
        for language in Language:
            assert list(validator.iter_errors(of(entry, language).request["json"])) == []


async def test_discord_library_reads_it_back():
    credit = Credit(author="Anna", url="https://blog.example.org/1")
    made = rich_card(full(), tags=("NeRF",), credit=credit, language=Language.EN)
    async with simcord.run(discord.Client(intents=discord.Intents(guilds=True))) as env:
        channel = env.create_guild().create_text_channel("papers")
        where = ROUTE("POST", "/channels/{channel_id}/messages", channel_id=channel.id)
        await env.bot.http.request(where, json=rich(made, Language.EN).request["json"])
        message = channel.last_message
    assert message.flags.components_v2
    texts = [
        re.sub(r"\s+", " ", item.content) for item in message.components[0].children if item.type.value == 10
    ]
    assert "By Anna" in texts[-1]


def test_link_is_where_it_leads():
    links = [link for _, link in judge(rich(card(full()), Language.EN)).links]
    assert any(same(link, "https://papers.cool/arxiv/2003.08934") for link in links)
