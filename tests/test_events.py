"""Every event of the log: named as it should be, described in docs/logs.md, without personal fields."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import bot
from bot.log import LIBRARY

HOUSE = Path(bot.__file__).parent
DESCRIBED = HOUSE.parent / "docs" / "logs.md"
METHODS = {"debug", "info", "warning", "warn", "error", "exception", "critical", "fatal", "log"}
LEVELS = {"debug": "debug", "info": "info", "warning": "warning", "error": "error", "exception": "error"}
OURS = {"time", "level", "event", "logger", "traceback", "message", "stacklevel", "stack_info"}
PERSONAL = {
    "address", "title", "name", "person", "user", "member", "author", "manager", "words", "query", "said",
    "body", "content", "server", "guild", "channel", "room", "thread", "topic", "remote", "ip",
}  # fmt: skip


def calls() -> Iterator[tuple[str, ast.Call, str]]:
    """Each call of a log: where, what, by which method."""
    for file in sorted(HOUSE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id="log"), attr=method)) if method in METHODS:
                    yield f"{file.relative_to(HOUSE)}:{node.lineno}", node, method


CALLS = list(calls())


def described() -> dict[str, set[str]]:
    """The levels of each event that docs/logs.md describes."""
    rows = re.findall(r"^\| `([^`]+)` \| ([a-z, ]+) \| .+ \|.*\|$", DESCRIBED.read_text("utf-8"), re.M)
    assert len(rows) == len(dict(rows)), "an event is described twice"
    return {event: set(levels.split(", ")) for event, levels in rows}


def events() -> dict[str, set[str]]:
    """The levels at which each event is told."""
    found: dict[str, set[str]] = {LIBRARY: {"debug", "info", "warning", "error"}}
    for _, call, method in CALLS:
        if call.args and isinstance(call.args[0], ast.Constant):
            found.setdefault(call.args[0].value, set()).add(LEVELS[method])
    return found


def test_there_are_events():
    assert len(CALLS) > 70


def wrong(call: ast.Call, method: str) -> Iterator[str]:
    """What is wrong with a call of a log."""
    fields = {keyword.arg for keyword in call.keywords}
    if method not in LEVELS:
        yield "no level"
    if len(call.args) != 1 or not isinstance(call.args[0], ast.Constant):
        yield "an event is a literal, and nothing but fields comes with it"
    elif not re.fullmatch(r"[a-z]+\.[a-z]+", call.args[0].value):
        yield "an event is named noun.verb"
    if None in fields:
        yield "fields are named where they are given"
    if fields & OURS:
        yield "a name that the log itself uses"
    if fields & PERSONAL:
        yield "personal"


def test_event_is_a_literal_with_named_fields_that_are_not_personal():
    assert [f"{where}: {what}" for where, call, method in CALLS for what in wrong(call, method)] == []


def test_every_event_is_described_and_none_besides():
    assert events().keys() - described().keys() == set(), "not in docs/logs.md"
    assert described().keys() - events().keys() == set(), "nowhere but in docs/logs.md"


def test_levels_are_as_described():
    told, said = events(), described()
    assert {event: told[event] for event in told.keys() & said.keys()} == {
        event: said[event] for event in told.keys() & said.keys()
    }


def test_nobody_else_writes_a_log_of_their_own():
    """Who takes a logger of the standard library's does so to quiet a library's."""
    bare = [
        str(file.relative_to(HOUSE))
        for file in HOUSE.rglob("*.py")
        if re.search(r"getLogger\(__name__\)", file.read_text("utf-8"))
    ]
    assert bare == []
