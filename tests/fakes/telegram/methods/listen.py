"""How the bot hears: polling, webhooks."""

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tests.fakes.telegram.journal import Request
from tests.fakes.telegram.refusal import bad, strict
from tests.fakes.telegram.updates import Webhook, local, through
from tests.fakes.telegram.world import Json

if TYPE_CHECKING:
    from tests.fakes.telegram.server import Server

KINDS = {
    "message", "edited_message", "channel_post", "edited_channel_post", "business_connection",
    "business_message", "edited_business_message", "deleted_business_messages", "guest_message",
    "message_reaction", "message_reaction_count", "inline_query", "chosen_inline_result", "callback_query",
    "shipping_query", "pre_checkout_query", "purchased_paid_media", "poll", "poll_answer", "my_chat_member",
    "chat_member", "chat_join_request", "chat_boost", "removed_chat_boost", "managed_bot",
}  # fmt: skip
PORTS = {None, 80, 88, 443, 8443}
_SECRET = re.compile(r"[A-Za-z0-9_-]*")


async def get_updates(server: "Server", request: Request) -> list[Json]:
    """What the bot has not confirmed yet."""
    params = request.params
    _allow(server, params)
    limit = min(max(params.get("limit") or 100, 1), 100)
    return await server.updates.get(params.get("offset") or 0, limit, max(params.get("timeout") or 0, 0))


async def set_webhook(server: "Server", request: Request) -> bool:
    """Call an address from now on."""
    params = request.params
    url, secret = params.get("url") or "", params.get("secret_token") or ""
    if not url:
        return await delete_webhook(server, request)
    _check_address(url)
    if len(secret) > 256:
        raise bad("secret token is too long")
    if not _SECRET.fullmatch(secret):
        raise bad("secret token contains unallowed characters")
    _allow(server, params)
    if params.get("drop_pending_updates"):
        server.updates.pending.clear()
    told = {"max_connections": min(max(params.get("max_connections") or 40, 1), 100)}
    told |= {"ip_address": params.get("ip_address") or "127.0.0.1"}
    told |= {"allowed_updates": server.updates.allowed} if server.updates.allowed else {}
    via = through(url, server.routes.items())
    await server.updates.set_webhook(Webhook(server.updates, url, secret=secret, via=via, told=told))
    return True


async def delete_webhook(server: "Server", request: Request) -> bool:
    """Wait to be asked again."""
    await server.updates.set_webhook(None)
    if request.params.get("drop_pending_updates"):
        server.updates.pending.clear()
    return True


def get_webhook_info(server: "Server", _request: Request) -> Json:
    """How calling goes."""
    if server.updates.webhook:
        return server.updates.webhook.info()
    return {"url": "", "has_custom_certificate": False, "pending_update_count": len(server.updates.pending)}


def do_nothing(_server: "Server", _request: Request) -> bool:
    """The bot closes, or moves to a server of its own."""
    return True


def _allow(server: "Server", params: dict[str, Any]) -> None:
    wanted = params.get("allowed_updates")
    if wanted is None:
        return
    if unknown := set(wanted) - KINDS:
        raise strict(f"allowed_updates: there is no {min(unknown)}")
    server.updates.allowed = wanted or None


def _check_address(url: str) -> None:
    parts = urlsplit(url)
    if not parts.hostname or parts.scheme not in {"http", "https"}:
        raise bad("invalid webhook URL specified")
    if local(url):
        return
    if parts.scheme != "https":
        raise bad("bad webhook: An HTTPS URL must be provided for webhook")
    if parts.port not in PORTS:
        raise bad("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
