"""Tags: one slug for all spellings of a name."""

import unicodedata
from functools import lru_cache

from bot.model import Tag

_SPOKEN = {"+": "plus", "#": "sharp"}  # what tells C++ and C# from C


@lru_cache(maxsize=1024)
def tag(name: str) -> Tag:
    """The tag of that name; spellings that differ in case, width, blanks or joiners share its slug.

    A slug is never empty, and ASCII where the name is: letters and digits parted by single hyphens.
    """
    return Tag(name=name.strip(), slug=_slug(name))


def _slug(name: str) -> str:
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
    slug = "".join(signs).strip("-")
    return slug or "-".join(["tag", *(f"{ord(char):x}" for char in name if not char.isspace())])
