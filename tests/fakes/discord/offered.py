"""Which commands a person is offered where, and how what was filled in reaches the bot."""

from typing import TYPE_CHECKING, Any

from tests.fakes.discord import permissions
from tests.fakes.discord.shapes import member_json, partial_json, role_json, user_json
from tests.fakes.discord.world import DM, Channel, Json, Role, User

if TYPE_CHECKING:
    from tests.fakes.discord.server import Server

IN_GUILD, WITH_BOT, ELSEWHERE = 0, 1, 2
TEXT, WHOLE, FLAG, PERSON, PLACE, ROLE, NUMBER = 3, 4, 5, 6, 7, 8, 10


def context(server: "Server", channel: Channel) -> int:
    """Where a channel is, as interactions tell it."""
    if channel.guild:
        return IN_GUILD
    return WITH_BOT if channel.kind == DM and server.bot in channel.people else ELSEWHERE


def owners(server: "Server", channel: Channel, user: User, command: Json) -> dict[str, str]:
    """By whose installation somebody can use a command in a channel; none where nobody's."""
    found = {}
    kinds = command["integration_types"]
    if 0 in kinds:
        if channel.guild and server.bot.id in channel.guild.members:
            found["0"] = str(channel.guild.id)
        elif channel.guild is None and context(server, channel) == WITH_BOT:
            found["0"] = "0"
    if 1 in kinds and user.installed:
        found["1"] = str(user.id)
    return found


def commands(server: "Server", channel: Channel, user: User) -> dict[str, Json]:
    """The commands that somebody is offered in a channel, by name."""
    if not permissions.may(channel, user, "use_application_commands"):
        return {}
    there = {**server.commands.get(None, {})}
    if channel.guild:
        there |= server.commands.get(channel.guild.id, {})
    return {one["name"]: one for one in there.values() if _shown(server, channel, user, one)}


def _shown(server: "Server", channel: Channel, user: User, command: Json) -> bool:
    if command["contexts"] is not None and context(server, channel) not in command["contexts"]:
        return False
    if channel.guild and command["default_member_permissions"] is not None:
        held = permissions.of_channel(channel, user)
        wanted = int(command["default_member_permissions"]) or permissions.BITS["administrator"]
        if held & wanted != wanted:
            return False
    return bool(owners(server, channel, user, command))


def fill(server: "Server", command: Json, given: dict[str, Any], user: User) -> tuple[list[Json], Json]:
    """The options of a command as they reach the bot, and what they name; raises AssertionError."""
    known = {option["name"]: option for option in command.get("options", ())}
    for name, option in known.items():
        if option.get("required") and name not in given:
            raise AssertionError(f"/{command['name']} wants {name}")
    filled, named = [], {}
    for name, value in given.items():
        if name not in known:
            raise AssertionError(f"/{command['name']} has no option {name}; there are {sorted(known)}")
        filled.append({"name": name, "type": known[name]["type"], "value": _value(known[name], value)})
        _resolve(server, named, known[name], value, user)
    return filled, named


def _value(option: Json, value: Any) -> Any:
    kind = option["type"]
    wanted: dict[int, Any] = {TEXT: str, WHOLE: int, FLAG: bool, PERSON: User, PLACE: Channel, ROLE: Role}
    if kind in wanted and not isinstance(value, wanted[kind]):
        raise AssertionError(f"{option['name']} takes {wanted[kind].__name__}, not {value!r}")
    if option.get("choices") and value not in {one["value"] for one in option["choices"]}:
        raise AssertionError(f"{option['name']} offers {[one['value'] for one in option['choices']]}")
    if kind == PLACE and option.get("channel_types") and value.kind not in option["channel_types"]:
        raise AssertionError(f"{option['name']} offers no channel of kind {value.kind}")
    if kind in {WHOLE, NUMBER}:
        least, most = option.get("min_value"), option.get("max_value")
        if (least is not None and value < least) or (most is not None and value > most):
            raise AssertionError(f"{option['name']} takes {least} to {most}, not {value}")
    if kind == TEXT and not option.get("min_length", 0) <= len(value) <= option.get("max_length", 6000):
        raise AssertionError(f"{option['name']} takes no text of {len(value)} signs")
    return str(value.id) if kind in {PERSON, PLACE, ROLE} else value


def _resolve(server: "Server", named: Json, option: Json, value: Any, user: User) -> None:
    if option["type"] == PLACE:
        named.setdefault("channels", {})[str(value.id)] = partial_json(value, user)
    elif option["type"] == ROLE:
        named.setdefault("roles", {})[str(value.id)] = role_json(value)
    elif option["type"] == PERSON:
        named.setdefault("users", {})[str(value.id)] = user_json(value)


def base(server: "Server", channel: Channel, user: User, kind: int, owned: dict[str, str]) -> Json:
    """An interaction without its data."""
    number = server.world.new_id()
    body: Json = {"id": str(number), "application_id": str(server.application_id), "type": kind}
    body |= {"token": f"aW50ZXJhY3Rpb246{number}:{'x' * 40}", "version": 1, "locale": user.locale}
    body |= {"channel_id": str(channel.id), "channel": partial_json(channel, user)}
    body |= {"entitlements": [], "entitlement_sku_ids": [], "attachment_size_limit": 10_485_760}
    body |= {"authorizing_integration_owners": owned, "context": context(server, channel)}
    body["app_permissions"] = str(_app_permissions(server, channel, user))
    if channel.guild is None:
        return body | {"user": user_json(user)}
    guild = channel.guild
    body |= {"guild_id": str(guild.id), "guild_locale": guild.locale}
    body["guild"] = {"id": str(guild.id), "locale": guild.locale, "features": []}
    may = str(permissions.of_channel(channel, user))
    return body | {"member": member_json(guild, guild.members[user.id]) | {"permissions": may}}


def _app_permissions(server: "Server", channel: Channel, user: User) -> int:
    if channel.guild and server.bot.id in channel.guild.members:
        return permissions.of_channel(channel, server.bot)
    if channel.guild:
        return permissions.of_channel(channel, user) & permissions.PRIVATE
    return permissions.PRIVATE
