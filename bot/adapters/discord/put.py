"""One message put into a channel or a thread, so that repeating it shows it once."""

from typing import Any

from discord.http import Route

from bot.adapters.discord.api import Requests
from bot.adapters.discord.errors import FAILURES, Archived, translate
from bot.adapters.discord.fit import fit
from bot.adapters.discord.nonce import stamp
from bot.errors import Rejected, Unreachable
from bot.log import get_logger

log = get_logger(__name__)

SILENT = 1 << 12  # the flag of messages that wake nobody


async def put(requests: Requests, channel: str, body: dict[str, Any], *, silent: bool = False) -> str:
    """Post a message to the channel or thread with this number; returns the number of the message.

    A thread that was put away is opened again for it.

    Raises:
        DeliveryError: it did not arrive; the kind says what helps.
    """
    route = Route("POST", "/channels/{channel_id}/messages", channel_id=channel)
    # Whether it wakes anybody is no part of what the nonce is made of: it may change until it is repeated.
    marked = _marked(channel, fit(body))
    if silent:
        marked["flags"] = marked.get("flags", 0) | SILENT
    try:
        found = await ask(requests, route, json=marked)
    except Archived:
        log.info("thread.reopened")
        around = Route("PATCH", "/channels/{channel_id}", channel_id=channel)
        await ask(requests, around, json={"archived": False})
        found = await ask(requests, route, json=marked)
    return number(found)


async def ask(requests: Requests, route: Route, **given: Any) -> Any:
    """What Discord answers.

    Raises:
        DeliveryError: it refuses, or there is no answer; the kind says what helps.
    """
    try:
        return await requests.request(route, **given)
    except FAILURES as exc:
        raise translate(exc) from exc


def number(found: Any) -> str:
    """The number of what Discord has made.

    Raises:
        Unreachable: the answer names none, so it is somebody else's.
    """
    if isinstance(found, dict) and isinstance(made := found.get("id"), str):
        return made
    raise Unreachable("what answers at discord.api_url is not Discord: it confirms no message")


def _marked(channel: str, body: dict[str, Any]) -> dict[str, Any]:
    try:
        return stamp(channel, body)
    except (TypeError, ValueError) as exc:
        raise Rejected("the message holds what cannot be written as JSON") from exc
