"""What is filled in on Discord says the same as what is written elsewhere."""

import datetime as dt
import re
from dataclasses import replace
from string import Formatter

import pytest

from bot.adapters.discord.options import OPTIONS, SETTINGS, Kind, options, spoken, text
from bot.commands import COMMANDS
from bot.commands.base import Place, Where
from bot.commands.settings import read_name
from bot.formatter.text import plain
from bot.locales import words
from bot.model import Language
from tests.commands.asking import Asker
from tests.commands.seeing import TODAY, publish


@pytest.mark.parametrize(
    ("command", "given", "written"),
    [
        ("subscribe", {"tags": "NeRF, 3DGS", "place": "12"}, "NeRF, 3DGS"),
        ("subscribe", {"tags": "NeRF, 3DGS, "}, "NeRF, 3DGS"),
        ("subscribe", {}, ""),
        ("latest", {"count": 3, "tags": "NeRF"}, "NeRF 3"),
        ("latest", {"day": "2026-11-18", "tags": "NeRF，", "count": 2}, "NeRF 2 2026-11-18"),
        ("latest", {"share": True}, ""),
        ("tag", {"day": "昨天", "tag": "高斯"}, "高斯 昨天"),
        ("paper", {"paper": "2003.08934", "share": True}, "2003.08934"),
        ("search", {"words": '"neural field" 3d '}, '"neural field" 3d'),
        ("settings", {"to": "07:30", "set": "daily", "server": True}, "daily 07:30"),
        ("settings", {"set": "style"}, "style"),
        ("settings", {"to": "weekly mon 09:00"}, "weekly mon 09:00"),
        ("follow", {"authors": "Ada Lovelace, Alan Turing"}, "Ada Lovelace, Alan Turing"),
        ("pause", {"place": "12"}, ""),
        ("a_new_one", {"text": "whatever 3", "place": "12"}, "whatever 3"),
        ("latest", {"gone": "x", "tags": 7}, "7"),
    ],
)
def test_fields_are_what_is_written_behind_the_command(command, given, written):
    assert text(command, given) == written


def test_every_listed_command_is_there():
    assert OPTIONS.keys() - COMMANDS.keys() == set()


def test_every_setting_that_is_offered_is_read():
    assert [read_name(setting)[0] for setting in SETTINGS] == list(SETTINGS)


def test_where_a_command_may_be_about_another_place_that_is_a_field():
    for command in COMMANDS.values():
        kinds = [option.kind for option in options(command.name)]
        assert (Kind.PLACE in kinds) is command.elsewhere, command.name


@pytest.fixture
async def ask(database):
    for back in range(3):
        day = TODAY - dt.timedelta(back)
        await publish(database, "NeRF", papers=(f"2611.0000{back}",), date=day)
        await publish(database, "3DGS", papers=(f"2611.0001{back}",), date=day)
    return Asker(database)


@pytest.mark.parametrize(
    ("given", "titles"),
    [
        ({"tags": "NeRF, 3DGS", "count": 3}, ["3DGS · 2026-11-18", "NeRF · 2026-11-18", "3DGS · 2026-11-17"]),
        ({"tags": "NeRF, 3DGS", "day": "2026-11-17"}, ["3DGS · 2026-11-17", "NeRF · 2026-11-17"]),
        ({"tags": "NeRF, 3DGS", "day": "2026-11-16", "count": 2}, ["3DGS · 2026-11-16", "NeRF · 2026-11-16"]),
    ],
)
async def test_number_and_day_are_understood_behind_tags(ask, given, titles):
    reply = await ask(f"/latest {text('latest', given)}")
    shown = plain(reply.cards[0].title) + "".join(
        plain(item) for block in reply.cards[0].blocks for item in block.items
    )
    assert [shown.count(title) for title in titles] == [1] * len(titles)
    assert shown.count(" · 2026-11-1") == len(titles)


