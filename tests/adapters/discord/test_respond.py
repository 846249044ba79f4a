"""An answer arrives in some form, or at least a line does; what nobody takes any more is let go."""

import asyncio
import logging

import pytest

from bot.commands.base import File, Reply, tell
from bot.formatter.card import Action, Block, Button, Card, Kind, Rich, Span
from tests.adapters.discord.talk import hall

CALLBACK, WEBHOOK = "/interactions/*", "/webhooks/*"
TROUBLE = "This cannot be answered right now. Please try again in a minute."
MORE = Button(label="More", action=Action.NOTE, about="1")


@pytest.fixture(autouse=True)
def logged(caplog):
    caplog.set_level(logging.INFO, "bot")


def always(*replies):
    left = list(replies)

    async def answer(request):
        return left.pop(0) if len(left) > 1 else left[0]

    return answer


def said(talk):
    return [kind for kind, _ in talk.said()]


def refuse(talk, path=CALLBACK, *, method="POST", status=400, code=50035, message="Invalid Form Body"):
    talk.env.inject_error(method, path, status=status, code=code, message=message)


def levels(caplog):
    return [record.levelname for record in caplog.records if record.name.startswith("bot.adapters")]


async def test_what_is_refused_is_said_in_bare_words(caplog):
    linked = tell((Span("Read "), Span("this", link="https://example.org/x")))
    async with hall(None, replies=always(linked)) as talk:
        refuse(talk)
        result = await talk.bob.slash(talk.channel, "help")
    assert result.ephemeral
    assert "Read this" in result.response.content + str([each.description for each in result.response.embeds])
    assert levels(caplog) == ["WARNING"]


async def test_what_is_refused_in_every_form_is_a_line():
    async with hall(None, replies=always(tell("Some words."))) as talk:
        refuse(talk)
        result = await talk.bob.slash(talk.channel, "help")
    assert result.response.content == TROUBLE
    assert result.ephemeral


async def test_components_that_are_refused_give_way_to_embeds():
    blocks = (Block(kind=Kind.PROSE, items=((Span("Some words."),),)),)
    card = Card(title=(Span("T"),), blocks=blocks, rich=Rich(title=(Span("T"),), blocks=blocks))
    async with hall(None, replies=always(Reply(cards=(card,)))) as talk:
        refuse(talk)
        result = await talk.bob.slash(talk.channel, "help")
    assert [body["data"].get("flags") for _, body in talk.said()] == [64 | 1 << 15, 64]
    assert result.response.embeds[0].description == "Some words."


@pytest.mark.parametrize("code", [10008, 30046, 50005, 50021])
async def test_message_that_takes_no_edit_is_answered_anew(code):
    replies = always(tell("first", keys=((MORE,),)), tell("second", edit=True))
    async with hall(None, replies=replies) as talk:
        shown = (await talk.bob.slash(talk.channel, "help")).response
        refuse(talk, status=403, code=code)
        pressed = await talk.bob.click(shown, label="More")
        assert said(talk) == ["callback 4", "callback 7", "callback 4"]
    assert pressed.ephemeral
    assert pressed.response.embeds[0].description == "second"
    assert shown.embeds[0].description == "first"


@pytest.mark.parametrize("code", [10062, 40060])
async def test_interaction_that_is_over_is_let_go(caplog, code):
    async with hall(None, replies=always(tell("one", "two"))) as talk:
        refuse(talk, status=404, code=code)
        await talk.bob.slash(talk.channel, "help")
        assert said(talk) == ["callback 4"]
    assert levels(caplog) == ["INFO"]


async def test_rest_of_an_answer_whose_token_is_over_is_let_go(caplog):
    many = Reply(cards=tuple(tell(f"card {n}").cards[0] for n in range(4)))
    async with hall(None, replies=always(many)) as talk:
        refuse(talk, WEBHOOK, status=404, code=10015)
        await talk.bob.slash(talk.channel, "help")
        assert said(talk) == ["callback 4", "POST"]
    assert levels(caplog) == ["INFO"]


async def test_rest_beyond_what_a_persons_own_bot_may_say_is_let_go(caplog):
    many = Reply(cards=tuple(tell(f"card {n}").cards[0] for n in range(3)))
    async with hall(None, replies=always(many)) as talk:
        refuse(talk, WEBHOOK, status=400, code=40094)
        await talk.bob.slash(talk.channel, "help")
        assert said(talk) == ["callback 4", "POST"]
    assert levels(caplog) == ["INFO"]


async def test_message_in_the_middle_that_is_refused_keeps_the_others(caplog):
    many = Reply(cards=tuple(tell(f"card {n}").cards[0] for n in range(3)))
    async with hall(None, replies=always(many)) as talk:
        refuse(talk, WEBHOOK)
        result = await talk.bob.slash(talk.channel, "help")
    assert [each.embeds[0].description for each in result.followups] == ["card 2"]


async def test_discord_in_trouble_is_logged_without_a_secret(caplog):
    async with hall(None, replies=always(tell("Some words."))) as talk:
        for _ in range(2):
            refuse(talk, status=403, code=0, message="no such way")
        await talk.bob.slash(talk.channel, "help")
    assert levels(caplog) == ["WARNING", "WARNING"]
    assert "no such way" in caplog.text


async def test_components_are_announced_and_sent_late():
    blocks = (Block(kind=Kind.PROSE, items=((Span("Some words."),),)),)
    rich = Card(title=(Span("T"),), blocks=blocks, rich=Rich(title=(Span("T"),), blocks=blocks))

    async def answer(request):
        await asyncio.sleep(10)
        return Reply(cards=(rich,))

    async with hall(None, replies=answer, soon=0.1) as talk:
        result = await talk.bob.slash(talk.channel, "help")
        await talk.env.advance_time(20)
        assert said(talk) == ["callback 5", "PATCH"]
    assert result.response.flags.components_v2


async def test_pictures_come_late_beside_a_message():
    pictures = Reply(figures=("https://example.org/a.jpg",))
    left = [tell("first", keys=((MORE,),)), pictures]

    async def answer(request):
        await asyncio.sleep(10 * request.pressed)
        return left.pop(0)

    async with hall(None, replies=answer, soon=0.1) as talk:
        shown = (await talk.bob.slash(talk.channel, "help")).response
        pressed = await talk.bob.click(shown, label="More")
        await talk.env.advance_time(20)
        assert said(talk) == ["callback 4", "callback 6", "POST"]
    assert pressed.followups[0].flags.components_v2
    assert pressed.followups[0].ephemeral


async def test_files_are_announced_and_sent_late():
    async def answer(request):
        await asyncio.sleep(10)
        return Reply(file=File(name="list.bib", data=b"@misc{x}"))

    async with hall(None, replies=answer, soon=0.1) as talk:
        result = await talk.bob.slash(talk.channel, "export")
        await talk.env.advance_time(20)
        assert said(talk) == ["callback 5", "PATCH"]
    assert result.response.attachments[0].filename == "list.bib"
