"""The bot on Discord as people see it, against a REST and a gateway that refuse what Discord refuses."""

import asyncio
import base64
import logging
import re
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from discord import AutoShardedClient
from discord.backoff import ExponentialBackoff
from discord.gateway import DiscordWebSocket
from discord.http import Route
from sqlalchemy import select, text
from yarl import URL

from bot import app
from bot.adapters.discord import changes, listen
from bot.config import Config
from bot.errors import ConfigError
from bot.platforms.discord import OnDiscord
from bot.storage.tables import chat
from tests.fakes.discord import Server
from tests.platforms.conftest import Bot, living
from tests.platforms.test_telegram import TODAY, digest
from tests.test_cli import house, read_until, start

assert house  # a fixture

TITLE = re.compile(r"On \d{4}\.\d{5}")
IDENTIFY, RESUME = 2, 6


@asynccontextmanager
async def running(server: Server, folder, address: str, *, roles=app.ROLES, **more) -> AsyncIterator[Bot]:
    """A bot on Discord that has looked at its sources and listens."""
    given = {
        "discord": {"token": server.token, "api_url": server.url},
        "operators": [f"discord:{server.owner.id}"],
        **more,
    }
    async with living(folder, address, given, roles) as (parts, work):
        yield Bot(parts, server, folder, work)


async def at_once(*_told, **_more) -> None:
    """The library waits five seconds before a session that is not its first."""


@pytest.fixture
def hasty(monkeypatch) -> None:
    """Looks and tries again after a fraction of what the bot and the library wait usually."""
    monkeypatch.setattr(changes, "SOON", 0.05)
    monkeypatch.setattr(changes, "APART", 0.1)
    monkeypatch.setattr("bot.delivery.retry.FIRST", 0.2)
    monkeypatch.setattr(AutoShardedClient, "before_identify_hook", at_once)
    monkeypatch.setattr(ExponentialBackoff, "delay", lambda _self: 0.05)


@pytest.fixture
async def discord(hasty, monkeypatch) -> AsyncIterator[Server]:
    """A Discord that refuses what Discord refuses; nothing that only the fake refuses may occur."""
    monkeypatch.setattr(Route, "BASE", Route.BASE)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", DiscordWebSocket.DEFAULT_GATEWAY)
    async with Server() as server:
        yield server
        assert server.complaints == []


@pytest.fixture
async def bot(discord, posts, tmp_path) -> AsyncIterator[Bot]:
    """A bot on SQLite, at the gateway."""
    async with running(discord, posts, f"sqlite:///{tmp_path}/paperboy.db") as started:
        await discord.wait_until_ready(within=5)
        yield started


@pytest.fixture
def olga(discord):
    return discord.user("Olga")


@pytest.fixture
def ada(discord):
    return discord.user("Ada")


@pytest.fixture
def lab(discord, olga, ada):
    return discord.guild("Lab", owner=olga, members=[ada])


@pytest.fixture
def papers(discord, lab):
    return discord.text(lab, "papers")


async def ask(server: Server, where, user, name: str, /, **given):
    """What somebody sees last after a command."""
    event = await server.slash(where, user, name, **given)
    await server.answer_to(event, within=5)
    return server.shown(where, user)[-1]


async def press(server: Server, sent, button: str, user):
    """What somebody sees last after pressing a button."""
    event = await server.press(sent, button, user)
    await server.answer_to(event, within=5)
    return server.shown(event.channel, user)[-1]


async def until(fact, within: float = 5.0) -> None:
    async with asyncio.timeout(within):
        while not fact():
            await asyncio.sleep(0.02)


def cards(server: Server, where) -> list[str]:
    """The titles of the pushed papers that all see in a channel, in order."""
    shown = [it for it in server.shown(where) if not it.ephemeral and it.embeds]
    return [it.embeds[0]["title"] for it in shown if TITLE.match(it.embeds[0].get("title", ""))]


