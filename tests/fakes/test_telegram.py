"""The fake Bot API server: what it takes, what it refuses and in which words, by the real library."""

import io
import json

import aiohttp
import pytest
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeAllGroupChats,
    BotCommandScopeChatMember,
    CopyTextButton,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    LinkPreviewOptions,
    MessageEntity,
    ReplyParameters,
)
from telegram.error import BadRequest, ChatMigrated, EndPointNotFound, Forbidden, InvalidToken

from tests.fakes.telegram import Server, text
from tests.fakes.telegram.description import published

described = pytest.mark.skipif(published() is None, reason="PAPERBOY_SHARED names no folder with specs")
parsed = pytest.mark.skipif(text.tdjson is None, reason="there is no wheel of tdjson here")
PNG = (
    b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + (640).to_bytes(4, "big") + (480).to_bytes(4, "big") + b"\0" * 20
)


def keyboard(*rows: list[dict[str, object]]) -> dict[str, object]:
    return {"inline_keyboard": list(rows)}


def tap(label: str = "Go", data: str = "go") -> dict[str, object]:
    return {"text": label, "callback_data": data}


# Addresses and methods


async def test_wrong_token_is_unauthorized(server):
    other = Bot(f"{server.bot.id}:{'x' * 35}", base_url=server.base_url)
    with pytest.raises(InvalidToken):
        await other.get_me()
    assert (server.requests[-1].status, server.requests[-1].description) == (401, "Unauthorized")


async def test_malformed_token_is_not_found(server):
    async with aiohttp.ClientSession() as http, http.get(f"{server.url}/botnonsense/getMe") as answer:
        assert (answer.status, (await answer.json())["description"]) == (404, "Not Found")


async def test_unknown_method_is_not_found(server, bot):
    with pytest.raises(EndPointNotFound):
        await bot.do_api_request("sendTelegram")
    assert server.requests[-1].description == "Not Found: method not found"


@described
async def test_described_method_that_is_not_built_says_so(server, bot, refusal):
    anna = server.user()
    assert await refusal("sendDice", chat_id=anna.id) == "Not Implemented: this server has no sendDice"


async def test_methods_go_by_any_case(server):
    url = f"{server.base_url}{server.token}/GETME"
    async with aiohttp.ClientSession() as http, http.post(url) as answer:
        assert (await answer.json())["result"]["username"] == server.bot.username


@pytest.mark.parametrize("how", ["json", "data", "params"])
async def test_json_forms_and_queries_are_read_alike(server, how):
    anna = server.user()
    markup = keyboard([tap()])
    sent = {"chat_id": anna.id, "text": "Good morning", "disable_notification": True}
    if how == "json":
        sent["reply_markup"] = markup
    else:
        sent |= {"disable_notification": "true", "reply_markup": json.dumps(markup)}
    url = f"{server.base_url}{server.token}/sendMessage"
    async with aiohttp.ClientSession() as http, http.post(url, **{how: sent}) as answer:
        assert answer.status == 200, await answer.text()
    assert server.requests[-1].params["chat_id"] == anna.id
    assert server.requests[-1].params["reply_markup"] == markup
    [shown] = server.shown(anna)
    assert (shown.text, shown.labels, shown.silent) == ("Good morning", ["Go"], True)


@pytest.mark.parametrize(
    ("body", "description"),
    [
        (b"[1]", "Bad Request: object expected"),
        (b"{", "Bad Request: can't parse JSON object"),
    ],
)
async def test_broken_json_is_refused(server, body, description):
    headers = {"Content-Type": "application/json"}
    url = f"{server.base_url}{server.token}/sendMessage"
    async with aiohttp.ClientSession() as http, http.post(url, data=body, headers=headers) as answer:
        assert (await answer.json())["description"] == description


async def test_text_that_is_no_utf8_is_refused(server):
    url = f"{server.base_url}{server.token}/sendMessage"
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    async with aiohttp.ClientSession() as http, http.post(url, data=b"text=\xff", headers=headers) as answer:
        assert (await answer.json())["description"] == "Bad Request: strings must be encoded in UTF-8"


# Fields


@described
@pytest.mark.parametrize(
    ("params", "description"),
    [
        ({"chat_id": 1, "txt": "x"}, "Bad Request: strict: sendMessage: unknown field txt"),
        ({"chat_id": 1}, "Bad Request: message text is empty"),
        ({"text": "x"}, "Bad Request: chat_id is empty"),
        (
            {"chat_id": 1, "text": "x", "message_thread_id": "soon"},
            'Bad Request: Field "message_thread_id" must be of type Integer',
        ),
        (
            {"chat_id": 1, "text": "x", "disable_notification": "perhaps"},
            'Bad Request: field "disable_notification" must be of type Boolean',
        ),
        (
            {"chat_id": 1, "text": "x", "reply_markup": "{"},
            "Bad Request: can't parse reply keyboard markup JSON object",
        ),
        (
            {"chat_id": 1, "text": "x", "reply_markup": keyboard([{"callback_data": "a"}])},
            "Bad Request: can't parse inline keyboard button: Can't find field \"text\"",
        ),
        (
            {"chat_id": 1, "text": "x", "reply_markup": keyboard([{"text": 5, "callback_data": "a"}])},
            'Bad Request: can\'t parse inline keyboard button: Field "text" must be of type String',
        ),
        (
            {"chat_id": 1, "text": "x", "reply_markup": keyboard([tap() | {"colour": "red"}])},
            "Bad Request: strict: InlineKeyboardButton: unknown field colour",
        ),
        (
            {"chat_id": 1, "text": "x", "link_preview_options": {"disabled": True}},
            "Bad Request: strict: LinkPreviewOptions: unknown field disabled",
        ),
        (
            {"chat_id": 1, "text": "x", "entities": [{"type": "bold", "offset": 0}]},
            "Bad Request: can't parse MessageEntity: Can't find field \"length\"",
        ),
    ],
)
async def test_fields_are_held_to_the_description(server, refusal, params, description):
    server.user(id=1)
    assert (await refusal("sendMessage", **params)).lower() == description.lower()
    assert ("strict" in description) == bool(server.complaints)


