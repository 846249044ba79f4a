"""What is filled in on Discord says the same as what is written elsewhere."""

import datetime as dt

import pytest

from bot.adapters.discord.options import OPTIONS, SETTINGS, Kind, options, text
from bot.commands import COMMANDS
from bot.commands.settings import read_name
from bot.formatter.text import plain
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
