"""`paperboy check`: tries everything that a bot needs, side by side, and disturbs none that is running."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import aclosing
from functools import partial
from pathlib import Path

from bot import secrecy, sources
from bot.collecting import given
from bot.commands.base import Place, Where
from bot.config import Config, load
from bot.errors import Busy, ConfigError, SourceError
from bot.finding import Finding, Verdict, fail, ok, side_by_side, tried, warn
from bot.platforms import TOKENS, platforms
from bot.platforms.base import Platform
from bot.sections import SourceConfig, TagConfig
from bot.slugs import slug
from bot.storage import check as storage
from bot.storage import visit
from bot.storage.chats import Chat
from bot.web import check as web

LATEST = 2.0  # seconds in which what did not answer has to let go
MOST = 50  # places of a platform that are looked at
CAUSES = 5  # reasons of pauses that are told apart
CONFIGURATION, DATABASE, CHATS = "configuration", "database", "chats"
_NUMBERS = re.compile(r"@?-?\d{5,}(?:/\d+)*", re.ASCII)  # of chats and people

Tell = Callable[[Finding], None]
Trial = AsyncGenerator[Finding, None]


async def run(file: Path | None, tell: Tell) -> int:
    """Try what a configuration file asks for, telling each finding; the exit code: 1 where one fails."""
    try:
        config = load(file)
    except ConfigError as exc:
        for line in str(exc).splitlines():
            tell(fail(CONFIGURATION, line))
        return 1
    code = 1 if await check(config, tell) else 0
    # What hangs in a thread, as a network disk may, would have the process wait for it.
    asyncio.get_running_loop().call_later(LATEST, _end_now, code)
    return code


async def check(config: Config, tell: Tell) -> bool:
    """Try everything, telling each finding in order as soon as it is known; whether one fails."""
    secrecy.hide(*config.secrets)
    failed = False
    told: list[asyncio.Queue[Finding | None]] = []
    pumps: list[asyncio.Task[None]] = []
    try:
        for trial in _Round(config).trials():
            told.append(asyncio.Queue())
            pumps.append(asyncio.create_task(_pump(trial, told[-1])))
        for queue in told:
            while finding := await queue.get():
                failed = failed or finding.verdict is Verdict.FAIL
                tell(finding)
    finally:
        for pump in pumps:
            pump.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)
    return failed


async def _pump(trial: Trial, queue: asyncio.Queue[Finding | None]) -> None:
    try:
        async with aclosing(trial):
            async for finding in trial:
                queue.put_nowait(finding)
    except Exception as exc:  # noqa: BLE001 - the others are told all the same
        said = f"{type(exc).__name__}: {exc}"
        queue.put_nowait(fail("check", f"nobody expected this: {said}; it is a fault of Paperboy's"))
    finally:
        queue.put_nowait(None)


class _Round:
    """One round of trying."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._address = config.database.get_secret_value()
        self._current = False  # are the tables those of this version
        self._read = asyncio.Event()  # the chats are known, as far as they will be
        self._places: dict[str, list[Place]] = {}

    def trials(self) -> list[Trial]:
        """All that is to be tried, in the order in which it is told."""
        used: dict[str, Platform] = {}
        faults = []
        try:
            used = platforms(self._config)
        except ConfigError as exc:
            faults = [fail(CONFIGURATION, str(exc))]
        first = [*_configured(self._config), *faults]
        named = [_named(item) for item in self._config.sources]
        tries = [partial(_try_source, item, self._config) for item in self._config.sources]
        return [
            _each(first),
            self._try_database(),
            side_by_side(zip(named, tries, strict=True), at_once=max(1, len(named))),
            *(self._try_platform(name, platform) for name, platform in used.items()),
            self._try_web(),
        ]

    async def _try_database(self) -> Trial:
        try:
            for finding in await tried(DATABASE, self._look_at_database()):
                yield finding
            if self._current:
                for finding in await tried(CHATS, self._look_at_chats()):
                    yield finding
        finally:
            self._read.set()

    async def _look_at_database(self) -> Sequence[Finding]:
        looked = await storage.check(self._address)
        self._current = looked.current
        return looked.findings

    async def _look_at_chats(self) -> list[Finding]:
        async with visit.visit(self._address) as database, database.reading() as connection:
            found = [_paused(await visit.paused(connection))]
            for platform in TOKENS:
                chats, number = await visit.following(connection, platform, MOST)
                self._places[platform] = [_place(chat) for chat in chats]
                if number > len(chats):
                    more = f"{number - len(chats):,} more groups and channels are not looked at"
                    found.append(ok(CHATS, f"{platform}: {more}, the newest {MOST} are"))
        return found

    async def _wait_for_places(self, platform: str) -> Sequence[Place]:
        await self._read.wait()
        return self._places.get(platform, [])

    async def _try_platform(self, name: str, platform: Platform) -> Trial:
        people = [who.partition(":")[2] for who in self._config.operators if who.startswith(f"{name}:")]
        try:
            async with aclosing(platform.check(people, partial(self._wait_for_places, name))) as found:
                async for finding in found:
                    yield finding
        finally:
            await platform.close()

    async def _try_web(self) -> Trial:
        given_secret, place = self._config.web.push_secret, self._config.web.place
        if place:
            for finding in await tried(web.NAME, web.check(place)):
                yield finding
        if given_secret and not place:
            yield warn("push secret", "nobody can push, since nothing listens; name a place at web.listen")
        elif given_secret and (doubt := web.weak(given_secret.get_secret_value())):
            yield doubt


