"""What each chat must get, in plain Python: no tables, no leases, no turns, no states.

The model is told what was read, what people asked for, and every message that a platform saw with its
fate. It raises AssertionError at once where a message should not have been sent, and `check` at the end
where something that was owed has not come.
"""

from collections import Counter
from dataclasses import dataclass, field

DAY = 86400
EVERY_DAY = frozenset(range(7))
TRIES = 6  # troubles after which a message may be given up
LONGEST = 450  # seconds after which what failed for a while is tried again
LEASE = 60  # seconds for which a crash may leave a chat alone

OVERVIEW, LIST, WHOLE = (
    "overview",
    "list",
    "whole",
)  # what a message is; a card's parts but the last go by number


@dataclass(frozen=True)
class Shown:
    """A message as people see it."""

    label: str
    papers: tuple[str, ...]  # for an overview those that it announces
    revised: bool = False
    silent: bool = False


@dataclass
class Timing:
    """When a chat wants to be spoken to, by a clock that is `offset` seconds ahead of UTC all year."""

    at: int | None = None  # seconds after midnight; None: at once
    days: frozenset[int] = EVERY_DAY
    offset: int = 0
    quiet: tuple[int, int] | None = None  # hours
    silent: bool = False

    def gate(self, now: int) -> int:
        """From when on may be sent what is planned now."""
        today = (now + self.offset) // DAY
        if self.at is None and (today + 3) % 7 in self.days:
            return now
        moments = (
            day * DAY + (self.at or 0) - self.offset
            for day in range(today, today + 9)
            if (day + 3) % 7 in self.days
        )  # 1 January 1970 was a Thursday
        return next(moment for moment in moments if moment > now)  # fmt: skip

    def is_quiet(self, now: int) -> bool:
        """Is it night in the chat."""
        start, end = self.quiet or (0, 0)
        hour = (now + self.offset) % DAY / 3600
        return start <= hour < end if start <= end else not end <= hour < start


@dataclass
class Messages:
    """The messages that one thing takes: which came, which may come again, what befell them."""

    came: Counter[str] = field(default_factory=Counter)
    may_repeat: Counter[str] = field(default_factory=Counter)
    unknown: int = 0  # since the last that was confirmed
    trouble: int = 0
    before: tuple[int, int] = (0, 0)  # unknown and trouble before the last that was confirmed
    refused: bool = False
    given_up: bool = False  # it may be that it never comes

    def take(self, label: str, fate: str) -> None:
        """One was sent, with this fate."""
        assert not self.refused, f"{label} came though it was refused"
        if fate in ("confirmed", "cut", "crashed"):
            self.came[label] += 1
            assert self.came[label] <= 1 + self.may_repeat[label], f"{label} came once too often"
        self.may_repeat[label] += fate in ("cut", "crashed")
        self.unknown += fate in ("cut", "unknown")
        self.trouble += fate in ("cut", "unknown", "transient")
        if fate == "confirmed":
            self.before = (self.unknown, self.trouble)
            self.unknown = self.trouble = 0
        self.refused = fate == "refused"
        self.given_up |= self.refused or self.unknown >= 2 or self.trouble >= TRIES


@dataclass(eq=False)
class Digest:
    """What one reading of a post owes to a chat."""

    order: tuple[str, str, int, int]  # date, title, number of the post, moment
    overview: Messages = field(default_factory=Messages)
    debts: "list[Debt]" = field(default_factory=list)
    introduced: bool | None = False  # None: a crash left it open


@dataclass(eq=False)
class Debt:
    """One paper that a chat is owed."""

    paper: str
    digest: Digest
    revised: bool
    version: int = 0  # that came
    messages: Messages = field(default_factory=Messages)
    done: bool = False  # it came, and the bot knows
    sure: bool = True  # False: a crash left open whether the bot knows

    @property
    def is_open(self) -> bool:
        """Must it still come."""
        return not self.done and not self.messages.given_up


@dataclass
class Chat:
    """A chat, what it asked for, and what it is owed."""

    tags: set[str] = field(default_factory=set)
    follows_all: bool = False
    backlog: bool = False
    wants_revised: bool = False
    words: dict[str, set[str]] = field(default_factory=lambda: {"include": set(), "exclude": set()})
    timing: Timing = field(default_factory=Timing)
    gate: int | None = None  # from when on it may be sent what it is owed; None: it is owed nothing
    patience: int = 0  # until when it was told to wait
    slack: int = 0  # until when it may have to wait
    paused: bool | None = False  # None: a crash left it open
    left_at: int | None = None  # when a crash left it alone
    known: set[str] = field(default_factory=set)  # papers that are not owed as new again
    debts: dict[str, Debt] = field(default_factory=dict)
    past: list[Debt] = field(default_factory=list)
    open_ended: set[str] = field(default_factory=set)  # papers of which nothing is claimed any more
    last: tuple[str, tuple[Debt, ...]] | None = None  # a message that came and may not be recorded yet
    troubled: bool = False  # in this run
    vague: bool = False  # whether its gate is open: it may be owed nothing, if what is missing was given up

    def follows(self, tags: set[str]) -> bool:
        """Does it follow one of them."""
        return self.follows_all or bool(self.tags & tags)

    def likes(self, words: set[str]) -> bool:
        """Do its filters let a paper of these words through."""
        include, exclude = self.words["include"], self.words["exclude"]
        return not words & exclude and (not include or bool(words & include))


