"""Lists of tags to follow and leave on a tap, by pages: /tags, /subscriptions."""

from collections.abc import Sequence

from bot.commands.base import Refusal, Reply, Visit, button
from bot.commands.pick import all_topics, pairs, short
from bot.commands.places import reply
from bot.commands.terms import terms
from bot.commands.turning import page_of, pages_of, turns
from bot.formatter.card import Action, Button
from bot.storage import tags
from bot.storage.tags import Topic

PAGE = 16  # tags on a page
ALL, MINE = "t", "m"  # the lists, as the buttons in them name theirs

_TURNS = {ALL: Action.TAGS, MINE: Action.MINE}

Keys = tuple[tuple[Button, ...], ...]


async def show_tags(visit: Visit) -> Reply:
    """All tags with papers this week, those with most first, the followed ones marked."""
    return await tags_page(visit, page_of(visit.text))


async def tags_page(visit: Visit, page: int, *, toast: str = "") -> Reply:
    """A page of all tags, in place of the message whose button was pressed."""
    topics = await all_topics(visit)
    if not topics:
        raise Refusal("no_tags_yet")
    line = visit.say("all_tags", n=len(topics))
    return reply(visit, line, keys=keys(visit, topics, ALL, page), edit=visit.request.pressed, toast=toast)


async def subscriptions(visit: Visit) -> Reply:
    """What the chat follows, with its settings in words, to leave on a tap."""
    return await mine_page(visit, page_of(visit.text))


async def mine_page(visit: Visit, page: int, *, toast: str = "") -> Reply:
    """A page of what the chat follows, in place of the message whose button was pressed."""
    chat = visit.chat
    topics = [topic for topic in await all_topics(visit) if topic.followed]
    if chat is None or not (topics or chat.follows_all):
        nothing = visit.say("nothing_followed")
        return reply(visit, nothing, edit=visit.request.pressed, toast=toast)
    everything = topics and chat.follows_all
    count = visit.say("following_all") if everything else visit.say("following", n=len(topics))
    settings = button(visit.say("settings"), Action.MENU, "main", visit.elsewhere)
    return reply(
        visit,
        count,
        *await terms(visit, chat),
        keys=(*keys(visit, topics, MINE, page), (settings,)),
        edit=visit.request.pressed,
        toast=toast,
    )


def keys(visit: Visit, topics: Sequence[Topic], which: str, page: int) -> Keys:
    """A page of tags as buttons that follow or leave, and buttons that turn the pages."""
    pages = pages_of(len(topics), PAGE)
    page = min(page, pages)
    shown = topics[(page - 1) * PAGE : page * PAGE]
    toggles = pairs([_toggle(visit, topic, f"{which}{page}") for topic in shown])
    place = f"@{visit.elsewhere.address}" if visit.elsewhere else ""
    row = turns(_TURNS[which], lambda to: f"{to}{place}", page, pages)
    return (*toggles, row) if row else toggles


def _toggle(visit: Visit, topic: Topic, where: str) -> Button:
    count = f" · {topic.week}" if topic.week else ""
    mark = "✓ " if topic.followed else ""
    action = Action.LEAVE if topic.followed else Action.FOLLOW
    label = f"{mark}{short(topic.name)}{count}"
    return button(label, action, f"{tags.key(topic.slug)}:{where}", visit.elsewhere)
