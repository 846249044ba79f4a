"""What is counted and timed while the bot works: its parts tell a meter, and this one forgets."""

from collections.abc import Sequence


class Meter:
    """Forgets what it is told; others keep it. All times are in seconds."""

    __slots__ = ()

    def waited(self, platform: str, lane: str, seconds: float) -> None:
        """A message was let go at the platform's pace, so long after it was ready."""

    def held(self, platform: str) -> None:
        """The platform told the bot to wait."""

    def arrived(self, platform: str) -> None:
        """The platform confirmed a message of a digest."""

    def refused(self, platform: str, reason: str) -> None:
        """A message of a digest did not arrive; the reason is a word of `bot.delivery.tally.REASONS`."""

    def sent(self, platform: str, lags: Sequence[float]) -> None:
        """Papers were delivered, and recorded so long after each was due."""

    def given_up(self, platform: str, number: int) -> None:
        """So many papers are not tried again."""

    def recorded(self, seconds: float) -> None:
        """The database took so long to keep what was confirmed."""

    def answered(self, platform: str, command: str, seconds: float) -> None:
        """A person's request was answered; the command is one of the tables, or `unknown`."""

    def stumbled(self, platform: str, command: str) -> None:
        """A request could only be answered by saying that something is wrong here."""

    def looked(self, source: str, seconds: float, *, posts: int, planned: int) -> None:
        """A source was looked at, with so many new digests, of which so many deliveries are owed."""

    def pushed(self, outcome: str) -> None:
        """Somebody asked over the web for a look: `taken`, `refused` for its signature, or `failed`."""
