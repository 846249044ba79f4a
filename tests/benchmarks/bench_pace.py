"""The part of the allowed rate that a broadcast reaches, how long people wait during it, turns a second.

`PACE_SECONDS` (10 unless said otherwise) is how long the broadcast is watched, in real time.
"""

import asyncio
import os
import random
import time
from bisect import bisect_left
from collections import defaultdict

from bot.adapters.base import Limits
from bot.delivery.pace import Lane, Pace

SECONDS = float(os.environ.get("PACE_SECONDS", "10"))
CHATS = 1000
TELEGRAM = Limits(overall=(30, 1), chat=(1, 1), group=(20, 60))
ASKING = 1.0  # people's requests a second, at random moments
TURNS = 100_000


def worst(times: list[float], seconds: float) -> int:
    """The most that any window of so many seconds holds."""
    return max(index - bisect_left(times, moment - seconds) + 1 for index, moment in enumerate(times))


async def watch(seconds: float) -> tuple[list[tuple[float, int]], list[float]]:
    """The times and chats of all messages of a broadcast, and how long each person waited during it."""
    pace = Pace(TELEGRAM)
    went: list[tuple[float, int]] = []
    waits: list[float] = []

    async def serve(chat: int) -> None:
        while True:
            await pace.turn(chat, group=chat % 10 == 0, lane=Lane.BULK)
            went.append((time.monotonic(), chat))

    async def ask() -> None:
        person = CHATS
        while True:
            await asyncio.sleep(random.expovariate(ASKING))
            person += 1
            asked = time.monotonic()
            await pace.turn(person, group=False, lane=Lane.PEOPLE)
            went.append((time.monotonic(), person))
            waits.append(time.monotonic() - asked)

    tasks = [asyncio.create_task(serve(chat)) for chat in range(CHATS)]
    tasks.append(asyncio.create_task(ask()))
    await asyncio.sleep(seconds)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return went, waits


async def turns(limits: Limits, chats: int) -> float:
    """Turns a second where nobody ever has to wait."""
    pace = Pace(limits)
    began = time.perf_counter()
    for number in range(TURNS):
        await pace.turn(number % chats, group=False, lane=Lane.BULK)
    return TURNS / (time.perf_counter() - began)


async def crowd(chats: int) -> float:
    """Turns a second while so many chats wait at once for the overall limit, which is far off."""
    pace = Pace(Limits(overall=(10**6, 1), chat=(1, 1)))
    began = time.perf_counter()
    pace.hold(0.001)
    await asyncio.gather(*(pace.turn(chat, group=False, lane=Lane.BULK) for chat in range(chats)))
    return chats / (time.perf_counter() - began)


def main() -> None:
    """Print what the pace reaches, exceeds (nothing) and costs."""
    before = time.process_time()
    went, waits = asyncio.run(watch(SECONDS))
    cost = (time.process_time() - before) / SECONDS
    chats = defaultdict(list)
    for moment, chat in went:
        chats[chat].append(moment)
    waits.sort()
    print(f"\nA broadcast to {CHATS} chats within 30/s, watched for {SECONDS:g} s")
    print(f"  of the allowed rate:   {len(went) / SECONDS / 30:>9.1%} (target 97 %), {cost:.1%} of a core")
    print(f"  fullest second:        {worst([moment for moment, _ in went], 1):>9} of 30")
    print(f"  of one chat:           {max(worst(times, 1) for times in chats.values()):>9} of 1")
    print(
        f"  people wait:           {waits[int(len(waits) * 0.95)] * 1000:>9.1f} ms p95 (target 50), "
        f"{waits[-1] * 1000:.1f} ms at most, {len(waits)} asked"
    )
    print(f"  turns without limits:  {asyncio.run(turns(Limits(), 1000)):>9,.0f} /s (target 50,000)")
    high = Limits(overall=(10**9, 1), chat=(10**9, 1))
    print(f"  turns with high ones:  {asyncio.run(turns(high, 1000)):>9,.0f} /s")
    for number in (1_000, 100_000):
        rate = asyncio.run(crowd(number))
        print(f"  {number:>7,} chats waiting: {rate:>9,.0f} turns/s, their tasks included")


if __name__ == "__main__":
    main()
