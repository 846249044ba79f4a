"""The rich style is offered where it can be shown, seen before it is taken, and taken by who decides."""

import pytest

from bot.commands.base import Place, Where
from bot.model import Language, Style
from bot.storage import chats
from tests.commands.asking import Town, buttons, text
from tests.commands.seeing import Seer, publish

PLAIN = (Style.CARDS, Style.OVERVIEW, Style.FULL)
GROUP = Place(address="-100777", where=Where.GROUP, title="Graphics group")


async def style(database, address="7"):
    async with database.reading() as connection:
        chat = await chats.find(connection, "telegram", address)
    return chat.style if chat else None


@pytest.mark.parametrize("ask", ["/settings style rich", "/settings 样式 富文本"])
async def test_style_that_cannot_be_shown_is_not_offered(database, ask):
    me = Seer(database, styles=lambda: PLAIN)
    await publish(database, "NeRF")
    menu = await me.press("menu:style")
    assert set(buttons(menu)) == {"✓ cards", "overview", "full", "‹ Back"}
    assert "Rich:" not in text(menu)
    assert "There are these styles: cards, overview, full." in text(await me(ask))
    assert "There are these styles: cards, overview, full." in (await me.press("set:style:rich")).toast
    assert "Style" in buttons(await me.press("menu:rich")), "an old button leads to the menu"
    assert await style(database) is None


async def test_style_that_is_given_up_meanwhile_is_not_taken(database):
    shown = [tuple(Style)]
    me = Seer(database, styles=lambda: shown[0])
    await publish(database, "NeRF")
    question = await me.press("menu:rich")
    shown[0] = PLAIN
    assert "There are these styles" in (await me.press(buttons(question)["It looks right, use it"])).toast
    assert await style(database) is None


async def test_paper_is_shown_in_full_with_its_credit(database):
    me = Seer(database, hint=Language.ZH)
    await publish(database, "NeRF", "3DGS", papers=("2611.00001",))
    shown = (await me("/settings style rich")).cards[0]
    assert shown.rich.folds[0].label == "摘要原文"
    assert "作者：Paperboy" in "".join(span.text for item in shown.rich.below[-1].items for span in item)
    assert shown.tags == ("3DGS", "NeRF")


async def test_members_of_a_group_do_not_have_it_shown(database):
    town = Town(managers={GROUP.address: {"1"}})
    boss, member = (Seer(database, place=GROUP, town=town, person=person) for person in "12")
    await publish(database, "NeRF")
    assert "administrators" in (await member.press("menu:rich")).toast
    question = await boss.press("menu:rich")
    assert "administrators" in (await member.press(buttons(question)["It looks right, use it"])).toast
    await boss.press(buttons(question)["It looks right, use it"])
    assert await style(database, GROUP.address) is Style.RICH
