"""`paperboy check` as a whole: what is configured, against real servers, files and processes."""

import asyncio
import json
import shutil
import time

import pytest
from discord.http import Route

from bot import check, finding
from bot.config import Config
from bot.model import Language, Style
from bot.storage import chats
from bot.storage.database import open_database
from tests.conftest import SAMPLES
from tests.fakes.discord import Server as Discord
from tests.fakes.telegram import Server as Telegram
from tests.platforms.conftest import unused_port
from tests.test_cli import house, paperboy, rest

assert house  # fixtures
assert unused_port


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "posts"
    shutil.copytree(SAMPLES, place)
    for post in place.rglob("*.md"):
        rest(post)
    return place


@pytest.fixture
def file(template, tmp_path):
    return shutil.copy(template, tmp_path / "paperboy.db")


@pytest.fixture
async def telegram():
    async with Telegram() as server:
        yield server
        assert server.complaints == []


@pytest.fixture
async def discord(monkeypatch):
    monkeypatch.setattr(Route, "BASE", Route.BASE)
    async with Discord() as server:
        yield server
        assert server.complaints == []


async def look(**given):
    """Whether it fails, and what is told."""
    found = []
    failed = await check.check(Config.model_validate(given), found.append)
    assert failed is any(it.verdict == "fail" for it in found)
    return failed, [it.line() for it in found]


def only(lines, what):
    (line,) = [line for line in lines if line[6:].startswith(what)]
    return line


async def settle(file, *places):
    """Chats that follow everything, with their titles."""
    database = await open_database(str(file))
    async with database.writing() as connection:
        for platform, address, group, title in places:
            await chats.settle_in(
                connection,
                platform,
                address,
                group=group,
                style=Style.CARDS,
                language=Language.EN,
                title=title,
            )
            await chats.follow_all(
                connection, platform, address, style=Style.CARDS, language=Language.EN, group=group
            )
    await database.close()


async def test_working_bot_is_well_in_a_moment(telegram, discord, folder, file):
    eva, olga = telegram.user("Eva"), discord.user("Olga")
    readers, papers = telegram.group("Readers"), discord.text(discord.guild("Lab"), "papers")
    ada = telegram.user("Ada")
    await settle(
        file, ("telegram", str(readers.id), True, "Readers"), ("telegram", str(ada.id), False, "Ada"),
        ("discord", f"{papers.guild.id}/{papers.id}", True, "#papers"),
    )  # fmt: skip
    began = time.monotonic()
    failed, lines = await look(
        database=str(file),
        sources=[{"kind": "folder", "path": str(folder), "name": "posts"}],
        telegram={"token": telegram.token, "api_url": telegram.url},
        discord={"token": discord.token, "api_url": discord.url},
        operators=[f"telegram:{eva.id}", f"discord:{olga.id}"],
        web={"listen": None},
    )
    took = time.monotonic() - began
    assert not failed
    assert {line[:6] for line in lines} == {"ok    "}, lines
    assert only(lines, "source posts") == "ok    source posts: 3 files"
    assert "telegram, discord" in only(lines, "configuration").replace(" and ", ", ")
    assert only(lines, "telegram group Readers") == "ok    telegram group Readers: the bot may post"
    assert only(lines, "discord #papers in Lab") == "ok    discord #papers in Lab: the bot may post"
    assert not any("Ada" in line or str(ada.id) in line or "Eva" in line for line in lines)
    assert not any(telegram.token in line or discord.token in line for line in lines)
    assert took < 2, took


async def test_order_is_that_of_the_configuration_whoever_answers_first(telegram, folder, file):
    telegram.delay("getMe", 0.3)
    _, lines = await look(
        database=str(file),
        sources=[
            {"kind": "folder", "path": str(folder)},
            {"kind": "folder", "path": str(folder.parent / "none")},
        ],
        telegram={"token": telegram.token, "api_url": telegram.url},
        web={"listen": 1},
    )
    told = [line[6:].split(":")[0] for line in lines]
    starts = [
        "configuration",
        "operators",
        "database",
        f"source {folder}",
        f"source {folder.parent / 'none'}",
    ]
    at = [told.index(start) for start in [*starts, "telegram token", "telegram updates", "web port"]]
    assert at == sorted(at)


async def test_each_thing_that_is_wrong_is_a_line_with_its_mend(telegram, discord, tmp_path, file):
    group = telegram.group("Readers")
    await telegram.kick_bot(group)
    await settle(file, ("telegram", str(group.id), True, "Readers"))
    failed, lines = await look(
        database=str(file),
        sources=[{"kind": "folder", "path": str(tmp_path / "nowhere")}],
        telegram={"token": telegram.token, "api_url": telegram.url},
        discord={"token": "bm90LWEtc2VjcmV0.Zm9yLXRlc3Rz.d3Jvbmc-wrong", "api_url": discord.url},
        operators=["telegram:99"],
        web={"listen": None, "push_secret": "short"},
        tags=[{"name": "3DGS", "aliases": ["Splats", "3dgs"]}, {"name": "3dgs"}],
    )
    assert failed
    assert "nowhere" in only(lines, "source")
    assert only(lines, "source").startswith("FAIL")
    assert "check the path" in only(lines, "source")
    assert only(lines, "telegram Readers").startswith("FAIL")
    assert only(lines, "discord token").startswith("FAIL")
    assert not any(line[6:].startswith("discord application") for line in lines)
    assert only(lines, "operator telegram:99").startswith("warn")
    assert "web.listen" in only(lines, "push secret")
    told = [line for line in lines if line[6:].startswith("tags")]
    assert "'3dgs' is understood as '3DGS' anyway" in told[0]
    assert "'3dgs' is a spelling of '3DGS'; make one of the two" in told[1]
    assert len(told) == 2


