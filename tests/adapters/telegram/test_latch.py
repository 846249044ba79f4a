"""What becomes of rich messages that a server refuses, does not know, or leaves without an answer."""

import logging

import pytest

from bot.adapters.telegram.adapter import Telegram
from bot.adapters.telegram.latch import REMEMBERED
from bot.adapters.telegram.render import classic
from bot.adapters.telegram.transport import Options, request_for
from bot.errors import Gone, RateLimited, Rejected, Transient, Unknown
from bot.formatter import cards
from bot.formatter.card import Card
from bot.model import Language, Style
from tests import builders
from tests.fakes.telegram import Server

RICH = "sendRichMessage"
QUICK = Options(connect=1, read=0.3, write=1, pool=1)
BROKEN = "Bad Request: can't parse rich message: unsupported start tag"
DEAD = "Bad Request: RICH_MESSAGE_PHOTO_NO_MEDIA_FOUND"


@pytest.fixture
async def server():
    async with Server() as server:
        yield server
        assert server.complaints == []


@pytest.fixture
async def telegram(server):
    adapter = Telegram(server.token, api_url=server.url, request=request_for("aiohttp", QUICK))
    yield adapter
    await adapter.close()


def card(arxiv_id: str = "2003.08934", **given) -> Card:
    values = {"figures": ("https://example.org/a.png",)} | given
    post = builders.post(builders.entry(arxiv_id, **values))
    return cards(post, style=Style.RICH, language=Language.EN)[1]


def drawn(adapter, of=None):
    (message,) = adapter.render(of or card(), Language.EN)
    return message


def methods(server) -> list[str]:
    return [request.method for request in server.requests]


async def test_rich_message_arrives_with_the_buttons_of_a_card(server, telegram):
    anna = server.user("Anna")
    await telegram.send(str(anna.id), drawn(telegram), silent=True)
    (shown,) = server.shown(anna)
    assert shown.rich
    assert "PDF" in shown.labels
    assert server.requests[-1].params["disable_notification"] is True
    assert methods(server) == [RICH]


async def test_topic_gets_its_rich_message(server, telegram):
    group = server.group(forum=True)
    topic = server.topic(group, "Papers")
    await telegram.send(f"{group.id}/{topic.id}", drawn(telegram))
    assert server.shown(group, topic)[-1].rich


async def test_server_without_rich_messages_is_asked_once_and_told_of_once(caplog):
    caplog.set_level(logging.WARNING)
    async with Server(rich=False) as server:
        adapter = Telegram(server.token, api_url=server.url)
        anna, first = server.user("Anna"), drawn(adapter)
        other = drawn(adapter, card("2410.18605"))
        for message in (first, other, first):
            with pytest.raises(Rejected):
                await adapter.send(str(anna.id), message)
        assert methods(server) == [RICH]
        assert not adapter.latch.open
        assert len([line for line in caplog.messages if "rich.unknown" in line]) == 1
        assert adapter.render(card("2201.05989"), Language.EN) == classic(card("2201.05989"), Language.EN)
        assert server.shown(anna) == []
        await adapter.close()


async def test_refused_message_goes_classic_and_is_not_offered_again(server, telegram):
    anna = server.user("Anna")
    server.fail(RICH, status=400, description=BROKEN)
    with pytest.raises(Rejected, match="parse rich message"):
        await telegram.send(str(anna.id), drawn(telegram))
    assert telegram.render(card(), Language.EN) == classic(card(), Language.EN)
    other = drawn(telegram, card("2410.18605"))
    await telegram.send(str(anna.id), other)
    assert methods(server) == [RICH, RICH]
    assert len(server.shown(anna)) == 1


async def test_dead_picture_costs_the_pictures_alone_and_is_remembered(server, telegram):
    anna = server.user("Anna")
    slides = lambda request: "<img" in request.params["rich_message"]["html"]  # noqa: E731
    server.fail(RICH, status=400, description=DEAD, times=None, when=slides)
    message = drawn(telegram)
    for _ in range(2):
        await telegram.send(str(anna.id), message)
    assert methods(server) == [RICH, RICH, RICH]
    assert all("<img" not in shown.rich["html"] for shown in server.shown(anna))
    assert telegram.render(card(), Language.EN) == (message,), "it is still offered rich"


async def test_message_without_pictures_that_is_refused_for_one_goes_classic(server, telegram):
    server.fail(RICH, status=400, description=DEAD, times=None)
    anna = server.user("Anna")
    for each in (card(), card("2410.18605", figures=())):
        with pytest.raises(Rejected):
            await telegram.send(str(anna.id), drawn(telegram, each))
    assert methods(server) == [RICH] * 3
    assert telegram.render(card(), Language.EN) == classic(card(), Language.EN)


async def test_group_that_takes_no_pictures_costs_no_other_chat_its_own(server, telegram):
    anna, group = server.user("Anna"), server.group()
    said = "Bad Request: not enough rights to send photos to the chat"
    here = lambda r: r.params["chat_id"] == group.id and "<img" in r.params["rich_message"]["html"]  # noqa: E731
    server.fail(RICH, status=400, description=said, times=None, when=here)
    message = drawn(telegram)
    await telegram.send(str(group.id), message)
    await telegram.send(str(anna.id), message)
    assert "<img" not in server.shown(group)[-1].rich["html"]
    assert "<img" in server.shown(anna)[-1].rich["html"]


@pytest.mark.parametrize("trouble", ["slow", "cut", "garbled"])
async def test_message_without_an_answer_is_unknown_and_stays_rich(server, telegram, trouble):
    anna = server.user("Anna")
    if trouble == "slow":
        server.delay(RICH, 1.0)
    elif trouble == "cut":
        server.cut(RICH, before=False)
    else:
        server.garble(RICH)
    message = drawn(telegram)
    with pytest.raises(Unknown):
        await telegram.send(str(anna.id), message)
    assert telegram.latch.open
    assert telegram.render(card(), Language.EN) == (message,)
    assert set(methods(server)) == {RICH}


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"status": 502}, Transient),
        ({"status": 429, "retry_after": 3}, RateLimited),
        ({"status": 403, "description": "Forbidden: bot was blocked by the user"}, Gone),
    ],
)
async def test_other_troubles_say_nothing_of_rich_messages(server, telegram, fault, error):
    server.fail(RICH, **fault)
    message = drawn(telegram)
    with pytest.raises(error):
        await telegram.send(str(server.user("Anna").id), message)
    assert telegram.latch.open
    assert telegram.render(card(), Language.EN) == (message,)


async def test_memory_of_refused_messages_is_bounded(server, telegram):
    server.fail(RICH, status=400, description=BROKEN, times=None)
    anna = server.user("Anna")
    for number in range(3):
        with pytest.raises(Rejected):
            await telegram.send(str(anna.id), drawn(telegram, card(f"2410.{number:05}")))
    latch = telegram.latch
    for number in range(REMEMBERED):
        latch._instead[number] = None
    with pytest.raises(Rejected):
        await telegram.send(str(anna.id), drawn(telegram, card("2411.00001")))
    assert len(latch._instead) == REMEMBERED
