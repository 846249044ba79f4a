"""Channels, servers, and who is in them."""

from typing import TYPE_CHECKING

from tests.fakes.discord import permissions
from tests.fakes.discord.journal import Request
from tests.fakes.discord.refusal import bad_length, fault, form, missing, no
from tests.fakes.discord.rest.threads import check_room, check_tags
from tests.fakes.discord.shapes import channel_json, guild_json, member_json, role_json
from tests.fakes.discord.world import FORUMS, Channel, Json

if TYPE_CHECKING:
    from tests.fakes.discord.server import Server

MOST_TAGS, TAG_NAME = 20, 20


def get(server: "Server", request: Request, channel_id: int) -> Json:
    """GET /channels/{channel_id}."""
    channel = server.world.channel(channel_id)
    permissions.check(channel, server.bot)
    return channel_json(channel)


def change(server: "Server", request: Request, channel_id: int) -> Json:
    """PATCH /channels/{channel_id}."""
    channel = server.world.channel(channel_id)
    body = request.json or {}
    permissions.check(channel, server.bot)
    if channel.guild is None:
        raise no(50024)
    if channel.thread:
        _change_thread(server, request, channel, body)
    else:
        _change_room(server, request, channel, body)
    server.gateway.tell_channel("THREAD_UPDATE" if channel.thread else "CHANNEL_UPDATE", channel)
    return channel_json(channel)


def delete(server: "Server", request: Request, channel_id: int) -> Json:
    """DELETE /channels/{channel_id}."""
    channel = server.world.channel(channel_id)
    permissions.check(channel, server.bot, "manage_threads" if channel.thread else "manage_channels")
    told = channel_json(channel)
    server.delete(channel)
    return told


def guild(server: "Server", request: Request, guild_id: int) -> Json:
    """GET /guilds/{guild_id}."""
    return guild_json(server.world.guild(guild_id))


def rooms(server: "Server", request: Request, guild_id: int) -> list[Json]:
    """GET /guilds/{guild_id}/channels: without threads."""
    channels = server.world.guild(guild_id).channels.values()
    return [channel_json(channel) for channel in channels if not channel.thread]


def roles(server: "Server", request: Request, guild_id: int) -> list[Json]:
    """GET /guilds/{guild_id}/roles."""
    return [role_json(role) for role in server.world.guild(guild_id).roles.values()]


def member(server: "Server", request: Request, guild_id: int, user_id: int) -> Json:
    """GET /guilds/{guild_id}/members/{user_id}."""
    found = server.world.guild(guild_id)
    if user_id not in server.world.users:
        raise no(10013)
    if user_id not in found.members:
        raise no(10007)
    return member_json(found, found.members[user_id])


def leave(server: "Server", request: Request, guild_id: int) -> None:
    """DELETE /users/@me/guilds/{guild_id}."""
    server.kick(server.world.guild(guild_id))


def _change_thread(server: "Server", request: Request, thread: Channel, body: Json) -> None:
    manages = permissions.may(thread, server.bot, "manage_threads")
    if not manages and (thread.locked or "locked" in body):
        raise no(50013)
    waking = thread.archived and body.get("archived") is False
    own = thread.owner is server.bot
    if not manages and not own and not (body.keys() == {"archived"} and waking):
        raise no(50013)
    if thread.archived and not waking and body.keys() - {"locked", "archived"}:
        raise no(50083)
    if waking:
        permissions.check(thread, server.bot, "send_messages_in_threads")
        check_room(server, thread.parent)
    if "name" in body:
        _check_name(body["name"])
    if "applied_tags" in body:
        check_tags(server, thread.parent, body["applied_tags"])
    server.hold(request)
    thread.applied = [int(number) for number in body.get("applied_tags", thread.applied)]
    thread.name = body.get("name", thread.name)
    thread.archived = body.get("archived", thread.archived)
    thread.locked = body.get("locked", thread.locked)
    thread.archive_after = body.get("auto_archive_duration") or thread.archive_after
    thread.slow = body.get("rate_limit_per_user", thread.slow)


def _change_room(server: "Server", request: Request, channel: Channel, body: Json) -> None:
    permissions.check(channel, server.bot, "manage_channels")
    if "name" in body:
        _check_name(body["name"])
    tags = channel.tags
    if "available_tags" in body:
        if channel.kind not in FORUMS:
            raise no(50024)
        tags = _tags(server, channel, body["available_tags"] or [])
    server.hold(request)
    channel.tags = tags
    channel.name = body.get("name", channel.name)
    channel.topic = body.get("topic", channel.topic)
    channel.flags = body.get("flags", channel.flags)
    channel.slow = body.get("rate_limit_per_user") or channel.slow
    channel.archive_after = body.get("default_auto_archive_duration") or channel.archive_after


def _tags(server: "Server", channel: Channel, told: list[Json]) -> list[Json]:
    if len(told) > MOST_TAGS:
        raise no(30048)
    known = {tag["id"]: tag for tag in channel.tags}
    for number, tag in enumerate(told):
        name = (tag.get("name") or "").strip()
        if not name:
            raise form(missing("available_tags", number, "name"))
        if len(name) > TAG_NAME:
            raise form(bad_length(0, TAG_NAME, "available_tags", number, "name"))
        if tag.get("id") and str(tag["id"]) not in known:
            raise no(10087)
        if tag.get("emoji_id") and tag.get("emoji_name"):
            text = "emoji_id and emoji_name are mutually exclusive"
            raise form(fault("available_tags", number, code="EMOJI_EXCLUSIVE", text=text))
    names = [tag["name"].strip().casefold() for tag in told]
    if len(names) != len(set(names)):
        raise no(40061)
    return [_tag(server, tag) for tag in told]


def _tag(server: "Server", told: Json) -> Json:
    return {
        "id": str(told.get("id") or server.world.new_id()),
        "name": told["name"].strip(),
        "moderated": told.get("moderated") or False,
        "emoji_id": told.get("emoji_id"),
        "emoji_name": told.get("emoji_name"),
    }


def _check_name(name: str | None) -> None:
    if not 1 <= len((name or "").strip()) <= 100:
        raise form(bad_length(1, 100, "name"))
