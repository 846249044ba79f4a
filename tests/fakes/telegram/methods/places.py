"""Chats, their members and topics."""

from typing import TYPE_CHECKING

from tests.fakes.telegram.access import MEMBERS, READ, WRITE, enter
from tests.fakes.telegram.journal import Request
from tests.fakes.telegram.refusal import bad
from tests.fakes.telegram.shapes import full_chat_json, member_json
from tests.fakes.telegram.world import Chat, Json, Member

if TYPE_CHECKING:
    from tests.fakes.telegram.server import Server

ICON = 0x6FB9F0


def get_chat(server: "Server", request: Request) -> Json:
    """All that is known of a chat."""
    return full_chat_json(enter(server.world, request.params.get("chat_id", ""), READ))


def get_member(server: "Server", request: Request) -> Json:
    """What somebody is in a chat."""
    number = request.params.get("user_id") or 0
    if number <= 0:
        raise bad("invalid user_id specified")
    chat = enter(
        server.world, request.params.get("chat_id", ""), READ if number == server.bot.id else MEMBERS
    )
    user = server.world.users.get(number)
    if user is None:
        raise bad("member not found")
    _check_list(server, chat)
    if chat.user:
        if user not in (chat.user, server.bot):
            raise bad("member not found")
        return member_json(Member(user=user), chat)
    return member_json(chat.members.get(number) or Member(user=user, status="left"), chat)


def get_administrators(server: "Server", request: Request) -> list[Json]:
    """The creator and the administrators, other bots left out."""
    chat = enter(server.world, request.params.get("chat_id", ""), MEMBERS)
    if chat.user:
        raise bad("there are no administrators in the private chat")
    _check_list(server, chat)
    shown = (m for m in chat.members.values() if not m.user.is_bot or m.user is server.bot)
    return [member_json(m, chat) for m in shown if m.administers]


def count_members(server: "Server", request: Request) -> int:
    """How many there are."""
    chat = enter(server.world, request.params.get("chat_id", ""), MEMBERS)
    return 2 if chat.user else sum(m.inside for m in chat.members.values())


def leave(server: "Server", request: Request) -> bool:
    """Go out of a chat."""
    chat = enter(server.world, request.params.get("chat_id", ""), READ)
    if chat.user:
        raise bad("can't leave private chats")
    member = server.world.member(chat)
    if member.inside:
        server.change_bot(chat, "left", by=server.bot)
    return True


def create_topic(server: "Server", request: Request) -> Json:
    """A new topic of a forum."""
    chat = _forum(server, request)
    name = request.params.get("name") or ""
    if not 1 <= len(name) <= 128:
        raise bad("TOPIC_TITLE_EMPTY")
    topic = server.topic(chat, name)
    return {"message_thread_id": topic.id, "name": name, "icon_color": ICON}


def close_topic(server: "Server", request: Request) -> bool:
    """Let nobody but administrators write there."""
    return _turn(server, request, "closed")


def reopen_topic(server: "Server", request: Request) -> bool:
    """Let everybody write there again."""
    return _turn(server, request, "open")


def delete_topic(server: "Server", request: Request) -> bool:
    """Take a topic away with its messages."""
    return _turn(server, request, "deleted")


def _turn(server: "Server", request: Request, state: str) -> bool:
    chat = _forum(server, request)
    topic = chat.topics.get(request.params.get("message_thread_id") or 0)
    if topic is None or topic.state == "deleted":
        raise bad("TOPIC_ID_INVALID")
    if topic.state == state:
        raise bad("TOPIC_NOT_MODIFIED")
    if state == "deleted":
        server.delete_topic(chat, topic)
    topic.state = state
    return True


def _forum(server: "Server", request: Request) -> Chat:
    chat = enter(server.world, request.params.get("chat_id", ""), WRITE)
    if not chat.forum:
        raise bad("the chat is not a forum")
    if not server.world.member(chat).may("can_manage_topics"):
        raise bad("not enough rights to create a topic")
    return chat


def _check_list(server: "Server", chat: Chat) -> None:
    if chat.kind == "channel" and not server.world.member(chat).administers:
        raise bad("member list is inaccessible")