@pytest.mark.parametrize(
    ("typed", "filled"),
    [
        ("/subscribe NeRF, 3DGS", "/subscribe tags:NeRF, 3DGS"),
        ("/unsubscribe all", "/unsubscribe tags:all"),
        ("/settings daily 07:30", "/settings set:daily to:07:30"),
        ("/settings 免打扰 22:00-07:00 静音", "/settings set:quiet to:22:00-07:00 静音"),
        ("/settings mon 09:00", "/settings to:mon 09:00"),
        ("/settings instant", "/settings set:instant"),
        ("/settings whatever it is", "/settings to:whatever it is"),
        ("/latest NeRF 3", "/latest tags:NeRF count:3"),
        ("/latest 3", "/latest count:3"),
        ("/latest Radiance Fields 3 2026-11-20", "/latest tags:Radiance Fields count:3 day:2026-11-20"),
        ("/tag NeRF 2026-11-20", "/tag tag:NeRF day:2026-11-20"),
        ("/tag NeRF 昨天", "/tag tag:NeRF day:昨天"),
        ("/tag 昨天 NeRF", "/tag tag:NeRF day:昨天"),
        ("/paper 2003.08934", "/paper paper:2003.08934"),
        ("/search gaussian splatting", "/search words:gaussian splatting"),
        ("/export bibtex", "/export form:bibtex"),
        ("/follow Ada Lovelace", "/follow authors:Ada Lovelace"),
        ("/help", "/help"),
        ("/help whatever", "/help"),
        ("/a_new_one whatever 3", "/a_new_one text:whatever 3"),
    ],
)
def test_what_is_typed_elsewhere_is_filled_in(typed, filled):
    assert spoken(typed) == filled


OTHER = Place(address="1456074443980800024/1456074443980800025", where=Where.GROUP, title="#other")
SERVER = Place(address="1456074443980800024", where=Where.GROUP, title="Lab", whole=True)


@pytest.mark.parametrize(
    ("typed", "place", "filled"),
    [
        ("/subscribe NeRF", OTHER, "/subscribe tags:NeRF place:#other"),
        ("/pause", OTHER, "/pause place:#other"),
        ("/latest 3", OTHER, "/latest count:3"),
        ("/settings daily 07:30", SERVER, "/settings set:daily to:07:30 server:True"),
        ("/tags", SERVER, "/tags"),
        ("/tags", replace(OTHER, title=""), "/tags"),
    ],
)
def test_other_place_stands_in_a_field_and_never_as_a_number(typed, place, filled):
    assert spoken(typed, place) == filled


def given_in(filled: str) -> dict[str, str]:
    """The fields of a command as it is shown: `/latest tags:NeRF count:3`."""
    names = "|".join({option.name for command in COMMANDS for option in options(command)})
    found = re.split(rf" ({names}):", filled)
    return dict(zip(found[1::2], found[2::2], strict=True))


def said_by(filled: str) -> str:
    """What people would type for a command as it is shown."""
    command = filled.split(" ")[0].removeprefix("/")
    return f"/{command} {text(command, given_in(filled))}".strip()


def same(one: str, other: str) -> bool:
    """Whether two typed commands ask for the same; settings have names in every language."""
    if one.startswith("/settings "):
        return read_name(one.partition(" ")[2]) == read_name(other.partition(" ")[2])
    return one == other


@pytest.mark.parametrize("language", Language)
def test_every_command_that_a_phrase_holds_can_be_filled_in_and_means_the_same(language):
    typed: list[str] = []

    def call(line):
        typed.append(line)
        assert same(line, said_by(spoken(line))), line
        return spoken(line)

    say = replace(words(language, "discord"), call=call)
    for key, phrase in say.phrases.items():
        for form in phrase.values() if isinstance(phrase, dict) else (phrase,):
            named = {name for _, name, _, _ in Formatter().parse(form) if name}
            values = {name: 2 if name == "n" else "NeRF" for name in named}
            if key == "for_example":
                values = {"example": say("example_daily")}
            said = replace(say, phrases={key: form})(key, **values)
            assert "`" not in said, key
    assert len([line for line in typed if " " in line]) > 20
    assert all(line.split()[0].removeprefix("/") in COMMANDS for line in typed)


@pytest.mark.parametrize("command", COMMANDS.values(), ids=lambda command: command.name)
def test_every_example_in_the_help_can_be_filled_in(command):
    typed = f"/{command.name} {command.example}".strip()
    assert same(typed, said_by(spoken(typed)))
