"""Who and what there is: people, chats, topics, messages."""

import time
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from tests.fakes.telegram.refusal import bad

GENERAL = 1  # the topic that every forum has; its messages carry no thread
ANONYMOUS = 1087968824  # @GroupAnonymousBot, whom administrators without a face speak through

Json = dict[str, Any]


@dataclass(slots=True, kw_only=True, eq=False)
class User:
    """A person, or the bot."""

    id: int
    first_name: str
    last_name: str | None = None
    username: str | None = None
    language_code: str | None = None
    is_bot: bool = False
    started: bool = True  # has opened a private chat with the bot
    blocked: bool = False  # has blocked the bot
    deleted: bool = False  # has deleted the account


@dataclass(slots=True, kw_only=True, eq=False)
class Member:
    """What somebody is in a chat."""

    user: User
    status: str = "member"  # creator, administrator, member, restricted, left, kicked
    rights: frozenset[str] = frozenset()  # of an administrator, or what a restricted one may still do
    anonymous: bool = False
    title: str | None = None

    @property
    def inside(self) -> bool:
        return self.status not in {"left", "kicked"}

    @property
    def administers(self) -> bool:
        return self.status in {"creator", "administrator"}

    def may(self, right: str) -> bool:
        """Whether the member has a right of administrators."""
        return self.status == "creator" or (self.status == "administrator" and right in self.rights)


@dataclass(slots=True, kw_only=True, eq=False)
class Topic:
    """A thread of a forum; its id is that of the message that began it."""

    id: int
    name: str
    state: str = "open"  # open, closed, deleted


@dataclass(slots=True, kw_only=True, eq=False)
class Message:
    """A message as it stands now; `body` is what Telegram gives of it."""

    chat: "Chat"
    body: Json
    by_bot: bool = False
    deleted: bool = False
    silent: bool = False
    rich: Json | None = None  # the rich message as it was sent
    via_bot: bool = False
    inline_id: str | None = None

    @property
    def id(self) -> int:
        return self.body["message_id"]

    @property
    def thread(self) -> int | None:
        return self.body.get("message_thread_id")

    @property
    def age(self) -> float:
        """Seconds."""
        return time.time() - self.body["date"]


@dataclass(slots=True, kw_only=True, eq=False)
class Chat:
    """A place where messages stand."""

    id: int
    kind: str  # private, group, supergroup, channel
    title: str | None = None
    username: str | None = None
    user: User | None = None  # the other side of a private chat
    forum: bool = False
    signed: bool = False  # posts of a channel carry their author's name
    members: dict[int, Member] = field(default_factory=dict)
    topics: dict[int, Topic] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict)
    moved_to: int | None = None
    gone: bool = False  # deleted by its owner
    muted: bool = False  # only administrators may write
    last: int = 0  # the highest message id so far

    def new_id(self) -> int:
        """The id of the next message."""
        self.last += 1
        return self.last

    def add(self, message: Message) -> Message:
        """Keep a message."""
        self.messages[message.id] = message
        return message

    def find(self, number: int | None) -> Message | None:
        """A message that still stands."""
        message = self.messages.get(number or 0)
        return None if message is None or message.deleted else message


class World:
    """Everybody and every place, by id and by name."""

    def __init__(self, bot: User) -> None:
        self.bot = bot
        self.users = {bot.id: bot}
        self.chats: dict[int, Chat] = {}
        self.inline: dict[str, Message] = {}  # messages that the bot wrote through a person
        self.anonymous = User(
            id=ANONYMOUS, first_name="Group", username="GroupAnonymousBot", is_bot=True, started=False
        )
        self._people = count(1001)
        self._groups = count(5001)
        self._large = count(1_000_000_001)

    def find(self, address: Any) -> Chat:
        """The chat of a `chat_id`; raises Refusal where there is none."""
        if isinstance(address, str):
            if not address:
                raise bad("chat_id is empty")
            chat = self._named(address)
        else:
            chat = self.chats.get(address)
        if chat is None:
            raise bad("chat not found")
        return chat

    def member(self, chat: Chat) -> Member:
        """What the bot is in a chat."""
        return chat.members.get(self.bot.id) or Member(user=self.bot, status="left")

    def new_person(self) -> int:
        """An id that nobody has."""
        return next(self._people)

    def new_chat(self, kind: str) -> int:
        """An id that no chat of that kind has."""
        if kind == "group":
            return -next(self._groups)
        return -1_000_000_000_000 - next(self._large)

    def _named(self, address: str) -> Chat | None:
        if address.lstrip("-").isdecimal():
            return self.chats.get(int(address))
        if address[0] != "@":
            return None
        name = address.removeprefix("@").casefold()
        public = (c for c in self.chats.values() if c.kind in {"supergroup", "channel"} and c.username)
        return next((c for c in public if c.username and c.username.casefold() == name), None)
