"""Digests in posts of a forum, in threads, published: by the real library, on a Discord of our own."""

import asyncio
from collections import Counter
from dataclasses import replace

import pytest
from discord.http import Route

from bot.adapters.base import Heading, Message
from bot.adapters.discord import publish
from bot.adapters.discord.adapter import Discord
from bot.adapters.discord.api import Line, aim
from bot.adapters.discord.channels import Channels
from bot.adapters.discord.render import render
from bot.adapters.discord.rooms import Rooms
from bot.adapters.discord.toll import Toll
from bot.errors import Gone, Transient
from bot.formatter import cards, subject
from bot.model import Language, Layout, Style, Tag
from tests.builders import post
from tests.fakes.discord import Server

IDS = ("2410.00001", "2410.00002", "2410.00003")
NAME = "NeRF · 2026-11-20"
FORUM = "/channels/*/threads"
ON = "/channels/*/messages/*/threads"


@pytest.fixture
async def server(monkeypatch):
    monkeypatch.setattr(Route, "BASE", Route.BASE)
    async with Server() as server:
        aim(server.url)
        yield server
        assert server.complaints == []


@pytest.fixture
def lab(server):
    return server.guild("Lab")


class Reader:
    """A channel that gets digests, as the engine brings them."""

    def __init__(self, server, channel, layout):
        self.server, self.channel = server, channel
        self.address = f"{channel.guild.id}/{channel.id}"
        self.layout = layout
        self.lost = []
        self.restart()

    def restart(self):
        """A process of its own, which knows nothing."""
        toll = Toll(most=10_000)
        self.line = Line(self.server.token, toll)
        self.rooms = Rooms(self.line, Channels(self.line))
        self.bot = Discord(
            self.line, toll=toll, rooms=self.rooms, on_gone=lambda *told: self.lost.append(told)
        )

    async def send(self, message, *, opens=False, room="", tags=("NeRF",), title=NAME, silent=False):
        """Bring one message."""
        heading = Heading(title=title, tags=tags, layout=self.layout, opens=opens, room=room)
        return await self.bot.send(self.address, message, heading=heading, silent=silent)

    async def bring(self, read, *, style=Style.CARDS, room=""):
        """Bring a digest, message by message; the room."""
        title, tags = subject(read), tuple(tag.name for tag in read.tags)
        for number, message in enumerate(messages(read, style)):
            room = await self.send(message, opens=number == 0, room=room, title=title, tags=tags) or room
        return room

    def threads(self):
        """The threads of the channel, by name: what stands in each."""
        found = [it for it in self.server.world.channels.values() if it.parent is self.channel]
        return [(it.name, [titled(shown) for shown in self.server.shown(it)]) for it in found]

    def titles(self):
        return [titled(shown) for shown in self.server.shown(self.channel)]


def messages(read, style=Style.CARDS):
    shown = cards(read, style=style, language=Language.EN)
    return [message for card in shown for message in render(card, Language.EN)]


def titled(shown):
    return shown.embeds[0]["title"] if shown.embeds else shown.content


def plainly(text):
    body = {"content": text, "allowed_mentions": {"parse": []}}
    return Message(platform="discord", request={"json": body}, papers=("2410.00009",))


@pytest.fixture
async def make(server):
    made = []

    def reader(channel, layout):
        made.append(Reader(server, channel, layout))
        return made[-1]

    yield reader
    for reader in made:
        await reader.bot.close()


@pytest.fixture
def forum(server, lab, make):
    return make(server.forum(lab, tags=["NeRF", "Other"]), Layout.POSTS)


@pytest.fixture
def threads(server, lab, make):
    return make(server.text(lab), Layout.THREADS)


@pytest.fixture
def news(server, lab, make):
    return make(server.news(lab), Layout.PUBLISHED)


CARDS = [NAME, *(f"On {each}" for each in IDS)]

# Posts of a forum


