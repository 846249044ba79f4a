"""Whether this process does what it is to do: collects and sends as it should, or stands by for who does."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from bot.delivery.trouble import brief
from bot.secrecy import mask
from bot.storage import watching
from bot.storage.pages import SourceState
from bot.web.metrics import Metrics
from bot.web.readings import TROUBLES, Readings, Standing

LONGEST = 600.0  # seconds that a chat may wait beyond its time while nothing is sent
STALLED = 120.0  # seconds without a message confirmed, after which nothing is being sent

Check = str | None  # what is to be told; None: it is as it should be


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was looked at: the name of each check, and what is wrong or at least not right."""

    faults: dict[str, str]
    warnings: dict[str, str]
    well: tuple[str, ...]

    @property
    def ready(self) -> bool:
        """Nothing is so wrong that this process does not do its part."""
        return not self.faults

    def record(self) -> dict[str, Any]:
        """The report for programs and people."""
        told = {name: f"warning: {said}" for name, said in self.warnings.items()}
        checks = dict.fromkeys(self.well, "ok") | told | self.faults
        return {"ready": self.ready, "checks": dict(sorted(checks.items()))}


ROLES = ("collect", "send", "listen")


class Health:
    """Looks at the roles of this process; one that another process has is as it should be.

    A process that does nothing but answer here looks at what all the others do.
    """

    def __init__(
        self, readings: Readings, metrics: Metrics, steady: Callable[[], float] = time.monotonic
    ) -> None:
        self._readings = readings
        self._part = readings.part
        self._roles = readings.part.roles or ROLES
        self._metrics = metrics
        self._steady = steady
        self._began = steady()

    async def report(self) -> Report:
        """How it is now; without the database nobody can tell more than that."""
        try:
            standing = await self._readings.standing.get()
        except TROUBLES as exc:
            return Report(faults={"database": f"cannot be read: {mask(brief(exc))}"}, warnings={}, well=())
        return _sum_up(["database"], self._checks(standing))

    def _checks(self, standing: Standing) -> "Iterator[Found]":
        if "collect" in self._roles:
            yield from self._collecting(standing)
        for platform in self._part.platforms:
            if "send" in self._roles:
                yield self._sending(standing, platform)
            if "listen" in self._roles and platform in self._part.listens:
                yield Found(f"listen:{platform}", fault=_nobody(standing, f"listen:{platform}"))

    def _collecting(self, standing: Standing) -> "Iterator[Found]":
        stands_by = bool(self._part.roles) and not self._has(standing, "collect")
        if (fault := _nobody(standing, "collect")) or stands_by:
            yield Found("collect", fault=fault)
            return
        states = {label: standing.sources.get(name) for name, label in self._part.labels.items()}
        yield Found("collect", fault=_late(states, standing.now) or _unread(states, standing.now))
        for label, state in states.items():
            yield Found(f"source:{label}", warning=_trouble(state))

    def _sending(self, standing: Standing, platform: str) -> "Found":
        role = f"send:{platform}"
        if (fault := _nobody(standing, role)) or not self._has(standing, role):
            return Found(role, fault=fault)
        waits = standing.now - standing.oldest.get(platform, standing.now)
        now = self._steady()
        since = self._metrics.cut_off_at.get(platform)
        if since is not None and platform in standing.oldest:
            return Found(
                role, warning=f"no way to the platform for {_span(now - since)}; tried again and again"
            )
        if waits <= LONGEST:
            return Found(role)
        quiet = now - self._metrics.arrived_at.get(platform, self._began)
        told = f"the chat that waits longest has waited for {_span(waits)}"
        if quiet <= STALLED and platform in self._metrics.arrived_at:
            return Found(role, warning=f"{told}; messages go out")
        return Found(role, fault=f"{told}, and no message was confirmed for {_span(quiet)}")

    def _has(self, standing: Standing, role: str) -> bool:
        """Whether it is this process that has a role which somebody has."""
        lease = standing.leases.get(role)
        return lease is not None and lease.holder == self._part.holder


@dataclass(frozen=True, slots=True)
class Found:
    """What came of one check."""

    name: str
    fault: Check = None
    warning: Check = None


def _sum_up(well: list[str], found: Iterator[Found]) -> Report:
    faults, warnings = {}, {}
    for each in found:
        if each.fault:
            faults[each.name] = each.fault
        elif each.warning:
            warnings[each.name] = each.warning
        else:
            well.append(each.name)
    return Report(faults=faults, warnings=warnings, well=tuple(well))


def _nobody(standing: Standing, role: str) -> Check:
    lease = standing.leases.get(role)
    if lease is None:
        return "no process has this role"
    if lease.until < standing.clock:
        return f"no process has had this role for {_span(standing.clock - lease.until)}"
    return None


def _late(states: dict[str, SourceState | None], now: float) -> Check:
    """Sources that are not looked at any more: whoever looks at them hangs."""
    late = [label for label, state in states.items() if state and watching.late(state, now)]
    return f"not looked at in time: {', '.join(late)}" if late else None


def _unread(states: dict[str, SourceState | None], now: float) -> Check:
    """Whether there is no source left that can be read: of several one may fail, each may now and then."""
    for state in states.values():
        if state and state.read_at is not None and not watching.failing(state, now):
            return None
    if any(states.values()):
        return "no source can be read; see what is said of each"
    return "no source has been looked at yet" if states else None


def _trouble(state: SourceState | None) -> Check:
    if state is None:
        return "not looked at yet"
    if state.error:
        return mask(state.error)
    return "nothing new for longer than is usual for it" if watching.silent(state) else None


def _span(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 600 else f"{seconds / 60:.0f} min"
