"""What people can ask the bot for: the table of commands and buttons, and the one way to an answer.

A new command is one function in a file of this folder, one line in that file's table, and its words
in the catalogs; /help and the platforms' own menus are made from the table.
"""

import time
from collections.abc import Sequence
from dataclasses import replace

from rapidfuzz import process
from sqlalchemy.exc import SQLAlchemyError

from bot.commands import about, filters, follow, merge, payloads, read, settings, shelf
from bot.commands.arxiv import paper_id
from bot.commands.base import Command, Deed, Desk, Place, Refusal, Reply, Request, Visit, Where, tell
from bot.formatter.card import Action
from bot.locales import Words, words
from bot.log import bind, get_logger
from bot.model import Language
from bot.storage import chats, library

log = get_logger(__name__)

_ROOMS = (follow, read, shelf, settings, filters, about, merge)
COMMANDS: dict[str, Command] = {command.name: command for room in _ROOMS for command in room.COMMANDS}
DEEDS: dict[Action, Deed] = {action: deed for room in _ROOMS for action, deed in room.DEEDS.items()}

UNKNOWN = "unknown"  # what a command that the bot does not have is to the meter

__all__ = ["COMMANDS", "DEEDS", "answer"]


async def answer(desk: Desk, request: Request) -> Reply | None:
    """What the bot answers; None for a command that it does not have.

    Raises nothing that a person could cause; a database that is away is told as one line.
    """
    began = time.monotonic()
    request = _spoken(request)
    deed = _deed(request)
    reply = await (_served(desk, request, deed) if deed else _unknown(desk, request))
    word = request.word if deed else UNKNOWN
    desk.meter.answered(request.platform, word, time.monotonic() - began)
    return reply


async def _served(desk: Desk, request: Request, deed: Command | Deed) -> Reply:
    try:
        reply = await _do(desk, request, deed)
    except Refusal as exc:
        return _refuse(request, _words(desk, request, await _language(desk, request))(exc.key, **exc.values))
    except (SQLAlchemyError, OSError) as exc:
        reason = type(exc).__name__
        log.warning("request.unanswered", platform=request.platform, command=request.word, reason=reason)
        return _trouble(desk, request)
    except Exception:
        log.exception("request.failed", platform=request.platform, command=request.word)
        return _trouble(desk, request)
    if deed.writes:
        desk.wake()  # only now can others see what was written
    return reply


def _deed(request: Request) -> Command | Deed | None:
    if request.pressed:
        return DEEDS.get(Action(request.word)) if request.word in list(Action) else None
    return COMMANDS.get(request.word)


async def _do(desk: Desk, request: Request, deed: Command | Deed) -> Reply:
    place, text = await _place(request, deed)
    if (link := _in_private(desk, request, deed)) and place == request.place:
        return Reply(link=link)
    manages = await _manages(request, deed, place)
    if deed.changes and not manages:
        raise Refusal("administrators_only")
    if deed.operators and (who := f"{request.platform}:{request.person}") not in desk.operators:
        log.info("command.refused", platform=request.platform, command=request.word)
        raise Refusal("operators_only" if place.where is not Where.PRIVATE else "operators_named", who=who)
    opened = desk.database.writing() if deed.writes else desk.database.reading()
    async with opened as connection:
        chat = await chats.find(connection, request.platform, place.address)
        here = (
            chat
            if place == request.place
            else await chats.find(connection, request.platform, request.place.address)
        )
        if chat:
            bind(chat=chat.id)
        language = here.language if here else request.hint
        visit = Visit(
            desk=desk, request=request, chat=chat, place=place, text=text, language=language,
            say=_words(desk, request, language, place), connection=connection, manages=manages,
        )  # fmt: skip
        try:
            reply = replace(await deed.run(visit), language=language)
        except Refusal as exc:
            return _refuse(request, visit.say(exc.key, **exc.values))
    await _keep(desk, visit.kept)
    return reply


def _in_private(desk: Desk, request: Request, deed: Command | Deed) -> str:
    """Where a button under a channel's post leads; empty: it is answered where it was pressed.

    What one reader wants to read is not for all of the channel.
    """
    if not request.pressed or request.place.where is not Where.CHANNEL:
        return ""
    return desk.links(payloads.of_press(request.text)) if isinstance(deed, Deed) and deed.opens else ""


async def _manages(request: Request, deed: Command | Deed, place: Place) -> bool:
    """Whether the person may change what the place gets, as far as that matters; asked without a lock.

    Raises:
        Refusal: nobody can tell, or not in which part of the place the button was.
    """
    if not (deed.changes or deed.may_change):
        return True
    if request.unsure and place == request.place:
        raise Refusal("stale")
    if place != request.place or place.where is Where.PRIVATE:
        return True
    return await request.guide.manages(request.person, place)


async def _keep(desk: Desk, texts: Sequence[str]) -> None:
    """Keep what buttons name by a key: after the answer was read, as two connections at once run out."""
    if texts:
        async with desk.database.writing() as connection:
            for text in texts:
                await library.keep(connection, text)


async def _language(desk: Desk, request: Request) -> Language:
    """What is spoken in the chat, as far as can be told."""
    try:
        async with desk.database.reading() as connection:
            chat = await chats.find(connection, request.platform, request.place.address)
    except (SQLAlchemyError, OSError):
        return request.hint
    return chat.language if chat else request.hint


def _words(desk: Desk, request: Request, language: Language, about: Place | None = None) -> Words:
    """What is said where it was asked, with commands as they are given there, for the place it is about."""
    elsewhere = None if about == request.place else about

    def call(line: str) -> str:
        command = COMMANDS.get(line.removeprefix("/").partition(" ")[0])
        return desk.call(line, elsewhere if command and command.elsewhere else None)

    return replace(words(language, request.platform), call=call)


def _spoken(request: Request) -> Request:
    """Words without a command: an address or a number of a paper asks for it, all else is looked for."""
    if request.word or request.pressed:
        return request
    return replace(request, word="paper" if paper_id(request.text) else "search")


async def _unknown(desk: Desk, request: Request) -> Reply | None:
    """A line on a command that is not there; none among many people, where it may be another bot's."""
    if not request.pressed and request.place.where is not Where.PRIVATE:
        return None
    say = _words(desk, request, await _language(desk, request))
    if request.pressed:
        return Reply(toast=say("stale"))
    near = process.extractOne(request.word, list(COMMANDS), score_cutoff=70)
    if near:
        return tell(say("did_you_mean_command", name=request.word, likely=near[0]))
    return tell(say("unknown_command", name=request.word))


async def _place(request: Request, deed: Command | Deed) -> tuple[Place, str]:
    """The place that is asked about, and the text without its name."""
    if request.pressed:
        about, _, address = request.text.partition("@")
        if not address or address == request.place.address:
            return request.place, about
        return await request.guide.find(address, request.person), about
    text = request.text.strip()
    if request.elsewhere:
        return await request.guide.find(request.elsewhere, request.person), text
    first, rest = (*text.split(None, 1), "", "")[:2]
    if isinstance(deed, Command) and deed.elsewhere and (name := request.guide.named(first)):
        return await request.guide.find(name, request.person), rest
    return request.place, text


def _trouble(desk: Desk, request: Request) -> Reply:
    """One line on what is wrong here, and not with what was asked."""
    desk.meter.stumbled(request.platform, request.word)
    return _refuse(request, words(request.hint)("trouble"))


def _refuse(request: Request, line: str) -> Reply:
    """One line, beside the button that was pressed."""
    reply = Reply(toast=line[:200]) if request.pressed else tell(line)
    return replace(reply, refused=True)
