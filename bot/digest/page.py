"""What Markdown and HTML have in common once their form is off: facts, headings, stretches."""

from dataclasses import dataclass

from bot.digest.blocks import Stretch
from bot.digest.front import Front
from bot.model import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A post in its parts."""

    front: Front | None  # None: it says nothing about itself
    headings: tuple[str, ...]  # of level 1, with a date
    stretches: tuple[Stretch, ...]
    problems: tuple[Problem, ...]
