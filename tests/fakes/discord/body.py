"""What a request holds: JSON and files, however they were sent."""

import json
from typing import Any

from aiohttp import web

from tests.fakes.discord.journal import Request
from tests.fakes.discord.refusal import form, missing, no

LARGEST = 25 * 2**20  # bytes of a request
ATTACHMENT = 10 * 2**20  # bytes of one file


async def read(http: web.BaseRequest, request: Request) -> None:
    """Read what came into the request; raises Refusal where it cannot be read."""
    request.query = dict(http.query) if http.query_string else {}
    kind = http.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        await _parts(http, request)
        return
    data = await http.read()
    if len(data) > LARGEST:
        raise no(40005)
    if data and kind != "application/json":
        raise form(missing("content"))
    request.json = _parsed(data) if data else None


async def _parts(http: web.BaseRequest, request: Request) -> None:
    async for part in await http.multipart():
        data = bytes(await part.read(decode=True))
        if len(data) > ATTACHMENT:
            raise no(40005)
        name = part.name or ""
        if name == "payload_json":
            request.json = _parsed(data)
        elif part.filename is not None:
            request.files[name] = data
            request.names[name] = part.filename


def _parsed(data: bytes) -> Any:
    try:
        return json.loads(data)
    except ValueError:
        raise no(50109) from None
