"""Digest posts: RawPost to Post. Pure: no file, no network, no clock, no error."""

from bot.digest.reading import read

__all__ = ["read"]
