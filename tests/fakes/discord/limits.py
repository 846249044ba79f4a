"""What Discord accepts in one message.

https://discord.com/developers/docs/resources/message#create-message, and in the same place "Embed Limits".
Lengths are in code points, without white space around.
"""

from collections.abc import Iterator
from itertools import chain

from tests.fakes.discord import components
from tests.fakes.discord.plain import blank, web_address
from tests.fakes.discord.refusal import Fault, fault, form, missing, no, strict, too_long
from tests.fakes.discord.world import EPHEMERAL, SILENT, SUPPRESS, V2, VOICE_MESSAGE, Json

CONTENT, EMBEDS, TOTAL, FIELDS, FILES = 2000, 10, 6000, 25, 10
TEXTS = {"title": 256, "description": 4096}
SETTABLE = SUPPRESS | SILENT | VOICE_MESSAGE | V2


def check(body: Json, files: set[str], *, ephemeral: bool = False) -> None:
    """Raises Refusal where a message as a whole cannot stand; `files` are the names that came with it."""
    found = [*_content(body), *_embeds(body), *_flags(body, ephemeral=ephemeral), *_mentions(body)]
    found += _attachments(body, files)
    found += components.faults(body.get("components") or [], v2=bool((body.get("flags") or 0) & V2))
    if (body.get("flags") or 0) & V2:
        found += _legacy(body)
    if found:
        raise form(*found)
    if empty(body, files):
        raise no(50006)


def empty(body: Json, files: set[str]) -> bool:
    """Whether there is nothing in a message."""
    there = (body.get("content") or "").strip() or body.get("components") or files or body.get("attachments")
    return not (there or body.get("embeds") or body.get("sticker_ids") or body.get("poll"))


def check_nonce(body: Json) -> None:
    """Raises Refusal where the nonce is none."""
    nonce = body.get("nonce")
    if isinstance(nonce, str) and len(nonce) > 25:
        raise form(too_long(25, "nonce"))
    if body.get("enforce_nonce") and nonce in {None, ""}:
        raise form(strict("enforce_nonce", text="there is no nonce to enforce"))


def _content(body: Json) -> Iterator[Fault]:
    text = body.get("content") or ""
    if len(text.strip()) > CONTENT:
        yield too_long(CONTENT, "content")
    if text.strip() and blank(text):
        yield strict("content", text="shows nothing")


def _embeds(body: Json) -> Iterator[Fault]:
    embeds = body.get("embeds") or []
    if len(embeds) > EMBEDS:
        yield too_long(EMBEDS, "embeds")
        return
    for number, embed in enumerate(embeds):
        yield from (_at(one, "embeds", number) for one in _embed(embed))
    total = sum(len(text.strip()) for embed in embeds for _, text, _ in _texts(embed))
    if total > TOTAL:
        text = f"Embed size exceeds maximum size of {TOTAL}"
        yield fault("embeds", code="MAX_EMBED_SIZE_EXCEEDED", text=text)


def _embed(embed: Json) -> Iterator[Fault]:
    shows = ("title", "description", "fields", "image", "thumbnail", "author", "footer", "video", "provider")
    if not any(embed.get(name) for name in shows):
        yield missing("description")
    if len(embed.get("fields") or []) > FIELDS:
        yield too_long(FIELDS, "fields")
    yield from chain.from_iterable(_text(*told) for told in _texts(embed))
    yield from _field_faults(embed)
    for path, address, own in _addresses(embed):
        yield from web_address(address, *path, own=own)
    if not 0 <= (embed.get("color") or 0) <= 0xFFFFFF:
        yield fault(
            "color", code="NUMBER_TYPE_MAX", text="int value should be less than or equal to 16777215."
        )


def _field_faults(embed: Json) -> Iterator[Fault]:
    for number, one in enumerate(embed.get("fields") or []):
        for name in ("name", "value"):
            if not (one.get(name) or "").strip():
                yield missing("fields", number, name)
    for name, part in (("footer", "text"), ("author", "name")):
        if embed.get(name) and not (embed[name].get(part) or "").strip():
            yield missing(name, part)


def _text(path: tuple[str | int, ...], text: str, most: int) -> Iterator[Fault]:
    if len(text.strip()) > most:
        yield too_long(most, *path)
    if text.strip() and blank(text):
        yield strict(*path, text="shows nothing")


def _texts(embed: Json) -> Iterator[tuple[tuple[str | int, ...], str, int]]:
    for name, most in TEXTS.items():
        yield (name,), embed.get(name) or "", most
    yield ("footer", "text"), (embed.get("footer") or {}).get("text") or "", 2048
    yield ("author", "name"), (embed.get("author") or {}).get("name") or "", 256
    for number, one in enumerate(embed.get("fields") or []):
        yield ("fields", number, "name"), one.get("name") or "", 256
        yield ("fields", number, "value"), one.get("value") or "", 1024


def _addresses(embed: Json) -> Iterator[tuple[tuple[str, ...], str, bool]]:
    if embed.get("url"):
        yield ("url",), embed["url"], False
    for name in ("image", "thumbnail"):
        if embed.get(name):
            yield (name, "url"), embed[name].get("url") or "", True
    for name in ("author", "footer"):
        for part, own in (("url", False), ("icon_url", True)):
            if address := (embed.get(name) or {}).get(part):
                yield (name, part), address, own


def _flags(body: Json, *, ephemeral: bool) -> Iterator[Fault]:
    flags = body.get("flags") or 0
    allowed = SETTABLE | EPHEMERAL if ephemeral else SETTABLE
    if flags & ~allowed:
        yield strict("flags", text=f"{flags & ~allowed} has no meaning here")


def _mentions(body: Json) -> Iterator[Fault]:
    told = body.get("allowed_mentions")
    for name in ("users", "roles") if told else ():
        if told.get(name) and name in (told.get("parse") or []):
            text = f'parse:["{name}"] and {name}: [ids...] are mutually exclusive.'
            code = "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE"
            yield fault("allowed_mentions", code=code, text=text)
        if len((told or {}).get(name) or []) > 100:
            yield too_long(100, "allowed_mentions", name)


def _attachments(body: Json, files: set[str]) -> Iterator[Fault]:
    if len(files) > FILES:
        yield too_long(FILES, "attachments")
    wanted = [("embeds", n, *path) for n, path, name in _attached(body) if name not in files]
    wanted += [("components",) for name in components.attached(body) if name not in files]
    for path in wanted:
        yield strict(*path, text="names a file that did not come with the message")


def _attached(body: Json) -> Iterator[tuple[int, tuple[str, ...], str]]:
    for number, embed in enumerate(body.get("embeds") or []):
        for path, address, _own in _addresses(embed):
            if address.startswith("attachment://"):
                yield number, path, address.removeprefix("attachment://")


def _legacy(body: Json) -> Iterator[Fault]:
    for name in ("content", "embeds", "sticker_ids", "poll"):
        if body.get(name):
            code = "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"
            text = f"The '{name}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
            yield fault(name, code=code, text=text)


def _at(one: Fault, *path: str | int) -> Fault:
    return Fault(path=(*path, *one.path), code=one.code, text=one.text, strict=one.strict)
