"""What GitHub's API says of a repository: its newest commit, the files of that, their content."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from bot.errors import Missing, SourceError
from bot.sources.base import Limits
from bot.sources.github_place import Place
from bot.sources.http import Answer, Stamp, Web
from bot.sources.show import plain, show
from bot.sources.tree import FILES, Blob, is_post
from bot.sources.trouble import Denied

VERSION = {"X-GitHub-Api-Version": "2022-11-28"}
LISTING = 20_000_000  # bytes of a list of files; GitHub ends one after 7 MB
LISTS = 500  # in which the folders of a large repository are gone through
ID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
ANYTHING = ("*/*",)
NAMED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """The files and folders of a folder."""

    files: tuple[Blob, ...]
    folders: Mapping[str, str]  # ids by path
    cut: bool  # there is more that was not told


class Api:
    """Asks about one repository."""

    def __init__(self, place: Place, *, token: str, limits: Limits) -> None:
        self._place = place
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._token = bool(token)
        self._web = Web(replace(limits, size=max(limits.size, LISTING)))
        self._files = Web(limits)

    async def commit(self, stamp: Stamp) -> tuple[str, Stamp] | None:
        """The id of the newest commit and what that is recognised by; None where the stamp still holds.

        Raises:
            SourceError: there is no such repository or branch, or it may not be read.
        """
        branch = self._place.branch
        url = f"{self._place.api}/commits/{quote(branch or 'HEAD', safe='')}"
        try:
            answer = await self._ask(url, "application/vnd.github.sha", stamp=stamp)
        except Missing as exc:
            mend = (
                "has the token the right to read its contents?"
                if self._token
                else "is it public, or is `token:` missing?"
            )
            raise Missing(f"{self._place.url}: no such repository; check the address; {mend}") from exc
        except Denied as exc:
            raise self._denied(exc) from exc
        if answer is None:
            return None
        found = answer.data[:100].decode("ascii", "replace").strip()
        if not ID.fullmatch(found):
            raise SourceError(f"{show(url)}: names no commit; is this the API of a GitHub?")
        return found, answer.stamp

    async def posts(self, commit: str) -> list[Blob]:
        """The post files below the folder, in no order.

        Raises:
            SourceError: they cannot be listed, or there is no such folder.
        """
        folder = self._place.folder
        whole = await self._tree(commit, recursive=True)
        if whole.cut:
            return [blob async for blob in self._walk(await self._descend(commit), "")]
        if not folder:
            return [blob for blob in whole.files if is_post(blob.address)]
        if folder not in whole.folders:
            raise self._no_folder(folder, whole)
        inside = (blob for blob in whole.files if blob.address.startswith(f"{folder}/"))
        below = (replace(blob, address=blob.address[len(folder) + 1 :]) for blob in inside)
        return [blob for blob in below if is_post(blob.address)]

    async def content(self, commit: str, blob: Blob) -> bytes:
        """What is in a file.

        Raises:
            SourceError: it cannot be had.
        """
        if self._place.raw:
            url = f"{self._place.raw}/{commit}/{quote(self._place.whole(blob.address))}"
            headers = self._headers
        else:
            url = f"{self._place.api}/git/blobs/{blob.id}"
            headers = self._headers | VERSION | {"Accept": "application/vnd.github.raw+json"}
        answer = await self._files.get(url, kinds=ANYTHING, headers=headers, empty=True)
        return answer.data if answer else b""

    async def close(self) -> None:
        """End the connections."""
        await self._web.close()
        await self._files.close()

    async def _ask(self, url: str, accept: str, stamp: Stamp | None = None) -> Answer | None:
        headers = self._headers | VERSION | {"Accept": accept}
        return await self._web.get(url, stamp=stamp, kinds=("application/*", "text/plain"), headers=headers)

    async def _tree(self, name: str, *, recursive: bool) -> Tree:
        url = f"{self._place.api}/git/trees/{name}" + ("?recursive=1" if recursive else "")
        answer = await self._ask(url, "application/vnd.github+json")
        data = answer.data if answer else b""
        try:
            return await asyncio.to_thread(_read_tree, data)
        except (ValueError, LookupError, TypeError, ArithmeticError, RecursionError) as exc:
            raise SourceError(f"{show(url)}: lists no files; is this the API of a GitHub?") from exc

    async def _descend(self, commit: str) -> str:
        """The id of the folder in a repository that is too large to be listed at once."""
        name, path = commit, ""
        for part in self._place.folder.split("/") if self._place.folder else ():
            tree = await self._tree(name, recursive=False)
            path = f"{path}/{part}" if path else part
            if part not in tree.folders:
                raise self._no_folder(path, tree)
            name = tree.folders[part]
        return name

    async def _walk(self, name: str, prefix: str) -> AsyncIterator[Blob]:
        """The posts of a folder and of those in it, in as few lists as will do."""
        left, asked = [(name, prefix)], 0
        while left:
            if (asked := asked + 1) > LISTS:
                raise SourceError(f"{self._place.url}: too many files; say in which folder they are: `path:`")
            name, prefix = left.pop()
            tree = await self._tree(name, recursive=True)
            if tree.cut:
                tree = await self._tree(name, recursive=False)
                if tree.cut:
                    raise SourceError(f"{self._place.url}: {plain(prefix)}: too many files in one folder")
                left += [(id, f"{prefix}{path}/") for path, id in tree.folders.items() if path[:1] != "."]
            for blob in tree.files:
                if is_post(prefix + blob.address):
                    yield replace(blob, address=prefix + blob.address)

    def _denied(self, exc: Denied) -> SourceError:
        if exc.status == 422:
            return Missing(
                f"{self._place.url}: no such branch: {plain(self._place.branch, 60)}; check `branch:`"
            )
        if exc.status == 409:
            return Missing(f"{self._place.url}: nothing has been committed to it yet")
        if exc.status == 401:
            return SourceError(f"{self._place.url}: does not know this token; has it expired? Make a new one")
        return exc

    def _no_folder(self, folder: str, tree: Tree) -> SourceError:
        names = sorted(path for path in tree.folders if "/" not in path and not path.startswith("."))
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        there = ", ".join(plain(name, 60) for name in names[:NAMED]) or "no folder"
        return Missing(f"{self._place.url}: no such folder: {plain(folder, 100)}; there is {there}{more}")


def _read_tree(data: bytes) -> Tree:
    found = json.loads(data)
    rows: list[dict[str, Any]] = found["tree"]
    folders = {str(row["path"]): _id(row) for row in rows if row["type"] == "tree"}
    return Tree(files=tuple(_blobs(rows)), folders=folders, cut=found.get("truncated") is True)


def _blobs(rows: list[dict[str, Any]]) -> Iterator[Blob]:
    for row in rows:
        if row["type"] == "blob" and row["mode"] in FILES:
            # Of a name that is no UTF-8 nothing but half a sign may be left, which no database takes.
            path = str(row["path"]).encode(errors="backslashreplace").decode()
            yield Blob(address=path, id=_id(row), size=int(row.get("size", 0)))


def _id(row: dict[str, Any]) -> str:
    if not ID.fullmatch(found := row["sha"]):
        raise ValueError("no id")
    return str(found)
