"""What `paperboy check` finds, and how each thing is tried: within bounds, and never with a traceback."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bot.errors import Busy, PaperboyError, RateLimited
from bot.secrecy import mask

PATIENCE = 30.0  # seconds that one thing may take
AT_ONCE = 4  # things at one place that are tried side by side: a bot at work wants to be heard there, too
SHOWN = 300  # characters of what nobody expected


class Verdict(StrEnum):
    """How it is."""

    OK = "ok"
    WARN = "warn"  # it works, and is probably not meant so
    FAIL = "fail"  # it does not work


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What came of one thing that was tried."""

    what: str  # "source https://example.org/blog/"
    verdict: Verdict
    said: str  # and how to mend it, where it is not well

    def line(self) -> str:
        """The finding for people."""
        word = "FAIL" if self.verdict is Verdict.FAIL else self.verdict.value
        return f"{word:<6}{self.what}: {self.said}"

    def record(self) -> dict[str, str]:
        """The finding for programs."""
        return {"what": self.what, "verdict": self.verdict.value, "said": self.said}


Work = Callable[[], Coroutine[Any, Any, Sequence[Finding]]]


def ok(what: str, said: str) -> Finding:
    """It is as it should be."""
    return _found(what, Verdict.OK, said)


def warn(what: str, said: str) -> Finding:
    """It works, and somebody should look at it."""
    return _found(what, Verdict.WARN, said)


def fail(what: str, said: str) -> Finding:
    """It does not work until somebody mends it."""
    return _found(what, Verdict.FAIL, said)


async def tried(what: str, work: Awaitable[Sequence[Finding]]) -> Sequence[Finding]:
    """What came of a piece of work, whatever it raises; it is given up where it takes too long."""
    task = asyncio.ensure_future(work)
    try:
        done, _ = await asyncio.wait({task}, timeout=PATIENCE)
    except asyncio.CancelledError:
        _give_up(task)
        raise
    if not done:
        _give_up(task)
        return [fail(what, f"no answer within {PATIENCE:g} s")]
    try:
        return task.result()
    except (Busy, RateLimited) as exc:
        return [warn(what, f"{exc}; try again later")]
    except PaperboyError as exc:
        return [fail(what, line) for line in str(exc).splitlines()]
    except Exception as exc:  # noqa: BLE001 - whatever it is, the rest is tried all the same
        told = f"{type(exc).__name__}: {str(exc)[:SHOWN]}"
        return [fail(what, f"nobody expected this: {told}; it is a fault of Paperboy's, please report it")]


async def side_by_side(
    works: Iterable[tuple[str, Work]], at_once: int = AT_ONCE
) -> AsyncGenerator[Finding, None]:
    """What came of each, by what it is about, in their order; a few are under way at a time."""
    room = asyncio.Semaphore(at_once)

    async def take_turn(what: str, work: Work) -> Sequence[Finding]:
        async with room:
            return await tried(what, work())

    tasks = [asyncio.ensure_future(take_turn(what, work)) for what, work in works]
    try:
        for task in tasks:
            for finding in await task:
                yield finding
    finally:
        for task in tasks:
            task.cancel()


def _found(what: str, verdict: Verdict, said: str) -> Finding:
    return Finding(what=_plain(what), verdict=verdict, said=_plain(said))


def _plain(text: str) -> str:
    """The text without secrets, in one line, and without what would have a terminal do something."""
    shown = "".join(mark if mark.isprintable() else " " for mark in mask(text))
    return " ".join(shown.split())


def _give_up(task: "asyncio.Future[Any]") -> None:
    task.cancel()
    task.add_done_callback(_forget)


def _forget(task: "asyncio.Future[Any]") -> None:
    """Take note of how it ended, which nobody asks for any more."""
    if not task.cancelled():
        task.exception()
