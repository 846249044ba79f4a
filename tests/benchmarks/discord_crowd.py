"""People on a fake Discord who ask everything that can be asked: commands, presses, choices, typing."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from tests.benchmarks.at_work import evenly
from tests.benchmarks.bench_complete import slip
from tests.benchmarks.large import TAG_NAMES, Large, followed, phrase, signs, topic, word
from tests.fakes.discord import Channel, Event, Message, Server, User
from tests.fakes.discord.writing import write

GUILDS = 20
NEW = 5_000_000  # where the numbers begin of people whom the bot does not know

Chance = random.Random


class How(Enum):
    """What somebody does."""

    SLASH = "slash"
    PRESS = "press"
    SELECT = "select"
    TYPING = "typing"


class Where(Enum):
    """Where, and who it is."""

    ANYWHERE = "anywhere"  # half of them in a channel, half in the chat with the bot
    ALONE = "alone"
    CHANNEL = "channel"  # by somebody who manages it
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """Something that can be asked."""

    how: How
    name: str = ""  # the command
    option: str = ""  # that is being typed
    where: Where = Where.ANYWHERE
    # The options by name; of what is pressed its data, as "data"; of what is typed that, as "typed".
    give: Callable[[Chance, int], dict[str, Any]] = field(default=lambda *_: {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Something that was asked."""

    kind: str
    event: Event


def commands(large: Large) -> dict[str, Kind]:
    """The slash commands, as people fill them in."""

    def kind(name: str, where: Where = Where.ANYWHERE, **give: Callable[[Chance, int], Any]) -> Kind:
        def given(chance: Chance, asker: int) -> dict[str, Any]:
            return {option: make(chance, asker) for option, make in give.items()}

        return Kind(how=How.SLASH, name=name, where=where, give=given)

    def tag(chance: Chance, _: int) -> str:
        return topic(chance)

    def paper(chance: Chance, _: int) -> str:
        return large.some_paper(chance)

    def found(write: Callable[[Chance], str]) -> Kind:
        return kind("search", words=lambda chance, _: write(chance))

    alone = Where.ALONE
    bare = {f"/{name}": kind(name) for name in ("start", "help", "tags", "latest")}
    own = ("subscriptions", "saved", "settings", "filter", "mute", "follow", "pause", "resume", "stop")
    bare |= {f"/{name}": kind(name, alone) for name in own}
    return bare | {
        "/status": kind("status", Where.OPERATOR),
        "/subscribe TAG": kind("subscribe", alone, tags=tag),
        "/subscribe, a channel": kind("subscribe", Where.CHANNEL, tags=tag),
        "/subscriptions, a channel": kind("subscriptions", Where.CHANNEL),
        "/settings, a channel": kind("settings", Where.CHANNEL),
        "/unsubscribe TAG": kind(
            "unsubscribe", alone, tags=lambda _, asker: TAG_NAMES[followed(asker, 0) - 1]
        ),
        "/latest TAG": kind("latest", tags=tag),
        "/latest TAG, shared": kind("latest", tags=tag, count=lambda *_: 5, share=lambda *_: True),
        "/tag TAG DATE": kind("tag", tag=tag, day=lambda chance, _: str(large.day(chance))),
        "/paper ID": kind("paper", paper=paper),
        "/save ID": kind("save", paper=paper),
        "/why ID": kind("why", alone, paper=large.theirs),
        "/export": kind("export", alone, form=lambda chance, _: chance.choice(["bibtex", "ris"])),
        "/settings style": kind("settings", alone, set=lambda *_: "style", to=lambda *_: "cards"),
        "/filter WORD": kind("filter", alone, words=lambda chance, _: word(chance)),
        "a Latin word": found(word),
        "two Latin words": found(lambda chance: f"{word(chance)} {word(chance)}"),
        "two Chinese signs": found(lambda chance: signs(chance, 2)),
        "four Chinese signs": found(lambda chance: signs(chance, 4)),
        "a phrase": found(lambda chance: f'"{phrase(chance)}"'),
    }


def presses(large: Large) -> dict[str, Kind]:
    """The buttons that people press, and what they choose from menus."""

    def kind(make: Callable[[Chance], str], how: How = How.PRESS) -> Kind:
        return Kind(how=how, give=lambda chance, _: {"data": make(chance)})

    def later(chance: Chance) -> int:
        return chance.randrange(1, 4)

    return {
        "abstract": kind(lambda chance: f"abstract:{large.some_paper(chance)}"),
        "page of a note": kind(lambda chance: f"note:{large.noted(chance)}:{later(chance)}"),
        "page of a digest": kind(lambda chance: f"digest:{large.digest(chance)}"),
        "page of tags": kind(lambda chance: f"tags:{later(chance)}"),
        "save": kind(lambda chance: f"save:{large.some_paper(chance)}"),
        "more like it": kind(lambda chance: f"like:{large.some_paper(chance)}"),
        "a paper of a menu": kind(lambda chance: f"paper:{large.some_paper(chance)}", How.SELECT),
        "a digest of a menu": kind(lambda chance: f"digest:{large.digest(chance)}", How.SELECT),
    }


