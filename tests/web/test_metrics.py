"""What Prometheus reads, checked with the library's own parsers."""

import asyncio
import datetime as dt
import re
import time
from pathlib import Path

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_open
from prometheus_client.parser import text_string_to_metric_families as read_plain

from bot.commands import COMMANDS, DEEDS
from bot.delivery.send import Sender
from bot.delivery.tally import lag
from bot.errors import Gone, RateLimited, Rejected, Unreachable
from bot.model import Language, Quiet, Schedule, Style, When
from bot.storage import chats, planning, posts
from bot.web import Metrics
from tests.builders import post
from tests.commands.asking import Asker
from tests.delivery.recorder import Recorder
from tests.web.conftest import looked

OPEN = "application/openmetrics-text; version=1.0.0"
IDS = [f"2401.{number:05}" for number in range(1, 30)]
NOON = int(dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC).timestamp())


async def scraped(client, **headers):
    """Every sample by its name, each with its labels, the platform first, and its value."""
    answer = await client("/metrics", headers=headers)
    assert answer.status == 200
    found = {}
    for family in read_plain(answer.text):
        assert family.documentation, family.name
        for sample in family.samples:
            labels = sorted(sample.labels.items(), key=lambda item: (item[0] != "platform", item))
            found.setdefault(sample.name, {})[tuple(value for _, value in labels)] = sample.value
    return found


async def owe(database, *reads, readers=("a",), at=None):
    """Chats that follow everything are owed these posts."""
    async with database.writing() as connection:
        for name in readers:
            await chats.follow_all(connection, "recorder", name, style=Style.CARDS, language=Language.EN)
        for each in reads:
            now = int(at or time.time())
            post_id = await posts.add(connection, "blog", each, at=now)
            await planning.plan(connection, post_id, at=now, cap=99, oldest=dt.date(2000, 1, 1))


async def deliver(database, metrics, script=None):
    sender = Sender(database, {"recorder": Recorder(script)}, holder="me", meter=metrics)
    await asyncio.wait_for(sender.run(until_idle=True), 20)


async def test_gauges_tell_what_the_database_holds(opened, at_work, database):
    await at_work()
    await owe(database, post(*IDS[:3]), readers=("a", "b"), at=time.time() - 100)
    await looked(database, "blog", ago=50)
    async with opened(platforms=("recorder", "telegram")) as client:
        found = await scraped(client)
    assert found["paperboy_papers"][()] == 3
    assert found["paperboy_posts"][()] == 1
    assert found["paperboy_chats"] == {("recorder",): 2}
    assert 99 < found["paperboy_queue_age_seconds"]["recorder",] < 120
    assert found["paperboy_queue_age_seconds"]["telegram",] == 0
    assert found["paperboy_queue_chats"] == {("recorder",): 2, ("telegram",): 0}
    assert 49 < found["paperboy_source_age_seconds"]["blog",] < 70
    assert found["paperboy_source_silent_seconds"]["blog",] > 99
    assert found["paperboy_source_failures"]["blog",] == 0
    assert found["paperboy_role_held"]["collect",] == 1
    assert found["paperboy_database_up"][()] == 1
    assert found["paperboy_info"]["9.8.7",] == 1
    assert found["process_resident_memory_bytes"][()] > 1_000_000


async def test_failing_source_counts_its_looks_and_grows_old(opened, at_work, database):
    await at_work()
    await looked(database, "blog", ago=500)
    for _ in range(4):
        await looked(database, "blog", error="gone", whole=False)
    async with opened() as client:
        found = await scraped(client)
    assert found["paperboy_source_failures"]["blog",] == 4
    assert found["paperboy_source_age_seconds"]["blog",] > 499


async def test_deliveries_are_counted_once_they_are_recorded(opened, database):
    await owe(database, post(*IDS[:4]), readers=("a", "b"))
    async with opened(platforms=("recorder",)) as client:
        before = await scraped(client)
        assert before["paperboy_deliveries_total"] == {("recorder", "sent"): 0, ("recorder", "failed"): 0}
        await deliver(database, client.metrics)
        found = await scraped(client)
    assert found["paperboy_deliveries_total"]["recorder", "sent"] == 8
    assert found["paperboy_messages_total"]["recorder",] == 10  # two overviews besides
    assert found["paperboy_delivery_lag_seconds_count"]["recorder",] == 8
    assert found["paperboy_delivery_lag_seconds_sum"]["recorder",] < 8 * 10
    assert found["paperboy_pace_wait_seconds_count"]["recorder", "bulk"] == 10
    assert found["paperboy_record_seconds_count"][()] >= 1


