"""Papers that people post from within any chat: what they look for, or the latest."""

from dataclasses import replace

from sqlalchemy.exc import SQLAlchemyError

from bot.commands.arxiv import paper_id, spellings
from bot.commands.base import Desk, Found, Hit, Sought
from bot.commands.payloads import of_paper
from bot.formatter.build import paper_card
from bot.formatter.card import Button, Card
from bot.formatter.clean import line
from bot.locales import words
from bot.log import get_logger
from bot.residue import trim
from bot.storage import library
from bot.storage.library import Known
from bot.storage.search import search

log = get_logger(__name__)

PAGE = 10  # papers that are offered at once
MOST = 200  # papers that can be turned to


async def look(desk: Desk, sought: Sought) -> Found:
    """A page of papers, best or newest first, each with the card that is posted where it is chosen.

    None where the database is away: nobody reads an error there.
    """
    try:
        return await _look(desk, replace(sought, offset=min(sought.offset, MOST)))
    except (SQLAlchemyError, OSError) as exc:
        log.warning("request.unanswered", command="inline", reason=type(exc).__name__)
        return Found(papers=())


async def _look(desk: Desk, sought: Sought) -> Found:
    async with desk.database.reading() as connection:
        asked = paper_id(sought.text) if " " not in sought.text else None
        if asked:
            ids = list(spellings(asked))
        elif sought.text:
            found = await search(connection, sought.text, limit=PAGE + 1, offset=sought.offset)
            ids = [hit.arxiv_id for hit in found.papers]
        else:
            ids = await library.newest(connection, limit=PAGE + 1, offset=sought.offset)
        known = [await library.find(connection, arxiv_id) for arxiv_id in ids[:PAGE]]
    more = len(ids) > PAGE and sought.offset + PAGE < MOST
    hits = tuple(_hit(desk, sought, paper) for paper in known if paper)
    return Found(papers=hits, following=sought.offset + PAGE if more else 0)


def _hit(desk: Desk, sought: Sought, known: Known) -> Hit:
    paper = known.entry.paper
    gist = known.entry.summary or ", ".join(paper.authors[:3])
    return Hit(
        arxiv_id=paper.arxiv_id,
        title=line(paper.title) or paper.arxiv_id,
        gist=line(trim(gist)),
        card=_card(desk, sought, known),
    )


def _card(desk: Desk, sought: Sought, known: Known) -> Card:
    """The card with buttons that work in a chat where the bot is not: addresses alone."""
    tags = [tag.name for tag in known.tags]
    card = paper_card(known.entry, tags=tags, credit=known.told, language=sought.language, date=known.date)
    addresses = tuple(button for button in card.buttons if button.url)
    address = desk.links(of_paper(known.entry.paper.arxiv_id))
    opened = (Button(label=words(sought.language)("open_in_bot"), url=address),) if address else ()
    return replace(card, buttons=addresses + opened, keys=())
