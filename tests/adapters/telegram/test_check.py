"""What `paperboy check` finds out about Telegram, against a server that answers as Telegram does."""

import asyncio
import datetime as dt

import pytest

from bot import finding
from bot.adapters.telegram.check import Check, Given
from bot.adapters.telegram.transport import Options, request_for
from bot.commands.base import Place, Where
from tests.fakes.telegram import Server
from tests.platforms.conftest import unused_port

assert unused_port  # a fixture

HOOK = "https://papers.example.org/hidden-path"


@pytest.fixture
async def telegram():
    async with Server() as server:
        yield server
        assert server.complaints == []


async def look(server, *places, operators=(), token=None, api_url=None, webhook=""):
    """Every finding by what it is about, as its line; a topic has the place of its group."""
    given = Given(token=token or server.token, api_url=api_url or server.url, webhook=webhook)
    asked = [Place(address=address, where=Where.GROUP, title=f"chat {n}") for n, address in enumerate(places)]

    async def given_places():
        return asked

    request = request_for("aiohttp", Options(connect=0.3, read=1.0))
    return [found async for found in Check(given, request).run(operators, given_places)]


def said(found, what):
    """How one thing is, and what is said of it."""
    (one,) = [each for each in found if each.what == what]
    return one.verdict.value, one.said


async def test_working_bot_is_told_with_its_name_and_changes_nothing(telegram):
    found = await look(telegram)
    assert [each.verdict.value for each in found] == ["ok"] * 4
    assert said(found, "telegram token")[1].startswith("@fake_paperboy_bot")
    assert said(found, "telegram updates") == ("ok", "polled; 0 wait")
    assert {it.method for it in telegram.requests} == {"getMe", "getWebhookInfo"}


@pytest.mark.parametrize("token", [f"7000000001:{'wrong-' * 6}", "wrong-wrong"])
async def test_wrong_token_is_told_with_its_mend_and_not_shown(telegram, token):
    found = await look(telegram, "-100123", operators=["1"], token=token)
    (only,) = found
    assert (only.what, only.verdict) == ("telegram token", finding.Verdict.FAIL)
    assert "Telegram does not know it; ask @BotFather" in only.said
    assert "TELEGRAM_BOT_TOKEN" in only.said
    assert "wrong-wrong" not in only.line()


@pytest.mark.parametrize("token", ["  ", "1:a b", "1:é", "12345:a/../getMe"])
async def test_what_is_no_token_is_told_without_asking(telegram, token):
    (only,) = await look(telegram, token=token)
    assert only.verdict == "fail"
    assert "it is none" in only.said
    assert "@BotFather" in only.said
    assert telegram.requests == []


async def test_server_that_is_not_there_is_no_wrong_token(telegram, unused_port):
    (only,) = await look(telegram, api_url=f"http://127.0.0.1:{unused_port}")
    assert only.verdict == "fail"
    assert "no way to 127.0.0.1" in only.said
    assert "Nothing is known of the token" in only.said
    assert "BotFather" not in only.said
    assert telegram.token not in only.said


async def test_server_that_is_silent_is_no_wrong_token(telegram):
    telegram.delay("getMe", 3.0)
    (only,) = await look(telegram)
    assert "no way to 127.0.0.1" in only.said


async def test_page_of_something_else_is_no_wrong_token(telegram):
    telegram.fail("getMe", status=404, html=True)
    (only,) = await look(telegram)
    assert "is not the Bot API" in only.said
    assert "BotFather" not in only.said


async def test_what_never_answers_is_given_up(telegram, monkeypatch):
    monkeypatch.setattr(finding, "PATIENCE", 0.2)
    telegram.delay("getWebhookInfo", 5.0)
    found = await look(telegram)
    assert said(found, "telegram updates") == ("fail", "no answer within 0.2 s")
    assert said(found, "telegram groups")[0] == "ok"


async def test_webhook_beside_polling_is_told_without_its_path(telegram):
    telegram.updates.webhook = Hook(HOOK)
    verdict, told = said(await look(telegram), "telegram updates")
    assert verdict == "warn"
    assert "brings them to papers.example.org, and polling is configured" in told
    assert "hidden-path" not in told


