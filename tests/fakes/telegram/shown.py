"""What a person sees of a message."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.fakes.telegram.files import File, Files
from tests.fakes.telegram.rich import check
from tests.fakes.telegram.world import Json, Message

SERVICE = {
    "new_chat_members", "left_chat_member", "new_chat_title", "new_chat_photo", "delete_chat_photo",
    "group_chat_created", "supergroup_chat_created", "channel_chat_created", "migrate_to_chat_id",
    "migrate_from_chat_id", "pinned_message", "forum_topic_created", "forum_topic_edited",
    "forum_topic_closed", "forum_topic_reopened", "video_chat_started", "video_chat_ended",
    "message_auto_delete_timer_changed",
}  # fmt: skip
MEDIA = ("photo", "document", "video", "audio", "animation")


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """A button under a message."""

    label: str
    data: str | None = None
    url: str | None = None
    more: Json | None = None  # of another kind: copy_text, switch_inline_query, ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A message as it stands in a chat at the moment of looking."""

    chat_id: int
    id: int
    text: str  # or the caption, or the readable text of a rich message
    entities: tuple[Json, ...]
    buttons: tuple[tuple[Button, ...], ...]
    by_bot: bool
    sender: str
    thread: int | None
    reply_to: int | None
    edited: bool
    silent: bool
    files: tuple[File, ...]
    preview: Json | None
    rich: Json | None  # the rich message as it was sent
    service: str | None  # the field of a service message
    inline_id: str | None
    body: Json

    @property
    def labels(self) -> list[str]:
        """The buttons' words, row by row."""
        return [button.label for row in self.buttons for button in row]

    @property
    def links(self) -> list[tuple[str, str]]:
        """The words that lead somewhere, and where."""
        return [(self.piece(e), e["url"]) for e in self.entities if e["type"] == "text_link"]

    def button(self, wanted: str) -> Button:
        """A button by its label, or by its data; raises AssertionError where there is none."""
        every = [button for row in self.buttons for button in row]
        for button in every:
            if wanted in {button.label, button.data}:
                return button
        raise AssertionError(f"no button {wanted!r} under message {self.id}; there are {self.labels}")

    def piece(self, entity: Json) -> str:
        """The words that an entity covers."""
        coded = self.text.encode("utf-16-le")
        return coded[2 * entity["offset"] : 2 * (entity["offset"] + entity["length"])].decode("utf-16-le")

    def marked(self, kind: str) -> list[str]:
        """The words in a look: bold, code, blockquote, ..."""
        return [self.piece(entity) for entity in self.entities if entity["type"] == kind]


def show(message: Message, files: Files) -> Shown:
    """A message as it stands now."""
    body = message.body
    reply = body.get("reply_to_message", {})
    return Shown(
        chat_id=message.chat.id,
        id=message.id,
        text=_text(message),
        entities=tuple(body.get("entities") or body.get("caption_entities") or ()),
        buttons=tuple(tuple(map(_button, row)) for row in _rows(body)),
        by_bot=message.by_bot,
        sender=_sender(body),
        thread=body.get("message_thread_id"),
        reply_to=None if "forum_topic_created" in reply else reply.get("message_id"),
        edited="edit_date" in body,
        silent=message.silent,
        files=tuple(_files(body, files)),
        preview=body.get("link_preview_options"),
        rich=message.rich,
        service=next((name for name in body if name in SERVICE), None),
        inline_id=message.inline_id,
        body=body,
    )


def _text(message: Message) -> str:
    body = message.body
    if message.rich:
        return check(message.rich).text
    return body.get("text") or body.get("caption") or ""


def _rows(body: Json) -> list[list[Json]]:
    return body.get("reply_markup", {}).get("inline_keyboard", [])


def _button(told: Json) -> Button:
    known: dict[str, Any] = {"label": told["text"], "data": told.get("callback_data"), "url": told.get("url")}
    more = {k: v for k, v in told.items() if k not in {"text", "callback_data", "url"}}
    return Button(**known, more=more or None)


def _sender(body: Json) -> str:
    if "sender_chat" in body:
        return body["sender_chat"].get("title") or ""
    return body.get("from", {}).get("first_name", "")


def _files(body: Json, files: Files) -> Iterator[File]:
    for name in MEDIA:
        if told := body.get(name):
            last = told[-1] if isinstance(told, list) else told
            yield files.all[last["file_id"]]
