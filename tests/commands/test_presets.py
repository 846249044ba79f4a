"""What settings can be set to: whatever is offered is one that /settings takes."""

import datetime as dt

import pytest

from bot.commands.base import Place, Where
from bot.commands.presets import Said, values
from bot.commands.settings import SETTERS
from bot.locales import words
from bot.model import Language, Layout, Style
from tests.commands.asking import Asker, text

NOW = dt.datetime(2026, 11, 18, 12, tzinfo=dt.UTC)
HERE = Place(address="5/6", where=Where.GROUP, above="5")
SETTINGS = [name for name in SETTERS if name not in ("when", "day", "drop")]


def offered(setting, typed="", language=Language.EN, place=HERE):
    said = Said(say=words(language), typed=typed, now=NOW, styles=tuple(Style), place=place)
    return values(setting, said)


def first(setting, typed, language=Language.EN):
    found = offered(setting, typed, language)[0]
    return found.label, found.value


async def test_everything_that_is_offered_is_taken(database):
    ask = Asker(database, place=Place(address="5/6"))
    for setting in ("", *SETTINGS):
        found = [each for language in Language for each in offered(setting, "", language)]
        taken = {each.value for each in found} - {"rich", "server"}  # asked about before; has none above
        for value in taken if setting != "layout" else ():
            await ask("/settings daily 08:00")
            said = text(await ask(f"/settings {setting} {value}"))
            assert said.startswith(("Saved", "已保存")), (setting, value, said)


@pytest.mark.parametrize("setting", ["", *SETTINGS])
@pytest.mark.parametrize("language", Language)
def test_each_is_offered_once(setting, language):
    found = offered(setting, "", language)
    assert len({each.value for each in found}) == len(found) > 1


@pytest.mark.parametrize(
    ("setting", "typed", "value"),
    [
        ("hour", "7", "07:00"),
        ("hour", "7:15", "07:15"),
        ("hour", "7pm", "19:00"),
        ("hour", "晚上8点半", "20:30"),
        ("daily", "6", "06:00"),
        ("daily", "mon-fri 7:45", "mon-fri 07:45"),
        ("daily", "工作日 早上7点", "mon-fri 07:00"),
        ("weekly", "tue", "tue 08:00"),
        ("weekly", "周五 18:30", "fri 18:30"),
        ("days", "weekend", "sat,sun"),
        ("days", "周一至周三", "mon-wed"),
        ("instant", "mon, wed", "mon,wed"),
        ("quiet", "22:30-6:00", "22:30-06:00 hold"),
        ("quiet", "23:00-08:00 静音", "23:00-08:00 silent"),
        ("quiet", "of", "off"),
        ("zone", "berl", "Europe/Berlin"),
        ("zone", "asia/hong kong", "Asia/Hong_Kong"),
        ("zone", "shangai", "Asia/Shanghai"),
        ("zone", "北京", "Asia/Shanghai"),
        ("zone", "new y", "America/New_York"),
        ("style", "over", "overview"),
        ("language", "eng", "en"),
        ("revised", "of", "off"),
        ("layout", "thr", "threads"),
        ("", "wee", "weekly mon 09:00"),
    ],
)
def test_what_is_written_is_read(setting, typed, value):
    assert first(setting, typed)[1] == value


def test_labels_are_in_the_readers_language():
    assert first("daily", "mon-fri 07:30", Language.ZH) == ("周一至周五 07:30", "mon-fri 07:30")
    assert first("weekly", "周", Language.ZH) == ("周一 06:00", "mon 06:00")
    assert first("quiet", "off", Language.ZH) == ("不设免打扰", "off")
    assert first("zone", "tokyo") == ("Asia/Tokyo · 21:00", "Asia/Tokyo")


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("typed", ["qqqqq", "\0", "99:99", "(((", "[a", "x" * 300])
def test_nonsense_offers_nothing(setting, typed):
    assert offered(setting, typed) == []


def test_layouts_are_those_of_the_place():
    assert [each.value for each in offered("layout", "th")] == [Layout.THREADS]
    forum = Place(address="5/6", above="5", layout=Layout.POSTS)
    assert [each.value for each in offered("layout", place=forum)] == ["server"]


def test_setting_can_be_as_in_the_place_above_where_there_is_one():
    assert offered("style")[-1].value == "server"
    assert "server" not in [each.value for each in offered("style", place=Place(address="@7"))]
    assert "server" not in [each.value for each in offered("")]
