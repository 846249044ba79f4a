"""A platform for tests: keeps what it was sent, and answers as it is told."""

from collections.abc import Callable

from bot.adapters.base import Limits, Message


class Recorder:
    """Renders a card as one message (or several), records arrivals, raises what its script gives."""

    platform = "recorder"

    def __init__(
        self,
        script: Callable[[str, Message, int], Exception | None] | None = None,
        *,
        limits: Limits | None = None,
        parts: int = 1,
        after: Callable[[str, Message], Exception | None] | None = None,
    ) -> None:
        self.limits = limits or Limits()
        self.script = script  # asked before a message arrives: address, message, number of the call
        self.after = after  # asked once it has arrived
        self.parts = parts
        self.calls = 0
        self.arrived: list[tuple[str, str, tuple[str, ...]]] = []  # address, text, papers
        self.silent: list[bool] = []

    def render(self, card, language):
        """As many messages as `parts` says for a card of a paper, one for anything else."""
        title = card.title[0].text
        count = self.parts if len(card.papers) == 1 else 1
        return tuple(
            Message(
                platform=self.platform,
                request={"text": title if count == 1 else f"{title} {number}", "markup": True},
                papers=card.papers,
            )
            for number in range(1, count + 1)
        )

    def place(self, address):
        return address

    def plain(self, message):
        """The same without markup."""
        return Message(
            platform=self.platform, request=message.request | {"markup": False}, papers=message.papers
        )

    async def send(self, address, message, *, silent=False):
        """Record an arrival, or raise what the script says."""
        self.calls += 1
        if self.script and (trouble := self.script(address, message, self.calls)):
            raise trouble
        self.arrived.append((address, message.request["text"], message.papers))
        self.silent.append(silent)
        if self.after and (trouble := self.after(address, message)):
            raise trouble

    def papers(self, address: str | None = None) -> list[str]:
        """The papers that arrived, in order, with their repeats."""
        return [paper for place, _, papers in self.arrived if address in (None, place) for paper in papers]
