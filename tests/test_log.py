"""Each event is one line, whoever writes it and whatever stands in it."""

import asyncio
import io
import json
import logging
import re
import subprocess
import sys
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import log as lines
from bot import secrecy
from bot.errors import PaperboyError
from bot.log import LONGEST, Log, bind, get_logger, install

TOKEN = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw1"
WROTE = "my private words"
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d"
PAIR = re.compile(r'([\w.]+)=("(?:[^"\\]|\\.)*"|[^\s"]+)(?: |$)')


@pytest.fixture
def written():
    """What `install` writes, by format and level; afterwards all is as it was."""
    handlers, level, ours = logging.root.handlers[:], logging.root.level, logging.getLogger("bot").level
    make, warn, show = logging.Logger.makeRecord, warnings.formatwarning, warnings.showwarning
    hook = sys.excepthook

    def start(format="text", level="info"):
        stream = io.StringIO()
        install(format, level, stream)
        return stream

    secrecy.install()
    yield start
    logging.captureWarnings(capture=False)
    logging.root.handlers[:], logging.root.level = handlers, level
    logging.getLogger("bot").setLevel(ours)
    logging.Logger.makeRecord, warnings.formatwarning, warnings.showwarning = make, warn, show
    sys.excepthook = hook


@pytest.fixture
def log() -> Log:
    return get_logger("bot.delivery.send")


def read(line: str) -> dict[str, str]:
    """A line of text: its time, level, event and fields."""
    time, level, event, *rest = line.rstrip("\n").split(" ", 3)
    fields, at = {}, 0
    for found in PAIR.finditer(rest[0] if rest else ""):
        assert found.start() == at, line
        at = found.end()
        fields[found[1]] = json.loads(found[2]) if found[2].startswith('"') else found[2]
    assert at == len(rest[0] if rest else ""), line
    return {"time": time, "level": level, "event": event, **fields}


def test_text_is_as_people_read_it(written, log):
    stream = written()
    log.warning("source.failed", source="blog", reason="no answer in 20 s", tries=3, whole=False)
    assert re.fullmatch(
        TIME + r'Z warning source\.failed source=blog reason="no answer in 20 s" tries=3 whole=false\n',
        stream.getvalue(),
    )


def test_json_is_one_object_a_line(written, log):
    stream = written("json")
    log.info("post.collected", post="Paper/医学图像/", papers=14, share=0.5, whole=True)
    told = json.loads(stream.getvalue())
    assert re.fullmatch(TIME + r"\.\d{3}Z", told.pop("time"))
    assert told == {
        "level": "info", "event": "post.collected", "logger": "bot.delivery.send",
        "post": "Paper/医学图像/", "papers": 14, "share": 0.5, "whole": True,
    }  # fmt: skip
    assert "医学图像" in stream.getvalue(), "a search for it finds it"


def test_field_without_a_value_is_left_out(written, log):
    stream = written()
    log.info("answer.refused", now=None, reason="")
    assert stream.getvalue().endswith(' answer.refused reason=""\n')


def test_what_is_not_plain_is_told_as_text(written, log):
    stream = written("json")
    log.info("rich.refused", papers=("2410.18605", "2003.08934"), reason=ValueError(), rate=float("nan"))
    told = json.loads(stream.getvalue())
    assert (told["papers"], told["reason"], told["rate"]) == ("2410.18605, 2003.08934", "ValueError", "nan")


def test_value_that_cannot_be_shown_costs_nothing(written, log):
    class Broken:
        def __str__(self):
            raise ValueError(TOKEN)

    stream = written()
    log.info("turn.failed", reason=Broken(), chat=5)
    assert stream.getvalue().endswith('reason="Broken (cannot be shown: ValueError)" chat=5\n')


HOSTILE = st.one_of(
    st.text(max_size=40),
    st.text(
        st.sampled_from('\n\r\x0b\x0c\x1b\x85\u2028\u2029\u202e\x00\x9b"\\= \t词\ud800😀%{}'), max_size=20
    ),
    st.sampled_from(
        ["\n2026-11-22T16:40:00Z error source.failed", '" level=error x="', "\x1b[2K\r", "%s %d"]
    ),
)
NAMES = st.sampled_from(["reason", "source", "post", "mend", "papers"])


