"""The fake Bot API server: people write, tap and move; the real Application hears of it and reacts."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InlineQueryResultPhoto,
    InlineQueryResultsButton,
    InputTextMessageContent,
    Message,
    Update,
)
from telegram.error import BadRequest, Conflict
from telegram.ext import (
    ApplicationBuilder,
    CallbackQueryHandler,
    ChatMemberHandler,
    CommandHandler,
    InlineQueryHandler,
    MessageHandler,
    TypeHandler,
    filters,
)

from tests.fakes.telegram import Server, text
from tests.fakes.telegram.description import published

KEYS = InlineKeyboardMarkup(
    [
        [
            InlineKeyboardButton("Next", callback_data="page:2"),
            InlineKeyboardButton("Stop", callback_data="x"),
        ],
        [InlineKeyboardButton("PDF", url="https://arxiv.org/pdf/2410.18605")],
    ]
)


@asynccontextmanager
async def running(server: Server, *handlers: object, **how: object) -> AsyncIterator[list[Update]]:
    """The library's Application with some handlers, polling; gives all updates that it hears of."""
    heard: list[Update] = []
    builder = ApplicationBuilder().token(server.token).base_url(server.base_url)
    app = builder.base_file_url(server.base_file_url).build()

    async def note(update: Update, _context: object) -> None:
        heard.append(update)

    app.add_handler(TypeHandler(Update, note), group=-1)
    for handler in handlers:
        app.add_handler(handler)
    async with app:
        await app.start()
        await app.updater.start_polling(allowed_updates=Update.ALL_TYPES, **how)
        yield heard
        await app.updater.stop()
        await app.stop()


async def until(test: object, within: float = 5.0) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(within):
        while not test():
            await asyncio.sleep(0.005)


async def greet(update: Update, _context: object) -> None:
    await update.effective_message.reply_text("<b>Welcome</b>", parse_mode="HTML", reply_markup=KEYS)


async def turn(update: Update, _context: object) -> None:
    await update.callback_query.answer("Page 2")
    await update.callback_query.edit_message_text("Page 2", reply_markup=KEYS)


# Polling


async def test_a_command_is_answered(server):
    anna = server.user("Anna", language_code="zh")
    async with running(server, CommandHandler("start", greet)) as heard:
        event = await server.say(anna, anna, "/start sub_vision")
        reply = await server.answer_to(event)
    assert reply.method == "sendMessage"
    assert reply.result["text"] == "Welcome"
    assert server.shown(anna)[-1].labels == ["Next", "Stop", "PDF"]
    assert heard[0].update_id == event.update_id
    assert heard[0].effective_user.language_code == "zh"
    assert heard[0].message.entities[0].type == "bot_command"
    assert server.complaints == []


async def test_a_tap_is_answered_and_edits(server):
    anna = server.user()
    async with running(server, CommandHandler("start", greet), CallbackQueryHandler(turn)):
        reply = await server.answer_to(await server.say(anna, anna, "/start"))
        tapped = await server.press(reply, "Next", anna)
        assert (await server.answer_to(tapped)).params["text"] == "Page 2"
        await server.wait_for("editMessageText", after=tapped)
    assert server.shown(anna)[-1].text == "Page 2"


async def test_updates_wait_until_they_are_confirmed(server, bot):
    anna = server.user()
    for word in ("one", "two", "three"):
        await server.say(anna, anna, word)
    first = await bot.get_updates(limit=2)
    assert [u.message.text for u in first] == ["one", "two"]
    assert [u.message.text for u in await bot.get_updates()] == ["one", "two", "three"]
    rest = await bot.get_updates(offset=first[-1].update_id + 1)
    assert [u.message.text for u in rest] == ["three"]
    assert await bot.get_updates(offset=-1) == rest
    assert await bot.get_updates(offset=rest[-1].update_id + 1) == ()


async def test_a_long_poll_ends_with_the_first_update(server, bot):
    anna = server.user()
    poll = asyncio.create_task(bot.get_updates(timeout=5))
    await server.wait_until_polled()
    assert not poll.done()
    await server.say(anna, anna, "now")
    [update] = await asyncio.wait_for(poll, 1)
    assert update.message.text == "now"


async def test_only_wanted_updates_come(server, bot):
    anna = server.user()
    await bot.get_updates(allowed_updates=["callback_query"])
    event = await server.say(anna, anna, "unheard")
    assert event.update_id is None
    await bot.get_updates(allowed_updates=[])
    assert (await server.say(anna, anna, "heard")).update_id
    group = server.group(bot="administrator")
    assert (await server.join(group, anna)).update_id
    kinds = [next(k for k in u.to_dict() if k != "update_id") for u in await bot.get_updates()]
    assert kinds == ["message", "message"], "chat_member comes only where it is asked for"


