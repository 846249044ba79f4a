"""The files of a commit: which of them are posts, by the rules that hold for a folder on a disk."""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.errors import ConfigError
from bot.sources.base import Unreadable
from bot.sources.files import SUFFIXES

LONGEST = 800  # characters of a path; databases index no longer ones
FILES = ("100644", "100755", "100664")  # git's modes of files; not links, not other repositories


@dataclass(frozen=True, slots=True, kw_only=True)
class Blob:
    """The content of one file."""

    address: str  # its path below the source's folder
    id: str  # the same for the same content, in every copy of a repository
    size: int  # bytes


def is_post(path: str) -> bool:
    """Whether a path is that of a post file: not hidden, nor in a hidden folder."""
    hidden = path.startswith(".") or "/." in path or "\0" in path or len(path) > LONGEST
    return not hidden and path.lower().endswith(SUFFIXES)


def in_order(blobs: Iterable[Blob]) -> list[Blob]:
    """The blobs as a folder would give them."""
    return sorted(blobs, key=lambda blob: blob.address)


def too_large(blob: Blob, most: int) -> Unreadable:
    """That a file is larger than what is taken."""
    reason = (
        f"{blob.address}: {blob.size:,} bytes, more than the {most:,} that are taken; fetch.size allows more"
    )
    return Unreadable(address=blob.address, reason=reason)


def read_folder(path: str) -> str:
    """A folder within a repository, without slashes around it; empty: the whole.

    Raises:
        ConfigError: it leads out of the repository.
    """
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if ".." in parts or not path.isprintable():
        raise ConfigError(f"sources: path: {path!r}: must be a folder within the repository")
    return "/".join(parts)
