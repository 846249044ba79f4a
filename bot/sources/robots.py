"""What a site's robots.txt asks of us: RFC 9309."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass

import httpx
from protego import Protego

from bot.errors import Missing, SourceError
from bot.sources.http import SLOWEST, Stamp, Web
from bot.sources.trouble import Denied, told

DAY = 86_400.0  # seconds for which it is remembered
HOUR = 3600.0  # seconds until it is asked for again where it could not be had
LONG = 512_000  # bytes that are read of it
WHO = re.compile(r"(?i)^\s*user[- ]?agent\s*(?::|\s)\s*([^#\n]*)")
TOKEN = re.compile(r"(?i)(?:mozilla/\S+ \(compatible; )?([a-z_-]+)")
NOBODY = "User-agent: ."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What a host said, and until when that holds."""

    rules: Protego
    stamp: Stamp
    until: float


class Robots:
    """Asks each host once a day; what it says holds for us by our name, or else for everybody."""

    def __init__(self, web: Web, agent: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._web = web
        named = TOKEN.match(agent)
        self._name = named[1].lower() if named else "paperboy"
        self._clock = clock
        self._known: dict[str, _Known] = {}

    async def allows(self, url: str) -> bool:
        """Whether the host lets us read an address.

        Raises:
            SourceError: what it wants cannot be had, and never could.
        """
        address = _read(url)
        return (await self._rules(address)).can_fetch(str(address), self._name)

    async def pause(self, url: str) -> float:
        """Seconds that the host wants between two requests, a minute at most.

        Raises:
            SourceError: what it wants cannot be had, and never could.
        """
        rules = await self._rules(_read(url))
        rate = rules.request_rate(self._name)
        delay = rules.crawl_delay(self._name) or 0.0
        # Whole numbers of any length, which a division into a float need not fit.
        apart = min(rate.seconds, int(SLOWEST) * rate.requests) / rate.requests if rate else 0.0
        return min(max(delay, apart), SLOWEST)

    async def _rules(self, url: httpx.URL) -> Protego:
        where = str(url.copy_with(raw_path=b"/robots.txt", fragment=None))
        known = self._known.get(where)
        if not known or known.until <= self._clock():
            known = self._known[where] = await self._ask(where, known)
        return known.rules

    async def _ask(self, where: str, known: _Known | None) -> _Known:
        """What the host says now; what it said last where it cannot be had."""
        until = self._clock() + DAY
        stamp = known.stamp if known else Stamp()
        try:
            answer = await self._web.get(where, stamp=stamp, kinds=("*/*",), empty=True, most=LONG)
        except (Missing, Denied):
            return _Known(rules=Protego.parse(""), stamp=Stamp(), until=until)
        except SourceError:
            if not known:
                raise
            return _Known(rules=known.rules, stamp=known.stamp, until=self._clock() + HOUR)
        if answer is None and known:
            return _Known(rules=known.rules, stamp=known.stamp, until=until)
        data, stamp = (answer.data, answer.stamp) if answer else (b"", Stamp())
        return _Known(rules=_parse(data, self._name), stamp=stamp, until=until)


def _read(url: str) -> httpx.URL:
    with told(lambda: url):
        return httpx.URL(url)


def _parse(data: bytes, name: str) -> Protego:
    """The rules; of the names only ours and everybody's, since reading takes names times rules."""
    if len(data) == LONG:
        data = data[: max(data.rfind(b"\n"), data.rfind(b"\r")) + 1]  # the last line may be cut
    lines = data.decode("utf-8-sig", "replace").splitlines()
    return Protego.parse("\n".join(_rename(line, name) for line in lines))


def _rename(line: str, name: str) -> str:
    found = WHO.match(line)
    if not found:
        return line
    who = found[1].strip()
    token = TOKEN.match(who)
    if who == "*":
        return "User-agent: *"
    return f"User-agent: {name}" if token and token[1].lower() == name else NOBODY
