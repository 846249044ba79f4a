"""What each method does: it takes the server and the request, and gives the result or raises Refusal."""

from collections.abc import Callable
from typing import Any

from tests.fakes.telegram.methods import commands, edit, listen, media, places, queries, send

Method = Callable[[Any, Any], Any]

METHODS: dict[str, Method] = {
    "answerCallbackQuery": queries.answer_callback,
    "answerInlineQuery": queries.answer_inline,
    "close": listen.do_nothing,
    "closeForumTopic": places.close_topic,
    "createForumTopic": places.create_topic,
    "deleteForumTopic": places.delete_topic,
    "deleteMessage": edit.delete_one,
    "deleteMessages": edit.delete_many,
    "deleteMyCommands": commands.delete,
    "deleteWebhook": listen.delete_webhook,
    "editMessageCaption": edit.edit_caption,
    "editMessageMedia": edit.edit_media,
    "editMessageReplyMarkup": edit.edit_keyboard,
    "editMessageText": edit.edit_text,
    "getChat": places.get_chat,
    "getChatAdministrators": places.get_administrators,
    "getChatMember": places.get_member,
    "getChatMemberCount": places.count_members,
    "getChatMenuButton": commands.get_menu_button,
    "getFile": media.get_file,
    "getMe": commands.get_me,
    "getMyCommands": commands.get,
    "getMyDescription": commands.get_text("description"),
    "getMyName": commands.get_text("name"),
    "getMyShortDescription": commands.get_text("short_description"),
    "getUpdates": listen.get_updates,
    "getWebhookInfo": listen.get_webhook_info,
    "leaveChat": places.leave,
    "logOut": listen.do_nothing,
    "reopenForumTopic": places.reopen_topic,
    "sendChatAction": send.send_action,
    "sendDocument": media.send_document,
    "sendMediaGroup": media.send_album,
    "sendMessage": send.send_message,
    "sendPhoto": media.send_photo,
    "sendRichMessage": send.send_rich,
    "setChatMenuButton": commands.set_menu_button,
    "setMyCommands": commands.set_all,
    "setMyDescription": commands.set_text("description"),
    "setMyName": commands.set_text("name"),
    "setMyShortDescription": commands.set_text("short_description"),
    "setWebhook": listen.set_webhook,
}
