"""The answer to one interaction: a first word within three seconds, the rest within fifteen minutes.

Answers do not go the way of other requests, which wait for whatever limit the bot has run into:
Discord counts them apart, and they cannot wait.
https://discord.com/developers/docs/interactions/receiving-and-responding
"""

import asyncio
import json
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import replace
from enum import Enum, IntEnum
from io import BytesIO
from typing import Any

import discord
from discord.http import MultipartParameters
from discord.webhook.async_ import async_context

from bot.adapters.base import Message
from bot.adapters.discord.errors import FAILURES, code, fault
from bot.adapters.discord.plain import plain
from bot.adapters.discord.show import EPHEMERAL, Body, line
from bot.commands.base import File
from bot.log import get_logger

log = get_logger(__name__)

FIRST = 5.0  # seconds that a first word may take; Discord waits for three
PATIENCE = 60.0  # that one of the others may take

# The interaction is unknown by now, or its token is over; another process has answered; there are no
# more messages for somebody who alone installed the bot.
TAKEN = 40060
LOST = (10062, 10015, 50027, TAKEN, 40094)
UNEDITABLE = (10008, 20022, 30046, 50005, 50021)  # the message is gone, too old or not ours


class Kind(IntEnum):
    """What a first word is."""

    MESSAGE = 4
    LATER = 5  # a message that is still to be written
    NOTHING = 6  # of a button: nothing yet, or nothing at all
    EDIT = 7  # of a button: its message in another form
    CHOICES = 8


class State(Enum):
    """How far an answer is."""

    NEW = "new"
    LATER = "later"  # the first message is announced
    OPEN = "open"  # whatever comes is a message of its own, or edits the one with the button
    OVER = "over"  # nobody takes any more


class _Heard(Exception):
    """What was announced is still to be said."""


