"""Front matter is read by its lines, by YAML where it needs that, and never for long."""

# ruff: noqa: E501 - a line of a sample post is one line here too

import pytest

from bot.digest.front import LARGEST, cut, parse


def facts(text):
    front, wrong = parse(text)
    return front, wrong


@pytest.mark.parametrize(
    "tags",
    ["tags:\n    - NeRF\n    - 3D GS", "tags: [NeRF, 3D GS]", "tags:\n- NeRF\n- '3D GS'", 'tags: ["NeRF", "3D GS"]',
     "tags:\n  - [NeRF]\n  - [3D GS]"],
)  # fmt: skip
def test_tags_in_any_form_of_list(tags):
    front, wrong = facts(f"title: x\n{tags}\ntoc:\n")
    assert front.tags == ("NeRF", "3D GS")
    assert wrong is None


def test_one_tag_needs_no_list():
    assert facts("tags: NeRF")[0].tags == ("NeRF",)


def test_dates_and_numbers_stay_as_written():
    front, _ = facts("title: 2024\ndate: 2024-01-24 00:05\ntags: [3]\n")
    assert (front.title, front.written, front.tags) == ("2024", "2024-01-24 00:05", ("3",))


def test_value_with_a_colon_needs_no_quotes():
    front, wrong = facts("title: A: B\ndescription: C - d\n")
    assert (front.title, front.description, wrong) == ("A: B", "C - d", None)


def test_quotes_come_off():
    front, wrong = facts("title: \"A: B\"\ndescription: 'It''s'\n")
    assert (front.title, front.description, wrong) == ("A: B", "It's", None)


def test_folded_text_is_read():
    assert facts("description: >\n  one\n  two\n")[0].description == "one two"


@pytest.mark.parametrize(
    "text",
    [
        "title: x\ntags: [a\ndate: 2024-01-24\n",
        "title: x\n\tbad: [\ndate: 2024-01-24\n",
        "title: x\na: &a [1]\nb: *a\ndate: 2024-01-24\n",
        "title: x\na: " + "[" * 30_000 + "\ndate: 2024-01-24\n",
        "title: x\na:\n" + "- " * 20_000 + "\ndate: 2024-01-24\n",
        "title: x\n%bad: {\ndate: 2024-01-24\n",
        "title: x\nb: '\x00\x01 [\ndate: 2024-01-24\n",
        "title: x\ndate: 2024-01-24\n" + "z: [1]\n" * LARGEST,
    ],
    ids=["unclosed", "tab", "alias", "flow depth", "block depth", "directive", "control", "too large"],
)
def test_broken_yaml_gives_its_simple_lines_and_a_problem(text):
    front, wrong = facts(text)
    assert (front.title, front.written) == ("x", "2024-01-24")
    assert wrong is not None


def test_alias_bomb_is_not_opened():
    bomb = "title: x\na0: &a0 [l, l]\n" + "".join(
        f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40)
    )
    front, wrong = facts(bomb + "tags: *a39\n")
    assert front.title == "x"
    assert wrong is not None


def test_deep_indentation_does_not_raise():
    assert facts("title: x\n" + "".join(" " * n + "a:\n" for n in range(1, 300)))[0].title == "x"


@pytest.mark.parametrize(
    ("text", "matter"),
    [
        ("---\na: b\n---\nbody", "a: b\n"),
        ("\n\n---  \na: b\n-----\nbody", "a: b\n"),
        ("\ufeff---\na: b\n---\nbody", "a: b\n"),
        ("---\na: b\n--- c\n---\nbody", "a: b\n--- c\n"),
        ("---\na: b\n  - c\n# heading\nbody", "a: b\n  - c\n"),
        ("body", None),
        ("", None),
        ("---", ""),
    ],
)
def test_front_matter_is_cut_off(text, matter):
    assert cut(text)[0] == matter
    assert "a: b" not in text[cut(text)[1] :]
