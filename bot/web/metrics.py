"""What the bot counts and times, as Prometheus reads it.

Counters and times are of this process and begin anew with it; gauges are read from the database, and
are the same in every process that shares it. A label never holds what people wrote.
"""

import asyncio
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.registry import Collector

from bot.meter import Meter
from bot.storage.leases import Lease
from bot.web.readings import TROUBLES, Part, Reading, Readings, Standing, Totals, shown

LAGS = (1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21600, 86400)
WAITS = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300)
WRITES = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 20)
ANSWERS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
LOOKS = (0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000)


class Counted(dict[tuple[str, ...], Counter]):
    """The counters of a metric by their labels; finding one in a metric itself takes twice as long."""

    def __init__(self, metric: Counter) -> None:
        self.metric = metric

    def __missing__(self, labels: tuple[str, ...]) -> Counter:
        found = self[labels] = self.metric.labels(*labels)
        return found


class Timed(dict[tuple[str, ...], Histogram]):
    """The same of times."""

    def __init__(self, metric: Histogram) -> None:
        self.metric = metric

    def __missing__(self, labels: tuple[str, ...]) -> Histogram:
        found = self[labels] = self.metric.labels(*labels)
        return found


def _counted(name: str, told: str, *labels: str) -> Counted:
    return Counted(Counter(f"paperboy_{name}", told, labels, registry=None))


def _timed(name: str, told: str, *labels: str, steps: Sequence[float]) -> Timed:
    return Timed(Histogram(f"paperboy_{name}_seconds", told, labels, buckets=steps, registry=None))


class Metrics(Meter):
    """Keeps what it is told, for Prometheus to ask; belongs to one event loop."""

    def __init__(self, platforms: Iterable[str] = (), sources: Iterable[str] = ()) -> None:
        self.arrived_at: dict[str, float] = {}  # by platform, on the monotonic clock
        self.cut_off_at: dict[str, float] = {}  # since when there is no way to a platform
        self._labels = shown(list(sources))
        by_outcome = "Deliveries that came to an end: sent, or failed for good."
        self._deliveries = _counted("deliveries", by_outcome, "platform", "outcome")
        self._planned = _counted("deliveries_planned", "Deliveries that looks at sources led to.")
        lag = "From when a paper could first be brought to a chat, by its schedule, until that was recorded."
        self._lag = _timed("delivery_lag", lag, "platform", steps=LAGS)
        self._messages = _counted("messages", "Messages of digests that the platform confirmed.", "platform")
        failures = "Messages of digests that did not arrive, each time they were tried."
        self._failures = _counted("message_failures", failures, "platform", "reason")
        self._waits = _timed("pace_wait", "Waiting for leave to speak.", "platform", "lane", steps=WAITS)
        self._held = _counted("rate_limited", "Times that the platform told the bot to wait.", "platform")
        self._writes = _timed("record", "Recording what was confirmed.", steps=WRITES)
        self._answers = _timed("request", "Answering people.", "platform", "command", steps=ANSWERS)
        stumbles = "Requests that were answered with the bot's own trouble."
        self._stumbles = _counted("request_failures", stumbles, "platform", "command")
        self._looks = _timed("source_look", "Looking at a source.", "source", steps=LOOKS)
        self._posts = _counted("source_posts", "Digests that were new or had changed.", "source")
        self._pushes = _counted("pushes", "Pushes: taken, refused or failed.", "outcome")
        self._begin(platforms)

    def _begin(self, platforms: Iterable[str]) -> None:
        """Have what nothing has happened to yet at 0, or its first rise would be seen by nobody."""
        for platform in platforms:
            for outcome in ("sent", "failed"):
                self._deliveries[platform, outcome].inc(0)
            for counted in (self._messages, self._held):
                counted[platform,].inc(0)
        for label in self._labels.values():
            self._posts[label,].inc(0)
        for outcome in ("taken", "refused", "failed"):
            self._pushes[outcome,].inc(0)

    def waited(self, platform: str, lane: str, seconds: float) -> None:
        self._waits[platform, lane.lower()].observe(seconds)

    def held(self, platform: str) -> None:
        self._held[platform,].inc()

    def arrived(self, platform: str) -> None:
        self._messages[platform,].inc()
        self.arrived_at[platform] = time.monotonic()
        self.cut_off_at.pop(platform, None)

    def refused(self, platform: str, reason: str) -> None:
        self._failures[platform, reason].inc()
        if reason == "unreachable":
            self.cut_off_at.setdefault(platform, time.monotonic())
        else:
            self.cut_off_at.pop(platform, None)

    def sent(self, platform: str, lags: Sequence[float]) -> None:
        self._deliveries[platform, "sent"].inc(len(lags))
        observe = self._lag[platform,].observe
        for lag in lags:
            observe(lag)

    def given_up(self, platform: str, number: int) -> None:
        self._deliveries[platform, "failed"].inc(number)

    def recorded(self, seconds: float) -> None:
        self._writes.metric.observe(seconds)

    def answered(self, platform: str, command: str, seconds: float) -> None:
        self._answers[platform, command].observe(seconds)

    def stumbled(self, platform: str, command: str) -> None:
        self._stumbles[platform, command].inc()

    def looked(self, source: str, seconds: float, *, posts: int, planned: int) -> None:
        label = self._labels.get(source) or shown([source])[source]
        self._looks[label,].observe(seconds)
        self._posts[label,].inc(posts)
        self._planned.metric.inc(planned)

    def pushed(self, outcome: str) -> None:
        self._pushes[outcome,].inc()

    def collect(self) -> Iterator[Metric]:
        """Every counter and time."""
        for kept in vars(self).values():
            if isinstance(kept, Counted | Timed):
                yield from _plain(kept.metric)


