"""Messages of text, and what all messages of the bot have in common."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.fakes.telegram import rich
from tests.fakes.telegram.access import WRITE, check_open, check_send, enter, find_thread
from tests.fakes.telegram.journal import Request
from tests.fakes.telegram.markup import inline_keyboard
from tests.fakes.telegram.refusal import bad, strict
from tests.fakes.telegram.shapes import base_json, reply_json, sender_json
from tests.fakes.telegram.text import TEXT, Written, parse, sound, units
from tests.fakes.telegram.world import Chat, Json, Message

if TYPE_CHECKING:
    from tests.fakes.telegram.server import Server

ACTIONS = {
    "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice",
    "upload_document", "choose_sticker", "find_location", "record_video_note", "upload_video_note",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a message goes, and what goes with it."""

    chat: Chat
    thread: int | None
    reply: Message | None
    keyboard: Json | None
    params: dict[str, Any]


def send_message(server: "Server", request: Request) -> Json:
    """A text."""
    params = request.params
    written = read_text(server, params.get("text"), params)
    place = find_place(server, params, "text messages")
    content = text_json(written, params.get("link_preview_options"))
    check_text(written)
    return put(server, place, content).body


def send_rich(server: "Server", request: Request) -> Json:
    """A rich message."""
    given = request.params.get("rich_message")
    content = rich_json(server, given)
    place = find_place(server, request.params, "the rich message")
    message = put(server, place, content)
    message.rich = given
    return message.body


def send_action(server: "Server", request: Request) -> bool:
    """ "Typing ..." and the like."""
    if request.params.get("action") not in ACTIONS:
        raise bad("wrong parameter action in request")
    chat = enter(server.world, request.params.get("chat_id", ""), WRITE)
    find_thread(chat, request.params.get("message_thread_id"))
    return True


def read_text(server: "Server", text: Any, params: dict[str, Any], *, entities: str = "entities") -> Written:
    """A text parsed as the request says; raises Refusal where there is none or it is malformed."""
    if not text:
        raise bad("message text is empty")
    if server.light:
        return Written(text=text)
    return parse(text, params.get("parse_mode"), params.get(entities), server.world.users)


def check_text(written: Written) -> None:
    """Raises Refusal for a text that is empty or too long once the markup is off."""
    if not written.text:
        raise bad("text must be non-empty")
    if units(written.text) > TEXT:
        raise bad("message is too long")


def text_json(written: Written, preview: Any) -> Json:
    """The content of a message of text."""
    content: Json = {"text": written.text}
    if written.entities:
        content["entities"] = written.entities
    if preview:
        if preview.get("url") and not sound(preview["url"]):
            raise strict(f"link_preview_options: {preview['url']} is no link")
        content["link_preview_options"] = preview
    return content


def rich_json(server: "Server", given: Any) -> Json:
    """The content of a rich message."""
    if not isinstance(given, dict):
        raise bad("rich message must be non-empty")
    whole = rich.check(given)
    made = {"blocks": rich.blocks(whole, lambda url: server.files.link(url, "photo").told()["photo"])}
    if given.get("is_rtl"):
        made["is_rtl"] = True
    return {"rich_message": made}


def find_place(server: "Server", params: dict[str, Any], what: str, items: int = 1) -> Place:
    """Where a message of some kind goes; raises Refusal where it cannot, or comes too soon."""
    world = server.world
    chat = enter(world, params.get("chat_id", ""), WRITE)
    thread = find_thread(chat, params.get("message_thread_id"))
    reply = _find_reply(server, chat, params.get("reply_parameters"))
    check_send(world, chat, what)
    check_open(world, chat, thread)
    keyboard = inline_keyboard(params.get("reply_markup"), chat)
    server.pace.take(chat, items, paid=bool(params.get("allow_paid_broadcast")))
    return Place(chat=chat, thread=thread, reply=reply, keyboard=keyboard, params=params)


def put(server: "Server", place: Place, content: Json) -> Message:
    """Put a message of the bot into a chat."""
    chat, world = place.chat, server.world
    body = base_json(chat, sender_json(chat, world.member(chat), world.anonymous), place.thread)
    if place.reply:
        body["reply_to_message"] = reply_json(place.reply)
    if place.params.get("protect_content"):
        body["has_protected_content"] = True
    body |= content
    if place.keyboard:
        body["reply_markup"] = place.keyboard
    silent = bool(place.params.get("disable_notification"))
    return chat.add(Message(chat=chat, body=body, by_bot=True, silent=silent))


def _find_reply(server: "Server", chat: Chat, given: Any) -> Message | None:
    if not given:
        return None
    where = enter(server.world, given["chat_id"], 0) if "chat_id" in given else chat
    found = where.find(given.get("message_id"))
    if found is None and not given.get("allow_sending_without_reply"):
        raise bad("message to be replied not found")
    return found if where is chat else None