async def test_digest_is_one_post_of_the_forum_under_its_tag(forum):
    await forum.bring(post(*IDS))
    assert forum.threads() == [(NAME, CARDS)]
    (made,) = forum.server.asked("POST", FORUM)
    assert made.json["applied_tags"] == [forum.channel.tags[0]["id"]]
    assert "nonce" not in made.json["message"]


async def test_two_digests_of_one_name_are_two_posts(forum):
    await forum.bring(post(*IDS))
    await forum.bring(post("2410.00007", address="other.md"))
    assert Counter(name for name, _ in forum.threads()) == {NAME: 2}
    await forum.bring(post("2410.00008", address="third.md"), style=Style.OVERVIEW)
    assert len(forum.threads()) == 3


@pytest.mark.parametrize("style", [Style.CARDS, Style.OVERVIEW])
async def test_post_that_nobody_recorded_is_found_again(forum, style):
    first, *rest = messages(post(*IDS), style)
    room = await forum.send(first, opens=True)
    await forum.bot.close()
    forum.restart()
    assert await forum.send(first, opens=True) == room
    for message in rest:
        await forum.send(message, room=room)
    assert forum.threads() == [(NAME, CARDS if style is Style.CARDS else [NAME])]


async def test_post_whose_confirmation_was_lost_is_found_again(forum):
    forum.server.cut("POST", FORUM, before=False)
    read = post(*IDS)
    with pytest.raises(Transient):
        await forum.bring(read)
    await forum.bring(read)
    assert forum.threads() == [(NAME, CARDS)]


@pytest.mark.parametrize("style", [Style.CARDS, Style.OVERVIEW])
async def test_plain_form_of_another_digest_is_not_taken_for_sent(forum, style):
    await forum.bring(post(IDS[0]))
    first = forum.bot.plain(messages(post(*IDS[1:], address="other.md"), style)[0])
    room = await forum.send(first, opens=True)
    assert len(forum.threads()) == 2
    await forum.bot.close()
    forum.restart()
    assert await forum.send(first, opens=True) == room, "its own it is taken for"
    assert len(forum.threads()) == 2


async def test_digest_of_the_same_words_is_told_by_what_its_buttons_ask_for(forum):
    async def begin(paper):
        button = {"type": 2, "style": 2, "label": "1", "custom_id": f"paper:{paper}"}
        body = {"content": "a  digest ", "components": [{"type": 1, "components": [button]}]}
        return await forum.send(Message(platform="discord", request={"json": body}, papers=()), opens=True)

    assert await begin(IDS[0]) == await begin(IDS[0]) != await begin(IDS[1])


async def test_old_post_of_the_same_name_is_left_alone(forum):
    await forum.bring(post(IDS[0]))
    forum.rooms._clock = lambda: 4_000_000_000.0
    await forum.bring(post(IDS[0]))
    assert len(forum.threads()) == 2


async def test_post_of_somebody_else_is_left_alone(forum):
    forum.server.thread(forum.channel, NAME)
    await forum.bring(post(IDS[0]))
    assert sorted(len(shown) for _, shown in forum.threads()) == [1, 2]


async def test_deleted_post_is_made_anew_for_the_rest(forum):
    first, second, third, _ = messages(post(*IDS))
    room = await forum.send(first, opens=True)
    forum.server.delete(forum.server.world.channel(room.rpartition("/")[2]))
    again = await forum.send(second, room=room)
    assert again != room
    assert await forum.send(third, room=again) == again
    assert forum.threads() == [(NAME, CARDS[1:3])]


@pytest.mark.parametrize("archived", [False, True])
async def test_locked_post_is_made_anew_for_the_rest(forum, archived):
    first, second, *_ = messages(post(*IDS))
    room = await forum.send(first, opens=True)
    forum.server.lock(forum.server.world.channel(room.rpartition("/")[2]), archived=archived)
    assert await forum.send(second, room=room) != room
    assert forum.threads() == [(NAME, [NAME]), (NAME, [CARDS[1]])]
    assert forum.lost == []


