"""A paper and what there is to read of it: its card, abstract, note and figures, and more like it."""

from dataclasses import replace

from bot.commands.arxiv import spellings
from bot.commands.base import Refusal, Reply, Visit, tell
from bot.commands.digest_pages import digest, opening
from bot.commands.spoken import spoken
from bot.commands.turning import fields, page_of
from bot.formatter import buttons
from bot.formatter.build import abstract_card, note_card, paper_card
from bot.formatter.card import Action, Button, Card
from bot.formatter.figures import shown
from bot.formatter.text import shorten
from bot.storage import library
from bot.storage.library import Known

ALBUM = 10  # figures that are shown together
WORD = 60  # UTF-16 units of what a person wrote, in the answer
BACK = (Action.DIGEST, Action.REST, Action.SAVED, Action.SEARCH)  # lists that a card leads back to


async def show_paper(visit: Visit, arxiv_id: str) -> Reply:
    """The card of a paper; of one that no digest has brought, where it is to be found."""
    known = await look_up(visit, arxiv_id)
    return Reply(cards=(_card(visit, known),)) if known else unknown(visit, arxiv_id)


def misread(visit: Visit, text: str) -> Reply:
    """Says that there is no arXiv id in a text."""
    words = " ".join(text.split())
    return tell(spoken(visit.say, "not_an_id", text=shorten(words, WORD)))


async def look_up(visit: Visit, arxiv_id: str) -> Known | None:
    """What is known of a paper, under any spelling of its id."""
    for spelling in spellings(arxiv_id):
        if known := await library.find(visit.connection, spelling):
            return known
    return None


def unknown(visit: Visit, arxiv_id: str) -> Reply:
    """Says that no digest has brought a paper, with a button to its page."""
    page = Button(label=visit.say("abs"), url=library.page_of(arxiv_id))
    return tell(spoken(visit.say, "paper_unknown", id=arxiv_id), keys=((page,),))


async def open_paper(visit: Visit) -> Reply:
    """The card of a paper: a new message, or in place of the list that "ID:LIST" leads back to."""
    arxiv_id, back = fields(visit.text, 2)
    known = await look_up(visit, arxiv_id)
    if known is None:
        return Reply(toast=visit.say("paper_gone"))
    action, _, about = back.partition(":")
    returning = None
    if action in BACK:
        returning = Button(label=visit.say("back"), action=Action(action), about=about)
    card = _card(visit, known, returning)
    if action == Action.SAVED:
        taking = Button(label=visit.say("take_off"), action=Action.UNSAVE, about=f"{arxiv_id}:{about}")
        card = _instead(card, Action.SAVE, taking)
    return Reply(cards=(card,), edit=returning is not None)


async def open_note(visit: Visit) -> Reply:
    """The long note on a paper: "ID" in a message of its own, "ID:PAGE" in place."""
    known = await _known(visit)
    note = note_card(known.entry, credit=known.noted, language=visit.language)
    return _turned(visit, Action.NOTE, note, "no_note")


async def open_abstract(visit: Visit) -> Reply:
    """The abstract of a paper and its translation, the same way."""
    known = await _known(visit)
    abstract = abstract_card(known.entry, credit=known.translated, language=visit.language)
    return _turned(visit, Action.ABSTRACT, abstract, "no_abstract")


async def open_figures(visit: Visit) -> Reply:
    """The figures of a paper, each once, together."""
    figures = shown((await _known(visit)).entry.figures)
    return Reply(figures=figures[:ALBUM]) if figures else Reply(toast=visit.say("no_figures"))


async def open_like(visit: Visit) -> Reply:
    """The latest digest of the paper's tag; asks which one where it has several."""
    tags = (await _known(visit)).tags
    if len(tags) == 1:
        return await digest(visit, tags[0])
    if not tags:
        return Reply(toast=visit.say("paper_gone"))
    choices = buttons.rows([opening(tag.name, tag) for tag in tags], 2)
    return tell(visit.say("which_like"), keys=choices)


async def _known(visit: Visit) -> Known:
    """What is known of the paper that a button is about; raises Refusal where that is nothing."""
    known = await look_up(visit, fields(visit.text, 2)[0])
    if known is None:
        raise Refusal("paper_gone")
    return known


def _turned(visit: Visit, action: Action, card: Card | None, without: str) -> Reply:
    """A page of a card that may be too long for one message."""
    if card is None:
        return Reply(toast=visit.say(without))
    arxiv_id, page = fields(visit.text, 2)
    return Reply(cards=(card,), edit=bool(page), page=page_of(page), pages=f"{action}:{arxiv_id}")


def _instead(card: Card, action: Action, button: Button) -> Card:
    """The card with that button in place of the one that asks for the action."""
    keys = tuple(tuple(button if each.action is action else each for each in row) for row in card.keys)
    return replace(card, keys=keys)


def _card(visit: Visit, known: Known, back: Button | None = None) -> Card:
    return paper_card(
        known.entry,
        tags=[tag.name for tag in known.tags],
        credit=known.told,
        language=visit.language,
        date=known.date,
        back=back,
    )
