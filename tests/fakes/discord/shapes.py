"""How people, servers, channels and messages look in JSON."""

import time

from tests.fakes.discord import permissions
from tests.fakes.discord.world import (
    FORUMS,
    STAGE,
    THREADS,
    VOICE,
    Channel,
    Guild,
    Json,
    Member,
    Message,
    Role,
    User,
    made_at,
    written,
)


def user_json(user: User) -> Json:
    """A User."""
    told: Json = {"id": str(user.id), "username": user.name.casefold().replace(" ", "_")}
    told |= {"discriminator": "0", "global_name": None if user.is_bot else user.name, "avatar": None}
    told |= {"avatar_decoration_data": None, "collectibles": None, "clan": None, "primary_guild": None}
    told |= {"public_flags": 0, "flags": 0, "banner": None, "accent_color": None, "display_name_styles": None}
    return told | ({"bot": True} if user.is_bot else {})


def me_json(user: User) -> Json:
    """The bot about itself."""
    return user_json(user) | {"mfa_enabled": True, "locale": "en-US", "email": None, "verified": True}


def member_json(guild: Guild, member: Member, *, with_user: bool = True) -> Json:
    """A GuildMember."""
    told: Json = {"roles": [str(number) for number in member.roles], "nick": None, "avatar": None}
    told |= {"banner": None, "joined_at": written(member.joined), "premium_since": None, "deaf": False}
    told |= {"mute": False, "flags": 0, "pending": False, "communication_disabled_until": None}
    return told | ({"user": user_json(member.user)} if with_user else {})


def role_json(role: Role) -> Json:
    """A Role."""
    colors = {"primary_color": 0, "secondary_color": None, "tertiary_color": None}
    told: Json = {"id": str(role.id), "name": role.name, "description": None, "color": 0, "colors": colors}
    told |= {"hoist": False, "icon": None, "unicode_emoji": None, "position": role.position}
    return told | {
        "permissions": str(role.permissions),
        "managed": role.bot,
        "mentionable": False,
        "flags": 0,
    }


def channel_json(channel: Channel) -> Json:
    """A channel of any kind."""
    told: Json = {"id": str(channel.id), "type": channel.kind, "flags": channel.flags}
    last = next(reversed(channel.messages), None)
    told["last_message_id"] = str(last) if last else None
    if channel.guild is None:
        others = [user_json(user) for user in channel.people if not user.is_bot]
        return told | {"recipients": others} | ({"name": channel.name} if channel.name else {})
    told |= {"guild_id": str(channel.guild.id), "name": channel.name}
    told["parent_id"] = str(channel.parent.id) if channel.parent else None
    return told | (_thread(channel) if channel.kind in THREADS else _room(channel))


def _room(channel: Channel) -> Json:
    told: Json = {"position": channel.position, "nsfw": False, "topic": channel.topic}
    told |= {"rate_limit_per_user": channel.slow, "default_auto_archive_duration": channel.archive_after}
    told["permission_overwrites"] = [
        {"id": str(o.id), "type": o.kind, "allow": str(o.allow), "deny": str(o.deny)}
        for o in channel.overwrites.values()
    ]
    if channel.kind in {VOICE, STAGE}:
        told |= {"bitrate": 64000, "user_limit": 0, "rtc_region": None, "video_quality_mode": 1}
    if channel.kind in FORUMS:
        told |= {"available_tags": channel.tags, "default_reaction_emoji": None, "default_sort_order": None}
        told |= {"default_forum_layout": 0, "default_thread_rate_limit_per_user": 0, "template": ""}
    return told


def _thread(channel: Channel) -> Json:
    data: Json = {"archived": channel.archived, "locked": channel.locked}
    data |= {"auto_archive_duration": channel.archive_after}
    data |= {
        "archive_timestamp": written(made_at(channel.id)),
        "create_timestamp": written(made_at(channel.id)),
    }
    posted = len(channel.messages)
    told: Json = {"owner_id": str(channel.owner.id), "thread_metadata": data, "message_count": posted}
    told |= {"member_count": 1, "rate_limit_per_user": channel.slow, "total_message_sent": posted}
    if channel.parent and channel.parent.kind in FORUMS:
        told["applied_tags"] = [str(number) for number in channel.applied]
    return told


def partial_json(channel: Channel, user: User) -> Json:
    """A channel as an interaction tells of it, with what the person may do there."""
    told = channel_json(channel)
    return told | {"permissions": str(permissions.of_channel(channel, user))} if channel.guild else told


def guild_json(guild: Guild) -> Json:
    """A Guild, as its own route gives it."""
    told: Json = dict.fromkeys(
        (
            "icon splash discovery_splash banner description afk_channel_id application_id vanity_url_code "
            "system_channel_id rules_channel_id public_updates_channel_id safety_alerts_channel_id "
            "max_presences home_header incidents_data inventory_settings"
        ).split()
    )
    told |= {"id": str(guild.id), "name": guild.name, "owner_id": str(guild.owner.id), "features": []}
    told |= {"preferred_locale": guild.locale, "roles": [role_json(role) for role in guild.roles.values()]}
    told |= {"emojis": [], "stickers": [], "afk_timeout": 300, "verification_level": 0, "mfa_level": 0}
    told |= {"default_message_notifications": 0, "explicit_content_filter": 0, "system_channel_flags": 0}
    told |= {"premium_tier": 0, "premium_subscription_count": 0, "premium_progress_bar_enabled": False}
    return told | {"nsfw_level": 0, "nsfw": False, "max_members": 25_000_000, "region": "deprecated"}


def whole_guild_json(guild: Guild, bot: User, *, fresh: bool = False) -> Json:
    """A Guild as the gateway gives it; `fresh` where the bot has just come in."""
    me = guild.members[bot.id]
    rooms = [channel_json(c) for c in guild.channels.values() if not c.thread]
    told = guild_json(guild) | {"joined_at": written(me.joined), "large": False}
    told |= {} if fresh else {"unavailable": False}
    told |= {"member_count": len(guild.members), "members": [member_json(guild, me)]}
    told |= {
        "channels": rooms,
        "threads": [channel_json(c) for c in guild.threads()],
    }
    told |= {"voice_states": [], "presences": [], "stage_instances": [], "guild_scheduled_events": []}
    return told | {"soundboard_sounds": []}


def message_json(message: Message) -> Json:
    """A Message as it stands."""
    told = dict(message.body)
    if message.thread:
        told["thread"] = channel_json(message.thread)
    return told


def new_body(channel: Channel, author: User, number: int) -> Json:
    """A Message without its content."""
    told: Json = {"id": str(number), "channel_id": str(channel.id), "type": 0, "content": ""}
    told |= {"author": user_json(author), "timestamp": written(time.time()), "edited_timestamp": None}
    told |= {"embeds": [], "attachments": [], "components": [], "mentions": [], "mention_roles": []}
    return told | {"mention_everyone": False, "pinned": False, "tts": False, "flags": 0}