def publish(bot: Bot, *ids: str, tag: str = "NeRF") -> None:
    bot.publish(TODAY, tag, digest(tag, *ids))


async def told(bot: Bot, column, address: str):
    """What the database holds of a chat."""
    async with bot.database.reading() as connection:
        return (
            await connection.execute(select(column).where(chat.c.address == address))
        ).scalar_one_or_none()


async def until_paused(bot: Bot, address: str, *, over: bool = False) -> str | None:
    async with asyncio.timeout(5):
        while ((reason := await told(bot, chat.c.paused_reason, address)) is None) is not over:
            await asyncio.sleep(0.02)
    return reason


async def test_person_gets_what_is_followed_in_direct_messages(bot, discord, lab, ada):
    said = await ask(discord, ada, ada, "subscribe", tags="NeRF")
    assert "NeRF" in said.text
    publish(bot, "2601.00001", "2601.00002")
    bot.publish(TODAY, "3DGS", digest("3DGS", "2601.00003"))
    await bot.look()
    await until(lambda: len(cards(discord, ada)) == 2)
    assert cards(discord, ada) == ["On 2601.00001", "On 2601.00002"]
    assert not any("2601.00003" in it.text for it in discord.shown(ada))


async def test_channel_is_set_up_by_those_who_manage_it_and_read_by_all(bot, discord, papers, olga, ada):
    assert "subscribe" not in discord.menu(papers, ada)
    await ask(discord, papers, olga, "subscribe", tags="NeRF")
    publish(bot, "2601.00001")
    await bot.look()
    await until(lambda: cards(discord, papers) == ["On 2601.00001"])
    seen = await ask(discord, papers, ada, "latest", tags="NeRF")
    assert seen.ephemeral
    assert "NeRF" in seen.text
    shared = await ask(discord, papers, ada, "paper", paper="2003.08934", share=True)
    assert not shared.ephemeral
    assert "Radiance" in shared.text


async def test_place_is_named_from_anywhere_and_only_by_those_who_manage_it(bot, discord, lab, papers, olga):
    hall = discord.text(lab, "hall")
    await ask(discord, hall, olga, "subscribe", tags="NeRF", place=papers)
    address = f"{lab.id}/{papers.id}"
    assert await told(bot, chat.c.manager, address) == str(olga.id)
    max_ = discord.member(lab, discord.user("Max"))
    discord.permit(hall, max_, "manage_channels")
    refused = await ask(discord, hall, max_, "subscribe", tags="3DGS", place=papers)
    assert refused.ephemeral
    publish(bot, "2601.00001")
    bot.publish(TODAY, "3DGS", digest("3DGS", "2601.00003"))
    await bot.look()
    await until(lambda: cards(discord, papers) == ["On 2601.00001"])
    await asyncio.sleep(0.2)
    assert cards(discord, papers) == ["On 2601.00001"]
    assert cards(discord, hall) == []


async def test_pushed_card_is_pressed_by_one_and_stays_as_it_is_for_all(bot, discord, papers, olga, ada):
    await ask(discord, papers, olga, "subscribe", tags="NeRF")
    publish(bot, "2601.00001")
    await bot.look()
    await until(lambda: cards(discord, papers) == ["On 2601.00001"])
    card = discord.shown(papers)[-1]
    seen = await press(discord, card, "save:2601.00001", ada)
    assert seen.ephemeral
    assert "Saved" in seen.text
    assert not any("Saved" in it.text for it in discord.shown(papers, olga))
    listed = await ask(discord, papers, ada, "saved")
    assert "On 2601.00001" in listed.text


async def test_button_of_long_ago_works_after_a_restart(discord, posts, tmp_path, papers, ada):
    address = f"sqlite:///{tmp_path}/paperboy.db"
    async with running(discord, posts, address):
        await discord.wait_until_ready(within=5)
        card = await ask(discord, papers, ada, "paper", paper="2003.08934", share=True)
    async with running(discord, posts, address):
        await discord.wait_until_ready(within=5)
        assert "Saved" in (await press(discord, card, "save:2003.08934", ada)).text
    puts = discord.asked("PUT", "/applications/*/commands")
    assert len(puts) == 1, "the menu is told when it has changed"


