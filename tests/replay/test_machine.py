"""Histories that nobody has thought of: hypothesis writes a blog, reads along, and breaks what it can."""

import asyncio
import datetime as dt
import os
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.fakes.blog import Post
from tests.replay.author import TAGS, Author, Look
from tests.replay.history import EPOCH
from tests.replay.life import Life
from tests.replay.stage import REST, Stage

HOUR = 3600.0
EXAMPLES = 200 if os.environ.get("PAPERBOY_PROVE") else 8
FEW = settings(max_examples=EXAMPLES, stateful_step_count=30, deadline=None)

days = st.integers(0, 16)
which = st.integers(0, 50)
topics = st.sampled_from(TAGS[:3])


class History(RuleBasedStateMachine):
    """A blog in a folder; `Life` checks after every look that nothing is lost, late or there twice."""

    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.author = Author(1, 0)
        self.runner = asyncio.Runner()
        self.folder = Path(tempfile.mkdtemp(prefix="paperboy-replay-"))
        shutil.copy(self.template, self.folder / "paperboy.db")
        self.life = Life(Stage(("folder",), self.folder), f"sqlite:///{self.folder / 'paperboy.db'}")
        self.life.now = EPOCH

    @initialize(posts=st.lists(st.tuples(topics, days), max_size=4, unique=True))
    def begin(self, posts: list[tuple[str, int]]) -> None:
        for tag, back in posts:
            self.author.compose(tag, 2, back=back)
        self.deploy()
        self.runner.run(self.life.start())
        self.follow("all", None)
        self.look("well", 0)

    @rule(tag=topics, back=days, known=which)
    def write(self, tag: str, back: int, known: int) -> None:
        """A new post, also far back, with a paper that another one has."""
        if tag in self.author.free(back):
            papers = [paper for post in self.author.posts.values() for paper in post.papers]
            self.author.compose(tag, 1, *papers[known : known + 1], back=back)

    @rule(which=which, number=st.integers(1, 5))
    def grow(self, which: int, number: int) -> None:
        if post := self.post(which):
            self.author.grow(post, number)

    @rule(which=which, days=st.integers(-3, 3), more=st.integers(0, 1))
    def rename(self, which: int, days: int, more: int) -> None:
        if post := self.post(which):
            self.author.rename(post, days, more)

    @rule(which=which, without=st.integers(0, 1))
    def rewrite(self, which: int, without: int) -> None:
        if post := self.post(which):
            self.author.rewrite(post, without=without)

    @rule(which=which)
    def revise(self, which: int) -> None:
        if (post := self.post(which)) and post.papers:
            self.author.revise(post)

    @rule(which=which, where=which)
    def move(self, which: int, where: int) -> None:
        """A paper from one post to another."""
        one, other = self.post(which), self.post(where)
        if one and other and one.papers and one.papers[0].arxiv_id not in ids(other):
            self.author.write(replace(one, papers=one.papers[1:]))
            self.author.write(replace(other, papers=(*other.papers, one.papers[0])))

    @rule(which=which)
    def remove(self, which: int) -> None:
        if post := self.post(which):
            self.author.gone.setdefault("", []).append(self.author.take(post.key))

    @precondition(lambda self: self.author.gone.get(""))
    @rule(back=days)
    def bring_back(self, back: int) -> None:
        """A post that was taken off, under some day."""
        post = self.author.gone[""].pop(0)
        if post.tag in self.author.free(back):
            self.author.write(replace(post, date=(self.author.today - dt.timedelta(days=back)).isoformat()))

    @rule(chat=st.sampled_from(("all", "revised", "one", "daily")), tag=topics)
    def follow_or_leave(self, chat: str, tag: str) -> None:
        reader = self.life.model.readers.get(chat)
        if reader and reader.follows:
            self.runner.run(self.life.leave(chat))
        elif chat == "one" and self.runner.run(self.life.knows(tag)):
            self.follow(chat, tag)
        elif chat != "one":
            self.follow(chat, None)

    @rule(hours=st.sampled_from((1, 7, 24, 24, 60, 400)))
    def wait(self, hours: int) -> None:
        self.deploy()
        self.life.now += hours * HOUR
        self.author.today = dt.datetime.fromtimestamp(self.life.now, dt.UTC).date()

    @rule(how=st.sampled_from(("well", "well", "well", "killed", "away", "half")), steps=st.integers(0, 400))
    def look(self, how: str, steps: int) -> None:
        self.deploy()
        self.life.now += 60
        if how != "half" or self.author.posts:
            self.runner.run(self.life.look(Look(how=how, steps=steps)))

    def post(self, which: int) -> Post | None:
        """One of the posts, the last ones written first."""
        posts = list(self.author.posts.values())[::-1]
        return posts[which % len(posts)] if posts else None

    def deploy(self) -> None:
        if acts := self.author.done():
            self.life.change(acts)

    def follow(self, chat: str, tag: str | None) -> None:
        self.life.now += 1
        self.runner.run(self.life.follow(chat, tag))

    def teardown(self) -> None:
        try:
            self.look("well", 0)
        finally:
            self.runner.run(self.life.stop())
            self.runner.close()
            shutil.rmtree(self.folder)


def ids(post: Post) -> set[str]:
    return {paper.arxiv_id for paper in post.papers}


def test_no_history_loses_a_paper_or_brings_one_twice(template, monkeypatch):
    monkeypatch.setattr("bot.sources.folder.REST", REST)
    monkeypatch.setattr(History, "template", template, raising=False)
    run_state_machine_as_test(History, settings=FEW)
