import datetime as dt

import pytest
from sqlalchemy import event, insert, select, update
from sqlalchemy.exc import NoResultFound

from bot.model import Quiet, Schedule, When
from bot.storage import schedules
from bot.storage.tables import chat
from bot.when import next_due

EIGHT = dt.time(8)
DAILY = Schedule(when=When.DAILY, at=EIGHT, zone="Asia/Hong_Kong")
WORKDAYS = Schedule(weekdays=frozenset(range(5)))
WHOLE = Schedule(
    when=When.WEEKLY,
    at=dt.time(19, 5),
    zone="Europe/Berlin",
    weekdays=frozenset({6}),
    quiet=Quiet(start=dt.time(22, 30), end=dt.time(7), silent=True),
)


def moment(*given, zone=dt.UTC):
    return int(dt.datetime(*given, tzinfo=zone).timestamp())


NOON = moment(2026, 11, 20, 12)  # a Friday


@pytest.fixture
async def connection(database):
    async with database.writing() as opened:
        yield opened


async def add_chat(connection, schedule=None, *, now=NOON, **given):
    count = len((await connection.execute(select(chat.c.id))).all())
    values = {"platform": "p", "address": str(count), "style": "cards", "language": "en", "follows_all": True}
    made = insert(chat).values(values | given).returning(chat.c.id)
    chat_id = (await connection.execute(made)).scalar_one()
    if schedule is not None:
        await schedules.set_schedule(connection, chat_id, schedule, now=now, next_due=next_due)
    return chat_id


async def times(connection, chat_id):
    row = (await connection.execute(select(chat).where(chat.c.id == chat_id))).one()
    return row.due_at, row.owed_at


async def owe(connection, chat_id, owed_at):
    await connection.execute(update(chat).where(chat.c.id == chat_id).values(owed_at=owed_at))


async def roll(connection, now):
    return await schedules.roll(connection, now=now, next_due=next_due)


@pytest.mark.parametrize("schedule", [Schedule(), DAILY, WORKDAYS, WHOLE])
async def test_schedule_comes_back_as_it_was_set(connection, schedule):
    chat_id = await add_chat(connection, WHOLE)
    await schedules.set_schedule(connection, chat_id, schedule, now=NOON, next_due=next_due)
    assert await schedules.load(connection, chat_id) == schedule


async def test_chat_is_served_at_once_unless_it_said_otherwise(connection):
    assert await schedules.load(connection, await add_chat(connection)) == Schedule()


async def test_chat_that_is_not_there_has_no_schedule(connection):
    with pytest.raises(NoResultFound):
        await schedules.load(connection, 99)


async def test_new_schedule_has_its_moment_and_owes_nothing_by_itself(connection):
    chat_id = await add_chat(connection, DAILY)
    assert await times(connection, chat_id) == (moment(2026, 11, 21), None)


async def test_what_is_owed_waits_for_the_new_schedule(connection):
    chat_id = await add_chat(connection, owed_at=NOON - 5)
    await schedules.set_schedule(connection, chat_id, DAILY, now=NOON, next_due=next_due)
    assert await times(connection, chat_id) == (moment(2026, 11, 21), moment(2026, 11, 21))


async def test_what_is_owed_goes_at_once_to_who_turns_to_instant(connection):
    chat_id = await add_chat(connection, DAILY)
    await owe(connection, chat_id, moment(2026, 11, 21))
    await schedules.set_schedule(connection, chat_id, Schedule(), now=NOON, next_due=next_due)
    assert await times(connection, chat_id) == (None, NOON)


async def test_schedule_of_one_chat_is_not_that_of_another(connection):
    other = await add_chat(connection, owed_at=7)
    await add_chat(connection, DAILY)
    assert await times(connection, other) == (None, 7)


async def test_moment_that_passed_with_nothing_owed_moves_on_by_one(connection):
    chat_id = await add_chat(connection, DAILY)
    assert await roll(connection, moment(2026, 11, 21) - 1) == 0
    assert await roll(connection, moment(2026, 11, 21)) == 1
    assert await times(connection, chat_id) == (moment(2026, 11, 22), None)


async def test_bot_that_was_away_for_days_moves_on_to_what_is_to_come(connection):
    chat_id = await add_chat(connection, DAILY)
    assert await roll(connection, moment(2026, 11, 25, 12)) == 1
    assert await times(connection, chat_id) == (moment(2026, 11, 26), None)


async def test_what_is_owed_is_not_moved_away(connection):
    chat_id = await add_chat(connection, DAILY)
    due = moment(2026, 11, 21)
    await owe(connection, chat_id, due)
    assert await roll(connection, due + 60) == 0
    assert await times(connection, chat_id) == (due, due)


async def test_instant_chat_waits_on_days_it_did_not_choose_and_no_longer(connection):
    chat_id = await add_chat(connection, WORKDAYS)
    assert await times(connection, chat_id) == (None, None)
    assert await roll(connection, NOON + 60) == 0
    assert await roll(connection, moment(2026, 11, 21, 1)) == 1
    assert await times(connection, chat_id) == (moment(2026, 11, 23), None)
    assert await roll(connection, moment(2026, 11, 23)) == 1
    assert await times(connection, chat_id) == (None, None)


async def test_clock_that_jumps_over_the_hour_neither_loses_nor_doubles_it(connection):
    schedule = Schedule(when=When.DAILY, at=dt.time(2, 30), zone="Europe/Berlin")
    chat_id = await add_chat(connection, schedule, now=moment(2026, 3, 28, 12))
    dues = []
    for _ in range(3):
        due, _ = await times(connection, chat_id)
        dues.append(due)
        assert await roll(connection, due) == 1
    assert dues == [moment(2026, 3, 29, 1), moment(2026, 3, 30, 0, 30), moment(2026, 3, 31, 0, 30)]


async def test_chats_of_one_schedule_are_moved_in_one_statement(database, connection):
    for _ in range(5):
        await add_chat(connection, DAILY)
    others = [await add_chat(connection, WHOLE), await add_chat(connection)]
    before = [await times(connection, chat_id) for chat_id in others]
    statements = []

    def note(_connection, _cursor, statement, *_rest):
        statements.append(statement)

    event.listen(connection.engine.sync_engine, "before_cursor_execute", note)
    assert await roll(connection, moment(2026, 11, 21)) == 5
    assert sum(statement.startswith("UPDATE") for statement in statements) == 1
    assert [await times(connection, chat_id) for chat_id in others] == before
