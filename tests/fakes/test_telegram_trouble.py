"""The fake Bot API server: pace, scripted trouble, the description, and how fast it is."""

import asyncio
import json
import os
import random
import subprocess
import sys
import time

import aiohttp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from telegram import Bot, InputMediaPhoto
from telegram.error import BadRequest, ChatMigrated, NetworkError, RetryAfter, TelegramError, TimedOut

from tests.fakes.telegram import Rules, Server
from tests.fakes.telegram.description import published
from tests.fakes.telegram.methods import METHODS

pytestmark = pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")

# Pace


class Clock:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def paced():
    """A server that holds Telegram's limits by a clock of the test's, its bot, and the clock."""
    clock = Clock()
    async with Server(strict_pace=True, clock=clock) as server, _bot(server) as bot:
        yield server, bot, clock


def _bot(server: Server) -> Bot:
    return Bot(server.token, base_url=server.base_url)


async def test_a_person_gets_one_message_a_second(paced):
    server, bot, clock = paced
    anna, eva = server.user("Anna"), server.user("Eva")
    await bot.send_message(anna.id, "1")
    clock.now += 0.5
    with pytest.raises(RetryAfter) as caught:
        await bot.send_message(anna.id, "2")
    assert caught.value._retry_after.total_seconds() == 1
    assert server.requests[-1].description == "Too Many Requests: retry after 1"
    await bot.send_message(eva.id, "1")
    clock.now += 1.0
    await bot.send_message(anna.id, "2")
    [violation] = server.violations
    assert (violation.limit, violation.chat, violation.at) == ("private", anna.id, 1000.5)
    assert [m.text for m in server.shown(anna)] == ["1", "2"]


async def test_who_does_not_wait_is_refused_again(paced):
    server, bot, clock = paced
    group = server.group()
    for _ in range(20):
        await bot.send_message(group.id, "x")
        clock.now += 0.5
    with pytest.raises(RetryAfter) as caught:
        await bot.send_message(group.id, "x")
    wait = caught.value._retry_after.total_seconds()
    assert wait == 50  # the first leaves the window a minute after it came
    clock.now += wait - 1
    with pytest.raises(RetryAfter):
        await bot.send_message(group.id, "x")
    clock.now += 1
    await bot.send_message(group.id, "x")
    assert [v.limit for v in server.violations] == ["group", "told to wait"]


async def test_everybody_together_gets_thirty_a_second(paced):
    server, bot, clock = paced
    people = [server.user(f"Reader {n}") for n in range(31)]
    for user in people[:30]:
        await bot.send_message(user.id, "x")
    with pytest.raises(RetryAfter):
        await bot.send_message(people[30].id, "x")
    await bot.send_message(people[30].id, "x", allow_paid_broadcast=True)
    assert [v.limit for v in server.violations] == ["overall"]
    clock.now += 1
    await bot.send_message(people[0].id, "x")


async def test_albums_count_each_picture_in_groups(paced):
    server, bot, clock = paced
    channel = server.channel()
    album = [InputMediaPhoto("https://example.org/1.png")] * 10
    await bot.send_media_group(channel.id, album)
    clock.now += 2
    await bot.send_media_group(channel.id, album)
    clock.now += 2
    with pytest.raises(RetryAfter):
        await bot.send_message(channel.id, "x")


async def test_edits_and_answers_are_no_messages(paced):
    server, bot, _clock = paced
    anna = server.user()
    message = await bot.send_message(anna.id, "0")
    for n in range(5):
        await message.edit_text(f"{n + 1}")
        await bot.send_chat_action(anna.id, "typing")
    assert server.violations == []


async def test_other_rules_can_be_given():
    rules = Rules(overall=(1000, 1.0), private=(2, 0.2), group=(3, 0.5))
    async with Server(strict_pace=rules) as server, _bot(server) as bot:
        anna = server.user()
        for _ in range(2):
            await bot.send_message(anna.id, "x")
        with pytest.raises(RetryAfter):
            await bot.send_message(anna.id, "x")


async def test_without_rules_there_is_no_pace(server, bot):
    anna = server.user()
    await asyncio.gather(*(bot.send_message(anna.id, f"{n}") for n in range(50)))
    assert len(server.shown(anna)) == 50
    assert server.violations == []


# Trouble


@pytest.mark.parametrize(
    ("how", "error", "words"),
    [
        ({"status": 429, "retry_after": 7}, RetryAfter, "Flood control exceeded. Retry in 7"),
        ({"status": 500}, NetworkError, "Internal Server Error"),
        ({"status": 502}, NetworkError, r"Bad Gateway \(502\). Parsing the server response"),
        ({"status": 504}, NetworkError, r"Gateway Timeout \(504\)"),
        ({"status": 400, "description": "Bad Request: chat not found"}, BadRequest, "Chat not found"),
        (
            {"status": 400, "description": "Bad Request: x", "migrate_to_chat_id": -1005},
            ChatMigrated,
            "-1005",
        ),
    ],
    ids=lambda value: None if not isinstance(value, dict) else str(value["status"]),
)
async def test_scripted_errors_come_as_often_as_told(server, bot, how, error, words):
    anna = server.user()
    server.fail("sendMessage", times=2, **how)
    for _ in range(2):
        with pytest.raises(error, match=words):
            await bot.send_message(anna.id, "x")
    await bot.send_message(anna.id, "y")
    assert [m.text for m in server.shown(anna)] == ["y"]
    assert [r.status for r in server.asked("sendMessage")] == [how["status"]] * 2 + [200]