def typing(large: Large) -> dict[str, Kind]:
    """What people type into options that are completed."""

    def kind(name: str, option: str, write: Callable[[Chance], str], **more: Any) -> Kind:
        where = more.pop("where", Where.ANYWHERE)

        def given(chance: Chance, _: int) -> dict[str, Any]:
            return {"typed": write(chance), **{other: make(chance) for other, make in more.items()}}

        return Kind(how=How.TYPING, name=name, option=option, where=where, give=given)

    def nothing(_: Chance) -> str:
        return ""

    alone = Where.ALONE
    return {
        "tags, nothing yet": kind("latest", "tags", nothing),
        "tags, a beginning": kind("latest", "tags", lambda chance: topic(chance)[: chance.randint(1, 4)]),
        "tags, with a slip": kind("latest", "tags", lambda chance: slip(chance, topic(chance))),
        "one tag": kind("tag", "tag", lambda chance: topic(chance)[:3]),
        "tags to follow": kind("subscribe", "tags", lambda chance: topic(chance)[:2], where=alone),
        "tags to leave": kind("unsubscribe", "tags", nothing, where=alone),
        "papers, nothing yet": kind("paper", "paper", nothing),
        "papers, a word": kind("paper", "paper", word),
        "papers, half a word": kind("paper", "paper", lambda chance: word(chance)[:3]),
        "papers, two signs": kind("save", "paper", lambda chance: signs(chance, 2)),
        "papers, a phrase": kind("paper", "paper", phrase),
        "papers, half an id": kind("why", "paper", lambda chance: large.some_paper(chance)[:7], where=alone),
        "days": kind("latest", "day", nothing),
        "days of a tag": kind("tag", "day", lambda _: f"{large.today.year - 1}-1", tag=topic),
        "zones": kind(
            "settings", "to", lambda chance: chance.choice("abcdelmnpstu"), where=alone, set=lambda _: "zone"
        ),
    }


class Crowd:
    """Everybody who asks once, in a row."""

    def __init__(self, server: Server, large: Large, channels: int) -> None:
        """Have the servers, with so many channels in all for a broadcast, and one more each to ask in."""
        self._server = server
        self._large = large
        self._asker = 0
        guilds = [server.guild(f"Lab {nth}", owner=server.owner) for nth in range(GUILDS)]
        self.channels = [server.text(guilds[nth % GUILDS], f"papers-{nth}") for nth in range(channels)]
        self._halls = [server.text(guild, "hall") for guild in guilds]
        self._kinds = commands(large) | presses(large) | typing(large)

    async def ask(self, seed: int, each: int, rate: float) -> list[Question]:
        """Ask everything so many times, in disorder and at an even pace."""
        chance = random.Random(seed)
        order = [*self._kinds] * each
        chance.shuffle(order)
        asked = []
        async for name in evenly(order, rate, chance):
            self._asker += 1
            asked.append(Question(kind=name, event=await self._put(self._kinds[name], chance)))
        return asked

    async def _put(self, kind: Kind, chance: Chance) -> Event:
        # Of five people one is new here.
        number = self._asker if self._asker % 5 else NEW + self._asker
        given = kind.give(chance, number % NEW)
        where, user = self._meet(kind.where, number)
        match kind.how:
            case How.SLASH:
                return await self._server.slash(where, user, kind.name, **given)
            case How.PRESS:
                return await self._server.press(self._old(where, button(given["data"])), given["data"], user)
            case How.SELECT:
                menu = button("paper:2003.08934"), button(given["data"])
                return await self._server.select(self._old(where, select(*menu)), given["data"], user)
            case How.TYPING:
                typed = given.pop("typed")
                return await self._server.autocomplete(where, user, kind.name, kind.option, typed, **given)

    def _meet(self, where: Where, number: int) -> tuple[Channel, User]:
        """Where it is asked, and by whom."""
        hall = self._halls[number % GUILDS]
        if where is Where.CHANNEL:
            return hall, self._server.owner
        if where is Where.OPERATOR:
            return self._server.world.dm(self._server.owner), self._server.owner
        locale = "zh-CN" if number % 2 else "en-US"
        user = User(id=int(self._large.person(number)), name=f"Reader {number}", locale=locale)
        self._server.world.users[user.id] = user
        assert hall.guild
        self._server.member(hall.guild, user)
        alone = where is Where.ALONE or number % 4 < 2
        return (self._server.world.dm(user) if alone else hall), user

    def _old(self, channel: Channel, *components: dict[str, Any]) -> Message:
        """A message of long ago."""
        row = {"type": 1, "components": list(components)}
        embed = {"title": "On a thing", "description": "Words. " * 100}
        return write(self._server, channel, self._server.bot, {"embeds": [embed], "components": [row]})


def button(data: str) -> dict[str, Any]:
    """A button as it stands under a message."""
    return {"type": 2, "style": 2, "label": "Press", "custom_id": data}


def select(*lines: dict[str, Any]) -> dict[str, Any]:
    """A menu as it stands under a message, of what buttons would say."""
    values = dict.fromkeys(line["custom_id"] for line in lines)
    options = [{"label": f"{nth}. On a thing", "value": value} for nth, value in enumerate(values, 1)]
    return {"type": 3, "custom_id": "pick:1", "placeholder": "Choose", "options": options}
