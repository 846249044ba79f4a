"""What the bot is told of the world, to those of its shards that want to hear it."""

import json
from typing import TYPE_CHECKING, Any

from tests.fakes.discord.shapes import channel_json, member_json, message_json, role_json
from tests.fakes.discord.world import Channel, Guild, Json, Message, Role

if TYPE_CHECKING:
    from tests.fakes.discord.gateway import Gateway

GUILDS, MESSAGES, PRIVATE_MESSAGES = 1 << 0, 1 << 9, 1 << 12  # intents


class Telling:
    """The gateway's events."""

    def tell(self: "Gateway", kind: str, data: Json, *, guild: Guild | None = None, intent: int = 0) -> int:
        """Tell an event to the shard of a server, or to the first; gives how many sessions are told."""
        told = 0
        text = ""
        for session in self.sessions.values():
            shard, shards = session.shard
            meant = (guild.id >> 22) % shards if guild else 0
            if shard != meant or (intent and not session.intents & intent):
                continue
            session.seq += 1
            text = text or json.dumps(data)
            packet = f'{{"t":"{kind}","s":{session.seq},"op":0,"d":{text}}}'
            session.events.append(packet)
            told += 1
            if session.line:
                session.line.send(packet)
        return told

    def tell_message(self: "Gateway", kind: str, message: Message) -> None:
        """Tell of a message, where the bot wants to hear of messages."""
        guild = message.channel.guild
        data: Json = {"id": str(message.id), "channel_id": str(message.channel.id)}
        if kind != "MESSAGE_DELETE":
            data = message_json(message)
        data |= {"guild_id": str(guild.id)} if guild else {}
        self.tell(kind, data, guild=guild, intent=MESSAGES if guild else PRIVATE_MESSAGES)

    def tell_channel(self: "Gateway", kind: str, channel: Channel, **more: Any) -> None:
        """Tell of a channel or a thread."""
        self.tell(kind, channel_json(channel) | more, guild=channel.guild, intent=GUILDS)

    def tell_role(self: "Gateway", kind: str, guild: Guild, role: Role) -> None:
        """Tell of a role."""
        data = {"guild_id": str(guild.id), "role": role_json(role)}
        self.tell(kind, data, guild=guild, intent=GUILDS)

    def tell_me(self: "Gateway", guild: Guild) -> None:
        """Tell the bot of its own membership."""
        me = guild.members[self._server.bot.id]
        data = {"guild_id": str(guild.id), **member_json(guild, me)}
        self.tell("GUILD_MEMBER_UPDATE", data, guild=guild)
