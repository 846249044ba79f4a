"""/settings by buttons and by words, in private chats, groups and channels."""

import datetime as dt
import re
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.commands import changes
from bot.commands.base import Place, Refusal, Where
from bot.commands.settings import EXAMPLES, SETTERS, read_name
from bot.commands.settings_menu import MENUS
from bot.locales import words
from bot.model import Language, Quiet, Schedule, Style, When
from bot.storage import chats
from bot.when import Misread
from tests.commands.asking import NOW, Town, buttons, text
from tests.commands.seeing import Seer, publish

GROUP = Place(address="-100777", where=Where.GROUP, title="Graphics group")
CHANNEL = Place(address="-1001234567890/77", where=Where.CHANNEL, title="@papers")
WORK = frozenset(range(5))
CHANGES = {name: getattr(changes, name) for name in SETTERS if hasattr(changes, name)}


async def kept(database, address="7"):
    async with database.reading() as connection:
        return await chats.find(connection, "telegram", address)


@pytest.mark.parametrize(
    ("line", "schedule"),
    [
        ("daily 07:30", Schedule(when=When.DAILY, at=dt.time(7, 30))),
        ("daily 7:30", Schedule(when=When.DAILY, at=dt.time(7, 30))),
        ("Daily at 7.30 mon-fri", Schedule(when=When.DAILY, at=dt.time(7, 30), weekdays=WORK)),
        ("daily", Schedule(when=When.DAILY, at=dt.time(8))),
        ("每天 19：05", Schedule(when=When.DAILY, at=dt.time(19, 5))),
        ("when daily 07:30", Schedule(when=When.DAILY, at=dt.time(7, 30))),
        ("weekly mon 09:00", Schedule(when=When.WEEKLY, at=dt.time(9), weekdays=frozenset({0}))),
        ("weekly 09:00 sunday", Schedule(when=When.WEEKLY, at=dt.time(9), weekdays=frozenset({6}))),
        ("每周 周三 09:00", Schedule(when=When.WEEKLY, at=dt.time(9), weekdays=frozenset({2}))),
        ("instant", Schedule()),
        ("instant mon, wed", Schedule(weekdays=frozenset({0, 2}))),
        ("zone Europe/Berlin", Schedule(zone="Europe/Berlin")),
        ("zone asia/hong kong", Schedule(zone="Asia/Hong_Kong")),
        ("时区 Asia/Shanghai", Schedule(zone="Asia/Shanghai")),
        ("days mon-fri", Schedule(weekdays=WORK)),
        ("days 周一至周五", Schedule(weekdays=WORK)),
        ("days sat, sun", Schedule(weekdays=frozenset({5, 6}))),
        ("days fri to mon", Schedule(weekdays=frozenset({4, 5, 6, 0}))),
        ("quiet 22:00-07:00", Schedule(quiet=Quiet(start=dt.time(22), end=dt.time(7), silent=False))),
        ("quiet 22:00-07:00 silent", Schedule(quiet=Quiet(start=dt.time(22), end=dt.time(7), silent=True))),
        ("quiet 22:00 – 7:00 hold", Schedule(quiet=Quiet(start=dt.time(22), end=dt.time(7), silent=False))),
        ("免打扰 22:00至07:00 静音", Schedule(quiet=Quiet(start=dt.time(22), end=dt.time(7), silent=True))),
        ("quiet off", Schedule()),
        ("time 06:45", Schedule(when=When.DAILY, at=dt.time(6, 45))),
        ("时间 晚上8点", Schedule(when=When.DAILY, at=dt.time(20))),
        ("daily 7am", Schedule(when=When.DAILY, at=dt.time(7))),
        ("daily 7:30 pm mon-fri", Schedule(when=When.DAILY, at=dt.time(19, 30), weekdays=WORK)),
        ("每天 早上7点", Schedule(when=When.DAILY, at=dt.time(7))),
        ("每天早上七点半", Schedule(when=When.DAILY, at=dt.time(7, 30))),
        ("daily 工作日 19点", Schedule(when=When.DAILY, at=dt.time(19), weekdays=WORK)),
        ("每周一 09:00", Schedule(when=When.WEEKLY, at=dt.time(9), weekdays=frozenset({0}))),
        ("每周日早上9点", Schedule(when=When.WEEKLY, at=dt.time(9), weekdays=frozenset({6}))),
        ("每个星期三 19：30", Schedule(when=When.WEEKLY, at=dt.time(19, 30), weekdays=frozenset({2}))),
        ("when 每周五 18:00", Schedule(when=When.WEEKLY, at=dt.time(18), weekdays=frozenset({4}))),
        ("每周一、三、五 9点", Schedule(when=When.DAILY, at=dt.time(9), weekdays=frozenset({0, 2, 4}))),
        ("星期一至五", Schedule(weekdays=WORK)),
        ("每周末 10:00", Schedule(when=When.DAILY, at=dt.time(10), weekdays=frozenset({5, 6}))),
        ("每个工作日 10:00", Schedule(when=When.DAILY, at=dt.time(10), weekdays=WORK)),
        ("每周 09:00", Schedule(when=When.WEEKLY, at=dt.time(9), weekdays=frozenset({0}))),
        ("days 每周一", Schedule(weekdays=frozenset({0}))),
        ("星期 周一、三、五", Schedule(weekdays=frozenset({0, 2, 4}))),
        ("时区Asia/Shanghai", Schedule(zone="Asia/Shanghai")),
        ("quiet 10pm-7am", Schedule(quiet=Quiet(start=dt.time(22), end=dt.time(7), silent=False))),
        (
            "quiet from 10 pm to 7:30 am silent",
            Schedule(quiet=Quiet(start=dt.time(22), end=dt.time(7, 30), silent=True)),
        ),
        (
            "免打扰 晚上10点到早上7点静音",
            Schedule(quiet=Quiet(start=dt.time(22), end=dt.time(7), silent=True)),
        ),
    ],
)
async def test_schedule_is_set_by_words(database, line, schedule):
    reply = await Seer(database)(f"/settings {line}")
    assert "Saved." in text(reply)
    assert (await kept(database)).schedule == schedule


