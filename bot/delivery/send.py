"""Delivers what chats are owed, and records each paper once the platform has confirmed it."""

from collections.abc import Callable, Mapping, Sequence

from bot.adapters.base import Adapter, Message
from bot.formatter import cards
from bot.storage import chats, outbox, posts
from bot.storage.chats import Chat
from bot.storage.database import Database


async def send_due(database: Database, adapters: Mapping[str, Adapter], clock: Callable[[], float]) -> int:
    """Deliver all that is owed to the chats of these platforms; give the number of papers sent.

    A crash repeats at most the message in flight: a paper counts as sent as soon as the last
    message that shows it is confirmed, and is recorded before the next message goes out.
    """
    async with database.reading() as connection:
        owing = await chats.load(connection, await outbox.owing(connection))
    served = [chat for chat in owing if chat.platform in adapters]
    return sum([await _serve(database, adapters[chat.platform], chat, clock) for chat in served])


async def _serve(database: Database, adapter: Adapter, chat: Chat, clock: Callable[[], float]) -> int:
    async with database.reading() as connection:
        owed = await outbox.owed(connection, chat.id)
    sent = 0
    for digest in owed:
        async with database.reading() as connection:
            post = await posts.load(connection, digest.post_id, digest.entry_ids)
        shown = cards(post, style=chat.style, language=chat.language)
        messages = [message for card in shown for message in adapter.render(card, chat.language)]
        for message, complete in zip(messages, completed(messages), strict=True):
            await adapter.send(chat.address, message)
            await _settle(database, chat, complete, clock, state="sent")
            sent += len(complete)
        shown_papers = {paper for message in messages for paper in message.papers}
        hidden = [item.paper.arxiv_id for item in post.entries if item.paper.arxiv_id not in shown_papers]
        await _settle(database, chat, hidden, clock, state="failed")
    return sent


async def _settle(
    database: Database, chat: Chat, papers: Sequence[str], clock: Callable[[], float], *, state: str
) -> None:
    if papers:
        async with database.writing() as connection:
            await outbox.settle(connection, chat.id, papers, at=int(clock()), state=state)


def completed(messages: Sequence[Message]) -> list[list[str]]:
    """For each message, the papers that no later message shows any more."""
    last = {paper: index for index, message in enumerate(messages) for paper in message.papers}
    return [[paper for paper in last if last[paper] == index] for index in range(len(messages))]
