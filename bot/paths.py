"""Posts from paths that a person typed: files, or folders of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.digest import read
from bot.errors import SourceError, UsageError
from bot.model import NotDigest, Post
from bot.sources.files import read_file, walk


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file to read, and how to name it to the person who asked."""

    path: Path
    label: str  # the path as given, or relative to the folder that was given

    def read(self) -> Post | NotDigest:
        """What the file holds.

        Raises:
            SourceError: it cannot be read.
        """
        # The whole path, since a folder above may name the date.
        return read(read_file(self.path, self.path.absolute().as_posix()))


def find_files(paths: Sequence[Path]) -> list[File]:
    """Every file that the paths name, folders searched for Markdown and HTML, in the order of names.

    Raises:
        UsageError: a path does not exist, or a folder has no such file.
    """
    return [file for path in paths for file in _expand(path)]


def _expand(path: Path) -> Iterator[File]:
    if not path.exists():
        raise UsageError(f"{path}: no such file or folder")
    if not path.is_dir():
        yield File(path=path, label=str(path))
        return
    try:
        names = sorted(name for name, status in walk(path) if status)
    except OSError as exc:
        raise SourceError(f"{path}: cannot be read: {exc.strerror}") from exc
    if not names:
        raise UsageError(f"{path}: no .md or .html file below this folder")
    yield from (File(path=path / name, label=name) for name in names)
