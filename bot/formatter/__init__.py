"""From entries to cards: what is said, in which order, in whose language; no platform in it."""

from bot.formatter.build import cards

__all__ = ["cards"]
