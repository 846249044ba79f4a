"""Keeps secrets out of everything that is written down: logs, warnings, tracebacks.

`mask` takes them out of a text: those that `hide` was told of, also where they stand
percent-encoded, and whatever looks like a token or like a password in a URL. `install` has every
log record masked as it is made, before any handler sees it. Filters could not do that: one of a
logger does not hold for the loggers below it, one of a handler for no other handler; and a record
factory does not see what `extra` adds.
"""

import logging
import re
import sys
import threading
import traceback
import warnings
from types import TracebackType
from typing import Any
from urllib.parse import quote, unquote, urlsplit

MASK = "***"
SHORT = 6  # characters; masking anything shorter would spoil more text than it protects
SHAPES = (
    r"(?P<bot>/bot)\d+(?::|%(?:25)*3[Aa])[\w%-]+"  # in an address of the Bot API, however much of it
    r"|\d{5,20}(?::|%(?:25)*3[Aa])[\w-]{30,64}"  # Telegram: the bot's number and 35 characters
    r"|[MNO][\w-]{22,30}\.[\w-]{6}\.[\w-]{25,64}"  # Discord: number, time, signature
    r"|(?P<hook>/(?:webhooks|interactions)/\d+/)[\w-]{20,256}"  # Discord: good for a quarter of an hour
    r"|(?P<user>://(?:[^\s/:@?#'\"]{0,256}:)?)[^\s/?#'\"]{1,256}(?=@)"  # the password in a URL
)
# A name of a value in an address that opens something.
KEY = re.compile(r"(?i)token|key|secret|sig|auth|pass|pwd|code|session|credential|\bsid\b|\bt\b")

_hidden: set[str] = set()
_pattern = re.compile(SHAPES, re.ASCII)


def hide(*secrets: str) -> None:
    """Mask these from now on wherever they stand; of a token also the part after its colon."""
    global _pattern
    for part in {part for secret in secrets for part in (secret, secret.partition(":")[2])}:
        once = quote(part, safe="")
        forms = {part, once, re.sub("%..", _lower, once), quote(once, safe="")}
        _hidden.update(form for form in forms if len(form) >= SHORT)
    known = sorted(_hidden, key=len, reverse=True)
    _pattern = re.compile("|".join((*map(re.escape, known), SHAPES)), re.ASCII)


def keys(url: str) -> list[str]:
    """What an address holds that opens something, as it is and as it is written."""
    try:
        parts = urlsplit(url)
        password = parts.password or ""
    except ValueError:
        return []
    pairs = (pair.partition("=") for pair in parts.query.split("&"))
    found = [password, *(value for name, _, value in pairs if KEY.search(name))]
    return [form for value in found if value for form in {value, unquote(value)}]


def mask(text: str) -> str:
    """The text without secrets."""
    return _pattern.sub(_cover, text)


def install(*secrets: str) -> None:
    """Mask every log record, warning and traceback of this process from now on; once is enough."""
    hide(*secrets)
    if logging.Logger.makeRecord is not _make:
        global _usual_make
        _usual_make = logging.Logger.makeRecord
        logging.Logger.makeRecord = _make  # type: ignore[method-assign]
    if warnings.formatwarning is not _warning:
        global _usual_warning
        _usual_warning, warnings.formatwarning = warnings.formatwarning, _warning
    # Whoever has put a hook of their own there, as test runners do, keeps it.
    if sys.excepthook is sys.__excepthook__:
        sys.excepthook = _tell
    if threading.excepthook is threading.__excepthook__:
        threading.excepthook = _tell_of_thread
    if sys.unraisablehook is sys.__unraisablehook__:
        sys.unraisablehook = _tell_unraisable


_usual_make = logging.Logger.makeRecord
_STANDARD = frozenset(logging.makeLogRecord({}).__dict__)


def _make(*args: Any, **kwargs: Any) -> logging.LogRecord:
    """A log record without secrets: in its text, its arguments, its traceback, what was added to it."""
    record = _usual_make(*args, **kwargs)
    text = _text(record)
    if (masked := mask(text)) != text:
        record.msg, record.args = masked, ()
    if record.exc_info and record.exc_info[0]:
        text = "".join(traceback.format_exception(*record.exc_info)).removesuffix("\n")
        if (masked := mask(text)) != text:
            record.exc_text, record.exc_info = masked, None
    if len(record.__dict__) > len(_STANDARD):
        for name in record.__dict__.keys() - _STANDARD:
            shown = _shown(getattr(record, name))
            if (masked := mask(shown)) != shown:
                setattr(record, name, masked)
    return record


def _text(record: logging.LogRecord) -> str:
    """The text; where the arguments do not fit, one that does not show them as logging would."""
    try:
        return record.getMessage()
    except Exception as exc:  # noqa: BLE001 - arguments are anybody's objects
        shown = record.msg if isinstance(record.msg, str) else type(record.msg).__name__
        record.msg, record.args = f"{shown} (its arguments cannot be shown: {type(exc).__name__})", ()
        return record.msg


def _shown(value: object) -> str:
    try:
        return str(value)
    except Exception as exc:  # noqa: BLE001 - as above
        return f"{type(value).__name__} (cannot be shown: {type(exc).__name__})"


def _cover(found: re.Match[str]) -> str:
    return (found["bot"] or found["hook"] or found["user"] or "") + MASK


def _lower(found: re.Match[str]) -> str:
    return found[0].lower()


_usual_warning = warnings.formatwarning


def _warning(*args: Any, **kwargs: Any) -> str:
    return mask(_usual_warning(*args, **kwargs))


def _tell(kind: type[BaseException], exc: BaseException | None, where: TracebackType | None) -> None:
    sys.stderr.write(mask("".join(traceback.format_exception(kind, exc, where))))


def _tell_of_thread(told: threading.ExceptHookArgs) -> None:
    if told.exc_type is not SystemExit:
        _tell(told.exc_type, told.exc_value, told.exc_traceback)


def _tell_unraisable(told: "sys.UnraisableHookArgs") -> None:
    sys.stderr.write(mask(f"{told.err_msg or 'Exception ignored in'}: {told.object!r}\n"))
    _tell(told.exc_type, told.exc_value, told.exc_traceback)
