"""What the library's log says when the network or Discord is in trouble."""

import logging

import discord
import pytest

from bot import secrecy
from bot.adapters.discord.calm import LOGGERS, Calm, calm


@pytest.fixture
def now():
    return [0.0]


@pytest.fixture
def logger(now):
    """A logger as the library has them."""
    found = logging.getLogger("tests.discord.library")
    given = Calm(clock=lambda: now[0])
    found.addFilter(given)
    yield found
    found.removeFilter(given)


def fail(logger, exc, text="Attempting a reconnect in %.2fs", *values):
    try:
        raise exc
    except Exception:
        logger.exception(text, *values)


def test_trouble_of_the_network_is_one_line_and_a_warning(logger, caplog):
    fail(logger, ConnectionRefusedError("nobody there"), "Attempting a reconnect in %.2fs", 5.0)
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert "5.00s" in record.getMessage()
    assert "nobody there" in record.getMessage()
    assert "Traceback" not in caplog.text


def test_the_same_is_told_once_a_minute(logger, caplog, now):
    for second in range(150):
        now[0] = float(second)
        fail(logger, ConnectionRefusedError("nobody there"))
    assert len(caplog.records) == 3


def test_other_trouble_is_told_besides(logger, caplog):
    fail(logger, ConnectionRefusedError("nobody there"))
    fail(logger, discord.GatewayNotFound())
    fail(logger, ConnectionRefusedError("nobody there"), "Something else")
    assert len(caplog.records) == 3


def test_fault_of_the_program_keeps_its_traceback(logger, caplog):
    fail(logger, KeyError("guild"), "Ignoring exception in on_interaction")
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert "Traceback" in caplog.text


def test_text_without_an_error_passes(logger, caplog):
    logger.warning("Shard ID %s is behind", 3)
    assert caplog.messages == ["Shard ID 3 is behind"]


def test_trouble_that_named_a_secret_is_one_masked_line(logger, caplog):
    secrecy.install("hush-hush-hush")
    fail(logger, OSError("cannot reach http://me:hush-hush-hush@127.0.0.1:1"))
    assert "hush" not in caplog.text
    assert "cannot reach" in caplog.text
    assert "Traceback" not in caplog.text


def test_library_is_calmed_once():
    for _ in range(3):
        calm()
    for name in LOGGERS:
        assert sum(isinstance(given, Calm) for given in logging.getLogger(name).filters) == 1
