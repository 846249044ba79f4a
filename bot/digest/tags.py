"""Tags: one slug for all spellings of a name."""

from collections.abc import Iterable, Mapping

from bot.model import Tag
from bot.slugs import slug


def tag(name: str) -> Tag:
    """The tag of that name; spellings that differ in case, width, blanks or joiners share its slug."""
    return Tag(name=name.strip(), slug=slug(name))


def aliases(named: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """What tags are called besides, by their names, as slugs: of each alias, to that of the tag."""
    return {slug(alias): slug(name) for name, others in named.items() for alias in others}
