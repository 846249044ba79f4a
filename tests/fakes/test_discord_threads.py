"""Threads, forums and announcements in the fake Discord, by the real library's requests."""

import discord
import pytest
from discord.http import Route

from tests.fakes.discord.driven import listening, requesting, watched
from tests.fakes.discord.spec import published

described = pytest.mark.skipif(published() is None, reason="PAPERBOY_SHARED names no folder with specs")


@pytest.fixture
async def server():
    async with watched() as opened:
        yield opened


@pytest.fixture
def guild(server):
    return server.guild("Lab")


@pytest.fixture
def papers(server, guild):
    return server.text(guild, "papers")


@pytest.fixture
async def ask(server):
    async with requesting(server) as http:

        async def call(method: str, path: str, body: object = None):
            return await http.request(Route(method, path), **({} if body is None else {"json": body}))

        yield call


@pytest.fixture
def refusal(server, ask):
    async def call(method: str, path: str, body: object = None) -> int:
        with pytest.raises(discord.HTTPException):
            await ask(method, path, body)
        return server.requests[-1].code

    return call


def at(channel, *steps: object) -> str:
    return "/".join(["/channels", str(channel.id if hasattr(channel, "id") else channel), *map(str, steps)])


def texts(server, channel) -> list[str]:
    return [shown.text for shown in server.shown(channel)]


# Threads


async def test_thread_on_a_message_has_its_number(server, ask, refusal, papers):
    told = await ask("POST", at(papers, "messages"), {"content": "NeRF today"})
    thread = await ask("POST", at(papers, "messages", told["id"], "threads"), {"name": "NeRF"})
    assert (thread["id"], thread["type"], thread["parent_id"]) == (told["id"], 11, str(papers.id))
    await ask("POST", at(told["id"], "messages"), {"content": "A card"})
    assert server.shown(papers)[0].thread_id == int(told["id"])
    assert texts(server, server.world.channels[int(told["id"])]) == ["A card"]
    again = at(papers, "messages", told["id"], "threads")
    assert await refusal("POST", again, {"name": "NeRF"}) == 160004


async def test_thread_on_no_message(server, ask, guild, papers):
    thread = await ask(
        "POST", at(papers, "threads"), {"name": "NeRF", "type": 11, "auto_archive_duration": 60}
    )
    assert thread["thread_metadata"]["auto_archive_duration"] == 60
    active = await ask("GET", f"/guilds/{guild.id}/threads/active")
    assert [one["id"] for one in active["threads"]] == [thread["id"]]


@pytest.mark.parametrize(
    "body", [{"name": "x" * 101}, {"name": " "}, {"name": "x", "auto_archive_duration": 61}]
)
async def test_thread_that_is_none_is_refused(refusal, papers, body):
    assert await refusal("POST", at(papers, "threads"), body | {"type": 11}) == 50035


async def test_thread_needs_the_permission(server, refusal, ask, papers):
    server.forbid(papers, papers.guild, "create_public_threads")
    assert await refusal("POST", at(papers, "threads"), {"name": "x", "type": 11}) == 50013
    told = await ask("POST", at(papers, "messages"), {"content": "x"})
    assert await refusal("POST", at(papers, "messages", told["id"], "threads"), {"name": "x"}) == 50013


async def test_thread_in_a_voice_channel_is_refused(server, refusal, guild):
    assert await refusal("POST", at(server.voice(guild), "threads"), {"name": "x", "type": 11}) == 50024


async def test_writing_into_a_thread_needs_a_permission_of_its_own(server, refusal, ask, papers):
    thread = server.thread(papers)
    server.forbid(papers, papers.guild, "send_messages_in_threads")
    assert await refusal("POST", at(thread, "messages"), {"content": "x"}) == 50013
    await ask("POST", at(papers, "messages"), {"content": "x"})
    server.permit(papers, server.bot, "send_messages_in_threads")
    server.forbid(papers, server.bot, "send_messages")
    await ask("POST", at(thread, "messages"), {"content": "x"})


