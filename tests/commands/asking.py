"""People who ask: a desk over a database, a guide that knows who administers what, and `Asker`."""

from dataclasses import dataclass, field

from bot.commands import answer
from bot.commands.base import Desk, Place, Refusal, Reply, Request, Where
from bot.formatter.card import Button
from bot.formatter.text import plain
from bot.model import Language, Style
from bot.when import next_due

NOW = 1_795_000_000.0  # Wednesday, 2026-11-18, in the morning


@dataclass
class Town:
    """A guide: who administers which place, and which places names stand for."""

    managers: dict[str, set[str]] = field(default_factory=dict)  # people by address
    places: dict[str, Place] = field(default_factory=dict)  # by name
    closed: set[tuple[str, str]] = field(default_factory=set)  # addresses where the bot may not, by layout
    calls: int = 0

    def named(self, word):
        """As in the town: "@name", or an address with a sign before it."""
        return word if word.startswith(("@", "-100")) else None

    async def manages(self, person, place):
        """As the town says."""
        self.calls += 1
        return place.where is Where.PRIVATE or person in self.managers.get(place.address, ())

    async def find(self, name, person):
        """The place of a name or an address."""
        known = self.places | {place.address: place for place in self.places.values()}
        if name not in known:
            raise Refusal("place_unknown", name=name)
        if person not in self.managers.get(known[name].address, ()):
            raise Refusal("place_not_yours", name=name)
        return known[name]

    async def check(self, place):
        """Whether the bot may post, as the town says."""
        if (place.address, place.layout) in self.closed:
            raise Refusal("place_no_posting", name=place.title or place.address)


class Asker:
    """A person in a place."""

    def __init__(self, database, *, person="7", place=None, hint=Language.EN, town=None, at=NOW, **desk):
        self.town = town or Town()
        self.place = place or Place(address=person)
        self.person = person
        self.hint = hint
        self.at = at
        self.desk = Desk(
            database=database, style=Style.CARDS, cap=10, next_due=next_due,
            links=lambda payload: f"https://t.me/paperboy_bot?start={payload}", **desk,
        )  # fmt: skip

    async def __call__(self, line: str) -> Reply:
        """Ask by a command: `/latest NeRF 2`."""
        word, _, text = line.removeprefix("/").partition(" ")
        return await answer(self.desk, self._request(word=word, text=text))

    async def press(self, button: Button | str) -> Reply:
        """Press a button, or what its data says."""
        data = button if isinstance(button, str) else button.data
        assert len(data.encode()) <= 64, data
        word, _, about = data.partition(":")
        return await answer(self.desk, self._request(word=word, text=about, pressed=True))

    def _request(self, **given):
        return Request(
            platform="telegram", place=self.place, person=self.person, hint=self.hint, at=self.at,
            guide=self.town, **given,
        )  # fmt: skip


def text(reply: Reply) -> str:
    """Everything that a reply says, card by card and line by line."""
    parts = [reply.toast] if reply.toast else []
    for card in reply.cards:
        parts.append(plain(card.title))
        parts += [
            f"{block.label}\n" * bool(block.label) + "\n".join(map(plain, block.items))
            for block in card.blocks
        ]
    return "\n".join(filter(None, parts))


def buttons(reply: Reply) -> dict[str, Button]:
    """Every button of a reply, by its label."""
    return {
        button.label: button for card in reply.cards for row in (card.buttons, *card.keys) for button in row
    }
