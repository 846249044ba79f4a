"""Tells whether a trouble meets one place or all: what Discord says of that is not always to be had.

What troubles everything meets every place, what troubles one only this one. So the third place in a
row that meets it, with nothing taken between them, means everywhere.
"""

import time
from collections.abc import Callable, Hashable
from math import inf

PLACES = 3


class Floods:
    """Where a trouble was met lately."""

    def __init__(self, within: float = inf, clock: Callable[[], float] = time.monotonic) -> None:
        """Those count that met it within so many seconds."""
        self._within = within
        self._clock = clock
        self._met: dict[Hashable, float] = {}  # places since the last request that was taken, with when

    def taken(self) -> None:
        """A request was taken."""
        if self._met:
            self._met.clear()

    def everywhere(self, place: Hashable) -> bool:
        """A place has met it: whether all have."""
        now = self._clock()
        self._met = {key: at for key, at in self._met.items() if now - at <= self._within} | {place: now}
        return len(self._met) >= PLACES