async def test_archived_post_goes_on(forum):
    first, second, *_ = messages(post(*IDS))
    room = await forum.send(first, opens=True)
    forum.server.archive(forum.server.world.channel(room.rpartition("/")[2]))
    assert await forum.send(second, room=room) == room
    assert forum.threads() == [(NAME, CARDS[:2])]


async def test_rest_of_a_digest_without_its_room_joins_the_post_of_its_name(forum):
    first, second, *_ = messages(post(*IDS))
    await forum.send(first, opens=True)
    await forum.send(second)
    assert forum.threads() == [(NAME, CARDS[:2])]


async def test_silent_post_wakes_nobody(forum):
    await forum.send(messages(post(*IDS))[0], opens=True, silent=True)
    (thread,) = [it for it in forum.server.world.channels.values() if it.parent is forum.channel]
    assert forum.server.shown(thread)[0].silent


@pytest.mark.parametrize("title", ["N" * 300, "标题" * 100, "a\n b\t c", "𝕏" * 99])
async def test_name_of_any_title_fits(forum, title):
    await forum.send(plainly("x"), opens=True, title=title)
    ((name, _),) = forum.threads()
    assert 0 < len(name) <= 100
    assert "\n" not in name
    await forum.bot.close()
    forum.restart()
    await forum.send(plainly("x"), opens=True, title=title)
    assert len(forum.threads()) == 1


async def test_forum_that_is_full_of_posts_is_gone_until_one_is_put_away(forum):
    forum.server.most_threads = 0
    with pytest.raises(Gone, match="too many posts"):
        await forum.bring(post(IDS[0]))
    forum.server.most_threads = 5
    await forum.bring(post(IDS[0]))
    assert len(forum.threads()) == 1


@pytest.mark.parametrize("lacking", ["view_channel", "send_messages", "send_messages_in_threads"])
async def test_forum_without_permission_is_gone_and_told_once(forum, lacking):
    forum.server.forbid(forum.channel, forum.server.bot, lacking)
    first, second, *_ = messages(post(*IDS))
    if forum_takes := lacking == "send_messages_in_threads":
        room = await forum.send(first, opens=True)
    for _ in range(2):
        with pytest.raises(Gone):
            await (forum.send(second, room=room) if forum_takes else forum.send(first, opens=True))
    assert [address for address, _ in forum.lost] == [forum.address]


async def test_deleted_forum_is_gone(forum):
    forum.server.delete(forum.channel)
    with pytest.raises(Gone, match="the channel is deleted"):
        await forum.bring(post(*IDS))


# Tags


async def test_missing_tag_is_made_where_the_bot_may(server, make):
    lab = server.guild("Lab", permits=["manage_channels"])
    forum = make(server.forum(lab, tags=["Other"]), Layout.POSTS)
    name = "A topic with a name that is too long"
    await forum.bring(post(IDS[0], tags=(Tag(name=name, slug="a"), Tag(name="other", slug="o"))))
    assert [tag["name"] for tag in forum.channel.tags] == ["Other", name[:20].strip()]
    (made,) = server.asked("POST", FORUM)
    assert set(made.json["applied_tags"]) == {tag["id"] for tag in forum.channel.tags}


async def test_post_goes_without_a_tag_where_it_cannot_be_made(server, lab, make):
    forum = make(server.forum(lab, tags=["Other"]), Layout.POSTS)
    for number in (1, 2):
        await forum.bring(post(IDS[0], tags=(Tag(name="NeRF", slug="n"),), address=str(number)))
    assert len(forum.threads()) == 1 or "applied_tags" not in server.asked("POST", FORUM)[0].json
    assert len(server.asked("PATCH", "/channels/*")) == 1, "it counts as an invalid request"


