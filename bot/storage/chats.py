"""Chats: the places that papers are brought to, and how they want them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Language, Style
from bot.storage.posts import upsert
from bot.storage.tables import chat


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """A place on a platform with its settings."""

    id: int
    platform: str
    address: str
    style: Style
    language: Language


async def follow_all(
    connection: AsyncConnection, platform: str, address: str, *, style: Style, language: Language
) -> int:
    """Have a chat that follows every tag, with these settings; give its number."""
    settings = {"style": style.value, "language": language.value, "follows_all": True}
    statement = upsert(connection, chat).values(platform=platform, address=address, **settings)
    statement = statement.on_conflict_do_update(index_elements=["platform", "address"], set_=settings)
    return int((await connection.execute(statement.returning(chat.c.id))).scalar_one())


async def load(connection: AsyncConnection, ids: Sequence[int]) -> list[Chat]:
    """The chats of these numbers, in the order of their numbers."""
    columns = (chat.c.id, chat.c.platform, chat.c.address, chat.c.style, chat.c.language)
    rows = await connection.execute(select(*columns).where(chat.c.id.in_(ids)).order_by(chat.c.id))
    return [
        Chat(
            id=row.id,
            platform=row.platform,
            address=row.address,
            style=Style(row.style),
            language=Language(row.language),
        )
        for row in rows
    ]
