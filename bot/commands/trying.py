"""The rich style, tried with a paper before it is taken: apps that are too old show nothing of it."""

from dataclasses import replace

from bot.commands.base import Refusal, Reply, Visit, button
from bot.commands.places import check_manager, reply
from bot.formatter.build import rich_card
from bot.formatter.card import Action
from bot.model import Style
from bot.storage import library
from bot.storage.library import Known

TRIED = 10  # of the newest papers, one with takeaways if there is any


async def preview(visit: Visit) -> Reply:
    """A paper in the rich style, and whether to take it.

    Raises:
        Refusal: others decide here, or there is no paper yet to try it with.
    """
    check_manager(visit)
    known = await _example(visit)
    tags = [tag.name for tag in known.tags]
    shown = rich_card(known.entry, tags=tags, credit=known.told, language=visit.language, date=known.date)
    yes = button(visit.say("rich_yes"), Action.SET, f"style:{Style.RICH}", visit.elsewhere)
    no = button(visit.say("rich_no"), Action.MENU, "style", visit.elsewhere)
    question = reply(visit, visit.say("rich_question"), keys=((yes,), (no,)))
    return replace(question, cards=(shown, *question.cards))


async def _example(visit: Visit) -> Known:
    found = None
    for arxiv_id in await library.newest(visit.connection, limit=TRIED):
        known = await library.find(visit.connection, arxiv_id)
        if known and known.entry.takeaways:
            return known
        found = found or known
    if found is None:
        raise Refusal("rich_later")
    return found
