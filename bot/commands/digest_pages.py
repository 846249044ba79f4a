"""Digests page by page: a tag's digest of a day, what the cap holds back of it, lists of digests."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from bot.commands.base import Reply, Visit, tell
from bot.commands.spoken import spoken
from bot.commands.turning import fields, page_of, pages_of, said, turns
from bot.formatter import buttons, lists
from bot.formatter.card import Action, Button, Card, Text
from bot.formatter.lists import Frame, Rows
from bot.model import Tag
from bot.slugs import key
from bot.storage import digests, tags
from bot.storage.digests import Brief, Day, Listed

SIZE = 8  # items of a page
PAIR = 2  # buttons with a date in a row


async def digest(
    visit: Visit, tag: Tag, asked: dt.date | None = None, number: int = 1, *, edit: bool = False
) -> Reply:
    """A page of a tag's digest of that day, or of the nearest one, or of the latest."""
    day = await digests.day(visit.connection, tag.slug, asked)
    if day is None:
        return tell(spoken(visit.say, "no_digest_of", tag=tag.name), edit=edit)
    listed = await digests.papers(visit.connection, tag.slug, day.date)
    frame = Frame(
        title=f"{tag.name} · {_shown(listed, day.date)}",
        notice=_elsewhere(visit, listed, day, asked),
        keys=_beside(visit, tag, day),
        tags=(tag.name,),
    )
    about = f"{Action.DIGEST}:{key(tag.slug)}:{day.date}"
    return Reply(cards=(await _page(visit, listed, frame, about, number),), edit=edit)


async def open_digest(visit: Visit) -> Reply:
    """What a button shows of a digest, in place: "KEY:DATE:PAGE"; without a date the latest one."""
    known, date, page = fields(visit.text, 3)
    tag = await digests.tag_of(visit.connection, known)
    if tag is None:
        return Reply(toast=visit.say("tag_gone"))
    return await digest(visit, tag, _date(date), page_of(page), edit=True)


async def open_rest(visit: Visit) -> Reply:
    """What of a digest was not pushed: "KEY:DATE", in a message of its own, turned in place by its page."""
    known, date, page = fields(visit.text, 3)
    tag, day = await digests.tag_of(visit.connection, known), _date(date)
    if tag is None or day is None:
        return Reply(toast=visit.say("tag_gone"))
    listed = await digests.papers(visit.connection, tag.slug, day)
    rest = await _rest(visit, listed)
    if not rest:
        return Reply(toast=visit.say("nothing_held"))
    title = visit.say("rest_of", tag=tag.name, date=_shown(listed, day))
    about = f"{Action.REST}:{key(tag.slug)}:{day}"
    card = await _page(visit, rest, Frame(title=title, tags=(tag.name,)), about, page_of(page))
    return Reply(cards=(card,), edit=bool(page))


async def open_dates(visit: Visit) -> Reply:
    """A list of digests, in place: "KEY:PAGE" of a tag's, ":PAGE" of those that the chat follows."""
    known, page = fields(visit.text, 2)
    if not known:
        followed = await digests.followed(visit.connection, visit.chat.id if visit.chat else None)
        return await latest(visit, followed, page_of(page), edit=True)
    tag = await digests.tag_of(visit.connection, known)
    if tag is None:
        return Reply(toast=visit.say("tag_gone"))
    return Reply(cards=(await _dates(visit, tag, page_of(page)),), edit=True)


async def latest(
    visit: Visit, chosen: Sequence[Tag], page: int = 1, *, most: int | None = None, edit: bool = False
) -> Reply:
    """The newest digests of these tags, or of all where none is named; at most so many, or page by page."""
    size = most or SIZE
    slugs = [tag.slug for tag in chosen]
    found = await digests.briefs(
        visit.connection, slugs, limit=size + (most is None), offset=SIZE * (page - 1)
    )
    if not found and page > 1:
        return await latest(visit, chosen, edit=edit)
    if not found:
        return tell(visit.say("no_digests"), edit=edit)
    lone = not chosen and not await _follows_all(visit)
    frame = Frame(
        title=visit.say("latest_digests"),
        notice=spoken(visit.say, "follows_nothing") if lone else (),
        keys=_more(page, more=most is None and len(found) > size),
    )
    shown = found[:size]
    heads = [(_head(visit, brief), brief.titles) for brief in shown]
    opening = buttons.rows([_opening(str(at), brief) for at, brief in enumerate(shown, 1)])
    return Reply(cards=(lists.digests(heads, frame, visit.language, opening),), edit=edit)


