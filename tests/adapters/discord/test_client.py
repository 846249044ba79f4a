"""People ask the bot on Discord: who sees the answer, in time whatever happens, for ever."""

import asyncio
import logging
import shutil

import pytest
import simcord
from discord.http import Route

from bot.adapters.discord.client import Client
from bot.adapters.discord.render import render
from bot.commands.base import Reply, card, tell
from bot.formatter import cards
from bot.formatter.card import Action, Button
from bot.model import Language, Style
from tests.adapters.discord.talk import hall
from tests.builders import entry
from tests.commands.shelves import FIGURE, LONG_NOTE, day, digest, ids, put

PAPER = ids(11, 1)[0]


@pytest.fixture
def address(tmp_path, template):
    """One engine: what is asked of the database has tests of its own on both."""
    shutil.copy(template, tmp_path / "paperboy.db")
    return f"sqlite:///{tmp_path / 'paperboy.db'}"


@pytest.fixture
async def library(database):
    """A database with a digest of five papers that have everything to read."""
    full = [entry(each, figures=(FIGURE,), note=LONG_NOTE, translation="译文。") for each in ids(11, 5)]
    await put(database, digest(day(20), *full))
    return database


def kinds(hall) -> list[str]:
    return [kind for kind, _ in hall.said()]


def last(hall) -> dict:
    body = hall.said()[-1][1]
    return body.get("data", body)


def menus(message) -> dict[str, list[str]]:
    """The menus of a message: the values of each by its custom_id."""
    parts = [part for row in message.components for part in row["components"]]
    return {
        part["custom_id"]: [option["value"] for option in part["options"]]
        for part in parts
        if part["type"] == 3
    }


async def push(hall, *digest_entries, channel=None, style=Style.OVERVIEW, language=Language.EN):
    """The messages of a digest, as they are pushed to a channel."""
    channel = channel or hall.channel
    read = digest(day(20), *digest_entries)
    for each in cards(read, style=style, language=language):
        for message in render(each, language):
            route = Route("POST", "/channels/{channel_id}/messages", channel_id=channel.id)
            await hall.env.bot.http.request(route, json=message.request["json"])
    return channel.last_message


def slow(seconds, reply):
    async def answer(request):
        await asyncio.sleep(seconds)
        return reply

    return answer


# Who sees the answer


async def test_answer_is_for_the_person_alone(library):
    async with hall(library) as talk:
        result = await talk.bob.slash(talk.channel, "latest", tags="NeRF")
    assert result.ephemeral
    assert result.response.embeds[0].title == "NeRF · 2026-11-20"


async def test_shared_answer_is_for_all(library):
    async with hall(library) as talk:
        result = await talk.bob.slash(talk.channel, "paper", paper=PAPER, share=True)
    assert not result.ephemeral
    assert result.response.embeds[0].title == f"On {PAPER}"


async def test_answer_in_the_bots_own_chat_stays_there(library):
    async with hall(library) as talk:
        uma = talk.env.create_user("uma")
        result = await uma.slash("latest", tags="NeRF")
        assert not result.ephemeral
        assert talk.heard[0].place.address == f"@{uma.id}"


async def test_refusal_is_one_line_for_the_person_alone_though_shared(library):
    async with hall(library) as talk:
        result = await talk.bob.slash(talk.channel, "latest", tags="NeRF", share=True)
        assert not result.ephemeral
        refused = await talk.bob.slash(talk.channel, "mute", words="lidar")
    assert refused.ephemeral
    assert refused.response.content == (
        "Only those who manage this place can change what it gets: with the permission Manage Channels, "
        "for a whole server with Manage Server."
    )
    assert refused.response.embeds == []


