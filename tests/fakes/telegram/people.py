"""What people do: they write, edit, tap buttons, ask inline."""

from itertools import count
from typing import TYPE_CHECKING, Any

from tests.fakes.telegram.journal import Event, Request
from tests.fakes.telegram.shapes import base_json, inaccessible_json, reply_json, sender_json, user_json
from tests.fakes.telegram.shown import Shown, show
from tests.fakes.telegram.text import Written, found, parse
from tests.fakes.telegram.world import Chat, Json, Message, Topic, User

if TYPE_CHECKING:
    from tests.fakes.telegram.server import Server

Sent = Message | Shown | Request | Event
_QUERIES = count(4_300_000_000_000_000_001)
_INLINE = count(1)


class People:
    """The verbs of people, each of which gives an Event to await the bot's reaction to."""

    async def say(
        self: "Server",
        where: Chat | User,
        user: User | None,
        text: str,
        *,
        topic: Topic | int | None = None,
        reply_to: Sent | None = None,
        **more: Any,
    ) -> Event:
        """Somebody writes a text; a post where it is a channel. `more` are further fields of the message."""
        entities = found(text, self.world.users)
        content = {"text": text} | ({"entities": entities} if entities else {}) | more
        return await self.post(where, user, topic=topic, reply_to=reply_to, **content)

    async def post(
        self: "Server",
        where: Chat | User,
        user: User | None,
        *,
        topic: Topic | int | None = None,
        reply_to: Sent | None = None,
        **content: Any,
    ) -> Event:
        """Somebody sends any other message: `photo=[...]`, `sticker={...}`, `new_chat_title="..."`."""
        chat = self.private(where) if isinstance(where, User) else where
        author = user or chat.user or self._owner(chat)
        thread = topic.id if isinstance(topic, Topic) else topic
        body = base_json(chat, self._sender(chat, author), thread)
        if reply_to:
            body["reply_to_message"] = reply_json(self.resolve(reply_to))
        elif "message_thread_id" in body and (root := chat.find(thread)):
            body["reply_to_message"] = reply_json(root)
        message = chat.add(Message(chat=chat, body=body | content))
        kind = "channel_post" if chat.kind == "channel" else "message"
        return self.tell(kind, message.body, chat=chat, message=message)

    async def edit(self: "Server", sent: Sent, text: str) -> Event:
        """Somebody changes the own text."""
        message = self.resolve(sent)
        entities = found(text, self.world.users)
        kept = {k: v for k, v in message.body.items() if k not in {"text", "entities"}}
        message.body = kept | {"text": text, "edit_date": message.body["date"] + 1}
        message.body |= {"entities": entities} if entities else {}
        kind = "edited_channel_post" if message.chat.kind == "channel" else "edited_message"
        return self.tell(kind, message.body, chat=message.chat, message=message)

    async def press(
        self: "Server",
        sent: Sent,
        button: str,
        user: User,
        *,
        stale: bool = False,
        inaccessible: bool = False,
    ) -> Event:
        """Somebody taps a button, named by its label or its data.

        `stale`: taps data that stands there no more, or never did; `inaccessible`: under a message so old
        that Telegram tells nothing of it but its number.
        """
        message = self.resolve(sent, standing=not stale)
        data = button
        if not stale:
            found_button = show(message, self.files).button(button)
            if found_button.data is None:
                raise AssertionError(f"button {button!r} opens {found_button.url or found_button.more}")
            data = found_button.data
        body: Json = {"id": str(next(_QUERIES)), "from": user_json(user)}
        if message.inline_id:
            body["inline_message_id"] = message.inline_id
        elif message.deleted or inaccessible:
            body["message"] = inaccessible_json(message.chat, message.id)
        else:
            body["message"] = message.body
        body |= {"chat_instance": str(message.chat.id * 7919), "data": data}
        return self.ask("callback_query", body, chat=message.chat, message=message)

    async def inline(
        self: "Server", user: User, query: str, offset: str = "", *, place: str = "sender"
    ) -> Event:
        """Somebody types `@bot query` in some chat."""
        body = {"id": str(next(_QUERIES)), "from": user_json(user), "query": query, "offset": offset}
        return self.ask("inline_query", body | {"chat_type": place})

    async def choose(self: "Server", asked: Event, index: int, where: Chat | User) -> Event:
        """Somebody posts one of the results that the bot gave to an inline query."""
        result = self.inline_results[asked.id][index]
        chat = self.private(where) if isinstance(where, User) else where
        user = self.world.users[asked.body["from"]["id"]]
        body = base_json(chat, self._sender(chat, user)) | {"via_bot": user_json(self.bot)}
        body |= self._result_content(result)
        message = Message(chat=chat, body=body, via_bot=True)
        if keyboard := result.get("reply_markup"):
            body["reply_markup"] = keyboard
            message.inline_id = f"AgAAAInline{next(_INLINE):08d}"
            self.world.inline[message.inline_id] = message
        chat.add(message)
        if self._hears(chat):
            self.updates.add("message", body)
        chosen = {"result_id": result["id"], "from": user_json(user), "query": asked.body["query"]}
        chosen |= {"inline_message_id": message.inline_id} if message.inline_id else {}
        return self.tell(
            "chosen_inline_result", chosen, chat=chat, message=message, told=self.inline_feedback
        )

    def erase(self: "Server", sent: Sent) -> None:
        """Somebody deletes a message, which no bot is told."""
        self.resolve(sent).deleted = True

    def resolve(self: "Server", sent: Sent, *, standing: bool = True) -> Message:
        """The message that is meant; raises AssertionError where it no longer stands."""
        message = self._resolve(sent)
        if standing and message.deleted:
            raise AssertionError(f"message {message.id} was deleted")
        return message

    def _resolve(self: "Server", sent: Sent) -> Message:
        if isinstance(sent, Message):
            return sent
        if isinstance(sent, Event):
            if sent.message is None:
                raise AssertionError(f"a {sent.kind} is no message")
            return sent.message
        if isinstance(sent, Shown):
            return self.world.chats[sent.chat_id].messages[sent.id]
        body = sent.result[0] if isinstance(sent.result, list) else sent.result
        if not isinstance(body, dict) or "message_id" not in body:
            raise AssertionError(f"{sent.method} gave no message but {sent.description or sent.result}")
        return self.world.chats[body["chat"]["id"]].messages[body["message_id"]]

    def _sender(self: "Server", chat: Chat, user: User) -> Json:
        if chat.user:
            if user.blocked:
                raise AssertionError(f"{user.first_name} has blocked the bot: unblock first")
            user.started = True
            return {"from": user_json(user)}
        member = chat.members.get(user.id)
        if member is None or not member.inside:
            raise AssertionError(f"{user.first_name} is not in {chat.title}")
        if chat.kind == "channel" and not member.administers:
            raise AssertionError(f"{user.first_name} cannot post in {chat.title}")
        return sender_json(chat, member, self.world.anonymous)

    def _owner(self: "Server", chat: Chat) -> User:
        return next(m.user for m in chat.members.values() if m.status == "creator")

    def _result_content(self: "Server", result: Json) -> Json:
        content = result.get("input_message_content") or {}
        if "message_text" in content:
            written = self._written(content, "message_text", "entities")
            named = {"text": written.text, "entities": written.entities}
            named["link_preview_options"] = content.get("link_preview_options")
            return {k: v for k, v in named.items() if v}
        if result["type"] == "photo" and "photo_url" in result:
            file = self.files.link(result["photo_url"], "photo")
            written = self._written(result, "caption", "caption_entities")
            return file.told() | ({"caption": written.text} if written.text else {})
        return {"text": result.get("title") or result["id"]}

    def _written(self: "Server", told: Json, text: str, entities: str) -> Written:
        return parse(told.get(text) or "", told.get("parse_mode"), told.get(entities), self.world.users)
