"""What lists that are turned in place share: what their buttons say, and which page is meant."""

from collections.abc import Callable

from bot.formatter.card import Action, Button
from bot.locales import Words

LAST = 10_000  # pages of a list
DATA = 64  # bytes that a button can carry


def fields(about: str, number: int) -> list[str]:
    """The parts of what a button is about, as many as are wanted; those that are missing are empty."""
    parts = about.split(":", number - 1)
    return parts + [""] * (number - len(parts))


def page_of(text: str) -> int:
    """The page that a button names; the first one where it names none."""
    return min(max(int(text), 1), LAST) if text.isascii() and text.isdigit() and len(text) < 9 else 1


def pages_of(number: int, size: int) -> int:
    """How many pages so many items take; an empty list has one, too."""
    return max(-(-number // size), 1)


def turns(action: Action, about: Callable[[int], str], page: int, pages: int) -> tuple[Button, ...]:
    """Buttons to the page before and the page after; `about` says what they are about, by page."""
    return tuple(
        Button(label=f"{sign} {to}/{pages}", action=action, about=about(to))
        for to, sign in ((page - 1, "◀"), (page + 1, "▶"))
        if 1 <= to <= pages
    )


def said(say: Words, counted: str, number: int, page: int, pages: int) -> str:
    """How much there is, by the phrase that counts it, and which page of it is shown."""
    more = [say("page", page=page, pages=pages)] if pages > 1 else []
    return " · ".join([say(counted, n=number), *more])
