"""Fingerprints of what was asked for: how it is recognised, when it was asked, what is still to do."""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.sources.http import Stamp

UNKNOWN = Stamp()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """What is remembered of a post, or of a page of a list of posts."""

    stamp: Stamp = UNKNOWN  # what its server recognises it by
    digest: str = ""  # of what counts in it; empty: it was not read yet, or is gone
    asked: int = 0  # when, in seconds
    day: str = ""  # of a post whose address tells none: 2024-12-07
    url: str = ""  # of a post whose address does not tell it
    after: str = ""  # of a list: the address of its next page
    waiting: Mapping[str, str] = field(default_factory=dict)  # of a list: posts not read yet, url by address
    failed: Collection[str] = ()  # those of them that could not be had

    def write(self) -> str:
        """The text of it, as short as can be."""
        values = {
            "e": self.stamp.etag,
            "m": self.stamp.modified,
            "h": self.digest,
            "t": self.asked,
            "d": self.day,
            "u": self.url,
            "n": self.after,
            "w": dict(self.waiting),
            "f": list(self.failed),
        }
        kept = {name: value for name, value in values.items() if value}
        return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))


def parse(text: str) -> Fingerprint:
    """The fingerprint of a text; one that knows nothing where it was written by something else."""
    try:
        values = json.loads(text)
    except ValueError:
        return Fingerprint()
    if not isinstance(values, dict):
        return Fingerprint()
    asked, waiting, failed = (values.get(name) for name in "twf")
    return Fingerprint(
        stamp=Stamp(etag=_text(values, "e"), modified=_text(values, "m")),
        digest=_text(values, "h"),
        asked=asked if isinstance(asked, int) else 0,
        day=_text(values, "d"),
        url=_text(values, "u"),
        after=_text(values, "n"),
        waiting={str(name): str(url) for name, url in waiting.items()} if isinstance(waiting, dict) else {},
        failed=tuple(map(str, failed)) if isinstance(failed, list) else (),
    )


def digest(data: bytes | str) -> str:
    """A short hash that differs where the content does."""
    raw = data if isinstance(data, bytes) else data.encode(errors="surrogatepass")
    return hashlib.blake2b(raw, digest_size=9).hexdigest()


def _text(values: dict[str, Any], name: str) -> str:
    value = values.get(name)
    return value if isinstance(value, str) else ""
