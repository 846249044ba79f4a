"""What holds for every command and button: whose place it is about, who may, in which language."""

import asyncio

import pytest

from bot.commands import answer
from bot.commands.base import Place, Refusal, Where
from bot.model import Language
from bot.storage import chats
from bot.storage.database import open_database
from tests.commands.asking import Town, buttons, text
from tests.commands.seeing import Seer, publish

GROUP = Place(address="-100777", where=Where.GROUP, title="Graphics group")
CHANNEL = Place(address="-100888", where=Where.CHANNEL, title="@papers")


async def followed(database, address):
    async with database.reading() as connection:
        chat = await chats.find(connection, "telegram", address)
        return bool(chat and await chats.follows(connection, chat.id)) if chat else False


@pytest.mark.parametrize("blank", [" ", "  ", "　", "\n", "\t"])
async def test_place_is_known_whatever_blank_stands_behind_its_name(database, blank):
    town = Town(managers={CHANNEL.address: {"7"}}, places={"@papers": CHANNEL})
    me = Seer(database, town=town)
    await publish(database, "NeRF")
    told = text(await me(f"/subscribe @papers{blank}NeRF"))
    assert "@papers" in told
    async with database.reading() as connection:
        assert await chats.find(connection, "telegram", CHANNEL.address)
        assert await chats.find(connection, "telegram", "7") is None, "nothing is followed here"


async def test_refusals_speak_the_language_of_the_chat(database):
    me = Seer(database)
    await publish(database, "NeRF")
    await me("/settings language zh")
    for line, told in (("/statu", "没有"), ("/status", "运营者"), ("/subscribe @nowhere NeRF", "找不到")):
        assert told in text(await me(line)), line
    assert "按钮" in (await me.press("gone:1")).toast


async def test_refusals_in_a_group_speak_its_language(database):
    town = Town(managers={GROUP.address: {"1"}})
    boss, member = (Seer(database, place=GROUP, town=town, person=person) for person in "12")
    await publish(database, "NeRF")
    await boss("/settings language zh")
    assert "管理员" in text(await member("/subscribe NeRF"))
    assert "管理员" in (await member.press("set:style:full")).toast


class Slow(Town):
    """A guide whose platform takes its time."""

    async def manages(self, person, place):
        await asyncio.sleep(1.0)
        return await super().manages(person, place)


@pytest.mark.parametrize("line", ["/settings daily 07:30", "/mute dog", "/start sub_nerf", "/subscribe NeRF"])
async def test_nobody_waits_for_the_database_while_the_platform_is_asked(database, line):
    slow = Slow(managers={GROUP.address: {"1"}})
    boss, other = Seer(database, place=GROUP, town=slow, person="1"), Seer(database, person="9")
    await publish(database, "NeRF")
    asking = asyncio.create_task(boss(line))
    await asyncio.sleep(0.2)
    async with asyncio.timeout(0.6):
        await other("/subscribe NeRF")
    assert not asking.done()
    assert (await asking).cards


class Away(Town):
    """A guide whose platform does not answer."""

    async def manages(self, person, place):
        raise Refusal("trouble")


async def test_platform_that_does_not_say_who_may_is_told_as_a_line(database, caplog):
    member = Seer(database, place=GROUP, town=Away(), person="2")
    await publish(database, "NeRF")
    assert "try again in a minute" in text(await member("/subscribe NeRF"))
    assert not caplog.records
    assert text(await member("/latest NeRF")), "reading is not in its way"


async def test_button_of_an_old_message_changes_nothing_where_its_topic_is_not_known(database):
    town = Town(managers={GROUP.address: {"1"}})
    boss = Seer(database, place=GROUP, town=town, person="1")
    await publish(database, "NeRF", papers=("2611.00001",))
    await boss("/subscribe NeRF")
    for data in ("stop:yes", "set:style:full", "menu:main"):
        request = boss._request(
            word=data.partition(":")[0], text=data.partition(":")[2], pressed=True, unsure=True
        )
        assert "button" in (await answer(boss.desk, request)).toast, data
    request = boss._request(word="abstract", text="2611.00001", pressed=True, unsure=True)
    assert (await answer(boss.desk, request)).cards, "reading goes on"
    async with database.reading() as connection:
        assert await chats.find(connection, "telegram", GROUP.address)


@pytest.mark.parametrize(
    ("data", "payload"),
    [
        ("abstract:2611.00001", "paper_2611-00001"),
        ("note:2611.00001", "paper_2611-00001"),
        ("like:math.GT/0309136", "paper_math--GT_0309136"),
        ("paper:2611.00001:digest:1a2b3c4d:2026-11-18:1", "paper_2611-00001"),
        ("rest:1a2b3c4d:2026-11-18", "digest_1a2b3c4d_2026-11-18"),
        ("dates::2", "hello"),
    ],
)
async def test_what_one_reader_of_a_channel_wants_is_shown_to_nobody_else(database, data, payload):
    reader = Seer(database, place=CHANNEL, person="2")
    await publish(database, "NeRF", papers=("2611.00001",))
    reply = await reader.press(data)
    assert reply.link == f"https://t.me/paperboy_bot?start={payload}"
    assert not reply.cards


async def test_reader_of_a_channel_saves_for_himself(database):
    reader = Seer(database, place=CHANNEL, person="2")
    await publish(database, "NeRF", papers=("2611.00001",))
    assert "aved" in (await reader.press("save:2611.00001")).toast
    assert "2611.00001" in "".join(
        button.data for button in buttons(await Seer(database, person="2")("/saved")).values()
    )


async def test_link_from_a_channel_opens_the_digest(database):
    me = Seer(database)
    await publish(database, "NeRF", papers=("2611.00001",))
    shown = await me("/latest NeRF")
    data = next(button.data for button in buttons(shown).values() if button.data.startswith("paper:"))
    key, day = data.split("digest:")[1].split(":")[:2]
    opened = await me(f"/start digest_{key}_{day}")
    assert text(opened) == text(shown)
    assert not opened.edit
    assert "/tags" in text(await me("/start digest_zzz_2026-99-99"))


async def test_many_long_searches_at_once_are_all_answered(address):
    database = await open_database(address)
    try:
        people = [Seer(database, person=str(number)) for number in range(40)]
        await publish(database, "NeRF", papers=tuple(f"2611.{number:05}" for number in range(30)))
        words = "reconstruction of scenes from very few photographs"
        async with asyncio.timeout(15):
            replies = await asyncio.gather(*(me(f"/search {words} {me.person}") for me in people))
            found = await asyncio.gather(*(me("/search paper takeaways summary abstract") for me in people))
        assert not [reply for reply in replies if "cannot be answered" in text(reply)]
        assert len({text(reply) for reply in found}) == 1
    finally:
        await database.close()


async def test_platform_is_asked_only_where_it_matters(database):
    member = Seer(database, place=GROUP, person="2")
    await publish(database, "NeRF", papers=("2611.00001",))
    for line in ("/latest", "/search NeRF", "/help", "/saved", "/save 2611.00001", "/settings language"):
        await member(line)
    assert member.town.calls == 1, "for the settings alone"
    assert (await Seer(database, hint=Language.ZH)("/latest NeRF")).language is Language.ZH
