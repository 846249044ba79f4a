"""Settings of a place and those of the one above it: a channel takes its server's where it has none."""

from collections.abc import Collection
from dataclasses import replace

from bot.commands.base import Guide, Place, Refusal, Visit, Where
from bot.model import Layout
from bot.storage import chats, inherit
from bot.storage.chats import Chat

ABOVE = "server"  # what a setting is set to that is to be as in the place above

_SAID = {ABOVE, "inherit", "服务器", "继承"}

# What is set together, by the names of what people set.
_PARTS = dict.fromkeys(("when", "instant", "daily", "weekly", "hour", "days", "day"), "when") | {
    name: name for name in inherit.PARTS
}


def part(name: str) -> str:
    """What is taken from above as a whole, of a setting that people name; empty: it is never taken."""
    return _PARTS.get(name, "")


def means_above(visit: Visit, name: str, value: str) -> bool:
    """Whether a setting is to be as in the place above."""
    return bool(visit.place.above and part(name)) and value.strip().casefold() in _SAID


async def find_above(visit: Visit) -> Chat | None:
    """The place above, as far as it has settings."""
    if not visit.place.above:
        return None
    return await chats.find(visit.connection, visit.request.platform, visit.place.above)


async def take_all(visit: Visit, chat: Chat) -> Chat:
    """A place that is new, with what it takes from above."""
    above = await find_above(visit)
    if above is None:
        return chat
    await _take(visit, chat, above, set(inherit.PARTS) - chat.own)
    return await chats.find(visit.connection, chat.platform, chat.address) or chat


async def take(visit: Visit, chat: Chat, name: str) -> None:
    """Have a place take a setting from above, if that has it, and follow its changes."""
    await _take(visit, chat, await find_above(visit) or chat, {part(name)})


async def keep(visit: Visit, name: str) -> None:
    """A setting was changed: it is the place's own now; those in it that have none of their own get it."""
    here, named = visit.place, part(name)
    if not named or not (here.above or here.whole):
        return
    chat = await chats.find(visit.connection, visit.request.platform, here.address)
    if chat is None:
        return
    await inherit.keep_own(visit.connection, chat, named)
    if here.whole:
        now, next_due = int(visit.request.at), visit.desk.next_due
        without = await _unable(visit, chat) if named == "layout" else set()
        await inherit.spread(visit.connection, chat, named, now=now, next_due=next_due, without=without)


async def _take(visit: Visit, chat: Chat, above: Chat, names: Collection[str]) -> None:
    if "layout" in names and not await _gives_layout(visit, above):
        above = replace(above, own=above.own - {"layout"})
        await chats.set_layout(visit.connection, chat.id, visit.place.layout)
    now, next_due = int(visit.request.at), visit.desk.next_due
    await inherit.take(visit.connection, chat, above, names, now=now, next_due=next_due)


async def _gives_layout(visit: Visit, above: Chat) -> bool:
    """Whether digests stand in a place as above: where they would stand in no way of its own, and can."""
    place = visit.place
    plain = "layout" in above.own and place.layout is Layout.PLAIN and above.layout in place.layouts
    return plain and await _can(visit.request.guide, place, above.layout)


async def _unable(visit: Visit, above: Chat) -> set[int]:
    """The places that would take the layout from above and in which digests cannot stand so."""
    guide, found = visit.request.guide, set()
    for chat in await inherit.takers(visit.connection, above, "layout"):
        place = Place(address=chat.address, where=Where.GROUP, title=chat.title, above=above.address)
        if not await _can(guide, place, above.layout):
            found.add(chat.id)
    return found


async def _can(guide: Guide, place: Place, layout: Layout) -> bool:
    """Whether digests can stand so in a place; message after message they stand wherever they come."""
    if layout is Layout.PLAIN:
        return True
    try:
        await guide.check(replace(place, layout=layout))
    except Refusal:
        return False
    return True
