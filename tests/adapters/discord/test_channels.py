"""What is remembered of channels, and what is asked for again."""

import pytest
from discord.http import Route

from bot.adapters.discord.api import Line, aim
from bot.adapters.discord.channels import FRESH, REFUSED, Channels
from bot.adapters.discord.toll import Toll
from bot.errors import Gone
from tests.fakes.discord import Server


@pytest.fixture
async def server(monkeypatch):
    monkeypatch.setattr(Route, "BASE", Route.BASE)
    async with Server() as server:
        aim(server.url)
        yield server
        assert server.complaints == []


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def channels(server, clock):
    line = Line(server.token, Toll(most=10_000))
    yield Channels(line, clock)
    await line.close()


def names(forum):
    return [tag["name"] for tag in forum.tags]


async def test_channel_is_asked_for_once_in_a_while(server, channels, clock):
    room = server.news(server.guild())
    for _ in range(3):
        assert (await channels.look(str(room.id))).kind == 5
    assert len(server.asked("GET", "/channels/*")) == 1
    clock.now += FRESH + 1
    await channels.look(str(room.id))
    assert len(server.asked("GET", "/channels/*")) == 2


async def test_bot_knows_itself(server, channels):
    assert await channels.me() == str(server.bot.id)
    asked = len(server.asked("GET", "/users/@me"))
    await channels.me()
    assert len(server.asked("GET", "/users/@me")) == asked


async def test_channel_that_is_gone_is_told(server, channels):
    with pytest.raises(Gone):
        await channels.look("123")


async def test_tag_is_known_by_its_name_in_any_case_and_at_most_five_are_given(server, channels):
    forum = server.forum(server.guild(), tags=["A", "b", "C", "d", "E", "f"])
    found = await channels.tags(str(forum.id), ["a", "B", " b ", "c", "D", "e", "F"])
    assert found == tuple(tag["id"] for tag in forum.tags[:5])


async def test_tags_that_others_made_meanwhile_stay(server, channels):
    forum = server.forum(server.guild(permits=["manage_channels"]), tags=["A"])
    await channels.look(str(forum.id))
    forum.tags.append(server._tag("Theirs", False))
    await channels.tags(str(forum.id), ["B"])
    assert names(forum) == ["A", "Theirs", "B"]


async def test_full_forum_gets_no_more_tags(server, channels):
    forum = server.forum(
        server.guild(permits=["manage_channels"]), tags=[f"t{number}" for number in range(19)]
    )
    assert len(await channels.tags(str(forum.id), ["one", "two"])) == 1
    assert len(forum.tags) == 20
    assert await channels.tags(str(forum.id), ["three"]) == ()


async def test_moderated_tag_is_neither_given_nor_made_again(server, channels):
    forum = server.forum(server.guild(permits=["manage_channels"]), moderated=["NeRF"])
    assert await channels.tags(str(forum.id), ["NeRF"]) == ()
    assert names(forum) == ["NeRF"]


async def test_forum_where_tags_may_not_be_made_is_asked_again_later(server, channels, clock):
    lab = server.guild()
    forum = server.forum(lab)
    for _ in range(3):
        assert await channels.tags(str(forum.id), ["A"]) == ()
    assert len(server.asked("PATCH", "/channels/*")) == 1
    server.permit(forum, server.bot, "manage_channels")
    clock.now += REFUSED + 1
    assert len(await channels.tags(str(forum.id), ["A"])) == 1


async def test_names_that_show_nothing_are_no_tags(server, channels):
    forum = server.forum(server.guild(permits=["manage_channels"]))
    assert await channels.tags(str(forum.id), ["", "  ", "\n"]) == ()
    assert forum.tags == []
