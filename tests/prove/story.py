"""Stories: what people, posts, platforms and power cuts may do, one event after another."""

from collections.abc import Iterable
from dataclasses import dataclass

from hypothesis import strategies as st

from bot.model import Style
from tests.prove.model import DAY, EVERY_DAY

MAX_AGE = 14  # days
PAPERS = [f"2401.{number:05}" for number in range(1, 13)]
TAGS = ["NeRF", "3DGS"]
ZONES = {0: "UTC", 8 * 3600: "Asia/Hong_Kong"}
PEOPLE = ["all", "both", "old", "one"]


@dataclass(frozen=True)
class Subscribe:
    chat: str
    tag: str
    wanted: bool


@dataclass(frozen=True)
class AskRevised:
    chat: str
    wanted: bool


@dataclass(frozen=True)
class SetStyle:
    chat: str
    style: Style


@dataclass(frozen=True)
class Filter:
    chat: str
    kind: str
    word: str
    wanted: bool


@dataclass(frozen=True)
class SetTiming:
    chat: str
    at: int | None
    days: frozenset[int]
    offset: int
    quiet: tuple[int, int] | None
    silent: bool


@dataclass(frozen=True)
class Publish:
    """A post comes, or one that is known comes back: grown, rewritten, with new versions of papers."""

    tag: str
    number: int  # of the post of the tag
    age: int  # days
    papers: tuple[str, ...]  # new in it
    in_front: bool
    length: int  # parts of the card of a paper of it
    revised: frozenset[str]
    first: bool


@dataclass(frozen=True)
class Rename:
    """All that a post holds comes in another one, a day later, also under another tag."""

    place: int
    tag: str


@dataclass(frozen=True)
class Pass:
    seconds: int


@dataclass(frozen=True)
class Resume:
    """The chats that were gone come back."""


@dataclass(frozen=True)
class Deliver:
    """A bot runs until it has nothing to do; calls of the platform meet these fates."""

    fates: dict[int, str]
    stubborn: str | None = None  # a chat to which nothing can be sent in this run


NAMES = st.sampled_from(PEOPLE)
TOPICS = st.sampled_from(TAGS)
TROUBLES = (
    "limited limited-all moved gone markup refused transient unknown cut crash-before crash-after".split()
)
FATES = st.lists(st.sampled_from([None] * 12 + TROUBLES), min_size=6, max_size=24)
TIMING = st.builds(
    SetTiming, NAMES,
    st.none() | st.integers(0, 47).map(lambda half_hours: half_hours * 1800),
    st.sampled_from([EVERY_DAY, EVERY_DAY, frozenset({0, 1, 2, 3, 4}), frozenset({2})]),
    st.sampled_from(sorted(ZONES)),
    st.none() | st.tuples(st.integers(0, 23), st.integers(0, 23)),
    st.booleans(),
)  # fmt: skip
SETTING = st.one_of(
    st.builds(Subscribe, NAMES, TOPICS, st.booleans()),
    st.builds(AskRevised, NAMES, st.booleans()),
    st.builds(SetStyle, NAMES, st.sampled_from(Style)),
    st.builds(Filter, NAMES, st.sampled_from(["include", "exclude"]), st.sampled_from(["alpha", "beta"]),
              st.booleans()),
    TIMING,
)  # fmt: skip
PUBLISH = st.builds(
    Publish, TOPICS, st.integers(0, 2), st.sampled_from([0, 0, 0, 1, 3, MAX_AGE, MAX_AGE + 1]),
    st.lists(st.sampled_from(PAPERS), min_size=1, max_size=6, unique=True).map(tuple),
    st.booleans(), st.integers(1, 3), st.frozensets(st.sampled_from(PAPERS), max_size=4),
    st.sampled_from([False] * 7 + [True]),
)  # fmt: skip
POST = st.one_of(PUBLISH, PUBLISH, PUBLISH, st.builds(Rename, st.integers(0, 5), TOPICS))
DELIVER = st.builds(
    lambda fates, stubborn: Deliver({place: fate for place, fate in enumerate(fates, 1) if fate}, stubborn),
    FATES, st.sampled_from([None, None, None, *PEOPLE]),
)  # fmt: skip
PASS = st.builds(Pass, st.sampled_from([1, 40, 61, 61, 400, 3600, 5 * 3600, DAY]))
LONG_PASS = st.builds(Pass, st.sampled_from([61, 3600, 5 * 3600, 11 * 3600, DAY, DAY + 7 * 3600]))


def _flat(parts: Iterable[object]) -> list[object]:
    return [event for part in parts for event in (part if isinstance(part, list) else [part])]


ROUND = st.tuples(
    st.lists(SETTING, max_size=2), st.lists(POST, min_size=1, max_size=2), DELIVER, PASS, DELIVER, LONG_PASS,
    st.lists(st.just(Resume()), max_size=1),
).map(_flat)  # fmt: skip
STORY = st.tuples(
    st.lists(TIMING, min_size=1, max_size=2), st.lists(ROUND, min_size=2, max_size=4).map(_flat)
).map(_flat)
