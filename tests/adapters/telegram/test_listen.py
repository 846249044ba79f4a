"""What becomes of what people ask when Telegram, or the bot itself, is in trouble."""

import asyncio

import pytest
from telegram.ext import ExtBot

from bot.adapters.telegram.limiter import Limiter
from bot.adapters.telegram.listen import IN_LINE, House, Listener
from bot.adapters.telegram.transport import request_for
from bot.commands.base import Command, File, Found, Reply, card
from bot.formatter.card import Action, Button, Card, Span
from tests.fakes.telegram import Server


async def nothing(_visit):
    """No command of these tests is run by the table."""


COMMANDS = [Command(name="help", run=nothing), Command(name="latest", run=nothing, example="NeRF")]


class Home:
    """Answers as a test says, and remembers what it was asked and told."""

    def __init__(self) -> None:
        self.reply: Reply | None = Reply(cards=(card("Hello."),))
        self.asked = []
        self.told = []
        self.slow = 0.0

    async def answer(self, request):
        self.asked.append(request)
        await asyncio.sleep(self.slow)
        if isinstance(self.reply, Exception):
            raise self.reply
        return self.reply

    async def look(self, _sought):
        return Found(papers=())

    async def came(self, platform, address):
        self.told.append(("came", platform, address))

    async def went(self, platform, address, reason):
        self.told.append(("went", platform, address, reason))

    async def moved(self, platform, old, new):
        self.told.append(("moved", platform, old, new))


@pytest.fixture
def home():
    return Home()


@pytest.fixture
async def telegram(home):
    async def turn(_address, _group, _people):
        """Everything may go at once."""

    async with Server() as server:
        requests = [request_for("aiohttp"), request_for("aiohttp")]
        bot = ExtBot(
            server.token, base_url=server.base_url, request=requests[0], get_updates_request=requests[1],
            rate_limiter=Limiter(turn, lambda _seconds, _address: None),
        )  # fmt: skip
        house = House(answer=home.answer, look=home.look, presence=home, commands=COMMANDS)
        running = asyncio.create_task(Listener(bot, house).run())
        await server.wait_until_polled()
        yield server
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        for request in requests:
            await request.shutdown()
        assert server.complaints == []


@pytest.fixture
def ada(telegram):
    return telegram.user("Ada")


SAVE = Button(label="Save", action=Action.SAVE, about="2003.08934")


async def shown(telegram, home, ada):
    """A message of the bot with a button."""
    home.reply = Reply(cards=(Card(title=(Span("A paper"),), blocks=(), buttons=(SAVE,)),))
    await telegram.answer_to(await telegram.say(ada, ada, "/paper"))
    return telegram.shown(ada)[-1]


async def acknowledged(telegram, event, within=2.0):
    return await telegram.wait_for(
        "answerCallbackQuery", lambda it: it.params["callback_query_id"] == event.id, within=within
    )


async def test_press_is_acknowledged_within_a_second_though_its_answer_takes_longer(telegram, home, ada):
    message = await shown(telegram, home, ada)
    home.slow, home.reply = 1.5, Reply(toast="Saved.")
    event = await telegram.press(message, "Save", ada)
    answer = await acknowledged(telegram, event, within=1.0)
    assert not answer.params.get("text")
    await telegram.wait_for("sendMessage", lambda it: it.params["text"] == "Saved.", within=3)


async def test_press_behind_much_that_waits_is_acknowledged_within_a_second(telegram, home, ada):
    message = await shown(telegram, home, ada)
    home.slow = 0.5
    for number in range(5):
        await telegram.say(ada, ada, f"/command{number}")
    event = await telegram.press(message, "Save", ada)
    await acknowledged(telegram, event, within=1.0)


async def test_who_floods_the_bot_keeps_nobody_else_waiting(telegram, home, ada):
    message = await shown(telegram, home, ada)
    max_, home.slow = telegram.user("Max"), 0.2
    for _ in range(100):
        await telegram.say(ada, ada, "/help")
    event = await telegram.press(message, "Save", ada)
    await telegram.answer_to(await telegram.say(max_, max_, "/help"), within=1)
    await acknowledged(telegram, event, within=1)
    await asyncio.sleep(2.5)
    asked = [request.person for request in home.asked[1:]]
    assert asked.count(str(ada.id)) == IN_LINE, "what nobody can wait for is dropped"
    await telegram.answer_to(await telegram.say(ada, ada, "/help"), within=1)


