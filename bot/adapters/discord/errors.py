"""What Discord's refusals and a broken connection mean for a message.

The library's errors become the kinds of `bot.errors`. The codes are those of
https://discord.com/developers/docs/topics/opcodes-and-status-codes#json. Nothing here is `Unknown`:
a message bears a nonce, so that one which may have arrived is simply sent again.
"""

import json
import math
import re
from typing import Any

import aiohttp
import discord

from bot import secrecy
from bot.errors import ConfigError, DeliveryError, Gone, RateLimited, Rejected, Transient, Unreachable
from bot.log import get_logger

log = get_logger(__name__)

SHOWN = 200  # characters of what a server said
PAUSE = 5.0  # seconds to wait where Discord tells to wait and not how long
BLOCKED = 60.0  # seconds, where what stands before Discord does
SHORTEST, LONGEST = 0.1, 86_400.0  # seconds that are believed

# Whatever a request may end with: the library reads what it is answered without looking twice.
FAILURES = (
    DeliveryError,
    discord.DiscordException,
    aiohttp.ClientError,
    OSError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    RuntimeError,
)


class Misconfigured(ConfigError, Unreachable):
    """Nothing at all can be sent until the operator mends something."""


class RoomLost(Gone):
    """The thread cannot be posted to; the channel around it may still be there."""


class Archived(RoomLost):
    """The thread is put away; it can be opened again unless it is locked."""


class WrongKind(Rejected):
    """The channel is of a kind that takes no messages of its own, such as a forum."""


_TOKEN = (
    "discord.token: Discord does not know this token; reset it in the developer portal "
    "(https://discord.com/developers/applications) and set DISCORD_BOT_TOKEN"
)
_OLD = "discord: Discord does not speak this version of its API any more; update discord.py"
_UNWANTED = "the person takes no messages from the bot"
_KINDS: dict[int, tuple[type[DeliveryError], str]] = {
    40001: (Misconfigured, _TOKEN),
    50014: (Misconfigured, _TOKEN),
    50041: (Misconfigured, _OLD),
    10003: (Gone, "the channel is deleted"),
    10004: (Gone, "the server is deleted, or the bot was removed from it"),
    50001: (Gone, "the bot cannot see the channel"),
    50013: (Gone, "the bot may not send messages, embeds or threads there"),
    10013: (Gone, _UNWANTED),
    50007: (Gone, _UNWANTED),
    50033: (Gone, _UNWANTED),
    50278: (Gone, _UNWANTED),
    40067: (Gone, "the forum asks for a tag that the bot cannot give"),
    50083: (Archived, "the thread is archived"),
    160005: (RoomLost, "the thread is locked"),
    40058: (WrongKind, "the channel is a forum, which takes posts only"),
    50008: (WrongKind, "the channel takes no messages"),
    50024: (WrongKind, "the channel takes no messages"),
    40004: (Transient, "Discord takes no messages for a while"),
    40006: (Transient, "Discord has switched this off for a while"),
}
_WAIT = frozenset((20016, 20028, 20029, 40003, 40062, 130000))
_CLOUDFLARE = 40333

# The request has not left: there was no connection, or none that took it.
_UNSENT = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ServerFingerprintMismatch,
    aiohttp.ClientHttpProxyError,
    aiohttp.InvalidURL,
    aiohttp.NonHttpUrlClientError,
)


def translate(exc: Exception) -> DeliveryError:
    """What an error of a request means for the message that it befell."""
    match exc:
        case DeliveryError():
            return exc
        case discord.RateLimited():
            return RateLimited(_believed(exc.retry_after) or PAUSE)
        case discord.LoginFailure():
            return Misconfigured(_TOKEN)
        case discord.HTTPException():
            return _of_answer(exc)
        case RuntimeError() if "closed" in str(exc).casefold():
            return Unreachable("the connections to Discord are closed")
        case _ if isinstance(exc, _UNSENT):
            return Unreachable(said(exc))
        case TimeoutError():
            return Transient("Discord did not answer in time")
        case aiohttp.ClientError() | OSError() | discord.DiscordException():
            return Transient(said(exc))
        case _:
            log.debug("answer.unreadable", exc_info=exc)
            return Transient(f"the answer is none of Discord's ({type(exc).__name__})")


def code(exc: Exception) -> int:
    """Discord's number for what it refuses; 0 where it has said none."""
    if not isinstance(exc, discord.HTTPException):
        return 0
    told = exc.code or _body(exc).get("code", 0)
    return told if isinstance(told, int) else 0


def said(exc: BaseException) -> str:
    """What was said, in one line, without a secret, not too long."""
    text = str(exc)
    if isinstance(exc, discord.HTTPException):
        body = _body(exc)
        text = f"{body.get('message', '')} {json.dumps(body.get('errors', ''))}" if body else str(exc.text)
    return _in_line(text or type(exc).__name__)


def fault(exc: BaseException) -> str:
    """The same of an answer to a person, without what Discord quotes of it."""
    body = _body(exc) if isinstance(exc, discord.HTTPException) else {}
    return _in_line(re.sub('".*"', '"…"', str(body.get("message", exc)) or type(exc).__name__))


def _of_answer(exc: discord.HTTPException) -> DeliveryError:
    told, status = code(exc), exc.status
    if status == 401:
        return Misconfigured(_TOKEN)
    if told in _KINDS:
        kind, reason = _KINDS[told]
        return kind(reason)
    if status == 429 or told in _WAIT or told == _CLOUDFLARE:
        return _wait(exc)
    if status >= 500 or status == 408:
        return Transient(f"Discord has a trouble of its own: {status}")
    if status == 413 or (told and status != 403):
        return Rejected(said(exc))
    if told:
        return Gone(said(exc))
    if status == 400 and _is_json(exc):
        return Rejected(said(exc))
    return Unreachable(f"what answers at discord.api_url is not Discord: {status} {said(exc)}")


def _wait(exc: discord.HTTPException) -> RateLimited:
    """Wait as told; everywhere where the limit is the bot's, or is none of Discord's own."""
    headers, body = exc.response.headers, _body(exc)
    foreign = code(exc) == _CLOUDFLARE or (not body and not _is_json(exc))
    named = headers.get("X-RateLimit-Global", "").casefold() == "true" or body.get("global") is True
    given = (headers.get("Retry-After"), body.get("retry_after"), headers.get("X-RateLimit-Reset-After"))
    told = next((seconds for seconds in map(_believed, given) if seconds), BLOCKED if foreign else PAUSE)
    everywhere = foreign or named or headers.get("X-RateLimit-Scope") == "global"
    return RateLimited(told, everywhere=everywhere)


def _in_line(text: str) -> str:
    text = " ".join(secrecy.mask(text).split())
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


def _believed(told: Any) -> float | None:
    """Seconds as told, within reason; None where that is no number."""
    try:
        seconds = float(told)
    except (TypeError, ValueError):
        return None
    return min(max(seconds, SHORTEST), LONGEST) if math.isfinite(seconds) else None


def _is_json(exc: discord.HTTPException) -> bool:
    return exc.response.headers.get("Content-Type", "").startswith("application/json")


def _body(exc: discord.HTTPException) -> dict[str, Any]:
    """What was answered, where the library took it for text: it knows JSON by one exact heading only."""
    if exc.code or not str(exc.text).startswith("{"):
        return {}
    try:
        found = json.loads(exc.text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
