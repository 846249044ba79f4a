"""The HTTP side: requests in, answers out, and what goes wrong between."""

import asyncio
import time
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.fakes.telegram import body
from tests.fakes.telegram.journal import Request
from tests.fakes.telegram.methods import METHODS
from tests.fakes.telegram.refusal import Answer, Refusal, bad, granted, refused

if TYPE_CHECKING:
    from tests.fakes.telegram.server import Server


class Wire:
    """What the server does with a request."""

    async def serve(self: "Server", http: web.BaseRequest) -> web.StreamResponse:
        """Answer what comes in over HTTP."""
        at = time.monotonic()
        if http.path.startswith("/file/"):
            return self._download(http.path)
        token, _, method = http.path.removeprefix("/bot").partition("/")
        request = self.journal.begin(self.names.get(method.lower(), method), at)
        answer: Answer | None = None
        try:
            answer = await self._answer(request, http, token)
        finally:
            self.journal.finish(request, answer)
        if answer is None:
            _drop(http)
            return web.Response()
        return web.Response(
            body=answer.body, status=answer.status, content_type=answer.kind, headers=answer.headers or None
        )

    async def _answer(self: "Server", request: Request, http: web.BaseRequest, token: str) -> Answer | None:
        """The answer to a request; None where the connection is cut."""
        trouble = await self._read(request, http, token)
        fate = self.script.fate(request)
        if fate.seconds:
            await asyncio.sleep(fate.seconds)
        if fate.fault and not fate.fault.handled:
            return fate.fault.answer
        answer = refused(trouble) if trouble else await self._carry_out(request)
        return fate.fault.answer if fate.fault else answer

    async def _read(self: "Server", request: Request, http: web.BaseRequest, token: str) -> Refusal | None:
        """Read the fields into the request; gives what is wrong with them."""
        try:
            sent = await body.read(http)
            request.params, request.uploads = sent.fields, sent.uploads
            self._check_address(token, request.method)
            if self.description:
                request.params = self.description.decode(request.method, sent.fields, set(sent.uploads))
            else:
                request.params = body.guess(sent.fields)
        except Refusal as refusal:
            return self._noted(refusal)
        return None

    def _check_address(self: "Server", token: str, method: str) -> None:
        if token != self.token:
            number, colon, _secret = token.partition(":")
            if not colon or not number.isdecimal():
                raise Refusal(404, "Not Found")
            raise Refusal(401, "Unauthorized")
        if self.names.get(method.lower()) is None or (method == "sendRichMessage" and not self.rich):
            raise Refusal(404, "Not Found: method not found")

    async def _carry_out(self: "Server", request: Request) -> Answer:
        if request.method not in METHODS:
            return refused(Refusal(501, f"Not Implemented: this server has no {request.method}"))
        try:
            result = METHODS[request.method](self, request)
            if asyncio.iscoroutine(result):
                result = await result
        except Refusal as refusal:
            return refused(self._noted(refusal))
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            if self.description:
                self.crashes.append(error)
                raise
            return refused(bad(f"can't parse JSON object: {error!r}"))  # nobody has checked the fields
        request.carried_out = True
        return granted(result)

    def _noted(self: "Server", refusal: Refusal) -> Refusal:
        if refusal.strict:
            self.complaints.append(refusal.description)
        return refusal

    def _download(self: "Server", path: str) -> web.Response:
        told, _, place = path.removeprefix("/file/bot").partition("/")
        file = next((f for f in self.files.all.values() if place == f"{f.kind}s/{f.unique}"), None)
        if told != self.token or file is None or file.data is None:
            return web.Response(status=404, text="Not Found")
        return web.Response(body=file.data)


def large_request(*parts: Any) -> web.BaseRequest:
    """A request that may be as large as Telegram's gateway allows, and larger, to be refused here."""
    return web.BaseRequest(*parts, asyncio.get_running_loop(), client_max_size=2 * body.LARGEST)


def _drop(http: web.BaseRequest) -> None:
    if http.transport:
        http.transport.abort()
