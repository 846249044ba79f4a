"""Which address leads where."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.fakes.discord.refusal import fault, form
from tests.fakes.discord.rest import channels, commands, interactions, messages, threads, users

MINE = "/applications/{application_id}/commands"
OF_GUILD = "/applications/{application_id}/guilds/{guild_id}/commands"
HOOK = "/webhooks/{application_id}/{token}"
ROUTES: dict[tuple[str, str], Callable[..., Any]] = {
    ("GET", "/users/@me"): users.me,
    ("GET", "/users/{user_id}"): users.user,
    ("GET", "/users/@me/guilds"): users.guilds,
    ("DELETE", "/users/@me/guilds/{guild_id}"): channels.leave,
    ("POST", "/users/@me/channels"): users.open_dm,
    ("GET", "/oauth2/applications/@me"): users.application,
    ("GET", "/applications/@me"): users.application,
    ("GET", "/gateway"): users.gateway,
    ("GET", "/gateway/bot"): users.gateway_bot,
    ("GET", "/channels/{channel_id}"): channels.get,
    ("PATCH", "/channels/{channel_id}"): channels.change,
    ("DELETE", "/channels/{channel_id}"): channels.delete,
    ("GET", "/channels/{channel_id}/messages"): messages.history,
    ("POST", "/channels/{channel_id}/messages"): messages.post,
    ("GET", "/channels/{channel_id}/messages/{message_id}"): messages.get,
    ("PATCH", "/channels/{channel_id}/messages/{message_id}"): messages.edit,
    ("DELETE", "/channels/{channel_id}/messages/{message_id}"): messages.delete,
    ("POST", "/channels/{channel_id}/messages/{message_id}/crosspost"): messages.crosspost,
    ("POST", "/channels/{channel_id}/messages/{message_id}/threads"): threads.start_on,
    ("POST", "/channels/{channel_id}/threads"): threads.start,
    ("GET", "/channels/{channel_id}/threads/archived/public"): threads.archived,
    ("PUT", "/channels/{channel_id}/thread-members/@me"): threads.join,
    ("POST", "/channels/{channel_id}/typing"): messages.typing,
    ("GET", "/guilds/{guild_id}"): channels.guild,
    ("GET", "/guilds/{guild_id}/channels"): channels.rooms,
    ("GET", "/guilds/{guild_id}/roles"): channels.roles,
    ("GET", "/guilds/{guild_id}/members/{user_id}"): channels.member,
    ("GET", "/guilds/{guild_id}/threads/active"): threads.active,
    ("POST", "/interactions/{interaction_id}/{interaction_token}/callback"): interactions.callback,
    ("POST", HOOK): interactions.followup,
    ("GET", f"{HOOK}/messages/{{message_id}}"): interactions.get,
    ("PATCH", f"{HOOK}/messages/{{message_id}}"): interactions.edit,
    ("DELETE", f"{HOOK}/messages/{{message_id}}"): interactions.delete,
    ("GET", MINE): commands.listed,
    ("PUT", MINE): commands.replace,
    ("POST", MINE): commands.make,
    ("GET", f"{MINE}/{{command_id}}"): commands.get,
    ("PATCH", f"{MINE}/{{command_id}}"): commands.change,
    ("DELETE", f"{MINE}/{{command_id}}"): commands.delete,
    ("GET", OF_GUILD): commands.listed,
    ("PUT", OF_GUILD): commands.replace,
    ("POST", OF_GUILD): commands.make,
    ("GET", f"{OF_GUILD}/{{command_id}}"): commands.get,
    ("PATCH", f"{OF_GUILD}/{{command_id}}"): commands.change,
    ("DELETE", f"{OF_GUILD}/{{command_id}}"): commands.delete,
}
WORDS = {"@me", "@original"}
# Whose bodies are held against the description behind this server's own rules, which know Discord's words.
CHECKED = {
    ("PATCH", "/channels/{channel_id}"),
    ("POST", "/channels/{channel_id}/messages"),
    ("PATCH", "/channels/{channel_id}/messages/{message_id}"),
    ("POST", "/channels/{channel_id}/threads"),
    ("POST", "/channels/{channel_id}/messages/{message_id}/threads"),
    ("POST", "/interactions/{interaction_id}/{interaction_token}/callback"),
    ("POST", HOOK),
    ("PATCH", f"{HOOK}/messages/{{message_id}}"),
    ("PUT", MINE),
    ("POST", MINE),
    ("PUT", OF_GUILD),
    ("POST", OF_GUILD),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Where a request leads."""

    template: str
    act: Callable[..., Any]
    pieces: dict[str, str]  # by their names in the template

    def numbers(self) -> dict[str, Any]:
        """The pieces, ids as numbers; raises Refusal where one is none."""
        return {name: _number(name, piece) for name, piece in self.pieces.items()}


def find(method: str, path: str) -> Way | None:
    """Where a request leads; None where nothing is."""
    pieces = path.split("/")
    for template, steps, act in _TABLE.get((method, len(pieces)), ()):
        if all(step == piece or step[:1] == "{" for step, piece in zip(steps, pieces, strict=True)):
            named = {step[1:-1]: piece for step, piece in zip(steps, pieces, strict=True) if step[:1] == "{"}
            return Way(template=template, act=act, pieces=named)
    return None


def _number(name: str, piece: str) -> Any:
    if not name.endswith("_id") or piece in WORDS:
        return piece
    if not piece.isdecimal() or len(piece) > 20:
        raise form(fault(name, code="NUMBER_TYPE_COERCE", text=f'Value "{piece[:40]}" is not snowflake.'))
    return int(piece)


_TABLE: dict[tuple[str, int], list[tuple[str, list[str], Callable[..., Any]]]] = {}
for (_method, _template), _act in sorted(ROUTES.items(), key=lambda item: item[0][1].count("{")):
    _TABLE.setdefault((_method, _template.count("/") + 1), []).append((_template, _template.split("/"), _act))
