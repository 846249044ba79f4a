"""Messages without an answer: for how long Discord knows them, and how they are found in their channel."""

import datetime as dt

import pytest

from bot.adapters.discord.pending import KNOWN, MOST, Pending

ROW = {"type": 1, "components": [{"type": 2, "label": "L", "custom_id": "a:b"}]}
BODY = {"embeds": [{"title": "T", "description": "a  b "}], "nonce": "N", "components": [ROW]}


class Clock:
    """A clock that a test sets."""

    now = 1_795_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def pending(clock):
    return Pending(clock)


def stands(clock, *, author: str = "1", age: float = 0.0, **changed):
    when = dt.datetime.fromtimestamp(clock.now - age, dt.UTC).isoformat()
    bare = {key: value for key, value in BODY.items() if key != "nonce"}
    return bare | {"id": "7", "author": {"id": author}, "timestamp": when} | changed


def test_message_is_old_once_discord_may_have_forgotten_it(pending, clock):
    assert not pending.is_old("N")
    pending.note("N")
    clock.now += KNOWN
    pending.note("N")
    assert not pending.is_old("N")
    clock.now += 1
    assert pending.is_old("N"), "counted from the first time"
    pending.settle("N")
    assert not pending.is_old("N")


def test_message_is_known_by_its_words_or_its_nonce(pending, clock):
    pending.note("N")
    trimmed = stands(clock, embeds=[{"title": "T", "description": "a  b"}])
    assert pending.find(BODY, [stands(clock, content="x"), trimmed], "1") == trimmed
    marked = stands(clock, embeds=[], nonce="N")
    assert pending.find(BODY, [marked], "1") == marked


def test_message_without_words_is_known_by_its_nonce_alone(pending, clock):
    pending.note("N")
    bare = {"embeds": [{"image": {"url": "https://pic.org/a.jpg"}}], "nonce": "N"}
    other = stands(clock, embeds=[{"image": {"url": "https://pic.org/b.jpg"}}], components=[])
    assert pending.find(bare, [other], "1") is None
    assert pending.find(bare, [other | {"nonce": "N"}], "1")


def test_what_others_said_or_was_said_before_is_another_message(pending, clock):
    clock.now += 3600
    pending.note("N")
    others = [stands(clock, author="2"), stands(clock, age=300.0), stands(clock, components=[])]
    assert pending.find(BODY, others, "1") is None
    assert pending.find(BODY, [], "1") is None
    assert pending.find(BODY, {"message": "no list"}, "1") is None


def test_not_more_than_so_many_are_remembered(pending, clock):
    for number in range(MOST + 5):
        pending.note(str(number))
    clock.now += KNOWN + 1
    assert not pending.is_old("4")
    assert pending.is_old("5")
