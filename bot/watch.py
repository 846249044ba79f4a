"""Tells operators what troubles a source: once when it begins, once when it is over, also over restarts."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.commands.base import card
from bot.commands.spoken import spoken
from bot.commands.terms import days, moment
from bot.config import Config
from bot.delivery.send import Sender
from bot.delivery.trouble import brief
from bot.errors import DeliveryError, Gone
from bot.formatter.card import Card, Text
from bot.formatter.text import shorten
from bot.habit import EPOCH, GRACE, ZONE, Silence, day_of, judge
from bot.locales import Words, words
from bot.log import get_logger
from bot.model import Language
from bot.platforms.base import Platform
from bot.secrecy import mask
from bot.storage import arrivals, chats, watching
from bot.storage.chats import Chat
from bot.storage.database import Database
from bot.storage.pages import SourceState
from bot.storage.watching import Condition, Kind, Told

log = get_logger(__name__)

PATIENCE = 30.0  # seconds that telling one person may take
DEAF = 3600.0  # seconds after which it is tried again, where nobody is to be reached at all
REASON = 500  # UTF-16 units

Tell = Callable[[str, str, Card, Language], Awaitable[None]]  # platform, address; raises DeliveryError


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An operator, by the address of the private chat."""

    platform: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What operators are told: how a source was, as they know it, and how it is."""

    state: SourceState
    before: Condition | None
    after: Condition | None
    silence: Silence | None


class Watch:
    """Looks, after each look at a source, whether there is something to tell."""

    def __init__(
        self,
        database: Database,
        people: Sequence[Person],
        tell: Tell,
        *,
        language: Language,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`language` is spoken to people whose private chat is not known."""
        self._database = database
        self._people = tuple(dict.fromkeys(people))
        self._tell = tell
        self._language = language
        self._clock = clock
        self._judged: dict[str, tuple[object, Silence | None]] = {}  # by source: the day, and what it showed
        self._deaf: dict[str, float] = {}  # by source: when it is tried again to reach anybody

    async def after(self, source: str, *, changed: bool = True) -> None:
        """Tell what has begun or ended with a source; raises nothing that a source or a platform causes.

        `changed` is whether the look has read anything. What nobody could be told is told after a later look.
        """
        try:
            await self._after(source, changed=changed)
        except (SQLAlchemyError, OSError) as exc:
            log.warning("watch.failed", source=source, reason=brief(exc))

    async def _after(self, source: str, *, changed: bool) -> None:
        now = self._clock()
        async with self._database.reading() as connection:
            state = await watching.state_of(connection, source)
            silence = await self._silence(connection, source, now, changed=changed)
        if state is None:
            return
        told, found = Told.read(state.told), watching.failing(state, now) or _silent(silence)
        if _kind(told.found) != _kind(found):
            _note(source, found)
        change = Change(state=state, before=told.known, after=found, silence=silence)
        reached = _kind(told.known) == _kind(found) or await self._tell_all(change, now)
        after = Told(known=found if reached else told.known, found=found)
        if str(after) != state.told:
            async with self._database.writing() as connection:
                await watching.tell(connection, source, after)

    async def _silence(
        self, connection: AsyncConnection, source: str, now: float, *, changed: bool
    ) -> Silence | None:
        today = day_of(now)
        before, silence = self._judged.get(source, (None, None))
        if changed or before != today:
            date = await arrivals.newest_date(connection, source, today)
            silence = None
            # What is silent for longer than anybody minds may be silent for longer than is usual for it.
            if date and (today - date).days > GRACE + 1:
                silence = judge(await arrivals.days(connection, source, date), today)
            self._judged[source] = today, silence
        return silence

    async def _tell_all(self, change: Change, now: float) -> bool:
        """Whether an operator has been told, or there is none."""
        if not self._people:
            return True
        source = change.state.source
        if now < self._deaf.get(source, now):
            return False
        failed = await asyncio.gather(*(self._tell_one(person, change, now) for person in self._people))
        if all(isinstance(exc, Gone) for exc in failed):
            self._deaf[source] = now + DEAF
        else:
            self._deaf.pop(source, None)
        return None in failed

    async def _tell_one(self, person: Person, change: Change, now: float) -> Exception | None:
        """Tell one person; what went wrong, if anything did."""
        async with self._database.reading() as connection:
            chat = await chats.find(connection, person.platform, person.address)
        language = chat.language if chat else self._language
        try:
            async with asyncio.timeout(PATIENCE):
                await self._tell(person.platform, person.address, _card(change, language, chat), language)
        except (DeliveryError, OSError) as exc:
            source = change.state.source
            log.warning("operator.unreached", source=source, platform=person.platform, reason=brief(exc))
            return exc
        return None


