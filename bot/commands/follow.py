"""Following and leaving tags: /start, /tags, /subscribe, /unsubscribe, /subscriptions and their buttons."""

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.commands import digest_pages, lists, payloads
from bot.commands.base import Command, Deed, Refusal, Reply, Visit, button, tell
from bot.commands.lists import Keys
from bot.commands.paper import misread, show_paper
from bot.commands.pick import (
    QUESTIONS,
    Unclear,
    all_topics,
    choices,
    listed,
    pairs,
    pick,
    question,
    short,
)
from bot.commands.places import again, check_manager, check_posting, reply, settle
from bot.commands.spoken import spoken
from bot.commands.terms import how
from bot.commands.turning import page_of
from bot.formatter.card import Action, Button, Text
from bot.storage import tags
from bot.storage.chats import ASKED, Chat
from bot.storage.tags import Names, Topic

OFFERED = 4  # latest digests that an answer offers
INSTEAD = "a"  # behind the tag on a button: the answer takes the place of the question

_ALL = re.compile(r"all|everything|\*|全部|所有", re.IGNORECASE)


async def start(visit: Visit) -> Reply:
    """Greet and show tags to follow; do at once what a link asks for."""
    kind, _, about = visit.text.partition("_")
    if kind == "sub" and about:
        return await _start_following(visit, about)
    if kind == "paper" and about:
        arxiv_id = payloads.to_paper(about)
        return await show_paper(visit, arxiv_id) if arxiv_id else misread(visit, about)
    if kind == "digest" and (asked := payloads.to_digest(about)):
        opened = await digest_pages.open_digest(replace(visit, text=asked))
        return replace(opened, edit=False) if opened.cards else tell(opened.toast)
    return await _greet(visit)


async def _greet(visit: Visit) -> Reply:
    lines = [visit.say("greeting"), visit.say("greeting_how")]
    if visit.chat and visit.chat.paused:
        if visit.chat.paused_reason != ASKED:
            await settle(visit)
        lines.append(visit.say("is_paused" if visit.chat.paused_reason == ASKED else "goes_on"))
    return reply(visit, *lines, keys=lists.keys(visit, await all_topics(visit), lists.ALL, 1))


async def _start_following(visit: Visit, name: str) -> Reply:
    check_manager(visit)
    topics = await all_topics(visit)
    named = tags.by_key(topics, name)
    return await _follow(visit, [named], []) if named else await _follow(visit, *pick(visit, topics, name))


async def subscribe(visit: Visit) -> Reply:
    """Follow the tags that are named."""
    topics = await all_topics(visit)
    if not topics:
        raise Refusal("no_tags_yet")
    if _means_all(topics, visit.text):
        await check_posting(visit)
        chat = await settle(visit)
        await tags.set_follows_all(visit.connection, chat.id, True)
        return reply(visit, visit.say("following_all"), how(visit, chat))
    clear, unclear = pick(visit, topics, visit.text)
    if clear or unclear:
        return await _follow(visit, clear, unclear)
    line = spoken(visit.say, "subscribe_what", tag=topics[0].name)
    return reply(visit, line, keys=lists.keys(visit, topics, lists.ALL, 1))


async def unsubscribe(visit: Visit) -> Reply:
    """Leave the tags that are named, or all."""
    topics = await all_topics(visit)
    mine = [topic for topic in topics if topic.followed]
    if visit.chat is None or not mine:
        raise Refusal("nothing_followed")
    if _means_all(mine, visit.text):
        await tags.leave_all(visit.connection, visit.chat.id, now=int(visit.request.at))
        return reply(visit, visit.say("left_all", n=len(mine)))
    clear, unclear = pick(visit, mine, visit.text)
    if clear or unclear:
        names = Names(topics, visit.desk.aliases)
        return await _leave(visit, clear, [_known(names, item) for item in unclear])
    line = spoken(visit.say, "unsubscribe_what", tag=mine[0].name)
    return reply(visit, line, keys=lists.keys(visit, mine, lists.MINE, 1))


async def press_follow(visit: Visit) -> Reply:
    """Follow the tag of a button; a list that it stands in is shown as it is now."""
    topic, where = await _pressed(visit)
    toast = visit.say("toast_following", tag=topic.name)
    if where[:1] not in (lists.ALL, lists.MINE):
        return await _follow(visit, [topic], [], edit=where == INSTEAD, toast=toast)
    await _add(visit, [topic])
    return await _turned(visit, where, toast)


async def press_leave(visit: Visit) -> Reply:
    """Leave the tag of a button; a list that it stands in is shown as it is now."""
    topic, where = await _pressed(visit)
    toast = visit.say("toast_left" if topic.followed else "toast_not_followed", tag=topic.name)
    if where[:1] not in (lists.ALL, lists.MINE):
        left, strange = ([topic], []) if topic.followed else ([], [topic])
        return await _leave(visit, left, strange, edit=where == INSTEAD, toast=toast)
    await _take(visit, [topic])
    return await _turned(visit, where, toast)


async def _pressed(visit: Visit) -> tuple[Topic, str]:
    """The tag of a button, and the list that the button stands in with its page."""
    key, _, where = visit.text.partition(":")
    topic = tags.by_key(await all_topics(visit), key)
    if topic is None:
        raise Refusal("tag_gone")
    return topic, where


