"""A database with digests to read, and what judges the replies that are shown of them."""

import datetime as dt

from sqlalchemy import insert, select

from bot.adapters.discord.render import render as discord
from bot.adapters.telegram.render import render as telegram
from bot.formatter.card import Button
from bot.model import Format, Language, Note, Tag
from bot.slugs import key, slug
from bot.storage import posts
from bot.storage.tables import chat, subscription
from bot.storage.tables import entry as entry_table
from bot.storage.tables import tag as tag_table
from tests import discord_oracle, oracles
from tests.builders import entry, paper, post
from tests.commands.asking import buttons

NERF = key("nerf")
FIGURE = "https://picx.example.org/v2-0123456789abcdef0123456789abcdef.jpg"
LONG_NOTE = Note(text="## Method\n\n" + "Each step is told at length. " * 400, format=Format.MARKDOWN)


def day(number: int, month: int = 11, year: int = 2026) -> dt.date:
    return dt.date(year, month, number)


def digest(date: dt.date, *entries, tags=("NeRF",), **given):
    """A post of that day under those tags."""
    values = {
        "address": f"{date}/{tags[0]}.md",
        "url": f"https://blog.example.org/{date}/",
        "title": tags[0],
        "date": date,
        "heading_date": date,
        "tags": tuple(Tag(name=name, slug=slug(name)) for name in tags),
    }
    return post(*entries, **(values | given))


def ids(month: int, number: int) -> list[str]:
    """So many arXiv ids."""
    return [f"26{month:02}.{at:05}" for at in range(1, number + 1)]


async def put(database, *digests, source: str = "blog") -> None:
    """Keep the posts."""
    async with database.writing() as connection:
        for read in digests:
            await posts.add(connection, source, read, at=1)


async def entry_ids(connection) -> dict[str, int]:
    """The number of the newest entry of each paper."""
    rows = await connection.execute(
        select(entry_table.c.arxiv_id, entry_table.c.id).order_by(entry_table.c.id)
    )
    return {row.arxiv_id: row.id for row in rows}


async def tag_ids(connection) -> dict[str, int]:
    rows = await connection.execute(select(tag_table.c.slug, tag_table.c.id))
    return {row.slug: row.id for row in rows}


async def follow(database, *slugs, address="7", every=False, **settings):
    """A chat that follows these tags."""
    values = {"platform": "telegram", "address": address, "style": "cards", "language": "en"}
    async with database.writing() as connection:
        row = values | {"follows_all": every} | settings
        chat_id = (await connection.execute(insert(chat).values(row).returning(chat.c.id))).scalar_one()
        known = await tag_ids(connection)
        for each in slugs:
            await connection.execute(insert(subscription).values(chat_id=chat_id, tag_id=known[each]))
    return chat_id


def numbered(reply) -> list[str]:
    return [label for label in buttons(reply) if label.isdigit()]


def back(reply) -> Button:
    return buttons(reply)["‹ Back"]


def check(reply, language=Language.EN) -> None:
    """Both platforms would take what shows the reply, and a page that is turned is one message."""
    assert len(reply.toast) <= 200
    for card in reply.cards:
        for button in (button for row in (card.buttons, *card.keys) for button in row):
            assert button.label.strip()
            assert button.url or len(button.data.encode()) <= 64, button
        shown = telegram(card, language)
        assert shown
        if reply.edit and reply.page is None:
            assert len(shown) == len(discord(card, language)) == 1
        for message in shown:
            seen = oracles.read(message.request["params"]["text"])
            assert 0 < seen.units <= 4096
            assert len(seen.marked) + len(seen.found) <= 100
            if oracles.SHARED:
                assert oracles.refused("sendMessage", message.request["params"]) == []
        for message in discord(card, language):
            assert discord_oracle.refusals(message.request["json"]) == []


__all__ = [
    "FIGURE",
    "LONG_NOTE",
    "NERF",
    "back",
    "check",
    "day",
    "digest",
    "entry",
    "follow",
    "ids",
    "numbered",
    "paper",
    "put",
]