def watch(
    config: Config, database: Database, platforms: Mapping[str, Platform], senders: Mapping[str, Sender]
) -> Watch:
    """A watch that tells the operators of a configuration, on the platforms that are used."""
    named = [who.split(":", 1) for who in config.operators]
    people = [
        Person(platform=platform, address=platforms[platform].person(number))
        for platform, number in named
        if platform in platforms
    ]

    async def tell(platform: str, address: str, card: Card, language: Language) -> None:
        await platforms[platform].tell(senders[platform], address, card, language)

    return Watch(database, people, tell, language=config.delivery.language)


def _silent(silence: Silence | None) -> Condition | None:
    if silence is None:
        return None
    return Condition(kind=Kind.SILENT, since=(silence.since - EPOCH).days * 86400 - ZONE)


def _kind(condition: Condition | None) -> Kind | None:
    return condition.kind if condition else None


def _note(source: str, found: Condition | None) -> None:
    if found is None:
        log.warning("source.well", source=source)
    elif found.kind is Kind.SILENT:
        log.warning("source.silent", source=source, since=str(day_of(found.since)))
    else:
        log.warning("source.failing", source=source, since=f"{moment(found.since, 'UTC')} UTC")


def _card(change: Change, language: Language, chat: Chat | None) -> Card:
    say, kind = words(language), _kind(change.after)
    zone = chat.schedule.zone if chat else "UTC"
    title = say(f"watch_is_{kind}" if kind else "watch_is_well")
    if kind is Kind.FAILING:
        return card(*_failing(say, change, zone), title=title)
    if change.silence:
        return card(*_resting(say, change, change.silence), title=title)
    return card(_back(say, change, zone), title=title)


def _failing(say: Words, change: Change, zone: str) -> list[Text]:
    state = change.state
    since = moment(state.failed_at or state.looked_at, zone)
    reason = shorten(mask((state.error or "").removeprefix(f"{state.source}: ")), REASON)
    return [
        spoken(say, "watch_failing", source=mask(state.source), since=since, zone=zone),
        *([spoken(say, "watch_reason", reason=reason)] if reason else []),
        spoken(say, "watch_failing_mend", every=_every(say, state.every)),
    ]


def _every(say: Words, seconds: int) -> str:
    if seconds >= 3600 and seconds % 3600 == 0:
        return say("watch_hours", n=seconds // 3600)
    return say("watch_minutes", n=max(1, round(seconds / 60)))


def _resting(say: Words, change: Change, silence: Silence) -> list[Text]:
    """That a source is silent; and where it could not be read before, that it can be again."""
    source, since = mask(change.state.source), str(silence.since)
    usual = days(say, frozenset(silence.usual)) if silence.usual else ""
    told = [
        spoken(say, "watch_silent", source=source, day=since),
        spoken(say, "watch_usual", days=usual) if usual else (),
        spoken(say, "watch_silent_mend"),
    ]
    readable = spoken(say, "watch_readable", source=source) if _kind(change.before) is Kind.FAILING else ()
    return [text for text in (readable, *told) if text]


def _back(say: Words, change: Change, zone: str) -> Text:
    before, source = change.before, mask(change.state.source)
    if before and before.kind is Kind.SILENT:
        return spoken(say, "watch_news", source=source, day=str(day_of(before.since)))
    since = moment(before.since if before else change.state.looked_at, zone)
    return spoken(say, "watch_back", source=source, since=since, zone=zone)