async def test_what_does_not_arrive_is_counted_by_its_reason(opened, database):
    await owe(database, post(*IDS[:2]), readers=("away", "full", "gone", "well"))
    kinds = {"away": Unreachable("no route"), "full": RateLimited(30), "gone": Gone("blocked")}

    def script(address, message, _number):
        if address == "well" and IDS[1] in message.papers:
            return Rejected("too odd")
        return kinds.get(address)

    async with opened(platforms=("recorder",)) as client:
        await deliver(database, client.metrics, script)
        found = await scraped(client)
    failures = found["paperboy_message_failures_total"]
    assert failures == {
        ("recorder", "unreachable"): 1, ("recorder", "rate_limited"): 1, ("recorder", "gone"): 1,
        ("recorder", "rejected"): 1,
    }  # fmt: skip
    assert found["paperboy_rate_limited_total"]["recorder",] == 1
    assert found["paperboy_deliveries_total"] == {("recorder", "sent"): 1, ("recorder", "failed"): 1}


async def test_answers_are_timed_under_the_names_of_the_tables_alone(opened, database):
    async with opened() as client:
        asker = Asker(database, meter=client.metrics)
        await asker("/latest")
        await asker("/rm -rf my secret")
        await asker.press("mine:1")
        await asker.press("evil:1")
        await asker(" who is the author of what I wrote here")
        found = await scraped(client)
    counted = found["paperboy_request_seconds_count"]
    assert counted["telegram", "latest"] == counted["telegram", "mine"] == counted["telegram", "search"] == 1
    assert counted["telegram", "unknown"] == 2
    names = {*COMMANDS, *(str(action) for action in DEEDS), "unknown"}
    assert {command for _, command in counted} <= names
    assert "paperboy_request_failures_total" not in found


async def test_answer_of_the_bots_own_trouble_is_counted(opened, database, monkeypatch):
    def away(*_args, **_kwargs):
        raise OSError("no database")

    async with opened() as client:
        asker = Asker(database, meter=client.metrics)
        monkeypatch.setattr(database, "reading", away)
        await asker("/latest")
        monkeypatch.undo()
        found = await scraped(client)
    assert found["paperboy_request_failures_total"] == {("telegram", "latest"): 1}


async def test_looks_are_timed_by_source(opened):
    async with opened() as client:
        client.metrics.looked("blog", 2.5, posts=3, planned=40)
        found = await scraped(client)
    assert found["paperboy_source_look_seconds_sum"]["blog",] == 2.5
    assert found["paperboy_source_posts_total"]["blog",] == 3
    assert found["paperboy_deliveries_planned_total"][()] == 40


async def test_no_label_holds_a_secret_and_two_sources_never_share_one(opened, at_work):
    names = (
        "https://anna:hunter22@papers.example.org/feed",
        "https://papers.example.org/feed?key=geheim",
        "https://papers.example.org/feed?key=anders",
    )
    await at_work(*names)
    async with opened(sources=names) as client:
        for name in names:
            client.metrics.looked(name, 1, posts=1, planned=0)
        client.metrics.looked("https://b:hunter23@example.org/?token=geheim", 1, posts=1, planned=0)
        answer = await client("/metrics")
        found = await scraped(client)
    for secret in ("hunter22", "hunter23", "geheim", "anders"):
        assert secret not in answer.text
    assert set(found["paperboy_source_age_seconds"]) == {
        ("https://anna:***@papers.example.org/feed",),
        ("https://papers.example.org/feed?***",),
        ("https://papers.example.org/feed?*** (2)",),
    }


async def test_names_and_units_are_those_of_the_conventions(opened, at_work, database):
    await at_work()
    await owe(database, post(*IDS[:1]))
    async with opened(platforms=("recorder",)) as client:
        await deliver(database, client.metrics)
        await Asker(database, meter=client.metrics)("/help")
        answer = await client("/metrics")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    families = {family.name: family for family in read_plain(answer.text)}
    ours = {name: family for name, family in families.items() if name.startswith("paperboy_")}
    assert all(family.type in ("counter", "gauge", "histogram") for family in ours.values())
    for name, family in ours.items():
        assert family.type != "histogram" or name.endswith("_seconds")
        assert not name.endswith(("_ms", "_created", "_minutes"))
    assert len(ours) == len(set(ours))


