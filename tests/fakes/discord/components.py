"""What Discord accepts as components (https://discord.com/developers/docs/components/reference)."""

from collections import Counter
from collections.abc import Callable, Iterator

from tests.fakes.discord.plain import blank, web_address
from tests.fakes.discord.refusal import Fault, bad_length, fault, missing, strict, too_long
from tests.fakes.discord.shown import displays, walk
from tests.fakes.discord.world import Json

ROW, BUTTON, STRING, SECTION, TEXT, THUMBNAIL, GALLERY, FILE, SEPARATOR, CONTAINER = (
    1,
    2,
    3,
    9,
    10,
    11,
    12,
    13,
    14,
    17,
)
SELECTS = {3, 5, 6, 7, 8}
MOST, TEXTS = 40, 4000
TOP = {True: (ROW, SECTION, TEXT, GALLERY, FILE, SEPARATOR, CONTAINER), False: (ROW,)}
INSIDE = (ROW, SECTION, TEXT, GALLERY, FILE, SEPARATOR)
Path = tuple[str | int, ...]


def faults(components: list[Json], *, v2: bool) -> Iterator[Fault]:
    """What is wrong with the components of a message."""
    if not v2 and len(components) > 5:
        yield bad_length(1, 5, "components")
    every = list(walk(components))
    if len(every) > MOST:
        text = f"The total number of components cannot exceed {MOST}"
        yield fault("components", code="COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", text=text)
    if sum(len(text) for text in displays(components)) > TEXTS:
        text = f"The total displayable text size exceeds {TEXTS}"
        yield fault("components", code="COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", text=text)
    yield from _twice(every)
    for number, one in enumerate(components):
        yield from _one(one, ("components", number), TOP[v2])


def attached(body: Json) -> Iterator[str]:
    """The names of attached files that components show."""
    for one in walk(body.get("components") or []):
        media = [one.get("media"), one.get("file"), *(item.get("media") for item in one.get("items") or [])]
        for told in media:
            if told and (told.get("url") or "").startswith("attachment://"):
                yield told["url"].removeprefix("attachment://")


def _twice(every: list[Json]) -> Iterator[Fault]:
    counted = Counter(one["custom_id"] for one in every if one.get("custom_id"))
    if any(times > 1 for times in counted.values()):
        text = "Component custom id cannot be duplicated"
        yield fault("components", code="COMPONENT_CUSTOM_ID_DUPLICATED", text=text)
    numbers = Counter(one["id"] for one in every if one.get("id"))
    if any(times > 1 for times in numbers.values()):
        yield fault("components", code="COMPONENT_ID_DUPLICATED", text="Component id cannot be duplicated")


def _one(one: Json, path: Path, allowed: tuple[int, ...]) -> Iterator[Fault]:
    kind = one.get("type")
    if kind not in allowed:
        text = f'Value of field "type" must be one of {allowed!r}.'
        yield fault(*path, "type", code="UNION_TYPE_CHOICES", text=text)
    elif kind in _CHECKS:
        yield from _CHECKS[kind](one, path)


def _row(one: Json, path: Path) -> Iterator[Fault]:
    inside = one.get("components") or []
    selects = [c for c in inside if c.get("type") in SELECTS]
    if not 1 <= len(inside) <= 5:
        yield bad_length(1, 5, *path, "components")
    elif selects and len(inside) > 1:
        text = "The specified component exceeds the maximum width"
        yield fault(*path, "components", code="COMPONENT_LAYOUT_WIDTH_EXCEEDED", text=text)
    for number, inner in enumerate(inside):
        yield from _one(inner, (*path, "components", number), (BUTTON, *sorted(SELECTS)))


def _button(one: Json, path: Path) -> Iterator[Fault]:
    style = one.get("style")
    if style not in range(1, 7):
        told = 'Value "' + str(style) + '" is not a valid enum value.'
        yield fault(*path, "style", code="ENUM_TYPE_COERCE", text=told)
    if len(one.get("label") or "") > 80:
        yield too_long(80, *path, "label")
    if style != 6 and not (one.get("label") or "").strip() and not one.get("emoji"):
        text = "A button must have a label or emoji"
        yield fault(*path, code="BUTTON_COMPONENT_LABEL_OR_EMOJI_REQUIRED", text=text)
    elif one.get("label") and blank(one["label"]) and not one.get("emoji"):
        yield strict(*path, "label", text="shows nothing")
    yield from _link(one, path) if style == 5 else _named(one, path)


def _link(one: Json, path: Path) -> Iterator[Fault]:
    if one.get("custom_id"):
        text = "A custom id and url cannot both be specified"
        yield fault(*path, code="BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE", text=text)
    if not one.get("url"):
        yield fault(
            *path, code="BUTTON_COMPONENT_URL_REQUIRED", text="A url is required for buttons of this style"
        )
    else:
        yield from web_address(one["url"], *path, "url", most=512, schemes=("http", "https", "discord"))