async def test_a_second_poller_ends_the_first(server, bot):
    first = asyncio.create_task(bot.get_updates(timeout=5))
    await server.wait_until_polled()
    async with Bot(server.token, base_url=server.base_url) as other:
        second = asyncio.create_task(other.get_updates(timeout=5))
        with pytest.raises(Conflict, match="terminated by other getUpdates request; make sure that only one"):
            await asyncio.wait_for(first, 1)
        anna = server.user()
        await server.say(anna, anna, "hello")
        assert len(await asyncio.wait_for(second, 1)) == 1


async def test_the_application_goes_on_after_a_conflict(server, bot, caplog):
    anna = server.user()
    async with running(server, CommandHandler("start", greet)):
        await server.wait_until_polled()
        assert await bot.get_updates(timeout=1) == ()
        event = await server.say(anna, anna, "/start")
        assert await server.answer_to(event, within=5)
    assert "Conflict" in caplog.text


# Webhooks


@asynccontextmanager
async def listening(*, status: int = 200) -> AsyncIterator[tuple[str, list[tuple[str | None, dict]]]]:
    """An address that takes updates."""
    came: list[tuple[str | None, dict]] = []
    answers = iter([status] * 2)

    async def take(request: web.Request) -> web.Response:
        came.append((request.headers.get("X-Telegram-Bot-Api-Secret-Token"), await request.json()))
        return web.Response(status=next(answers, 200))

    app = web.Application()
    app.router.add_post("/hook", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}", came
    await runner.cleanup()


async def test_a_webhook_is_called_with_its_secret(server, bot):
    anna = server.user()
    async with listening() as (url, came):
        await bot.set_webhook(f"{url}/hook", secret_token="a_Secret-1", allowed_updates=["message"])
        event = await server.say(anna, anna, "/start")
        await until(lambda: came)
        await until(lambda: not server.updates.pending)
        info = await bot.get_webhook_info()
    [(secret, update)] = came
    assert (secret, update["update_id"]) == ("a_Secret-1", event.update_id)
    assert Update.de_json(update, bot).message.text == "/start"
    assert (info.url, info.pending_update_count, info.allowed_updates) == (f"{url}/hook", 0, ("message",))


async def test_a_webhook_is_called_again_until_it_takes_the_update(server, bot):
    anna = server.user()
    async with listening(status=500) as (url, came):
        await bot.set_webhook(f"{url}/hook")
        event = await server.say(anna, anna, "/start")
        await until(lambda: len(came) == 3)
        info = await bot.get_webhook_info()
    assert {update["update_id"] for _, update in came} == {event.update_id}
    assert info.last_error_message == "Wrong response from the webhook: 500 Internal Server Error"


async def test_a_webhook_behind_a_proxy_is_called_through_it(server, bot):
    anna = server.user()
    async with listening() as (url, came):
        server.routes["https://papers.example.org"] = url
        await bot.set_webhook("https://papers.example.org/hook")
        await server.say(anna, anna, "/start")
        await until(lambda: came)


async def test_polling_and_webhooks_exclude_each_other(server, bot):
    poll = asyncio.create_task(bot.get_updates(timeout=5))
    await server.wait_until_polled()
    async with listening() as (url, _came):
        await bot.set_webhook(f"{url}/hook")
        with pytest.raises(Conflict, match="terminated by setWebhook request"):
            await poll
        with pytest.raises(Conflict, match="can't use getUpdates method while webhook is active"):
            await bot.get_updates()
        await bot.delete_webhook()
    assert await bot.get_updates() == ()


@pytest.mark.parametrize(
    ("params", "description"),
    [
        ({"url": "http://example.org/hook"}, "bad webhook: An HTTPS URL must be provided for webhook"),
        (
            {"url": "https://example.org:8080/hook"},
            "bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443",
        ),
        ({"url": "nowhere"}, "invalid webhook URL specified"),
        ({"url": "https://a.bc", "secret_token": "no blank"}, "secret token contains unallowed characters"),
        ({"url": "https://a.bc", "secret_token": "x" * 257}, "secret token is too long"),
        (
            {"url": "https://a.bc", "allowed_updates": ["letter"]},
            "strict: allowed_updates: there is no letter",
        ),
    ],
)
async def test_webhooks_that_are_refused(server, refusal, params, description):
    assert await refusal("setWebhook", **params) == f"Bad Request: {description}"