async def test_forum_that_wants_a_tag_gets_one_of_its_own(server, lab, make):
    forum = make(server.forum(lab, tags=["News"], moderated=["NeRF"], require_tag=True), Layout.POSTS)
    await forum.bring(post(IDS[0]))
    (made,) = server.asked("POST", FORUM)
    assert made.json["applied_tags"] == [forum.channel.tags[0]["id"]]


async def test_forum_that_wants_a_tag_and_has_none_is_gone(server, lab, make):
    forum = make(server.forum(lab, require_tag=True), Layout.POSTS)
    with pytest.raises(Gone, match="a tag that the bot cannot give"):
        await forum.bring(post(IDS[0]))


async def test_tags_that_changed_meanwhile_are_asked_for_once_more(forum):
    await forum.bring(post(IDS[0]))
    forum.channel.tags = [forum.channel.tags[1]]
    await forum.bring(post(IDS[1], address="b"))
    assert [request.status for request in forum.server.asked("POST", FORUM)] == [200, 404, 200]
    assert len(forum.threads()) == 2


# Threads


async def test_list_stands_in_the_channel_and_the_papers_in_a_thread_on_it(threads):
    await threads.bring(post(*IDS))
    assert threads.titles() == [NAME]
    assert threads.threads() == [(NAME, CARDS[1:])]
    (shown,) = threads.server.shown(threads.channel)
    assert shown.thread_id
    assert len(threads.server.asked("POST", ON)) == 1


async def test_overview_alone_makes_no_empty_thread(threads):
    await threads.bring(post(*IDS), style=Style.OVERVIEW)
    assert threads.titles() == [NAME]
    assert threads.threads() == []


@pytest.mark.parametrize("known", [1, 2, 3])
async def test_next_process_goes_on_in_the_thread(threads, known):
    whole, room = messages(post(*IDS)), ""
    for number, message in enumerate(whole):
        if number == known:
            await threads.bot.close()
            threads.restart()
        room = await threads.send(message, opens=number == 0, room=room)
    assert threads.threads() == [(NAME, CARDS[1:])]


async def test_message_that_nobody_recorded_shows_once_and_has_one_thread(threads):
    first, second, *_ = messages(post(*IDS))
    room = await threads.send(first, opens=True)
    assert await threads.send(first, opens=True) == room
    await threads.send(second, room=room)
    await threads.send(second, room=room)
    assert threads.titles() == [NAME]
    assert threads.threads() == [(NAME, CARDS[1:2])]


async def test_deleted_list_leaves_a_thread_that_stands_alone(threads):
    first, second, third, _ = messages(post(*IDS))
    room = await threads.send(first, opens=True)
    threads.server.delete(threads.channel.find(int(room.rpartition("/")[2])))
    again = await threads.send(second, room=room)
    assert again != room
    await threads.send(third, room=again)
    assert threads.threads() == [(NAME, CARDS[1:3])]


@pytest.mark.parametrize("kind", ["text", "news"])
async def test_papers_without_their_list_get_a_thread(server, lab, make, kind):
    reader = make(getattr(server, kind)(lab), Layout.THREADS)
    _, second, third, _ = messages(post(*IDS))
    room = await reader.send(second)
    assert await reader.send(third, room=room) == room
    assert reader.threads() == [(NAME, CARDS[1:3])]
    assert reader.titles() == []


async def test_empty_thread_of_a_crash_is_used(threads):
    threads.server.cut("POST", "/channels/*/messages")
    _, second, *_ = messages(post(*IDS))
    with pytest.raises(Transient):
        await threads.send(second)
    await threads.send(second)
    assert threads.threads() == [(NAME, [CARDS[1]])]


async def test_deleted_thread_is_made_anew(threads):
    first, second, third, _ = messages(post(*IDS))
    room = await threads.send(first, opens=True)
    await threads.send(second, room=room)
    threads.server.delete(threads.server.world.channel(room.rpartition("/")[2]))
    again = await threads.send(third, room=room)
    assert again
    assert threads.threads() == [(NAME, [CARDS[2]])]


