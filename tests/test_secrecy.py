"""No token and no password is ever written down, whoever writes, whatever went wrong."""

import asyncio
import io
import logging
import subprocess
import sys
import textwrap
import time
import urllib.parse
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import secrecy
from bot.secrecy import MASK, mask

TOKEN = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw1"
# Of the shape that Discord's have, put together so that nobody takes it for a real one.
DISCORD = ".".join(("MTA4" + "NzY1" * 5 + "NDMy", "GaBcDe", "x1" * 19))
CODED = urllib.parse.quote(TOKEN, safe="")
TWICE = urllib.parse.quote(CODED, safe="")
PASSWORD = "correct-horse"


@pytest.fixture
def sink():
    """All that reaches a handler, with tracebacks and what `extra` adds."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(name)s %(message)s %(where)s", defaults={"where": ""}))
    before, make, warn = logging.root.level, logging.Logger.makeRecord, warnings.formatwarning
    logging.root.addHandler(handler)
    logging.root.setLevel(logging.DEBUG)
    secrecy.install()
    yield stream
    logging.root.removeHandler(handler)
    logging.root.setLevel(before)
    logging.Logger.makeRecord = make
    warnings.formatwarning = warn


@pytest.mark.parametrize("secret", [TOKEN, CODED, TWICE, CODED.replace("%3A", "%3a"), DISCORD])
@pytest.mark.parametrize(
    "text", ["{}", "https://api.telegram.org/bot{}/sendMessage", "'{}',", "key={}&x=1", "词{}词", "Bot {}\n"]
)
def test_whatever_looks_like_a_token_is_masked(secret, text):
    masked = mask(text.format(secret))
    assert secret not in masked
    assert MASK in masked
    assert masked.endswith(text.partition("{}")[2])


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("postgresql://me:pass@host:5432/db", "postgresql://me:***@host:5432/db"),
        ("postgresql+asyncpg://me:p:a%40ss@host/db?x=1", "postgresql+asyncpg://me:***@host/db?x=1"),
        ("redis://:pass@host", "redis://:***@host"),
        ("http://me:a@b@proxy:3128 failed", "http://me:***@proxy:3128 failed"),
        ("https://ghp_secretsecret@github.com/x.git", "https://***@github.com/x.git"),
        ("https://t.me/@somebody and a@b.c", "https://t.me/@somebody and a@b.c"),
        ("https://x.org/a?mail=a@b.c", "https://x.org/a?mail=a@b.c"),
        ("/bot123:short/getMe", "/bot***/getMe"),
        (
            "https://discord.com/api/v10/webhooks/123/" + "aB-_" * 20,
            "https://discord.com/api/v10/webhooks/123/***",
        ),
    ],
)
def test_passwords_in_addresses_are_masked(text, masked):
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "chat 12: refused, now as plain text: can't parse entities",
        "2410.18605v2: 12:34:56, 1234567890:short, https://arxiv.org/abs/2410.18605",
        "bot.adapters.telegram.transport:123 My_module_name_of_some_length.render.another",
        "sqlite:////data/paperboy.db", "1" * 50, "a" * 50, "Ω≈ç√ 论文",
    ],
)  # fmt: skip
def test_what_is_no_secret_stays(text):
    assert mask(text) == text


@pytest.fixture
def known():
    """Secrets that were told, forgotten afterwards."""
    hidden, pattern = set(secrecy._hidden), secrecy._pattern
    yield secrecy.hide
    secrecy._hidden.clear()
    secrecy._hidden.update(hidden)
    secrecy._pattern = pattern


def test_told_secrets_are_masked_whatever_they_look_like(known):
    known(PASSWORD, "a/b c:däé+x", "42:odd-token")
    assert mask(f"<{PASSWORD}>") == "<***>"
    assert mask("x a/b c:däé+x y") == "x *** y"
    assert mask("x " + urllib.parse.quote("a/b c:däé+x", safe="") + " y") == "x *** y"
    assert mask("the part behind: odd-token.") == "the part behind: ***."
    assert mask("x a/b c") == "x a/b c"


def test_what_is_too_short_to_be_a_secret_spoils_nothing(known):
    known("", "a", "12345")
    assert mask("a 12345 b") == "a 12345 b"


@settings(max_examples=100)
@given(text=st.text(max_size=200))
def test_mask_of_a_mask_is_the_same(text):
    assert mask(mask(text)) == mask(text)


@pytest.mark.parametrize(
    "unit", ["1", "M", "/bot1", "://", "://a", "1:a", "M.", "/webhooks/1/", "%3A", "a@", ":"]
)
def test_time_grows_with_the_text_and_no_faster(unit):
    def took(count):
        began = time.thread_time()
        mask(unit * count)
        return time.thread_time() - began

    took(1000)
    assert (
        min(took(40_000) for _ in range(3)) < 50 * min(took(4_000) for _ in range(3)) + 0.01
    )  # squared: 100


class Bot:
    def __repr__(self):
        return f"Bot[token={TOKEN}]"


class Broken:
    def __str__(self):
        raise ValueError(TOKEN)

    __repr__ = __str__


URL = f"https://api.telegram.org/bot{TOKEN}/getMe"


@pytest.mark.parametrize(
    ("text", "args"),
    [
        (URL, ()),
        ("%s", (URL,)),
        ("%r and %d", (Bot(), 3)),
        ("%(url)s", ({"url": URL},)),
        ("%s", (ValueError(URL),)),
        (ValueError(URL), ()),
        ({"a": Bot()}, ()),
        (f"too few: %s %s {TOKEN}", (TOKEN,)),
        (f"%d {TOKEN}", (TOKEN,)),
        (f"100% of {TOKEN} %q", ()),
    ],
)
def test_records_of_every_logger_are_masked(sink, text, args):
    for name in ("httpx", "telegram.ext.ExtBot", "a.b.c", "root"):
        for level in (logging.DEBUG, logging.INFO, logging.CRITICAL):
            logging.getLogger(name).setLevel(logging.NOTSET)
            logging.getLogger(name).log(level, text, *args)
    assert sink.getvalue().count(MASK) >= 12
    assert TOKEN not in sink.getvalue()


def test_arguments_that_cannot_be_shown_cost_nothing(sink, capfd):
    logging.getLogger("a").warning("this: %s", Broken())
    logging.getLogger("a").warning(Broken())
    assert "this: %s (its arguments cannot be shown: ValueError)" in sink.getvalue()
    assert TOKEN not in sink.getvalue() + "".join(capfd.readouterr())


def test_every_handler_sees_the_masked_record(sink):
    seen = []

    class Keeper(logging.Handler):
        def emit(self, record):
            seen.append(str(record.__dict__) + record.getMessage() + str(record.args) + str(record.msg))

    logger = logging.getLogger("with.its.own")
    logger.addHandler(handler := Keeper())
    logger.error("%s", URL, extra={"where": URL, "bot": Bot(), "number": 3})
    logger.removeHandler(handler)
    assert len(seen) == 1
    assert TOKEN not in seen[0]
    assert "'number': 3" in seen[0]


def test_harmless_records_keep_their_arguments(sink, caplog):
    logging.getLogger("a").warning("%s of %d", "one", 2)
    assert caplog.records[-1].args == ("one", 2)
    assert caplog.records[-1].getMessage() == "one of 2"


def test_tracebacks_are_masked_through_all_their_causes(sink):
    try:
        try:
            raise ValueError(URL)
        except ValueError as exc:
            raise RuntimeError("outer") from exc
    except RuntimeError:
        logging.getLogger("a").exception("failed", stack_info=True)
    assert "ValueError: https://api.telegram.org/bot***/getMe" in sink.getvalue()
    assert "RuntimeError: outer" in sink.getvalue()
    assert TOKEN not in sink.getvalue()


def test_traceback_without_a_secret_is_as_it_was(sink, caplog):
    try:
        raise ValueError("nothing")
    except ValueError:
        logging.getLogger("a").exception("failed")
    assert caplog.records[-1].exc_info[0] is ValueError
    assert sink.getvalue().count("ValueError: nothing") == 1


async def test_errors_that_nobody_fetched_are_masked(sink):
    async def fail():
        raise ValueError(URL)

    task = asyncio.create_task(fail())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    del task
    asyncio.get_running_loop().call_exception_handler(
        {"message": "odd", "handle": Bot(), "exception": ValueError(URL)}
    )
    assert "never retrieved" in sink.getvalue()
    assert MASK in sink.getvalue()
    assert TOKEN not in sink.getvalue()


def test_warnings_are_masked(sink):
    text = warnings.formatwarning(UserWarning(URL), UserWarning, "a.py", 1, f"x = '{TOKEN}'")
    assert "UserWarning: https://api.telegram.org/bot***/getMe" in text
    assert TOKEN not in text


def test_record_is_cheap(sink):
    secrecy.hide(TOKEN, PASSWORD)
    began = time.thread_time()
    for _ in range(2000):
        logging.makeLogRecord({})
        mask("chat 12: refused, now as plain text: Bad Request: can't parse entities at byte offset 17")
    assert time.thread_time() - began < 0.5


# Whole programs: what they write to both outputs is searched, with and without masking.

HEAD = """
import asyncio, logging, sys, threading, warnings
from bot import secrecy
TOKEN = sys.argv[1]
if sys.argv[2] == "masked":
    secrecy.install(TOKEN)
    secrecy.install(TOKEN)
