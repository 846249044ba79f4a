"""Answers over real connections: the library's client, a gateway and a REST that refuse as Discord does."""

import asyncio
import logging
from contextlib import asynccontextmanager, suppress

import pytest

from bot.adapters.discord import changes, client
from bot.adapters.discord.client import Client, House
from bot.adapters.discord.guide import Guide
from bot.adapters.discord.menu import menu
from bot.commands import COMMANDS
from bot.commands.base import File, Reply, card, tell
from bot.formatter.card import Action, Button
from tests.adapters.discord.talk import Quiet
from tests.fakes.discord import Server
from tests.fakes.discord.driven import aimed

MORE = Button(label="More", action=Action.NOTE, about="1")
FIRST = tell("first", keys=((MORE,),))
CALLBACK = "/interactions/*/*/callback"


@pytest.fixture
async def server(monkeypatch):
    monkeypatch.setattr(changes, "SOON", 0.0)
    async with Server() as opened:
        yield opened
        assert opened.complaints == []


@pytest.fixture
def ada(server):
    return server.user("Ada")


@pytest.fixture
def bea(server):
    return server.user("Bea")


@pytest.fixture
def papers(server, ada, bea):
    return server.text(server.guild("Lab", members=[ada, bea]), "papers")


@asynccontextmanager
async def answering(server, *replies, slow=0.0):
    """The client at the gateway, which gives these replies one after the other."""
    left = list(replies)

    async def answer(request):
        await asyncio.sleep(slow)
        return left.pop(0)

    house = House(
        answer=answer, suggest=None, presence=Quiet(), guide=Guide, menu=lambda: menu(COMMANDS.values())
    )
    with aimed(server):
        async with Client(house) as opened:
            await opened.login(server.token)
            work = asyncio.create_task(opened.connect())
            try:
                await server.wait_until_ready()
                yield opened
            finally:
                work.cancel()
                with suppress(asyncio.CancelledError):
                    await work


async def settled(fact):
    async with asyncio.timeout(2):
        while not fact():
            await asyncio.sleep(0.01)


async def ask(server, papers, ada, name="help", **given):
    event = await server.slash(papers, ada, name, **given)
    await server.answer_to(event)
    return server.shown(papers, ada)[-1]


async def test_client_is_heard_when_it_is_connected(server):
    async with answering(server) as opened:
        async with asyncio.timeout(2):
            await opened.heard.wait()


async def test_file_arrives_with_all_its_bytes(server, papers, ada):
    data = "@misc{x, title = {Über 高斯}}".encode() * 500
    async with answering(server, Reply(file=File(name="reading-list.bib", data=data))):
        shown = await ask(server, papers, ada, "export")
    assert shown.files == {"reading-list.bib": data}
    assert shown.ephemeral


async def test_pictures_arrive_together(server, papers, ada):
    figures = tuple(f"https://example.org/{n}.jpg" for n in range(10))
    async with answering(server, Reply(figures=figures)):
        shown = await ask(server, papers, ada)
    assert shown.rich
    assert len(shown.components[0]["items"]) == 10


async def test_press_edits_what_is_the_persons_own(server, papers, ada):
    async with answering(server, FIRST, tell("second", edit=True)):
        shown = await ask(server, papers, ada)
        event = await server.press(shown, "More", ada)
        await server.answer_to(event)
    (only,) = server.shown(papers, ada)
    assert only.text == "second"
    assert only.labels == []


async def test_late_press_edits_as_well(server, papers, ada, monkeypatch):
    async with answering(server, FIRST, tell("second", edit=True)):
        shown = await ask(server, papers, ada)
        monkeypatch.setattr(client, "SOON", 0.0)
        event = await server.press(shown, "More", ada)
        await server.answer_to(event)
    assert [each.text for each in server.shown(papers, ada)] == ["second"]


async def test_late_answer_takes_the_place_of_its_announcement(server, papers, ada, bea, monkeypatch):
    monkeypatch.setattr(client, "SOON", 0.02)
    found = Reply(cards=(card("Words.", title="Found"), card("More words.", title="Also")))
    async with answering(server, found, slow=0.1):
        event = await server.slash(papers, ada, "latest", share=True)
        await server.heard(event)
        assert server.shown(papers, bea)[-1].thinking
        await settled(lambda: len(server.shown(papers, bea)) == 2)
    first, second = server.shown(papers, bea)
    assert first.text.startswith("Found")
    assert second.text.startswith("Also")
    assert not first.thinking


async def test_late_refusal_leaves_nothing_for_the_others(server, papers, ada, bea, monkeypatch):
    monkeypatch.setattr(client, "SOON", 0.02)
    refused = Reply(cards=tell("There is none.").cards, refused=True)
    async with answering(server, refused, slow=0.1):
        await server.slash(papers, ada, "latest", share=True)
        await settled(lambda: [each.text for each in server.shown(papers, ada)] == ["There is none."])
    assert server.shown(papers, bea) == []
    assert server.shown(papers, ada)[0].ephemeral


async def test_person_alone_gets_no_more_than_discord_takes(server):
    ida = server.user("Ida", installed=True)
    many = Reply(cards=tuple(card(f"card {n}", title="T") for n in range(9)))
    async with answering(server, many):
        group = server.group(ida, server.user("Bo"))
        await server.slash(group, ida, "help")
        await settled(lambda: len(server.shown(group, ida)) == 5)
    assert "not shown here" in server.shown(group, ida)[-1].text


async def test_passing_trouble_is_sat_out(server, papers, ada):
    async with answering(server, tell("Words.")):
        server.fail("POST", CALLBACK, status=502)
        event = await server.slash(papers, ada, "help")
        await server.answer_to(event, within=3)
        await settled(lambda: [each.text for each in server.shown(papers, ada)] == ["Words."])


@pytest.mark.parametrize("before", [True, False])
async def test_first_word_is_said_again_where_the_connection_broke(server, papers, ada, before):
    found = Reply(cards=(card("One."), card("Two.")))
    async with answering(server, found):
        server.cut("POST", CALLBACK, before=before)
        await server.slash(papers, ada, "help")
        await settled(lambda: [each.text for each in server.shown(papers, ada)] == ["One.", "Two."])


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("pressed", [True, False])
async def test_late_answer_is_there_though_its_announcement_broke(
    server, papers, ada, monkeypatch, pressed, before
):
    async with answering(server, FIRST, tell("second", edit=True), slow=0.1):
        shown = await ask(server, papers, ada)
        monkeypatch.setattr(client, "SOON", 0.02)
        server.cut("POST", CALLBACK, before=before)
        if pressed:
            await server.press(shown, "More", ada)
        else:
            await server.slash(papers, ada, "help")
        texts = ["second"] if pressed else ["first", "second"]
        await settled(lambda: [each.text for each in server.shown(papers, ada)] == texts)


async def test_trouble_of_the_network_leaves_one_line_in_the_log(server, papers, ada, caplog):
    caplog.set_level(logging.INFO, "bot")
    async with answering(server, tell("Words.")):
        server.cut("POST", CALLBACK, times=None)
        event = await server.slash(papers, ada, "help")
        await settled(lambda: caplog.records)
    assert server.shown(papers, ada) == []
    assert not any(event.token in record.getMessage() or record.exc_info for record in caplog.records)
