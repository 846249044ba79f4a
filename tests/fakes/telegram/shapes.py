"""How people, chats, members and messages look in JSON."""

import time

from tests.fakes.telegram.world import GENERAL, Chat, Json, Member, Message, User

EVERYWHERE = (
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
)
OF_CHANNELS = ("can_post_messages", "can_edit_messages", "can_manage_direct_messages")
OF_GROUPS = ("can_pin_messages", "can_manage_topics", "can_manage_tags")
GIFTS = (
    "unlimited_gifts",
    "limited_gifts",
    "unique_gifts",
    "premium_subscription",
    "gifts_from_channels",
)
PERMISSIONS = (
    "can_send_messages",
    "can_send_audios",
    "can_send_documents",
    "can_send_photos",
    "can_send_videos",
    "can_send_video_notes",
    "can_send_voice_notes",
    "can_send_polls",
    "can_send_other_messages",
    "can_add_web_page_previews",
    "can_react_to_messages",
    "can_edit_tag",
    "can_change_info",
    "can_invite_users",
    "can_pin_messages",
    "can_manage_topics",
)


def user_json(user: User) -> Json:
    """A User."""
    told: Json = {"id": user.id, "is_bot": user.is_bot, "first_name": user.first_name}
    for name in ("last_name", "username", "language_code"):
        if value := getattr(user, name):
            told[name] = value
    return told


def chat_json(chat: Chat) -> Json:
    """A Chat, as messages carry it."""
    if chat.user:
        named = {
            k: v for k, v in user_json(chat.user).items() if k in {"first_name", "last_name", "username"}
        }
        return {"id": chat.id, **named, "type": "private"}
    told: Json = {"id": chat.id, "title": chat.title, "type": chat.kind}
    if chat.username:
        told["username"] = chat.username
    if chat.forum:
        told["is_forum"] = True
    return told


def full_chat_json(chat: Chat) -> Json:
    """A ChatFullInfo."""
    told = chat_json(chat) | {
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(GIFTS, False),
    }
    if chat.username:
        told["active_usernames"] = [chat.username]
    if chat.kind in {"group", "supergroup"}:
        told["permissions"] = dict.fromkeys(PERMISSIONS, not chat.muted)
    return told


def member_json(member: Member, chat: Chat) -> Json:
    """A ChatMember of the kind that its status says."""
    told: Json = {"user": user_json(member.user), "status": member.status}
    if member.status == "creator":
        told["is_anonymous"] = member.anonymous
    elif member.status == "administrator":
        special = OF_CHANNELS if chat.kind == "channel" else OF_GROUPS
        told |= {"can_be_edited": False, "is_anonymous": member.anonymous}
        told |= {right: right in member.rights for right in EVERYWHERE + special}
    elif member.status == "restricted":
        told |= {"is_member": True, "until_date": 0}
        told |= {right: right in member.rights for right in PERMISSIONS}
    elif member.status == "kicked":
        told["until_date"] = 0
    if member.title and member.administers:
        told["custom_title"] = member.title
    return told


def base_json(chat: Chat, sender: Json, thread: int | None = None) -> Json:
    """A Message without its content, with the next id of its chat."""
    body = {"message_id": chat.new_id(), **sender, "chat": chat_json(chat), "date": int(time.time())}
    if thread and thread != GENERAL:
        body |= {"message_thread_id": thread, "is_topic_message": True}
    return body


def sender_json(chat: Chat, member: Member, anonymous: User) -> Json:
    """Who a message of a member is said to be from."""
    if chat.kind == "channel":
        told: Json = {"sender_chat": chat_json(chat)}
        if chat.signed:
            told["author_signature"] = member.user.first_name
        return told
    if member.anonymous and member.administers:
        told = {"from": user_json(anonymous), "sender_chat": chat_json(chat)}
        return told | ({"author_signature": member.title} if member.title else {})
    return {"from": user_json(member.user)}


def reply_json(message: Message) -> Json:
    """A message inside the one that answers it: without what it answers itself."""
    return {k: v for k, v in message.body.items() if k != "reply_to_message"}


def inaccessible_json(chat: Chat, number: int) -> Json:
    """What stands for a message that Telegram no longer shows to the bot."""
    return {"chat": chat_json(chat), "message_id": number, "date": 0}