def _named(one: Json, path: Path) -> Iterator[Fault]:
    if one.get("url"):
        text = "A url cannot be specified for buttons of this style"
        yield fault(*path, code="BUTTON_COMPONENT_INVALID_URL", text=text)
    if one.get("style") == 6:
        return
    yield from _custom_id(one, path)


def _custom_id(one: Json, path: Path) -> Iterator[Fault]:
    if not one.get("custom_id"):
        yield missing(*path, "custom_id")
    elif len(one["custom_id"]) > 100:
        yield bad_length(1, 100, *path, "custom_id")


def _select(one: Json, path: Path) -> Iterator[Fault]:
    yield from _custom_id(one, path)
    if len(one.get("placeholder") or "") > 150:
        yield too_long(150, *path, "placeholder")
    least, most = one.get("min_values", 1), one.get("max_values", 1)
    options = one.get("options") or []
    if one.get("type") == STRING:
        yield from _options(options, path)
        if most is not None and most > max(len(options), 1):
            text = f"max_values must be at most {len(options)}"
            yield fault(*path, "max_values", code="NUMBER_TYPE_MAX", text=text)
    if least is not None and most is not None and least > most:
        text = "min_values must be less than or equal to max_values"
        yield fault(*path, "min_values", code="SELECT_COMPONENT_MIN_VALUES_TOO_LARGE", text=text)


def _options(options: list[Json], path: Path) -> Iterator[Fault]:
    if not 1 <= len(options) <= 25:
        yield bad_length(1, 25, *path, "options")
    seen = set()
    for number, option in enumerate(options):
        here = (*path, "options", number)
        for name in ("label", "value"):
            if not option.get(name):
                yield missing(*here, name)
        for name in ("label", "value", "description"):
            if len(option.get(name) or "") > 100:
                yield bad_length(1, 100, *here, name)
        if option.get("label") and blank(option["label"]):
            yield strict(*here, "label", text="shows nothing")
        if option.get("value") in seen:
            text = "The specified option value is already used"
            yield fault(*here, "value", code="SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", text=text)
        seen.add(option.get("value"))


def _section(one: Json, path: Path) -> Iterator[Fault]:
    inside = one.get("components") or []
    if not 1 <= len(inside) <= 3:
        yield bad_length(1, 3, *path, "components")
    for number, inner in enumerate(inside):
        yield from _one(inner, (*path, "components", number), (TEXT,))
    if not one.get("accessory"):
        yield missing(*path, "accessory")
    else:
        yield from _one(one["accessory"], (*path, "accessory"), (BUTTON, THUMBNAIL))


def _text(one: Json, path: Path) -> Iterator[Fault]:
    text = one.get("content") or ""
    if not text.strip():
        yield missing(*path, "content")
    elif len(text) > TEXTS:
        yield bad_length(1, TEXTS, *path, "content")
    elif blank(text):
        yield strict(*path, "content", text="shows nothing")


def _gallery(one: Json, path: Path) -> Iterator[Fault]:
    items = one.get("items") or []
    if not 1 <= len(items) <= 10:
        yield bad_length(1, 10, *path, "items")
    for number, item in enumerate(items):
        yield from _media(item, (*path, "items", number))


def _media(one: Json, path: Path) -> Iterator[Fault]:
    address = (one.get("media") or {}).get("url")
    if not address:
        yield missing(*path, "media", "url")
    else:
        yield from web_address(address, *path, "media", "url", own=True)
    if len(one.get("description") or "") > 1024:
        yield bad_length(1, 1024, *path, "description")


def _file(one: Json, path: Path) -> Iterator[Fault]:
    address = (one.get("file") or {}).get("url") or ""
    if not address.startswith("attachment://"):
        text = 'Scheme must be one of ("attachment",).'
        yield fault(*path, "file", "url", code="URL_TYPE_INVALID_SCHEME", text=text)


def _separator(one: Json, path: Path) -> Iterator[Fault]:
    if one.get("spacing", 1) not in {1, 2, None}:
        told = f'Value "{one["spacing"]}" is not a valid enum value.'
        yield fault(*path, "spacing", code="ENUM_TYPE_COERCE", text=told)


def _container(one: Json, path: Path) -> Iterator[Fault]:
    inside = one.get("components") or []
    if not 1 <= len(inside) <= MOST:
        yield bad_length(1, MOST, *path, "components")
    if not 0 <= (one.get("accent_color") or 0) <= 0xFFFFFF:
        text = "int value should be less than or equal to 16777215."
        yield fault(*path, "accent_color", code="NUMBER_TYPE_MAX", text=text)
    for number, inner in enumerate(inside):
        yield from _one(inner, (*path, "components", number), INSIDE)


_CHECKS: dict[int, Callable[[Json, Path], Iterator[Fault]]] = {
    ROW: _row,
    BUTTON: _button,
    **dict.fromkeys(SELECTS, _select),
    SECTION: _section,
    TEXT: _text,
    THUMBNAIL: _media,
    GALLERY: _gallery,
    FILE: _file,
    SEPARATOR: _separator,
    CONTAINER: _container,
}
