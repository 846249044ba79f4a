"""/merge: an operator makes two tags one, after a question that says what goes where."""

import re
from collections.abc import Callable, Iterator, Sequence

from bot.commands import kept
from bot.commands.base import Command, Deed, Refusal, Reply, Visit, button
from bot.commands.pick import Unclear, all_topics, choices, meant, question, short
from bot.commands.places import reply
from bot.commands.spoken import spoken
from bot.commands.turning import fields
from bot.formatter.card import Action, Button
from bot.log import get_logger
from bot.storage import merging, tags
from bot.storage.merging import Weight
from bot.storage.tags import Names, Topic

log = get_logger(__name__)

CUTS = 20  # places where a text may be parted into two names
YES, NO = "yes", "no"

_BETWEEN = re.compile(r"(?<=\s)into(?=\s)|->|=>|[→,，、;；\n]|并入|合并到|併入|合併到", re.IGNORECASE)


async def merge(visit: Visit) -> Reply:
    """Ask whether the first of two tags is to become a part of the second."""
    topics = await all_topics(visit)
    names = Names(topics, visit.desk.aliases)
    pair = _part(names, visit.text)
    if pair is None:
        raise Refusal("merge_usage")
    return await _ask(visit, names, *pair)


async def press_merge(visit: Visit) -> Reply:
    """Ask about two tags, "KEY:KEY", or do what was asked, "KEY:KEY:yes"; what is unclear has a kept name."""
    if visit.text == NO:
        return reply(visit, visit.say("merge_kept"), edit=True)
    topics = await all_topics(visit)
    names = Names(topics, visit.desk.aliases)
    *keys, answered = fields(visit.text, 3)
    first, second = [await _side(visit, topics, key) for key in keys]
    asked = [tags.key(topic.slug) for topic in (first, second) if isinstance(topic, Topic)]
    # A tag that was merged since is another one than the question was about.
    if answered == YES and asked == keys and isinstance(first, Topic) and isinstance(second, Topic):
        return await _do(visit, first, second)
    return await _ask(visit, names, first, second, edit=True)


def _part(names: Names, text: str) -> tuple[str | Topic, str | Topic] | None:
    """The two names in a text, where most of them are known if it can be parted in several ways."""
    pairs = list(_pairs(text))
    if pairs:
        return max(pairs, key=lambda pair: sum(names.get(side) is not None for side in pair))
    pieces = names.split(text)
    known = [piece for piece in pieces if isinstance(piece, Topic)]
    return (known[0], known[1]) if len(known) == len(pieces) == 2 else None


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    """What stands before and behind each word or sign that may part two names, the words first."""
    cuts = [cut for _, cut in zip(range(CUTS), _BETWEEN.finditer(text), strict=False)]
    for cut in sorted(cuts, key=lambda cut: not cut[0].isalpha()):
        pair = text[: cut.start()].strip(), text[cut.end() :].strip()
        if all(pair):
            yield pair


async def _side(visit: Visit, topics: Sequence[Topic], named: str) -> str | Topic:
    """The tag of a key, or the name that is kept."""
    word = await kept.find(visit, named) if named.startswith(kept.MARK) else None
    found = word or tags.by_key(topics, named)
    if not found:
        raise Refusal("tag_gone")
    return found


async def _ask(
    visit: Visit, names: Names, old: str | Topic, into: str | Topic, *, edit: bool = False
) -> Reply:
    """Ask whether to merge the two, or first which tags are meant."""
    first, second = [
        side if isinstance(side, Topic) else meant(names, side, near=True) for side in (old, into)
    ]
    if isinstance(first, Unclear):
        other = tags.key(second.slug) if isinstance(second, Topic) else await kept.name(visit, second.word)
        return _which(visit, first, lambda topic: f"{tags.key(topic.slug)}:{other}", edit=edit)
    if isinstance(second, Unclear):
        return _which(
            visit, second, lambda topic: f"{tags.key(first.slug)}:{tags.key(topic.slug)}", edit=edit
        )
    if first.slug == second.slug:
        raise Refusal("merge_same", tag=short(first.name))
    weight = await merging.weigh(visit.connection, first.slug)
    line = spoken(visit.say, "merge_sure", **_told(visit, first, second, weight))
    return reply(visit, line, keys=_answers(visit, first, second), edit=edit)


def _which(visit: Visit, unclear: Unclear, about: Callable[[Topic], str], *, edit: bool) -> Reply:
    keys = choices(unclear, lambda topic: button(short(topic.name), Action.MERGE, about(topic)))
    return reply(visit, question(visit, unclear), keys=keys, edit=edit)


def _answers(visit: Visit, old: Topic, into: Topic) -> tuple[tuple[Button, ...], ...]:
    keys = tags.key(old.slug), tags.key(into.slug)
    return (
        (button(visit.say("merge_yes"), Action.MERGE, ":".join((*keys, YES))),),
        (
            button(visit.say("merge_swap"), Action.MERGE, ":".join(reversed(keys))),
            button(visit.say("merge_no"), Action.MERGE, NO),
        ),
    )


async def _do(visit: Visit, old: Topic, into: Topic) -> Reply:
    weight = await merging.merge(visit.connection, old.slug, into.slug)
    log.info("tag.merged", tag=old.slug, into=into.slug, posts=weight.posts, followers=weight.followers)
    return reply(visit, spoken(visit.say, "merge_done", **_told(visit, old, into, weight)), edit=True)


def _told(visit: Visit, old: Topic, into: Topic, weight: Weight) -> dict[str, str]:
    return {
        "tag": short(old.name),
        "into": short(into.name),
        "posts": visit.say("merge_posts", n=weight.posts),
        "followers": visit.say("merge_followers", n=weight.followers),
    }


COMMANDS: tuple[Command, ...] = (Command(name="merge", run=merge, example="3D GS into 3DGS", operators=True),)
DEEDS: dict[Action, Deed] = {Action.MERGE: Deed(run=press_merge, writes=True, operators=True)}
