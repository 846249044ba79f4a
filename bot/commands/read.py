"""Reading what there is: digests by tag and day, papers, search."""

import datetime as dt
import re
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from bot.commands import digest_lists, digest_pages, finding, paper
from bot.commands.base import Command, Deed, Reply, Visit, tell
from bot.commands.dates import odd_day, split_day
from bot.commands.digest_lists import Choice
from bot.commands.digest_pages import digest, opening
from bot.commands.pick import all_topics, pick, short, which
from bot.commands.spoken import spoken
from bot.formatter.card import Action
from bot.model import Language, Tag
from bot.slugs import key
from bot.storage import digests
from bot.storage.tags import Names, Topic

_NUMBER = re.compile(r"(\d{1,4})(?:[\s,，]+|\Z)")  # from the end: the first sign is the text's last


async def latest(visit: Visit) -> Reply:
    """The newest digests of the named tags, or of what the chat follows; of one tag its digest itself."""
    topics = await all_topics(visit) if visit.text else []
    text, number, day = _read(visit, topics)
    chosen = await _chosen(visit, topics, text, day)
    if isinstance(chosen, Reply):
        return chosen
    if len(chosen) == 1 and number in (None, 1):
        return await digest(visit, chosen[0], day)
    if number == 1:
        slugs = [tag.slug for tag in chosen]
        if newest := await digests.briefs(visit.connection, slugs, on=day, limit=1):
            return await digest(visit, newest[0].tag, day)
    most = None if number is None else min(max(number, 1), digest_lists.MOST)
    return await digest_lists.latest(visit, chosen, _choice(chosen if text else (), most, day))


async def tag(visit: Visit) -> Reply:
    """A tag's digest of a day, or its latest; of several tags a list of them."""
    topics = await all_topics(visit) if visit.text else []
    text, day = visit.text, None
    if not _are_names(Names(topics, visit.desk.aliases), text):
        text, day = _split_day(visit, text)
    chosen = await _chosen(visit, topics, text, day) if text else []
    if isinstance(chosen, Reply):
        return chosen
    if not chosen:
        return tell(visit.say("tag_usage"))
    if len(chosen) == 1:
        return await digest(visit, chosen[0], day)
    return await digest_lists.latest(visit, chosen, _choice(chosen, None, day))


async def _chosen(visit: Visit, topics: Sequence[Topic], text: str, day: dt.date | None) -> list[Tag] | Reply:
    """The tags that a text names, those that the chat follows where it names none; else what to ask."""
    if not text:
        return await digests.followed(visit.connection, visit.chat.id if visit.chat else None)
    clear, unclear = pick(visit, topics, text)
    if unclear and day is None and (odd := odd_day(visit.text) or odd_day(text)):
        return tell(spoken(visit.say, "not_a_day", text=odd))
    if unclear:
        return which(visit, unclear[0], lambda topic: opening(short(topic.name), _tag(topic), day))
    return [_tag(topic) for topic in clear]


def _choice(named: Sequence[Tag], most: int | None, day: dt.date | None) -> Choice:
    return Choice(keys=tuple(key(tag.slug) for tag in named), most=most, day=day)


def _tag(topic: Topic) -> Tag:
    return Tag(name=topic.name, slug=topic.slug)


def _read(visit: Visit, topics: Sequence[Topic]) -> tuple[str, int | None, dt.date | None]:
    """The text without how many digests it asks for and of which day, and these two."""
    text, names = visit.text, Names(topics, visit.desk.aliases)
    if _are_names(names, text):
        return text, None, None
    before, number = _split_number(text)
    if number is not None and (not before or _are_names(names, before)):
        return before, number, None
    rest, day = _split_day(visit, text)
    if day is None:
        rest, day = _split_day(visit, before)
        return rest, number, day
    return (rest, None, day) if _are_names(names, rest) else (*_split_number(rest), day)


def _are_names(names: Names, text: str) -> bool:
    """Whether the whole text names tags, whatever number or day it may end with."""
    pieces = names.split(text)
    return bool(pieces) and all(isinstance(piece, Topic) for piece in pieces)


def _split_number(text: str) -> tuple[str, int | None]:
    """The text without the number that it ends with, and that number."""
    found = _NUMBER.match(text[::-1])
    return (text[: -found.end()], int(found[1][::-1])) if found else (text, None)


def _split_day(visit: Visit, text: str) -> tuple[str, dt.date | None]:
    today = dt.datetime.fromtimestamp(visit.request.at, _zone(visit)).date()
    return split_day(text, today, chinese=visit.language is Language.ZH)


def _zone(visit: Visit) -> dt.tzinfo:
    try:
        return ZoneInfo(visit.chat.schedule.zone) if visit.chat else dt.UTC
    except (KeyError, ValueError, OSError):  # one that this machine does not know
        return dt.UTC


COMMANDS = (
    Command(name="latest", run=latest, example="NeRF 3"),
    Command(name="tag", run=tag, example="NeRF 2026-11-20"),
    Command(name="paper", run=finding.paper, example="2003.08934"),
    Command(name="search", run=finding.find, example="gaussian splatting"),
)

DEEDS = {
    Action.DIGEST: Deed(run=digest_pages.open_digest, opens=True),
    Action.REST: Deed(run=digest_pages.open_rest, opens=True),
    Action.DATES: Deed(run=digest_lists.open_dates, opens=True),
    Action.PAPER: Deed(run=paper.open_paper, opens=True),
    Action.NOTE: Deed(run=paper.open_note, opens=True),
    Action.ABSTRACT: Deed(run=paper.open_abstract, opens=True),
    Action.FIGURES: Deed(run=paper.open_figures, opens=True),
    Action.LIKE: Deed(run=paper.open_like, opens=True),
    Action.SEARCH: Deed(run=finding.open_found, opens=True),
}
