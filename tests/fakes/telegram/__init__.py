"""A Bot API server of the project's own, for the real python-telegram-bot to speak to.

async with Server() as server:
    anna = server.user("Anna")
    event = await server.say(anna, anna, "/start")
    reply = await server.answer_to(event)
    assert server.shown(anna)[-1].text.startswith("Welcome")

It has a world of its own (`user`, `group`, `channel`, `topic`, `enrol`), people who act in it (`say`, `post`,
`edit`, `erase`, `press`, `inline`, `choose`, `join`, `leave`, `block`, `kick_bot`, `promote_bot`, `migrate`,
...), a look at what they see (`shown`, `menu`), a record of what the bot asked (`requests`, `asked`,
`wait_for`, `answer_to`, `silence_after`), and trouble on demand (`fail`, `cut`, `delay`, `garble`, `heal`,
`strict_pace`). Refusals are in the words of Telegram's own server; what only this one minds (fields that no
method has, say) is called "strict" and noted in `complaints`.
"""

from tests.fakes.telegram.journal import Event, Request
from tests.fakes.telegram.pace import Rules, Violation
from tests.fakes.telegram.server import Server
from tests.fakes.telegram.shown import Button, Shown
from tests.fakes.telegram.world import Chat, Member, Message, Topic, User

__all__ = [
    "Button",
    "Chat",
    "Event",
    "Member",
    "Message",
    "Request",
    "Rules",
    "Server",
    "Shown",
    "Topic",
    "User",
    "Violation",
]
