"""/help, /why, /status, /pause, /resume and /stop."""

import datetime as dt

import pytest
from sqlalchemy import func, insert, select, update

from bot.commands import COMMANDS
from bot.commands.base import Place, Where
from bot.delivery.retry import UNKNOWN
from bot.locales import words
from bot.model import Language
from bot.storage import chats, planning
from bot.storage.tables import chat, delivery, saved, subscription
from bot.storage.tables import filter as wish
from tests.builders import entry, paper
from tests.commands.asking import NOW, Town, buttons, text
from tests.commands.seeing import Seer, publish

GROUP = Place(address="-100777", where=Where.GROUP, title="Graphics group")
CHANNEL = Place(address="-1001234567890", where=Where.CHANNEL, title="@papers")
OLDEST = dt.date(2026, 1, 1)
ONE, TWO = "2611.00001", "2611.00002"


async def owe(database, *papers, name="NeRF", at=10, cap=10):
    """A digest of today, owed to who follows its tag."""
    post_id = await publish(database, name, papers=papers, address=f"{at}.md")
    async with database.writing() as connection:
        await connection.execute(
            update(planning.entry).where(planning.entry.c.post_id == post_id).values(seen_at=at)
        )
        await planning.plan(connection, post_id, at=at, cap=cap, oldest=OLDEST)


async def settle(database, **values):
    async with database.writing() as connection:
        await connection.execute(update(delivery).values(values))


async def kept(database, address="7"):
    async with database.reading() as connection:
        return await chats.find(connection, "telegram", address)


async def count(database, table):
    async with database.reading() as connection:
        return (await connection.execute(select(func.count()).select_from(table))).scalar_one()


@pytest.fixture
async def reader(database):
    """A person who follows NeRF; there is 3DGS, too."""
    await publish(database, "NeRF", papers=("2001.00001",), date=dt.date(2020, 1, 1))
    await publish(database, "3DGS", papers=("2001.00002",), date=dt.date(2020, 1, 1))
    me = Seer(database)
    await me("/subscribe NeRF")
    return me


@pytest.mark.parametrize("language", Language)
async def test_help_tells_every_command_in_a_line_with_its_example(database, language):
    lines = text(await Seer(database, hint=language)("/help")).splitlines()
    say = words(language)
    for command in COMMANDS.values():
        call = f"/{command.name} {command.example}".strip()
        assert (f"{call} – {say(f'help_{command.name}')}" in lines) != command.operators


async def test_help_tells_operators_of_their_commands(database):
    assert "/status" in text(await Seer(database, operators={"telegram:7"})("/help"))


async def test_help_is_shorter_in_groups(database):
    private = text(await Seer(database)("/help"))
    group = text(await Seer(database, place=GROUP)("/help"))
    assert len(group.splitlines()) < len(private.splitlines()) / 2
    assert "/subscribe" in group


async def test_status_is_for_operators(database):
    async def status(_connection):
        return ["posts 3, papers 7", "/data/posts: well"]

    told = text(await Seer(database, operators={"telegram:7"}, status=status)("/status"))
    assert told == "posts 3, papers 7\n/data/posts: well"
    refused = text(await Seer(database, status=status)("/status"))
    assert "operators" in refused
    assert "telegram:7" in refused, "what to write into the configuration"
    assert text(await Seer(database, operators={"telegram:7"})("/status"))


async def test_why_without_or_with_a_wrong_id_gets_an_example(reader):
    assert "/why 2003.08934" in text(await reader("/why"))
    assert "no paper holds these words" in text(await reader("/why because"))


async def test_why_of_an_unknown_paper(reader):
    assert "no digest has brought arXiv:2401.99999" in text(await reader("/why 2401.99999"))


@pytest.mark.parametrize("line", [ONE, f"https://arxiv.org/abs/{ONE}v2", f"arXiv:{ONE}"])
async def test_why_says_when_a_paper_was_sent_by_the_chats_clock(database, reader, line):
    await owe(database, ONE)
    await settle(database, state="sent", settled_at=int(NOW))
    await reader("/settings zone Asia/Shanghai")
    told = text(await reader(f"/why {line}"))
    assert "Sent here on 2026-11-18 " in told
    assert "(Asia/Shanghai)" in told


async def test_why_offers_the_paper(database, reader):
    await owe(database, ONE)
    reply = await reader(f"/why {ONE}")
    assert f"On {ONE}" in text(reply)
    assert f"On {ONE}" in text(await reader.press(buttons(reply)["Show the paper"]))


async def test_why_of_what_was_sent_before_a_backup(database, reader):
    await owe(database, ONE)
    await settle(database, state="sent", settled_at=None)
    assert "Sent here before." in text(await reader(f"/why {ONE}"))