async def test_chat_that_comes_and_goes_is_heard_in_order_however_much_waits(telegram, home, ada):
    home.slow = 0.05
    for _ in range(20):
        await telegram.say(ada, ada, "/help")
    for _ in range(3):
        await telegram.block(ada)
        await telegram.unblock(ada)
    await asyncio.sleep(1)
    assert [word for word, *_ in home.told] == ["went", "came"] * 3


async def test_press_that_cannot_be_acknowledged_is_answered_all_the_same(telegram, home, ada):
    message = await shown(telegram, home, ada)
    home.reply = Reply(cards=(card("Here you are."),))
    telegram.fail("answerCallbackQuery", status=502)
    await telegram.press(message, "Save", ada)
    await telegram.wait_for("sendMessage", lambda it: it.params["text"] == "Here you are.")


async def test_press_can_lead_to_the_private_chat(telegram, home, ada):
    message = await shown(telegram, home, ada)
    link = f"https://t.me/{telegram.bot.username}?start=paper_2003-08934"
    home.reply = Reply(link=link)
    answer = await acknowledged(telegram, await telegram.press(message, "Save", ada))
    assert answer.ok
    assert answer.params["url"] == link


async def test_press_that_is_answered_in_time_says_so_beside_the_button(telegram, home, ada):
    message = await shown(telegram, home, ada)
    home.reply = Reply(toast="Saved.")
    answer = await acknowledged(telegram, await telegram.press(message, "Save", ada))
    assert answer.params["text"] == "Saved."
    assert home.asked[-1].word == "save"
    assert home.asked[-1].text == "2003.08934"


async def test_message_that_can_no_longer_be_edited_is_sent_anew(telegram, home, ada):
    message = await shown(telegram, home, ada)
    telegram.fail("editMessageText", status=400, description="Bad Request: message to edit not found")
    home.reply = Reply(cards=(card("Page 2"),), edit=True)
    await acknowledged(telegram, await telegram.press(message, "Save", ada, inaccessible=True))
    await telegram.wait_for("sendMessage", lambda it: it.params["text"] == "Page 2")


async def test_same_page_twice_is_no_trouble(telegram, home, ada, caplog):
    message = await shown(telegram, home, ada)
    home.reply = Reply(cards=(card("Page 2", keys=((SAVE,),)),), edit=True)
    for _ in range(2):
        await acknowledged(telegram, await telegram.press(message, "Save", ada))
        message = telegram.shown(ada)[-1]
    assert telegram.shown(ada)[-1].text == "Page 2"
    assert not [record for record in caplog.records if record.levelname in ("WARNING", "ERROR")]


async def test_note_is_turned_page_by_page_in_place(telegram, home, ada):
    message = await shown(telegram, home, ada)
    paragraphs = [f"Paragraph {number}. " + "word " * 120 for number in range(40)]
    long = card(*paragraphs, title="A long note")
    home.reply = Reply(cards=(long,), edit=True, page=1, pages="note:2003.08934")
    await acknowledged(telegram, await telegram.press(message, "Save", ada))
    await telegram.wait_for("editMessageText")
    (first,) = [label for label in telegram.shown(ada)[-1].labels if label.startswith("▶")]
    home.reply = Reply(cards=(long,), edit=True, page=2, pages="note:2003.08934")
    await acknowledged(telegram, await telegram.press(telegram.shown(ada)[-1], first, ada))
    assert home.asked[-1].text == "2003.08934:2"
    await telegram.wait_for("editMessageText", lambda it: "◀" in str(it.params))
    labels = telegram.shown(ada)[-1].labels
    assert [label[0] for label in labels] == ["◀", "▶"]
    assert len([it for it in telegram.shown(ada) if it.by_bot]) == 1


