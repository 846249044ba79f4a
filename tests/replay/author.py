"""What can happen to a blog, to its readers and to who looks at it; and an author who writes one."""

import datetime as dt
import random
from dataclasses import dataclass, replace

from tests.fakes.blog.posts import Paper, Post

START = dt.date(2026, 11, 25)  # so that months, and the year, turn on the way
TAGS = ("NeRF", "元宇宙/虚拟人", "R1_Reasoning", "Talking Head Generation", "3DGS")
MORE = tuple(f"Field {number}" for number in range(1, 16))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrote:
    """A post was written, or anew."""

    post: Post


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """A post was taken off."""

    key: tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """The blog looks otherwise from now on."""

    theme: str
    layout: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Follows:
    """A chat follows a tag from now on; None: every tag."""

    chat: str
    tag: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaves:
    """A chat follows nothing any more."""

    chat: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The sources are looked at."""

    how: str = "well"  # or what goes wrong: "killed", "away", "broken", "cut", "slow", "half"
    steps: int = 0  # of the event loop until it is killed
    anew: bool = False  # by a bot that was just started


@dataclass(frozen=True, slots=True, kw_only=True)
class Joins:
    """The other sources can be reached, which so far could not."""


Act = Joins | Wrote | Took | Rebuilt | Follows | Leaves | Look


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What happens at one time."""

    at: float  # seconds since the epoch
    acts: tuple[Act, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One day of the blog, by UTC."""

    date: dt.date
    moments: tuple[Moment, ...]


class Author:
    """Who writes the blog, and what it holds by now."""

    def __init__(self, seed: int, old: int) -> None:
        self.old = old  # posts that come in one batch
        self.chance = random.Random(seed)
        self.posts: dict[tuple[str, str], Post] = {}
        self.today = START
        self.kept: dict[str, tuple[str, str]] = {}  # posts that the plot comes back to
        self.gone: dict[str, list[Post]] = {}
        self.acts: list[Act] = []
        self._papers = 0

    def done(self) -> tuple[Act, ...]:
        """What was done since this was last asked."""
        acts, self.acts = tuple(self.acts), []
        return acts

    def paper(self) -> Paper:
        """A paper that nobody has seen."""
        self._papers += 1
        number = self._papers
        return Paper(arxiv_id=f"2611.{number:05}", title=f"On Matter {number}", summary=f"第{number}篇。")

    def write(self, post: Post) -> Post:
        self.posts[post.key] = post
        self.acts.append(Wrote(post=post))
        return post

    def take(self, key: tuple[str, str]) -> Post:
        self.acts.append(Took(key=key))
        return self.posts.pop(key)

    def compose(self, tag: str, number: int, *known: Paper, back: int = 0) -> Post:
        """A post of new papers, and of known ones, so many days back."""
        date = (self.today - dt.timedelta(days=back)).isoformat()
        return self.write(Post(date=date, tag=tag, papers=(*known, *(self.paper() for _ in range(number)))))

    def free(self, back: int = 0, among: tuple[str, ...] = (*TAGS, *MORE)) -> list[str]:
        """The tags without a post on that day."""
        date = (self.today - dt.timedelta(days=back)).isoformat()
        return [tag for tag in among if (date, tag) not in self.posts]

    def publish(self, most: int) -> None:
        """The posts of a usual day."""
        free = self.free(among=(*TAGS, *MORE)[: max(most, len(TAGS))])
        least = 5 if most > len(TAGS) else 1
        for tag in self.chance.sample(free, min(len(free), self.chance.randint(least, most))):
            self.compose(tag, self.chance.randint(2, 4))

    def recent(self, days: int = 9) -> list[Post]:
        """The posts that may still grow."""
        oldest = (self.today - dt.timedelta(days=days)).isoformat()
        return [post for post in self.posts.values() if post.date >= oldest]

    def grow(self, post: Post, number: int) -> Post:
        return self.write(replace(post, papers=(*post.papers, *(self.paper() for _ in range(number)))))

    def rename(self, post: Post, days: int, more: int = 0) -> Post:
        """File it so many days later, grown by new papers; where there is one, it stays."""
        date = (dt.date.fromisoformat(post.date) + dt.timedelta(days=days)).isoformat()
        if (date, post.tag) in self.posts:
            return post
        self.take(post.key)
        added = tuple(self.paper() for _ in range(more))
        return self.write(replace(post, date=date, papers=post.papers + added))

    def rewrite(self, post: Post, *, without: int = 0) -> Post:
        """New words for the papers, of which the first are left out."""
        papers = (replace(each, summary=f"再说：{each.title}。") for each in post.papers[without:])
        return self.write(replace(post, papers=tuple(papers)))

    def revise(self, post: Post) -> Post:
        """Its first paper in the next version."""
        first, *others = post.papers
        newer = replace(first, version=first.version + 1)
        return self.write(replace(post, papers=(newer, *others)))

    def keep(self, name: str, post: Post) -> None:
        self.kept[name] = post.key

    def known(self, name: str) -> Post:
        return self.posts[self.kept[name]]
