"""Whether Telegram knows the bot, tells it what people ask, and lets it post where it should.

Nothing is asked that a bot at work, or anybody in a chat, would notice: so nobody can tell here
whether a topic is closed, or a person has blocked the bot.
"""

import datetime as dt
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlsplit

from telegram import (
    Bot,
    ChatFullInfo,
    ChatMember,
    ChatMemberAdministrator,
    ChatMemberRestricted,
    User,
    WebhookInfo,
)
from telegram.constants import ChatType
from telegram.error import InvalidToken, TelegramError
from telegram.request import BaseRequest

from bot import secrecy
from bot.adapters.telegram.adapter import API
from bot.adapters.telegram.errors import Misconfigured, translate
from bot.commands.base import Place
from bot.errors import Gone, Transient, Unknown, Unreachable
from bot.finding import Finding, Work, fail, ok, side_by_side, tried, warn

TOKEN, UPDATES = "telegram token", "telegram updates"
GROUPS, INLINE = "telegram groups", "telegram inline mode"
WAITING = 1000  # updates, from which on nobody seems to take them in
NEW_TOKEN = "ask @BotFather for a new one and set TELEGRAM_BOT_TOKEN"
LATELY = 3600.0  # seconds for which a failed update matters
_TOKEN = re.compile(r"[\w:-]+(?:/test)?", re.ASCII)  # the last part leads to Telegram's own test servers