async def test_server_or_place_named_in_the_bots_own_chat_is_refused_and_sets_nothing(library):
    async with hall(library) as talk:
        uma = talk.env.create_user("uma")
        for name, kind, value in (("server", 5, True), ("place", 7, str(talk.channel.id))):
            data = {"id": "1", "name": "settings", "type": 1}
            data["options"] = [
                {"name": "set", "type": 3, "value": "style"},
                {"name": "to", "type": 3, "value": "full"},
                {"name": name, "type": kind, "value": value},
            ]
            result = await talk.ask(uma, data)
            assert result.response.content.startswith("Channels and servers can only be named")
        assert talk.heard == []


async def test_person_reads_chinese(library):
    async with hall(library) as talk:
        data = {
            "id": "1",
            "name": "paper",
            "type": 1,
            "options": [{"name": "paper", "type": 3, "value": "2401.00001"}],
        }
        result = await talk.ask(talk.env.create_user("li"), data, locale="zh-TW")
    assert "arXiv" in str(last(talk))
    assert any("\u4e00" <= sign <= "\u9fff" for sign in str(last(talk)))
    assert result.acknowledged


async def test_person_who_installed_the_bot_has_it_everywhere(library):
    async with hall(library) as talk:
        owners = {"authorizing_integration_owners": {"1": str(talk.bob.id)}}
        where = {"guild_id": talk.guild.id, "channel_id": talk.channel.id, "user_id": talk.bob.id}
        data = {"id": "1", "name": "subscribe", "type": 1}
        data["options"] = [{"name": "tags", "type": 3, "value": "NeRF"}]
        result = await talk.ask(talk.bob, data, **where, **owners)
        assert talk.heard[0].place.address == f"@{talk.bob.id}"
    assert result.ephemeral
    assert "Now following: NeRF." in result.response.embeds[0].description


# Messages and what is pressed on them


async def test_menu_opens_papers_in_place_and_leads_back(library):
    async with hall(library) as talk:
        listed = await talk.bob.slash(talk.channel, "latest", tags="NeRF")
        values = menus(listed.response)["pick:1"]
        assert len(values) == 5
        await talk.bob.select(listed.response, [values[1]], custom_id="pick:1")
        assert kinds(talk)[-1] == "callback 7"
        assert last(talk)["embeds"][0]["title"] == "On 2611.00002"
        await talk.bob.click(listed.response, label="‹ Back")
        assert kinds(talk)[-1] == "callback 7"
        assert menus(listed.response)["pick:1"] == values
    assert len(talk.heard) == 3


async def test_every_button_of_a_card_says_something_of_its_own(library):
    async with hall(library) as talk:
        shown = (await talk.bob.slash(talk.channel, "paper", paper=PAPER)).response
        await talk.bob.click(shown, label="Abstract")
        assert "译文。" in last(talk)["embeds"][0]["description"]
        await talk.bob.click(shown, label="Figures")
        assert last(talk)["components"][0]["items"] == [{"media": {"url": FIGURE}}]
        await talk.bob.click(shown, label="Save")
        assert last(talk)["content"].startswith("Saved.")
        assert [body["data"]["flags"] & 64 for _, body in talk.said()] == [64] * 4


async def test_long_note_is_turned_in_place(library):
    async with hall(library) as talk:
        shown = (await talk.bob.slash(talk.channel, "paper", paper=PAPER)).response
        note = (await talk.bob.click(shown, label="Note")).response
        await talk.bob.click(note, label="▶ 2/3")
        assert kinds(talk)[-1] == "callback 7"
        assert last(talk)["embeds"][0]["title"].endswith("(2/3)")
        labels = [part["label"] for row in last(talk)["components"] for part in row["components"]]
        assert labels[:2] == ["◀ 1/3", "▶ 3/3"]


async def test_pushed_message_is_never_edited(library):
    async with hall(library) as talk:
        shown = await push(talk, *[entry(each) for each in ids(11, 5)])
        before = [part.to_dict() for part in shown.components]
        values = menus_of(shown)
        opened = await talk.bob.select(shown, [values[0]], custom_id="pick:1")
        assert opened.ephemeral
        assert "callback 7" not in kinds(talk)
        back = await talk.bob.click(opened.response, label="‹ Back")
        assert kinds(talk)[-1] == "callback 7"
        assert back.response.id == opened.response.id
        assert [part.to_dict() for part in talk.channel.last_message.components] == before


