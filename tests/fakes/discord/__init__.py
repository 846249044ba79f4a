"""A Discord of the project's own, for the real discord.py to speak to.

async with Server() as server:
    ada = server.user("Ada")
    papers = server.text(server.guild("Lab", members=[ada]))
    event = await server.slash(papers, ada, "latest", tags="NeRF")
    reply = await server.answer_to(event)
    assert "NeRF" in server.shown(papers, ada)[-1].text

It has a REST API (`url`, `base_url`, `token`) and a gateway (`gateway_url`), a world of its own (`user`,
`guild`, `text`, `news`, `voice`, `forum`, `thread`, `group`, `member`, `role`, `permit`, `forbid`, `lock`,
`archive`, `delete`, `kick`, `invite`, `ban_dms`, ...), people who act in it (`slash`, `press`, `select`,
`autocomplete`), a look at what they see (`shown`, `menu`), a record of what the bot asked (`requests`,
`asked`, `wait_for`, `answer_to`, `heard`), and trouble on demand (`fail`, `cut`, `delay`, `garble`, `heal`,
`strict_pace`; `close_gateway`, `open_gateway`, `gateway.reconnect/invalidate/close/cut`, and what it is set
to: `refusing`, `silent`, `failing`, `limit`). Refusals have Discord's numbers and words; what only this one
minds (fields that no request has, say) is called "strict" and noted in `complaints`. `driven` has the real
library on such a server.
"""

from tests.fakes.discord.buckets import Rules, Violation
from tests.fakes.discord.journal import Event, Request
from tests.fakes.discord.server import Server
from tests.fakes.discord.shown import Button, Shown
from tests.fakes.discord.world import Channel, Guild, Member, Message, Role, User

__all__ = [
    "Button",
    "Channel",
    "Event",
    "Guild",
    "Member",
    "Message",
    "Request",
    "Role",
    "Rules",
    "Server",
    "Shown",
    "User",
    "Violation",
]
