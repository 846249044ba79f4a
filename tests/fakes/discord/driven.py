"""The real discord.py on a server of this kind."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import HTTPClient, Route

from tests.fakes.discord.server import Server
from tests.fakes.discord.spec import published

discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False


class Client(discord.AutoShardedClient):
    """A bot that writes down what it hears; it identifies without the library's five seconds between."""

    def __init__(self, **options: Any) -> None:
        options = {"intents": discord.Intents(guilds=True), "guild_ready_timeout": 0.05} | options
        cache = discord.MemberCacheFlags.none()
        super().__init__(
            max_messages=None, chunk_guilds_at_startup=False, member_cache_flags=cache, **options
        )
        self.events: list[tuple[str, Any]] = []
        self.asked: asyncio.Queue[discord.Interaction] = asyncio.Queue()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Not to wait."""

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Keep it for the test."""
        self.asked.put_nowait(interaction)

    def dispatch(self, event: str, /, *told: Any, **more: Any) -> None:
        """Write down what happens."""
        self.events.append((event, told))
        super().dispatch(event, *told, **more)

    def heard(self, event: str) -> list[Any]:
        """What was told with events of a kind."""
        return [told for name, told in self.events if name == event]

    async def until(self, event: str, within: float = 1.0) -> Any:
        """What was told with the first event of a kind."""
        async with asyncio.timeout(within):
            while not self.heard(event):
                await asyncio.sleep(0.005)
        return self.heard(event)[0]


@contextlib.asynccontextmanager
async def watched(**options: Any) -> AsyncIterator[Server]:
    """A server whose answers are held against the published description when it closes."""
    async with Server(**options) as server:
        yield server
    if described := published():
        done = [
            request for request in server.requests if request.carried_out and request.ok and request.result
        ]
        wrong = [described.wrong_result(r.method, r.route, r.status, r.result) for r in done]
        assert not any(wrong), wrong


@contextlib.contextmanager
def aimed(server: Server):
    """The library asks the server while the block runs."""
    before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = server.base_url, yarl.URL(server.gateway_url)
    try:
        yield
    finally:
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = before


@contextlib.asynccontextmanager
async def requesting(
    server: Server, *, wait: float | None = 30.0, token: str | None = None
) -> AsyncIterator[HTTPClient]:
    """The library's REST client, logged in; it sits out limits up to so many seconds."""
    with aimed(server):
        http = HTTPClient(asyncio.get_running_loop(), max_ratelimit_timeout=wait)
        try:
            await http.static_login(token or server.token)
            yield http
        finally:
            await http.close()


@contextlib.asynccontextmanager
async def listening(server: Server, **options: Any) -> AsyncIterator[Client]:
    """The library's client, connected."""
    with aimed(server):
        async with Client(**options) as client:
            await client.login(server.token)
            work = asyncio.create_task(client.connect())
            try:
                await server.wait_until_ready()
                yield client
            finally:
                work.cancel()
                await asyncio.gather(work, return_exceptions=True)
