"""Rich text as Telegram's HTML, each piece with what it counts for."""

import re
from collections.abc import Iterable
from html import escape
from typing import NamedTuple

from bot.adapters.telegram import limits
from bot.formatter.card import Span, Text
from bot.formatter.text import Size, utf16

JOINER = "\u2060"  # invisible; keeps Telegram from finding a mention, a command, a hashtag or a domain


class Ink(NamedTuple):
    """Markup, and its size once parsed."""

    html: str
    units: int
    entities: int = 0
    weight: int = 0  # bytes of entities

    @property
    def size(self) -> Size:
        """As the vector that `split` adds up."""
        return self.units, self.entities, self.weight


_ADDRESS = re.compile(
    r"(?P<known>https?://[^\s<>\"\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]+)"
    r"|(?<![\w@./:-])(?:[a-z0-9-]{1,63}\.){1,4}(?:com|org|net|io|ai|cn|edu|dev|me|cc|gov|site|app|co)"
    r"/[^\s<>\"\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]*"
)
_TRAILING = ".,;:!?'*…"
_HOT = re.compile(r"[@#/$.:&<>0-9]")  # without these there is nothing to do
_PING = re.compile(  # begins with one set of signs, which `re` finds fast
    r"[@#/$.:](?:(?<=@)(?=\w)|(?<=#)(?=\w)|(?<=/)(?<![A-Za-z0-9_].)(?=[A-Za-z0-9_])|(?<=\$)(?=1?[A-Z])"
    r"|(?<=\.)(?=[^\W\d_]{2})|(?<=\d\.)(?=\d+\.\d+\.\d)|(?<=:)(?=//))"
)
_FOUND = re.compile(r"\d:\d\d|\d[\d -]{11,}+")  # times and card numbers, which Telegram marks by itself
_SOUND = re.compile(r"https?://[\w.-]+\.(?:[^\W\d_]{2,}|xn--[\w-]+)(?::\d{1,5})?(?:[/?#][^\s<>\"\\^`{|}]*)?")


def sound(address: str) -> bool:
    """Whether Telegram makes a link of an address instead of dropping it in silence."""
    return len(address) <= limits.ADDRESS and _SOUND.fullmatch(address) is not None


def ink(text: Text) -> Ink:
    """A rich text as HTML."""
    return _span(text[0]) if len(text) == 1 else join(map(_span, text))


def join(parts: Iterable[Ink], between: str = "") -> Ink:
    """Pieces one after another; `between` is plain text that needs no escape."""
    parts = tuple(parts)
    if len(parts) == 1:
        return parts[0]
    html, units, entities, weight = [], 0, 0, 0
    for part in parts:
        html.append(part.html)
        units += part.units
        entities += part.entities
        weight += part.weight
    return Ink(between.join(html), units + utf16(between) * max(0, len(html) - 1), entities, weight)


def linked(text: str) -> Ink:
    """A text of any origin: addresses linked, nothing else that Telegram would act on."""
    if "/" not in text:
        return calm(text)
    parts, at = [], 0
    for found in _ADDRESS.finditer(text):
        if found.end() - found.start() > limits.ADDRESS:
            continue
        address = _trim(found.group())
        target = address if found["known"] else f"https://{address}"
        if sound(target):
            parts += [calm(text[at : found.start()]), _anchor(escape(address, quote=False), address, target)]
            at = found.start() + len(address)
    return join((*parts, calm(text[at:]))) if parts else calm(text)


def bold(part: Ink) -> Ink:
    """The piece in bold."""
    return _marked("b", part)


def italic(part: Ink) -> Ink:
    """The piece in italics."""
    return _marked("i", part)


def quote(part: Ink) -> Ink:
    """The piece as a quote that is folded until it is opened."""
    return _marked("blockquote", part, " expandable")


def _marked(tag: str, part: Ink, flag: str = "") -> Ink:
    if not part.html:
        return part
    html = f"<{tag}{flag}>{part.html}</{tag}>"
    return Ink(html, part.units, part.entities + 1, part.weight + limits.ENTITY)


def _span(span: Span) -> Ink:
    if span.link:
        part = _link(span.text, span.link)
    elif span.code:
        part = _code(span.text)
    elif span.tap:
        part = _own(span.text)
    else:
        part = linked(span.text)
    if span.bold:
        part = bold(part)
    return italic(part) if span.italic else part


def _link(text: str, address: str) -> Ink:
    if sound(address):
        part = calm(text)
        return _anchor(part.html, text, address, units=part.units)
    if len(address) > limits.ADDRESS:
        return calm(text)
    return join((calm(f"{text} ("), _code(address), Ink(")", 1)))


def _anchor(html: str, text: str, address: str, units: int | None = None) -> Ink:
    weight = limits.ENTITY + len(address.encode())
    html = f'<a href="{escape(address)}">{html}</a>'
    return Ink(html, utf16(text) if units is None else units, 1, weight)


def _code(text: str) -> Ink:
    return _marked("code", Ink(escape(text, quote=False), utf16(text)))


def _own(text: str) -> Ink:
    """The bot's own words: commands in it stay alive, and count as entities."""
    commands = text.count("/")
    return Ink(escape(text, quote=False), utf16(text), commands, commands * limits.ENTITY)


def calm(text: str) -> Ink:
    """A text in which Telegram finds no mention, command, hashtag or address."""
    if not _HOT.search(text):
        return Ink(text, utf16(text))
    text = _PING.sub(_break, text)
    found = len(_FOUND.findall(text))
    return Ink(escape(text, quote=False), utf16(text), found, found * limits.ENTITY)


def _break(found: re.Match[str]) -> str:
    return found[0] + JOINER


def _trim(address: str) -> str:
    """An address without the punctuation of the sentence around it."""
    while address and (address[-1] in _TRAILING or _unpaired(address)):
        address = address[:-1]
    return address


def _unpaired(address: str) -> bool:
    pairs = {")": "(", "]": "[", "}": "{"}
    return address[-1] in pairs and address.count(address[-1]) > address.count(pairs[address[-1]])
