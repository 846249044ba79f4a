"""What the head of an answer says: whether it is taken, where it leads, how long to stay away."""

import re
import time
from collections.abc import Collection
from email.utils import parsedate_to_datetime

import httpx

from bot.errors import Busy, Missing, SourceError
from bot.sources.show import plain, show
from bot.sources.trouble import Denied, Refused

DAY = 86_400.0
PATIENCE = 900.0  # seconds, where a server says 429 and not for how long
UNTOLD = ("", "application/octet-stream", "binary/octet-stream", "application/x-unknown")  # could be anything
# How files begin that are no text: archives, images, video, PDF, programs.
FOREIGN_STARTS = (b"PK\3\4", b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"%PDF", b"\x1f\x8b", b"RIFF", b"\x7fELF")
SAID = {
    400: "does not understand the request; check the address",
    401: "wants a login; check the token",
    403: "does not let this bot in; check the address, the token and its rights",
    407: "the proxy of the environment wants a login",
    451: "may not be shown for legal reasons",
}


def check_head(response: httpx.Response, size: int) -> None:
    """Raises Refused where the body will be larger than is taken."""
    length = response.headers.get("content-length", "")
    if re.fullmatch(r"\d{1,20}", length) and int(length) > size:
        raise Refused(too_large(size, f" ({int(length):,})"))


def too_large(size: int, has: str = "") -> str:
    """That something is larger than is taken."""
    return f"has more bytes{has} than the {size:,} that are taken; fetch.size allows more"


def read_target(response: httpx.Response, url: httpx.URL) -> httpx.URL:
    """Where a redirect leads, without credentials; raises Refused where it leads nowhere."""
    location = response.headers.get("location", "").strip()
    if not location:
        raise Refused(f"says that it has moved ({response.status_code}), and not where; look with a browser")
    try:
        target = url.join(location)
    except httpx.InvalidURL as exc:
        raise Refused(f"leads to {show(location)}, which is no address") from exc
    if not is_web(target):
        raise Refused(f"leads to {show(location)}, which is no address of the web")
    return target.copy_with(userinfo=b"", fragment=None)


def is_web(url: httpx.URL) -> bool:
    """Whether an address can be asked at all."""
    return url.scheme in ("http", "https") and bool(url.host)


def check_kind(response: httpx.Response, kinds: Collection[str]) -> None:
    """Raises Refused where the content is said to be of another kind."""
    kind = _kind(response)
    if kind not in UNTOLD and not _fits(kind, kinds):
        raise Refused(f"is {plain(kind, 60)}, and not one of {', '.join(kinds)}; check the address")


def check_start(response: httpx.Response, start: bytes, kinds: Collection[str]) -> None:
    """Raises Refused where nobody says of what kind the content is, and it does not begin as text does."""
    kind = _kind(response)
    text = b"\0" not in start[:1024] and not start.startswith(FOREIGN_STARTS)
    if kind in UNTOLD and not text and not _fits(kind, kinds):
        raise Refused(f"is {kind or 'of no said kind'} and no text, where {', '.join(kinds)} is expected")


def refusal(response: httpx.Response, url: str) -> SourceError | None:
    """The error that an answer without the content means; None for one with it."""
    status, where = response.status_code, show(url)
    if status in (200, 203):
        return None
    if status in (404, 410):
        return Missing(f"{where}: there is nothing ({status}); check the address")
    if (seconds := _away(response)) is not None:
        return Busy(f"{where}: asks to be left alone for {seconds:.0f} s ({status})", seconds)
    if status == 304:
        return SourceError(
            f"{where}: says 'not changed' (304) without having been asked; tried again at the next look"
        )
    if status >= 500:
        return SourceError(f"{where}: has trouble of its own ({status}); tried again at the next look")
    said = SAID.get(status, "gives no content; check the address")
    said = f"{where}: {said} ({status})"
    return Denied(said, status) if status >= 400 else SourceError(said)


def _away(response: httpx.Response) -> float | None:
    """Seconds for which the server wants to be left alone, None where it does not say that."""
    headers, status = response.headers, response.status_code
    seconds = _after(headers.get("retry-after", ""), headers.get("date", ""))
    if seconds is None and headers.get("x-ratelimit-remaining", "").strip() == "0":
        reset = headers.get("x-ratelimit-reset", "").strip()
        seconds = float(reset) - time.time() if re.fullmatch(r"\d{9,11}", reset) else None
    if seconds is None and status == 429:
        seconds = PATIENCE
    return None if seconds is None or status not in (403, 429, 503) else min(max(seconds, 1.0), DAY)


def _after(value: str, date: str) -> float | None:
    """The seconds of a Retry-After; its date is told by the server's own clock where that is given."""
    value = value.strip()
    if re.fullmatch(r"\d{1,10}", value):
        return float(value)
    until = _when(value)
    return None if until is None else until - (_when(date) or time.time())


def _when(date: str) -> float | None:
    try:
        return parsedate_to_datetime(date).timestamp()
    except (ValueError, OverflowError, TypeError):
        return None


def _kind(response: httpx.Response) -> str:
    said = str(response.headers.get("content-type", ""))  # said twice, it comes with a comma
    return re.split("[;,]", said, maxsplit=1)[0].strip().lower()


def _fits(kind: str, kinds: Collection[str]) -> bool:
    return kind in kinds or f"{kind.partition('/')[0]}/*" in kinds or "*/*" in kinds
