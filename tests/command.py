"""The program's commands in processes of their own, forked from one that has loaded its parts already."""

import multiprocessing
import os
import runpy
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

PARTS = ("bot.cli", "bot.app", "bot.check", "bot.storage.database", "aiosqlite", "alembic.command")
LONGEST = 60.0  # seconds that a command may take


@cache
def _forks() -> Any:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, *PARTS])
    return context


def run(
    words: tuple[str, ...], environment: Mapping[str, str], cwd: Path | None, module: str = "bot"
) -> CompletedProcess[str]:
    """What came of a command: its exit code and what it wrote; `module` is what is run as a program."""
    with tempfile.TemporaryDirectory() as name:
        out, err = Path(name, "out"), Path(name, "err")
        process = _forks().Process(target=_obey, args=((module, *words), dict(environment), cwd, out, err))
        process.start()
        process.join(LONGEST)
        if process.exitcode is None:
            process.kill()
            raise TimeoutError(f"{words}: not done after {LONGEST:g} s: {err.read_text()}")
        return CompletedProcess(words, process.exitcode, out.read_text("utf-8"), err.read_text("utf-8"))


def _obey(
    words: tuple[str, ...], environment: dict[str, str], cwd: Path | None, out: Path, err: Path
) -> None:
    """Become the command; never returns."""
    os.environ.clear()
    os.environ.update(environment)
    if cwd:
        os.chdir(cwd)
    for stream, file in ((0, None), (1, out), (2, err)):
        descriptor = os.open(file or os.devnull, os.O_RDWR | os.O_CREAT if file else os.O_RDONLY)
        os.dup2(descriptor, stream)
    sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w")  # noqa: SIM115
    sys.argv = ["paperboy", *words[1:]]
    runpy.run_module(words[0], run_name="__main__", alter_sys=True)
