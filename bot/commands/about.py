"""About the bot: /help, /why, /status."""

import datetime as dt

from bot.commands import staying
from bot.commands.arxiv import spellings
from bot.commands.base import Command, Deed, Refusal, Reply, Visit, Where, button
from bot.commands.finding import name_paper
from bot.commands.pick import short
from bot.commands.places import reply
from bot.commands.reasons import UNKNOWN, because
from bot.commands.spoken import spoken
from bot.commands.terms import moment
from bot.formatter.card import Action, Span, Text
from bot.formatter.clean import line
from bot.locales import Words
from bot.storage import traces
from bot.storage.chats import ASKED, Chat
from bot.storage.tags import LEFT
from bot.storage.traces import Trace
from bot.when import quiet_until

# What /help tells where many people read it.
BRIEF = ("tags", "subscribe", "unsubscribe", "subscriptions", "latest", "search", "settings")

_MUTED = "exclude: "


async def help_(visit: Visit) -> Reply:
    """What the bot can do, from the table of commands."""
    from bot.commands import COMMANDS

    private = visit.place.where is Where.PRIVATE
    operator = f"{visit.request.platform}:{visit.request.person}" in visit.desk.operators
    told = [
        _told(visit, command)
        for command in COMMANDS.values()
        if (private or command.name in BRIEF) and (operator or not command.operators)
    ]
    rest = [] if private else [visit.say("help_short")]
    return reply(visit, "\n".join((*told, *rest)), title=visit.say("help_title"))


def _told(visit: Visit, command: Command) -> str:
    call = visit.say.call(f"/{command.name} {command.example}".strip())
    return f"{call} – {visit.say(f'help_{command.name}')}"


async def status(visit: Visit) -> Reply:
    """How the bot is, for its operators."""
    if visit.desk.status is None:
        raise Refusal("no_status")
    return reply(visit, *[(Span(told),) for told in await visit.desk.status(visit.connection)])


async def why(visit: Visit) -> Reply:
    """Why a paper was or was not delivered here."""
    if not visit.text:
        raise Refusal("why_usage")
    arxiv_id = await name_paper(visit)
    if isinstance(arxiv_id, Reply):
        return arxiv_id
    found = None
    for spelling in spellings(arxiv_id):
        found = found or await traces.trace(visit.connection, visit.chat.id if visit.chat else None, spelling)
    if found is None:
        return reply(visit, spoken(visit.say, "why_unknown", id=arxiv_id))
    show = button(visit.say("show_paper"), Action.PAPER, found.arxiv_id)
    title = line(found.title) or f"arXiv:{found.arxiv_id}"
    return reply(visit, *_reasons(visit, found), title=title, keys=((show,),) if found.title else ())


def _reasons(visit: Visit, found: Trace) -> list[Text]:
    """What to say of a paper as it stands in the chat."""
    say, chat = visit.say, visit.chat
    if found.state is None or chat is None:
        return [_never(visit, found)]
    if found.state == "sent":
        if found.settled_at is None:
            return [spoken(say, "why_sent_before")]
        zone = chat.schedule.zone
        return [spoken(say, "why_sent", at=moment(found.settled_at, zone), zone=zone)]
    if found.state == "failed":
        return [_failed(say, found.reason)]
    if found.state == "expired":
        return [spoken(say, "why_expired")]
    if found.state == "filtered":
        return [_filtered(visit, found.reason or "")]
    again = [spoken(say, "why_revised", version=found.version or 2)] if found.revised else []
    return [*again, _waits(visit, chat, found)]


def _failed(say: Words, reason: str | None) -> Text:
    if reason == UNKNOWN:
        return spoken(say, "why_failed_unknown")
    if reason:
        return spoken(say, "why_failed", reason=because(say, reason))
    return spoken(say, "why_failed_before")


def _never(visit: Visit, found: Trace) -> Text:
    """Why a paper that is known was never owed to the chat."""
    if not found.tags:
        return spoken(visit.say, "why_untagged")
    followed, tags = (visit.say("comma").join(map(short, names)) for names in (found.followed, found.tags))
    if not followed:
        return spoken(visit.say, "why_unfollowed", tags=tags, tag=found.tags[0])
    return spoken(visit.say, "why_early", tags=followed, id=found.arxiv_id)


def _filtered(visit: Visit, reason: str) -> Text:
    if reason.startswith(_MUTED):
        return spoken(visit.say, "why_exclude", word=reason.removeprefix(_MUTED))
    keys = {"include": "why_include", LEFT: "why_left", "restored": "why_restored", "overdue": "why_restored"}
    if reason == "cap":
        return spoken(visit.say, "why_cap", most=visit.desk.cap)
    return spoken(visit.say, keys.get(reason, "why_filtered"))


def _waits(visit: Visit, chat: Chat, found: Trace) -> Text:
    """What a paper that is owed waits for."""
    say, zone = visit.say, chat.schedule.zone
    if chat.paused:
        if chat.paused_reason == ASKED:
            return spoken(say, "why_paused")
        return spoken(say, "why_gone", reason=because(say, chat.paused_reason))
    if found.tries and found.reason == UNKNOWN:
        return spoken(say, "why_doubted")
    if found.tries and found.reason:
        return spoken(say, "why_retried", n=found.tries, reason=because(say, found.reason))
    if found.state == "pending" and chat.due_at and chat.due_at > visit.request.at:
        return spoken(say, "why_scheduled", at=moment(chat.due_at, zone), zone=zone)
    now = dt.datetime.fromtimestamp(visit.request.at, dt.UTC)
    until = (
        quiet_until(chat.schedule, now) if chat.schedule.quiet and not chat.schedule.quiet.silent else None
    )
    if until:
        return spoken(say, "why_quiet", at=moment(until.timestamp(), zone), zone=zone)
    return spoken(say, "why_pending")


COMMANDS: tuple[Command, ...] = (
    Command(name="why", run=why, example="2003.08934", elsewhere=True),
    *staying.COMMANDS,
    Command(name="help", run=help_),
    Command(name="status", run=status, operators=True),
)
DEEDS: dict[Action, Deed] = staying.DEEDS
