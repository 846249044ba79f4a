"""The outbox: what each chat is owed, who serves it now, and how it ended.

A chat is served under a lease by one sender at a time, a few messages at a turn. `chat.owed_at` says
when its next turn is due; it is empty where nothing is owed, so that finding work does not get
slower as the outbox grows.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import and_, bindparam, case, exists, func, not_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage import chats
from bot.storage.chats import Chat
from bot.storage.posts import storable
from bot.storage.tables import IS_HELD, IS_OWED, chat, delivery, entry, paper, post

AT_ONCE = 200  # rows of one chat that are looked at in a turn


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """One paper owed to one chat."""

    id: int
    chat_id: int
    arxiv_id: str
    entry_id: int
    post_id: int
    planned_at: int
    introduced: bool  # the overview of its digest has arrived
    parts: int  # messages that have arrived: of the overview before it is introduced, of its card after
    tries: int
    revised: bool
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What became of one delivery."""

    id: int
    state: str
    parts: int = 0
    tries: int = 0
    reason: str | None = None
    settled_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A chat whose turn has ended."""

    chat_id: int
    owed_at: float  # when the next turn is due, if anything is owed
    due_at: int | None  # the next moment of its schedule
    was_due: int | None  # the one it had when it was claimed; a schedule that was changed since stays
    address: str | None = None  # where it lives now, if it moved
    paused_reason: str | None = None  # why it is not to be served until it comes back
    paused_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """How far behind the outbox is."""

    paused: int  # chats
    oldest: float | None  # when the turn was due that is due longest, or will be first; None: nothing is owed


async def claim(
    connection: AsyncConnection,
    platforms: Sequence[str],
    *,
    holder: str,
    now: float,
    until: float,
    most: int,
    serving: Collection[int] = (),
) -> list[Chat]:
    """Take the chats whose turn it is, longest waiting first, for this holder alone.

    Those that it is serving are not taken again, even where a clock stepped past the end of their lease;
    and a lease that lasts longer than any is given for is of a time before the clock stepped back.
    """
    too_long = chat.c.leased_until > until + (until - now)
    free = or_(chat.c.leased_until.is_(None), chat.c.leased_until < now, too_long)
    waiting = (
        select(chat.c.id)
        .where(
            chat.c.platform.in_(platforms),
            chat.c.owed_at.is_not(None),
            chat.c.paused_at.is_(None),
            chat.c.owed_at <= now,
            chat.c.id.not_in(serving),
            free,
        )
        .order_by(chat.c.owed_at, chat.c.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    taken = (
        update(chat)
        .where(chat.c.id.in_(waiting.scalar_subquery()))
        .values(leased_by=holder, leased_until=until)
        .returning(*chats.COLUMNS, chat.c.owed_at)
    )
    rows = (await connection.execute(taken)).all()
    return [chats.from_row(row) for row in sorted(rows, key=lambda row: (row.owed_at, row.id))]


async def owed(connection: AsyncConnection, chat_ids: Sequence[int]) -> dict[int, list[Owed]]:
    """What each chat is owed, oldest digest first, what is half delivered before the rest."""
    place = (delivery.c.state == "pending", post.c.date, post.c.title, post.c.id, delivery.c.planned_at)
    rank = func.row_number().over(partition_by=delivery.c.chat_id, order_by=(*place, entry.c.position))
    ranked = (
        select(
            delivery.c.id, delivery.c.chat_id, delivery.c.arxiv_id, delivery.c.entry_id, entry.c.post_id,
            delivery.c.planned_at, (delivery.c.state == "sending").label("introduced"), delivery.c.parts,
            delivery.c.tries, delivery.c.revised, delivery.c.reason, rank.label("rank"),
        )
        .join(entry, entry.c.id == delivery.c.entry_id)
        .join(post, post.c.id == entry.c.post_id)
        .where(delivery.c.chat_id.in_(chat_ids), IS_OWED)
        .subquery()
    )  # fmt: skip
    rows = await connection.execute(
        select(ranked).where(ranked.c.rank <= AT_ONCE).order_by(ranked.c.chat_id, ranked.c.rank)
    )
    found: dict[int, list[Owed]] = {}
    for row in rows.mappings():
        values = {name: row[name] for name in Owed.__dataclass_fields__}
        found.setdefault(row["chat_id"], []).append(Owed(**values | {"introduced": bool(row["introduced"])}))
    return found


async def held(connection: AsyncConnection, chat_ids: Sequence[int]) -> dict[tuple[int, int, int], int]:
    """How many papers the cap holds back, by chat, post and plan."""
    key = (delivery.c.chat_id, entry.c.post_id, delivery.c.planned_at)
    rows = await connection.execute(
        select(*key, func.count())
        .join(entry, entry.c.id == delivery.c.entry_id)
        .where(delivery.c.chat_id.in_(chat_ids), IS_HELD)
        .group_by(*key)
    )
    return {(chat_id, post_id, planned_at): number for chat_id, post_id, planned_at, number in rows}


async def settle(connection: AsyncConnection, marks: Iterable[Mark], *, holder: str) -> None:
    """Record what became of deliveries: `sent` only once the platform has confirmed.

    What comes so late that another holder has the chat by now is left out: that one knows better.
    """
    rows = [{f"new_{name}": storable(value) for name, value in asdict(mark).items()} for mark in marks]
    if rows:
        names = ("state", "parts", "tries", "reason", "settled_at")
        known = select(paper.c.version).where(paper.c.arxiv_id == delivery.c.arxiv_id).scalar_subquery()
        version = case(
            (bindparam("new_state", type_=delivery.c.state.type) == "sent", known), else_=delivery.c.version
        )
        serves = exists().where(chat.c.id == delivery.c.chat_id, chat.c.leased_by == holder)
        statement = (
            update(delivery)
            .where(delivery.c.id == bindparam("new_id"), serves)
            .values({name: bindparam(f"new_{name}") for name in names} | {"version": version})
        )
        await connection.execute(statement, rows)


async def release(connection: AsyncConnection, ended: Iterable[Release], *, holder: str) -> None:
    """Give chats back whose turn has ended; one that is owed nothing more waits for the next plan."""
    rows = [{f"new_{name}": value for name, value in asdict(item).items()} for item in ended]
    if not rows:
        return
    more = select(delivery.c.id).where(delivery.c.chat_id == chat.c.id, IS_OWED).exists()
    ends_at = bindparam("new_owed_at", type_=chat.c.owed_at.type)
    address = bindparam("new_address", type_=chat.c.address.type)
    other = chat.alias()
    # Who moved to a place that is a chat of its own keeps the old address, from which the way is known.
    taken = exists().where(other.c.platform == chat.c.platform, other.c.address == address)
    # A schedule that was changed during the turn holds for what is left.
    same = chat.c.due_at.is_not_distinct_from(bindparam("new_was_due", type_=chat.c.due_at.type))
    statement = (
        update(chat)
        .where(chat.c.id == bindparam("new_chat_id"), chat.c.leased_by == holder)
        .values(
            leased_by=None,
            leased_until=None,
            owed_at=case((~more, None), (same, ends_at), else_=func.coalesce(chat.c.due_at, ends_at)),
            due_at=case((same, bindparam("new_due_at", type_=chat.c.due_at.type)), else_=chat.c.due_at),
            address=case((taken, chat.c.address), else_=func.coalesce(address, chat.c.address)),
            # Somebody there may have wanted a pause during the turn.
            paused_at=func.coalesce(chat.c.paused_at, bindparam("new_paused_at")),
            paused_reason=func.coalesce(chat.c.paused_reason, bindparam("new_paused_reason")),
        )
    )
    await connection.execute(statement, rows)


async def renew(connection: AsyncConnection, chat_ids: Collection[int], *, holder: str, until: float) -> None:
    """Keep the chats that this holder is serving; what it took without knowing of it runs out."""
    held = update(chat).where(chat.c.leased_by == holder, chat.c.id.in_(chat_ids)).values(leased_until=until)
    await connection.execute(held)


async def release_all(connection: AsyncConnection, *, holder: str | None = None) -> None:
    """Give back every chat of a holder, or of all."""
    held = update(chat).where(chat.c.leased_by == holder if holder else chat.c.leased_by.is_not(None))
    await connection.execute(held.values(leased_by=None, leased_until=None))


async def next_turn(connection: AsyncConnection, platforms: Sequence[str]) -> float | None:
    """When a chat can be taken next: its turn is due and no lease is on it; None: nothing is owed."""
    leased = func.coalesce(chat.c.leased_until, 0.0)
    free_at = case((leased > chat.c.owed_at, leased), else_=chat.c.owed_at)
    waiting = and_(chat.c.platform.in_(platforms), chat.c.owed_at.is_not(None), chat.c.paused_at.is_(None))
    found: float | None = (await connection.execute(select(func.min(free_at)).where(waiting))).scalar_one()
    return found


async def mend(connection: AsyncConnection, *, now: float) -> int:
    """Give a turn to chats that are owed something and have none; give how many.

    A plan that commits in the very moment in which a turn ends can leave a chat so.
    """
    more = select(delivery.c.id).where(delivery.c.chat_id == chat.c.id, IS_OWED).exists()
    lost = update(chat).where(chat.c.owed_at.is_(None), more)
    return int((await connection.execute(lost.values(owed_at=func.coalesce(chat.c.due_at, now)))).rowcount)


async def bring_forward(
    connection: AsyncConnection, platforms: Sequence[str], *, now: float, beyond: float = 0.0
) -> None:
    """Give a turn now to the chats that wait for more than `beyond` seconds, not for their schedule."""
    scheduled = chat.c.owed_at.is_not_distinct_from(chat.c.due_at)
    late = chat.c.owed_at > now + beyond
    early = update(chat).where(chat.c.platform.in_(platforms), late, not_(scheduled))
    await connection.execute(early.values(owed_at=now))


async def backlog(connection: AsyncConnection) -> Backlog:
    """How many chats are paused, and since when the longest waiting of the others waits."""
    paused = select(func.count()).select_from(chat).where(chat.c.paused_at.is_not(None))
    oldest = select(func.min(chat.c.owed_at)).where(chat.c.owed_at.is_not(None), chat.c.paused_at.is_(None))
    return Backlog(
        paused=int((await connection.execute(paused)).scalar_one()),
        oldest=(await connection.execute(oldest)).scalar_one(),
    )


async def counts(connection: AsyncConnection) -> dict[str, int]:
    """How much there is: posts, papers, chats, and deliveries by state."""
    found = {}
    for table in (post, paper, chat):
        found[table.name] = int(
            (await connection.execute(select(func.count()).select_from(table))).scalar_one()
        )
    rows = await connection.execute(select(delivery.c.state, func.count()).group_by(delivery.c.state))
    return found | {f"delivery.{state}": number for state, number in rows}
