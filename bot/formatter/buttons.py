"""The buttons under cards and lists: few to a row and briefly named, for telephones."""

import datetime as dt
from collections.abc import Sequence

from bot.formatter.card import Action, Button
from bot.locales import Words
from bot.model import Entry, Post, Tag
from bot.slugs import key

NAME = 14  # characters of a tag's name on a button; longer ones are cut by the client
ACROSS = 5  # numbered buttons in a row, wide enough for a thumb


def digest(tag: Tag, date: dt.date) -> str:
    """What buttons know a digest by."""
    return f"{key(tag.slug)}:{date}"


def numbers(
    arxiv_ids: Sequence[str], back: str = "", *, start: int = 1, across: int = ACROSS
) -> tuple[tuple[Button, ...], ...]:
    """Rows of numbered buttons that open cards; `back` is what a button there says to come back."""
    buttons = [
        Button(label=str(at), action=Action.PAPER, about=f"{arxiv_id}:{back}" if back else arxiv_id)
        for at, arxiv_id in enumerate(arxiv_ids, start)
    ]
    return rows(buttons, across)


def rows(buttons: Sequence[Button], across: int = ACROSS) -> tuple[tuple[Button, ...], ...]:
    """The buttons in as few rows as can be, all about as long."""
    count = -(-len(buttons) // across)
    size = -(-len(buttons) // count) if count else 1
    return tuple(tuple(buttons[at : at + size]) for at in range(0, len(buttons), size))


def rest(post: Post, held: int, say: Words) -> tuple[tuple[Button, ...], ...]:
    """The button that shows those papers of a digest which are not pushed."""
    if not held or not post.tags:
        return ()
    about = digest(post.tags[0], post.date)
    return ((Button(label=say("show_more", n=held), action=Action.REST, about=about),),)


def reads(entry: Entry, drawn: bool, say: Words) -> tuple[Button, ...]:
    """What there is to read of a paper."""
    paper = entry.paper
    asks = (
        (Action.ABSTRACT, "read_abstract", bool(paper.abstract or entry.translation)),
        (Action.NOTE, "note", bool(entry.note)),
        (Action.FIGURES, "figures", drawn),
    )
    there = (
        Button(label=say(name), action=action, about=paper.arxiv_id) for action, name, has in asks if has
    )
    return (Button(label=say("pdf"), url=paper.links.pdf), *there)


def does(arxiv_id: str, names: Sequence[str], say: Words) -> tuple[Button, ...]:
    """What can be done with a paper: to keep it, to see more under its tags."""
    save = Button(label=say("save"), action=Action.SAVE, about=arxiv_id)
    if not names:
        return (save,)
    short = len(names) == 1 and len(names[0]) <= NAME
    label = say("more_of", tag=names[0]) if short else say("more_like_it")
    return (save, Button(label=label, action=Action.LIKE, about=arxiv_id))