async def test_pending_updates_are_dropped_when_asked(server, bot):
    anna = server.user()
    await server.say(anna, anna, "old")
    await bot.delete_webhook(drop_pending_updates=True)
    assert await bot.get_updates() == ()


# Taps


async def sent_keys(server: Server, bot: Bot, where: object) -> Message:
    return await bot.send_message(where.id, "Page 1", reply_markup=KEYS)


async def test_a_tap_can_be_answered_once(server, bot, refusal):
    anna = server.user()
    await sent_keys(server, bot, anna)
    event = await server.press(server.shown(anna)[0], "page:2", anna)
    assert await bot.answer_callback_query(event.id, "x" * 200)
    for number in (event.id, "12345", "nonsense"):
        said = await refusal("answerCallbackQuery", callback_query_id=number)
        assert said == "Bad Request: query is too old and response timeout expired or query ID is invalid"


async def test_a_tap_cannot_be_answered_late(server, bot):
    anna = server.user()
    await sent_keys(server, bot, anna)
    server.callback_life = 0.02
    event = await server.press(server.shown(anna)[0], "Next", anna)
    await asyncio.sleep(0.03)
    with pytest.raises(BadRequest, match=r"(?i)query is too old and response timeout expired"):
        await bot.answer_callback_query(event.id)


async def test_notices_have_their_limit(server, bot, refusal):
    anna = server.user()
    await sent_keys(server, bot, anna)
    event = await server.press(server.shown(anna)[0], "Next", anna)
    said = await refusal("answerCallbackQuery", callback_query_id=event.id, text="x" * 201)
    assert said == "Bad Request: MESSAGE_TOO_LONG"
    assert await bot.answer_callback_query(event.id, show_alert=True, text="Sorry"), "it still waits"


async def test_only_buttons_that_stand_there_are_tapped(server, bot):
    anna = server.user()
    message = await sent_keys(server, bot, anna)
    shown = server.shown(anna)[0]
    with pytest.raises(
        AssertionError, match=r"no button 'Back' under message 1; there are \['Next', 'Stop', 'PDF'"
    ):
        await server.press(shown, "Back", anna)
    with pytest.raises(AssertionError, match=r"opens https://arxiv\.org"):
        await server.press(shown, "PDF", anna)
    await message.edit_text("no more buttons")
    with pytest.raises(AssertionError, match="no button 'Next'"):
        await server.press(shown, "Next", anna)
    stale = await server.press(shown, "page:9", anna, stale=True)
    assert (stale.body["data"], stale.body["message"]["text"]) == ("page:9", "no more buttons")


async def test_taps_under_lost_messages_tell_only_their_number(server, bot):
    anna = server.user()
    message = await sent_keys(server, bot, anna)
    await server.press(server.shown(anna)[0], "Next", anna, inaccessible=True)
    server.erase(server.shown(anna)[0])
    await server.press(server.requests[-1], "page:2", anna, stale=True)
    updates = await bot.get_updates()
    for update in updates:
        assert not update.callback_query.message.is_accessible
        assert update.callback_query.message.message_id == message.message_id
    assert len(updates) == 2


# Inline


async def test_inline_queries_are_answered_and_posted(server):
    anna = server.user()
    server.inline_feedback = True

    async def find(update: Update, _context: object) -> None:
        text = InputTextMessageContent("<b>A paper</b>", parse_mode="HTML")
        results = [
            InlineQueryResultArticle("2410.18605", "A paper", text, reply_markup=KEYS),
            InlineQueryResultPhoto(
                "p", "https://example.org/1.png", "https://example.org/1s.png", caption="Fig."
            ),
        ]
        button = InlineQueryResultsButton("Follow", start_parameter="sub_vision")
        await update.inline_query.answer(results, next_offset="2", button=button, cache_time=0)

    async with running(server, InlineQueryHandler(find), CallbackQueryHandler(turn)) as heard:
        asked = await server.inline(anna, "talking heads", "1")
        answer = await server.answer_to(asked)
        assert (answer.params["next_offset"], len(answer.params["results"])) == ("2", 2)
        eva = server.user("Eva")
        chosen = await server.choose(asked, 0, anna)
        await server.choose(asked, 1, anna)
        tapped = await server.press(chosen, "Next", eva)
        await server.answer_to(tapped)
        edit = await server.wait_for("editMessageText", after=tapped)
        assert edit.ok
    card, figure = server.shown(anna)
    assert (card.text, card.inline_id, card.labels) == (
        "Page 2",
        edit.params["inline_message_id"],
        ["Next", "Stop", "PDF"],
    )
    assert (figure.text, figure.files[0].url, figure.inline_id) == ("Fig.", "https://example.org/1.png", None)
    assert heard[0].inline_query.offset == "1"
    assert [u.chosen_inline_result.result_id for u in heard if u.chosen_inline_result] == ["2410.18605", "p"]
    assert [u.message.via_bot.id for u in heard if u.message] == [server.bot.id] * 2


