"""Post files on a disk: which there are below a folder, and what one holds."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from bot.errors import SourceError
from bot.model import RawPost

SUFFIXES = (".md", ".markdown", ".html", ".htm")
MAX_BYTES = 64_000_000  # the longest real post has 0.4 million


def walk(folder: Path) -> Iterator[tuple[str, os.stat_result | None]]:
    """The path below the folder, and the status, of every post file, in no order.

    A folder that cannot be listed, or not all in it be looked at, comes with a slash at its end and
    without a status.

    Raises:
        OSError: the folder itself cannot be listed.
    """
    left = [""]
    while left:
        prefix = left.pop()
        try:
            entries = os.scandir(os.path.join(folder, prefix))
        except FileNotFoundError:  # gone since it was listed
            if not prefix:
                raise
            continue
        except OSError:
            if not prefix:
                raise
            yield prefix, None
            continue
        with entries:
            yield from _posts(entries, prefix, left)


def _posts(
    entries: Iterable[os.DirEntry[str]], prefix: str, left: list[str]
) -> Iterator[tuple[str, os.stat_result | None]]:
    """The post files of a folder; those folders in it that are not hidden are left for later."""
    for item in entries:
        if item.name.startswith("."):
            continue
        try:
            if item.is_dir(follow_symlinks=False):
                left.append(f"{prefix}{item.name}/")
            elif item.name.lower().endswith(SUFFIXES) and item.is_file():
                yield prefix + item.name, item.stat()
        except PermissionError:
            yield prefix or "./", None
        except OSError:  # gone since it was listed, or a link that leads round
            continue


def spell(name: str) -> str:
    """The name of a file, spelt out where it is no UTF-8: what no database takes."""
    return name.encode(errors="surrogateescape").decode(errors="backslashreplace")


def read_file(path: Path, address: str) -> RawPost:
    """The post in a file.

    Raises:
        SourceError: it is missing, too large, or may not be read.
    """
    try:
        if (size := path.stat().st_size) > MAX_BYTES:
            raise SourceError(f"{path}: {size:,} bytes, more than the {MAX_BYTES:,} that a post may have")
        return RawPost(address=address, data=path.read_bytes())
    except OSError as exc:
        raise SourceError(f"{path}: cannot be read: {exc.strerror}") from exc
