"""Keeps the library's log to one line a minute where the network or Discord is in trouble."""

import logging
import time
from collections.abc import Callable
from math import inf

import aiohttp
import discord

from bot.adapters.discord.errors import said

LOGGERS = ("discord.client", "discord.shard", "discord.gateway")
TROUBLE = (OSError, aiohttp.ClientError, discord.DiscordException)  # a traceback would help nobody
AGAIN = 60.0  # seconds in which the same is told once


class Calm(logging.Filter):
    """Makes a line of a traceback that shows no fault of the program; those it leaves."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._told: dict[tuple[str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """False for what was told within the minute."""
        if (trouble := _trouble(record)) is None:
            return True
        about, now = (str(record.msg), trouble.partition(":")[0]), self._clock()
        if now - self._told.get(about, -inf) < AGAIN:
            return False
        self._told[about] = now
        record.msg, record.args = f"{record.getMessage()} ({trouble})", ()
        record.exc_info = record.exc_text = None
        record.levelno, record.levelname = logging.WARNING, "WARNING"
        return True


def _trouble(record: logging.LogRecord) -> str | None:
    """What the network or Discord did; of an error that held a secret only a masked text is left."""
    exc = record.exc_info[1] if record.exc_info else None
    if isinstance(exc, TROUBLE):
        return f"{type(exc).__name__}: {said(exc)}"
    if exc is None and record.exc_text:
        return record.exc_text.rpartition("\n")[2]
    return None


def calm() -> None:
    """Keep the library calm from now on; once is enough."""
    for name in LOGGERS:
        logger = logging.getLogger(name)
        if not any(isinstance(given, Calm) for given in logger.filters):
            logger.addFilter(Calm())
