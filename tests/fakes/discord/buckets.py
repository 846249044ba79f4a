"""How fast a bot may ask (https://discord.com/developers/docs/topics/rate-limits)."""

import hashlib
import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.fakes.discord.journal import Request
from tests.fakes.discord.refusal import Refusal

Rule = tuple[int, float]  # so many requests in so many seconds
FREE = ("/interactions/", "/webhooks/")  # of the limit over all
MAJOR = ("channels", "guilds", "webhooks")  # whose ids have buckets of their own


def _usual() -> dict[tuple[str, str], Rule]:
    messages = "/channels/{channel_id}/messages"
    return {
        ("POST", messages): (5, 5.0),
        ("PATCH", f"{messages}/{{message_id}}"): (5, 5.0),
        ("DELETE", f"{messages}/{{message_id}}"): (5, 1.0),
        ("POST", f"{messages}/{{message_id}}/crosspost"): (10, 3600.0),
        ("POST", f"{messages}/{{message_id}}/threads"): (50, 300.0),
        ("POST", "/channels/{channel_id}/threads"): (50, 300.0),
        ("PATCH", "/channels/{channel_id}"): (10, 15.0),
        ("POST", "/webhooks/{application_id}/{token}"): (5, 2.0),
        ("PATCH", "/webhooks/{application_id}/{token}/messages/{message_id}"): (5, 2.0),
        ("PUT", "/applications/{application_id}/commands"): (2, 60.0),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How fast a bot may ask; routes that are not named have no limit of their own."""

    overall: Rule = (50, 1.0)
    routes: dict[tuple[str, str], Rule] = field(default_factory=_usual)
    ban: Rule = (10_000, 600.0)  # invalid requests, and then silence


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """A request that came too soon."""

    limit: str  # overall, route, or "told to wait" where it came before its retry_after was over
    path: str
    at: float
    wait: float  # seconds, as told


@dataclass(slots=True)
class Bucket:
    """A number of requests that is whole again some seconds after the first was taken."""

    most: int
    seconds: float
    name: str
    left: int = 0
    ends: float = 0.0
    until: float = 0.0  # when the bot was told to wait till

    def take(self, now: float) -> float:
        """Take one; gives the seconds to wait where none is left."""
        if now >= self.ends:
            self.left, self.ends = self.most, now + self.seconds
        if not self.left:
            return self.ends - now
        self.left -= 1
        return 0.0

    def headers(self, now: float, wall: float) -> dict[str, str]:
        """What answers tell of it."""
        after = max(0.0, self.ends - now)
        return {
            "X-RateLimit-Limit": str(self.most),
            "X-RateLimit-Remaining": str(self.left),
            "X-RateLimit-Reset": f"{wall + after:.3f}",
            "X-RateLimit-Reset-After": f"{after:.3f}",
            "X-RateLimit-Bucket": self.name,
        }


class Pace:
    """Counts requests, and refuses those that come too soon; `slack` seconds of each second are forgiven."""

    def __init__(self, rules: Rules | None, *, slack: float, clock: Callable[[], float]) -> None:
        self.rules = rules
        self.violations: list[Violation] = []
        self.invalid = 0  # answers 401, 403, and 429 but for those of shared limits
        self.banned = False
        self._bad: deque[float] = deque()
        self._slack = slack
        self._clock = clock
        self._times: deque[float] = deque()
        self._until = 0.0
        self._buckets: dict[tuple[str, str], Bucket] = {}

    def take(self, request: Request, wall: float) -> dict[str, str]:
        """Count a request; gives its answer's headers; raises Refusal (429) where it comes too soon."""
        if not self.rules:
            return {}
        now = self._clock()
        if not request.path.startswith(FREE):
            self._take_overall(self.rules.overall, request, now)
        bucket = self._bucket(self.rules, request)
        if bucket is None:
            return {}
        if wait := bucket.take(now):
            early = now < bucket.until - self._slack
            bucket.until = now + wait
            told = bucket.headers(now, wall)
            self._refuse("told to wait" if early else "route", request, now, wait, told)
        return bucket.headers(now, wall)

    def note(self, status: int, scope: str | None) -> None:
        """Count an invalid request."""
        if status not in {401, 403} and (status != 429 or scope == "shared"):
            return
        self.invalid += 1
        if self.rules:
            most, seconds = self.rules.ban
            now = self._clock()
            self._bad.append(now)
            while self._bad[0] <= now - seconds:
                self._bad.popleft()
            self.banned = self.banned or len(self._bad) >= most

    def _take_overall(self, rule: Rule, request: Request, now: float) -> None:
        most, seconds = rule
        while self._times and self._times[0] <= now - seconds + self._slack:
            self._times.popleft()
        if now < self._until - self._slack:
            self._refuse("told to wait", request, now, self._until - now, {})
        if len(self._times) >= most:
            wait = self._times[0] + seconds - now
            self._until = now + wait
            self._refuse("overall", request, now, wait, {})
        self._times.append(now)

    def _bucket(self, rules: Rules, request: Request) -> Bucket | None:
        rule = rules.routes.get((request.method, request.route))
        if rule is None:
            return None
        pieces = request.path.split("/")
        major = pieces[2] if pieces[1] in MAJOR else ""
        if pieces[1] == "webhooks":
            major = "/".join(pieces[2:4])
        key = (f"{request.method} {request.route}", major)
        if key not in self._buckets:
            name = hashlib.blake2b(key[0].encode(), digest_size=16).hexdigest()
            self._buckets[key] = Bucket(*rule, name)
        return self._buckets[key]

    def _refuse(self, limit: str, request: Request, now: float, wait: float, headers: dict[str, str]) -> None:
        self.violations.append(Violation(limit=limit, path=request.path, at=now, wait=wait))
        everywhere = not headers
        scope = "global" if everywhere else "user"
        headers = headers | {"Retry-After": str(math.ceil(wait)), "X-RateLimit-Scope": scope}
        headers |= {"X-RateLimit-Global": "true"} if everywhere else {}
        told = {"retry_after": round(wait, 3), "global": everywhere}
        raise Refusal(429, 0, "You are being rate limited.", headers=headers, **told)
