"""A platform that meets each message as the story says, tells the model, and may pull the plug."""

import asyncio
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy.exc import OperationalError

from bot.adapters.base import Limits, Message
from bot.errors import Gone, Moved, RateLimited, Rejected, Transient, Unknown
from bot.formatter.card import Kind
from tests.prove.model import LIST, OVERVIEW, WHOLE, Model, Shown

BEGIN = 1_768_000_000  # Friday, 9 January 2026, 23:06:40 UTC


class Platform:
    """Tells the model of every message, and does with it what the story says."""

    platform = "model"
    limits = Limits()

    def __init__(self, model: Model) -> None:
        self.model = model
        self.now = BEGIN
        self.moves: Counter[str] = Counter()
        self.gone: set[str] = set()
        self.wrong: list[AssertionError] = []
        self.start({}, None)

    def start(self, fates: dict[int, str], stubborn: str | None) -> None:
        """A bot starts; the next calls meet these fates."""
        self.fates, self.stubborn = fates, stubborn
        self.calls = 0
        self.power = True
        self.off = asyncio.Event()
        self.reached: set[str] = set()
        self.model.start()

    def render(self, card, language):
        """An overview in one message, a list by three, a card in as many parts as its entry is long."""
        listed = tuple(span.link[-10:] for block in card.blocks if block.kind is Kind.LIST
                       for item in block.items for span in item if span.link)  # fmt: skip
        if not card.papers:
            return (self._message(Shown(OVERVIEW, listed), ()),)
        if any(block.papers for block in card.blocks):
            chunks = [card.papers[start : start + 3] for start in range(0, len(card.papers), 3)]
            return tuple(self._message(Shown(LIST, chunk), chunk) for chunk in chunks)
        texts = [span.text for block in card.blocks for item in block.items for span in item]
        length = next(int(text[-1]) for text in texts if text.startswith("Length "))
        revised = any(text.startswith("Revised") for text in texts)
        labels = [*map(str, range(1, length)), WHOLE]
        return tuple(self._message(Shown(label, card.papers, revised), card.papers) for label in labels)

    def _message(self, shown, papers):
        return Message(platform=self.platform, request={"shown": shown, "plain": False}, papers=papers)

    def place(self, address):
        """Every address is a place of its own."""
        return address

    def plain(self, message):
        """The same, known to be plain."""
        return Message(
            platform=self.platform, request=message.request | {"plain": True}, papers=message.papers
        )

    def address(self, name: str) -> str:
        """Where the chat lives now."""
        return f"{name}@{self.moves[name]}"

    async def send(self, address, message, *, silent=False):
        """Let a message meet its fate."""
        if not self.power:
            await self._hang()
        self.calls += 1
        name = address.partition("@")[0]
        if address != self.address(name):
            raise Moved(self.address(name))
        fate = self._fate(name, message)
        shown = message.request["shown"]
        try:
            seen = {"crash-after": "crashed", "crash-before": "lost", None: "confirmed"}.get(fate, fate)
            self.model.see(name, Shown(shown.label, shown.papers, shown.revised, silent), seen, self.now)
        except AssertionError as wrong:
            self.wrong.append(wrong)
        await self._meet(fate, name)

    def _fate(self, name: str, message: Message) -> str | None:
        if name in self.gone:
            return "gone"
        fate = self.fates.get(self.calls)
        if fate == "refused" and not message.request["plain"]:
            self.fates = self.fates | {self.calls + 1: "refused"}
            return "markup"
        if name == self.stubborn and fate is None:
            return "transient"
        return None if fate == "markup" and message.request["plain"] else fate

    async def _meet(self, fate: str | None, name: str) -> None:
        match fate:
            case None:
                self.reached.add(name)
            case "limited":
                self.model.wait([name], self.now + 30)
                raise RateLimited(30)
            case "limited-all":
                self.model.wait([name, *self.model.chats], self.now + 30)
                raise RateLimited(30, everywhere=True)
            case "moved":
                self.moves[name] += 1
                raise Moved(self.address(name))
            case "gone":
                self.gone.add(name)
                self.model.chats[name].paused = True
                raise Gone("blocked")
            case "markup" | "refused":
                raise Rejected("can't parse")
            case "transient":
                raise Transient("bad gateway")
            case "unknown" | "cut":
                raise Unknown("timed out")
            case _:
                await self._hang()

    async def _hang(self) -> None:
        """The power is off: nothing is answered and nothing is written any more."""
        if self.power:
            self.power = False
            self.off.set()
            self.model.crash(self.now)
        await asyncio.Event().wait()


@dataclass
class Powered:
    """A database that a process can write to as long as it lives."""

    database: object
    platform: Platform

    @asynccontextmanager
    async def writing(self):
        """A transaction that is not kept when the power went off in it."""
        async with self.database.writing() as connection:
            self._check()
            yield connection
            self._check()

    @asynccontextmanager
    async def reading(self):
        """A transaction that reads."""
        async with self.database.reading() as connection:
            yield connection

    def _check(self) -> None:
        if not self.platform.power:
            raise OperationalError("", {}, OSError("the power is off"))
