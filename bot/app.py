"""Builds the parts from the configuration and runs them together."""

import asyncio
import signal
import time
from collections.abc import Callable
from typing import Any

from bot import __version__, scheduler, sources
from bot.adapters import CONSOLE
from bot.adapters.base import Adapter
from bot.adapters.console import Terminal
from bot.config import Config
from bot.delivery.collect import collect
from bot.delivery.send import send_due
from bot.errors import ConfigError
from bot.sources.base import Source
from bot.storage import chats, outbox
from bot.storage.database import Database, open_database

Notice = Callable[[str], None]
TOKENS = {"telegram": "TELEGRAM_BOT_TOKEN", "discord": "DISCORD_BOT_TOKEN"}


class App:
    """One running bot: its sources, its database and the platforms it speaks to."""

    def __init__(self, config: Config, database: Database, adapters: dict[str, Adapter]) -> None:
        self.config = config
        self.database = database
        self.adapters = adapters
        self.sources: list[Source] = [
            sources.make(source.kind, source.path, every=source.every) for source in config.sources
        ]
        self._owed = asyncio.Event()
        self.trouble = False  # did any look at a source go wrong

    async def look(self, source: Source) -> None:
        """Look at one source and have the sender deliver what came of it."""
        collected = await collect(source, self.database, time.time)
        self.trouble = self.trouble or collected.trouble is not None
        self._owed.set()

    async def settle_in(self) -> None:
        """Give the console, where it is used, a chat that follows everything from the beginning."""
        if CONSOLE not in self.adapters:
            return
        wanted = self.config.delivery
        async with self.database.writing() as connection:
            chat_id = await chats.follow_all(
                connection, CONSOLE, CONSOLE, style=wanted.style, language=wanted.language
            )
            await outbox.plan(connection, at=int(time.time()), chat_id=chat_id)

    async def pass_once(self) -> None:
        """Look at every source once and deliver what is owed."""
        for source in self.sources:
            await self.look(source)
        await send_due(self.database, self.adapters, time.time)

    async def send_on(self) -> None:
        """Deliver whenever something may be owed, for ever."""
        while True:
            await self._owed.wait()
            self._owed.clear()
            await send_due(self.database, self.adapters, time.time)


async def run(config: Config, notice: Notice, *, once: bool) -> int:
    """Run the bot until it is told to stop, or once through; give the exit code.

    Raises:
        PaperboyError: the configuration or the database cannot be worked with.
    """
    if not config.sources:
        raise ConfigError("sources: nothing to read; add `- kind: folder` with its `path:`")
    database = await open_database(config.database.get_secret_value())
    try:
        app = App(config, database, _adapters(config))
        await app.settle_in()
        if not once:
            return await _serve(app, notice)
        await app.pass_once()
        return 1 if app.trouble else 0
    finally:
        await database.close()


async def _serve(app: App, notice: Notice) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    notice(f"Paperboy {__version__}")
    work = asyncio.create_task(_work(app, notice))
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait((work, stopped), return_when=asyncio.FIRST_COMPLETED)
    if work.done():
        work.result()  # it ends by itself only when something is wrong
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    notice("Stopped.")
    return 0


async def _work(app: App, notice: Notice) -> None:
    await app.pass_once()
    for line in _next_steps(app):
        notice(line)
    clock = scheduler.schedule(app.sources, app.look)
    clock.start()
    try:
        async with asyncio.TaskGroup() as roles:
            roles.create_task(app.send_on())
    finally:
        clock.shutdown(wait=False)


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
