"""What each of Discord's refusals, and each break of the way there, means for a message."""

import json
from types import SimpleNamespace

import aiohttp
import discord
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import secrecy
from bot.adapters.discord.errors import (
    FAILURES,
    Archived,
    Misconfigured,
    RoomLost,
    WrongKind,
    code,
    fault,
    said,
    translate,
)
from bot.errors import (
    ConfigError,
    DeliveryError,
    Gone,
    RateLimited,
    Rejected,
    Transient,
    Unknown,
    Unreachable,
)
from tests.adapters.discord.peer import TOKEN

JSON = {"Content-Type": "application/json"}


def refusal(status: int, body=None, **headers: str) -> discord.HTTPException:
    """An error as the library raises it for an answer."""
    headers = JSON | {name.replace("_", "-"): value for name, value in headers.items()}
    kinds = {403: discord.Forbidden, 404: discord.NotFound}
    kind = discord.DiscordServerError if status >= 500 else kinds.get(status, discord.HTTPException)
    return kind(SimpleNamespace(status=status, reason="No", headers=headers), body)


def coded(status: int, number: int, message: str = "No") -> discord.HTTPException:
    return refusal(status, {"code": number, "message": message})


@pytest.mark.parametrize(
    ("status", "number", "kind", "reason"),
    [
        (401, 0, Misconfigured, "discord.token"),
        (401, 40001, Misconfigured, "DISCORD_BOT_TOKEN"),
        (403, 40001, Misconfigured, "DISCORD_BOT_TOKEN"),
        (401, 50014, Misconfigured, "developer portal"),
        (400, 50041, Misconfigured, "update discord.py"),
        (404, 10003, Gone, "the channel is deleted"),
        (404, 10004, Gone, "removed"),
        (403, 50001, Gone, "cannot see"),
        (403, 50013, Gone, "may not send"),
        (403, 50007, Gone, "takes no messages"),
        (400, 50033, Gone, "takes no messages"),
        (404, 10013, Gone, "takes no messages"),
        (403, 50278, Gone, "takes no messages"),
        (403, 60003, Gone, "No"),
        (400, 50083, Archived, "archived"),
        (400, 160005, RoomLost, "locked"),
        (400, 40058, WrongKind, "forum"),
        (400, 50008, WrongKind, ""),
        (400, 50024, WrongKind, ""),
        (400, 40067, Gone, "tag"),
        (400, 50035, Rejected, "No"),
        (400, 50006, Rejected, "No"),
        (400, 50109, Rejected, "No"),
        (413, 40005, Rejected, "No"),
        (400, 20009, Rejected, "No"),
        (400, 200000, Rejected, "No"),
        (400, 200001, Rejected, "No"),
        (400, 240000, Rejected, "No"),
        (404, 10008, Rejected, "No"),
        (400, 99999, Rejected, "No"),
        (400, 0, Rejected, "No"),
        (429, 20028, RateLimited, "5 s"),
        (429, 20016, RateLimited, "5 s"),
        (400, 40003, RateLimited, "5 s"),
        (503, 130000, RateLimited, "5 s"),
        (403, 40004, Transient, ""),
        (500, 0, Transient, "500"),
        (503, 0, Transient, "503"),
        (524, 0, Transient, "524"),
        (408, 0, Transient, "408"),
        (404, 0, Unreachable, "discord.api_url"),
        (403, 0, Unreachable, "discord.api_url"),
        (405, 0, Unreachable, "discord.api_url"),
    ],
)
def test_refusal_becomes_what_helps(status, number, kind, reason):
    found = translate(coded(status, number))
    assert type(found) is kind
    assert reason in str(found)


def test_kinds_are_what_the_engine_acts_on():
    assert issubclass(Misconfigured, ConfigError)
    assert issubclass(Misconfigured, Unreachable)
    assert issubclass(Archived, RoomLost)
    assert issubclass(RoomLost, Gone)
    assert issubclass(WrongKind, Rejected)


@pytest.mark.parametrize("status", [400, 403, 404, 418])
def test_page_of_somebody_else_is_no_answer_of_discord(status):
    found = translate(refusal(status, "<html>Please log in</html>", Content_Type="text/html"))
    assert type(found) is Unreachable
    assert "discord.api_url" in str(found)


def test_page_that_finds_the_message_too_large_refuses_it():
    assert type(translate(refusal(413, "<html>", Content_Type="text/html"))) is Rejected


def test_code_is_read_where_a_proxy_added_a_charset():
    told = json.dumps({"code": 50013, "message": "Missing Permissions"})
    exc = refusal(403, told, Content_Type="application/json; charset=utf-8")
    assert exc.code == 0
    assert code(exc) == 50013
    assert type(translate(exc)) is Gone


def test_place_of_what_is_wrong_is_named():
    errors = {
        "embeds": {"0": {"description": {"_errors": [{"code": "X", "message": "Must be 4096 or fewer"}]}}}
    }
    body = {"code": 50035, "message": "Invalid Form Body", "errors": errors}
    for exc in (
        refusal(400, body),
        refusal(400, json.dumps(body), Content_Type="application/json; charset=x"),
    ):
        found = str(translate(exc))
        assert "embeds" in found
        assert "4096" in found
        assert "\n" not in found


