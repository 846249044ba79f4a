"""The servers: `/api/v3` as a GitHub of one's own has it, `/api` and `/raw` as the public one has them."""

import hashlib
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Self
from urllib.parse import unquote

from aiohttp import web

from tests.fakes.github.objects import Repo

JSON = "application/json; charset=utf-8"
VERSIONS = ("2022-11-28",)
Trouble = int | tuple[int, dict[str, str]] | Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request, and what came of it."""

    path: str
    status: int
    headers: dict[str, str]  # of the request, names in lower case


class Refusal(Exception):
    """What is not given."""

    def __init__(self, status: int, message: str, **headers: str) -> None:
        super().__init__(message)
        self.status = status
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class Server:
    """GitHub, as far as a reader of repositories can see; what stands here may be changed at any time."""

    def __init__(self) -> None:
        self.repos: dict[str, Repo] = {}  # by owner and name
        self.moved: dict[str, str] = {}  # where a repository went
        self.tokens: set[str] = set()  # that open everything
        self.remaining = 60  # requests of the API in this hour
        self.reset_in = 1800.0  # seconds
        self.tree_most = 100_000  # entries of one list
        self.failing: dict[str, Trouble] = {}  # by part of a path
        self.log: list[Asked] = []
        self._runner: web.AppRunner | None = None
        self._port = 0

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def paths(self) -> list[str]:
        """What was asked for, below the repository: `commits/HEAD`, `git/trees/…`, or the whole path."""
        return [
            asked.path.partition("/repos/")[2].partition("/")[2].partition("/")[2] or asked.path
            for asked in self.log
        ]

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        status = 0
        try:
            response = await self._made(request)
            status = response.status
        except Refusal as refusal:
            status = refusal.status
            response = web.json_response({"message": str(refusal)}, status=status, headers=refusal.headers)
        finally:
            headers = {name.lower(): value for name, value in request.headers.items()}
            self.log.append(Asked(path=request.rel_url.raw_path_qs, status=status, headers=headers))
        return response

    async def _made(self, request: web.Request) -> web.StreamResponse:
        for part, trouble in self.failing.items():
            if part in request.rel_url.raw_path_qs:
                if callable(trouble):
                    return await trouble(request)
                status, headers = (trouble, {}) if isinstance(trouble, int) else trouble
                return web.Response(status=status, headers=headers)
        # https://docs.github.com/rest/using-the-rest-api/getting-started-with-the-rest-api#user-agent
        if not request.headers.get("User-Agent"):
            raise Refusal(403, "Request forbidden by administrative rules.")
        parts = [unquote(part) for part in request.rel_url.raw_path.split("/") if part]
        if parts[:1] == ["raw"]:
            return self._raw(request, parts[1:])
        if parts[:3] == ["api", "v3", "repos"]:
            return self._api(request, parts[3:])
        if parts[:2] == ["api", "repos"]:
            return self._api(request, parts[2:])
        raise Refusal(404, "Not Found")

    def _raw(self, request: web.Request, parts: list[str]) -> web.Response:
        repo = self._repo(request, parts)
        data = repo.find(parts[2], "/".join(parts[3:])) if len(parts) > 3 else None
        if data is None:
            raise Refusal(404, "Not Found")
        text = b"\0" not in data
        kind = "text/plain; charset=utf-8" if text else "application/octet-stream"
        return web.Response(body=data, headers={"Content-Type": kind})

    def _api(self, request: web.Request, parts: list[str]) -> web.Response:
        if (version := request.headers.get("X-GitHub-Api-Version", VERSIONS[0])) not in VERSIONS:
            raise Refusal(400, f"{version} is not a supported version")
        limits = self._limits()
        if self.remaining <= 0:
            raise Refusal(403, "API rate limit exceeded for 127.0.0.1.", **limits)
        if (there := "/".join(parts[:2])) in self.moved:
            self.remaining -= 1
            rest = "/".join([*parts[2:]])
            place = request.rel_url.raw_path.partition("/repos/")[0]
            raise Refusal(301, "Moved Permanently", Location=f"{place}/repos/{self.moved[there]}/{rest}")
        try:
            response = self._found(request, self._repo(request, parts), parts[2:])
        except Refusal as refusal:
            self.remaining -= 1
            refusal.headers |= self._limits()
            raise
        known = "Authorization" in request.headers and response.status == 304
        self.remaining -= not known  # https://docs.github.com/rest/using-the-rest-api/best-practices
        response.headers.update(self._limits())
        return response

    def _limits(self) -> dict[str, str]:
        return {
            "x-ratelimit-limit": "60",
            "x-ratelimit-remaining": str(max(0, self.remaining)),
            "x-ratelimit-reset": str(int(time.time() + self.reset_in)),
        }

    def _repo(self, request: web.Request, parts: list[str]) -> Repo:
        given = request.headers.get("Authorization", "").partition(" ")[2]
        if given and given not in self.tokens:
            raise Refusal(401, "Bad credentials")
        repo = self.repos.get("/".join(parts[:2]))
        if repo is None or (repo.private and not given):
            raise Refusal(404, "Not Found")
        return repo

    def _found(self, request: web.Request, repo: Repo, parts: list[str]) -> web.Response:
        match parts:
            case ["commits", *ref] if ref:
                return self._commit(request, repo, "/".join(ref))
            case ["git", "trees", name]:
                return self._tree(request, repo, name)
            case ["git", "blobs", name] if name in repo.blobs:
                if request.headers.get("Accept") != "application/vnd.github.raw+json":
                    raise Refusal(501, "this server gives blobs raw alone")
                kind = "application/vnd.github.raw+json; charset=utf-8"
                return web.Response(body=repo.blobs[name], headers={"Content-Type": kind})
        raise Refusal(404, "Not Found")

    def _commit(self, request: web.Request, repo: Repo, ref: str) -> web.Response:
        if not repo.branches:
            raise Refusal(409, "Git Repository is empty.")
        commit = repo.branches.get(repo.branch if ref == "HEAD" else ref)
        if commit is None:
            raise Refusal(422, f"No commit found for SHA: {ref}")
        if request.headers.get("Accept") != "application/vnd.github.sha":
            raise Refusal(501, "this server names commits alone")
        kind = "application/vnd.github.sha; charset=utf-8"
        return _conditional(request, commit.encode(), kind)

    def _tree(self, request: web.Request, repo: Repo, name: str) -> web.Response:
        tree = repo.commits.get(name, name)
        if tree not in repo.trees:
            raise Refusal(404, "Not Found")
        entries = list(repo.walk(tree)) if "recursive" in request.query else repo.trees[tree]
        shown = [entry.show() for entry in entries[: self.tree_most]]
        found = {"sha": name, "tree": shown, "truncated": len(entries) > self.tree_most}
        return _conditional(request, json.dumps(found).encode(), JSON)


def _conditional(request: web.Request, data: bytes, kind: str) -> web.Response:
    etag = f'W/"{hashlib.sha256(data).hexdigest()}"'
    if request.headers.get("If-None-Match") == etag:
        return web.Response(status=304, headers={"ETag": etag})
    return web.Response(body=data, headers={"Content-Type": kind, "ETag": etag})
