"""What is too long for a button, under a name that a button has room for."""

from bot.commands.base import Visit
from bot.storage import library

MARK = "#"  # begins such a name
NAME = 10  # signs of it


async def name(visit: Visit, text: str) -> str:
    """What buttons call a text, which is kept once the visit is over."""
    key = library.key_of(text)
    if await library.kept(visit.connection, key) is None:
        visit.kept.append(text)
    return MARK + key


async def find(visit: Visit, named: str) -> str | None:
    """The text that a button calls so: itself, or what is kept under that name; None: it is lost."""
    if not named.startswith(MARK):
        return named
    return await library.kept(visit.connection, named.removeprefix(MARK))
