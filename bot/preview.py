"""What a new subscriber would be sent of a post, before anything is sent."""

from collections.abc import Iterator
from typing import Any

from bot.adapters.base import Message, Render
from bot.formatter import cards
from bot.model import Language, Post, Style


def requests(post: Post, render: Render, style: Style, language: Language) -> Iterator[Message]:
    """Every request of a platform, in order."""
    for card in cards(post, style=style, language=language):
        yield from render(card, language)


def lay_out(message: Message) -> str:
    """A request for people: its platform and papers, and what it says as YAML."""
    import yaml

    name, *values = message.request.items()
    head = f"--- {message.platform} {name[1]} ({', '.join(message.papers)})"
    body = yaml.dump(dict(values), Dumper=_dumper(), allow_unicode=True, sort_keys=False, width=10**6)
    return f"{head}\n{body}"


def _dumper() -> Any:
    """A YAML dumper that writes texts of several lines as they read."""
    import yaml

    class Dumper(yaml.SafeDumper):
        pass

    def text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
        style = "|" if "\n" in value else None
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)

    Dumper.add_representer(str, text)
    return Dumper
