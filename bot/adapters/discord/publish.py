"""Announcements handed on to all servers that follow their channel."""

import asyncio
import time
from collections import deque
from collections.abc import Callable

from discord.http import Route

from bot.adapters.discord.api import Requests
from bot.adapters.discord.errors import code
from bot.adapters.discord.put import ask
from bot.errors import DeliveryError, RateLimited, Transient, Unreachable
from bot.log import get_logger

log = get_logger(__name__)

# Discord publishes about ten messages of a channel in an hour. One less is asked for: the library
# gives the answer that uses up a limit only when the hour is over.
MOST, HOUR = 9, 3600.0
SOON = 3.0  # seconds for which the digest waits for being published
TRIES = 3
LONGEST = 600.0  # seconds until the next try, at most
PUBLISHED = 40033  # it has been published before


class Publisher:
    """Publishes messages, each in a task of its own: a digest goes on meanwhile."""

    def __init__(
        self,
        requests: Requests,
        clock: Callable[[], float] = time.monotonic,
        *,
        closed: Callable[[], float] = lambda: 0.0,
    ) -> None:
        """`closed` gives the seconds for which nothing may be asked that nobody waits for."""
        self._requests = requests
        self._closed = closed
        self._clock = clock
        self._lately: dict[str, deque[float]] = {}  # when, by channel
        self._tasks: set[asyncio.Task[None]] = set()

    async def publish(self, channel: str, message: str) -> None:
        """Publish a message; returns once that is done, or is likely to take long.

        One that cannot be published stays as it is, which is logged: its channel has it.
        """
        if not self._take(channel):
            log.info("message.unpublished", reason=f"there were {MOST} in this channel within the hour")
            return
        task = asyncio.ensure_future(self._publish(channel, message))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        await asyncio.wait({task}, timeout=SOON)

    def _take(self, channel: str) -> bool:
        """Whether one more may be published now."""
        since = self._clock() - HOUR
        self._lately = {key: times for key, times in self._lately.items() if times[-1] > since}
        times = self._lately.setdefault(channel, deque())
        while times and times[0] <= since:
            times.popleft()
        if len(times) < MOST:
            times.append(self._clock())
            return True
        return False

    async def _publish(self, channel: str, message: str) -> None:
        route = Route(
            "POST", "/channels/{channel_id}/messages/{message_id}/crosspost",
            channel_id=channel, message_id=message,
        )  # fmt: skip
        for left in reversed(range(TRIES)):
            while (wait := self._closed()) > 0:
                await asyncio.sleep(wait)
            try:
                await ask(self._requests, route)
                return
            except (RateLimited, Transient, Unreachable) as exc:
                if not left:
                    log.warning("message.unpublished", reason=str(exc))
                    return
                await asyncio.sleep(min(exc.seconds if isinstance(exc, RateLimited) else 5.0, LONGEST))
            except DeliveryError as exc:
                if not isinstance(exc.__cause__, Exception) or code(exc.__cause__) != PUBLISHED:
                    log.warning("message.unpublished", reason=str(exc))
                return
