"""What is due is delivered before the process ends, if it takes no more than waiting a moment."""

import time

import pytest

from bot.adapters.base import Limits
from bot.delivery.drain import drain
from bot.delivery.send import Sender
from bot.errors import RateLimited, Unreachable
from tests.builders import post
from tests.delivery.recorder import Recorder
from tests.delivery.test_send import IDS, follow, owe


@pytest.fixture
async def go(database, monkeypatch):
    """Deliver a digest of eight papers to one chat, at a pace."""
    monkeypatch.setattr("bot.delivery.send.OUTAGE", 0.1)
    monkeypatch.setattr("bot.delivery.send.PATIENCE", 0.05)

    async def deliver(platform) -> bool:
        await follow(database, "a")
        await owe(database, time.time, post(*IDS[:8]))
        sender = Sender(database, {"recorder": platform}, holder="me")
        return await drain(sender, database, "recorder")

    return deliver


async def test_pace_of_a_chat_is_waited_for(go):
    platform = Recorder(limits=Limits(chat=(3, 0.3)))
    assert await go(platform)
    assert platform.papers() == IDS[:8]


async def test_way_that_is_back_soon_is_waited_for(go):
    platform = Recorder(lambda *_: Unreachable("no route") if platform.calls == 4 else None)
    assert await go(platform)
    assert platform.papers() == IDS[:8]


async def test_way_that_is_not_back_is_tried_once_more_and_told(go, caplog):
    platform = Recorder(lambda *_: Unreachable("no route"))
    assert not await go(platform)
    assert platform.calls == 2
    assert "delivery.delayed platform=recorder" in caplog.text


async def test_hold_of_minutes_is_not_waited_for(go):
    platform = Recorder(lambda *_: RateLimited(90) if platform.calls > 3 else None)
    assert await go(platform)
    assert len(platform.papers()) < 8
