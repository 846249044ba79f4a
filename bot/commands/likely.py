"""Which tags a beginning of a name may become: by name, word, other name, in that order, then by likeness."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.slugs import slug
from bot.storage.tags import Names, Topic, near

_APART = re.compile(r"[,，、;；\n]")
_SPOKEN = re.compile(r"[^\W_]")

Spelled = tuple[str, Topic, int]  # a slug, the tag that is called so, 0 for its own name and 3 for another


class Spellings:
    """Tags by the beginnings of all that they are called."""

    def __init__(self, names: Names) -> None:
        self.names = names
        own: list[Spelled] = [(topic.slug, topic, 0) for topic in names.topics]
        also = [(other, names.slugs.get(meant)) for other, meant in names.aliases.items()]
        self._spelled = [*own, *((other, topic, 3) for other, topic in also if topic)]

    def complete(self, typed: str, topics: Sequence[Topic]) -> Iterator[str]:
        """What is written with its last name made one of these tags', that is not named yet."""
        cuts = [0, *(found.end() for found in _APART.finditer(typed))]
        for cut in cuts[:-1]:
            # A name may hold a comma itself.
            wanted = slug(typed[cut:])
            held = [each for each in topics if _APART.search(each.name) and each.slug.startswith(wanted)]
            yield from (_joined(typed[:cut], each.name) for each in held)
        before = typed[: cuts[-1]]
        named = {piece for piece in self.names.split(before) if isinstance(piece, Topic)}
        for topic in self.likely(typed[cuts[-1] :], topics):
            if topic not in named:
                yield _joined(before, topic.name)

    def likely(self, piece: str, topics: Sequence[Topic]) -> list[Topic]:
        """The tags among these that a piece of a name may mean, the likeliest first; all for an empty one."""
        if not piece.strip():
            return list(topics)
        if not _SPOKEN.search(piece):
            return []
        allowed = {topic.id for topic in topics}
        spelled = [each for each in self._spelled if each[1].id in allowed]
        wanted = slug(piece)
        ranks: dict[Topic, int] = {}
        for name, topic, of in spelled:
            rank = _rank(name, wanted)
            if rank is not None:
                ranks[topic] = min(rank + of, ranks.get(topic, rank + of))
        held = sorted(ranks, key=ranks.__getitem__)
        return list(dict.fromkeys((*held, *self._like(piece, spelled))))

    def _like(self, piece: str, spelled: Sequence[Spelled]) -> Iterator[Topic]:
        """Those that are called something like it."""
        known = {topic.id: topic for _, topic, _ in spelled}
        called = [replace(topic, slug=name, aliases=()) for name, topic, _ in spelled]
        return (known[each.id] for each in near(called, piece))


def _rank(name: str, wanted: str) -> int | None:
    """How a name holds what is wanted: is it, begins with it, a word does, anywhere; None: it does not."""
    if name == wanted:
        return 0
    tight, close = name.replace("-", ""), wanted.replace("-", "")
    if name.startswith(wanted) or tight.startswith(close):
        return 1
    if f"-{wanted}" in name:
        return 2
    return 6 if wanted in name or close in tight else None


def _joined(before: str, name: str) -> str:
    kept = before.strip(" ,，、;；\n")
    return f"{kept}, {name}" if kept else name
