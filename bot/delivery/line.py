"""The line in which chats wait for their turns, by time."""

from collections.abc import Callable


class Line:
    """Says when a chat stands: whoever comes to the end of the line stands behind all before it."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._last = 0.0  # when the last chat came to the end

    def now(self) -> float:
        """The time, behind whoever came last to the end; unless the clock stepped back since."""
        now = self._clock()
        if self._last > now + 1.0:
            self._last = now
        return max(now, self._last)

    def end(self) -> float:
        """The place behind everybody, however coarse the clock is."""
        self._last = self.now() + 1e-5
        return self._last
