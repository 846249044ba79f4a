"""Files and functions stay short enough to be read at a sitting."""

import ast
from pathlib import Path

import pytest

BOT = Path(__file__).parent.parent / "bot"
FILES = sorted(BOT.rglob("*.py"))
FILE_LINES = 300
FUNCTION_LINES = 50

# Path below bot/ (or path:function): why it may be longer.
EXEMPT = {
    "storage/migrations/versions/0001_first_tables.py:upgrade": "a list of tables, made by a tool, read once",
}


def spans(path: Path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node.end_lineno - node.lineno + 1


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(BOT)))
def test_file_and_its_functions_are_short(path):
    name = path.relative_to(BOT).as_posix()
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= FILE_LINES or name in EXEMPT, f"{name} has {lines} lines, more than {FILE_LINES}"
    long = {
        function: length
        for function, length in spans(path)
        if length > FUNCTION_LINES and f"{name}:{function}" not in EXEMPT
    }
    assert not long, f"{name}: functions of more than {FUNCTION_LINES} lines: {long}"


def test_exemptions_are_still_needed():
    for place in EXEMPT:
        name, _, function = place.partition(":")
        path = BOT / name
        if function:
            assert dict(spans(path))[function] > FUNCTION_LINES, f"{place} is short now: take it off the list"
        else:
            assert len(path.read_text(encoding="utf-8").splitlines()) > FILE_LINES, f"{place}: no longer long"
