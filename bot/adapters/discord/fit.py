"""The last look at a message before it leaves: what Discord would refuse of it is cut or left out.

Cards are rendered within the limits; this holds for whatever else is sent, and for what nobody
thought of. https://discord.com/developers/docs/resources/message
"""

from collections.abc import Iterable
from typing import Any

from bot.adapters.discord import limits
from bot.adapters.discord.escape import address, blank
from bot.errors import Rejected
from bot.formatter.text import shorten, utf16

Body = dict[str, Any]

ROW, BUTTON, TEXT = 1, 2, 10  # types of components
LINK = 5  # the style of buttons that open an address
NAMELESS = "·"  # for what has to have a text and has none


def fit(body: Body) -> Body:
    """The message as Discord takes it; nobody is ever mentioned.

    Raises:
        Rejected: nothing is left of it, or it is made of more components than a message may have.
    """
    found = body | {"allowed_mentions": {"parse": []}}
    if found.get("flags", 0) & limits.PARTS:
        parts = _parts(found.get("components") or (), set())
        _check_size(parts)
        others = {key: value for key, value in found.items() if key not in ("content", "embeds")}
        return others | {"components": parts}
    _put(found, "content", _cut(found.get("content"), limits.CONTENT))
    _put(found, "embeds", _embeds(found.get("embeds") or ()))
    _put(found, "components", _rows(found.get("components") or (), set())[: limits.ROWS])
    if not found.keys() & {"content", "embeds", "sticker_ids", "poll", "attachments"}:
        raise Rejected("the message shows nothing")
    return found


def _put(body: Body, key: str, value: Any) -> None:
    """Set what has a value, and leave out what has none."""
    if value:
        body[key] = value
    else:
        body.pop(key, None)


def _cut(text: Any, most: int) -> str:
    """A text within its limit; empty where it shows nothing."""
    if not isinstance(text, str):
        return ""
    # Halves of surrogate pairs are no text.
    whole: str = text if text.isascii() else text.encode("utf-8", "replace").decode()
    if blank(whole):
        return ""
    return whole if utf16(whole) <= most else shorten(whole, most)


def _is_whole(text: Any, most: int) -> bool:
    """Whether a text can stay as it is: one that is cut would mean something else, or nothing."""
    return bool(text) and _cut(text, most) == text


def _embeds(given: Iterable[Body]) -> list[Body]:
    """Embeds that show something, as many as go into a message and as much of them as may be."""
    found: list[Body] = []
    left = limits.TOTAL
    for embed in given:
        whole = _embed(embed)
        if (size := _size(whole)) > left:
            whole = _reduced(whole, left)
            size = _size(whole)
        if len(found) < limits.EMBEDS and whole.keys() & {"title", "description", "fields", "image"}:
            found.append(whole)
            left -= size
    return found


def _embed(embed: Body) -> Body:
    found = dict(embed)
    _put(found, "title", _cut(embed.get("title"), limits.TITLE))
    _put(found, "description", _cut(embed.get("description"), limits.DESCRIPTION))
    _put(found, "url", address(embed.get("url")))
    for part, text, most in (("footer", "text", limits.FOOTER), ("author", "name", limits.AUTHOR)):
        held = dict(embed.get(part) or {})
        _put(held, text, _cut(held.get(text), most))
        _put(found, part, _addressed(held, "url", "icon_url") if text in held else None)
    for part in ("image", "thumbnail"):
        held = _addressed(dict(embed.get(part) or {}), "url")
        _put(found, part, held if "url" in held else None)
    _put(found, "fields", list(filter(None, map(_field, embed.get("fields") or ())))[: limits.FIELDS])
    if not (isinstance(color := found.get("color", 0), int) and 0 <= color <= 0xFFFFFF):
        del found["color"]
    return found


def _addressed(part: Body, *keys: str) -> Body:
    """A part of an embed without addresses that lead nowhere."""
    for key in keys:
        _put(part, key, address(part.get(key)))
    return part


def _field(field: Body) -> Body | None:
    label, value = _cut(field.get("name"), limits.FIELD_NAME), _cut(field.get("value"), limits.FIELD)
    return field | {"name": label or NAMELESS, "value": value or NAMELESS} if label or value else None


