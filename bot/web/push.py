"""Somebody asks over the web for a look now: signed with a shared secret, as GitHub signs its webhooks.

Nothing is believed before the signature holds. All it can do is to have sources looked at sooner.
"""

import asyncio
import hashlib
import hmac
import json
import re
import time
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote

from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from bot.delivery.trouble import brief
from bot.log import get_logger
from bot.meter import Meter
from bot.web.readings import GIVEN_UP, shown

log = get_logger(__name__)

SIGNATURE = "X-Hub-Signature-256"
EVENT = "X-GitHub-Event"
LARGEST = 26_000_000  # bytes; GitHub sends up to 25 MB
SMALL = 1_000_000  # bytes, beyond which bodies are read one at a time
SECONDS = 20.0  # that a body may take to come in
WAKING = 5.0  # seconds that the database may take; GitHub waits for ten in all
TELL = 60.0  # seconds between two lines on pushes that were refused

GITHUB = "github.com"
OTHERWISE = {"www.github.com": GITHUB, "ssh.github.com": GITHUB}

Wake = Callable[[Collection[str]], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """A source that can be woken."""

    name: str
    repository: str = ""  # its address where it is one: of others nobody can tell what they are made from
    branch: str = ""  # empty: the one the repository shows first


class Push:
    """Takes pushes, and wakes the sources that they are about."""

    def __init__(self, secret: str, watched: Collection[Watched], wake: Wake, meter: Meter) -> None:
        self._secret = secret.encode()
        self._watched = watched
        self._labels = shown([each.name for each in watched])
        self._fold = Fold(wake)
        self._meter = meter
        self._large = asyncio.Lock()
        self._refusals = 0  # that no line told of yet
        self._told = float("-inf")

    async def take(self, request: web.Request) -> web.Response:
        """Answer with what is looked at now."""
        given = request.headers.get(SIGNATURE, "")
        if not re.fullmatch("sha256=[0-9a-f]{64}", given):
            return self._refuse("without a signature")
        if (request.content_length or 0) > LARGEST:
            return _say(413, error="too large")
        signature = hmac.new(self._secret, digestmod=hashlib.sha256)
        try:
            async with asyncio.timeout(SECONDS):
                body = await self._read(request, signature)
        except TimeoutError:
            return _say(408, error="too slow")
        except web.RequestPayloadError:
            return _say(400, error="broken off")
        if not hmac.compare_digest(f"sha256={signature.hexdigest()}", given):
            return self._refuse("with a signature that is not of the secret")
        if body is None:
            return _say(413, error="too large")
        said = await asyncio.to_thread(understand, request.content_type, body)
        return await self._obey(request.headers.get(EVENT), said)

    async def _read(self, request: web.Request, signature: hmac.HMAC) -> bytes | None:
        """The body, signed as it comes in; None: it is too large."""
        body = bytearray()
        async for chunk in request.content.iter_chunked(65_536):
            signature.update(chunk)
            body += chunk
            if len(body) > SMALL:
                async with self._large:
                    return await _read_on(request, signature, body)
        return bytes(body)

    async def _obey(self, event: str | None, said: object) -> web.Response:
        if event == "ping":
            return _say(200, looking=[])
        if event:
            names = of_event(event, said, self._watched)
        elif isinstance(said, dict) and "source" in said:
            names = [name for name, label in self._labels.items() if said["source"] in (name, label)]
            if not names:
                known = list(self._labels.values())
                return _say(404, error="there is no source of that name", sources=known)
        else:
            names = list(self._labels)
        try:
            async with asyncio.timeout(WAKING):
                await self._fold.wake(names)
        except (SQLAlchemyError, OSError) as exc:
            log.warning("push.failed", reason=brief(exc))
            self._meter.pushed("failed")
            return _say(503, error="the database cannot be written to now; try again later")
        self._meter.pushed("taken")
        log.info("push.taken", sources=len(names))
        return _say(202, looking=[self._labels[name] for name in names])

    def _refuse(self, how: str) -> web.Response:
        """Nothing but that; whoever set the webhook up finds the reason in the log."""
        self._meter.pushed("refused")
        self._refusals += 1
        if time.monotonic() - self._told >= TELL:
            mend = "give whoever pushes the secret of PUSH_SECRET; else somebody tries the door"
            log.warning("push.refused", reason=how, number=self._refusals, mend=mend)
            self._told, self._refusals = time.monotonic(), 0
        return web.Response(status=403, text="")


class Fold:
    """Wakes sources; what comes while that is under way is done together after it."""

    def __init__(self, wake: Wake) -> None:
        self._wake = wake
        self._wanted: set[str] = set()
        self._lock = asyncio.Lock()
        self._next: asyncio.Task[None] | None = None

    async def wake(self, names: Iterable[str]) -> None:
        """Return once these are woken; raises what waking raises."""
        self._wanted.update(names)
        if not self._wanted:
            return
        if self._next is None:
            self._next = asyncio.create_task(self._go())
            self._next.add_done_callback(_witness)
        await asyncio.shield(self._next)

    async def _go(self) -> None:
        async with self._lock:
            names, self._wanted, self._next = sorted(self._wanted), set(), None
            async with asyncio.timeout(GIVEN_UP):
                await self._wake(names)


def _witness(task: asyncio.Task[None]) -> None:
    """Know what went wrong, also where nobody waits for it any more."""
    if not task.cancelled():
        task.exception()


async def _read_on(request: web.Request, signature: hmac.HMAC, body: bytearray) -> bytes | None:
    async for chunk in request.content.iter_chunked(65_536):
        if len(body) + len(chunk) > LARGEST:
            return None
        signature.update(chunk)
        body += chunk
    return bytes(body)


def understand(kind: str, body: bytes) -> object:
    """What a body says, as JSON or as a form with a `payload` of it; None: neither."""
    try:
        if kind == "application/x-www-form-urlencoded":
            fields = dict(parse_qsl(body.decode("ascii", "replace"), max_num_fields=100))
            body = fields["payload"].encode() if "payload" in fields else body  # curl calls anything a form
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def of_event(event: str, said: object, watched: Collection[Watched]) -> list[str]:
    """The sources that an event of GitHub's is about: of a push, those of that repository and branch.

    Where none is of that repository, those are that may be made from it: folders, sites, feeds.
    """
    if event != "push" or not isinstance(said, dict) or said.get("deleted") is True:
        return []
    repository = said.get("repository")
    repository = repository if isinstance(repository, dict) else {}
    pushed = places(repository)
    same = [each for each in watched if each.repository and place(each.repository) in pushed]
    if not same:
        return [each.name for each in watched if not each.repository]
    ref, first = said.get("ref"), repository.get("default_branch") or repository.get("master_branch")
    return [each.name for each in same if _is_of(ref, each.branch or first)]


def _is_of(ref: object, branch: object) -> bool:
    """Whether what was pushed is that branch; where nobody says which, it may be."""
    return not isinstance(ref, str) or not isinstance(branch, str) or ref == f"refs/heads/{branch}"


def places(repository: Mapping[str, Any]) -> set[str]:
    """Where an event says that its repository is."""
    urls = ("clone_url", "html_url", "ssh_url", "git_url", "svn_url")
    told = {place(url) for name in urls if isinstance(url := repository.get(name), str) and url}
    if not told and isinstance(name := repository.get("full_name"), str):
        told = {place(name)}
    return told


def place(url: str) -> str:
    """Host and path of a repository, alike however it is asked for; OWNER/NAME alone is GitHub's."""
    _, parted, rest = unquote(url.strip()).casefold().rpartition("://")
    host, _, path = rest.partition("/")
    if not parted and ":" in host:  # git@github.com:owner/name.git
        host, _, first = host.rpartition(":")
        path = f"{first}/{path}"
    elif not parted and "/" not in path:
        host, path = GITHUB, rest
    host = re.sub(r":\d+$", "", host.rpartition("@")[2])
    host = OTHERWISE.get(host, host)
    parts = re.sub(r"[?#].*", "", path, flags=re.DOTALL).strip("/").split("/")
    if host == GITHUB:
        parts = parts[:2]  # behind them are folders
    return "/".join([host, *parts]).removesuffix(".git")


def _say(status: int, **said: object) -> web.Response:
    return web.json_response(said, status=status)
