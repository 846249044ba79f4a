"""The two dates of a digest: the day it is filed under, and the day that its heading names."""

import re
from dataclasses import dataclass
from datetime import date

NEAR = 31  # days; a digest is renamed by a day or filed a week early, never by months

_FULL = re.compile(r"(?<!\d)((?:19|20)\d\d)[-/._年](\d{1,2})[-/._月](\d{1,2})(?!\d)")
_HEADING = re.compile(r"[^\d\n]{0,20}(?<!\d)\d{4}[-/._年]\d{1,2}[-/._月]\d{1,2}(?!\d)[^\n]{0,20}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dates:
    """The dates of a digest, and what was odd about them, in sentences."""

    filed: date
    heading: date
    doubts: tuple[str, ...]


def is_dated(heading: str) -> bool:
    """Whether a heading is made of a date and little else, as "2024-10-27 更新" is."""
    return len(heading) < 60 and _HEADING.fullmatch(heading) is not None


def day(text: str | None) -> date | None:
    """The last valid date in a text; in an address that is the innermost folder's."""
    for year, month, number in reversed(_FULL.findall(text or "")):
        try:
            return date(int(year), int(month), int(number))
        except ValueError:
            continue
    return None


def weigh(folder: date | None, heading: date | None, written: date | None) -> Dates | None:
    """The folder's date unless the other two agree on a far one; None where there is none at all."""
    filed = _trusted(folder, heading, written)
    shown = _trusted(heading, folder, written)
    if filed is None or shown is None:
        return None
    named = {"address": folder, "heading": heading, "front matter": written}
    if len({value for value in named.values() if value}) < 2:
        return Dates(filed=filed, heading=shown, doubts=())
    said = ", ".join(f"the {name} says {value}" for name, value in named.items() if value)
    return Dates(filed=filed, heading=shown, doubts=(f"the dates disagree: {said}; filed under {filed}",))


def _trusted(first: date | None, *others: date | None) -> date | None:
    """The first date, unless it is missing, or far from others that are near each other."""
    known = [other for other in others if other]
    if first is None:
        return known[0] if known else None
    agreeing = len(known) == 2 and _near(known[0], known[1])
    return known[0] if agreeing and not any(_near(first, other) for other in known) else first


def _near(one: date, other: date) -> bool:
    return abs((one - other).days) <= NEAR
