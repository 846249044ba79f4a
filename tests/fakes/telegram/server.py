"""A Bot API server on the loopback that refuses what Telegram refuses."""

import asyncio
import time
from collections.abc import Callable

from aiohttp import web

from tests.fakes.telegram.description import published
from tests.fakes.telegram.files import Files
from tests.fakes.telegram.journal import Event, Journal, Request, Test
from tests.fakes.telegram.members import Members
from tests.fakes.telegram.methods import METHODS
from tests.fakes.telegram.methods.commands import Key, seen
from tests.fakes.telegram.pace import Pace, Rules, Violation
from tests.fakes.telegram.people import People, Sent
from tests.fakes.telegram.refusal import TOO_OLD, Answer, bad
from tests.fakes.telegram.script import Fault, Script, scripted
from tests.fakes.telegram.shown import Shown, show
from tests.fakes.telegram.updates import Updates
from tests.fakes.telegram.wire import Wire, large_request
from tests.fakes.telegram.world import Chat, Json, Message, Topic, User, World

CALLBACK_LIFE = 15.0  # seconds in which a tap can be answered


class Server(Members, People, Wire):
    """Telegram, as far as a bot can see; an async context manager that listens while it is open.

    `light` checks little more than that chats exist, for measuring others; `strict_pace` answers 429 to
    what comes too soon (by Telegram's rules, or those given), and notes it in `violations`; `rich` has
    sendRichMessage; with `privacy` the bot hears only what is meant for it in groups; `described=False`
    does without the published description of the Bot API.
    """

    def __init__(
        self,
        *,
        username: str = "fake_paperboy_bot",
        light: bool = False,
        described: bool = True,
        strict_pace: bool | Rules = False,
        slack: float = 0.05,
        rich: bool = True,
        privacy: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.bot = User(id=7_000_000_001, first_name="Paperboy", username=username, is_bot=True)
        self.token = f"{self.bot.id}:{'not-a-secret-' * 2}fake-fake"
        self.light, self.rich, self.privacy = light, rich, privacy
        self.callback_life = CALLBACK_LIFE
        self.joins_groups = self.inline_mode = True  # as its owner has it at @BotFather
        self.inline_feedback = False  # whether the bot is told which results people choose
        self.routes: dict[str, str] = {}  # outer address -> where a proxy on this machine leads
        self.world = World(self.bot)
        self.files = Files()
        self.updates = Updates()
        self.journal = Journal()
        self.script = Script()
        self.pace = Pace(_rules(strict_pace), slack=slack, clock=clock)
        self.commands: dict[Key, list[Json]] = {}
        self.texts: dict[tuple[str, str], str] = {}
        self.menu_buttons: dict[int | None, Json] = {}
        self.inline_results: dict[str, list[Json]] = {}
        self.complaints: list[str] = []  # what only this server refused: Telegram would have let it pass
        self.crashes: list[Exception] = []  # faults of this server itself; raised when it closes
        self.port = 0
        self._queries: dict[str, Event] = {}
        self.description = published() if described and not light else None
        known = self.description.methods.values() if self.description else ()
        self.names = {name.lower(): name for name in (*METHODS, *known)}  # methods go by any case
        self._runner: web.ServerRunner | None = None

    async def __aenter__(self) -> "Server":
        self._runner = web.ServerRunner(
            web.Server(self.serve, request_factory=large_request), shutdown_timeout=0.1
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_exc: object) -> None:
        self.updates.abort("Conflict: the server closes")
        await self.updates.set_webhook(None)
        if self._runner:
            await self._runner.cleanup()
        if self.crashes:
            raise self.crashes[0]

    @property
    def url(self) -> str:
        """Where it listens: what `telegram.api_url` is set to."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def base_url(self) -> str:
        """As python-telegram-bot wants it."""
        return f"{self.url}/bot"

    @property
    def base_file_url(self) -> str:
        """As python-telegram-bot wants it."""
        return f"{self.url}/file/bot"

    @property
    def requests(self) -> list[Request]:
        """All requests so far."""
        return self.journal.requests

    @property
    def violations(self) -> list[Violation]:
        """The messages that came too soon."""
        return self.pace.violations

    def asked(self, method: str) -> list[Request]:
        """The requests of one method so far."""
        return [request for request in self.requests if request.method == method]

    def fail(
        self,
        method: str,
        *,
        status: int = 500,
        description: str | None = None,
        times: int | None = 1,
        when: Test | None = None,
        html: bool | None = None,
        handled: bool = False,
        **parameters: int,
    ) -> None:
        """Answer the next requests with an error (`retry_after=5`, `migrate_to_chat_id=...`).

        `times=None`: all of them; `handled`: they are carried out all the same. From 502 on it is a
        gateway's page, unless a description is given.
        """
        answer = scripted(status, description, parameters, html)
        self.script.add(Fault(method=method, times=times, when=when, answer=answer, handled=handled))

    def garble(self, method: str, *, times: int | None = 1, when: Test | None = None) -> None:
        """Carry out the next requests and answer with broken JSON."""
        answer = Answer(body=b'{"ok":true,"result":{"message_i', description="(broken JSON)")
        self.script.add(Fault(method=method, times=times, when=when, answer=answer, handled=True))

    def delay(self, method: str, seconds: float, *, times: int | None = 1, when: Test | None = None) -> None:
        """Think for a while before the next requests are carried out."""
        self.script.add(Fault(method=method, times=times, when=when, seconds=seconds))

    def cut(
        self, method: str, *, before: bool = True, times: int | None = 1, when: Test | None = None
    ) -> None:
        """Cut the connection of the next requests, before they are carried out or after."""
        self.script.add(Fault(method=method, times=times, when=when, cut=True, handled=not before))

    def heal(self) -> None:
        """From now on all goes well."""
        self.script.clear()

    async def wait_for(
        self,
        method: str,
        when: Test | None = None,
        *,
        within: float = 1.0,
        after: Event | Request | int = 0,
    ) -> Request:
        """The first answered request of a method that passes, past ones since `after` included."""

        def test(request: Request) -> bool:
            return request.method == method and (when is None or bool(when(request)))

        return await self.journal.wait(test, within, _number(after), method)

    async def answer_to(self, event: Event, *, within: float = 1.0, method: str | None = None) -> Request:
        """What the bot says to something: a message or an edit in that chat, the answer to that query."""

        def test(request: Request) -> bool:
            return event.answered_by(request) and method in {None, request.method}

        return await self.journal.wait(test, within, event.number, f"answer to the {event.kind}")

    async def wait_until_polled(self, *, within: float = 1.0) -> None:
        """Wait until a poll of the bot waits for updates."""
        async with asyncio.timeout(within):
            while not self.updates.polled:
                await asyncio.sleep(0.005)

    async def silence_after(self, event: Event, *, seconds: float = 0.2) -> None:
        """Raises AssertionError where the bot says something within so many seconds."""
        await asyncio.sleep(max(0.0, event.at + seconds - time.monotonic()))
        said = [r for r in self.requests[event.number :] if event.answered_by(r)]
        if said:
            raise AssertionError(f"the bot said {said[0].method} {said[0].params}")

    def shown(self, where: Chat | User, topic: Topic | None = None) -> list[Shown]:
        """What stands in a chat now, as a person sees it, from the top."""
        chat = self.private(where) if isinstance(where, User) else where
        standing = (m for m in chat.messages.values() if not m.deleted)
        return [show(m, self.files) for m in standing if topic is None or m.thread == topic.id]

    def menu(self, where: Chat | User, user: User) -> list[Json]:
        """The commands that a person is offered in a chat."""
        chat = self.private(where) if isinstance(where, User) else where
        return seen(self.commands, chat, user)

    def age(self, sent: Sent, seconds: float) -> None:
        """Make a message older."""
        message = self.resolve(sent)
        message.body = message.body | {"date": message.body["date"] - int(seconds)}

    def tell(
        self,
        kind: str,
        body: Json,
        *,
        chat: Chat | None = None,
        message: Message | None = None,
        told: bool | None = None,
    ) -> Event:
        """Tell the bot of something, where it hears it at all."""
        number = len(self.requests)
        heard = told if told is not None else chat is None or self._hears(chat, body)
        update_id = self.updates.add(kind, body) if heard else None
        return Event(kind=kind, body=body, update_id=update_id, chat=chat, message=message, number=number)

    def ask(
        self, kind: str, body: Json, *, chat: Chat | None = None, message: Message | None = None
    ) -> Event:
        """Tell the bot of a query, which waits for its answer."""
        event = self.tell(kind, body, chat=chat, message=message, told=True)
        self._queries[event.id] = event
        return event

    def take_query(self, number: str, kind: str) -> Event:
        """A query that still waits; raises Refusal where it does not."""
        event = self._queries.get(number)
        if event is None or event.kind != kind or time.monotonic() - event.at > self.callback_life:
            raise bad(TOO_OLD)
        return event

    def close_query(self, number: str) -> None:
        """A query was answered."""
        del self._queries[number]

    def _hears(self, chat: Chat, body: Json | None = None) -> bool:
        """Whether the bot gets what is written in a chat (https://core.telegram.org/bots/features#privacy-mode)."""
        if chat.user:
            return not chat.user.blocked
        member = self.world.member(chat)
        if not member.inside or chat.moved_to:
            return False
        if chat.kind == "channel" or not self.privacy or member.administers or body is None:
            return True
        text = body.get("text") or body.get("caption")
        return text is None or self._meant(text, body)

    def _meant(self, text: str, body: Json) -> bool:
        name = f"@{self.bot.username}".casefold()
        if body.get("reply_to_message", {}).get("from", {}).get("id") == self.bot.id or "via_bot" in body:
            return True
        word = text.split(maxsplit=1)[0].casefold() if text.strip() else ""
        if word.startswith("/"):
            return "@" not in word or word.endswith(name)
        return name in text.casefold()


def _rules(pace: bool | Rules) -> Rules | None:
    if isinstance(pace, Rules):
        return pace
    return Rules() if pace else None


def _number(after: Event | Request | int) -> int:
    if isinstance(after, Request):
        return after.number + 1
    return after.number if isinstance(after, Event) else after
