"""Telegram as this bot uses it: one way out for broadcasts, one for answers, both at one pace."""

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from functools import partial
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from telegram.ext import ExtBot
from telegram.request import BaseRequest

from bot.adapters.telegram import check
from bot.adapters.telegram.adapter import API, Telegram
from bot.adapters.telegram.limiter import Limiter
from bot.adapters.telegram.listen import House, Listener
from bot.adapters.telegram.transport import Options, request_for
from bot.adapters.telegram.webhook import Address, Webhook
from bot.commands import COMMANDS, answer
from bot.commands.inline import look
from bot.commands.presence import Presence
from bot.config import Config
from bot.delivery.pace import Lane, Pace
from bot.delivery.send import Sender
from bot.delivery.trouble import brief
from bot.errors import DeliveryError
from bot.finding import Finding
from bot.log import get_logger
from bot.model import Style
from bot.platforms.base import PLAIN, Places, Platform, desk, finish
from bot.sections import WebhookConfig
from bot.storage.database import Database

log = get_logger(__name__)


class OnTelegram(Platform):
    """Sends to Telegram and listens there."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._given = config.telegram
        self._token = self._given.token.get_secret_value() if self._given.token else ""
        self._api_url = (self._given.api_url or API).rstrip("/")
        self._presence: Presence | None = None
        self._sender: Sender | None = None
        self._telling: set[asyncio.Task[None]] = set()
        self._requests: list[BaseRequest] = []  # what listening and answering goes through
        self._telegram = Telegram(
            self._token,
            api_url=self._api_url,
            request=self._request(),
            on_topic_lost=self._tell_soon,
        )
        super().__init__(self._telegram)

    def attach(self, sender: Sender, database: Database) -> None:
        """Have whoever set a topic up be told when it is lost."""
        counter = desk(self._config, database, sender, lambda _payload: "", self._styles)
        self._presence, self._sender = Presence(counter, time.time), sender

    def listen(self, sender: Sender, database: Database) -> Listener:
        """What takes in updates and answers them, people first."""
        bot = self._bot(sender.pace("telegram"))
        counter = desk(self._config, database, sender, partial(_link, bot), self._styles)
        people = [who.partition(":")[2] for who in self._config.operators if who.startswith("telegram:")]
        house = House(
            answer=partial(answer, counter),
            look=partial(look, counter),
            presence=Presence(counter, time.time),
            commands=list(COMMANDS.values()),
            operators=people,
        )
        webhook = _webhook(self._given.webhook) if self._given.webhook else None
        return Listener(bot, house, webhook, self._telegram.latch)

    def check(self, operators: Sequence[str], places: Places) -> AsyncGenerator[Finding, None]:
        """Whether Telegram can be worked with."""
        webhook = self._given.webhook.url if self._given.webhook else ""
        asked = check.Given(token=self._token, api_url=self._api_url, webhook=webhook)
        return check.Check(asked, self._request()).run(operators, places)

    async def close(self) -> None:
        """End the connections."""
        await finish(self._telling)
        await self._telegram.close()
        for request in self._requests:
            await request.shutdown()

    def _request(self) -> BaseRequest:
        proxy = self._given.proxy.get_secret_value() if self._given.proxy else None
        return request_for(self._given.transport, Options(proxy=proxy))

    def _bot(self, pace: Pace) -> ExtBot[Any]:
        async def turn(address: str, group: bool, people: bool) -> None:
            await pace.turn(address, group=group, lane=Lane.PEOPLE if people else Lane.BULK)

        self._requests = [self._request(), self._request()]
        return ExtBot(
            self._token,
            base_url=f"{self._api_url}/bot",
            request=self._requests[0],
            get_updates_request=self._requests[1],
            rate_limiter=Limiter(turn, pace.hold),
        )

    def _styles(self) -> Sequence[Style]:
        return tuple(Style) if self._telegram.latch.open else PLAIN

    def _tell_soon(self, address: str, _reason: str) -> None:
        task = asyncio.ensure_future(self._tell(address))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def _tell(self, address: str) -> None:
        """Tell whoever set a topic up that it is lost."""
        if not self._presence or not self._sender:
            return
        try:
            if told := await self._presence.lost("telegram", address):
                manager, card, language = told
                await self.tell(self._sender, self.person(manager), card, language)
        except (DeliveryError, SQLAlchemyError, OSError) as exc:
            log.warning("manager.untold", platform="telegram", reason=brief(exc))


def _link(bot: ExtBot[Any], payload: str) -> str:
    return f"https://t.me/{bot.username}?start={payload}"


def _webhook(given: WebhookConfig) -> Webhook:
    host, _, port = given.listen.rpartition(":")
    path = given.path or "/" + given.url.split("/", 3)[3].partition("?")[0]
    secret = given.secret.get_secret_value() if given.secret else ""
    return Webhook(Address(url=given.url, host=host, port=int(port), path=path, secret=secret))