@described
async def test_a_file_where_none_belongs_is_refused(server):
    form = aiohttp.FormData({"chat_id": "1"})
    form.add_field("text", b"a file", filename="text.txt")
    url = f"{server.base_url}{server.token}/sendMessage"
    async with aiohttp.ClientSession() as http, http.post(url, data=form) as answer:
        said = (await answer.json())["description"]
    assert said == "Bad Request: strict: sendMessage: text takes no file"


# Texts


@parsed
@pytest.mark.parametrize(
    ("params", "description"),
    [
        ({"text": ""}, "message text is empty"),
        ({"text": " \n"}, "text must be non-empty"),
        ({"text": "<b></b>", "parse_mode": "HTML"}, "text must be non-empty"),
        ({"text": "x" * 4097}, "message is too long"),
        ({"text": "😀" * 2049}, "message is too long"),
        ({"text": "x" * 32_769}, "text is too long"),
        ({"text": "x", "parse_mode": "LaTeX"}, "unsupported parse_mode"),
        (
            {"text": "<b>x", "parse_mode": "HTML"},
            "can't parse entities: Can't find end tag corresponding to start tag \"b\"",
        ),
        (
            {"text": "a <x> b", "parse_mode": "HTML"},
            'can\'t parse entities: Unsupported start tag "x" at byte offset 2',
        ),
        (
            {"text": "1.5", "parse_mode": "MarkdownV2"},
            "can't parse entities: Character '.' is reserved and must be escaped with the preceding '\\'",
        ),
        (
            {"text": "ab", "entities": [{"type": "bold", "offset": 3, "length": 1}]},
            "entity begins after the end of the text at UTF-16 offset 3",
        ),
        (
            {"text": "ab", "entities": [{"type": "bold", "offset": 1, "length": 2}]},
            "entity beginning at UTF-16 offset 1 ends after the end of the text at UTF-16 offset 3",
        ),
        (
            {
                "text": "".join(f'<a href="https://a.bc/{n:0150}">x</a> ' for n in range(99)),
                "parse_mode": "HTML",
            },
            "ENTITIES_TOO_LONG",
        ),
    ],
    ids=lambda value: None if isinstance(value, dict) else value[:40],
)
async def test_texts_that_telegram_refuses(server, refusal, params, description):
    anna = server.user()
    assert await refusal("sendMessage", chat_id=anna.id, **params) == f"Bad Request: {description}"
    assert server.shown(anna) == []


@parsed
@pytest.mark.parametrize(
    ("params", "text", "entities"),
    [
        ({"text": "x" * 4096}, "x" * 4096, []),
        ({"text": f"<b>{'x' * 4096}</b>", "parse_mode": "HTML"}, "x" * 4096, [("bold", 0, 4096)]),
        ({"text": "&lt;a&gt; &amp;", "parse_mode": "HTML"}, "<a> &", []),
        ({"text": "  up\n\n", "parse_mode": "HTML"}, "up", []),
        ({"text": "\n <i>one </i> ", "parse_mode": "HTML"}, "one", [("italic", 0, 3)]),
        ({"text": "*one* _two_", "parse_mode": "MarkdownV2"}, "one two", [("bold", 0, 3), ("italic", 4, 3)]),
        ({"text": "one", "entities": [{"type": "code", "offset": 0, "length": 3}]}, "one", [("code", 0, 3)]),
        (
            {"text": "see arxiv.org and #AI /latest", "parse_mode": "HTML"},
            "see arxiv.org and #AI /latest",
            [("url", 4, 9), ("hashtag", 18, 3), ("bot_command", 22, 7)],
        ),
        ({"text": "<code>arxiv.org</code>", "parse_mode": "HTML"}, "arxiv.org", [("code", 0, 9)]),
        ({"text": '<a href="nowhere">x</a>', "parse_mode": "HTML"}, "x", []),
        (
            {"text": "<blockquote expandable>q</blockquote>", "parse_mode": "HTML"},
            "q",
            [("expandable_blockquote", 0, 1)],
        ),
    ],
)
async def test_texts_are_given_back_as_telegram_gives_them(server, accepted, params, text, entities):
    anna = server.user()
    result = await accepted("sendMessage", chat_id=anna.id, **params)
    assert result["text"] == text
    told = [(entity["type"], entity["offset"], entity["length"]) for entity in result.get("entities", [])]
    assert told == entities


@parsed
async def test_the_hundred_and_first_entity_is_dropped(server, accepted):
    anna = server.user()
    result = await accepted("sendMessage", chat_id=anna.id, text="<b>x</b> " * 150, parse_mode="HTML")
    assert len(result["entities"]) == 100


