"""Choices while people type: whatever is typed, Discord takes them all."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.adapters.discord.asked import Asked
from bot.adapters.discord.complete import choices
from bot.adapters.discord.options import OPTIONS
from bot.commands import suggest as suggesting
from bot.commands.base import Desk, Place, Where
from bot.commands.presets import Suggestion
from bot.commands.suggest import Suggest
from bot.model import Language, Style
from bot.when import next_due
from tests import builders, strategies
from tests.commands.asking import NOW
from tests.commands.seeing import TODAY
from tests.commands.shelves import digest, follow, put
from tests.discord_oracle import choice_refusals, schema

HERE = Place(address="5/6", where=Where.GROUP, above="5")
LONG = "A title of many words that goes on and on " * 5


def typing(command, field, *, hint=Language.EN, elsewhere="", **filled):
    return Asked(
        place=HERE, person="7", word=command, text="", hint=hint, elsewhere=elsewhere, given=filled,
        typing=field,
    )  # fmt: skip


def values(found):
    return [choice["value"] for choice in found]


@pytest.fixture
async def suggest(database, monkeypatch):
    monkeypatch.setattr(suggesting, "SOON", 10.0)  # however busy the machine is
    posts = []
    for number, name in enumerate(["NeRF", "3DGS", *(f"Topic {at:02}" for at in range(30)), "x" * 120]):
        title = LONG if number == 0 else f"Paper number {number}"
        paper = builders.paper(f"2611.{number:05}", title=title)
        posts.append(digest(TODAY, builders.entry(f"2611.{number:05}", paper=paper), tags=(name,)))
    await put(database, *posts)
    desk = Desk(database=database, style=Style.CARDS, cap=10, next_due=next_due, aliases={"高斯": "3dgs"})
    return Suggest(desk, lambda: NOW)


async def ask(suggest, *given, **filled):
    found = await choices(suggest, typing(*given, **filled))
    assert list(choice_refusals(found)) == []
    return found


async def test_every_field_that_is_completed_gets_its_own_choices(suggest, database):
    await follow(database, "nerf", address="5/6", platform="discord")
    assert values(await ask(suggest, "subscribe", "tags", tags="高")) == ["3DGS"]
    assert values(await ask(suggest, "latest", "tags", tags="NeRF, 3d"))[0] == "NeRF, 3DGS"
    assert values(await ask(suggest, "unsubscribe", "tags", tags="")) == ["NeRF"]
    assert values(await ask(suggest, "tag", "tag", tag="ner"))[0] == "NeRF"
    assert values(await ask(suggest, "paper", "paper", paper="number 2"))[0] == "2611.00002"
    assert values(await ask(suggest, "tag", "day", tag="NeRF", day="2026")) == ["2026-11-18"]
    assert values(await ask(suggest, "latest", "day", tags="", day=""))[0] == "2026-11-18"
    assert values(await ask(suggest, "settings", "to", set="hour", to="7"))[0] == "07:00"


async def test_no_more_than_discord_takes_are_offered(suggest):
    assert len(await ask(suggest, "subscribe", "tags", tags="")) == 25
    assert len(await ask(suggest, "paper", "paper", paper="")) == 25
    assert len(await ask(suggest, "settings", "to", set="zone", to="a")) == 25


async def test_long_title_is_shortened_and_a_long_value_is_left_out(suggest):
    (found,) = await ask(suggest, "paper", "paper", paper="2611.00000")
    assert found["name"].startswith("A title of many words")
    assert found["name"].endswith("…")
    assert await ask(suggest, "tag", "tag", tag="xxxx") == []
    full = ", ".join(f"Topic {at:02}" for at in range(10))
    assert len(full) < 100
    assert await ask(suggest, "latest", "tags", tags=f"{full}, Topic 1") == []  # never less than is written


async def test_tags_of_another_place_are_not_told(suggest, database):
    await follow(database, "nerf", address="5/9", platform="discord")
    found = await ask(suggest, "unsubscribe", "tags", tags="", place="9", elsewhere="5/9")
    assert len(found) == 25


async def test_word_for_all_tags_is_offered_where_it_is_taken(suggest, database):
    await follow(database, "nerf", address="5/6", platform="discord")
    assert values(await ask(suggest, "subscribe", "tags", tags="全"))[-1] == "全部"
    assert values(await ask(suggest, "unsubscribe", "tags", tags="al")) == ["all"]
    assert "all" not in values(await ask(suggest, "latest", "tags", tags="al"))


async def test_layouts_of_a_server_are_offered_for_it(suggest):
    found = await ask(suggest, "settings", "to", set="layout", to="", server=True, elsewhere="5")
    assert values(found) == ["plain", "threads"]


async def test_labels_are_in_the_readers_language(suggest):
    (found, *_) = await ask(suggest, "settings", "to", set="daily", to="工作日 7:30", hint=Language.ZH)
    assert found == {"name": "周一至周五 07:30", "value": "mon-fri 07:30"}


@pytest.mark.parametrize("field", ["share", "place", "count", "gone", ""])
async def test_other_fields_get_no_choices(suggest, field):
    assert await ask(suggest, "latest", field) == []
    assert await ask(suggest, "gone", field) == []


async def test_answer_is_as_discord_describes_it(suggest):
    found = await ask(suggest, "paper", "paper", paper="")
    validator = schema("ApplicationCommandAutocompleteCallbackRequest")
    assert list(validator.iter_errors({"type": 8, "data": {"choices": found}})) == []


class Any:
    """Suggests what a test says, in each of the ways that there are."""

    def __init__(self, found):
        self.found = found

    def values(self, *_, **__):
        return self.found

    async def papers(self, *_, **__):
        return self.found

    tags = followed = tag = days = papers


@pytest.mark.parametrize(
    ("command", "field"),
    [(command, each.name) for command, fields in OPTIONS.items() for each in fields if each.complete],
)
async def test_every_field_that_says_so_is_completed(command, field):
    offered = await choices(Any([Suggestion(label="A", value="a")]), typing(command, field))
    assert offered == [{"name": "A", "value": "a"}]


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.builds(Suggestion, label=strategies.texts(8), value=strategies.texts(4)), max_size=60))
async def test_whatever_is_suggested_discord_takes_it(found):
    for command, field in (("paper", "paper"), ("settings", "to")):
        offered = await choices(Any(found), typing(command, field))
        assert list(choice_refusals(offered)) == []
        json.dumps(offered, ensure_ascii=False).encode()
        assert set(values(offered)) <= {each.value for each in found}
