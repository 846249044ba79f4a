"""Lists as cards: a page of a digest, of digests, of what was found, of a reading list.

Every list numbers what it shows, and the numbered buttons below open it; what else can be done there
is given by whoever asks for the list.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.formatter import buttons
from bot.formatter.build import attribution
from bot.formatter.card import Block, Button, Card, Kind, Span, Text
from bot.formatter.clean import line
from bot.formatter.text import shorten
from bot.locales import words
from bot.model import Credit, Language, Mention
from bot.residue import trim

TITLE = 200  # UTF-16 units: eight papers must fit one message, to be turned in place
GIST = 100
HEAD = 120

Rows = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What stands around the items of a list."""

    title: str
    facts: str = ""  # how much there is, which page this is
    notice: Text = ()  # what the reader did not ask for but gets
    keys: Rows = ()  # below the numbered buttons
    tags: tuple[str, ...] = ()
    credits: tuple[Credit, ...] = ()  # of those whose words are shown


def papers(
    mentions: Sequence[Mention], frame: Frame, language: Language, *, start: int = 1, back: str = ""
) -> Card:
    """Papers with a line on each: what its digest says, or else its tags and its day.

    `back` is what the card of a paper offers to come back to this list.
    """
    items = tuple(_head(mention) + _under(_line_on(mention)) for mention in mentions)
    ids = [mention.arxiv_id for mention in mentions]
    return _card(items, frame, language, start=start, keys=buttons.numbers(ids, back, start=start))


def digests(heads: Sequence[tuple[str, Iterable[str]]], frame: Frame, language: Language, keys: Rows) -> Card:
    """Digests by their heads, each with the first titles in it, and the buttons that open them."""
    items = tuple(
        (Span(shorten(line(head), HEAD), bold=True), *_under("; ".join(filter(None, map(line, titles)))))
        for head, titles in heads
    )
    return _card(items, frame, language, keys=keys)


def _card(items: Sequence[Text], frame: Frame, language: Language, *, keys: Rows, start: int = 1) -> Card:
    blocks = [Block(kind=Kind.META, items=((Span(frame.facts),),))] if frame.facts else []
    if frame.notice:
        blocks.append(Block(kind=Kind.PROSE, items=(frame.notice,)))
    blocks += [Block(kind=Kind.LIST, items=(item,), start=at) for at, item in enumerate(items, start)]
    if frame.credits:
        blocks.append(attribution(frame.credits, words(language)))
    tags = tuple(filter(None, map(line, frame.tags)))
    title = (Span(shorten(line(frame.title), HEAD)),)
    rows = tuple(filter(None, (*keys, *frame.keys)))
    return Card(title=title, blocks=tuple(blocks), keys=rows, tags=tags)


def _head(mention: Mention) -> Text:
    title = line(mention.title) or f"arXiv:{mention.arxiv_id}"
    return (Span(shorten(title, TITLE), link=mention.link),)


def _line_on(mention: Mention) -> str:
    if mention.summary is not None:
        return line(trim(mention.summary))
    names = ", ".join(filter(None, map(line, mention.tags)))
    return " · ".join(filter(None, (names, str(mention.date or ""))))


def _under(text: str) -> Text:
    return (Span("\n" + shorten(text, GIST)),) if text else ()
