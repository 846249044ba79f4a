"""A reply as Discord shows it: what the messages of an answer say, and who sees them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from bot.adapters.base import Message
from bot.adapters.discord import limits
from bot.adapters.discord.asked import Asked
from bot.adapters.discord.embeds import embeds
from bot.adapters.discord.escape import address, begin, blank, escape
from bot.adapters.discord.pick import rows
from bot.adapters.discord.render import render
from bot.commands.base import File, Reply
from bot.formatter.card import Action, Button, Card
from bot.formatter.text import plain, shorten
from bot.locales import words
from bot.model import Language

MOST = 5  # messages of an answer: where only a person installed the bot, Discord takes no more
EPHEMERAL = 1 << 6  # that person alone sees it

_LINE = 500  # UTF-16 units of a line


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """One message of an answer."""

    json: dict[str, Any]
    file: File | None = None
    edit: bool = False  # it takes the place of the message whose button was pressed
    fallback: tuple["Body", ...] = ()  # what goes in its place where Discord refuses it

    @property
    def flags(self) -> int:
        """What kind of message it is: for whom, of what made."""
        return int(self.json.get("flags", 0))


def bodies(reply: Reply, asked: Asked) -> list[Body]:
    """The messages that show a reply to whoever asked, in order; none where there is nothing to show.

    What is refused, and a word beside a button, is a line that nobody else sees. A message that many
    see is left as it is, whatever is pressed on it.
    """
    if reply.refused or (reply.toast and not (reply.cards or reply.figures or reply.file)):
        return [line(_said(reply))]
    shown, beside = list(_drawn(reply)), list(_beside(reply))
    room = MOST - len(beside)
    if len(shown) > room:
        left = words(reply.language)("parts_left", n=len(shown) - room + 1)
        shown[room - 1 :] = [Body(json=_content(left))]
    if not _is_open(reply, asked):
        shown, beside = list(map(_alone, shown)), list(map(_alone, beside))
    if shown and reply.edit and asked.editable and asked.parts == bool(shown[0].flags & limits.PARTS):
        shown[0] = _edited(shown[0])
    return shown + beside


def line(text: str) -> Body:
    """A line that only the person sees who asked."""
    return _alone(Body(json=_content(text)))


def _is_open(reply: Reply, asked: Asked) -> bool:
    """Whether all who are there see it: of what is shared what has a title, not words to who asked."""
    return asked.alone or (asked.shared and any(card.title for card in reply.cards))


def _said(reply: Reply) -> str:
    """What a reply says that is a line."""
    items = [plain(item) for card in reply.cards for block in card.blocks for item in block.items]
    return reply.toast or " ".join(" ".join(items).split())


def _content(text: str) -> dict[str, Any]:
    shown = "…" if blank(text) else begin(escape(shorten(text, _LINE)))
    return {"content": shown, "allowed_mentions": {"parse": []}}


def _drawn(reply: Reply) -> Iterator[Body]:
    """The messages that show the cards of a reply."""
    if reply.page is None:
        for card in reply.cards:
            yield from map(_body, render(card, reply.language))
    elif reply.cards:
        yield from _page(reply.cards[0], reply.page, reply.pages, reply.language)


def _body(message: Message) -> Body:
    return Body(json=message.request["json"], fallback=tuple(map(_body, message.fallback)))


def _page(whole: Card, number: int, pages: str, language: Language) -> Iterator[Body]:
    """One of the messages that a card makes, with buttons that turn to the others."""
    parts = embeds(whole, language)
    if not parts:
        return
    at = min(max(number, 1), len(parts))
    action, _, about = pages.partition(":")
    turns = [
        Button(label=f"{sign} {to}/{len(parts)}", action=Action(action), about=f"{about}:{to}")
        for to, sign in ((at - 1, "◀"), (at + 1, "▶"))
        if 1 <= to <= len(parts)
    ]
    below = rows(whole, language, turns)
    yield Body(json=parts[at - 1].request["json"] | ({"components": below} if below else {}))


def _beside(reply: Reply) -> Iterator[Body]:
    """The pictures and the file of a reply."""
    pictures = [found for figure in reply.figures if (found := address(figure))]
    if pictures:
        items = [{"media": {"url": picture}} for picture in pictures[: limits.GALLERY]]
        gallery = {"type": 12, "items": items}
        yield Body(json={"components": [gallery], "flags": limits.PARTS, "allowed_mentions": {"parse": []}})
    elif reply.figures:
        yield line(words(reply.language)("no_figures"))
    if reply.file:
        attached = [{"id": "0", "filename": reply.file.name}]
        yield Body(json={"attachments": attached, "allowed_mentions": {"parse": []}}, file=reply.file)


def _alone(body: Body) -> Body:
    """The message for the eyes of one person."""
    json = body.json | {"flags": body.flags | EPHEMERAL}
    return replace(body, json=json, fallback=tuple(map(_alone, body.fallback)))


def _edited(body: Body) -> Body:
    """The message in place of another: what that one had and this one has not is taken off."""
    blank = {} if body.flags & limits.PARTS else {"content": "", "embeds": [], "components": []}
    return replace(body, json=blank | body.json, edit=True)
