"""A webhook: Telegram brings updates to an address of ours, on a path of its own, with a secret."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from telegram import Update
from telegram.ext import ExtBot

from bot.errors import ConfigError
from bot.log import get_logger

log = get_logger(__name__)

LARGEST = 1_000_000  # bytes of an update
HEADER = "X-Telegram-Bot-Api-Secret-Token"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where Telegram brings updates, and where the bot waits for them."""

    url: str  # public, https: what a proxy leads to the place below
    host: str
    port: int
    path: str
    secret: str = ""  # empty: made of the token


class Webhook:
    """The server that Telegram speaks to."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._runner: web.AppRunner | None = None

    async def start(self, bot: ExtBot[Any], queue: asyncio.Queue[object], kinds: Sequence[str]) -> None:
        """Wait for updates and tell Telegram where.

        Raises:
            ConfigError: the place to wait at is taken.
            telegram.error.TelegramError: Telegram does not take the address.
        """
        secret = self._address.secret or _secret(bot.token)
        app = web.Application(client_max_size=LARGEST)

        async def take(request: web.Request) -> web.Response:
            given = request.headers.get(HEADER, "")
            if not hmac.compare_digest(given.encode(), secret.encode()):
                log.warning("webhook.refused", platform="telegram")
                return web.Response(status=403)
            try:
                update = Update.de_json(json.loads(await request.read()), bot)
            except (ValueError, TypeError, KeyError, AttributeError):
                return web.Response(status=400)
            await queue.put(update)
            return web.Response()

        app.router.add_post(self._address.path, take)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._address.host, self._address.port).start()
        except OSError as exc:
            place = f"{self._address.host}:{self._address.port}"
            raise ConfigError(
                f"telegram.webhook.listen: {place} cannot be used: {exc.strerror}; name another port"
            ) from exc
        await bot.set_webhook(self._address.url, allowed_updates=list(kinds), secret_token=secret)

    async def stop(self) -> None:
        """Wait no more; Telegram keeps the address, and what comes meanwhile."""
        if self._runner:
            await self._runner.cleanup()
            self._runner = None


def _secret(token: str) -> str:
    """A secret that whoever knows the token can make, and that tells nothing of it."""
    return hmac.new(token.encode(), b"paperboy webhook", hashlib.sha256).hexdigest()
