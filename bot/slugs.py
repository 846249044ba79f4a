"""The one spelling that all spellings of a name share."""

import re
import unicodedata
from functools import lru_cache
from hashlib import sha256

_SPOKEN = {"+": "plus", "#": "sharp"}  # what tells C++ and C# from C
_JOINER = re.compile(r"(?<!\d)-|-(?!\d)")  # one between two digits tells numbers apart


@lru_cache(maxsize=1024)
def slug(name: str) -> str:
    """The name without what spellings differ in: case, width, blanks, joiners.

    A slug is never empty, and ASCII where the name is: letters and digits parted by single hyphens.
    """
    signs: list[str] = []
    for char in unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold()):
        kind = unicodedata.category(char)
        if kind == "Cf" or char in ("\ufe0e", "\ufe0f"):
            continue  # zero-width characters part nothing
        if kind[0] in "LNM":
            signs.append(char)
        elif char in _SPOKEN and signs and signs[-1] != "-":
            signs.append(_SPOKEN[char])
        elif signs and signs[-1] != "-":
            signs.append("-")
    found = "".join(signs).strip("-")
    return found or "-".join(["tag", *(f"{ord(char):x}" for char in name if not char.isspace())])


@lru_cache(maxsize=4096)
def tight(slug: str) -> str:
    """What names share that differ in nothing but blanks and joiners: 3DGS and 3D GS, not 2.5D and 25D."""
    return _JOINER.sub("", slug)


@lru_cache(maxsize=4096)
def key(slug: str) -> str:
    """What a button knows a tag by, whatever its name and in whatever database: eight signs of its hash."""
    return sha256(slug.encode("utf-8", "surrogatepass")).hexdigest()[:8]
