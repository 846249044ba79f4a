"""What the adapter does with a message and with Telegram's answers, against the fake Bot API server."""

import asyncio
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import secrecy
from bot.adapters.base import Limits, Message
from bot.adapters.telegram.adapter import LOST, SPEAKING, Telegram
from bot.adapters.telegram.errors import FigureRefused, Misconfigured, NoMethod, TopicLost
from bot.adapters.telegram.render import render
from bot.adapters.telegram.transport import Options, request_for
from bot.errors import Gone, Moved, RateLimited, Rejected, Transient, Unknown, Unreachable
from bot.formatter.card import Block, Button, Card, Kind, Span
from bot.model import Language
from tests.adapters.telegram import peer
from tests.fakes.telegram import Server
from tests.oracles import _specification, needs_shared

QUICK = Options(connect=1, read=1, write=1, pool=1)


@pytest.fixture(autouse=True)
def forgetful(monkeypatch):
    """Tokens that one test makes up are nothing to the next."""
    monkeypatch.setattr(secrecy, "_hidden", set())
    monkeypatch.setattr(secrecy, "_pattern", secrecy._pattern)


@pytest.fixture
async def server():
    async with Server() as server:
        yield server


@pytest.fixture(params=["aiohttp", "httpx"])
async def telegram(request, server):
    adapter = Telegram(server.token, api_url=server.url, request=request_for(request.param, QUICK))
    yield adapter
    await adapter.close()


@pytest.fixture
def lost(telegram):
    """The topics of which somebody was told."""
    told = []
    telegram._on_topic_lost = lambda address, reason: told.append((address, reason))
    return told


def message(method="sendMessage", **params) -> Message:
    params = {"chat_id": "{chat}"} | params
    return Message(platform="telegram", request={"method": method, "params": params}, papers=("2410.18605",))


HELLO = message(text="<b>Hello</b>", parse_mode="HTML")


async def test_message_arrives_as_it_was_rendered(server, telegram):
    anna = server.user("Anna")
    card = Card(
        title=(Span("On a thing", link="https://arxiv.org/abs/2410.18605"),),
        blocks=(Block(kind=Kind.PROSE, items=((Span("We & they"),),)),),
        buttons=(Button(label="PDF", url="https://arxiv.org/pdf/2410.18605"),),
        figure="https://example.org/a.png",
        papers=("2410.18605",),
    )
    (rendered,) = telegram.render(card, Language.EN)
    assert rendered == render(card, Language.EN)[0]
    assert await telegram.send(str(anna.id), rendered) == ""
    (shown,) = server.shown(anna)
    assert shown.text == "On a thing\n\nWe & they"
    assert server.complaints == []


async def test_chat_stands_where_the_message_left_room_for_it(server, telegram):
    group = server.group()
    await telegram.send(str(group.id), HELLO)
    assert server.requests[-1].params["chat_id"] == group.id
    assert HELLO.request["params"]["chat_id"] == "{chat}", "the message is as it was"


async def test_channel_is_known_by_its_name(server, telegram):
    channel = server.channel(username="daily")
    await telegram.send("@daily", HELLO)
    assert [shown.text for shown in server.shown(channel)] == ["Hello"]


async def test_silent_message_makes_no_sound(server, telegram):
    anna = server.user("Anna")
    await telegram.send(str(anna.id), HELLO, silent=True)
    await telegram.send(str(anna.id), HELLO)
    assert [request.params.get("disable_notification") for request in server.requests] == [True, None]


async def test_edit_takes_neither_topic_nor_sound(server, telegram):
    group = server.group(forum=True)
    topic = server.topic(group, "Papers")
    await telegram.send(f"{group.id}/{topic.id}", HELLO)
    number = server.requests[-1].result["message_id"]
    edit = message("editMessageText", message_id=number, text="Changed")
    await telegram.send(f"{group.id}/{topic.id}", edit, silent=True)
    assert server.requests[-1].params == {"chat_id": group.id, "message_id": number, "text": "Changed"}
    assert server.shown(group)[-1].text == "Changed"


async def test_edit_that_changes_nothing_has_arrived(server, telegram):
    anna = server.user("Anna")
    await telegram.send(str(anna.id), HELLO)
    number = server.requests[-1].result["message_id"]
    same = message("editMessageText", message_id=number, text="<b>Hello</b>", parse_mode="HTML")
    await telegram.send(str(anna.id), same)
    assert server.requests[-1].status == 400


