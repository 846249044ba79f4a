"""One chat's turn: what it is owed as messages, and what each message, once confirmed, settles."""

import datetime as dt
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from bot.adapters.base import Adapter, Heading, Message
from bot.formatter import cards, subject
from bot.model import Layout, Post, Schedule
from bot.storage.chats import Chat
from bot.storage.outbox import Mark, Owed, Release
from bot.storage.rooms import Room
from bot.when import next_due, quiet_until

REMEMBERED = 512  # rendered digests


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One message to send, the deliveries it is about, and what they become when it has arrived."""

    message: Message
    about: tuple[Owed, ...]
    state: str
    parts: int
    of_card: bool = False  # a part of what shows one paper
    begun: bool = False  # its digest has been introduced, or this paper begun, at this turn or before
    opens: bool = False  # the first message of its digest

    def marks(self, now: float) -> tuple[Mark, ...]:
        """What to record once the platform has confirmed."""
        sent = self.state == "sent"
        settled = int(now) if sent else None
        return tuple(
            Mark(id=item.id, state=self.state, parts=self.parts, tries=item.tries * sent, settled_at=settled)
            for item in self.about
        )

    def continues(self, failed: Sequence[Owed]) -> bool:
        """Whether this is one more part of a card of which a part was given up."""
        return self.of_card and self.parts > 1 and any(item.id == self.about[0].id for item in failed)

    def instead(self) -> tuple["Step", ...]:
        """What goes in its place where the platform refuses a card that it can show in another form."""
        return tuple(_card(self.message.fallback, self.about[0], self.begun))


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """What a chat is owed of one post: all of it introduced already, or nothing of it."""

    post: Post  # with the entries that are owed, in its order
    rows: tuple[Owed, ...]
    held: int = 0  # papers of it that are not pushed
    tags: dict[str, tuple[str, ...]] = field(default_factory=dict)
    room: str = ""  # where it stands in a chat that has each digest in a room of its own

    @property
    def post_id(self) -> int:
        """The number of its post."""
        return self.rows[0].post_id


@dataclass(frozen=True, slots=True)
class After:
    """How a message, or a whole turn, ended for the chat."""

    wait: float = 0.0  # seconds until it may have the next turn
    address: str | None = None  # where it lives now, if that changed
    gone: str | None = None  # why it cannot be reached
    failed: bool = False  # the message was given up
    rest: tuple[Step, ...] = ()  # what is still to come of a card that goes in another form
    room: str = ""  # where the rest of the digest goes, if that was told


def heading(chat: Chat, digest: Digest, step: Step, room: str) -> Heading | None:
    """What tells the platform of which digest a message is; None: the chat has them one after another."""
    if chat.layout is Layout.PLAIN:
        return None
    return Heading(
        title=subject(digest.post),
        tags=tuple(tag.name for tag in digest.post.tags),
        layout=chat.layout,
        opens=step.opens,
        room=room,
    )


def made(chat: Chat, step: Step, told: Heading | None, room: str) -> Room | None:
    """A room that is to be recorded; None: there is none, or it was there before."""
    if told is None or room in ("", told.room):
        return None
    return Room(chat_id=chat.id, post_id=step.about[0].post_id, address=room)


def hush(schedule: Schedule, now: float) -> tuple[bool, float]:
    """Whether a chat is to be served without a sound, and for how many seconds not at all."""
    if schedule.quiet:
        at = dt.datetime.fromtimestamp(now, dt.UTC)
        if end := quiet_until(schedule, at):
            silent = schedule.quiet.silent
            return silent, 0.0 if silent else (end - at).total_seconds()
    return False, 0.0


def ended(chat: Chat, after: After, *, now: float, line: float) -> Release:
    """The chat as it is given back: at the end of the line, or when it may be served again."""
    due = chat.due_at
    if due is not None and due <= now and not after.wait:
        following = next_due(chat.schedule, dt.datetime.fromtimestamp(now, dt.UTC))
        due = int(following.timestamp()) if following else None
    return Release(
        chat_id=chat.id,
        owed_at=now + after.wait if after.wait else line,
        due_at=due,
        was_due=chat.due_at,
        address=after.address if after.address != chat.address else None,
        paused_reason=after.gone,
        paused_at=int(now) if after.gone else None,
    )


Rendered = tuple[tuple[tuple[Message, ...], tuple[str, ...]], ...]  # a card's messages, and its papers


class Renderer:
    """Renders a digest once for all chats that get it alike."""

    def __init__(self) -> None:
        self._kept: OrderedDict[object, Rendered] = OrderedDict()

    def forget(self) -> None:
        """Drop everything: posts have changed."""
        self._kept.clear()

    def render(self, adapter: Adapter, chat: Chat, digest: Digest) -> Rendered:
        """The messages of every card."""
        revised = frozenset(row.arxiv_id for row in digest.rows if row.revised)
        ids = tuple(row.entry_id for row in digest.rows)
        tags = tuple(sorted(digest.tags.items()))
        key = (adapter.platform, chat.style, chat.language, ids, revised, digest.held, tags)
        if key not in self._kept:
            shown = cards(
                digest.post, style=chat.style, language=chat.language,
                revised=revised, held=digest.held, tags=digest.tags,
            )  # fmt: skip
            self._kept[key] = tuple(
                (tuple(adapter.render(card, chat.language)), card.papers) for card in shown
            )
            if len(self._kept) > REMEMBERED:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]


def steps(rendered: Rendered, rows: Sequence[Owed]) -> Iterator[Step]:
    """The messages that have not arrived yet, in order.

    A card that names no paper introduces the digest; a card of one paper counts its parts, so that
    a crash between two of them repeats none; a list of several settles each with the last part that
    shows it. What a platform refuses in one form goes on in the other once a part of it has arrived.
    """
    by_paper = {row.arxiv_id: row for row in rows}
    introduced = all(row.introduced for row in rows)
    done = max((row.parts for row in rows), default=0)
    for messages, papers in rendered:
        if not papers:
            if not introduced:
                yield from _introduction(messages, tuple(rows), done)
            introduced = True
        elif len(papers) == 1:
            yield from _card(messages, by_paper[papers[0]], introduced)
        else:
            yield from _list(messages, by_paper, introduced)


def _introduction(messages: Sequence[Message], rows: tuple[Owed, ...], done: int) -> Iterator[Step]:
    for number, message in enumerate(messages[done:], done + 1):
        last = number >= len(messages)
        state, parts = ("sending", 0) if last else ("pending", number)
        yield Step(message=message, about=rows, state=state, parts=parts, opens=number == 1)
        rows = tuple(map(_untried, rows))


def _card(messages: Sequence[Message], row: Owed, begun: bool) -> Iterator[Step]:
    if row.introduced and row.parts:  # as one message it has no parts: it was begun in its other form
        messages = messages[0].fallback or messages
    # One that has become shorter since it was begun ends with a part that it may have shown before.
    done = min(row.parts, len(messages) - 1) if row.introduced else 0
    if begun and not row.introduced:
        row = _untried(row)  # what it tells of is the introduction
    for number, message in enumerate(messages[done:], done + 1):
        state = "sent" if number >= len(messages) else "sending"
        yield Step(
            message=message, about=(row,), state=state, parts=number,
            of_card=True, begun=begun, opens=not begun,
        )  # fmt: skip
        row, begun = _untried(row), True


def _untried(row: Owed) -> Owed:
    """The row for the next message: what befell the one before it is over."""
    return replace(row, tries=0, reason=None)


def _list(messages: Sequence[Message], by_paper: dict[str, Owed], begun: bool) -> Iterator[Step]:
    last = {paper: place for place, message in enumerate(messages) for paper in message.papers}
    for place, message in enumerate(messages):
        about = tuple(by_paper[paper] for paper in message.papers if last[paper] == place)
        opens = place == 0 and not begun
        yield Step(message=message, about=about, state="sent", parts=0, opens=opens)
