"""A reply becomes messages that fit, for whom they are meant."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.adapters.discord import limits
from bot.adapters.discord.asked import Asked
from bot.adapters.discord.show import EPHEMERAL, MOST, bodies, line
from bot.commands.base import File, Place, Reply, card, tell
from bot.formatter.card import Action, Block, Button, Card, Kind, Rich, Span
from bot.model import Language
from tests import strategies
from tests.discord_oracle import edit_refusals, misfits, read, refusals

FIGURE = "https://example.org/a.jpg"


def asked(**given) -> Asked:
    values = {"place": Place(address="1/2"), "person": "7", "word": "help", "text": "", "hint": Language.EN}
    return Asked(**values | given)


COMMAND = asked()
SHARED = asked(shared=True)
PUBLIC_PRESS = asked(pressed=True)
OWN_PRESS = asked(pressed=True, editable=True)
CHAT_PRESS = asked(pressed=True, editable=True, alone=True)
RICH_PRESS = asked(pressed=True, editable=True, parts=True)
EVERYWHERE = (COMMAND, SHARED, PUBLIC_PRESS, OWN_PRESS, CHAT_PRESS, RICH_PRESS)


def long_card(words: int) -> Card:
    return card("A sentence of some words that goes on. " * words, title="Title")


def rich_card() -> Card:
    blocks = (Block(kind=Kind.PROSE, items=((Span("Some words."),),)),)
    return Card(title=(Span("T"),), blocks=blocks, rich=Rich(title=(Span("T"),), blocks=blocks))


def labels(body) -> list[str]:
    return [part["label"] for row in body.json.get("components", []) for part in row["components"]]


def judge(found, where) -> None:
    for body in found:
        checks = edit_refusals if body.edit else refusals
        sent = body.json | {"flags": body.flags & ~EPHEMERAL} if body.edit else body.json
        assert checks(sent) == []
        assert body.edit or misfits(4, {"type": 4, "data": body.json}) == []
        assert where.public or body.flags & EPHEMERAL
        for form in body.fallback:
            assert refusals(form.json) == []


# For whom


def test_answer_is_for_one_person_unless_it_is_shared():
    found = Reply(cards=(card("x", title="T"),))
    (mine,), (shared,) = bodies(found, COMMAND), bodies(found, SHARED)
    assert mine.flags & EPHEMERAL
    assert not shared.flags & EPHEMERAL


def test_words_to_whoever_asked_are_not_shared():
    (body,) = bodies(tell("There is no such paper."), SHARED)
    assert body.flags & EPHEMERAL
    (body,) = bodies(tell("There is no such paper."), CHAT_PRESS)
    assert not body.flags & EPHEMERAL


def test_word_beside_a_button_is_a_line_for_one_person_even_in_the_own_chat():
    (body,) = bodies(Reply(toast="Saved *now*."), CHAT_PRESS)
    assert body == line("Saved *now*.")
    assert read(body.json["content"]).shown == "Saved *now*."
    assert body.flags == EPHEMERAL


def test_refusal_is_one_line_of_all_its_words():
    refused = Reply(cards=tell("Not", "so.").cards, refused=True)
    for where in EVERYWHERE:
        (body,) = bodies(refused, where)
        assert body.json["content"] == "Not so."
        assert body.flags == EPHEMERAL
        assert not body.edit


def test_long_line_is_shortened():
    assert len(line("word " * 1000).json["content"]) <= 500


# In place


def test_only_a_message_for_one_person_is_edited():
    reply = tell("x", edit=True)
    assert [bodies(reply, where)[0].edit for where in EVERYWHERE] == [False, False, False, True, True, False]


def test_edit_takes_off_what_the_message_had():
    (body,) = bodies(tell("x", edit=True), OWN_PRESS)
    assert body.json["components"] == []
    assert body.json["content"] == ""


def test_message_of_components_stays_one():
    (body,) = bodies(Reply(cards=(rich_card(),), edit=True), RICH_PRESS)
    assert body.edit
    assert body.flags & limits.PARTS
    (body,) = bodies(Reply(cards=(rich_card(),), edit=True), OWN_PRESS)
    assert not body.edit


def test_only_the_first_message_takes_the_others_place():
    found = bodies(Reply(cards=(card("a"), card("b")), edit=True), OWN_PRESS)
    assert [body.edit for body in found] == [True, False]


# Pages


def test_page_is_one_message_with_ways_to_the_others():
    whole = long_card(600)
    reply = Reply(cards=(whole,), page=2, pages="note:2003.08934")
    (body,) = bodies(reply, COMMAND)
    assert labels(body)[0] == "◀ 1/6"
    ids = [part["custom_id"] for part in body.json["components"][0]["components"]]
    assert ids == ["note:2003.08934:1", "note:2003.08934:3"]
    assert "(2/" in body.json["embeds"][0]["title"]


@pytest.mark.parametrize(("page", "shown"), [(0, "(1/"), (99, "(6/"), (1, "(1/")])
def test_page_beyond_the_last_is_the_last(page, shown):
    (body,) = bodies(Reply(cards=(long_card(600),), page=page, pages="note:1"), COMMAND)
    assert shown in body.json["embeds"][0]["title"]


def test_page_keeps_the_buttons_of_the_card():
    keys = ((Button(label="Back", action=Action.PAPER, about="1"),),)
    whole = Card(title=(Span("T"),), blocks=long_card(600).blocks, keys=keys)
    for page in (1, 3):
        (body,) = bodies(Reply(cards=(whole,), page=page, pages="note:1"), COMMAND)
        assert labels(body)[-1] == "Back"


def test_single_page_has_nothing_to_turn():
    (body,) = bodies(Reply(cards=(card("x"),), page=1, pages="note:1"), COMMAND)
    assert "components" not in body.json


def test_page_of_a_card_that_shows_nothing_is_nothing():
    assert bodies(Reply(cards=(Card(title=(), blocks=()),), page=1, pages="note:1"), COMMAND) == []


# What does not fit, pictures, files


def test_answer_is_never_more_than_five_messages():
    found = bodies(Reply(cards=(long_card(4000),), file=File(name="a.bib", data=b"x")), COMMAND)
    assert len(found) == MOST
    assert "not shown here" in found[3].json["content"]
    assert found[4].file


def test_pictures_are_shown_together():
    figures = tuple(f"https://example.org/{n}.jpg" for n in range(14))
    (body,) = bodies(Reply(figures=figures), COMMAND)
    (gallery,) = body.json["components"]
    assert [item["media"]["url"] for item in gallery["items"]] == list(figures[:10])
    assert body.flags == EPHEMERAL | limits.PARTS


def test_pictures_that_nobody_can_fetch_are_a_line():
    (body,) = bodies(Reply(figures=("file:///etc/passwd", "https://localhost/x")), COMMAND)
    assert "no figures" in body.json["content"]


def test_file_has_its_name():
    (body,) = bodies(Reply(file=File(name="list.ris", data=b"x")), SHARED)
    assert body.json["attachments"] == [{"id": "0", "filename": "list.ris"}]
    assert body.flags == EPHEMERAL


def test_nothing_is_nothing():
    assert bodies(Reply(), OWN_PRESS) == []


# Whatever is replied

quickly = settings(deadline=None, max_examples=30, suppress_health_check=list(HealthCheck))
replies = st.builds(
    Reply,
    cards=st.lists(strategies.cards(), max_size=2).map(tuple),
    edit=st.booleans(),
    page=st.none() | st.integers(-1, 9),
    pages=st.just("note:2003.08934"),
    toast=st.just("") | strategies.texts(5).map(lambda text: text[:200]),
    figures=st.lists(st.sampled_from([FIGURE, "https://x", "no address", FIGURE + "\n"]), max_size=3).map(
        tuple
    ),
    refused=st.booleans(),
    language=st.sampled_from(Language),
)


@quickly
@given(replies, st.sampled_from(EVERYWHERE))
def test_any_reply_is_accepted(reply, where):
    found = bodies(reply, where)
    assert len(found) <= MOST
    judge(found, where)