async def test_what_is_not_named_stays(database):
    me = Seer(database)
    for line in (
        "zone Asia/Tokyo",
        "quiet 23:00-06:00 silent",
        "daily 07:30 tue, thu",
        "quiet hold",
        "daily 09:00",
    ):
        await me(f"/settings {line}")
    quiet = Quiet(start=dt.time(23), end=dt.time(6), silent=False)
    days = frozenset({1, 3})
    assert (await kept(database)).schedule == Schedule(
        when=When.DAILY, at=dt.time(9), zone="Asia/Tokyo", weekdays=days, quiet=quiet
    )


async def test_days_come_back_after_a_weekly_digest(database):
    me = Seer(database)
    await me("/settings weekly tue 09:00")
    await me("/settings weekly")
    assert (await kept(database)).schedule.weekdays == frozenset({1})
    await me("/settings daily")
    assert (await kept(database)).schedule == Schedule(when=When.DAILY, at=dt.time(9))


async def test_next_moment_is_by_the_chats_own_clock(database):
    me = Seer(database)
    await me("/settings zone Europe/Berlin")
    await me("/settings daily 23:59")
    due = (await kept(database)).due_at
    assert dt.datetime.fromtimestamp(due, dt.UTC).strftime("%H:%M") == "22:59"
    assert due > NOW
    assert "23:59" in text(await me("/settings when"))


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("daily 25:00", "is not a time of day"),
        ("daily 7:30 19:30", "is not a time of day"),
        ("daily 13am", "“13am” is not a time of day"),
        ("daily 7", "write 07:00"),
        ("daily 24:00", "write 00:00"),
        ("daily 07:30 someday", "“someday” is no day"),
        ("weekly mon tue 09:00", "one day"),
        ("zone Berln", "did you mean Europe/Berlin?"),
        ("zone +8", "offset"),
        ("zone Nowhere/Atall123", "no time zone"),
        ("quiet soon", "22:00-07:00"),
        ("quiet 22:00-07:00 loudly", "22:00-07:00"),
        ("quiet 22:00-07:00-08:00", "22:00-07:00"),
        ("quiet silent", "no quiet hours yet"),
        ("days x", "“x” is no day"),
        ("days mon-", "“mon-” is no day"),
        ("每周 周一三五 09:00", "one day"),
        ("每周八 09:00", "is no day"),
        ("style glossy", "cards, overview, full"),
        ("language fr", "zh"),
        ("revised maybe", "on or off"),
        ("when sometimes", "instant, daily or weekly"),
        ("colour red", "/settings daily 07:30"),
    ],
)
async def test_wrong_value_gets_a_line_with_an_example_and_changes_nothing(database, line, told):
    reply = await Seer(database)(f"/settings {line}")
    assert told in text(reply)
    assert "/settings " in text(reply)
    assert await kept(database) is None


