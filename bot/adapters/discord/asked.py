"""What came in from Discord, as what it means: somebody asked, chose from a menu, pressed a button.

Pure: an interaction in, a value out. Whatever it holds, reading it raises nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import discord
from discord import ChannelType, InteractionType

from bot.adapters.discord.options import text
from bot.commands.base import Guide, Place, Request, Where
from bot.log import get_logger
from bot.model import Language, Layout

log = get_logger(__name__)

TEXT = 1000  # characters of what is asked that are looked at

_FORUMS = (ChannelType.forum, ChannelType.media)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A person asked something."""

    place: Place
    person: str
    word: str  # a command, or what a button asks for
    text: str
    hint: Language
    elsewhere: str = ""  # the address of the place that was named
    astray: bool = False  # one was named where there are no others
    pressed: bool = False
    alone: bool = False  # in the bot's own chat with the person
    shared: bool = False  # what is found is for all who are there
    editable: bool = False  # the message with the button is that person's alone
    parts: bool = False  # that message is made of components, and stays so
    given: Mapping[str, Any] = field(default_factory=dict)  # options by name, as far as they are filled in
    typing: str = ""  # the option that is being typed, where choices for it are asked

    @property
    def public(self) -> bool:
        """Whether the answer is for all who are there, as far as it is no word to the person."""
        return self.alone or self.shared

    def request(self, guide: Guide, at: float) -> Request:
        """The same as the bot is asked; `at` in seconds since the epoch."""
        return Request(
            platform="discord", place=self.place, person=self.person, word=self.word, text=self.text,
            elsewhere=self.elsewhere, pressed=self.pressed, hint=self.hint, at=at, guide=guide,
        )  # fmt: skip


def asked(interaction: discord.Interaction[Any]) -> Asked | None:
    """What an interaction asks for; None: nothing that this bot knows."""
    try:
        return _READ[interaction.type](interaction) if interaction.type in _READ else None
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as exc:
        log.info("interaction.unreadable", reason=type(exc).__name__)
        return None


def address(guild: int | str, channel: int | str, parent: int | str | None = None) -> str:
    """The address that a channel, or a thread of the channel `parent`, is kept by."""
    return f"{guild}/{parent}/{channel}" if parent else f"{guild}/{channel}"


def place(guild: int, kind: ChannelType, channel: int, *, name: str, parent: int | None = None) -> Place:
    """The place that a channel of a server is; `parent` is the channel that it is a thread of."""
    thread = kind in _THREADS
    return Place(
        address=address(guild, channel, parent if thread else None),
        where=Where.CHANNEL if kind is ChannelType.news else Where.GROUP,
        title=f"#{name}" if name else "",
        above=str(guild),
        layout=_LAYOUTS.get(kind, Layout.PLAIN),
    )


_THREADS = (ChannelType.news_thread, ChannelType.public_thread, ChannelType.private_thread)
_LAYOUTS = {ChannelType.news: Layout.PUBLISHED, **dict.fromkeys(_FORUMS, Layout.POSTS)}


def hint(locale: object) -> Language:
    """What a person reads."""
    spoken = str(getattr(locale, "value", locale) or "")
    return Language.ZH if spoken.lower().startswith("zh") else Language.EN


def _command(interaction: discord.Interaction[Any]) -> Asked | None:
    data: Mapping[str, Any] = interaction.data or {}
    if data.get("type", 1) != 1:
        return None  # of the menu of a person or a message: this bot has none
    options = [option for option in data.get("options") or () if "value" in option]
    given = {str(option["name"]): option["value"] for option in options}
    typing = next((str(option["name"]) for option in options if option.get("focused")), "")
    here = _place(interaction)
    word = str(data["name"])
    return Asked(
        place=here,
        person=str(interaction.user.id),
        word=word,
        text="" if typing else text(word, given)[:TEXT].strip(),
        hint=hint(interaction.locale),
        elsewhere=_elsewhere(interaction, data, given, here),
        astray=interaction.guild_id is None and ("place" in given or given.get("server") is True),
        alone=_alone(interaction),
        shared=given.get("share") is True,
        given=given,
        typing=typing,
    )


def _press(interaction: discord.Interaction[Any]) -> Asked:
    data: Mapping[str, Any] = interaction.data or {}
    chosen = data.get("values") or [data.get("custom_id")]
    word, _, about = str(chosen[0] or "").partition(":")
    alone, message = _alone(interaction), interaction.message
    return Asked(
        place=_place(interaction),
        person=str(interaction.user.id),
        word=word,
        text=about[:TEXT],
        hint=hint(interaction.locale),
        pressed=True,
        alone=alone,
        editable=message is not None and (alone or message.flags.ephemeral),
        parts=message is not None and message.flags.components_v2,
    )


_READ = {
    InteractionType.application_command: _command,
    InteractionType.autocomplete: _command,
    InteractionType.component: _press,
}


def _alone(interaction: discord.Interaction[Any]) -> bool:
    """Whether it was asked in the bot's own chat with the person."""
    return interaction.guild_id is None and bool(interaction.context.dm_channel)


def _place(interaction: discord.Interaction[Any]) -> Place:
    """Where it was asked; the person's own chat, where the bot is not a member of the server."""
    guild, channel = interaction.guild_id, interaction.channel
    away = interaction.is_user_integration() and not interaction.is_guild_integration()
    if guild is None or channel is None or away:
        return Place(address=f"@{interaction.user.id}")
    name, parent = getattr(channel, "name", "") or "", getattr(channel, "parent_id", None)
    return place(guild, channel.type, channel.id, name=name, parent=parent)


def _elsewhere(
    interaction: discord.Interaction[Any], data: Mapping[str, Any], given: Mapping[str, Any], here: Place
) -> str:
    """The address of the server or the channel that a command is about, if not of where it was asked."""
    guild = interaction.guild_id
    if guild is None:
        return ""
    if given.get("server") is True:
        return str(guild)
    if "place" not in given:
        return ""
    number = str(given["place"])
    found: Mapping[str, Any] = data.get("resolved", {}).get("channels", {}).get(number, {})
    thread = found.get("type") in [kind.value for kind in _THREADS]
    named = address(guild, number, found.get("parent_id") if thread else None)
    return "" if named == here.address else named