@dataclass
class Post:
    """A post as it was read until now."""

    number: int
    date: str
    title: str
    tags: set[str]
    papers: list[str] = field(default_factory=list)


@dataclass
class Model:
    """All chats, and what is known of papers."""

    chats: dict[str, Chat]
    cap: int
    words: dict[str, set[str]]  # of a paper
    versions: Counter[str] = field(default_factory=Counter)
    posts: dict[str, Post] = field(default_factory=dict)

    def read(self, post: Post, papers: list[str], now: int, *, old: bool) -> None:
        """A post was read, for the first time or again; it holds these papers now."""
        new = [paper for paper in papers if paper not in post.papers and self._is_new(post, paper)]
        post.papers = papers + [paper for paper in post.papers if paper not in papers]
        for chat in self.chats.values():
            if not old or chat.backlog:
                self._owe(chat, Digest((post.date, post.title, post.number, now)), post, new, now)

    def _owe(self, chat: Chat, digest: Digest, post: Post, new: list[str], now: int) -> None:
        fresh = [paper for paper in new if paper not in chat.known] if chat.follows(post.tags) else []
        chat.known.update(fresh)
        pushed = [paper for paper in fresh if chat.likes(self.words[paper])][: self.cap]
        again = [paper for paper in post.papers if chat.wants_revised and self._is_news(chat, paper)]
        if not all(chat.debts[paper].sure for paper in again):
            chat.open_ended.update(again)  # the bot may not know that it sent the version before
            again = []
        for paper in sorted(pushed + again[: self.cap - len(pushed)], key=post.papers.index):
            if paper in again:
                chat.past.append(chat.debts[paper])
            chat.debts[paper] = Debt(paper, digest, paper in again)
            digest.debts.append(chat.debts[paper])
        if digest.debts or chat.open_ended:
            chat.gate = chat.timing.gate(now) if chat.gate is None else chat.gate

    def _is_new(self, post: Post, paper: str) -> bool:
        """Is there a tag of the post under which no other post has held the paper."""
        others = [other for other in self.posts.values() if other is not post and paper in other.papers]
        return not all(any(tag in other.tags for other in others) for tag in post.tags)

    def _is_news(self, chat: Chat, paper: str) -> bool:
        """Is there a newer version than the one that the chat was sent."""
        debt = chat.debts.get(paper)
        under = set().union(*(post.tags for post in self.posts.values() if paper in post.papers))
        return bool(
            debt and debt.done and paper not in chat.open_ended and debt.version < self.versions[paper]
            and chat.follows(under) and chat.likes(self.words[paper])
        )  # fmt: skip

    def see(self, name: str, shown: Shown, fate: str, now: int) -> None:
        """A platform was asked to bring a message to a chat."""
        chat, label = self.chats[name], shown.label
        chat.last, chat.troubled = None, chat.troubled or fate != "confirmed"
        assert not chat.paused, f"{name} is gone"
        assert chat.gate is not None, f"{name} is owed nothing"
        assert chat.gate <= now, f"{name} has not come to its hour"
        assert chat.patience <= now, f"{name} was told to wait"
        assert shown.silent == (chat.timing.is_quiet(now) and chat.timing.silent), f"{name}: wrong sound"
        assert shown.silent or not chat.timing.is_quiet(now), f"{name} was woken"
        chat.paused = False
        papers = [paper for paper in shown.papers if paper not in chat.open_ended]
        assert set(papers) <= set(chat.debts), f"{name} is not owed {papers}"
        if not papers:
            return
        debts = tuple(chat.debts[paper] for paper in papers)
        assert len({debt.digest for debt in debts}) == 1, f"{name}: two digests in one message"
        digest = debts[0].digest
        if label == OVERVIEW:
            due = {debt.paper for debt in digest.debts if debt.is_open} - chat.open_ended
            assert due <= set(papers), f"{name}: an overview leaves out {due - set(papers)}"
            assert not any(debt.done and debt.sure for debt in debts), f"{name}: an overview of old papers"
        elif label != LIST:
            assert shown.revised == debts[0].revised, f"{name}: {papers} is labelled wrongly"
            assert digest.overview.came[OVERVIEW] or digest.overview.given_up, f"{name}: no overview"
        self._check_order(name, digest, debts)
        self._take(chat, shown, debts, fate, now)

    def _check_order(self, name: str, digest: Digest, debts: tuple[Debt, ...]) -> None:
        if digest.introduced is None or not all(debt.is_open for debt in debts):
            return  # a repeat
        chat = self.chats[name]
        before = [debt for debt in chat.debts.values() if debt.is_open and _place(debt) < _place(debts[0])]
        late = [debt.paper for debt in before if debt.digest.introduced is not None]
        assert set(late) <= chat.open_ended, f"{name}: {[debt.paper for debt in debts]} came before {late}"

    def _take(self, chat: Chat, shown: Shown, debts: tuple[Debt, ...], fate: str, now: int) -> None:
        label, digest = shown.label, debts[0].digest
        about = [digest.overview] if label == OVERVIEW else [debt.messages for debt in debts]
        for messages in about:
            messages.take(label, fate)
        if fate in ("transient", "unknown", "cut") and not about[0].given_up:
            chat.patience, chat.slack = now + 1, now + LONGEST
        # A repeat that is given up: the bot thinks that the paper never came.
        chat.open_ended.update(debt.paper for debt in debts if debt.done and debt.messages.given_up)
        if label == OVERVIEW and digest.overview.given_up:
            digest.introduced = None
        if fate == "confirmed":
            chat.last = (label, debts)
            digest.introduced = digest.introduced if label == LIST else True
            for debt in debts if label in (LIST, WHOLE) else ():
                debt.done, debt.version = True, self.versions[debt.paper]

    def wait(self, names: list[str], until: int) -> None:
        """The platform told the first of these chats to wait; it may mean the others as well."""
        self.chats[names[0]].patience = until
        for name in names:
            self.chats[name].slack = max(until, self.chats[name].slack)
            self.chats[name].troubled = True

    def restyle(self, name: str) -> None:
        """The chat has another style: what befell an overview counts for the cards or the list now."""
        for debt in self.chats[name].debts.values():
            both = (debt.messages, debt.digest.overview)
            for messages in both:
                messages.unknown = max(it.unknown for it in both)
                messages.trouble = max(it.trouble for it in both)

    def reset(self, name: str, now: int, *, gate: int) -> None:
        """The chat came back, or has another schedule: from when on it may be sent what it is owed."""
        chat = self.chats[name]
        chat.patience = now
        chat.gate = None if chat.gate is None else gate

    def crash(self, now: int) -> None:
        """The bot was killed: the last message of each chat may come again, what it was told is forgotten."""
        for chat in self.chats.values():
            chat.left_at, chat.patience, chat.slack = now, 0, max(chat.slack, chat.patience)
            chat.paused = None if chat.paused else chat.paused
            for debt in chat.debts.values():
                debt.messages.refused = debt.digest.overview.refused = False
            if chat.last is None:
                continue
            label, debts = chat.last
            digest = debts[0].digest
            for messages in [digest.overview] if label == OVERVIEW else [debt.messages for debt in debts]:
                messages.may_repeat[label] += 1
                messages.unknown, messages.trouble = messages.before
            for debt in debts if label in (LIST, WHOLE) else ():
                debt.sure = False
            digest.introduced = None if label == OVERVIEW else digest.introduced

    def start(self) -> None:
        """A bot starts."""
        for chat in self.chats.values():
            chat.last, chat.troubled = None, False

    def settle(self, now: int) -> None:
        """A bot has run until it had nothing to do, and was stopped in peace."""
        for name, chat in self.chats.items():
            missing = [debt.paper for debt in chat.debts.values() if debt.is_open]
            left_alone = chat.left_at is not None and now <= chat.left_at + LEASE
            if not chat.last and (
                left_alone or chat.paused is not False or now < max(chat.gate or 0, chat.slack)
            ):
                chat.vague = chat.vague or not missing
                continue
            chat.left_at = None
            for debt in chat.debts.values():
                debt.sure = True
            held = chat.timing.is_quiet(now) and not chat.timing.silent
            excused = chat.troubled or held or chat.vague or chat.open_ended
            assert not missing or excused, f"{name} was not sent {missing}, and why not"
            if not missing:
                came = all(debt.done for debt in chat.debts.values())
                chat.vague = (chat.troubled and not came) or bool(chat.open_ended)
                chat.gate = chat.gate if chat.vague else None

    def check(self) -> None:
        """At the end, when all trouble is over: everything that was owed has come, or was given up."""
        for name, chat in self.chats.items():
            missing = [debt.paper for debt in chat.debts.values() if debt.is_open]
            assert not missing, f"{name} never got {missing}"


def _place(debt: Debt) -> tuple[object, ...]:
    """What is begun is finished first, then the oldest digest in its order."""
    return (not debt.digest.introduced, debt.digest.order, debt.digest.debts.index(debt))
