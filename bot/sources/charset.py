"""What bytes from the web say as text: UTF-8 wherever it can be that, whatever was declared."""

import re

_DECLARED = re.compile(rb"""(?:encoding|charset)\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE)
_HEADER = re.compile(r"""charset\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE)
_SIGNATURES = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_WIDE = {b"<\0": "utf-16-le", b"\0<": "utf-16-be"}
_EASTERN = ("gb", "big5", "euc", "shift", "iso-2022", "hz")  # which do not fit to whatever bytes come
_BROKEN = 0.02  # share of bytes that may be broken in what still counts as UTF-8
_WIDER = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "iso-8859-1": "cp1252",
    "us-ascii": "utf-8",
    "ascii": "utf-8",
}


def decode(data: bytes, kind: str = "") -> str:
    """The text; `kind` is the Content-Type that came with it."""
    for signature, name in _SIGNATURES:
        if data.startswith(signature):
            return data[len(signature) :].decode(name, "replace")
    if (wide := _WIDE.get(data[:2])) is not None:
        return data.decode(wide, "replace")
    try:
        return data.decode()
    except UnicodeDecodeError:
        text = data.decode(errors="replace")
    named, inside = _HEADER.search(kind[:500]), _DECLARED.search(data, 0, 2000)
    declared: list[str] = [named[1] if named else "", inside[1].decode("ascii", "replace") if inside else ""]
    eastern = [name for name in declared if name.lower().startswith(_EASTERN)]
    damaged = text.count("\ufffd") <= len(data.translate(None, bytes(range(128)))) * _BROKEN + 2
    names = eastern if damaged else [*declared, "gb18030"]
    for name in names:
        if name and (said := _try(data, _WIDER.get(name.lower(), name))) is not None:
            return said
    return text


def _try(data: bytes, name: str) -> str | None:
    try:
        return data.decode(name)
    except (LookupError, UnicodeError):
        return None