async def test_message_wakes_an_archived_thread_but_no_edit_does(server, ask, refusal, papers):
    thread = server.thread(papers)
    told = await ask("POST", at(thread, "messages"), {"content": "one"})
    server.archive(thread)
    assert await refusal("PATCH", at(thread, "messages", told["id"]), {"content": "two"}) == 50083
    await ask("POST", at(thread, "messages"), {"content": "three"})
    assert not thread.archived
    await ask("PATCH", at(thread, "messages", told["id"]), {"content": "two"})
    assert texts(server, thread) == ["two", "three"]


async def test_locked_thread_is_for_those_who_manage_threads(server, ask, refusal, guild, papers):
    thread = server.thread(papers)
    server.lock(thread)
    assert await refusal("POST", at(thread, "messages"), {"content": "x"}) == 160005
    server.archive(thread)
    assert await refusal("POST", at(thread, "messages"), {"content": "x"}) == 50083
    assert await refusal("PATCH", at(thread), {"archived": False}) == 50013
    server.permit(papers, server.bot, "manage_threads")
    await ask("POST", at(thread, "messages"), {"content": "x"})
    await ask("PATCH", at(thread), {"locked": False})
    assert (thread.locked, thread.archived) == (False, False)


async def test_archived_thread_is_taken_back_by_anybody(server, ask, papers):
    thread = server.thread(papers)
    server.archive(thread)
    assert (await ask("PATCH", at(thread), {"archived": False}))["thread_metadata"]["archived"] is False


async def test_server_has_so_many_active_threads(server, ask, refusal, papers):
    server.most_threads = 1
    first = server.thread(papers)
    assert await refusal("POST", at(papers, "threads"), {"name": "x", "type": 11}) == 160006
    server.archive(first)
    await ask("POST", at(papers, "threads"), {"name": "x", "type": 11})
    assert await refusal("POST", at(first, "messages"), {"content": "x"}) == 160006


async def test_deleted_channel_takes_its_threads_along(server, refusal, papers):
    thread = server.thread(papers)
    server.delete(papers)
    assert await refusal("POST", at(thread, "messages"), {"content": "x"}) == 10003


async def test_librarys_own_verbs_go_through(server, guild, papers):
    forum, news = server.forum(guild, tags=["NeRF"]), server.news(guild)
    async with listening(server) as client:
        await client.until("ready")
        message = await client.get_channel(papers.id).send("NeRF today")
        thread = await message.create_thread(name="NeRF")
        await thread.send("A card")
        await thread.edit(archived=True)
        board = client.get_channel(forum.id)
        made = await board.create_thread(name="NeRF", content="All", applied_tags=[board.available_tags[0]])
        assert (made.thread.id, made.thread.applied_tags[0].name) == (made.message.id, "NeRF")
        await made.thread.send("Another card")
        told = await client.get_channel(news.id).send("News")
        await told.publish()
        assert [one.id for one in await client.guilds[0].active_threads()] == [made.thread.id]
        assert [one.content async for one in made.thread.history()] == ["Another card", "All"]
    assert server.world.channels[thread.id].archived
    assert server.shown(news)[0].published
    assert server.complaints == []


# Forums


@pytest.fixture
def forum(server, guild):
    return server.forum(guild, "digests", tags=["NeRF", "3DGS"], moderated=["Pinned"])


def new(name: str = "NeRF today", **more: object) -> dict[str, object]:
    return {"name": name, "message": {"content": "All of today"}} | more


