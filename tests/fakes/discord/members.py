"""How the world is made and changed: servers, channels, people, permissions."""

from typing import TYPE_CHECKING

from tests.fakes.discord import permissions, world, writing
from tests.fakes.discord.shapes import whole_guild_json
from tests.fakes.discord.world import (
    FORUM,
    FORUMS,
    GROUP_DM,
    NEWS,
    NEWS_THREAD,
    PUBLIC_THREAD,
    TEXT,
    VOICE,
    Channel,
    Guild,
    Json,
    Member,
    Message,
    Overwrite,
    Role,
    User,
)

if TYPE_CHECKING:
    from tests.fakes.discord.server import Server


class Members:
    """The verbs that change the world; the bot is told as Discord tells it."""

    def user(self: "Server", name: str = "Anna", *, locale: str = "en-US", installed: bool = False) -> User:
        """A person; `installed`: has the bot among the own apps."""
        user = User(id=self.world.new_id(), name=name, locale=locale, installed=installed)
        self.world.users[user.id] = user
        return user

    def guild(
        self: "Server",
        name: str = "Lab",
        *,
        owner: User | None = None,
        members: tuple[User, ...] | list[User] = (),
        locale: str = "en-US",
        shard: int | None = None,
        bot: bool = True,
        permits: tuple[str, ...] | list[str] = (),
    ) -> Guild:
        """A server, with the bot in it unless told otherwise; `permits` are what the bot's own role adds."""
        number = self.world.new_guild_id(shard, self.shards)
        guild = Guild(id=number, name=name, owner=owner or self.user(f"Owner of {name}"), locale=locale)
        guild.roles[number] = Role(id=number, name="@everyone", permissions=permissions.USUAL)
        self.world.guilds[number] = guild
        for user in (guild.owner, *members):
            guild.members[user.id] = Member(user=user)
        if bot:
            self.invite(guild, *permits)
        return guild

    def invite(self: "Server", guild: Guild, *permits: str) -> None:
        """The bot comes into a server, with a role of its own."""
        role = Role(id=self.world.new_id(), name="Paperboy", permissions=permissions.bits(*permits), bot=True)
        role.position = len(guild.roles)
        guild.roles[role.id] = role
        guild.members[self.bot.id] = Member(user=self.bot, roles=[role.id])
        told = whole_guild_json(guild, self.bot, fresh=True)
        self.gateway.tell("GUILD_CREATE", told, guild=guild, intent=1)

    def kick(self: "Server", guild: Guild) -> None:
        """The bot is thrown out of a server, or leaves it."""
        me = guild.members.pop(self.bot.id)
        for number in me.roles:
            if guild.roles[number].bot:
                del guild.roles[number]
        self.gateway.tell("GUILD_DELETE", {"id": str(guild.id)}, guild=guild, intent=1)

    def outage(self: "Server", guild: Guild, *, over: bool = False) -> None:
        """A server cannot be reached for a while, or can again."""
        guild.available = over
        if over:
            told = whole_guild_json(guild, self.bot)
            self.gateway.tell("GUILD_CREATE", told, guild=guild, intent=1)
        else:
            told = {"id": str(guild.id), "unavailable": True}
            self.gateway.tell("GUILD_DELETE", told, guild=guild, intent=1)

    def member(self: "Server", guild: Guild, user: User, *roles: Role) -> User:
        """Somebody comes into a server, or gets other roles there."""
        member = guild.members.setdefault(user.id, Member(user=user))
        own = [n for n in member.roles if guild.roles[n].bot]
        member.roles = own + [role.id for role in roles]
        if user is self.bot:
            self.gateway.tell_me(guild)
        return user

    def leave(self: "Server", guild: Guild, user: User) -> None:
        """Somebody leaves a server."""
        del guild.members[user.id]

    def role(self: "Server", guild: Guild, name: str, *permits: str) -> Role:
        """A role with some permissions."""
        role = Role(id=self.world.new_id(), name=name, permissions=permissions.bits(*permits))
        role.position = len(guild.roles)
        guild.roles[role.id] = role
        self.gateway.tell_role("GUILD_ROLE_CREATE", guild, role)
        return role

    def allow(self: "Server", guild: Guild, role: Role, *permits: str, deny: bool = False) -> None:
        """A role gets permissions, or loses them."""
        wanted = permissions.bits(*permits)
        role.permissions = role.permissions & ~wanted if deny else role.permissions | wanted
        self.gateway.tell_role("GUILD_ROLE_UPDATE", guild, role)

    def text(self: "Server", guild: Guild, name: str = "papers") -> Channel:
        """A text channel."""
        return self._room(guild, name, TEXT)

    def news(self: "Server", guild: Guild, name: str = "news") -> Channel:
        """An announcement channel."""
        return self._room(guild, name, NEWS)

    def voice(self: "Server", guild: Guild, name: str = "talk") -> Channel:
        """A voice channel."""
        return self._room(guild, name, VOICE)

    def forum(
        self: "Server",
        guild: Guild,
        name: str = "forum",
        *,
        tags: tuple[str, ...] | list[str] = (),
        moderated: tuple[str, ...] | list[str] = (),
        require_tag: bool = False,
        kind: int = FORUM,
    ) -> Channel:
        """A forum channel; only those who manage threads can give its `moderated` tags."""
        channel = self._room(guild, name, kind, tell=False)
        channel.flags = world.REQUIRE_TAG if require_tag else 0
        channel.tags = [self._tag(name, name in moderated) for name in (*tags, *moderated)]
        self.gateway.tell_channel("CHANNEL_CREATE", channel)
        return channel

    def group(self: "Server", *people: User) -> Channel:
        """A private channel of several people, without the bot."""
        return self.world.add(Channel(id=self.world.new_id(), kind=GROUP_DM, people=list(people)))

    def thread(self: "Server", channel: Channel, name: str = "thread", *, by: User | None = None) -> Channel:
        """A thread, or a post of a forum."""
        kind = NEWS_THREAD if channel.kind == NEWS else PUBLIC_THREAD
        thread = Channel(id=self.world.new_id(), kind=kind, name=name, guild=channel.guild, parent=channel)
        thread.owner = by or channel.guild.owner
        self.world.add(thread)
        if channel.kind in FORUMS:
            writing.write(self, thread, thread.owner, {"content": name})
        self.gateway.tell_channel("THREAD_CREATE", thread, newly_created=True)
        return thread

    def permit(self: "Server", channel: Channel, who: User | Role | Guild, *names: str) -> None:
        """Allow something in a channel to a member, a role, or all of a server."""
        self._overwrite(channel, who, names, allow=True)

    def forbid(self: "Server", channel: Channel, who: User | Role | Guild, *names: str) -> None:
        """Forbid it."""
        self._overwrite(channel, who, names, allow=False)

    def archive(self: "Server", thread: Channel, *, over: bool = False) -> None:
        """Archive a thread, or take it back."""
        thread.archived = not over
        self.gateway.tell_channel("THREAD_UPDATE", thread)

    def lock(self: "Server", thread: Channel, *, over: bool = False, archived: bool | None = None) -> None:
        """Lock a thread, or unlock it."""
        thread.locked = not over
        thread.archived = thread.archived if archived is None else archived
        self.gateway.tell_channel("THREAD_UPDATE", thread)

    def turn(self: "Server", channel: Channel, kind: int) -> None:
        """Make another kind of channel of one: announcements of text, a forum of text."""
        channel.kind = kind
        self.gateway.tell_channel("CHANNEL_UPDATE", channel)

    def delete(self: "Server", what: Channel | Message) -> None:
        """Delete a channel with its threads, or a message."""
        if isinstance(what, Message):
            writing.erase(self, what)
            return
        for channel in reversed(self.world.drop(what)):
            kind = "THREAD_DELETE" if channel.thread else "CHANNEL_DELETE"
            self.gateway.tell_channel(kind, channel)

    def ban_dms(self: "Server", user: User, *, over: bool = False) -> None:
        """Somebody takes no messages from the bot, or does again."""
        user.closed = not over

    def write(self: "Server", where: Channel | User, user: User, text: str) -> Message:
        """Somebody writes something into a channel."""
        channel = self.place(where)
        permissions.check_speak(channel, user)
        return writing.write(self, channel, user, {"content": text})

    def _room(self: "Server", guild: Guild, name: str, kind: int, *, tell: bool = True) -> Channel:
        place = sum(not channel.thread for channel in guild.channels.values())
        channel = Channel(id=self.world.new_id(), kind=kind, name=name, guild=guild, position=place)
        self.world.add(channel)
        if tell:
            self.gateway.tell_channel("CHANNEL_CREATE", channel)
        return channel

    def _tag(self: "Server", name: str, moderated: bool) -> Json:
        bare = {"emoji_id": None, "emoji_name": None}
        return {"id": str(self.world.new_id()), "name": name, "moderated": moderated, **bare}

    def _overwrite(
        self: "Server", channel: Channel, who: User | Role | Guild, names: tuple[str, ...], *, allow: bool
    ) -> None:
        kind = 1 if isinstance(who, User) else 0
        one = channel.overwrites.setdefault(who.id, Overwrite(id=who.id, kind=kind))
        wanted = permissions.bits(*names)
        one.allow = one.allow | wanted if allow else one.allow & ~wanted
        one.deny = one.deny & ~wanted if allow else one.deny | wanted
        self.gateway.tell_channel("CHANNEL_UPDATE", channel)