parsed = pytest.mark.skipif(text.tdjson is None, reason="there is no wheel of tdjson here")


def article(number: object = "1", **known: object) -> dict[str, object]:
    content = {"message_text": "x"}
    return {"type": "article", "id": number, "title": "A", "input_message_content": content} | known


@parsed
@pytest.mark.parametrize(
    ("params", "description"),
    [
        ({"results": [article(str(n)) for n in range(51)]}, "too many inline query results specified"),
        ({"results": [article(), article()]}, "RESULT_ID_DUPLICATE"),
        ({"results": [article("论" * 22)]}, "RESULT_ID_INVALID"),
        ({"results": [article("")]}, "RESULT_ID_INVALID"),
        ({"results": [], "next_offset": "x" * 65}, "NEXT_OFFSET_INVALID"),
        (
            {"results": [article(input_message_content={"message_text": "<x>", "parse_mode": "HTML"})]},
            "can't parse inline query result: "
            'Can\'t parse entities: Unsupported start tag "x" at byte offset 0',
        ),
        (
            {"results": [article(input_message_content={"message_text": "x" * 4097})]},
            "MESSAGE_TOO_LONG",
        ),
        ({"results": [article(title=" ")]}, "ARTICLE_TITLE_EMPTY"),
        ({"results": [article(thumbnail_url="nowhere")]}, "WEBDOCUMENT_URL_INVALID"),
        (
            {
                "results": [
                    article(reply_markup={"inline_keyboard": [[{"text": "a", "callback_data": "x" * 65}]]})
                ]
            },
            "BUTTON_DATA_INVALID",
        ),
        (
            {"results": [], "button": {"text": "x"}},
            "can't parse inline query results button: "
            "InlineQueryResultsButton must have exactly one optional field",
        ),
        ({"results": [], "button": {"text": "x", "start_parameter": "a b"}}, "START_PARAM_INVALID"),
        (
            {"results": [], "inline_query_id": "99"},
            "query is too old and response timeout expired or query ID is invalid",
        ),
    ],
    ids=lambda value: None if isinstance(value, dict) else value[-30:],
)
async def test_inline_answers_that_telegram_refuses(server, refusal, params, description):
    asked = await server.inline(server.user(), "x")
    said = await refusal("answerInlineQuery", **{"inline_query_id": asked.id} | params)
    assert said == f"Bad Request: {description}"


@pytest.mark.skipif(published() is None, reason="PAPERBOY_SHARED names no folder with specs")
async def test_inline_results_are_held_to_the_description(server, refusal):
    asked = await server.inline(server.user(), "x")
    for result, description in [
        (article(colour="red"), "strict: InlineQueryResultArticle: unknown field colour"),
        (
            {"type": "article", "id": "1", "title": "x"},
            "can't parse inline query result: Can't find field \"input_message_content\"",
        ),
        ({"type": "song", "id": "1"}, 'can\'t parse inline query result: type "song" is unsupported'),
        (article(5), 'can\'t parse inline query result: Field "id" must be of type String'),
    ]:
        said = await refusal("answerInlineQuery", inline_query_id=asked.id, results=[result])
        assert said == f"Bad Request: {description}"


# Groups, channels, topics


async def test_privacy_hides_what_is_not_for_the_bot(server):
    anna = server.user()
    group = server.group(members=[anna])
    me = server.bot.username
    for said, told in [
        ("good morning", False),
        ("/latest", True),
        (f"/latest@{me} vision", True),
        ("/latest@another_bot", False),
        (f"what says @{me}?", True),
    ]:
        assert bool((await server.say(group, anna, said)).update_id) is told, said
    await server.promote_bot(group)
    assert (await server.say(group, anna, "good morning")).update_id


