"""/applications/{application_id}/commands: the menus."""

from typing import TYPE_CHECKING

from tests.fakes.discord import menus
from tests.fakes.discord.journal import Request
from tests.fakes.discord.refusal import Answer, form, granted, no
from tests.fakes.discord.world import Json

if TYPE_CHECKING:
    from tests.fakes.discord.server import Server

A_DAY = 200  # commands that may be made in a day
LOCALIZED = ("name_localizations", "description_localizations")


def listed(
    server: "Server", request: Request, application_id: int, guild_id: int | None = None
) -> list[Json]:
    """GET: all of them."""
    there = _there(server, application_id, guild_id).values()
    if request.query.get("with_localizations", "").lower() in {"1", "true"}:
        return list(there)
    return [_plain(command) for command in there]


def get(
    server: "Server", request: Request, application_id: int, command_id: int, guild_id: int | None = None
) -> Json:
    """GET: one."""
    return _one(_there(server, application_id, guild_id), command_id)


def replace(
    server: "Server", request: Request, application_id: int, guild_id: int | None = None
) -> list[Json]:
    """PUT: these, and no others; those that had their names keep their numbers."""
    there, told = _there(server, application_id, guild_id), request.json
    if not isinstance(told, list):
        raise form()
    _check(server, request, told, guild_id)
    known = {(command["name"], command["type"]): command for command in there.values()}
    made = [one for one in told if (one["name"], one.get("type") or 1) not in known]
    _count(server, len(made))
    there.clear()
    for one in told:
        before = known.get((one["name"], one.get("type") or 1))
        _keep(server, there, one, guild_id, before)
    return list(there.values())


def make(server: "Server", request: Request, application_id: int, guild_id: int | None = None) -> Answer:
    """POST: one more, or in place of that of its name."""
    there, told = _there(server, application_id, guild_id), request.json
    before = next((c for c in there.values() if c["name"] == told.get("name")), None)
    rest = [command for command in there.values() if command is not before]
    _check(server, request, [*rest, told], guild_id)
    _count(server, before is None)
    return granted(_keep(server, there, told, guild_id, before), 200 if before else 201)


def change(
    server: "Server", request: Request, application_id: int, command_id: int, guild_id: int | None = None
) -> Json:
    """PATCH: some of one."""
    there = _there(server, application_id, guild_id)
    before = _one(there, command_id)
    told = {name: before[name] for name in before if name in menus.SETTABLE} | (request.json or {})
    rest = [command for command in there.values() if command is not before]
    _check(server, request, [*rest, told], guild_id)
    return _keep(server, there, told, guild_id, before)


def delete(
    server: "Server", request: Request, application_id: int, command_id: int, guild_id: int | None = None
) -> None:
    """DELETE: one."""
    there = _there(server, application_id, guild_id)
    del there[int(_one(there, command_id)["id"])]


def _check(server: "Server", request: Request, wanted: list[Json], guild_id: int | None) -> None:
    installs = server.application["integration_types_config"]
    menus.check(wanted, installs, guild=guild_id is not None)
    server.hold(request)


def _there(server: "Server", application_id: int, guild_id: int | None) -> dict[int, Json]:
    if application_id != server.application_id:
        raise no(20012)
    if guild_id is not None and guild_id not in {guild.id for guild in server.world.inside()}:
        raise no(50001)
    return server.commands.setdefault(guild_id, {})


def _one(there: dict[int, Json], number: int) -> Json:
    if number not in there:
        raise no(10063)
    return there[number]


def _count(server: "Server", made: int) -> None:
    if server.commands_made + made > A_DAY:
        raise no(30034)
    server.commands_made += made


def _keep(
    server: "Server", there: dict[int, Json], told: Json, guild_id: int | None, before: Json | None
) -> Json:
    number = before["id"] if before else str(server.world.new_id())
    kept = menus.kept(told, sorted(map(int, server.application["integration_types_config"])))
    fixed = {"id": number, "application_id": str(server.application_id)}
    command = fixed | {"version": str(server.world.new_id())} | kept
    if guild_id is not None:
        command["guild_id"] = str(guild_id)
    there[int(number)] = command
    return command


def _plain(command: Json) -> Json:
    """A command without its words in other languages."""
    bare = {name: value for name, value in command.items() if name not in LOCALIZED}
    for name in ("options", "choices"):
        if name in bare:
            bare[name] = [_plain(one) for one in bare[name]]
    return bare
