"""The place that a visit is about: made known, named in answers, kept from who may not change it."""

from dataclasses import replace

from bot.commands.above import take_all
from bot.commands.base import Place, Refusal, Reply, Visit, Where, card
from bot.formatter.card import Button, Text
from bot.locales import words
from bot.storage import chats
from bot.storage.chats import ASKED, Chat


async def settle(visit: Visit) -> Chat:
    """The chat that is asked about, made where the bot did not know it.

    It can be reached, as somebody asks there or the bot may post: a pause for that reason is over.
    """
    here = visit.place
    chat = await chats.settle_in(
        visit.connection, visit.request.platform, here.address,
        group=here.where is not Where.PRIVATE, style=visit.desk.style, language=visit.language,
        title=here.title, manager="" if here.where is Where.PRIVATE else visit.request.person,
        layout=here.layout,
    )  # fmt: skip
    if visit.chat is None and here.above:
        chat = await take_all(visit, chat)
    if not chat.paused or chat.paused_reason == ASKED:
        return chat
    await chats.resume(visit.connection, chat.id, now=visit.request.at)
    return replace(chat, paused_at=None, paused_reason=None)


async def check_posting(visit: Visit) -> None:
    """Do nothing where the bot may bring digests to the place that is asked about.

    Raises:
        Refusal: it may not; says what is missing.
    """
    layout = visit.chat.layout if visit.chat else visit.place.layout
    await visit.request.guide.check(replace(visit.place, layout=layout))


async def again(visit: Visit) -> Visit:
    """The visit with its chat as it is after a change, in the language that it has now."""
    chat = await chats.find(visit.connection, visit.request.platform, visit.place.address)
    if chat is None or visit.elsewhere:
        return replace(visit, chat=chat)
    say = replace(words(chat.language, visit.request.platform), call=visit.say.call)
    return replace(visit, chat=chat, language=chat.language, say=say)


def check_manager(visit: Visit) -> None:
    """Do nothing where the person may change what the place gets.

    Raises:
        Refusal: only administrators may.
    """
    if not visit.manages:
        raise Refusal("administrators_only")


def named(place: Place) -> str:
    """The place as people know it."""
    return place.title or place.address


def reply(
    visit: Visit,
    *paragraphs: Text | str,
    title: str = "",
    keys: tuple[tuple[Button, ...], ...] = (),
    edit: bool = False,
    toast: str = "",
) -> Reply:
    """The bot's own words, under the name of the place where it is another than this one."""
    if visit.elsewhere:
        title = " · ".join(filter(None, (title, named(visit.elsewhere))))
    return Reply(cards=(card(*paragraphs, title=title, keys=keys),), edit=edit, toast=toast[:200])
