"""The client that stands at Discord's gateway: hears what people ask, and has it answered.

It is built without a network, and keeps nothing in memory of what it has shown: a button says
itself what it is about, so it works after any restart, for ever.
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import aiohttp
import discord
from discord import InteractionType, ui

from bot.adapters.discord import changes, menu
from bot.adapters.discord.asked import Asked, asked, hint
from bot.adapters.discord.complete import choices
from bot.adapters.discord.respond import Answer
from bot.adapters.discord.show import Body, bodies, line
from bot.commands.base import Guide, Reply, Request
from bot.commands.suggest import Suggest
from bot.locales import words
from bot.log import get_logger

log = get_logger(__name__)

SOON = 1.2  # seconds after which an interaction is acknowledged, though its answer is not there yet
TYPING = 2.0  # seconds that choices for what is being typed may take at most
LATEST = 14 * 60.0  # seconds that an answer may take; after fifteen minutes nobody takes it
AT_ONCE = 64  # interactions that are looked into side by side
END = 3.0  # seconds that answers under way get at the end

BUTTON = re.compile(r"[a-z]+:.*", re.DOTALL)  # what a button or a menu of ours is known by

Seen = discord.Interaction[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What a client needs of the bot that listens."""

    answer: Callable[[Request], Awaitable[Reply | None]]
    suggest: Suggest
    presence: changes.Presence
    guide: Callable[[Any], Guide]  # by an interaction, or a client: what is known of people and places
    menu: Callable[[], list[dict[str, Any]]]  # the commands as Discord lists them


class Client(discord.AutoShardedClient):
    """Hears interactions and what becomes of servers; asks for nothing privileged."""

    def __init__(
        self,
        house: House,
        *,
        trace: aiohttp.TraceConfig | None = None,
        proxy: str | None = None,
        shards: int | None = None,
        before_identify: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """`before_identify` is awaited before every new session; `shards`: None takes Discord's advice."""
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # nobody is called
        options: dict[str, Any] = {"http_trace": trace} if trace else {}
        super().__init__(
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            chunk_guilds_at_startup=False,
            member_cache_flags=discord.MemberCacheFlags.none(),
            max_messages=None,
            shard_count=shards,
            proxy=proxy,
            **options,
        )
        self.heard = asyncio.Event()  # a first shard is connected
        self._house = house
        self._before_identify = before_identify
        self._room = asyncio.Semaphore(AT_ONCE)
        self._busy: set[asyncio.Task[Any]] = set()

    async def setup_hook(self) -> None:
        """Called once, between logging in and connecting."""
        self.add_dynamic_items(Press)
        changes.attach(self, self._house.presence, self._house.guide)
        if self.application_id is not None:
            await menu.register(self.http, self.application_id, self._house.menu())

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Called before every new session."""
        if self._before_identify:
            await self._before_identify()
        await super().before_identify_hook(shard_id, initial=initial)

    async def on_shard_connect(self, shard_id: int) -> None:
        """A shard is connected."""
        self.heard.set()

    async def on_interaction(self, interaction: Seen) -> None:
        """Somebody asked; what is pressed and known comes by `Press`."""
        data: Mapping[str, Any] = interaction.data or {}
        if interaction.type is InteractionType.component and BUTTON.fullmatch(str(data.get("custom_id"))):
            return
        await self.hear(interaction)

    async def close(self) -> None:
        """End the connections; answers under way get a moment."""
        busy = self._busy - {asyncio.current_task()}
        try:
            if busy and not self.is_closed():
                await asyncio.wait(busy, timeout=END)
            for task in busy:
                task.cancel()
            await super().close()
        finally:
            changes.detach(self)

    async def hear(self, interaction: Seen) -> None:
        """Answer an interaction; raises nothing that it, or the answer, could cause."""
        task = asyncio.current_task()
        if task:
            self._busy.add(task)
            task.add_done_callback(self._busy.discard)
        try:
            found = asked(interaction)
            if found is None:
                await self._wonder(interaction)
            elif interaction.type is InteractionType.autocomplete:
                await self._complete(interaction, found)
            else:
                await self._answer(interaction, found)
        except Exception:
            log.exception("interaction.failed")

    async def _answer(self, interaction: Seen, found: Asked) -> None:
        answer = Answer(interaction, public=found.public)
        finding = asyncio.ensure_future(self._find(interaction, found))
        try:
            if not (await asyncio.wait({finding}, timeout=SOON))[0]:
                await answer.defer()
            if not await answer.say(await finding):
                await answer.refuse(words(found.hint)("trouble"))
        finally:
            finding.cancel()

    async def _find(self, interaction: Seen, found: Asked) -> list[Body]:
        """What there is to say, at worst that there is a trouble."""
        if found.astray:
            return [line(words(found.hint)("place_outside"))]
        try:
            async with asyncio.timeout(LATEST), self._room:
                request = found.request(self._house.guide(interaction), time.time())
                reply = await self._house.answer(request)
            if reply is not None:
                return bodies(reply, found)
            unknown = "stale" if found.pressed else "unknown_command"
            return [line(words(found.hint)(unknown, name=found.word))]
        except Exception:
            log.exception("request.failed", platform="discord", command=found.word)
            return [line(words(found.hint)("trouble"))]

    async def _complete(self, interaction: Seen, found: Asked) -> None:
        """Offer choices for what is being typed; none where they are not there in time."""
        offered: list[dict[str, Any]] = []
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(TYPING):
                    offered = await choices(self._house.suggest, found)
        except Exception:
            log.exception("suggestion.failed", command=found.word)
        await Answer(interaction, public=False).offer(offered)

    async def _wonder(self, interaction: Seen) -> None:
        """Something came in that nobody can read; a ping or a form wants no answer of ours."""
        answer = Answer(interaction, public=False)
        if interaction.type is InteractionType.autocomplete:
            await answer.offer([])
        elif interaction.type in (InteractionType.application_command, InteractionType.component):
            await answer.refuse(words(hint(interaction.locale))("trouble"))


class Press(ui.DynamicItem[ui.Item[Any]], template=BUTTON):
    """Any button or menu of the bot's, on whatever message, however old."""

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str], /
    ) -> "Press":
        """The pressed item."""
        return cls(item)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Have the press answered."""
        await interaction.client.hear(interaction)
