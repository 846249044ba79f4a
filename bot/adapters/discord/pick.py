"""What a reader can press below a message: rows of buttons, and menus of what a list numbers.

Twenty-five numbers would fill all five rows with buttons that say nothing; a menu takes one row and
names what each of them opens.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from bot.adapters.discord import limits
from bot.adapters.discord.escape import address, blank
from bot.formatter.card import Action, Button, Card, Kind
from bot.formatter.text import plain, shorten
from bot.locales import words
from bot.model import Language

FEWEST = 3  # numbers that are worth a menu
MENUS = 2
PICK = "pick"  # what menus are known by; their choices say what is asked for

_OPENS = {Action.PAPER: "choose_paper", Action.DIGEST: "choose_digest"}

Row = dict[str, Any]
Keys = Sequence[Sequence[Button]]


def rows(card: Card, language: Language, first: Sequence[Button] = ()) -> list[Row]:
    """The rows below a card, as many as Discord takes; `first` is a row that stands before them."""
    menus, rest = selects(card, language)
    return [*menus, *_buttons([first, card.buttons, *rest], limits.ROWS - len(menus))]


def selects(card: Card, language: Language) -> tuple[list[Row], Keys]:
    """The menus for what a card's list numbers, and the buttons that are left."""
    numbered = [button for row in card.keys for button in row if _is_numbered(button)]
    if len(numbered) < FEWEST:
        return [], card.keys
    taken = list({button.data: button for button in numbered}.values())[: MENUS * limits.OPTIONS]
    heads = dict(_heads(card))
    parts = [taken[at : at + limits.OPTIONS] for at in range(0, len(taken), limits.OPTIONS)]
    menus = [_menu(part, heads, number, language) for number, part in enumerate(parts, 1)]
    rest = [[button for button in row if not _is_numbered(button)] for row in card.keys]
    return menus, rest


def _is_numbered(button: Button) -> bool:
    return button.action in _OPENS and button.label.isdecimal() and len(button.data) <= limits.OPTION


def _heads(card: Card) -> Iterator[tuple[int, tuple[str, str]]]:
    """What the lists of a card number: the first line of each item, and the next."""
    for block in card.blocks:
        if block.kind is Kind.LIST:
            for number, item in enumerate(block.items, block.start):
                first, *more = plain(item).strip().split("\n")
                yield number, (first, more[0] if more else "")


def _menu(part: list[Button], heads: dict[int, tuple[str, str]], number: int, language: Language) -> Row:
    options = [_option(button, *heads.get(int(button.label), ("", ""))) for button in part]
    asks = words(language)(_OPENS[part[0].action or Action.PAPER])
    placeholder = f"{asks} {part[0].label}–{part[-1].label}"
    menu = {"type": 3, "custom_id": f"{PICK}:{number}", "placeholder": placeholder, "options": options}
    return {"type": 1, "components": [menu]}


def _option(button: Button, title: str, more: str) -> dict[str, str]:
    label = f"{button.label}. {_clean(title)}" if not blank(title) else button.label
    option = {"label": shorten(label, limits.OPTION), "value": button.data}
    return option if blank(more) else option | {"description": shorten(_clean(more), limits.OPTION)}


def _clean(text: str) -> str:
    """The text in one line, without what no text may hold."""
    return " ".join(text.encode("utf-8", "replace").decode().split())


def _buttons(wanted: Keys, most: int) -> list[Row]:
    """The rows of buttons, cut or closed up to what there is room for, each button once."""
    found: dict[str, dict[str, Any]] = {}
    rows: list[list[dict[str, Any]]] = []
    for row in wanted:
        parts = {part.get("url") or part["custom_id"]: part for part in map(_button, row) if part}
        fresh = {name: part for name, part in parts.items() if name not in found}
        found |= fresh
        rows += _cut(list(fresh.values()))
    if len(rows) > most:
        rows = _cut(list(found.values()))[:most]
    return [{"type": 1, "components": row} for row in rows]


def _cut(row: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    return [row[at : at + limits.BUTTONS] for at in range(0, len(row), limits.BUTTONS)]


def _button(button: Button) -> dict[str, Any] | None:
    if button.action is not None:
        custom_id = button.data
        if len(custom_id) > limits.CUSTOM_ID:
            return None
        return {"type": 2, "style": 2, "label": _label(button, button.action), "custom_id": custom_id}
    url = address(button.url)
    if url is None or len(url) > limits.BUTTON_ADDRESS:
        return None
    return {"type": 2, "style": 5, "label": _label(button, url), "url": url}


def _label(button: Button, instead: str) -> str:
    label = instead if blank(button.label) else button.label
    return label if len(label) * 2 <= limits.LABEL else shorten(label, limits.LABEL)
