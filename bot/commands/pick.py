"""Which tags a person means by what is written behind a command; asks where that is not clear."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.commands.base import Reply, Visit, tell
from bot.commands.spoken import spoken
from bot.formatter.card import Button, Text
from bot.formatter.text import shorten
from bot.storage import tags
from bot.storage.tags import Names, Topic

WEEK = 7  # days in which papers count as this week's
QUESTIONS = 3  # unclear names that are asked about one by one
CHOICES = 8  # tags that are offered at most
NAMED = 12  # tags that are named in one line
LABEL = 40  # UTF-16 units of a name on a button
WORD = 60  # of what a person wrote, in the answer

Ask = Callable[[Topic], Button]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unclear:
    """What was written for a tag that there is not, or for more than one."""

    word: str
    held: tuple[Topic, ...]  # tags whose names hold the word
    likely: tuple[Topic, ...]  # tags with a name like it, where none holds it; of the first few alone


async def all_topics(visit: Visit) -> list[Topic]:
    """All tags as the chat of the visit sees them, those with most papers this week first."""
    today = dt.datetime.fromtimestamp(visit.request.at, dt.UTC).date()
    since = today - dt.timedelta(days=WEEK - 1)
    return await tags.topics(visit.connection, since=since, chat_id=visit.chat.id if visit.chat else None)


def pick(visit: Visit, topics: Sequence[Topic], text: str) -> tuple[list[Topic], list[Unclear]]:
    """The tags that a text names, and what in it is not clear."""
    clear: list[Topic] = []
    unclear: list[Unclear] = []
    names = Names(topics, visit.desk.aliases)
    for piece in names.split(text):
        near = len(unclear) < QUESTIONS
        found = piece if isinstance(piece, Topic) else meant(names, piece, near=near)
        if isinstance(found, Topic):
            clear.append(found)
        else:
            unclear.append(found)
    return list(dict.fromkeys(clear)), unclear


def which(visit: Visit, unclear: Unclear, ask: Ask) -> Reply:
    """Asks which tag was meant, or says that there is none like it."""
    return tell(question(visit, unclear), keys=choices(unclear, ask))


def question(visit: Visit, unclear: Unclear) -> Text:
    """What to ask where it is not clear which tag was meant."""
    word = shorten(unclear.word, WORD)
    if unclear.held:
        more = len(unclear.held) - CHOICES
        key = "which_tag_of_many" if more > 0 else "which_tag"
        return spoken(visit.say, key, word=word, n=len(unclear.held))
    return spoken(visit.say, "did_you_mean_tag" if unclear.likely else "no_such_tag", word=word)


def choices(unclear: Unclear, ask: Ask) -> tuple[tuple[Button, ...], ...]:
    """Rows of buttons for the tags that may be meant."""
    return pairs([ask(topic) for topic in (unclear.held or unclear.likely)[:CHOICES]])


def pairs(buttons: Sequence[Button]) -> tuple[tuple[Button, ...], ...]:
    """Buttons in rows of two: names of tags are long, and telephones narrow."""
    return tuple(tuple(buttons[at : at + 2]) for at in range(0, len(buttons), 2))


def short(name: str) -> str:
    """A tag's name as a button has room for."""
    return shorten(name, LABEL)


def listed(visit: Visit, names: Sequence[str]) -> str:
    """Names in one line, not more than are of use there."""
    shown = visit.say("comma").join(short(name) for name in names[:NAMED])
    more = len(names) - NAMED
    return visit.say("and_more", names=shown, n=more) if more > 0 else shown


def meant(names: Names, word: str, *, near: bool) -> Topic | Unclear:
    """The tag that a word means, or what it may mean; names like it only where they are asked for."""
    held = names.find(word)
    if len(held) == 1:
        return held[0]
    likely = tags.near(names.topics, word) if near and not held else ()
    return Unclear(word=word, held=tuple(held), likely=tuple(likely))