async def test_why_of_what_is_owed_says_what_it_waits_for(database, reader):
    await owe(database, ONE)
    assert "on its way" in text(await reader(f"/why {ONE}"))
    await reader("/settings daily 20:00")
    assert "waits for your next digest: 2026-11-18 20:00 (UTC)" in text(await reader(f"/why {ONE}"))
    await reader("/pause")
    assert "paused" in text(await reader(f"/why {ONE}"))
    await reader("/resume")
    await reader("/settings instant")
    await reader("/settings quiet 00:00-23:00")
    assert "quiet hours end: 2026-11-18 23:00" in text(await reader(f"/why {ONE}"))
    await reader("/settings quiet silent")
    assert "on its way" in text(await reader(f"/why {ONE}"))
    await settle(database, tries=1, reason="server error")
    assert "in 1 try (“server error”)" in text(await reader(f"/why {ONE}"))
    await settle(database, tries=3)
    assert "in 3 tries (“server error”)" in text(await reader(f"/why {ONE}"))


@pytest.mark.parametrize(("hint", "told"), [(Language.EN, "may have arrived"), (Language.ZH, "可能已经送达")])
async def test_why_of_what_may_have_arrived(database, reader, hint, told):
    await reader(f"/settings language {hint}")
    await owe(database, ONE)
    await settle(database, tries=1, reason=UNKNOWN)
    assert told in (pending := text(await reader(f"/why {ONE}")))
    await settle(database, state="failed", tries=2)
    assert told in (failed := text(await reader(f"/why {ONE}")))
    assert pending != failed
    assert UNKNOWN not in pending + failed


@pytest.mark.parametrize(("hint", "tried"), [(Language.ZH, "已尝试 {n} 次"), (Language.EN, "in {n} tr")])
@pytest.mark.parametrize("tries", [1, 2, 5])
async def test_why_says_how_often_it_was_tried(database, reader, hint, tried, tries):
    await reader(f"/settings language {hint}")
    await owe(database, ONE)
    await settle(database, tries=tries, reason="Bad Gateway")
    told = text(await reader(f"/why {ONE}"))
    assert tried.format(n=tries) in told
    assert "“Bad Gateway”" in told
    assert "first" not in told
    assert "第一次" not in told


async def test_why_where_the_chat_could_not_be_reached(database, reader):
    await owe(database, ONE)
    async with database.writing() as connection:
        mine = await chats.find(connection, "telegram", "7")
        await chats.pause(connection, mine.id, now=NOW, reason="bot was blocked")
    assert "reached: “bot was blocked”." in text(await reader(f"/why {ONE}"))
    async with database.writing() as connection:
        await chats.pause(connection, mine.id, now=NOW, reason="the bot was removed")
        await chats.set_language(connection, mine.id, Language.ZH)
    assert "（机器人被移出）" in text(await reader(f"/why {ONE}"))


async def test_why_of_a_new_version(database, reader):
    await owe(database, ONE)
    await settle(database, state="sent", settled_at=5)
    await reader("/settings revised on")
    newer = entry(ONE, paper=paper(ONE, version=2))
    await owe(database, newer, at=20)
    assert "once more in version 2" in text(await reader(f"/why {ONE}"))


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"state": "failed", "reason": "message is too long"}, "The reason: “message is too long”"),
        ({"state": "failed", "reason": None}, "could not be delivered"),
        ({"state": "expired", "reason": "age"}, "waited too long"),
        ({"state": "filtered", "reason": None}, "filtered by the settings"),
        ({"state": "filtered", "reason": "restored", "entry_id": None}, "backup"),
        ({"state": "filtered", "reason": "exclude: lidar"}, "“lidar”"),
        ({"state": "filtered", "reason": "include"}, "none of your words"),
    ],
)
async def test_why_of_what_will_not_come(database, reader, values, told):
    await owe(database, ONE)
    await settle(database, **values)
    assert told in text(await reader(f"/why {ONE}"))


async def test_why_beyond_the_cap(database, reader):
    await owe(database, ONE, TWO, cap=1)
    assert "at most 10 papers" in text(await reader(f"/why {TWO}"))


async def test_why_of_what_is_not_followed_or_was_there_before(database, reader):
    told = text(await reader("/why 2001.00002"))
    assert "under 3DGS, which is not followed here" in told
    assert "/subscribe 3DGS" in told
    assert "known before you followed NeRF" in text(await reader("/why 2001.00001"))
    stranger = Seer(database, person="8")
    assert "not followed here" in text(await stranger("/why 2001.00001"))


