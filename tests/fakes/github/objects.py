"""Repositories as GitHub knows them: commits, trees and blobs, named as git names them."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

Json = dict[str, object]


def blob_id(data: bytes) -> str:
    """What git calls a content."""
    return _id("blob", data)


def _id(kind: str, data: bytes) -> str:
    return hashlib.sha1(f"{kind} {len(data)}\0".encode() + data).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of a tree."""

    mode: str
    name: str  # its path below the tree that is listed
    id: str
    size: int | None = None  # of a file

    def show(self) -> Json:
        kind = {"040000": "tree", "160000": "commit"}.get(self.mode, "blob")
        shown: Json = {"path": self.name, "mode": self.mode, "type": kind, "sha": self.id}
        return shown if self.size is None else shown | {"size": self.size}


class Repo:
    """A repository; its owner pushes to it."""

    def __init__(self, *, private: bool = False, branch: str = "main") -> None:
        self.private = private
        self.branch = branch  # shown first
        self.branches: dict[str, str] = {}  # commit, by name
        self.commits: dict[str, str] = {}  # tree, by commit
        self.trees: dict[str, list[Entry]] = {}
        self.blobs: dict[str, bytes] = {}
        self._files: dict[str, dict[str, tuple[str, str]]] = {}  # by branch: mode and content's name, by path

    def push(self, files: Mapping[str, bytes | str | None], *, branch: str = "", mode: str = "100644") -> str:
        """Put files, take away those that are None; the commit's id."""
        branch = branch or self.branch
        held = self._files.setdefault(branch, {})
        for path, content in files.items():
            if content is None:
                del held[path]
                continue
            if mode == "160000":
                held[path] = mode, str(content)
                continue
            data = content.encode() if isinstance(content, str) else content
            self.blobs[blob_id(data)] = data
            held[path] = mode, blob_id(data)
        tree = self._write(dict(held))
        commit = _id("commit", f"{tree} {len(self.commits)}".encode())
        self.commits[commit], self.branches[branch] = tree, commit
        return commit

    def reset(self, commit: str) -> None:
        """Have the branch that is shown first end at an older commit again."""
        self.branches[self.branch] = commit
        self._files[self.branch] = {
            entry.name: (entry.mode, entry.id)
            for entry in self.walk(self.commits[commit])
            if entry.mode != "040000"
        }

    def walk(self, tree: str, prefix: str = "") -> Iterator[Entry]:
        """All that is below a tree."""
        for entry in self.trees[tree]:
            yield Entry(mode=entry.mode, name=prefix + entry.name, id=entry.id, size=entry.size)
            if entry.mode == "040000":
                yield from self.walk(entry.id, f"{prefix}{entry.name}/")

    def find(self, commit: str, path: str) -> bytes | None:
        """The content of a file of a commit."""
        if commit not in self.commits:
            return None
        found = {entry.name: entry for entry in self.walk(self.commits[commit])}.get(path)
        return self.blobs.get(found.id) if found else None

    def _write(self, files: Mapping[str, tuple[str, str]]) -> str:
        entries: list[Entry] = []
        folders: dict[str, dict[str, tuple[str, str]]] = {}
        for path, (mode, name) in files.items():
            first, slash, rest = path.partition("/")
            if slash:
                folders.setdefault(first, {})[rest] = mode, name
            else:
                size = len(self.blobs[name]) if name in self.blobs else None
                entries.append(Entry(mode=mode, name=path, id=name, size=size))
        entries += [Entry(mode="040000", name=name, id=self._write(inner)) for name, inner in folders.items()]
        entries.sort(key=lambda entry: entry.name + "/" * (entry.mode == "040000"))
        raw = b"".join(
            f"{entry.mode.lstrip('0')} {entry.name}\0".encode() + bytes.fromhex(entry.id) for entry in entries
        )
        tree = _id("tree", raw)
        self.trees[tree] = entries
        return tree