async def test_post_has_the_number_of_its_first_message(server, ask, forum):
    tag = forum.tags[0]["id"]
    told = await ask("POST", at(forum, "threads"), new(applied_tags=[tag]))
    assert told["id"] == told["message"]["id"] == told["message"]["channel_id"]
    assert told["applied_tags"] == [tag]
    await ask("POST", at(told["id"], "messages"), {"content": "A card"})
    assert texts(server, server.world.channels[int(told["id"])]) == ["All of today", "A card"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (new("x" * 101), 50035),
        (new(""), 50035),
        ({"name": "x"}, 50035),
        (new(message={}), 50006),
        (new(message={"content": "x" * 2001}), 50035),
        (new(applied_tags=["5"]), 10087),
        (new(applied_tags=[str(n) for n in range(6)]), 50035),
    ],
)
async def test_post_that_is_none_is_refused(server, refusal, forum, body, code):
    assert await refusal("POST", at(forum, "threads"), body) == code
    assert list(server.world.channels.values()) == [forum]


@described
async def test_nonce_of_a_post_is_not_looked_at(server, refusal, forum):
    body = new(message={"content": "x", "nonce": "n", "enforce_nonce": True})
    assert await refusal("POST", at(forum, "threads"), body) == 50035
    assert "message.nonce" in server.complaints[0]


async def test_post_needs_a_tag_where_the_forum_wants_one(server, ask, refusal, guild):
    forum = server.forum(guild, tags=["NeRF"], moderated=["Pinned"], require_tag=True)
    nerf, pinned = (tag["id"] for tag in forum.tags)
    assert await refusal("POST", at(forum, "threads"), new()) == 40067
    assert await refusal("POST", at(forum, "threads"), new(applied_tags=[pinned])) == 50013
    await ask("POST", at(forum, "threads"), new(applied_tags=[nerf]))
    closed = server.forum(guild, moderated=["Pinned"], require_tag=True)
    assert await refusal("POST", at(closed, "threads"), new()) == 40066


async def test_tags_are_made_by_those_who_manage_the_channel(server, ask, refusal, forum):
    bare = {"name": "Gaussians", "moderated": False, "emoji_id": None, "emoji_name": None}
    body = {"available_tags": [*forum.tags, bare]}
    assert await refusal("PATCH", at(forum), body) == 50013
    server.permit(forum, server.bot, "manage_channels")
    before = [tag["id"] for tag in forum.tags]
    told = await ask("PATCH", at(forum), body)
    assert [tag["name"] for tag in told["available_tags"]] == ["NeRF", "3DGS", "Pinned", "Gaussians"]
    assert [tag["id"] for tag in told["available_tags"]][:3] == before
    assert (await ask("GET", at(forum)))["available_tags"] == told["available_tags"]


@pytest.mark.parametrize(
    ("tags", "code"),
    [
        ([{"name": f"t{n}"} for n in range(21)], 30048),
        ([{"name": "NeRF"}, {"name": "nerf"}], 40061),
        ([{"name": "x" * 21}], 50035),
        ([{"name": ""}], 50035),
        ([{"name": "x", "id": "5"}], 10087),
    ],
)
async def test_tags_that_are_none_are_refused(server, refusal, forum, tags, code):
    server.permit(forum, server.bot, "manage_channels")
    assert await refusal("PATCH", at(forum), {"available_tags": tags}) == code
    assert len(forum.tags) == 3


# Announcements


async def test_announcement_is_published_once(server, ask, refusal, guild):
    news = server.news(guild)
    told = await ask("POST", at(news, "messages"), {"content": "NeRF today"})
    await ask("POST", at(news, "messages", told["id"], "crosspost"))
    assert server.shown(news)[0].published
    assert await refusal("POST", at(news, "messages", told["id"], "crosspost")) == 40033


async def test_only_announcements_are_published(server, ask, refusal, guild, papers):
    told = await ask("POST", at(papers, "messages"), {"content": "x"})
    assert await refusal("POST", at(papers, "messages", told["id"], "crosspost")) == 50024
    news = server.news(guild)
    other = server.write(news, guild.owner, "mine")
    assert await refusal("POST", at(news, "messages", other.id, "crosspost")) == 50013
