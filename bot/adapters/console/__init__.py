"""Cards on a terminal and in pipes: 80 columns, colour where there is some, no limit on length.

Both come from one layout in columns. On a terminal linked words are hyperlinks; in a pipe their
addresses stand behind them. The addresses of a paper are written out in both.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.adapters.base import Heading, Limits, Message
from bot.adapters.console.layout import lay_out
from bot.adapters.console.wrap import Line, Run
from bot.formatter.card import Card
from bot.model import Language

if TYPE_CHECKING:
    from rich.console import Console

WIDTH = 80
WIDEST = 100  # longer lines are hard to read
NARROWEST = 24

_PAINT = {
    "rule": "bright_black",
    "title": "bold bright_cyan",
    "meta": "cyan",
    "label": "bold",
    "mark": "bright_black",
    "link": "blue",
    "small": "bright_black",
    "": "",
}


def render(card: Card, language: Language, /) -> tuple[Message, ...]:
    """The card as one text for a pipe; its labels are in the card's own language already."""
    lines = lay_out(card, WIDTH, language, linked=False)
    text = "\n".join("".join(run.text for run in line).rstrip() for line in lines)
    return (Message(platform="console", request={"text": text}, papers=card.papers),)


class Terminal:
    """The console as a platform: one chat, standard output."""

    platform = "console"
    limits = Limits()

    def __init__(self) -> None:
        from rich.console import Console

        self._console = Console(highlight=False)

    def render(self, card: Card, language: Language, /) -> tuple[Message, ...]:
        """The card as one message, with the card beside it for a terminal in colour."""
        (plain,) = render(card, language)
        return (
            Sheet(
                platform=plain.platform,
                request=plain.request,
                papers=plain.papers,
                card=card,
                language=language,
            ),
        )

    def place(self, address: str, /) -> str:
        """The one place there is."""
        return address

    def plain(self, _message: Message, /) -> Message | None:
        """None: a terminal refuses nothing."""
        return None

    async def send(
        self, _address: str, message: Message, /, *, silent: bool = False, heading: Heading | None = None
    ) -> str:
        """Print a message; returns once it has left this process. There is no sound to leave out."""
        self.show(message)
        return ""

    def show(self, message: Message) -> None:
        """Print a message at once."""
        if isinstance(message, Sheet):
            show(message.card, self._console, message.language)
        else:
            show(message, self._console)
        self._console.file.flush()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet(Message):
    """A message with the card that it shows, and in which language."""

    card: Card
    language: Language


def show(shown: Message | Card, console: "Console", language: Language = Language.EN) -> None:
    """Prints a card: in colour and with hyperlinks on a terminal, as `render` writes it elsewhere."""
    if isinstance(shown, Card) and console.is_terminal:
        width = max(NARROWEST, min(console.width, WIDEST))
        for line in lay_out(shown, width, language, linked=True):
            _print(line, console)
    else:
        message = shown if isinstance(shown, Message) else render(shown, language)[0]
        for text in message.request["text"].split("\n"):
            _print([Run(text)], console)


def _print(line: Line, console: "Console") -> None:
    from rich.style import Style
    from rich.text import Text as Painted

    painted = Painted(end="")
    for run in line:
        look = Style(bold=run.bold or None, italic=run.italic or None, link=run.link)
        painted.append(run.text, Style.parse(_PAINT[run.paint]) + look)
    painted.rstrip()
    console.print(painted, soft_wrap=True, highlight=False)
