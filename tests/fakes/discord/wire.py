"""The HTTP side: requests in, answers out, and what goes wrong between."""

import asyncio
import time
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.fakes.discord import body, routes, spec
from tests.fakes.discord.journal import Request
from tests.fakes.discord.refusal import Answer, Refusal, fault, form, granted, no, page, plain, refused

if TYPE_CHECKING:
    from tests.fakes.discord.server import Server

ROOT = "/api/v10"
OPEN = ("/interactions/", "/webhooks/", "/gateway")  # what needs no token of the bot
BANNED = {"Via": "", "Retry-After": "600"}


class Wire:
    """What the server does with a request."""

    async def serve(self: "Server", http: web.BaseRequest) -> web.StreamResponse:
        """Answer what comes in over HTTP."""
        at = time.monotonic()
        request = self.journal.begin(http.method, http.path.removeprefix(ROOT), at)
        answer: Answer | None = None
        try:
            answer = await self._answer(request, http)
        finally:
            self.journal.finish(request, answer)
        if answer is None:
            if http.transport:
                http.transport.abort()
            return web.Response()
        headers = {"Via": "1.1 google", **answer.headers}
        headers = {name: value for name, value in headers.items() if value}
        if answer.status != 204:
            headers["Content-Type"] = answer.kind
        self.pace.note(answer.status, headers.get("X-RateLimit-Scope"))
        return web.Response(body=answer.body, status=answer.status, headers=headers)

    async def _answer(self: "Server", request: Request, http: web.BaseRequest) -> Answer | None:
        """The answer to a request; None where the connection is cut."""
        way = routes.find(request.method, request.path)
        request.route = way.template if way else request.path
        headers: dict[str, str] = {}
        trouble = None
        try:
            await body.read(http, request)
            headers = self._admit(request, http, way)
        except Refusal as refusal:
            trouble = refusal
        fate = self.script.fate(request)
        if fate.seconds:
            await asyncio.sleep(fate.seconds)
        if fate.mishap and not fate.mishap.handled:
            return fate.mishap.answer
        if self.pace.banned:
            return page(429, BANNED)
        answer = self._refuse(trouble) if trouble else self._carry_out(request, way)
        if fate.mishap:
            return fate.mishap.answer
        answer.headers.update({**headers, **answer.headers})
        return answer

    def _admit(self: "Server", request: Request, http: web.BaseRequest, way: Any) -> dict[str, str]:
        """Raises Refusal where a request is not even looked at; gives what the answer's headers tell."""
        if not http.path.startswith(f"{ROOT}/"):
            raise no(50041) if http.path.startswith("/api/v") else plain(404)
        if way is None:
            raise plain(404)
        if not request.path.startswith(OPEN) or request.path == "/gateway/bot":
            told = http.headers.get("Authorization", "")
            if told != f"Bot {self.token}":
                raise plain(401)
        return self.pace.take(request, self.now())

    def _carry_out(self: "Server", request: Request, way: routes.Way) -> Answer:
        try:
            if not self.light and request.json is not None:
                spec.check_kind(request)
                if (request.method, request.route) not in routes.CHECKED:
                    self.hold(request)
            result = way.act(self, request, **way.numbers())
            answer = result if isinstance(result, Answer) else granted(result)
            request.carried_out = True
        except Refusal as refusal:
            return self._refuse(refusal)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            return self._refuse(self._stumbled(request, error))
        return answer

    def hold(self: "Server", request: Request) -> None:
        """Hold a body against the published description; raises Refusal."""
        if not self.light:
            spec.check(request)

    def _stumbled(self: "Server", request: Request, error: Exception) -> Refusal:
        """The refusal of a body of other types than this server's rules thought of."""
        try:
            spec.check(request)
        except Refusal as refusal:
            return refusal
        if spec.published() is None and not self.light:  # nobody has checked the types
            return form(fault(code="BASE_TYPE", text=repr(error)))
        self.crashes.append(error)
        return Refusal(501, 0, f"this server stumbled: {error!r}")

    def _refuse(self: "Server", refusal: Refusal) -> Answer:
        if refusal.strict:
            self.complaints.append(str(refusal))
        return refused(refusal)


def large_request(*parts: Any) -> web.BaseRequest:
    """A request that may be as large as Discord's gateway allows, and larger, to be refused here."""
    return web.BaseRequest(*parts, asyncio.get_running_loop(), client_max_size=2 * body.LARGEST)
