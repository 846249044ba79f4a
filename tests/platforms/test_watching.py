"""Operators hear of sources in trouble where they are, and readers see it; against the fakes over HTTP."""

from tests.fakes.telegram import Server
from tests.platforms.conftest import running
from tests.platforms.test_discord import discord, hasty
from tests.platforms.test_discord import running as running_on_discord
from tests.platforms.test_telegram import ask

assert discord  # a fixture
assert hasty

FAILING, WELL = "A source cannot be read", "A source is well again"


def told(telegram: Server, person) -> list[str]:
    """The titles of what a person was told of sources."""
    shown = [it.text.split("\n")[0] for it in telegram.shown(person) if it.by_bot]
    return [title for title in shown if "source" in title]


async def test_operator_is_told_once_of_a_source_that_fails_and_once_that_it_is_back(
    telegram: Server, posts, tmp_path
):
    address, away = f"sqlite:///{tmp_path}/paperboy.db", tmp_path / "away"
    eva, ada = telegram.user("Eva", id=1), telegram.user("Ada")
    async with running(telegram, posts, address) as bot:
        await telegram.wait_until_polled()
        await ask(telegram, eva, eva, "/subscribe NeRF")
        posts.rename(away)
        for _ in range(2):
            await bot.look()
        assert told(telegram, eva) == []
        for _ in range(3):
            await bot.look()
        assert told(telegram, eva) == [FAILING]
        message = next(it.text for it in telegram.shown(eva) if it.text.startswith(FAILING))
        assert f"{tmp_path.name}/posts cannot be read since " in message
        assert "The reason: cannot be read: No such file or directory; check the path" in message
        assert "paperboy check" in message
        seen = await ask(telegram, ada, ada, "/latest")
        assert "cannot be read since" in seen.text
        assert "the operators know" in seen.text
        assert tmp_path.name not in seen.text
    async with running(telegram, posts, address) as bot:
        await bot.look()
        assert told(telegram, eva) == [FAILING]
        away.rename(posts)
        for _ in range(3):
            await bot.look()
        assert told(telegram, eva) == [FAILING, WELL]
    async with running(telegram, posts, address) as bot:
        await bot.look()
    assert told(telegram, eva) == [FAILING, WELL]
    assert told(telegram, ada) == []


async def test_operator_on_discord_is_told_in_a_direct_message(discord, posts, tmp_path):
    olga = discord.user("Olga")
    discord.guild("Lab", owner=olga)
    more = {"operators": [f"discord:{olga.id}"], "delivery": {"language": "en"}}
    async with running_on_discord(discord, posts, f"sqlite:///{tmp_path}/paperboy.db", **more) as bot:
        await discord.wait_until_ready(within=5)
        posts.rename(tmp_path / "away")
        for _ in range(4):
            await bot.look()
        (message,) = discord.shown(olga)
        assert message.text.startswith(FAILING)
        (tmp_path / "away").rename(posts)
        for _ in range(2):
            await bot.look()
        assert len(discord.shown(olga)) == 2
