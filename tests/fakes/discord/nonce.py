"""Nonces: a message that was sent already is given again, not made again.

https://discord.com/developers/docs/resources/message#create-message-jsonform-params: "checked for uniqueness
in the past few minutes. If another message was created by the same author with the same nonce, that message
will be returned": by author, whatever the channel.
"""

from collections.abc import Callable

from tests.fakes.discord.world import Json, Message, User

LIFE = 300.0  # seconds


class Nonces:
    """The nonces of the past few minutes."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.life = LIFE
        self.met = 0  # how many messages were not made again
        self._clock = clock
        self._known: dict[tuple[int, str], tuple[Message, float]] = {}

    def find(self, author: User, body: Json) -> Message | None:
        """The message that was made with the nonce of a body, where it wants that looked at."""
        if not body.get("enforce_nonce") or body.get("nonce") is None:
            return None
        known = self._known.get((author.id, str(body["nonce"])))
        if known is None or self._clock() - known[1] > self.life:
            return None
        self.met += 1
        return known[0]

    def keep(self, author: User, body: Json, message: Message) -> None:
        """Remember the nonce of a message."""
        if body.get("nonce") is None:
            return
        now = self._clock()
        while self._known and now - next(iter(self._known.values()))[1] > self.life:
            del self._known[next(iter(self._known))]
        self._known.pop((author.id, str(body["nonce"])), None)
        self._known[author.id, str(body["nonce"])] = (message, now)
