"""Trouble with the fake Discord: limits, nonces, faults on demand, and how tests wait."""

import asyncio

import aiohttp
import discord
import pytest
from discord.http import Route

from tests.fakes.discord import Rules, Server
from tests.fakes.discord.driven import requesting, watched

MESSAGES = "/channels/*/messages"


@pytest.fixture
async def server():
    async with watched() as opened:
        yield opened


@pytest.fixture
def papers(server):
    return server.text(server.guild("Lab"), "papers")


@pytest.fixture
async def http(server):
    async with requesting(server) as client:
        yield client


async def say(http, channel, text: str = "x", **more: object):
    route = Route("POST", "/channels/{channel_id}/messages", channel_id=channel.id)
    return await http.request(route, json={"content": text} | more)


async def raw(server, method: str, path: str, body: object = None) -> tuple[int, dict[str, object], object]:
    """A request past the library, which would sit limits out."""
    headers = {"Authorization": f"Bot {server.token}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.request(method, f"{server.base_url}{path}", json=body) as answer,
    ):
        return answer.status, dict(answer.headers), await answer.json() if answer.status != 204 else None


# Nonces


async def test_nonce_gives_the_first_message_again(server, http, papers):
    first = await say(http, papers, "one", nonce="n" * 25, enforce_nonce=True)
    again = await say(http, papers, "one", nonce="n" * 25, enforce_nonce=True)
    assert (first["id"], first["nonce"]) == (again["id"], "n" * 25)
    assert len(server.shown(papers)) == 1
    assert server.nonces.met == 1


async def test_nonce_is_of_the_author_whatever_the_channel(server, http, papers):
    other = server.text(papers.guild, "other")
    first = await say(http, papers, "one", nonce="n", enforce_nonce=True)
    again = await say(http, other, "two", nonce="n", enforce_nonce=True)
    assert (first["id"], again["channel_id"]) == (again["id"], str(papers.id))
    assert server.shown(other) == []


async def test_nonce_that_is_not_enforced_is_only_told(server, http, papers):
    for _ in range(2):
        assert (await say(http, papers, nonce="n"))["nonce"] == "n"
    assert len(server.shown(papers)) == 2


async def test_nonce_is_forgotten_after_some_minutes():
    now = 0.0
    async with Server(clock=lambda: now) as server, requesting(server) as http:
        papers = server.text(server.guild("Lab"))
        await say(http, papers, nonce="n", enforce_nonce=True)
        now += 299
        await say(http, papers, nonce="n", enforce_nonce=True)
        assert len(server.shown(papers)) == 1
        now += 2
        await say(http, papers, nonce="n", enforce_nonce=True)
        assert len(server.shown(papers)) == 2


async def test_answer_that_is_lost_is_found_again_by_its_nonce(server, http, papers):
    server.cut("POST", MESSAGES, before=False)
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await say(http, papers, nonce="n", enforce_nonce=True)
    await say(http, papers, nonce="n", enforce_nonce=True)
    assert len(server.shown(papers)) == 1
    assert [request.status for request in server.asked("POST", MESSAGES)] == [None, 200]


# Limits


async def test_fifth_message_in_five_seconds_is_the_last():
    now = 100.0
    async with Server(strict_pace=True, clock=lambda: now) as server:
        papers, other = (server.text(server.guild("Lab")) for _ in range(2))
        path = f"/channels/{papers.id}/messages"
        for left in (4, 3, 2, 1, 0):
            status, headers, _ = await raw(server, "POST", path, {"content": "x"})
            assert (status, headers["X-RateLimit-Limit"]) == (200, "5")
            assert headers["X-RateLimit-Remaining"] == str(left)
            now += 0.5
        status, headers, told = await raw(server, "POST", path, {"content": "x"})
        assert (status, headers["X-RateLimit-Scope"], headers["Retry-After"]) == (429, "user", "3")
        assert told == {
            "message": "You are being rate limited.",
            "code": 0,
            "retry_after": 2.5,
            "global": False,
        }
        assert (await raw(server, "POST", f"/channels/{other.id}/messages", {"content": "x"}))[0] == 200
        now += 1
        assert (await raw(server, "POST", path, {"content": "x"}))[0] == 429
        now += 1.5
        assert (await raw(server, "POST", path, {"content": "x"}))[0] == 200
        assert [violation.limit for violation in server.violations] == ["route", "told to wait"]
        assert server.invalid == 2


async def test_fifty_requests_a_second_are_all():
    now = 100.0
    async with Server(strict_pace=True, clock=lambda: now) as server:
        for _ in range(50):
            assert (await raw(server, "GET", "/users/@me"))[0] == 200
        status, headers, told = await raw(server, "GET", "/users/@me")
        assert (status, headers["X-RateLimit-Global"], told["global"]) == (429, "true", True)
        for _ in range(3):
            assert (await raw(server, "POST", "/interactions/1/x/callback", {"type": 5}))[0] == 404
        now += 1
        assert (await raw(server, "GET", "/users/@me"))[0] == 200
        assert [violation.limit for violation in server.violations] == ["overall"]


