"""Messages of which no answer came: since when, and whether they stand in their channel.

Discord knows a nonce for a few minutes only. Where the way to it was broken for longer, right after a
message had left, nobody but the channel itself can tell whether it arrived.
"""

import datetime as dt
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Any

KNOWN = 120.0  # seconds for which Discord surely knows a nonce
MOST = 20_000  # that are remembered
SKEW = 180.0  # seconds by which the clocks may differ, and that one waits for an answer
LOOK = 100  # messages of a channel that are looked through, as many as one request gives


class Pending:
    """The messages of one bot without an answer, by their nonces."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._first: OrderedDict[str, float] = OrderedDict()  # when each was sent for the first time

    def note(self, nonce: str) -> None:
        """It was sent just now, and no answer came."""
        self._first.setdefault(nonce, self._clock())
        while len(self._first) > MOST:
            self._first.popitem(last=False)

    def settle(self, nonce: str) -> None:
        """It arrived, or never will."""
        self._first.pop(nonce, None)

    def is_old(self, nonce: str) -> bool:
        """Whether Discord may not know it any more."""
        return self._clock() - self._first.get(nonce, self._clock()) > KNOWN

    def find(self, body: dict[str, Any], messages: Any, author: str) -> dict[str, Any] | None:
        """Of the newest messages of its channel the one that says the same since it was first sent."""
        since = self._first.get(body["nonce"], self._clock()) - SKEW
        for message in messages if isinstance(messages, list) else ():
            mine = message["author"]["id"] == author and _when(message) >= since
            if mine and (message.get("nonce") == body["nonce"] or says(message, body)):
                found: dict[str, Any] = message
                return found
        return None


def says(message: dict[str, Any], body: dict[str, Any]) -> bool:
    """Whether a message that stands somewhere says what this one says; without words nobody can tell."""
    wanted = list(_words(body))
    return bool(wanted) and list(_words(message)) == wanted


def _when(message: dict[str, Any]) -> float:
    return dt.datetime.fromisoformat(message["timestamp"]).timestamp()


def _words(body: dict[str, Any]) -> Iterator[str]:
    """What a message says, without blanks, which Discord trims."""
    said = [body.get("content")]
    for embed in body.get("embeds") or ():
        said += [embed.get("title"), embed.get("description")]
    waiting = list(body.get("components") or ())
    while waiting:
        part = waiting.pop()
        said += [part.get("content"), part.get("label"), part.get("custom_id")]
        waiting += part.get("components") or ()
    return ("".join(text.split()) for text in said if text)
