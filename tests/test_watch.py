"""Operators are told once of a source in trouble, and once when it is over."""

import datetime as dt

import pytest
from sqlalchemy import text as sql

from bot.errors import Gone, Transient
from bot.formatter.text import plain
from bot.habit import DAY
from bot.model import Language
from bot.storage import chats
from bot.watch import DEAF, Person, Watch
from tests.commands.shelves import check, digest, follow
from tests.storage.test_arrivals import BLOG, at, come, look

ADA = Person(platform="telegram", address="7")
TODAY = dt.date(2026, 11, 20)
SECRET = "https://reader:hunter22@blog.example.org/feed"


class House:
    """A watch as it is after a start, with who was told what; `down` is what telling somebody raises."""

    def __init__(self, database, *people: Person, now: float | None = None) -> None:
        self.database = database
        self.now = at(TODAY) if now is None else now
        self.told: list[tuple[str, str, Language]] = []
        self.tries = 0
        self.down: dict[str, Exception] = {}
        self.people = people or (ADA,)
        self.start()

    def start(self, *, people: tuple[Person, ...] | None = None) -> None:
        """Begin anew, as after a restart."""
        people = self.people if people is None else people
        self.watch = Watch(self.database, people, self.tell, language=Language.EN, clock=lambda: self.now)

    async def tell(self, platform, address, card, language):
        self.tries += 1
        if exc := self.down.get(address):
            raise exc
        parts = [plain(card.title), *(plain(item) for block in card.blocks for item in block.items)]
        self.told.append((address, "\n".join(parts), language))
        assert platform == "telegram"

    async def look(self, error=None, *, wait: float = 3600, changed: bool = False) -> None:
        """A look at the source, and what follows it."""
        self.now += wait
        moment = dt.datetime.fromtimestamp(self.now, dt.timezone(dt.timedelta(hours=8)))
        await look(self.database, moment.date(), moment.hour, error=error)
        await self.watch.after(BLOG, changed=changed)

    async def fail(self, times: int = 3) -> None:
        for _ in range(times):
            await self.look(f"{SECRET}: no answer within 60 s; is the server up?")

    @property
    def said(self) -> list[str]:
        """The titles of what was told."""
        return [text.split("\n")[0] for _, text, _ in self.told]


@pytest.fixture
async def house(database):
    """A source with a post each day, read at first today."""
    await fill(database, TODAY)
    return House(database)


async def fill(database, last: dt.date, days: int = 60) -> None:
    """A post a day up to one day, which were there when the source was first read."""
    dates = [last - number * DAY for number in range(days)]
    await come(database, *(digest(day, f"{day:%y%m}.{day.day:05}") for day in dates), day=TODAY, hour=1)
    await look(database, TODAY, 2)


FAILING, SILENT, WELL = "A source cannot be read", "A source is silent", "A source is well again"


async def test_failing_source_is_told_once_and_being_back_too(house):
    await house.fail(2)
    assert house.told == []
    await house.fail(5)
    assert house.said == [FAILING]
    house.start()
    await house.fail(2)
    assert house.said == [FAILING]
    for _ in range(3):
        await house.look()
    house.start()
    await house.look()
    assert house.said == [FAILING, WELL]
    await house.fail(4)
    assert house.said == [FAILING, WELL, FAILING]


async def test_message_says_what_since_when_why_and_how_to_mend(house):
    await house.fail(3)
    (told,) = house.told
    assert told[1].split("\n") == [
        FAILING,
        "blog cannot be read since 2026-11-20 05:00 (UTC).",
        "The reason: https://reader:***@blog.example.org/feed: no answer within 60 s; is the server up?",
        "I look again every 1 minute and tell you when it works; what comes out meanwhile is not lost. "
        "On the server, “paperboy check” tries every source and says how to mend what is wrong.",
    ]
    await house.look()
    assert house.told[1][1].split("\n")[1] == (
        "blog can be read again. It could not since 2026-11-20 05:00 (UTC)."
    )


async def test_second_failure_is_told_where_looks_are_hours_apart(house):
    await house.look("no answer", wait=7200)
    assert house.told == []
    await house.look("no answer", wait=7 * 3600)
    assert house.said == [FAILING]


async def test_part_that_cannot_be_read_is_not_told(house):
    async with house.database.writing() as connection:
        await connection.execute(sql("UPDATE source_state SET error = 'one post is broken'"))
    await house.watch.after(BLOG)
    assert house.told == []


async def test_silent_source_is_told_once_until_something_comes(house):
    for _ in range(5):
        await house.look(wait=86400)
    assert house.told == []
    for _ in range(4):
        await house.look(wait=86400)
        house.start()
    assert house.said == [SILENT]
    assert house.told[0][1].split("\n")[1:3] == [
        "blog has brought nothing new since 2026-11-20. That is longer than usual for it.",
        "Usually something comes: every day.",
    ]
    day = TODAY + 10 * DAY
    await come(house.database, digest(day, "2611.77777"), day=day)
    await house.look(wait=86400, changed=True)
    assert house.said == [SILENT, WELL]
    assert "something new again. It had been silent since 2026-11-20." in house.told[1][1]


