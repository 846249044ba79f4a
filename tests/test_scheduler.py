"""When sources are looked at, also where the clock of the machine is set."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from bot.scheduler import bring_forward, schedule


@dataclass(frozen=True)
class Hourly:
    name: str
    every: float = 3600.0


@pytest.fixture
async def clock():
    """A scheduler at work, the sources that it looked at, and an event that is set at each look."""
    looked, seen = [], asyncio.Event()

    async def look(source):
        looked.append(source.name)
        seen.set()

    scheduler = schedule([Hourly("blog"), Hourly("feed")], look)
    scheduler.start()
    yield scheduler, looked, seen
    scheduler.shutdown(wait=False)


async def test_clock_that_stepped_back_keeps_no_source_waiting(clock):
    scheduler, looked, seen = clock
    # As it stands when the clock was eight hours ahead at the last look, and is right since.
    scheduler.modify_job("blog", next_run_time=datetime.now(UTC) + timedelta(hours=9))
    bring_forward(scheduler)
    await asyncio.wait_for(seen.wait(), 5)
    assert looked == ["blog"]
    assert scheduler.get_job("blog").next_run_time <= datetime.now(UTC) + timedelta(hours=1)


async def test_look_that_is_not_due_yet_is_left_where_it_is(clock):
    scheduler, looked, _ = clock
    before = [job.next_run_time for job in scheduler.get_jobs()]
    bring_forward(scheduler)
    await asyncio.sleep(0.05)
    assert ([job.next_run_time for job in scheduler.get_jobs()], looked) == (before, [])