async def test_an_error_can_hide_that_it_was_done(server, bot):
    anna = server.user()
    server.fail("sendMessage", status=502, handled=True)
    with pytest.raises(NetworkError):
        await bot.send_message(anna.id, "x")
    assert [m.text for m in server.shown(anna)] == ["x"]
    assert server.requests[-1].carried_out


async def test_errors_meet_whom_they_are_meant_for(server, bot):
    anna, eva = server.user("Anna"), server.user("Eva")
    server.fail("*", status=403, times=None, when=lambda r: r.params.get("chat_id") == eva.id)
    await bot.send_message(anna.id, "x")
    for _ in range(3):
        with pytest.raises(TelegramError):
            await bot.send_message(eva.id, "x")
    server.heal()
    await bot.send_message(eva.id, "x")


async def test_broken_answers_hide_what_was_done(server, bot):
    anna = server.user()
    server.garble("sendMessage")
    with pytest.raises(TelegramError, match="Invalid server response"):
        await bot.send_message(anna.id, "x")
    assert len(server.shown(anna)) == 1


@pytest.mark.parametrize("before", [True, False])
async def test_cut_connections(server, bot, before):
    anna = server.user()
    server.cut("sendMessage", before=before)
    with pytest.raises(NetworkError):
        await bot.send_message(anna.id, "x")
    assert [m.text for m in server.shown(anna)] == ([] if before else ["x"])
    assert (server.requests[-1].status, server.requests[-1].carried_out) == (None, not before)
    await bot.send_message(anna.id, "y")


async def test_slow_answers(server, bot):
    anna = server.user()
    server.delay("sendMessage", 0.2)
    started = time.monotonic()
    await bot.send_message(anna.id, "x")
    assert 0.2 <= time.monotonic() - started < 1
    server.delay("sendMessage", 0.3)
    with pytest.raises(TimedOut):
        await bot.send_message(anna.id, "y", read_timeout=0.1)
    request = await server.wait_for("sendMessage", lambda r: r.params["text"] == "y")
    assert request.ok, "who hangs up has sent the message all the same"
    assert [m.text for m in server.shown(anna)] == ["x", "y"]


async def test_slow_and_broken_at_once(server, bot):
    anna = server.user()
    server.delay("sendMessage", 0.1)
    server.fail("sendMessage", status=429, retry_after=3)
    started = time.monotonic()
    with pytest.raises(RetryAfter):
        await bot.send_message(anna.id, "x")
    assert time.monotonic() - started >= 0.1


async def test_chaos_by_chance_is_counted_right(server, bot):
    dice = random.Random(7)
    people = [server.user(f"Reader {n}") for n in range(20)]
    server.fail("sendMessage", status=429, retry_after=1, times=None, when=lambda _: dice.random() < 0.2)
    server.cut("sendMessage", before=False, times=None, when=lambda _: dice.random() < 0.2)
    outcomes = await asyncio.gather(
        *(bot.send_message(user.id, "x") for user in people), return_exceptions=True
    )
    refused = sum(isinstance(outcome, RetryAfter) for outcome in outcomes)
    cut = sum(isinstance(outcome, NetworkError) for outcome in outcomes)
    arrived = sum(len(server.shown(user)) for user in people)
    assert refused
    assert cut
    assert arrived == 20 - refused


# The description


described = pytest.mark.skipif(published() is None, reason="PAPERBOY_SHARED names no folder with specs")
KINDS = [
    "InlineKeyboardMarkup",
    "LinkPreviewOptions",
    "ReplyParameters",
    "BotCommand",
    "InlineQueryResultArticle",
]
KINDS += [
    "InputMediaPhoto",
    "BotCommandScope",
    "ReplyKeyboardMarkup",
    "MessageEntity",
    "Message",
    "ChatMember",
]