async def _each(findings: Sequence[Finding]) -> Trial:
    for finding in findings:
        yield finding


async def _try_source(item: SourceConfig, config: Config) -> list[Finding]:
    what = _named(item)
    asked = given(item, config)
    if item.kind == "git" and (reason := await asyncio.to_thread(storage.unwritable, asked.cache)):
        said = (
            f"copies of repositories cannot be kept in {asked.cache}: {reason}; mend that, or name another "
        )
        return [fail(what, f"{said}folder at `cache:`")]
    source = sources.make(item.kind, asked)
    try:
        said = await source.probe()
        return [warn(what, f"{said}; is that the right place?") if said.startswith("0 ") else ok(what, said)]
    except Busy:
        raise
    except SourceError as exc:
        return [fail(what, str(exc).removeprefix(f"{item.label}: "))]
    finally:
        await source.close()


def _named(item: SourceConfig) -> str:
    return f"source {item.label}"


def _configured(config: Config) -> Iterator[Finding]:
    """What the configuration says, and what in it is probably a mistake."""
    live = [
        name for name, given in (("telegram", config.telegram), ("discord", config.discord)) if given.token
    ]
    count = len(config.sources)
    if not count:
        yield fail(
            "sources", "nothing to read; add `- kind: folder` with its `path:`, or a site with its `url:`"
        )
    yield ok(
        CONFIGURATION, f"{count} source{'s' * (count != 1)}; on {' and '.join(live) or 'the console only'}"
    )
    if not live and not config.console.enabled:
        yield warn("platforms", f"no token is set, so nobody is reached; set {' or '.join(TOKENS.values())}")
    if not config.operators:
        yield warn(
            "operators",
            "nobody is named, so nobody is told when a source fails; add operators: "
            f'["{live[0] if live else "telegram"}:YOUR ID"]',
        )
    for who in config.operators:
        if (platform := who.partition(":")[0]) not in live:
            yield warn("operators", f"{who} is not told anything without {TOKENS[platform]}")
    hook = config.telegram.webhook
    if hook and hook.listen == config.web.place:
        said = "telegram.webhook.listen and web.listen are the same; give one of them another port"
        yield fail(web.NAME, said)
    yield from _tags(config.tags)


def _tags(tags: Sequence[TagConfig]) -> Iterator[Finding]:
    """Names and aliases that do nothing."""
    seen: dict[str, str] = {}
    for item in tags:
        if first := seen.get(slug(item.name)):
            said = f"{item.name!r} is a spelling of {first!r}; make one of the two"
            yield warn("tags", f"{said}: the first is what people see")
        seen.setdefault(slug(item.name), item.name)
        for alias in item.aliases:
            if slug(alias) == slug(item.name):
                said = f"{alias!r} is understood as {item.name!r} anyway; leave the alias out"
                yield warn("tags", said)


def _place(chat: Chat) -> Place:
    """Where a chat is; told by our own number where it has no title."""
    title = chat.title or f"chat {chat.id}"
    return Place(address=chat.address, where=Where.GROUP, title=title, layout=chat.layout)


def _paused(reasons: dict[str, int]) -> Finding:
    """How many chats get nothing, and why; never which."""
    if not (number := sum(reasons.values())):
        return ok(CHATS, "none is paused for a trouble")
    told = [
        f"{_NUMBERS.sub('…', reason) or 'nobody knows why'} ({count:,})" for reason, count in reasons.items()
    ]
    if len(told) > CAUSES:
        told[CAUSES:] = [f"other reasons ({sum(list(reasons.values())[CAUSES:]):,})"]
    paused = f"{number:,} chats are paused" if number > 1 else "1 chat is paused"
    return warn(CHATS, f"{paused} until that is mended: {', '.join(told)}")


def _end_now(code: int) -> None:
    sys.stdout.flush()
    os._exit(code)
