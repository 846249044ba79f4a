"""Trouble with the database or a platform: told when it begins, each minute it lasts, and when it is over."""

import logging
import re
import time

log = logging.getLogger(__name__)
AGAIN = 60.0  # seconds
STUCK = 20.0  # seconds after which a short transaction is given up: a connection can die without a word


class Trouble:
    """One piece of work that is tried again until it goes well."""

    def __init__(self, work: str) -> None:
        self._work = work
        self._since: float | None = None
        self._told = 0.0

    def begin(self, exc: BaseException) -> None:
        """The work failed, for the first time or again."""
        now = time.monotonic()
        if self._since is None:
            self._since = now
            log.warning("%s: trying again until it goes well: %s", self._work, brief(exc))
        elif now - self._told < AGAIN:
            return
        else:
            log.warning("%s: still in trouble after %.0f s: %s", self._work, now - self._since, brief(exc))
        self._told = now

    def end(self) -> None:
        """The work went well."""
        if self._since is not None:
            log.warning("%s: well again after %.1f s", self._work, time.monotonic() - self._since)
            self._since = None


def brief(exc: BaseException) -> str:
    """The first line of what is wrong, without a statement and its values."""
    if isinstance(exc, TimeoutError):
        return "no answer in time"
    said = str(getattr(exc, "orig", None) or exc).strip().partition("\n")[0]
    return re.sub(r"^<class '[^']*'>: ", "", said) or type(exc).__name__
