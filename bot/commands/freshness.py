"""How new the newest digest is, for readers who ask for it, and why there is no newer one."""

import datetime as dt
from collections.abc import Collection

from bot.commands.base import Visit
from bot.formatter.card import Span, Text
from bot.habit import day_of
from bot.storage import watching
from bot.storage.pages import SourceState
from bot.storage.watching import Condition, Kind, Told

OLD = 3  # days after which the newest digest is no longer a matter of course


async def last_digest(visit: Visit, newest: dt.date, slugs: Collection[str]) -> Text:
    """The day of the newest digest of these tags, or of all, with the reason; empty where it is new."""
    condition = await _trouble(visit, newest, slugs)
    old = (day_of(visit.request.at) - newest).days >= OLD
    if not condition and not old:
        return ()
    if not condition:
        return (Span(visit.say("last_digest", date=str(newest))),)
    return (Span(visit.say("last_digest_why", date=str(newest), reason=_reason(visit, *condition))),)


async def why_none(visit: Visit) -> Text:
    """Why no digest has ever come: what all sources suffer from, if they do."""
    condition = await _trouble(visit, dt.date.min, ())
    return (Span(_reason(visit, *condition)),) if condition else ()


async def _trouble(
    visit: Visit, newest: dt.date, slugs: Collection[str]
) -> tuple[Condition, SourceState] | None:
    """What keeps newer digests from coming: a trouble of what brought this one, or of all sources."""
    sources = visit.desk.sources
    states = await watching.bringing(visit.connection, sources, slugs, newest) if sources else []
    found = {state.source: watching.trouble(state, visit.request.at) for state, _ in states}
    brought = [state for state, brings in states if brings] if slugs else []
    every = [state for state, _ in states] if len(states) == len(sources) else []
    for concerned in (brought, every):
        troubled = [(condition, state) for state in concerned if (condition := found[state.source])]
        if troubled and len(troubled) == len(concerned):
            return min(troubled, key=lambda each: (list(Kind).index(each[0].kind), each[0].since))
    return None


def _reason(visit: Visit, condition: Condition, state: SourceState) -> str:
    """The reason in words that name no place: they are for anybody."""
    known = Told.read(state.told).known
    told = visit.desk.operators and known and known.kind is Kind.FAILING
    key = "last_failing_known" if told and condition.kind is Kind.FAILING else f"last_{condition.kind}"
    return visit.say(key, since=str(day_of(condition.since)))