def menus_of(message) -> list[str]:
    return [
        option.value
        for row in message.components
        for part in row.children
        for option in getattr(part, "options", ())
    ]


async def test_shared_list_is_turned_for_each_reader_alone(library):
    async with hall(library) as talk:
        shared = await talk.ann.slash(talk.channel, "latest", tags="NeRF", share=True)
        mine = await talk.bob.select(
            shared.response, [menus(shared.response)["pick:1"][0]], custom_id="pick:1"
        )
        assert mine.ephemeral
        assert mine.response.id != shared.response.id
        assert shared.response.embeds[0].title == "NeRF · 2026-11-20"


async def test_pushed_message_in_the_own_chat_is_edited_in_place(library):
    async with hall(library) as talk:
        uma = talk.env.create_user("uma")
        shown = await push(talk, *[entry(each) for each in ids(11, 5)], channel=uma.dm_channel)
        await uma.select(shown, [menus_of(shown)[0]], custom_id="pick:1")
        assert kinds(talk) == ["callback 7"]


async def test_every_paper_of_a_long_overview_is_opened(database):
    papers = ids(11, 40)
    await put(database, digest(day(20), *papers))
    async with hall(database) as talk:
        shown = await push(talk, *[entry(each) for each in papers])
        first = [row.children[0] for row in talk.channel.history()[0].components]
        assert [len(menu.options) for menu in first] == [25, 15]
        assert [option.value.split(":")[1] for menu in first for option in menu.options] == papers
        head = talk.channel.history()[0]
        await talk.bob.select(head, [first[1].options[14].value], custom_id="pick:2")
        assert last(talk)["embeds"][0]["title"] == f"On {papers[-1]}"
    assert shown


async def test_rich_card_is_made_of_components_and_pressed(library):
    async with hall(library) as talk:
        shown = await push(talk, entry(PAPER, note=LONG_NOTE), style=Style.RICH)
        assert shown.flags.components_v2
        pressed = await talk.bob.click(shown, custom_id=f"note:{PAPER}")
        assert pressed.ephemeral
        assert not pressed.response.flags.components_v2


async def test_buttons_work_after_a_restart(library):
    async with hall(library) as talk:
        shown = (await talk.bob.slash(talk.channel, "paper", paper=PAPER)).response
        await talk.env.restart_bot(Client(talk.house))
        await talk.bob.click(shown, label="Save")
        assert last(talk)["content"].startswith("Saved.")


@pytest.mark.parametrize(
    "custom_id", ["gone:x", "paper", "PAPER:2003.08934", "pick:1", "note:", "digest:zz:x:y:z"]
)
async def test_button_of_another_age_is_answered_by_a_line(library, custom_id):
    async with hall(library) as talk:
        route = Route("POST", "/channels/{channel_id}/messages", channel_id=talk.channel.id)
        old = {"type": 2, "style": 2, "label": "Old", "custom_id": custom_id}
        body = {"content": "x", "components": [{"type": 1, "components": [old]}]}
        await talk.env.bot.http.request(route, json=body)
        result = await talk.bob.click(talk.channel.last_message, label="Old")
    assert result.ephemeral
    assert kinds(talk) == ["callback 4"]
    assert result.response.content


async def test_list_goes_out_as_a_file(library):
    async with hall(library) as talk:
        await talk.bob.slash(talk.channel, "save", paper=PAPER)
        result = await talk.bob.slash(talk.channel, "export", form="bibtex")
        assert result.ephemeral
        (file,) = result.response.attachments
        assert file.filename == "reading-list.bib"
        assert PAPER.encode() in await file.read()