async def test_openmetrics_is_given_to_who_asks_for_it(opened, at_work, database):
    await at_work()
    await owe(database, post(*IDS[:2]))
    async with opened(platforms=("recorder",)) as client:
        await deliver(database, client.metrics)
        answer = await client("/metrics", headers={"Accept": OPEN})
    assert answer.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
    families = {family.name: family for family in read_open(answer.text)}
    assert families["paperboy_deliveries"].type == "counter"
    assert families["paperboy_delivery_lag_seconds"].type == "histogram"


@pytest.mark.parametrize("version", ["abc", "9" * 5000, "1.x", ""])
async def test_type_that_is_no_type_is_answered_as_well(opened, caplog, version):
    async with opened() as client:
        asked = f"application/openmetrics-text; version={version}"
        answer = await client("/metrics", headers={"Accept": asked})
    assert answer.status == 200
    assert "paperboy_info" in answer.text
    assert caplog.text == ""


async def test_database_that_is_away_leaves_what_the_process_counted(opened, monkeypatch):
    async def away():
        raise OSError("connection refused")

    async with opened() as client:
        client.metrics.arrived("telegram")
        for reading in (client.port._readings.standing, client.port._readings.totals):
            monkeypatch.setattr(reading, "_read", away)
        found = await scraped(client)
    assert found["paperboy_database_up"][()] == 0
    assert found["paperboy_messages_total"]["telegram",] == 1
    assert "paperboy_papers" not in found


async def test_database_is_not_counted_anew_at_every_scrape(opened, at_work, database):
    await at_work()
    async with opened() as client:
        assert (await scraped(client))["paperboy_papers"][()] == 0
        await owe(database, post(*IDS[:2]))
        assert (await scraped(client))["paperboy_papers"][()] == 0


def test_two_bots_in_one_process_count_apart():
    one, two = Metrics(["telegram"]), Metrics(["telegram"])
    one.sent("telegram", [1.0, 2.0])

    def number(metrics):
        return sum(
            sample.value
            for family in metrics.collect()
            for sample in family.samples
            if sample.name == "paperboy_deliveries_total"
        )

    assert (number(one), number(two)) == (2, 0)


def at(hour):
    return dt.time(hour)


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        (Schedule(), 7200),
        (Schedule(when=When.DAILY, at=at(13)), 3600),  # planned at noon, due at one, delivered at two
        (Schedule(when=When.DAILY, at=at(11)), 0),  # brought before its time, as a person asked for it
        (Schedule(when=When.WEEKLY, at=at(13), weekdays=frozenset({4})), 3600),  # a Friday
        (Schedule(when=When.DAILY, at=at(21), zone="Asia/Shanghai"), 3600),
        (Schedule(quiet=Quiet(start=at(10), end=at(13), silent=False)), 3600),
        (Schedule(quiet=Quiet(start=at(10), end=at(13), silent=True)), 7200),
        (Schedule(quiet=Quiet(start=at(18), end=at(19), silent=False)), 7200),
        (Schedule(when=When.DAILY, at=at(13), quiet=Quiet(start=at(13), end=at(14), silent=False)), 0),
    ],
)
def test_lag_counts_from_when_the_chat_could_first_have_had_it(schedule, expected):
    assert lag(schedule, NOON, NOON + 7200) == expected


async def test_every_metric_is_in_the_documentation_and_no_other(opened, at_work, database):
    await at_work()
    await owe(database, post(*IDS[:1]))
    page = (Path(__file__).parents[2] / "docs" / "web.md").read_text(encoding="utf-8")
    table = re.findall(r"^\| (`paperboy_.*?) \|", page, re.MULTILINE)
    written = {name for cell in table for name in re.findall(r"`(\w+)`", cell)}
    async with opened() as client:
        answer = await client("/metrics")
    there = {family.name: family.type for family in read_plain(answer.text)}
    ours = {f"{name}_total" * (kind == "counter") or name for name, kind in there.items()}
    assert {name for name in ours if name.startswith("paperboy_")} == written
