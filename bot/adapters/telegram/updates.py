"""What came in from Telegram, as what it means: somebody asked, a chat came, went or moved.

Pure: an update in, a value out. Whatever an update holds, reading it raises nothing.
"""

import re
from dataclasses import dataclass

from telegram import CallbackQuery, Chat, ChatMemberUpdated, Message, Update, User
from telegram.constants import ChatMemberStatus, ChatType

from bot.commands.base import Place, Where
from bot.model import Language

TEXT = 1000  # characters of what is asked that are looked at

_COMMAND = re.compile(r"/(\w{1,64})(?:@(\w{1,64}))?(?:\s+(.*))?", re.DOTALL)
_WHERE = {ChatType.PRIVATE: Where.PRIVATE, ChatType.CHANNEL: Where.CHANNEL}
_OUT = {ChatMemberStatus.LEFT, ChatMemberStatus.BANNED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A person asked something."""

    chat: int  # that the answer goes to
    thread: int | None
    message: int | None  # that is answered; of a button: the one that it is on
    place: Place
    person: str
    word: str  # empty: no command, only words
    text: str
    hint: Language
    pressed: str | None = None  # the number of the press, to be answered
    inline: str | None = None  # the inline message that the button is on
    unsure: bool = False  # the message is too old to tell in which topic of the chat it is

    @property
    def line(self) -> str:
        """Whose updates are answered one after the other."""
        return str(self.chat)


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """The bot can speak in a chat (again)."""

    address: str

    @property
    def line(self) -> str:
        return self.address


@dataclass(frozen=True, slots=True, kw_only=True)
class Went:
    """The bot can no longer speak in a chat."""

    address: str
    reason: str

    @property
    def line(self) -> str:
        return self.address


@dataclass(frozen=True, slots=True, kw_only=True)
class Relocated:
    """A group became a supergroup."""

    old: str
    new: str

    @property
    def line(self) -> str:
        return self.old


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """A person looks for papers from within any chat, in inline mode."""

    number: str  # of the question, to be answered
    person: str
    text: str
    offset: str
    hint: Language

    @property
    def line(self) -> str:
        return f"inline {self.person}"


News = Asked | Came | Went | Relocated | Looked


def read(update: Update, me: User) -> News | None:
    """What an update means for the bot; None: nothing."""
    if update.message:
        return _message(update.message, me)
    if update.callback_query:
        return _press(update.callback_query)
    if update.inline_query:
        query = update.inline_query
        return Looked(
            number=query.id, person=str(query.from_user.id), text=query.query.strip(),
            offset=query.offset, hint=hint(query.from_user),
        )  # fmt: skip
    if update.my_chat_member:
        return _member(update.my_chat_member)
    return None  # edited, posted by channels, or of a kind that is not asked for


def address(chat: int, thread: int | None) -> str:
    """The address that a chat, or a topic of it, is kept by."""
    return f"{chat}/{thread}" if thread else str(chat)


def hint(user: User | None) -> Language:
    """What a person reads."""
    return Language.ZH if user and (user.language_code or "").lower().startswith("zh") else Language.EN


def _message(message: Message, me: User) -> News | None:
    if message.migrate_to_chat_id:
        return Relocated(old=str(message.chat.id), new=str(message.migrate_to_chat_id))
    text = message.text
    if not text or (message.via_bot and message.via_bot.id == me.id):
        return None
    found = _COMMAND.fullmatch(text[:TEXT].strip())
    if found and found[2] and found[2].lower() != (me.username or "").lower():
        return None  # for another bot
    if not found and message.chat.type != ChatType.PRIVATE:
        return None  # people talk to each other
    thread = message.message_thread_id if message.is_topic_message else None
    return Asked(
        chat=message.chat.id,
        thread=thread,
        message=message.message_id,
        place=_place(message.chat, thread),
        person=_person(message),
        word=found[1].lower() if found else "",
        text=(found[3] or "").strip() if found else text[:TEXT].strip(),
        hint=hint(message.from_user),
    )


def _press(query: CallbackQuery) -> Asked:
    word, _, text = (query.data or "").partition(":")
    message = query.message
    chat = message.chat if message else None
    full = message if isinstance(message, Message) and message.is_accessible else None
    thread = full.message_thread_id if full and full.is_topic_message else None
    # A message of inline mode stands where the bot may not be: its presses are of the person alone.
    place = _place(chat, thread) if chat else Place(address=str(query.from_user.id))
    return Asked(
        chat=chat.id if chat else query.from_user.id,
        thread=thread,
        message=message.message_id if message else None,
        place=place,
        person=str(query.from_user.id),
        word=word,
        text=text,
        hint=hint(query.from_user),
        pressed=query.id,
        inline=query.inline_message_id,
        unsure=bool(chat and chat.is_forum and not full),
    )


def _member(change: ChatMemberUpdated) -> News | None:
    where = str(change.chat.id)
    was_out, is_out = (member.status in _OUT for member in (change.old_chat_member, change.new_chat_member))
    if is_out:
        blocked = change.chat.type == ChatType.PRIVATE
        return Went(address=where, reason="the person blocked the bot" if blocked else "the bot was removed")
    may_post = getattr(change.new_chat_member, "can_post_messages", None)
    if change.chat.type == ChatType.CHANNEL and may_post is False:
        return Went(address=where, reason="the bot may not post in the channel")
    return Came(address=where) if was_out or change.chat.type == ChatType.CHANNEL else None


def _place(chat: Chat, thread: int | None) -> Place:
    title = f"@{chat.username}" if chat.username and chat.type != ChatType.PRIVATE else chat.title or ""
    where = _WHERE.get(ChatType(chat.type), Where.GROUP) if chat.type in list(ChatType) else Where.GROUP
    return Place(address=address(chat.id, thread), where=where, title=title)


def _person(message: Message) -> str:
    """Who asked; empty for an administrator who shows as the group itself."""
    if message.sender_chat:
        return "" if message.sender_chat.id == message.chat.id else str(message.sender_chat.id)
    return str(message.from_user.id) if message.from_user else ""
