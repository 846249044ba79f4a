"""A backup as a file: written whole or not at all, read with its faults told by line."""

import json
import os
import stat
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from bot.errors import PaperboyError, UsageError
from bot.storage.backup import Restored, export, restore
from bot.storage.database import open_database, open_existing

STREAM = "-"  # instead of a file: standard output, or standard input


async def save(address: str, file: str) -> int:
    """Write a backup of the database into a file; give the number of chats in it.

    Raises:
        StorageError: there is no such database, or it cannot be used.
        UsageError: the file cannot be written.
    """
    database = await open_existing(address)
    try:
        async with database.reading() as connection:
            data = await export(connection, at=int(time.time()))
    finally:
        await database.close()
    write(file, data)
    return len(data["chats"])


async def load(address: str, file: str) -> Restored:
    """Put the backup in a file into the database, which is made where there is none.

    Raises:
        StorageError: the database cannot be used.
        UsageError: the file cannot be read or is no backup that this Paperboy knows; nothing is changed.
    """
    data = read(file)
    database = await open_database(address)
    try:
        async with database.writing() as connection:
            return await restore(connection, data, at=int(time.time()))
    except UsageError as exc:
        raise UsageError(f"{_shown(file)}: {exc}") from exc
    finally:
        await database.close()


def write(file: str, data: dict[str, Any]) -> None:
    """Write a backup; a file that is there is replaced in one step, by a whole one.

    Raises:
        PaperboyError: it cannot be written.
    """
    if file == STREAM:
        sys.stdout.writelines(_lines(data))
        sys.stdout.flush()
        return
    path = Path(file).resolve()
    try:
        if path.exists() and not stat.S_ISREG(path.stat().st_mode):
            with path.open("w", encoding="utf-8") as pipe:  # a pipe or device is written to, never replaced
                pipe.writelines(_lines(data))
        else:
            _replace(path, data)
    except OSError as exc:
        raise PaperboyError(f"{file}: cannot be written: {exc.strerror}") from exc


def read(file: str) -> Any:
    """What a file holds, as JSON.

    Raises:
        UsageError: it cannot be read, or is no JSON.
    """
    try:
        data = sys.stdin.buffer.read() if file == STREAM else Path(file).read_bytes()
    except OSError as exc:
        raise UsageError(f"{file}: cannot be read: {exc.strerror}") from exc
    try:
        return json.loads(data, parse_constant=_refuse)
    except json.JSONDecodeError as exc:
        where = f"line {exc.lineno} column {exc.colno}"
        raise UsageError(f"{_shown(file)}: {where}: no JSON: {exc.msg}; is the file whole?") from exc
    except (ValueError, RecursionError) as exc:
        raise UsageError(f"{_shown(file)}: no backup: {exc}") from exc


def _shown(file: str) -> str:
    return "standard input" if file == STREAM else file


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


def _replace(path: Path, data: dict[str, Any]) -> None:
    # Readable by its owner only: it says who reads what.
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as beside:
            beside.writelines(_lines(data))
            beside.flush()
            os.fsync(beside.fileno())
        os.replace(name, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise


def _lines(data: dict[str, Any]) -> Iterator[str]:
    """The JSON, a chat a line."""
    for number, (name, value) in enumerate(data.items()):
        yield ("{" if number == 0 else ",\n") + _compact(name) + ": "
        if isinstance(value, list) and value and isinstance(value[0], dict):
            yield "[\n" + _compact(value[0])
            yield from (",\n" + _compact(item) for item in value[1:])
            yield "\n]"
        else:
            yield _compact(value)
    yield "}\n"


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