def _plain(metric: MetricWrapperBase) -> Iterator[Metric]:
    """A metric without the times at which its parts were made, which would be a third of all."""
    for family in metric.collect():
        family.samples = [each for each in family.samples if not each.name.endswith("_created")]
        yield family


class Scrape(Collector):
    """What is told when Prometheus asks: what the process counted, and how the database is."""

    def __init__(self, metrics: Metrics, readings: Readings, version: str) -> None:
        self._metrics = metrics
        self._readings = readings
        self._version = version
        self._standing: Standing | None = None
        self._totals: Totals | None = None
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)
        ProcessCollector(registry=self._registry)

    async def __call__(self, accepted: str) -> tuple[bytes, str]:
        """The text for who accepts these types, and its type; what cannot be read now is left out."""
        reading = _read(self._readings.standing), _read(self._readings.totals)
        standing, totals = await asyncio.gather(*reading)
        self._standing, self._totals = standing, totals
        try:
            write, kind = choose_encoder(accepted)
        except (TypeError, ValueError):  # of the library's, for a version that is no number
            write, kind = choose_encoder("")
        return write(self._registry), kind

    def collect(self) -> Iterator[Metric]:
        """Everything but what the library says of the process."""
        yield _gauge("info", "Which Paperboy this is.", {(self._version,): 1}, "version")
        yield from self._metrics.collect()
        yield _gauge("database_up", "Whether the database answers.", {(): float(self._standing is not None)})
        if self._standing:
            yield from _told(self._readings.part, self._standing)
        if self._totals:
            yield from _counted_there(self._readings.part, self._totals, self._readings.clock())


Values = dict[tuple[str, ...], float]
T = TypeVar("T")


def _gauge(name: str, told: str, values: Values, *labels: str) -> Metric:
    family = GaugeMetricFamily(f"paperboy_{name}", told, labels=labels)
    for key, value in values.items():
        family.add_metric(key, value)
    return family


async def _read(reading: Reading[T]) -> T | None:
    try:
        return await reading.get()
    except TROUBLES:
        return None


def _told(part: Part, standing: Standing) -> Iterator[Metric]:
    waits = {name: max(0.0, standing.now - at) for name, at in standing.oldest.items()}
    ages: Values = {(name,): waits.get(name, 0.0) for name in part.platforms}
    yield _gauge("queue_age_seconds", "How long the chat waits whose turn is due longest.", ages, "platform")
    held: Values = {(name,): _holds(lease, part, standing) for name, lease in standing.leases.items()}
    yield _gauge("role_held", "Whether it is this process that has the role.", held, "role")
    known = {label: standing.sources[name] for name, label in part.labels.items() if name in standing.sources}
    failures: Values = {(label,): state.failures for label, state in known.items()}
    yield _gauge("source_failures", "Looks that failed, one after another.", failures, "source")
    read = {label: state.read_at for label, state in known.items() if state.read_at is not None}
    since: Values = {(label,): max(0.0, standing.now - at) for label, at in read.items()}
    yield _gauge("source_age_seconds", "Since the last look that went well.", since, "source")


def _holds(lease: Lease, part: Part, standing: Standing) -> float:
    return float(lease.holder == part.holder and lease.until >= standing.clock)


def _counted_there(part: Part, totals: Totals, now: float) -> Iterator[Metric]:
    counts = totals.counts
    yield _gauge("papers", "Papers that are known.", {(): counts.papers})
    yield _gauge("posts", "Digests that were read.", {(): counts.posts})
    chats: Values = {(platform,): number for platform, number in counts.chats.items()}
    yield _gauge("chats", "Chats that are known.", chats, "platform")
    waiting: Values = {(name,): totals.waiting.get(name, 0) for name in part.platforms}
    yield _gauge("queue_chats", "Chats whose turn is due.", waiting, "platform")
    silent: Values = {(part.labels[name],): max(0.0, now - at) for name, at in totals.news_at.items()}
    yield _gauge("source_silent_seconds", "Since the source last had something new.", silent, "source")
