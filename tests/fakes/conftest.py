"""A server and the real python-telegram-bot on it."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from telegram import Bot
from telegram.error import TelegramError
from telegram.request import RequestData
from telegram.request._requestparameter import RequestParameter

from tests.fakes.telegram import Server
from tests.fakes.telegram.description import published


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    """A server with all its checks; what it gave is checked too."""
    async with Server() as opened:
        yield opened
    if described := published():
        wrong = {r.method: described.wrong_result(r.method, r.result) for r in opened.requests if r.ok}
        assert not any(wrong.values()), wrong


@pytest.fixture
async def bot(server) -> AsyncIterator[Bot]:
    """The library's own bot."""
    async with Bot(server.token, base_url=server.base_url, base_file_url=server.base_file_url) as opened:
        yield opened


@pytest.fixture
def refusal(server, bot):
    """Calls a method that is refused, and gives what the server said."""

    async def call(method: str, **params: object) -> str:
        with pytest.raises(TelegramError):
            await _post(server, bot, method, params)
        return server.requests[-1].description

    return call


@pytest.fixture
def accepted(server, bot):
    """Calls a method that is carried out, and gives its result."""

    async def call(method: str, **params: object) -> Any:
        return await _post(server, bot, method, params)

    return call


async def _post(server: Server, bot: Bot, method: str, params: dict[str, object]) -> Any:
    """By the library's own transport, past the checks of its methods."""
    data = RequestData([RequestParameter.from_input(name, value) for name, value in params.items()])
    return await bot.request.post(f"{server.base_url}{server.token}/{method}", data)
