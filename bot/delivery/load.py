"""What chats are owed, read for many of them at once: the posts behind it, tags, what is held back."""

from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.delivery.turn import Digest
from bot.model import Post
from bot.storage import outbox, posts, rooms
from bot.storage.outbox import Owed

REMEMBERED = 64  # posts
DIGESTS = 5  # that are looked at in one turn of a chat

Key = tuple[int, tuple[int, ...]]


class Loader:
    """Reads digests, and keeps the posts that many chats are owed alike."""

    def __init__(self) -> None:
        self._posts: OrderedDict[Key, Post] = OrderedDict()

    def forget(self) -> None:
        """Drop every post: they have changed."""
        self._posts.clear()

    async def load(
        self, connection: AsyncConnection, owed: Mapping[int, Sequence[Owed]], roomy: Collection[int] = ()
    ) -> dict[int, list[Digest]]:
        """The digests of each chat's turn: what is half delivered first, then the oldest.

        `roomy` are the chats that have each digest in a room of its own.
        """
        ids = {row.arxiv_id for rows in owed.values() for row in rows}
        shared = await posts.shared(connection, ids)
        held = await outbox.held(connection, [chat for chat, rows in owed.items() if _introduces(rows)])
        about = {row.post_id for chat_id in roomy for row in owed.get(chat_id, ())}
        known = await rooms.find(connection, roomy, about) if about else {}
        found: dict[int, list[Digest]] = {}
        for chat_id, rows in owed.items():
            both = [row.arxiv_id for row in rows if row.arxiv_id in shared]
            tags = await posts.tags_of(connection, both, chat_id) if both else {}
            found[chat_id] = [
                Digest(
                    post=await self._post(connection, post_id, group),
                    rows=tuple(group),
                    held=held.get((chat_id, post_id, planned_at), 0),
                    tags={row.arxiv_id: tags[row.arxiv_id] for row in group if row.arxiv_id in tags},
                    room=known.get((chat_id, post_id), ""),
                )
                for (post_id, planned_at, _), group in _groups(rows)
            ]
        return found

    async def _post(self, connection: AsyncConnection, post_id: int, rows: Sequence[Owed]) -> Post:
        key = (post_id, tuple(row.entry_id for row in rows))
        if key not in self._posts:
            self._posts[key] = await posts.load(connection, post_id, key[1])
            if len(self._posts) > REMEMBERED:
                self._posts.popitem(last=False)
        return self._posts[key]


def _introduces(rows: Sequence[Owed]) -> bool:
    return not all(row.introduced for row in rows)


def _groups(rows: Sequence[Owed]) -> list[tuple[tuple[int, int, bool], list[Owed]]]:
    groups: dict[tuple[int, int, bool], list[Owed]] = {}
    for row in rows:
        groups.setdefault((row.post_id, row.planned_at, row.introduced), []).append(row)
    return list(groups.items())[:DIGESTS]
