"""/pause, /resume and /stop: what a chat gets for a while not, again, or never more."""

from bot.commands.base import Command, Deed, Refusal, Reply, Visit, Where, button
from bot.commands.places import reply
from bot.formatter.card import Action
from bot.storage import chats
from bot.storage.chats import ASKED, Chat


async def pause(visit: Visit) -> Reply:
    """Send nothing until it is resumed; keep everything."""
    await _pause(visit, _known(visit, "nothing_followed"))
    return _paused(visit)


async def resume(visit: Visit) -> Reply:
    """Send again what was kept and what comes."""
    return await _resume(visit)


async def press_resume(visit: Visit) -> Reply:
    """Resume by a button, whose message says so then."""
    return await _resume(visit, edit=True)


async def stop(visit: Visit) -> Reply:
    """Ask whether to forget the chat."""
    private = visit.place.where is Where.PRIVATE
    if visit.chat is None and not private:
        raise Refusal("stop_nothing")
    lines = [visit.say("stop_sure"), *([visit.say("stop_sure_list")] if private else [])]
    rows = [[("stop_yes", "yes")], [("stop_pause", "pause"), ("stop_no", "no")]]
    keys = tuple(
        tuple(button(visit.say(key), Action.STOP, about, visit.elsewhere) for key, about in row)
        for row in rows
    )
    return reply(visit, *lines, keys=keys)


async def press_stop(visit: Visit) -> Reply:
    """Do what the question of /stop was answered with."""
    if visit.text == "pause":
        if visit.chat:
            await _pause(visit, visit.chat)
        return _paused(visit, edit=True)
    if visit.text != "yes":
        return reply(visit, visit.say("stop_kept"), edit=True)
    if visit.chat:
        await chats.forget(visit.connection, visit.chat.id)
    if visit.place.where is Where.PRIVATE:
        await chats.forget_person(visit.connection, visit.request.platform, visit.request.person)
    return reply(visit, visit.say("stopped"), edit=True)


def _known(visit: Visit, otherwise: str) -> Chat:
    if visit.chat is None:
        raise Refusal(otherwise)
    return visit.chat


async def _pause(visit: Visit, chat: Chat) -> None:
    await chats.pause(visit.connection, chat.id, now=visit.request.at, reason=ASKED)


def _paused(visit: Visit, *, edit: bool = False) -> Reply:
    on = button(visit.say("resume"), Action.RESUME, "", visit.elsewhere)
    return reply(visit, visit.say("paused_now"), keys=((on,),), edit=edit)


async def _resume(visit: Visit, *, edit: bool = False) -> Reply:
    chat = _known(visit, "nothing_followed")
    if not chat.paused:
        return reply(visit, visit.say("not_paused"), edit=edit)
    await chats.resume(visit.connection, chat.id, now=visit.request.at)
    number = await chats.waiting(visit.connection, chat.id)
    line = visit.say("resumed", n=number) if number else visit.say("goes_on")
    return reply(visit, line, edit=edit)


COMMANDS: tuple[Command, ...] = (
    Command(name="pause", run=pause, writes=True, changes=True, elsewhere=True),
    Command(name="resume", run=resume, writes=True, changes=True, elsewhere=True),
    Command(name="stop", run=stop, changes=True, elsewhere=True),
)
DEEDS: dict[Action, Deed] = {
    Action.RESUME: Deed(run=press_resume, writes=True, changes=True),
    Action.STOP: Deed(run=press_stop, writes=True, changes=True),
}
