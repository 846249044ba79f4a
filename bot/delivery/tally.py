"""What a sender tells of its messages, to the meter and the log: which arrived, which did not, how late."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from bot.delivery.turn import Step
from bot.errors import DeliveryError, Gone, Moved, RateLimited, Rejected, Transient, Unknown, Unreachable
from bot.log import get_logger
from bot.meter import Meter
from bot.model import Schedule, When
from bot.storage.chats import Chat
from bot.when import next_due, quiet_until

log = get_logger(__name__)

REASONS: dict[type[DeliveryError], str] = {
    RateLimited: "rate_limited",
    Unreachable: "unreachable",
    Moved: "moved",
    Gone: "gone",
    Rejected: "rejected",
    Transient: "transient",
    Unknown: "unknown",
}
EVERY_DAY = frozenset(range(7))


@contextmanager
def refusals(meter: Meter, platform: str) -> Iterator[None]:
    """Have the meter count what the platform does not take."""
    try:
        yield
    except DeliveryError as exc:
        meter.refused(platform, REASONS.get(type(exc), "other"))
        raise


def tally(meter: Meter, chat: Chat, step: Step, now: float) -> int:
    """Have the meter count a message that arrived; how many papers are delivered with it."""
    meter.arrived(chat.platform)
    if step.state != "sent":
        return 0
    meter.sent(chat.platform, [lag(chat.schedule, row.planned_at, now) for row in step.about])
    return len(step.about)


def tally_lost(meter: Meter, step: Step, exc: DeliveryError) -> None:
    """Tell the log and the meter of a message that is given up."""
    if step.message.papers:
        log.error("delivery.failed", papers=step.message.papers, reason=str(exc))
        meter.given_up(step.message.platform, len(step.about))
    else:
        log.warning("overview.failed", reason=str(exc))


def lag(schedule: Schedule, planned_at: int, now: float) -> float:
    """Seconds since a paper that was planned then could first have been brought to the chat."""
    plain = schedule.when is When.INSTANT and schedule.quiet is None and schedule.weekdays == EVERY_DAY
    return max(0.0, now - (planned_at if plain else _due(schedule, planned_at)))


@lru_cache(maxsize=4096)
def _due(schedule: Schedule, planned_at: int) -> float:
    """The moment of its schedule, or the end of its quiet hours, that a paper had to wait for."""
    planned = dt.datetime.fromtimestamp(planned_at, dt.UTC)
    due = next_due(schedule, planned) or planned
    held = None if schedule.quiet is None or schedule.quiet.silent else quiet_until(schedule, due)
    return (held or due).timestamp()
