"""All that can be asked is asked, all that can be pressed is pressed: Discord takes every answer."""

import re
import shutil

import pytest

from bot.adapters.discord.options import SETTINGS, spoken
from bot.commands import COMMANDS, DEEDS
from bot.commands.base import Reply
from bot.formatter.card import Action
from tests.adapters.discord.talk import Hall, hall
from tests.commands.asking import text
from tests.commands.shelves import FIGURE, LONG_NOTE, day, digest, entry, ids, put
from tests.discord_oracle import walk

PRESSES = 120
GIVEN = {
    "subscribe": {"tags": "NeRF"},
    "latest": {"count": 3, "share": True},
    "tag": {"tag": "NeRF"},
    "paper": {"paper": "2611.00001"},
    "save": {"paper": "2611.00001"},
    "why": {"paper": "2611.00001"},
    "search": {"words": "On"},
    "filter": {"words": "splatting, radiance"},
    "mute": {"words": "lidar"},
    "follow": {"authors": "Ada Lovelace"},
}
# What ends the chat comes last; what is for operators no server's menu shows to others.
ORDER = sorted(
    (command.name for command in COMMANDS.values() if not command.operators),
    key=lambda name: (name in ("unsubscribe", "stop"), name != "subscribe", name),
)


@pytest.fixture
def address(tmp_path, template):
    shutil.copy(template, tmp_path / "paperboy.db")
    return f"sqlite:///{tmp_path / 'paperboy.db'}"


@pytest.fixture
async def library(database):
    full = [entry(each, figures=(FIGURE,), note=LONG_NOTE, translation="译文。") for each in ids(11, 12)]
    await put(
        database,
        digest(day(20), *full),
        digest(day(19), *ids(10, 3), tags=("3DGS", *(f"Topic {number}" for number in range(24)))),
        digest(day(18), *ids(9, 4), tags=("Talking Head Generation",)),
        digest(day(17), *ids(8, 2), tags=("NeRF",)),
    )
    return database


def kind_of(data: str) -> str:
    """Buttons that do the same to other things are one kind; settings are each their own."""
    words = set(Action)
    return (
        data
        if data.startswith(("menu:", "set:"))
        else ":".join(word if word in words else "x" for word in data.split(":"))
    )


def pressable(message) -> list[tuple[str, str | None]]:
    """What can be pressed on a message: the custom_id, and the value of a menu."""
    found: list[tuple[str, str | None]] = []
    for part in walk(message.components):
        if part.get("type") == 3:
            found += [(part["custom_id"], option["value"]) for option in part["options"][::7]]
        elif part.get("custom_id"):
            found.append((part["custom_id"], None))
    return found


def check_whole(talk: Hall, reply: Reply | None, before: int) -> None:
    """Every button of a reply is there, each as itself or in a menu."""
    if reply is None or reply.page is not None or reply.refused:
        return
    wanted = {
        button.data
        for card in reply.cards
        for row in (card.buttons, *card.keys)
        for button in row
        if button.action
    }
    shown: set[str] = set()
    for _, body in talk.said()[before:]:
        for part in walk((body or {}).get("data", body or {}).get("components", [])):
            shown |= {option["value"] for option in part.get("options", ())} | {part.get("custom_id", "")}
    assert wanted <= shown


async def press_all(talk: Hall, queue: list, seen: set[str]) -> None:
    """Press whatever is of a kind that was not pressed yet, and what that brings."""
    while queue and len(seen) < PRESSES:
        message = queue.pop(0)
        try:
            offered = pressable(message)
        except KeyError:
            continue
        for custom_id, value in offered:
            if kind_of(value or custom_id) in seen or custom_id.startswith("stop:"):
                continue
            seen.add(kind_of(value or custom_id))
            before = len(talk.said())
            if value:
                result = await talk.ann.select(message, [value], custom_id=custom_id)
            else:
                result = await talk.ann.click(message, custom_id=custom_id)
            assert result.acknowledged
            check_whole(talk, talk.replied[-1], before)
            queue += [each for each in (result.response, *result.followups) if each]
            if result.response and result.response.id == message.id:
                break  # it shows something else now


async def test_all_that_can_be_asked_and_pressed_is_answered(library):
    seen: set[str] = set()
    async with hall(library) as talk:
        for each in ids(11, 7):
            await talk.ann.slash(talk.channel, "save", paper=each)
        for name in ORDER:
            pressed = -1
            while pressed < len(seen):
                pressed, before = len(seen), len(talk.said())
                result = await talk.ann.slash(talk.channel, name, **GIVEN.get(name, {}))
                assert result.acknowledged
                check_whole(talk, talk.replied[-1], before)
                await press_all(talk, [result.response, *result.followups], seen)
        done = {Action(request.word) for request in talk.heard if request.pressed}
    others = {action for action, deed in DEEDS.items() if deed.operators}
    assert DEEDS.keys() - done <= {Action.STOP, Action.RESUME, Action.REST, *others}


