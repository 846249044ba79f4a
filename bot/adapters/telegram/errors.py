"""What Telegram's refusals and a broken connection mean for a message.

The library's errors become the kinds of `bot.errors`. The texts are those of the Bot API server and
of what stands behind it (https://github.com/tdlib/telegram-bot-api/blob/master/telegram-bot-api/Client.cpp,
https://github.com/tdlib/td, https://core.telegram.org/method/messages.sendMessage#possible-errors);
the library changes their case.
"""

import datetime as dt
import re
import warnings

import aiohttp
import httpx
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
    TimedOut,
)

from bot import secrecy
from bot.adapters.telegram.transport import Unsent
from bot.errors import (
    ConfigError,
    DeliveryError,
    Gone,
    Moved,
    RateLimited,
    Rejected,
    Transient,
    Unknown,
    Unreachable,
)

SHOWN = 200  # characters of what a server said
PAUSE = 5.0  # seconds to wait where a server tells to wait and not how long


class Misconfigured(ConfigError, Unreachable):
    """Nothing at all can be sent until the operator mends something."""


class TopicLost(Gone):
    """The topic is closed or deleted; the group may still be there."""


class FigureRefused(Rejected):
    """The picture, or the preview, is what is refused."""


class NoMethod(Rejected):
    """The server does not know the method: it speaks an older Bot API."""


_GONE = re.compile(
    "(?:chat|user) not found|peer_id_invalid|chat_id_invalid|channel_(?:private|invalid)|deactivated"
    "|chat_write_forbidden|chat_send_plain_forbidden|chat_guest_send_forbidden|chat_restricted"
    "|chat_admin_required|need administrator rights|user_is_blocked|no write access"
    "|no rights to send a message|not enough rights to send (?:text messages|messages|a message)"
    "|not enough rights in the|can't access the chat|was (?:kicked|blocked)|not a member"
    "|group chat was (?:deleted|upgraded)"
)
_TOPIC = re.compile(
    "topic_(?:closed|deleted|id_invalid)|thread not found|topic not found|can't access the topic"
)
_FIGURE = re.compile(
    "webpage_|http url|wrong type of the web page|(?:wrong|invalid) (?:remote )?file identifier|photo_"
    "|image_process|media_(?:empty|invalid)|can't upload file by url|wrong type of file|group send failed"
    "|not enough rights to send (?:photos|media)|chat_send_(?:photos|media)_forbidden"
)
_TOO_LARGE = re.compile("(?:request entity|payload|content) too large")

# The request has not left: there was no connection, or none that took it.
_UNSENT = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ServerFingerprintMismatch,
    aiohttp.ClientHttpProxyError,
    aiohttp.InvalidURL,
    aiohttp.NonHttpUrlClientError,
    Unsent,
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
    ConfigError,
)


def unsent(exc: TelegramError) -> bool:
    """Whether a request that failed has surely not reached Telegram; False: it may have."""
    cause = exc.__cause__
    if cause is None:
        return False
    socks = type(cause).__module__.startswith("aiohttp_socks")
    unready = isinstance(cause, RuntimeError) and "not initialized" in str(cause)
    return isinstance(cause, _UNSENT) or socks or unready


def translate(exc: TelegramError) -> DeliveryError:
    """What an error of the library means for the message that it befell."""
    match exc:
        case RetryAfter():
            return RateLimited(seconds(exc))
        case ChatMigrated():
            return Moved(str(exc.new_chat_id))
        case Conflict():
            return Misconfigured(
                "telegram: another program reads the updates of this token; end it, or give this bot a token "
                "of its own from @BotFather"
            )
        case EndPointNotFound():
            return NoMethod(_said(exc))
        case BadRequest() | Forbidden() | InvalidToken() if _foreign(exc):
            return Unreachable(f"what answers at telegram.api_url is not the Bot API: {_said(exc)}")
        case InvalidToken():
            return _of_token(exc)
        case BadRequest() | Forbidden():
            return _refusal(exc)
        case NetworkError():
            return _of_network(exc)
        case _:
            return Unknown(_said(exc))


def seconds(exc: RetryAfter) -> float:
    """How long Telegram tells to wait."""
    with warnings.catch_warnings():
        # The library warns that this will be a timedelta one day; here it may be one today.
        warnings.simplefilter("ignore")
        told = exc.retry_after
    return told.total_seconds() if isinstance(told, dt.timedelta) else float(told)


def _refusal(exc: TelegramError) -> DeliveryError:
    said = _said(exc)
    folded = said.casefold()
    if _TOPIC.search(folded):
        return TopicLost(said)
    if _FIGURE.search(folded) and "button" not in folded:
        return FigureRefused(said)
    if isinstance(exc, Forbidden) or _GONE.search(folded):
        return Gone(said)
    return Rejected(said)


def _of_token(exc: InvalidToken) -> DeliveryError:
    """The library tells an unknown method as a wrong token; and the token may stand in its text."""
    if "method not found" in exc.message.casefold():
        return NoMethod(_said(exc))
    return Misconfigured(
        "telegram.token: Telegram does not know this token; take the right one from @BotFather and set "
        "TELEGRAM_BOT_TOKEN; behind an api_url of your own, check that address too"
    )


def _of_network(exc: NetworkError) -> DeliveryError:
    said, cause = _said(exc), exc.__cause__
    if isinstance(cause, UnicodeError):
        return Rejected("the message holds what cannot be written as UTF-8")
    if unsent(exc):
        return Unreachable(_said(cause) if isinstance(cause, ConfigError) else said)
    if isinstance(exc, TimedOut) or (cause is not None and not _foreign(exc)):
        return Unknown(said)
    return _of_status(said)


def _of_status(said: str) -> DeliveryError:
    """An HTTP status that is none of the Bot API's own refusals."""
    folded = said.casefold()
    if folded.startswith("too many requests"):
        told = re.search(r"retry after (\d{1,6})", folded)
        return RateLimited(max(1.0, float(told[1])) if told else PAUSE)
    if folded.startswith("misdirected request"):
        return Misconfigured("telegram.api_url: that server serves other bots, not the one of this token")
    if _TOO_LARGE.match(folded):
        return Rejected(said)
    if re.search(r"^[^.]{0,60}\((?:3|4)\d\d\)", said):
        return Unreachable(f"what answers at telegram.api_url is not the Bot API: {said}")
    return Transient(said)


def _foreign(exc: TelegramError) -> bool:
    """Whether the answer was not the Bot API's: something on the way says no in a language of its own."""
    return type(exc.__cause__) is TelegramError


def _said(exc: BaseException) -> str:
    """What was said, without Telegram's heading, without a secret, not too long."""
    text = secrecy.mask(str(exc)).removeprefix("Forbidden: ").removeprefix("Bad Request: ")
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
