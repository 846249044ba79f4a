"""Which tag is meant, and how it is asked where that is not clear."""

import pytest

from bot.commands.base import Visit, button
from bot.commands.pick import CHOICES, all_topics, pick, which
from bot.formatter.card import Action
from bot.locales import words
from bot.model import Language
from bot.storage import tags
from tests.commands.asking import buttons, text
from tests.commands.seeing import TODAY, Seer, publish


def ask(topic):
    return button(topic.name, Action.DIGEST, f"{tags.key(topic.slug)}::1")


async def asked(visit, word):
    """What is asked about the one word that is not clear."""
    clear, (unclear,) = pick(visit, await all_topics(visit), word)
    assert clear == []
    return which(visit, unclear, ask)


@pytest.fixture
async def visit(database):
    """A visit of a stranger to a blog with some tags."""
    for name in ("NeRF", "Talking Head Generation", "Avatar Generation"):
        await publish(database, name)
    for number in range(12):
        await publish(database, f"Task {number}", papers=(f"2611.{number:05}",))
    me = Seer(database, aliases={"Gesichter": "talking-head-generation"})
    request = me._request(word="latest", text="")
    async with database.reading() as connection:
        yield Visit(
            desk=me.desk, request=request, chat=None, place=request.place, text="", connection=connection,
            say=words(Language.EN), language=Language.EN,
        )  # fmt: skip


@pytest.mark.parametrize("text", ["Talking Head Generation", "talking", "gesichter", "talking-head"])
async def test_one_tag_is_found_by_name_part_and_alias(visit, text):
    clear, unclear = pick(visit, await all_topics(visit), text)
    assert [topic.name for topic in clear] == ["Talking Head Generation"]
    assert unclear == []


async def test_near_miss_asks_with_the_callers_buttons(visit):
    reply = await asked(visit, "talkng head")
    assert "Did you mean" in text(reply)
    assert buttons(reply)["Talking Head Generation"].action is Action.DIGEST


async def test_part_of_many_names_offers_some_and_says_so(visit):
    reply = await asked(visit, "task")
    assert "stands in 12 tags" in text(reply)
    assert "more of the name" in text(reply)
    assert len(buttons(reply)) == CHOICES


async def test_name_like_no_tag_leads_to_the_list(visit):
    reply = await asked(visit, "qqqqqqq")
    assert "There is no tag “qqqqqqq”. /tags shows all of them." in text(reply)
    assert buttons(reply) == {}


async def test_long_words_are_shortened_in_the_answer(visit):
    assert len(text(await asked(visit, "q" * 4000))) < 200


async def test_several_names_are_picked_and_what_is_unclear_is_told(visit):
    topics = await all_topics(visit)
    clear, unclear = pick(visit, topics, "nerf, avatar, generation, nervv")
    assert [topic.name for topic in clear] == ["NeRF", "Avatar Generation"]
    assert [item.word for item in unclear] == ["generation", "nervv"]
    assert [topic.name for topic in unclear[1].likely] == ["NeRF"]
    assert "Which one" in text(which(visit, unclear[0], ask))


async def test_papers_of_the_last_seven_days_count(visit):
    topics = {topic.name: topic for topic in await all_topics(visit)}
    assert topics["NeRF"].week == 1
    assert TODAY.isoformat() == "2026-11-18"