def values(kind: str, depth: int = 3) -> st.SearchStrategy[object]:
    """Values of a type of the Bot API, as its description says."""
    plain = {"String": st.text(max_size=5), "Integer": st.integers(-(2**53), 2**53), "Boolean": st.booleans()}
    if kind.startswith("Array of "):
        inner = kind.removeprefix("Array of ")
        return st.lists(values(inner, depth - 1), max_size=2 if depth > 0 else 0)
    if kind in plain or kind == "Float":
        return plain.get(kind, st.floats(allow_nan=False))
    told = {"fields": [], **published().types[kind]}
    if told.get("subtypes"):
        below = [sub for sub in told["subtypes"] if sub != kind]
        return st.sampled_from(below).flatmap(lambda sub: values(sub, depth))
    fields = published().fields(kind)
    chosen = {
        f["name"]: st.just(fields[f["name"]].literal)
        if fields[f["name"]].literal
        else st.sampled_from(f["types"]).flatmap(lambda t: values(t, depth - 1))
        for f in told["fields"]
        if f["required"] or depth > 0
    }
    required = {name: chosen[name] for name, field in fields.items() if field.required}
    optional = {name: chosen[name] for name in chosen.keys() - required.keys()}
    few = st.lists(st.sampled_from(sorted(optional)), max_size=3, unique=True) if optional else st.just([])
    return few.flatmap(lambda names: st.fixed_dictionaries(required | {n: optional[n] for n in names}))


@described
@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_what_the_description_allows_is_taken(kind, data):
    value = data.draw(values(kind))
    assert published().wrong(kind, value) is None


@described
@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_what_it_does_not_know_is_refused(kind, data):
    value = data.draw(values(kind))
    assert published().wrong(kind, {**value, "no_such_field": 1})
    assert published().wrong(kind, [value])
    typed = [name for name in value if isinstance(value[name], bool | str)]
    if typed:
        name = data.draw(st.sampled_from(sorted(typed)))
        assert published().wrong(kind, {**value, name: 1.5})


@described
@pytest.mark.parametrize("method", sorted(METHODS))
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_forms_are_read_as_what_they_mean(method, data):
    sent = {}
    for name, field in published().method(method).items():
        kinds = [*field.types, *(f"Array of {kind}" for kind in field.inner)]
        plain = [kind for kind in kinds if kind not in {"InputFile", "String"}] or ["String"]
        if "InputFile" not in field.types and (field.required or data.draw(st.booleans())):
            sent[name] = data.draw(values(data.draw(st.sampled_from(plain)), 2))
    form = {name: value if isinstance(value, str) else json.dumps(value) for name, value in sent.items()}
    uploads = {name for name, field in published().method(method).items() if "InputFile" in field.types}
    assert published().decode(method, sent, uploads) == sent
    assert published().decode(method, form, uploads) == sent


@described
def test_every_method_that_is_built_is_described():
    async def names() -> set[str]:
        async with Server() as server:
            return set(server.names.values())

    assert set(METHODS) <= set(published().methods.values())
    assert asyncio.run(names()) == set(published().methods.values())


# A process of its own


@pytest.mark.skipif(not os.environ.get("PAPERBOY_PROVE"), reason="keeps time; PAPERBOY_PROVE=1 runs it")
@pytest.mark.parametrize(("flags", "least"), [(["--light"], 3000), ([], 500)], ids=["light", "full"])
def test_it_is_no_bottleneck(flags, least):
    keys = json.dumps({"inline_keyboard": [[{"text": "PDF", "url": "https://arxiv.org/pdf/2410.18605"}]]})
    text = "<b>A title</b>\n" + "Some words of a card. " * 40
    sent = {"text": text, "parse_mode": "HTML", "reply_markup": keys}
    counted = _drive(["--private", "100", *flags], sent, 3000)
    assert counted["messages"] == 3000
    assert counted["complaints"] == []
    assert 3000 / counted["cpu"] > least, f"messages a second of its CPU: {3000 / counted['cpu']:.0f}"


def test_it_runs_in_a_process_of_its_own():
    counted = _drive(["--private", "3", "--groups", "2", "--strict-pace"], {"text": "hello"}, 3)
    assert (counted["requests"], counted["messages"], counted["violations"]) == (3, 3, 0)


def _drive(flags: list[str], sent: dict[str, str], count: int) -> dict:
    """Send messages to a server in another process, over eight connections; gives what it counted."""
    command = [sys.executable, "-m", "tests.fakes.telegram", *flags]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        told = json.loads(process.stdout.readline())
        asyncio.run(_send_all(told, sent, count))
        process.stdin.close()
        counted = json.loads(process.stdout.readline())
    assert process.returncode == 0
    return counted


async def _send_all(told: dict, sent: dict[str, str], count: int) -> None:
    numbers = iter(range(count))
    url = f"{told['url']}/bot{told['token']}/sendMessage"
    async with aiohttp.ClientSession() as http:

        async def send() -> None:
            for number in numbers:
                place = {"chat_id": told["private"][number % len(told["private"])]}
                async with http.post(url, data=place | sent) as answer:
                    assert answer.status == 200, await answer.text()

        await asyncio.gather(*(send() for _ in range(8)))


async def test_light_servers_still_know_their_chats():
    async with Server(light=True) as server, _bot(server) as bot:
        anna = server.user()
        await bot.send_message(anna.id, "<b>x</b>", parse_mode="HTML")
        assert server.shown(anna)[0].text == "<b>x</b>", "nothing is parsed"
        with pytest.raises(BadRequest, match="Chat not found"):
            await bot.send_message(99, "x")
