"""The web port: is the bot alive, does it do its part, what has it counted; and pushes."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable

from aiohttp import web

from bot.log import get_logger
from bot.web.health import Report
from bot.web.push import Push

log = get_logger(__name__)

AGAIN = 10.0  # seconds until a port that is taken is tried again
LAST = 1.0  # seconds that answers which are under way get at the end
LARGEST = 1_000_000  # bytes of a body; pushes are read by a rule of their own
HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}

# What is no HTTP is answered, and logged by the library with a traceback: whoever sends it is no trouble.
_quiet = logging.getLogger("aiohttp.server.quiet")
_quiet.setLevel(logging.CRITICAL + 1)

Ready = Callable[[], Awaitable[Report]]
Scrape = Callable[[str], Awaitable[tuple[bytes, str]]]
Handle = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Server:
    """Answers at HOST:PORT; a place that is taken is tried again until it is free."""

    def __init__(
        self, listen: str, *, ready: Ready, scrape: Scrape, push: Push | None = None, again: float = AGAIN
    ) -> None:
        self._listen = listen
        self._ready = ready
        self._scrape = scrape
        self._push = push
        self._again = again
        self._runner: web.AppRunner | None = None
        self._trying: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Answer from now on, or as soon as that can be done; raises nothing."""
        app = web.Application(client_max_size=LARGEST, middlewares=[_guard])
        app.router.add_get("/healthz", self._alive)
        app.router.add_get("/readyz", self._readiness)
        app.router.add_get("/metrics", self._metrics)
        if self._push:
            app.router.add_post("/push", self._push.take)
        app.on_response_prepare.append(_prepare)
        self._runner = web.AppRunner(app, access_log=None, logger=_quiet, shutdown_timeout=LAST)
        await self._runner.setup()
        if not await self._open(first=True):
            self._trying = asyncio.create_task(self._try_again())

    async def stop(self) -> None:
        """Answer no more."""
        if self._trying:
            self._trying.cancel()
            await asyncio.gather(self._trying, return_exceptions=True)
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    @property
    def port(self) -> int | None:
        """The port at which it answers; None: not yet."""
        addresses = self._runner.addresses if self._runner else []
        return addresses[0][1] if addresses else None

    async def _try_again(self) -> None:
        while True:
            await asyncio.sleep(self._again)
            if await self._open(first=False):
                log.warning("web.recovered", place=self._listen)
                return

    async def _open(self, *, first: bool) -> bool:
        """Whether it answers now; why not is told once."""
        assert self._runner is not None
        host, _, port = self._listen.rpartition(":")
        site = web.TCPSite(self._runner, host.strip("[]"), int(port))
        try:
            await site.start()
        except (OSError, OverflowError, UnicodeError) as exc:
            await site.stop()
            if first:
                log.warning(
                    "web.unheard",
                    place=self._listen,
                    reason=getattr(exc, "strerror", None) or str(exc),
                    mend="end what has the port, or name another place at web.listen; tried again until then",
                )
            return False
        log.info("web.opened", place=self._listen)
        return True

    async def _alive(self, _request: web.Request) -> web.Response:
        return web.Response(text="ok")

    async def _readiness(self, _request: web.Request) -> web.Response:
        report = await self._ready()
        text = json.dumps(report.record(), ensure_ascii=False, indent=1)
        status = 200 if report.ready else 503
        return web.Response(text=text, status=status, content_type="application/json")

    async def _metrics(self, request: web.Request) -> web.Response:
        text, kind = await self._scrape(request.headers.get("Accept", ""))
        return web.Response(body=text, headers={"Content-Type": kind})


@web.middleware
async def _guard(request: web.Request, handler: Handle) -> web.StreamResponse:
    """The answer, or a line where the bot itself is wrong."""
    try:
        return await handler(request)
    except web.HTTPException:
        raise
    except ConnectionError:
        raise
    except Exception:
        log.exception("web.failed", method=request.method, path=request.path[:100])
        return web.Response(status=500, text="something is wrong here; the log says more")


async def _prepare(_request: web.Request, response: web.StreamResponse) -> None:
    """Say nothing of what answers, and let nobody keep it."""
    response.headers.update(HEADERS)
    response.headers.pop("Server", None)
