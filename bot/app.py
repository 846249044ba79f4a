"""Builds the parts from the configuration and runs them together, each role in a task of its own."""

import asyncio
import contextlib
import logging
import os
import signal
import socket
import time
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from bot import __version__, secrecy, status
from bot.adapters import CONSOLE
from bot.collecting import Collecting
from bot.config import Config
from bot.delivery.collect import Collected
from bot.delivery.drain import drain
from bot.delivery.roles import hold
from bot.delivery.send import Sender
from bot.delivery.trouble import brief
from bot.errors import ConfigError, DeliveryError, PaperboyError, StorageError
from bot.log import get_logger
from bot.meter import Meter
from bot.platforms import TOKENS, platforms
from bot.platforms.base import Listening, Platform
from bot.sections import span
from bot.sources.base import Source
from bot.storage import chats, leases, merging, outbox, planning
from bot.storage.database import Database, open_database
from bot.storage.exclusive import alone
from bot.watch import watch

if TYPE_CHECKING:
    from bot.web import Metrics

log = get_logger(__name__)

Notice = Callable[[str], None]
ROLES = ("collect", "send", "listen", "web")
LATEST = 9.3  # seconds after which the end comes, whatever hangs
ALONE = 30.0  # seconds after which a process listens where another one sends, if nobody else does
GIVE_BACK = 0.8  # seconds that giving leases back may take at the end