async def test_tags_are_completed_while_one_types(bot, discord, papers, ada):
    event = await discord.autocomplete(papers, ada, "latest", "tags", "ner")
    await discord.heard(event)
    assert "NeRF" in [choice["value"] for choice in event.choices]


async def test_forum_gets_a_post_with_its_tag_for_each_digest(bot, discord, lab, olga):
    hall, forum = discord.text(lab, "hall"), discord.forum(lab, "digests", tags=["NeRF", "Other"])
    await ask(discord, hall, olga, "subscribe", tags="NeRF", place=forum)
    publish(bot, "2601.00001", "2601.00002")
    await bot.look()
    await until(lambda: len(threads(lab, forum)) == 1)
    (post,) = threads(lab, forum)
    await until(lambda: len(cards(discord, post)) == 2)
    assert "NeRF" in post.name
    assert [tag["name"] for tag in forum.tags if int(tag["id"]) in map(int, post.applied)] == ["NeRF"]


async def test_overview_in_an_announcement_channel_is_published(bot, discord, lab, olga):
    news = discord.news(lab)
    await ask(discord, news, olga, "subscribe", tags="NeRF")
    publish(bot, "2601.00001")
    await bot.look()
    await until(lambda: cards(discord, news) == ["On 2601.00001"])
    await until(lambda: [it.published for it in discord.shown(news) if not it.ephemeral] == [True, False])


async def test_nothing_is_published_while_too_much_was_refused(bot, discord, lab, olga, monkeypatch):
    monkeypatch.setattr("bot.adapters.discord.publish.LONGEST", 0.05)
    news, crosspost = discord.news(lab), ("POST", "/channels/*/messages/*/crosspost")
    await ask(discord, news, olga, "subscribe", tags="NeRF")
    toll = bot.app.platforms["discord"]._toll
    toll._half = 1
    discord.fail(*crosspost, status=429, retry_after=40, times=2)
    publish(bot, "2601.00001")
    await bot.look()
    await until(lambda: discord.asked(*crosspost))
    await asyncio.sleep(0.5)
    assert len(discord.asked(*crosspost)) == 1


async def test_each_digest_has_a_thread_where_that_is_wanted(bot, discord, lab, papers, olga):
    await ask(discord, papers, olga, "subscribe", tags="NeRF")
    await ask(discord, papers, olga, "settings", set="layout", to="threads")
    publish(bot, "2601.00001", "2601.00002")
    await bot.look()
    await until(lambda: threads(lab, papers))
    (thread,) = threads(lab, papers)
    await until(lambda: len(cards(discord, thread)) == 2)
    assert cards(discord, papers) == []


async def test_server_sets_what_its_channels_have_not_set(bot, discord, lab, papers, olga):
    other = discord.text(lab, "other")
    for channel in (papers, other):
        await ask(discord, channel, olga, "subscribe", tags="NeRF")
    await ask(discord, other, olga, "settings", set="style", to="cards")
    await ask(discord, papers, olga, "settings", set="style", to="overview", server=True)
    publish(bot, "2601.00001")
    await bot.look()
    await until(lambda: cards(discord, other) == ["On 2601.00001"])
    await until(lambda: any("2601.00001" in str(it.body) for it in discord.shown(papers)))
    assert cards(discord, papers) == []


async def test_rich_style_shows_a_paper_as_components(bot, discord, papers, olga):
    await ask(discord, papers, olga, "subscribe", tags="NeRF")
    await ask(discord, papers, olga, "settings", set="style", to="rich")
    await until(lambda: "It looks right, use it" in discord.shown(papers, olga)[-1].labels)
    preview, question = discord.shown(papers, olga)[-2:]
    assert preview.rich
    await press(discord, question, "It looks right, use it", olga)
    publish(bot, "2601.00001")
    await bot.look()
    await until(lambda: any(it.rich and "On 2601.00001" in it.text for it in discord.shown(papers)))


