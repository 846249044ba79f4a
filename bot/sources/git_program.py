"""git's own program, called so that it does what is asked and no more."""

import base64
import contextlib
import os
import re
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

from bot.errors import SourceError
from bot.sources import guard
from bot.sources.base import Limits
from bot.sources.git_remote import Remote
from bot.sources.process import Ended, Endless, run, started
from bot.sources.proxies import usual

SCHEMES = ("http", "https", "ssh", "git", "file")
SLOW = 1000  # bytes a second; who sends fewer for long is given up
ANSWER = 1_000_000  # bytes of what git says, where it is no list of files
Watch = Callable[[], Awaitable[None]]
# What git, ssh and curl may know of the environment: where things lie, who speaks for whom. Above all
# not this bot's tokens, and none of git's own variables, which change what it does and where.
HANDED_ON = re.compile(
    r"PATH|HOME|USER|LOGNAME|TMPDIR|LD_LIBRARY_PATH|XDG_CONFIG_HOME|SSH_AUTH_SOCK|CURL_CA_BUNDLE"
    r"|SSL_CERT_(FILE|DIR)|GIT_SSL_CAINFO|GIT_CONFIG_(GLOBAL|SYSTEM|NOSYSTEM)|GIT_EXEC_PATH"
    r"|((?i:https?|all|no)_(?i:proxy))"
)
# ConnectTimeout is added; a connection kept by ssh for others would outlast the look.
SSH = (
    "ssh -o BatchMode=yes -o ServerAliveInterval=15 -o ServerAliveCountMax=2"
    " -o ControlMaster=no -o ControlPath=none -o ForwardAgent=no -o PermitLocalCommand=no"
)
SETTINGS = {
    "http.followRedirects": "false",  # an address that is allowed must not lead to one that is not
    "http.lowSpeedLimit": str(SLOW),
    "transfer.bundleURI": "false",  # as above
    "fetch.recurseSubmodules": "false",
    "fetch.unpackLimit": "1",  # one file for each look, in one folder
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "core.askPass": "false",
    "gc.auto": "0",  # a copy is tidied on purpose, not behind our back
    "maintenance.auto": "false",
    "gc.autoDetach": "false",
    "pack.threads": "1",
    "pack.windowMemory": "64m",
}


class Program:
    """git, to be asked of one repository and of the copies of it in one folder."""

    def __init__(self, remote: Remote, *, cache: Path, limits: Limits) -> None:
        self._remote = remote
        self._cache = cache
        self._limits = limits
        self._environment = _environment(remote, cache, limits)

    async def here(self, *command: str, seconds: float = 0, most: int = ANSWER) -> Ended:
        """What git says of what is on this machine.

        Raises:
            SourceError: there is no git, it does not end, or it was killed.
        """
        return await self._run(*command, seconds=seconds, most=most, watch=None, extra={})

    async def there(self, *command: str, seconds: float = 0, watch: Watch | None = None) -> Ended:
        """What git says when it has asked the repository; `watch` may raise, to give it up.

        Raises:
            SourceError: as above, or the repository is where it may not be asked.
        """
        extra = await _way(self._remote, private=self._limits.private)
        return await self._run(*command, seconds=seconds, most=ANSWER, watch=watch, extra=extra)

    @contextlib.asynccontextmanager
    async def talk(self, *command: str) -> AsyncIterator[Process]:
        """git, to be spoken with while the block runs; raises SourceError where there is none."""
        call = (*_words(self._limits.seconds, {}), *command)
        async with contextlib.AsyncExitStack() as stack:
            with self._started():
                process = await stack.enter_async_context(
                    started(*call, environment=self._environment, folder=self._cache, talk=True)
                )
            yield process

    async def _run(
        self, *command: str, seconds: float, most: int, watch: Watch | None, extra: dict[str, str]
    ) -> Ended:
        try:
            with self._started():
                ended = await run(
                    *_words(self._limits.seconds, extra),
                    *command,
                    environment=self._environment,
                    folder=self._cache,
                    seconds=seconds or self._limits.seconds,
                    most=most,
                    watch=watch,
                )
        except Endless as exc:
            raise SourceError(f"{self._remote.shown}: given up: {exc}; tried again at the next look") from exc
        if ended.code < 0:
            raise SourceError(
                f"{self._remote.shown}: git was killed (signal {-ended.code}); is there too little memory?"
            )
        return ended

    @contextlib.contextmanager
    def _started(self) -> Iterator[None]:
        try:
            yield
        except OSError as exc:
            if isinstance(exc, FileNotFoundError) and exc.filename == "git":
                said = "there is no git on this machine; install git, or use kind: github"
            else:
                said = f"git cannot be started: {exc.strerror}"
            raise SourceError(f"{self._remote.shown}: {said}") from exc


def _words(seconds: float, extra: dict[str, str]) -> list[str]:
    """How git is called, before what it is to do."""
    settings = SETTINGS | {"http.lowSpeedTime": str(max(1, int(seconds)))} | extra
    return ["git", *(word for name, value in settings.items() for word in ("-c", f"{name}={value}"))]


def _environment(remote: Remote, cache: Path, limits: Limits) -> dict[str, str]:
    """The environment of git: handed on, not read; what is secret is in it, since all may see its words."""
    handed = {name: value for name, value in os.environ.items() if HANDED_ON.fullmatch(name)}
    return (
        handed
        | {
            "LC_ALL": "C",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_ASKPASS": "false",
            "SSH_ASKPASS_REQUIRE": "never",
            "GIT_SSH_COMMAND": f"{SSH} -o ConnectTimeout={max(1, min(30, int(limits.seconds)))}",
            "GIT_ALLOW_PROTOCOL": ":".join(SCHEMES),
            "GIT_NO_LAZY_FETCH": "1",
            # What git finds above the cache is somebody else's repository, with settings of its own.
            "GIT_CEILING_DIRECTORIES": str(cache.parent),
        }
        | _secrets(remote)
    )


def _secrets(remote: Remote) -> dict[str, str]:
    if ":" not in remote.login:
        return {}
    shown = base64.b64encode(remote.login.encode()).decode("ascii")
    host = f"[{remote.host}]" if ":" in remote.host else remote.host
    settings = {
        f"http.{remote.scheme}://{host}:{remote.port}/.extraHeader": f"Authorization: Basic {shown}",
        "credential.helper": "",  # nobody else is asked
    }
    return {"GIT_CONFIG_COUNT": str(len(settings))} | {
        name: value
        for number, (key, setting) in enumerate(settings.items())
        for name, value in ((f"GIT_CONFIG_KEY_{number}", key), (f"GIT_CONFIG_VALUE_{number}", setting))
    }


async def _way(remote: Remote, *, private: bool) -> dict[str, str]:
    """The settings that hold git to the server that was looked at.

    Raises:
        SourceError: it is none of the Internet, or there is none.
    """
    if not remote.scheme:  # the operator's own path, as with a folder
        return {}
    if remote.scheme not in ("http", "https") or usual(remote.scheme, remote.host):
        await guard.check(f"{remote.scheme}://{_bracketed(remote.host)}:{remote.port}/", private=private)
        return {}
    found = await guard.resolve(remote.host, remote.port, private=private)
    if remote.host in found:
        return {}
    return {"http.curloptResolve": f"{remote.host}:{remote.port}:{','.join(map(_bracketed, found))}"}


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
