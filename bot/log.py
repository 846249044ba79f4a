"""The log: one line an event, whoever writes it.

    log = get_logger(__name__)
    log.warning("source.failed", source=name, reason=str(exc))

An event is named `noun.verb` in the words of this program; its fields carry the rest. docs/logs.md
lists them all. A chat is told by our own number (`chat=5`): addresses, titles, names, numbers of
people and what they wrote are personal and in no field. The levels:

    debug      the detail of one request
    info       went as it should and is worth a line: a digest was collected, a role was taken over
    warning    somebody may have to look at it; it mends itself, or a way round it was taken
    error      something is lost, or is not done until somebody acts

Each event is one record of the standard library's logging, so that masking of secrets and the
handlers of others hold for it. `install` renders every record, also those of libraries, which are
heard from warning on and never below: their details hold what people write.
"""

import json
import logging
import math
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, TextIO

if TYPE_CHECKING:
    import structlog.stdlib

Format = Literal["text", "json"]
Level = Literal["debug", "info", "warning", "error"]

LEVELS: dict[Level, int] = {
    "debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR,
}  # fmt: skip
LIBRARY = "library.said"  # the event that a library's record is
LONGEST = 4_000  # characters of a field
TAKEN = 100_000  # of those that are looked at; what is cut there may be half a secret, so no line gets so far
LONGEST_TRACEBACK = 20_000
PREFIX = "field."  # of the attributes of a record that are fields; no attribute of its own is named so
CALLER = 6  # frames up from the standard library to who logs: three of structlog, two of here, theirs
# Of other kinds, such as ValueError and KeyError, the texts quote what was read.
QUOTE_NOTHING = (
    ArithmeticError, AssertionError, AttributeError, ImportError, IndexError, NameError, OSError,
    RuntimeError, TypeError,
)  # fmt: skip
COLOURS = {"debug": "2", "warning": "33", "error": "31", "critical": "31"}

Fields = dict[str, Any]


class Log:
    """Takes the events of a module; costs next to nothing where nobody listens."""

    __slots__ = ("_logger",)

    def __init__(self, name: str) -> None:
        self._logger = logging.getLogger(name)

    def debug(self, event: str, /, **fields: object) -> None:
        self._tell("debug", event, fields)

    def info(self, event: str, /, **fields: object) -> None:
        self._tell("info", event, fields)

    def warning(self, event: str, /, **fields: object) -> None:
        self._tell("warning", event, fields)

    def error(self, event: str, /, **fields: object) -> None:
        self._tell("error", event, fields)

    def exception(self, event: str, /, **fields: object) -> None:
        """An error with the traceback of the exception that is being dealt with."""
        self._tell("error", event, {"exc_info": True, **fields})

    def _tell(self, level: Level, event: str, fields: Fields) -> None:
        if self._logger.isEnabledFor(LEVELS[level]):
            getattr(_bound(self._logger.name), level)(event, **fields)


def get_logger(name: str) -> Log:
    """The log of a module, which gives its `__name__`."""
    return Log(name)


def bind(**fields: object) -> None:
    """Have every event of this task, and of the tasks that it begins, tell these fields, too.

    An event that is not about them says so: `chat=None`.
    """
    from structlog.contextvars import bind_contextvars

    bind_contextvars(**fields)


def install(format: Format = "text", level: Level = "warning", stream: TextIO | None = None) -> None:
    """Write every record as one line to the stream, by default standard error; anew at each call.

    `level` is that of our own events.
    """
    handler = _Lines(stream or sys.stderr)
    handler.setFormatter(_formatter(format, coloured=handler.stream.isatty()))
    for before in [it for it in logging.root.handlers if isinstance(it, _Lines)]:
        logging.root.removeHandler(before)
    logging.root.addHandler(handler)
    logging.root.setLevel(max(LEVELS[level], logging.WARNING))
    logging.getLogger("bot").setLevel(LEVELS[level])
    logging.captureWarnings(capture=True)
    if format == "json":
        sys.excepthook = _break


def _formatter(format: Format, *, coloured: bool) -> logging.Formatter:
    """Makes a line of any record."""
    from structlog.stdlib import ProcessorFormatter

    render: Callable[[Any, str, Any], str] = (
        (lambda _, __, told: _as_json(told))
        if format == "json"
        else (lambda _, __, told: _as_text(told, coloured=coloured))
    )
    return ProcessorFormatter(use_get_message=True, foreign_pre_chain=[_read], processors=[render])


def _break(kind: type[BaseException], exc: BaseException, where: TracebackType | None) -> None:
    """Tell what ended the program."""
    log = get_logger("bot")
    log.error("program.failed", exc_info=(kind, exc, where))


class _Lines(logging.StreamHandler[TextIO]):
    """The handler that `install` sets up."""


@cache
def _bound(name: str) -> "structlog.stdlib.BoundLogger":
    """A logger of structlog's, which takes long to import and is not needed where nothing is told."""
    import structlog

    bound: structlog.stdlib.BoundLogger = structlog.wrap_logger(
        logging.getLogger(name),
        processors=[_to_record],
        wrapper_class=structlog.stdlib.BoundLogger,
    ).bind()
    return bound


