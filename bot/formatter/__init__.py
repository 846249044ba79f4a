"""From entries to cards: what is said, in which order, in whose language; no platform in it."""

from bot.formatter.build import cards, subject

__all__ = ["cards", "subject"]
