"""Builds the parts from the configuration and runs them together, each role in a task of its own."""

import asyncio
import logging
import os
import signal
import socket
import time
from collections.abc import Callable, Collection
from functools import partial
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from bot import __version__, scheduler, sources
from bot.adapters import CONSOLE
from bot.adapters.base import Adapter
from bot.adapters.console import Terminal
from bot.config import Config
from bot.delivery.collect import Rules, collect
from bot.delivery.roles import hold
from bot.delivery.send import Sender
from bot.delivery.trouble import brief
from bot.delivery.when import next_due
from bot.errors import ConfigError, StorageError
from bot.sources.base import Source
from bot.storage import chats, leases, outbox, planning, schedules
from bot.storage.database import Database, open_database
from bot.storage.exclusive import alone

log = logging.getLogger(__name__)

Notice = Callable[[str], None]
TOKENS = {"telegram": "TELEGRAM_BOT_TOKEN", "discord": "DISCORD_BOT_TOKEN"}
ROLES = ("collect", "send")
LATEST = 9.3  # seconds after which the end comes, whatever hangs
GIVE_BACK = 0.8  # seconds that giving leases back may take at the end
ROLL = 30.0  # seconds between two looks at schedules whose moment has passed


class App:
    """One running bot: its sources, its database and the platforms it speaks to."""

    def __init__(self, config: Config, database: Database, adapters: dict[str, Adapter]) -> None:
        self.config = config
        self.database = database
        self.holder = f"{socket.gethostname()}:{os.getpid()}:{time.time_ns() % 10**6}"
        self.senders = {
            name: Sender(database, {name: adapter}, holder=self.holder) for name, adapter in adapters.items()
        }
        self.sources: list[Source] = [
            sources.make(source.kind, source.path, every=source.every) for source in config.sources
        ]
        self.looked = asyncio.Event()  # set after the first look at every source
        self.trouble = False  # did any look at a source go wrong

    async def look(self, source: Source) -> None:
        """Look at one source and have the senders deliver what came of it."""
        await self.roll()
        wanted = self.config.delivery
        rules = Rules(max_age=wanted.max_age // 86400, cap=wanted.cap)
        collected = await collect(source, self.database, time.time, rules)
        self.trouble = self.trouble or collected.trouble is not None
        for sender in self.senders.values():
            sender.forget()
            sender.news.set()

    async def look_again(self, source: Source) -> None:
        """Look when the scheduler says so; it would tell an end or a database that is away as a bug."""
        try:
            await self.look(source)
        except (SQLAlchemyError, OSError) as exc:
            log.warning("%s: not looked at, again at its next time: %s", source.name, brief(exc))
        except asyncio.CancelledError:
            log.info("%s: the look is broken off: the bot ends", source.name)

    async def roll(self) -> None:
        """Move schedules on whose moment has passed, so that what comes now waits for the next one."""
        async with self.database.writing() as connection:
            await schedules.roll(connection, now=int(time.time()), next_due=next_due)

    async def settle_in(self) -> None:
        """Give the console, where it is used, a chat that follows everything from the beginning."""
        if CONSOLE not in self.senders:
            return
        wanted = self.config.delivery
        async with self.database.writing() as connection:
            chat_id = await chats.follow_all(
                connection, CONSOLE, CONSOLE, style=wanted.style, language=wanted.language, backlog=True
            )
            await planning.plan_backlog(connection, chat_id, at=int(time.time()))

    async def pass_once(self, roles: Collection[str]) -> None:
        """Look at every source once and deliver what is owed now, each unless another process does it."""
        work = {"collect": self._look_once} if "collect" in roles else {}
        if "send" in roles:
            sends = {name: partial(sender.run, until_idle=True) for name, sender in self.senders.items()}
            work |= {f"send:{name}": send for name, send in sends.items()}
        for name, do in work.items():
            if not await hold(self.database, name, self.holder, do, time.time, stand_by=False):
                log.warning("%s: another process does it: left to that one", name)
        await self.give_back()

    async def _look_once(self) -> None:
        for source in self.sources:
            await self.look(source)

    async def give_back(self) -> None:
        """End this process's leases, if the database takes it soon; else they run out."""
        try:
            async with asyncio.timeout(GIVE_BACK), self.database.writing() as connection:
                await leases.give_back(connection, holder=self.holder)
        except (SQLAlchemyError, OSError) as exc:
            log.warning("the leases are given back when they are over: %s", brief(exc))

    async def collect_on(self) -> None:
        """Look at every source at its own interval, for ever."""
        await self._look_once()
        self.looked.set()
        clock = scheduler.schedule(self.sources, self.look_again)
        clock.start()
        try:
            while True:
                await asyncio.sleep(ROLL)
                await self.roll()
        finally:
            clock.shutdown(wait=False)


async def run(config: Config, notice: Notice, *, once: bool, roles: Collection[str] = ROLES) -> int:
    """Run the bot until it is told to stop, or once through; give the exit code.

    Raises:
        PaperboyError: the configuration or the database cannot be worked with.
    """
    if not config.sources:
        raise ConfigError("sources: nothing to read; add `- kind: folder` with its `path:`")
    address = config.database.get_secret_value()
    with alone(address) as exclusive:
        database = await open_database(address)
        try:
            app = App(config, database, _adapters(config))
            await _prepare(app, exclusive=exclusive)
            if not once:
                return await _serve(app, notice, roles)
            await app.pass_once(roles)
            return 1 if app.trouble else 0
        finally:
            await database.close()


async def _prepare(app: App, *, exclusive: bool) -> None:
    """Free what a bot that was killed still held, where no other can run on this database, and settle in."""
    try:
        if exclusive:
            async with app.database.writing() as connection:
                await outbox.release_all(connection)
                await leases.give_back(connection)
        await app.settle_in()
    except (SQLAlchemyError, OSError) as exc:
        raise StorageError(f"database: cannot be written to now: {brief(exc)}; try again later") from exc


async def _serve(app: App, notice: Notice, roles: Collection[str]) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    notice(f"Paperboy {__version__}")
    work = asyncio.create_task(_work(app, notice, roles))
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait((work, stopped), return_when=asyncio.FIRST_COMPLETED)
    if work.done():
        work.result()  # it ends by itself only when something is wrong
    loop.call_later(LATEST, _end_now)
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    await app.give_back()
    notice("Stopped.")
    return 0


def _end_now() -> None:
    """End without what still hangs, a database server that is frozen; leases run out by themselves."""
    log.warning("not everything could be given back within %.0f s: ending now", LATEST)
    logging.shutdown()
    os._exit(0)


async def _work(app: App, notice: Notice, roles: Collection[str]) -> None:
    async with asyncio.TaskGroup() as group:
        if "collect" in roles:
            group.create_task(hold(app.database, "collect", app.holder, app.collect_on, time.time))
        if "send" in roles:
            for name, sender in app.senders.items():
                group.create_task(hold(app.database, f"send:{name}", app.holder, sender.run, time.time))
        group.create_task(_say_next_steps(app, notice, roles))


async def _say_next_steps(app: App, notice: Notice, roles: Collection[str]) -> None:
    """Tell how it goes on, below the cards of the first look."""
    if "collect" in roles:
        await app.looked.wait()
    if "send" in roles:
        for sender in app.senders.values():
            await sender.caught_up()
    for line in _next_steps(app):
        notice(line)


def _adapters(config: Config) -> dict[str, Adapter]:
    """The platforms that this version delivers to."""
    return {} if config.console.enabled is False else {CONSOLE: Terminal()}


def _next_steps(app: App) -> list[str]:
    watched = ", ".join(f"{source.name} (every {source.every:g} s)" for source in app.sources)
    platforms: dict[str, Any] = {"telegram": app.config.telegram, "discord": app.config.discord}
    given = [TOKENS[name] for name, platform in platforms.items() if platform.token]
    if given:
        live = f"{' and '.join(given)}: set, but this version shows papers on the console only."
    else:
        live = (
            f"On the console only. The tokens that take it live are {' and '.join(TOKENS.values())}; "
            "this version previews what it would send there: paperboy preview FILE --platform telegram"
        )
    return [live, f"Watching {watched}. Ctrl-C ends."]
