"""Inline mode: `@bot words` in any chat finds papers and posts their cards."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

from telegram.error import BadRequest
from telegram.ext import ExtBot

from bot.adapters.telegram.call import call
from bot.adapters.telegram.render import keyboard, render
from bot.adapters.telegram.updates import Looked
from bot.commands.base import Found, Sought

_OFFSET = re.compile(r"\d{1,6}", re.ASCII)

KEPT = 30  # seconds for which Telegram may give the same answer again

Look = Callable[[Sought], Awaitable[Found]]


async def answer(bot: ExtBot[Any], look: Look, looked: Looked) -> None:
    """Answer with the papers that were found, their cards ready to be posted."""
    offset = int(looked.offset) if _OFFSET.fullmatch(looked.offset) else 0
    found = await look(Sought(text=looked.text, offset=offset, language=looked.hint))
    results = []
    for item in found.papers:
        message = render(item.card, looked.hint)[0].request["params"]
        content = {
            "message_text": message["text"],
            "parse_mode": message["parse_mode"],
            "link_preview_options": message["link_preview_options"],
        }
        results.append(
            {
                "type": "article",
                "id": item.arxiv_id,
                "title": item.title[:200] or item.arxiv_id,
                "description": item.gist[:200],
                "input_message_content": content,
                "reply_markup": {"inline_keyboard": keyboard(item.card)},
            }
        )
    params = {
        "inline_query_id": looked.number,
        "results": results,
        "cache_time": KEPT,
        "is_personal": True,
        "next_offset": str(found.following) if found.following else "",
    }
    try:
        await call(bot, "answerInlineQuery", params)
    except BadRequest as exc:
        if "query is too old" not in exc.message.casefold():
            raise
