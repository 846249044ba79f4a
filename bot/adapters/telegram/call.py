"""One request to the Bot API, as plain values."""

from collections.abc import Mapping
from typing import Any

from telegram import Bot, InputFile
from telegram.error import EndPointNotFound, InvalidToken


async def call(bot: Bot, method: str, params: Mapping[str, Any], *, wish: object = None) -> Any:
    """Telegram's result for a method with these parameters; a file is (name, bytes) or bytes.

    The wish is for the bot's rate limiter, where it has one. The library's own `do_api_request`
    warns at every call of a method that it knows, and takes no album as plain values.

    Raises:
        TelegramError: as the library does; `EndPointNotFound` for a method unknown to the server.
    """
    data = {name: _filed(value) for name, value in params.items() if value is not None}
    if wish is not None and hasattr(bot, "_merge_api_rl_kwargs"):
        data = bot._merge_api_rl_kwargs(data, wish)
    try:
        return await bot._do_post(method, data)
    except InvalidToken as exc:
        # The server says "not found" of a wrong token and of an unknown method alike.
        if hasattr(bot, method) or exc.__cause__ or "not found" not in exc.message.casefold():
            raise
        raise EndPointNotFound(f"{method}: this Bot API server does not know the method") from exc


def _filed(value: Any) -> Any:
    match value:
        case (str() as name, bytes() as data):
            return InputFile(data, filename=name)
        case bytes():
            return InputFile(value)
    return value
