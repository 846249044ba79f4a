"""What a template or a language model left behind: the reader's side of `bot.residue`."""

from bot.residue import clean, clean_note

__all__ = ["clean", "clean_note"]