async def test_person_who_installed_the_bot_asks_anywhere_for_oneself(bot, discord):
    eve = discord.user("Eve", installed=True)
    hall = discord.text(discord.guild("Elsewhere", members=[eve], bot=False), "hall")
    assert "NeRF" in (await ask(discord, hall, eve, "latest", tags="NeRF")).text
    await ask(discord, eve, eve, "subscribe", tags="NeRF")
    publish(bot, "2601.00001")
    await bot.look()
    await until(lambda: cards(discord, eve) == ["On 2601.00001"])
    assert cards(discord, hall) == []


async def test_right_that_is_taken_pauses_and_given_back_resumes(bot, discord, lab, papers, olga):
    discord.write(olga, olga, "hello")
    await ask(discord, papers, olga, "subscribe", tags="NeRF")
    discord.forbid(papers, lab, "send_messages")
    publish(bot, "2601.00001")
    await bot.look()
    address = f"{lab.id}/{papers.id}"
    assert await until_paused(bot, address)
    await until(lambda: any("papers" in it.text for it in discord.shown(olga) if it.by_bot))
    assert len([it for it in discord.shown(olga) if it.by_bot]) == 1
    discord.permit(papers, lab, "send_messages")
    await until_paused(bot, address, over=True)
    await until(lambda: cards(discord, papers) == ["On 2601.00001"])


async def test_server_that_throws_the_bot_out_and_takes_it_back_keeps_everything(
    bot, discord, lab, papers, olga
):
    await ask(discord, papers, olga, "subscribe", tags="NeRF")
    discord.kick(lab)
    address = f"{lab.id}/{papers.id}"
    assert await until_paused(bot, address)
    publish(bot, "2601.00001")
    await bot.look()
    discord.invite(lab)
    await until_paused(bot, address, over=True)
    await until(lambda: cards(discord, papers) == ["On 2601.00001"])


async def test_deleted_channel_is_paused(bot, discord, lab, papers, olga):
    await ask(discord, papers, olga, "subscribe", tags="NeRF")
    discord.delete(papers)
    assert await until_paused(bot, f"{lab.id}/{papers.id}")


def by_bot(server: Server, user) -> list[str]:
    """What the bot has told a person in private."""
    return [it.text for it in server.shown(user) if it.by_bot]


async def test_two_channels_lost_at_once_are_both_told_of(bot, discord, lab, papers, olga):
    other = discord.text(lab, "other")
    for channel in (papers, other):
        await ask(discord, channel, olga, "subscribe", tags="NeRF")
    discord.delete(papers)
    discord.delete(other)
    await until(lambda: len(by_bot(discord, olga)) == 2)
    assert "papers" in "".join(by_bot(discord, olga))
    assert "other" in "".join(by_bot(discord, olga))


async def test_lost_server_is_told_of_once_and_so_is_a_channel(bot, discord, lab, papers, olga):
    olga.installed = True  # so that the bot may write to her without a server that both are in
    other = discord.text(lab, "other")
    for channel in (papers, other):
        await ask(discord, channel, olga, "subscribe", tags="NeRF")
    discord.delete(other)
    discord_side = bot.app.platforms["discord"]
    discord_side._tell_soon(f"{lab.id}/{other.id}", "the channel is deleted")
    await until(lambda: by_bot(discord, olga))
    third = discord.text(lab, "third")
    await ask(discord, third, olga, "subscribe", tags="NeRF")
    discord.kick(lab)
    await until(lambda: len(by_bot(discord, olga)) == 2)
    await asyncio.sleep(0.2)
    assert len(by_bot(discord, olga)) == 2


