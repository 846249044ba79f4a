"""A git server over HTTP on the loopback: git's own program behind a small web server."""

import asyncio
import base64
import os
from pathlib import Path
from typing import Self

from aiohttp import web

from tests.fakes.git.repository import HTTP_BACKEND, environment


class GitServer:
    """Serves the repositories below a folder; what it asks for and how it fails may change at any time.

    `http://…/NAME.git` is served by git's own program, `/dumb/NAME.git` as mere files.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.login = ""  # user:password that is wanted
        self.status = 0  # what everything is answered with
        self.endless = False  # answers that never end
        self.log: list[str] = []
        self.logins: list[str] = []
        self._port = 0
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=10**8)
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *exc: object) -> None:
        assert self._runner
        await self._runner.cleanup()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.log.append(request.path_qs)
        given = _login(request)
        if given:
            self.logins.append(given)
        if self.endless:
            return await self._flood(request)
        if self.status:
            headers = {"Location": "https://example.org/elsewhere.git"} if 300 <= self.status < 400 else {}
            return web.Response(status=self.status, headers=headers)
        if self.login and given != self.login:
            return web.Response(status=401, headers={"WWW-Authenticate": 'Basic realm="here"'})
        if request.path.startswith("/dumb/"):
            file = self.root / request.path.removeprefix("/dumb/")
            return web.FileResponse(file) if file.is_file() else web.Response(status=404)
        return await self._serve(request)

    async def _flood(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/x-git-upload-pack-advertisement"})
        await response.prepare(request)
        await response.write(b"001e# service=git-upload-pack\n0000")
        for number in range(10**9):
            await response.write(b"".join(b"0042%040x refs/heads/%05x\n" % (1, n) for n in range(1000)))
            await asyncio.sleep(0.001 if number < 100 else 0.1)
        return response

    async def _serve(self, request: web.Request) -> web.Response:
        assert HTTP_BACKEND
        process = await asyncio.create_subprocess_exec(
            HTTP_BACKEND,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=environment(self.root)
            | {
                "GIT_PROJECT_ROOT": str(self.root),
                "GIT_HTTP_EXPORT_ALL": "1",
                "GIT_PROTOCOL": request.headers.get("Git-Protocol", ""),
                "PATH_INFO": request.path,
                "QUERY_STRING": request.query_string,
                "REQUEST_METHOD": request.method,
                "CONTENT_TYPE": request.headers.get("Content-Type", ""),
                "REMOTE_ADDR": "127.0.0.1",
                "SERVER_PROTOCOL": "HTTP/1.1",
                "PATH": os.environ["PATH"],
            },
        )
        out, _ = await process.communicate(await request.read())
        head, _, body = out.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line)
        status = int(headers.pop("Status", "200 OK").split()[0])
        return web.Response(status=status, headers=headers, body=body)


def _login(request: web.Request) -> str:
    kind, _, shown = request.headers.get("Authorization", "").partition(" ")
    return base64.b64decode(shown).decode() if kind == "Basic" else ""
