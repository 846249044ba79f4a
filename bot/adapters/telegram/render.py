"""Cards as Telegram messages: HTML text, a keyboard, the figure as a large preview above the text."""

import re
from functools import lru_cache
from typing import Any

from bot.adapters.base import Message
from bot.adapters.telegram import limits, rich
from bot.adapters.telegram.ink import Ink, bold, calm, ink, italic, join, quote, sound
from bot.formatter.card import Block, Button, Card, Kind, Text
from bot.formatter.text import Size, fits, plain, split, utf16
from bot.model import Language


def render(card: Card, language: Language, /) -> tuple[Message, ...]:
    """The card as requests, in order, each within the limits of `limits.py`.

    One that is wanted richer is one `sendRichMessage`, where it fits, with its classic form to fall
    back on; any other is classic.
    """
    tags = _hashtags(card.tags)
    html = rich.draw(card.rich, tags, language) if card.rich else None
    if html is None:
        return classic(card, language)
    params = {"chat_id": "{chat}", "rich_message": {"html": html}} | _markup(card)
    request = {"method": rich.METHOD, "params": params}
    fallback = classic(card, language)
    return (Message(platform="telegram", request=request, papers=card.papers, fallback=fallback),)


def classic(card: Card, language: Language) -> tuple[Message, ...]:
    """The card as `sendMessage` requests, in order.

    The keyboard, the figure and the hashtags are on the first one.
    """
    tags = _hashtags(card.tags)
    gauge = _Gauge(tags)
    whole = _draw(card)
    if utf16(plain(card.title)) <= gauge.heading and fits(whole.size, gauge.limit):
        return (_message(card, whole.html + tags),)
    first, *rest = split(card, gauge, language)
    return (
        _message(first, _draw(first).html + tags),
        *(_message(part, _draw(part).html) for part in rest),
    )


class _Gauge:
    """How Telegram counts: UTF-16 units, entities, bytes of entities."""

    heading = limits.HEADING

    def __init__(self, tags: str) -> None:
        count = tags.count("#")
        self.limit = (
            limits.TEXT - utf16(tags),
            limits.ENTITIES - count,
            limits.ENTITY_BYTES - count * limits.ENTITY,
        )

    def title(self, title: Text) -> Size:
        return _title(title).size

    def block(self, block: Block) -> Size:
        return _block(block).size


def _draw(card: Card) -> Ink:
    return join((_title(card.title), *map(_block, card.blocks)))


def _title(title: Text) -> Ink:
    return bold(ink(title))


def _message(card: Card, text: str) -> Message:
    preview: dict[str, Any] = {"is_disabled": True}
    if card.figure and sound(card.figure):
        preview = {"url": card.figure, "prefer_large_media": True, "show_above_text": True}
    params: dict[str, Any] = {
        "chat_id": "{chat}",
        "text": text.lstrip("\n"),  # of a card without a title
        "parse_mode": "HTML",
        "link_preview_options": preview,
    }
    request = {"method": "sendMessage", "params": params | _markup(card)}
    return Message(platform="telegram", request=request, papers=card.papers)


def _markup(card: Card) -> dict[str, Any]:
    rows = keyboard(card)
    return {"reply_markup": {"inline_keyboard": rows}} if rows else {}


def keyboard(card: Card) -> list[list[dict[str, str]]]:
    """The rows of buttons, each within what a row and a message may have."""
    rows = [[key for key in map(_key, row) if key] for row in (card.buttons, *card.keys)]
    cut = [row[at : at + limits.ROW] for row in rows for at in range(0, len(row), limits.ROW)]
    return cut[: limits.KEYS // limits.ROW]


def _key(button: Button) -> dict[str, str] | None:
    """A button of the keyboard; none where Telegram would refuse the message for it."""
    if button.url:
        secure = button.url.startswith("https://") and sound(button.url)
        return {"text": button.label, "url": button.url} if secure else None
    fits_in = len(button.data.encode()) <= limits.CALLBACK
    return {"text": button.label, "callback_data": button.data} if fits_in else None


def _block(block: Block) -> Ink:
    """A block with the white space before it."""
    items = [ink(item) for item in block.items]
    if block.kind is Kind.LIST:
        items = [join((_number(n), item)) for n, item in enumerate(items, block.start)]
    elif block.kind is Kind.SMALL:
        items = [italic(item) for item in items]
    body = join(items, " · " if block.kind is Kind.LINKS else "\n")
    if block.kind is Kind.QUOTE:
        body = quote(body)
    return join((_head(block.kind, block.label), body))


@lru_cache(maxsize=64)
def _head(kind: Kind, label: str) -> Ink:
    """What stands before the items of a block: white space, and the label on a line of its own."""
    gap = Ink("\n", 1) if kind is Kind.META else Ink("\n\n", 2)
    return join((gap, bold(calm(label)), Ink("\n", 1))) if label else gap


def _number(number: int) -> Ink:
    return Ink(f"{number}. ", len(str(number)) + 2)


@lru_cache(maxsize=256)
def _hashtags(names: tuple[str, ...]) -> str:
    """The tags as hashtags on a line of their own; names that make none are left out."""
    found = dict.fromkeys(tag for tag in map(_hashtag, names) if tag)
    return "\n\n" + " ".join(found) if found else ""


def _hashtag(name: str) -> str:
    """`#TalkingHeadGeneration`: letters, digits and underscores, and a letter among them."""
    joined = "".join(word[:1].upper() + word[1:] for word in name.split())
    signs = (sign if sign.isalpha() or sign.isdecimal() else "_" for sign in joined[: limits.HASHTAG])
    word = re.sub("__+", "_", "".join(signs)).strip("_")
    return f"#{word}" if any(map(str.isalpha, word)) else ""