def opening(label: str, tag: Tag, date: dt.date | None = None) -> Button:
    """A button that opens a tag's digest in place, the latest one where no day is given."""
    return Button(label=label, action=Action.DIGEST, about=f"{key(tag.slug)}:{date or ''}:1")


async def _page(visit: Visit, listed: Sequence[Listed], frame: Frame, about: str, number: int) -> Card:
    """A page of papers; `about` is what buttons know the list by, without the page."""
    pages = pages_of(len(listed), SIZE)
    number = min(number, pages)
    first = SIZE * (number - 1)
    shown = listed[first : first + SIZE]
    action, _, known = about.partition(":")
    frame = replace(
        frame,
        facts=said(visit.say, "papers", len(listed), number, pages),
        keys=(turns(Action(action), lambda to: f"{known}:{to}", number, pages), *frame.keys),
        credits=tuple(dict.fromkeys(each.credit for each in shown)),
    )
    mentions = await digests.mentions(visit.connection, shown)
    return lists.papers(mentions, frame, visit.language, start=first + 1, back=f"{about}:{number}")


async def _rest(visit: Visit, listed: Sequence[Listed]) -> Sequence[Listed]:
    """What the cap holds back from the chat; what is beyond the cap where that is not known."""
    if visit.chat:
        ids = await digests.held(visit.connection, visit.chat.id, [each.arxiv_id for each in listed])
        if ids:
            return [each for each in listed if each.arxiv_id in ids]
    return listed[visit.desk.cap :]


async def _dates(visit: Visit, tag: Tag, page: int) -> Card:
    """A tag's digests by day, each a button."""
    number = await digests.dates(visit.connection, tag.slug)
    pages = pages_of(number, SIZE)
    page = min(page, pages)
    found = await digests.briefs(visit.connection, [tag.slug], limit=SIZE, offset=SIZE * (page - 1))
    days = [opening(f"{brief.date} · {brief.number}", tag, brief.date) for brief in found]
    known = key(tag.slug)
    frame = Frame(
        title=visit.say("digests_of", tag=tag.name),
        facts=said(visit.say, "digests", number, page, pages),
        keys=(turns(Action.DATES, lambda to: f"{known}:{to}", page, pages),),
        tags=(tag.name,),
    )
    return lists.digests((), frame, visit.language, buttons.rows(days, PAIR))


def _beside(visit: Visit, tag: Tag, day: Day) -> Rows:
    """Buttons to the digest before and the one after, and between them to all of the tag's."""
    row = [opening(f"« {_brief(day.older, day.date)}", tag, day.older)] if day.older else []
    if day.older or day.newer:
        about = f"{key(tag.slug)}:1"
        row.append(Button(label=visit.say("all_dates"), action=Action.DATES, about=about))
    if day.newer:
        row.append(opening(f"{_brief(day.newer, day.date)} »", tag, day.newer))
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


def _head(visit: Visit, brief: Brief) -> str:
    papers = visit.say("papers", n=brief.number)
    return visit.say("digest_of", tag=brief.tag.name, date=brief.date, papers=papers)


def _opening(label: str, brief: Brief) -> Button:
    return opening(label, brief.tag, brief.date)


def _more(page: int, *, more: bool) -> Rows:
    """Buttons that turn a list whose length nobody counts."""
    back = [Button(label="◀", action=Action.DATES, about=f":{page - 1}")] if page > 1 else []
    on = [Button(label="▶", action=Action.DATES, about=f":{page + 1}")] if more else []
    return ((*back, *on),)


async def _follows_all(visit: Visit) -> bool:
    return visit.chat is not None and await tags.follows_all(visit.connection, visit.chat.id)


def _date(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None