async def test_replies_to_the_bot_are_for_the_bot(server, bot):
    anna = server.user()
    group = server.group(members=[anna])
    await bot.send_message(group.id, "Which tag?")
    event = await server.say(group, anna, "vision", reply_to=server.shown(group)[0])
    [update] = await bot.get_updates()
    assert update.update_id == event.update_id
    assert update.message.reply_to_message.from_user.id == server.bot.id


async def test_anonymous_administrators_speak_through_the_group(server, bot):
    group = server.group("Readers")
    eva = server.user("Eva")
    server.enrol(group, eva, "administrator", anonymous=True, title="Editor")
    await server.say(group, eva, "/settings")
    [update] = await bot.get_updates()
    assert update.message.from_user.id == 1087968824
    assert update.message.from_user.username == "GroupAnonymousBot"
    assert update.message.sender_chat.id == group.id
    assert update.message.author_signature == "Editor"


async def test_channels_have_posts_without_people(server, bot):
    anna = server.user("Anna")
    news = server.channel("News", creator=anna, signed=True)
    event = await server.say(news, None, "A post")
    await server.edit(event, "A better post")
    post, edited = await bot.get_updates()
    assert post.channel_post.sender_chat.id == news.id
    assert (post.channel_post.from_user, post.channel_post.author_signature) == (None, "Anna")
    assert edited.edited_channel_post.text == "A better post"


async def test_topics_show_where_a_message_stands(server, bot):
    anna = server.user()
    forum = server.group(members=[anna], forum=True)
    topic = server.topic(forum, "Vision")
    await server.say(forum, anna, "/latest", topic=topic)
    await server.say(forum, anna, "/latest")
    inside, general = await bot.get_updates()
    assert (inside.message.message_thread_id, inside.message.is_topic_message) == (topic.id, True)
    assert inside.message.reply_to_message.forum_topic_created.name == "Vision"
    assert (general.message.message_thread_id, general.message.is_topic_message) == (None, None)
    assert [m.text for m in server.shown(forum, topic)] == ["", "/latest"]


async def test_edits_and_odd_messages_come_too(server, bot):
    anna = server.user()
    group = server.group(members=[anna], kind="group")
    event = await server.say(anna, anna, "/lates")
    await server.edit(event, "/latest")
    await server.post(anna, anna, dice={"emoji": "🎲", "value": 4})
    await server.post(group, anna, new_chat_title="Late readers")
    await server.say(anna, anna, "论文" * 2048)
    first, edited, dice, title, long = await bot.get_updates()
    assert (first.message.text, edited.edited_message.text) == ("/lates", "/latest")
    assert edited.edited_message.edit_date
    assert dice.message.dice.value == 4
    assert title.message.new_chat_title == "Late readers"
    assert len(long.message.text) == 4096


async def test_strangers_cannot_speak_in_groups(server):
    with pytest.raises(AssertionError, match="Anna is not in Readers"):
        await server.say(server.group(), server.user(), "hello")


async def test_changes_of_membership_are_told(server):
    anna = server.user()
    group = server.group(bot=None)
    seen: list[tuple[int, str, str]] = []

    async def note(update: Update, _context: object) -> None:
        change = update.my_chat_member
        seen.append((change.chat.id, change.old_chat_member.status, change.new_chat_member.status))

    async with running(server, ChatMemberHandler(note)) as heard:
        await server.block(anna)
        await server.unblock(anna)
        await server.add_bot(group)
        await server.promote_bot(group, rights=["can_pin_messages"])
        await server.demote_bot(group)
        await server.kick_bot(group)
        await until(lambda: len(seen) == 6)
    assert [change[1:] for change in seen] == [
        ("member", "kicked"),
        ("kicked", "member"),
        ("left", "member"),
        ("member", "administrator"),
        ("administrator", "member"),
        ("member", "kicked"),
    ]
    promoted = heard[4].my_chat_member.new_chat_member
    assert (promoted.can_pin_messages, promoted.can_manage_topics) == (True, False)
    assert [u.message.new_chat_members[0].id for u in heard if u.message] == [server.bot.id]


async def test_leaving_tells_of_itself(server, bot):
    group = server.group()
    await bot.leave_chat(group.id)
    [update] = await bot.get_updates()
    assert update.my_chat_member.new_chat_member.status == "left"


async def test_people_come_and_go(server, bot):
    anna = server.user()
    group = server.group()
    await server.join(group, anna)
    await server.leave(group, anna)
    came, went = await bot.get_updates()
    assert came.message.new_chat_members[0].id == went.message.left_chat_member.id == anna.id
    with pytest.raises(AssertionError):
        await server.say(group, anna, "back")


