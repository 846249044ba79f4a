"""Discord as this bot uses it: one client for pushes, another at the gateway for people, and one toll."""

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from functools import partial
from math import inf
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from sqlalchemy.exc import SQLAlchemyError

from bot.adapters.discord import api, check
from bot.adapters.discord.adapter import PERSON, Discord
from bot.adapters.discord.api import API, Line
from bot.adapters.discord.changes import REMOVED
from bot.adapters.discord.channels import Channels
from bot.adapters.discord.client import Client, House
from bot.adapters.discord.gateway import Budget
from bot.adapters.discord.guide import Guide
from bot.adapters.discord.listen import Listener
from bot.adapters.discord.menu import menu
from bot.adapters.discord.options import spoken
from bot.adapters.discord.rooms import Rooms
from bot.adapters.discord.toll import Toll
from bot.commands import COMMANDS, answer
from bot.commands.base import Desk
from bot.commands.presence import Presence
from bot.commands.suggest import Suggest
from bot.config import Config
from bot.delivery.send import Sender
from bot.delivery.trouble import brief
from bot.errors import ConfigError, DeliveryError
from bot.finding import Finding
from bot.formatter.card import Card
from bot.log import get_logger
from bot.model import Language, Style
from bot.platforms.base import Places, Platform, desk, finish
from bot.storage.database import Database

log = get_logger(__name__)

ASIDE = 30  # requests a second beside those of a bot at work, which has the same 50
ONCE = 60.0  # seconds in which a person is told once of a lost place, or of a lost server


class OnDiscord(Platform):
    """Sends to Discord and listens there."""

    def __init__(self, config: Config) -> None:
        """Raises ConfigError where Discord cannot be reached as configured."""
        given = config.discord
        api.aim(given.api_url)
        self._config = config
        self._token = given.token.get_secret_value() if given.token else ""
        self._proxy = given.proxy.get_secret_value() if given.proxy else _usual(given.api_url or API)
        self._toll = Toll()
        self._budget = Budget()
        self._presence: Presence | None = None
        self._sender: Sender | None = None
        self._told: dict[tuple[str, str], float] = {}  # person and place or server, with when
        self._telling: set[asyncio.Task[None]] = set()
        line = Line(self._token, self._toll, proxy=self._proxy)
        rooms = Rooms(line, Channels(line), closed=self._toll.closed)
        self._discord = Discord(line, toll=self._toll, rooms=rooms, on_gone=self._tell_soon)
        super().__init__(self._discord)

    def attach(self, sender: Sender, database: Database) -> None:
        """Have whoever set a place up be told when it is lost."""
        self._presence, self._sender = Presence(self._desk(sender, database), time.time), sender

    def listen(self, sender: Sender, database: Database) -> Listener:
        """What hears people at the gateway and answers them."""
        counter = self._desk(sender, database)
        house = House(
            answer=partial(answer, counter),
            suggest=Suggest(counter, time.time),
            presence=Presence(counter, time.time, on_paused=self._tell_soon),
            guide=Guide,
            menu=lambda: menu(COMMANDS.values()),
        )
        return Listener(partial(self._client, house), self._token, self._budget)

    def person(self, number: str) -> str:
        """The address of the private chat with a person."""
        return f"{PERSON}{number}"

    def check(self, operators: Sequence[str], places: Places) -> AsyncGenerator[Finding, None]:
        """Whether Discord can be worked with."""
        pace = Toll(most=ASIDE)
        asked = check.Check(self._token, trace=pace.trace(), proxy=self._proxy)
        return asked.run(operators, places)

    async def close(self) -> None:
        """End the connections."""
        await finish(self._telling)
        await self._discord.close()

    def _desk(self, sender: Sender, database: Database) -> Desk:
        return desk(self._config, database, sender, lambda _payload: "", lambda: tuple(Style), spoken)

    def _client(self, house: House) -> Client:
        trace = self._budget.watch(self._toll.trace())
        return Client(house, trace=trace, proxy=self._proxy, before_identify=self._budget.take)

    def _tell_soon(self, address: str, reason: str) -> None:
        task = asyncio.ensure_future(self._tell(address, reason))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def _tell(self, address: str, reason: str) -> None:
        """Tell whoever set a place up that it is lost; a server that is lost is not told place by place."""
        if not self._presence or not self._sender:
            return
        try:
            if told := await self._presence.lost("discord", address, reason):
                manager, card, language = told
                lost = address.partition("/")[0] if reason == REMOVED else address
                await self._tell_once((manager, lost), self._sender, card, language)
        except (DeliveryError, SQLAlchemyError, OSError) as exc:
            log.warning("manager.untold", platform="discord", reason=brief(exc))

    async def _tell_once(
        self, about: tuple[str, str], sender: Sender, card: Card, language: Language
    ) -> None:
        """Tell a person of something lost, unless that was done lately, or is under way."""
        now = time.monotonic()
        if now - self._told.get(about, -inf) < ONCE:
            return
        self._told = {key: at for key, at in self._told.items() if now - at < ONCE} | {about: now}
        try:
            await self.tell(sender, self.person(about[0]), card, language)
        except DeliveryError:
            self._told.pop(about, None)
            raise


def _usual(address: str) -> str | None:
    """The proxy that the environment names for an address, which the library does not look for itself."""
    parts, proxies = urlsplit(address), getproxies()
    found = proxies.get(parts.scheme) or proxies.get("all")
    if not found or proxy_bypass(parts.hostname or ""):
        return None
    if not found.startswith(("http://", "https://")):
        raise ConfigError(
            "discord.proxy: the environment names a proxy that Discord's library does not go through; set "
            f"discord.proxy to http://HOST:PORT, or NO_PROXY={parts.hostname}"
        )
    return found
