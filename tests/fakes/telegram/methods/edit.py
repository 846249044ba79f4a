"""Changing and deleting messages."""

import time
from typing import TYPE_CHECKING, Any

from tests.fakes.telegram.access import EDIT, WRITE, can_delete, can_edit, enter
from tests.fakes.telegram.journal import Request
from tests.fakes.telegram.markup import expect_inline, inline_keyboard
from tests.fakes.telegram.methods.media import caption_json, caption_of, media_json
from tests.fakes.telegram.methods.send import check_text, read_text, rich_json, text_json
from tests.fakes.telegram.refusal import MODIFIED, bad, strict
from tests.fakes.telegram.world import Json, Message

if TYPE_CHECKING:
    from tests.fakes.telegram.server import Server

TEXTS = ("text", "entities", "link_preview_options", "rich_message")
CAPTIONS = ("caption", "caption_entities", "show_caption_above_media")
MEDIA = ("photo", "document", "video", "audio", "animation", "has_media_spoiler", *CAPTIONS)


def edit_text(server: "Server", request: Request) -> Json | bool:
    """Another text, or another rich message."""
    params = request.params
    if params.get("rich_message"):
        if params.get("text"):
            raise strict("editMessageText: text and rich_message at once")
        content = rich_json(server, params["rich_message"])
    else:
        written = read_text(server, params.get("text"), params)
        content = text_json(written, params.get("link_preview_options"))
        check_text(written)
    message = _find(server, params)
    if "text" not in message.body and "rich_message" not in message.body:
        raise bad("there is no text in the message to edit")
    changed = _change(message, params, TEXTS, content)
    message.rich = params.get("rich_message")
    return changed


def edit_caption(server: "Server", request: Request) -> Json | bool:
    """Another caption, or none."""
    caption = caption_of(server, request.params)
    message = _find(server, request.params)
    if not message.body.keys() & {"photo", "document", "video", "audio", "animation"}:
        raise bad("there is no caption in the message to edit")
    content = caption_json(caption)
    if request.params.get("show_caption_above_media"):
        content["show_caption_above_media"] = True
    return _change(message, request.params, CAPTIONS, content)


def edit_media(server: "Server", request: Request) -> Json | bool:
    """Another photo or file."""
    content = media_json(server, request, request.params.get("media") or {})
    message = _find(server, request.params)
    return _change(message, request.params, (*TEXTS, *MEDIA), content)


def edit_keyboard(server: "Server", request: Request) -> Json | bool:
    """Other buttons, or none."""
    message = _find(server, request.params)
    return _change(message, request.params, (), {})


def delete_one(server: "Server", request: Request) -> bool:
    """Take a message away."""
    params = request.params
    if not params.get("message_id"):
        raise bad("message identifier is not specified")
    chat = enter(server.world, params.get("chat_id", ""), WRITE)
    message = chat.find(params["message_id"])
    if message is None:
        raise bad("message to delete not found")
    _delete(server, message)
    return True


def delete_many(server: "Server", request: Request) -> bool:
    """Take messages away; those that are gone already are skipped."""
    numbers = request.params.get("message_ids") or []
    if not numbers:
        raise bad("message identifiers are not specified")
    if len(numbers) > 100:
        raise bad("too many message identifiers specified")
    chat = enter(server.world, request.params.get("chat_id", ""), WRITE)
    for message in filter(None, map(chat.find, numbers)):
        _delete(server, message)
    return True


def _delete(server: "Server", message: Message) -> None:
    if not can_delete(server.world, message):
        large = message.chat.kind in {"supergroup", "channel"}
        raise bad("message can't be deleted" + ("" if large else " for everyone"))
    message.deleted = True


def _find(server: "Server", params: dict[str, Any]) -> Message:
    expect_inline(params.get("reply_markup"))
    if inline_id := params.get("inline_message_id"):
        if params.get("chat_id") or params.get("message_id"):
            raise strict("inline_message_id and chat_id at once")
        message = server.world.inline.get(inline_id)
        if message is None or message.deleted:
            raise bad("MESSAGE_ID_INVALID")
        return message
    if not params.get("chat_id") and not params.get("message_id"):
        raise bad("message identifier is not specified")
    chat = enter(server.world, params.get("chat_id", ""), EDIT)
    message = chat.find(params.get("message_id"))
    if message is None:
        raise bad("message to edit not found")
    if not can_edit(server.world, message):
        raise bad("message can't be edited")
    return message


def _change(message: Message, params: dict[str, Any], names: tuple[str, ...], content: Json) -> Json | bool:
    """Put other content in the place of the named fields, and the keyboard that the request brings."""
    keyboard = inline_keyboard(params.get("reply_markup"), message.chat)
    kept = {name: value for name, value in message.body.items() if name not in {*names, "reply_markup"}}
    changed = kept | content | ({"reply_markup": keyboard} if keyboard else {})
    if changed == message.body:
        raise bad(MODIFIED)
    if content or names:
        changed["edit_date"] = int(time.time())
    message.body = changed
    return True if "inline_message_id" in params else changed
