"""One process at a time on a SQLite file; PostgreSQL takes any number."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.errors import StorageError
from bot.storage.database import parse_url


@contextmanager
def alone(address: str) -> Iterator[bool]:
    """Keep other bots off the same SQLite file until this one ends, however it ends; False on PostgreSQL.

    Raises:
        StorageError: another process runs on it.
    """
    url = parse_url(address)
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        yield False
        return
    import fcntl

    path = Path(f"{url.database}.lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a+", encoding="utf-8")
    except OSError as exc:
        raise StorageError(
            f"database {url.database}: its lock cannot be made: {exc.strerror}; give the folder to the user "
            "of this process"
        ) from exc
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as exc:
            file.seek(0)
            raise StorageError(
                f"database {url.database}: another paperboy (process {file.read().strip()}) runs on it; end "
                "that one, or use PostgreSQL, which several can share"
            ) from exc
        file.seek(0)
        file.truncate()
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield True
