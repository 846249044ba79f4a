"""Tells whether Telegram's "wait" is meant for one chat or for the whole bot: it does not say.

A limit of the whole bot meets every chat, that of a chat only this one. So the third chat in a row
that is told to wait, with no request taken between them and all within a second, means everywhere.
"""

import time
from collections.abc import Callable, Hashable

CHATS = 3
WITHIN = 1.0  # seconds


class Floods:
    """What was told lately."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._told: dict[Hashable, float] = {}  # chats since the last request that was taken, with when

    def taken(self) -> None:
        """A request was taken."""
        if self._told:
            self._told.clear()

    def everywhere(self, chat: Hashable) -> bool:
        """A chat was told to wait: whether all are to."""
        now = self._clock()
        self._told = {key: at for key, at in self._told.items() if now - at <= WITHIN} | {chat: now}
        return len(self._told) >= CHATS
