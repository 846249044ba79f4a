"""Post files on a disk: which there are below a folder, and what one holds."""

import os
from collections.abc import Iterator
from pathlib import Path

from bot.errors import SourceError
from bot.model import RawPost

SUFFIXES = (".md", ".markdown", ".html", ".htm")
MAX_BYTES = 64_000_000  # the longest real post has 0.4 million


def walk(folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    """The path below the folder, and the status, of every post file, in no order.

    Raises:
        OSError: the folder itself cannot be listed; folders below it that cannot are passed over.
    """
    stack = [("", os.scandir(folder))]
    while stack:
        prefix, entries = stack.pop()
        with entries:
            for item in entries:
                if item.name.startswith("."):
                    continue
                try:
                    if item.is_dir(follow_symlinks=False):
                        stack.append((f"{prefix}{item.name}/", os.scandir(item.path)))
                    elif item.name.lower().endswith(SUFFIXES) and item.is_file():
                        yield prefix + item.name, item.stat()
                except OSError:  # gone since it was listed, or not ours to read
                    continue


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
