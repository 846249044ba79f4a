"""People who see what they are answered: every reply is judged as each platform would show it."""

import datetime as dt

from bot.adapters.discord.render import render as on_discord
from bot.adapters.telegram.render import render as on_telegram
from bot.model import Tag
from bot.slugs import slug
from bot.storage import posts
from tests import discord_oracle, oracles
from tests.builders import post
from tests.commands.asking import Asker, text

TODAY = dt.date(2026, 11, 18)


class Seer(Asker):
    """A person whose every answer is one that platforms take, or a few words beside the button."""

    async def __call__(self, line):
        return self._seen(await super().__call__(line))

    async def press(self, button):
        return self._seen(await super().press(button))

    def _seen(self, reply):
        assert text(reply) or reply.figures or reply.file or not reply.cards
        assert len(reply.toast) <= 200
        for card in reply.cards:
            for message in on_telegram(card, reply.language):
                _judge_telegram(message.request["method"], message.request["params"])
            for message in on_discord(card, reply.language):
                assert discord_oracle.refusals(message.request["json"]) == []
            for row in card.keys:
                assert all(len(button.data.encode()) <= 64 for button in row if button.action), row
        return reply


def _judge_telegram(method, params):
    if "text" in params:
        seen = oracles.read(params["text"])
        assert 0 < seen.units <= 4096
    if oracles.SHARED:
        assert oracles.refused(method, params) == []


async def publish(database, *names, papers=("2003.08934",), date=TODAY, address=None, source="blog", **given):
    """A digest of a day under these tags; its number."""
    tags = tuple(Tag(name=name, slug=slug(name)) for name in names)
    where = address or f"{date}/{names[0] if names else 'none'}.md"
    made = post(*papers, tags=tags, date=date, heading_date=date, address=where, **given)
    async with database.writing() as connection:
        return await posts.add(connection, source, made, at=1)