class App:
    """One running bot: its sources, its database and the platforms it speaks to."""

    def __init__(self, config: Config, database: Database, used: dict[str, Platform]) -> None:
        self.config = config
        self.database = database
        self.platforms = used
        self.holder = f"{socket.gethostname()}:{os.getpid()}:{time.time_ns() % 10**6}"
        labels = status.names(config)
        self.metrics = _metrics(used, labels) if config.web.place else None
        self.meter: Meter = self.metrics or Meter()
        self.senders = {
            name: Sender(
                database,
                {name: platform.adapter},
                holder=self.holder,
                unsure=config.delivery.unknown,
                meter=self.meter,
            )
            for name, platform in used.items()
        }
        self.sending = {name: asyncio.Event() for name in used}  # set while this process does
        self.watch = watch(config, database, used, self.senders)
        self.collecting = Collecting(config, database, self.after)
        self.trouble = False  # did something go wrong that no other process could be left to do

    async def after(self, source: Source, collected: Collected, seconds: float) -> None:
        """Have the senders deliver what came of a look, and operators be told what is wrong with it."""
        for sender in self.senders.values():
            if collected.posts:
                sender.forget()
            sender.news.set()
        self.meter.looked(source.name, seconds, posts=collected.posts, planned=collected.planned)
        await self.watch.after(source.name, changed=bool(collected.posts))

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

    async def settle_tags(self) -> None:
        """Have tags be called as the configuration says."""
        async with self.database.writing() as connection:
            changes = await merging.settle(connection, {it.name: it.aliases for it in self.config.tags})
        for change in changes:
            log.warning("tag.settled", change=change)

    async def pass_once(self, roles: Collection[str]) -> None:
        """Look at every source once and deliver what is owed now, each unless another process does it."""
        for name, platform in self.platforms.items():
            platform.attach(self.senders[name], self.database)
        work = {f"listen:{name}": each.once for name, each in self.listeners(roles)}
        if "collect" in roles:
            work["collect"] = self.collecting.once
        if "send" in roles:
            work |= {f"send:{name}": partial(self._drain, name) for name in self.senders}
        for name, do in work.items():
            try:
                if not await hold(self.database, name, self.holder, do, time.time, stand_by=False):
                    log.warning("role.left", role=name, reason="another process does it")
            except DeliveryError as exc:
                self.trouble = True
                log.warning("role.failed", role=name, reason=brief(exc))
        await self.give_back()

    async def _drain(self, name: str) -> None:
        self.trouble = not await drain(self.senders[name], self.database, name) or self.trouble

    def listeners(self, roles: Collection[str]) -> Iterator[tuple[str, Listening]]:
        """What takes in what people ask, by platform, where that is wanted."""
        for name, platform in self.platforms.items():
            if "listen" in roles and (listener := platform.listen(self.senders[name], self.database)):
                yield name, listener

    def is_idle(self, roles: Collection[str]) -> bool:
        """Whether there is nothing to do in any of the roles."""
        people = self.platforms.keys() - {CONSOLE}
        able = {"collect": True, "send": self.platforms, "listen": people, "web": self.config.web.place}
        return not any(able[role] for role in roles)

    async def answer_web(self, roles: Collection[str]) -> None:
        """Answer at the web port, for ever."""
        if self.metrics is not None:
            from bot.web.serve import part_of, serve

            part = part_of(self.config, self.holder, roles, self.platforms)
            await serve(self.config, self.database, part, self.metrics, self.collecting.wake)

    async def send(self, name: str) -> None:
        """Send on a platform, for ever."""
        self.sending[name].set()
        try:
            await self.senders[name].run()
        finally:
            self.sending[name].clear()

    async def listen(self, name: str, listener: Listening, *, sends: bool) -> None:
        """Listen on a platform, for ever; best in the process that sends there, as both have one pace."""
        if sends:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(ALONE):
                    await self.sending[name].wait()
        await self.hold(f"listen:{name}", listener.run)

    async def hold(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        """Do work that one process at a time does."""
        await hold(self.database, name, self.holder, work, time.time)

    async def close(self) -> None:
        """End what the sources and the platforms hold open."""
        await self.collecting.close()
        for platform in self.platforms.values():
            await platform.close()

    async def give_back(self) -> None:
        """End this process's leases, if the database takes it soon; else they run out."""
        try:
            async with asyncio.timeout(GIVE_BACK), self.database.writing() as connection:
                await leases.give_back(connection, holder=self.holder)
        except (SQLAlchemyError, OSError) as exc:
            log.warning("lease.kept", reason=brief(exc))


async def run(config: Config, notice: Notice, *, once: bool, roles: Collection[str] = ROLES) -> int:
    """Run the bot until it is told to stop, or once through; give the exit code.

    Raises:
        PaperboyError: the configuration or the database cannot be worked with.
    """
    if not config.sources:
        raise ConfigError(
            "sources: nothing to read; add `- kind: folder` with its `path:`, or a site with its `url:`"
        )
    secrecy.hide(*config.secrets)
    address = config.database.get_secret_value()
    with alone(address) as exclusive:
        database = await open_database(address)
        app = App(config, database, platforms(config))
        try:
            await _prepare(app, exclusive=exclusive)
            if app.is_idle(roles):
                needs = "web needs `web.listen`, send and listen a platform"
                raise ConfigError(f"--role {', '.join(roles)}: nothing to do; {needs}")
            if not once:
                return await _serve(app, notice, roles)
            await app.pass_once(roles)
            return 1 if app.collecting.trouble or app.trouble else 0
        finally:
            await app.close()
            await database.close()


async def _prepare(app: App, *, exclusive: bool) -> None:
    """Free what a bot that was killed still held, where no other can run on this database, and settle in."""
    try:
        if exclusive:
            async with app.database.writing() as connection:
                await outbox.release_all(connection)
                await leases.give_back(connection)
        await app.settle_in()
        await app.settle_tags()
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
    if work.done() and (exc := work.exception()):  # it ends by itself only when something is wrong
        raise next(_causes(exc), exc)
    loop.call_later(LATEST, _end_now)
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    await app.give_back()
    notice("Stopped.")
    return 0


def _metrics(platforms: Iterable[str], names: Iterable[str]) -> "Metrics":
    from bot.web import Metrics  # takes a quarter of a second, which who has no web port need not wait

    return Metrics(platforms, names)


def _causes(exc: BaseException) -> Iterator[PaperboyError]:
    """What an operator can mend, of all that went wrong at once."""
    if isinstance(exc, PaperboyError):
        yield exc
    for part in exc.exceptions if isinstance(exc, BaseExceptionGroup) else ():
        yield from _causes(part)


def _end_now() -> None:
    """End without what still hangs, a database server that is frozen; leases run out by themselves."""
    log.warning("end.forced", seconds=LATEST)
    logging.shutdown()
    os._exit(0)


async def _work(app: App, notice: Notice, roles: Collection[str]) -> None:
    async with asyncio.TaskGroup() as group:
        if "collect" in roles:
            group.create_task(app.hold("collect", app.collecting.run))
        for name, platform in app.platforms.items():
            platform.attach(app.senders[name], app.database)
            if "send" in roles:
                group.create_task(app.hold(f"send:{name}", partial(app.send, name)))
        for name, listener in app.listeners(roles):
            group.create_task(app.listen(name, listener, sends="send" in roles))
        group.create_task(_say_next_steps(app, notice, roles))
        if "web" in roles:
            group.create_task(app.answer_web(roles))


async def _say_next_steps(app: App, notice: Notice, roles: Collection[str]) -> None:
    """Tell how it goes on, below the cards of the first look."""
    if "collect" in roles:
        await app.collecting.looked.wait()
    if "send" in roles and CONSOLE in app.senders:
        await app.senders[CONSOLE].caught_up()
    for line in _next_steps(app, roles):
        notice(line)


def _next_steps(app: App, roles: Collection[str]) -> Iterator[str]:
    watched = ", ".join(f"{source.name} (every {span(source.every)})" for source in app.collecting.sources)
    does = f"Watching {watched}." if "collect" in roles else f"At work: {', '.join(roles)}."
    live = [name for name in TOKENS if name in app.platforms]
    if live:
        yield f"Going live on {' and '.join(live)}."
    elif "send" in roles:
        yield (
            f"On the console only. The token that takes it live is {' or '.join(TOKENS.values())}; "
            f"what would be sent: paperboy preview FILE --platform {'|'.join(TOKENS)}"
        )
    yield f"{does} Ctrl-C ends."
