"""What nobody should send leaves as something that Discord takes, or does not leave."""

import os
from functools import cache
from itertools import cycle

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.adapters.base import Message
from bot.adapters.discord.adapter import Discord
from bot.adapters.discord.fit import fit
from bot.adapters.discord.render import render
from bot.errors import Rejected
from bot.model import Language
from tests.adapters.discord import hostile
from tests.adapters.discord.peer import TOKEN, listen
from tests.discord_oracle import read, refusals, schema, units

CARDS, BODIES, REFUSED = (list(found()) for found in (hostile.cards, hostile.bodies, hostile.refused))


class Taking:
    """Takes everything, and keeps it."""

    def __init__(self) -> None:
        self.bodies = []

    async def request(self, route, *, json=None, params=None):
        self.bodies.append(json)
        return {"id": str(len(self.bodies))}


def message(body) -> Message:
    request = {"route": "POST /channels/{channel}/messages", "json": body}
    return Message(platform="discord", request=request, papers=())


def check(body, title) -> None:
    """Discord takes it, by its limits and by its own description; nobody is called."""
    assert refusals(body) == [], title
    if os.environ.get("PAPERBOY_SHARED"):
        assert [error.message for error in schema().iter_errors(body)] == [], title
    assert body["allowed_mentions"] == {"parse": []}
    assert body["enforce_nonce"] is True


def test_there_are_more_than_two_hundred():
    assert len(CARDS) >= 190
    assert len(CARDS) + len(BODIES) + len(REFUSED) >= 250


@cache
def rendered():
    """The messages of the hostile cards, in both languages by turns."""
    languages = cycle(Language)
    return [(title, render(card, next(languages))) for title, card in CARDS]


async def test_any_hostile_card_leaves_as_discord_takes_it():
    for title, messages in rendered():
        taking = Taking()
        bot = Discord(taking)
        for one in messages:
            await bot.send("10/20", one)
            if bare := bot.plain(one):
                await bot.send("10/20", bare)
        for body in taking.bodies:
            check(body, title)


def test_what_a_hostile_card_says_means_nothing():
    for title, messages in rendered():
        for one in messages[:2]:
            for embed in fit(one.request["json"]).get("embeds", []):
                shown = [read(embed.get(part, "")) for part in ("title", "description")]
                assert [reading.meant for reading in shown] == [[], []], title


@pytest.mark.parametrize(("title", "body"), BODIES, ids=[title for title, _ in BODIES])
async def test_hostile_body_leaves_as_discord_takes_it(title, body):
    taking = Taking()
    bot = Discord(taking)
    await bot.send("10/20", message(body))
    (sent,) = taking.bodies
    check(sent, title)
    if bare := bot.plain(message(body)):
        await bot.send("10/20", bare)
        check(taking.bodies[-1], title)


@pytest.mark.parametrize(("title", "body"), REFUSED, ids=[title for title, _ in REFUSED])
async def test_what_cannot_be_mended_does_not_leave(title, body):
    taking = Taking()
    with pytest.raises(Rejected):
        await Discord(taking).send("10/20", message(body))
    assert taking.bodies == []


async def test_hostile_bodies_arrive_over_http():
    from bot.adapters.discord.api import Line
    from bot.adapters.discord.toll import Toll

    async with listen() as peer:
        line = Line(TOKEN, Toll(most=10_000))
        bot = Discord(line)
        for _, body in BODIES:
            await bot.send("10/20", message(body))
        await bot.close()
        assert len(peer.asked("messages")) == len(BODIES)
        for got in peer.asked("messages"):
            check(got.body, got.body)


# What is kept


def test_sound_body_stays_as_it_is():
    body = {
        "content": "x",
        "embeds": [
            {"title": "T", "url": "https://x.org/a", "description": "D", "color": 5, "image": {"url": "https://x.org/b"},
             "footer": {"text": "F"}, "fields": [{"name": "n", "value": "v", "inline": True}]}
        ],
        "components": [{"type": 1, "components": [
            {"type": 2, "style": 5, "label": "PDF", "url": "https://x.org/a"},
            {"type": 2, "style": 2, "label": "Note", "custom_id": "note:1"}]},
            {"type": 1, "components": [{"type": 3, "custom_id": "pick:1", "placeholder": "P", "options": [
                {"label": "1. A", "value": "paper:1", "description": "d"}]}]}],
        "allowed_mentions": {"parse": []},
        "flags": 4096,
    }  # fmt: skip
    before = repr(body)
    assert fit(body) == body
    assert repr(body) == before


def test_what_is_cut_ends_with_a_sign_of_it():
    (embed,) = fit({"embeds": [{"description": "word " * 2000}]})["embeds"]
    assert embed["description"].endswith("word…")
    assert len(embed["description"]) <= 4096


def test_first_embeds_keep_what_the_last_lose():
    found = fit(
        {"embeds": [{"title": "A", "description": "x " * 2000}, {"title": "B", "description": "y " * 2000}]}
    )
    first, second = found["embeds"]
    assert units(first["description"]) == 4000
    assert second["title"] == "B"
    assert 1900 < units(second["description"]) < 2000


def test_fit_changes_nothing_of_what_it_is_given():
    for _, body in BODIES:
        before = repr(body)
        fit(body)
        assert repr(body) == before


def test_what_is_fit_stays_fit():
    for _, body in BODIES:
        assert fit(fit(body)) == fit(body)


TEXT = st.sampled_from(["", " ", "\u200b", "a", "x" * 257, "word " * 500, "𝔘" * 300, "@everyone", "\ud800"])
URL = st.none() | st.sampled_from([*hostile.ADDRESSES, "https://x.org/a"])
EMBED = st.fixed_dictionaries(
    {},
    optional={
        "title": TEXT,
        "description": TEXT,
        "url": URL,
        "color": st.integers(-1, 1 << 25),
        "image": st.none() | st.fixed_dictionaries({}, optional={"url": URL}),
        "footer": st.fixed_dictionaries({}, optional={"text": TEXT, "icon_url": URL}),
        "author": st.fixed_dictionaries({}, optional={"name": TEXT, "url": URL}),
        "fields": st.lists(st.fixed_dictionaries({"name": TEXT, "value": TEXT}), max_size=30),
    },
)
ID = st.sampled_from(["", "a:b", "c:d", "x" * 101])
BUTTON = st.fixed_dictionaries(
    {"type": st.just(2), "style": st.sampled_from([1, 2, 5])},
    optional={"label": TEXT, "custom_id": ID, "url": URL},
)
OPTION = st.fixed_dictionaries(
    {"label": TEXT, "value": ID | TEXT.filter(str.isascii)}, optional={"description": TEXT}
)
MENU = st.fixed_dictionaries(
    {"type": st.just(3), "options": st.lists(OPTION, max_size=30)},
    optional={"custom_id": ID, "placeholder": TEXT},
)
ROW = st.fixed_dictionaries({"type": st.just(1), "components": st.lists(BUTTON | MENU, max_size=7)})
BODY = st.fixed_dictionaries(
    {},
    optional={
        "content": TEXT,
        "embeds": st.lists(EMBED, max_size=12),
        "components": st.lists(ROW, max_size=7),
    },
)


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(BODY)
def test_whatever_is_sent_is_fit_or_refused(body):
    try:
        found = fit(body)
    except Rejected:
        return
    assert refusals(found) == []
    assert fit(found) == found
