"""Bytes to text: UTF-8 nearly always, and never an error."""

import re

_CHARSET = re.compile(rb"""<meta[^<>]{0,100}?charset\s*=\s*["']?([\w-]{2,20})""", re.IGNORECASE)
_SIGNATURES = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\0\0", "utf-32-le"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_BROKEN = 0.02  # share of bytes that may be broken in a text that still counts as UTF-8


def decode(data: bytes) -> tuple[str, str | None]:
    """Gives the text, its line ends made \\n, and a sentence on its encoding where that was odd."""
    text, odd = _decode(data)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text, odd


def _decode(data: bytes) -> tuple[str, str | None]:
    for signature, name in _SIGNATURES:
        if data.startswith(signature):
            text = data[len(signature) :].decode(name, "replace")
            return text, None if name == "utf-8" and "\ufffd" not in text else f"is {name.upper()}"
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return _guess(data)
    return _wide(data) or (text, None)


def _wide(data: bytes) -> tuple[str, str] | None:
    """UTF-16 without its signature begins with ASCII of which every other byte is zero."""
    even, odd = data[:64:2].count(0), data[1:64:2].count(0)
    if min(even, odd) or max(even, odd) < len(data[:64]) * 3 // 8 or len(data) < 4:
        return None
    name = "utf-16-be" if even else "utf-16-le"
    return data.decode(name, "replace"), f"is {name.upper()}"


def _guess(data: bytes) -> tuple[str, str]:
    """What is not UTF-8: its named charset, damaged UTF-8, the Chinese encoding, or a Western one."""
    if wide := _wide(data):
        return wide
    text = data.decode(errors="replace")
    high = len(data) - len(data.translate(None, bytes(range(128, 256))))
    if text.count("\ufffd") <= max(2, high * _BROKEN):
        return text, "is damaged UTF-8; what could not be read stands as \ufffd"
    if (named := _CHARSET.search(data, 0, 4000)) and (
        read := _try(data, named[1].decode("ascii", "replace"))
    ):
        return read
    western = "is neither UTF-8 nor GB18030, so it is read as Latin-1"
    return _try(data, "gb18030") or (data.decode("latin-1"), western)


def _try(data: bytes, name: str) -> tuple[str, str] | None:
    try:
        return data.decode(name), f"is {name.upper()}"
    except (LookupError, UnicodeError):
        return None
