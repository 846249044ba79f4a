"""How a message comes to stand in a channel, and how it is changed."""

import copy
import mimetypes
import time
from typing import TYPE_CHECKING, Any

from tests.fakes.discord import limits, spec
from tests.fakes.discord.journal import Request
from tests.fakes.discord.refusal import form, strict
from tests.fakes.discord.shapes import message_json, new_body
from tests.fakes.discord.shown import pings, walk
from tests.fakes.discord.world import EPHEMERAL, SUPPRESS, V2, Channel, Json, Message, User, written

if TYPE_CHECKING:
    from tests.fakes.discord.server import Server

KEPT = ("content", "embeds", "components", "flags", "attachments")
# What Discord says of a component where the bot said nothing.
_USUAL: dict[int, Json] = {
    **{kind: {"min_values": 1, "max_values": 1, "disabled": False} for kind in (3, 5, 6, 7, 8)},
    2: {"disabled": False},
    14: {"spacing": 1, "divider": True},
    17: {"accent_color": None, "spoiler": False},
}
_NAMED = {"title", "description", "name", "value", "text"}


def check(server: "Server", request: Request, body: Json, *, ephemeral: bool = False) -> None:
    """Raises Refusal where a new message is none that Discord accepts."""
    if not server.light:
        limits.check(body, set(request.names.values()), ephemeral=ephemeral)
        spec.check(request)


def write(
    server: "Server",
    channel: Channel,
    author: User,
    told: Json,
    request: Request | None = None,
    *,
    only_for: User | None = None,
    number: int | None = None,
    **more: Any,
) -> Message:
    """Put a message that was checked into a channel."""
    body = new_body(channel, author, number or server.world.new_id()) | more
    body["content"] = (told.get("content") or "").strip()
    body["flags"] = body["flags"] | (told.get("flags") or 0)
    message = Message(channel=channel, author=author, body=body, only_for=only_for)
    _attach(server, message, told, request)
    body["embeds"] = [_embed(one, body["attachments"]) for one in told.get("embeds") or []]
    body["components"] = _numbered(told.get("components") or [])
    if reference := told.get("message_reference"):
        here = {"type": 0, "channel_id": str(channel.id)}
        body["message_reference"] = here | {k: v for k, v in reference.items() if k != "fail_if_not_exists"}
    message.pings = tuple(pings(body, told.get("allowed_mentions")))
    body["mention_everyone"] = bool({"@everyone", "@here"} & set(message.pings))
    channel.messages[message.id] = message
    if only_for is None:
        server.gateway.tell_message("MESSAGE_CREATE", message)
    return message


def change(server: "Server", message: Message, told: Json, request: Request) -> Message:
    """Change a message as a whole; raises Refusal where it could not stand so."""
    if (told.get("flags") or 0) & ~(SUPPRESS | V2 | EPHEMERAL) and not server.light:
        raise form(strict("flags", text="edits only suppress embeds, or turn to components"))
    merged = {name: told[name] if name in told else message.body[name] for name in KEPT}
    kept = message.flags & ~SUPPRESS if told.get("flags") is not None else message.flags
    merged["flags"] = kept | ((told.get("flags") or 0) & (SUPPRESS | V2))
    merged["allowed_mentions"] = told.get("allowed_mentions")
    if not server.light:
        names = set(request.names.values()) | {one["filename"] for one in message.body["attachments"]}
        bare = merged | {"flags": merged["flags"] & (V2 | SUPPRESS)}
        limits.check(_sent(bare), names if merged.get("attachments") or request.names else set())
        spec.check(request)
    body = message.body
    body |= {"content": (merged["content"] or "").strip(), "flags": merged["flags"]}
    if "attachments" in told or request.files:
        _attach(server, message, told, request)
    if "embeds" in told:
        body["embeds"] = [_embed(one, body["attachments"]) for one in told["embeds"] or []]
    if "components" in told:
        body["components"] = _numbered(told["components"] or [])
    body["edited_timestamp"] = written(time.time())
    if message.only_for is None:
        server.gateway.tell_message("MESSAGE_UPDATE", message)
    return message


def erase(server: "Server", message: Message) -> None:
    """Take a message away."""
    message.deleted = True
    if message.only_for is None:
        server.gateway.tell_message("MESSAGE_DELETE", message)


def told(message: Message, **more: Any) -> Json:
    """A message as an answer gives it."""
    return message_json(message) | more


def _sent(merged: Json) -> Json:
    """A message as it stands in the words of one that is sent."""
    return merged | {
        "embeds": [_bare(one) for one in merged["embeds"] or []],
        "components": merged["components"] or [],
    }


def _bare(embed: Json) -> Json:
    return {name: value for name, value in embed.items() if name != "type"}


def _embed(told: Json, attachments: list[Json]) -> Json:
    embed = {"type": "rich", **{k: v for k, v in copy.deepcopy(told).items() if v not in (None, "", [])}}
    for part in (embed, embed.get("footer"), embed.get("author"), *(embed.get("fields") or [])):
        for name in _NAMED & (part or {}).keys():
            part[name] = part[name].strip()
    for one in embed.get("fields") or []:
        one.setdefault("inline", False)
    for name in ("image", "thumbnail"):
        if address := (embed.get(name) or {}).get("url"):
            embed[name]["url"] = _hosted(address, attachments)
            embed[name] |= {"proxy_url": embed[name]["url"], "width": 640, "height": 480}
    return embed


def _hosted(address: str, attachments: list[Json]) -> str:
    wanted = address.removeprefix("attachment://")
    return next((a["url"] for a in attachments if address != wanted and a["filename"] == wanted), address)


def _numbered(told: list[Json]) -> list[Json]:
    """Components with the numbers that Discord gives to those without."""
    components = copy.deepcopy(told)
    taken = {one["id"] for one in walk(components) if one.get("id")}
    number = 0
    for one in walk(components):
        one |= {name: value for name, value in _USUAL.get(one["type"], {}).items() if one.get(name) is None}
        if not one.get("id"):
            number += 1
            while number in taken:
                number += 1
            one["id"] = number
        for item in one.get("items") or ([one] if one.get("media") else []):
            item |= {"description": item.get("description"), "spoiler": item.get("spoiler") or False}
            item["media"] |= {
                "id": str(number),
                "proxy_url": item["media"]["url"],
                "width": 640,
                "height": 480,
            }
    return components


def _attach(server: "Server", message: Message, told: Json, request: Request | None) -> None:
    kept = {str(one["id"]): one for one in told.get("attachments") or []}
    body = message.body
    attachments = [one for one in body["attachments"] if one["id"] in kept]
    files = {one["filename"]: message.files[one["filename"]] for one in attachments}
    for key, data in (request.files if request else {}).items():
        number = key.removeprefix("files[").removesuffix("]")
        name = kept.get(number, {}).get("filename") or request.names[key]
        files[name] = data
        url = f"https://cdn.discordapp.com/attachments/{message.channel.id}/{message.id}/{name}"
        kind = mimetypes.guess_type(name)[0]
        one = {"id": str(server.world.new_id()), "filename": name, "size": len(data), "url": url}
        attachments.append(one | {"proxy_url": url} | ({"content_type": kind} if kind else {}))
    body["attachments"], message.files = attachments, files