async def test_pictures_that_telegram_cannot_fetch_come_as_addresses(telegram, home, ada):
    figures = ("https://example.org/1.png", "https://example.org/2.png")
    telegram.fail("sendMediaGroup", status=400, description="Bad Request: failed to get HTTP URL content")
    home.reply = Reply(figures=figures)
    await telegram.say(ada, ada, "/figures")
    answer = await telegram.wait_for("sendMessage")
    assert answer.params["text"].split("\n") == list(figures)


async def test_album_file_and_single_picture_are_sent_as_such(telegram, home, ada):
    home.reply = Reply(figures=("https://example.org/1.png", "https://example.org/2.png"))
    await telegram.answer_to(await telegram.say(ada, ada, "/figures"))
    assert len(telegram.asked("sendMediaGroup")) == 1
    home.reply = Reply(figures=("https://example.org/1.png",))
    await telegram.answer_to(await telegram.say(ada, ada, "/figures"))
    assert len(telegram.asked("sendPhoto")) == 1
    home.reply = Reply(file=File(name="list.bib", data=b"@misc{x}"))
    await telegram.answer_to(await telegram.say(ada, ada, "/export"))
    (file,) = telegram.shown(ada)[-1].files
    assert (file.name, file.data) == ("list.bib", b"@misc{x}")


async def test_bug_costs_nobody_else_an_answer(telegram, home, ada, caplog):
    home.reply = RuntimeError("a bug")
    await telegram.say(ada, ada, "/help")
    max_ = telegram.user("Max")
    await asyncio.sleep(0.2)
    home.reply = Reply(cards=(card("Hello."),))
    await telegram.answer_to(await telegram.say(max_, max_, "/help"))
    assert "update.failed" in caplog.text


async def test_answers_of_one_chat_keep_their_order_and_others_do_not_wait(telegram, home, ada):
    max_ = telegram.user("Max")
    home.slow = 0.4
    first = await telegram.say(ada, ada, "/one")
    second = await telegram.say(ada, ada, "/two")
    other = await telegram.say(max_, max_, "/three")
    await telegram.answer_to(other, within=1)
    await telegram.answer_to(second, within=2)
    assert [request.word for request in home.asked] == ["one", "three", "two"]
    assert first


async def test_answer_to_somebody_who_blocked_the_bot_meanwhile_is_no_error(telegram, home, ada, caplog):
    home.slow = 0.3
    await telegram.say(ada, ada, "/help")
    await telegram.block(ada)
    await asyncio.sleep(0.6)
    assert ("went", "telegram", str(ada.id), "the person blocked the bot") in home.told
    assert not [record for record in caplog.records if record.levelname in ("WARNING", "ERROR")]


async def test_gateway_in_trouble_is_told_and_the_next_question_is_answered(telegram, home, ada, caplog):
    telegram.fail("sendMessage", status=502)
    await telegram.say(ada, ada, "/help")
    await telegram.wait_for("sendMessage", lambda it: it.status == 502)
    await telegram.answer_to(await telegram.say(ada, ada, "/help"), within=3)
    assert "answer.lost" in caplog.text


async def test_polling_goes_on_after_cut_connections_and_gateways_pages(telegram, home, ada):
    telegram.cut("getUpdates", times=2)
    telegram.fail("getUpdates", status=502, times=1)
    await telegram.answer_to(await telegram.say(ada, ada, "/help"), within=10)


async def test_odd_updates_are_passed_over(telegram, home, ada):
    await telegram.post(ada, ada, sticker={
        "file_id": "x", "file_unique_id": "y", "type": "regular", "width": 1, "height": 1,
        "is_animated": False, "is_video": False,
    })  # fmt: skip
    sent = await telegram.say(ada, ada, "x" * 4096)
    await telegram.answer_to(sent)
    await telegram.edit(sent, "/help")
    group = telegram.group("Readers")
    await telegram.post(group, None, new_chat_title="Another title")
    channel = telegram.channel("News")
    await telegram.say(channel, None, "/latest")
    await telegram.answer_to(await telegram.say(ada, ada, "/help"))
    assert [request.word for request in home.asked] == ["", "help"]