async def test_channel_with_too_many_threads_takes_the_papers_itself(threads, caplog):
    threads.server.most_threads = 0
    room = await threads.bring(post(*IDS))
    assert room == threads.address
    assert threads.titles() == CARDS
    assert threads.threads() == []
    assert len([it for it in caplog.records if "thread.refused" in it.message]) == 1


@pytest.mark.parametrize("kind", ["voice"])
async def test_channel_that_has_no_threads_takes_the_papers_itself(server, lab, make, kind):
    reader = make(getattr(server, kind)(lab), Layout.THREADS)
    await reader.bring(post(*IDS))
    assert reader.titles() == CARDS


async def test_thread_has_no_threads(server, lab, make):
    reader = make(server.text(lab), Layout.THREADS)
    thread = server.thread(reader.channel, "talk")
    reader.address = f"{lab.id}/{reader.channel.id}/{thread.id}"
    assert await reader.bring(post(*IDS)) == ""
    assert [titled(shown) for shown in server.shown(thread)] == CARDS


async def test_bot_that_may_make_no_threads_is_told_of_once(threads):
    threads.server.forbid(threads.channel, threads.server.bot, "create_public_threads")
    with pytest.raises(Gone, match="may not send messages, embeds or threads"):
        await threads.bring(post(*IDS))
    assert [address for address, _ in threads.lost] == [threads.address]


# Announcements


async def test_list_is_published_and_the_papers_are_not(news):
    assert await news.bring(post(*IDS)) == ""
    assert news.titles() == CARDS
    assert [shown.published for shown in news.server.shown(news.channel)] == [True, False, False, False]


async def test_message_that_nobody_recorded_is_published_once(news):
    first = messages(post(*IDS))[0]
    for _ in range(2):
        await news.send(first, opens=True)
    assert [shown.published for shown in news.server.shown(news.channel)] == [True]
    assert news.lost == []


async def test_no_more_is_published_than_an_hour_allows(news):
    now = [0.0]
    news.rooms._publisher._clock = lambda: now[0]
    for number in range(publish.MOST + 3):
        await news.send(plainly(f"digest {number}"), opens=True)
    assert sum(shown.published for shown in news.server.shown(news.channel)) == publish.MOST
    assert news.server.violations == []
    now[0] = publish.HOUR + 1
    await news.send(plainly("later"), opens=True)
    assert news.server.shown(news.channel)[-1].published


async def test_digest_does_not_wait_for_being_published(news, monkeypatch):
    monkeypatch.setattr(publish, "SOON", 0.05)
    news.server.delay("POST", "/channels/*/messages/*/crosspost", 0.3)
    await asyncio.wait_for(news.bring(post(*IDS)), 0.3)
    await news.server.wait_for("POST", "/channels/*/messages/*/crosspost")
    assert news.server.shown(news.channel)[0].published


@pytest.mark.parametrize("trouble", [{"status": 403, "code": 50013}, {"status": 400, "code": 50024}])
async def test_refusal_to_publish_stops_nothing(news, trouble, caplog):
    news.server.fail("POST", "/channels/*/messages/*/crosspost", times=None, **trouble)
    await news.bring(post(*IDS))
    assert news.titles() == CARDS
    assert "message.unpublished" in caplog.text


async def test_text_channel_is_not_published(threads):
    threads.layout = Layout.PLAIN
    heading = Heading(title=NAME, tags=(), layout=Layout.PLAIN, opens=True)
    assert await threads.bot.send(threads.address, plainly("x"), heading=heading) == ""
    assert await threads.bot.send(threads.address, plainly("y"), heading=replace(heading, opens=False)) == ""
    assert threads.server.asked("POST", "/channels/*/messages/*/crosspost") == []