# In time, whatever happens


async def test_slow_answer_is_announced_and_then_given():
    async with hall(None, replies=slow(10, tell("At last.")), soon=0.1) as talk:
        result = await talk.bob.slash(talk.channel, "latest")
        await talk.env.advance_time(20)
        assert kinds(talk) == ["callback 5", "PATCH"]
        assert result.ephemeral
        assert result.response.embeds[0].description == "At last."


async def test_slow_shared_answer_is_announced_to_all():
    found = Reply(cards=(card("At last.", title="Found"),))
    async with hall(None, replies=slow(10, found), soon=0.1) as talk:
        result = await talk.bob.slash(talk.channel, "latest", share=True)
        await talk.env.advance_time(20)
    assert kinds(talk) == ["callback 5", "PATCH"]
    assert not result.ephemeral


async def test_refusal_after_an_announcement_to_all_is_for_the_person_alone():
    refused = Reply(cards=tell("There is none.").cards, refused=True)
    async with hall(None, replies=slow(10, refused), soon=0.1) as talk:
        result = await talk.bob.slash(talk.channel, "latest", share=True)
        await talk.env.advance_time(20)
        assert kinds(talk) == ["callback 5", "PATCH", "POST", "DELETE"]
        assert result.response is None
        (line,) = result.followups
    assert line.content == "There is none."
    assert line.ephemeral


async def test_slow_press_is_acknowledged_and_its_message_edited():
    calls = iter([tell("first", keys=((Button(label="More", action=Action.NOTE, about="1"),),))])

    async def answer(request):
        if request.pressed:
            await asyncio.sleep(10)
            return tell("second", edit=True)
        return next(calls)

    async with hall(None, replies=answer, soon=0.1) as talk:
        shown = (await talk.bob.slash(talk.channel, "latest")).response
        await talk.bob.click(shown, label="More")
        await talk.env.advance_time(20)
        assert kinds(talk) == ["callback 4", "callback 6", "PATCH"]
        assert shown.embeds[0].description == "second"
        assert shown.components == []


async def test_slow_word_beside_a_button_is_a_line_of_its_own():
    async with hall(None, replies=slow(10, Reply(toast="Saved.")), soon=0.1) as talk:
        shown = await push(talk, entry(PAPER), style=Style.CARDS)
        result = await talk.bob.click(shown, label="Save")
        await talk.env.advance_time(20)
        assert kinds(talk) == ["callback 6", "POST"]
        assert result.followups[0].ephemeral


async def test_answer_that_is_never_there_is_given_up_before_nobody_takes_it():
    async with hall(None, replies=slow(3600, tell("Never.")), soon=0.1) as talk:
        result = await talk.bob.slash(talk.channel, "latest")
        await talk.env.advance_time(14 * 60 + 10)
        assert "right now" in result.response.content


async def test_answer_that_fails_is_one_line(caplog):
    async def fail(request):
        raise RuntimeError("a secret of the database")

    async with hall(None, replies=fail) as talk:
        result = await talk.bob.slash(talk.channel, "latest", share=True)
    assert result.ephemeral
    assert kinds(talk) == ["callback 4"]
    assert result.response.content == "This cannot be answered right now. Please try again in a minute."


async def test_database_that_is_away_is_one_line(library, tmp_path):
    async with hall(library) as talk:
        shown = (await talk.bob.slash(talk.channel, "paper", paper=PAPER)).response
        await library.close()
        (tmp_path / "paperboy.db").write_bytes(b"no database at all, by far" * 100)
        result = await talk.bob.click(shown, label="Save")
        assert result.response.content == "This cannot be answered right now. Please try again in a minute."
        result = await talk.bob.slash(talk.channel, "latest")
    assert result.response.content == "This cannot be answered right now. Please try again in a minute."


