"""What people do: they use commands, press buttons, choose from menus, type what is completed."""

from typing import TYPE_CHECKING, Any

from tests.fakes.discord import offered, permissions
from tests.fakes.discord.journal import Event, Request
from tests.fakes.discord.shapes import message_json
from tests.fakes.discord.shown import Shown, show
from tests.fakes.discord.world import Channel, Json, Message, User

if TYPE_CHECKING:
    from tests.fakes.discord.server import Server

Sent = Message | Shown | Request | Event
COMMAND, COMPONENT, AUTOCOMPLETE = 2, 3, 4


class People:
    """The verbs of people, each of which gives an Event to await the bot's reaction to."""

    async def slash(self: "Server", where: Channel | User, user: User, name: str, /, **given: Any) -> Event:
        """Somebody uses a command; raises AssertionError where it is not offered or wrongly filled in."""
        channel, command = self._offered(where, user, name)
        options, named = offered.fill(self, command, given, user)
        data: Json = {"id": command["id"], "name": name, "type": 1}
        data |= {"options": options} if options else {}
        data |= {"resolved": named} if named else {}
        return self._ask("slash", channel, user, COMMAND, command, data)

    async def autocomplete(
        self: "Server", where: Channel | User, user: User, name: str, option: str, typed: str, /, **given: Any
    ) -> Event:
        """Somebody types into an option of a command; `given` is what is filled in already."""
        channel, command = self._offered(where, user, name)
        known = {one["name"]: one for one in command.get("options", ())}
        if not known.get(option, {}).get("autocomplete"):
            raise AssertionError(f"/{name} completes no {option}; options are {sorted(known)}")
        free = command | {"options": [one | {"required": False} for one in command["options"]]}
        options, named = offered.fill(self, free, given, user)
        options.append({"name": option, "type": known[option]["type"], "value": typed, "focused": True})
        data: Json = {"id": command["id"], "name": name, "type": 1, "options": options}
        data |= {"resolved": named} if named else {}
        return self._ask("autocomplete", channel, user, AUTOCOMPLETE, command, data)

    async def press(self: "Server", sent: Sent, button: str, user: User, *, stale: bool = False) -> Event:
        """Somebody presses a button, named by its label or its custom_id.

        `stale`: presses a custom_id that stands there no more, or never did.
        """
        message = self._pressable(sent, user)
        data = button
        if not stale:
            found = show(message).button(button)
            if found.data is None or found.disabled or found.options:
                raise AssertionError(f"{button!r} is no button to press: {found}")
            data = found.data
        told = {"component_type": 2, "custom_id": data, "id": 1}
        return self._ask("press", message.channel, user, COMPONENT, None, told, message)

    async def select(
        self: "Server", sent: Sent, value: str, user: User, *, custom_id: str | None = None
    ) -> Event:
        """Somebody chooses a line of a select menu, named by its value."""
        message = self._pressable(sent, user)
        menu = show(message).select(value, custom_id)
        told = {"component_type": 3, "custom_id": menu.data, "id": 1, "values": [value]}
        return self._ask("select", message.channel, user, COMPONENT, None, told, message)

    def menu(self: "Server", where: Channel | User, user: User) -> dict[str, Json]:
        """The commands that somebody is offered in a place, by name."""
        return offered.commands(self, self.place(where), user)

    def place(self: "Server", where: Channel | User) -> Channel:
        """A channel; of a person the private one with the bot."""
        return self.world.dm(where) if isinstance(where, User) else where

    def resolve(self: "Server", sent: Sent) -> Message:
        """The message that is meant; raises AssertionError where there is none."""
        if isinstance(sent, Message):
            return sent
        if isinstance(sent, Event):
            if sent.original is None:
                raise AssertionError(f"the bot has not answered the {sent.kind} with a message")
            return sent.original
        number, place = self._named(sent)
        message = self.world.channels[place].messages.get(number)
        if message is None:
            raise AssertionError(f"there is no message {number} in {place}")
        return message

    def _named(self: "Server", sent: Shown | Request) -> tuple[int, int]:
        if isinstance(sent, Shown):
            return sent.id, sent.channel_id
        told = sent.result or {}
        told = told.get("resource", {}).get("message", told)
        told = told.get("message", told)
        if "channel_id" not in told:
            raise AssertionError(
                f"{sent.method} {sent.path} gave no message but {sent.refusal or sent.result}"
            )
        return int(told["id"]), int(told["channel_id"])

    def _offered(self: "Server", where: Channel | User, user: User, name: str) -> tuple[Channel, Json]:
        channel = self.place(where)
        self._check_inside(channel, user)
        there = offered.commands(self, channel, user)
        if name not in there:
            raise AssertionError(f"{user.name} is offered no /{name} there, but {sorted(there)}")
        return channel, there[name]

    def _pressable(self: "Server", sent: Sent, user: User) -> Message:
        message = self.resolve(sent)
        self._check_inside(message.channel, user)
        if message.deleted or message.only_for not in {None, user}:
            raise AssertionError(f"{user.name} does not see message {message.id}")
        return message

    def _check_inside(self: "Server", channel: Channel, user: User) -> None:
        if channel.private and channel.kind == 1 and self.bot in channel.people and not self.reachable(user):
            raise AssertionError(f"{user.name} shares no server with the bot and has not installed it")
        if not permissions.may(channel, user, "view_channel"):
            raise AssertionError(f"{user.name} does not see {channel.name or channel.id}")

    def reachable(self: "Server", user: User) -> bool:
        """Whether somebody and the bot can write to each other at all."""
        return user.installed or any(user.id in guild.members for guild in self.world.inside())

    def _ask(
        self: "Server",
        kind: str,
        channel: Channel,
        user: User,
        number: int,
        command: Json | None,
        data: Json,
        message: Message | None = None,
    ) -> Event:
        if message:
            asked = message.body.get("interaction_metadata", {})
            owned = asked.get("authorizing_integration_owners") or self._owned(channel)
        else:
            owned = offered.owners(self, channel, user, command)
        body = offered.base(self, channel, user, number, owned) | {"data": data}
        if message:
            body["message"] = message_json(message)
        event = Event(kind=kind, body=body, user=user, channel=channel, message=message)
        event.number, event.at, event.private = (
            len(self.requests),
            self.clock(),
            self._muted(channel, user, owned),
        )
        self.events[event.token] = event
        self.gateway.tell("INTERACTION_CREATE", body, guild=channel.guild if "0" in owned else None)
        return event

    def _owned(self: "Server", channel: Channel) -> dict[str, str]:
        return {"0": str(channel.guild.id) if channel.guild else "0"}

    def _muted(self: "Server", channel: Channel, user: User, owned: dict[str, str]) -> bool:
        """Whether answers are seen by the person alone, whatever the bot asks for."""
        outside = channel.guild is not None and "0" not in owned
        return outside and not permissions.may(channel, user, "use_external_apps")