@settings(max_examples=150, deadline=None)
@given(fields=st.dictionaries(NAMES, HOSTILE), as_json=st.booleans(), foreign=HOSTILE)
def test_nothing_makes_a_second_line_or_fakes_one(fields, as_json, foreign):
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(lines._formatter("json" if as_json else "text", coloured=False))
    logger = logging.getLogger("bot.hostile")
    logger.addHandler(handler)
    logger.propagate = False
    try:
        get_logger("bot.hostile").error("source.failed", **fields)
        logger.error(foreign)
    finally:
        logger.removeHandler(handler)
    ours, theirs, end = stream.getvalue().split("\n")
    assert end == ""
    assert ours.isprintable()
    assert theirs.isprintable()
    told, said = (json.loads(line) if as_json else read(line) for line in (ours, theirs))
    assert (told["level"], told["event"]) == ("error", "source.failed")
    assert {name: told[name] for name in fields} == fields
    assert told.keys() - fields.keys() <= {"time", "level", "event", "logger"}
    assert (said["event"], said["logger"], said["message"]) == ("library.said", "bot.hostile", foreign)


def test_field_that_is_too_long_is_cut(written, log):
    stream = written("json")
    log.info("source.failed", reason="x" * 20_000_000)
    assert json.loads(stream.getvalue())["reason"] == "x" * LONGEST + "…"


@pytest.mark.parametrize("format", ["text", "json"])
def test_secrets_are_masked_in_fields_and_tracebacks(written, log, format):
    stream = written(format)
    url = f"https://api.telegram.org/bot{TOKEN}/getMe"
    log.info("source.failed", reason=url, papers=[url], cause=ValueError(url), source=TOKEN)
    try:
        raise RuntimeError(url)
    except RuntimeError:
        log.exception("turn.failed", reason=url)
    logging.getLogger("httpx").warning("HTTP Request: GET %s", url)
    assert TOKEN not in stream.getvalue()
    assert stream.getvalue().count("/bot***/getMe") == 6
    assert len(stream.getvalue().splitlines()) == 3


def test_secret_beside_other_fields_spoils_none_of_them(written, log):
    stream = written("json")
    log.info("source.failed", source=TOKEN, papers=14, reason="a = 'b'")
    told = json.loads(stream.getvalue())
    assert (told["source"], told["papers"], told["reason"]) == ("***", 14, "a = 'b'")


def test_anybodys_handler_sees_event_and_fields(log, caplog):
    with caplog.at_level(logging.INFO, "bot"):
        log.info("source.failed", source="blog", reason='he said "no"\nand left', papers=3)
    (record,) = caplog.records
    assert record.getMessage() == 'source.failed source=blog reason=he said "no"\\nand left papers=3'
    assert (record.filename, record.funcName) == (
        "test_log.py",
        "test_anybodys_handler_sees_event_and_fields",
    )
    assert (record.levelno, record.name) == (logging.INFO, "bot.delivery.send")


def test_traceback_is_a_field_and_goes_through_all_causes(written, log):
    stream = written("json")
    try:
        try:
            raise PaperboyError("no such folder")
        except PaperboyError as exc:
            raise TypeError("not callable") from exc
    except TypeError:
        log.exception("look.broken", source="blog")
    told = json.loads(stream.getvalue())
    assert told["level"] == "error"
    assert "PaperboyError: no such folder" in told["traceback"]
    assert told["traceback"].endswith("TypeError: not callable\n")
    assert told["traceback"].count("Traceback (most recent call last)") == 2
    assert "test_log.py" in told["traceback"]


def test_traceback_does_not_quote_what_people_wrote(written, log):
    stream = written()
    for read_by in ({}.__getitem__, int, lambda wrote: "é".encode(wrote)):
        try:
            read_by(WROTE)
        except (LookupError, ValueError):
            log.exception("request.failed")
    try:
        raise ExceptionGroup("several", [ValueError(WROTE), OSError("disk full")])
    except ExceptionGroup:
        logging.getLogger("apscheduler").exception("failed")
    assert "builtins.KeyError" in stream.getvalue()
    assert "builtins.ValueError" in stream.getvalue()
    assert "OSError: disk full" in stream.getvalue()
    try:
        raise ValueError(f"{WROTE} {TOKEN}")
    except ValueError:
        log.exception("request.failed")
    assert WROTE not in stream.getvalue()
    assert len(stream.getvalue().splitlines()) == 5


