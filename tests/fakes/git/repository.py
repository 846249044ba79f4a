"""A real, bare git repository whose commits are made without a work tree, so that any name can be in it."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

GIT = shutil.which("git")
FILE, LINK, OTHER = b"100644", b"120000", b"160000"  # modes: file, symbolic link, another repository


def environment(home: Path) -> dict[str, str]:
    """An environment in which nobody's own settings of git count."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
    }


def _exec_path() -> Path | None:
    if not GIT:
        return None
    return Path(
        subprocess.run([GIT, "--exec-path"], capture_output=True, check=True, text=True).stdout.strip()
    )


_backend = (_exec_path() or Path()) / "git-http-backend"
HTTP_BACKEND = _backend if _backend.is_file() else None


class Repository:
    """A repository in a folder; `path` is what it is cloned by."""

    def __init__(self, path: Path, *, branch: str = "main", form: str = "sha1") -> None:
        self.path = path
        self.branch = branch
        self._commits = 0
        self.run(
            "init", "--quiet", "--bare", f"--object-format={form}", f"--initial-branch={branch}", str(path)
        )

    @property
    def url(self) -> str:
        return self.path.as_uri()

    def commit(
        self,
        files: Mapping[str | bytes, bytes | str | None],
        *,
        branch: str = "",
        anew: bool = False,
        mode: bytes = FILE,
    ) -> str:
        """Put files, take away those that are None; the commit's id. `anew`: without a history."""
        self._commits += 1
        ref = f"refs/heads/{branch or self.branch}".encode()
        lines = [
            b"commit " + ref,
            b"committer Someone <someone@example.org> %d +0000" % (1_700_000_000 + self._commits),
            b"data 0",
        ]
        if not anew and self.head(branch):
            lines.append(b"from " + ref + b"^0")
        stream = b"\n".join(lines) + b"\n"
        for path, content in files.items():
            stream += _change(path if isinstance(path, bytes) else path.encode(), content, mode)
        self.run("fast-import", "--quiet", "--force", given=stream + b"\n")
        return self.head(branch)

    def head(self, branch: str = "") -> str:
        """The id of a branch's newest commit; empty where there is none."""
        said = self.run("for-each-ref", "--format=%(objectname)", f"refs/heads/{branch or self.branch}")
        return said.decode().strip()

    def rename(self, branch: str) -> None:
        """Give the branch that is shown first another name."""
        self.run("branch", "-m", self.branch, branch)
        self.branch = branch

    def run(self, *words: str, given: bytes = b"") -> bytes:
        """What git says when it is run in the repository."""
        assert GIT
        folder = [] if words[0] == "init" else [f"--git-dir={self.path}"]
        done = subprocess.run(
            [GIT, *folder, *words],
            input=given,
            capture_output=True,
            env=environment(self.path),
            check=False,
        )
        assert not done.returncode, done.stderr.decode()
        return done.stdout


def _change(path: bytes, content: bytes | str | None, mode: bytes) -> bytes:
    if content is None:
        return b"D " + path + b"\n"
    if mode == OTHER:
        assert isinstance(content, str)
        return b"M %s %s %s\n" % (mode, content.encode(), path)
    data = content if isinstance(content, bytes) else content.encode()
    return b"M %s inline %s\ndata %d\n%s\n" % (mode, path, len(data), data)