async def test_webhook_that_is_configured_and_not_set_is_told(telegram):
    verdict, told = said(await look(telegram, webhook=HOOK), "telegram updates")
    assert verdict == "warn"
    assert "waits to be polled, not to papers.example.org" in told
    telegram.updates.webhook = Hook(HOOK)
    assert said(await look(telegram, webhook=HOOK), "telegram updates")[0] == "ok"
    telegram.updates.webhook = Hook(
        HOOK, last_error_date=int(dt.datetime.now(dt.UTC).timestamp()), last_error_message="Refused"
    )
    verdict, told = said(await look(telegram, webhook=HOOK), "telegram updates")
    assert (verdict, "Refused" in told) == ("warn", True)


async def test_updates_that_pile_up_are_told(telegram):
    telegram.updates.pending.extend({"update_id": number} for number in range(1001))
    verdict, told = said(await look(telegram), "telegram updates")
    assert verdict == "warn"
    assert "1,001 wait" in told


async def test_what_is_off_at_botfather_is_told(telegram):
    telegram.joins_groups = telegram.inline_mode = False
    found = await look(telegram)
    assert "/setjoingroups" in said(found, "telegram groups")[1]
    assert "/setinline" in said(found, "telegram inline mode")[1]
    assert {each.verdict.value for each in found} == {"ok", "warn"}


async def test_places_are_told_by_title_and_what_lacks(telegram):
    fine = telegram.group("Fine")
    muted = telegram.group("Muted", muted=True)
    led = telegram.group("Led", bot="administrator", muted=True)
    restricted, kicked = (telegram.group(name) for name in ("Restricted", "Kicked"))
    gone = telegram.group("Left", username="left_group")
    news = telegram.channel("News")
    silent = telegram.channel("Silent", rights=["can_edit_messages"])
    forum = telegram.group("Forum", forum=True)
    topic = telegram.topic(forum, "NeRF")
    await telegram.restrict_bot(restricted)
    await telegram.remove_bot(gone)
    await telegram.kick_bot(kicked)
    chats = [fine, muted, led, restricted, gone, kicked, news, silent]
    found = await look(telegram, *(str(chat.id) for chat in chats), f"{forum.id}/{topic.id}", "-100999")
    places = {it.what: (it.verdict.value, it.said) for it in found[4:]}
    assert [name for name, (verdict, _) in places.items() if verdict == "ok"] == [
        "telegram group Fine", "telegram group Led", "telegram channel News", "telegram group Forum, a topic",
    ]  # fmt: skip
    assert "make the bot an administrator" in places["telegram group Muted"][1]
    assert "restricted" in places["telegram group Restricted"][1]
    assert "add it again" in places["telegram group Left"][1]
    assert "right to post messages" in places["telegram channel Silent"][1]
    assert "bot was kicked" in places["telegram chat 5"][1]
    assert "chat not found" in places["telegram chat 9"][1].casefold()
    assert not {it.method for it in telegram.requests} & {"sendMessage", "sendChatAction", "getUpdates"}


async def test_place_that_has_to_wait_is_no_failure(telegram):
    group = telegram.group("Lab")
    telegram.fail("getChat", status=429, retry_after=7)
    found = await look(telegram, str(group.id))
    assert found[-1].verdict == "warn"
    assert "told to wait 7 s" in found[-1].said


async def test_operator_who_has_not_started_the_bot_is_told(telegram):
    eva = telegram.user("Eva")
    found = await look(telegram, operators=[str(eva.id), "999"])
    assert said(found, f"operator telegram:{eva.id}")[0] == "ok"
    assert said(found, "operator telegram:999") == (
        "warn", "telegram:999 has not started the bot; let them send it /start",
    )  # fmt: skip
    assert not any("Eva" in each.line() for each in found)


async def test_many_places_are_asked_a_few_at_a_time(telegram):
    groups = [str(telegram.group(f"G{n}").id) for n in range(20)]
    telegram.delay("getChat", 0.05, times=None)
    began = asyncio.get_running_loop().time()
    found = await look(telegram, *groups)
    took = asyncio.get_running_loop().time() - began
    assert [each.what for each in found[4:]] == [f"telegram group G{n}" for n in range(20)]
    assert 0.14 < took < 0.8, took


class Hook:
    """A webhook that calls nobody."""

    def __init__(self, url, **more):
        self.url, self.more = url, more

    def info(self):
        return {"url": self.url, "has_custom_certificate": False, "pending_update_count": 0, **self.more}

    def wake(self):
        pass

    async def close(self):
        pass