@pytest.mark.parametrize(
    ("method", "params", "seen"),
    [
        ("sendPhoto", {"photo": "https://example.org/a.png", "caption": "A"}, "A"),
        ("sendDocument", {"document": ("papers.bib", b"@article{a}"), "caption": "B"}, "B"),
        ("sendRichMessage", {"rich_message": {"html": "<h1>Digest</h1><p>One</p>"}}, None),
    ],
)
async def test_other_methods_go_the_same_way(server, telegram, method, params, seen):
    anna = server.user("Anna")
    await telegram.send(str(anna.id), message(method, **params))
    assert server.requests[-1].method == method
    assert server.requests[-1].ok, server.requests[-1].description
    if seen:
        assert server.shown(anna)[-1].text == seen
    if method == "sendDocument":
        assert [upload.name for upload in server.requests[-1].uploads.values()] == ["papers.bib"]


async def test_album_goes_as_it_is(server, telegram):
    anna = server.user("Anna")
    media = [{"type": "photo", "media": f"https://example.org/{number}.png"} for number in range(3)]
    await telegram.send(str(anna.id), message("sendMediaGroup", media=media))
    assert server.requests[-1].ok, server.requests[-1].description
    assert len(server.shown(anna)) == 3


# Topics


async def test_topic_gets_its_messages(server, telegram):
    group = server.group(forum=True)
    topic = server.topic(group, "Papers")
    await telegram.send(f"{group.id}/{topic.id}", HELLO)
    assert server.shown(group, topic)[-1].text == "Hello"


async def test_main_topic_is_the_group_itself(server, telegram):
    group = server.group(forum=True)
    await telegram.send(f"{group.id}/1", HELLO)
    assert "message_thread_id" not in server.requests[-1].params
    assert [request.status for request in server.requests] == [200]


@pytest.mark.parametrize("state", ["closed", "deleted"])
async def test_message_of_a_lost_topic_goes_to_the_group(server, telegram, lost, state):
    group = server.group(forum=True, bot="member")
    topic = server.topic(group, "Papers")
    topic.state = state
    address = f"{group.id}/{topic.id}"
    for _ in range(3):
        await telegram.send(address, HELLO)
    shown = server.shown(group)
    assert [one.text for one in shown if one.text == "Hello"] == ["Hello"] * 3
    assert [told[0] for told in lost] == [address], "told once"
    assert lost[0][1]
    asked = [request.params.get("message_thread_id") for request in server.asked("sendMessage")]
    assert asked == [topic.id, None, None, None], "a topic that is lost is not asked for again and again"


async def test_lost_topic_is_tried_again_later(server, telegram, lost):
    group = server.group(forum=True, bot="member")
    topic = server.topic(group, "Papers")
    topic.state = "closed"
    address = f"{group.id}/{topic.id}"
    await telegram.send(address, HELLO)
    telegram._lost[address] -= LOST
    topic.state = "open"
    await telegram.send(address, HELLO)
    assert server.requests[-1].params["message_thread_id"] == topic.id
    assert len(lost) == 1


async def test_topic_that_stays_lost_is_told_once_and_one_that_is_lost_again_once_more(
    server, telegram, lost
):
    group = server.group(forum=True, bot="member")
    topic = server.topic(group, "Papers")
    address = f"{group.id}/{topic.id}"
    for state, tellings in (("closed", 1), ("closed", 1), ("open", 1), ("closed", 2)):
        topic.state = state
        await telegram.send(address, HELLO)
        assert len(lost) == tellings, state
        if address in telegram._lost:
            telegram._lost[address] -= LOST  # an hour later


async def test_nobody_is_told_before_the_message_has_arrived(server, telegram, lost):
    server.fail("sendMessage", status=400, description="Bad Request: TOPIC_CLOSED")
    server.fail("sendMessage", status=500)
    group = server.group(forum=True)
    with pytest.raises(Transient):
        await telegram.send(f"{group.id}/{server.topic(group, 'Papers').id}", HELLO)
    assert lost == []


async def test_message_has_arrived_even_if_nobody_can_be_told(server, telegram):
    def fail(_address, _reason):
        raise ValueError("nobody is there")

    telegram._on_topic_lost = fail
    server.fail("sendMessage", status=400, description="Bad Request: message thread not found")
    group = server.group(forum=True)
    await telegram.send(f"{group.id}/{server.topic(group, 'Papers').id}", HELLO)


async def test_group_whose_main_topic_is_closed_cannot_be_reached(server, telegram, lost):
    server.fail("sendMessage", status=400, description="Bad Request: TOPIC_CLOSED", times=None)
    group = server.group(forum=True)
    for address in (str(group.id), f"{group.id}/{server.topic(group, 'Papers').id}"):
        with pytest.raises(TopicLost):
            await telegram.send(address, HELLO)
    assert issubclass(TopicLost, Gone)
    assert lost == []


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(chat=st.integers(-(10**13), 10**13), topic=st.integers(1, 10**9))
def test_all_topics_of_a_group_are_one_place(chat, topic):
    telegram = Telegram("123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw1")
    assert telegram.place(f"{chat}/{topic}") == telegram.place(str(chat)) == str(chat)


