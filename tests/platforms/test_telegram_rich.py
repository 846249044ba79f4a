"""The rich style on the running bot: seen first, taken then, and given up where the server has none."""

from sqlalchemy import select

from bot.storage.tables import chat
from tests.fakes.telegram import Server
from tests.platforms.conftest import running
from tests.platforms.test_telegram import TODAY, ask, digest, last, until

QUESTION = "Do you see the paper above"


async def style(bot) -> list[str]:
    async with bot.database.reading() as connection:
        return list((await connection.execute(select(chat.c.style))).scalars())


async def asked(telegram: Server, where) -> None:
    await until(lambda: QUESTION in "".join(shown.text for shown in telegram.shown(where)))


async def test_rich_style_is_seen_then_taken_then_delivered(bot, telegram: Server):
    ada = telegram.user("Ada")
    await ask(telegram, ada, ada, "/subscribe NeRF")
    menu = await ask(telegram, ada, ada, "/settings style")
    await telegram.press(menu, "rich", ada)
    await asked(telegram, ada)
    paper, question = [shown for shown in telegram.shown(ada) if shown.by_bot][-2:]
    assert paper.rich
    assert "Key Takeaways" in paper.text
    assert await style(bot) == ["cards"]
    await telegram.press(question, "It looks right, use it", ada)
    await until(lambda: "✓ rich" in last(telegram, ada).labels)
    assert await style(bot) == ["rich"]
    bot.publish(TODAY, "NeRF", digest("NeRF", "2601.00001", "2601.00002"))
    await bot.look()
    papers = lambda: [it.text.split("\n")[0] for it in telegram.shown(ada) if it.rich and it != paper]  # noqa: E731
    await until(lambda: len(papers()) == 2)
    assert papers() == ["On 2601.00001", "On 2601.00002"]


async def test_style_stays_until_it_is_taken(bot, telegram: Server):
    ada = telegram.user("Ada")
    await ask(telegram, ada, ada, "/settings style overview")
    event = await telegram.say(ada, ada, "/settings style rich")
    await telegram.answer_to(event, within=5)
    await asked(telegram, ada)
    await telegram.press(last(telegram, ada), "Keep my style", ada)
    await until(lambda: "✓ overview" in last(telegram, ada).labels)
    assert await style(bot) == ["overview"]


async def test_only_administrators_have_a_group_shown_the_style(bot, telegram: Server):
    ada, eve = telegram.user("Ada"), telegram.user("Eve")
    group = telegram.group(creator=ada, members=[eve])
    menu = await ask(telegram, group, eve, f"/settings@{telegram.bot.username} style")
    await telegram.press(menu, "rich", eve)
    answered = await telegram.wait_for("answerCallbackQuery")
    assert "administrators" in answered.params["text"]
    assert not any(shown.rich for shown in telegram.shown(group))
    await telegram.press(menu, "rich", ada)
    await asked(telegram, group)
    assert any(shown.rich for shown in telegram.shown(group))


async def test_refused_preview_is_a_card(bot, telegram: Server):
    ada = telegram.user("Ada")
    telegram.fail("sendRichMessage", status=400, description="Bad Request: can't parse rich message")
    event = await telegram.say(ada, ada, "/settings style rich")
    await telegram.answer_to(event, within=5)
    await asked(telegram, ada)
    assert "Key Takeaways" in [shown for shown in telegram.shown(ada) if shown.by_bot][-2].text
    assert not any(shown.rich for shown in telegram.shown(ada))


async def test_preview_without_an_answer_is_not_repeated_as_a_card(bot, telegram: Server):
    ada = telegram.user("Ada")
    telegram.cut("sendRichMessage", before=False)
    event = await telegram.say(ada, ada, "/settings style rich")
    await telegram.answer_to(event, within=5)
    await asked(telegram, ada)
    titled = [shown for shown in telegram.shown(ada) if "Key Takeaways" in shown.text]
    assert [shown.rich is not None for shown in titled] == [True]


async def test_server_without_rich_messages_offers_them_no_more(posts, tmp_path):
    async with (
        Server(rich=False) as telegram,
        running(telegram, posts, f"sqlite:///{tmp_path}/paperboy.db") as bot,
    ):
        await telegram.wait_until_polled()
        ada = telegram.user("Ada")
        event = await telegram.say(ada, ada, "/settings style rich")
        await telegram.answer_to(event, within=5)
        await asked(telegram, ada)
        question = last(telegram, ada)
        assert not any(shown.rich for shown in telegram.shown(ada))
        assert len(telegram.asked("sendRichMessage")) == 1
        menu = await ask(telegram, ada, ada, "/settings style")
        assert "rich" not in menu.labels
        await telegram.press(question, "It looks right, use it", ada)
        answered = await telegram.wait_for("answerCallbackQuery")
        assert "cards, overview, full" in answered.params["text"]
        assert "rich" not in await style(bot)
