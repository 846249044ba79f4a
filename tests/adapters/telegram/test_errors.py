"""Each refusal and each failure becomes the kind of error that the engine knows what to do with."""

import datetime as dt
import json

import pytest
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)
from telegram.request import BaseRequest

from bot.adapters.telegram.errors import (
    FigureRefused,
    Misconfigured,
    NoMethod,
    TopicLost,
    seconds,
    translate,
)
from bot.adapters.telegram.floods import Floods
from bot.errors import ConfigError, Gone, Moved, RateLimited, Rejected, Transient, Unknown, Unreachable


class Canned(BaseRequest):
    """A transport that always gets the same answer."""

    def __init__(self, status, body):
        self.status, self.body = status, body

    @property
    def read_timeout(self):
        return 1.0

    async def initialize(self):
        pass

    async def shutdown(self):
        pass

    async def do_request(self, *_args, **_kwargs):
        return self.status, self.body


async def meaning(status, description=None, body=None, **parameters):
    """What the library makes of an answer, and what that becomes."""
    told = {"ok": False, "error_code": status, "description": description}
    if parameters:
        told["parameters"] = parameters
    with pytest.raises(TelegramError) as raised:
        await Canned(status, body if body is not None else json.dumps(told).encode()).post("http://x")
    return translate(raised.value)


GONE = """
400 Bad Request: chat not found
400 Bad Request: private chat not found
400 Bad Request: user not found
400 Bad Request: PEER_ID_INVALID
400 Bad Request: CHAT_WRITE_FORBIDDEN
400 Bad Request: CHANNEL_PRIVATE
400 Bad Request: CHAT_ADMIN_REQUIRED
400 Bad Request: have no rights to send a message
400 Bad Request: need administrator rights in the channel chat
400 Bad Request: not enough rights to send text messages to the chat
400 Bad Request: group chat was upgraded to a supergroup chat
403 Forbidden: bot was blocked by the user
403 Forbidden: user is deactivated
403 Forbidden: bot was kicked from the supergroup chat
403 Forbidden: bot was kicked from the channel chat
403 Forbidden: bot is not a member of the channel chat
403 Forbidden: the group chat was deleted
403 Forbidden: bot can't initiate conversation with a user
403 Forbidden: bots can't send messages to bots
"""
REJECTED = """
400 Bad Request: can't parse entities: Unsupported start tag "x" at byte offset 3
400 Bad Request: can't parse entities: Can't find end tag corresponding to start tag "b"
400 Bad Request: message is too long
400 Bad Request: message caption is too long
400 Bad Request: message text is empty
400 Bad Request: BUTTON_DATA_INVALID
400 Bad Request: BUTTON_URL_INVALID
400 Bad Request: inline keyboard button URL 'x' is invalid: Wrong HTTP URL
400 Bad Request: reply markup is too long
400 Bad Request: ENTITIES_TOO_LONG
400 Bad Request: not enough rights to send the rich message to the chat
400 Bad Request: message to edit not found
400 Bad Request: chat_id is empty
413 Request Entity Too Large
"""
FIGURES = """
400 Bad Request: wrong type of the web page content
400 Bad Request: failed to get HTTP URL content
400 Bad Request: wrong HTTP URL specified
400 Bad Request: wrong file identifier/HTTP URL specified
400 Bad Request: WEBPAGE_CURL_FAILED
400 Bad Request: WEBPAGE_MEDIA_EMPTY
400 Bad Request: PHOTO_INVALID_DIMENSIONS
400 Bad Request: PHOTO_SAVE_FILE_INVALID
400 Bad Request: IMAGE_PROCESS_FAILED
400 Bad Request: not enough rights to send photos to the chat
"""
TOPICS = """
400 Bad Request: message thread not found
400 Bad Request: TOPIC_CLOSED
400 Bad Request: TOPIC_DELETED
400 Bad Request: TOPIC_ID_INVALID
"""
TRANSIENT = """
500 Internal Server Error
500 Internal Server Error: Request aborted
502 Bad Gateway
504 Gateway Timeout
"""
ALL = {Gone: GONE, Rejected: REJECTED, FigureRefused: FIGURES, TopicLost: TOPICS, Transient: TRANSIENT}


