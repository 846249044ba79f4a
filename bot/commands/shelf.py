"""Reading lists: a person's own, wherever it is asked for."""

import asyncio
from collections.abc import Callable, Sequence

from bot.commands.arxiv import paper_id
from bot.commands.base import Command, Deed, File, Refusal, Reply, Visit, tell
from bot.commands.finding import name_paper
from bot.commands.paper import look_up, unknown
from bot.commands.turning import fields, page_of, pages_of, said, turns
from bot.formatter import lists
from bot.formatter.buttons import rows
from bot.formatter.card import Action, Button
from bot.formatter.cite import bibtex, ris
from bot.formatter.lists import Frame
from bot.model import Paper
from bot.storage import library

SIZE = 5  # papers of a page: one row of buttons opens them, one takes them off

Write = Callable[[Sequence[Paper]], str]

FORMS: dict[str, tuple[str, str, Write]] = {
    "bibtex": ("BibTeX", "bib", bibtex),
    "ris": ("RIS", "ris", ris),
}
ALSO = {"bib": "bibtex", "latex": "bibtex", "tex": "bibtex"}  # what people call them


async def save(visit: Visit) -> Reply:
    """Put a paper on the list of whoever asks."""
    if not visit.text:
        return tell(visit.say("save_usage"))
    named = await name_paper(visit)
    if isinstance(named, Reply):
        return named
    known = await look_up(visit, named)
    if known is None:
        return unknown(visit, named)
    return tell(await _save(visit, known.entry.paper.arxiv_id))


async def saved(visit: Visit) -> Reply:
    """The list of whoever asks."""
    return await _page(visit, 1)


async def export(visit: Visit) -> Reply:
    """The list as a file; asks in which form where none is named."""
    owner = _owner(visit)
    word = visit.text.lower().removeprefix(".")
    form = ALSO.get(word, word)
    if form in FORMS:
        return await _file(visit, form)
    number = len(await library.reading_list(visit.connection, *owner))
    if not number:
        return tell(visit.say("nothing_saved"))
    return tell(visit.say("export_which", n=number), keys=(_forms(visit),))


async def press_save(visit: Visit) -> Reply:
    """Put the paper of a card on the list; a second press changes nothing."""
    arxiv_id = paper_id(visit.text)
    if arxiv_id is None:
        raise Refusal("paper_gone")
    return Reply(toast=await _save(visit, arxiv_id))


async def open_saved(visit: Visit) -> Reply:
    """Another page of the list, in place: "PAGE:PERSON"."""
    page, person = fields(visit.text, 2)
    _check(visit, person)
    return await _page(visit, page_of(page), edit=True)


async def take_off(visit: Visit) -> Reply:
    """Take a paper off the list, in place: "ID:PAGE:PERSON"."""
    arxiv_id, page, person = fields(visit.text, 3)
    _check(visit, person)
    gone = await library.remove(visit.connection, *_owner(visit), arxiv_id)
    return await _page(visit, page_of(page), edit=True, toast=visit.say("unsaved" if gone else "not_saved"))


async def open_export(visit: Visit) -> Reply:
    """The list as a file: "FORM:PERSON"."""
    form, person = fields(visit.text, 2)
    _check(visit, person)
    if form not in FORMS:
        raise Refusal("trouble")
    return await _file(visit, form)


async def _save(visit: Visit, arxiv_id: str) -> str:
    """Put a paper on the list; the phrase that says so, or that it was there."""
    added = await library.save(visit.connection, *_owner(visit), arxiv_id, at=visit.request.at)
    return visit.say("saved_now" if added else "saved_before")


def _owner(visit: Visit) -> tuple[str, str]:
    """The platform and the person whose list it is; raises Refusal where nobody says who asks."""
    if not visit.request.person:
        raise Refusal("no_person")
    return visit.request.platform, visit.request.person


def _check(visit: Visit, person: str) -> None:
    """Raises Refusal for a button of someone else's list."""
    if person and person != visit.request.person:
        raise Refusal("not_your_list")


async def _page(visit: Visit, page: int, *, edit: bool = False, toast: str = "") -> Reply:
    ids = await library.reading_list(visit.connection, *_owner(visit))
    if not ids:
        nothing = tell(visit.say("nothing_saved"), edit=edit)
        return Reply(cards=nothing.cards, edit=edit, toast=toast)
    pages = pages_of(len(ids), SIZE)
    page = min(page, pages)
    start = SIZE * (page - 1)
    shown = ids[start : start + SIZE]
    person = visit.request.person
    removing = tuple(
        Button(label=f"✕ {at}", action=Action.UNSAVE, about=f"{arxiv_id}:{page}:{person}")
        for at, arxiv_id in enumerate(shown, start + 1)
    )
    turning = turns(Action.SAVED, lambda to: f"{to}:{person}", page, pages)
    frame = Frame(
        title=visit.say("reading_list"),
        facts=said(visit.say, "papers", len(ids), page, pages),
        keys=(*rows(removing), (*turning, *_forms(visit))),
    )
    mentions = await library.mentions(visit.connection, shown)
    back = f"{Action.SAVED}:{page}:{person}"
    card = lists.papers(mentions, frame, visit.language, start=start + 1, back=back)
    return Reply(cards=(card,), edit=edit, toast=toast)


def _forms(visit: Visit) -> tuple[Button, ...]:
    return tuple(
        Button(label=name, action=Action.EXPORT, about=f"{form}:{visit.request.person}")
        for form, (name, _, _) in FORMS.items()
    )


async def _file(visit: Visit, form: str) -> Reply:
    papers = await library.papers(visit.connection, *_owner(visit))
    if not papers:
        line = visit.say("nothing_saved")
        return Reply(toast=line) if visit.request.pressed else tell(line)
    _, ending, write = FORMS[form]
    # Beside the event loop: a long list takes a while.
    written = await asyncio.to_thread(write, papers)
    return Reply(file=File(name=f"reading-list.{ending}", data=written.encode("utf-8", "replace")))


COMMANDS = (
    Command(name="save", run=save, example="2003.08934", writes=True),
    Command(name="saved", run=saved),
    Command(name="export", run=export, example="bibtex"),
)

DEEDS = {
    Action.SAVE: Deed(run=press_save, writes=True),
    Action.SAVED: Deed(run=open_saved),
    Action.UNSAVE: Deed(run=take_off, writes=True),
    Action.EXPORT: Deed(run=open_export),
}
