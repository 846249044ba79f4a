"""Who comes, goes and rises: chats and what people and the bot are in them."""

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from tests.fakes.telegram.journal import Event
from tests.fakes.telegram.shapes import (
    EVERYWHERE,
    OF_CHANNELS,
    OF_GROUPS,
    base_json,
    chat_json,
    member_json,
    user_json,
)
from tests.fakes.telegram.world import GENERAL, Chat, Json, Member, Message, Topic, User

if TYPE_CHECKING:
    from tests.fakes.telegram.server import Server

ICON = 0x6FB9F0


class Members:
    """The verbs that make chats and change what somebody is in them."""

    def user(self: "Server", first_name: str = "Anna", *, id: int | None = None, **known: Any) -> User:
        """A person; English, and in a private chat with the bot, unless told otherwise."""
        known.setdefault("language_code", "en")
        user = User(id=id or self.world.new_person(), first_name=first_name, **known)
        self.world.users[user.id] = user
        self.private(user)
        return user

    def private(self: "Server", user: User) -> Chat:
        """The chat of a person with the bot."""
        chats = self.world.chats
        return chats.setdefault(user.id, Chat(id=user.id, kind="private", user=user))

    def group(
        self: "Server",
        title: str = "Readers",
        *,
        creator: User | None = None,
        members: Iterable[User] = (),
        kind: str = "supergroup",
        bot: str | None = "member",
        rights: Iterable[str] | None = None,
        **known: Any,
    ) -> Chat:
        """A group with people in it, and the bot (`bot` its status; None: not yet)."""
        chat = Chat(id=self.world.new_chat(kind), kind=kind, title=title, **known)
        self.world.chats[chat.id] = chat
        self._enrol(chat, creator or self.user("Olga"), "creator", ())
        for user in members:
            self._enrol(chat, user, "member", ())
        if bot:
            self._enrol(chat, self.bot, bot, self._rights(chat, rights) if bot == "administrator" else ())
        if chat.forum:
            chat.topics[GENERAL] = Topic(id=GENERAL, name="General")
            chat.last = max(chat.last, GENERAL)
        return chat

    def channel(
        self: "Server", title: str = "News", *, bot: str | None = "administrator", **known: Any
    ) -> Chat:
        """A channel, with the bot as an administrator of all rights unless told otherwise."""
        return self.group(title, kind="channel", bot=bot, **known)

    def topic(self: "Server", chat: Chat, name: str) -> Topic:
        """A topic of a forum."""
        owner = self._owner(chat)
        body = base_json(chat, {"from": user_json(owner)})
        body |= {"message_thread_id": body["message_id"], "is_topic_message": True}
        body["forum_topic_created"] = {"name": name, "icon_color": ICON}
        chat.add(Message(chat=chat, body=body))
        topic = chat.topics[body["message_id"]] = Topic(id=body["message_id"], name=name)
        return topic

    async def close_topic(self: "Server", chat: Chat, topic: Topic) -> Event:
        """Nobody but those who manage topics may write there any more."""
        topic.state = "closed"
        return await self.post(chat, None, topic=topic, forum_topic_closed={})

    async def reopen_topic(self: "Server", chat: Chat, topic: Topic) -> Event:
        """All may write there again."""
        topic.state = "open"
        return await self.post(chat, None, topic=topic, forum_topic_reopened={})

    def delete_topic(self: "Server", chat: Chat, topic: Topic) -> None:
        """A topic goes, with all that stands there; no bot is told."""
        topic.state = "deleted"
        for message in chat.messages.values():
            message.deleted = message.deleted or message.thread == topic.id

    def enrol(self: "Server", chat: Chat, user: User, status: str = "member", **known: Any) -> Member:
        """Make somebody something in a chat without a word; `rights`, `anonymous`, `title` as of a Member."""
        rights = known.pop("rights", None)
        given = self._rights(chat, rights) if status == "administrator" else frozenset(rights or ())
        return self._enrol(chat, user, status, given, **known)

    async def join(self: "Server", chat: Chat, user: User) -> Event:
        """Somebody comes into a group."""
        self._change(chat, user, "member", by=user)
        return await self.post(chat, user, new_chat_members=[user_json(user)])

    async def leave(self: "Server", chat: Chat, user: User) -> Event:
        """Somebody goes out of a group."""
        event = await self.post(chat, user, left_chat_member=user_json(user))
        self._change(chat, user, "left", by=user)
        return event

    async def block(self: "Server", user: User) -> Event:
        """A person wants no more from the bot."""
        user.blocked = True
        return self._private_change(user, "member", "kicked")

    async def unblock(self: "Server", user: User) -> Event:
        """A person wants to hear from the bot again."""
        user.blocked = False
        return self._private_change(user, "kicked", "member")

    async def kick_bot(self: "Server", chat: Chat, by: User | None = None) -> Event:
        """The bot is thrown out for good."""
        return self.change_bot(chat, "kicked", by=by or self._owner(chat))

    async def remove_bot(self: "Server", chat: Chat, by: User | None = None) -> Event:
        """The bot is taken out, and may come back."""
        return self.change_bot(chat, "left", by=by or self._owner(chat))

    async def add_bot(self: "Server", chat: Chat, by: User | None = None) -> Event:
        """The bot is brought into a group; what it became is told first, then who came."""
        author = by or self._owner(chat)
        event = self.change_bot(chat, "member", by=author)
        await self.post(chat, author, new_chat_members=[user_json(self.bot)])
        return event

    async def promote_bot(self: "Server", chat: Chat, *, rights: Iterable[str] | None = None) -> Event:
        """The bot becomes an administrator, with all rights or those named."""
        return self.change_bot(chat, "administrator", by=self._owner(chat), rights=self._rights(chat, rights))

    async def demote_bot(self: "Server", chat: Chat) -> Event:
        """The bot is an administrator no more: a member of a group, out of a channel."""
        return self.change_bot(chat, "left" if chat.kind == "channel" else "member", by=self._owner(chat))

    async def restrict_bot(self: "Server", chat: Chat, permits: Iterable[str] = ()) -> Event:
        """The bot may only do what is named (`can_send_messages`, ...)."""
        return self.change_bot(chat, "restricted", by=self._owner(chat), rights=frozenset(permits))

    async def migrate(self: "Server", chat: Chat) -> Event:
        """A group becomes a supergroup; the event's chat is the new one, and it answers for both."""
        new = Chat(id=self.world.new_chat("supergroup"), kind="supergroup", title=chat.title)
        new.members = {member.user.id: member for member in chat.members.values()}
        self.world.chats[new.id] = new
        owner = self._owner(chat)
        await self.post(chat, owner, migrate_to_chat_id=new.id)
        event = await self.post(new, owner, migrate_from_chat_id=chat.id)
        chat.moved_to = new.id
        return event

    def change_bot(
        self: "Server", chat: Chat, status: str, *, by: User, rights: frozenset[str] = frozenset()
    ) -> Event:
        """The bot becomes something else in a chat, and is told so."""
        return self._change(chat, self.bot, status, by=by, rights=rights)

    def _change(
        self: "Server", chat: Chat, user: User, status: str, *, by: User, rights: frozenset[str] = frozenset()
    ) -> Event:
        old = chat.members.get(user.id) or Member(user=user, status="left")
        new = self._enrol(chat, user, status, rights)
        kind = "my_chat_member" if user is self.bot else "chat_member"
        body = _update(chat, by, member_json(old, chat), member_json(new, chat))
        heard = user is self.bot or self.world.member(chat).administers
        return self.tell(kind, body, chat=chat, told=heard)

    def _private_change(self: "Server", user: User, old: str, new: str) -> Event:
        chat = self.private(user)
        members = [member_json(Member(user=self.bot, status=status), chat) for status in (old, new)]
        return self.tell("my_chat_member", _update(chat, user, *members), chat=chat, told=True)

    def _enrol(
        self: "Server", chat: Chat, user: User, status: str, rights: Iterable[str], **known: Any
    ) -> Member:
        member = Member(user=user, status=status, rights=frozenset(rights), **known)
        chat.members[user.id] = member
        return member

    def _rights(self: "Server", chat: Chat, rights: Iterable[str] | None) -> frozenset[str]:
        every = EVERYWHERE + (OF_CHANNELS if chat.kind == "channel" else OF_GROUPS)
        if rights is None:
            return frozenset(every)
        if unknown := set(rights) - set(every):
            raise AssertionError(f"there is no right {min(unknown)} in a {chat.kind}")
        return frozenset(rights) | {"can_manage_chat"}


def _update(chat: Chat, by: User, old: Json, new: Json) -> Json:
    told = {"chat": chat_json(chat), "from": user_json(by), "date": int(time.time())}
    return told | {"old_chat_member": old, "new_chat_member": new}
