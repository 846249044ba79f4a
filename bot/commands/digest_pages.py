"""Digests page by page: a tag's digest of a day, and what the cap holds back of it."""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.commands import kept
from bot.commands.base import Refusal, Reply, Visit, tell
from bot.commands.freshness import last_digest
from bot.commands.spoken import below, spoken
from bot.commands.turning import DATA, fields, page_of, pages_of, said, turns
from bot.formatter import lists
from bot.formatter.card import Action, Button, Card, Text
from bot.formatter.lists import Frame, Rows
from bot.model import Tag
from bot.slugs import key
from bot.storage import digests
from bot.storage.digests import Day, Listed

SIZE = 8  # papers of a page

_WAY = re.compile(rf"[\w+*#-]{{0,{kept.NAME}}}:\d{{1,5}}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class At:
    """Which list of papers a button is about."""

    action: Action
    tag: Tag
    date: dt.date
    back: str = ""  # the list of digests that it leads back to, if any

    def about(self, page: int) -> str:
        """What a button says that shows this page: "KEY:DATE:PAGE", "KEY:DATE:PAGE:LIST:PAGE"."""
        return _about(self.tag, self.date, page, self.back)


async def digest(
    visit: Visit,
    tag: Tag,
    asked: dt.date | None = None,
    number: int = 1,
    *,
    edit: bool = False,
    back: str = "",
) -> Reply:
    """A page of a tag's digest of that day, or of the nearest one, or of the latest.

    `back` is what a button says that leads back to a list of digests.
    """
    day = await digests.day(visit.connection, tag.slug, asked)
    if day is None:
        return tell(spoken(visit.say, "no_digest_of", tag=tag.name), edit=edit)
    listed = await digests.papers(visit.connection, tag.slug, day.date)
    frame = Frame(
        title=f"{tag.name} · {_shown(listed, day.date)}",
        notice=below(
            _elsewhere(visit, listed, day, asked),
            () if day.newer else await last_digest(visit, day.date, [tag.slug]),
        ),
        keys=(*_beside(visit, tag, day, back), *lead_back(visit, back)),
        tags=(tag.name,),
    )
    here = At(action=Action.DIGEST, tag=tag, date=day.date, back=back)
    return Reply(cards=(await _page(visit, listed, frame, here, number),), edit=edit)


async def open_digest(visit: Visit) -> Reply:
    """What a button shows of a digest: "KEY" the latest one, in a message of its own, all else in place.

    "KEY:DATE:PAGE", without a date of the latest one; behind it the list that it leads back to, if any.
    """
    known, date, page, back = fields(visit.text, 4)
    tag = await digests.tag_of(visit.connection, known)
    if tag is None:
        return Reply(toast=visit.say("tag_gone"))
    return await digest(visit, tag, read_date(date), page_of(page), edit=bool(page), back=read_way(back))


async def open_rest(visit: Visit) -> Reply:
    """What of a digest was not pushed: "KEY:DATE", in a message of its own, turned in place by its page."""
    known, date, page = fields(visit.text, 3)
    tag, day = await digests.tag_of(visit.connection, known), read_date(date)
    if tag is None:
        raise Refusal("tag_gone")
    if day is None:
        raise Refusal("stale")
    listed = await digests.papers(visit.connection, tag.slug, day)
    rest = await _rest(visit, listed)
    if not rest:
        return Reply(toast=visit.say("nothing_held"))
    title = visit.say("rest_of", tag=tag.name, date=_shown(listed, day))
    here = At(action=Action.REST, tag=tag, date=day)
    card = await _page(visit, rest, Frame(title=title, tags=(tag.name,)), here, page_of(page))
    return Reply(cards=(card,), edit=bool(page))


def opening(label: str, tag: Tag, date: dt.date | None = None, back: str = "") -> Button:
    """A button that opens a tag's digest in place, the latest one where no day is given."""
    return Button(label=label, action=Action.DIGEST, about=_about(tag, date, 1, back))


def lead_back(visit: Visit, back: str) -> Rows:
    """The button that leads back to a list of digests, where there is one."""
    return ((Button(label=visit.say("back"), action=Action.DATES, about=back),),) if back else ()


def read_way(text: str) -> str:
    """What stands behind a button as the way back to a list of digests; empty: nothing that is one."""
    return text if _WAY.fullmatch(text) else ""


def read_date(text: str) -> dt.date | None:
    """The day that a button names; None where it names none."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _about(tag: Tag, date: dt.date | None, page: int, back: str) -> str:
    return f"{key(tag.slug)}:{date or ''}:{page}" + (f":{back}" if back else "")


async def _page(visit: Visit, listed: Sequence[Listed], frame: Frame, here: At, number: int) -> Card:
    """A page of papers, with buttons that turn it and open its papers."""
    pages = pages_of(len(listed), SIZE)
    number = min(number, pages)
    first = SIZE * (number - 1)
    shown = listed[first : first + SIZE]
    frame = replace(
        frame,
        facts=said(visit.say, "papers", len(listed), number, pages),
        keys=(turns(here.action, here.about, number, pages), *frame.keys),
        credits=tuple(dict.fromkeys(each.credit for each in shown)),
    )
    mentions = await digests.mentions(visit.connection, shown)
    back = _returning(here, number, longest=max((len(each.arxiv_id) for each in shown), default=0))
    return lists.papers(mentions, frame, visit.language, start=first + 1, back=back)


def _returning(here: At, number: int, *, longest: int) -> str:
    """What a button says of this page, beside an id so long, for a card to come back to it.

    Where there is no room, the day is written without hyphens, or the way back to a list is left out.
    """
    room = DATA - len(f"{Action.PAPER}::") - longest
    whole = f"{here.action}:{here.about(number)}"
    tight = whole.replace(str(here.date), str(here.date).replace("-", ""))
    bare = f"{here.action}:{replace(here, back='').about(number)}"
    return next((way for way in (whole, tight) if len(way) <= room), bare)


async def _rest(visit: Visit, listed: Sequence[Listed]) -> Sequence[Listed]:
    """What the cap holds back from the chat; what is beyond the cap where that is not known."""
    if visit.chat:
        ids = await digests.held(visit.connection, visit.chat.id, [each.arxiv_id for each in listed])
        if ids:
            return [each for each in listed if each.arxiv_id in ids]
    return listed[visit.desk.cap :]


def _beside(visit: Visit, tag: Tag, day: Day, back: str) -> Rows:
    """Buttons to the digest before and the one after, and between them to all of the tag's."""
    row = [opening(f"« {_brief(day.older, day.date)}", tag, day.older, back)] if day.older else []
    if day.older or day.newer:
        about = f"{key(tag.slug)}:1" + (f":{back}" if back else "")
        row.append(Button(label=visit.say("all_dates"), action=Action.DATES, about=about))
    if day.newer:
        row.append(opening(f"{_brief(day.newer, day.date)} »", tag, day.newer, back))
    return (tuple(row),)


def _brief(date: dt.date, beside: dt.date) -> str:
    """A day without its year, where that is the same."""
    return f"{date:%m-%d}" if date.year == beside.year else str(date)


def _shown(listed: Sequence[Listed], date: dt.date) -> dt.date:
    """The day that all the headings name, else the one that the digest is filed under."""
    named = {each.shown for each in listed}
    return named.pop() if len(named) == 1 else date


def _elsewhere(visit: Visit, listed: Sequence[Listed], day: Day, asked: dt.date | None) -> Text:
    """Says that there is no digest of the day that was asked for."""
    if asked is None or asked == day.date or asked in {each.shown for each in listed}:
        return ()
    return spoken(visit.say, "no_digest_on", asked=str(asked))
