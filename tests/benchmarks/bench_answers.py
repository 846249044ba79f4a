"""How soon people are answered on a large database: while nothing else goes on, and during a broadcast.

The program runs as it is, in a process of its own, against a Telegram that notes when it hands an
update out and when the first request comes that answers it. `ANSWERS_PAPERS` (100,000 unless said
otherwise) is how many papers there are, with ten times as many deliveries; `ANSWERS_EACH` (60) how
often each kind of thing is asked, everything in disorder, by somebody else each time.
"""

import asyncio
import datetime as dt
import gc
import os
import random
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.at_work import at_work, evenly, prepare, publish, report
from tests.benchmarks.large import Large, fill, phrase, signs, topic, word
from tests.fakes.stall import watched
from tests.fakes.telegram import Event, Request, Server, User
from tests.fakes.telegram.shapes import base_json, user_json
from tests.fakes.telegram.world import Message

PAPERS = int(os.environ.get("ANSWERS_PAPERS", "100000"))
EACH = int(os.environ.get("ANSWERS_EACH", "60"))
RATE = 20  # questions a second
TARGET = 100.0  # milliseconds
FOLLOWERS = 2_000  # of the tag that the broadcast is about
NEW = 5_000_000  # where the numbers begin of people whom the bot does not know

Ask = Callable[[random.Random, int], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Something that was asked: a text, or the data of a button."""

    kind: str
    event: Event
    pressed: bool

    @property
    def place(self) -> str:
        """What the first answer names: the press, or the chat."""
        return self.event.id if self.pressed else str(self.event.chat.id)


def kinds(large: Large) -> tuple[dict[str, Ask], dict[str, Ask]]:
    """What people write, and which buttons they press."""

    said: dict[str, Ask] = {
        "/start": lambda *_: "/start",
        "/help": lambda *_: "/help",
        "/tags": lambda *_: "/tags",
        "/subscribe TAG": lambda chance, _: f"/subscribe {topic(chance)}",
        "/subscriptions": lambda *_: "/subscriptions",
        "/latest": lambda *_: "/latest",
        "/latest TAG": lambda chance, _: f"/latest {topic(chance)}",
        "/tag TAG DATE": lambda chance, _: f"/tag {topic(chance)} {large.day(chance)}",
        "/paper ID": lambda chance, _: f"/paper {large.some_paper(chance)}",
        "a Latin word": lambda chance, _: f"/search {word(chance)}",
        "two Latin words": lambda chance, _: f"/search {word(chance)} {word(chance)}",
        "two Chinese signs": lambda chance, _: f"/search {signs(chance, 2)}",
        "four Chinese signs": lambda chance, _: f"/search {signs(chance, 4)}",
        "a phrase": lambda chance, _: f'/search "{phrase(chance)}"',
        "/saved": lambda *_: "/saved",
        "/why ID": lambda chance, asker: f"/why {large.theirs(chance, asker)}",
        "/settings": lambda *_: "/settings",
    }
    pressed: dict[str, Ask] = {
        "page of a note": lambda chance, _: f"note:{large.noted(chance)}:{chance.randrange(1, 4)}",
        "page of a digest": lambda chance, _: f"digest:{large.digest(chance)}",
        "save": lambda chance, _: f"save:{large.some_paper(chance)}",
    }
    return said, pressed


class Crowd:
    """Everybody who asks once, in a row."""

    def __init__(self, server: Server, large: Large) -> None:
        self._server = server
        self._large = large
        self._asker = 0

    async def ask(self, seed: int) -> list[Question]:
        """Ask everything, in disorder and at an even pace."""
        chance = random.Random(seed)
        said, pressed = kinds(self._large)
        order = [*said, *pressed] * EACH
        chance.shuffle(order)
        asked = []
        async for kind in evenly(order, RATE, chance):
            self._asker += 1
            make = said.get(kind) or pressed[kind]
            event = await self._put(make(chance, self._asker), pressed=kind in pressed)
            asked.append(Question(kind=kind, event=event, pressed=kind in pressed))
        await asyncio.sleep(2.0)
        return asked

    async def _put(self, text: str, *, pressed: bool) -> Event:
        language = "zh-hans" if self._asker % 2 else "en"
        # Of five people one is new here.
        number = self._asker if self._asker % 5 else NEW + self._asker
        person = _person(self._server, self._large, number, language_code=language)
        if not pressed:
            return await self._server.say(person, person, text)
        chat = self._server.private(person)
        body = base_json(chat, {"from": user_json(self._server.bot)}) | {"text": "A message of long ago."}
        old = chat.add(Message(chat=chat, body=body, by_bot=True))
        return await self._server.press(old, text, person, stale=True)


def _person(server: Server, large: Large, number: int, **known: str) -> User:
    return server.user(f"Reader {number}", id=int(large.person(number)), **known)


def waits(server: Server, asked: list[Question]) -> tuple[dict[str, list[float]], int]:
    """Milliseconds from each update to the first request that answers it, by kind; how many had none.

    Of a press that changes a message, also those until it is changed.
    """
    handed: dict[int, float] = {}
    first: dict[str, Request] = {}
    for request in server.requests:
        if request.method == "getUpdates":
            for update in request.result or ():
                handed.setdefault(update["update_id"], request.answered_at)
        elif request.method != "answerCallbackQuery":
            first.setdefault(str(request.params.get("chat_id")), request)
        else:
            first.setdefault(str(request.params["callback_query_id"]), request)
    found: dict[str, list[float]] = {}
    missing = 0
    for question in asked:
        began = handed.get(question.event.update_id)
        answer = first.get(question.place)
        if began is None or answer is None:
            missing += 1
            continue
        found.setdefault(question.kind, []).append((answer.at - began) * 1000)
        shown = first.get(str(question.event.chat.id))
        if question.pressed and shown:
            found.setdefault(f"{question.kind}, shown", []).append((shown.at - began) * 1000)
    return found, missing


async def measure(folder: Path, large: Large) -> None:
    """Print how long answers take, without and with a broadcast."""
    gc.disable()  # what measures is not to stand still
    async with Server(strict_pace=True) as server:
        given = {"TELEGRAM_BOT_TOKEN": server.token}
        for number in range(large.chats + 1, large.chats + FOLLOWERS + 1):
            _person(server, large, number)
        crowd = Crowd(server, large)
        polled = server.wait_until_polled(within=60)
        async with at_work(folder, f"telegram: {{api_url: '{server.url}'}}", given, polled):
            await phase(server, "idle", crowd.ask(1))
            publish(folder, large)
            await server.wait_for("sendMessage", lambda it: "Broadcast" in it.params["text"], within=60)
            await asyncio.sleep(1)
            before, began = len(list(_shown(server))), time.monotonic()
            await phase(server, "during a broadcast", crowd.ask(2))
            rate = (len(list(_shown(server))) - before) / (time.monotonic() - began)
        soon = len(server.violations)
        print(f"    {rate:.1f} of 30 messages a second, answers among them; {soon} came too soon")
        print(f"    refused: {server.complaints[:3]}" if server.complaints else "    nothing was refused")


async def phase(server: Server, name: str, asking: Awaitable[list[Question]]) -> None:
    """Print how long answers take under some circumstances."""
    async with watched() as stall:
        asked = await asking
    found, missing = waits(server, asked)
    print(f"  {name} (what measures stood still for {stall.seconds * 1000:.0f} ms at worst):")
    report(found, TARGET)
    if missing:
        print(f"    {missing} QUESTIONS WITHOUT AN ANSWER")


def _shown(server: Server) -> Iterator[Request]:
    return (it for it in server.requests if it.method.startswith(("sendMessage", "editMessage")))


def main() -> None:
    """Print the figures."""
    chats = PAPERS // 10
    large = Large(papers=PAPERS, chats=chats, each=100, today=dt.datetime.now(dt.UTC).date())
    there = f"{large.papers:,} papers and {chats * large.each:,} deliveries on SQLite"
    print(f"\nAnswers, {there}, {RATE} questions a second (target: p95 under {TARGET:.0f} ms)")
    with tempfile.TemporaryDirectory(prefix="paperboy-answers-") as folder:
        began = time.perf_counter()
        asyncio.run(fill(Path(folder) / "paperboy.db", large))
        print(f"  filled in {time.perf_counter() - began:.0f} s")
        prepare(Path(folder), large, [large.address(chats + nth) for nth in range(1, FOLLOWERS + 1)])
        asyncio.run(measure(Path(folder), large))


if __name__ == "__main__":
    main()
