"""/pause, /resume and /stop: what a chat gets for a while not, again, or never more.

The topics of a group are chats of their own: what is said in one is about that one, the answer tells
of the others, and a button does it in all.
"""

from bot.commands.base import Command, Deed, Refusal, Reply, Visit, Where, button
from bot.commands.places import reply
from bot.formatter.card import Action, Button
from bot.storage import chats
from bot.storage.chats import ASKED, Chat


async def pause(visit: Visit) -> Reply:
    """Send nothing until it is resumed; keep everything."""
    if visit.chat is None:
        others = [chat for chat in await _others(visit) if not chat.paused]
        if not others:
            raise Refusal("nothing_followed")
        return reply(visit, visit.say("topics_only", n=len(others)), keys=_all(visit, "topics_pause"))
    return await _pause(visit)


async def resume(visit: Visit) -> Reply:
    """Send again what was kept and what comes."""
    return await _resume(visit)


async def press_resume(visit: Visit) -> Reply:
    """Resume by a button, whose message says so then."""
    if visit.text != "all":
        return await _resume(visit, edit=True)
    for chat in await _whole(visit):
        if chat.paused:
            await chats.resume(visit.connection, chat.id, now=visit.request.at)
    return reply(visit, visit.say("goes_on_all"), edit=True)


async def stop(visit: Visit) -> Reply:
    """Ask whether to forget the chat."""
    private = visit.place.where is Where.PRIVATE
    others = await _others(visit)
    if visit.chat is None and not others and not private:
        raise Refusal("stop_nothing")
    lines = [visit.say("stop_sure")]
    rows = [[("stop_yes", "yes")], [("stop_pause", "pause"), ("stop_no", "no")]]
    if others:
        lines.append(visit.say("stop_which" if visit.chat else "topics_only", n=len(others)))
        here = [("stop_here", "yes"), ("stop_pause", "pause")] if visit.chat else []
        rows = [
            here[:1],
            [("stop_all", "all")],
            [*here[1:], ("topics_pause", "pause-all")],
            [("stop_no", "no")],
        ]
    if private:
        lines.append(visit.say("stop_sure_list"))
    keys = tuple(tuple(_key(visit, label, about) for label, about in row) for row in rows if row)
    return reply(visit, *lines, keys=keys)


async def press_stop(visit: Visit) -> Reply:
    """Do what the question of /stop was answered with."""
    match visit.text:
        case "yes":
            return await _forget(visit)
        case "all":
            return await _forget_all(visit)
        case "pause":
            return await _pause(visit, edit=True)
        case "pause-all":
            return await _pause_all(visit)
        case _:
            return reply(visit, visit.say("stop_kept"), edit=True)


async def _forget(visit: Visit) -> Reply:
    if visit.chat:
        await chats.forget(visit.connection, visit.chat.id)
    await _forget_person(visit)
    others = await _others(visit)
    line = visit.say("stopped_here", n=len(others)) if others else visit.say("stopped")
    return reply(visit, line, edit=True)


async def _forget_all(visit: Visit) -> Reply:
    for chat in await _whole(visit):
        await chats.forget(visit.connection, chat.id)
    await _forget_person(visit)
    return reply(visit, visit.say("stopped_all"), edit=True)


async def _forget_person(visit: Visit) -> None:
    if visit.place.where is Where.PRIVATE:
        await chats.forget_person(visit.connection, visit.request.platform, visit.request.person)


async def _pause(visit: Visit, *, edit: bool = False) -> Reply:
    if visit.chat:
        await _hold(visit, visit.chat)
    others = [chat for chat in await _others(visit) if not chat.paused]
    lines = [visit.say("paused_now"), *([visit.say("topics_go_on", n=len(others))] if others else [])]
    more = _all(visit, "topics_pause") if others else ()
    on = button(visit.say("resume"), Action.RESUME, "", visit.elsewhere)
    return reply(visit, *lines, keys=((on,), *more), edit=edit)


async def _pause_all(visit: Visit) -> Reply:
    whole = await _whole(visit)
    for chat in whole:
        await _hold(visit, chat)
    return reply(visit, visit.say("paused_all", n=len(whole)), keys=_all(visit, "topics_resume"), edit=True)


async def _hold(visit: Visit, chat: Chat) -> None:
    await chats.pause(visit.connection, chat.id, now=visit.request.at, reason=ASKED)


async def _resume(visit: Visit, *, edit: bool = False) -> Reply:
    others = [chat for chat in await _others(visit) if chat.paused]
    if visit.chat is None and not others:
        raise Refusal("nothing_followed")
    lines = [await _resumed(visit, visit.chat) if visit.chat else visit.say("nothing_followed")]
    if others:
        lines.append(visit.say("topics_paused", n=len(others)))
    return reply(visit, *lines, keys=_all(visit, "topics_resume") if others else (), edit=edit)


async def _resumed(visit: Visit, chat: Chat) -> str:
    """What became of the chat, as far as it was paused."""
    if not chat.paused:
        return visit.say("not_paused")
    await chats.resume(visit.connection, chat.id, now=visit.request.at)
    number = await chats.waiting(visit.connection, chat.id)
    return visit.say("resumed", n=number) if number else visit.say("goes_on")


async def _others(visit: Visit) -> list[Chat]:
    """The other topics of the chat that is asked about, as far as they are known."""
    return [chat for chat in await _whole(visit) if chat.address != visit.place.address]


async def _whole(visit: Visit) -> list[Chat]:
    """The chat that is asked about with all its topics; who may change one of them may change all."""
    above = f"{visit.place.above}/" if visit.place.above else ""
    trunk = above + visit.place.address.removeprefix(above).partition("/")[0]
    return await chats.within(visit.connection, visit.request.platform, trunk)


def _all(visit: Visit, label: str) -> tuple[tuple[Button, ...], ...]:
    """The button that pauses or resumes all topics."""
    if label == "topics_resume":
        return ((button(visit.say(label), Action.RESUME, "all", visit.elsewhere),),)
    return ((_key(visit, label, "pause-all"),),)


def _key(visit: Visit, label: str, about: str) -> Button:
    return button(visit.say(label), Action.STOP, about, visit.elsewhere)


COMMANDS: tuple[Command, ...] = (
    Command(name="pause", run=pause, writes=True, changes=True, elsewhere=True),
    Command(name="resume", run=resume, writes=True, changes=True, elsewhere=True),
    Command(name="stop", run=stop, changes=True, elsewhere=True),
)
DEEDS: dict[Action, Deed] = {
    Action.RESUME: Deed(run=press_resume, writes=True, changes=True),
    Action.STOP: Deed(run=press_stop, writes=True, changes=True),
}
