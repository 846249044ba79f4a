"""Threads, and the posts of forums, which are threads too."""

from typing import TYPE_CHECKING

from tests.fakes.discord import permissions, writing
from tests.fakes.discord.journal import Request
from tests.fakes.discord.refusal import Fault, bad_length, fault, form, missing, no
from tests.fakes.discord.shapes import channel_json, member_json
from tests.fakes.discord.world import (
    FORUMS,
    HAS_THREAD,
    NEWS,
    NEWS_THREAD,
    PRIVATE_THREAD,
    PUBLIC_THREAD,
    REQUIRE_TAG,
    TEXT,
    Channel,
    Json,
    Message,
)

if TYPE_CHECKING:
    from tests.fakes.discord.server import Server

LASTS = (60, 1440, 4320, 10080)  # minutes without a message until a thread is archived


def start(server: "Server", request: Request, channel_id: int) -> Json:
    """POST /channels/{channel_id}/threads: a post in a forum, or a thread that hangs on no message."""
    channel = server.world.channel(channel_id)
    body = request.json or {}
    if channel.kind in FORUMS:
        return _post(server, request, channel, body)
    kind = body.get("type", PRIVATE_THREAD)
    wanted = "create_private_threads" if kind == PRIVATE_THREAD else "create_public_threads"
    permissions.check(channel, server.bot, wanted)
    if channel.kind not in {TEXT, NEWS} or (channel.kind == NEWS) != (kind == NEWS_THREAD):
        raise no(50024)
    _check(server, request)
    thread = _open(server, channel, kind, body)
    return channel_json(thread) | {"member": _joined(server, thread)}


def start_on(server: "Server", request: Request, channel_id: int, message_id: int) -> Json:
    """POST .../messages/{message_id}/threads: a thread with the number of the message that it hangs on."""
    channel = server.world.channel(channel_id)
    permissions.check(channel, server.bot, "create_public_threads")
    body = request.json or {}
    if channel.kind not in {TEXT, NEWS}:
        raise no(50024)
    message = channel.find(message_id)
    if message.thread or message.id in server.world.channels:
        raise no(160004)
    _check(server, request)
    kind = NEWS_THREAD if channel.kind == NEWS else PUBLIC_THREAD
    thread = _open(server, channel, kind, body, on=message)
    return channel_json(thread) | {"member": _joined(server, thread)}


def active(server: "Server", request: Request, guild_id: int) -> Json:
    """GET /guilds/{guild_id}/threads/active: those that the bot can see."""
    guild = server.world.guild(guild_id)
    seen = [t for t in guild.threads() if permissions.may(t, server.bot, "view_channel")]
    seen.sort(key=lambda thread: thread.id, reverse=True)
    joined = [_joined(server, thread) for thread in seen if thread.owner is server.bot]
    return {"threads": [channel_json(thread) for thread in seen], "members": joined, "has_more": False}


def archived(server: "Server", request: Request, channel_id: int) -> Json:
    """GET /channels/{channel_id}/threads/archived/public."""
    channel = server.world.channel(channel_id)
    permissions.check(channel, server.bot, "read_message_history")
    found = [c for c in server.world.channels.values() if c.parent is channel and c.thread and c.archived]
    found = [channel_json(c) for c in sorted(found, key=lambda c: c.id, reverse=True)]
    return {"threads": found, "members": [], "has_more": False}


def join(server: "Server", request: Request, channel_id: int) -> None:
    """PUT /channels/{channel_id}/thread-members/@me."""
    thread = server.world.channel(channel_id)
    permissions.check(thread, server.bot)
    if not thread.thread:
        raise no(50024)
    if thread.archived:
        raise no(50083)


def wake(server: "Server", thread: Channel) -> None:
    """A message comes into a thread: it is no longer archived; raises Refusal where too many are not."""
    if thread.archived:
        check_room(server, thread.parent)
        thread.archived = False
        server.gateway.tell_channel("THREAD_UPDATE", thread)


def check_room(server: "Server", channel: Channel) -> None:
    """Raises Refusal where a server has as many active threads as it may have."""
    open_threads = [thread.kind for thread in channel.guild.threads()]
    if len(open_threads) >= server.most_threads:
        raise no(160006)
    if channel.kind == NEWS and open_threads.count(NEWS_THREAD) >= server.most_threads:
        raise no(160007)


def check_tags(server: "Server", forum: Channel, tags: list[str] | None) -> None:
    """Raises Refusal where a post cannot have these tags."""
    known = {int(tag["id"]): tag for tag in forum.tags}
    manages = permissions.may(forum, server.bot, "manage_threads")
    if len(tags or []) > 5:
        raise form(bad_length(0, 5, "applied_tags"))
    for number in tags or []:
        if int(number) not in known:
            raise no(10087)
        if known[int(number)]["moderated"] and not manages:
            raise no(50013)
    if forum.flags & REQUIRE_TAG and not tags:
        if not manages and all(tag["moderated"] for tag in forum.tags):
            raise no(40066)
        raise no(40067)


def _post(server: "Server", request: Request, forum: Channel, body: Json) -> Json:
    permissions.check(forum, server.bot, "send_messages")
    _check_name(body)
    if not isinstance(body.get("message"), dict):
        raise form(missing("message"))
    check_tags(server, forum, body.get("applied_tags"))
    told = body["message"]
    if told.get("embeds") and not permissions.may(forum, server.bot, "embed_links"):
        raise no(50013)
    writing.check(server, request, told)
    thread = _open(server, forum, PUBLIC_THREAD, body, loud=False)
    thread.applied = [int(number) for number in body.get("applied_tags") or []]
    message = writing.write(server, thread, server.bot, told, request, number=thread.id)
    server.gateway.tell_channel("THREAD_CREATE", thread, newly_created=True)
    return channel_json(thread) | {"message": writing.told(message), "member": _joined(server, thread)}


def _open(
    server: "Server",
    channel: Channel,
    kind: int,
    body: Json,
    *,
    on: Message | None = None,
    loud: bool = True,
) -> Channel:
    check_room(server, channel)
    thread = Channel(
        id=on.id if on else server.world.new_id(),
        kind=kind,
        name=body["name"],
        guild=channel.guild,
        parent=channel,
        owner=server.bot,
        opener=on.id if on else None,
        archive_after=body.get("auto_archive_duration") or channel.archive_after,
        slow=body.get("rate_limit_per_user") or 0,
    )
    server.world.add(thread)
    if on:
        on.thread = thread
        on.body["flags"] |= HAS_THREAD
    if loud:
        server.gateway.tell_channel("THREAD_CREATE", thread, newly_created=True)
    return thread


def _check(server: "Server", request: Request) -> None:
    _check_name(request.json or {})
    server.hold(request)


def _check_name(body: Json) -> None:
    found: list[Fault] = []
    name = body.get("name") or ""
    if not name.strip():
        found.append(missing("name"))
    elif len(name) > 100:
        found.append(bad_length(1, 100, "name"))
    if body.get("auto_archive_duration") not in {None, *LASTS}:
        told = f"Value must be one of {LASTS!r}."
        found.append(fault("auto_archive_duration", code="BASE_TYPE_CHOICES", text=told))
    if found:
        raise form(*found)


def _joined(server: "Server", thread: Channel) -> Json:
    member = thread.guild.members[server.bot.id]
    told: Json = {"id": str(thread.id), "user_id": str(server.bot.id), "flags": 1}
    return told | {"join_timestamp": member_json(thread.guild, member)["joined_at"]}
