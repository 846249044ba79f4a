"""How soon people on Discord get a first response from a large database: idle, and during a broadcast.

The program runs as it is, in a process of its own, against a Discord that notes when it tells the
gateway of an interaction and when the first response comes. `ANSWERS_PAPERS` (100,000 unless said
otherwise) is how many papers there are, with ten times as many deliveries; `ANSWERS_EACH` (40) how
often each kind of thing is asked, everything in disorder, by somebody else each time; the broadcast
goes to 1,000 channels at the rate that is allowed.
"""

import asyncio
import datetime as dt
import gc
import os
import tempfile
import time
from collections.abc import Awaitable, Sequence
from pathlib import Path

from bot.locales import words
from bot.model import Language
from tests.benchmarks.at_work import at_work, prepare, publish, report
from tests.benchmarks.discord_crowd import Crowd, Question
from tests.benchmarks.large import Large, fill
from tests.fakes.discord import Request, Server
from tests.fakes.stall import watched

PAPERS = int(os.environ.get("ANSWERS_PAPERS", "100000"))
EACH = int(os.environ.get("ANSWERS_EACH", "40"))
RATE = 20  # questions a second
TARGET, TYPED = 150.0, 100.0  # milliseconds: of commands, and of choices while people type
CHANNELS = 1_000  # that follow the tag that the broadcast is about
LATER = {5, 6}  # first responses that only say that the answer comes later
SENT = "/channels/*/messages"
EXCUSES = {words(language)(line) for language in Language for line in ("trouble", "stale")}

Waits = dict[str, list[float]]


def waits(first: dict[str, Request], asked: Sequence[Question]) -> tuple[Waits, Waits]:
    """Milliseconds to the first response, by kind: of commands and presses, and of what is typed."""
    answers: Waits = {}
    choices: Waits = {}
    for question in asked:
        if response := first.get(question.event.token):
            found = choices if question.event.kind == "autocomplete" else answers
            found.setdefault(question.kind, []).append((response.at - question.event.at) * 1000)
    return answers, choices


def responses(requests: Sequence[Request]) -> dict[str, Request]:
    """The first response to each interaction that had one, by its token."""
    found: dict[str, Request] = {}
    for request in requests:
        if request.route.endswith("/callback"):
            found.setdefault(request.path.split("/")[3], request)
    return found


def excuses(first: dict[str, Request], asked: Sequence[Question]) -> dict[str, list[str]]:
    """What was no answer, as it is said, with the kinds of questions that met it."""
    found: dict[str, list[str]] = {}
    for question in asked:
        event, response = question.event, first.get(question.event.token)
        if response is None:
            found.setdefault("without a response", []).append(question.kind)
        elif not response.ok:
            found.setdefault("responded to, and refused", []).append(question.kind)
        elif event.answered in LATER:
            found.setdefault("told to wait", []).append(question.kind)
        elif any(line in str(response.said) for line in EXCUSES):
            found.setdefault("answered that it does not work", []).append(question.kind)
    return found


async def phase(server: Server, name: str, asking: Awaitable[list[Question]]) -> None:
    """Print how long first responses take under some circumstances."""
    async with watched() as stall:
        asked = await asking
        await asyncio.sleep(2.0)
    first = responses(server.requests)
    answers, choices = waits(first, asked)
    print(f"  {name} (what measures stood still for {stall.seconds * 1000:.0f} ms at worst):")
    report(answers, TARGET, "all answers")
    report(choices, TYPED, "all choices")
    offered = [len(q.event.choices or ()) for q in asked if q.event.kind == "autocomplete"]
    print(f"    {sum(offered) / len(offered):.1f} choices on average")
    for what, kinds in excuses(first, asked).items():
        print(f"    {len(kinds)} QUESTIONS {what.upper()}: {', '.join(sorted(set(kinds)))}")


async def measure(folder: Path, large: Large) -> None:
    """Print how long answers take, without and with a broadcast."""
    gc.disable()  # what measures is not to stand still
    async with Server(strict_pace=True) as server:
        crowd = Crowd(server, large, CHANNELS)
        addresses = [f"{it.guild.id}/{it.id}" for it in crowd.channels if it.guild]
        prepare(folder, large, addresses, kind="group")
        settings = f"discord: {{api_url: '{server.url}'}}\noperators: ['discord:{server.owner.id}']"
        ready = server.wait_until_ready(within=60)
        async with at_work(folder, settings, {"DISCORD_BOT_TOKEN": server.token}, ready):
            await phase(server, "idle", crowd.ask(1, EACH, RATE))
            publish(folder, large)
            await server.wait_for("POST", SENT, lambda it: "Broadcast" in str(it.json), within=60)
            await asyncio.sleep(1)
            before, began = len(server.asked("POST", SENT)), time.monotonic()
            during = f"during a broadcast to {CHANNELS:,} channels"
            await phase(server, during, crowd.ask(2, EACH, RATE))
            rate = (len(server.asked("POST", SENT)) - before) / (time.monotonic() - began)
        told = [request for request in server.requests if request.status == 429]
        print(f"    {rate:.1f} of 48 messages a second, answers apart; {len(told)} were told to wait")
        print(f"    refused: {server.complaints[:3]}" if server.complaints else "    nothing was refused")


def main() -> None:
    """Print the figures."""
    chats, today = PAPERS // 10, dt.datetime.now(dt.UTC).date()
    large = Large(papers=PAPERS, chats=chats, each=100, today=today, platform="discord")
    there = f"{large.papers:,} papers and {chats * large.each:,} deliveries on SQLite"
    print(f"\nAnswers on Discord, {there}, {RATE} questions a second")
    print(f"(targets: p95 under {TARGET:.0f} ms, of choices while people type under {TYPED:.0f} ms)")
    with tempfile.TemporaryDirectory(prefix="paperboy-discord-answers-") as folder:
        began = time.perf_counter()
        asyncio.run(fill(Path(folder) / "paperboy.db", large))
        print(f"  filled in {time.perf_counter() - began:.0f} s")
        asyncio.run(measure(Path(folder), large))


if __name__ == "__main__":
    main()