async def test_who_could_not_be_told_is_told_the_next_time(bot, discord, lab, papers, olga, caplog):
    await ask(discord, papers, olga, "subscribe", tags="NeRF")
    tell = bot.app.platforms["discord"]._tell
    discord.ban_dms(olga)
    await tell(f"{lab.id}/{papers.id}", "the channel is deleted")
    assert by_bot(discord, olga) == []
    assert "manager.untold" in caplog.text
    discord.ban_dms(olga, over=True)
    await tell(f"{lab.id}/{papers.id}", "the channel is deleted")
    await tell(f"{lab.id}/{papers.id}", "the channel is deleted")
    assert len(by_bot(discord, olga)) == 1


async def test_process_that_only_sends_tells_of_a_lost_channel(discord, posts, tmp_path, lab, papers, olga):
    address = f"sqlite:///{tmp_path}/paperboy.db"
    async with running(discord, posts, address):
        await discord.wait_until_ready(within=5)
        await ask(discord, papers, olga, "subscribe", tags="NeRF")
    discord.forbid(papers, lab, "send_messages")
    async with running(discord, posts, address, roles=("collect", "send")) as bot:
        publish(bot, "2601.00001")
        await bot.look()
        assert await until_paused(bot, f"{lab.id}/{papers.id}")
        await until(lambda: len(by_bot(discord, olga)) == 1)
    assert "papers" in by_bot(discord, olga)[0]


async def test_one_pass_tells_of_a_lost_channel(discord, posts, tmp_path, lab, papers, olga):
    address = f"sqlite:///{tmp_path}/paperboy.db"
    async with running(discord, posts, address):
        await discord.wait_until_ready(within=5)
        await ask(discord, papers, olga, "subscribe", tags="NeRF")
    discord.forbid(papers, lab, "send_messages")
    async with running(discord, posts, address, roles=()) as bot:
        publish(bot, "2601.00001")
        await bot.app.pass_once(("collect", "send"))
        assert await until_paused(bot, f"{lab.id}/{papers.id}")
    assert len(by_bot(discord, olga)) == 1


async def test_database_that_is_away_while_somebody_is_to_be_told_is_one_line(
    bot, discord, lab, papers, olga, caplog
):
    await ask(discord, papers, olga, "subscribe", tags="NeRF")
    async with bot.database.writing() as connection:
        await connection.execute(text("ALTER TABLE chat RENAME TO away"))
    platform = bot.app.platforms["discord"]
    platform._tell_soon(f"{lab.id}/{papers.id}", "the channel is deleted")
    (task,) = platform._telling
    await asyncio.wait({task})
    assert task.exception() is None
    told = [it for it in caplog.records if "manager.untold" in it.getMessage()]
    assert len(told) == 1
    assert told[0].exc_info is None
    assert "\n" not in told[0].getMessage()


async def test_dead_gateway_stops_no_push_and_answers_again_when_it_is_back(
    bot, discord, papers, olga, caplog
):
    await ask(discord, papers, olga, "subscribe", tags="NeRF")
    await discord.close_gateway()
    publish(bot, "2601.00001", "2601.00002")
    await bot.look()
    await until(lambda: len(cards(discord, papers)) == 2)
    await discord.open_gateway()
    await discord.wait_until_ready(within=10)
    assert "NeRF" in (await ask(discord, papers, olga, "latest", tags="NeRF")).text
    assert "Traceback" not in caplog.text


async def test_dead_rest_keeps_the_session_and_loses_no_push(bot, discord, papers, olga, caplog):
    await ask(discord, papers, olga, "subscribe", tags="NeRF")
    discord.fail("POST", "/channels/*/messages", status=503, times=2)
    publish(bot, "2601.00001")
    await bot.look()
    await until(lambda: len(discord.asked("POST", "/channels/*/messages")) >= 2, 10)
    discord.heal()
    await until(lambda: cards(discord, papers) == ["On 2601.00001"], 20)
    assert len(discord.gateway.said(IDENTIFY)) == 1
    assert discord.gateway.said(RESUME) == []


