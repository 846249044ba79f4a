"""/pause, /resume and /stop in a group with topics, each a chat of its own."""

import pytest

from bot.commands.base import Place, Where
from bot.model import Language
from bot.storage import chats
from tests.commands.asking import NOW, Town, buttons, text
from tests.commands.seeing import Seer, publish

MAIN = Place(address="-100777", where=Where.GROUP, title="Graphics group")
ONE = Place(address="-100777/5", where=Where.GROUP, title="Graphics group")
TWO = Place(address="-100777/6", where=Where.GROUP, title="Graphics group")
OTHER = Place(address="-1007770", where=Where.GROUP, title="Another group")


@pytest.fixture
async def forum(database):
    """An administrator in each of a group's topics, all of which follow NeRF, as another group does."""
    await publish(database, "NeRF")
    town = Town(managers={place.address: {"1"} for place in (MAIN, ONE, TWO, OTHER)})
    people = {place: Seer(database, person="1", place=place, town=town) for place in (MAIN, ONE, TWO, OTHER)}
    for person in people.values():
        await person("/subscribe NeRF")
    return people


async def going(database):
    """The places that are known, and whether papers come there."""
    async with database.reading() as connection:
        found = [await chats.find(connection, "telegram", place.address) for place in (MAIN, ONE, TWO, OTHER)]
    return [chat and not chat.paused for chat in found]


@pytest.mark.parametrize("place", [MAIN, ONE])
async def test_pause_in_a_topic_says_that_others_go_on_and_pauses_all_on_a_tap(database, forum, place):
    me = forum[place]
    reply = await me("/pause")
    assert "Paused" in text(reply)
    assert "2 other topics" in text(reply)
    assert (await going(database)).count(True) == 3
    done = await me.press(buttons(reply)["Pause all topics"])
    assert done.edit
    assert "all 3 topics" in text(done)
    assert await going(database) == [False, False, False, True]
    again = await me.press(buttons(done)["Resume all topics"])
    assert "all topics" in text(again)
    assert await going(database) == [True] * 4


async def test_resume_in_a_topic_tells_of_those_that_stay_paused(database, forum):
    me = forum[MAIN]
    await me.press("stop:pause-all")
    reply = await me("/resume")
    assert "New papers come again" in text(reply)
    assert "2 other topics" in text(reply)
    assert await going(database) == [True, False, False, True]
    await me.press(buttons(reply)["Resume all topics"])
    assert await going(database) == [True] * 4
    assert "not paused" in text(await me("/resume"))


@pytest.mark.parametrize("place", [MAIN, TWO])
async def test_stop_in_a_topic_asks_which_and_says_what_was_done(database, forum, place):
    me = forum[place]
    asked = await me("/stop")
    assert "2 other topics" in text(asked)
    done = await me.press(buttons(asked)["Forget this topic"])
    assert "This topic is forgotten" in text(done)
    assert "2 other topics" in text(done)
    assert "/stop" in text(done)
    assert (await going(database)).count(None) == 1
    asked = await me("/stop")
    assert "Forget this topic" not in buttons(asked)
    done = await me.press(buttons(asked)["Forget all topics"])
    assert "whole chat" in text(done)
    assert await going(database) == [None, None, None, True]
    assert "nothing to forget" in text(await me("/stop"))


async def test_old_button_that_forgets_is_about_its_topic_and_says_so(database, forum):
    done = await forum[ONE].press("stop:yes")
    assert "2 other topics" in text(done)
    assert await going(database) == [True, None, True, True]
    for _ in range(2):
        assert (await forum[ONE].press("stop:all")).cards
    assert await going(database) == [None, None, None, True]


@pytest.mark.parametrize("line", ["/pause", "/resume", "/stop"])
async def test_topic_that_follows_nothing_leads_to_those_that_do(database, forum, line):
    me = forum[MAIN]
    await me.press("stop:yes")
    reply = await me(line)
    if line == "/resume":
        assert "/tags" in text(reply)
    else:
        assert "2 other topics" in text(reply)
        await me.press(buttons(reply)["Pause all topics"])
        assert await going(database) == [None, False, False, True]
        assert "2 other topics" in text(await me("/resume"))


async def test_only_administrators_stop_all_topics(database, forum):
    member = Seer(database, person="2", place=ONE, town=forum[ONE].town)
    for data in ("stop:all", "stop:pause-all", "resume:all"):
        assert "administrators" in (await member.press(data)).toast
    assert await going(database) == [True] * 4


async def test_pause_that_somebody_wanted_holds_for_topics_that_could_not_be_reached(database, forum):
    async with database.writing() as connection:
        two = await chats.find(connection, "telegram", TWO.address)
        await chats.pause(connection, two.id, now=NOW, reason="topic closed")
    await forum[MAIN].press("stop:pause-all")
    async with database.writing() as connection:
        assert not await chats.come_back(connection, "telegram", TWO.address, now=NOW)


@pytest.mark.parametrize("language", Language)
async def test_group_without_topics_and_private_chats_hear_nothing_of_topics(database, language):
    await publish(database, "NeRF")
    town = Town(managers={OTHER.address: {"7"}})
    for place in (OTHER, Place(address="7")):
        me = Seer(database, place=place, town=town, hint=language)
        await me("/subscribe NeRF")
        for line in ("/pause", "/resume", "/stop"):
            reply = await me(line)
            assert not any("all" in button.about for button in buttons(reply).values())


async def test_topics_are_told_in_chinese(database, forum):
    async with database.writing() as connection:
        main = await chats.find(connection, "telegram", MAIN.address)
        await chats.set_language(connection, main.id, Language.ZH)
    reply = await forum[MAIN]("/pause")
    assert "另外 2 个话题" in text(reply)
    assert "暂停所有话题" in buttons(reply)