async def test_nothing_configured_is_told(tmp_path):
    failed, lines = await look(database=str(tmp_path / "new.db"), web={"listen": None})
    assert failed
    assert only(lines, "sources").startswith("FAIL  sources: nothing to read; add")
    assert "TELEGRAM_BOT_TOKEN" in only(lines, "platforms")
    assert only(lines, "operators") == (
        "warn  operators: nobody is named, so nobody is told when a source fails; "
        'add operators: ["telegram:YOUR ID"]'
    )
    assert not (tmp_path / "new.db").exists()


async def test_paused_chats_are_counted_by_reason_and_not_named(file, folder):
    await settle(file, *(("telegram", str(9_000_001 + n), False, f"Person {n}") for n in range(4)))
    database = await open_database(str(file))
    async with database.writing() as connection:
        reasons = ["the person blocked the bot"] * 2 + ["no channel of Discord: 123456789/987654321", "asked"]
        for number, reason in enumerate(reasons):
            known = await chats.find(connection, "telegram", str(9_000_001 + number))
            await chats.pause(connection, known.id, now=1, reason=reason)
    await database.close()
    failed, lines = await look(database=str(file), sources=[{"kind": "folder", "path": str(folder)}])
    assert not failed
    assert only(lines, "chats") == (
        "warn  chats: 3 chats are paused until that is mended: the person blocked the bot (2), no channel "
        "of Discord: … (1)"
    )


async def test_more_places_than_are_looked_at_are_told(telegram, folder, file, monkeypatch):
    monkeypatch.setattr(check, "MOST", 2)
    groups = [telegram.group(f"Group {n}") for n in range(4)]
    await settle(file, *(("telegram", str(group.id), True, group.title) for group in groups))
    _, lines = await look(
        database=str(file),
        sources=[{"kind": "folder", "path": str(folder)}],
        telegram={"token": telegram.token, "api_url": telegram.url},
    )
    looked = [line for line in lines if "telegram group Group" in line]
    assert [line.split(":")[0][-7:] for line in looked] == ["Group 3", "Group 2"]
    assert any("telegram: 2 more groups and channels are not looked at" in line for line in lines)


async def test_database_that_hangs_holds_up_nothing_else(telegram, folder, file, monkeypatch):
    monkeypatch.setattr(finding, "PATIENCE", 0.3)

    async def hang(_address):
        await asyncio.sleep(5)

    monkeypatch.setattr("bot.storage.check.check", hang)
    began = time.monotonic()
    failed, lines = await look(
        database=str(file),
        sources=[{"kind": "folder", "path": str(folder)}],
        telegram={"token": telegram.token, "api_url": telegram.url},
    )
    assert failed
    assert only(lines, "database") == "FAIL  database: no answer within 0.3 s"
    assert only(lines, "telegram token").startswith("ok")
    assert time.monotonic() - began < 2


async def test_source_that_breaks_in_a_way_nobody_expected_is_a_line(folder, file, monkeypatch):
    async def break_down(_self):
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr("bot.sources.folder.Folder.probe", break_down)
    failed, lines = await look(database=str(file), sources=[{"kind": "folder", "path": str(folder)}])
    assert failed
    assert "nobody expected this: ZeroDivisionError: by zero" in only(lines, "source")


async def test_source_without_posts_is_a_warning(tmp_path, file):
    (tmp_path / "empty").mkdir()
    failed, lines = await look(
        database=str(file), sources=[{"kind": "folder", "path": str(tmp_path / "empty"), "name": "posts"}]
    )
    assert not failed
    assert only(lines, "source") == "warn  source posts: 0 files; is that the right place?"


async def test_password_of_a_source_is_told_to_nobody(file, unused_port):
    url = f"http://reader:hunter22@127.0.0.1:{unused_port}/feed.xml"
    failed, lines = await look(
        database=str(file), sources=[{"kind": "feed", "url": url, "allow_private": True}]
    )
    assert failed
    assert not any("hunter22" in line for line in lines)


async def test_cache_that_cannot_be_written_is_told(file, tmp_path):
    (tmp_path / "in-the-way").touch()
    _, lines = await look(
        database=str(file),
        cache=str(tmp_path / "in-the-way" / "cache"),
        sources=[{"kind": "git", "url": str(tmp_path), "name": "posts"}],
    )
    assert "copies of repositories cannot be kept in" in only(lines, "source posts")
    assert "`cache:`" in only(lines, "source posts")


def test_command_tells_all_and_ends_well_where_nothing_fails(house):
    """One process, on a database that is not there yet and stays so; the time is that of a start."""
    began = time.monotonic()
    result = paperboy("check", "--config", house / "config.yaml", "--json")
    took = time.monotonic() - began
    assert (result.returncode, result.stderr) == (0, "")
    found = [json.loads(line) for line in result.stdout.splitlines()]
    assert {tuple(it) for it in found} == {("what", "verdict", "said")}
    assert {it["verdict"] for it in found} == {"ok", "warn"}
    assert {"configuration", "operators", "database"} <= {it["what"] for it in found}
    assert not list(house.glob("*.db*"))
    assert took < 10, took


def test_command_says_what_is_wrong_with_the_configuration_and_fails(house):
    (house / "config.yaml").write_text("sorces: []\ndelivery: {cap: 0}\n")
    result = paperboy("check", "--config", house / "config.yaml")
    assert result.returncode == 1
    assert result.stderr == ""
    lines = result.stdout.splitlines()
    assert [line[:20] for line in lines] == ["FAIL  configuration:"] * 2
    assert any("did you mean `sources`?" in line for line in lines)
