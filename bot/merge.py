"""Two tags in the database made one."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from bot.config import Config
from bot.digest.tags import aliases
from bot.errors import UsageError
from bot.storage import merging, tags
from bot.storage.database import open_existing
from bot.storage.merging import Weight
from bot.storage.tags import Names, Topic


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """A tag that is a part of another one now."""

    tag: str
    into: str
    weight: Weight


async def merge(config: Config, old: str, into: str) -> Merged:
    """Make the first tag a part of the second, each named in any spelling; it cannot be undone.

    Raises:
        StorageError: there is no database yet, or it cannot be used.
        UsageError: no tag is called so, or both names mean the same one; nothing is changed.
    """
    database = await open_existing(config.database.get_secret_value())
    try:
        async with database.writing() as connection:
            known = await tags.topics(connection, since=dt.date.max, chat_id=None)
            names = Names(known, aliases({item.name: item.aliases for item in config.tags}))
            first, second = _named(names, old), _named(names, into)
            if first.slug == second.slug:
                raise UsageError(f"{first.name}: is one tag already, by both names")
            weight = await merging.merge(connection, first.slug, second.slug)
    finally:
        await database.close()
    return Merged(tag=first.name, into=second.name, weight=weight)


def lines(merged: Merged) -> Iterator[str]:
    """What was merged, for people."""
    weight = merged.weight
    yield f"{merged.tag} is a part of {merged.into} now: posts {weight.posts}, followers {weight.followers}"


def _named(names: Names, word: str) -> Topic:
    if (found := names.get(word)) is not None:
        return found
    likely = ", ".join(topic.name for topic in names.find(word) or tags.near(names.topics, word))
    raise UsageError(f"{word}: no tag is called so" + (f"; did you mean {likely}?" if likely else ""))
