"""A Discord on the loopback that refuses what Discord refuses."""

import time
from collections.abc import Callable

from aiohttp import web

from tests.fakes.discord.buckets import Pace, Rules, Violation
from tests.fakes.discord.gateway import Gateway
from tests.fakes.discord.journal import Event, Journal, Request, Test, pattern
from tests.fakes.discord.members import Members
from tests.fakes.discord.nonce import Nonces
from tests.fakes.discord.people import People
from tests.fakes.discord.refusal import Answer
from tests.fakes.discord.script import Mishap, Script, scripted
from tests.fakes.discord.shapes import user_json
from tests.fakes.discord.shown import Shown, show
from tests.fakes.discord.wire import ROOT, Wire, large_request
from tests.fakes.discord.world import Channel, Json, User, World

FIRST_ANSWER, TOKEN_LIFE = 3.0, 900.0  # seconds


class Server(Members, People, Wire):
    """Discord, as far as a bot can see; an async context manager that listens while it is open.

    `light` checks little more than that places exist, for measuring others; `strict_pace` tells of buckets,
    and answers 429 to what comes too soon (by Discord's usual rules, or those given), noted in `violations`;
    `shards` is what the gateway advises, `beat` its seconds between heartbeats.
    """

    def __init__(
        self,
        *,
        light: bool = False,
        strict_pace: bool | Rules = False,
        slack: float = 0.05,
        shards: int = 1,
        beat: float = 41.25,
        max_concurrency: int = 1,
        user_install: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.clock = clock
        self.bot = User(id=1_100_000_000_000_000_001, name="Paperboy", is_bot=True)
        self.application_id = self.bot.id
        self.token = "bm90LWEtc2VjcmV0.Zm9yLXRlc3Rz.b25seQ-fake"
        self.light = light
        self.shards = shards
        self.least_shards = 1
        self.most_threads = 1000  # active ones of a server
        self.answer_within, self.token_life = FIRST_ANSWER, TOKEN_LIFE
        self.world = World(self.bot)
        self.owner = User(id=1_000_000_000_000_000_001, name="Olga")
        self.world.users[self.owner.id] = self.owner
        kinds = ("0", "1") if user_install else ("0",)
        scopes = {"oauth2_install_params": {"scopes": ["applications.commands"], "permissions": "0"}}
        self.application: Json = {"flags": 1 << 23, "integration_types_config": dict.fromkeys(kinds, scopes)}
        self.journal = Journal()
        self.script = Script()
        self.nonces = Nonces(clock)
        rules = strict_pace if isinstance(strict_pace, Rules) else Rules() if strict_pace else None
        self.pace = Pace(rules, slack=slack, clock=clock)
        self.commands: dict[int | None, dict[int, Json]] = {}  # of all servers, and of one
        self.commands_made = 0  # today
        self.events: dict[str, Event] = {}  # interactions, by token
        self.complaints: list[str] = []  # what only this server refused: Discord would have let it pass
        self.crashes: list[Exception] = []  # faults of this server itself; raised when it closes
        self.gateway = Gateway(self, beat=beat, max_concurrency=max_concurrency)
        self.port = self.gateway_port = 0
        self._rest: web.ServerRunner | None = None
        self._sockets: web.ServerRunner | None = None

    async def __aenter__(self) -> "Server":
        self._rest = await _listen(self.serve, 0)
        self.port = self._rest.addresses[0][1]
        await self.open_gateway()
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self.close_gateway()
        if self._rest:
            await self._rest.cleanup()
        if self.crashes:
            raise self.crashes[0]

    async def open_gateway(self) -> None:
        """Let the gateway listen; again at the same port."""
        if self._sockets is None:
            self._sockets = await _listen(self.gateway.serve, self.gateway_port)
            self.gateway_port = self._sockets.addresses[0][1]

    async def close_gateway(self) -> None:
        """Cut the gateway's connections, and refuse new ones."""
        if self._sockets:
            self.gateway.cut()
            await self._sockets.cleanup()
            self._sockets = None

    @property
    def url(self) -> str:
        """Where it listens: what `discord.api_url` is set to."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def base_url(self) -> str:
        """As `discord.http.Route.BASE` wants it."""
        return f"{self.url}{ROOT}"

    @property
    def gateway_url(self) -> str:
        """Where the gateway listens, as GET /gateway/bot tells it."""
        return f"ws://127.0.0.1:{self.gateway_port}/"

    @property
    def requests(self) -> list[Request]:
        """All requests so far."""
        return self.journal.requests

    @property
    def violations(self) -> list[Violation]:
        """The requests that came too soon."""
        return self.pace.violations

    @property
    def invalid(self) -> int:
        """How many answers so far were 401, 403, or 429 of a limit that is the bot's own."""
        return self.pace.invalid

    @property
    def unanswered(self) -> list[Event]:
        """What people asked and got no sign for in time: "The application did not respond"."""
        over = self.clock() - self.answer_within
        return [event for event in self.events.values() if event.answered is None and event.at < over]

    def now(self) -> float:
        """Seconds since 1970."""
        return time.time()

    def asked(self, method: str, path: str) -> list[Request]:
        """The requests of a kind so far: "POST", "/channels/*/messages"."""
        wanted = pattern(path)
        return [r for r in self.requests if method in {"*", r.method} and wanted.fullmatch(r.path)]

    def fail(
        self,
        method: str,
        path: str,
        *,
        status: int | None = None,
        code: int = 0,
        text: str | None = None,
        times: int | None = 1,
        when: Test | None = None,
        html: bool | None = None,
        retry_after: float | None = None,
        scope: str = "user",
        via: bool = True,
        handled: bool = False,
    ) -> None:
        """Answer the next requests with an error: a `code` of Discord's, a `status`, or both.

        `times=None`: all of them; `handled`: they are carried out all the same; `scope` (user, global,
        shared) goes with `retry_after`; without `via` it is not Discord that answers but something before
        it. From 500 on it is a gateway's page, unless there is a code or a text.
        """
        answer = scripted(status, code, text, html=html, retry_after=retry_after, scope=scope, via=via)
        self._spoil(method, path, times, when, answer=answer, handled=handled)

    def garble(self, method: str, path: str, *, times: int | None = 1, when: Test | None = None) -> None:
        """Carry out the next requests and answer with broken JSON."""
        self._spoil(method, path, times, when, answer=Answer(body=b'{"id": "1'), handled=True)

    def delay(
        self, method: str, path: str, seconds: float, *, times: int | None = 1, when: Test | None = None
    ) -> None:
        """Think for a while before the next requests are carried out."""
        self._spoil(method, path, times, when, seconds=seconds)

    def cut(
        self,
        method: str,
        path: str,
        *,
        before: bool = True,
        times: int | None = 1,
        when: Test | None = None,
    ) -> None:
        """Cut the connection of the next requests, before they are carried out or after."""
        self._spoil(method, path, times, when, cut=True, handled=not before)

    def heal(self) -> None:
        """From now on all goes well."""
        self.script.clear()

    async def wait_for(
        self,
        method: str,
        path: str,
        when: Test | None = None,
        *,
        within: float = 1.0,
        after: Event | Request | int = 0,
    ) -> Request:
        """The first answered request of a kind that passes, past ones since `after` included."""
        wanted = pattern(path)

        def test(request: Request) -> bool:
            here = method in {"*", request.method} and wanted.fullmatch(request.path)
            return bool(here) and (when is None or bool(when(request)))

        return await self.journal.wait(test, within, _number(after), f"{method} {path}")

    async def answer_to(self, event: Event, *, within: float = 1.0) -> Request:
        """The first thing that the bot says to a person: not the mere sign that it has heard."""
        return await self.journal.wait(event.answered_by, within, event.number, f"answer to the {event.kind}")

    async def heard(self, event: Event, *, within: float = 1.0) -> Request:
        """The first answer of any kind, deferrals too."""
        return await self.journal.wait(
            event.meets, within, event.number, f"sign that the {event.kind} is heard"
        )

    async def wait_until_ready(self, shards: int | None = None, *, within: float = 2.0) -> None:
        """Wait until the bot's shards are connected."""
        await self.gateway.wait(shards or self.shards, within)

    def shown(self, where: Channel | User, viewer: User | None = None) -> list[Shown]:
        """What stands in a channel now, from the top: what all see, and what `viewer` alone sees."""
        viewer = where if isinstance(where, User) else viewer
        standing = (m for m in self.place(where).messages.values() if m.standing)
        return [show(m) for m in standing if m.only_for in {None, viewer}]

    def application_json(self) -> Json:
        """What the bot is told of its application."""
        inside = len(self.world.inside())
        told: Json = {"id": str(self.application_id), "name": "Paperboy", "icon": None, "description": ""}
        told |= {
            "type": None,
            "hook": True,
            "bot_public": True,
            "bot_require_code_grant": False,
            "team": None,
        }
        told |= {"verify_key": "0" * 64, "rpc_origins": [], "redirect_uris": [], "eligible_oauth2_scopes": []}
        told |= {"interactions_endpoint_url": None, "role_connections_verification_url": None}
        told |= {"approximate_guild_count": inside, "approximate_user_install_count": 0}
        told |= {"approximate_user_authorization_count": 0, "explicit_content_filter": 0}
        told |= {"flags_new": str(self.application["flags"]), "owner": user_json(self.owner)}
        return told | {"bot": user_json(self.bot), **self.application}

    def _spoil(
        self,
        method: str,
        path: str,
        times: int | None,
        when: Test | None,
        *,
        seconds: float = 0.0,
        cut: bool = False,
        answer: Answer | None = None,
        handled: bool = False,
    ) -> None:
        mishap = Mishap(method=method, path=path, times=times, when=when, seconds=seconds, cut=cut)
        mishap.answer, mishap.handled = answer, handled
        self.script.add(mishap)


async def _listen(serve: Callable[[web.BaseRequest], object], port: int) -> web.ServerRunner:
    runner = web.ServerRunner(web.Server(serve, request_factory=large_request), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    return runner


def _number(after: Event | Request | int) -> int:
    if isinstance(after, Request):
        return after.number + 1
    return after.number if isinstance(after, Event) else after
