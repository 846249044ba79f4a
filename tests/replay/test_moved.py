"""A blog moves to another address: the bot is not silent that day, and nothing comes twice."""

import datetime as dt

import pytest
from aiohttp import web

from tests.fakes.blog import Blog
from tests.fakes.blog.pages import BUTTERFLY, MATERY
from tests.replay.author import START, Author, Look
from tests.replay.history import EPOCH, LAYOUT, OTHER
from tests.replay.life import Life
from tests.replay.stage import Stage

HOUR = 3600.0


class Move:
    """A blog that moves after some days, and the bot that reads it."""

    def __init__(self, stage: Stage, life: Life) -> None:
        self.stage, self.life, self.author = stage, life, Author(1, 0)

    async def begin(self) -> None:
        """Some days of the blog as it was, and one reader."""
        for back in (20, 12, 3, 1):
            self.author.compose(self.author.free(back)[0], 2, back=back)
        self.life.now = EPOCH
        await self.life.start()
        await self.life.follow("all", None)
        for number in range(3):
            await self.publish(number)
            await self.look()

    async def publish(self, number: int) -> None:
        """On that day a post comes out, and the one of the day before grows."""
        self.author.today = START + dt.timedelta(days=number)
        self.life.now = EPOCH + number * 24 * HOUR
        if number:
            self.author.grow(max(self.author.posts.values(), key=lambda post: post.written), 1)
        self.author.compose(self.author.free()[0], 2)
        self.life.change(self.author.done())

    async def look(self, how: str = "well") -> set[str | None]:
        """What went wrong with a look, a day later."""
        self.life.now += 25 * HOUR
        await self.life.look(Look(how=how))
        return {done.trouble for done in self.life.heard.values()}

    async def move(self, base: str, theme: str, layout: str) -> None:
        """The blog is at another place; the old one leads there."""
        old = self.stage.blog
        self.stage.blog = await Blog(*old.posts.values(), base=base, theme=theme).start()
        self.stage.blog.layout = layout
        old.failing = {"*": self._lead}
        for kind, eye in self.life.model.eyes.items():
            eye.show(self.life.now, self.stage.shown(kind))

    async def _lead(self, request: web.Request) -> web.Response:
        path = request.rel_url.raw_path.removeprefix(self.stage.named.base).lstrip("/")
        return web.Response(status=301, headers={"Location": self.stage.blog.url + path})

    async def write_new_url(self) -> None:
        """The operator changes the configuration."""
        await self.stage.named.stop()
        self.stage.named = self.stage.blog
        await self.life.stop()


@pytest.fixture
async def moving(request, tmp_path):
    address = f"sqlite:///{tmp_path / 'paperboy.db'}"
    async with Stage((request.param,), tmp_path) as stage, Life(stage, address) as life:
        move = Move(stage, life)
        await move.begin()
        yield move


@pytest.mark.parametrize("moving", ["site", "feed"], indirect=True)
@pytest.mark.parametrize(
    "there", [("/Talk2Paper/", BUTTERFLY, LAYOUT), ("/", MATERY, OTHER)], ids=["alone", "and is rebuilt"]
)
async def test_moved_blog_is_read_on_with_its_new_url_and_the_old_name(moving, there):
    await moving.move(*there)
    for number in (4, 5):  # as long as the old address leads to the new one
        await moving.publish(number)
        assert await moving.look() == {None}
    led = set(moving.life.platform.papers("all"))
    moving.stage.named.failing = {"*": 404}
    await moving.publish(7)
    (reason,) = await moving.look("lost")
    assert "404" in reason
    assert "address" in reason
    await moving.write_new_url()
    assert await moving.look() == {None}
    await moving.publish(10)
    assert await moving.look() == {None}
    assert len(moving.life.platform.papers("all")) == len(led) + 6  # of two posts, each with one grown before


@pytest.mark.parametrize("moving", ["feed"], indirect=True)
async def test_blog_whose_feed_is_gone_is_read_on_as_a_site_of_the_same_name(moving):
    await moving.move("/", MATERY, OTHER)
    moving.stage.named.failing = {"*": 404}
    await moving.publish(4)
    await moving.look("lost")
    seen = moving.life.model.eyes.pop("feed")
    moving.stage.kinds, moving.stage.names, moving.stage.reached = ("site",), {"site": "feed"}, {"site"}
    moving.life.model.eyes = moving.stage.eyes()
    moving.life.model.eyes["site"].imported = True
    moving.life.model.eyes["site"].show(moving.life.now, moving.stage.shown("site"))
    before = len(moving.life.platform.papers("all"))
    await moving.write_new_url()
    assert await moving.look() == {None}
    assert seen.imported
    assert len(moving.life.platform.papers("all")) == before + 3