async def test_lengths_are_counted_without_the_parser_too(server, refusal, accepted, monkeypatch):
    monkeypatch.setattr(text, "tdjson", None)
    anna = server.user()
    assert await accepted("sendMessage", chat_id=anna.id, text=f"<b>{'x' * 4096}</b>", parse_mode="HTML")
    said = await refusal("sendMessage", chat_id=anna.id, text=f"<b>{'x' * 4097}</b>", parse_mode="HTML")
    assert said == "Bad Request: message is too long"


async def test_a_preview_needs_a_link(server, bot, refusal):
    anna = server.user()
    picture = LinkPreviewOptions(
        url="https://example.org/1.png", prefer_large_media=True, show_above_text=True
    )
    await bot.send_message(anna.id, "A card", link_preview_options=picture)
    assert server.shown(anna)[0].preview["url"] == "https://example.org/1.png"
    said = await refusal("sendMessage", chat_id=anna.id, text="x", link_preview_options={"url": "nowhere"})
    assert said == "Bad Request: strict: link_preview_options: nowhere is no link"


# Buttons


@parsed
@pytest.mark.parametrize(
    ("markup", "description"),
    [
        (keyboard([tap(data="x" * 65)]), "BUTTON_DATA_INVALID"),
        (keyboard([tap(data="论" * 22)]), "BUTTON_DATA_INVALID"),
        (
            keyboard([tap(data="")]),
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        (
            keyboard([{"text": "alone"}]),
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        (
            keyboard([tap() | {"url": "https://a.bc"}]),
            "strict: a button is of one kind, not of 2: callback_data, url",
        ),
        (keyboard([tap(label=" ")]), "inline keyboard button text must be non-empty"),
        (
            keyboard([{"text": "x", "url": "nowhere"}]),
            "inline keyboard button URL 'nowhere' is invalid: Wrong HTTP URL",
        ),
        (
            keyboard([{"text": "x", "url": "http://localhost/1"}]),
            "inline keyboard button URL 'http://localhost/1' is invalid: Wrong HTTP URL",
        ),
        (keyboard([tap()] * 9), "strict: a row of 9 buttons is shown in two, the most is 8"),
        (keyboard(*[[tap()] * 8] * 13), "reply markup is too long"),
        (keyboard([{"text": "x", "copy_text": {"text": "c" * 257}}]), "BUTTON_COPY_TEXT_INVALID"),
        (keyboard([{"text": "x", "pay": True}]), "BUTTON_TYPE_INVALID"),
        (
            keyboard([{"text": "x", "web_app": {"url": "http://a.bc"}}]),
            "inline keyboard button Web App URL 'http://a.bc' is invalid: Only HTTPS links are allowed",
        ),
        (
            keyboard([tap() | {"style": "pink"}]),
            "can't parse inline keyboard button: invalid button style specified",
        ),
    ],
)
async def test_buttons_that_telegram_refuses(server, refusal, markup, description):
    anna = server.user()
    said = await refusal("sendMessage", chat_id=anna.id, text="x", reply_markup=markup)
    assert said == f"Bad Request: {description}"


async def test_buttons_at_the_limits_are_taken(server, bot):
    anna = server.user()
    rows = [[InlineKeyboardButton(f"{n}", callback_data="x" * 64) for n in range(8)] for _ in range(12)]
    rows.append([InlineKeyboardButton("copy", copy_text=CopyTextButton("c" * 256))])
    rows.append([InlineKeyboardButton("open", url="https://arxiv.org/abs/2410.18605", style="primary")])
    rows.append([InlineKeyboardButton("share", switch_inline_query="2410.18605")])
    await bot.send_message(anna.id, "x", reply_markup=InlineKeyboardMarkup(rows))
    assert len(server.shown(anna)[0].labels) == 99


async def test_channels_have_no_inline_switch(server, bot, refusal):
    news = server.channel()
    switch = keyboard([{"text": "x", "switch_inline_query": ""}])
    said = await refusal("sendMessage", chat_id=news.id, text="x", reply_markup=switch)
    assert said.startswith("Bad Request: can't use switch_inline_query button in a channel chat")


# Places


async def test_unknown_chats_are_not_found(server, refusal):
    for address in (99, -100123, "@nobody", "nobody"):
        assert await refusal("sendMessage", chat_id=address, text="x") == "Bad Request: chat not found"


async def test_public_places_go_by_their_name(server, bot):
    news = server.channel(username="daily_papers")
    message = await bot.send_message("@Daily_Papers", "A post")
    assert message.chat.id == news.id
    assert message.sender_chat.title == "News"
    assert message.from_user is None


@pytest.mark.parametrize(
    ("kind", "change", "status", "description"),
    [
        ("private", "block", 403, "Forbidden: bot was blocked by the user"),
        ("private", "deactivate", 403, "Forbidden: user is deactivated"),
        ("private", "never started", 403, "Forbidden: bot can't initiate conversation with a user"),
        ("group", "kick", 403, "Forbidden: bot was kicked from the group chat"),
        ("group", "remove", 403, "Forbidden: bot is not a member of the group chat"),
        ("group", "delete", 403, "Forbidden: the group chat was deleted"),
        ("supergroup", "kick", 403, "Forbidden: bot was kicked from the supergroup chat"),
        ("supergroup", "remove", 403, "Forbidden: bot is not a member of the supergroup chat"),
        ("supergroup", "delete", 400, "Bad Request: chat not found"),
        (
            "supergroup",
            "restrict",
            400,
            "Bad Request: not enough rights to send text messages to the chat",
        ),
        ("channel", "kick", 403, "Forbidden: bot was kicked from the channel chat"),
        ("channel", "demote", 403, "Forbidden: bot is not a member of the channel chat"),
        ("channel", "no posting", 400, "Bad Request: need administrator rights in the channel chat"),
    ],
)
async def test_places_where_the_bot_cannot_write(server, refusal, kind, change, status, description):
    anna = server.user()
    chat = server.private(anna) if kind == "private" else server.group(kind=kind, bot="administrator")
    await _spoil(server, chat, change)
    assert await refusal("sendMessage", chat_id=chat.id, text="x") == description
    assert server.requests[-1].status == status


async def _spoil(server: Server, chat, change: str) -> None:
    if change == "block":
        await server.block(chat.user)
    elif change == "deactivate":
        chat.user.deleted = True
    elif change == "never started":
        chat.user.started = False
    elif change == "kick":
        await server.kick_bot(chat)
    elif change == "remove":
        await server.remove_bot(chat)
    elif change == "delete":
        chat.gone = True
    elif change == "restrict":
        await server.restrict_bot(chat, ["can_send_photos"])
    elif change == "demote":
        await server.demote_bot(chat)
    else:
        await server.promote_bot(chat, rights=["can_edit_messages"])


async def test_blocked_chats_open_again(server, bot):
    anna = server.user()
    await server.block(anna)
    with pytest.raises(Forbidden, match="blocked by the user"):
        await bot.send_message(anna.id, "x")
    await server.unblock(anna)
    assert (await bot.send_message(anna.id, "x")).message_id == 1


async def test_migrated_group_says_where_it_went(server, bot):
    group = server.group(kind="group")
    event = await server.migrate(group)
    with pytest.raises(ChatMigrated) as caught:
        await bot.send_message(group.id, "x")
    assert caught.value.new_chat_id == event.chat.id
    assert server.requests[-1].description == "Bad Request: group chat was upgraded to a supergroup chat"
    assert (await bot.send_message(event.chat.id, "x")).chat.type == "supergroup"


async def test_replies_need_what_they_answer(server, bot, refusal):
    anna = server.user()
    event = await server.say(anna, anna, "Hello")
    answer = await bot.send_message(anna.id, "Hi", reply_parameters=ReplyParameters(event.message.id))
    assert answer.reply_to_message.text == "Hello"
    assert server.shown(anna)[-1].reply_to == event.message.id
    said = await refusal("sendMessage", chat_id=anna.id, text="x", reply_parameters={"message_id": 77})
    assert said == "Bad Request: message to be replied not found"
    lost = ReplyParameters(77, allow_sending_without_reply=True)
    assert (await bot.send_message(anna.id, "Hi", reply_parameters=lost)).reply_to_message is None


async def test_topics_are_open_closed_or_gone(server, bot, refusal):
    forum = server.group(forum=True)
    topic = server.topic(forum, "Vision")
    sent = await bot.send_message(forum.id, "x", message_thread_id=topic.id)
    assert (sent.message_thread_id, sent.is_topic_message) == (topic.id, True)
    assert (await bot.send_message(forum.id, "x")).message_thread_id is None
    await server.close_topic(forum, topic)
    there = {"chat_id": forum.id, "text": "x", "message_thread_id": topic.id}
    assert await refusal("sendMessage", **there) == "Bad Request: TOPIC_CLOSED"
    server.delete_topic(forum, topic)
    assert await refusal("sendMessage", **there) == "Bad Request: message thread not found"
    for number in (1, 999):
        said = await refusal("sendMessage", **there | {"message_thread_id": number})
        assert said == "Bad Request: message thread not found"
    assert [m.text for m in server.shown(forum) if m.by_bot] == ["x"]


async def test_who_manages_topics_writes_in_closed_ones(server, bot):
    forum = server.group(forum=True, bot="administrator", rights=["can_manage_topics"])
    topic = await bot.create_forum_topic(forum.id, "Speech")
    assert await bot.close_forum_topic(forum.id, topic.message_thread_id)
    assert await bot.send_message(forum.id, "x", message_thread_id=topic.message_thread_id)
    with pytest.raises(BadRequest, match=r"(?i)TOPIC_NOT_MODIFIED"):
        await bot.close_forum_topic(forum.id, topic.message_thread_id)


async def test_places_without_topics_ignore_them(server, bot):
    group = server.group()
    assert (await bot.send_message(group.id, "x", message_thread_id=5)).message_thread_id is None


async def test_chats_tell_of_themselves(server, bot, refusal):
    anna, olga = server.user("Anna", username="anna"), server.user("Olga")
    group = server.group("Readers", creator=olga, members=[anna], bot="administrator")
    assert (await bot.get_chat(group.id)).title == "Readers"
    assert (await bot.get_chat(anna.id)).username == "anna"
    assert (await bot.get_chat_member(group.id, anna.id)).status == "member"
    assert (await bot.get_chat_member(group.id, server.user("Eva").id)).status == "left"
    me = await bot.get_chat_member(group.id, server.bot.id)
    assert (me.status, me.can_pin_messages) == ("administrator", True)
    administrators = await bot.get_chat_administrators(group.id)
    assert [member.user.first_name for member in administrators] == ["Olga", "Paperboy"]
    assert await bot.get_chat_member_count(group.id) == 3
    said = await refusal("getChatMember", chat_id=group.id, user_id=123)
    assert said == "Bad Request: member not found"
    said = await refusal("getChatAdministrators", chat_id=anna.id)
    assert said == "Bad Request: there are no administrators in the private chat"


async def test_anonymous_administrators_are_listed_as_such(server, bot):
    group = server.group()
    eva = server.user("Eva")
    server.enrol(group, eva, "administrator", anonymous=True, title="Editor")
    member = await bot.get_chat_member(group.id, eva.id)
    assert (member.is_anonymous, member.custom_title) == (True, "Editor")


async def test_members_of_a_channel_are_told_to_administrators_alone(server, bot, refusal):
    anna = server.user()
    news = server.channel(username="news_of_ours", bot="administrator", creator=anna)
    assert (await bot.get_chat_member(news.id, anna.id)).status == "creator"
    server.enrol(news, server.bot, "member")
    said = await refusal("getChatMember", chat_id=news.id, user_id=anna.id)
    assert said == "Bad Request: member list is inaccessible"


async def test_the_bot_leaves_groups_only(server, bot, refusal):
    group, anna = server.group(), server.user()
    assert await bot.leave_chat(group.id)
    with pytest.raises(Forbidden, match="not a member of the supergroup chat"):
        await bot.send_message(group.id, "x")
    assert await refusal("leaveChat", chat_id=anna.id) == "Bad Request: can't leave private chats"


async def test_chat_actions_are_checked(server, bot, refusal):
    anna = server.user()
    assert await bot.send_chat_action(anna.id, "typing")
    said = await refusal("sendChatAction", chat_id=anna.id, action="thinking")
    assert said == "Bad Request: wrong parameter action in request"


# Edits


@parsed
async def test_edits_change_what_is_shown(server, bot):
    anna = server.user()
    keys = InlineKeyboardMarkup([[InlineKeyboardButton("Go", callback_data="go")]])
    message = await bot.send_message(anna.id, "one", reply_markup=keys)
    await message.edit_text("<b>two</b>", parse_mode="HTML", reply_markup=keys)
    [shown] = server.shown(anna)
    assert (shown.text, shown.marked("bold"), shown.labels, shown.edited) == ("two", ["two"], ["Go"], True)
    await message.edit_reply_markup(None)
    assert server.shown(anna)[0].labels == []


@parsed
async def test_an_edit_that_changes_nothing_is_refused(server, bot, refusal):
    anna = server.user()
    message = await bot.send_message(anna.id, "<b>one</b>", parse_mode="HTML")
    there = {"chat_id": anna.id, "message_id": message.message_id}
    said = await refusal("editMessageText", **there, text="<strong>one</strong>", parse_mode="HTML")
    assert said == (
        "Bad Request: message is not modified: specified new message content and reply markup are exactly "
        "the same as a current content and reply markup of the message"
    )
    assert "message is not modified" in await refusal("editMessageReplyMarkup", **there)
    await bot.edit_message_text("one", anna.id, message.message_id)  # without its look it is another text


@parsed
@pytest.mark.parametrize(
    ("method", "params", "description"),
    [
        ("editMessageText", {"message_id": 99, "text": "x"}, "message to edit not found"),
        ("editMessageText", {"message_id": 2, "text": "x"}, "message can't be edited"),
        ("editMessageText", {"message_id": 3, "text": "x"}, "there is no text in the message to edit"),
        ("editMessageText", {"message_id": 1, "text": ""}, "message text is empty"),
        ("editMessageText", {"message_id": 1, "text": "x" * 4097}, "message is too long"),
        ("editMessageText", {"message_id": 1, "text": "<b>", "parse_mode": "HTML"}, "can't parse entities: "),
        (
            "editMessageCaption",
            {"message_id": 1, "caption": "x"},
            "there is no caption in the message to edit",
        ),
        ("editMessageCaption", {"message_id": 3, "caption": "x" * 1025}, "message caption is too long"),
        ("deleteMessage", {"message_id": 99}, "message to delete not found"),
    ],
)
async def test_edits_that_telegram_refuses(server, bot, refusal, method, params, description):
    anna = server.user()
    await bot.send_message(anna.id, "one")
    await server.say(anna, anna, "mine")
    await bot.send_photo(anna.id, PNG)
    assert (await refusal(method, chat_id=anna.id, **params)).startswith(f"Bad Request: {description}")


async def test_messages_that_people_delete_are_gone(server, bot, refusal):
    anna = server.user()
    message = await bot.send_message(anna.id, "one")
    server.erase(server.shown(anna)[0])
    said = await refusal("editMessageText", chat_id=anna.id, message_id=message.message_id, text="x")
    assert said == "Bad Request: message to edit not found"


async def test_old_messages_are_edited_but_not_deleted(server, bot, refusal):
    anna = server.user()
    message = await bot.send_message(anna.id, "one")
    server.age(server.shown(anna)[0], 90 * 86_400)
    assert (await message.edit_text("two")).text == "two"
    said = await refusal("deleteMessage", chat_id=anna.id, message_id=message.message_id)
    assert said == "Bad Request: message can't be deleted for everyone"


async def test_the_bot_deletes_what_it_may(server, bot, refusal):
    anna = server.user()
    group = server.group(members=[anna])
    event = await server.say(group, anna, "/start")
    mine = await bot.send_message(group.id, "one")
    said = await refusal("deleteMessage", chat_id=group.id, message_id=event.message.id)
    assert said == "Bad Request: message can't be deleted"
    assert await mine.delete()
    await server.promote_bot(group, rights=["can_delete_messages"])
    assert await bot.delete_messages(group.id, [event.message.id, mine.message_id, 5555])
    assert server.shown(group) == []


# Files


async def test_uploads_keep_their_bytes(server, bot):
    anna = server.user()
    document = io.BytesIO(b"@article{somebody2024}")
    sent = await bot.send_document(anna.id, document, filename="saved.bib", caption="Your list")
    assert sent.document.file_name == "saved.bib"
    [shown] = server.shown(anna)
    assert (shown.text, shown.files[0].data) == ("Your list", b"@article{somebody2024}")
    downloaded = await (await bot.get_file(sent.document.file_id)).download_as_bytearray()
    assert bytes(downloaded) == b"@article{somebody2024}"


async def test_photos_come_by_upload_link_and_id(server, bot, refusal):
    anna = server.user()
    uploaded = await bot.send_photo(anna.id, PNG, caption="<b>Figure 1</b>", parse_mode="HTML")
    assert (uploaded.photo[-1].width, uploaded.photo[-1].height) == (640, 480)
    assert (await bot.send_photo(anna.id, "https://example.org/1.png")).photo
    again = await bot.send_photo(anna.id, uploaded.photo[-1].file_id)
    assert again.photo[-1].file_id == uploaded.photo[-1].file_id
    server.files.dead.add("https://example.org/dead.png")
    for photo, description in [
        ("https://example.org/dead.png", "failed to get HTTP URL content"),
        ("nonsense", "wrong remote file identifier specified: can't unserialize it. Wrong last symbol"),
        ("no file", "wrong remote file identifier specified: Wrong character in the string"),
        ("ftp://example.org/1.png", "invalid file HTTP URL specified: Unsupported URL protocol"),
    ]:
        assert await refusal("sendPhoto", chat_id=anna.id, photo=photo) == f"Bad Request: {description}"
    said = await refusal("sendDocument", chat_id=anna.id, document=uploaded.photo[-1].file_id)
    assert said == "Bad Request: can't use file of type Photo as Document"


@pytest.mark.parametrize(
    ("data", "description"),
    [
        (b"", "file must be non-empty"),
        (b"no image at all", "IMAGE_PROCESS_FAILED"),
        (PNG[:16] + (9000).to_bytes(4, "big") + (1001).to_bytes(4, "big"), "PHOTO_INVALID_DIMENSIONS"),
        (PNG[:16] + (2100).to_bytes(4, "big") + (100).to_bytes(4, "big"), "PHOTO_INVALID_DIMENSIONS"),
        (PNG + bytes(10 * 2**20), "file of size 10485804 bytes is too big for a photo"),
    ],
    ids=["empty", "no image", "large", "long", "heavy"],
)
async def test_photos_that_telegram_refuses(server, bot, data, description):
    with pytest.raises(BadRequest):
        await bot.send_photo(server.user().id, data)
    assert server.requests[-1].description.startswith(f"Bad Request: {description}")


async def test_a_request_beyond_fifty_megabytes_is_refused(server):
    form = aiohttp.FormData({"chat_id": str(server.user().id)})
    form.add_field("document", bytes(51 * 2**20), filename="large.bin")
    url = f"{server.base_url}{server.token}/sendDocument"
    async with aiohttp.ClientSession() as http, http.post(url, data=form) as answer:
        assert (answer.status, (await answer.json())["description"]) == (413, "Request Entity Too Large")


async def test_captions_are_measured_after_parsing(server, bot, refusal):
    anna = server.user()
    assert await bot.send_photo(anna.id, PNG, caption=f"<b>{'x' * 1024}</b>", parse_mode="HTML")
    with pytest.raises(BadRequest, match="caption is too long"):
        await bot.send_photo(anna.id, PNG, caption="x" * 1025)


async def test_albums_stand_together(server, bot):
    anna = server.user()
    media = [InputMediaPhoto(PNG, caption="Figures"), InputMediaPhoto("https://example.org/2.png")]
    sent = await bot.send_media_group(anna.id, media)
    assert len({message.media_group_id for message in sent}) == 1
    shown = server.shown(anna)
    assert [m.text for m in shown] == ["Figures", ""]
    assert shown[0].files[0].data == PNG


@pytest.mark.parametrize(
    ("media", "description"),
    [
        ([], "there are no messages to send"),
        ([{"type": "photo", "media": "https://a.bc/1.png"}], "strict: an album has 2-10 items"),
        (
            [{"type": "photo", "media": "https://a.bc/1.png"}] * 11,
            "too many messages to send as an album",
        ),
        (
            [
                {"type": "photo", "media": "https://a.bc/1.png"},
                {"type": "document", "media": "https://a.bc/1.pdf"},
            ],
            "Document can't be mixed with other media types",
        ),
        (
            [{"type": "photo", "media": "https://a.bc/1.png"}, {"type": "photo", "media": "attach://x"}],
            "can't parse InputMedia: media not found",
        ),
        (
            [
                {"type": "photo", "media": "https://a.bc/1.png"},
                {"type": "photo", "media": "https://a.bc/dead"},
            ],
            'failed to send message #2 with the error message "WEBPAGE_CURL_FAILED"',
        ),
    ],
    ids=["none", "one", "eleven", "mixed", "not attached", "dead link"],
)
async def test_albums_that_telegram_refuses(server, refusal, media, description):
    server.files.dead.add("https://a.bc/dead")
    said = await refusal("sendMediaGroup", chat_id=server.user().id, media=media)
    assert said.lower() == f"Bad Request: {description}".lower()
    assert not any(server.shown(chat) for chat in server.world.chats.values())


async def test_documents_go_together_too(server, bot):
    anna = server.user()
    files = [InputMediaDocument(io.BytesIO(f"{n}".encode()), filename=f"{n}.bib") for n in range(10)]
    assert len(await bot.send_media_group(anna.id, files)) == 10
    assert [m.files[0].data for m in server.shown(anna)] == [f"{n}".encode() for n in range(10)]


async def test_media_are_replaced_in_place(server, bot):
    anna = server.user()
    sent = await bot.send_photo(anna.id, PNG, caption="one")
    await sent.edit_caption("two")
    await sent.edit_media(InputMediaPhoto("https://example.org/2.png", caption="three"))
    [shown] = server.shown(anna)
    assert (shown.text, shown.files[0].url) == ("three", "https://example.org/2.png")


# What the bot says of itself


async def test_commands_are_kept_by_scope_and_language(server, bot):
    anna = server.user("Anna", language_code="zh")
    olga = server.user("Olga")
    group = server.group(creator=olga, members=[anna])
    await bot.set_my_commands([BotCommand("latest", "The latest digest")])
    await bot.set_my_commands([BotCommand("latest", "最新")], language_code="zh")
    await bot.set_my_commands([BotCommand("tags", "All tags")], scope=BotCommandScopeAllGroupChats())
    await bot.set_my_commands(
        [BotCommand("settings", "Settings")], scope=BotCommandScopeChatMember(group.id, olga.id)
    )
    assert [c.description for c in await bot.get_my_commands(language_code="zh")] == ["最新"]
    assert await bot.get_my_commands(language_code="fr") == ()
    assert [c["description"] for c in server.menu(anna, anna)] == ["最新"]
    assert [c["command"] for c in server.menu(group, anna)] == ["tags"]
    assert [c["command"] for c in server.menu(group, olga)] == ["settings"]
    await bot.delete_my_commands(language_code="zh")
    assert [c["description"] for c in server.menu(anna, anna)] == ["The latest digest"]


@pytest.mark.parametrize(
    ("params", "description"),
    [
        ({"commands": [{"command": "Latest", "description": "x"}]}, "BOT_COMMAND_INVALID"),
        ({"commands": [{"command": "la-test", "description": "x"}]}, "BOT_COMMAND_INVALID"),
        ({"commands": [{"command": "/latest", "description": "x"}]}, "BOT_COMMAND_INVALID"),
        ({"commands": [{"command": "x" * 33, "description": "x"}]}, "command length must not exceed 32"),
        ({"commands": [{"command": "", "description": "x"}]}, "command must be non-empty"),
        ({"commands": [{"command": "x", "description": " "}]}, "command description must be non-empty"),
        (
            {"commands": [{"command": "x", "description": "x" * 257}]},
            "command description length must not exceed 256",
        ),
        (
            {"commands": [{"command": f"c{n}", "description": "x"} for n in range(101)]},
            "BOT_COMMANDS_TOO_MUCH",
        ),
        ({"commands": [], "language_code": "zh-CN"}, "invalid language code specified"),
        ({"commands": [], "scope": {"type": "chat", "chat_id": 99}}, "chat not found"),
    ],
)
async def test_commands_that_telegram_refuses(server, refusal, params, description):
    assert await refusal("setMyCommands", **params) == f"Bad Request: {description}"


async def test_descriptions_fall_back_to_those_of_all_languages(server, bot):
    await bot.set_my_description("Brings papers")
    await bot.set_my_short_description("Papers", language_code="en")
    assert (await bot.get_my_description("zh")).description == "Brings papers"
    assert (await bot.get_my_short_description("en")).short_description == "Papers"
    assert (await bot.get_my_short_description("zh")).short_description == ""
    assert (await bot.get_my_name()).name == "Paperboy"
    with pytest.raises(BadRequest, match=r"(?i)BOT_DESCRIPTION_INVALID"):
        await bot.set_my_short_description("x" * 121)


# Rich messages

RICH = (
    "<h2>A title</h2><p>By <b>Somebody</b>, about <tg-math>x^2</tg-math></p><ul><li>One</li><li>Two</li></ul>"
    '<tg-slideshow><img src="https://example.org/1.png"/><img src="https://example.org/2.png"/></tg-slideshow>'
    "<details><summary>Abstract</summary><p>We show it &mdash; twice.</p></details>"
    "<footer>Made today</footer>"
)


async def test_rich_messages_are_read(server, accepted):
    anna = server.user()
    markup = keyboard([tap()])
    result = await accepted(
        "sendRichMessage", chat_id=anna.id, rich_message={"html": RICH}, reply_markup=markup
    )
    kinds = [block["type"] for block in result["rich_message"]["blocks"]]
    assert kinds == ["heading", "paragraph", "list", "slideshow", "details", "footer"]
    [shown] = server.shown(anna)
    assert shown.text.split("\n") == [
        "A title",
        "By Somebody, about x^2",
        "One",
        "Two",
        "Abstract",
        "We show it — twice.",
        "Made today",
    ]
    assert (shown.rich, shown.labels) == ({"html": RICH}, ["Go"])


@pytest.mark.parametrize(
    ("given", "description"),
    [
        ({}, "rich message must be non-empty"),
        ({"html": "<p> </p>"}, "rich message must be non-empty"),
        ({"html": "<p>a</p>", "markdown": "a"}, "strict: rich_message: html and markdown at once"),
        ({"html": "<p>a"}, "can't parse rich message: unclosed tag p"),
        ({"html": "<p>a</b></p>"}, "can't parse rich message: unexpected end tag b"),
        ({"html": "<p>a</p><script>x</script>"}, "strict: rich message: tag script is not supported"),
        ({"html": "<p>&copy;</p>"}, "strict: rich message: &copy; is shown as it stands"),
        ({"html": "<li>a</li>"}, "strict: rich message: li stands outside of ol or ul"),
        (
            {"html": "<details><summary>a</summary><p><tg-math>x</tg-math></p></details>"},
            "strict: rich message: formulas inside details crash Telegram Desktop",
        ),
        (
            {"html": '<p>a <img src="https://a.bc/1.png"/></p>'},
            "strict: rich message: img stands inside a line of text",
        ),
        ({"html": '<img src="1.png"/>'}, "RICH_MESSAGE_PHOTO_NO_MEDIA_FOUND"),
        ({"html": f"<p>{'x' * 32_769}</p>"}, "RICH_MESSAGE_TOO_LONG"),
        ({"html": "<p>x</p>" * 501}, "RICH_MESSAGE_TOO_MANY_BLOCKS"),
        ({"html": "<blockquote>" * 17 + "x" + "</blockquote>" * 17}, "RICH_MESSAGE_TOO_DEEP"),
        ({"html": '<img src="https://a.bc/1.png"/>' * 51}, "RICH_MESSAGE_TOO_MANY_MEDIA"),
        ({"html": f"<table><tr>{'<td>x</td>' * 21}</tr></table>"}, "RICH_MESSAGE_TABLE_TOO_WIDE"),
    ],
)
async def test_rich_messages_that_are_refused(server, refusal, given, description):
    said = await refusal("sendRichMessage", chat_id=server.user().id, rich_message=given)
    assert said == f"Bad Request: {description}"


async def test_rich_markdown_is_taken_as_it_stands(server, accepted):
    anna = server.user()
    given = {"markdown": "<details><summary>A</summary>\n\n# B\n</details>", "skip_entity_detection": True}
    await accepted("sendRichMessage", chat_id=anna.id, rich_message=given)
    assert "# B" in server.shown(anna)[0].text


async def test_rich_messages_can_be_unknown():
    async with Server(rich=False) as server, Bot(server.token, base_url=server.base_url) as bot:
        given = {"chat_id": server.user().id, "rich_message": {"html": RICH}}
        with pytest.raises(EndPointNotFound):
            await bot.do_api_request("sendRichMessage", api_kwargs=given)
        assert server.requests[-1].description == "Not Found: method not found"


async def test_rich_messages_are_edited_in_place(server, bot, accepted):
    anna = server.user()
    result = await accepted("sendRichMessage", chat_id=anna.id, rich_message={"html": RICH})
    there = {"chat_id": anna.id, "message_id": result["message_id"]}
    await accepted("editMessageText", **there, rich_message={"html": "<p>Shorter</p>"})
    assert server.shown(anna)[0].text == "Shorter"
    await accepted("editMessageText", **there, text="Plain again")
    assert (server.shown(anna)[0].text, server.shown(anna)[0].rich) == ("Plain again", None)


# What the library's own values look like


async def test_entities_of_the_library_are_taken(server, bot):
    anna = server.user()
    entities = [MessageEntity("text_link", 0, 3, url="https://arxiv.org"), MessageEntity("bold", 4, 3)]
    await bot.send_message(anna.id, "PDF now", entities=entities)
    [shown] = server.shown(anna)
    assert (shown.links, shown.marked("bold")) == ([("PDF", "https://arxiv.org")], ["now"])


async def test_without_a_description_odd_fields_are_refused_too():
    async with Server(described=False) as server, aiohttp.ClientSession() as http:
        sent = {"chat_id": server.user().id, "media": [5, 6]}
        async with http.post(f"{server.base_url}{server.token}/sendMediaGroup", json=sent) as answer:
            assert (await answer.json())["description"].startswith("Bad Request: can't parse JSON object")


async def test_without_a_description_limits_still_hold():
    async with Server(described=False) as server, Bot(server.token, base_url=server.base_url) as bot:
        anna = server.user()
        keys = InlineKeyboardMarkup([[InlineKeyboardButton("Go", callback_data="x" * 65)]])
        with pytest.raises(BadRequest, match=r"(?i)BUTTON_DATA_INVALID"):
            await bot.send_message(anna.id, "x", reply_markup=keys)
        with pytest.raises(BadRequest, match="is too long"):
            await bot.send_message(anna.id, "x" * 4097)
        assert await bot.send_message(anna.id, "x", disable_notification=True)
        assert server.shown(anna)[0].silent