async def test_cut_session_is_resumed_and_misses_nothing(bot, discord, papers, ada):
    discord.gateway.cut()
    event = await discord.slash(papers, ada, "latest", tags="NeRF")
    await discord.answer_to(event, within=5)
    assert len(discord.gateway.said(IDENTIFY)) == 1


async def test_missing_intent_is_one_line_and_pushes_go_on(discord, posts, tmp_path, papers, olga, caplog):
    address = f"sqlite:///{tmp_path}/paperboy.db"
    async with running(discord, posts, address):
        await discord.wait_until_ready(within=5)
        await ask(discord, papers, olga, "subscribe", tags="NeRF")
    discord.gateway.refusing = [4014]
    async with running(discord, posts, address) as bot:
        await until(lambda: "closed with 4014" in caplog.text)
        publish(bot, "2601.00001")
        await bot.look()
        await until(lambda: cards(discord, papers) == ["On 2601.00001"])
        assert not bot.work.done()
    assert len([it for it in caplog.records if it.levelno >= logging.ERROR]) == 1
    assert len(discord.gateway.said(IDENTIFY)) == 2


async def test_wrong_token_is_one_clear_line(discord, posts, tmp_path):
    wrong = "bm90LWtub3du.AbCdEf." + "x" * 30
    given = {"discord": {"token": wrong, "api_url": discord.url}}
    async with running(discord, posts, f"sqlite:///{tmp_path}/p.db", **given) as bot:
        await asyncio.wait({bot.work}, timeout=10)
        (cause,) = app._causes(bot.work.exception())
    assert isinstance(cause, ConfigError)
    assert "Discord does not know this token" in str(cause)
    assert wrong not in str(cause)


async def test_token_that_is_taken_back_ends_the_bot_with_one_line(bot, discord):
    discord.gateway.close(4004)
    await asyncio.wait({bot.work}, timeout=10)
    (cause,) = app._causes(bot.work.exception())
    assert isinstance(cause, ConfigError)
    assert "reset it in the developer portal" in str(cause)


async def test_end_takes_little_and_leaves_nothing_open(discord, posts, tmp_path, papers, ada, caplog):
    async with running(discord, posts, f"sqlite:///{tmp_path}/p.db"):
        await discord.wait_until_ready(within=5)
        await ask(discord, papers, ada, "latest", tags="NeRF")
        before = time.monotonic()
    assert time.monotonic() - before < listen.END
    await until(lambda: not discord.gateway.lines)
    assert [it.message for it in caplog.records if it.levelno >= logging.WARNING] == []


@asynccontextmanager
async def http_proxy() -> AsyncIterator[tuple[int, list[str]]]:
    """A proxy for plain HTTP; its port, and what it was asked for with whose name."""
    asked: list[str] = []

    async def serve(reader, writer) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        method, target, rest = head.split(b" ", 2)
        who = re.search(rb"(?i)proxy-authorization: basic (\S+)", head)
        asked.append(f"{base64.b64decode(who[1]).decode() if who else ''} {target.decode()}")
        address = URL(target.decode())
        there, onward = await asyncio.open_connection(address.host, address.port)
        onward.write(b" ".join((method, address.raw_path_qs.encode(), rest)))
        await asyncio.gather(pipe(reader, onward), pipe(there, writer), return_exceptions=True)

    async def pipe(reader, writer) -> None:
        while data := await reader.read(65536):
            writer.write(data)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1], asked
    server.close()


