"""Papers in the database, found by words."""

from collections.abc import Iterator

from bot.config import Config
from bot.latex import readable
from bot.storage.database import open_existing
from bot.storage.search import Found, search


async def find(config: Config, query: str, *, limit: int) -> Found:
    """The papers that hold every word of the query, best first.

    Raises:
        StorageError: there is no database yet, or it cannot be used.
    """
    database = await open_existing(config.database.get_secret_value())
    try:
        async with database.reading() as connection:
            return await search(connection, query, limit=limit)
    finally:
        await database.close()


def lines(found: Found) -> Iterator[str]:
    """What was found, for people."""
    for hit in found.papers:
        yield f"{hit.date}  {hit.arxiv_id:<11} {readable(hit.title)}"
    shown = len(found.papers)
    if found.more:
        yield f"more than {found.total} found, {shown} shown"
    else:
        yield f"{found.total} found" + (f", {found.total - shown} not shown" if found.total > shown else "")
