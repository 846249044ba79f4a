"""The menu of commands: what Discord takes, in three locales, told only when it has changed."""

import copy
import logging
import re
import tomllib
from pathlib import Path

import discord
import pytest
import simcord

from bot import locales
from bot.adapters.discord import menu as menus
from bot.adapters.discord.menu import menu, register, same
from bot.adapters.discord.options import SETTINGS, options
from bot.commands import COMMANDS
from bot.locales import MenuWords, menu_words, words
from bot.model import Language
from tests.discord_oracle import schema

MENU = menu(COMMANDS.values())
BY_NAME = {body["name"]: body for body in MENU}
ALL = ("en", "zh-CN", "zh-TW")
NAME = re.compile(r"[-_'\w]{1,32}")
ROUTE = "/applications/*/commands"


def parts(body):
    """A command and its options."""
    return [body, *body["options"]]


def name(part, locale):
    return part["name"] if locale == "en" else part["name_localizations"][locale]


def description(part, locale):
    return part["description"] if locale == "en" else part["description_localizations"][locale]


# What Discord takes


@pytest.mark.parametrize("locale", ALL)
def test_names_and_descriptions_are_ones_that_discord_takes(locale):
    for body in MENU:
        for part in parts(body):
            assert NAME.fullmatch(name(part, locale)), part
            assert name(part, locale) == name(part, locale).lower()
            assert 1 <= len(description(part, locale)) <= 100


@pytest.mark.parametrize("locale", ALL)
def test_names_are_unique_in_every_locale(locale):
    commands = [name(body, locale) for body in MENU]
    assert len(commands) == len(set(commands)) == len(COMMANDS) <= 100
    for body in MENU:
        fields = [name(option, locale) for option in body["options"]]
        assert len(fields) == len(set(fields)) <= 25


@pytest.mark.parametrize("locale", ALL)
def test_a_whole_command_is_within_its_limit(locale):
    for body in MENU:
        texts = [text for part in parts(body) for text in (name(part, locale), description(part, locale))]
        chosen = [choice for option in body["options"] for choice in option.get("choices", ())]
        texts += [text for choice in chosen for text in (name(choice, locale), choice["value"])]
        assert sum(map(len, texts)) <= 8000


@pytest.mark.parametrize("locale", ALL)
def test_choices_are_named_apart(locale):
    for body in MENU:
        for option in body["options"]:
            labels = [name(choice, locale) for choice in option.get("choices", ())]
            assert len(labels) == len(set(labels)) <= 25
            assert all(1 <= len(label) <= 100 for label in labels)


def test_fields_that_must_be_filled_in_come_first():
    for body in MENU:
        must = [option["required"] for option in body["options"]]
        assert must == sorted(must, reverse=True), body["name"]


def test_a_field_has_choices_or_is_completed_not_both():
    for body in MENU:
        for option in body["options"]:
            assert not ("choices" in option and option.get("autocomplete"))


def test_commands_are_as_discord_describes_them():
    validator = schema("ApplicationCommandUpdateRequest")
    for body in MENU:
        assert list(validator.iter_errors(body)) == []


def test_who_may_change_a_channel_is_shown_what_changes_it():
    for command in COMMANDS.values():
        wanted = 0 if command.operators else 16 if command.changes else None
        assert BY_NAME[command.name].get("default_member_permissions") == wanted


def test_everything_works_in_servers_and_alone_and_for_people_who_installed_it():
    assert all(body["integration_types"] == [0, 1] for body in MENU)
    assert BY_NAME["subscribe"]["contexts"] == [0, 1, 2]
    assert BY_NAME["status"]["contexts"] == [0, 1]


# Words


@pytest.mark.parametrize("locale", ALL)
def test_every_locale_has_words_for_all_and_for_nothing_else(locale):
    known = menu_words(locale)
    fields = {option.name for command in COMMANDS for option in options(command)} | {"text"}
    assert known.commands.keys() == COMMANDS.keys()
    assert known.options.keys() == fields
    assert known.choices.keys() == {"bibtex", "ris", *SETTINGS}


def test_chinese_is_chinese_and_not_one_for_the_other():
    simplified, traditional = menu_words("zh-CN"), menu_words("zh-TW")
    for held in (simplified, traditional):
        every = [*held.commands.values(), *held.options.values()]
        assert all(re.search("[\u4e00-\u9fff]", called.name) for called in every)
    texts = [(Path(locales.__file__).parent / "menu" / f"{at}.toml").read_text("utf-8") for at in ALL[1:]]
    assert not set("標籤訂閱論設關這個從說") & set(texts[0])
    assert not set("标签订阅论设关这个从说") & set(texts[1])


def test_catalogs_are_shipped():
    project = Path(locales.__file__).parents[2] / "pyproject.toml"
    shipped = tomllib.loads(project.read_text("utf-8"))["tool"]["setuptools"]["package-data"]["bot"]
    folder = Path(locales.__file__).parents[1]
    found = {file for pattern in shipped for file in folder.glob(pattern)}
    assert {folder / "locales" / "menu" / f"{locale}.toml" for locale in ALL} <= found