logging.basicConfig(level=1, stream=sys.stdout, format="%(name)s %(message)s")
"""

ENDS = {
    "uncaught": "raise ValueError('https://api.telegram.org/bot' + TOKEN)",
    "in a thread": "t = threading.Thread(target=lambda: int(TOKEN)); t.start(); t.join()",
    "in a destructor": "class A:\n    def __del__(self): raise ValueError(TOKEN)\nA()",
    "in a warning": "warnings.warn('see ' + TOKEN); warnings.warn(UserWarning(TOKEN))",
    "in a logged warning": "logging.captureWarnings(True); warnings.warn('see ' + TOKEN)",
    "in a loop": "async def f():\n asyncio.get_running_loop().call_soon(int, TOKEN)\n"
    " await asyncio.sleep(0.01)\nasyncio.run(f(), debug=True)",
    "in a task": "async def g(): raise ValueError(TOKEN)\n"
    "async def f(): asyncio.create_task(g()); await asyncio.sleep(0.01)\nasyncio.run(f(), debug=True)",
    "in a group": "raise ExceptionGroup('several', [ValueError(TOKEN), KeyError(TOKEN)])",
}

BOT = """
from telegram import Bot
from telegram.error import TelegramError
from telegram.ext import ExtBot
from bot.adapters.base import Message
from bot.adapters.telegram.adapter import Telegram
from bot.adapters.telegram.transport import Options, request_for
from bot.errors import DeliveryError
from tests.adapters.telegram import peer