async def test_quiet_hours_that_end_as_they_begin_change_nothing(database):
    me = Seer(database)
    await me("/settings quiet 23:00-06:00 silent")
    for reply in (await me("/settings quiet 22:00-22:00"), await me.press("set:quiet:22:00-22:00")):
        assert "22:00-07:00" in text(reply)
        assert "Saved" not in text(reply)
    assert (await kept(database)).schedule.quiet == Quiet(start=dt.time(23), end=dt.time(6), silent=True)


@pytest.mark.parametrize("language", Language)
def test_everything_the_catalogs_tell_to_write_is_understood(language):
    phrases = words(language).phrases
    told = [phrase for key, phrase in phrases.items() if re.fullmatch("menu_.*(how|one)", key)]
    told.append(phrases["settings_unknown"])
    lines = [line for phrase in told for line in re.findall("`/settings ([^`]+)`", phrase)]
    lines += [phrases[f"example_{name}"] for name in EXAMPLES]
    assert len(lines) > 15
    for line in lines:
        name, value = read_name(line)
        assert name in SETTERS, line
        if name in CHANGES:
            CHANGES[name](value)(Schedule())


@pytest.mark.parametrize("name", EXAMPLES)
async def test_example_is_in_the_readers_language_and_works(database, name):
    me = Seer(database, hint=Language.ZH)
    told = text(await me(f"/settings {name} ?"))
    example = re.search("例如：(/settings .*)", told)[1]
    assert re.search("[一-鿿]", example)
    assert "已保存" in text(await me(example))


async def test_styles_are_named_as_their_buttons(database):
    named = text(await Seer(database, hint=Language.ZH)("/settings style 闪亮"))
    assert "卡片、列表、完整、富文本。" in named
    named = text(await Seer(database)("/settings style glossy"))
    assert "cards, overview, full, rich." in named


async def test_misspelled_zone_is_set_on_a_tap(database):
    me = Seer(database)
    reply = await me("/settings zone Berln")
    await me.press(buttons(reply)["Europe/Berlin"])
    assert (await kept(database)).schedule.zone == "Europe/Berlin"


async def test_mistakes_are_told_in_chinese_to_chinese_readers(database):
    me = Seer(database, hint=Language.ZH)
    assert "不是时间" in text(await me("/settings daily 25:00"))
    assert "您是不是想写 Europe/Berlin" in text(await me("/settings zone Berln"))
    assert "请写分钟" in text(await me("/settings daily 7")) or "要写分钟" in text(
        await me("/settings daily 7")
    )
    assert "不是星期几" in text(await me("/settings days x"))


async def test_style_language_and_revised_versions_are_set_by_words(database):
    me = Seer(database)
    await me("/settings style overview")
    await me("/settings revised on")
    reply = await me("/settings language zh")
    assert "已保存" in text(reply)
    chat = await kept(database)
    assert (chat.style, chat.language, chat.revised) == (Style.OVERVIEW, Language.ZH, True)
    await me("/settings 语言 english")
    await me("/settings 样式 卡片")
    await me("/settings revised off")
    chat = await kept(database)
    assert (chat.style, chat.language, chat.revised) == (Style.CARDS, Language.EN, False)


async def test_menu_tells_every_setting_and_leads_to_each(database):
    me = Seer(database)
    reply = await me("/settings")
    for told in (
        "as they appear",
        "Style: cards",
        "Language: English",
        "Revised versions: off",
        "Filters: none",
    ):
        assert told in text(reply)
    for label in ("When", "Quiet hours", "Style", "Language", "Filters: 0"):
        opened = await me.press(buttons(reply)[label])
        assert opened.edit
        back = await me.press(buttons(opened)["‹ Back"])
        assert set(buttons(back)) == set(buttons(reply))
    assert await kept(database) is None


async def test_everything_is_set_by_buttons_in_place(database):
    me = Seer(database)
    reply = await me.press(buttons(await me("/settings"))["When"])
    reply = await me.press(buttons(reply)["Daily"])
    assert "✓ Daily" in buttons(reply)
    reply = await me.press(buttons(reply)["Hour: 08:00"])
    reply = await me.press(buttons(reply)["18:00"])
    reply = await me.press(buttons(reply)["Zone: UTC"])
    reply = await me.press(buttons(reply)["Asia/Shanghai"])
    assert reply.edit
    assert reply.toast == "Saved."
    assert "daily at 18:00 (Asia/Shanghai)" in text(reply)
    reply = await me.press(buttons(reply)["Days: every day"])
    reply = await me.press(buttons(reply)["✓ Sun"])
    assert "Sun" in buttons(reply)
    reply = await me.press(buttons(reply)["Mon–Fri"])
    assert (await kept(database)).schedule == Schedule(
        when=When.DAILY, at=dt.time(18), zone="Asia/Shanghai", weekdays=WORK
    )


