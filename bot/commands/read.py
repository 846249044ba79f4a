"""Reading what there is: digests by tag and day, papers, search."""

import datetime as dt
import re
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from bot.commands import digest_pages, finding, paper
from bot.commands.arxiv import paper_id
from bot.commands.base import Command, Deed, Reply, Visit, tell
from bot.commands.dates import split_day
from bot.commands.digest_pages import digest, opening
from bot.commands.paper import show_paper
from bot.commands.pick import all_topics, pick, short, which
from bot.formatter.card import Action
from bot.model import Language, Tag
from bot.storage import digests, tags
from bot.storage.tags import Topic

MOST = 10  # digests at once

_NUMBER = re.compile(r"(?:(?P<before>.*\S)[\s,，]+)?(?P<number>\d{1,4})", re.DOTALL)

__all__ = ["COMMANDS", "DEEDS", "paper_id", "show_paper"]


async def latest(visit: Visit) -> Reply:
    """The newest digests of the named tags, or of what the chat follows; of one tag its digest itself."""
    text, number, day = visit.text, None, None
    topics = await all_topics(visit) if text else []
    if not _is_name(visit, topics, text):
        text, number = _split_number(text)
        text, day = _split_day(visit, text) if text and number is None else (text, None)
    chosen = await _chosen(visit, topics, text, day)
    if isinstance(chosen, Reply):
        return chosen
    if len(chosen) == 1 and number in (None, 1):
        return await digest(visit, chosen[0], day)
    if number == 1:
        newest = await digests.briefs(visit.connection, [tag.slug for tag in chosen], limit=1)
        return await digest(visit, newest[0].tag) if newest else await digest_pages.latest(visit, chosen)
    most = None if number is None else min(max(number, 1), MOST)
    return await digest_pages.latest(visit, chosen, most=most)


async def tag(visit: Visit) -> Reply:
    """A tag's digest of a day, or its latest."""
    if not visit.text:
        return tell(visit.say("tag_usage"))
    topics = await all_topics(visit)
    text, day = visit.text, None
    if not _is_name(visit, topics, text):
        text, day = _split_day(visit, text)
    if not text:
        return tell(visit.say("tag_usage"))
    chosen = await _chosen(visit, topics, text, day)
    if isinstance(chosen, Reply):
        return chosen
    return (
        await digest(visit, chosen[0], day) if len(chosen) == 1 else await digest_pages.latest(visit, chosen)
    )


async def _chosen(visit: Visit, topics: Sequence[Topic], text: str, day: dt.date | None) -> list[Tag] | Reply:
    """The tags that a text names, those that the chat follows where it names none; else what to ask."""
    if not text:
        return await digests.followed(visit.connection, visit.chat.id if visit.chat else None)
    clear, unclear = pick(visit, topics, text)
    if unclear:
        return which(visit, unclear[0], lambda topic: opening(short(topic.name), _tag(topic), day))
    return [_tag(topic) for topic in clear]


def _tag(topic: Topic) -> Tag:
    return Tag(name=topic.name, slug=topic.slug)


def _is_name(visit: Visit, topics: Sequence[Topic], text: str) -> bool:
    """Whether the whole text names a tag, whatever number or day it may end with."""
    pieces = tags.split(text, topics, visit.desk.aliases)
    return len(pieces) == 1 and isinstance(pieces[0], Topic)


def _split_number(text: str) -> tuple[str, int | None]:
    """The text without the number that it ends with, and that number."""
    found = _NUMBER.fullmatch(text)
    return (found["before"] or "", int(found["number"])) if found else (text, None)


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
    Command(name="paper", run=paper.paper, example="2003.08934"),
    Command(name="search", run=finding.find, example="gaussian splatting"),
)

DEEDS = {
    Action.DIGEST: Deed(run=digest_pages.open_digest),
    Action.REST: Deed(run=digest_pages.open_rest),
    Action.DATES: Deed(run=digest_pages.open_dates),
    Action.PAPER: Deed(run=paper.open_paper),
    Action.NOTE: Deed(run=paper.open_note),
    Action.ABSTRACT: Deed(run=paper.open_abstract),
    Action.FIGURES: Deed(run=paper.open_figures),
    Action.LIKE: Deed(run=paper.open_like),
    Action.SEARCH: Deed(run=finding.open_found),
}
