"""The folder of a copy: who uses it now, what lies about in it, how large it has become."""

import asyncio
import contextlib
import fcntl
import os
import time
from pathlib import Path

PAUSE = 0.1  # seconds between two tries
LEFT = (".lock", ".pid")  # of a git that was killed; no other uses the copy


async def lock(path: Path, seconds: float) -> int | None:
    """A lock that nobody else has, of this process or others; None where it is not free in time.

    It ends with the process, too.

    Raises:
        OSError: there can be none.
    """
    end = time.monotonic() + seconds
    taken = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        while True:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(taken, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return taken
            if time.monotonic() > end:
                os.close(taken)
                return None
            await asyncio.sleep(PAUSE)
    except BaseException:
        os.close(taken)
        raise


def unlock(taken: int) -> None:
    """Let others have it."""
    os.close(taken)


def sweep(folder: Path) -> None:
    """Remove what a git left that was killed: locks, and half of what was being fetched."""
    for path, names in ((path, names) for path, _, names in os.walk(folder)):
        for name in names:
            if name.endswith(LEFT) or name.startswith(("tmp_", "shallow_")):
                with contextlib.suppress(OSError):
                    os.unlink(os.path.join(path, name))


def weigh(folder: Path) -> list[int]:
    """The bytes of every file of the copy's content."""
    sizes = []
    for path, _, names in os.walk(folder / "objects"):
        for name in names:
            with contextlib.suppress(OSError):  # gone since it was listed
                sizes.append(os.stat(os.path.join(path, name)).st_size)
    return sizes
