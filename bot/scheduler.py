"""Says when, never how: looks at every source at its own interval."""

from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from bot.sources.base import Source

GRACE = timedelta(seconds=2)


def schedule(sources: Iterable[Source], look: Callable[[Source], Awaitable[None]]) -> AsyncIOScheduler:
    """A scheduler, not yet started, that looks at each source; a look that is late is made once."""
    scheduler = AsyncIOScheduler(timezone="UTC")
    for source in sources:
        scheduler.add_job(
            look,
            IntervalTrigger(seconds=max(1, round(source.every)), timezone="UTC"),
            args=[source],
            id=source.name,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
    return scheduler


def bring_forward(scheduler: AsyncIOScheduler) -> None:
    """Have every look made now that lies further ahead than its interval: the clock stepped back since."""
    now = datetime.now(UTC)
    for job in scheduler.get_jobs():
        if job.next_run_time > now + job.trigger.interval + GRACE:
            job.modify(next_run_time=now)
