"""What Discord offers while somebody types in a field of a command.

It refuses the whole answer for one choice too many, an empty one or one of more than a hundred characters.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from bot.adapters.discord import limits
from bot.adapters.discord.asked import Asked
from bot.adapters.discord.escape import blank
from bot.adapters.discord.options import options
from bot.commands.base import Place
from bot.commands.presets import Suggestion
from bot.commands.suggest import Suggest
from bot.formatter.text import shorten, utf16


async def choices(suggest: Suggest, asked: Asked) -> list[dict[str, Any]]:
    """The choices for the field that is being typed, as Discord takes them; none for any other field."""
    field = next((option for option in options(asked.word) if option.name == asked.typing), None)
    typed = str(asked.given.get(asked.typing, ""))
    found = await _suggested(suggest, asked, field.complete, typed) if field else []
    return list(_trimmed(found))[: limits.CHOICES]


async def _suggested(suggest: Suggest, asked: Asked, kind: str, typed: str) -> list[Suggestion]:
    match kind:
        case "tags":
            return await suggest.tags(typed)
        case "followed" if not asked.elsewhere:
            return await suggest.followed("discord", asked.place.address, typed)
        case "wanted" | "followed":  # what another place follows is its own affair
            return await suggest.tags(typed, everything=True)
        case "tag":
            return await suggest.tag(typed)
        case "papers":
            return await suggest.papers(typed)
        case "days":
            named = str(asked.given.get("tag") or asked.given.get("tags") or "")
            return await suggest.days(named, typed, asked.hint)
        case "values":
            return suggest.values(_about(asked), str(asked.given.get("set", "")), typed, asked.hint)
    return []


def _about(asked: Asked) -> Place:
    """The place that is asked about; of another one than here no more than that is known."""
    if asked.given.get("server") is True and asked.elsewhere:
        return Place(address=asked.elsewhere, whole=True)
    return asked.place


def _trimmed(found: Iterable[Suggestion]) -> Iterator[dict[str, Any]]:
    labels: set[str] = set()
    for each in found:
        value = _sound(each.value)
        label = shorten(value if blank(each.label) else _sound(each.label), limits.OPTION)
        fits = 0 < utf16(value) <= limits.OPTION and value == each.value
        if fits and not blank(label) and label not in labels:
            labels.add(label)
            yield {"name": label, "value": value}


def _sound(text: str) -> str:
    """The text without halves of surrogate pairs, which are no text."""
    return text.encode("utf-8", "replace").decode()
