"""A chat's settings in words: when it gets what, in which form, without which papers."""

import datetime as dt

from bot.commands.base import Visit
from bot.commands.clock import WEEK
from bot.locales import Words
from bot.model import Schedule, When
from bot.storage import filters
from bot.storage.chats import Chat
from bot.when import in_zone


def how(visit: Visit, chat: Chat) -> str:
    """When what is new will come."""
    if chat.paused:
        return visit.say("is_paused")
    return visit.say("new_papers_come", when=when(visit.say, chat.schedule))


async def terms(visit: Visit, chat: Chat) -> list[str]:
    """All settings, a few to a line."""
    say = visit.say
    count = len(await filters.load(visit.connection, chat.id))
    form = (
        say("term_style", style=say(f"style_{chat.style}")),
        say("term_language", language=say(f"language_{chat.language}")),
        say("term_filters", filters=say("filters_count", n=count) if count else say("none")),
        say("term_revised", revised=say("on" if chat.revised else "off")),
    )
    timing = [say("term_when", when=when(say, chat.schedule))]
    if chat.schedule.quiet:
        timing.append(say("term_quiet", quiet=quiet(say, chat.schedule)))
    if visit.place.layouts:
        timing.append(say("term_layout", layout=say(f"layout_{chat.layout}")))
    paused = chat.paused and not visit.place.whole
    return [*([say("is_paused")] if paused else []), *timing, " · ".join(form)]


def when(say: Words, schedule: Schedule) -> str:
    """When a chat is served, as a part of a sentence."""
    chosen = days(say, schedule.weekdays)
    if schedule.when is When.INSTANT:
        some = schedule.weekdays != WEEK
        return say("when_instant_on", days=chosen, zone=schedule.zone) if some else say("when_instant")
    at = f"{schedule.at:%H:%M}"
    if schedule.weekdays == WEEK:
        return say("when_daily", at=at, zone=schedule.zone)
    return say("when_on", days=chosen, at=at, zone=schedule.zone)


def days(say: Words, weekdays: frozenset[int]) -> str:
    """Days of the week, three and more in a row as a range."""
    if weekdays == WEEK:
        return say("every_day")
    chosen = sorted(weekdays)
    first, last = say(f"day_{chosen[0]}"), say(f"day_{chosen[-1]}")
    if len(chosen) > 2 and chosen[-1] - chosen[0] == len(chosen) - 1:
        return say("days_range", first=first, last=last)
    return say("comma").join(say(f"day_{day}") for day in chosen)


def quiet(say: Words, schedule: Schedule) -> str:
    """The quiet hours and what they mean."""
    if schedule.quiet is None:
        return say("none")
    hours = f"{schedule.quiet.start:%H:%M}–{schedule.quiet.end:%H:%M}"
    key = "quiet_silent" if schedule.quiet.silent else "quiet_hold"
    return say(key, hours=hours, zone=schedule.zone)


def moment(seconds: float, zone: str) -> str:
    """A moment as a clock in the zone shows it."""
    return f"{in_zone(dt.datetime.fromtimestamp(seconds, dt.UTC), zone):%Y-%m-%d %H:%M}"
