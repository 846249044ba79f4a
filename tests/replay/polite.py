"""What a polite reader may ask for in a day."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.fakes.blog import Asked
from tests.replay.author import Look

MONTHS = 8  # lists by month within the 200 days that a site is given in the stage
NEVER = ("", "index.html", "search.xml")


@dataclass(slots=True, kw_only=True)
class Toll:
    """The looks of one day, and what was asked for."""

    sources: int  # that read over HTTP, each on its own
    looks: int = 0
    starts: int = 0  # of a bot, which asks for robots.txt anew
    hurt: int = 0  # looks that were killed or failed: what they asked for may be asked for again
    pages: int = 0  # of lists, at most at one time
    growing: set[str] = field(default_factory=set)  # posts of the last days, under all addresses they had
    asked: list[Asked] = field(default_factory=list)

    def count(self, look: Look, pages: int, growing: Iterable[str]) -> None:
        self.looks += 1
        self.starts += 1 + (look.how == "half") if look.anew or look.how in ("killed", "half") else 0
        self.hurt += look.how != "well"
        self.pages = max(self.pages, pages)
        self.growing |= set(growing)

    def check(self, read: set[str]) -> None:
        """Raises AssertionError where too much was asked for; `read`: posts that were read before."""
        paths = [asked.path for asked in self.asked]
        times = Counter(paths)
        assert not times.keys() & set(NEVER)
        asked = times.pop("/robots.txt", 0)
        assert asked <= self.sources * (1 + self.starts + self.hurt)  # once a day, a start, a failure
        assert times.pop("atom.xml", 0) <= self.looks
        lists = {path: times.pop(path) for path in list(times) if path.startswith("archives/")}
        assert max(lists.values(), default=0) <= self.looks
        # Each look asks for the newest list, of one month or, where there is none yet, two; one look, or the
        # first that goes well, for all; and those that find news go on to the next pages.
        first, others = MONTHS + self.pages, 3 + self.pages
        assert sum(lists.values()) <= first * (1 + self.hurt) + others * self.looks
        # What can be had is asked for once; what fails, at each look until then.
        again = Counter(asked.path for asked in self.asked if asked.status in (200, 304, 404))
        repeated = sum(number - 1 for path, number in again.items() if path in times)
        assert repeated <= 2 * self.hurt, again.most_common(3)
        assert {path for path in times if path in read} <= self.growing
