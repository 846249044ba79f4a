"""Places that come and go: paused, told of, gone on with."""

import pytest

from bot.commands.base import Desk
from bot.commands.presence import Presence
from bot.formatter.text import plain
from bot.model import Language, Layout, Style
from bot.storage import chats
from bot.storage.chats import ASKED
from bot.when import next_due
from tests.commands.asking import NOW


@pytest.fixture
def told():
    return []


@pytest.fixture
def presence(database, told):
    desk = Desk(database=database, style=Style.CARDS, cap=10, next_due=next_due)
    return Presence(desk, lambda: NOW, on_paused=lambda *found: told.append(found))


async def make(database, *addresses, language=Language.EN, **given):
    async with database.writing() as connection:
        for address in addresses:
            await chats.settle_in(
                connection, "p", address, group=True, style=Style.CARDS, language=language, **given
            )


async def paused(database, address):
    async with database.reading() as connection:
        return (await chats.find(connection, "p", address)).paused_reason


async def test_all_that_is_in_a_place_goes_with_it_and_each_is_told_of_once(database, presence, told):
    await make(database, "7/1", "7/1/5", "70/1")
    for _ in range(2):
        await presence.went("p", "7", "gone")
    assert sorted(told) == [("7/1", "gone"), ("7/1/5", "gone")]
    assert await paused(database, "70/1") is None


async def test_trouble_is_what_nobody_asked_for(database, presence):
    await make(database, "7/1", layout=Layout.THREADS, title="#papers")
    await make(database, "7/2", "7/3")
    await presence.went("p", "7/1", "gone")
    async with database.writing() as connection:
        two = await chats.find(connection, "p", "7/2")
        await chats.pause(connection, two.id, now=NOW, reason=ASKED)
    (found,) = await presence.troubled("p", "7")
    assert (found.address, found.title, found.layout) == ("7/1", "#papers", Layout.THREADS)
    await presence.came("p", "7", alone=True)
    assert len(await presence.troubled("p", "7")) == 1
    await presence.came("p", "7")
    assert await presence.troubled("p", "7") == []
    assert await paused(database, "7/2") == ASKED


@pytest.mark.parametrize(
    ("language", "words"), [(Language.EN, "#papers: the thread is locked"), (Language.ZH, "子区已锁定")]
)
async def test_who_set_a_place_up_is_told_why_it_is_lost(database, presence, language, words):
    await make(database, "7/1", title="#papers", manager="12", language=language)
    manager, card, spoken = await presence.lost("p", "7/1", "the thread is locked")
    said = "".join(plain(item) for block in card.blocks for item in block.items)
    assert (manager, spoken) == ("12", language)
    assert words in said


async def test_reason_in_words_of_the_platform_is_quoted(database, presence):
    await make(database, "7/1", manager="12")
    _, card, _ = await presence.lost("p", "7/1", "Something odd")
    assert "“Something odd”" in plain(card.blocks[0].items[0])


async def test_nobody_is_told_where_nobody_is_known(database, presence):
    await make(database, "7/1")
    assert await presence.lost("p", "7/1", "gone") is None
    assert await presence.lost("p", "7/9", "gone") is None


async def test_lost_topic_is_told_as_one(database, presence):
    await make(database, "-100/5", title="Group", manager="12")
    _, card, _ = await presence.lost("p", "-100/5")
    assert "topic" in plain(card.blocks[0].items[0])