async def test_publishing_is_for_ten_an_hour():
    async with Server(strict_pace=Rules(overall=(1000, 1.0))) as server:
        news = server.news(server.guild("Lab"))
        for left in reversed(range(10)):
            message = server.write(news, server.bot, "x")
            path = f"/channels/{news.id}/messages/{message.id}/crosspost"
            status, headers, _ = await raw(server, "POST", path)
            assert (status, headers["X-RateLimit-Remaining"]) == (200, str(left))
        assert (await raw(server, "POST", path))[0] == 429


async def test_library_keeps_within_the_buckets():
    rules = Rules(routes={("POST", "/channels/{channel_id}/messages"): (2, 0.2)})
    async with Server(strict_pace=rules) as server, requesting(server) as http:
        papers = server.text(server.guild("Lab"))
        for _ in range(5):
            await say(http, papers)
        assert server.violations == []
        times = [request.at for request in server.asked("POST", MESSAGES)]
        assert times[4] - times[0] >= 0.35


async def test_too_many_invalid_requests_end_in_silence():
    async with Server(strict_pace=Rules(ban=(3, 600.0))) as server:
        for _ in range(3):
            server.fail("GET", "/users/@me", status=403)
            assert (await raw(server, "GET", "/users/@me"))[0] == 403
        async with aiohttp.ClientSession() as session, session.get(f"{server.base_url}/gateway") as answer:
            assert (answer.status, answer.headers["Retry-After"]) == (429, "600")
            assert "Via" not in answer.headers
            assert answer.content_type == "text/html"


# Faults on demand


async def test_refusal_on_demand_has_discords_words(server, http, papers):
    server.fail("POST", MESSAGES, code=50013)
    with pytest.raises(discord.Forbidden) as caught:
        await say(http, papers)
    assert (caught.value.code, caught.value.text) == (50013, "Missing Permissions")
    await say(http, papers)
    assert len(server.shown(papers)) == 1


async def test_refusal_is_for_those_it_is_meant_for(server, http, papers):
    server.fail(
        "POST",
        "/channels/{channel_id}/messages",
        code=50013,
        when=lambda r: r.json["content"] == "b",
        times=None,
    )
    await say(http, papers, "a")
    for _ in range(2):
        with pytest.raises(discord.Forbidden):
            await say(http, papers, "b")
    server.heal()
    await say(http, papers, "b")


async def test_answer_of_a_gateway_is_a_page(server, http, papers):
    server.fail("POST", MESSAGES, status=503)
    with pytest.raises(discord.DiscordServerError, match="503"):
        await say(http, papers)
    assert server.shown(papers) == []


async def test_limit_with_and_without_the_sign_of_discord(server, http, papers):
    server.fail("POST", MESSAGES, status=429, retry_after=0.01, scope="shared")
    await say(http, papers)
    assert server.invalid == 0
    server.fail("POST", MESSAGES, status=429, retry_after=7, scope="global", via=False)
    with pytest.raises(discord.HTTPException) as caught:
        await say(http, papers)
    assert caught.value.response.headers["Retry-After"] == "7"
    assert caught.value.response.headers["X-RateLimit-Global"] == "true"
    assert server.invalid == 1


async def test_delay_comes_before_all_else(server, http, papers):
    server.delay("POST", MESSAGES, 0.05)
    sending = asyncio.create_task(say(http, papers))
    await asyncio.sleep(0.02)
    assert server.shown(papers) == []
    await sending
    assert len(server.shown(papers)) == 1


async def test_cut_before_nothing_is_done(server, http, papers):
    server.cut("POST", MESSAGES)
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await say(http, papers)
    assert server.shown(papers) == []
    assert not server.requests[-1].ok


async def test_broken_json_comes_after_all_is_done(server, http, papers):
    server.garble("POST", MESSAGES)
    with pytest.raises(ValueError, match="Unterminated"):
        await say(http, papers)
    assert len(server.shown(papers)) == 1


# Waiting


async def test_request_that_does_not_come_is_missed_with_what_came(server, http, papers):
    await say(http, papers, "Good morning")
    with pytest.raises(AssertionError, match=r"no PATCH .* what came: .*Good morning"):
        await server.wait_for("PATCH", MESSAGES, within=0.05)


async def test_request_is_found_by_what_it_holds(server, http, papers):
    waiting = asyncio.create_task(server.wait_for("POST", MESSAGES, lambda r: r.json["content"] == "b"))
    await say(http, papers, "a")
    await say(http, papers, "b")
    found = await waiting
    assert (found.said["content"], found.ok, found.route) == ("b", True, "/channels/{channel_id}/messages")
    assert await server.wait_for("*", "*", after=server.requests[0]) is server.requests[1]


async def test_light_server_looks_at_little():
    async with Server(light=True) as server, requesting(server) as http:
        papers = server.text(server.guild("Lab"))
        await say(http, papers, "x" * 3000)
        assert len(server.shown(papers)) == 1