def test_new_command_has_the_words_of_help_and_one_field(monkeypatch):
    def without(locale):
        real = menu_words(locale)
        return MenuWords({}, real.options, real.choices)

    monkeypatch.setattr(menus, "menu_words", without)
    monkeypatch.setattr(menus, "options", lambda _: options("a_new_one"))
    (body,) = menu([COMMANDS["search"]])
    assert body["description"] == words(Language.EN)("help_search")
    assert body["description_localizations"]["zh-TW"] == words(Language.ZH)("help_search")
    assert body["name_localizations"] == {}
    assert [option["name"] for option in body["options"]] == ["text"]
    assert list(schema("ApplicationCommandUpdateRequest").iter_errors(body)) == []


# Whether Discord has it


def answered(bodies):
    """The menu as Discord gives it back: in its order, with numbers, nothing, and fields of its own."""
    found = copy.deepcopy(bodies)[::-1]
    for number, body in enumerate(found):
        granted = body.get("default_member_permissions")
        body |= {
            "id": str(number), "application_id": "1", "version": "2", "nsfw": False, "dm_permission": True,
            "default_member_permissions": None if granted is None else str(granted), "handler": None,
            "contexts": body["contexts"][::-1], "integration_types": body["integration_types"][::-1],
        }  # fmt: skip
        for option in body["options"]:
            if not option["required"]:
                del option["required"]
            option.get("channel_types", []).reverse()
        if not body["options"]:
            del body["options"]
    return found


def test_menu_that_discord_gives_back_is_the_same():
    assert same(MENU, answered(MENU))


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("latest", "description"), "Another"),
        (("latest", "name_localizations", "zh-TW"), "另一個"),
        (("status", "default_member_permissions"), None),
        (("help", "default_member_permissions"), "0"),
        (("help", "contexts"), [0]),
        (("latest", "options", 1, "max_value"), 9),
        (("settings", "options", 0, "choices", 2, "name_localizations", "zh-CN"), "另一个"),
        (("tag", "options", 0, "required"), False),
    ],
)
def test_menu_with_a_difference_is_another(place, value):
    theirs = answered(MENU)
    held = {body["name"]: body for body in theirs}
    *way, last = place
    for step in way:
        held = held[step]
    held[last] = value
    assert not same(MENU, theirs)


def test_order_of_fields_and_choices_counts():
    theirs = copy.deepcopy(MENU)
    next(body for body in theirs if body["name"] == "latest")["options"].reverse()
    assert not same(MENU, theirs)
    assert not same(MENU, MENU[1:])


# Telling it


def run():
    """A Discord, and a client in it that has no menu."""
    return simcord.run(discord.AutoShardedClient(intents=discord.Intents(guilds=True)), shard_count=1)


def told(env):
    return [entry.json for entry in env.http_requests if entry.method == "PUT"]


async def tell(env, wanted):
    return await register(env.bot.http, env.bot.application_id, wanted)


async def test_menu_is_told_once_and_again_when_it_changes():
    async with run() as env:
        assert await tell(env, MENU)
        assert not await tell(env, MENU)
        assert told(env) == [MENU]
        assert await tell(env, MENU[1:])
        assert told(env) == [MENU, MENU[1:]]


async def test_application_that_people_cannot_install_is_told_for_servers():
    async with run() as env:
        env.inject_error("PUT", ROUTE, status=400, code=50035, message="Invalid Form Body", times=1)
        assert await tell(env, MENU)
        assert [body["integration_types"] for body in told(env)[-1]] == [[0]] * len(MENU)
        env.inject_error("PUT", ROUTE, status=400, code=50035, message="Invalid Form Body", times=1)
        assert not await tell(env, MENU)
        assert len(told(env)) == 3  # the last one was refused again, and what is there stays


@pytest.mark.parametrize(
    ("method", "status", "code"), [("GET", 403, 50001), ("PUT", 400, 30034), ("PUT", 400, 50035)]
)
async def test_refusal_is_one_line_in_the_log(caplog, method, status, code):
    async with run() as env:
        env.inject_error(method, ROUTE, status=status, code=code, message="Not\nnow", times=2)
        with caplog.at_level(logging.WARNING, "bot"):
            assert not await tell(env, MENU)
    (record,) = [record for record in caplog.records if record.name.startswith("bot")]
    assert "menu.kept" in record.getMessage()
    assert record.getMessage().endswith("Not now")
    assert record.exc_info is None


class Portal:
    """A line to an application for which the portal has made a command that must not be taken off."""

    def __init__(self, commands):
        self.commands = commands
        self.told = []

    async def request(self, route, *, json=None, params=None):
        if route.method == "GET":
            return self.commands
        assert any(body["type"] == 4 for body in json)
        self.told.append(json)
        return self.commands


async def test_command_that_opens_an_activity_stays():
    launch = {"id": "9", "name": "launch", "type": 4, "description": "", "handler": 2}
    http = Portal([*answered(MENU), launch])
    assert not await register(http, 1, MENU)
    assert await register(http, 1, MENU[1:])
    assert http.told == [[*MENU[1:], launch]]


@pytest.mark.parametrize("answer", ["<html>", {"message": "hello"}, [{"id": "1"}], None])
async def test_what_is_not_discord_is_told_nothing(caplog, answer):
    http = Portal(answer)
    with caplog.at_level(logging.WARNING, "bot"):
        assert not await register(http, 1, MENU)
    assert http.told == []
    assert "what answers is not Discord" in caplog.text
