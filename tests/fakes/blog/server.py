"""The server of a blog: what it was asked, what it answers, and by what its pages are recognised."""

import datetime as dt
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from email.utils import format_datetime, parsedate_to_datetime
from math import ceil
from pathlib import Path
from typing import Self

from aiohttp import web

from tests.fakes.blog.feeds import FEEDS
from tests.fakes.blog.pages import BUTTERFLY, Look, Sheet, archive_page, plain_page, post_page
from tests.fakes.blog.posts import Post, write

PER_PAGE = 10
WHOLE_SITE = 300_000  # bytes of what nobody should ask for

Trouble = int | tuple[int, dict[str, str]] | Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request, and what came of it."""

    path: str  # below the base, not percent-encoded
    status: int
    headers: dict[str, str]  # of the request, names in lower case


class Blog:
    """A simulated blog; whatever stands here may be changed between two requests.

    Use it as `async with Blog() as blog`, or `start()` and `stop()` it.
    """

    def __init__(self, *posts: Post, base: str = "/Talk2Paper/", theme: str = BUTTERFLY) -> None:
        self.posts: dict[tuple[str, str], Post] = {post.key: post for post in posts}
        self.base = base
        self.theme = theme
        self.layout = "Paper/{date}/{name}/"
        self.full = True  # do the feeds hold whole posts?
        self.robots: str | None = None
        self.validators = {"etag", "modified"}
        self.shared_etag = False  # of the deployment, as some hosts make it, and not of each page's content
        self.gzip = True
        self.failing: dict[str, Trouble] = {}  # by path below the base; "*" for all
        self.extra: dict[str, tuple[str, bytes]] = {}  # content type and content, by path below the base
        self.log: list[Asked] = []
        self.deployed = dt.datetime(2024, 12, 1, tzinfo=dt.UTC)
        self._runner: web.AppRunner | None = None
        self._port = 0

    # What a blogger does.

    def put(self, *posts: Post) -> None:
        """Write posts, or anew those of the same date and tag, and deploy."""
        self.posts.update((post.key, post) for post in posts)
        self.deploy()

    def remove(self, *posts: Post) -> None:
        """Take posts off and deploy."""
        for post in posts:
            del self.posts[post.key]
        self.deploy()

    def rename(self, post: Post, date: str) -> Post:
        """File a post under another day and deploy; gives it as it is then."""
        del self.posts[post.key]
        moved = replace(post, date=date)
        self.put(moved)
        return moved

    def deploy(self) -> None:
        """Make all pages anew: they are newer from now on, whether or not they changed."""
        self.deployed += dt.timedelta(seconds=1)

    def write(self, folder: Path, at: float) -> None:
        """Write the posts as Markdown files below a folder; what changes is marked with that time."""
        write(folder, self.posts.values(), at)

    # What a visitor sees.

    async def start(self) -> Self:
        app = web.Application()
        app.router.add_route("GET", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        return self

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(self, *exc: object) -> None:
        await self.stop()

    @property
    def site(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def url(self) -> str:
        """The address of its first page."""
        return self.site + self.base

    @property
    def paths(self) -> list[str]:
        """What was asked for, robots.txt aside."""
        return [asked.path for asked in self.log if asked.path != "/robots.txt"]

    def path(self, post: Post) -> str:
        """Where a post lies below the base, not percent-encoded."""
        return self._look().path(post)

    def newest(self) -> list[Post]:
        return sorted(self.posts.values(), key=lambda post: (post.written, post.tag), reverse=True)

    def _look(self) -> Look:
        newest = tuple(self.newest()[:5])
        return Look(theme=self.theme, site=self.site, base=self.base, layout=self.layout, recent=newest)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        path = request.path
        if path != "/robots.txt":
            path = path.removeprefix(self.base) if path.startswith(self.base) else path
        response: web.StreamResponse | None = None
        try:
            response = await self._made(request, path)
            return response
        finally:
            headers = {name.lower(): value for name, value in request.headers.items()}
            self.log.append(Asked(path=path, status=response.status if response else 0, headers=headers))

    async def _made(self, request: web.Request, path: str) -> web.StreamResponse:
        trouble = self.failing.get(path, self.failing.get("*"))
        if callable(trouble):
            return await trouble(request)
        if trouble is not None:
            status, headers = (trouble, {}) if isinstance(trouble, int) else trouble
            return web.Response(status=status, headers=headers)
        found = self._found(path)
        if found is None:
            return web.Response(status=404, text="<h1>404</h1>", content_type="text/html")
        return self._conditional(request, *found)

    def _conditional(self, request: web.Request, kind: str, data: bytes) -> web.Response:
        etag = f'"{hashlib.sha256(self._salt() + data).hexdigest()[:16]}"'
        headers = {"ETag": etag} if "etag" in self.validators else {}
        if "modified" in self.validators:
            headers["Last-Modified"] = format_datetime(self.deployed, usegmt=True)
        if self._unchanged(request, etag):
            return web.Response(status=304, headers=headers)
        response = web.Response(body=data, content_type=kind, charset="utf-8", headers=headers)
        if self.gzip and "gzip" in request.headers.get("Accept-Encoding", ""):
            response.enable_compression(web.ContentCoding.gzip)
        return response

    def _salt(self) -> bytes:
        return self.deployed.isoformat().encode() if self.shared_etag else b""

    def _unchanged(self, request: web.Request, etag: str) -> bool:
        if "etag" in self.validators and "If-None-Match" in request.headers:
            return etag in request.headers["If-None-Match"]
        if "modified" in self.validators and "If-Modified-Since" in request.headers:
            return self.deployed <= parsedate_to_datetime(request.headers["If-Modified-Since"])
        return False

    def _found(self, path: str) -> tuple[str, bytes] | None:
        if path in self.extra:
            return self.extra[path]
        if path == "/robots.txt":
            return ("text/plain", self.robots.encode()) if self.robots is not None else None
        if path in ("", "index.html", "search.xml"):
            return "text/html", b"x" * WHOLE_SITE
        look = self._look()
        if path in FEEDS:
            make, name = FEEDS[path]
            return f"application/{name}+xml", make(look, self.newest(), self.full).encode()
        text = self._page(look, path.removesuffix("index.html"))
        return ("text/html", text.encode()) if text is not None else None

    def _page(self, look: Look, path: str) -> str | None:
        for post in self.posts.values():
            if look.path(post) == path:
                return post_page(look, post)
        if path.startswith("archives/"):
            return self._archive(look, path)
        if path.startswith(("tags/", "categories/", "about")):
            return plain_page(look, path)
        return None

    def _archive(self, look: Look, path: str) -> str | None:
        first, _, page = path.partition("page/")
        span = first.removeprefix("archives/").strip("/").replace("/", "-")
        posts = [post for post in self.newest() if post.date.startswith(span)]
        number, last = int(page.strip("/") or 1), ceil(len(posts) / PER_PAGE)
        if not 1 <= number <= last:
            return None
        shown = tuple(posts[(number - 1) * PER_PAGE : number * PER_PAGE])
        return archive_page(look, Sheet(title=span, posts=shown, path=first, number=number, last=last))
