"""Who may do what where (https://discord.com/developers/docs/topics/permissions)."""

from tests.fakes.discord.refusal import no
from tests.fakes.discord.world import Channel, Guild, User

_NAMES = (
    "create_instant_invite kick_members ban_members administrator manage_channels manage_guild add_reactions "
    "view_audit_log priority_speaker stream view_channel send_messages send_tts_messages manage_messages "
    "embed_links attach_files read_message_history mention_everyone use_external_emojis view_guild_insights "
    "connect speak mute_members deafen_members move_members use_vad change_nickname manage_nicknames "
    "manage_roles manage_webhooks manage_guild_expressions use_application_commands request_to_speak "
    "manage_events manage_threads create_public_threads create_private_threads use_external_stickers "
    "send_messages_in_threads use_embedded_activities moderate_members"
).split()
BITS = {name: 1 << place for place, name in enumerate(_NAMES)}
BITS |= {"send_voice_messages": 1 << 46, "send_polls": 1 << 49, "use_external_apps": 1 << 50}
BITS |= {"pin_messages": 1 << 51, "bypass_slowmode": 1 << 52}
ALL = sum(BITS.values())
WITH_SENDING = ("embed_links", "attach_files", "mention_everyone", "send_tts_messages")


def bits(*names: str) -> int:
    """The bit field of some permissions."""
    return sum({BITS[name] for name in names})


USUAL = bits(  # what everybody may in a new server
    "create_instant_invite", "add_reactions", "stream", "view_channel", "send_messages", "embed_links",
    "attach_files", "read_message_history", "mention_everyone", "use_external_emojis", "connect", "speak",
    "use_vad", "change_nickname", "use_application_commands", "request_to_speak", "create_public_threads",
    "create_private_threads", "use_external_stickers", "send_messages_in_threads", "use_embedded_activities",
    "send_voice_messages", "send_polls", "use_external_apps",
)  # fmt: skip
PRIVATE = bits(  # in a private channel
    "view_channel", "send_messages", "embed_links", "attach_files", "read_message_history", "add_reactions",
    "use_external_emojis", "use_external_stickers", "mention_everyone", "use_application_commands",
    "pin_messages", "send_polls", "send_voice_messages",
)  # fmt: skip


def of_guild(guild: Guild, user: User) -> int:
    """What a member may in a server as a whole."""
    if guild.owner is user:
        return ALL
    member = guild.members[user.id]
    held = guild.roles[guild.id].permissions
    for number in member.roles:
        held |= guild.roles[number].permissions
    return ALL if held & BITS["administrator"] else held


def of_channel(channel: Channel, user: User) -> int:
    """What somebody may in a channel; 0 where the channel is not to be seen."""
    if channel.guild is None:
        return PRIVATE if user in channel.people else 0
    if user.id not in channel.guild.members:
        return 0
    held = of_guild(channel.guild, user)
    if held == ALL:
        return held
    place = channel.parent if channel.thread and channel.parent else channel
    held = _overwritten(held, place, channel.guild, user)
    if not held & BITS["view_channel"]:
        return 0
    speak = "send_messages_in_threads" if channel.thread else "send_messages"
    return held if held & BITS[speak] else held & ~bits(*WITH_SENDING)


def _overwritten(held: int, channel: Channel, guild: Guild, user: User) -> int:
    if everybody := channel.overwrites.get(guild.id):
        held = held & ~everybody.deny | everybody.allow
    allow = deny = 0
    for number in guild.members[user.id].roles:
        if (one := channel.overwrites.get(number)) and number != guild.id:
            allow |= one.allow
            deny |= one.deny
    held = held & ~deny | allow
    if own := channel.overwrites.get(user.id):
        held = held & ~own.deny | own.allow
    return held


def may(channel: Channel, user: User, *names: str) -> bool:
    """Whether somebody has all these permissions in a channel."""
    wanted = bits(*names)
    return of_channel(channel, user) & wanted == wanted


def check(channel: Channel, user: User, *names: str) -> None:
    """Raises Refusal: 50001 where the channel is not to be seen, 50013 where a permission lacks."""
    if not may(channel, user, "view_channel"):
        raise no(50001)
    if not may(channel, user, *names):
        raise no(50013)


def check_speak(channel: Channel, user: User) -> None:
    """Raises Refusal where somebody may not write messages in a channel."""
    check(channel, user, "send_messages_in_threads" if channel.thread else "send_messages")
