"""Whether Discord knows the bot, can have it in servers, and lets it post where it should.

All is asked over REST: no session begins at the gateway, and nobody in a server notices.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from functools import partial
from typing import Any

import aiohttp
import discord
from discord.http import Route
from discord.utils import oauth_url

from bot import secrecy
from bot.adapters.discord.errors import FAILURES, Misconfigured, translate
from bot.adapters.discord.guide import EVERY_LAYOUT, Guide
from bot.commands.base import Place, Refusal
from bot.errors import Gone, Rejected, Transient, Unreachable
from bot.finding import Finding, Work, fail, ok, side_by_side, tried, warn

TOKEN, GATEWAY = "discord token", "discord gateway"
APPLICATION, INVITATION = "discord application", "discord invitation"
PORTAL = "https://discord.com/developers/applications"
SCOPES = ("bot", "applications.commands")
LABELS = {
    "read_messages": "View Channels",
    "send_messages": "Send Messages and Create Posts",
    "embed_links": "Embed Links",
    "read_message_history": "Read Message History",
    "create_public_threads": "Create Public Threads",
    "send_messages_in_threads": "Send Messages in Threads and Posts",
}  # as the portal calls the library's permissions
FEW = 50  # sessions left, below which somebody should look at what begins them
WAITS = 30.0  # seconds that the library may wait for a limit; the least that it takes

# What is to be done where the guide of the bot says no.
MENDS = {
    "place_none": "deleted, or the bot may not see it; allow it there: View Channel",
    "place_lacks": "the bot may not post; allow it there: View Channel, Send Messages, Embed Links",
    "place_lacks_posts": "the bot may not post; allow it there: View Channel, Create Posts, Send Messages in "
    "Posts, Embed Links, Read Message History",
    "place_lacks_threads": "the bot may make no threads; allow it there: View Channel, Send Messages, Create "
    "Public Threads, Send Messages in Threads, Embed Links, Read Message History",
    "place_lacks_in_thread": "the bot may not post; allow it in its channel: View Channel, Send Messages in "
    "Threads, Embed Links",
    "place_no_threads": "it takes no threads; choose another layout there with /settings",
    "place_locked": "it is locked; unlock it, or allow the bot to manage threads",
}
_TOKEN = re.compile(r"[\x21-\x7e]+")  # what a header can hold, in one word

Places = Callable[[], Awaitable[Sequence[Place]]]


class Check:
    """One look at all of it."""

    def __init__(self, token: str, *, trace: aiohttp.TraceConfig, proxy: str | None = None) -> None:
        """`trace` is what every request pays its toll by."""
        secrecy.hide(token)
        self._token = token
        self._client = discord.Client(
            intents=discord.Intents(guilds=True),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            proxy=proxy,
            http_trace=trace,
            max_ratelimit_timeout=WAITS,
        )
        self._known = False  # Discord knows the token
        self._threaded: set[str] = set()  # servers where threads are places
        self._servers: dict[str, asyncio.Future[str]] = {}

    async def run(self, operators: Sequence[str], places: Places) -> AsyncGenerator[Finding, None]:
        """What comes of it; people and places are asked about where the token is known."""
        try:
            for finding in await tried(TOKEN, self._log_in()):
                yield finding
            if not self._known:
                return
            works: list[tuple[str, Work]] = [(APPLICATION, self._application), (GATEWAY, self._gateway)]
            posted = [place for place in await places() if "/" in place.address]
            self._threaded = {_server(place) for place in posted if place.address.count("/") > 1}
            works += [(_named(place), partial(self._place, place)) for place in posted]
            works += [(_operator(person), partial(self._person, person)) for person in operators]
            async for finding in side_by_side(works):
                yield finding
        finally:
            for learning in self._servers.values():
                learning.cancel()
            await self._client.close()

    async def _log_in(self) -> list[Finding]:
        if not _TOKEN.fullmatch(self._token.strip()):
            return [fail(TOKEN, f"it is none; reset it at {PORTAL} (Bot) and set DISCORD_BOT_TOKEN")]
        try:
            await self._client.login(self._token)
        except FAILURES as exc:
            return [fail(TOKEN, _why(exc))]
        self._known = True
        return [ok(TOKEN, str(self._client.user))]

    async def _application(self) -> list[Finding]:
        told = await self._ask("/applications/@me")
        found = [*_doubts(told)]
        count, public = told.get("approximate_guild_count", 0), told.get("bot_public", True)
        contexts = told.get("integration_types_config") or {"0": {}}
        people = " and by people for themselves" if "1" in contexts else ""
        who = "anybody" if public else "its owner alone"
        said = f"in {count} server{'s' * (count != 1)}; can be added by {who} to servers{people}"
        found = found or [ok(APPLICATION, said)]
        address = oauth_url(int(told["id"]), permissions=EVERY_LAYOUT, scopes=SCOPES)
        names = ", ".join(LABELS.get(name, name) for name, given in EVERY_LAYOUT if given)
        return [*found, ok(INVITATION, f"{address} (scopes {' and '.join(SCOPES)}; permissions {names})")]

    async def _gateway(self) -> list[Finding]:
        told = await self._ask("/gateway/bot")
        limit = told["session_start_limit"]
        left, total, hours = limit["remaining"], limit["total"], limit["reset_after"] / 3_600_000
        said = f"{left:,} of {total:,} sessions are left"
        if left >= FEW:
            return [ok(GATEWAY, f"{said}; {told['shards']} at a time")]
        mend = "stop what starts the bot over and over; with none left it hears nobody"
        return [warn(GATEWAY, f"{said} for the next {hours:.0f} hours; {mend}")]

    async def _place(self, place: Place) -> list[Finding]:
        what, server = _named(place), _server(place)
        if server not in self._servers:
            self._servers[server] = asyncio.ensure_future(self._learn(server))
        try:
            name = await asyncio.shield(self._servers[server])
        except (Gone, Rejected):
            return [fail(what, "the bot is not in its server any more; invite it there again")]
        guild = self._client.get_guild(int(server))
        channel = guild and guild.get_channel_or_thread(int(place.address.rpartition("/")[2]))
        what = f"discord #{channel.name} in {name}" if channel else f"{what} in {name}"
        try:
            await Guide(self._client).check(place)
        except Refusal as exc:
            return [
                fail(what, MENDS.get(exc.key, "Discord does not say whether the bot may post; try again"))
            ]
        return [ok(what, "the bot may post")]

    async def _learn(self, server: str) -> str:
        """Have the client know a server as the gateway would tell it; its name."""
        about = f"/guilds/{int(server)}"
        told = await self._ask(about)
        me = self._client.user
        channels = await self._ask(f"{about}/channels")
        member = await self._ask(f"{about}/members/{me.id if me else 0}")
        inside = {"channels": channels, "members": [member]}
        if server in self._threaded:
            inside["threads"] = (await self._ask(f"{about}/threads/active"))["threads"]
        self._client._connection._add_guild_from_data(told | inside)
        return str(told["name"])

    async def _person(self, person: str) -> list[Finding]:
        what = _operator(person)
        try:
            told = await self._ask(f"/users/{int(person)}")
        except (Gone, Rejected):
            return [warn(what, f"Discord knows no such person; mend `operators:`, discord:{person}")]
        if told.get("bot"):
            return [warn(what, f"discord:{person} is a bot; name a person's number in `operators:`")]
        return [ok(what, "Discord knows them; a server that they share with the bot lets it write to them")]

    async def _ask(self, path: str) -> Any:
        try:
            return await self._client.http.request(Route("GET", path))
        except FAILURES as exc:
            raise translate(exc) from exc


def _doubts(told: dict[str, Any]) -> list[Finding]:
    """What stands in the way, in the settings of the application."""
    found = []
    if told.get("interactions_endpoint_url"):
        said = "Discord brings commands to another program; clear Interactions Endpoint URL"
        found.append(fail(APPLICATION, f"{said} at {PORTAL}"))
    if told.get("bot_require_code_grant"):
        said = "nobody can add the bot; switch off Requires OAuth2 Code Grant (Bot)"
        found.append(fail(APPLICATION, f"{said} at {PORTAL}"))
    contexts = told.get("integration_types_config")
    if contexts is not None and "0" not in contexts:
        said = "the bot cannot be added to servers; allow Guild Install (Installation)"
        found.append(fail(APPLICATION, f"{said} at {PORTAL}"))
    return found


def _why(exc: Exception) -> str:
    """Why Discord does not say who the bot is, and how to mend it."""
    meant = translate(exc)
    if isinstance(meant, Misconfigured) or not isinstance(meant, Unreachable | Transient):
        return str(meant).removeprefix("discord.token: ")
    if "discord.api_url" in str(meant):
        return str(meant)
    return f"no way to Discord: {meant}; check the network, and discord.proxy. Nothing is known of the token"


def _named(place: Place) -> str:
    return f"discord {place.title}"


def _server(place: Place) -> str:
    return place.address.partition("/")[0]


def _operator(person: str) -> str:
    return f"operator discord:{person}"