async def test_command_that_is_not_there_any_more_is_one_line():
    async def none(request):
        return None

    async with hall(None, replies=none) as talk:
        result = await talk.bob.slash(talk.channel, "latest")
    assert result.response.content == "There is no /latest here. /help shows what I can do."


async def test_interaction_of_long_ago_is_only_logged(caplog):
    caplog.set_level(logging.INFO, "bot")
    async with hall(None, replies=slow(0, tell("Too late."))) as talk:
        talk.env.inject_error(
            "POST", "/interactions/*", status=404, code=10062, message="Unknown interaction"
        )
        await talk.bob.slash(talk.channel, "latest")
    assert [record.levelname for record in caplog.records] == ["INFO"]


async def test_two_who_ask_at_once_are_both_answered(library):
    async with hall(library) as talk:
        asks = [{"name": "paper", "type": 3, "value": PAPER}]
        data = {"id": "1", "name": "save", "type": 1, "options": asks}
        people = [talk.env.create_user("uma"), talk.env.create_user("udo")]
        for each in people:
            talk.emit(each, data)
        await talk.env.settle()
        assert kinds(talk) == ["callback 4", "callback 4"]
        assert {request.person for request in talk.heard} == {str(each.id) for each in people}


async def test_press_that_changes_nothing_is_taken_quietly():
    async with hall(None, replies=slow(0, Reply())) as talk:
        shown = await push(talk, entry(PAPER), style=Style.CARDS)
        await talk.bob.click(shown, label="Save")
    assert talk.said() == [("callback 6", {"type": 6})]


# While people type


async def test_choices_are_offered_while_people_type(library):
    async with hall(library) as talk:
        offered = await talk.bob.autocomplete(talk.channel, "latest", "tags", "ne")
    assert offered == [{"name": "NeRF", "value": "NeRF"}]


async def test_trouble_while_people_type_offers_nothing(library, tmp_path):
    async with hall(library) as talk:
        await library.close()
        (tmp_path / "paperboy.db").write_bytes(b"no database at all, by far" * 100)
        assert await talk.bob.autocomplete(talk.channel, "paper", "paper", "on") == []


async def test_failure_while_people_type_offers_nothing(library, monkeypatch):
    async def fail(suggest, asked):
        raise RuntimeError("of our own making")

    monkeypatch.setattr("bot.adapters.discord.client.choices", fail)
    async with hall(library) as talk:
        assert await talk.bob.autocomplete(talk.channel, "paper", "paper", "on") == []


# The client itself


async def test_menu_is_told_once_and_hides_what_only_managers_may():
    async with hall(None, replies=slow(0, tell("Yes."))) as talk:
        (told,) = [
            each
            for each in talk.env.http_requests
            if each.path.endswith("/commands") and each.method == "PUT"
        ]
        assert "subscribe" in {command["name"] for command in told.json}
        with pytest.raises(simcord.SetupError):
            await talk.bob.slash(talk.channel, "subscribe")
        assert (await talk.ann.slash(talk.channel, "subscribe")).acknowledged
        before = len(talk.env.http_requests)
        await talk.env.restart_bot(Client(talk.house))
        after = talk.env.http_requests[before:]
        assert [each for each in after if each.method == "PUT"] == []


async def test_client_asks_for_nothing_privileged():
    async with hall(None) as talk:
        intents = talk.env.bot.intents
        assert intents.value == 1


async def test_session_begins_when_the_budget_says_so():
    order = []

    async def take():
        order.append("taken")

    client = Client(None, before_identify=take)
    await client.before_identify_hook(0, initial=True)
    assert order == ["taken"]


async def test_answers_under_way_end_before_the_client():
    async with hall(None, replies=slow(0.3, tell("Yes."))) as talk:
        talk.emit(talk.env.create_user("uma"), {"id": "1", "name": "help", "type": 1})
        while not talk.heard:
            await asyncio.sleep(0)
        await talk.env.bot.close()
        assert kinds(talk) == ["callback 4"]