async def test_migration_tells_both_sides(server):
    anna = server.user()
    group = server.group(kind="group", members=[anna], bot="administrator")
    moves: list[tuple[int, int | None, int | None]] = []

    async def moved(update: Update, _context: object) -> None:
        message = update.message
        moves.append((message.chat.id, message.migrate_to_chat_id, message.migrate_from_chat_id))

    migrated = MessageHandler(filters.StatusUpdate.MIGRATE, moved)
    async with running(server, migrated, CommandHandler("start", greet)):
        event = await server.migrate(group)
        await until(lambda: len(moves) == 2)
        reply = await server.answer_to(await server.say(event.chat, anna, "/start"))
    assert moves == [(group.id, event.chat.id, None), (event.chat.id, None, group.id)]
    assert reply.result["chat"] == {"id": event.chat.id, "title": "Readers", "type": "supergroup"}
    assert (await server.say(group, anna, "/start")).update_id is None


async def test_closed_topics_are_told(server, bot):
    forum = server.group(forum=True)
    topic = server.topic(forum, "Vision")
    await server.close_topic(forum, topic)
    await server.reopen_topic(forum, topic)
    closed, reopened = await bot.get_updates()
    assert closed.message.forum_topic_closed is not None
    assert reopened.message.forum_topic_reopened is not None


# Waiting


async def test_waiting_in_vain_says_what_came(server, bot):
    anna, eva = server.user("Anna"), server.user("Eva")
    event = await server.say(anna, anna, "hello")
    await bot.send_message(eva.id, "not for Anna")
    with pytest.raises(
        AssertionError, match=r"no answer to the message within 0\.05 s; what came: .*not for Anna"
    ):
        await server.answer_to(event, within=0.05)


async def test_typing_is_no_answer(server, bot):
    anna = server.user()
    event = await server.say(anna, anna, "/latest")
    await bot.send_chat_action(anna.id, "typing")
    await server.silence_after(event, seconds=0.02)
    await bot.send_message(anna.id, "The latest digest")
    assert (await server.answer_to(event)).method == "sendMessage"


async def test_silence_is_noticed_and_so_is_its_end(server, bot):
    anna = server.user()
    event = await server.say(anna, anna, "hello")
    await server.silence_after(event, seconds=0.05)
    await bot.send_message(anna.id, "Hello!")
    with pytest.raises(AssertionError, match="the bot said sendMessage"):
        await server.silence_after(event, seconds=0.05)


async def test_an_answer_that_came_before_one_waits_is_found(server, bot):
    anna = server.user()
    await bot.send_message(anna.id, "earlier")
    event = await server.say(anna, anna, "hello")
    await bot.send_message(anna.id, "the answer")
    assert (await server.answer_to(event)).params["text"] == "the answer"
    assert (await server.wait_for("sendMessage")).params["text"] == "earlier"
    found = await server.wait_for("sendMessage", lambda r: "answer" in r.params["text"], after=event)
    assert found.answered_at >= found.at >= event.at


async def test_every_update_is_as_described(server):
    described = published()
    if described is None:
        pytest.skip("PAPERBOY_SHARED names no folder with specs")
    anna = server.user("Anna", username="anna_reads", last_name="K.")
    forum = server.group(members=[anna], forum=True, bot="administrator")
    group = server.group(kind="group", members=[anna])
    news = server.channel(creator=anna)
    topic = server.topic(forum, "Vision")
    events = [
        await server.say(anna, anna, "/start https://arxiv.org #AI @somebody 😀"),
        await server.say(forum, anna, "hello", topic=topic),
        await server.close_topic(forum, topic),
        await server.say(news, anna, "a post"),
        await server.inline(anna, "x"),
        await server.block(anna),
        await server.unblock(anna),
        await server.restrict_bot(forum),
        await server.promote_bot(forum),
        await server.join(forum, server.user("Eva")),
        await server.migrate(group),
    ]
    for event in events:
        body = {"update_id": 1, event.kind: event.body}
        assert described.wrong("Update", body) is None, event.kind
    for update in server.updates.pending:
        assert described.wrong("Update", update) is None, update


async def test_files_are_found_by_their_address_alone(server, bot):
    sent = await bot.send_document(server.user().id, b"content", filename="a.txt")
    file = await bot.get_file(sent.document.file_id)
    async with aiohttp.ClientSession() as http:
        async with http.get(file.file_path) as answer:
            assert await answer.read() == b"content"
        async with http.get(f"{server.base_file_url}{server.token}/documents/nothing") as answer:
            assert answer.status == 404
