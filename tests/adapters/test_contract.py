"""What every adapter promises, checked for each line of the table."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.adapters import PLATFORMS, renderer
from bot.adapters.base import Message
from bot.errors import UsageError
from bot.formatter import cards
from bot.formatter.card import Block, Card, Kind, Span
from bot.model import Language, Style
from tests import builders, strategies

PDF = "https://arxiv.org/pdf/2410.18605"
every = pytest.mark.parametrize("platform", PLATFORMS)
slowly = settings(deadline=None, max_examples=15, suppress_health_check=list(HealthCheck))


def render(platform: str, card: Card) -> list[Message]:
    return list(renderer(platform)(card, Language.EN))


def said(messages: list[Message]) -> str:
    return "\n".join(json.dumps(message.request, ensure_ascii=False) for message in messages)


def paper(*blocks: Block) -> Card:
    return Card(title=(Span("On a thing", link=PDF),), blocks=blocks, papers=("2410.18605",))


def test_table_names_the_platforms():
    assert PLATFORMS == ("telegram", "discord", "console")


def test_unknown_platform_is_a_usage_error_that_names_the_known():
    with pytest.raises(UsageError, match="no such platform: fax; there are telegram, discord, console"):
        renderer("fax")


@every
def test_messages_name_their_platform_and_papers(platform):
    messages = render(platform, paper(Block(kind=Kind.PROSE, items=((Span("x"),),))))
    assert [(message.platform, message.papers) for message in messages] == [(platform, ("2410.18605",))]


@every
def test_line_of_a_preview_is_json_with_request_and_papers(platform):
    (message,) = render(platform, paper(Block(kind=Kind.PROSE, items=((Span("x"),),))))
    line = json.loads(json.dumps(message.line()))
    assert line["platform"] == platform
    assert line["papers"] == ["2410.18605"]
    assert line.keys() - {"platform", "papers"} == message.request.keys()


@every
def test_title_links_and_text_are_there(platform):
    links = Block(kind=Kind.LINKS, items=((Span("PDF", link=PDF),),))
    points = Block(kind=Kind.LIST, items=((Span("第一点"),), (Span("第二点"),)))
    text = said(render(platform, paper(links, points)))
    for words in ("On a thing", PDF, "第一点", "第二点"):
        assert words in text


@every
def test_long_card_loses_no_word(platform):
    words = [f"word{number}" for number in range(3000)]
    text = said(render(platform, paper(Block(kind=Kind.PROSE, items=((Span(" ".join(words)),),)))))
    assert [word for word in words if word not in text] == []


@every
@pytest.mark.parametrize("style", list(Style))
@pytest.mark.parametrize("language", list(Language))
def test_every_paper_of_a_digest_is_named_once(platform, style, language):
    post = builders.post("2003.08934", "2410.18605", "cs/0112017")
    shown = cards(post, style=style, language=language)
    messages = [message for card in shown for message in renderer(platform)(card, language)]
    assert sorted(arxiv_id for message in messages for arxiv_id in message.papers) == [
        "2003.08934",
        "2410.18605",
        "cs/0112017",
    ]


@every
@slowly
@given(card=strategies.cards())
def test_any_card_becomes_messages_that_name_its_papers(platform, card):
    messages = render(platform, card)
    assert {arxiv_id for message in messages for arxiv_id in message.papers} == set(card.papers)
    for message in messages:
        json.dumps(message.line(), ensure_ascii=False).encode("utf-8")


@every
@slowly
@given(card=strategies.cards(), language=st.sampled_from(Language))
def test_rendering_again_gives_the_same(platform, card, language):
    assert renderer(platform)(card, language) == renderer(platform)(card, language)
