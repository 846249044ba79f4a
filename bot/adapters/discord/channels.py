"""What Discord tells of channels, kept for a while: their kind, the tags of a forum, and who the bot is."""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from discord.http import Route

from bot.adapters.discord import limits
from bot.adapters.discord.api import Requests
from bot.adapters.discord.put import ask
from bot.errors import Gone, Rejected
from bot.log import get_logger

log = get_logger(__name__)

FRESH = 600.0  # seconds for which a channel is as it was told
REFUSED = 3600.0  # seconds until tags are made again in a forum where the bot may not
KEPT = 2_000  # channels
NEEDS_TAG = 1 << 4  # the flag of forums in which every post has a tag

NEWS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A channel as Discord told."""

    kind: int
    tags: tuple[dict[str, Any], ...] = ()  # of a forum, in Discord's words
    needs_tag: bool = False


class Channels:
    """Asks for channels, and makes the tags that a forum lacks."""

    def __init__(self, requests: Requests, clock: Callable[[], float] = time.monotonic) -> None:
        self._requests = requests
        self._clock = clock
        self._known: OrderedDict[str, tuple[float, Channel]] = OrderedDict()
        self._refused: dict[str, float] = {}  # forums, with when the bot could not make a tag
        self._me = ""

    async def me(self) -> str:
        """The number of the bot.

        Raises:
            DeliveryError: Discord does not say.
        """
        if not self._me:
            self._me = str(_told(await ask(self._requests, Route("GET", "/users/@me"))).get("id", ""))
        return self._me

    async def look(self, number: str) -> Channel:
        """The channel with this number.

        Raises:
            DeliveryError: there is none, or Discord does not say.
        """
        at, known = self._known.get(number, (float("-inf"), None))
        if known and self._clock() - at < FRESH:
            return known
        route = Route("GET", "/channels/{channel_id}", channel_id=number)
        return self._keep(number, await ask(self._requests, route))

    def forget(self, number: str) -> None:
        """Ask anew next time: it is not as it was told."""
        self._known.pop(number, None)

    async def tags(self, forum: str, names: Sequence[str]) -> tuple[str, ...]:
        """The numbers of the tags for a post about these; made where they are missing and the bot may.

        Raises:
            DeliveryError: Discord does not say what the forum has.
        """
        found = await self.look(forum)
        wanted = tuple(_wanted(names))
        if any(name.casefold() not in _named(found) for name in wanted) and self._may_make(forum):
            found = await self._make(forum, wanted)
        named = _named(found)
        free = [tag for name in wanted if (tag := named.get(name.casefold())) and not tag.get("moderated")]
        if not free and found.needs_tag:
            free = [tag for tag in found.tags if not tag.get("moderated")][:1]
        return tuple(str(tag["id"]) for tag in free)[: limits.APPLIED]

    def _may_make(self, forum: str) -> bool:
        return self._clock() - self._refused.get(forum, float("-inf")) > REFUSED

    async def _make(self, forum: str, names: Sequence[str]) -> Channel:
        """The forum with these tags, as far as there is room for more and the bot may make them."""
        self.forget(forum)  # what is written is the whole list: nobody's change since is to be undone
        found = await self.look(forum)
        known = _named(found)
        room = limits.TAGS - len(found.tags)
        new = [_new(name) for name in names if name.casefold() not in known][: max(0, room)]
        if not new:
            return found
        route = Route("PATCH", "/channels/{channel_id}", channel_id=forum)
        try:
            made = await ask(self._requests, route, json={"available_tags": [*found.tags, *new]})
        except (Gone, Rejected) as exc:
            log.info("tags.refused", reason=str(exc))
            self._refused = {
                forum: at for forum, at in self._refused.items() if self._clock() - at < REFUSED
            } | {forum: self._clock()}
            return found
        return self._keep(forum, made)

    def _keep(self, number: str, told: Any) -> Channel:
        data = _told(told)
        flags, kind, tags = data.get("flags"), data.get("type"), data.get("available_tags")
        channel = Channel(
            kind=kind if isinstance(kind, int) else 0,
            tags=tuple(tag for tag in tags if isinstance(tag, dict) and "id" in tag) if tags else (),
            needs_tag=isinstance(flags, int) and bool(flags & NEEDS_TAG),
        )
        self._known[number] = (self._clock(), channel)
        self._known.move_to_end(number)
        if len(self._known) > KEPT:
            self._known.popitem(last=False)
        return channel


def _told(data: Any) -> dict[str, Any]:
    return data if isinstance(data, dict) else {}


def _wanted(names: Sequence[str]) -> Iterator[str]:
    """The names as tags of a forum can have them, each once."""
    seen: set[str] = set()
    for name in names:
        short = " ".join(name.split())[: limits.TAG_NAME].strip()
        if short and short.casefold() not in seen and len(seen) < limits.APPLIED:
            seen.add(short.casefold())
            yield short


def _named(channel: Channel) -> dict[str, dict[str, Any]]:
    return {str(tag.get("name", "")).strip().casefold(): tag for tag in reversed(channel.tags)}


def _new(name: str) -> dict[str, Any]:
    return {"name": name, "moderated": False, "emoji_id": None, "emoji_name": None}
