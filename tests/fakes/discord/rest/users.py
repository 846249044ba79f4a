"""The bot about itself, people, private channels, and where the gateway is."""

from typing import TYPE_CHECKING

from tests.fakes.discord.journal import Request
from tests.fakes.discord.refusal import form, missing, no
from tests.fakes.discord.shapes import channel_json, me_json, user_json
from tests.fakes.discord.world import Json

if TYPE_CHECKING:
    from tests.fakes.discord.server import Server


def me(server: "Server", request: Request) -> Json:
    """GET /users/@me."""
    return me_json(server.bot)


def user(server: "Server", request: Request, user_id: int) -> Json:
    """GET /users/{user_id}."""
    if user_id not in server.world.users:
        raise no(10013)
    return user_json(server.world.users[user_id])


def guilds(server: "Server", request: Request) -> list[Json]:
    """GET /users/@me/guilds."""
    inside = server.world.inside()
    return [{"id": str(g.id), "name": g.name, "icon": None, "owner": False, "features": []} for g in inside]


def open_dm(server: "Server", request: Request) -> Json:
    """POST /users/@me/channels: the private channel with a person; the same at every time."""
    told = (request.json or {}).get("recipient_id")
    if not told:
        raise form(missing("recipient_id"))
    person = server.world.users.get(int(told)) if str(told).isdecimal() else None
    if person is None or person.deleted:
        raise no(10013)
    if person.is_bot:
        raise no(50007)
    return channel_json(server.world.dm(person))


def application(server: "Server", request: Request) -> Json:
    """GET /oauth2/applications/@me and /applications/@me."""
    return server.application_json()


def gateway(server: "Server", request: Request) -> Json:
    """GET /gateway."""
    return {"url": server.gateway_url}


def gateway_bot(server: "Server", request: Request) -> Json:
    """GET /gateway/bot."""
    limit = server.gateway.limit
    told = {"total": limit.total, "remaining": limit.left(), "reset_after": round(1000 * limit.reset_after())}
    told["max_concurrency"] = limit.max_concurrency
    return {"url": server.gateway_url, "shards": server.shards, "session_start_limit": told}
