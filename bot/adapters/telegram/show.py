"""A reply as Telegram requests: new messages, or the one whose button was pressed in another form."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from bot.adapters.base import Message
from bot.adapters.telegram.render import keyboard, render
from bot.adapters.telegram.updates import Asked
from bot.commands.base import Reply, card
from bot.formatter.card import Card
from bot.model import Language

ALBUM = 10  # pictures that are shown together
EDIT = "editMessageText"


def requests(reply: Reply, asked: Asked, language: Language) -> Iterator[Message]:
    """The requests that show a reply where it was asked for, in order; without the answer to a press."""
    drawn = list(_drawn(reply, language))
    for number, message in enumerate(drawn):
        if number == 0 and reply.edit and asked.pressed and (asked.message or asked.inline):
            yield _edited(message, asked)
        else:
            yield _placed(message, asked)
    if reply.figures:
        yield _placed(_album(reply.figures), asked)
    if reply.file:
        document = {"chat_id": "{chat}", "document": (reply.file.name, reply.file.data)}
        yield _placed(_request("sendDocument", document), asked)


def in_words(reply: Reply) -> Reply:
    """A reply whose words come too late to stand beside the pressed button: they are its message, if any."""
    return reply if reply.cards or not reply.toast else replace(reply, cards=(card(reply.toast),), edit=False)


def instead(message: Message, asked: Asked) -> Message:
    """A new message in place of an edit that the platform does not take any more."""
    params = {name: value for name, value in message.request["params"].items() if name not in _OF_EDITS}
    return _placed(_request("sendMessage", {"chat_id": "{chat}"} | params), asked)


def links(figures: Sequence[str]) -> Message:
    """The addresses of pictures that Telegram could not fetch."""
    text = "\n".join(figures)[:4000]
    return _request("sendMessage", {"chat_id": "{chat}", "text": text})


_OF_EDITS = {"message_id", "inline_message_id", "chat_id"}


def _drawn(reply: Reply, language: Language) -> Iterator[Message]:
    if reply.page is None:
        for each in reply.cards:
            yield from render(each, language)
    else:
        yield _page(reply.cards[0], reply.page, reply.pages, language)


def _page(whole: Card, number: int, pages: str, language: Language) -> Message:
    """One of the messages that a card makes, with buttons that turn to the others."""
    parts = render(whole, language)
    at = min(max(number, 1), len(parts))
    shown = parts[at - 1]
    turns = [(at - 1, "◀"), (at + 1, "▶")] if len(parts) > 1 else []
    row = [
        {"text": f"{sign} {to}/{len(parts)}", "callback_data": f"{pages}:{to}"}
        for to, sign in turns
        if 1 <= to <= len(parts)
    ]
    rows = [row, *keyboard(whole)] if row else keyboard(whole)
    params = shown.request["params"] | {"reply_markup": {"inline_keyboard": rows}}
    return Message(platform="telegram", request=shown.request | {"params": params}, papers=shown.papers)


def _edited(message: Message, asked: Asked) -> Message:
    params = message.request["params"] | {"chat_id": "{chat}", "message_id": asked.message}
    if asked.inline:
        params = {"inline_message_id": asked.inline} | message.request["params"]
        del params["chat_id"]
    return _request(EDIT, params, papers=message.papers)


def _placed(message: Message, asked: Asked) -> Message:
    """A message as the answer to the one that asked, in groups; a private chat needs no such mark."""
    if asked.place.where == "private" or not asked.message:
        return message
    mark = {"message_id": asked.message, "allow_sending_without_reply": True}
    params = message.request["params"] | {"reply_parameters": mark}
    fallback = tuple(_placed(each, asked) for each in message.fallback)
    return replace(message, request=message.request | {"params": params}, fallback=fallback)


def _album(figures: Sequence[str]) -> Message:
    if len(figures) == 1:
        return _request("sendPhoto", {"chat_id": "{chat}", "photo": figures[0]})
    media = [{"type": "photo", "media": figure} for figure in figures[:ALBUM]]
    return _request("sendMediaGroup", {"chat_id": "{chat}", "media": media})


def _request(method: str, params: dict[str, Any], papers: tuple[str, ...] = ()) -> Message:
    return Message(platform="telegram", request={"method": method, "params": params}, papers=papers)
