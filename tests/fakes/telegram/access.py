"""Who may do what where, in the order in which the Bot API server looks at it."""

from tests.fakes.telegram.refusal import Refusal, bad, forbidden
from tests.fakes.telegram.world import GENERAL, Chat, Message, World

READ, MEMBERS, EDIT, WRITE = range(4)  # MEMBERS: read the list of members
NAMES = {"group": "group chat", "supergroup": "supergroup chat", "channel": "channel chat"}
PERMITS = {
    "text messages": "can_send_messages",
    "the rich message": "can_send_messages",
    "photos": "can_send_photos",
    "documents": "can_send_documents",
    "animations": "can_send_other_messages",
    "videos": "can_send_videos",
    "music": "can_send_audios",
}


def enter(world: World, address: object, need: int) -> Chat:
    """The chat of a `chat_id`; raises Refusal where the bot cannot do there what it needs."""
    chat = world.find(address)
    if chat.user:
        _private(chat, need)
    elif chat.kind == "group":
        _group(world, chat, need)
    else:
        _large(world, chat, need)
    return chat


def check_send(world: World, chat: Chat, what: str) -> None:
    """Raises Refusal where the bot may be in a chat but not send such messages there."""
    member = world.member(chat)
    if chat.kind == "channel" and not member.may("can_post_messages"):
        raise bad("need administrator rights in the channel chat")
    muted = chat.muted and member.status == "member"
    if muted or (member.status == "restricted" and PERMITS[what] not in member.rights):
        raise bad(f"not enough rights to send {what} to the chat")


def find_thread(chat: Chat, number: int | None) -> int | None:
    """The topic to send to; raises Refusal where there is none of that number."""
    if not number:
        return None
    if chat.kind == "private" or chat.forum:
        topic = chat.topics.get(number)
        if number == GENERAL or topic is None or topic.state == "deleted":
            raise bad("message thread not found")
        return number
    return None  # elsewhere it is ignored


def check_open(world: World, chat: Chat, thread: int | None) -> None:
    """Raises Refusal where a topic is closed and the bot does not manage topics."""
    topic = chat.topics.get(thread or GENERAL)
    if topic and topic.state == "closed" and not world.member(chat).may("can_manage_topics"):
        raise bad("TOPIC_CLOSED")


def can_edit(world: World, message: Message) -> bool:
    """Whether the bot may edit a message."""
    if message.via_bot:
        return True
    if message.chat.kind == "channel":
        member = world.member(message.chat)
        own = message.by_bot and member.may("can_post_messages")
        return own or (member.may("can_edit_messages") and message.age < 2 * 86_400)
    return message.by_bot


def can_delete(world: World, message: Message) -> bool:
    """Whether the bot may delete a message."""
    if message.age >= 2 * 86_400:
        return False
    member = world.member(message.chat)
    if message.chat.kind == "private" or member.may("can_delete_messages"):
        return True
    return message.by_bot and (message.chat.kind != "channel" or member.may("can_post_messages"))


def _private(chat: Chat, need: int) -> None:
    if chat.user.deleted and need >= EDIT:
        raise forbidden("user is deactivated")
    if not chat.user.started and need >= EDIT:
        raise forbidden("bot can't initiate conversation with a user")
    if chat.user.blocked and need >= EDIT:
        raise forbidden("bot was blocked by the user")


def _group(world: World, chat: Chat, need: int) -> None:
    if need == MEMBERS:
        need = WRITE
    if chat.moved_to and need >= WRITE:
        text = "Bad Request: group chat was upgraded to a supergroup chat"
        raise Refusal(400, text, migrate_to_chat_id=chat.moved_to)
    if chat.gone and need >= WRITE:
        raise forbidden("the group chat was deleted")
    member = world.member(chat)
    if not chat.moved_to and not chat.gone and not member.inside and need >= EDIT:
        raise _outside(chat, member.status)


def _large(world: World, chat: Chat, need: int) -> None:
    if chat.gone:
        raise bad("chat not found")
    member = world.member(chat)
    if member.status == "kicked" or (not member.inside and (need >= EDIT or not chat.username)):
        raise _outside(chat, member.status)


def _outside(chat: Chat, status: str) -> Refusal:
    if status == "kicked":
        return forbidden(f"bot was kicked from the {NAMES[chat.kind]}")
    return forbidden(f"bot is not a member of the {NAMES[chat.kind]}")
