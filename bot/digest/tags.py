"""Tags: one slug for all spellings of a name."""

from collections.abc import Iterable, Mapping

from bot.model import Tag
from bot.slugs import slug, tight


def tag(name: str) -> Tag:
    """The tag of that name; spellings that differ in case, width, blanks or joiners share its slug."""
    return Tag(name=name.strip(), slug=slug(name))


def aliases(named: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """What tags are called besides, by their names, as slugs: of each alias, to that of the tag."""
    return {slug(alias): slug(name) for name, others in named.items() for alias in others}


def named(names: Mapping[str, Iterable[str]]) -> dict[str, Tag]:
    """The tags of the configuration by all that posts may call them, as slugs and those made tight.

    A name goes before an alias, and what is written so before what differs by blanks and joiners.
    """
    found: dict[str, Tag] = {}
    for name in names:
        found.setdefault(slug(name), tag(name))
    for name, others in names.items():
        for other in others:
            found.setdefault(slug(other), found[slug(name)])
    for spelled, meant in list(found.items()):
        found.setdefault(tight(spelled), meant)
    return found