# Refusals


async def test_chat_that_blocked_the_bot_is_gone(server, telegram):
    anna = server.user("Anna")
    await server.block(anna)
    with pytest.raises(Gone, match=r"^bot was blocked by the user$"):
        await telegram.send(str(anna.id), HELLO)


async def test_chat_that_is_not_there_is_gone(server, telegram):
    with pytest.raises(Gone, match=r"(?i)chat not found"):
        await telegram.send("424242", HELLO)


async def test_group_that_threw_the_bot_out_is_gone(server, telegram):
    group = server.group()
    await server.kick_bot(group)
    with pytest.raises(Gone, match="kicked"):
        await telegram.send(str(group.id), HELLO)


async def test_group_that_became_a_supergroup_is_named(server, telegram):
    server.fail("sendMessage", status=400, description="Bad Request: group chat was upgraded",
                migrate_to_chat_id=-1001234567890)  # fmt: skip
    with pytest.raises(Moved) as raised:
        await telegram.send(str(server.group().id), HELLO)
    assert raised.value.address == "-1001234567890"


async def test_broken_markup_is_rejected_and_the_plain_form_arrives(server, telegram):
    anna = server.user("Anna")
    broken = message(text="<b>Hello <i>you</b> & <a href='https://x.org/a'>this</a>", parse_mode="HTML")
    with pytest.raises(Rejected, match="parse entities"):
        await telegram.send(str(anna.id), broken)
    await telegram.send(str(anna.id), telegram.plain(broken))
    assert server.shown(anna)[-1].text == "Hello you & this (https://x.org/a)"


async def test_refused_preview_is_left_out(server, telegram):
    anna = server.user("Anna")
    said = "Bad Request: wrong type of the web page content"
    server.fail(
        "sendMessage", status=400, description=said, when=lambda r: "url" in r.params["link_preview_options"]
    )
    preview = {"url": "https://example.org/a.png", "prefer_large_media": True, "show_above_text": True}
    await telegram.send(str(anna.id), message(text="Hello", link_preview_options=preview))
    assert [shown.text for shown in server.shown(anna)] == ["Hello"]
    assert server.requests[-1].params["link_preview_options"] == {"is_disabled": True}


async def test_refused_picture_leaves_its_text(server, telegram):
    anna = server.user("Anna")
    server.fail("sendPhoto", status=400, description="Bad Request: failed to get HTTP URL content")
    await telegram.send(
        str(anna.id), message("sendPhoto", photo="https://example.org/a.png", caption="A"), silent=True
    )
    assert [request.method for request in server.requests] == ["sendPhoto", "sendMessage"]
    assert [shown.text for shown in server.shown(anna)] == ["A"]
    assert server.requests[-1].params["disable_notification"] is True


async def test_message_without_a_figure_is_refused_as_it_is(server, telegram):
    server.fail("sendMessage", status=400, description="Bad Request: WEBPAGE_MEDIA_EMPTY", times=None)
    with pytest.raises(FigureRefused):
        await telegram.send(str(server.user("Anna").id), HELLO)
    assert len(server.requests) == 1


async def test_refused_preview_in_a_lost_topic_arrives_all_the_same(server, telegram, lost):
    group = server.group(forum=True)
    topic = server.topic(group, "Papers")
    address = f"{group.id}/{topic.id}"
    server.fail("sendMessage", status=400, description="Bad Request: TOPIC_DELETED",
                when=lambda r: "message_thread_id" in r.params, times=None)  # fmt: skip
    server.fail("sendMessage", status=400, description="Bad Request: WEBPAGE_CURL_FAILED",
                when=lambda r: "url" in r.params["link_preview_options"], times=None)  # fmt: skip
    await telegram.send(address, message(text="Hello", link_preview_options={"url": "https://example.org/a"}))
    assert server.shown(group)[-1].text == "Hello"
    assert [told[0] for told in lost] == [address]


async def test_wait_is_for_one_chat_unless_all_are_told(server, telegram):
    people = [server.user(name) for name in ("Anna", "Ben", "Cleo")]
    server.fail("sendMessage", status=429, retry_after=7, times=None)
    told = []
    for person in people:
        with pytest.raises(RateLimited) as raised:
            await telegram.send(str(person.id), HELLO)
        told.append((raised.value.seconds, raised.value.everywhere))
    assert told == [(7, False), (7, False), (7, True)]


