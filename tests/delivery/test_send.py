import pytest

from bot.adapters.base import Message
from bot.delivery.send import completed, send_due
from bot.model import Language, Style
from bot.storage import chats, outbox, posts
from bot.storage.database import open_database
from tests.builders import post


class Recorder:
    """A platform that keeps what it was sent, and fails where it is told to."""

    platform = "recorder"

    def __init__(self, *, fail_at: int | None = None) -> None:
        self.sent: list[tuple[str, tuple[str, ...]]] = []
        self.fail_at = fail_at

    def render(self, card, language):
        return (Message(platform=self.platform, request={"title": card.title[0].text}, papers=card.papers),)

    async def send(self, address, message):
        if len(self.sent) == self.fail_at:
            raise ConnectionError("the platform went away")
        self.sent.append((address, message.papers))

    @property
    def papers(self) -> list[str]:
        return [paper for _, papers in self.sent for paper in papers]


@pytest.fixture
async def database(tmp_path):
    opened = await open_database(str(tmp_path / "paperboy.db"))
    yield opened
    await opened.close()


async def owe(database, read, *addresses, style=Style.CARDS):
    async with database.writing() as connection:
        for address in addresses:
            await chats.follow_all(connection, "recorder", address, style=style, language=Language.ZH)
        post_id = await posts.add(connection, "blog", read)
        await outbox.plan(connection, at=1, post_id=post_id)


async def states(database):
    async with database.reading() as connection:
        return await outbox.counts(connection)


async def test_every_paper_is_shown_once_behind_an_overview(database):
    await owe(database, post("2003.08934", "2006.11239"), "a")
    platform = Recorder()
    assert await send_due(database, {"recorder": platform}, lambda: 7) == 2
    assert platform.sent == [("a", ()), ("a", ("2003.08934",)), ("a", ("2006.11239",))]
    assert await send_due(database, {"recorder": platform}, lambda: 8) == 0
    assert len(platform.sent) == 3


async def test_every_chat_gets_its_own(database):
    await owe(database, post("2003.08934"), "a", "b", style=Style.OVERVIEW)
    platform = Recorder()
    assert await send_due(database, {"recorder": platform}, lambda: 7) == 2
    assert platform.sent == [("a", ("2003.08934",)), ("b", ("2003.08934",))]


async def test_crash_loses_nothing_and_repeats_no_confirmed_paper(database):
    await owe(database, post("2003.08934", "2006.11239", "2112.10752"), "a")
    broken = Recorder(fail_at=2)
    with pytest.raises(ConnectionError):
        await send_due(database, {"recorder": broken}, lambda: 7)
    mended = Recorder()
    await send_due(database, {"recorder": mended}, lambda: 8)
    assert broken.papers + mended.papers == ["2003.08934", "2006.11239", "2112.10752"]


async def test_platform_that_is_not_there_keeps_what_it_is_owed(database):
    await owe(database, post("2003.08934"), "a")
    assert await send_due(database, {}, lambda: 7) == 0
    assert (await states(database))["delivery.pending"] == 1


async def test_paper_that_no_message_shows_is_failed_and_not_tried_for_ever(database):
    await owe(database, post("2003.08934", "2006.11239"), "a")

    class Blind(Recorder):
        def render(self, card, language):
            return () if "2003.08934" in card.papers else super().render(card, language)

    assert await send_due(database, {"recorder": Blind()}, lambda: 7) == 1
    counts = await states(database)
    assert (counts["delivery.failed"], counts["delivery.sent"]) == (1, 1)


def test_paper_counts_as_sent_with_the_last_message_that_shows_it():
    def message(*papers):
        return Message(platform="p", request={}, papers=papers)

    sheets = [message("a", "b"), message("b"), message("b", "c"), message()]
    assert completed(sheets) == [["a"], [], ["b", "c"], []]
