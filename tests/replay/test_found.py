"""What the replay of long histories brought to light, each as short as it can be told."""

import datetime as dt

import pytest

from tests.fakes.blog.posts import Post
from tests.replay.author import Author, Joins, Look
from tests.replay.history import EPOCH
from tests.replay.life import Life
from tests.replay.stage import REST, Stage

HOUR = 3600.0


class Short:
    """A short history: what is written, and an hour later a look."""

    def __init__(self, life: Life) -> None:
        self.life = life
        self.author = Author(1, 0)
        life.now = EPOCH

    async def read(self, how: str = "well", *, hours: float = 1) -> None:
        self.life.change((*self.author.done(), *((Joins(),) if how == "first away" else ())))
        self.life.now += hours * HOUR
        self.author.today = dt.datetime.fromtimestamp(self.life.now, dt.UTC).date()
        await self.life.look(Look(how=how))

    @property
    def arrived(self) -> list[str]:
        return self.life.platform.papers("all")


def ids(post: Post) -> list[str]:
    return [paper.arxiv_id for paper in post.papers]


@pytest.fixture
async def short(request, address, tmp_path, monkeypatch):
    monkeypatch.setattr("bot.sources.folder.REST", REST)
    async with Stage(request.param, tmp_path) as stage, Life(stage, address) as life:
        await life.start()
        await life.follow("all", None)
        history = Short(life)
        history.author.compose("NeRF", 2, back=3)
        await history.read()
        yield history


@pytest.mark.parametrize("short", [("site", "feed")], indirect=True)
async def test_first_look_at_another_source_takes_no_news_from_the_first(short):
    post = short.author.compose("NeRF", 2)
    await short.read("first away")  # what the other reads now is its first import
    await short.read()
    assert short.arrived == ids(post)
    renamed = short.author.rename(post, 1, more=1)
    await short.read()
    assert short.arrived == ids(renamed)


@pytest.mark.parametrize("short", [("folder",)], indirect=True)
async def test_paper_that_stands_in_an_old_post_as_well_is_news_in_the_new_one(short):
    new = short.author.compose("NeRF", 2)
    short.author.compose("NeRF", 1, new.papers[0], back=30)
    await short.read()
    assert short.arrived == ids(new)


@pytest.mark.parametrize("short", [("folder",)], indirect=True)
async def test_paper_that_was_read_in_an_old_post_is_news_in_a_new_one_later(short):
    old = short.author.compose("NeRF", 1, back=30)
    await short.read()
    assert short.arrived == []
    short.author.compose("NeRF", 0, *old.papers)
    await short.read()
    assert short.arrived == ids(old)


@pytest.mark.parametrize("short", [("folder",)], indirect=True)
async def test_paper_of_the_first_import_is_never_news_under_its_tag(short):
    imported = next(iter(short.author.posts.values()))
    short.author.compose("NeRF", 1, *imported.papers)
    await short.read()
    assert not set(short.arrived) & set(ids(imported))
    short.author.compose("3DGS", 0, *imported.papers)
    await short.read()
    assert set(short.arrived) >= set(ids(imported))


@pytest.mark.parametrize("short", [("site",)], indirect=True)
async def test_post_that_went_with_its_page_of_the_archive_is_asked_for_no_more(short):
    for number in range(16):  # on two pages
        short.author.compose(f"Field {number}", 1, back=2)
    await short.read("broken")  # a third of them could not be read
    gone = short.life.stage.blog.newest()[9:16]
    log = short.life.stage.blog.log
    assert {asked.status for asked in log if asked.path in paths(short, gone)} == {200, 500}
    for post in gone:
        short.author.take(post.key)
    await short.read(hours=25)
    before = len(log)
    await short.read()
    assert not paths(short, gone) & {asked.path for asked in log[before:]}


def paths(short: Short, posts: list[Post]) -> set[str]:
    return {short.life.stage.blog.path(post) for post in posts}


@pytest.mark.parametrize("short", [("site",)], indirect=True)
async def test_posts_that_can_never_be_had_keep_no_other_from_being_read_again(short, monkeypatch):
    grown = next(iter(short.author.posts.values()))
    broken = [short.author.compose(f"Field {number}", 1) for number in range(4)]
    monkeypatch.setattr(short.life.stage, "broken", lambda: paths(short, broken))
    await short.read("broken")
    grown = short.author.grow(grown, 1)
    await short.read("broken", hours=25)
    await short.read("broken", hours=25)
    assert short.arrived == ids(grown)[-1:]


@pytest.mark.parametrize("address", ["sqlite"], indirect=True)
async def test_first_import_ends_though_some_posts_can_never_be_had(address, tmp_path, monkeypatch):
    async with Stage(("site",), tmp_path) as stage, Life(stage, address) as life:
        short = Short(life)
        await life.start()
        await life.follow("all", None)
        broken = [short.author.compose(f"Field {number}", 1, back=2) for number in range(16)]
        short.author.compose("NeRF", 1, back=1)
        monkeypatch.setattr(stage, "broken", lambda: paths(short, broken))
        for _ in range(7):  # in each of which three more are given up
            await short.read("broken")
        new = short.author.compose("NeRF", 1)
        await short.read("broken")
        assert short.arrived == ids(new)
        await short.read(hours=25)  # all can be had, at last, and are old
        assert short.arrived == ids(new)
        assert life.model.known >= {paper.arxiv_id for post in broken for paper in post.papers}
