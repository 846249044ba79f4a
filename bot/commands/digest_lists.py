"""Lists of digests, turned in place: the latest, those of a day, all of a tag's.

What is opened from a list leads back to it, so its name goes along in buttons that hold much else.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from bot.commands import kept
from bot.commands.base import Reply, Visit, tell
from bot.commands.digest_pages import lead_back, opening, read_date, read_way
from bot.commands.freshness import last_digest, why_none
from bot.commands.pick import listed, pairs
from bot.commands.spoken import below, spoken
from bot.commands.turning import DATA, fields, page_of, pages_of, said, turns
from bot.formatter import buttons, lists
from bot.formatter.card import Action, Button, Card, Span, Text
from bot.formatter.lists import Frame, Rows
from bot.model import Tag
from bot.slugs import key
from bot.storage import digests, tags
from bot.storage.digests import Brief

SIZE = 8  # digests of a page
MOST = 10  # digests at once, where a number is asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which digests a list holds."""

    keys: tuple[str, ...] = ()  # of the tags that were named; none: what the chat follows, or else all
    most: int | None = None  # so many alone; None: all, page by page
    day: dt.date | None = None  # of that day, or of the nearest that has any

    @property
    def text(self) -> str:
        """The choice as buttons carry it: "1a2b3c4d+5e6f7a8b*3*20261120"; a key alone: all of a tag's."""
        parts = ("+".join(self.keys), str(self.most or ""), str(self.day or "").replace("-", ""))
        return "*".join(parts).rstrip("*")

    @classmethod
    def read(cls, text: str) -> "Choice":
        """The choice that a button carries."""
        keys, most, day = [*text.split("*", 2), "", ""][:3]
        number = min(page_of(most), MOST) if most else None
        return cls(keys=tuple(filter(None, keys.split("+"))), most=number, day=read_date(day))


async def open_dates(visit: Visit) -> Reply:
    """A list of digests, in place: "CHOICE:PAGE", and behind it the list that it leads back to, if any."""
    named, page, back = fields(visit.text, 3)
    text = await kept.find(visit, named)
    if text is None:
        return Reply(toast=visit.say("list_gone"))
    choice = Choice.read(text)
    if not choice.keys:
        followed = await digests.followed(visit.connection, visit.chat.id if visit.chat else None)
        return await latest(visit, followed, choice, page_of(page), edit=True)
    chosen = await digests.tags_of(visit.connection, choice.keys)
    if not chosen:
        return Reply(toast=visit.say("tag_gone"))
    if choice == Choice(keys=choice.keys[:1]):
        return Reply(cards=(await _dates(visit, chosen[0], page_of(page), read_way(back)),), edit=True)
    return await latest(visit, chosen, choice, page_of(page), edit=True)


async def latest(
    visit: Visit, chosen: Sequence[Tag], choice: Choice, page: int = 1, *, edit: bool = False
) -> Reply:
    """The digests of a choice among these tags, or among all where there are none; the newest first."""
    slugs = [tag.slug for tag in chosen]
    day = await digests.nearest(visit.connection, slugs, choice.day) if choice.day else None
    size = choice.most or SIZE
    found = await digests.briefs(
        visit.connection, slugs, on=day, limit=size + (choice.most is None), offset=SIZE * (page - 1)
    )
    if not found and page > 1:
        return await latest(visit, chosen, choice, edit=edit)
    if not found:
        return tell(below((Span(visit.say("no_digests")),), await why_none(visit)), edit=edit)
    shown, more = found[:size], len(found) > size
    whole = page == 1 and not more and not choice.most
    frame = Frame(
        title=visit.say("digests_on", date=day) if day else visit.say("latest_digests"),
        notice=below(
            await last_digest(visit, shown[0].date, slugs) if page == 1 and not day else (),
            await _notice(visit, chosen, choice, day, shown if whole else None),
        ),
        keys=await _turns(visit, choice, page, more=more),
    )
    way = f"{await _name(visit, choice, kept.NAME)}:{page}"
    heads = [(_head(visit, brief), brief.titles) for brief in shown]
    numbers = [opening(str(at), brief.tag, brief.date, way) for at, brief in enumerate(shown, 1)]
    card = lists.digests(heads, frame, visit.language, buttons.rows(numbers))
    return Reply(cards=(card,), edit=edit)


async def _notice(
    visit: Visit,
    chosen: Sequence[Tag],
    choice: Choice,
    day: dt.date | None,
    shown: Sequence[Brief] | None,
) -> Text:
    """What the list does not hold though it was asked for; `shown` where that is the whole list."""
    lines: list[Text] = []
    if day != choice.day:
        lines.append(spoken(visit.say, "no_digests_on", asked=str(choice.day)))
    elif day and choice.keys and shown is not None:
        held = {brief.tag.slug for brief in shown}
        if without := [tag.name for tag in chosen if tag.slug not in held]:
            lines.append(spoken(visit.say, "no_digest_that_day", tags=listed(visit, without)))
    if not chosen and not (visit.chat and await tags.follows_all(visit.connection, visit.chat.id)):
        lines.append(spoken(visit.say, "follows_nothing"))
    return below(*lines)


async def _dates(visit: Visit, tag: Tag, page: int, back: str) -> Card:
    """A tag's digests by day, each a button."""
    number = await digests.dates(visit.connection, tag.slug)
    pages = pages_of(number, SIZE)
    page = min(page, pages)
    found = await digests.briefs(visit.connection, [tag.slug], limit=SIZE, offset=SIZE * (page - 1))
    days = [opening(f"{brief.date} · {brief.number}", tag, brief.date, back) for brief in found]
    behind = f":{back}" if back else ""
    turning = turns(Action.DATES, lambda to: f"{key(tag.slug)}:{to}{behind}", page, pages)
    frame = Frame(
        title=visit.say("digests_of", tag=tag.name),
        facts=said(visit.say, "digests", number, page, pages),
        notice=await last_digest(visit, found[0].date, [tag.slug]) if found and page == 1 else (),
        keys=(turning, *lead_back(visit, back)),
        tags=(tag.name,),
    )
    return lists.digests((), frame, visit.language, pairs(days))


def _head(visit: Visit, brief: Brief) -> str:
    papers = visit.say("papers", n=brief.number)
    return visit.say("digest_of", tag=brief.tag.name, date=brief.date, papers=papers)


async def _turns(visit: Visit, choice: Choice, page: int, *, more: bool) -> Rows:
    """Buttons that turn a list whose length nobody counts."""
    signs = [("◀", page - 1)] * (page > 1) + [("▶", page + 1)] * more
    if not signs:
        return ()
    name = await _name(visit, choice, DATA - len(f"{Action.DATES}::99999"))
    return (tuple(Button(label=sign, action=Action.DATES, about=f"{name}:{to}") for sign, to in signs),)


async def _name(visit: Visit, choice: Choice, room: int) -> str:
    """What buttons with so much room call a list: what it holds itself, where there is room for that."""
    text = choice.text
    return text if len(text) <= room else await kept.name(visit, text)
