"""The plainer form: the same words, nothing to press, to open or to look at."""

import json
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.adapters.base import Message
from bot.adapters.discord import limits
from bot.adapters.discord.fit import fit
from bot.adapters.discord.plain import plain
from bot.adapters.discord.render import render
from bot.formatter import cards
from bot.model import Language, Style
from tests import strategies
from tests.builders import post
from tests.discord_oracle import read, refusals, squash

NOBODY = {"parse": []}


def message(**body) -> Message:
    request = {"route": "POST /channels/{channel}/messages", "json": {"allowed_mentions": NOBODY} | body}
    return Message(platform="discord", request=request, papers=("2410.18605",), fallback=())


def bare(**body) -> dict:
    found = plain(message(**body))
    assert found
    return found.request["json"]


def unlinked(markdown: str) -> str:
    return bare(embeds=[{"description": markdown, "url": "https://x.org"}])["embeds"][0]["description"]


def test_pictures_addresses_and_buttons_are_left_out():
    embed = {
        "title": "T",
        "url": "https://x.org/a",
        "description": "D",
        "image": {"url": "https://x.org/a.png"},
        "thumbnail": {"url": "https://x.org/b.png"},
        "author": {"name": "A", "url": "https://x.org", "icon_url": "https://x.org/i.png"},
        "footer": {"text": "F", "icon_url": "https://x.org/i.png"},
        "color": 5,
    }
    rows = [{"type": 1, "components": [{"type": 2, "style": 5, "label": "PDF", "url": "https://x.org"}]}]
    found = bare(embeds=[embed], components=rows)
    seen = {"title": "T", "description": "D", "author": {"name": "A"}, "footer": {"text": "F"}, "color": 5}
    assert found == {"embeds": [seen], "allowed_mentions": NOBODY}


def test_message_that_is_plain_has_no_plainer_form():
    assert plain(message(embeds=[{"title": "T", "description": "**D** \\*", "color": 5}])) is None
    assert plain(message(content="x")) is None


def test_papers_and_route_stay_and_nothing_is_fallen_back_on():
    rich = message(content="https://x.org", embeds=[])
    found = plain(rich)
    assert found.papers == rich.papers
    assert found.request["route"] == rich.request["route"]
    assert found.fallback == ()


@pytest.mark.parametrize(
    ("markdown", "seen"),
    [
        ("[PDF](https://x.org/a_b)", "PDF (x.org/a_b)"),
        ("a\\_b\\_ [x.org](https://x.org/b)", "a_b_ x.org/b"),
        ("<https://x.org/a_b_c>", "x.org/a_b_c"),
        ("see https://x.org/a and b", "see x.org/a and b"),
        ("\\[no link\\](https://x.org)", "[no link](x.org)"),
        ("[a [b] c](https://x.org/d)", "a [b] c (x.org/d)"),
        ("x\\*y https://x.org\\*z", "x*y x.org*z"),
    ],
)
def test_address_becomes_words_that_mean_nothing_else(markdown, seen):
    shown = read(unlinked(markdown))
    assert shown.links == []
    assert shown.meant == []
    assert shown.shown == seen


def test_addresses_are_left_out_where_there_is_no_room_for_them():
    line = "[PDF of the paper](https://x.org/" + "_" * 60 + ")\n"
    shown = unlinked(line * 40)
    assert shown.splitlines()[0] == "PDF of the paper"
    assert len(unlinked("[a](https://x.org/b) word " * 400)) <= 4096


def test_text_of_a_message_is_unlinked_too():
    assert bare(content="see https://x.org/a", embeds=[])["content"] == "see x.org/a"


def test_picture_alone_is_left_out():
    found = bare(embeds=[{"title": "T"}, {"image": {"url": "https://x.org/a.png"}}])
    assert found["embeds"] == [{"title": "T"}]


def test_components_become_an_embed_of_their_texts():
    parts = [
        {"type": 17, "components": [{"type": 10, "content": "## [T](https://x.org/a)"}, {"type": 14},
                                    {"type": 12, "items": [{"media": {"url": "https://x.org/a.png"}}]}]},
        {"type": 10, "content": "last"},
    ]  # fmt: skip
    found = bare(flags=limits.PARTS, components=parts)
    assert found["embeds"] == [{"description": "## T (x.org/a)\nlast"}]
    assert "flags" not in found
    assert "components" not in found


@pytest.mark.parametrize("markdown", ["[" * 6000, "[a" * 3000, "<https://" * 600, "\\" * 6000, "[[a]" * 1500])
def test_nothing_makes_it_slow(markdown):
    assert len(unlinked(markdown)) <= 4096


@pytest.mark.parametrize("style", list(Style))
@pytest.mark.parametrize("language", list(Language))
def test_digest_says_the_same_without_links(style, language):
    for card in cards(post("2003.08934", "2410.18605"), style=style, language=language):
        for one in render(card, language):
            body = plain(one).request["json"]
            assert refusals(fit(body)) == []
            assert not re.search("https?://", json.dumps(body))
            titles = [embed.get("title") for embed in one.request["json"].get("embeds", [])]
            assert [embed.get("title") for embed in body["embeds"]] == titles or not titles


@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=10)
@given(strategies.cards(), st.sampled_from(Language))
def test_plain_form_of_any_card_is_taken_and_shows_its_words(card, language):
    for one in render(card, language):
        if (found := plain(one)) is None:
            continue
        body = found.request["json"]
        assert refusals(body) == []
        assert [read(embed.get("description", "")).links for embed in body["embeds"] if embed] == [
            [] for _ in body["embeds"]
        ]
        for before, after in zip(one.request["json"]["embeds"], body["embeds"], strict=False):
            words = squash(read(before.get("title", "")).shown)
            assert squash(read(after.get("title", "")).shown) == words
