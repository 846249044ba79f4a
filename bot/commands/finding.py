"""Search over everything known, page by page; and which paper is meant by an id, a link or words."""

from bot.commands import kept
from bot.commands.arxiv import paper_id
from bot.commands.base import Reply, Visit, tell
from bot.commands.paper import look_up, show_paper
from bot.commands.spoken import spoken
from bot.commands.turning import DATA, fields, page_of, pages_of, said, turns
from bot.formatter import lists
from bot.formatter.card import Action
from bot.formatter.lists import Frame
from bot.formatter.text import shorten
from bot.storage import library
from bot.storage.search import search

SIZE = 8  # papers of a page
LONGEST = 300  # characters that are looked for
WORDS = 60  # UTF-16 units of them in an answer


async def find(visit: Visit) -> Reply:
    """The papers that hold all the words; an arXiv id finds its paper."""
    text = _clean(visit.text)
    if not text:
        return tell(visit.say("search_usage"))
    arxiv_id = paper_id(text) if " " not in text else None
    if arxiv_id and await look_up(visit, arxiv_id):
        return await show_paper(visit, arxiv_id)
    return await _page(visit, text, 1)


async def paper(visit: Visit) -> Reply:
    """The card of the paper that is named."""
    if not visit.text:
        return tell(visit.say("paper_usage"))
    named = await name_paper(visit)
    return named if isinstance(named, Reply) else await show_paper(visit, named)


async def name_paper(visit: Visit) -> str | Reply:
    """The arXiv id that is written, or that of the only paper with all the words; else what there is."""
    if arxiv_id := paper_id(visit.text):
        return arxiv_id
    text = _clean(visit.text)
    found = await search(visit.connection, text, limit=2)
    if not found.papers:
        return tell(spoken(visit.say, "no_such_paper", words=shorten(text, WORDS)))
    return found.papers[0].arxiv_id if len(found.papers) == 1 else await _page(visit, text, 1)


async def open_found(visit: Visit) -> Reply:
    """Another page of what was found, in place: "PAGE:WORDS", or "PAGE:#KEY" for words that are kept."""
    page, named = fields(visit.text, 2)
    text = await kept.find(visit, named)
    return (
        await _page(visit, text, page_of(page), edit=True) if text else Reply(toast=visit.say("search_gone"))
    )


async def _page(visit: Visit, text: str, page: int, *, edit: bool = False) -> Reply:
    found = await search(visit.connection, text, limit=SIZE, offset=SIZE * (page - 1))
    pages = pages_of(found.total, SIZE)
    if page > pages:
        page = pages
        found = await search(visit.connection, text, limit=SIZE, offset=SIZE * (page - 1))
    if not found.total:
        return tell(spoken(visit.say, "found_nothing", words=shorten(text, WORDS)), edit=edit)
    ids = [hit.arxiv_id for hit in found.papers]
    name = await _name(visit, text, longest=max(map(len, ids), default=0))
    frame = Frame(
        title=visit.say("found", words=shorten(text, WORDS)),
        facts=said(visit.say, "papers_more" if found.more else "papers", found.total, page, pages),
        keys=(turns(Action.SEARCH, lambda to: f"{to}:{name}", page, pages),),
    )
    mentions = await library.mentions(visit.connection, ids)
    back = f"{Action.SEARCH}:{page}:{name}"
    start = SIZE * (page - 1) + 1
    return Reply(cards=(lists.papers(mentions, frame, visit.language, start=start, back=back),), edit=edit)


async def _name(visit: Visit, text: str, *, longest: int) -> str:
    """What buttons call the words: themselves where there is room, beside ids of that length."""
    spent = len(f"{Action.PAPER}:") + longest + len(f":{Action.SEARCH}:99999:")
    if len(text.encode()) + spent <= DATA and not text.startswith(kept.MARK) and "@" not in text:
        return text
    return await kept.name(visit, text)


def _clean(text: str) -> str:
    """The words as they can be stored and carried by a button."""
    whole = " ".join(text.replace("\0", "").split())[:LONGEST]
    return whole.encode("utf-8", "ignore").decode().strip()