@pytest.mark.parametrize("named", ["configuration", "environment"])
async def test_proxy_leads_to_rest_and_gateway(
    discord, posts, tmp_path, papers, olga, caplog, monkeypatch, named
):
    caplog.set_level(logging.DEBUG, logger="discord")
    given = {"token": discord.token, "api_url": discord.url}
    async with http_proxy() as (port, asked):
        address = f"http://me:hush-hush@127.0.0.1:{port}"
        if named == "configuration":
            given["proxy"] = address
        else:
            monkeypatch.setenv("HTTP_PROXY", address)
            monkeypatch.setenv("NO_PROXY", "")
        async with running(discord, posts, f"sqlite:///{tmp_path}/p.db", discord=given) as bot:
            await discord.wait_until_ready(within=5)
            await ask(discord, papers, olga, "subscribe", tags="NeRF")
            publish(bot, "2601.00001")
            await bot.look()
            await until(lambda: cards(discord, papers) == ["On 2601.00001"])
    assert {line.partition(" ")[0] for line in asked} == {"me:hush-hush"}
    assert any(" ws://" in line for line in asked)
    assert sum(line.endswith("/users/@me") for line in asked) == 2, (
        "that pushes go through, and the gateway's"
    )
    assert "hush-hush" not in caplog.text
    assert discord.token not in caplog.text


def test_proxy_of_the_environment_that_cannot_be_used_is_told(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "socks5://me:hush-hush@127.0.0.1:1080")
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setattr(Route, "BASE", Route.BASE)
    with pytest.raises(ConfigError, match=r"discord\.proxy") as caught:
        OnDiscord(Config.model_validate({"discord": {"token": "bm90.a.token"}}))
    assert "hush" not in str(caught.value)


def aim(house, server: Server, *more: str) -> None:
    """Have the configuration of a process lead to the server."""
    with (house / "config.yaml").open("a") as config:
        config.write("\n".join((f"discord: {{api_url: '{server.url}'}}", *more, "")))


async def test_process_goes_live_on_both_and_ends_soon_and_no_token_shows(house, discord, telegram):
    aim(house, discord, f"telegram: {{api_url: '{telegram.url}'}}")
    tokens = {"DISCORD_BOT_TOKEN": discord.token, "TELEGRAM_BOT_TOKEN": telegram.token}
    with start(house, "--verbose", **tokens) as process:
        said = await asyncio.to_thread(read_until, process.stderr, "Ctrl-C ends")
        await discord.wait_until_ready(within=10)
        await telegram.wait_until_polled(within=5)
        process.send_signal(signal.SIGTERM)
        before = time.monotonic()
        rest = await asyncio.to_thread(process.communicate, timeout=12)
        assert time.monotonic() - before < 5
    said += "".join(rest)
    assert process.returncode == 0
    assert "Going live on telegram and discord." in said
    assert not [token for token in tokens.values() if token in said]
    assert "Traceback" not in said


async def test_process_without_a_gateway_ends_in_time_and_shows_no_token(house, discord):
    aim(house, discord)
    await discord.close_gateway()
    with start(house, "--verbose", DISCORD_BOT_TOKEN=discord.token) as process:
        said = await asyncio.to_thread(read_until, process.stderr, "Failed to connect")
        process.send_signal(signal.SIGTERM)
        before = time.monotonic()
        rest = await asyncio.to_thread(process.communicate, timeout=12)
        assert time.monotonic() - before < 9
    said += "".join(rest)
    assert process.returncode == 0
    assert discord.token not in said
    assert "Traceback" not in said


async def test_process_with_a_wrong_token_ends_with_one_line(house, discord):
    aim(house, discord)
    wrong = "bm90LWtub3du.AbCdEf." + "x" * 30
    with start(house, DISCORD_BOT_TOKEN=wrong) as process:
        _, said = await asyncio.to_thread(process.communicate, timeout=20)
    assert process.returncode == 1
    (line,) = [line for line in said.splitlines() if line.startswith("paperboy: ")]
    assert "discord.token: Discord does not know this token" in line
    assert wrong not in said
    assert "Traceback" not in said


def threads(lab, channel) -> list:
    """The threads of a channel, or the posts of a forum."""
    return [it for it in lab.channels.values() if it.parent is channel]