def _size(embed: Body) -> int:
    """What counts of an embed towards the total of its message."""
    fields = [text for field in embed.get("fields", ()) for text in (field["name"], field["value"])]
    parts = [embed.get("footer", {}).get("text", ""), embed.get("author", {}).get("name", "")]
    return sum(map(utf16, (embed.get("title", ""), embed.get("description", ""), *parts, *fields)))


def _reduced(embed: Body, left: int) -> Body:
    """What goes into the rest of a message: fewer fields, less text, nothing around it."""
    found = dict(embed)
    while found.get("fields") and _size(found) > left:
        _put(found, "fields", found["fields"][:-1])
    if "description" in found and (over := _size(found) - left) > 0:
        room = utf16(found["description"]) - over
        _put(found, "description", shorten(found["description"], room) if room > 0 else "")
    for part in ("footer", "author", "title"):
        if _size(found) > left:
            found.pop(part, None)
    return found


def _rows(given: Iterable[Body], seen: set[str]) -> list[Body]:
    """Rows of buttons, or of one menu each; what comes twice is left out."""
    found = []
    for row in given:
        sound = filter(None, map(_part, row.get("components") or ()))
        if parts := [part for part in sound if _is_new(part, seen)]:
            menus = [part for part in parts if part["type"] != BUTTON]
            found.append(row | {"type": ROW, "components": menus[:1] or parts[: limits.BUTTONS]})
    return found


def _is_new(part: Body, seen: set[str]) -> bool:
    known = part.get("custom_id") in seen
    seen.update(filter(None, [part.get("custom_id")]))
    return not known


def _part(part: Body) -> Body | None:
    """A button or a menu that Discord takes; None where there can be none."""
    if part.get("style") != LINK and not _is_whole(part.get("custom_id"), limits.CUSTOM_ID):
        return None
    return _button(part) if part.get("type") == BUTTON else _menu(part)


def _button(button: Body) -> Body | None:
    strange = "custom_id" if button.get("style") == LINK else "url"
    found = {key: value for key, value in button.items() if key != strange}
    _put(found, "label", _cut(button.get("label"), limits.LABEL))
    if "label" not in found and not found.get("emoji"):
        found["label"] = NAMELESS
    if button.get("style") != LINK:
        return found
    url = address(button.get("url"))
    return found | {"url": url} if url and len(url) <= limits.BUTTON_ADDRESS else None


def _menu(menu: Body) -> Body | None:
    """A menu with options of their own values, each of a length that is shown."""
    options = {option["value"]: option for option in map(_option, menu.get("options") or ()) if option}
    chosen = list(options.values())[: limits.OPTIONS]
    if "options" in menu and not chosen:
        return None
    found = menu | {"options": chosen} if chosen else dict(menu)
    if "max_values" in found and chosen:
        found["max_values"] = min(found["max_values"], len(chosen))
    _put(found, "placeholder", _cut(menu.get("placeholder"), limits.PLACEHOLDER))
    return found


def _option(option: Body) -> Body | None:
    value = option.get("value")
    if not _is_whole(value, limits.OPTION):
        return None
    found = option | {"label": _cut(option.get("label"), limits.OPTION) or value}
    _put(found, "description", _cut(option.get("description"), limits.OPTION))
    return found


def _parts(given: Iterable[Body], seen: set[str]) -> list[Body]:
    """Components of a message that is made of them, without what shows nothing or cannot be pressed."""
    found: list[Body] = []
    for part in given:
        if part.get("type") == ROW:
            found += _rows([part], seen)
        elif part.get("type") == TEXT:
            text = _cut(part.get("content"), limits.TEXTS)
            found += [part | {"content": text}] if text else []
        elif "components" not in part:
            found.append(part)
        elif inner := _parts(part["components"] or (), seen):
            found.append(part | {"components": inner})
    return found


def _check_size(components: list[Body]) -> None:
    """Raise Rejected where they are too many, or say too much: which to leave out nobody can tell here."""
    count, shown = 0, 0
    waiting = list(components)
    while waiting:
        part = waiting.pop()
        count += 1
        shown += utf16(part["content"]) if part.get("type") == TEXT else 0
        waiting += part.get("components") or []
        waiting += [part["accessory"]] if part.get("accessory") else []
    if not 0 < count <= limits.COMPONENTS or shown > limits.TEXTS:
        raise Rejected(f"{count} components with {shown} characters do not make a message")