async def test_error_that_nobody_fetched_quotes_nothing(written):
    async def fail():
        raise ValueError(WROTE)

    stream = written()
    task = asyncio.create_task(fail())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    del task
    assert "never retrieved" in stream.getvalue()
    assert WROTE not in stream.getvalue()
    assert len(stream.getvalue().splitlines()) == 1


def test_level_is_that_of_our_own_events(written, log):
    for level, count in (("debug", 4), ("info", 3), ("warning", 2), ("error", 1)):
        stream = written("text", level)
        for each in ("debug", "info", "warning", "error"):
            getattr(log, each)("turn.failed")
        assert len(stream.getvalue().splitlines()) == count


@pytest.mark.parametrize("name", ["apscheduler.executors", "httpx", "telegram.ext", "discord", "aiohttp.web"])
def test_library_is_heard_from_warning_on(written, name):
    stream = written("text", "debug")
    logging.getLogger(name).debug("what somebody wrote")
    logging.getLogger(name).info("HTTP Request: %s", "POST")
    logging.getLogger(name).warning("Run of %s\nwas missed", "job")
    told = read(stream.getvalue())
    assert (told["event"], told["level"], told["logger"]) == ("library.said", "warning", name)
    assert told["message"] == "Run of job\nwas missed"


def test_what_a_library_adds_is_no_field(written):
    stream = written("json")
    logging.getLogger("aiohttp.web").warning("so", extra={"event": "turn.failed", "remote": "10.0.0.1"})
    told = json.loads(stream.getvalue())
    assert told["event"] == "library.said"
    assert "remote" not in told


def test_warning_of_the_interpreter_is_an_event(written):
    stream = written()
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=False)
        install("text", "info", stream)
        warnings.warn("old\nuse", DeprecationWarning, stacklevel=1)
    told = read(stream.getvalue())
    assert (told["event"], told["logger"]) == ("library.said", "py.warnings")


def test_installing_again_replaces_the_first(written, log):
    first, second = written("text"), written("json")
    log.info("role.taken", role="collect")
    assert first.getvalue() == ""
    assert json.loads(second.getvalue())["role"] == "collect"


def test_colour_is_for_terminals_only(written, log):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    for kind, coloured in (("text", True), ("json", False)):
        install(kind, "info", stream := Terminal())
        log.warning("role.taken", role="\033[31mcollect")
        assert ("\033[33mwarning\033[0m" in stream.getvalue()) == coloured
        assert "\033[31m" not in stream.getvalue()
    stream = written()
    log.warning("role.taken", role="collect")
    assert "\033" not in stream.getvalue()


async def test_fields_that_are_bound_are_told_by_the_task_and_those_it_begins(written, log):
    stream = written()

    async def inner():
        log.info("thread.lost")

    async def turn(chat):
        bind(chat=chat)
        await asyncio.sleep(0)
        log.info("message.refused")
        await asyncio.create_task(inner())

    await asyncio.gather(asyncio.create_task(turn(1)), asyncio.create_task(turn(2)))
    log.info("role.taken")
    told = [(line["event"], line.get("chat")) for line in map(read, stream.getvalue().splitlines())]
    assert sorted(told[:4]) == [
        ("message.refused", "1"), ("message.refused", "2"), ("thread.lost", "1"), ("thread.lost", "2"),
    ]  # fmt: skip
    assert told[4] == ("role.taken", None)


def test_event_that_nobody_hears_is_not_made(log, caplog):
    class Seen:
        shown = False

        def __str__(self):
            self.shown = True
            return "seen"

    caplog.set_level(logging.WARNING, "bot")
    log.debug("request.dropped", reason=(reason := Seen()))
    assert not reason.shown
    log.warning("request.dropped", reason=reason)
    assert reason.shown


PROGRAM = """
import sys
from bot.log import get_logger, install
print("structlog" in sys.modules)
get_logger("bot").debug("role.taken")
print("structlog" in sys.modules)
install(sys.argv[1], "info")
get_logger("bot").info("role.taken")
raise KeyError("private")
"""


def test_program_that_breaks_ends_with_one_line_where_programs_read_it():
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "json"], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert done.stdout.split() == ["False", "False"], "the library is slow to import"
    taken, failed = map(json.loads, done.stderr.splitlines())
    assert taken["event"] == "role.taken"
    assert (failed["event"], failed["level"]) == ("program.failed", "error")
    assert failed["traceback"].endswith("builtins.KeyError\n")