class Answer:
    """The answer to one interaction; what Discord says to it is logged, not raised."""

    def __init__(self, interaction: discord.Interaction[Any], *, public: bool) -> None:
        """`public`: what is announced before it is known is for all who are there."""
        self._interaction = interaction
        self._public = public
        self._pressed = interaction.type is discord.InteractionType.component
        self._state = State.NEW
        self._announced = False  # a message was, or should have been
        self._broken = False  # nobody knows whether the last request arrived

    async def defer(self) -> None:
        """Say that the answer comes later."""
        if self._state is not State.NEW:
            return
        self._announced = True
        for _ in range(2):  # once more where the connection broke
            if self._state is State.NEW and self._pressed:
                await self._try(self._call(Kind.NOTHING))
            elif self._state is State.NEW:
                await self._try(self._call(Kind.LATER, {} if self._public else {"flags": EPHEMERAL}))

    async def say(self, bodies: Sequence[Body]) -> bool:
        """Bring the messages of the answer, in order; none where it changes nothing that is seen.

        Returns whether any arrived, as far as anybody still takes them.
        """
        if not bodies:
            await self._end()
        return not bodies or any([await self._bring(body) for body in bodies])

    async def refuse(self, text: str) -> None:
        """Say a line that only the person sees who asked."""
        await self._bring(line(text))

    async def offer(self, choices: Sequence[Mapping[str, Any]]) -> None:
        """Give the choices for what is being typed."""
        await self._try(self._call(Kind.CHOICES, {"choices": list(choices)}))

    async def _end(self) -> None:
        await self.defer()
        if self._state is State.LATER:
            await self._try(self._withdraw())

    async def _bring(self, body: Body) -> bool:
        """Bring one message, in a plainer form where Discord refuses it."""
        exc = await self._try(self._post(body))
        if self._broken and self._state in (State.NEW, State.LATER):
            exc = await self._try(self._post(body))  # there is but one first word, however often it is said
        if isinstance(exc, _Heard):
            exc = await self._try(self._post(body))
        if exc is None:
            return True
        if body.edit and code(exc) in UNEDITABLE:
            return await self._bring(replace(body, edit=False))
        refused = isinstance(exc, discord.HTTPException) and exc.status in (400, 413)
        forms = _plainer(body) if refused else []
        log.warning("answer.refused", platform="discord", now="plainer" if forms else None, reason=fault(exc))
        return bool(forms) and all([await self._bring(form) for form in forms])

    async def _try(self, work: Coroutine[Any, Any, State]) -> Exception | None:
        """Do what brings the answer further; gives what went wrong, if that can be mended."""
        if self._state is State.OVER:
            work.close()
            return None
        try:
            async with asyncio.timeout(FIRST if self._state is State.NEW else PATIENCE):
                self._state = await work
        except FAILURES as exc:
            was_broken, self._broken = self._broken, not isinstance(exc, discord.HTTPException)
            if code(exc) not in LOST:
                return exc
            if code(exc) == TAKEN and was_broken:
                return self._hear()
            log.info("answer.outdated", platform="discord", reason=fault(exc))
            self._state = State.OVER
        return None

    def _hear(self) -> Exception | None:
        """A first word arrived though the connection broke: the message, or only that it comes."""
        self._state = State.LATER if self._announced and not self._pressed else State.OPEN
        return _Heard() if self._announced else None

    async def _post(self, body: Body) -> State:
        """Send a message in the way that is open now."""
        alone = bool(body.flags & EPHEMERAL)
        if self._state is State.NEW and body.edit:
            return await self._call(Kind.EDIT, _kept(body))
        if self._state is State.NEW:
            return await self._call(Kind.MESSAGE, body.json, body.file)
        if self._state is State.LATER and alone and self._public:
            return await self._turn_aside(body)
        if body.edit or self._state is State.LATER:
            return await self._edit(body)
        return await self._follow(body)

    async def _call(
        self, kind: Kind, data: Mapping[str, Any] | None = None, file: File | None = None
    ) -> State:
        """The first word."""
        payload = {"type": kind.value} | ({"data": data} if data else {})
        asks = self._interaction
        await async_context.get().create_interaction_response(
            asks.id, asks.token, params=MultipartParameters(**_filed(payload, file)), **self._way()
        )
        return {Kind.LATER: State.LATER, Kind.CHOICES: State.OVER}.get(kind, State.OPEN)

    async def _edit(self, body: Body) -> State:
        """Give its words to what was announced, or others to the message with the button."""
        asks = self._interaction
        await async_context.get().edit_original_interaction_response(
            asks.application_id, asks.token, **self._way(),
            **_given(_kept(body), body.file),
        )  # fmt: skip
        return State.OPEN

    async def _follow(self, body: Body) -> State:
        asks = self._interaction
        await async_context.get().execute_webhook(
            asks.application_id, asks.token, wait=True, with_components=True, **self._way(),
            **_given(body.json, body.file),
        )  # fmt: skip
        return State.OPEN

    async def _turn_aside(self, body: Body) -> State:
        """Say for one person what was announced to all.

        The first message behind an announcement takes its place, and is for all as well: so something has
        to stand there before, and goes afterwards.
        """
        self._state = await self._edit(Body(json={"content": "…", "allowed_mentions": {"parse": []}}))
        try:
            return await self._follow(body)
        finally:
            await self._try(self._withdraw())

    async def _withdraw(self) -> State:
        """Take back what was announced."""
        asks = self._interaction
        await async_context.get().delete_original_interaction_response(
            asks.application_id, asks.token, **self._way()
        )
        return State.OPEN

    def _way(self) -> dict[str, Any]:
        http = self._interaction._state.http
        return {"session": self._interaction._session, "proxy": http.proxy, "proxy_auth": http.proxy_auth}


def _kept(body: Body) -> dict[str, Any]:
    """A body for a message that is there: for whom it is was settled when it was made."""
    flags = body.flags & ~EPHEMERAL
    rest = {name: value for name, value in body.json.items() if name != "flags"}
    return rest | {"flags": flags} if flags else rest


def _filed(payload: dict[str, Any], file: File | None) -> dict[str, Any]:
    """A request as the library takes it, with a file as a part of its own."""
    if file is None:
        return {"payload": payload, "multipart": None, "files": None}
    sent = discord.File(BytesIO(file.data), file.name)
    parts = [
        {"name": "payload_json", "value": json.dumps(payload)},
        {
            "name": "files[0]",
            "value": sent.fp,
            "filename": sent.filename,
            "content_type": "application/octet-stream",
        },
    ]
    return {"payload": None, "multipart": parts, "files": [sent]}


def _given(payload: dict[str, Any], file: File | None) -> dict[str, Any]:
    """The same for the other requests, which take no `files` of None."""
    return {name: value for name, value in _filed(payload, file).items() if value is not None}


def _plainer(body: Body) -> list[Body]:
    """The forms that a refused message has left: its fallback, or else bare words."""
    if body.fallback:
        return list(body.fallback)
    bare = plain(Message(platform="discord", request={"json": body.json}, papers=()))
    if bare is None:
        return []
    flags = {"flags": EPHEMERAL} if body.flags & EPHEMERAL else {}
    return [Body(json=bare.request["json"] | flags, file=body.file)]