FAILURES = [
    "200 OK", "400 Bad Request", "401 Unauthorized", "403 Forbidden", "404 Not Found", "409 Conflict",
    "429 Too Many Requests", "500 Oops", "502 Bad Gateway", "302 Found",
]

async def ask(kind, url):
    request = request_for(kind, Options(connect=0.3, read=0.3, write=0.3, pool=0.3))
    for make in (Bot, ExtBot):
        bot = make(TOKEN, base_url=url + "/bot", request=request, get_updates_request=request)
        logging.getLogger("own").info("this is %r", bot)
        for call in (bot.initialize, bot.get_me, bot.get_updates, lambda: bot.send_message(1, "x")):
            try:
                await call()
            except TelegramError as exc:
                logging.getLogger("own").exception("failed: %s", exc)
            except Exception as exc:
                logging.getLogger("own").error("failed: %r", exc, exc_info=True)
    adapter = Telegram(TOKEN, api_url=url, request=request)
    params = {"chat_id": 1, "text": "x"}
    message = Message(platform="telegram", request={"method": "sendMessage", "params": params}, papers=())
    try:
        await adapter.send("1", message)
    except DeliveryError as exc:
        logging.getLogger("own").exception("failed: %s", exc)
        print(exc, repr(exc))
    await request.shutdown()

async def main():
    async def said(server, got, writer):
        body = b'{"ok":false,"description":"at /bot' + TOKEN.encode() + b'"}' if status[0] != "2" else peer.OK
        peer.answer(writer, body, status, "Location: /bot" + TOKEN)
        return True
    for kind in ("aiohttp", "httpx"):
        for status in FAILURES:
            async with peer.listen(said) as server:
                await ask(kind, server.url)
        for serve in (peer.never, peer.cut, peer.reset, peer.cut_inside, peer.garbage):
            async with peer.listen(serve) as server:
                await ask(kind, server.url)
        for url in ("http://127.0.0.1:9", "https://127.0.0.1:9", "gopher://x", "http://[::1", "http://name.invalid"):
            await ask(kind, url)

asyncio.run(main(), debug=True)
"""


def output(program: str, how: str) -> str:
    """All that a program writes, to both outputs."""
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-c", textwrap.dedent(program), TOKEN, how],
        capture_output=True, text=True, timeout=110, check=False,
    )  # fmt: skip
    return done.stdout + done.stderr


@pytest.mark.parametrize("program", ENDS.values(), ids=ENDS)
def test_program_does_not_write_its_token(program):
    assert TOKEN in output(HEAD + program, "bare"), "or else this proves nothing"
    written = output(HEAD + program, "masked")
    assert TOKEN not in written
    assert TOKEN.partition(":")[2] not in written
    assert MASK in written


def test_real_bot_at_debug_does_not_write_its_token():
    program = HEAD + BOT
    written = output(program, "masked")
    assert "Traceback" in written, written[-2000:]
    assert "HTTP Request: POST" in written, "httpx says at INFO what it asks for"
    assert "NotImplemented" not in written
    for shape in (TOKEN, CODED, TWICE, TOKEN.partition(":")[2]):
        assert shape not in written
    assert written.count(MASK) > 100