async def test_operator_merges_tags_in_the_own_chat_where_others_may_not(library):
    operators: set[str] = set()
    fields = {"tag": "Topic 1", "into": "NeRF"}
    data = {
        "id": "1",
        "type": 1,
        "name": "merge",
        "options": [{"name": key, "type": 3, "value": value} for key, value in fields.items()],
    }
    async with hall(library, operators=operators) as talk:
        uma = talk.env.create_user("uma")
        await talk.ask(uma, data)
        assert talk.replied[-1].refused
        operators.add(f"discord:{uma.id}")
        asked = await talk.ask(uma, data)
        check_whole(talk, talk.replied[-1], 0)
        custom_id = next(name for name, _ in pressable(asked.response) if name.endswith(":yes"))
        await uma.click(asked.response, custom_id=custom_id)
    assert "“Topic 1” is a part of “NeRF” now: 1 post" in text(talk.replied[-1])


async def test_all_that_can_be_asked_is_answered_in_the_own_chat(library):
    async with hall(library) as talk:
        uma = talk.env.create_user("uma")
        for name in ORDER:
            given = [{"name": key, "type": 3, "value": value} for key, value in GIVEN.get(name, {}).items()]
            result = await talk.ask(
                uma, {"id": "1", "name": name, "type": 1, "options": given}, locale="zh-CN"
            )
            assert result.acknowledged
            assert talk.heard[-1].place.address == f"@{uma.id}"
        assert [kind for kind, _ in talk.said() if kind == "callback 4"]


WRITTEN = ("content", "title", "description", "name", "value", "text", "label", "placeholder")


def shown(talk: Hall) -> list[str]:
    """Every text that people read in the answers, without the addresses of links."""
    found = []
    for _, body in talk.said():
        for part in walk([(body or {}).get("data", body or {})]):
            held = [part[key] for key in WRITTEN if isinstance(part.get(key), str)]
            if part.get("custom_id") is None and "default" not in part and "emoji" not in part:
                found += held
    return [re.sub(r"https?://\S+", "", each).replace("\\", "") for each in found]


ASKED = [
    *((name, {}) for name in ORDER),
    *GIVEN.items(),
    ("subscribe", {"tags": "nothing like it"}),
    ("tag", {"tag": "NeRF", "day": "the 99th"}),
    ("paper", {"paper": "no such words"}),
    ("latest", {"tags": "nope"}),
    ("search", {"words": "qqqq"}),
    *(("settings", {"set": name, "to": "?"}) for name in SETTINGS),
    ("settings", {"to": "whatever"}),
    *(("settings", {"to": name}) for name in ("when", "zone", "days", "quiet", "filters")),
]


@pytest.mark.parametrize(("locale", "at"), [("en-US", "elsewhere"), ("zh-CN", "here")])
async def test_answers_hold_commands_as_discord_has_them_and_no_number_of_a_place(library, locale, at):
    calls: set[tuple[str, str]] = set()

    def call(line, place):
        calls.add((line, spoken(line, place)))
        return spoken(line, place)

    async with hall(library, call=call) as talk:
        other = talk.guild.create_text_channel("other")
        for name, given in ASKED:
            takes_place = at == "elsewhere" and COMMANDS[name].elsewhere
            data = {"id": "1", "name": name, "type": 1, "options": []}
            data["options"] = [{"name": key, "type": 3, "value": each} for key, each in given.items()]
            if takes_place:
                data["options"].append({"name": "place", "type": 7, "value": str(other.id)})
            given_at = {"channel_id": talk.channel.id, "guild_id": talk.guild.id}
            result = await talk.ask(talk.ann, data, locale=locale, **given_at)
            assert result.acknowledged
            if takes_place:
                assert talk.heard[-1].elsewhere.endswith(str(other.id))
        texts = shown(talk)
    assert [each for each in texts if re.search(r"\d{17,}", each)] == []
    meant = {filled for _, filled in calls}
    for each in texts:
        for found in re.finditer(r"(?<![\w/])/([a-z]+)", each):
            if found[1] in COMMANDS:
                assert any(each.startswith(line, found.start()) for line in meant), each
    typed = [line for line, filled in calls if " " in line and line != filled]
    wrong = [line for line in typed if any(line in each for each in texts)]
    assert wrong == []
    assert any("place:#other" in each for each in texts) is (at == "elsewhere")
