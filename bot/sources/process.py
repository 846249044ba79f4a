"""Runs other programs: within a time, without a terminal, and nothing of them stays behind."""

import asyncio
import contextlib
import os
import re
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.errors import SourceError

BEAT = 0.2  # seconds between two looks at a program that runs
KEPT = 8_000  # bytes of what a program complains of: the last ones
CHUNK = 65_536
MEMORY = 500_000_000  # bytes of a program and what it started; told on Linux alone
GRACE = 5.0  # seconds in which what was killed is gone
MOMENT = 0.02  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What a program gave."""

    code: int  # below 0: the signal that killed it
    out: bytes
    said: str  # what it complained of


class Endless(SourceError):
    """A program was given up: it took too long, or gave too much."""


@contextlib.asynccontextmanager
async def started(
    *words: str, environment: Mapping[str, str], folder: Path, talk: bool = False
) -> AsyncIterator[Process]:
    """A program that runs while the block does; then it is killed with all that it started.

    With `talk` it listens, and its complaints go nowhere; without, it hears nothing.

    Raises:
        OSError: there is no such program, or none can be started.
    """
    process = await asyncio.create_subprocess_exec(
        *words,
        stdin=PIPE if talk else DEVNULL,
        stdout=PIPE,
        stderr=DEVNULL if talk else PIPE,
        env=environment,
        cwd=folder,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        _kill(process)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), GRACE)
        await _reap(process)


async def run(
    *words: str,
    environment: Mapping[str, str],
    folder: Path,
    seconds: float,
    most: int,
    watch: Callable[[], Awaitable[None]] | None = None,
) -> Ended:
    """What a program gave until it ended; `watch` may raise, every now and then, to give it up.

    Raises:
        Endless: it did not end within the seconds, or gave more bytes than the most.
        OSError: there is no such program, or none can be started.
    """
    async with started(*words, environment=environment, folder=folder) as process:
        assert process.stdout
        assert process.stderr
        reading = asyncio.gather(_all(process.stdout, most), _last(process.stderr))
        try:
            async with asyncio.timeout(seconds):
                while not (await asyncio.wait({reading}, timeout=BEAT))[0]:
                    if process.returncode is not None:
                        _kill(process)  # what it started holds its end open
                    elif _memory(process.pid) > MEMORY:
                        raise Endless(f"no end after {MEMORY:,} bytes of memory")
                    elif watch:
                        await watch()
                out, said = await reading
                code = await process.wait()
        except TimeoutError:
            raise Endless(f"no end after {seconds:g} seconds") from None
        finally:
            reading.cancel()
    return Ended(code=code, out=out, said=said.decode(errors="replace"))


def _memory(pid: int) -> int:
    """The bytes that a program and those that it started hold; 0 where that is not told."""
    held, left = 0, [str(pid)]
    while left:
        place = Path("/proc", left.pop())
        with contextlib.suppress(OSError):  # ended meanwhile
            found = re.search(r"^RssAnon:\s*(\d+) kB", (place / "status").read_text(), re.MULTILINE)
            held += int(found[1]) * 1024 if found else 0
            left += (place / "task" / place.name / "children").read_text().split()
    return held


async def _all(stream: asyncio.StreamReader, most: int) -> bytes:
    parts, size = [], 0
    while data := await stream.read(CHUNK):
        parts.append(data)
        if (size := size + len(data)) > most:
            raise Endless(f"no end after {most:,} bytes")
    return b"".join(parts)


async def _last(stream: asyncio.StreamReader) -> bytes:
    kept = b""
    while data := await stream.read(CHUNK):
        kept = (kept + data)[-KEPT:]
    return kept


def _kill(process: Process) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


async def _reap(process: Process) -> None:
    """Take leave of what it started: where this is the first process of a container, nobody else does."""
    with contextlib.suppress(ChildProcessError):
        for _ in range(int(GRACE / MOMENT)):
            if not os.waitpid(-process.pid, os.WNOHANG)[0]:
                await asyncio.sleep(MOMENT)
