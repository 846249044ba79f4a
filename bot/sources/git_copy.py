"""A bare, shallow copy of one branch: no files are laid out, so nothing of a repository is ever run."""

import asyncio
import contextlib
import hashlib
import shutil
from asyncio.subprocess import Process
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator
from pathlib import Path

from bot.errors import Missing, SourceError
from bot.log import get_logger
from bot.sources.base import Limits
from bot.sources.git_disk import lock, sweep, unlock, weigh
from bot.sources.git_program import ANSWER, Program
from bot.sources.git_remote import Remote
from bot.sources.git_trouble import known_trouble, trouble
from bot.sources.show import plain
from bot.sources.tree import FILES, Blob, is_post

log = get_logger(__name__)

HEAD = "refs/paperboy/head"  # what was copied
MOST = 2_000_000_000  # bytes of a copy
LISTED = 100_000_000  # bytes of a list of files: some half a million
WHOLE = 10  # times as long as one thing may a whole copy take
TIDY = 60  # files, three a look that found something; then what is no longer wanted is thrown away
NAMED = 5  # branches or folders in an error


class Broken(Exception):
    """The copy is not what it should be; a new one may be."""


class Copy:
    """The copy of a branch in the cache; in use by one look at a time, of all processes."""

    def __init__(self, remote: Remote, *, branch: str, cache: Path, limits: Limits) -> None:
        self._remote = remote
        self._wanted = f"refs/heads/{branch}" if branch else "HEAD"
        self._cache = cache.absolute()
        self._seconds = limits.seconds
        self._git = Program(remote, cache=self._cache, limits=limits)
        self._mark = f"{remote.url}\n{self._wanted}\n"
        name = hashlib.sha256(self._mark.encode()).hexdigest()[:16]
        self._folder = self._cache / f"{name}.git"

    @contextlib.asynccontextmanager
    async def locked(self, seconds: float) -> AsyncIterator[bool]:
        """While the block runs, no other look uses this copy; False where another one still does then.

        Raises:
            SourceError: the cache cannot be written.
        """
        with self._disk():
            self._cache.mkdir(parents=True, exist_ok=True)
            taken = await lock(self._folder.with_suffix(".lock"), seconds)
        try:
            yield taken is not None
        finally:
            if taken is not None:
                unlock(taken)

    async def look_up(self) -> str:
        """The id of the newest commit, as the repository itself says.

        Raises:
            SourceError: it cannot be asked, or has no such branch.
        """
        with self._disk():
            self._cache.mkdir(parents=True, exist_ok=True)
        found = await self._list(self._wanted)
        if commit := found.get(self._wanted):
            return commit
        shown = self._remote.shown
        names = sorted(name.removeprefix("refs/heads/") for name in await self._list("refs/heads/*"))
        if not names:
            raise Missing(f"{shown}: no repository, or one with no branch yet; check the address")
        if self._wanted == "HEAD":
            raise Missing(f"{shown}: shows no branch first; say which: `branch:` {_few(names)}")
        branch = plain(self._wanted.removeprefix("refs/heads/"), 60)
        raise Missing(f"{shown}: no such branch: {branch}; it has {_few(names)}")

    async def update(self) -> bool:
        """Bring the copy to what the repository holds now; whether that was anything new.

        Raises:
            SourceError: the repository cannot be read, or is too large.
        """
        with self._disk():
            commit = await self.look_up()
            if self._is_ours():
                sweep(self._folder)
                with contextlib.suppress(Broken):
                    if await self.head() == commit:
                        return False
                    await self._fetch(self._folder)
                    return True
            await self._clone(form="sha256" if len(commit) == 64 else "sha1")
        return True

    async def head(self) -> str:
        """The id of the commit that was copied.

        Raises:
            Broken: there is no such copy.
        """
        if not self._is_ours():
            raise Broken("no copy")
        return (await self._read("rev-parse", "--verify", "--quiet", HEAD)).decode().strip()

    async def posts(self, folder: str) -> list[Blob]:
        """The post files below a folder, in no order.

        Raises:
            Missing: there is no such folder.
            Broken: the copy cannot be read.
        """
        try:
            listed = await self._read("ls-tree", "-r", "-z", "-l", f"{HEAD}:{folder}", most=LISTED)
        except Broken:
            if not folder:
                raise
            await self._read("fsck", "--connectivity-only", "--no-dangling", "--no-progress")
            raise await self._no_folder(folder) from None
        return await asyncio.to_thread(lambda: list(_posts(listed)))

    async def contents(self, blobs: Iterable[Blob]) -> AsyncGenerator[tuple[Blob, bytes]]:
        """What is in files, one after another.

        Raises:
            Broken: the copy cannot be read.
            SourceError: git was killed, or does not answer.
        """
        shown = self._remote.shown
        async with self._git.talk(f"--git-dir={self._folder}", "cat-file", "--batch") as process:
            for blob in blobs:
                try:
                    async with asyncio.timeout(self._seconds):
                        data = await _ask(process, blob)
                except TimeoutError as exc:
                    raise SourceError(f"{shown}: {plain(blob.address)}: git does not give it") from exc
                except (asyncio.IncompleteReadError, ConnectionError) as exc:
                    if await process.wait() < 0:
                        raise SourceError(f"{shown}: git was killed while it read") from exc
                    raise Broken("git ended while it read") from exc
                yield blob, data

    async def tidy(self) -> None:
        """Throw away what older looks left, when that has become much."""
        if len(weigh(self._folder)) <= TIDY:
            return
        try:
            await self._read("gc", "--quiet", "--prune=now", seconds=self._seconds * WHOLE)
        except (Broken, SourceError, OSError) as exc:
            log.warning("copy.untidy", repository=self._remote.shown, reason=str(exc))

    def discard(self) -> None:
        """Throw the copy away."""
        log.warning("copy.discarded", repository=self._remote.shown)
        shutil.rmtree(self._folder, ignore_errors=True)

    async def _list(self, pattern: str) -> dict[str, str]:
        """The commits of a repository's branches, by their names."""
        ended = await self._git.there("ls-remote", "--", self._remote.url, pattern)
        if ended.code:
            raise trouble(self._remote.shown, ended.said)
        lines = ended.out.decode(errors="replace").split("\n")
        return {name: commit for commit, _, name in (line.partition("\t") for line in lines) if name}

    async def _clone(self, *, form: str) -> None:
        new = self._folder.with_suffix(".new")
        shutil.rmtree(new, ignore_errors=True)
        # Gits of before 2021 know of one form only.
        option = () if form == "sha1" else (f"--object-format={form}",)
        try:
            ended = await self._git.here("init", "--quiet", "--bare", "--template=", *option, "--", str(new))
            if ended.code:
                raise trouble(str(new), ended.said)
            await self._fetch(new)
            (new / "description").write_text(self._mark, encoding="utf-8")
            shutil.rmtree(self._folder, ignore_errors=True)
            new.rename(self._folder)
        except Broken as exc:
            raise SourceError(str(exc)) from exc
        finally:
            shutil.rmtree(new, ignore_errors=True)

    async def _fetch(self, folder: Path) -> None:
        """Get the newest commit alone; all of them from the plainest of servers, which only give that."""

        async def watch() -> None:
            if sum(await asyncio.to_thread(weigh, folder)) > MOST:
                raise Broken(f"{self._remote.shown}: more than {MOST:,} bytes; give a smaller repository")

        call = (f"--git-dir={folder}", "fetch", "--quiet", "--no-tags")
        target = ("--", self._remote.url, f"+{self._wanted}:{HEAD}")
        seconds = self._seconds * WHOLE
        try:
            ended = await self._git.there(*call, "--depth=1", *target, seconds=seconds, watch=watch)
            if "does not support shallow" in ended.said:
                ended = await self._git.there(*call, *target, seconds=seconds, watch=watch)
        finally:
            sweep(folder)
        if ended.code and known_trouble(ended.said):
            raise trouble(self._remote.shown, ended.said)
        if ended.code:
            raise Broken(str(trouble(self._remote.shown, ended.said)))

    async def _no_folder(self, folder: str) -> SourceError:
        top = (await self._read("ls-tree", "-z", "-d", "--name-only", HEAD)).decode(errors="backslashreplace")
        names = _few([name for name in top.split("\0") if name and not name.startswith(".")])
        return Missing(f"{self._remote.shown}: no such folder: {plain(folder, 100)}; at its top: {names}")

    async def _read(self, *command: str, most: int = ANSWER, seconds: float = 0) -> bytes:
        """What git says of the copy; raises Broken where it cannot."""
        ended = await self._git.here(f"--git-dir={self._folder}", *command, most=most, seconds=seconds)
        if ended.code:
            raise Broken(str(trouble(str(self._folder), ended.said)))
        return ended.out

    def _is_ours(self) -> bool:
        """Whether the copy is of this branch of this repository, and whole."""
        try:
            return (self._folder / "description").read_text(encoding="utf-8") == self._mark
        except (OSError, UnicodeDecodeError):
            return False

    @contextlib.contextmanager
    def _disk(self) -> Iterator[None]:
        try:
            yield
        except OSError as exc:
            raise SourceError(
                f"{self._cache}: copies of repositories cannot be kept there: {exc.strerror}; "
                "check its rights and the space left"
            ) from exc


def _posts(listed: bytes) -> Iterator[Blob]:
    """The post files in what ls-tree gave; names that are no UTF-8 are spelt out."""
    for line in listed.split(b"\0"):
        head, _, name = line.partition(b"\t")
        path = name.decode(errors="backslashreplace")
        if not is_post(path):
            continue
        mode, _, name_of_content, size = head.decode().split()
        if mode not in FILES:
            continue
        if not size.isdecimal():
            raise Broken("content is missing")
        yield Blob(address=path, id=name_of_content, size=int(size))


async def _ask(process: Process, blob: Blob) -> bytes:
    """The content of a file, from a git that gives one after another."""
    assert process.stdin
    assert process.stdout
    process.stdin.write(f"{blob.id}\n".encode())
    await process.stdin.drain()
    head = await process.stdout.readuntil(b"\n")
    if head != f"{blob.id} blob {blob.size}\n".encode():
        raise Broken(f"{blob.address}: its content is missing")
    return (await process.stdout.readexactly(blob.size + 1))[:-1]


def _few(names: list[str]) -> str:
    shown = ", ".join(plain(name, 60) for name in names[:NAMED])
    return f"{shown} and {len(names) - NAMED} more" if len(names) > NAMED else shown or "nothing"
