"""What goes wrong on purpose."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.fakes.discord.journal import Request, pattern
from tests.fakes.discord.refusal import CODES, REASONS, Answer, Refusal, page, refused


@dataclass(slots=True, kw_only=True, eq=False)
class Mishap:
    """Something that happens to the next requests of a kind."""

    method: str  # "*" for all
    path: str
    times: int | None  # None: for ever
    when: Callable[[Request], object] | None
    seconds: float = 0.0  # of delay
    cut: bool = False
    answer: Answer | None = None
    handled: bool = False  # whether the request is carried out all the same

    def meets(self, request: Request) -> bool:
        """Whether this happens to the request; counts it then."""
        if self.times == 0 or self.method not in {"*", request.method}:
            return False
        if not pattern(self.path).fullmatch(request.path):
            return False
        if self.when and not self.when(request):
            return False
        if self.times:
            self.times -= 1
        return True


@dataclass(slots=True, kw_only=True)
class Fate:
    """All that happens to one request."""

    seconds: float = 0.0
    mishap: Mishap | None = None  # the first that cuts or answers


class Script:
    """The mishaps that are yet to come."""

    def __init__(self) -> None:
        self._mishaps: list[Mishap] = []

    def add(self, mishap: Mishap) -> None:
        """Have something go wrong."""
        self._mishaps.append(mishap)

    def clear(self) -> None:
        """From now on all goes well."""
        self._mishaps.clear()

    def fate(self, request: Request) -> Fate:
        """What happens to a request: every delay that meets it, and the first other mishap."""
        fate = Fate()
        if not self._mishaps:
            return fate
        for mishap in self._mishaps:
            if mishap.seconds:
                fate.seconds += mishap.seconds if mishap.meets(request) else 0.0
            elif fate.mishap is None and mishap.meets(request):
                fate.mishap = mishap
        self._mishaps = [mishap for mishap in self._mishaps if mishap.times != 0]
        return fate


def scripted(
    status: int | None,
    code: int,
    text: str | None,
    *,
    html: bool | None,
    retry_after: float | None,
    scope: str,
    via: bool,
) -> Answer:
    """The answer that a test asks for; a page where a gateway would answer by itself."""
    if status is None:
        status = CODES[code][0] if code in CODES else 429 if retry_after else 500
    headers = {} if via else {"Via": ""}
    if retry_after is not None:
        headers |= {"Retry-After": str(max(1, round(retry_after))), "X-RateLimit-Scope": scope}
        headers |= {"X-RateLimit-Global": "true"} if scope == "global" else {}
    if html or (html is None and status >= 500 and text is None and not code):
        return page(status, headers)
    more: dict[str, Any] = {"headers": headers} if headers else {}
    if retry_after is not None:
        more |= {"retry_after": retry_after, "global": scope == "global"}
        text = text or "You are being rate limited."
    known = CODES.get(code, (status, f"{status}: {REASONS.get(status, 'Error')}"))[1]
    return refused(Refusal(status, code, text or known, **more))