def _to_record(_: Any, __: str, told: Any) -> tuple[tuple[str], Fields]:
    """What the standard library makes a record of: a text for anybody's handler, the fields for ours."""
    from structlog.contextvars import get_contextvars

    event, exc_info = told.pop("event"), told.pop("exc_info", None)
    told = get_contextvars() | told
    fields = {name: _plain(value) for name, value in told.items() if value is not None}
    text = " ".join([event, *(f"{name}={_visible(str(value))}" for name, value in fields.items())])
    if exc_info:  # kept as a field, since masking may leave nothing but a text of what the record holds
        fields["traceback"] = "".join(_lines_of(_raised(exc_info), set()))
    extra = {PREFIX + name: value for name, value in {"event": event, **fields}.items()}
    return (text,), {"extra": extra, "exc_info": exc_info, "stacklevel": CALLER}


def _raised(exc_info: Any) -> BaseException:
    """The exception that is meant: itself, one of what `sys.exc_info` gives, or the one being dealt with."""
    if isinstance(exc_info, BaseException):
        return exc_info
    found: BaseException | None = (exc_info if isinstance(exc_info, tuple) else sys.exc_info())[1]
    return found or RuntimeError("there is no exception")


def _plain(value: object) -> str | int | float | bool:
    """The value as a field can hold it, and as it is now."""
    if type(value) in (bool, int) or (type(value) is float and math.isfinite(value)):
        return value  # type: ignore[return-value]
    try:
        if isinstance(value, tuple | list | set | frozenset):
            return ", ".join(str(item) for item in value)[:TAKEN]
        return str(value)[:TAKEN] or (type(value).__name__ if isinstance(value, BaseException) else "")
    except Exception as exc:  # noqa: BLE001 - anybody's object
        return f"{type(value).__name__} (cannot be shown: {type(exc).__name__})"


def _read(_: Any, __: str, given: Any) -> Any:
    """What a record says, whoever made it, in the order in which it is written."""
    record: logging.LogRecord = given["_record"]
    named = {key.removeprefix(PREFIX): value for key, value in vars(record).items() if key.startswith(PREFIX)}
    if not (event := named.pop("event", None)):
        # What asyncio adds to its first line quotes errors.
        said = given["event"].partition("\n")[0] if record.name == "asyncio" else given["event"]
        event, named = LIBRARY, {"message": said}
    told = {
        "time": datetime.fromtimestamp(record.created, UTC),
        "level": record.levelname.lower(),
        "event": event,
        "logger": record.name,
    }
    trace = named.pop("traceback", None) or _trace(record)
    shown = {name: _short(value, LONGEST) for name, value in named.items()}
    if trace:
        shown["traceback"] = _short(trace, LONGEST_TRACEBACK)
    return told | shown | told


def _short(value: Any, longest: int) -> Any:
    if isinstance(value, str) and len(value) > longest:
        return f"{value[:longest]}…"
    return value


def _trace(record: logging.LogRecord) -> str | None:
    """The traceback of a library's; of one that held a secret, only a masked text is left."""
    if record.exc_info and record.exc_info[1]:
        return "".join(_lines_of(record.exc_info[1], set()))
    return record.exc_text or record.stack_info


def _lines_of(exc: BaseException, seen: set[int]) -> Iterator[str]:
    """A traceback through all causes, without the texts that may quote what people wrote."""
    seen.add(id(exc))
    before = exc.__cause__ or (None if exc.__suppress_context__ else exc.__context__)
    if before and id(before) not in seen:
        yield from _lines_of(before, seen)
        yield "\nwhich led to:\n\n"
    yield "Traceback (most recent call last):\n"
    yield from traceback.format_tb(exc.__traceback__)
    yield _named(exc)
    if isinstance(exc, BaseExceptionGroup):
        for inner in exc.exceptions:
            if id(inner) not in seen:
                yield "\nof the group:\n\n"
                yield from _lines_of(inner, seen)


def _named(exc: BaseException) -> str:
    kind = type(exc)
    if isinstance(exc, QUOTE_NOTHING) or any(base.__module__ == "bot.errors" for base in kind.__mro__):
        return f"{kind.__qualname__}: {_plain(exc)}\n"
    return f"{kind.__module__}.{kind.__qualname__}\n"


def _as_json(told: Mapping[str, Any]) -> str:
    time = told["time"].isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return _visible(json.dumps({**told, "time": time}, ensure_ascii=False))


def _as_text(told: Mapping[str, Any], *, coloured: bool) -> str:
    fields = dict(told)
    time, level, event = fields.pop("time"), fields.pop("level"), fields.pop("event")
    if event != LIBRARY:
        del fields["logger"]  # the event says where it comes from
    if coloured:
        level, event = f"\033[{COLOURS.get(level, '0')}m{level}\033[0m", f"\033[1m{event}\033[0m"
    pairs = (f"{name}={_quoted(value)}" for name, value in fields.items())
    return " ".join([f"{time:%Y-%m-%dT%H:%M:%SZ}", level, event, *pairs])


def _quoted(value: Any) -> str:
    """A value as it is, or, where that could be mistaken, as JSON writes a text."""
    text = value if isinstance(value, str) else json.dumps(value)
    if text and text.isprintable() and not any(mark in text for mark in ' "=\\'):
        return text
    return _visible(json.dumps(text, ensure_ascii=False))


def _visible(text: str) -> str:
    """The text with every character that does not show as itself as an escape of JSON's."""
    if text.isprintable():
        return text
    return "".join(mark if mark.isprintable() else json.dumps(mark)[1:-1] for mark in text)