async def _turned(visit: Visit, where: str, toast: str) -> Reply:
    now = await again(visit)
    page = lists.tags_page if where[0] == lists.ALL else lists.mine_page
    return await page(now, page_of(where[1:]), toast=toast)


async def _follow(
    visit: Visit, clear: Sequence[Topic], unclear: Sequence[Unclear], *, edit: bool = False, toast: str = ""
) -> Reply:
    """Follow these tags, ask about what was not clear, offer the latest digests."""
    new = [topic for topic in clear if not topic.followed]
    known = [topic for topic in clear if topic.followed]
    lines: list[Text | str] = []
    if new:
        chat = await _add(visit, new)
        lines += [_named(visit, "now_following", new), how(visit, chat)]
    if known:
        lines.append(_named(visit, "followed_already", known))
    asked, keys = _ask(visit, unclear, Action.FOLLOW, alone=not clear)
    latest = pairs([_latest(visit, topic) for topic in clear[:OFFERED]])
    return reply(visit, *lines, *asked, keys=(*latest, *keys), edit=edit, toast=toast)


async def _leave(
    visit: Visit,
    clear: Sequence[Topic],
    rest: Sequence[Topic | Unclear],
    *,
    edit: bool = False,
    toast: str = "",
) -> Reply:
    """Leave these tags, and say what of the rest is not followed or not clear."""
    strange = [item for item in rest if isinstance(item, Topic)]
    unclear = [item for item in rest if isinstance(item, Unclear)]
    lines: list[Text | str] = []
    if clear:
        await _take(visit, clear)
        lines.append(_named(visit, "now_left", clear))
    if strange:
        lines.append(_named(visit, "not_followed", strange))
    asked, keys = _ask(visit, unclear, Action.LEAVE, alone=not clear and not strange)
    undo = [_choice(visit, visit.say("follow_again"), Action.FOLLOW, topic, INSTEAD) for topic in clear]
    rows = (*pairs(undo if len(undo) == 1 else []), *keys)
    return reply(visit, *lines, *asked, keys=rows, edit=edit, toast=toast)


async def _add(visit: Visit, topics: Sequence[Topic]) -> Chat:
    await check_posting(visit)
    chat = await settle(visit)
    ids = [topic.id for topic in topics]
    await tags.follow(visit.connection, chat.id, ids, now=int(visit.request.at))
    return chat


async def _take(visit: Visit, topics: Sequence[Topic]) -> None:
    if visit.chat:
        ids = [topic.id for topic in topics]
        await tags.leave(visit.connection, visit.chat.id, ids, now=int(visit.request.at))


def _ask(visit: Visit, unclear: Sequence[Unclear], action: Action, *, alone: bool) -> tuple[list[Text], Keys]:
    """What to ask about what was not clear, with the tags that may be meant.

    Where nothing else is said, the answer takes the place of the question.
    """
    one = alone and len(unclear) == 1 and not unclear[0].held
    # What there is a button for comes last, right above it.
    some = sorted(unclear[:QUESTIONS], key=lambda item: bool(item.held or item.likely))
    asked = [question(visit, item) for item in some]
    if more := [item.word for item in unclear[QUESTIONS:]]:
        asked.insert(0, spoken(visit.say, "unknown_tags", words=listed(visit, more)))
    rows = [
        row
        for item in some
        for row in choices(item, lambda t: _choice(visit, short(t.name), action, t, INSTEAD if one else ""))
    ]
    return asked, tuple(rows)


def _choice(visit: Visit, label: str, action: Action, topic: Topic, where: str) -> Button:
    about = f"{tags.key(topic.slug)}:{where}" if where else tags.key(topic.slug)
    return button(label, action, about, visit.elsewhere)


def _latest(visit: Visit, topic: Topic) -> Button:
    """A button that shows a tag's latest digest in a message of its own: the answer stays."""
    label = visit.say("latest_of", tag=short(topic.name))
    return button(label, Action.DIGEST, tags.key(topic.slug))


def _known(names: Names, unclear: Unclear) -> Topic | Unclear:
    """The tag that is meant where it is one that the chat does not follow."""
    found = [] if unclear.held else names.find(unclear.word)
    return found[0] if len(found) == 1 else unclear


def _means_all(topics: Sequence[Topic], text: str) -> bool:
    return bool(_ALL.fullmatch(text)) and not any(
        topic.name.casefold() == text.casefold() for topic in topics
    )


def _named(visit: Visit, key: str, topics: Sequence[Topic]) -> Text:
    return spoken(visit.say, key, tags=listed(visit, [topic.name for topic in topics]))


COMMANDS: tuple[Command, ...] = (
    Command(name="start", run=start, writes=True, may_change=True),
    Command(name="tags", run=lists.show_tags, elsewhere=True),
    Command(name="subscribe", run=subscribe, example="NeRF, 3DGS", writes=True, changes=True, elsewhere=True),
    Command(name="unsubscribe", run=unsubscribe, example="NeRF", writes=True, changes=True, elsewhere=True),
    Command(name="subscriptions", run=lists.subscriptions, elsewhere=True),
)
DEEDS: dict[Action, Deed] = {
    Action.TAGS: Deed(run=lists.show_tags),
    Action.MINE: Deed(run=lists.subscriptions),
    Action.FOLLOW: Deed(run=press_follow, writes=True, changes=True),
    Action.LEAVE: Deed(run=press_leave, writes=True, changes=True),
}
