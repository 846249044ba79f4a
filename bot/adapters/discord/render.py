"""Cards as Discord messages."""

from bot.adapters.base import Message
from bot.adapters.discord.embeds import embeds
from bot.adapters.discord.v2 import rich
from bot.formatter.card import Card
from bot.model import Language


def render(card: Card, language: Language, /) -> tuple[Message, ...]:
    """The messages of a card, each within Discord's limits; none for a card that shows nothing.

    One that is wanted richer is one message of components, where it fits, with its embeds to fall
    back on; any other is embeds.
    """
    found = rich(card, language)
    return (found,) if found else embeds(card, language)
