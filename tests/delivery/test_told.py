"""What is told in the log of chats and of trouble: enough to find them, and nothing of whose they are."""

import logging

import pytest
from sqlalchemy.exc import DBAPIError

from bot import log as lines
from bot.delivery.trouble import Trouble, brief
from bot.errors import Gone, Moved, Rejected, Unreachable
from tests.builders import post
from tests.delivery.recorder import Recorder
from tests.delivery.test_send import IDS, Clock, deliver, follow, owe


def told(caplog) -> list[str]:
    """Each event as a line of text, without its time."""
    shown = lines._formatter("text", coloured=False)
    ours = [record for record in caplog.records if record.name.startswith("bot")]
    return [shown.format(record).partition("Z ")[2] for record in ours]


async def test_chat_is_told_by_our_number_and_never_by_its_address(database, caplog):
    caplog.set_level(logging.DEBUG, "bot")
    moved, gone, well = await follow(database, "@olgas_group", "@annas_channel", "@max")
    clock = Clock()
    await owe(database, clock, post(*IDS[:2]))

    def script(address, message, _):
        if address == "@olgas_group":
            return Moved("@olgas_supergroup")
        if address == "@annas_channel":
            return Gone("the bot was blocked")
        return Rejected("too odd") if IDS[0] in message.papers else None

    await deliver(database, clock, Recorder(script))
    found = told(caplog)
    assert f"info chat.moved chat={moved}" in found
    assert f'info chat.paused chat={gone} reason="the bot was blocked"' in found
    assert f'error delivery.failed chat={well} papers={IDS[0]} reason="too odd"' in found
    assert f'warning message.refused chat={well} now="plain text" reason="too odd"' in found
    assert not [line for line in found if any(name in line for name in ("olga", "anna", "max"))]


async def test_fault_of_the_program_in_a_turn_names_the_chat(database, caplog):
    (chat_id,) = await follow(database, "@olgas_group")
    clock = Clock()
    await owe(database, clock, post(IDS[0]))
    await deliver(database, clock, Recorder(lambda *_: KeyError("@olgas_group")))
    (line,) = told(caplog)
    assert line.startswith(f"error turn.failed chat={chat_id} traceback=")
    assert "olga" not in line


def test_trouble_is_told_when_it_begins_while_it_lasts_and_when_it_is_over(caplog, monkeypatch):
    moments = iter((100.0, 110.0, 159.0, 161.0, 170.0, 171.5))
    monkeypatch.setattr("bot.delivery.trouble.time.monotonic", lambda: next(moments))
    trouble = Trouble("reaching the platform", platform="telegram")
    for _ in range(5):
        trouble.begin(Unreachable("no route to host"))
    trouble.end()
    trouble.end()
    about = 'work="reaching the platform" platform=telegram'
    assert told(caplog) == [
        f'warning trouble.begun {about} reason="no route to host"',
        f'warning trouble.lasting {about} seconds=61 reason="no route to host"',
        f"warning trouble.over {about} seconds=71.5",
    ]


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("<class 'asyncpg.exceptions.DiskFullError'>: no space left", "no space left"),
        (
            "<class 'asyncpg.exceptions.DataError'>: invalid input for query argument $2: 'my words' (x)",
            "invalid input for query argument $2",
        ),
        ("database is locked\n[SQL: UPDATE chat]", "database is locked"),
        ("", "DBAPIError"),
    ],
)
def test_trouble_of_a_database_is_told_without_values(said, shown):
    assert brief(DBAPIError("UPDATE chat SET title = ?", ("my words",), Exception(said))) == shown
