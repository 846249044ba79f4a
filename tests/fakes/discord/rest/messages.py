"""/channels/{channel_id}/messages: what stands in channels."""

from typing import TYPE_CHECKING, Any

from tests.fakes.discord import limits, permissions, writing
from tests.fakes.discord.journal import Request
from tests.fakes.discord.refusal import Refusal, fault, form, no
from tests.fakes.discord.rest.threads import wake
from tests.fakes.discord.world import (
    CATEGORY,
    CROSSPOSTED,
    FORUMS,
    NEWS,
    Channel,
    Json,
    Message,
    User,
    made_at,
)

if TYPE_CHECKING:
    from tests.fakes.discord.server import Server


def post(server: "Server", request: Request, channel_id: int) -> Json:
    """POST: a new message, or the one that had its nonce."""
    body, me = request.json or {}, server.bot
    channel = server.world.channel(channel_id)
    check_place(server, channel, me, body, files=bool(request.files))
    limits.check_nonce(body)
    writing.check(server, request, body)
    check_reference(channel, me, body)
    if before := server.nonces.find(me, body):
        return writing.told(before, nonce=body["nonce"])
    check_slow(server, channel, me)
    if channel.thread:
        wake(server, channel)
    message = writing.write(server, channel, me, body, request)
    server.nonces.keep(me, body, message)
    return writing.told(message, **({"nonce": body["nonce"]} if "nonce" in body else {}))


def check_place(server: "Server", channel: Channel, user: User, body: Json, *, files: bool) -> None:
    """Raises Refusal where somebody may not write such a message in a channel."""
    if channel.guild is None:
        check_person(server, channel)
        return
    permissions.check_speak(channel, user)
    if channel.kind in FORUMS:
        raise no(40058)
    if channel.kind == CATEGORY:
        raise no(50008)
    check_contents(channel, user, body, files=files)
    if channel.thread and channel.locked and not permissions.may(channel, user, "manage_threads"):
        raise no(50083 if channel.archived else 160005)


def check_contents(channel: Channel, user: User, body: Json, *, files: bool) -> None:
    """Raises Refusal where embeds or files may not be shown."""
    if body.get("embeds") and not permissions.may(channel, user, "embed_links"):
        raise no(50013)
    if files and not permissions.may(channel, user, "attach_files"):
        raise no(50013)


def check_person(server: "Server", channel: Channel) -> None:
    """Raises Refusal where a person takes no messages from the bot."""
    for user in channel.people:
        if user.is_bot:
            continue
        if user.closed or user.deleted:
            raise no(50007)
        if not user.installed and not any(user.id in guild.members for guild in server.world.inside()):
            raise no(50278)


def check_reference(channel: Channel, user: User, body: Json) -> None:
    """Raises Refusal where a message answers one that does not stand, or that is not to be read."""
    reference = body.get("message_reference") or {}
    if not reference.get("message_id"):
        return
    if not permissions.may(channel, user, "read_message_history"):
        raise no(160002)
    answered = channel.messages.get(int(reference["message_id"]))
    if (answered is None or answered.deleted) and reference.get("fail_if_not_exists", True):
        code, text = "MESSAGE_REFERENCE_UNKNOWN_MESSAGE", "Unknown message"
        raise form(fault("message_reference", code=code, text=text))


def check_slow(server: "Server", channel: Channel, user: User) -> None:
    """Raises Refusal where somebody speaks too soon again in a channel with slow mode."""
    free = ("manage_messages", "manage_channels", "bypass_slowmode")
    if not channel.slow or any(permissions.may(channel, user, name) for name in free):
        return
    last = max((made_at(m.id) for m in channel.messages.values() if m.author is user), default=0.0)
    wait = last + channel.slow - server.now()
    if wait > 0:
        headers = {"Retry-After": str(int(wait) + 1), "X-RateLimit-Scope": "shared"}
        text = "This action cannot be performed due to slowmode rate limit"
        raise Refusal(429, 20016, text, retry_after=round(wait, 3), headers=headers, **{"global": False})


def history(server: "Server", request: Request, channel_id: int) -> list[Json]:
    """GET: the newest messages first."""
    channel = server.world.channel(channel_id)
    permissions.check(channel, server.bot)
    if channel.kind in FORUMS | {CATEGORY}:
        raise no(50008)
    if not permissions.may(channel, server.bot, "read_message_history"):
        return []
    query = request.query
    before, after = int(query.get("before", 1 << 63)), int(query.get("after", 0))
    standing = [m for m in channel.messages.values() if m.standing and not m.only_for]
    found = [m for m in standing if after < m.id < before]
    return [writing.told(m) for m in reversed(found[-int(query.get("limit", 50)) :])]


def get(server: "Server", request: Request, channel_id: int, message_id: int) -> Json:
    """GET: one message."""
    channel = server.world.channel(channel_id)
    permissions.check(channel, server.bot, "read_message_history")
    return writing.told(channel.find(message_id))


def edit(server: "Server", request: Request, channel_id: int, message_id: int) -> Json:
    """PATCH: a message of the bot's own."""
    channel = server.world.channel(channel_id)
    permissions.check(channel, server.bot)
    message = _own(server, channel, message_id)
    if channel.archived:
        raise no(50083)
    body = request.json or {}
    check_contents(channel, server.bot, body, files=bool(request.files))
    return writing.told(writing.change(server, message, body, request))


def delete(server: "Server", request: Request, channel_id: int, message_id: int) -> None:
    """DELETE: a message of the bot's own, or of others where it manages messages."""
    channel = server.world.channel(channel_id)
    permissions.check(channel, server.bot)
    message = channel.find(message_id)
    if message.author is not server.bot:
        permissions.check(channel, server.bot, "manage_messages")
    writing.erase(server, message)


def crosspost(server: "Server", request: Request, channel_id: int, message_id: int) -> Json:
    """POST .../crosspost: publish a message of an announcement channel."""
    channel = server.world.channel(channel_id)
    permissions.check(channel, server.bot, "send_messages")
    message = channel.find(message_id)
    if channel.kind != NEWS:
        raise no(50024)
    if message.author is not server.bot:
        permissions.check(channel, server.bot, "manage_messages")
    if message.flags & CROSSPOSTED:
        raise no(40033)
    message.body["flags"] |= CROSSPOSTED
    server.gateway.tell_message("MESSAGE_UPDATE", message)
    return writing.told(message)


def typing(server: "Server", request: Request, channel_id: int) -> None:
    """POST .../typing: "is typing"."""
    check_place(server, server.world.channel(channel_id), server.bot, {}, files=False)


def _own(server: "Server", channel: Channel, number: int) -> Message:
    message: Any = channel.find(number)
    if message.author is not server.bot:
        raise no(50005)
    if message.body["type"] not in {0, 19, 20, 23}:
        raise no(50021)
    return message
