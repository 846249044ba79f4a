"""Texts without what would spoil a message."""

import pytest

from bot.formatter.clean import line, lines


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("  a \n b\t c ", "a b c"),
        ("a\x00b\x07c", "abc"),
        ("abc \u202edef", "abc def"),
        ("\u2066a\u2069 \u200fb", "a b"),
        ("a\u200b\ufeff\u2060b", "ab"),
        ("a\ud800b", "ab"),
        ("a\u3164\u180eb", "ab"),
        ("e\u0301", "e\u0301"),
        ("👨‍👩‍👧‍👦 🏴󠁧󠁢󠁥󠁮󠁧󠁿 🇨🇳", "👨‍👩‍👧‍👦 🏴󠁧󠁢󠁥󠁮󠁧󠁿 🇨🇳"),
        ("שלום עולם", "שלום עולם"),
        ("z" + "\u0301" * 100_000, "z" + "\u0301" * 8),
    ],
)
def test_line_keeps_what_is_read(text: str, shown: str) -> None:
    assert line(text) == shown


def test_lines_part_at_every_line_break() -> None:
    assert lines("a b\n\n c\r\nd\x0be\u2028f\x85g\n") == ("a b", "c", "d", "e", "f", "g")


@pytest.mark.parametrize("text", ["", " \n\t", "\u200b\n\u202e"])
def test_nothing_visible_is_no_line(text: str) -> None:
    assert lines(text) == ()
    assert line(text) == ""
