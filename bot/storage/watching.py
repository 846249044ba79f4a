"""What troubles sources, and what of it operators know."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import exists, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage import merging
from bot.storage.pages import SourceState
from bot.storage.tables import post, post_tag, source_state

LATE = 3  # intervals without a look, after which a source counts as late
ROW = 3  # looks that failed one after another, after which operators are told
LONG = 6 * 3600  # seconds after which two are enough: looks at some sources are hours apart


class Kind(StrEnum):
    """What can be wrong with a source, the worst first."""

    FAILING = "failing"  # the looks at it fail
    LATE = "late"  # nobody looks at it
    SILENT = "silent"  # it is read, and has had nothing new for longer than is usual for it


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What is wrong with a source, and since when, in seconds since the epoch."""

    kind: Kind
    since: int

    def __str__(self) -> str:
        return f"{self.kind} {self.since}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What was wrong with a source after the last look, and what of that the operators know."""

    known: Condition | None = None
    found: Condition | None = None

    @classmethod
    def read(cls, text: str) -> "Told":
        """As it is kept: "silent 1795000000"; "failing 1795000000 > silent 1795100000"."""
        known, parted, found = text.partition(">")
        return cls(known=_condition(known), found=_condition(found if parted else known))

    def __str__(self) -> str:
        known, found = str(self.known or ""), str(self.found or "")
        return known if known == found else f"{known} > {found}".strip()


def failing(state: SourceState, now: float) -> Condition | None:
    """A source that could not be read several times, one after another."""
    if state.failed_at is None:
        return None
    long = state.failures > 1 and now - state.failed_at > LONG
    if state.failures < ROW and not long:
        return None
    return Condition(kind=Kind.FAILING, since=state.failed_at)


def late(state: SourceState, now: float) -> Condition | None:
    """A source that was not looked at for several of its intervals."""
    if now - state.looked_at <= LATE * state.every + 60:
        return None
    return Condition(kind=Kind.LATE, since=state.looked_at)


def silent(state: SourceState) -> Condition | None:
    """A source that was silent for longer than is usual for it, when that was last judged."""
    found = Told.read(state.told).found
    return found if found and found.kind is Kind.SILENT else None


def trouble(state: SourceState, now: float) -> Condition | None:
    """What readers are to know of a source."""
    return failing(state, now) or late(state, now) or silent(state)


async def state_of(connection: AsyncConnection, source: str) -> SourceState | None:
    """How a source is; None: it was never looked at."""
    rows = await connection.execute(select(source_state).where(source_state.c.source == source))
    row = rows.mappings().first()
    return SourceState(**row) if row else None


async def bringing(
    connection: AsyncConnection, sources: Collection[str], slugs: Collection[str], date: dt.date
) -> list[tuple[SourceState, bool]]:
    """How these sources are, and which of them brought digests of these tags, or any, of that day."""
    brings = exists().where(post.c.source == source_state.c.source, post.c.date == date)
    if slugs:
        brings = brings.where(post_tag.c.post_id == post.c.id, post_tag.c.tag_id.in_(merging.ids(slugs)))
    named = source_state.c.source.in_(sources)
    rows = await connection.execute(select(source_state, brings.label("brings")).where(named))
    found = []
    for row in rows.mappings():
        values = dict(row)
        brought = bool(values.pop("brings"))
        found.append((SourceState(**values), brought))
    return found


async def tell(connection: AsyncConnection, source: str, told: Told) -> None:
    """Remember what was found of a source, and what of it the operators know."""
    await connection.execute(
        update(source_state).where(source_state.c.source == source).values(told=str(told))
    )


def _condition(text: str) -> Condition | None:
    kind, _, since = text.strip().partition(" ")
    if kind not in list(Kind) or not since.isdecimal():
        return None
    return Condition(kind=Kind(kind), since=int(since))
