"""Trouble with the database or a platform: told when it begins, each minute it lasts, and when it is over."""

import re
import time

from bot.log import get_logger

log = get_logger(__name__)
AGAIN = 60.0  # seconds
STUCK = 20.0  # seconds after which a short transaction is given up: a connection can die without a word


class Trouble:
    """One piece of work that is tried again until it goes well; of no chat, though one may meet it first."""

    def __init__(self, work: str, *, platform: str | None = None, role: str | None = None) -> None:
        self._work, self._platform, self._role = work, platform, role
        self._since: float | None = None
        self._told = 0.0

    def begin(self, exc: BaseException) -> None:
        """The work failed, for the first time or again."""
        now = time.monotonic()
        if self._since is None:
            self._since = now
            log.warning(
                "trouble.begun", work=self._work, platform=self._platform, role=self._role,
                reason=brief(exc), chat=None,
            )  # fmt: skip
        elif now - self._told < AGAIN:
            return
        else:
            log.warning(
                "trouble.lasting", work=self._work, platform=self._platform, role=self._role,
                seconds=round(now - self._since), reason=brief(exc), chat=None,
            )  # fmt: skip
        self._told = now

    def end(self) -> None:
        """The work went well."""
        if self._since is not None:
            log.warning(
                "trouble.over", work=self._work, platform=self._platform, role=self._role,
                seconds=round(time.monotonic() - self._since, 1), chat=None,
            )  # fmt: skip
            self._since = None


def brief(exc: BaseException) -> str:
    """The first line of what is wrong, without a statement and its values."""
    if isinstance(exc, TimeoutError):
        return "no answer in time"
    said = str(getattr(exc, "orig", None) or exc).strip().partition("\n")[0]
    said = re.sub(r"(query argument \$\d+): .*", r"\1", said)  # asyncpg quotes a value there
    return re.sub(r"^<class '[^']*'>: ", "", said) or type(exc).__name__