async def test_pause_keeps_what_comes_and_resume_brings_it(database, reader):
    woken = []
    reader = Seer(database, wake=lambda: woken.append(1))
    reply = await reader("/pause")
    assert (await kept(database)).paused_reason == chats.ASKED
    await owe(database, ONE, TWO)
    woken.clear()
    assert "2 have waited" in text(await reader.press(buttons(reply)["Resume"]))
    assert woken
    assert not (await kept(database)).paused
    async with database.reading() as connection:
        assert (await connection.execute(select(chat.c.owed_at))).scalar_one() is not None


async def test_pause_and_resume_said_twice_are_harmless(reader):
    for _ in range(2):
        assert "Paused" in text(await reader("/pause"))
    assert "come again" in text(await reader("/resume"))
    assert "not paused" in text(await reader("/resume"))


async def test_resume_ends_a_pause_of_a_chat_that_could_not_be_reached(database, reader):
    async with database.writing() as connection:
        await chats.pause(
            connection, (await chats.find(connection, "telegram", "7")).id, now=NOW, reason="kicked"
        )
    await reader("/resume")
    assert not (await kept(database)).paused


@pytest.mark.parametrize("line", ["/pause", "/resume"])
async def test_strangers_are_shown_the_way_to_the_tags(database, line):
    assert "/tags" in text(await Seer(database)(line))
    assert await kept(database) is None


async def test_stop_asks_first_and_then_forgets_everything(database, reader):
    await owe(database, ONE)
    await reader("/mute lidar")
    await reader(f"/save {ONE}")
    async with database.writing() as connection:
        await connection.execute(
            insert(saved).values(platform="telegram", person="8", arxiv_id=ONE, saved_at=1)
        )
    asked = await reader("/stop")
    assert await kept(database)
    reply = await reader.press(buttons(asked)["Yes, forget everything"])
    assert reply.edit
    assert "/start" in text(reply)
    for table in (chat, subscription, wish, delivery):
        assert await count(database, table) == 0
    assert await count(database, saved) == 1
    assert "Forgotten" in text(await reader.press(buttons(asked)["Yes, forget everything"]))


async def test_stop_can_be_only_a_pause_or_nothing(database, reader):
    asked = buttons(await reader("/stop"))
    await reader.press(asked["Keep it"])
    assert not (await kept(database)).paused
    await reader.press(asked["Only pause"])
    assert (await kept(database)).paused


async def test_stop_in_a_group_is_for_administrators_and_leaves_reading_lists(database):
    town = Town(managers={GROUP.address: {"1"}})
    boss, member = (Seer(database, place=GROUP, town=town, person=person) for person in "12")
    await publish(database, "NeRF", papers=(ONE,))
    assert "nothing to forget" in text(await boss("/stop"))
    await boss("/subscribe NeRF")
    await boss(f"/save {ONE}")
    assert "administrators" in text(await member("/stop"))
    asked = await boss("/stop")
    assert "reading list" not in text(asked)
    yes = buttons(asked)["Yes, forget everything"]
    assert "administrators" in (await member.press(yes)).toast
    await boss.press(yes)
    assert await kept(database, GROUP.address) is None
    assert await count(database, saved) == 1


async def test_channel_is_paused_and_forgotten_from_a_private_chat(database):
    me = Seer(database, town=Town(managers={CHANNEL.address: {"7"}}, places={"@papers": CHANNEL}))
    await publish(database, "NeRF", papers=(ONE,))
    await me("/subscribe @papers NeRF")
    assert "known before you followed NeRF" in text(await me(f"/why @papers {ONE}"))
    assert "not followed here" in text(await me(f"/why {ONE}"))
    reply = await me("/pause @papers")
    assert "/resume @papers" in text(reply)
    assert "@papers" in text(reply)
    assert (await kept(database, CHANNEL.address)).paused
    assert "@papers" in text(await me.press(buttons(reply)["Resume"]))
    assert not (await kept(database, CHANNEL.address)).paused
    asked = await me("/stop @papers")
    assert "@papers" in text(asked)
    await me.press(buttons(asked)["Yes, forget everything"])
    assert await kept(database, CHANNEL.address) is None


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("data", ["nothing:", "nothing", "fly:home", "", ":", "settings:daily"])
async def test_button_with_an_unknown_word_is_told_to_be_old(database, language, data):
    reply = await Seer(database, hint=language).press(data)
    assert (reply.cards, reply.toast) == ((), words(language)("stale"))


@pytest.mark.parametrize("language", Language)
async def test_every_command_answers_whatever_stands_behind_it(database, language):
    await publish(database, "NeRF", papers=(ONE,))
    me = Seer(database, hint=language, operators={"telegram:7"})
    odd = (
        "",
        "nerf",
        ONE,
        "/stop @all <b> & https://e.example",
        "，",
        "x" * 4000,
        "\u202e\u200b",
        "all",
        "'; --",
        "%_",
    )
    for name in COMMANDS:
        for behind in odd:
            assert await me(f"/{name} {behind}")