async def test_waits_with_messages_taken_between_them_are_for_their_chats(server, telegram):
    people = [server.user(f"Reader {number}") for number in range(10)]
    server.fail("sendMessage", status=429, retry_after=7, times=None, when=lambda r: r.params["chat_id"] % 2)
    for person in people:
        if person.id % 2:
            with pytest.raises(RateLimited) as raised:
                await telegram.send(str(person.id), HELLO)
            assert not raised.value.everywhere
        else:
            await telegram.send(str(person.id), HELLO)


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_trouble_of_the_server_passes(server, telegram, status):
    server.fail("sendMessage", status=status)
    with pytest.raises(Transient):
        await telegram.send(str(server.user("Anna").id), HELLO)


async def test_nobody_knows_of_a_message_whose_answer_was_lost(server, telegram):
    anna = server.user("Anna")
    server.cut("sendMessage", before=False)
    with pytest.raises(Unknown):
        await telegram.send(str(anna.id), HELLO)
    server.garble("sendMessage")
    with pytest.raises(Unknown):
        await telegram.send(str(anna.id), HELLO)
    assert [shown.text for shown in server.shown(anna)] == ["Hello"] * 2


@pytest.mark.parametrize("body", [b"[]", b"{}", b'"x"', b"null", b'{"ok":true}', b"\xff\xfe", b"<html>"])
@pytest.mark.parametrize("status", ["200 OK", "400 Bad Request", "500 Oops"])
async def test_answer_of_no_sense_is_a_delivery_error(body, status):
    async def serve(_peer, _got, writer):
        peer.answer(writer, body, status)
        return True

    async with peer.listen(serve) as nonsense:
        adapter = Telegram("123456789:x", api_url=nonsense.url)
        with pytest.raises((Unknown, Transient, Rejected, Unreachable)) as raised:
            await adapter.send("1", HELLO)
        await adapter.close()
    if status == "200 OK":
        assert type(raised.value) is Unknown


async def test_no_way_to_telegram_is_unreachable():
    adapter = Telegram("123456789:x", api_url="http://127.0.0.1:9")
    with pytest.raises(Unreachable, match="Cannot connect"):
        await adapter.send("1", HELLO)
    await adapter.close()


@pytest.mark.parametrize("token", ["123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw1", "not-a-token"])
async def test_wrong_token_is_told_with_its_mend(server, token):
    adapter = Telegram(token, api_url=server.url)
    for method in ("sendMessage", "sendRichMessage"):
        with pytest.raises((Misconfigured, NoMethod)) as raised:
            await adapter.send("1", message(method, text="x"))
        assert token not in str(raised.value)
    with pytest.raises(Misconfigured, match=r"telegram\.token: .*TELEGRAM_BOT_TOKEN"):
        await adapter.send("1", HELLO)
    await adapter.close()
    assert secrecy.mask(f"x {token} y") == "x *** y"


async def test_method_that_the_server_does_not_know_is_told_apart():
    async with Server(rich=False) as server:
        adapter = Telegram(server.token, api_url=server.url)
        rich = message("sendRichMessage", rich_message={"html": "<p>One</p>"})
        with pytest.raises(NoMethod):
            await adapter.send(str(server.user("Anna").id), rich)
        await adapter.close()


async def test_limits_are_telegram_s_unless_said_otherwise():
    assert Telegram("1:x").limits == Limits(overall=(30, 1), chat=(1, 1), group=(20, 60))
    assert Telegram("1:x", limits=Limits()).limits == Limits()


async def test_many_messages_go_side_by_side(server, telegram):
    people = [server.user(f"Reader {number}") for number in range(30)]
    await asyncio.gather(*(telegram.send(str(person.id), HELLO) for person in people))
    assert all(len(server.shown(person)) == 1 for person in people)


def test_adapter_does_not_show_its_token():
    adapter = Telegram("123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw1")
    assert "AAHdq" not in repr(adapter)


@needs_shared
def test_methods_that_take_a_topic_and_can_be_silent_are_those_that_speak():
    methods = _specification()["methods"]
    fields = {name: {field["name"] for field in told.get("fields", ())} for name, told in methods.items()}
    used = {"sendMessage", "sendPhoto", "sendMediaGroup", "sendDocument", "sendRichMessage", "copyMessage"}
    for name in used:
        assert name.startswith(SPEAKING)
        assert {"message_thread_id", "disable_notification"} <= fields[name], name
    for name in ("editMessageText", "editMessageMedia", "deleteMessage"):
        assert not name.startswith(SPEAKING)
        assert not {"message_thread_id", "disable_notification"} & fields[name], json.dumps(
            sorted(fields[name])
        )
