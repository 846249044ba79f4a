"""What the bot is told: by long polling, or by calls to its webhook."""

import asyncio
import time
from collections import deque
from collections.abc import Iterable
from itertools import count
from urllib.parse import urlsplit

import aiohttp

from tests.fakes.telegram.refusal import Refusal, encode
from tests.fakes.telegram.world import Json

FIRST = 100_000_001
MORE_ONLY_IF_ASKED = {"chat_member", "message_reaction", "message_reaction_count"}
LONGEST = 50  # seconds of one poll
OTHER = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
SET = "Conflict: terminated by setWebhook request"
ACTIVE = (
    "Conflict: can't use getUpdates method while webhook is active; "
    "use deleteWebhook to delete the webhook first"
)


class Updates:
    """The queue of what the bot has not confirmed yet."""

    def __init__(self) -> None:
        self.pending: deque[Json] = deque()
        self.allowed: list[str] | None = None
        self.webhook: Webhook | None = None
        self._ids = count(FIRST)
        self._poll: asyncio.Future[None] | None = None

    @property
    def polled(self) -> bool:
        """Whether a poll waits."""
        return self._poll is not None and not self._poll.done()

    def allows(self, kind: str) -> bool:
        """Whether the bot wants to be told of a kind."""
        return kind in self.allowed if self.allowed else kind not in MORE_ONLY_IF_ASKED

    def add(self, kind: str, body: Json) -> int | None:
        """Tell the bot, where it wants it; returns the update's id."""
        if not self.allows(kind):
            return None
        number = next(self._ids)
        self.pending.append({"update_id": number, kind: body})
        if self._poll and self.polled:
            self._poll.set_result(None)
        if self.webhook:
            self.webhook.wake()
        return number

    async def get(self, offset: int, limit: int, timeout: int) -> list[Json]:
        """The next updates, once there are any; raises Refusal where another poll or a webhook takes over."""
        if self.webhook:
            raise Refusal(409, ACTIVE)
        self._confirm(offset)
        if not self.pending and timeout > 0:
            self.abort(OTHER)
            poll = self._poll = asyncio.get_running_loop().create_future()
            try:
                async with asyncio.timeout(min(timeout, LONGEST)):
                    await poll
            except TimeoutError:
                return []
            finally:
                if self._poll is poll:
                    self._poll = None
        return [update for update, _ in zip(self.pending, range(limit), strict=False)]

    def abort(self, why: str) -> None:
        """End a poll that waits."""
        if self._poll and self.polled:
            self._poll.set_exception(Refusal(409, why))

    async def set_webhook(self, webhook: "Webhook | None") -> None:
        """Call an address from now on; None: wait to be asked."""
        if self.webhook:
            await self.webhook.close()
        self.webhook = webhook
        if webhook:
            self.abort(SET)
            webhook.start()

    def _confirm(self, offset: int) -> None:
        if offset < 0:
            while len(self.pending) > -offset:
                self.pending.popleft()
        while offset > 0 and self.pending and self.pending[0]["update_id"] < offset:
            self.pending.popleft()


class Webhook:
    """Calls the bot's address with every update, again and again until it takes it."""

    def __init__(self, updates: Updates, url: str, *, secret: str, via: str, told: Json) -> None:
        self.url = url
        self.told = told  # what getWebhookInfo says besides
        self.failures: list[str] = []
        self._updates = updates
        self._secret = secret
        self._via = via  # where a proxy in front of the bot leads to
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to call."""
        self._task = asyncio.create_task(self._run())

    def wake(self) -> None:
        """There is news."""
        self._news.set()

    async def close(self) -> None:
        """Call no more."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def info(self) -> Json:
        """What getWebhookInfo tells of it."""
        told = {"url": self.url, "has_custom_certificate": False, **self.told}
        return told | {"pending_update_count": len(self._updates.pending)}

    async def _run(self) -> None:
        pause = 0.05
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
            while True:
                self._news.clear()
                while self._updates.pending:
                    update = self._updates.pending[0]
                    if await self._call(session, update):
                        if self._updates.pending and self._updates.pending[0] is update:
                            self._updates.pending.popleft()
                        pause = 0.05
                    else:
                        await asyncio.sleep(pause)
                        pause = min(2 * pause, 2.0)
                await self._news.wait()

    async def _call(self, session: aiohttp.ClientSession, update: Json) -> bool:
        headers = {"Content-Type": "application/json"}
        if self._secret:
            headers["X-Telegram-Bot-Api-Secret-Token"] = self._secret
        try:
            async with session.post(self._via, data=encode(update), headers=headers) as answer:
                wrong = (
                    None if answer.ok else f"Wrong response from the webhook: {answer.status} {answer.reason}"
                )
        except (aiohttp.ClientError, TimeoutError):
            wrong = "Connection refused"
        if wrong:
            self.failures.append(wrong)
            self.told |= {"last_error_date": int(time.time()), "last_error_message": wrong}
        return wrong is None


def through(url: str, routes: Iterable[tuple[str, str]]) -> str:
    """The address that an outer one leads to on this machine."""
    for outer, inner in routes:
        if url.startswith(outer):
            return inner + url.removeprefix(outer)
    return url


def local(url: str) -> bool:
    """Whether an address is on this machine, where a Bot API server of one's own allows plain HTTP."""
    return urlsplit(url).hostname in {"127.0.0.1", "localhost", "::1"}
