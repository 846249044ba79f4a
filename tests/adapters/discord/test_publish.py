"""When announcements are published: not while too much was refused."""

import asyncio

from bot.adapters.discord.api import Line
from bot.adapters.discord.publish import Publisher
from bot.adapters.discord.toll import Toll
from tests.adapters.discord.peer import listen

CROSSPOST = "POST /channels/7/messages/1/crosspost"


async def test_publishing_waits_while_too_much_was_refused_and_goes_on_then(monkeypatch):
    monkeypatch.setattr("bot.adapters.discord.publish.SOON", 0.05)
    async with listen() as peer:
        peer.tell(CROSSPOST, body={"id": "1"})
        toll, over = Toll(most=10_000, ban=2), asyncio.Event()
        toll._bad.append(toll._clock())
        line = Line(peer.token, toll)
        publisher = Publisher(line, closed=lambda: 0.0 if over.is_set() else min(toll.closed(), 0.02))
        await publisher.publish("7", "1")
        assert peer.asked("crosspost") == []
        over.set()
        async with asyncio.timeout(5):
            while not peer.asked("crosspost"):
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
        assert len(peer.asked("crosspost")) == 1
        await line.close()