async def test_quiet_hours_are_set_by_buttons(database):
    me = Seer(database)
    reply = await me.press("menu:quiet")
    assert "✓ No quiet hours" in buttons(reply)
    reply = await me.press(buttons(reply)["22:00-07:00"])
    assert "papers wait" in text(reply)
    reply = await me.press(buttons(reply)["Come without a sound"])
    assert (await kept(database)).schedule.quiet == Quiet(start=dt.time(22), end=dt.time(7), silent=True)
    reply = await me.press(buttons(reply)["No quiet hours"])
    assert (await kept(database)).schedule.quiet is None


async def test_weekly_menu_takes_one_day(database):
    me = Seer(database)
    await me.press("set:when:weekly")
    reply = await me.press("menu:days")
    assert {"✓ Mon", "Thu"} <= set(buttons(reply))
    reply = await me.press(buttons(reply)["Thu"])
    assert (await kept(database)).schedule.weekdays == frozenset({3})
    assert "every day" not in buttons(reply)


async def test_last_day_cannot_be_taken_off(database):
    me = Seer(database)
    await me("/settings days mon")
    reply = await me.press(buttons(await me.press("menu:days"))["✓ Mon"])
    assert "At least one day" in reply.toast
    assert (await kept(database)).schedule.weekdays == frozenset({0})


async def test_day_tapped_twice_stays_as_it_was_wanted(database):
    me = Seer(database)
    menu = buttons(await me.press("menu:days"))
    for _ in range(3):
        reply = await me.press(menu["✓ Sun"])
        assert (await kept(database)).schedule.weekdays == frozenset(range(6))
    menu = buttons(reply)
    for _ in range(3):
        reply = await me.press(menu["Sun"])
        assert (await kept(database)).schedule.weekdays == frozenset(range(7))
    assert "✓ Sun" in buttons(reply)


async def test_old_button_of_a_day_shows_the_menu_and_changes_nothing(database):
    me = Seer(database)
    for line, days in (("days mon, wed", {0, 2}), ("days sat", {5})):
        await me(f"/settings {line}")
        for day in range(7):
            reply = await me.press(f"set:day:{day}")
            assert reply.edit
            assert "tap again" in reply.toast
            assert {"✓ Mon", "Mon"} & set(buttons(reply))
            assert (await kept(database)).schedule.weekdays == days


async def test_day_of_a_weekly_digest_is_chosen_by_any_button(database):
    me = Seer(database)
    menu = buttons(await me.press("menu:days"))
    await me.press("set:when:weekly")
    await me.press("set:day:2")
    assert (await kept(database)).schedule.weekdays == frozenset({2})
    friday = buttons(await me.press("menu:days"))["Fri"]
    for _ in range(2):
        await me.press(friday)
        assert (await kept(database)).schedule.weekdays == frozenset({4})
    assert "✓ Fri" in buttons(await me.press(buttons(await me.press("menu:days"))["✓ Fri"]))
    await me.press(menu["✓ Tue"])  # of the time before it was weekly: it is off already
    assert "At least one day" in (await me.press(menu["✓ Fri"])).toast
    assert (await kept(database)).schedule.weekdays == frozenset({4})


async def test_language_button_turns_the_menu_to_that_language(database):
    me = Seer(database)
    reply = await me.press(buttons(await me.press("menu:language"))["中文"])
    assert "已保存" in reply.toast
    assert "语言：中文" in text(reply)


async def test_rich_style_is_taken_after_it_was_seen(database):
    me = Seer(database)
    assert "no paper yet" in text(await me("/settings style rich"))
    assert "no paper yet" in (await me.press(buttons(await me.press("menu:style"))["rich"])).toast
    await publish(database, "NeRF", papers=("2611.00001",))
    for shown in (await me("/settings style rich"), await me.press("menu:rich")):
        paper = shown.cards[0]
        assert paper.papers == ("2611.00001",)
        assert paper.rich
        assert "Do you see the paper" in text(shown)
        assert await kept(database) is None
        assert "✓ rich" not in buttons(await me.press(buttons(shown)["Keep my style"]))
    taken = await me.press(buttons(shown)["It looks right, use it"])
    assert "✓ rich" in buttons(taken)
    assert (await kept(database)).style is Style.RICH
    assert (await me.press(buttons(taken)["✓ rich"])).edit  # no second preview