Places = Callable[[], Awaitable[Sequence[Place]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What the configuration says."""

    token: str
    api_url: str = API
    webhook: str = ""  # the address that Telegram is to call; empty: it is polled


class Check:
    """One look at all of it."""

    def __init__(self, given: Given, request: BaseRequest) -> None:
        """The request is this look's own, and closed by it."""
        secrecy.hide(given.token)
        self._given = given
        self._request = request
        self._host = urlsplit(given.api_url).hostname or given.api_url
        self._me: User | None = None
        self._chats: dict[str, ChatFullInfo] = {}

    async def run(self, operators: Sequence[str], places: Places) -> AsyncGenerator[Finding, None]:
        """What comes of it; people and places are asked about where the token is known."""
        try:
            for finding in await tried(TOKEN, self._token()):
                yield finding
            if self._me is None:
                return
            works: list[tuple[str, Work]] = [(UPDATES, self._updates), (GROUPS, self._rights)]
            works += [(_named(place), partial(self._place, place)) for place in await places()]
            works += [(_operator(person), partial(self._person, person)) for person in operators]
            async for finding in side_by_side(works):
                yield finding
        finally:
            await self._request.shutdown()

    async def _token(self) -> list[Finding]:
        if not _TOKEN.fullmatch(self._given.token):
            return [fail(TOKEN, f"it is none, those of @BotFather look like 12345:AbC-dEf; {NEW_TOKEN}")]
        try:
            self._bot = Bot(
                self._given.token,
                base_url=f"{self._given.api_url}/bot",
                request=self._request,
                get_updates_request=self._request,
            )
            me = await self._bot.get_me()
        except TelegramError as exc:
            return [fail(TOKEN, self._why(exc))]
        self._me = me
        by = "" if self._given.api_url == API else f", by the server at {self._host}"
        return [ok(TOKEN, f"@{me.username}{by}")]

    def _why(self, exc: TelegramError) -> str:
        """Why Telegram does not say who the bot is, and how to mend it."""
        meant, own = translate(exc), self._given.api_url != API
        if "not the Bot API" in str(meant):
            return str(meant)
        if isinstance(exc, InvalidToken):
            aside = f"; or the server at {self._host} (telegram.api_url) does not" if own else ""
            return f"Telegram does not know it; {NEW_TOKEN}{aside}"
        if isinstance(meant, Misconfigured) or not isinstance(meant, Unreachable | Unknown | Transient):
            return str(meant)
        where = "telegram.api_url and telegram.proxy" if own else "the network, and telegram.proxy"
        return f"no way to {self._host}: {meant}; check {where}. Nothing is known of the token"

    async def _updates(self) -> list[Finding]:
        try:
            info = await self._bot.get_webhook_info()
        except TelegramError as exc:
            raise translate(exc) from exc
        found = [*self._doubts(info)]
        if info.pending_update_count > WAITING:
            said = f"{info.pending_update_count:,} wait to be taken in; is `paperboy run` running?"
            found.append(warn(UPDATES, said))
        way = f"brought to {_host(info.url)}" if info.url else "polled"
        return found or [ok(UPDATES, f"{way}; {info.pending_update_count} wait")]

    def _doubts(self, info: WebhookInfo) -> list[Finding]:
        wanted = self._given.webhook
        if info.url and not wanted:
            return [
                warn(
                    UPDATES,
                    f"Telegram brings them to {_host(info.url)}, and polling is configured: `paperboy "
                    "run` ends the former; if another program uses this token, give this bot one of its own",
                )
            ]
        if wanted and info.url != wanted:
            now = f"brings them to {_host(info.url)}" if info.url else "waits to be polled"
            said = f"Telegram {now}, not to {_host(wanted)} (telegram.webhook.url): `paperboy run` sets that"
            return [warn(UPDATES, said)]
        failed = info.last_error_date
        if failed and (dt.datetime.now(dt.UTC) - failed).total_seconds() < LATELY:
            return [
                warn(
                    UPDATES,
                    f"Telegram could not bring one to {_host(wanted)} lately: {info.last_error_message}; is "
                    "`paperboy run` running, and does your proxy lead to telegram.webhook.listen?",
                )
            ]
        return []

    async def _rights(self) -> list[Finding]:
        """What its owner has allowed the bot at @BotFather."""
        assert self._me is not None
        groups = ok(GROUPS, "the bot may be added to groups")
        if not self._me.can_join_groups:
            said = "nobody can add the bot to a group; send /setjoingroups to @BotFather and enable it"
            groups = warn(GROUPS, said)
        inline = ok(INLINE, f"papers are found in any chat with @{self._me.username}")
        if not self._me.supports_inline_queries:
            said = (
                "switched off, so papers are not found from within other chats; send /setinline to @BotFather"
            )
            inline = warn(INLINE, said)
        return [groups, inline]

    async def _place(self, place: Place) -> list[Finding]:
        number, _, topic = place.address.partition("/")
        what = _named(place)
        try:
            chat = self._chats.get(number) or await self._bot.get_chat(int(number))
            self._chats[number] = chat
            what = f"telegram {_kind(chat)} {chat.title or place.title}" + (", a topic" if topic else "")
            me = await self._bot.get_chat_member(chat.id, self._bot.id)
        except TelegramError as exc:
            meant = translate(exc)
            if not isinstance(meant, Gone):
                raise meant from exc
            return [fail(what, f"the bot cannot reach it ({meant}); add it there again")]
        lack = _lack(chat, me)
        return [fail(what, lack) if lack else ok(what, "the bot may post")]

    async def _person(self, person: str) -> list[Finding]:
        what = _operator(person)
        try:
            await self._bot.get_chat(int(person))
        except TelegramError as exc:
            meant = translate(exc)
            if not isinstance(meant, Gone):
                raise meant from exc
            return [warn(what, f"telegram:{person} has not started the bot; let them send it /start")]
        return [ok(what, f"telegram:{person} has started the bot")]


def _lack(chat: ChatFullInfo, me: ChatMember) -> str:
    """Why the bot may not post, and how to mend it; empty: it may."""
    outside = isinstance(me, ChatMemberRestricted) and not me.is_member
    if outside or me.status in (ChatMember.LEFT, ChatMember.BANNED):
        return "the bot is not in it any more; add it again"
    if me.status == ChatMember.OWNER:
        return ""
    if chat.type == ChatType.CHANNEL:
        if isinstance(me, ChatMemberAdministrator) and me.can_post_messages:
            return ""
        return "the bot may not post; make it an administrator with the right to post messages"
    if isinstance(me, ChatMemberRestricted) and not me.can_send_messages:
        return "the bot is restricted and may not write; lift that, or make it an administrator"
    silenced = chat.permissions is not None and chat.permissions.can_send_messages is False
    if me.status == ChatMember.MEMBER and silenced:
        return "members may not write there; make the bot an administrator"
    return ""


def _kind(chat: ChatFullInfo) -> str:
    return "channel" if chat.type == ChatType.CHANNEL else "group"


def _named(place: Place) -> str:
    return f"telegram {place.title}"


def _operator(person: str) -> str:
    return f"operator telegram:{person}"


def _host(url: str) -> str:
    """Of a webhook's address: its path may be a secret."""
    return urlsplit(url).hostname or "an address that is none"
