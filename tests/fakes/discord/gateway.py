"""The gateway: sessions, what they are told, and how they are resumed.

https://discord.com/developers/docs/events/gateway
"""

import asyncio
import json
import time
from itertools import count
from typing import TYPE_CHECKING

from aiohttp import WSMsgType, web

from tests.fakes.discord.buckets import Violation
from tests.fakes.discord.lines import Heard, Limit, Line, Session
from tests.fakes.discord.shapes import me_json, whole_guild_json
from tests.fakes.discord.telling import GUILDS, Telling
from tests.fakes.discord.world import Json

if TYPE_CHECKING:
    from tests.fakes.discord.server import Server

DISPATCH, BEAT, IDENTIFY, PRESENCE, VOICE, RESUME, AGAIN, MEMBERS, INVALID, HELLO, BEATEN = (
    0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11,
)  # fmt: skip
PRIVILEGED = 1 << 1 | 1 << 8 | 1 << 15
KNOWN = (1 << 26) - 1
FORGETS = {1000, 1001, 4003, 4004, 4007, 4009, 4010, 4011, 4012, 4013, 4014}  # closes that end a session
A_TURN = 5.0  # seconds between two IDENTIFYs of shards with one remainder by max_concurrency
A_MINUTE = 120  # payloads that a connection may send