async def test_only_styles_that_can_be_shown_are_offered_and_taken(database):
    await publish(database, "NeRF")
    me = Seer(database, styles=lambda: (Style.CARDS, Style.OVERVIEW))
    assert set(buttons(await me.press("menu:style"))) == {"✓ cards", "overview", "‹ Back"}
    assert "these styles: cards, overview." in text(await me("/settings style rich"))
    assert "these styles: cards, overview." in (await me.press("set:style:rich")).toast
    assert "Settings" in text(await me.press("menu:rich"))
    assert await kept(database) is None


async def test_style_and_revised_versions_are_set_by_buttons(database):
    me = Seer(database)
    reply = await me.press(buttons(await me.press("menu:style"))["overview"])
    assert "✓ overview" in buttons(reply)
    reply = await me.press(buttons(await me("/settings"))["Revised versions"])
    assert "✓ Revised versions" in buttons(reply)
    reply = await me.press(buttons(reply)["✓ Revised versions"])
    chat = await kept(database)
    assert (chat.style, chat.revised) == (Style.OVERVIEW, False)


@pytest.mark.parametrize("language", Language)
async def test_every_menu_and_every_button_in_it_answers(database, language):
    me = Seer(database, hint=language)
    await publish(database, "NeRF")
    await me("/subscribe NeRF")
    await me("/filter a, b")
    await me("/mute c")
    for when, name in product(("instant", "weekly", "daily"), MENUS):
        await me.press(f"set:when:{when}")
        for button in buttons(await me.press(f"menu:{name}")).values():
            reply = await me.press(button)
            assert reply.cards or reply.toast


@pytest.mark.parametrize(
    "data",
    [
        *(
            "set:",
            "set:x",
            "set:style:glossy",
            "set:zone:Mars",
            "set:hour:99:99",
            "set:day:9",
            "set:day:²",
            "set:day:2:up",
            "set:day::on",
        ),
        *("set:drop:zz", "set:revised:", "set:when:", "set:quiet:", "set:language:fr"),
        *("menu:", "menu:nothing", "menu:filters:99"),
    ],
)
async def test_odd_buttons_are_answered(database, data):
    reply = await Seer(database).press(data)
    assert reply.toast or reply.cards


async def test_group_settings_are_read_by_all_and_changed_by_administrators(database):
    town = Town(managers={GROUP.address: {"1"}})
    boss, member = (Seer(database, place=GROUP, town=town, person=person) for person in "12")
    assert "administrators" in text(await member("/settings daily 07:30"))
    assert "administrators" in (await member.press("set:style:full")).toast
    assert "When" in buttons(await member("/settings"))
    assert await kept(database, GROUP.address) is None
    await boss("/settings daily 07:30")
    chat = await kept(database, GROUP.address)
    assert (chat.schedule.when, chat.group) == (When.DAILY, True)


async def test_settings_of_a_channel_are_changed_from_a_private_chat(database):
    town = Town(managers={CHANNEL.address: {"7"}}, places={"@papers": CHANNEL})
    me = Seer(database, town=town)
    await me("/settings @papers daily 07:30")
    assert "/settings @papers zone Europe/Berlin" in text(await me("/settings @papers zone Nowhere"))
    reply = await me("/settings @papers")
    assert "@papers" in text(reply)
    await publish(database, "NeRF")
    rich = ["Style", "rich", "It looks right, use it"]
    for path in (["When", "Weekly"], ["When", "Zone: UTC", "America/Los_Angeles"], rich, ["Style", "full"]):
        reply = await me("/settings @papers")
        for label in path:
            reply = await me.press(buttons(reply)[label])
            assert "@papers" in text(reply)
    chat = await kept(database, CHANNEL.address)
    assert (chat.schedule.when, chat.schedule.zone, chat.style) == (
        When.WEEKLY,
        "America/Los_Angeles",
        Style.FULL,
    )
    await me("/settings @papers language zh")
    assert "Style: full" in text(await me("/settings @papers"))  # in the language of who asks
    assert await kept(database) is None


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(text=st.text(st.sampled_from("montuefriday周一至五日天-– ,:0123456789.silenthodf和~"), max_size=24))
@pytest.mark.parametrize(
    "read", [changes.daily, changes.weekly, changes.instant, changes.days, changes.quiet, changes.hour]
)
def test_any_words_are_read_or_refused(read, text):
    try:
        change = read(text)
        for old in (Schedule(), Schedule(when=When.WEEKLY, at=dt.time(1), weekdays=frozenset({3}))):
            new = change(old)
            assert new.weekdays
            assert change(new) == new
    except (Misread, Refusal):
        pass