async def test_log_says_since_when_as_people_read_it(house, caplog):
    for _ in range(9):
        await house.look(wait=86400)
    await house.fail(3)
    assert "source.silent source=blog since=2026-11-20" in caplog.text
    assert "source.failing source=blog since=2026-11-29 05:00 UTC" in caplog.text


async def test_source_of_old_posts_stays_silent_however_long(database):
    await fill(database, TODAY - 900 * DAY)
    house = House(database)
    for _ in range(3):
        await house.look(changed=True)
        house.start()
    assert house.said == [SILENT]


async def test_new_source_is_not_silent(database):
    await fill(database, TODAY, days=3)
    house = House(database)
    await house.look(wait=90 * 86400)
    assert house.told == []


async def test_source_that_failed_and_is_silent_now_is_told_as_one(house):
    await house.fail(3)
    await house.look(wait=9 * 86400)
    assert house.said == [FAILING, SILENT]
    assert house.told[1][1].split("\n")[1:3] == [
        "blog can be read again.",
        "blog has brought nothing new since 2026-11-20. That is longer than usual for it.",
    ]
    await house.fail(3)
    assert house.said == [FAILING, SILENT, FAILING]


async def test_who_could_not_be_told_is_told_after_the_next_look(house):
    house.down = {"7": Transient("no way")}
    await house.fail(4)
    assert (house.told, house.tries) == ([], 2)
    house.down = {}
    house.start()
    await house.fail(2)
    assert house.said == [FAILING]


async def test_trouble_that_nobody_was_told_of_needs_no_end(house):
    house.down = {"7": Transient("no way")}
    await house.fail(4)
    house.down = {}
    await house.look()
    await house.look()
    assert house.told == []


async def test_end_that_could_not_be_told_is_told_later(house):
    await house.fail(3)
    house.down = {"7": Transient("no way")}
    await house.look()
    house.down = {}
    house.start()
    await house.look()
    await house.look()
    assert house.said == [FAILING, WELL]


async def test_who_blocked_the_bot_is_not_asked_at_every_look(house):
    house.down = {"7": Gone("blocked")}
    for _ in range(30):
        await house.look("no answer", wait=30)
    assert house.tries == 1
    await house.look("no answer", wait=DEAF)
    assert house.tries == 2


async def test_one_operator_of_several_is_enough(database):
    await fill(database, TODAY)
    house = House(database, ADA, Person(platform="telegram", address="8"))
    house.down = {"7": Gone("blocked")}
    await house.fail(6)
    assert [address for address, _, _ in house.told] == ["8"]
    house.down = {}
    await house.look()
    assert sorted(address for address, _, _ in house.told[1:]) == ["7", "8"]


async def test_everybody_is_told_in_the_language_and_zone_of_the_private_chat(database):
    await fill(database, TODAY)
    await follow(database, address="8", language="zh", zone="Asia/Hong_Kong")
    house = House(database, ADA, Person(platform="telegram", address="8"))
    await house.fail(3)
    told = {address: (text, language) for address, text, language in house.told}
    assert told["7"][1] is Language.EN
    assert told["8"][1] is Language.ZH
    assert "自 2026-11-20 13:00（Asia/Hong_Kong）起无法读取 blog。" in told["8"][0]


async def test_without_operators_it_is_known_and_nobody_asks_again(house):
    house.start(people=())
    await house.fail(3)
    house.start()
    await house.fail(2)
    assert house.told == []
    await house.look()
    assert house.said == [WELL]


async def test_sources_that_are_not_known_and_a_database_that_is_away_raise_nothing(house):
    await house.watch.after("nowhere")
    async with house.database.writing() as connection:
        await connection.execute(sql("ALTER TABLE source_state RENAME TO away"))
    await house.watch.after(BLOG)
    assert house.told == []


@pytest.mark.parametrize("language", Language)
async def test_platforms_would_take_what_is_told(database, language):
    from bot.commands.base import Reply
    from bot.habit import Silence
    from bot.storage.watching import Condition, Kind, state_of
    from bot.watch import Change, _card

    await fill(database, TODAY)
    wild = "<b>@durov</b> /stop [x](y) " * 200
    await look(database, TODAY, 3, error=wild)
    async with database.reading() as connection:
        state = await state_of(connection, BLOG)
        chat = await chats.find(connection, "telegram", "7")
    silences = [Silence(since=TODAY, days=9, usual=usual) for usual in ((), (0, 2), tuple(range(7)))]
    kinds = [None, *(Condition(kind=kind, since=1) for kind in (Kind.FAILING, Kind.SILENT))]
    for before in kinds:
        for after in kinds:
            for silence in silences if after and after.kind is Kind.SILENT else [None]:
                change = Change(state=state, before=before, after=after, silence=silence)
                card = _card(change, language, chat)
                assert card.blocks
                check(Reply(cards=(card,)), language)


async def test_operator_who_is_named_twice_is_told_once(database):
    await fill(database, TODAY)
    house = House(database, ADA, ADA)
    await house.fail(3)
    assert house.said == [FAILING]
