"""What a person sees of a message."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tests.fakes.discord.world import CROSSPOSTED, EPHEMERAL, LOADING, SILENT, V2, Json, Message

_MENTION = re.compile(r"@everyone|@here|<@!?\d+>|<@&\d+>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """A line of a select menu."""

    label: str
    value: str
    description: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """A button under a message, or a select menu."""

    label: str  # or the placeholder
    data: str | None = None  # the custom_id
    url: str | None = None
    disabled: bool = False
    options: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A message as it stands at the moment of looking."""

    channel_id: int
    id: int
    text: str  # all that is there to read, from the top: content, embeds, text displays
    content: str
    embeds: tuple[Json, ...]
    components: tuple[Json, ...]
    buttons: tuple[tuple[Button, ...], ...]  # row by row, select menus among them
    by_bot: bool
    sender: str
    flags: int
    edited: bool
    ephemeral: bool  # seen by one person alone
    thinking: bool  # "... is thinking"
    silent: bool
    rich: bool  # made of components
    published: bool
    thread_id: int | None
    files: dict[str, bytes]
    pings: tuple[str, ...]  # mentions that make a noise
    body: Json

    @property
    def labels(self) -> list[str]:
        """The buttons' words, row by row."""
        return [button.label for row in self.buttons for button in row]

    @property
    def options(self) -> list[Option]:
        """The lines of all select menus."""
        return [option for row in self.buttons for button in row for option in button.options]

    def button(self, wanted: str) -> Button:
        """A button by its label or its custom_id; raises AssertionError where there is none."""
        for row in self.buttons:
            for button in row:
                if wanted in {button.label, button.data}:
                    return button
        raise AssertionError(f"no button {wanted!r} under message {self.id}; there are {self.labels}")

    def select(self, value: str, custom_id: str | None = None) -> Button:
        """The select menu with a line of that value; raises AssertionError where there is none."""
        for row in self.buttons:
            for button in row:
                if custom_id in {None, button.data} and value in {o.value for o in button.options}:
                    return button
        there = [option.value for option in self.options]
        raise AssertionError(f"no line {value!r} in a menu under message {self.id}; there are {there}")


def show(message: Message) -> Shown:
    """A message as it stands now."""
    body = message.body
    return Shown(
        channel_id=message.channel.id,
        id=message.id,
        text="\n".join(_texts(body)),
        content=body["content"],
        embeds=tuple(body["embeds"]),
        components=tuple(body["components"]),
        buttons=tuple(tuple(map(_button, row["components"])) for row in rows(body["components"])),
        by_bot=message.author.is_bot,
        sender=message.author.name,
        flags=message.flags,
        edited=body["edited_timestamp"] is not None,
        ephemeral=bool(message.flags & EPHEMERAL),
        thinking=bool(message.flags & LOADING),
        silent=bool(message.flags & SILENT),
        rich=bool(message.flags & V2),
        published=bool(message.flags & CROSSPOSTED),
        thread_id=message.thread.id if message.thread else None,
        files=dict(message.files),
        pings=message.pings,
        body=body,
    )


def pings(body: Json, told: Json | None) -> list[str]:
    """The mentions in a new message that make a noise, by its `allowed_mentions`."""
    found = _MENTION.findall("\n".join([body["content"], *displays(body["components"])]))
    if told is None:
        return found
    parse, users, roles = told.get("parse") or [], told.get("users") or [], told.get("roles") or []
    return [m for m in found if _allowed(m, parse, {str(u) for u in users}, {str(r) for r in roles})]


def _allowed(mention: str, parse: list[str], users: set[str], roles: set[str]) -> bool:
    if mention in {"@everyone", "@here"}:
        return "everyone" in parse
    number = mention.strip("<@!&>")
    if mention.startswith("<@&"):
        return "roles" in parse or number in roles
    return "users" in parse or number in users


def walk(components: list[Json]) -> Iterator[Json]:
    """Components with all that are in them, from the top."""
    for one in components:
        yield one
        yield from walk(one.get("components") or [])
        if isinstance(one.get("accessory"), dict):
            yield from walk([one["accessory"]])


def rows(components: list[Json]) -> Iterator[Json]:
    """What holds buttons: rows, and sections with a button beside them."""
    for one in walk(components):
        if one.get("type") == 1:
            yield one
        elif one.get("type") == 9 and (one.get("accessory") or {}).get("type") == 2:
            yield {"components": [one["accessory"]]}


def displays(components: list[Json]) -> list[str]:
    """The texts among components."""
    return [one.get("content") or "" for one in walk(components) if one.get("type") == 10]


def _texts(body: Json) -> Iterator[str]:
    if body["content"]:
        yield body["content"]
    for embed in body["embeds"]:
        author, footer = embed.get("author") or {}, embed.get("footer") or {}
        yield from filter(None, (author.get("name"), embed.get("title"), embed.get("description")))
        for field in embed.get("fields") or []:
            yield f"{field['name']}\n{field['value']}"
        yield from filter(None, (footer.get("text"),))
    yield from displays(body["components"])


def _button(told: Json) -> Button:
    options = tuple(
        Option(label=o["label"], value=o["value"], description=o.get("description"))
        for o in told.get("options") or []
    )
    return Button(
        label=told.get("label") or told.get("placeholder") or "",
        data=told.get("custom_id"),
        url=told.get("url"),
        disabled=told.get("disabled") or False,
        options=options,
    )