class Gateway(Telling):
    """All sessions and connections of the bot."""

    def __init__(self, server: "Server", *, beat: float, max_concurrency: int) -> None:
        self.beat = beat  # seconds between heartbeats, as told
        self.limit = Limit(clock=server.clock, began=server.clock(), max_concurrency=max_concurrency)
        self.approved = 0  # privileged intents
        self.sessions: dict[str, Session] = {}
        self.lines: list[Line] = []
        self.heard: list[Heard] = []
        self.refusing: list[int] = []  # codes to close the next IDENTIFYs with
        self.silent = False  # says nothing more: no hello, no answer to heartbeats
        self.failing: int | None = None  # the status that connections are refused with
        self._server = server
        self._numbers = count(1)
        self._turns: dict[int, float] = {}
        self._bell = asyncio.Event()

    @property
    def ready(self) -> list[Session]:
        """The sessions that have a connection."""
        return [session for session in self.sessions.values() if session.line]

    def said(self, op: int) -> list[Heard]:
        """What the bot said of a kind: 2 IDENTIFY, 6 RESUME, 1 heartbeat."""
        return [one for one in self.heard if one.op == op]

    async def serve(self, http: web.BaseRequest) -> web.StreamResponse:
        """Speak with one connection until it ends."""
        if self.failing:
            return web.Response(status=self.failing)
        ws = web.WebSocketResponse(timeout=0.2, compress=False)
        await ws.prepare(http)
        line = Line(ws, http)
        self.lines.append(line)
        if not self.silent:
            line.say(HELLO, {"heartbeat_interval": round(self.beat * 1000), "_trace": ["[]"]})
        watch = asyncio.create_task(self._watch(line))
        if http.query.get("v") != "10" or http.query.get("encoding", "json") != "json":
            line.close(4012)
        try:
            async for message in ws:
                if message.type is WSMsgType.TEXT:
                    self._hear(line, message.data)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            self._server.crashes.append(error)
            raise
        finally:
            watch.cancel()
            line.pumping.cancel()
            self.lines.remove(line)
            self._part(line, ws.close_code)
        return ws

    def reconnect(self) -> None:
        """Ask all connections to be made anew (op 7)."""
        for line in self.lines:
            line.say(AGAIN)

    def invalidate(self, *, resumable: bool = False) -> None:
        """Tell all sessions that they are no more (op 9), or only that they are to be resumed."""
        for line in self.lines:
            if line.session and not resumable:
                self.sessions.pop(line.session.id, None)
                line.session.line = None
            line.say(INVALID, resumable)

    def close(self, code: int) -> None:
        """Close all connections."""
        for line in self.lines:
            if line.session and code in FORGETS - {1000, 1001}:
                self.sessions.pop(line.session.id, None)
            line.close(code)

    def cut(self) -> None:
        """Cut all connections."""
        for line in list(self.lines):
            line.cut()

    async def wait(self, shards: int, within: float) -> None:
        """Wait until so many sessions have a connection."""
        try:
            async with asyncio.timeout(within):
                while len(self.ready) < shards:
                    self._bell.clear()
                    await self._bell.wait()
        except TimeoutError:
            ops = [one.op for one in self.heard][:20]
            raise AssertionError(
                f"{len(self.ready)} of {shards} shards within {within:g} s; heard {ops}"
            ) from None

    def _hear(self, line: Line, text: str) -> None:
        try:
            told = json.loads(text)
            op, data = told["op"], told.get("d")
        except (ValueError, KeyError, TypeError):
            line.close(4002)
            return
        self.heard.append(Heard(op=op, data=data, at=time.monotonic()))
        line.said += 1
        if line.said > A_MINUTE and not self._server.light:
            line.close(4008)
        elif op == BEAT:
            line.beaten = time.monotonic()
            if not self.silent:
                line.say(BEATEN)
        elif op == IDENTIFY:
            self._identify(line, data)
        elif op == RESUME:
            self._resume(line, data)
        elif op not in {PRESENCE, VOICE, MEMBERS}:
            line.close(4001)
        elif line.session is None:
            line.close(4003)

    def _identify(self, line: Line, data: Json) -> None:
        if code := self._wrong(line, data):
            line.close(code)
            return
        if self.limit.left() == 0:
            self._server.complaints.append("IDENTIFY with no session start left: Discord resets the token")
            self._server.token += "-reset"
            line.close(4004)
            return
        self.limit.used += 1
        shard = tuple(data.get("shard") or (0, 1))
        if not self._in_turn(shard[0]):
            line.say(INVALID, False)
            return
        session = Session(id=f"{next(self._numbers):032x}", shard=shard, intents=data["intents"], line=line)
        for old in [s for s in self.sessions.values() if s.shard == shard]:
            del self.sessions[old.id]
            if old.line and old.line is not line:
                old.line.close(4000)
        self.sessions[session.id] = session
        line.session = session
        self._greet(session)
        self._bell.set()

    def _in_turn(self, shard: int) -> bool:
        """Whether five seconds have passed since the last IDENTIFY of this turn."""
        turn, pace, now = shard % self.limit.max_concurrency, self._server.pace, self._server.clock()
        wait = self._turns.get(turn, -A_TURN) + A_TURN - now
        if pace.rules and wait > 0:
            pace.violations.append(Violation(limit="identify", path=f"shard {shard}", at=now, wait=wait))
            return False
        self._turns[turn] = now
        return True

    def _wrong(self, line: Line, data: Json) -> int | None:
        shard = data.get("shard") or [0, 1]
        intents = data.get("intents")
        if self.refusing:
            return self.refusing.pop(0)
        if line.session:
            return 4005
        if data.get("token") != self._server.token:
            return 4004
        if not isinstance(intents, int) or intents & ~KNOWN or intents < 0:
            return 4013
        if intents & PRIVILEGED & ~self.approved:
            return 4014
        if not 0 <= shard[0] < shard[1]:
            return 4010
        if shard[1] < self._server.least_shards:
            return 4011
        return None

    def _greet(self, session: Session) -> None:
        server = self._server
        shard, shards = session.shard
        mine = [guild for guild in server.world.inside() if (guild.id >> 22) % shards == shard]
        data: Json = {
            "v": 10,
            "user": me_json(server.bot),
            "session_id": session.id,
            "session_type": "normal",
        }
        data |= {"resume_gateway_url": server.gateway_url, "shard": [shard, shards], "private_channels": []}
        data |= {"guilds": [{"id": str(guild.id), "unavailable": True} for guild in mine]}
        data |= {"application": {"id": str(server.application_id), "flags": server.application["flags"]}}
        data |= {"relationships": [], "presences": [], "user_settings": {}, "_trace": []}
        self._push(session, "READY", data)
        for guild in mine:
            if guild.available and session.intents & GUILDS:
                self._push(session, "GUILD_CREATE", whole_guild_json(guild, server.bot))

    def _push(self, session: Session, kind: str, data: Json) -> None:
        session.seq += 1
        packet = json.dumps({"t": kind, "s": session.seq, "op": DISPATCH, "d": data})
        session.events.append(packet)
        if session.line:
            session.line.send(packet)

    def _resume(self, line: Line, data: Json) -> None:
        session = self.sessions.get(data.get("session_id", ""))
        if data.get("token") != self._server.token:
            line.close(4004)
        elif session is None:
            line.say(INVALID, False)
        elif not 0 <= data.get("seq", -1) <= session.seq:
            del self.sessions[session.id]
            line.close(4007)
        else:
            if session.line and session.line is not line:
                session.line.close(4000)
            session.line, line.session = line, session
            for packet in session.events[data["seq"] :]:
                line.send(packet)
            self._push(session, "RESUMED", {"_trace": []})
            self._bell.set()

    def _part(self, line: Line, code: int | None) -> None:
        session = line.session
        if session and session.line is line:
            session.line = None
            if code in {1000, 1001} and not line.closing:
                self.sessions.pop(session.id, None)

    async def _watch(self, line: Line) -> None:
        """Close a connection whose heart has stopped."""
        while True:
            await asyncio.sleep(self.beat / 2)
            if time.monotonic() - line.beaten > 2 * self.beat:
                if line.session:
                    self.sessions.pop(line.session.id, None)
                line.close(4009)
                return
