"""Numbers become menus that say what they open; buttons fill what rows there are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.discord.pick import rows, selects
from bot.formatter import cards
from bot.formatter.card import Action, Block, Button, Card, Kind, Span
from bot.model import Language, Style
from tests import strategies
from tests.builders import entry, paper, post
from tests.discord_oracle import refusals, walk

EN = Language.EN


def numbers(count: int, action: Action = Action.PAPER, start: int = 1) -> tuple[Button, ...]:
    return tuple(
        Button(label=str(n), action=action, about=f"2003.{n:05}") for n in range(start, start + count)
    )


def listed(*titles: str, start: int = 1) -> tuple[Block, ...]:
    items = [((Span(title),),) for title in titles]
    return tuple(Block(kind=Kind.LIST, items=item, start=at) for at, item in enumerate(items, start))


def card(*keys: tuple[Button, ...], blocks: tuple[Block, ...] = (), buttons: tuple[Button, ...] = ()) -> Card:
    return Card(title=(Span("T"),), blocks=blocks, keys=keys, buttons=buttons)


def options(found: list) -> list[list[dict]]:
    return [part["options"] for row in found for part in row["components"] if part["type"] == 3]


def labels(found: list) -> list[list[str]]:
    return [
        [part["label"] for part in row["components"]] for row in found if row["components"][0]["type"] == 2
    ]


def judge(found: list) -> None:
    body = {"content": "x", "components": found, "allowed_mentions": {"parse": []}}
    assert refusals(body) == []


# Menus


def test_number_is_named_by_what_the_list_says_of_it():
    blocks = listed("First title\nA line on it.", "Second title", "Third", start=9)
    (menu,) = options(rows(card(numbers(3, start=9), blocks=blocks), EN))
    assert menu[0] == {"label": "9. First title", "value": "paper:2003.00009", "description": "A line on it."}
    assert menu[1] == {"label": "10. Second title", "value": "paper:2003.00010"}


def test_digest_is_named_as_well():
    found = rows(card(numbers(3, Action.DIGEST), blocks=listed("NeRF · 2026-11-20", "b", "c")), EN)
    assert options(found)[0][0]["label"] == "1. NeRF · 2026-11-20"
    assert found[0]["components"][0]["placeholder"] == "Open a digest: 1–3"


def test_menu_speaks_the_language():
    (menu, *_) = rows(card(numbers(3), blocks=listed("a", "b", "c")), Language.ZH)
    assert menu["components"][0]["placeholder"].startswith("打开论文")


@pytest.mark.parametrize("count", [1, 2])
def test_few_numbers_stay_buttons(count):
    assert labels(rows(card(numbers(count)), EN)) == [[str(n) for n in range(1, count + 1)]]


def test_many_numbers_are_two_menus():
    found = rows(card(numbers(25), numbers(15, start=26)), EN)
    assert [len(menu) for menu in options(found)] == [25, 15]
    assert [part["custom_id"] for part in walk(found) if part["type"] == 3] == ["pick:1", "pick:2"]
    judge(found)


def test_more_numbers_than_two_menus_hold_are_left_out():
    found = rows(card(numbers(60)), EN)
    assert [len(menu) for menu in options(found)] == [25, 25]


def test_number_that_no_list_explains_is_a_number():
    (menu,) = options(rows(card(numbers(3), blocks=listed("", "\u200b", "c")), EN))
    assert [option["label"] for option in menu] == ["1", "2", "3. c"]


def test_long_title_is_shortened():
    (menu,) = options(rows(card(numbers(3), blocks=listed(*["word " * 50 + "\n" + "line " * 50] * 3)), EN))
    for option in menu:
        assert len(option["label"]) <= 100
        assert len(option["description"]) <= 100
        assert option["label"].endswith("…")


def test_same_paper_twice_is_one_choice():
    twice = (*numbers(3), Button(label="4", action=Action.PAPER, about="2003.00001"))
    (menu,) = options(rows(card(twice), EN))
    assert len(menu) == 3


def test_other_buttons_stay_where_they_are():
    turn = (Button(label="▶ 2/3", action=Action.SEARCH, about="2:nerf"),)
    menus, rest = selects(card(numbers(3), turn), EN)
    assert len(menus) == 1
    assert [list(row) for row in rest] == [[], list(turn)]
    assert labels(rows(card(numbers(3), turn), EN)) == [["▶ 2/3"]]


def test_overview_of_a_digest_opens_each_of_its_papers():
    papers = [f"2003.{n:05}" for n in range(40)]
    entries = [entry(each, paper=paper(each, title=f"On the {each}")) for each in papers]
    (whole,) = cards(post(*entries), style=Style.OVERVIEW, language=EN)
    found = rows(whole, EN)
    opened = [option for menu in options(found) for option in menu]
    assert [option["value"].split(":")[1] for option in opened] == papers
    assert all(each in option["label"] for each, option in zip(papers, opened, strict=True))


# Buttons


def test_row_above_comes_first():
    turn = Button(label="▶ 2/3", action=Action.NOTE, about="1:2")
    pdf = Button(label="PDF", url="https://arxiv.org/pdf/1")
    assert labels(rows(card(buttons=(pdf,)), EN, [turn])) == [["▶ 2/3"], ["PDF"]]


def test_more_rows_than_there_is_room_for_are_closed_up():
    pairs = [
        tuple(Button(label=f"{n}{side}", action=Action.FOLLOW, about=f"{n}{side}") for side in "ab")
        for n in range(7)
    ]
    found = rows(card(*pairs), EN)
    assert [len(row) for row in labels(found)] == [5, 5, 4]
    judge(found)


def test_menus_leave_fewer_rows_to_buttons():
    many = [
        tuple(Button(label=f"{n}.{m}", action=Action.FOLLOW, about=f"{n}.{m}") for m in range(5))
        for n in range(5)
    ]
    found = rows(card(numbers(40), *many), EN)
    assert len(found) == 5
    judge(found)


def test_button_that_asks_too_much_is_left_out():
    long = Button(label="x", action=Action.SEARCH, about="w" * 100)
    assert rows(card((long,)), EN) == []


@given(
    st.lists(st.builds(lambda n, text: (n, text), st.integers(0, 60), strategies.texts(6)), max_size=30),
    st.integers(0, 60),
    st.sampled_from(Language),
)
def test_any_list_is_accepted(items, count, language):
    blocks = tuple(Block(kind=Kind.LIST, items=((Span(text),),), start=n) for n, text in items)
    found = rows(card(numbers(count), blocks=blocks), language)
    if found:
        judge(found)