def test_fault_of_an_answer_does_not_quote_it():
    errors = {"data": {"content": {"_errors": [{"code": "X", "message": 'Value "my "own" words" is odd.'}]}}}
    body = {"code": 50035, "message": "Invalid Form Body", "errors": errors}
    plain = fault(refusal(400, body))
    assert "In data.content" in plain
    assert "is odd." in plain
    assert "words" not in plain
    coded = fault(refusal(400, json.dumps(body), Content_Type="application/json; charset=x"))
    assert coded == "Invalid Form Body"
    assert fault(TimeoutError()) == "TimeoutError"


# Waiting


@pytest.mark.parametrize(
    ("body", "headers", "seconds", "everywhere"),
    [
        ({"message": "", "retry_after": 0.5}, {"Retry_After": "7"}, 7.0, False),
        ({"message": ""}, {"X_RateLimit_Reset_After": "2.5"}, 2.5, False),
        ({"message": ""}, {}, 5.0, False),
        ({"message": ""}, {"Retry_After": "0"}, 0.1, False),
        ({"message": ""}, {"Retry_After": "nan"}, 5.0, False),
        ({"message": ""}, {"Retry_After": "-3"}, 0.1, False),
        ({"message": ""}, {"Retry_After": "Fri, 20 Nov 2026 08:00:00 GMT"}, 5.0, False),
        ({"message": ""}, {"Retry_After": "1e300"}, 86_400.0, False),
        ({"message": ""}, {"Retry_After": "1", "X_RateLimit_Global": "true"}, 1.0, True),
        ({"message": ""}, {"Retry_After": "1", "X_RateLimit_Scope": "global"}, 1.0, True),
        ({"message": ""}, {"Retry_After": "1", "X_RateLimit_Scope": "shared"}, 1.0, False),
        ({"message": "", "code": 40333}, {}, 60.0, True),
        ("<html>1015</html>", {"Retry_After": "600", "Content_Type": "text/html"}, 600.0, True),
        ("<html>1015</html>", {"Content_Type": "text/html"}, 60.0, True),
        (
            '{"message":"","retry_after":3.5,"global":true}',
            {"Content_Type": "application/json; charset=utf-8"},
            3.5,
            True,
        ),
        ("", {"Content_Type": "text/plain"}, 60.0, True),
    ],
)
def test_wait_is_as_told(body, headers, seconds, everywhere):
    found = translate(refusal(429, body, **headers))
    assert isinstance(found, RateLimited)
    assert (found.seconds, found.everywhere) == (seconds, everywhere)


def test_wait_that_the_library_finds_too_long_is_the_engines():
    found = translate(discord.RateLimited(45.5))
    assert isinstance(found, RateLimited)
    assert (found.seconds, found.everywhere) == (45.5, False)


# The way there


KEY = aiohttp.client_reqrep.ConnectionKey("discord.com", 443, True, True, None, None, None)


@pytest.mark.parametrize(
    ("exc", "kind"),
    [
        (aiohttp.ClientConnectorError(KEY, OSError(111, "refused")), Unreachable),
        (aiohttp.ClientConnectorDNSError(KEY, OSError(-2, "unknown name")), Unreachable),
        (aiohttp.ClientProxyConnectionError(KEY, OSError(111, "refused")), Unreachable),
        (aiohttp.ConnectionTimeoutError("x"), Unreachable),
        (aiohttp.InvalidURL("x"), Unreachable),
        (RuntimeError("Session is closed"), Unreachable),
        (discord.LoginFailure("Improper token has been passed."), Misconfigured),
        (aiohttp.ServerDisconnectedError(), Transient),
        (aiohttp.ClientOSError(104, "reset"), Transient),
        (aiohttp.ClientPayloadError("x"), Transient),
        (aiohttp.SocketTimeoutError(), Transient),
        (TimeoutError(), Transient),
        (ConnectionResetError(104, "reset"), Transient),
        (json.JSONDecodeError("x", "{", 1), Transient),
        (KeyError("retry_after"), Transient),
        (TypeError("list indices must be integers"), Transient),
        (AttributeError("x"), Transient),
        (discord.InvalidData("x"), Transient),
        (Gone("x"), Gone),
    ],
)
def test_break_of_the_way_becomes_what_helps(exc, kind):
    assert isinstance(exc, FAILURES)
    assert type(translate(exc)) is kind


# Words


def test_what_is_said_holds_no_secret_and_is_short(monkeypatch):
    monkeypatch.setattr(secrecy, "_hidden", set())
    monkeypatch.setattr(secrecy, "_pattern", secrecy._pattern)
    secrecy.hide(TOKEN)
    told = said(coded(400, 50035, f"token {TOKEN} " + "word " * 1000))
    assert TOKEN not in told
    assert len(told) <= 200


@given(
    st.integers(300, 599),
    st.text() | st.none() | st.dictionaries(st.sampled_from(["code", "message"]), st.integers() | st.text()),
    st.dictionaries(
        st.sampled_from(["Retry-After", "X-RateLimit-Scope", "X-RateLimit-Global", "Content-Type"]), st.text()
    ),
)
def test_whatever_is_answered_is_a_delivery_error(status, body, headers):
    answer = SimpleNamespace(status=status, reason="No", headers=headers)
    try:
        exc = discord.HTTPException(answer, body)
    except FAILURES as failure:
        exc = failure
    found = translate(exc)
    assert isinstance(found, DeliveryError)
    assert not isinstance(found, Unknown)
    if isinstance(found, RateLimited):
        assert 0 < found.seconds <= 86_400
