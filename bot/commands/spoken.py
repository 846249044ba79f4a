"""The bot's own phrases with what others wrote in them: only the own words can be tapped."""

import re

from bot.formatter.card import Span, Text
from bot.locales import Words

# Signs of no script, around what others wrote until the phrase is cut there.
_OPEN, _CLOSE = "\ue000", "\ue001"
_MARKS = {ord(_OPEN): None, ord(_CLOSE): None}
_QUOTED = re.compile(f"{_OPEN}([^{_CLOSE}]*){_CLOSE}")


def spoken(say: Words, key: str, **values: object) -> Text:
    """A phrase; in what fills its places nothing is a command, a mention or a link by accident.

    Raises KeyError for a phrase or a value that is not there.
    """
    marked = {
        name: f"{_OPEN}{_clean(value)}{_CLOSE}" for name, value in values.items() if isinstance(value, str)
    }
    parts = _QUOTED.split(say(key, **values | marked))
    return tuple(Span(part, tap=at % 2 == 0) for at, part in enumerate(parts) if part)


def below(*texts: Text) -> Text:
    """Texts below each other, without those that are empty."""
    return tuple(span for text in texts if text for span in (Span("\n"), *text))[1:]


def _clean(value: str) -> str:
    return " ".join(value.translate(_MARKS).split())
