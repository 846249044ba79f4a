"""The rooms that digests have for themselves in chats: posts of a forum, threads."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.posts import upsert
from bot.storage.tables import chat, post, room


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """Where what is owed of a post goes in a chat."""

    chat_id: int
    post_id: int
    address: str


async def find(
    connection: AsyncConnection, chat_ids: Collection[int], post_ids: Collection[int]
) -> dict[tuple[int, int], str]:
    """The addresses of rooms that are known, by chat and post."""
    known = select(room.c.chat_id, room.c.post_id, room.c.address)
    rows = await connection.execute(known.where(room.c.chat_id.in_(chat_ids), room.c.post_id.in_(post_ids)))
    return {(row.chat_id, row.post_id): row.address for row in rows}


async def keep(connection: AsyncConnection, made: Iterable[Room], *, holder: str) -> None:
    """Write rooms down, as far as the holder still has their chats: another one knows better."""
    rows = [
        {"its_chat": item.chat_id, "its_post": item.post_id, "its_address": item.address} for item in made
    ]
    if not rows:
        return
    address = bindparam("its_address", type_=room.c.address.type)
    both = chat.join(post, post.c.id == bindparam("its_post"))
    there = select(chat.c.id, post.c.id, address).select_from(both)
    there = there.where(chat.c.id == bindparam("its_chat"), chat.c.leased_by == holder)
    statement = upsert(connection, room).from_select(["chat_id", "post_id", "address"], there)
    statement = statement.on_conflict_do_update(
        index_elements=["chat_id", "post_id"], set_={"address": statement.excluded.address}
    )
    await connection.execute(statement, rows)