@pytest.mark.parametrize(
    ("kind", "line"), [(kind, line) for kind, lines in ALL.items() for line in lines.strip().splitlines()]
)
async def test_refusal_is_understood(kind, line):
    status, _, description = line.partition(" ")
    error = await meaning(int(status), description)
    assert type(error) is kind
    assert str(error)
    assert "Bad Request" not in str(error)
    assert "Forbidden" not in str(error)


async def test_reason_is_readable():
    error = await meaning(403, "Forbidden: bot was blocked by the user")
    assert str(error) == "bot was blocked by the user"


async def test_wait_is_as_long_as_told():
    error = await meaning(429, "Too Many Requests: retry after 17", retry_after=17)
    assert isinstance(error, RateLimited)
    assert (error.seconds, error.everywhere) == (17, False)


@pytest.mark.parametrize("said", ["Too Many Requests: retry after 3", "Too Many Requests"])
async def test_wait_without_its_parameter_is_a_wait_all_the_same(said):
    error = await meaning(429, said)
    assert isinstance(error, RateLimited)
    assert 1 <= error.seconds <= 10


@pytest.mark.parametrize("told", [3, 2.5, dt.timedelta(seconds=4)])
@pytest.mark.parametrize("choice", ["true", "false"])
def test_seconds_whatever_the_library_gives(told, choice, monkeypatch):
    monkeypatch.setenv("PTB_TIMEDELTA", choice)
    wanted = told.total_seconds() if isinstance(told, dt.timedelta) else told
    assert seconds(RetryAfter(told)) == wanted


async def test_supergroup_is_the_new_address():
    error = await meaning(
        400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id=-1001234567890
    )
    assert isinstance(error, Moved)
    assert error.address == "-1001234567890"
    assert translate(ChatMigrated(-100)).address == "-100"


@pytest.mark.parametrize(
    ("exc", "word"),
    [
        (InvalidToken("Unauthorized"), "telegram.token"),
        (InvalidToken("Not Found"), "telegram.token"),
        (InvalidToken("The token `123:abc` was rejected by the server."), "telegram.token"),
        (Conflict("Conflict: terminated by other getUpdates request"), "another program"),
        (NetworkError("Misdirected Request: unallowed token specified"), "telegram.api_url"),
    ],
)
def test_what_the_operator_must_mend_is_no_message_s_fault(exc, word):
    error = translate(exc)
    assert isinstance(error, Misconfigured)
    assert isinstance(error, ConfigError)
    assert isinstance(error, Unreachable), "the engine waits and counts no try"
    assert word in str(error)
    assert "123:abc" not in str(error)


async def test_unknown_method_is_told_apart_from_a_wrong_token():
    assert isinstance(await meaning(404, "Not Found: method not found"), NoMethod)
    assert isinstance(translate(EndPointNotFound("sendRichMessage: unknown")), NoMethod)


HTML = b"<html><head><title>403 Forbidden</title></head><body>" + b"x" * 5000 + b"</body></html>"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 302, 405, 407, 451])
async def test_page_of_somebody_else_pauses_no_chat(status):
    error = await meaning(status, body=HTML)
    assert type(error) is Unreachable
    assert "telegram.api_url" in str(error)
    assert len(str(error)) < 400


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_page_of_a_gateway_in_trouble_is_a_passing_trouble(status):
    assert type(await meaning(status, body=HTML)) is Transient


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"ok":true,"result":{"mess'])
async def test_nobody_knows_what_a_broken_answer_means(body):
    assert type(await meaning(200, body=body)) is Unknown


def test_nothing_said_shows_a_token():
    token = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw1"
    for kind in (BadRequest, Forbidden, NetworkError, TelegramError):
        assert token not in str(translate(kind(f"see https://api.telegram.org/bot{token}/getMe")))


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_third_chat_in_a_row_that_is_told_to_wait_means_everywhere():
    floods = Floods(Clock())
    assert [floods.everywhere(chat) for chat in ("1", "1", "2", "3", "4")] == [
        False,
        False,
        False,
        True,
        True,
    ]


def test_message_taken_in_between_means_that_only_some_are_to_wait():
    floods = Floods(Clock())
    for chat in ("1", "2", "3", "4", "5"):
        assert not floods.everywhere(chat)
        floods.taken()


def test_waits_far_apart_have_nothing_to_do_with_each_other():
    clock = Clock()
    floods = Floods(clock)
    for chat in ("1", "2", "3", "4"):
        assert not floods.everywhere(chat)
        clock.now += 0.6
